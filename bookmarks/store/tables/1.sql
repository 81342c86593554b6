-- From no tables to version 1.

CREATE TABLE lists (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL);

CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    list_id TEXT NOT NULL REFERENCES lists(id) ON DELETE CASCADE,
    total BIGINT NOT NULL,
    started_at_ms BIGINT NOT NULL);
CREATE INDEX runs_by_list ON runs(list_id, started_at_ms);

CREATE TABLE videos (
    id TEXT PRIMARY KEY,
    list_id TEXT NOT NULL REFERENCES lists(id) ON DELETE CASCADE,
    youtube_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    status TEXT NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'completed', 'failed')),
    error TEXT,
    run_id TEXT REFERENCES runs(id) ON DELETE SET NULL,
    title TEXT,
    channel TEXT,
    channel_id TEXT,
    duration_seconds BIGINT,
    published_at_ms BIGINT,
    language TEXT,
    tags TEXT, -- YouTube's: a JSON list
    thumbnail_url TEXT,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    UNIQUE (list_id, youtube_id));
CREATE INDEX videos_by_position ON videos(list_id, position);
CREATE INDEX videos_by_status ON videos(list_id, status);
CREATE INDEX videos_by_run ON videos(run_id, status) WHERE run_id IS NOT NULL;

CREATE TABLE fields (
    id TEXT PRIMARY KEY,
    list_id TEXT NOT NULL REFERENCES lists(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    label TEXT NOT NULL,
    type TEXT NOT NULL CHECK (type IN
        ('text', 'select', 'multi-select', 'number', 'boolean', 'duration')),
    options TEXT NOT NULL DEFAULT '[]', -- a JSON list
    rule TEXT,                          -- JSON, see rules.h
    position BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    UNIQUE (list_id, name));

CREATE TABLE field_values (
    video_id TEXT NOT NULL REFERENCES videos(id) ON DELETE CASCADE,
    field_id TEXT NOT NULL REFERENCES fields(id) ON DELETE CASCADE,
    value TEXT NOT NULL, -- JSON
    source TEXT NOT NULL CHECK (source IN ('rule', 'import', 'person')),
    updated_at_ms BIGINT NOT NULL,
    PRIMARY KEY (video_id, field_id));
CREATE INDEX field_values_by_field ON field_values(field_id);
