-- From version 1 to 2.

ALTER TABLE lists ADD COLUMN description TEXT;

-- fields and their values --

-- A CHECK cannot be changed in SQLite, so both tables are made anew. The new values point at the
-- new fields before any old row goes, and the old values go first: nothing is left to cascade to.
-- The renaming takes the references along.
CREATE TABLE fields_2 (
    id TEXT PRIMARY KEY,
    list_id TEXT NOT NULL REFERENCES lists(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    label TEXT NOT NULL,
    type TEXT NOT NULL CHECK (type IN
        ('text', 'select', 'multi-select', 'number', 'rating', 'duration', 'boolean', 'date',
         'link')),
    is_required BIGINT NOT NULL DEFAULT 0,
    instruction TEXT,                   -- for the extraction, in the user's words
    options TEXT NOT NULL DEFAULT '[]', -- a JSON list
    min_value DOUBLE PRECISION,
    max_value DOUBLE PRECISION,
    max_length BIGINT,                  -- of a text, in characters
    unit TEXT,
    rule TEXT,                          -- JSON, see rules.h
    show_on_card BIGINT NOT NULL DEFAULT 0,
    position BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    UNIQUE (list_id, name));
INSERT INTO fields_2 (id, list_id, name, label, type, options, rule, position, created_at_ms,
        updated_at_ms)
    SELECT id, list_id, name, label, type, options, rule, position, created_at_ms, created_at_ms
    FROM fields;

CREATE TABLE field_values_2 (
    video_id TEXT NOT NULL REFERENCES videos(id) ON DELETE CASCADE,
    field_id TEXT NOT NULL REFERENCES fields_2(id) ON DELETE CASCADE,
    value TEXT NOT NULL,           -- JSON
    value_number DOUBLE PRECISION, -- to filter and sort by: number, rating, duration, boolean (0, 1)
    value_text TEXT,               -- likewise: text, select, date, link; the options of a
                                   -- multi-select, each between line feeds
    source TEXT NOT NULL CHECK (source IN ('rule', 'model', 'import', 'person')),
    model TEXT,                    -- who, when it was a model
    model_version TEXT,
    evidence_at_seconds BIGINT,    -- where in the video it is said
    evidence_quote TEXT,
    updated_at_ms BIGINT NOT NULL,
    PRIMARY KEY (video_id, field_id));
INSERT INTO field_values_2 (video_id, field_id, value, value_number, value_text, source,
        updated_at_ms)
    SELECT v.video_id, v.field_id, v.value,
        CASE WHEN f.type IN ('number', 'duration') THEN CAST(v.value AS DOUBLE PRECISION)
             WHEN f.type = 'boolean' THEN CASE WHEN v.value = 'true' THEN 1 ELSE 0 END END,
        CASE WHEN f.type IN ('text', 'select')
                THEN replace(replace(substr(v.value, 2, length(v.value) - 2), '\"', '"'), '\\', '\')
             WHEN f.type = 'multi-select' AND v.value <> '[]' THEN '
' || replace(substr(v.value, 3, length(v.value) - 4), '","', '
') || '
' END,
        v.source, v.updated_at_ms
    FROM field_values v JOIN fields f ON f.id = v.field_id;

DROP TABLE field_values;
DROP TABLE fields;
ALTER TABLE fields_2 RENAME TO fields;
ALTER TABLE field_values_2 RENAME TO field_values;
CREATE INDEX field_values_by_number ON field_values(field_id, value_number);
CREATE INDEX field_values_by_text ON field_values(field_id, value_text);

-- Values that a changed field does not allow any more. They come back when it allows them again.
CREATE TABLE values_aside (
    video_id TEXT NOT NULL REFERENCES videos(id) ON DELETE CASCADE,
    field_id TEXT NOT NULL REFERENCES fields(id) ON DELETE CASCADE,
    value TEXT NOT NULL, -- JSON
    source TEXT NOT NULL CHECK (source IN ('rule', 'model', 'import', 'person')),
    model TEXT,
    model_version TEXT,
    evidence_at_seconds BIGINT,
    evidence_quote TEXT,
    updated_at_ms BIGINT NOT NULL,
    PRIMARY KEY (video_id, field_id));
CREATE INDEX values_aside_by_field ON values_aside(field_id);

-- videos --

ALTER TABLE videos ADD COLUMN own_title TEXT; -- a person's, which no fetch changes
ALTER TABLE videos ADD COLUMN description TEXT;
ALTER TABLE videos ADD COLUMN view_count BIGINT;
ALTER TABLE videos ADD COLUMN like_count BIGINT;
ALTER TABLE videos ADD COLUMN comment_count BIGINT;
ALTER TABLE videos ADD COLUMN category TEXT;       -- YouTube's, by name
ALTER TABLE videos ADD COLUMN live TEXT;           -- none, live, upcoming, was
ALTER TABLE videos ADD COLUMN is_embeddable BIGINT;
ALTER TABLE videos ADD COLUMN privacy TEXT;        -- public, unlisted, private
ALTER TABLE videos ADD COLUMN has_captions BIGINT;
ALTER TABLE videos ADD COLUMN availability TEXT NOT NULL DEFAULT 'unknown'
    CHECK (availability IN ('available', 'private', 'gone', 'unknown'));
ALTER TABLE videos ADD COLUMN checked_at_ms BIGINT;    -- when that was last asked
ALTER TABLE videos ADD COLUMN metadata_origin TEXT;    -- api, oembed, feed, ytdlp, file, shipped
ALTER TABLE videos ADD COLUMN metadata_at_ms BIGINT;   -- when they came
ALTER TABLE videos ADD COLUMN added_at_ms BIGINT;      -- to where it was imported from
ALTER TABLE videos ADD COLUMN start_seconds BIGINT;    -- the t= of its address
ALTER TABLE videos ADD COLUMN watch_position_seconds BIGINT;
ALTER TABLE videos ADD COLUMN watched_at_ms BIGINT;    -- to its end
ALTER TABLE videos ADD COLUMN priority BIGINT NOT NULL DEFAULT 0; -- higher first
UPDATE videos SET metadata_at_ms = updated_at_ms WHERE title IS NOT NULL;
CREATE INDEX videos_by_youtube_id ON videos(youtube_id);
CREATE INDEX videos_by_channel ON videos(channel_id) WHERE channel_id IS NOT NULL;

CREATE TABLE channels (
    id TEXT PRIMARY KEY, -- YouTube's: UC...
    name TEXT NOT NULL,
    thumbnail_url TEXT,
    description TEXT,
    is_hidden BIGINT NOT NULL DEFAULT 0,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL);
INSERT INTO channels (id, name, created_at_ms, updated_at_ms)
    SELECT channel_id, coalesce(max(channel), channel_id), min(created_at_ms), max(updated_at_ms)
    FROM videos WHERE channel_id IS NOT NULL GROUP BY channel_id;

CREATE TABLE tags (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE, -- the name without case
    color TEXT,                    -- #rrggbb
    is_category BIGINT NOT NULL DEFAULT 0, -- a video has one category at most, and many labels
    position BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL);

CREATE TABLE video_tags (
    video_id TEXT NOT NULL REFERENCES videos(id) ON DELETE CASCADE,
    tag_id TEXT NOT NULL REFERENCES tags(id) ON DELETE CASCADE,
    created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (video_id, tag_id));
CREATE INDEX video_tags_by_tag ON video_tags(tag_id);

CREATE TABLE notes (
    id TEXT PRIMARY KEY,
    video_id TEXT NOT NULL REFERENCES videos(id) ON DELETE CASCADE,
    at_seconds BIGINT, -- null: of the whole video
    text TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL);
CREATE INDEX notes_by_video ON notes(video_id, at_seconds);

CREATE TABLE transcripts (
    id TEXT PRIMARY KEY,
    video_id TEXT NOT NULL REFERENCES videos(id) ON DELETE CASCADE,
    language TEXT NOT NULL,
    source TEXT NOT NULL, -- player, ytdlp, file, ...
    is_auto BIGINT NOT NULL DEFAULT 0, -- recognised by a machine
    fetched_at_ms BIGINT NOT NULL,
    UNIQUE (video_id, language, is_auto));

CREATE TABLE cues (
    transcript_id TEXT NOT NULL REFERENCES transcripts(id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    start_ms BIGINT NOT NULL,
    end_ms BIGINT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (transcript_id, position));

CREATE TABLE chapters (
    video_id TEXT NOT NULL REFERENCES videos(id) ON DELETE CASCADE,
    start_seconds BIGINT NOT NULL,
    title TEXT NOT NULL,
    source TEXT NOT NULL, -- description, ytdlp, file, person, ...
    PRIMARY KEY (video_id, start_seconds));

CREATE TABLE views (
    id TEXT PRIMARY KEY,
    list_id TEXT REFERENCES lists(id) ON DELETE CASCADE, -- null: over all lists
    name TEXT NOT NULL,
    query TEXT NOT NULL DEFAULT '',
    sort TEXT NOT NULL DEFAULT '',
    columns TEXT NOT NULL DEFAULT '[]', -- a JSON list
    layout TEXT NOT NULL DEFAULT 'table',
    position BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL);
CREATE INDEX views_by_list ON views(list_id, position);

-- runs --

ALTER TABLE runs ADD COLUMN kind TEXT NOT NULL DEFAULT 'process';
ALTER TABLE runs ADD COLUMN state TEXT NOT NULL DEFAULT 'running'
    CHECK (state IN ('running', 'paused', 'cancelled'));
ALTER TABLE runs ADD COLUMN finished_at_ms BIGINT;
ALTER TABLE runs ADD COLUMN error TEXT;
ALTER TABLE runs ADD COLUMN options TEXT NOT NULL DEFAULT '{}'; -- JSON: what to do
ALTER TABLE runs ADD COLUMN limits TEXT NOT NULL DEFAULT '{}';  -- JSON: how much of it

CREATE TABLE run_videos (
    run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    video_id TEXT NOT NULL REFERENCES videos(id) ON DELETE CASCADE,
    state TEXT NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'held', 'completed', 'failed', 'cancelled')),
    reason TEXT, -- of held and failed, in words
    tries BIGINT NOT NULL DEFAULT 0,
    next_try_at_ms BIGINT,
    updated_at_ms BIGINT NOT NULL,
    PRIMARY KEY (run_id, video_id));
CREATE INDEX run_videos_by_state ON run_videos(run_id, state);
CREATE INDEX run_videos_by_video ON run_videos(video_id);
-- Until now a video said which run had taken it on last, and nothing else.
INSERT INTO run_videos (run_id, video_id, state, reason, updated_at_ms)
    SELECT run_id, id, CASE WHEN status = 'pending' THEN 'waiting' ELSE status END,
        CASE WHEN status = 'failed' THEN error END, updated_at_ms
    FROM videos WHERE run_id IS NOT NULL;
UPDATE runs SET finished_at_ms = coalesce(
        (SELECT max(updated_at_ms) FROM run_videos WHERE run_id = runs.id), started_at_ms)
    WHERE NOT EXISTS (SELECT 1 FROM run_videos WHERE run_id = runs.id AND state = 'waiting');

-- A number that only grows, also when the rows that it counted are gone; whoever takes the next
-- one keeps others from it until COMMIT, so that numbers appear in their order.
CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL);
INSERT INTO counters (name, value) VALUES ('events', 0);

