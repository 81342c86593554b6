-- look.sql - what clients see. Statuses are those of enum barq_job_status: 1 deferred, 2 queued, 3 in progress,
-- 4 complete, 5 failed.

CREATE OR REPLACE FUNCTION status_of(p_state int, p_running boolean, p_seq bigint, p_due bigint, p_now bigint) RETURNS int
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_state = 2 THEN 5 WHEN p_state = 1 THEN 4 WHEN p_running THEN 3
        WHEN EXISTS (SELECT FROM after a WHERE a.waiter = p_seq) THEN 1 WHEN p_due <= p_now THEN 2 ELSE 1 END
$$;

-- Jobs, by their numbers, as they are shown. What is larger than p_payload_max is no job.
CREATE OR REPLACE FUNCTION show_jobs(p_seqs bigint[], p_payload_max int, p_log boolean, p_now bigint)
RETURNS TABLE (seq bigint, status int, id text, queue text, payload bytea, enqueued_at bigint, due_at bigint,
    expires_at bigint, uncertain boolean, tries int, losses int, crashes int, claimed_at bigint, finished_at bigint,
    result bytea, history text, function text, key text, priority int, done bigint, total bigint, note text,
    progress_at bigint, log text, waits_for bigint, worker text)
LANGUAGE sql STABLE AS $$
    SELECT j.seq, status_of(j.state, r.seq IS NOT NULL, j.seq, j.due_at, p_now), j.id, q.name,
        CASE WHEN octet_length(j.payload) <= p_payload_max THEN j.payload END, j.enqueued_at, j.due_at, j.expires_at,
        j.claimed_before = 2, j.tries, j.losses, j.crashes, r.claimed_at, j.finished_at,
        CASE WHEN j.result_until > p_now THEN j.result END, j.history, j.function, j.key, j.priority::int,
        p.done, p.total, p.note, p.at, CASE WHEN p_log THEN p.log END,
        (SELECT count(*) FROM after a WHERE a.waiter = j.seq),
        (SELECT w.name FROM workers w WHERE w.worker = r.worker)
    FROM unnest(p_seqs) WITH ORDINALITY s (seq, place)
    CROSS JOIN LATERAL (SELECT * FROM jobs i WHERE i.seq = s.seq OFFSET 0) j
    CROSS JOIN LATERAL (SELECT * FROM queues i WHERE i.queue = j.queue OFFSET 0) q
    LEFT JOIN LATERAL (SELECT * FROM running i WHERE i.seq = s.seq OFFSET 0) r ON true
    LEFT JOIN LATERAL (SELECT * FROM reports i WHERE i.seq = s.seq OFFSET 0) p ON true
    ORDER BY s.place
$$;

CREATE OR REPLACE FUNCTION find(p_id text, p_payload_max int)
RETURNS TABLE (seq bigint, status int, id text, queue text, payload bytea, enqueued_at bigint, due_at bigint,
    expires_at bigint, uncertain boolean, tries int, losses int, crashes int, claimed_at bigint, finished_at bigint,
    result bytea, history text, function text, key text, priority int, done bigint, total bigint, note text,
    progress_at bigint, log text, waits_for bigint, worker text)
LANGUAGE sql STABLE
SET search_path = @schema@, pg_temp
@plan@
AS $$
    SELECT s.* FROM show_jobs(ARRAY(SELECT j.seq FROM jobs j
        WHERE j.id = p_id AND (j.gone_at IS NULL OR j.gone_at > now_ms())), p_payload_max, true, now_ms()) s
$$;

-- A page of a list: p_limit jobs behind number p_after. Those that run, and those that failed, are few among many, and
-- have tables of their own.
CREATE OR REPLACE FUNCTION list(p_queue text, p_status int, p_after bigint, p_limit int, p_payload_max int)
RETURNS TABLE (seq bigint, status int, id text, queue text, payload bytea, enqueued_at bigint, due_at bigint,
    expires_at bigint, uncertain boolean, tries int, losses int, crashes int, claimed_at bigint, finished_at bigint,
    result bytea, history text, function text, key text, priority int, done bigint, total bigint, note text,
    progress_at bigint, log text, waits_for bigint, worker text)
