-- limits.sql - how many jobs of a function may run and start, and those over it, which are held.
--
-- What is counted by is a slot: a limit's name, or, for a limit of each key, the name, a newline, and the key. How
-- many of a slot run is the number of its rows of running; how many have started, that of starts within the
-- window. A slot that has held jobs has a row of slots for each of their queues, which says when it is to be looked
-- at again. Whoever claims from queues with limits holds a lock meanwhile: what is counted must not change.

CREATE OR REPLACE FUNCTION lock_limits() RETURNS void LANGUAGE sql VOLATILE
AS $$ SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' limits', 0)) $$;

-- How many more may start of a slot, and, if too many have, when no more have; else 0.
CREATE OR REPLACE FUNCTION room_of(p_slot text, p_max_running int, p_max_starts int, p_per_ms bigint, p_now bigint,
    OUT o_left bigint, OUT o_again bigint) LANGUAGE plpgsql AS $$
DECLARE
    v_starts bigint;
BEGIN
    o_left := 9223372036854775807;
    o_again := 0;
    IF p_max_running > 0 THEN
        SELECT p_max_running - count(*) INTO o_left FROM running r WHERE r.slot = p_slot;
        o_left := o_left - (SELECT count(*) FROM running r WHERE r.key_slot = p_slot);
    END IF;
    IF p_max_starts > 0 THEN
        -- Later ones are a clock's mistake.
        SELECT count(*) INTO v_starts FROM starts s
        WHERE s.slot = p_slot AND s.at > p_now - p_per_ms AND s.at <= p_now + p_per_ms;
        o_left := least(o_left, p_max_starts - v_starts);
        IF v_starts >= p_max_starts THEN
            SELECT s.at + p_per_ms INTO o_again FROM starts s
            WHERE s.slot = p_slot AND s.at > p_now - p_per_ms AND s.at <= p_now + p_per_ms
            ORDER BY s.at DESC OFFSET p_max_starts - 1 LIMIT 1;
        END IF;
    END IF;
END $$;

-- The limit that a slot is of, in a queue, and its room; o_left is the largest number if there is none by now.
CREATE OR REPLACE FUNCTION slot_room(p_queue int, p_slot text, p_now bigint, OUT o_left bigint, OUT o_again bigint)
LANGUAGE plpgsql AS $$
DECLARE
    v_name text := split_part(p_slot, E'\n', 1);
    v_key boolean := position(E'\n' IN p_slot) > 0;
    v_limit record;
BEGIN
    SELECT CASE WHEN v_key THEN l.key_max_running ELSE l.max_running END AS max_running,
        CASE WHEN v_key THEN l.key_max_starts ELSE l.max_starts END AS max_starts,
        CASE WHEN v_key THEN l.key_per_ms ELSE l.per_ms END AS per_ms
    INTO v_limit FROM limits l
    WHERE l.queue = p_queue AND CASE WHEN v_key THEN l.key_slot ELSE l.slot END = v_name LIMIT 1;
    IF NOT FOUND THEN
        o_left := 9223372036854775807;
        o_again := 0;
    ELSE
        SELECT r.o_left, r.o_again INTO o_left, o_again
        FROM room_of(p_slot, v_limit.max_running, v_limit.max_starts, v_limit.per_ms, p_now) r;
    END IF;
END $$;

-- Says when a slot is to be looked at: 0 when one of it ends. Not while all of it are judged anew.
CREATE OR REPLACE FUNCTION set_look(p_queue int, p_slot text, p_at bigint) RETURNS void LANGUAGE sql VOLATILE AS $$
    INSERT INTO slots AS s (slot, queue, look_at) VALUES (p_slot, p_queue, nullif(p_at, 0))
    ON CONFLICT (slot, queue) DO UPDATE SET look_at = nullif(p_at, 0) WHERE s.judged_turn IS NULL
$$;

-- By what is full of it, after all that this call has started; in a second, if it is not full.
CREATE OR REPLACE FUNCTION look_later(p_queue int, p_slot text, p_now bigint) RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT set_look(p_queue, p_slot, CASE WHEN r.o_left > 0 THEN p_now + 1000 ELSE r.o_again END)
    FROM slot_room(p_queue, p_slot, p_now) r
$$;

