-- exchange.sql - one exchange of a worker, which is one call and one transaction. What it does is in the order of
-- broker.h; what it answers are rows: kind 1 an abort that is wished, 2 a neighbour, 3 a claimed job; the last one is of
-- kind 0, the numbers.
--
-- Each statement costs as much as several jobs do. So one look (look_round) finds out what there is to do beside the
-- jobs, and jobs of one queue of which nothing is to be known but their turn are claimed by one statement.

-- Finished jobs that are past their time.
CREATE OR REPLACE FUNCTION prune(p_max int, p_now bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_gone record;
    v_floor record;
    v_first bigint;
BEGIN
    SELECT * INTO v_floor FROM floor_of(3, 0, p_now);
    SELECT g.gone_at INTO v_first FROM gone g WHERE g.gone_at >= v_floor.o_floor ORDER BY g.gone_at LIMIT 1;
    PERFORM raise_floor(3, 0, v_first, v_floor.o_full, p_now);
    IF v_first <= p_now THEN
        FOR v_gone IN WITH old AS (
            DELETE FROM gone g WHERE g.ctid = ANY (ARRAY(
                SELECT o.ctid FROM gone o WHERE o.gone_at >= v_floor.o_floor AND o.gone_at <= p_now ORDER BY o.gone_at, o.seq LIMIT p_max
                FOR UPDATE SKIP LOCKED))
            RETURNING g.seq, g.queue, g.failed
        ), deleted AS (
            DELETE FROM jobs j WHERE j.seq = ANY (ARRAY(SELECT o.seq FROM old o))
        ), told AS (
            DELETE FROM reports r WHERE r.seq = ANY (ARRAY(SELECT o.seq FROM old o))
        )
        SELECT o.queue, count(*) FILTER (WHERE NOT o.failed) AS complete, count(*) FILTER (WHERE o.failed) AS failed
        FROM old o GROUP BY o.queue ORDER BY o.queue
        LOOP
            PERFORM count_jobs(v_gone.queue, 0, 0, -v_gone.complete, -v_gone.failed);
        END LOOP;
    END IF;
    IF EXISTS (SELECT FROM starts s WHERE s.until <= p_now) THEN
        DELETE FROM starts s WHERE s.ctid = ANY (ARRAY(
            SELECT o.ctid FROM starts o WHERE o.until <= p_now ORDER BY o.until LIMIT p_max FOR UPDATE SKIP LOCKED));
    END IF;
END $$;

-- Those that wait, are held or run in these queues; of paused ones only those that run.
CREATE OR REPLACE FUNCTION count_unfinished(p_queues int[]) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(c.running + CASE WHEN q.paused THEN 0 ELSE c.waiting END), 0)::bigint
    FROM queues q JOIN counts c ON c.queue = q.queue WHERE q.queue = ANY (p_queues)
$$;

