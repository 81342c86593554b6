#include "broker/reply.h"
#include "broker/sqlite/broker.h"
#include "broker/sqlite/limits.h"
#include "broker/sqlite/tables.h"

enum barq_status bq_queue_enqueue(struct bq_broker *broker, struct bq_enqueue *jobs, size_t count,
                                  int64_t timeout_ms, struct barq_error *err)
{
    struct sqlite_broker *self = bq_sqlite_broker_of(broker);
    struct queue_tx tx;

    enum barq_status status = bq_client_begin(self, &tx, BQ_DB_WRITE, timeout_ms, err);
    if (status != BARQ_OK) {
        return status;
    }
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        status = bq_tx_enqueue(&tx, &jobs[i]);
    }
    return bq_client_end(self, &tx, status);
}

/* A job as changes look at it. */
struct job_row {
    int64_t seq; /* 0: there is none, or it is past its time */
    int64_t queue;
    int state;
    bool running;
};

/* What is done to the row of `wanted->id`; of an id alone, the rest is empty. */
typedef enum barq_status row_change(struct queue_tx *tx, const struct job_row *row,
                                    const struct bq_job *wanted);

static enum barq_status find_row(struct queue_tx *tx, const char *id, struct job_row *out)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    *out = (struct job_row){0};
    enum barq_status status =
        bq_tx_query(tx, &rows,
                    "SELECT j.seq, j.queue, j.state, r.seq IS NOT NULL FROM barq_jobs j"
                    " LEFT JOIN barq_running r ON r.seq = j.seq"
                    " WHERE j.id = ?1 AND (j.gone_at IS NULL OR j.gone_at > ?2)",
                    barq_sql_text(id), barq_sql_int(tx->now_ms));
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, tx->err);
    }
    if (status == BARQ_OK && more) {
        *out = (struct job_row){.seq = bq_rows_int(rows, 0),
                                .queue = bq_rows_int(rows, 1),
                                .state = (int)bq_rows_int(rows, 2),
                                .running = bq_rows_int(rows, 3) != 0};
    }
    return status;
}

/* Takes a waiting job out of wherever it waits. */
static enum barq_status stop_waiting(struct queue_tx *tx, const struct job_row *job)
{
    enum barq_status status = bq_tx_wait_no_more(tx, job->queue, job->seq);
    if (status == BARQ_OK) {
        status = bq_tx_hold_no_more(tx, job->queue, job->seq);
    }
    if (status != BARQ_OK) {
        return status;
    }
    status = bq_tx_exec(tx,
                        "DELETE FROM barq_waiting WHERE (queue, lost, priority, due_at, seq) IN"
                        " (SELECT queue, losses > 0 OR alone, priority, due_at, seq FROM barq_jobs"
                        " WHERE seq = ?1)",
                        barq_sql_int(job->seq));
    if (status != BARQ_OK) {
        return status;
    }
    return bq_tx_count(tx, &(struct queue_counts){.queue = job->queue, .waiting = -1});
}

static enum barq_status abort_row(struct queue_tx *tx, const struct job_row *job,
                                  const struct bq_job *wanted)
{
    enum barq_status status = BARQ_OK;
    (void)wanted;

    if (job->seq == 0 || job->state != JOB_UNFINISHED) {
        return bq_fail(tx->err, BARQ_ERR_NOTFOUND, "sqlite: no such job waits or runs");
    }
    tx->woke = true;
    if (job->running) {
        return bq_tx_exec(tx, "UPDATE barq_jobs SET aborted = 1 WHERE seq = ?1",
                          barq_sql_int(job->seq));
    }
    status = stop_waiting(tx, job);
    if (status == BARQ_OK) {
        status = bq_tx_exec(
            tx, "UPDATE barq_jobs SET aborted = 1, due_at = min(due_at, ?2) WHERE seq = ?1",
            barq_sql_int(job->seq), barq_sql_int(tx->now_ms));
    }
    return status == BARQ_OK ? bq_tx_wait(tx, job->queue, job->seq) : status;
}