LANGUAGE plpgsql STABLE
SET search_path = @schema@, pg_temp
@plan@
AS $$
DECLARE
    v_now bigint := now_ms();
    v_queue int := (SELECT q.queue FROM queues q WHERE q.name = p_queue);
    v_seqs bigint[];
BEGIN
    IF p_queue IS NOT NULL AND v_queue IS NULL THEN
        RETURN;
    ELSIF p_status = 5 THEN
        v_seqs := ARRAY(SELECT g.seq FROM gone g
            WHERE g.failed AND g.seq > p_after AND g.gone_at > v_now AND (v_queue IS NULL OR g.queue = v_queue)
            ORDER BY g.seq LIMIT p_limit);
    ELSIF p_status = 3 THEN
        v_seqs := ARRAY(SELECT r.seq FROM running r WHERE r.seq > p_after AND (v_queue IS NULL OR r.queue = v_queue)
            ORDER BY r.seq LIMIT p_limit);
    ELSE
        v_seqs := ARRAY(SELECT j.seq FROM jobs j
            WHERE j.seq > p_after AND (j.gone_at IS NULL OR j.gone_at > v_now) AND (v_queue IS NULL OR j.queue = v_queue)
              AND (p_status = -1 OR p_status = status_of(j.state,
                  (SELECT r.seq FROM running r WHERE r.seq = j.seq) IS NOT NULL, j.seq, j.due_at, v_now))
            ORDER BY j.seq LIMIT p_limit);
    END IF;
    RETURN QUERY SELECT s.* FROM show_jobs(v_seqs, p_payload_max, false, v_now) s;
END $$;

CREATE OR REPLACE FUNCTION stats()
RETURNS TABLE (name text, queued bigint, deferred bigint, in_progress bigint, complete bigint, failed bigint,
    held bigint, paused boolean)
LANGUAGE plpgsql STABLE
SET search_path = @schema@, pg_temp
@plan@
AS $$
DECLARE
    v_now bigint := now_ms();
BEGIN
    RETURN QUERY
    SELECT q.name, coalesce(c.waiting, 0) - d.n, d.n, coalesce(c.running, 0),
        coalesce(c.complete, 0) - g.complete, coalesce(c.failed, 0) - g.failed, coalesce(c.held, 0), q.paused
    FROM queues q
    LEFT JOIN (
        SELECT s.queue, sum(s.waiting)::bigint AS waiting, sum(s.blocked)::bigint AS blocked, sum(s.held)::bigint AS held,
            sum(s.running)::bigint AS running, sum(s.complete)::bigint AS complete, sum(s.failed)::bigint AS failed
        FROM counts s GROUP BY s.queue) c ON c.queue = q.queue
    CROSS JOIN LATERAL (
        SELECT (SELECT count(*) FROM deferred e WHERE e.queue = q.queue AND e.due_at > v_now)
            + coalesce(c.blocked, 0) AS n) d
    -- Past their time, and not deleted yet.
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE NOT o.failed) AS complete, count(*) FILTER (WHERE o.failed) AS failed
        FROM gone o WHERE o.gone_at <= v_now AND o.queue = q.queue) g
    ORDER BY q.queue;
END $$;

CREATE OR REPLACE FUNCTION list_workers()
RETURNS TABLE (name text, queues text, started_at bigint, seen_at bigint, lease_until bigint, executors bigint,
    threads bigint, running bigint, complete bigint, failed bigint, retried bigint, tally text)
LANGUAGE sql STABLE
SET search_path = @schema@, pg_temp
AS $$
    SELECT w.name, w.queues_text, w.started_at, w.seen_at, w.lease_until, w.executors, w.threads, w.running, w.complete,
        w.failed, w.retried, w.tally
    FROM workers w WHERE w.lease_until > now_ms() ORDER BY w.started_at, w.worker
$$;

CREATE OR REPLACE FUNCTION list_crons()
RETURNS TABLE (queue text, name text, function text, schedule text, time_zone text, last_at bigint, next_at bigint)
LANGUAGE sql STABLE
SET search_path = @schema@, pg_temp
AS $$
    SELECT q.name, c.name, c.function, c.schedule, c.time_zone, c.last_at, c.next_at
    FROM crons c JOIN queues q ON q.queue = c.queue ORDER BY q.name, c.name
$$;
