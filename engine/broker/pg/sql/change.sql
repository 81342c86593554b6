-- change.sql - what clients do: enqueue, abort, pause, bring back a dead job, remove one.

CREATE OR REPLACE FUNCTION enqueue(p_ids text[], p_queues text[], p_payloads bytea[], p_enqueued bigint[],
    p_due bigint[], p_expires bigint[], p_functions text[], p_keys text[], p_priorities int[], p_uncertain boolean[],
    p_after_failed boolean[], p_after_of int[], p_after_ids text[]) RETURNS int[]
LANGUAGE sql VOLATILE
SET search_path = @schema@, pg_temp
@plan@
AS $$
    SELECT fold_counts(now_ms());
    SELECT enqueue_jobs(0, now_ms(), p_ids, p_queues, p_payloads, p_enqueued, p_due, p_expires,
        p_functions, p_keys, p_priorities, p_uncertain, p_after_failed, p_after_of, p_after_ids)
$$;

-- Takes an unfinished job that does not run out of wherever it waits; false: it is in none of these places. Its row is
-- held.
CREATE OR REPLACE FUNCTION stop_waiting(p_seq bigint, p_now bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_job record;
BEGIN
    SELECT j.queue, j.due_at, j.due_at - 60000 * j.priority AS turn
    INTO v_job FROM jobs j WHERE j.seq = p_seq;
    DELETE FROM ready r WHERE r.queue = v_job.queue AND r.class = ANY ('{0,1,2}') AND r.turn = v_job.turn AND r.seq = p_seq;
    IF FOUND THEN
        RETURN true;
    END IF;
    DELETE FROM deferred d WHERE d.queue = v_job.queue AND d.due_at = v_job.due_at AND d.seq = p_seq;
    IF FOUND THEN
        RETURN true;
    END IF;
    RETURN hold_no_more(v_job.queue, p_seq) OR wait_no_more(v_job.queue, p_seq);
END $$;

-- The job of an id, whose row is then held; o_seq NULL: there is none. What is held by limits is not touched meanwhile.
CREATE OR REPLACE FUNCTION find_to_change(p_id text, p_now bigint, OUT o_seq bigint, OUT o_queue int, OUT o_state int)
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM slots) THEN
        PERFORM lock_limits();
    END IF;
    SELECT j.seq, j.queue, j.state INTO o_seq, o_queue, o_state FROM jobs j
    WHERE j.id = p_id AND (j.gone_at IS NULL OR j.gone_at > p_now) FOR UPDATE;
END $$;

-- 'ok', or 'none': it neither waits nor runs.
CREATE OR REPLACE FUNCTION abort(p_id text) RETURNS text LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
@plan@
AS $$
DECLARE
    v_now bigint := now_ms();
    v_job record;
BEGIN
    SELECT * INTO v_job FROM find_to_change(p_id, v_now);
    IF v_job.o_seq IS NULL OR v_job.o_state <> 0 THEN
        RETURN 'none';
    END IF;
    -- Whoever claims it meanwhile is told with his next exchange.
    IF stop_waiting(v_job.o_seq, v_now) THEN
        UPDATE jobs j SET aborted = true, due_at = least(j.due_at, v_now) WHERE j.seq = v_job.o_seq;
        PERFORM wait_again(ARRAY[v_job.o_seq], v_now);
    ELSE
        UPDATE jobs j SET aborted = true WHERE j.seq = v_job.o_seq;
    END IF;
    PERFORM wake_all(ARRAY[v_job.o_queue]);
    RETURN 'ok';
END $$;

CREATE OR REPLACE FUNCTION pause(p_queue text, p_paused boolean) RETURNS text LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
@plan@
AS $$
DECLARE
    v_queue int := queue_number(p_queue);
BEGIN
    UPDATE queues q SET paused = p_paused WHERE q.queue = v_queue;
    IF NOT p_paused THEN
        PERFORM wake(ARRAY[v_queue]);
    END IF;
    RETURN 'ok';
END $$;

-- 'ok', or 'none': there is no such dead job.
CREATE OR REPLACE FUNCTION revive(p_ids text[], p_queues text[], p_payloads bytea[], p_enqueued bigint[],
    p_due bigint[], p_expires bigint[], p_functions text[], p_keys text[], p_priorities int[], p_uncertain boolean[],
    p_after_failed boolean[], p_after_of int[], p_after_ids text[]) RETURNS text LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
@plan@
AS $$
DECLARE
    v_now bigint := now_ms();
    v_job record;
BEGIN
    SELECT * INTO v_job FROM find_to_change(p_ids[1], v_now);
    IF v_job.o_seq IS NULL OR v_job.o_state <> 2 THEN
        RETURN 'none';
    END IF;
    PERFORM delete_finished(ARRAY[v_job.o_seq]);
    PERFORM enqueue_jobs(0, v_now, p_ids, p_queues, p_payloads, p_enqueued, p_due, p_expires, p_functions,
        p_keys, p_priorities, p_uncertain, ARRAY[false], '{}', '{}');
    RETURN 'ok';
END $$;

-- 'ok', 'none': there is no such job, or 'runs'.
CREATE OR REPLACE FUNCTION remove(p_id text) RETURNS text LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
@plan@
AS $$
DECLARE
    v_now bigint := now_ms();
    v_job record;
BEGIN
    SELECT * INTO v_job FROM find_to_change(p_id, v_now);
    IF v_job.o_seq IS NULL THEN
        RETURN 'none';
    ELSIF v_job.o_state <> 0 THEN
        PERFORM delete_finished(ARRAY[v_job.o_seq]);
    ELSIF NOT stop_waiting(v_job.o_seq, v_now) THEN
        RETURN 'runs';
    ELSE
        DELETE FROM jobs j WHERE j.seq = v_job.o_seq;
        DELETE FROM reports r WHERE r.seq = v_job.o_seq;
        PERFORM count_jobs(v_job.o_queue, -1);
        -- To those that wait for it, that is to have failed.
        PERFORM note_ended(ARRAY[v_job.o_seq], ARRAY['a job that it was to wait for was deleted: ' || p_id]);
        PERFORM tell_all(2000, v_now);
    END IF;
    PERFORM tell_done(v_now);
    RETURN 'ok';
END $$;

-- A client waits for results for a while.
CREATE OR REPLACE FUNCTION watch(p_token text, p_ms bigint) RETURNS text LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $$
BEGIN
    DELETE FROM watchers w WHERE w.ctid = ANY (ARRAY(
        SELECT o.ctid FROM watchers o WHERE o.until < now_ms() LIMIT 100 FOR UPDATE SKIP LOCKED));
    INSERT INTO watchers (token, until) VALUES (p_token, now_ms() + p_ms)
    ON CONFLICT (token) DO UPDATE SET until = excluded.until;
    RETURN 'ok';
END $$;
