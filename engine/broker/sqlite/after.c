/*
 * after.c - jobs that wait for other jobs.
 *
 * One job waits for another by a row of barq_after, from when it is enqueued
 * until the other has ended; it is let go with its last row. Nobody counts
 * otherwise, so that no count can be wrong.
 *
 * Who has ended is noted in barq_ended, and its waiters are told from there:
 * in the same transaction, unless they are too many for one; then the rest in
 * the exchanges that follow, of whichever worker. Until it is told, a waiter
 * keeps the number of who has ended from being given to another job: numbers
 * grow, and its own is larger.
 */
#include <stdio.h>

#include "base/fault.h"
#include "broker/reply.h"
#include "broker/sqlite/tables.h"
#include "broker/sqlite/tx.h"

enum { WAITERS_AT_ONCE = 128 };

struct waiter {
    int64_t seq;
    int64_t queue;
    bool after_failed;
};

/* Is there a job of this id for which `waiter` must wait, or has it ended, and how? */
static enum barq_status look_for(struct queue_tx *tx, const char *id, int64_t waiter, int64_t *seq,
                                 int *state)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    enum barq_status status =
        bq_tx_query(tx, &rows,
                    "SELECT seq, state FROM barq_jobs WHERE id = ?1 AND seq <> ?2"
                    " AND (gone_at IS NULL OR gone_at > ?3)",
                    barq_sql_text(id), barq_sql_int(waiter), barq_sql_int(tx->now_ms));
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, tx->err);
    }
    *state = status == BARQ_OK && more ? (int)bq_rows_int(rows, 1) : JOB_COMPLETE;
    *seq = status == BARQ_OK && more ? bq_rows_int(rows, 0) : 0;
    return status;
}

/* `*failed` is the one that has, unless that is to be no hindrance; NULL: none. */
static enum barq_status add_rows(struct queue_tx *tx, const struct bq_job *job, int64_t waiter,
                                 int64_t *waits_for, const char **failed)
{
    enum barq_status status = BARQ_OK;
    int64_t seq = 0;
    int state;

    for (size_t i = 0; status == BARQ_OK && i < job->n_after; i++) {
        status = look_for(tx, job->after[i], waiter, &seq, &state);
        if (status == BARQ_OK && state == JOB_FAILED && !job->after_failed) {
            *failed = job->after[i];
            return BARQ_OK;
        }
        if (status == BARQ_OK && state == JOB_UNFINISHED) {
            status =
                bq_tx_exec(tx, "INSERT OR IGNORE INTO barq_after (seq, waiter) VALUES (?1, ?2)",
                           barq_sql_int(seq), barq_sql_int(waiter));
            *waits_for += bq_db_changes(tx->db);
            tx->waiters_asked = false;
        }
    }
    return status;
}

static enum barq_status drop_rows(struct queue_tx *tx, int64_t waiter)
{
    return bq_tx_exec(tx, "DELETE FROM barq_after WHERE waiter = ?1", barq_sql_int(waiter));
}

/* Due at once, to be refused by whoever claims it. */
static enum barq_status refuse(struct queue_tx *tx, int64_t seq, const char *refusal)
{
    return bq_tx_exec(tx,
                      "UPDATE barq_jobs SET refusal = ?2, due_at = min(due_at, ?3) WHERE seq = ?1",
                      barq_sql_int(seq), barq_sql_text(refusal), barq_sql_int(tx->now_ms));
}

enum barq_status bq_tx_wait_for(struct queue_tx *tx, const struct bq_job *job, int64_t queue,
                                int64_t seq)
{
    char refusal[BQ_REFUSAL_BYTES];
    const char *failed = NULL;
    int64_t waits_for = 0;

    enum barq_status status = add_rows(tx, job, seq, &waits_for, &failed);
    if (status == BARQ_OK && failed) {
        status = drop_rows(tx, seq);
        if (status == BARQ_OK) {
            status = refuse(tx, seq, bq_reply_refusal(refusal, failed, false));
        }
        waits_for = 0;
    }
    if (status != BARQ_OK || waits_for == 0) {
        return status == BARQ_OK ? bq_tx_wait(tx, queue, seq) : status;
    }
    if (job->after_failed) {
        status = bq_tx_exec(tx, "UPDATE barq_jobs SET after_failed = 1 WHERE seq = ?1",
                            barq_sql_int(seq));
    }
    if (status != BARQ_OK) {
        return status;
    }
    return bq_tx_count(tx, &(struct queue_counts){.queue = queue, .waiting = 1, .blocked = 1});
}

enum barq_status bq_tx_wait_no_more(struct queue_tx *tx, int64_t queue, int64_t seq)
{
    enum barq_status status = drop_rows(tx, seq);

    if (status != BARQ_OK || bq_db_changes(tx->db) == 0) {
        return status;
    }
    return bq_tx_count(tx, &(struct queue_counts){.queue = queue, .blocked = -1});
}

/* Once in a transaction: mostly nobody waits for anything. */
static enum barq_status ask_waiters(struct queue_tx *tx)
{
    int64_t some = 0;

    if (tx->waiters_asked) {
        return BARQ_OK;
    }
    enum barq_status status =
        bq_db_query_int(tx->db, "SELECT 1 FROM barq_after LIMIT 1", NULL, 0, 0, &some, tx->err);
    tx->waiters_asked = status == BARQ_OK;
    tx->some_wait = some != 0;
    return status;
}

enum barq_status bq_tx_ended(struct queue_tx *tx, int64_t seq, const char *refusal)
{
    const struct barq_scalar params[] = {barq_sql_int(seq)};
    int64_t some = 0;

