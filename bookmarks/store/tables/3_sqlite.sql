-- From version 2 to 3, in SQLite. See 3_postgresql.sql, which is the same for PostgreSQL.

-- What a video is found by. The lines of a transcript are its cues.
CREATE VIEW texts AS SELECT v.id AS video_id,
    coalesce(v.own_title || x'0A', '') || coalesce(v.title, '') AS title,
    coalesce(v.channel, '') AS channel,
    coalesce(v.description, '') AS description,
    coalesce((SELECT group_concat(line, x'0A') FROM (
        SELECT replace(c.text, x'0A', ' ') AS line
        FROM transcripts t JOIN cues c ON c.transcript_id = t.id
        WHERE t.video_id = v.id AND t.is_whole = 1 ORDER BY t.id, c.position)), '') AS transcript,
    coalesce((SELECT group_concat(text, x'0A') FROM (
        SELECT n.text FROM notes n WHERE n.video_id = v.id ORDER BY n.id)), '') AS notes,
    coalesce((SELECT group_concat(name, x'0A') FROM (
        SELECT t.name FROM video_tags vt JOIN tags t ON t.id = vt.tag_id
        WHERE vt.video_id = v.id ORDER BY t.id)), '') AS tags,
    coalesce((SELECT group_concat(value_text, x'0A') FROM (
        SELECT f.value_text FROM field_values f
        WHERE f.video_id = v.id AND f.value_text IS NOT NULL ORDER BY f.field_id)), '') AS fields
    FROM videos v;

