-- From version 2 to 3: to find videos again. Then 3_sqlite.sql or 3_postgresql.sql.

-- A transcript is searched once all its cues are there.
ALTER TABLE transcripts ADD COLUMN is_whole BIGINT NOT NULL DEFAULT 0;
UPDATE transcripts SET is_whole = 1;

-- A page in any order is read from one of these, from where it begins. What is null comes behind,
-- whichever way, and by its position: so no index has it, and a video that nothing is known of yet
-- costs an import nothing in them.
CREATE INDEX videos_by_title
    ON videos(list_id, lower(substr(coalesce(own_title, title), 1, 200)), id)
    WHERE coalesce(own_title, title) IS NOT NULL;
CREATE INDEX videos_by_channel_name ON videos(list_id, lower(substr(channel, 1, 200)), id)
    WHERE channel IS NOT NULL;
CREATE INDEX videos_by_duration ON videos(list_id, duration_seconds, id)
    WHERE duration_seconds IS NOT NULL;
CREATE INDEX videos_by_published ON videos(list_id, published_at_ms, id)
    WHERE published_at_ms IS NOT NULL;
CREATE INDEX videos_by_added ON videos(list_id, coalesce(added_at_ms, created_at_ms), id);
CREATE INDEX videos_by_views ON videos(list_id, view_count, id) WHERE view_count IS NOT NULL;
DROP INDEX videos_by_position;
CREATE INDEX videos_by_position ON videos(list_id, position, id);
DROP INDEX videos_by_status;
CREATE INDEX videos_by_status ON videos(list_id, status, id);
CREATE INDEX videos_by_watched ON videos(list_id, watched_at_ms, id) WHERE watched_at_ms IS NOT NULL;

DROP INDEX field_values_by_number;
DROP INDEX field_values_by_text;
CREATE INDEX field_values_by_number ON field_values(field_id, value_number, video_id);
CREATE INDEX field_values_by_text ON field_values(field_id, value_text, video_id);
-- Over all lists: what came last, first.
CREATE INDEX videos_by_time ON videos(coalesce(added_at_ms, created_at_ms), id);
