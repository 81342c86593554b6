-- full.sql - how full limits are, for whoever looks.

-- What runs counts wherever it is from; what is held, in its own queue. Slots of a key are behind their limit's name and
-- a newline, so that they are found in the indexes.
CREATE OR REPLACE FUNCTION list_limits(p_queue text, p_keys_max int, p_max int)
RETURNS TABLE (queue text, function text, name text, each_key boolean, key text, max_running int, max_starts int,
    per_ms bigint, running bigint, held bigint)
LANGUAGE sql STABLE
SET search_path = @schema@, pg_temp
AS $$
    WITH rules AS (
        SELECT l.queue, q.name AS q, l.function COLLATE "C" AS function, l.slot AS name, false AS each_key,
            l.max_running, l.max_starts, l.per_ms
        FROM limits l JOIN queues q ON q.queue = l.queue
        WHERE l.slot IS NOT NULL AND (p_queue IS NULL OR q.name = p_queue)
        UNION ALL
        SELECT l.queue, q.name, l.function COLLATE "C", l.key_slot, true, l.key_max_running, l.key_max_starts,
            l.key_per_ms
        FROM limits l JOIN queues q ON q.queue = l.queue
        WHERE l.key_slot IS NOT NULL AND (p_queue IS NULL OR q.name = p_queue)
    ), used AS (
        SELECT r.key_slot AS slot FROM running r WHERE r.key_slot IS NOT NULL
        UNION SELECT s.slot FROM slots s
    ), keys AS (
        SELECT r.*, u.slot, (SELECT count(*) FROM running n WHERE n.key_slot = u.slot) AS running,
            (SELECT count(*) FROM held h WHERE h.queue = r.queue AND h.slot = u.slot) AS held
        FROM rules r JOIN used u ON u.slot > r.name || chr(10) AND u.slot < r.name || chr(11)
        WHERE r.each_key
    ), ranked AS (
        SELECT k.*, row_number() OVER (PARTITION BY k.queue, k.function
            ORDER BY k.held DESC, k.running DESC, k.slot) AS nth
        FROM keys k WHERE k.running > 0 OR k.held > 0
    ), all_rows AS (
        SELECT r.q, r.function, r.name, r.each_key, NULL::text AS key, r.max_running, r.max_starts, r.per_ms,
            CASE WHEN r.each_key THEN (SELECT count(*) FROM running n
                    WHERE n.key_slot > r.name || chr(10) AND n.key_slot < r.name || chr(11))
                ELSE (SELECT count(*) FROM running n WHERE n.slot = r.name) END AS running,
            CASE WHEN r.each_key THEN (SELECT count(*) FROM held h WHERE h.queue = r.queue
                    AND h.slot > r.name || chr(10) AND h.slot < r.name || chr(11))
                ELSE (SELECT count(*) FROM held h WHERE h.queue = r.queue AND h.slot = r.name) END AS held,
            0::bigint AS nth
        FROM rules r
        UNION ALL
        SELECT k.q, k.function, k.name, true, substr(k.slot, length(k.name) + 2), k.max_running, k.max_starts, k.per_ms,
            k.running, k.held, k.nth
        FROM ranked k WHERE k.nth <= p_keys_max
    )
    SELECT a.q, a.function, a.name, a.each_key, a.key, a.max_running, a.max_starts, a.per_ms, a.running, a.held
    FROM all_rows a ORDER BY a.q, a.function, a.each_key, a.nth LIMIT p_max
$$;