-- The same as it was indexed: FTS5 asks for it to take words out again, and snippets come from it.
CREATE TABLE video_texts (
    number INTEGER PRIMARY KEY,
    video_id TEXT NOT NULL UNIQUE REFERENCES videos(id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    channel TEXT NOT NULL,
    description TEXT NOT NULL,
    transcript TEXT NOT NULL DEFAULT '',
    notes TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT '',
    fields TEXT NOT NULL DEFAULT '');

CREATE VIRTUAL TABLE video_search USING fts5(
    title, channel, description, transcript, notes, tags, fields,
    content = 'video_texts', content_rowid = 'number',
    tokenize = 'unicode61 remove_diacritics 2');

-- FTS5 writes a segment for each statement that follows in the transaction, which costs a batch
-- dear. So a batch notes the rows that are in the table and not yet, or no more, in the index, and
-- indexes them at its end (store/index_later.h); 0 says that it has begun. Outside of a
-- transaction it is empty.
CREATE TABLE search_later (number INTEGER PRIMARY KEY);

CREATE TRIGGER video_texts_in AFTER INSERT ON video_texts BEGIN
    INSERT INTO search_later (number)
        SELECT NEW.number WHERE EXISTS (SELECT 1 FROM search_later WHERE number = 0);
    INSERT INTO video_search (rowid, title, channel, description, transcript, notes, tags, fields)
        SELECT NEW.number, NEW.title, NEW.channel, NEW.description, NEW.transcript, NEW.notes,
            NEW.tags, NEW.fields
        WHERE NOT EXISTS (SELECT 1 FROM search_later WHERE number = NEW.number);
END;
CREATE TRIGGER video_texts_out AFTER DELETE ON video_texts BEGIN
    INSERT INTO video_search (video_search, rowid, title, channel, description, transcript, notes,
                              tags, fields)
        SELECT 'delete', OLD.number, OLD.title, OLD.channel, OLD.description, OLD.transcript, OLD.notes,
            OLD.tags, OLD.fields
        WHERE NOT EXISTS (SELECT 1 FROM search_later WHERE number = OLD.number);
    DELETE FROM search_later WHERE number = OLD.number;
END;
CREATE TRIGGER video_texts_change AFTER UPDATE ON video_texts BEGIN
    INSERT INTO video_search (video_search, rowid, title, channel, description, transcript, notes,
                              tags, fields)
        SELECT 'delete', OLD.number, OLD.title, OLD.channel, OLD.description, OLD.transcript, OLD.notes,
            OLD.tags, OLD.fields
        WHERE NOT EXISTS (SELECT 1 FROM search_later WHERE number = OLD.number);
    INSERT INTO search_later (number)
        SELECT NEW.number WHERE EXISTS (SELECT 1 FROM search_later WHERE number = 0)
        AND NOT EXISTS (SELECT 1 FROM search_later WHERE number = NEW.number);
    INSERT INTO video_search (rowid, title, channel, description, transcript, notes, tags, fields)
        SELECT NEW.number, NEW.title, NEW.channel, NEW.description, NEW.transcript, NEW.notes,
            NEW.tags, NEW.fields
        WHERE NOT EXISTS (SELECT 1 FROM search_later WHERE number = NEW.number);
END;

-- Whatever writes one of these texts, writes the index with it. Of a video that goes, its texts
-- go first: what goes after it finds nothing to change.
CREATE TRIGGER videos_found AFTER INSERT ON videos BEGIN
    INSERT INTO video_texts (video_id, title, channel, description)
        VALUES (NEW.id, coalesce(NEW.own_title || x'0A', '') || coalesce(NEW.title, ''),
                coalesce(NEW.channel, ''), coalesce(NEW.description, ''));
END;
CREATE TRIGGER videos_lost BEFORE DELETE ON videos BEGIN
    DELETE FROM video_texts WHERE video_id = OLD.id;
END;
CREATE TRIGGER videos_change AFTER UPDATE OF own_title, title, channel, description ON videos
WHEN NEW.own_title IS NOT OLD.own_title OR NEW.title IS NOT OLD.title
    OR NEW.channel IS NOT OLD.channel OR NEW.description IS NOT OLD.description BEGIN
    UPDATE video_texts SET (title, channel, description) =
        (SELECT title, channel, description FROM texts WHERE video_id = NEW.id)
        WHERE video_id = NEW.id;
END;
CREATE TRIGGER transcripts_in AFTER UPDATE OF is_whole ON transcripts BEGIN
    UPDATE video_texts
        SET transcript = (SELECT transcript FROM texts WHERE video_id = NEW.video_id)
        WHERE video_id = NEW.video_id;
END;
CREATE TRIGGER transcripts_out AFTER DELETE ON transcripts WHEN OLD.is_whole = 1 BEGIN
    UPDATE video_texts
        SET transcript = (SELECT transcript FROM texts WHERE video_id = OLD.video_id)
        WHERE video_id = OLD.video_id;
END;
CREATE TRIGGER notes_in AFTER INSERT ON notes BEGIN
    UPDATE video_texts SET notes = (SELECT notes FROM texts WHERE video_id = NEW.video_id)
        WHERE video_id = NEW.video_id;
END;
CREATE TRIGGER notes_change AFTER UPDATE OF text ON notes BEGIN
    UPDATE video_texts SET notes = (SELECT notes FROM texts WHERE video_id = NEW.video_id)
        WHERE video_id = NEW.video_id;
END;
CREATE TRIGGER notes_out AFTER DELETE ON notes BEGIN
    UPDATE video_texts SET notes = (SELECT notes FROM texts WHERE video_id = OLD.video_id)
        WHERE video_id = OLD.video_id;
END;
CREATE TRIGGER video_tags_in AFTER INSERT ON video_tags BEGIN
    UPDATE video_texts SET tags = (SELECT tags FROM texts WHERE video_id = NEW.video_id)
        WHERE video_id = NEW.video_id;
END;
CREATE TRIGGER video_tags_out AFTER DELETE ON video_tags BEGIN
    UPDATE video_texts SET tags = (SELECT tags FROM texts WHERE video_id = OLD.video_id)
        WHERE video_id = OLD.video_id;
END;
CREATE TRIGGER tags_change AFTER UPDATE OF name ON tags WHEN NEW.name <> OLD.name BEGIN
    UPDATE video_texts SET tags = (SELECT tags FROM texts WHERE video_id = video_texts.video_id)
        WHERE video_id IN (SELECT video_id FROM video_tags WHERE tag_id = NEW.id);
END;
CREATE TRIGGER field_values_in AFTER INSERT ON field_values WHEN NEW.value_text IS NOT NULL BEGIN
    UPDATE video_texts SET fields = (SELECT fields FROM texts WHERE video_id = NEW.video_id)
        WHERE video_id = NEW.video_id;
END;
CREATE TRIGGER field_values_change AFTER UPDATE OF value_text ON field_values
WHEN NEW.value_text IS NOT OLD.value_text BEGIN
    UPDATE video_texts SET fields = (SELECT fields FROM texts WHERE video_id = NEW.video_id)
        WHERE video_id = NEW.video_id;
END;
CREATE TRIGGER field_values_out AFTER DELETE ON field_values WHEN OLD.value_text IS NOT NULL BEGIN
    UPDATE video_texts SET fields = (SELECT fields FROM texts WHERE video_id = OLD.video_id)
        WHERE video_id = OLD.video_id;
END;

INSERT INTO video_texts (video_id, title, channel, description, transcript, notes, tags, fields)
    SELECT video_id, title, channel, description, transcript, notes, tags, fields FROM texts;
