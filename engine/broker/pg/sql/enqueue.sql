-- enqueue.sql - jobs are brought into their queues, or refused, since one of their id is there.

-- The rows of jobs: `p_seqs` are theirs, in the order in which they are given. The numbers of those that are in.
-- By id, since two that enqueue the same ids at once would else wait for each other.
CREATE OR REPLACE FUNCTION insert_jobs(p_seqs bigint[], p_queues int[], p_now bigint, p_ids text[], p_payloads bytea[],
    p_enqueued bigint[], p_due bigint[], p_expires bigint[], p_functions text[], p_keys text[], p_priorities int[],
    p_uncertain boolean[], p_after_failed boolean[], p_waits boolean[]) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    v_in bigint[];
BEGIN
    WITH given AS (
        SELECT * FROM unnest(p_seqs, p_queues, p_ids, p_payloads, p_enqueued, p_due, p_expires, p_functions, p_keys,
            p_priorities, p_uncertain, p_after_failed, p_waits)
            g (seq, queue, id, payload, enqueued_at, due_at, expires_at, function, key, priority, uncertain,
               after_failed, waits)
        ORDER BY g.id, g.seq
    ), taken AS (
        INSERT INTO jobs (seq, queue, id, payload, enqueued_at, due_at, expires_at, function, key, priority,
            claimed_before, after_failed)
        SELECT g.seq, g.queue, g.id, g.payload, g.enqueued_at, g.due_at, g.expires_at, g.function, g.key, g.priority,
            CASE WHEN g.uncertain THEN 2 ELSE 0 END, g.after_failed
        FROM given g
        ON CONFLICT (id) DO NOTHING
        RETURNING seq, queue, due_at, priority
    ), now_ready AS (
        INSERT INTO ready (queue, class, turn, seq)
        SELECT t.queue, class_of(false, f.floor, t.due_at - 60000 * t.priority), t.due_at - 60000 * t.priority, t.seq
        FROM taken t LEFT JOIN floors f ON f.what = 1 AND f.queue = t.queue
        WHERE t.due_at <= p_now AND (p_waits IS NULL OR NOT t.seq = ANY (
            SELECT w.seq FROM unnest(p_seqs, p_waits) w (seq, waits) WHERE w.waits))
    ), now_deferred AS (
        INSERT INTO deferred (queue, due_at, seq)
        SELECT t.queue, t.due_at, t.seq FROM taken t
        WHERE t.due_at > p_now AND (p_waits IS NULL OR NOT t.seq = ANY (
            SELECT w.seq FROM unnest(p_seqs, p_waits) w (seq, waits) WHERE w.waits))
    )
    SELECT array_agg(t.seq) INTO v_in FROM taken t;
    RETURN coalesce(v_in, '{}');
END $$;

