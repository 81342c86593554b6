#include "broker/report.h"

#include "broker/sqlite/exchange.h"

/* The job of a claim that is still this worker's; `*seq` 0: it is not. */
static enum barq_status find_claim(struct queue_tx *tx, int64_t worker,
                                   const struct bq_report *report, int64_t *seq)
{
    const struct barq_scalar params[] = {barq_sql_text(report->id), barq_sql_int(worker),
                                         barq_sql_int(report->claim)};

    return bq_db_query_int(tx->db,
                           "SELECT r.seq FROM barq_jobs j CROSS JOIN barq_running r"
                           " ON r.seq = j.seq WHERE j.id = ?1 AND r.worker = ?2 AND r.claim = ?3",
                           params, 3, 0, seq, tx->err);
}

static enum barq_status write_progress(struct queue_tx *tx, int64_t seq,
                                       const struct bq_report *report)
{
    bool noted = report->note && report->note[0] != '\0';

    tx->finished = true;
    return bq_tx_exec(tx,
                      "INSERT INTO barq_reports (seq, done, total, note, at)"
                      " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (seq) DO UPDATE"
                      " SET done = ?2, total = ?3, note = ?4, at = ?5",
                      barq_sql_int(seq), barq_sql_int(report->done), barq_sql_int(report->total),
                      noted ? barq_sql_text(report->note) : barq_sql_null(),
                      barq_sql_int(tx->now_ms));
}

static enum barq_status write_log(struct queue_tx *tx, int64_t seq, const struct bq_report *report)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bq_auto(buf) struct bq_buf log;
    bool more = false;

    bq_buf_init(&log, BQ_JOB_LOG_MAX_BYTES + 1);
    enum barq_status status =
        bq_tx_query(tx, &rows, "SELECT log FROM barq_reports WHERE seq = ?1", barq_sql_int(seq));
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, tx->err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    bq_report_log(&log, more ? bq_rows_text(rows, 0) : NULL, report->log, report->log_bytes);
    const char *text = bq_buf_cstr(&log);
    if (!text) {
        return bq_fail(tx->err, BARQ_ERR_NOMEM, "sqlite: no memory for a job's log");
    }
    bq_rows_close(bq_take(rows));
    return bq_tx_exec(tx,
                      "INSERT INTO barq_reports (seq, log) VALUES (?1, ?2)"
                      " ON CONFLICT (seq) DO UPDATE SET log = ?2",
                      barq_sql_int(seq), barq_sql_text(text));
}

enum barq_status bq_tx_report(struct queue_tx *tx, int64_t worker, const struct bq_report *report)
{
    int64_t seq = 0;

    enum barq_status status = find_claim(tx, worker, report, &seq);
    if (status == BARQ_OK && seq != 0 && report->progress) {
        status = write_progress(tx, seq, report);
    }
    if (status == BARQ_OK && seq != 0 && report->log_bytes > 0) {
        status = write_log(tx, seq, report);
    }
    return status;
}