CREATE TABLE events (
    seq BIGINT PRIMARY KEY, -- counters.events
    at_ms BIGINT NOT NULL,
    list_id TEXT, -- no references: what happened stays when what it happened to is gone
    run_id TEXT,
    video_id TEXT,
    kind TEXT NOT NULL,
    data TEXT NOT NULL DEFAULT '{}'); -- JSON
CREATE INDEX events_by_list ON events(list_id, seq);
CREATE INDEX events_by_run ON events(run_id, seq);
CREATE INDEX events_by_time ON events(at_ms);

-- services --

-- Nobody calls the service until then.
CREATE TABLE holds (
    service TEXT PRIMARY KEY,
    until_at_ms BIGINT NOT NULL,
    reason TEXT NOT NULL,
    since_at_ms BIGINT NOT NULL);

CREATE TABLE usage (
    service TEXT NOT NULL,
    day TEXT NOT NULL,                -- 2026-11-30; of YouTube, by Pacific time
    list_id TEXT NOT NULL DEFAULT '', -- '': for none; no reference: the money stays spent
    calls BIGINT NOT NULL DEFAULT 0,
    units BIGINT NOT NULL DEFAULT 0,
    tokens_in BIGINT NOT NULL DEFAULT 0,
    tokens_out BIGINT NOT NULL DEFAULT 0,
    cost_millionths BIGINT NOT NULL DEFAULT 0, -- of a US dollar
    PRIMARY KEY (service, day, list_id));