-- Finished jobs of these ids that have no result to be seen do not stand in the way; true: some id is free by now. One
-- that stood there a moment ago may have been pruned by somebody else since.
CREATE OR REPLACE FUNCTION delete_outlived(p_ids text[], p_now bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_seqs bigint[] := ARRAY(SELECT j.seq FROM jobs j WHERE j.id = ANY (p_ids) AND j.state <> 0
                             AND j.result_until <= p_now ORDER BY j.seq FOR UPDATE);
BEGIN
    IF cardinality(v_seqs) = 0 THEN
        RETURN EXISTS (SELECT FROM unnest(p_ids) u (id)
                       LEFT JOIN LATERAL (SELECT i.seq FROM jobs i WHERE i.id = u.id OFFSET 0) j ON true
                       WHERE j.seq IS NULL);
    END IF;
    PERFORM delete_finished(v_seqs);
    RETURN true;
END $$;

-- Finished jobs, whose rows are held by this transaction.
CREATE OR REPLACE FUNCTION delete_finished(p_seqs bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM gone g WHERE g.ctid = ANY (ARRAY(
        SELECT o.place FROM unnest(p_seqs) s
        CROSS JOIN LATERAL (SELECT * FROM jobs i WHERE i.seq = s OFFSET 0) j
        CROSS JOIN LATERAL (SELECT h.ctid AS place FROM gone h WHERE h.gone_at = j.gone_at AND h.seq = s OFFSET 0) o));
    DELETE FROM reports r WHERE r.seq = ANY (p_seqs);
    PERFORM count_jobs(g.queue, 0, 0, -g.complete, -g.failed)
    FROM (SELECT j.queue, count(*) FILTER (WHERE j.state = 1) AS complete, count(*) FILTER (WHERE j.state = 2) AS failed
          FROM jobs j WHERE j.seq = ANY (p_seqs) AND j.state <> 0 GROUP BY j.queue ORDER BY 1) g;
    DELETE FROM jobs j WHERE j.seq = ANY (p_seqs) AND j.state <> 0;
END $$;

-- The places, from 1 on, of those that are refused. p_after_ids[i] is waited for by the job of place p_after_of[i].
CREATE OR REPLACE FUNCTION enqueue_jobs(p_worker bigint, p_now bigint, p_ids text[], p_queues text[],
    p_payloads bytea[], p_enqueued bigint[], p_due bigint[], p_expires bigint[], p_functions text[], p_keys text[],
    p_priorities int[], p_uncertain boolean[], p_after_failed boolean[], p_after_of int[], p_after_ids text[])
RETURNS int[] LANGUAGE plpgsql AS $$
DECLARE
    v_count int := cardinality(p_ids);
    v_names text[] := (SELECT array_agg(DISTINCT n ORDER BY n) FROM unnest(p_queues) n);
    v_numbers int[];
    v_queues int[];
    v_seqs bigint[];
    v_in bigint[];
    v_waits boolean[];
    v_refused int[] := '{}';
    v_at int := 1;
BEGIN
    v_numbers := ARRAY(SELECT queue_number(n) FROM unnest(v_names) n);
    IF cardinality(v_names) = 1 THEN
        v_queues := array_fill(v_numbers[1], ARRAY[v_count]);
    ELSE
        v_queues := ARRAY(SELECT v_numbers[array_position(v_names, q)] FROM unnest(p_queues) WITH ORDINALITY u (q, ord)
                          ORDER BY ord);
    END IF;
    v_seqs := ARRAY(SELECT nextval('seqs') FROM generate_series(1, v_count));
    IF cardinality(p_after_of) > 0 THEN
        v_waits := array_fill(false, ARRAY[v_count]);
        FOREACH v_at IN ARRAY p_after_of LOOP
            v_waits[v_at] := true;
        END LOOP;
    END IF;
    v_in := insert_jobs(v_seqs, v_queues, p_now, p_ids, p_payloads, p_enqueued, p_due, p_expires, p_functions, p_keys,
        p_priorities, p_uncertain, p_after_failed, v_waits);
    IF cardinality(v_in) < v_count AND delete_outlived(p_ids, p_now) THEN
        -- Those that are in by now stand in their own way.
        v_in := v_in || insert_jobs(v_seqs, v_queues, p_now, p_ids, p_payloads, p_enqueued, p_due, p_expires,
            p_functions, p_keys, p_priorities, p_uncertain, p_after_failed, v_waits);
    END IF;
    IF cardinality(v_in) < v_count THEN
        v_in := ARRAY(SELECT s FROM unnest(v_in) s ORDER BY s);
        v_at := 1;
        FOR i IN 1 .. v_count LOOP
            IF v_in[v_at] = v_seqs[i] THEN
                v_at := v_at + 1;
            ELSE
                v_refused := v_refused || i;
            END IF;
        END LOOP;
    END IF;
    IF v_waits IS NOT NULL AND cardinality(v_in) > 0 THEN
        PERFORM wait_for(array_agg(v_seqs[a.place] ORDER BY a.ord), array_agg(a.id ORDER BY a.ord), p_now)
        FROM unnest(p_after_of, p_after_ids) WITH ORDINALITY a (place, id, ord)
        WHERE cardinality(v_refused) = 0 OR a.place <> ALL (v_refused)
        HAVING count(*) > 0;
    END IF;
    IF cardinality(v_names) = 1 AND cardinality(v_in) > 0 THEN
        PERFORM count_jobs(v_numbers[1], cardinality(v_in));
        PERFORM wake(v_numbers, p_worker);
    ELSIF cardinality(v_in) > 0 THEN
        PERFORM count_jobs(g.queue, g.n)
        FROM (SELECT j.queue, count(*) AS n FROM jobs j WHERE j.seq = ANY (v_in) GROUP BY 1 ORDER BY 1) g;
        PERFORM wake(array_agg(DISTINCT j.queue), p_worker) FROM jobs j WHERE j.seq = ANY (v_in);
    END IF;
    RETURN v_refused;
END $$;
