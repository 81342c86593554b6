-- floor.sql - where an index that is eaten from its beginning begins to have rows that live.
--
-- What is deleted stays in an index until it is vacuumed, and as long as any transaction in the server is older: a look
-- from the beginning would go past all of it. So looks begin at a floor, below which everything is dead: p_what 1 is by
-- turn in ready, 2 by due_at in deferred, 3 (of queue 0) by gone_at in gone. Whoever brings in a job whose turn is below
-- the floor gives it a class of its own (ready.class 1), which is looked at whole, and first. Whoever read an older floor
-- meanwhile, and commits late, is found by a look from the beginning, which is made each second, or, when that takes long,
-- for a twentieth of the time.

-- From where to look; o_full: from the beginning, since it is time for that.
CREATE OR REPLACE FUNCTION floor_of(p_what int, p_queue int, p_now bigint, OUT o_floor bigint, OUT o_full boolean)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_row record;
BEGIN
    SELECT f.floor, f.full_at INTO v_row FROM floors f WHERE f.what = p_what AND f.queue = p_queue;
    o_full := NOT FOUND OR v_row.full_at <= p_now OR v_row.full_at > p_now + 60000;
    o_floor := CASE WHEN o_full THEN -9223372036854775808 ELSE v_row.floor END;
END $$;

-- Is it time to raise a floor, which was raised at p_at, when p_first is the first that lives?
CREATE OR REPLACE FUNCTION is_to_rise(p_floor bigint, p_at bigint, p_first bigint, p_now bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$ SELECT p_at < p_now - 100 AND p_floor < least(p_first, p_now - 500) - 50 $$;

-- p_first is the first that lives, as a look from floor_of() found it that began at p_began; NULL: it found none. What is
-- just being brought in is spared. A row that somebody else is just changing is left to him: an INSERT, whatever it does
-- ON CONFLICT, would wait for the end of his transaction, which may be one of an application's, and long.
CREATE OR REPLACE FUNCTION raise_floor(p_what int, p_queue int, p_first bigint, p_full boolean, p_now bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_floor bigint := least(p_first, p_now - 500);
    v_took bigint;
BEGIN
    IF NOT p_full AND NOT EXISTS (SELECT FROM floors f WHERE f.what = p_what AND f.queue = p_queue
                                  AND is_to_rise(f.floor, f.at, p_first, p_now)) THEN
        RETURN;
    END IF;
    v_took := CASE WHEN p_full THEN least(now_ms() - p_now, 2000) ELSE 0 END;
    PERFORM FROM floors f WHERE f.what = p_what AND f.queue = p_queue FOR UPDATE SKIP LOCKED;
    IF FOUND THEN
        UPDATE floors f SET floor = v_floor, at = p_now,
            full_at = CASE WHEN p_full THEN p_now + greatest(1000, 20 * v_took) ELSE f.full_at END
        WHERE f.what = p_what AND f.queue = p_queue;
    ELSIF p_full AND NOT EXISTS (SELECT FROM floors f WHERE f.what = p_what AND f.queue = p_queue) THEN
        INSERT INTO floors (what, queue, floor, at, full_at)
        VALUES (p_what, p_queue, v_floor, p_now, p_now + greatest(1000, 20 * v_took)) ON CONFLICT DO NOTHING;
    END IF;
END $$;

-- Where in ready a job belongs; p_floor is that of its queue, NULL: it has none yet. (The planner puts this in its
-- caller's place, as it would not with a SELECT of its own.)
CREATE OR REPLACE FUNCTION class_of(p_lost boolean, p_floor bigint, p_turn bigint) RETURNS int LANGUAGE sql IMMUTABLE
AS $$ SELECT CASE WHEN p_lost THEN 0 WHEN p_turn < p_floor THEN 1 ELSE 2 END $$;
