-- settle.sql - what became of claimed jobs: kind 0 complete, 1 failed, 2 tried again, 3 given back.

-- Slots of claims that are over have room again. The lock comes before the look: whoever holds jobs by a slot meanwhile
-- has counted those claims still.
CREATE OR REPLACE FUNCTION free_slots(p_slots text[], p_worker bigint, p_now bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_queues int[];
BEGIN
    IF array_length(array_remove(p_slots, NULL), 1) IS NULL THEN
        RETURN;
    END IF;
    PERFORM lock_limits();
    WITH freed AS (UPDATE slots s SET look_at = p_now WHERE s.slot = ANY (p_slots) RETURNING s.queue)
    SELECT array_agg(DISTINCT f.queue) INTO v_queues FROM freed f;
    IF v_queues IS NOT NULL THEN
        PERFORM wake(v_queues, p_worker);
    END IF;
END $$;

-- Claims of `p_worker` whose jobs are complete and have a result to be kept, all in one statement. Nobody else takes a
-- worker's claims while it holds its lease's row.
CREATE OR REPLACE FUNCTION settle_complete(p_worker bigint, p_now bigint, p_ids text[], p_claims bigint[],
    p_results bytea[], p_keep bigint[]) RETURNS int[] LANGUAGE plpgsql AS $$
DECLARE
    v_places int[];
    v_seqs bigint[];
    v_slots text[];
    v_count int := cardinality(p_ids);
BEGIN
    WITH own AS MATERIALIZED (
        SELECT DISTINCT ON (r.seq) r.*, g.place, g.result,
            CASE WHEN g.keep < 0 THEN 9223372036854775807
                 ELSE p_now + least(g.keep, 9223372036854775807 - p_now) END AS until
        FROM unnest(p_ids, p_claims, p_results, p_keep) WITH ORDINALITY g (id, claim, result, keep, place)
        CROSS JOIN LATERAL (SELECT i.seq FROM jobs i WHERE i.id = g.id OFFSET 0) j
        CROSS JOIN LATERAL (SELECT i.ctid AS at, i.seq, i.queue, i.slot, i.key_slot FROM running i
                            WHERE i.seq = j.seq AND i.worker = p_worker AND i.claim = g.claim OFFSET 0) r
        ORDER BY r.seq, g.place
    ), over AS (
        DELETE FROM running r WHERE r.ctid = ANY (ARRAY(SELECT o.at FROM own o))
    ), ended AS (
        UPDATE jobs j SET state = 1, aborted = false, payload = NULL, result = o.result, finished_at = p_now,
            result_until = o.until, gone_at = o.until
        FROM own o WHERE j.seq = o.seq
    ), listed AS (
        INSERT INTO gone (gone_at, seq, queue, failed) SELECT o.until, o.seq, o.queue, false FROM own o
    ), counted AS (
        INSERT INTO counts (queue, waiting, blocked, held, running, complete, failed)
        SELECT o.queue, 0, 0, 0, -count(*), count(*), 0 FROM own o GROUP BY o.queue
    )
    SELECT array_agg(o.place), array_agg(o.seq),
        array_agg(o.slot) FILTER (WHERE o.slot IS NOT NULL) || array_agg(o.key_slot) FILTER (WHERE o.key_slot IS NOT NULL)
    INTO v_places, v_seqs, v_slots FROM own o;

    IF v_slots IS NOT NULL THEN
        PERFORM free_slots(v_slots, p_worker, p_now);
    END IF;
    IF v_seqs IS NOT NULL THEN
        PERFORM note_settled(p_now, v_seqs, NULL);
    END IF;
    IF cardinality(v_places) = v_count THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY(SELECT i FROM generate_series(1, v_count) i WHERE v_places IS NULL OR i <> ALL (v_places));
END $$;

-- Ends claims of `p_worker`; the places of those that were its own no more. p_keep in ms: 0 none, -1 for ever. The
-- last seven are NULL when all are complete. Only the first of one claim counts.
CREATE OR REPLACE FUNCTION settle_jobs(p_worker bigint, p_now bigint, p_kinds int[], p_ids text[], p_claims bigint[],
    p_results bytea[], p_keep bigint[], p_defer bigint[], p_tries int[], p_crashes int[], p_alone boolean[],
    p_before boolean[], p_history text[], p_leave bigint[]) RETURNS int[] LANGUAGE plpgsql AS $$
DECLARE
    v_places int[]; -- of those that are settled, and what they are
    v_rows tid[];
    v_seqs bigint[];
    v_queues int[];
    v_slots text[];
    v_key_slots text[];
    v_at bigint[];
    v_until bigint[];
    v_given bytea[];
    v_ends int[]; -- their kind
    v_kept bigint[];
    v_dropped bigint[];
    v_count int := cardinality(p_ids);
BEGIN
    IF p_defer IS NULL AND 0 <> ALL (p_keep) THEN
        RETURN settle_complete(p_worker, p_now, p_ids, p_claims, p_results, p_keep);
    END IF;
    SELECT array_agg(g.place), array_agg(r.place), array_agg(j.seq), array_agg(r.queue), array_agg(r.slot),
        array_agg(r.key_slot), array_agg(r.claimed_at), array_agg(g.kind), array_agg(g.result),
        array_agg(CASE WHEN g.keep < 0 THEN 9223372036854775807 WHEN g.keep = 0 THEN 0
                       ELSE p_now + least(g.keep, 9223372036854775807 - p_now) END)
    INTO v_places, v_rows, v_seqs, v_queues, v_slots, v_key_slots, v_at, v_ends, v_given, v_until
    FROM (SELECT DISTINCT ON (u.id, u.claim) u.*
          FROM unnest(p_kinds, p_ids, p_claims, p_results, p_keep) WITH ORDINALITY u (kind, id, claim, result, keep, place)
          ORDER BY u.id, u.claim, u.place) g
    CROSS JOIN LATERAL (SELECT i.seq FROM jobs i WHERE i.id = g.id OFFSET 0) j
    CROSS JOIN LATERAL (SELECT i.ctid AS place, i.* FROM running i
                        WHERE i.seq = j.seq AND i.worker = p_worker AND i.claim = g.claim OFFSET 0) r;

    IF v_places IS NULL THEN
        RETURN ARRAY(SELECT generate_series(1, v_count));
    END IF;
    DELETE FROM running r WHERE r.ctid = ANY (v_rows);
    v_kept := ARRAY(SELECT e.seq FROM unnest(v_seqs, v_ends, v_until) e (seq, kind, until)
                    WHERE e.kind = 1 OR (e.kind = 0 AND e.until > 0));
    IF cardinality(v_kept) > 0 THEN
        WITH ended AS (
            UPDATE jobs j SET state = e.kind + 1, aborted = false, payload = CASE WHEN e.kind = 1 THEN j.payload END,
                result = e.result, finished_at = p_now, result_until = e.until,
                gone_at = CASE WHEN e.kind = 1 THEN greatest(e.until, p_now + dead_keep_ms()) ELSE e.until END
            FROM unnest(v_seqs, v_ends, v_given, v_until) e (seq, kind, result, until)
            WHERE j.seq = ANY (v_kept) AND j.seq = e.seq
            RETURNING j.gone_at, j.seq, j.queue, j.state
        )
        INSERT INTO gone (gone_at, seq, queue, failed) SELECT d.gone_at, d.seq, d.queue, d.state = 2 FROM ended d;
    END IF;
    v_dropped := ARRAY(SELECT e.seq FROM unnest(v_seqs, v_ends, v_until) e (seq, kind, until)
                       WHERE e.kind = 0 AND e.until = 0);
    IF cardinality(v_dropped) > 0 THEN
        DELETE FROM jobs j WHERE j.seq = ANY (v_dropped);
        DELETE FROM reports r WHERE r.seq = ANY (v_dropped);
    END IF;
    PERFORM count_jobs(g.queue, g.waiting, -g.n, g.complete, g.failed)
    FROM (SELECT s.queue, count(*) AS n, count(*) FILTER (WHERE p_kinds[s.place] IN (2, 3)) AS waiting,
              count(*) FILTER (WHERE p_kinds[s.place] = 0 AND p_keep[s.place] <> 0) AS complete,
              count(*) FILTER (WHERE p_kinds[s.place] = 1) AS failed
          FROM unnest(v_places, v_queues) s (place, queue) GROUP BY s.queue ORDER BY s.queue) g;
    PERFORM free_slots(v_slots || v_key_slots, p_worker, p_now);
    PERFORM note_settled(p_now, array_agg(s.seq), array_agg(CASE WHEN p_kinds[s.place] = 1 THEN p_ids[s.place] END))
    FROM unnest(v_places, v_seqs) s (place, seq) WHERE p_kinds[s.place] IN (0, 1)
    HAVING count(*) > 0;
    IF p_defer IS NOT NULL THEN
        IF EXISTS (SELECT FROM starts) THEN
            PERFORM unstart(v_places, v_seqs, v_at, v_slots, v_key_slots, p_kinds, p_claims, p_before);
        END IF;
        PERFORM return_jobs(p_worker, p_now, v_places, v_seqs, p_kinds, p_defer, p_tries, p_crashes, p_alone,
            p_before, p_history, p_leave);
    END IF;
    IF cardinality(v_places) = v_count THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY(SELECT i FROM generate_series(1, v_count) i WHERE i <> ALL (v_places));
END $$;

-- The starts of those that were given back unstarted are not counted.
CREATE OR REPLACE FUNCTION unstart(p_places int[], p_seqs bigint[], p_at bigint[], p_slots text[], p_key_slots text[],
    p_kinds int[], p_claims bigint[], p_before boolean[]) RETURNS void LANGUAGE sql VOLATILE AS $$
    DELETE FROM starts t
    USING unnest(p_places, p_seqs, p_at, p_slots, p_key_slots) s (place, seq, at, slot, key_slot)
    WHERE p_kinds[s.place] = 3 AND NOT p_before[s.place] AND t.slot IN (s.slot, s.key_slot) AND t.at = s.at
      AND t.seq = s.seq AND t.claim = p_claims[s.place]
$$;

-- Who is to be told of jobs that have ended: those that wait for them, and clients. p_failed are the ids of those that
-- have failed; NULL: none has.
CREATE OR REPLACE FUNCTION note_settled(p_now bigint, p_seqs bigint[], p_failed text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_waited boolean;
    v_watched boolean;
BEGIN
    SELECT EXISTS (SELECT FROM after), EXISTS (SELECT FROM watchers w WHERE w.until > p_now) INTO v_waited, v_watched;
    IF v_waited THEN
        PERFORM note_ended(array_agg(s.seq), array_agg('a job that it was to wait for has failed: ' || s.failed))
        FROM unnest(p_seqs, p_failed) s (seq, failed);
    END IF;
    IF v_watched THEN
        PERFORM tell_done(p_now);
    END IF;
END $$;

-- Of those that were settled, the ones that are tried again or given back wait again.
CREATE OR REPLACE FUNCTION return_jobs(p_worker bigint, p_now bigint, p_places int[], p_seqs bigint[], p_kinds int[],
    p_defer bigint[], p_tries int[], p_crashes int[], p_alone boolean[], p_before boolean[],
    p_history text[], p_leave bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_back bigint[];
BEGIN
    UPDATE jobs j SET history = add_history(j.history, p_history[s.place])
    FROM unnest(p_places, p_seqs) s (place, seq)
    WHERE j.seq = ANY (p_seqs) AND j.seq = s.seq AND p_history[s.place] IS NOT NULL;
    UPDATE jobs j SET
        due_at = CASE WHEN j.aborted THEN p_now ELSE p_now + p_defer[s.place] END,
        tries = j.tries + p_tries[s.place], crashes = j.crashes + p_crashes[s.place], alone = p_alone[s.place],
        claimed_before = 1
    FROM unnest(p_places, p_seqs) s (place, seq) WHERE j.seq = ANY (p_seqs) AND j.seq = s.seq
      AND p_kinds[s.place] = 2;
    UPDATE jobs j SET
        claimed_before = CASE WHEN p_before[s.place] THEN 1 ELSE j.claimed_before END,
        due_at = CASE WHEN j.aborted THEN least(j.due_at, p_now)
                      WHEN p_leave[s.place] > 0 THEN greatest(j.due_at, p_now + p_leave[s.place]) ELSE j.due_at END
    FROM unnest(p_places, p_seqs) s (place, seq) WHERE j.seq = ANY (p_seqs) AND j.seq = s.seq
      AND p_kinds[s.place] = 3;
    v_back := ARRAY(SELECT s.seq FROM unnest(p_places, p_seqs) s (place, seq) WHERE p_kinds[s.place] IN (2, 3)
                    ORDER BY s.seq);
    IF cardinality(v_back) > 0 THEN
        PERFORM wait_again(v_back, p_now);
        PERFORM wake(array_agg(DISTINCT j.queue), p_worker) FROM jobs j WHERE j.seq = ANY (v_back);
    END IF;
END $$;

-- BQ_DEAD_KEEP_MS
CREATE OR REPLACE FUNCTION dead_keep_ms() RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT 604800000::bigint $$;
