-- after.sql - jobs that wait for other jobs.
--
-- One job waits for another by a row of after, from when it is enqueued until the other has ended; it is let
-- go with its last row. Who enqueues one that waits holds the rows of those that it waits for (FOR SHARE), and
-- who ends a job has written its row before he looks for its waiters: one of them sees the other. Who tells a
-- waiter of an end holds the waiter's row before he looks whether it waits for others still.

-- Due at once, to be refused by whoever claims it.
CREATE OR REPLACE FUNCTION refuse_jobs(p_seqs bigint[], p_refusal text, p_now bigint) RETURNS void
LANGUAGE sql VOLATILE AS $$
    UPDATE jobs SET refusal = p_refusal, due_at = least(due_at, p_now) WHERE seq = ANY (p_seqs)
$$;

-- They wait no more, have no rows of after, and are in no other table.
CREATE OR REPLACE FUNCTION let_go(p_seqs bigint[], p_now bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(p_seqs) > 0 THEN
        PERFORM wait_again(p_seqs, p_now);
        PERFORM count_jobs(g.queue, 0, p_blocked => -g.n)
        FROM (SELECT j.queue, count(*) AS n FROM jobs j WHERE j.seq = ANY (p_seqs) GROUP BY j.queue ORDER BY 1) g;
        PERFORM wake(array_agg(DISTINCT j.queue)) FROM jobs j WHERE j.seq = ANY (p_seqs);
    END IF;
END $$;

-- New jobs, in no other table, wait for those of their `p_ids` that are unfinished; p_waiters[i] for p_ids[i].
-- Of jobs of one call they wait for earlier ones only, so that none waits in a circle.
CREATE OR REPLACE FUNCTION wait_for(p_waiters bigint[], p_ids text[], p_now bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_all bigint[] := (SELECT array_agg(DISTINCT w) FROM unnest(p_waiters) w);
    v_failed record;
    v_free bigint[];
BEGIN
    PERFORM FROM jobs j WHERE j.id = ANY (ARRAY(SELECT DISTINCT i FROM unnest(p_ids) i)) ORDER BY j.seq FOR SHARE;
    FOR v_failed IN
        SELECT DISTINCT ON (w.seq) w.seq, j.id
        FROM unnest(p_waiters, p_ids) WITH ORDINALITY a (waiter, id, ord)
        CROSS JOIN LATERAL (SELECT * FROM jobs i WHERE i.seq = a.waiter OFFSET 0) w
        CROSS JOIN LATERAL (SELECT * FROM jobs i WHERE i.id = a.id OFFSET 0) j
        WHERE NOT w.after_failed AND j.state = 2 AND (j.gone_at IS NULL OR j.gone_at > p_now)
        ORDER BY w.seq, a.ord
    LOOP
        PERFORM refuse_jobs(ARRAY[v_failed.seq], 'a job that it was to wait for has failed: ' || v_failed.id, p_now);
    END LOOP;
    INSERT INTO after (seq, waiter)
    SELECT j.seq, w.seq
    FROM unnest(p_waiters, p_ids) a (waiter, id)
    CROSS JOIN LATERAL (SELECT * FROM jobs i WHERE i.seq = a.waiter OFFSET 0) w
    CROSS JOIN LATERAL (SELECT * FROM jobs i WHERE i.id = a.id OFFSET 0) j
    WHERE w.refusal IS NULL AND j.state = 0 AND j.seq <> w.seq AND (j.seq < w.seq OR j.seq <> ALL (v_all))
    ON CONFLICT DO NOTHING;
    v_free := ARRAY(SELECT w FROM unnest(v_all) w WHERE (SELECT a.seq FROM after a WHERE a.waiter = w LIMIT 1) IS NULL);
    PERFORM wait_again(v_free, p_now);
    PERFORM count_jobs(g.queue, 0, p_blocked => g.n)
    FROM (SELECT j.queue, count(*) AS n FROM jobs j
          WHERE j.seq = ANY (ARRAY(SELECT w FROM unnest(v_all) w EXCEPT SELECT f FROM unnest(v_free) f)) GROUP BY j.queue ORDER BY 1) g;
END $$;

-- Jobs that waited for others do so no more, and are in no other table; others stay as they are.
CREATE OR REPLACE FUNCTION wait_no_more(p_queue int, p_seq bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM after a WHERE a.waiter = p_seq;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM count_jobs(p_queue, 0, p_blocked => -1);
    RETURN true;
END $$;

-- Jobs have ended: those that wait for them are to be told. refusals[i] NULL: seqs[i] has succeeded.
CREATE OR REPLACE FUNCTION note_ended(p_seqs bigint[], p_refusals text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM after) THEN
        INSERT INTO ended (seq, refusal)
        SELECT e.seq, e.refusal FROM unnest(p_seqs, p_refusals) e (seq, refusal)
        WHERE (SELECT a.waiter FROM after a WHERE a.seq = e.seq LIMIT 1) IS NOT NULL
        ON CONFLICT DO NOTHING;
    END IF;
END $$;

-- Tells one job's waiters, `p_max` of them at most; how many rows of after that took.
CREATE OR REPLACE FUNCTION tell_waiters(p_ended bigint, p_refusal text, p_max int, p_now bigint)
RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    v_waiters bigint[];
    v_fail bigint[] := '{}';
    v_rows int := 0;
    v_more int;
BEGIN
    v_waiters := ARRAY(SELECT a.waiter FROM after a WHERE a.seq = p_ended ORDER BY a.waiter LIMIT p_max);
    -- Held from here on, so that of two that end at once the later one sees what the other has done.
    PERFORM FROM jobs j WHERE j.seq = ANY (v_waiters) ORDER BY j.seq FOR UPDATE;
    WITH told AS (DELETE FROM after a WHERE a.seq = p_ended AND a.waiter = ANY (v_waiters) RETURNING a.waiter)
    SELECT coalesce(array_agg(t.waiter ORDER BY t.waiter), '{}') INTO v_waiters FROM told t;
    v_rows := cardinality(v_waiters);
    IF p_refusal IS NOT NULL THEN
        v_fail := ARRAY(SELECT j.seq FROM jobs j
                        WHERE j.seq = ANY (v_waiters) AND NOT j.after_failed AND j.state = 0 AND j.refusal IS NULL);
        PERFORM refuse_jobs(v_fail, p_refusal, p_now);
        DELETE FROM after a WHERE a.waiter = ANY (v_fail);
        GET DIAGNOSTICS v_more = ROW_COUNT;
        v_rows := v_rows + v_more;
    END IF;
    PERFORM let_go(ARRAY(SELECT w FROM unnest(v_waiters) w
                                  WHERE (SELECT a.seq FROM after a WHERE a.waiter = w LIMIT 1) IS NULL), p_now);
    IF NOT EXISTS (SELECT FROM after a WHERE a.seq = p_ended) THEN
        DELETE FROM ended e WHERE e.seq = p_ended;
    END IF;
    RETURN v_rows;
END $$;

-- The same for jobs that have succeeded, all at once.
CREATE OR REPLACE FUNCTION tell_waiters_of_success(p_ended bigint[], p_max int, p_now bigint) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
    v_seqs bigint[];
    v_waiters bigint[];
    v_rows int;
BEGIN
    SELECT coalesce(array_agg(r.seq), '{}'), coalesce(array_agg(r.waiter), '{}') INTO v_seqs, v_waiters
    FROM (SELECT a.seq, a.waiter FROM after a WHERE a.seq = ANY (p_ended) ORDER BY a.seq, a.waiter LIMIT p_max) r;
    PERFORM FROM jobs j WHERE j.seq = ANY (ARRAY(SELECT DISTINCT w FROM unnest(v_waiters) w)) ORDER BY j.seq FOR UPDATE;
    WITH told AS (
        DELETE FROM after a USING unnest(v_seqs, v_waiters) r (seq, waiter)
        WHERE a.seq = r.seq AND a.waiter = r.waiter AND a.seq = ANY (p_ended)
        RETURNING a.waiter
    )
    SELECT count(*), coalesce(array_agg(DISTINCT t.waiter), '{}') INTO v_rows, v_waiters FROM told t;
    PERFORM let_go(ARRAY(SELECT w FROM unnest(v_waiters) w
                                  WHERE (SELECT a.seq FROM after a WHERE a.waiter = w LIMIT 1) IS NULL), p_now);
    DELETE FROM ended e WHERE e.seq = ANY (p_ended)
        AND (SELECT a.waiter FROM after a WHERE a.seq = e.seq LIMIT 1) IS NULL;
    RETURN v_rows;
END $$;

-- Tells those that wait for what has ended, also in an earlier call, if that had too many; true: some are left.
CREATE OR REPLACE FUNCTION tell_all(p_max int, p_now bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_left int := p_max;
    v_ended record;
    v_good bigint[];
BEGIN
    LOOP
        v_good := ARRAY(SELECT e.seq FROM ended e WHERE e.refusal IS NULL ORDER BY e.seq LIMIT 1000
                        FOR UPDATE SKIP LOCKED);
        IF cardinality(v_good) = 0 THEN
            SELECT e.seq, e.refusal INTO v_ended FROM ended e ORDER BY e.seq LIMIT 1 FOR UPDATE SKIP LOCKED;
            IF NOT FOUND THEN
                RETURN false;
            END IF;
        END IF;
        IF v_left <= 0 THEN
            PERFORM wake(array_agg(q.queue)) FROM queues q;
            RETURN true;
        ELSIF cardinality(v_good) > 0 THEN
            v_left := v_left - 1 - tell_waiters_of_success(v_good, v_left, p_now);
        ELSE
            v_left := v_left - 1 - tell_waiters(v_ended.seq, v_ended.refusal, v_left, p_now);
        END IF;
    END LOOP;
END $$;