/* The dead job's row becomes the new job's. */
static enum barq_status revive_row(struct queue_tx *tx, const struct job_row *dead,
                                   const struct bq_job *job)
{
    int64_t queue = 0;

    if (dead->seq == 0 || dead->state != JOB_FAILED) {
        return bq_fail(tx->err, BARQ_ERR_NOTFOUND, "sqlite: there is no such dead job");
    }
    /* Who waits for the dead one is told before its number is another job's. */
    enum barq_status status = bq_tx_tell(tx, INT64_MAX);
    if (status == BARQ_OK) {
        status = bq_tx_queue(tx, job->queue, &queue);
    }
    if (status == BARQ_OK) {
        status = bq_tx_exec(
            tx,
            "UPDATE barq_jobs SET queue = ?2, state = 0, due_at = ?3, enqueued_at = ?4,"
            " expires_at = ?5, claimed_before = ?6, payload = ?7, function = ?8, key = ?9,"
            " priority = ?10, aborted = 0, alone = 0, refusal = NULL, after_failed = 0,"
            " tries = 0, losses = 0, crashes = 0, history = NULL, finished_at = 0,"
            " result_until = 0, gone_at = NULL, result = NULL WHERE seq = ?1",
            barq_sql_int(dead->seq), barq_sql_int(queue), barq_sql_int(job->due_at_ms),
            barq_sql_int(job->enqueued_at_ms), barq_sql_int(job->expires_at_ms),
            barq_sql_int(job->uncertain ? BEFORE_UNCERTAIN : BEFORE_NEVER),
            barq_sql_bytes(job->payload, job->payload_bytes),
            barq_sql_text(job->function ? job->function : ""), barq_sql_text(job->key),
            barq_sql_int(job->priority));
    }
    if (status == BARQ_OK) {
        status = bq_tx_exec(tx, "DELETE FROM barq_reports WHERE seq = ?1", barq_sql_int(dead->seq));
    }
    if (status == BARQ_OK) {
        status = bq_tx_count(tx, &(struct queue_counts){.queue = dead->queue, .failed = -1});
    }
    return status == BARQ_OK ? bq_tx_wait(tx, queue, dead->seq) : status;
}

/* To those that wait for it, being deleted unfinished is to have failed. */
static enum barq_status end_row(struct queue_tx *tx, const struct job_row *job, const char *id)
{
    char refusal[BQ_REFUSAL_BYTES];

    enum barq_status status = stop_waiting(tx, job);
    if (status == BARQ_OK) {
        status = bq_tx_ended(tx, job->seq, bq_reply_refusal(refusal, id, true));
    }
    return status == BARQ_OK ? bq_tx_tell(tx, TX_TELL_MAX) : status;
}

static enum barq_status remove_row(struct queue_tx *tx, const struct job_row *job,
                                   const struct bq_job *wanted)
{
    struct queue_counts gone = {.queue = job->queue,
                                .complete = job->state == JOB_COMPLETE ? -1 : 0,
                                .failed = job->state == JOB_FAILED ? -1 : 0};

    if (job->seq == 0) {
        return bq_fail(tx->err, BARQ_ERR_NOTFOUND, "sqlite: there is no such job");
    }
    if (job->running) {
        return bq_fail(tx->err, BARQ_ERR_CONFLICT, "sqlite: the job is running: abort it");
    }
    enum barq_status status =
        job->state == JOB_UNFINISHED ? end_row(tx, job, wanted->id) : bq_tx_count(tx, &gone);
    if (status != BARQ_OK) {
        return status;
    }
    /* Whoever waits for its result is to see that there will be none. */
    tx->finished = true;
    return bq_tx_exec(tx, "DELETE FROM barq_jobs WHERE seq = ?1", barq_sql_int(job->seq));
}

static enum barq_status change(struct bq_broker *broker, const struct bq_job *wanted,
                               row_change *to, int64_t timeout_ms, struct barq_error *err)
{
    struct sqlite_broker *self = bq_sqlite_broker_of(broker);
    struct queue_tx tx;
    struct job_row row;

    enum barq_status status = bq_client_begin(self, &tx, BQ_DB_WRITE, timeout_ms, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = find_row(&tx, wanted->id, &row);
    if (status == BARQ_OK) {
        status = to(&tx, &row, wanted);
    }
    return bq_client_end(self, &tx, status);
}

enum barq_status bq_queue_abort(struct bq_broker *broker, const char *id, int64_t timeout_ms,
                                struct barq_error *err)
{
    return change(broker, &(struct bq_job){.id = id}, abort_row, timeout_ms, err);
}

enum barq_status bq_queue_revive(struct bq_broker *broker, const struct bq_job *job,
                                 int64_t timeout_ms, struct barq_error *err)
{
    return change(broker, job, revive_row, timeout_ms, err);
}

enum barq_status bq_queue_remove(struct bq_broker *broker, const char *id, int64_t timeout_ms,
                                 struct barq_error *err)
{
    return change(broker, &(struct bq_job){.id = id}, remove_row, timeout_ms, err);
}
