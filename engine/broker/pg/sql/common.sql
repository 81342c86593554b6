-- common.sql - what all functions need.
--
-- Tables begin empty, statistics lag behind, and plans are kept. So no statement leaves the planner a choice that is bad
-- in a large table: rows are asked for by `= ANY (array)` on an index, or one by one, by a LATERAL that ends with OFFSET 0,
-- which is planned by itself; and whole tables are read only where they are small.
--
-- Of jobs.state 0 is unfinished, 1 complete, 2 failed; of
-- jobs.claimed_before 0 never, 1 claimed, 2 uncertain; of ready.class 0 lost or alone, 2 any other, but 1
-- when it is below the floor (floor.sql).

CREATE OR REPLACE FUNCTION now_ms() RETURNS bigint LANGUAGE sql VOLATILE
AS $$ SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;

-- The number of a queue, which is made if need be.
CREATE OR REPLACE FUNCTION queue_number(p_name text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    v_queue int;
BEGIN
    SELECT q.queue INTO v_queue FROM queues q WHERE q.name = p_name;
    WHILE v_queue IS NULL LOOP
        INSERT INTO queues (name) VALUES (p_name) ON CONFLICT (name) DO NOTHING;
        SELECT q.queue INTO v_queue FROM queues q WHERE q.name = p_name;
    END LOOP;
    RETURN v_queue;
END $$;

-- Changes what is counted of a queue: by a row more, so that nobody waits for another, or goes past the rows that were.
-- Readers add up.
CREATE OR REPLACE FUNCTION count_jobs(p_queue int, p_waiting bigint, p_running bigint DEFAULT 0,
    p_complete bigint DEFAULT 0, p_failed bigint DEFAULT 0, p_blocked bigint DEFAULT 0, p_held bigint DEFAULT 0)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO counts (queue, waiting, running, complete, failed, blocked, held)
    VALUES (p_queue, p_waiting, p_running, p_complete, p_failed, p_blocked, p_held);
END $$;

-- About once a second the rows of each queue are made one. What others are just adding is left for the next time.
CREATE OR REPLACE FUNCTION fold_counts(p_now bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_full record;
BEGIN
    SELECT * INTO v_full FROM floor_of(4, 0, p_now);
    IF v_full.o_full THEN
        PERFORM raise_floor(4, 0, NULL, true, p_now);
        WITH old AS (
            DELETE FROM counts c WHERE c.ctid = ANY (ARRAY(
                SELECT o.ctid FROM counts o LIMIT 20000 FOR UPDATE SKIP LOCKED))
            RETURNING c.*
        )
        INSERT INTO counts (queue, waiting, running, complete, failed, blocked, held)
        SELECT o.queue, sum(o.waiting), sum(o.running), sum(o.complete), sum(o.failed), sum(o.blocked), sum(o.held)
        FROM old o GROUP BY o.queue;
    END IF;
END $$;

-- Tells workers that wait for jobs of these queues, if there are any: NOTIFY makes all who commit wait for
-- each other, so it is asked first. `p_worker` is who asks, and need not be told.
CREATE OR REPLACE FUNCTION wake(p_queues int[], p_worker bigint DEFAULT 0) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM workers w WHERE w.idle AND w.worker <> p_worker AND w.queues && p_queues) THEN
        PERFORM pg_notify(current_schema() || '_wake', array_to_string(p_queues[1:50], ','));
    END IF;
END $$;

-- Whoever runs something of these queues is told, idle or not.
CREATE OR REPLACE FUNCTION wake_all(p_queues int[]) RETURNS void LANGUAGE sql VOLATILE
AS $$ SELECT pg_notify(current_schema() || '_wake', array_to_string(p_queues[1:50], ',')) $$;

-- Tells clients that wait for results that something has finished or made progress.
CREATE OR REPLACE FUNCTION tell_done(p_now bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM watchers w WHERE w.until > p_now) THEN
        PERFORM pg_notify(current_schema() || '_done', '');
    END IF;
END $$;

-- Jobs that are in no other table wait from now on, as their rows say.
CREATE OR REPLACE FUNCTION wait_again(p_seqs bigint[], p_now bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ready (queue, class, turn, seq)
    SELECT j.queue, class_of(j.losses > 0 OR j.alone, f.floor, j.due_at - 60000 * j.priority),
        j.due_at - 60000 * j.priority, j.seq
    FROM jobs j LEFT JOIN floors f ON f.what = 1 AND f.queue = j.queue
    WHERE j.seq = ANY (p_seqs) AND j.due_at <= p_now;
    INSERT INTO deferred (queue, due_at, seq)
    SELECT j.queue, j.due_at, j.seq FROM jobs j WHERE j.seq = ANY (p_seqs) AND j.due_at > p_now;
END $$;

-- A job's history with one entry more: of the JSON list only the newest 20 are kept, and 20,480 bytes.
CREATE OR REPLACE FUNCTION add_history(p_list text, p_entry text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_texts text[];
    v_entries int;
BEGIN
    IF octet_length(p_entry) + 2 > 20480 THEN
        RETURN p_list;
    END IF;
    SELECT coalesce(array_agg(e.value::text ORDER BY e.ordinality), '{}') INTO v_texts
    FROM json_array_elements(coalesce(p_list, '[]')::json) WITH ORDINALITY e;
    v_texts := v_texts || p_entry;
    v_entries := cardinality(v_texts);
    IF v_entries > 20 THEN
        v_texts := v_texts[v_entries - 19:];
    END IF;
    WHILE octet_length(array_to_string(v_texts, ',')) + 2 > 20480 LOOP
        v_texts := v_texts[2:];
    END LOOP;
    RETURN '[' || array_to_string(v_texts, ',') || ']';
END $$;

-- A log of a job with lines more: its last whole lines within 16,384 bytes; of one longer line its end.
CREATE OR REPLACE FUNCTION add_log(p_log text, p_lines text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_bytes bytea := convert_to(coalesce(p_log, '') || p_lines, 'UTF8');
    v_skip int := octet_length(v_bytes) - 16384;
    v_line int;
BEGIN
    IF v_skip <= 0 THEN
        RETURN coalesce(p_log, '') || p_lines;
    END IF;
    IF get_byte(v_bytes, v_skip - 1) <> 10 THEN
        v_line := position('\x0a'::bytea IN substring(v_bytes FROM v_skip + 1));
        IF v_line > 0 AND v_skip + v_line < octet_length(v_bytes) THEN
            v_skip := v_skip + v_line;
        ELSE
            WHILE v_skip < octet_length(v_bytes) AND (get_byte(v_bytes, v_skip) & 192) = 128 LOOP
                v_skip := v_skip + 1;
            END LOOP;
        END IF;
    END IF;
    RETURN convert_from(substring(v_bytes FROM v_skip + 1), 'UTF8');
END $$;
