-- cron.sql - runs of cron jobs: each is taken once, whoever asks.

-- One run, which is due at p_at, or only a question (p_at 0): o_since is what was due until then has been seen to;
-- o_due whether it is to be enqueued now. A last run more than three hours ahead was made by a clock that was wrong.
CREATE OR REPLACE FUNCTION tick(p_queue int, p_name text, p_function text, p_schedule text, p_zone text, p_next bigint,
    p_at bigint, p_apart bigint, p_now bigint, OUT o_since bigint, OUT o_due boolean) LANGUAGE plpgsql AS $$
DECLARE
    v_row record;
    v_last bigint := 0;
    v_since bigint := p_now;
BEGIN
    IF p_at = 0 THEN -- 30 days
        DELETE FROM crons c WHERE c.next_at < p_now - 2592000000;
    END IF;
    -- Held from here on, also when it is new: the next who asks sees what became of it.
    INSERT INTO crons (queue, name, function, schedule, time_zone, since, last_at, next_at)
    VALUES (p_queue, p_name, p_function, p_schedule, p_zone, p_now, 0, p_next) ON CONFLICT DO NOTHING;
    SELECT c.last_at, c.since, c.schedule = p_schedule AND c.time_zone = p_zone AS same INTO v_row
    FROM crons c WHERE c.queue = p_queue AND c.name = p_name FOR UPDATE;
    IF v_row.last_at <= p_now + 10800000 THEN
        v_last := v_row.last_at;
    END IF;
    IF v_row.same AND v_row.since < p_now THEN
        v_since := v_row.since;
    END IF;
    o_since := greatest(v_last, v_since);
    o_due := p_at <> 0 AND (v_last = 0 OR p_at > v_last + p_apart);
    IF p_at <> 0 AND NOT o_due THEN
        RETURN;
    END IF;
    UPDATE crons c SET function = p_function, schedule = p_schedule, time_zone = p_zone, since = v_since,
        last_at = CASE WHEN o_due THEN p_at ELSE v_last END, next_at = p_next
    WHERE c.queue = p_queue AND c.name = p_name;
END $$;

-- All of an exchange, in their order; the jobs' arrays have an element for each, NULLs where it only asks. "SINCE:TAKEN"
-- of each, with blanks between.
CREATE OR REPLACE FUNCTION tick_all(p_worker bigint, p_queues text[], p_names text[], p_functions text[],
    p_schedules text[], p_zones text[], p_next bigint[], p_at bigint[], p_apart bigint[], p_ids text[],
    p_job_queues text[], p_payloads bytea[], p_enqueued bigint[], p_due bigint[], p_expires bigint[],
    p_job_functions text[], p_keys text[], p_priorities int[], p_uncertain boolean[], p_after_failed boolean[],
    p_after_of int[], p_after_ids text[], p_now bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_answers text[] := '{}';
    v_tick record;
    v_taken boolean;
BEGIN
    FOR i IN 1 .. cardinality(p_names) LOOP
        SELECT t.o_since, t.o_due INTO v_tick FROM tick(queue_number(p_queues[i]), p_names[i], p_functions[i],
            p_schedules[i], p_zones[i], p_next[i], p_at[i], p_apart[i], p_now) t;
        v_taken := false;
        IF v_tick.o_due THEN
            v_taken := enqueue_jobs(0, p_now, p_ids[i:i], p_job_queues[i:i], p_payloads[i:i],
            p_enqueued[i:i], p_due[i:i], p_expires[i:i], p_job_functions[i:i], p_keys[i:i], p_priorities[i:i],
            p_uncertain[i:i], p_after_failed[i:i],
            ARRAY(SELECT 1 FROM unnest(p_after_of) a WHERE a = i),
            ARRAY(SELECT a.id FROM unnest(p_after_of, p_after_ids) WITH ORDINALITY a (place, id, ord) WHERE a.place = i
                  ORDER BY a.ord)) = '{}';
        END IF;
        v_answers := v_answers || (v_tick.o_since || ':' || v_taken::int);
    END LOOP;
    RETURN array_to_string(v_answers, ' ');
END $$;
