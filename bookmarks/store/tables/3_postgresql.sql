-- From version 2 to 3, in PostgreSQL. See 3_sqlite.sql, which is the same for SQLite.

-- What a video is found by. The lines of a transcript are its cues.
CREATE VIEW texts AS SELECT v.id AS video_id,
    coalesce(v.own_title || E'\n', '') || coalesce(v.title, '') AS title,
    coalesce(v.channel, '') AS channel,
    coalesce(v.description, '') AS description,
    coalesce((SELECT string_agg(replace(c.text, E'\n', ' '), E'\n' ORDER BY t.id, c.position)
        FROM transcripts t JOIN cues c ON c.transcript_id = t.id
        WHERE t.video_id = v.id AND t.is_whole = 1), '') AS transcript,
    coalesce((SELECT string_agg(n.text, E'\n' ORDER BY n.id)
        FROM notes n WHERE n.video_id = v.id), '') AS notes,
    coalesce((SELECT string_agg(t.name, E'\n' ORDER BY t.id)
        FROM video_tags vt JOIN tags t ON t.id = vt.tag_id WHERE vt.video_id = v.id), '') AS tags,
    coalesce((SELECT string_agg(f.value_text, E'\n' ORDER BY f.field_id)
        FROM field_values f WHERE f.video_id = v.id), '') AS fields
    FROM videos v;

-- Words as they are compared: what FTS5's unicode61 makes of them. No extension is needed for it,
-- but a database in UTF-8.
CREATE FUNCTION bookmarks_fold(words TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(lower(regexp_replace(normalize(words, NFD), '[\u0300-\u036f]', '', 'g')),
        '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u2000-\u206f\u20a0-\u20cf\u2190-\u2bff\u3000-\u3004\u3008-\u3020\uff01-\uff0f]+',
        ' ', 'g')
$$;

-- A tsvector takes 1 MiB: of texts with more different words than that, the beginning is indexed.
CREATE FUNCTION bookmarks_document(title TEXT, labels TEXT, description TEXT, transcript TEXT)
RETURNS tsvector LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN setweight(to_tsvector('simple', bookmarks_fold(title)), 'A')
        || setweight(to_tsvector('simple', bookmarks_fold(labels)), 'B')
        || setweight(to_tsvector('simple', bookmarks_fold(description)), 'C')
        || setweight(to_tsvector('simple', bookmarks_fold(transcript)), 'D');
EXCEPTION WHEN program_limit_exceeded THEN
    RETURN setweight(to_tsvector('simple', bookmarks_fold(title)), 'A')
        || setweight(to_tsvector('simple', bookmarks_fold(left(labels, 50000))), 'B')
        || setweight(to_tsvector('simple', bookmarks_fold(description)), 'C')
        || setweight(to_tsvector('simple', bookmarks_fold(left(transcript, 100000))), 'D');
END $$;

-- The same as it was indexed; snippets come from it.
CREATE TABLE video_texts (
    video_id TEXT PRIMARY KEY REFERENCES videos(id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    channel TEXT NOT NULL,
    description TEXT NOT NULL,
    transcript TEXT NOT NULL DEFAULT '',
    notes TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT '',
    fields TEXT NOT NULL DEFAULT '',
    document tsvector NOT NULL);

CREATE FUNCTION bookmarks_index() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.document := bookmarks_document(NEW.title,
        concat_ws(E'\n', NEW.channel, NEW.tags, NEW.fields, NEW.notes), NEW.description,
        NEW.transcript);
    RETURN NEW;
END $$;
CREATE TRIGGER video_texts_in BEFORE INSERT OR UPDATE ON video_texts
    FOR EACH ROW EXECUTE FUNCTION bookmarks_index();

INSERT INTO video_texts (video_id, title, channel, description, transcript, notes, tags, fields)
    SELECT video_id, title, channel, description, transcript, notes, tags, fields FROM texts;
CREATE INDEX video_search ON video_texts USING gin (document);

-- Whatever writes one of these texts, writes the index with it. Of a video that goes, its texts
-- go first: what goes after it finds nothing to change.
CREATE FUNCTION bookmarks_videos() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM video_texts WHERE video_id = OLD.id;
        RETURN OLD;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO video_texts (video_id, title, channel, description)
            SELECT video_id, title, channel, description FROM texts WHERE video_id = NEW.id;
    ELSIF (NEW.own_title, NEW.title, NEW.channel, NEW.description) IS DISTINCT FROM
          (OLD.own_title, OLD.title, OLD.channel, OLD.description) THEN
        UPDATE video_texts SET (title, channel, description) =
            (SELECT title, channel, description FROM texts WHERE video_id = NEW.id)
            WHERE video_id = NEW.id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER videos_found AFTER INSERT OR UPDATE OF own_title, title, channel, description
    ON videos FOR EACH ROW EXECUTE FUNCTION bookmarks_videos();
CREATE TRIGGER videos_lost BEFORE DELETE ON videos
    FOR EACH ROW EXECUTE FUNCTION bookmarks_videos();

CREATE FUNCTION bookmarks_parts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed TEXT;
BEGIN
    IF TG_OP = 'DELETE' THEN
        changed := OLD.video_id;
    ELSE
        changed := NEW.video_id;
    END IF;
    IF TG_TABLE_NAME = 'transcripts' THEN
        UPDATE video_texts SET transcript = (SELECT transcript FROM texts WHERE video_id = changed)
            WHERE video_id = changed;
    ELSIF TG_TABLE_NAME = 'notes' THEN
        UPDATE video_texts SET notes = (SELECT notes FROM texts WHERE video_id = changed)
            WHERE video_id = changed;
    ELSIF TG_TABLE_NAME = 'video_tags' THEN
        UPDATE video_texts SET tags = (SELECT tags FROM texts WHERE video_id = changed)
            WHERE video_id = changed;
    ELSE
        UPDATE video_texts SET fields = (SELECT fields FROM texts WHERE video_id = changed)
            WHERE video_id = changed;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER transcripts_in AFTER UPDATE OF is_whole OR DELETE ON transcripts
    FOR EACH ROW EXECUTE FUNCTION bookmarks_parts();
CREATE TRIGGER notes_in AFTER INSERT OR UPDATE OF text OR DELETE ON notes
    FOR EACH ROW EXECUTE FUNCTION bookmarks_parts();
CREATE TRIGGER video_tags_in AFTER INSERT OR DELETE ON video_tags
    FOR EACH ROW EXECUTE FUNCTION bookmarks_parts();
CREATE TRIGGER field_values_in AFTER INSERT ON field_values
    FOR EACH ROW WHEN (NEW.value_text IS NOT NULL) EXECUTE FUNCTION bookmarks_parts();
CREATE TRIGGER field_values_change AFTER UPDATE OF value_text ON field_values
    FOR EACH ROW WHEN (NEW.value_text IS DISTINCT FROM OLD.value_text)
    EXECUTE FUNCTION bookmarks_parts();
CREATE TRIGGER field_values_out AFTER DELETE ON field_values
    FOR EACH ROW WHEN (OLD.value_text IS NOT NULL) EXECUTE FUNCTION bookmarks_parts();

CREATE FUNCTION bookmarks_tags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE video_texts x SET tags = (SELECT tags FROM texts WHERE video_id = x.video_id)
        WHERE video_id IN (SELECT video_id FROM video_tags WHERE tag_id = NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER tags_change AFTER UPDATE OF name ON tags
    FOR EACH ROW WHEN (NEW.name IS DISTINCT FROM OLD.name) EXECUTE FUNCTION bookmarks_tags();
