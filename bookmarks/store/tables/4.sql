-- From version 3 to 4: what statistics count is in an index, and usage knows of which model it is.

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

-- Tokens cost what their model costs. A key cannot be changed in SQLite, so the table is made anew.
CREATE TABLE usage_2 (
    service TEXT NOT NULL,
    day TEXT NOT NULL,                -- 2026-11-30; of YouTube, by Pacific time
    list_id TEXT NOT NULL DEFAULT '', -- '': for none; no reference: the money stays spent
    model TEXT NOT NULL DEFAULT '',   -- '': none, or not known
    calls BIGINT NOT NULL DEFAULT 0,
    units BIGINT NOT NULL DEFAULT 0,
    tokens_in BIGINT NOT NULL DEFAULT 0,
    tokens_out BIGINT NOT NULL DEFAULT 0,
    cost_millionths BIGINT NOT NULL DEFAULT 0, -- of a US dollar
    PRIMARY KEY (service, day, list_id, model));
INSERT INTO usage_2 (service, day, list_id, calls, units, tokens_in, tokens_out, cost_millionths)
    SELECT service, day, list_id, calls, units, tokens_in, tokens_out, cost_millionths FROM usage;
DROP TABLE usage;
ALTER TABLE usage_2 RENAME TO usage;
