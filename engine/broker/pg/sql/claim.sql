-- claim.sql - jobs whose turn has come go to a worker.

-- What is due by now can be claimed.
CREATE OR REPLACE FUNCTION make_ready(p_queue int, p_max int, p_now bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_floor record;
    v_first bigint;
BEGIN
    SELECT * INTO v_floor FROM floor_of(2, p_queue, p_now);
    SELECT d.due_at INTO v_first FROM deferred d WHERE d.queue = p_queue AND d.due_at >= v_floor.o_floor
    ORDER BY d.due_at LIMIT 1;
    IF v_first <= p_now THEN
        WITH due AS (
            DELETE FROM deferred d WHERE d.ctid = ANY (ARRAY(
                SELECT e.ctid FROM deferred e
                WHERE e.queue = p_queue AND e.due_at >= v_floor.o_floor AND e.due_at <= p_now
                ORDER BY e.due_at, e.seq LIMIT p_max FOR UPDATE SKIP LOCKED))
            RETURNING d.seq
        )
        INSERT INTO ready (queue, class, turn, seq)
        SELECT j.queue, class_of(j.losses > 0 OR j.alone, f.floor, j.due_at - 60000 * j.priority),
            j.due_at - 60000 * j.priority, j.seq
        FROM due d CROSS JOIN LATERAL (SELECT * FROM jobs i WHERE i.seq = d.seq OFFSET 0) j
        LEFT JOIN floors f ON f.what = 1 AND f.queue = j.queue;
    END IF;
    PERFORM raise_floor(2, p_queue, v_first, v_floor.o_full, p_now);
END $$;

-- What of a worker's memory a job takes; bytes that are too many stay here.
CREATE OR REPLACE FUNCTION size_of(p_id text, p_payload bytea, p_each int, p_payload_max int) RETURNS int
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_each + octet_length(p_id)
        + CASE WHEN octet_length(p_payload) <= p_payload_max THEN octet_length(p_payload) ELSE 0 END
$$;

-- Claims from a queue without limits, one class, in the order of the turns: as many as fit into p_bytes. The first of
-- all is claimed however large it is. o_full: there is no room for another.
CREATE OR REPLACE FUNCTION claim_plain(p_worker bigint, p_claim bigint, p_queue int, p_class int, p_max int,
    p_bytes bigint, p_each int, p_payload_max int, p_first boolean, p_now bigint,
    OUT o_seqs bigint[], OUT o_bytes bigint, OUT o_full boolean, OUT o_stopped boolean) LANGUAGE plpgsql AS $$
DECLARE
    v_seen bigint;
    v_floor record;
    v_first bigint;
BEGIN
    IF p_class = 2 THEN
        SELECT * INTO v_floor FROM floor_of(1, p_queue, p_now);
    ELSE
        SELECT -9223372036854775808 AS o_floor, false AS o_full INTO v_floor;
    END IF;
    WITH next AS MATERIALIZED (
        SELECT r.ctid AS place, r.turn, r.seq FROM ready r
        WHERE r.queue = p_queue AND r.class = p_class AND r.turn >= v_floor.o_floor
        ORDER BY r.turn, r.seq LIMIT p_max FOR UPDATE SKIP LOCKED
    ), sized AS MATERIALIZED (
        SELECT n.place, n.seq, row_number() OVER w AS nth,
            sum(size_of(j.id, j.payload, p_each, p_payload_max)) OVER w AS total
        FROM next n CROSS JOIN LATERAL (SELECT i.id, i.payload FROM jobs i WHERE i.seq = n.seq OFFSET 0) j
        WINDOW w AS (ORDER BY n.turn, n.seq)
    ), fit AS MATERIALIZED (
        SELECT s.place, s.seq, s.nth, s.total FROM sized s WHERE s.total <= p_bytes OR (p_first AND s.nth = 1)
    ), taken AS (
        DELETE FROM ready r USING fit f WHERE r.ctid = f.place
    ), started AS (
        INSERT INTO running (seq, worker, claim, claimed_at, queue)
        SELECT f.seq, p_worker, p_claim, p_now, p_queue FROM fit f
    )
    SELECT array_agg(f.seq ORDER BY f.nth), max(f.total), (SELECT count(*) FROM sized),
        (SELECT min(n.turn) FROM next n)
    INTO o_seqs, o_bytes, v_seen, v_first FROM fit f;
    IF p_class = 2 THEN
        PERFORM raise_floor(1, p_queue, v_first, v_floor.o_full, p_now);
    END IF;
    o_seqs := coalesce(o_seqs, '{}');
    o_bytes := coalesce(o_bytes, 0);
    o_stopped := false;
    o_full := cardinality(o_seqs) < v_seen;
    IF cardinality(o_seqs) > 0 THEN
        PERFORM count_jobs(p_queue, -cardinality(o_seqs), cardinality(o_seqs));
    END IF;
END $$;

-- The same from a queue with limits: a job that is over one is held, if not too many have been.
CREATE OR REPLACE FUNCTION claim_limited(p_worker bigint, p_claim bigint, p_queue int, p_class int, p_max int,
    p_free int, p_holds int, p_bytes bigint, p_each int, p_payload_max int, p_first boolean, p_now bigint,
    OUT o_seqs bigint[], OUT o_bytes bigint, OUT o_full boolean, OUT o_held int, OUT o_stopped boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_job record;
    v_floor record;
    v_first bigint;
    v_names text[] := '{}';
    v_left bigint[] := '{}';
    v_at int;
    v_key_at int;
    v_full text;
    v_places tid[] := '{}';
    v_slots text[] := '{}';
    v_key_slots text[] := '{}';
    v_windows bigint[] := '{}';
    v_key_windows bigint[] := '{}';
    v_held bigint[] := '{}';
    v_turns bigint[] := '{}';
    v_held_by text[] := '{}';
BEGIN
    o_seqs := '{}';
    o_bytes := 0;
    o_full := false;
    o_held := 0;
    o_stopped := false;
    IF p_class = 2 THEN
        SELECT * INTO v_floor FROM floor_of(1, p_queue, p_now);
    ELSE
        SELECT -9223372036854775808 AS o_floor, false AS o_full INTO v_floor;
    END IF;
    FOR v_job IN
        SELECT r.ctid AS place, r.turn, r.seq, l.slot AS slot, l.key_slot || E'\n' || j.key AS key_slot,
            l.max_running, l.max_starts, l.per_ms, l.key_max_running, l.key_max_starts, l.key_per_ms,
            size_of(j.id, j.payload, p_each, p_payload_max) AS size,
            l.queue IS NOT NULL AND NOT j.aborted AND j.refusal IS NULL
                AND NOT (j.expires_at <> 0 AND j.expires_at < p_now AND j.claimed_before <> 1) AS to_run
        FROM ready r CROSS JOIN LATERAL (SELECT * FROM jobs i WHERE i.seq = r.seq OFFSET 0) j
        LEFT JOIN LATERAL (SELECT * FROM limits m WHERE m.queue = r.queue AND m.function = j.function OFFSET 0) l ON true
        WHERE r.queue = p_queue AND r.class = p_class AND r.turn >= v_floor.o_floor
        ORDER BY r.turn, r.seq LIMIT p_max + p_holds FOR UPDATE OF r SKIP LOCKED
    LOOP
        v_first := coalesce(v_first, v_job.turn);
        EXIT WHEN cardinality(o_seqs) >= p_max;
        v_full := NULL;
        v_at := NULL;
        v_key_at := NULL;
        IF v_job.to_run AND v_job.slot IS NOT NULL THEN
            v_at := array_position(v_names, v_job.slot);
            IF v_at IS NULL THEN
                v_names := v_names || v_job.slot;
                v_left := v_left || (SELECT r.o_left FROM room_of(v_job.slot, v_job.max_running, v_job.max_starts,
                    v_job.per_ms, p_now) r);
                v_at := cardinality(v_names);
            END IF;
            IF v_left[v_at] <= 0 THEN
                v_full := v_job.slot;
            END IF;
        END IF;
        IF v_job.to_run AND v_job.key_slot IS NOT NULL THEN
            v_key_at := array_position(v_names, v_job.key_slot);
            IF v_key_at IS NULL THEN
                v_names := v_names || v_job.key_slot;
                v_left := v_left || (SELECT r.o_left FROM room_of(v_job.key_slot, v_job.key_max_running,
                    v_job.key_max_starts, v_job.key_per_ms, p_now) r);
                v_key_at := cardinality(v_names);
            END IF;
            IF v_left[v_key_at] <= 0 THEN
                v_full := v_job.key_slot; -- so it is not in the way of those of other keys
            END IF;
        END IF;
        IF v_full IS NOT NULL THEN
            o_stopped := o_held >= p_holds;
            EXIT WHEN o_stopped;
            v_places := v_places || v_job.place;
            v_held := v_held || v_job.seq;
            v_turns := v_turns || v_job.turn;
            v_held_by := v_held_by || v_full;
            o_held := o_held + 1;
            CONTINUE;
        END IF;
        -- A start that is counted is for a thread that is free; nothing overtakes it.
        o_stopped := p_free <= cardinality(o_seqs) AND ((v_at IS NOT NULL AND v_job.max_starts > 0)
            OR (v_key_at IS NOT NULL AND v_job.key_max_starts > 0));
        EXIT WHEN o_stopped;
        IF o_bytes + v_job.size > p_bytes AND NOT (p_first AND cardinality(o_seqs) = 0) THEN
            o_full := true;
            EXIT;
        END IF;
        o_bytes := o_bytes + v_job.size;
        o_seqs := o_seqs || v_job.seq;
        v_places := v_places || v_job.place;
        v_slots := v_slots || CASE WHEN v_at IS NOT NULL THEN v_job.slot END;
        v_key_slots := v_key_slots || CASE WHEN v_key_at IS NOT NULL THEN v_job.key_slot END;
        v_windows := v_windows || CASE WHEN v_at IS NOT NULL AND v_job.max_starts > 0 THEN v_job.per_ms END;
        v_key_windows := v_key_windows || CASE WHEN v_key_at IS NOT NULL AND v_job.key_max_starts > 0
            THEN v_job.key_per_ms END;
        IF v_at IS NOT NULL THEN
            v_left[v_at] := v_left[v_at] - 1;
        END IF;
        IF v_key_at IS NOT NULL THEN
            v_left[v_key_at] := v_left[v_key_at] - 1;
        END IF;
    END LOOP;
    IF p_class = 2 THEN
        PERFORM raise_floor(1, p_queue, v_first, v_floor.o_full, p_now);
    END IF;
    DELETE FROM ready r WHERE r.ctid = ANY (v_places);
    INSERT INTO running (seq, worker, claim, claimed_at, queue, slot, key_slot)
    SELECT u.seq, p_worker, p_claim, p_now, p_queue, u.slot, u.key_slot
    FROM unnest(o_seqs, v_slots, v_key_slots) u (seq, slot, key_slot);
    INSERT INTO starts (slot, at, seq, claim, until)
    SELECT u.slot, p_now, u.seq, p_claim, p_now + u.per_ms
    FROM unnest(o_seqs || o_seqs, v_slots || v_key_slots, v_windows || v_key_windows) u (seq, slot, per_ms)
    WHERE u.per_ms IS NOT NULL;
    INSERT INTO held (queue, slot, turn, seq)
    SELECT p_queue, u.slot, u.turn, u.seq FROM unnest(v_held, v_turns, v_held_by) u (seq, turn, slot);
    PERFORM look_later(p_queue, u.slot, p_now) FROM (SELECT DISTINCT h AS slot FROM unnest(v_held_by) h ORDER BY 1) u;
    IF cardinality(o_seqs) > 0 OR o_held > 0 THEN
        PERFORM count_jobs(p_queue, -cardinality(o_seqs), cardinality(o_seqs), p_held => o_held);
    END IF;
END $$;

-- Is there a limit for one of the queue's functions, or a job that is held by one?
CREATE OR REPLACE FUNCTION is_limited(p_queue int) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM limits l WHERE l.queue = p_queue) OR EXISTS (SELECT FROM slots s WHERE s.queue = p_queue);
END $$;

-- Claims from the queues of p_shares, each at most its share; then what they have left over, in their order. The numbers
-- of what was claimed.
CREATE OR REPLACE FUNCTION claim_jobs(p_worker bigint, p_claim bigint, p_queues int[], p_shares int[], p_max int,
    p_lost_max int, p_free int, p_bytes bigint, p_each int, p_payload_max int, p_now bigint) RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
    v_seqs bigint[] := '{}';
    v_bytes bigint := p_bytes;
    v_lost_left int := p_lost_max;
    v_holds int := 1000;
    v_limited boolean[];
    v_any_limited boolean;
    v_spent boolean[] := array_fill(false, ARRAY[cardinality(p_queues)]); -- nothing more is to be had
    v_got record;
    v_want int;
    v_left int;
BEGIN
    v_limited := ARRAY(SELECT is_limited(q) FROM unnest(p_queues) WITH ORDINALITY u (q, place) ORDER BY place);
    v_any_limited := true = ANY (v_limited);
    IF v_any_limited THEN
        PERFORM lock_limits();
    END IF;
    FOR i IN 1 .. cardinality(p_queues) LOOP
        PERFORM make_ready(p_queues[i], greatest(1000, 2 * p_max), p_now);
        IF v_limited[i] THEN
            PERFORM let_held_go(p_queues[i], p_now);
        END IF;
    END LOOP;
    FOR turn IN 0 .. 1 LOOP
        FOR i IN 1 .. cardinality(p_queues) LOOP
            CONTINUE WHEN v_spent[i];
            v_left := p_max - cardinality(v_seqs);
            IF turn = 0 THEN
                v_left := least(v_left, p_shares[i]);
            END IF;
            FOR class IN 0 .. 2 LOOP
                v_want := CASE WHEN class = 0 THEN least(v_left, v_lost_left) ELSE v_left END;
                CONTINUE WHEN v_want <= 0;
                IF v_limited[i] THEN
                    SELECT * INTO v_got FROM claim_limited(p_worker, p_claim, p_queues[i], class, v_want,
                        p_free - cardinality(v_seqs), v_holds, v_bytes, p_each, p_payload_max,
                        cardinality(v_seqs) = 0, p_now);
                    v_holds := v_holds - v_got.o_held;
                ELSE
                    SELECT * INTO v_got FROM claim_plain(p_worker, p_claim, p_queues[i], class, v_want, v_bytes, p_each,
                        p_payload_max, cardinality(v_seqs) = 0, p_now);
                END IF;
                v_bytes := v_bytes - v_got.o_bytes;
                v_left := v_left - cardinality(v_got.o_seqs);
                v_seqs := v_seqs || v_got.o_seqs;
                IF class = 0 THEN
                    v_lost_left := v_lost_left - cardinality(v_got.o_seqs);
                END IF;
                IF v_got.o_full OR cardinality(v_seqs) = p_max THEN
                    RETURN v_seqs;
                END IF;
                -- What is below the floor comes before what is not.
                EXIT WHEN class = 1 AND v_got.o_stopped;
            END LOOP;
            v_spent[i] := v_left > 0 AND NOT v_limited[i];
        END LOOP;
    END LOOP;
    RETURN v_seqs;
END $$;

-- Until a job of these queues can be claimed; -1: none waits.
CREATE OR REPLACE FUNCTION next_due(p_queues int[], p_now bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_at bigint;
    v_first bigint;
    v_queue int;
BEGIN
    FOREACH v_queue IN ARRAY p_queues LOOP
        IF EXISTS (SELECT FROM ready r WHERE r.queue = v_queue AND r.class = 2
                   AND r.turn >= (SELECT f.o_floor FROM floor_of(1, v_queue, p_now) f))
           OR EXISTS (SELECT FROM ready r WHERE r.queue = v_queue AND r.class = ANY ('{0,1}')) THEN
            RETURN 0;
        END IF;
        SELECT d.due_at INTO v_first FROM deferred d
        WHERE d.queue = v_queue AND d.due_at >= (SELECT f.o_floor FROM floor_of(2, v_queue, p_now) f)
        ORDER BY d.due_at LIMIT 1;
        v_at := least(v_at, v_first);
        SELECT s.look_at INTO v_first FROM slots s WHERE s.queue = v_queue AND s.look_at IS NOT NULL
        ORDER BY s.look_at LIMIT 1;
        v_at := least(v_at, v_first);
    END LOOP;
    RETURN CASE WHEN v_at IS NULL THEN -1 ELSE greatest(v_at - p_now, 0) END;
END $$;