    enum barq_status status = ask_waiters(tx);
    if (status != BARQ_OK || !tx->some_wait) {
        return status;
    }
    status = bq_db_query_int(tx->db, "SELECT 1 FROM barq_after WHERE seq = ?1 LIMIT 1", params, 1,
                             0, &some, tx->err);
    if (status != BARQ_OK || !some) {
        return status;
    }
    return bq_tx_exec(tx, "INSERT INTO barq_ended (seq, refusal) VALUES (?1, ?2)",
                      barq_sql_int(seq), barq_sql_text(refusal));
}

/* It has no row any more. */
static enum barq_status let_go(struct queue_tx *tx, const struct waiter *waiter)
{
    enum barq_status status = bq_tx_wait(tx, waiter->queue, waiter->seq);

    if (status != BARQ_OK) {
        return status;
    }
    return bq_tx_count(
        tx, &(struct queue_counts){.queue = waiter->queue, .waiting = -1, .blocked = -1});
}

/* Has it lost its last row? One that waits for nobody else is let go. */
static enum barq_status tell_end(struct queue_tx *tx, int64_t ended, const struct waiter *waiter)
{
    const struct barq_scalar params[] = {barq_sql_int(waiter->seq)};
    int64_t waits = 0;

    enum barq_status status =
        bq_tx_exec(tx, "DELETE FROM barq_after WHERE seq = ?1 AND waiter = ?2", barq_sql_int(ended),
                   barq_sql_int(waiter->seq));
    if (status == BARQ_OK) {
        status = bq_db_query_int(tx->db, "SELECT 1 FROM barq_after WHERE waiter = ?1 LIMIT 1",
                                 params, 1, 0, &waits, tx->err);
    }
    return status == BARQ_OK && !waits ? let_go(tx, waiter) : status;
}

/* `*rows` is how many rows that took: it may have waited for many others. */
static enum barq_status tell_failure(struct queue_tx *tx, const struct waiter *waiter,
                                     const char *refusal, int64_t *rows)
{
    enum barq_status status = drop_rows(tx, waiter->seq);

    *rows = bq_db_changes(tx->db);
    if (status == BARQ_OK) {
        status = refuse(tx, waiter->seq, refusal);
    }
    return status == BARQ_OK ? let_go(tx, waiter) : status;
}

static enum barq_status read_waiters(struct queue_tx *tx, int64_t ended, int64_t max,
                                     struct waiter *waiters, size_t *count)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    *count = 0;
    enum barq_status status = bq_tx_query(
        tx, &rows,
        "SELECT a.waiter, j.queue, j.after_failed FROM barq_after a CROSS JOIN barq_jobs j"
        " ON j.seq = a.waiter WHERE a.seq = ?1 ORDER BY a.waiter LIMIT ?2",
        barq_sql_int(ended), barq_sql_int(max < WAITERS_AT_ONCE ? max : WAITERS_AT_ONCE));
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, tx->err);
    }
    while (status == BARQ_OK && more) {
        waiters[(*count)++] = (struct waiter){.seq = bq_rows_int(rows, 0),
                                              .queue = bq_rows_int(rows, 1),
                                              .after_failed = bq_rows_int(rows, 2) != 0};
        status = bq_rows_next(rows, &more, tx->err);
    }
    return status;
}

/* Tells some of the waiters of one job; when there are none left, its end is told. */
static enum barq_status tell_some(struct queue_tx *tx, int64_t ended, const char *refusal,
                                  int64_t *left)
{
    struct waiter waiters[WAITERS_AT_ONCE];
    size_t count;

    enum barq_status status = read_waiters(tx, ended, *left, waiters, &count);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        int64_t rows = 1;
        bool fails = refusal && !waiters[i].after_failed;

        status = fails ? tell_failure(tx, &waiters[i], refusal, &rows)
                       : tell_end(tx, ended, &waiters[i]);
        *left -= rows;
        bq_fault("exchange.waiter_told");
    }
    if (status != BARQ_OK || count > 0) {
        return status;
    }
    return bq_tx_exec(tx, "DELETE FROM barq_ended WHERE seq = ?1", barq_sql_int(ended));
}

/* `*seq` is 0 when everybody is told. `refusal` has BQ_REFUSAL_BYTES; "": none. */
static enum barq_status next_ended(struct queue_tx *tx, int64_t *seq, char *refusal)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    enum barq_status status =
        bq_db_query(tx->db, "SELECT seq, refusal FROM barq_ended ORDER BY seq LIMIT 1", NULL, 0,
                    &rows, tx->err);
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, tx->err);
    }
    const char *text = status == BARQ_OK && more ? bq_rows_text(rows, 1) : NULL;
    (void)snprintf(refusal, BQ_REFUSAL_BYTES, "%s", text ? text : "");
    *seq = status == BARQ_OK && more ? bq_rows_int(rows, 0) : 0;
    return status;
}

enum barq_status bq_tx_tell(struct queue_tx *tx, int64_t max)
{
    char refusal[BQ_REFUSAL_BYTES];
    int64_t left = max;
    int64_t ended;

    for (;;) {
        enum barq_status status = next_ended(tx, &ended, refusal);
        if (status != BARQ_OK || ended == 0) {
            return status;
        }
        if (left <= 0) {
            tx->woke = true; /* whoever comes next tells the rest */
            return BARQ_OK;
        }
        status = tell_some(tx, ended, refusal[0] != '\0' ? refusal : NULL, &left);
        if (status != BARQ_OK) {
            return status;
        }
    }
}