-- The last worker to join says what the limits of its functions are; NULL names: none. Arrays have an element for each
-- function.
CREATE OR REPLACE FUNCTION set_limits(p_queues int[], p_functions text[], p_slots text[], p_running int[],
    p_starts int[], p_per bigint[], p_key_slots text[], p_key_running int[], p_key_starts int[], p_key_per bigint[],
    p_now bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_changed bigint;
    v_deleted bigint;
BEGIN
    IF coalesce(cardinality(p_functions), 0) = 0 THEN
        RETURN;
    END IF;
    PERFORM lock_limits();
    INSERT INTO limits AS l
    SELECT q.queue, r.*
    FROM unnest(p_functions, p_slots, p_running, p_starts, p_per, p_key_slots, p_key_running, p_key_starts, p_key_per)
        r (function, slot, max_running, max_starts, per_ms, key_slot, key_max_running, key_max_starts, key_per_ms)
    CROSS JOIN unnest(p_queues) q (queue)
    WHERE r.slot IS NOT NULL OR r.key_slot IS NOT NULL
    ORDER BY q.queue, r.function
    ON CONFLICT (queue, function) DO UPDATE SET slot = excluded.slot, max_running = excluded.max_running,
        max_starts = excluded.max_starts, per_ms = excluded.per_ms, key_slot = excluded.key_slot,
        key_max_running = excluded.key_max_running, key_max_starts = excluded.key_max_starts,
        key_per_ms = excluded.key_per_ms
    WHERE (l.slot, l.max_running, l.max_starts, l.per_ms, l.key_slot, l.key_max_running, l.key_max_starts, l.key_per_ms)
        IS DISTINCT FROM (excluded.slot, excluded.max_running, excluded.max_starts, excluded.per_ms, excluded.key_slot,
            excluded.key_max_running, excluded.key_max_starts, excluded.key_per_ms);
    GET DIAGNOSTICS v_changed = ROW_COUNT;
    DELETE FROM limits l USING unnest(p_functions, p_slots, p_key_slots) r (function, slot, key_slot)
    WHERE l.queue = ANY (p_queues) AND l.function = r.function AND r.slot IS NULL AND r.key_slot IS NULL;
    GET DIAGNOSTICS v_deleted = ROW_COUNT;
    IF v_changed + v_deleted = 0 THEN
        RETURN;
    END IF;
    -- One name is one limit, wherever it is said; of two words about it the last counts.
    UPDATE limits l SET max_running = r.max_running, max_starts = r.max_starts, per_ms = r.per_ms
    FROM (SELECT DISTINCT ON (u.slot) u.* FROM unnest(p_slots, p_running, p_starts, p_per) WITH ORDINALITY
            u (slot, max_running, max_starts, per_ms, place) ORDER BY u.slot, u.place DESC) r
    WHERE l.slot = r.slot;
    UPDATE limits l SET key_max_running = r.max_running, key_max_starts = r.max_starts, key_per_ms = r.per_ms
    FROM (SELECT DISTINCT ON (u.slot) u.* FROM unnest(p_key_slots, p_key_running, p_key_starts, p_key_per) WITH ORDINALITY
            u (slot, max_running, max_starts, per_ms, place) ORDER BY u.slot, u.place DESC) r
    WHERE l.key_slot = r.slot;
    -- What was over its limit may not be any more, or no more be limited by that.
    UPDATE slots SET look_at = p_now, judged_turn = (-9223372036854775807)::bigint, judged_seq = 0;
    PERFORM wake(array_agg(q.queue)) FROM queues q;
END $$;

-- Held jobs are held no more, and are in no other table.
CREATE OR REPLACE FUNCTION hold_no_more(p_queue int, p_seq bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM held h WHERE h.seq = p_seq;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM count_jobs(p_queue, 0, p_held => -1);
    RETURN true;
END $$;

-- What a function's job counts against: o_slot and o_key_slot, which are NULL if it does not, and which of them is full,
-- of two rather `p_slot` (NULL: its key's). p_names and p_left are what is known of rooms so far.
CREATE OR REPLACE FUNCTION judge_held(p_queue int, p_slot text, p_seqs bigint[], p_now bigint, p_all boolean)
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    v_job record;
    v_names text[] := '{}';
    v_left bigint[] := '{}';
    v_at int;
    v_key_at int;
    v_full text;
    v_go bigint[] := '{}';
    v_seen int := 0;
BEGIN
    FOR v_job IN
        SELECT j.seq, l.slot AS slot, l.key_slot || E'\n' || j.key AS key_slot, l.max_running, l.max_starts, l.per_ms,
            l.key_max_running, l.key_max_starts, l.key_per_ms,
            j.expires_at <> 0 AND j.expires_at < p_now AND j.claimed_before <> 1 AS expired
        FROM unnest(p_seqs) WITH ORDINALITY s (seq, place)
        CROSS JOIN LATERAL (SELECT * FROM jobs i WHERE i.seq = s.seq OFFSET 0) j
        LEFT JOIN LATERAL (SELECT * FROM limits m WHERE m.queue = j.queue AND m.function = j.function OFFSET 0) l ON true
        ORDER BY s.place
    LOOP
        v_full := NULL;
        v_at := NULL;
        v_key_at := NULL;
        IF v_job.slot IS NOT NULL AND NOT v_job.expired THEN
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
        IF v_job.key_slot IS NOT NULL AND NOT v_job.expired THEN
            v_key_at := array_position(v_names, v_job.key_slot);
            IF v_key_at IS NULL THEN
                v_names := v_names || v_job.key_slot;
                v_left := v_left || (SELECT r.o_left FROM room_of(v_job.key_slot, v_job.key_max_running,
                    v_job.key_max_starts, v_job.key_per_ms, p_now) r);
                v_key_at := cardinality(v_names);
            END IF;
            IF v_left[v_key_at] <= 0 AND (v_full IS NULL OR v_full <> p_slot) THEN
                v_full := v_job.key_slot;
            END IF;
        END IF;
        IF v_full = p_slot THEN
            EXIT WHEN NOT p_all;
        ELSIF v_full IS NOT NULL THEN
            UPDATE held h SET slot = v_full WHERE h.seq = v_job.seq;
            PERFORM look_later(p_queue, v_full, p_now);
        ELSE
            IF v_at IS NOT NULL THEN
                v_left[v_at] := v_left[v_at] - 1;
            END IF;
            IF v_key_at IS NOT NULL THEN
                v_left[v_key_at] := v_left[v_key_at] - 1;
            END IF;
            v_go := v_go || v_job.seq;
        END IF;
        v_seen := v_seen + 1;
    END LOOP;
    -- Behind those that go: how many were judged.
    RETURN v_go || v_seen::bigint;
END $$;

-- Held jobs of one slot wait again, as many as there is room for; how many were looked at. When limits have changed
-- (p_turn is not NULL) all are judged, by and by, however full it is: it may be theirs no more.
CREATE OR REPLACE FUNCTION let_slot_go(p_queue int, p_slot text, p_turn bigint, p_seq bigint, p_max int,
    p_now bigint) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    v_room record;
    v_turns bigint[];
    v_seqs bigint[];
    v_count int;
    v_seen int;
    v_go bigint[];
BEGIN
    IF p_turn IS NULL THEN
        SELECT r.o_left, r.o_again INTO v_room FROM slot_room(p_queue, p_slot, p_now) r;
        IF v_room.o_left <= 0 THEN
            PERFORM set_look(p_queue, p_slot, v_room.o_again);
            RETURN 0;
        END IF;
    END IF;
    SELECT coalesce(array_agg(h.turn ORDER BY h.turn, h.seq), '{}'), coalesce(array_agg(h.seq ORDER BY h.turn, h.seq), '{}')
    INTO v_turns, v_seqs
    FROM (SELECT i.turn, i.seq FROM held i WHERE i.queue = p_queue AND i.slot = p_slot
            AND (i.turn, i.seq) > (coalesce(p_turn, -9223372036854775808), coalesce(p_seq, 0))
          ORDER BY i.turn, i.seq LIMIT p_max FOR UPDATE) h;
    v_count := cardinality(v_seqs);
    v_go := judge_held(p_queue, p_slot, v_seqs, p_now, p_turn IS NOT NULL);
    v_seen := v_go[cardinality(v_go)];
    v_go := v_go[1:cardinality(v_go) - 1];
    IF cardinality(v_go) > 0 THEN
        DELETE FROM held h WHERE h.seq = ANY (v_go);
        PERFORM count_jobs(p_queue, 0, p_held => -cardinality(v_go));
        PERFORM wait_again(v_go, p_now);
    END IF;
    IF p_turn IS NOT NULL THEN
        UPDATE slots s SET judged_turn = CASE WHEN v_count = p_max THEN v_turns[v_count] END,
            judged_seq = CASE WHEN v_count = p_max THEN v_seqs[v_count] END, look_at = p_now
        WHERE s.slot = p_slot AND s.queue = p_queue;
        IF v_count < p_max THEN
            PERFORM look_later(p_queue, p_slot, p_now);
        END IF;
    ELSIF v_seen < v_count THEN
        PERFORM look_later(p_queue, p_slot, p_now);
    ELSIF v_count < p_max THEN
        DELETE FROM slots s WHERE s.slot = p_slot AND s.queue = p_queue;
    ELSE
        PERFORM set_look(p_queue, p_slot, p_now);
    END IF;
    RETURN v_count;
END $$;

-- Slots of a queue that are to be looked at by now; or later than any can be, but for a clock that was wrong.
CREATE OR REPLACE FUNCTION let_held_go(p_queue int, p_now bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_slot record;
    v_latest bigint := p_now + 2 * (SELECT greatest(1000, max(l.per_ms), max(l.key_per_ms)) FROM limits l
                                    WHERE l.queue = p_queue);
    v_left int := 2000;
BEGIN
    FOR v_slot IN
        (SELECT s.slot, s.judged_turn, s.judged_seq FROM slots s WHERE s.queue = p_queue AND s.look_at <= p_now
         ORDER BY s.look_at LIMIT 500)
        UNION ALL
        (SELECT s.slot, s.judged_turn, s.judged_seq FROM slots s WHERE s.queue = p_queue AND s.look_at > v_latest
         ORDER BY s.look_at LIMIT 500)
    LOOP
        EXIT WHEN v_left <= 0;
        v_left := v_left - let_slot_go(p_queue, v_slot.slot, v_slot.judged_turn, v_slot.judged_seq,
            least(v_left, 200), p_now);
    END LOOP;
END $$;
