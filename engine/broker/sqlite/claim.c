#include "broker/reply.h"
#include "broker/sqlite/exchange.h"
#include "broker/sqlite/tables.h"
#include "job/message.h"

/* A part of barq_waiting: what is due first, up to and with the last job that was claimed. */
struct batch {
    bool lost;
    size_t max;
    size_t count;
    bool full; /* the arena takes no more */
    int64_t last_due_at;
    int64_t last_seq;
};

static const char *text_of(const struct bq_rows *rows, int column)
{
    const char *text = bq_rows_text(rows, column);

    return text ? text : "";
}

/* Puts the row's job behind those that were claimed; false when it does not fit. */
static bool take_row(const struct bq_rows *row, const struct queue_claim *claim,
                     const char *queue_name, struct bq_exchange *x)
{
    struct barq_scalar payload = bq_rows_column(row, 3);
    bool whole = payload.kind != BARQ_NULL;
    struct bq_job job = {.id = text_of(row, 2),
                         .queue = queue_name,
                         .payload = payload.data,
                         .payload_bytes = whole ? payload.len : (size_t)bq_rows_int(row, 12),
                         .enqueued_at_ms = bq_rows_int(row, 4),
                         .due_at_ms = bq_rows_int(row, 0),
                         .expires_at_ms = bq_rows_int(row, 5)};
    struct bq_claimed *out = &x->claimed[x->n_claimed];

    bool fits = x->n_claimed == 0 ? bq_reply_first_job(x->arena, &job, &out->job)
                                  : bq_reply_job(x->arena, &job, &out->job);
    if (!fits) {
        return false;
    }
    out->claim = claim->claim;
    out->claimed_before = bq_rows_int(row, 6) != BEFORE_NEVER;
    out->job.uncertain = bq_rows_int(row, 6) == BEFORE_UNCERTAIN;
    out->aborted = bq_rows_int(row, 7) != 0;
    out->tries = (int)bq_rows_int(row, 8);
    out->losses = (int)bq_rows_int(row, 9);
    out->crashes = (int)bq_rows_int(row, 10);
    out->alone = bq_rows_int(row, 11) != 0;
    x->n_claimed++;
    return true;
}

static enum barq_status read_batch(struct queue_tx *tx, const struct queue_claim *claim,
                                   struct batch *batch, struct bq_exchange *x)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    enum barq_status status = bq_tx_query(
        tx, &rows,
        "SELECT w.due_at, w.seq, j.id, CASE WHEN length(j.payload) <= ?5 THEN j.payload END,"
        " j.enqueued_at, j.expires_at, j.claimed_before, j.aborted, j.tries, j.losses, j.crashes,"
        " j.alone, length(j.payload)"
        " FROM barq_waiting w CROSS JOIN barq_jobs j ON j.seq = w.seq"
        " WHERE w.queue = ?1 AND w.lost = ?2 AND w.due_at <= ?3"
        " ORDER BY w.due_at, w.seq LIMIT ?4",
        barq_sql_int(claim->queue), barq_sql_int(batch->lost), barq_sql_int(tx->now_ms),
        barq_sql_int((int64_t)batch->max), barq_sql_int(BQ_JOB_MAX_BYTES));
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, tx->err);
    }
    while (status == BARQ_OK && more) {
        if (!take_row(rows, claim, tx->queue_name, x)) {
            batch->full = true;
            break;
        }
        batch->last_due_at = bq_rows_int(rows, 0);
        batch->last_seq = bq_rows_int(rows, 1);
        batch->count++;
        status = bq_rows_next(rows, &more, tx->err);
    }
    return status;
}

/* What was read is a beginning of its part of the table, so two statements move all of it. */
static enum barq_status move_batch(struct queue_tx *tx, const struct queue_claim *claim,
                                   const struct batch *batch)
{
    enum barq_status status = bq_tx_exec(
        tx,
        "INSERT INTO barq_running (seq, worker, claim, claimed_at)"
        " SELECT seq, ?5, ?6, ?7 FROM barq_waiting"
        " WHERE queue = ?1 AND lost = ?2 AND (due_at, seq) <= (?3, ?4)",
        barq_sql_int(claim->queue), barq_sql_int(batch->lost), barq_sql_int(batch->last_due_at),
        barq_sql_int(batch->last_seq), barq_sql_int(claim->worker), barq_sql_int(claim->claim),
        barq_sql_int(tx->now_ms));
    if (status == BARQ_OK) {
        status = bq_tx_exec(tx,
                            "DELETE FROM barq_waiting"
                            " WHERE queue = ?1 AND lost = ?2 AND (due_at, seq) <= (?3, ?4)",
                            barq_sql_int(claim->queue), barq_sql_int(batch->lost),
                            barq_sql_int(batch->last_due_at), barq_sql_int(batch->last_seq));
    }
    if (status != BARQ_OK) {
        return status;
    }
    int64_t moved = (int64_t)batch->count;
    return bq_tx_count(
        tx, &(struct queue_counts){.queue = claim->queue, .waiting = -moved, .running = moved});
}

static enum barq_status claim_batch(struct queue_tx *tx, const struct queue_claim *claim,
                                    struct batch *batch, struct bq_exchange *x)
{
    if (batch->max == 0) {
        return BARQ_OK;
    }
    enum barq_status status = read_batch(tx, claim, batch, x);
    if (status != BARQ_OK || batch->count == 0) {
        return status;
    }
    return move_batch(tx, claim, batch);
}

enum barq_status bq_tx_claim(struct queue_tx *tx, const struct queue_claim *claim,
                             struct bq_exchange *x)
{
    size_t lost_max = x->claim_lost_max < x->claim_max ? x->claim_lost_max : x->claim_max;
    struct batch lost = {.lost = true, .max = lost_max};
    struct batch others = {.lost = false};

    if (x->claim_max == 0) {
        return BARQ_OK;
    }
    x->claimed = bq_reply_array(x->arena, x->claim_max, sizeof(struct bq_claimed));
    if (!x->claimed) {
        return bq_fail(tx->err, BARQ_ERR_NOMEM, "sqlite: no memory for a claim");
    }

    enum barq_status status = claim_batch(tx, claim, &lost, x);
    if (status != BARQ_OK || lost.full) {
        return status;
    }
    others.max = x->claim_max - x->n_claimed;
    return claim_batch(tx, claim, &others, x);
}

enum barq_status bq_tx_next_due(struct queue_tx *tx, int64_t queue, int64_t *in_ms)
{
    int64_t next = -1;

    for (int lost = 0; lost <= 1; lost++) {
        const struct barq_scalar params[] = {barq_sql_int(queue), barq_sql_int(lost)};
        int64_t due_at = 0;
        enum barq_status status = bq_db_query_int(
            tx->db, "SELECT min(due_at) FROM barq_waiting WHERE queue = ?1 AND lost = ?2", params,
            2, INT64_MAX, &due_at, tx->err);
        if (status != BARQ_OK) {
            return status;
        }
        if (due_at != INT64_MAX) {
            int64_t wait_ms = due_at > tx->now_ms ? due_at - tx->now_ms : 0;
            next = next < 0 || wait_ms < next ? wait_ms : next;
        }
    }
    *in_ms = next;
    return BARQ_OK;
}
