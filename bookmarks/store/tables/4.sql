-- From version 3 to 4: what statistics count is in an index.

-- With what it is made of, since SQLite 3.40 reads the row for an expression otherwise.
DROP INDEX videos_by_added;
CREATE INDEX videos_by_added
    ON videos(list_id, coalesce(added_at_ms, created_at_ms), id, added_at_ms, created_at_ms);
CREATE INDEX videos_by_list_channel ON videos(list_id, channel_id) WHERE channel_id IS NOT NULL;
CREATE INDEX videos_unavailable ON videos(list_id, availability)
    WHERE availability IN ('private', 'gone');
CREATE INDEX field_values_by_source ON field_values(field_id, source);
DROP INDEX run_videos_by_state;
CREATE INDEX run_videos_by_state ON run_videos(run_id, state, updated_at_ms);