-- Is a worker to be told of new jobs? When it took fewer than it could; and no more when it has been busy for a second.
-- p_idle and p_at are as its row has them.
CREATE OR REPLACE FUNCTION note_idle(p_token text, p_idle boolean, p_at bigint, p_busy boolean, p_now bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT p_busy AND (NOT p_idle OR p_at < p_now - 500) THEN
        UPDATE workers w SET idle = true, idle_at = p_now WHERE w.token = p_token;
    ELSIF p_busy AND p_idle AND p_at < p_now - 1000 THEN
        UPDATE workers w SET idle = false WHERE w.token = p_token;
    END IF;
END $$;

-- What there is to be done beside jobs. p_queue is the only one that is claimed from, NULL: there is none, or several.
CREATE OR REPLACE FUNCTION look_round(p_queue int, p_now bigint, OUT o_plain boolean, OUT o_floor bigint,
    OUT o_deferred bigint, OUT o_aborted boolean, OUT o_prune boolean, OUT o_fold boolean) LANGUAGE plpgsql STABLE AS $$
DECLARE
    v record;
BEGIN
    SELECT r.floor AS ready_floor, coalesce(r.full_at BETWEEN p_now + 1 AND p_now + 60000, false) AS ready_known,
        r.at AS ready_at,
        d.floor AS deferred_floor, coalesce(d.full_at BETWEEN p_now + 1 AND p_now + 60000, false) AS deferred_known,
        d.at AS deferred_at,
        coalesce(g.full_at BETWEEN p_now + 1 AND p_now + 60000, false) AS gone_known, g.at AS gone_at,
        g.floor AS gone_floor,
        coalesce(c.full_at BETWEEN p_now + 1 AND p_now + 60000, false) AS counts_known,
        (SELECT n.gone_at FROM gone n WHERE n.gone_at >= g.floor ORDER BY n.gone_at LIMIT 1) AS gone_first,
        (SELECT n.due_at FROM deferred n WHERE n.queue = p_queue AND n.due_at >= d.floor ORDER BY n.due_at LIMIT 1)
            AS deferred_first,
        (SELECT n.turn FROM ready n WHERE n.queue = p_queue AND n.class = 2 AND n.turn >= r.floor ORDER BY n.turn LIMIT 1)
            AS ready_first,
        EXISTS (SELECT FROM ready n WHERE n.queue = p_queue AND n.class = ANY ('{0,1}')) AS first_class,
        EXISTS (SELECT FROM limits n WHERE n.queue = p_queue) OR EXISTS (SELECT FROM slots n WHERE n.queue = p_queue)
            AS limited,
        EXISTS (SELECT FROM starts n WHERE n.until <= p_now) AS started,
        EXISTS (SELECT FROM jobs n WHERE n.aborted) AS aborted
    INTO v
    FROM (SELECT) one
    LEFT JOIN floors r ON r.what = 1 AND r.queue = p_queue LEFT JOIN floors d ON d.what = 2 AND d.queue = p_queue
    LEFT JOIN floors g ON g.what = 3 AND g.queue = 0 LEFT JOIN floors c ON c.what = 4 AND c.queue = 0;

    o_floor := v.ready_floor;
    o_deferred := v.deferred_first;
    o_aborted := v.aborted;
    o_plain := v.ready_known AND v.deferred_known AND NOT v.first_class AND NOT v.limited
        AND (v.deferred_first > p_now) IS NOT FALSE
        AND NOT is_to_rise(v.ready_floor, v.ready_at, v.ready_first, p_now)
        AND NOT is_to_rise(v.deferred_floor, v.deferred_at, v.deferred_first, p_now);
    o_prune := v.started OR NOT v.gone_known OR v.gone_first <= p_now
        OR is_to_rise(v.gone_floor, v.gone_at, v.gone_first, p_now);
    o_fold := NOT v.counts_known;
END $$;

CREATE OR REPLACE FUNCTION exchange(
    p_token text, p_worker bigint, p_era bigint, p_last_claim bigint, p_held_ids text[], p_held_claims bigint[],
    p_renew boolean, p_count boolean, p_leave boolean, p_look boolean,
    p_place text, p_name text, p_queues_text text, p_lease_ms bigint, p_started bigint, p_queues text[], p_dead text[],
    l_functions text[], l_slots text[], l_running int[], l_starts int[], l_per bigint[], l_key_slots text[],
    l_key_running int[], l_key_starts int[], l_key_per bigint[],
    p_state bigint[], p_tally text,
    r_ids text[], r_claims bigint[], r_done bigint[], r_total bigint[], r_notes text[], r_logs text[],
    s_kinds int[], s_ids text[], s_claims bigint[], s_results bytea[], s_keep bigint[], s_defer bigint[], s_tries int[],
    s_crashes int[], s_alone boolean[], s_before boolean[], s_history text[], s_leave bigint[],
    t_queues text[], t_names text[], t_functions text[], t_schedules text[], t_zones text[], t_next bigint[],
    t_at bigint[], t_apart bigint[], t_ids text[], t_job_queues text[], t_payloads bytea[], t_enqueued bigint[],
    t_due bigint[], t_expires bigint[], t_job_functions text[], t_keys text[], t_priorities int[],
    t_uncertain boolean[], t_after_failed boolean[], t_after_of int[], t_after_ids text[],
    e_ids text[], e_queues text[], e_payloads bytea[], e_enqueued bigint[], e_due bigint[], e_expires bigint[],
    e_functions text[], e_keys text[], e_priorities int[], e_uncertain boolean[], e_after_failed boolean[],
    e_after_of int[], e_after_ids text[],
    q_ids text[], q_queues text[], q_enqueued bigint[],
    c_max int, c_lost_max int, c_free_max int, c_bytes bigint, c_each int, c_payload_max int, c_queues text[],
    c_shares int[])
RETURNS TABLE (kind int, id text, queue text, payload bytea, payload_bytes bigint, enqueued_at bigint, due_at bigint,
    expires_at bigint, function text, key text, refusal text, priority int, flags int, tries int, losses int,
    crashes int)
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
@plan@
AS $$
DECLARE
    v_now bigint := now_ms();
    v_numbers int[];
    v_active int[]; -- not paused
    v_lease record;
    v_stale int[] := '{}';
    v_refused int[] := '{}';
    v_ticks text := '';
    v_held text := '';
    v_claim bigint := 0;
    v_claimed bigint[] := '{}';
    v_unfinished bigint := 0;
    v_due bigint := -1;
    v_asked int[]; -- active, and to be claimed from
    v_look record;
    v_count int := 0;
BEGIN
    v_numbers := ARRAY(SELECT q.queue FROM unnest(p_queues) WITH ORDINALITY u (n, place)
                       CROSS JOIN LATERAL (SELECT i.queue FROM queues i WHERE i.name = u.n OFFSET 0) q ORDER BY u.place);
    IF cardinality(v_numbers) < cardinality(p_queues) THEN
        v_numbers := ARRAY(SELECT queue_number(n) FROM unnest(p_queues) WITH ORDINALITY u (n, place) ORDER BY place);
    END IF;
    SELECT k.* INTO v_lease FROM keep_lease(p_token, p_worker, p_era, p_renew, p_last_claim,
        p_held_ids, p_held_claims, p_place, p_name, p_queues_text, v_numbers, p_lease_ms, p_started, v_now) k;
    PERFORM reap(p_token, p_dead, v_now);
    IF l_functions IS NOT NULL THEN
        PERFORM set_limits(v_numbers, l_functions, l_slots, l_running, l_starts, l_per, l_key_slots,
            l_key_running, l_key_starts, l_key_per, v_now);
    END IF;
    IF r_ids IS NOT NULL THEN
        PERFORM report_jobs(v_lease.o_worker, r_ids, r_claims, r_done, r_total, r_notes, r_logs, v_now);
    END IF;
    IF s_ids IS NOT NULL THEN
        v_stale := settle_jobs(v_lease.o_worker, v_now, s_kinds, s_ids, s_claims, s_results, s_keep, s_defer, s_tries,
            s_crashes, s_alone, s_before, s_history, s_leave);
    END IF;
    IF EXISTS (SELECT FROM ended) THEN
        PERFORM tell_all(2000, v_now);
    END IF;
    IF t_names IS NOT NULL THEN
        v_ticks := tick_all(v_lease.o_worker, t_queues, t_names, t_functions, t_schedules, t_zones, t_next, t_at, t_apart,
            t_ids, t_job_queues, t_payloads, t_enqueued, t_due, t_expires, t_job_functions, t_keys, t_priorities,
            t_uncertain, t_after_failed, t_after_of, t_after_ids, v_now);
    END IF;
    IF e_ids IS NOT NULL THEN
        v_refused := enqueue_jobs(v_lease.o_worker, v_now, e_ids, e_queues, e_payloads, e_enqueued, e_due,
            e_expires, e_functions, e_keys, e_priorities, e_uncertain, e_after_failed, e_after_of, e_after_ids);
    END IF;
    IF q_ids IS NOT NULL THEN
        v_held := (SELECT string_agg(u.place::text, ' ') FROM unnest(q_ids, q_queues, q_enqueued) WITH ORDINALITY
                u (id, queue, enqueued_at, place)
            CROSS JOIN LATERAL (SELECT * FROM jobs i WHERE i.id = u.id OFFSET 0) j JOIN queues n ON n.queue = j.queue
            WHERE n.name = u.queue AND j.enqueued_at = u.enqueued_at AND j.state = 0);
    END IF;
    IF p_state IS NOT NULL THEN
        UPDATE workers w SET executors = p_state[1], threads = p_state[2], running = p_state[3], complete = p_state[4],
            failed = p_state[5], retried = p_state[6], tally = coalesce(p_tally, w.tally), seen_at = v_now
        WHERE w.token = p_token;
    END IF;
    IF p_leave THEN
        PERFORM lose_worker(v_lease.o_worker, v_now);
    END IF;
    v_active := ARRAY(SELECT u.q FROM unnest(v_numbers) WITH ORDINALITY u (q, place)
                      CROSS JOIN LATERAL (SELECT i.paused FROM queues i WHERE i.queue = u.q OFFSET 0) n
                      WHERE NOT n.paused ORDER BY u.place);
    IF NOT p_leave AND c_max > 0 THEN
        v_claim := nextval('claims');
        v_asked := ARRAY(SELECT n.queue FROM unnest(c_queues) WITH ORDINALITY s (name, place)
                         CROSS JOIN LATERAL (SELECT i.queue FROM queues i WHERE i.name = s.name OFFSET 0) n
                         WHERE n.queue = ANY (v_active) ORDER BY s.place);
    END IF;
    SELECT * INTO v_look FROM look_round(CASE WHEN cardinality(c_queues) = 1 THEN v_asked[1] END, v_now);
    IF v_look.o_plain THEN
        RETURN QUERY WITH next AS MATERIALIZED (
            SELECT r.ctid AS place, r.turn, r.seq FROM ready r
            WHERE r.queue = v_asked[1] AND r.class = 2 AND r.turn >= v_look.o_floor
            ORDER BY r.turn, r.seq LIMIT c_max FOR UPDATE SKIP LOCKED
        ), sized AS MATERIALIZED (
            SELECT n.place, n.turn, j.*, row_number() OVER w AS nth,
                sum(size_of(j.id, j.payload, c_each, c_payload_max)) OVER w AS total
            FROM next n CROSS JOIN LATERAL (SELECT * FROM jobs i WHERE i.seq = n.seq OFFSET 0) j
            WINDOW w AS (ORDER BY n.turn, n.seq)
        ), fit AS MATERIALIZED (
            SELECT * FROM sized s WHERE s.total <= c_bytes OR s.nth = 1
        ), taken AS (
            DELETE FROM ready r WHERE r.ctid = ANY (ARRAY(SELECT f.place FROM fit f))
        ), started AS (
            INSERT INTO running (seq, worker, claim, claimed_at, queue)
            SELECT f.seq, v_lease.o_worker, v_claim, v_now, f.queue FROM fit f
        ), counted AS (
            INSERT INTO counts (queue, waiting, blocked, held, running, complete, failed)
            SELECT v_asked[1], -count(*), 0, 0, count(*), 0, 0 FROM fit HAVING count(*) > 0
        )
        SELECT 3, f.id, c_queues[1], CASE WHEN octet_length(f.payload) <= c_payload_max THEN f.payload END,
            octet_length(f.payload)::bigint, f.enqueued_at, f.due_at, f.expires_at, f.function, f.key, f.refusal,
            f.priority::int, f.claimed_before + CASE WHEN f.aborted THEN 4 ELSE 0 END + CASE WHEN f.alone THEN 8 ELSE 0 END,
            f.tries, f.losses, f.crashes
        FROM fit f ORDER BY f.nth;
        GET DIAGNOSTICS v_count = ROW_COUNT;
    ELSIF cardinality(v_asked) > 0 THEN
        v_claimed := (
            SELECT claim_jobs(v_lease.o_worker, v_claim, array_agg(n.queue ORDER BY s.place),
                array_agg(s.max ORDER BY s.place), c_max, c_lost_max, c_free_max, c_bytes, c_each, c_payload_max, v_now)
            FROM unnest(c_queues, c_shares) WITH ORDINALITY s (name, max, place)
            JOIN queues n ON n.name = s.name WHERE n.queue = ANY (v_active)
            HAVING count(*) > 0);
        v_count := coalesce(cardinality(v_claimed), 0);
    END IF;
    IF NOT p_leave AND c_max > 0 THEN
        PERFORM note_idle(p_token, v_lease.o_idle, v_lease.o_idle_at, v_count >= c_max, v_now);
    END IF;
    IF v_look.o_prune THEN
        PERFORM prune(50 + 2 * (coalesce(cardinality(s_ids), 0) + c_max), v_now);
    END IF;
    IF v_look.o_fold THEN
        PERFORM fold_counts(v_now);
    END IF;
    IF p_count THEN
        v_unfinished := count_unfinished(v_numbers);
    END IF;
    v_due := next_due(v_active, v_now);

    IF v_look.o_aborted AND NOT p_leave THEN
        RETURN QUERY SELECT 1, j.id, NULL::text, NULL::bytea, 0::bigint, 0::bigint, 0::bigint, 0::bigint, NULL::text,
            NULL::text, NULL::text, 0, 0, 0, 0, 0
        FROM (SELECT a.seq, a.id FROM jobs a WHERE a.aborted OFFSET 0) j
        CROSS JOIN LATERAL (SELECT * FROM running i WHERE i.seq = j.seq OFFSET 0) r
        WHERE r.worker = v_lease.o_worker AND r.claim <> v_claim;
    END IF;
    IF p_look THEN
        RETURN QUERY SELECT 2, w.token, NULL::text, NULL::bytea, 0::bigint, 0::bigint, 0::bigint, 0::bigint, NULL::text,
            NULL::text, NULL::text, 0, 0, 0, 0, 0
        FROM workers w WHERE w.place = p_place AND w.token <> p_token ORDER BY w.seen_at LIMIT 64;
    END IF;
    IF cardinality(v_claimed) > 0 THEN
        RETURN QUERY SELECT 3, j.id, n.name, CASE WHEN octet_length(j.payload) <= c_payload_max THEN j.payload END,
            octet_length(j.payload)::bigint, j.enqueued_at, j.due_at, j.expires_at, j.function, j.key, j.refusal,
            j.priority::int, j.claimed_before + CASE WHEN j.aborted THEN 4 ELSE 0 END + CASE WHEN j.alone THEN 8 ELSE 0 END,
            j.tries, j.losses, j.crashes
        FROM unnest(v_claimed) WITH ORDINALITY c (seq, place)
        CROSS JOIN LATERAL (SELECT * FROM jobs i WHERE i.seq = c.seq OFFSET 0) j
        CROSS JOIN LATERAL (SELECT * FROM queues i WHERE i.queue = j.queue OFFSET 0) n
        ORDER BY c.place;
    END IF;
    RETURN QUERY SELECT 0, concat_ws(' ', v_lease.o_worker, v_lease.o_lost::int, v_lease.o_started, v_claim, v_due,
            v_unfinished, array_to_string(v_numbers, ' ')), v_ticks, NULL::bytea, 0::bigint, 0::bigint, 0::bigint, 0::bigint,
        array_to_string(v_stale, ' '), array_to_string(v_refused, ' '), coalesce(v_held, ''), 0, 0, 0, 0, 0;
END $$;
