#include "broker/sqlite/tx.h"

#include <string.h>

#include "base/time.h"
#include "broker/sqlite/tables.h"

/* Nothing has happened, so a time that is over says the same as a lock that was never free. */
static enum barq_status busy_when_late(enum barq_status status, struct barq_error *err)
{
    if (status != BARQ_ERR_TIMEOUT) {
        return status;
    }
    return bq_fail(err, BARQ_ERR_BUSY, "sqlite: the queue's file is busy: nothing was done");
}

/* Somebody may ask for an endless time by the largest number. */
static int64_t until_ms(int64_t timeout_ms)
{
    int64_t until = 0;

    if (__builtin_add_overflow(bq_mono_ms(), timeout_ms > 0 ? timeout_ms : 1, &until)) {
        return INT64_MAX;
    }
    return until;
}

enum barq_status bq_tx_begin(struct queue_tx *tx, struct bq_db *db, enum bq_db_mode mode,
                             int64_t now_ms, int64_t timeout_ms, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    *tx = (struct queue_tx){.err = err, .now_ms = now_ms};
    bq_db_until(db, until_ms(timeout_ms));
    if (!bq_db_ready(db)) {
        tx->reopened = true;
        status = bq_db_reopen(db, err);
        if (status == BARQ_OK) {
            status = bq_queue_migrate(db, NULL, NULL, err);
        }
    }
    if (status == BARQ_OK) {
        status = bq_db_begin(db, mode, err);
    }
    if (status != BARQ_OK) {
        bq_db_until(db, 0);
        return busy_when_late(status, err);
    }
    tx->db = db;
    return BARQ_OK;
}

static enum barq_status write_counts(struct queue_tx *tx)
{
    for (size_t i = 0; i < tx->n_counts; i++) {
        const struct queue_counts *at = &tx->counts[i];
        enum barq_status status =
            bq_tx_exec(tx,
                       "UPDATE barq_queues SET waiting = waiting + ?2, running = running + ?3,"
                       " complete = complete + ?4, failed = failed + ?5, blocked = blocked + ?6,"
                       " held = held + ?7"
                       " WHERE queue = ?1",
                       barq_sql_int(at->queue), barq_sql_int(at->waiting),
                       barq_sql_int(at->running), barq_sql_int(at->complete),
                       barq_sql_int(at->failed), barq_sql_int(at->blocked), barq_sql_int(at->held));
        if (status != BARQ_OK) {
            return status;
        }
    }
    tx->n_counts = 0;
    return BARQ_OK;
}

enum barq_status bq_tx_end(struct queue_tx *tx, enum barq_status status)
{
    if (status == BARQ_OK) {
        status = write_counts(tx);
    }
    if (status == BARQ_OK) {
        status = bq_db_commit(tx->db, tx->err);
    }
    bq_db_rollback(tx->db);
    bq_db_until(tx->db, 0);
    return busy_when_late(status, tx->err);
}

static enum barq_status find_queue(struct queue_tx *tx, const char *name, int64_t *out)
{
    const struct barq_scalar params[] = {barq_sql_text(name)};

    return bq_db_query_int(tx->db, "SELECT queue FROM barq_queues WHERE name = ?1", params, 1, 0,
                           out, tx->err);
}

enum barq_status bq_tx_queue(struct queue_tx *tx, const char *name, int64_t *out)
{
    if (tx->queue > 0 && strcmp(tx->queue_name, name) == 0) {
        *out = tx->queue;
        return BARQ_OK;
    }
    if (strlen(name) > BARQ_QUEUE_MAX_BYTES) {
        return bq_fail(tx->err, BARQ_ERR_LIMIT, "sqlite: a queue's name is too long");
    }

    int64_t queue = 0;
    enum barq_status status = find_queue(tx, name, &queue);
    if (status == BARQ_OK && queue == 0) {
        status = bq_tx_exec(tx, "INSERT INTO barq_queues (name) VALUES (?1)", barq_sql_text(name));
        if (status == BARQ_OK) {
            status = find_queue(tx, name, &queue);
        }
    }
    if (status != BARQ_OK) {
        return status;
    }
    memcpy(tx->queue_name, name, strlen(name) + 1);
    tx->queue = queue;
    *out = queue;
    return BARQ_OK;
}

enum barq_status bq_tx_count(struct queue_tx *tx, const struct queue_counts *change)
{
    size_t i = 0;

    while (i < tx->n_counts && tx->counts[i].queue != change->queue) {
        i++;
    }
    if (i == TX_QUEUES) {
        enum barq_status status = write_counts(tx);
        if (status != BARQ_OK) {
            return status;
        }
        i = 0;
    }
    if (i == tx->n_counts) {
        tx->counts[i] = (struct queue_counts){.queue = change->queue};
        tx->n_counts++;
    }
    tx->counts[i].waiting += change->waiting;
    tx->counts[i].blocked += change->blocked;
    tx->counts[i].held += change->held;
    tx->counts[i].running += change->running;
    tx->counts[i].complete += change->complete;
    tx->counts[i].failed += change->failed;
    return BARQ_OK;
}
