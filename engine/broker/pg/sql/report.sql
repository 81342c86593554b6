-- report.sql - how running jobs are doing. p_done[i] NULL: no progress; p_logs[i] NULL: no lines.
CREATE OR REPLACE FUNCTION report_jobs(p_worker bigint, p_ids text[], p_claims bigint[], p_done bigint[], p_total bigint[],
    p_notes text[], p_logs text[], p_now bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_job record;
BEGIN
    FOR v_job IN
        SELECT r.seq, u.done, u.total, u.note, u.log
        FROM unnest(p_ids, p_claims, p_done, p_total, p_notes, p_logs) u (id, claim, done, total, note, log)
        CROSS JOIN LATERAL (SELECT * FROM jobs i WHERE i.id = u.id OFFSET 0) j
        CROSS JOIN LATERAL (SELECT * FROM running i WHERE i.seq = j.seq OFFSET 0) r
        WHERE r.worker = p_worker AND r.claim = u.claim
        ORDER BY r.seq
    LOOP
        INSERT INTO reports (seq) VALUES (v_job.seq) ON CONFLICT DO NOTHING;
        IF v_job.done IS NOT NULL THEN
            UPDATE reports p SET done = v_job.done, total = v_job.total, note = v_job.note, at = p_now
            WHERE p.seq = v_job.seq;
            PERFORM tell_done(p_now);
        END IF;
        IF v_job.log IS NOT NULL THEN
            UPDATE reports p SET log = add_log(p.log, v_job.log) WHERE p.seq = v_job.seq;
        END IF;
    END LOOP;
END $$;
