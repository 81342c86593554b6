-- From version 4 to 5, in PostgreSQL: what a statement writes is indexed at its end, not row by row. An
-- import writes its videos and labels by the fifty, and a row's trigger costs it more than the row.

DROP TRIGGER videos_found ON videos;
CREATE FUNCTION bookmarks_videos_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO video_texts (video_id, title, channel, description)
        SELECT id, coalesce(own_title || E'\n', '') || coalesce(title, ''), coalesce(channel, ''),
            coalesce(description, '') FROM fresh;
    RETURN NULL;
END $$;
CREATE TRIGGER videos_found AFTER INSERT ON videos REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION bookmarks_videos_in();
CREATE TRIGGER videos_change AFTER UPDATE OF own_title, title, channel, description ON videos
    FOR EACH ROW EXECUTE FUNCTION bookmarks_videos();

-- Each video by itself: a plan over all of `fresh`, made while the tables are empty, reads them whole ever after.
DROP TRIGGER video_tags_in ON video_tags;
CREATE FUNCTION bookmarks_video_tags() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed TEXT;
BEGIN
    FOR changed IN SELECT DISTINCT video_id FROM fresh LOOP
        UPDATE video_texts SET tags = (SELECT tags FROM texts WHERE video_id = changed)
            WHERE video_id = changed;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER video_tags_in AFTER INSERT ON video_tags REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION bookmarks_video_tags();
CREATE TRIGGER video_tags_out AFTER DELETE ON video_tags
    FOR EACH ROW EXECUTE FUNCTION bookmarks_parts();

-- What is not there costs nothing: of most videos that come in, only the title is.
CREATE FUNCTION bookmarks_words(words TEXT, weight "char") RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN words = '' THEN ''::tsvector
        ELSE setweight(to_tsvector('simple', bookmarks_fold(words)), weight) END
$$;
CREATE OR REPLACE FUNCTION bookmarks_document(title TEXT, labels TEXT, description TEXT, transcript TEXT)
RETURNS tsvector LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN bookmarks_words(title, 'A') || bookmarks_words(labels, 'B')
        || bookmarks_words(description, 'C') || bookmarks_words(transcript, 'D');
EXCEPTION WHEN program_limit_exceeded THEN
    RETURN bookmarks_words(title, 'A') || bookmarks_words(left(labels, 50000), 'B')
        || bookmarks_words(description, 'C') || bookmarks_words(left(transcript, 100000), 'D');
END $$;