CREATE TABLE subscriptions (
    id TEXT PRIMARY KEY,
    list_id TEXT NOT NULL REFERENCES lists(id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('channel', 'playlist', 'keyword')),
    target TEXT NOT NULL, -- the channel's or playlist's id, or the words
    name TEXT NOT NULL,
    filters TEXT NOT NULL DEFAULT '{}', -- JSON
    every_ms BIGINT NOT NULL,
    next_at_ms BIGINT NOT NULL,
    last_at_ms BIGINT,
    error TEXT,
    is_active BIGINT NOT NULL DEFAULT 1,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    UNIQUE (list_id, kind, target));
CREATE INDEX subscriptions_by_next ON subscriptions(next_at_ms) WHERE is_active = 1;

-- By YouTube's id, so that a video which was thrown away does not come again.
CREATE TABLE subscription_matches (
    subscription_id TEXT NOT NULL REFERENCES subscriptions(id) ON DELETE CASCADE,
    youtube_id TEXT NOT NULL,
    matched_at_ms BIGINT NOT NULL,
    PRIMARY KEY (subscription_id, youtube_id));

-- who may ask, and what was asked --

CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    is_secret BIGINT NOT NULL DEFAULT 0,
    updated_at_ms BIGINT NOT NULL);

CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL UNIQUE,        -- of the token, which is kept nowhere
    scopes TEXT NOT NULL DEFAULT '[]', -- a JSON list
    created_at_ms BIGINT NOT NULL,
    last_used_at_ms BIGINT,
    expires_at_ms BIGINT);            -- null: never

CREATE TABLE logins (
    hash TEXT PRIMARY KEY, -- of the cookie
    agent TEXT,            -- what the browser calls itself
    created_at_ms BIGINT NOT NULL,
    seen_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL);
CREATE INDEX logins_by_end ON logins(expires_at_ms);

CREATE TABLE idempotency (
    key TEXT NOT NULL,
    principal TEXT NOT NULL, -- whose key it is
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    status BIGINT,           -- null: not answered yet
    headers TEXT,            -- JSON
    answer TEXT,
    created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (key, principal));
CREATE INDEX idempotency_by_time ON idempotency(created_at_ms);
