-- lease.sql - a worker's lease: one row, which its exchanges hold while they last.

-- Claims of a worker that nobody works on: p_seqs wait again. p_lost: with one loss more.
CREATE OR REPLACE FUNCTION take_back(p_worker bigint, p_seqs bigint[], p_lost boolean, p_started boolean, p_now bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_slots text[];
    v_seqs bigint[];
BEGIN
    WITH over AS (DELETE FROM running r WHERE r.seq = ANY (p_seqs) AND r.worker = p_worker
                  RETURNING r.seq, r.slot, r.key_slot)
    SELECT array_agg(o.seq ORDER BY o.seq), array_agg(o.slot) || array_agg(o.key_slot) INTO v_seqs, v_slots FROM over o;
    IF v_seqs IS NULL THEN
        RETURN;
    END IF;
    UPDATE jobs j SET
        losses = j.losses + CASE WHEN p_lost THEN 1 ELSE 0 END, alone = j.alone OR p_lost,
        claimed_before = CASE WHEN p_lost OR p_started THEN 1 ELSE j.claimed_before END,
        history = CASE WHEN p_lost THEN add_history(j.history,
            '{"at":' || p_now || ',"event":"lost","error":"its worker vanished"}') ELSE j.history END
    WHERE j.seq = ANY (v_seqs);
    PERFORM wait_again(v_seqs, p_now);
    PERFORM count_jobs(g.queue, g.n, -g.n)
    FROM (SELECT j.queue, count(*) AS n FROM jobs j WHERE j.seq = ANY (v_seqs) GROUP BY j.queue ORDER BY j.queue) g;
    PERFORM free_slots(v_slots, p_worker, p_now);
    PERFORM wake(array_agg(DISTINCT j.queue), p_worker) FROM jobs j WHERE j.seq = ANY (v_seqs);
END $$;

CREATE OR REPLACE FUNCTION lose_worker(p_worker bigint, p_now bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM take_back(p_worker, ARRAY(SELECT r.seq FROM running r WHERE r.worker = p_worker), true, true, p_now);
    DELETE FROM workers w WHERE w.worker = p_worker;
END $$;

-- The lease of an exchange: o_worker is its number, o_lost whether it is a new one. p_era grows with each connection: of
-- a call that was sent through an earlier one nobody waits for the answer, so it is refused. Of what this worker has
-- claimed only p_held is known to it, when that is not NULL; what it never heard of has not been started.
CREATE OR REPLACE FUNCTION keep_lease(p_token text, p_worker bigint, p_era bigint, p_renew boolean, p_last_claim bigint,
    p_held_ids text[], p_held_claims bigint[], p_place text, p_name text, p_queues_text text, p_queues int[],
    p_lease_ms bigint, p_started bigint, p_now bigint, OUT o_worker bigint, OUT o_lost boolean, OUT o_started bigint,
    OUT o_idle boolean, OUT o_idle_at bigint)
LANGUAGE plpgsql AS $$
DECLARE
    v_row record;
    v_unknown bigint[];
BEGIN
    LOOP
        SELECT w.worker, w.era, w.lease_until, w.started_at, w.queues, w.idle, w.idle_at INTO v_row
        FROM workers w WHERE w.token = p_token FOR NO KEY UPDATE;
        EXIT WHEN FOUND;
        o_worker := nextval('worker_numbers');
        o_started := CASE WHEN p_started > 0 THEN p_started ELSE p_now END;
        o_lost := p_worker <> 0;
        o_idle := true;
        o_idle_at := p_now;
        INSERT INTO workers (token, worker, place, name, queues_text, queues, era, lease_until, started_at, seen_at, idle_at)
        VALUES (p_token, o_worker, p_place, p_name, p_queues_text, p_queues, p_era, p_now + p_lease_ms, o_started, p_now,
            p_now)
        ON CONFLICT (token) DO NOTHING;
        IF FOUND THEN
            RETURN;
        END IF;
        -- A call that was sent through an earlier connection has made it meanwhile.
    END LOOP;
    IF v_row.era > p_era THEN
        RAISE EXCEPTION 'this worker has a newer connection' USING ERRCODE = 'BQ001';
    END IF;
    o_worker := v_row.worker;
    o_started := v_row.started_at;
    o_idle := v_row.idle;
    o_idle_at := v_row.idle_at;
    o_lost := p_worker <> 0 AND p_worker <> v_row.worker;
    IF p_renew OR v_row.lease_until <= p_now OR v_row.era < p_era OR v_row.queues <> p_queues THEN
        UPDATE workers w SET lease_until = CASE WHEN p_renew OR v_row.lease_until <= p_now THEN p_now + p_lease_ms
                                               ELSE w.lease_until END,
            seen_at = p_now, era = p_era, queues = p_queues, queues_text = p_queues_text
        WHERE w.token = p_token;
    END IF;
    IF v_row.era < p_era THEN
        FOR v_row IN
            SELECT r.claim > p_last_claim AS unheard, array_agg(r.seq) AS seqs FROM running r
            CROSS JOIN LATERAL (SELECT * FROM jobs i WHERE i.seq = r.seq OFFSET 0) j
            WHERE r.worker = o_worker AND NOT EXISTS (
                SELECT FROM unnest(p_held_ids, p_held_claims) h (id, claim) WHERE h.claim = r.claim AND h.id = j.id)
            GROUP BY 1
        LOOP
            PERFORM take_back(o_worker, v_row.seqs, false, NOT v_row.unheard, p_now);
        END LOOP;
    END IF;
END $$;

-- Workers whose leases are over, and those of this place that are known to be dead, lose their jobs. One that is just
-- talking with us is alive.
CREATE OR REPLACE FUNCTION reap(p_token text, p_dead text[], p_now bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_worker bigint;
BEGIN
    FOR v_worker IN
        SELECT w.worker FROM workers w WHERE (w.lease_until <= p_now OR w.token = ANY (p_dead)) AND w.token <> p_token
        ORDER BY w.worker LIMIT 8 FOR UPDATE SKIP LOCKED
    LOOP
        PERFORM lose_worker(v_worker, p_now);
    END LOOP;
END $$;
