#include "broker/history.h"
#include "broker/sqlite/limits.h"
#include "broker/sqlite/tables.h"
#include "broker/sqlite/tx.h"

/* `*taken` says whether it is in; if not, its id is there already, in whatever state. */
static enum barq_status insert(struct queue_tx *tx, const struct bq_job *job, int64_t queue,
                               bool *taken)
{
    enum barq_status status = bq_tx_exec(
        tx,
        "INSERT INTO barq_jobs (id, queue, due_at, enqueued_at, expires_at, claimed_before,"
        " payload, function, key, priority) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
        " ON CONFLICT (id) DO NOTHING",
        barq_sql_text(job->id), barq_sql_int(queue), barq_sql_int(job->due_at_ms),
        barq_sql_int(job->enqueued_at_ms), barq_sql_int(job->expires_at_ms),
        barq_sql_int(job->uncertain ? BEFORE_UNCERTAIN : BEFORE_NEVER),
        barq_sql_bytes(job->payload, job->payload_bytes),
        barq_sql_text(job->function ? job->function : ""), barq_sql_text(job->key),
        barq_sql_int(job->priority));
    if (status != BARQ_OK) {
        return status;
    }
    *taken = bq_db_changes(tx->db) > 0;
    if (!*taken) {
        return BARQ_OK;
    }

    if (job->n_after > 0) {
        int64_t seq = 0;

        status = bq_db_query_int(tx->db, "SELECT last_insert_rowid()", NULL, 0, 0, &seq, tx->err);
        return status == BARQ_OK ? bq_tx_wait_for(tx, job, queue, seq) : status;
    }
    tx->woke = true;
    status =
        bq_tx_exec(tx,
                   "INSERT INTO barq_waiting (queue, lost, priority, due_at, seq)"
                   " VALUES (?1, 0, ?2, ?3, last_insert_rowid())",
                   barq_sql_int(queue), barq_sql_int(job->priority), barq_sql_int(job->due_at_ms));
    if (status != BARQ_OK) {
        return status;
    }
    return bq_tx_count(tx, &(struct queue_counts){.queue = queue, .waiting = 1});
}

/* Runs a statement that deletes finished jobs and returns the queue and state of each. */
static enum barq_status delete_finished(struct queue_tx *tx, const char *sql,
                                        const struct barq_scalar *params, size_t n_params,
                                        bool *some)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    enum barq_status status = bq_db_query(tx->db, sql, params, n_params, &rows, tx->err);
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, tx->err);
    }
    *some = more;
    while (status == BARQ_OK && more) {
        bool failed = bq_rows_int(rows, 1) == JOB_FAILED;
        struct queue_counts gone = {
            .queue = bq_rows_int(rows, 0), .complete = failed ? 0 : -1, .failed = failed ? -1 : 0};

        status = bq_tx_count(tx, &gone);
        if (status == BARQ_OK) {
            status = bq_rows_next(rows, &more, tx->err);
        }
    }
    return status;
}

enum barq_status bq_tx_enqueue(struct queue_tx *tx, struct bq_enqueue *enqueue)
{
    const struct bq_job *job = &enqueue->job;
    int64_t queue = 0;
    bool taken = false;
    bool outlived = false;

    enum barq_status status = bq_tx_queue(tx, job->queue, &queue);
    if (status == BARQ_OK) {
        status = insert(tx, job, queue, &taken);
    }
    if (status == BARQ_OK && !taken) {
        /* A finished job without a result to be seen does not stand in the way. */
        const struct barq_scalar params[] = {barq_sql_text(job->id), barq_sql_int(tx->now_ms)};

        status = delete_finished(tx,
                                 "DELETE FROM barq_jobs WHERE id = ?1 AND state <> 0"
                                 " AND result_until <= ?2 RETURNING queue, state",
                                 params, 2, &outlived);
    }
    if (status == BARQ_OK && outlived) {
        status = insert(tx, job, queue, &taken);
    }
    enqueue->exists = !taken;
    return status;
}

