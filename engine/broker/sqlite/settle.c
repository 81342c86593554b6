#include "broker/reply.h"
#include "broker/sqlite/exchange.h"
#include "broker/sqlite/limits.h"

static enum barq_status find_job(struct queue_tx *tx, const char *id, int64_t *seq, int64_t *queue)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    enum barq_status status =
        bq_tx_query(tx, &rows, "SELECT seq, queue FROM barq_jobs WHERE id = ?1", barq_sql_text(id));
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, tx->err);
    }
    *seq = more ? bq_rows_int(rows, 0) : 0;
    *queue = more ? bq_rows_int(rows, 1) : 0;
    return status;
}

/* Takes the claim away; `*seq` is its job's number, or 0 when the claim is not this worker's any more. */
static enum barq_status end_claim(struct queue_tx *tx, int64_t worker,
                                  const struct bq_settle *settle, int64_t *seq, int64_t *queue)
{
    bool unstarted = settle->kind == BQ_SETTLE_RELEASE && !settle->claimed_before;
    bq_auto(ended_slots) struct ended_slots ended = {0};

    enum barq_status status = find_job(tx, settle->id, seq, queue);
    if (status != BARQ_OK || *seq == 0) {
        return status;
    }
    status = bq_tx_end_slots(tx, *seq, unstarted, &ended);
    if (status == BARQ_OK) {
        status =
            bq_tx_exec(tx, "DELETE FROM barq_running WHERE seq = ?1 AND worker = ?2 AND claim = ?3",
                       barq_sql_int(*seq), barq_sql_int(worker), barq_sql_int(settle->claim));
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (bq_db_changes(tx->db) == 0) {
        *seq = 0;
        return BARQ_OK;
    }
    return bq_tx_free_slots(tx, &ended, *seq, settle->claim, unstarted);
}

static enum barq_status complete(struct queue_tx *tx, int64_t queue, int64_t seq,
                                 const struct bq_settle *settle)
{
    tx->finished = true;
    enum barq_status status = bq_tx_ended(tx, seq, NULL);
    if (status != BARQ_OK) {
        return status;
    }
    if (settle->keep_result_ms <= 0) {
        status = bq_tx_exec(tx, "DELETE FROM barq_jobs WHERE seq = ?1", barq_sql_int(seq));
        if (status != BARQ_OK) {
            return status;
        }
        return bq_tx_count(tx, &(struct queue_counts){.queue = queue, .running = -1});
    }

    status = bq_tx_exec(tx,
                        "UPDATE barq_jobs SET state = 1, aborted = 0, payload = NULL, result = ?2,"
                        " finished_at = ?3, result_until = ?4, gone_at = ?4 WHERE seq = ?1",
                        barq_sql_int(seq), barq_sql_bytes(settle->result, settle->result_bytes),
                        barq_sql_int(tx->now_ms),
                        barq_sql_int(bq_result_until_ms(tx->now_ms, settle->keep_result_ms)));
    if (status != BARQ_OK) {
        return status;
    }
    return bq_tx_count(tx, &(struct queue_counts){.queue = queue, .running = -1, .complete = 1});
}

/* Dead for at least BQ_DEAD_KEEP_MS, and as long as its result is there. */
static enum barq_status fail(struct queue_tx *tx, int64_t queue, int64_t seq,
                             const struct bq_settle *settle)
{
    char refusal[BQ_REFUSAL_BYTES];
    int64_t result_until = bq_result_until_ms(tx->now_ms, settle->keep_result_ms);
    int64_t gone_at = tx->now_ms + BQ_DEAD_KEEP_MS;
    struct barq_scalar result = barq_sql_bytes(settle->result, settle->result_bytes);

    tx->finished = true;
    enum barq_status status = bq_tx_ended(tx, seq, bq_reply_refusal(refusal, settle->id, false));
    if (status != BARQ_OK) {
        return status;
    }
    status =
        bq_tx_exec(tx,
                   "UPDATE barq_jobs SET state = 2, aborted = 0, result = ?2, finished_at = ?3,"
                   " result_until = ?4, gone_at = max(?4, ?5) WHERE seq = ?1",
                   barq_sql_int(seq), result_until != 0 ? result : barq_sql_null(),
                   barq_sql_int(tx->now_ms), barq_sql_int(result_until), barq_sql_int(gone_at));
    if (status != BARQ_OK) {
        return status;
    }
    return bq_tx_count(tx, &(struct queue_counts){.queue = queue, .running = -1, .failed = 1});
}

/* Waits again; with an abort wished it is due at once. */
static enum barq_status wait_again(struct queue_tx *tx, int64_t queue, int64_t seq)
{
    enum barq_status status = bq_tx_wait(tx, queue, seq);
    if (status != BARQ_OK) {
        return status;
    }
    return bq_tx_count(tx, &(struct queue_counts){.queue = queue, .running = -1});
}

static enum barq_status retry(struct queue_tx *tx, int64_t queue, int64_t seq,
                              const struct bq_settle *settle)
{
    enum barq_status status =
        bq_tx_exec(tx,
                   "UPDATE barq_jobs SET due_at = CASE aborted WHEN 1 THEN min(?2, ?3) ELSE ?2 END,"
                   " tries = tries + ?4, crashes = crashes + ?5, alone = ?6, claimed_before = 1"
                   " WHERE seq = ?1",
                   barq_sql_int(seq), barq_sql_int(tx->now_ms + settle->defer_ms),
                   barq_sql_int(tx->now_ms), barq_sql_int(settle->tries_used),
                   barq_sql_int(settle->crashes_used), barq_sql_int(settle->alone));

    return status == BARQ_OK ? wait_again(tx, queue, seq) : status;
}

/* What is left alone is due later, for everybody. */
static enum barq_status leave(struct queue_tx *tx, int64_t seq, int64_t leave_ms)
{
    return bq_tx_exec(tx,
                      "UPDATE barq_jobs SET due_at = CASE aborted WHEN 1 THEN min(due_at, ?3)"
                      " ELSE max(due_at, ?2) END WHERE seq = ?1",
                      barq_sql_int(seq), barq_sql_int(tx->now_ms + leave_ms),
                      barq_sql_int(tx->now_ms));
}

static enum barq_status release(struct queue_tx *tx, int64_t queue, int64_t seq,
                                const struct bq_settle *settle)
{
    enum barq_status status =
        settle->claimed_before
            ? bq_tx_exec(tx, "UPDATE barq_jobs SET claimed_before = 1 WHERE seq = ?1",
                         barq_sql_int(seq))
            : BARQ_OK;

    if (status == BARQ_OK && settle->leave_ms > 0) {
        status = leave(tx, seq, settle->leave_ms);
    }
    return status == BARQ_OK ? wait_again(tx, queue, seq) : status;
}

enum barq_status bq_tx_settle(struct queue_tx *tx, int64_t worker, struct bq_settle *settle)
{
    int64_t seq = 0;
    int64_t queue = 0;

    enum barq_status status = end_claim(tx, worker, settle, &seq, &queue);
    settle->stale = seq == 0;
    if (status != BARQ_OK || settle->stale) {
        return status;
    }
    if (settle->history) {
        status = bq_tx_add_history(tx, seq, settle->history);
        if (status != BARQ_OK) {
            return status;
        }
    }

    switch (settle->kind) {
    case BQ_SETTLE_COMPLETE:
        return complete(tx, queue, seq, settle);
    case BQ_SETTLE_FAIL:
        return fail(tx, queue, seq, settle);
    case BQ_SETTLE_RETRY:
        return retry(tx, queue, seq, settle);
    case BQ_SETTLE_RELEASE:
        break;
    }
    return release(tx, queue, seq, settle);
}