enum barq_status bq_tx_wait(struct queue_tx *tx, int64_t queue, int64_t seq)
{
    tx->woke = true;
    enum barq_status status =
        bq_tx_exec(tx,
                   "INSERT INTO barq_waiting (queue, lost, priority, due_at, seq)"
                   " SELECT queue, losses > 0 OR alone, priority, due_at, seq FROM barq_jobs"
                   " WHERE seq = ?1",
                   barq_sql_int(seq));
    if (status != BARQ_OK) {
        return status;
    }
    return bq_tx_count(tx, &(struct queue_counts){.queue = queue, .waiting = 1});
}

enum barq_status bq_tx_add_history(struct queue_tx *tx, int64_t seq, const char *entry)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bq_auto(buf) struct bq_buf list;
    bool more = false;

    bq_buf_init(&list, BQ_HISTORY_MAX_BYTES + 1);
    enum barq_status status =
        bq_tx_query(tx, &rows, "SELECT history FROM barq_jobs WHERE seq = ?1", barq_sql_int(seq));
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, tx->err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    bq_history_add(&list, more ? bq_rows_text(rows, 0) : NULL, entry);
    const char *text = bq_buf_cstr(&list);
    if (!text) {
        return bq_fail(tx->err, BARQ_ERR_NOMEM, "sqlite: no memory for a job's history");
    }
    bq_rows_close(bq_take(rows));
    return bq_tx_exec(tx, "UPDATE barq_jobs SET history = ?2 WHERE seq = ?1", barq_sql_int(seq),
                      barq_sql_text(text));
}

static enum barq_status lose_job(struct queue_tx *tx, int64_t queue, int64_t seq)
{
    char entry[BQ_HISTORY_LOST_BYTES];

    bq_history_lost(tx->now_ms, entry);
    enum barq_status status = bq_tx_add_history(tx, seq, entry);
    if (status == BARQ_OK) {
        status = bq_tx_exec(tx,
                            "UPDATE barq_jobs SET losses = losses + 1, alone = 1,"
                            " claimed_before = 1 WHERE seq = ?1",
                            barq_sql_int(seq));
    }
    if (status == BARQ_OK) {
        status = bq_tx_wait(tx, queue, seq);
    }
    if (status == BARQ_OK) {
        status = bq_tx_count(tx, &(struct queue_counts){.queue = queue, .running = -1});
    }
    return status;
}

enum barq_status bq_tx_lose(struct queue_tx *tx, int64_t worker)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    enum barq_status status =
        bq_tx_query(tx, &rows,
                    "SELECT r.seq, j.queue FROM barq_running r CROSS JOIN barq_jobs j"
                    " ON j.seq = r.seq WHERE r.worker = ?1",
                    barq_sql_int(worker));
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, tx->err);
    }
    while (status == BARQ_OK && more) {
        status = lose_job(tx, bq_rows_int(rows, 1), bq_rows_int(rows, 0));
        if (status == BARQ_OK) {
            status = bq_rows_next(rows, &more, tx->err);
        }
    }
    if (status != BARQ_OK) {
        return status;
    }
    status = bq_tx_free_worker(tx, worker);
    if (status != BARQ_OK) {
        return status;
    }
    return bq_tx_exec(tx, "DELETE FROM barq_running WHERE worker = ?1", barq_sql_int(worker));
}

enum barq_status bq_tx_prune(struct queue_tx *tx, int64_t max)
{
    const struct barq_scalar params[] = {barq_sql_int(tx->now_ms), barq_sql_int(max)};
    int64_t gone = 0;
    bool some;

    /* Mostly there are none, and to delete none is six times as slow as to look. */
    enum barq_status status =
        bq_db_query_int(tx->db, "SELECT 1 FROM barq_jobs WHERE gone_at <= ?1 LIMIT 1", params, 1, 0,
                        &gone, tx->err);
    if (status != BARQ_OK || !gone) {
        return status;
    }
    return delete_finished(tx,
                           "DELETE FROM barq_jobs WHERE seq IN (SELECT seq FROM barq_jobs"
                           " WHERE gone_at <= ?1 ORDER BY gone_at LIMIT ?2)"
                           " RETURNING queue, state",
                           params, 2, &some);
}
