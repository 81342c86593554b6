#include "broker/sqlite/exchange.h"

#include <inttypes.h>

#include "base/fault.h"
#include "broker/reply.h"
#include "broker/sqlite/limits.h"
#include "os/wake.h"

/* Deleted in an exchange: always more than it can finish, so that what is past its time never piles up. */
enum { PRUNE_MIN = 50, PRUNE_TIMES = 2 };
/* A claim's number: the worker's, then that of its exchange: neither is ever used again. */
enum { CLAIM_WORKER_SHIFT = 40 };

static void ring(const struct queue_worker *worker, const struct queue_tx *tx)
{
    if (tx->woke) {
        bq_wake_ring(worker->wake_fd);
    }
    if (tx->finished) {
        bq_wake_ring(worker->done_fd);
    }
}

enum barq_status bq_queue_join(struct queue_worker *worker, int64_t now_ms, int64_t timeout_ms,
                               struct barq_error *err)
{
    struct queue_lease *lease = &worker->lease;
    struct lease_change change = bq_lease_change(lease);
    struct queue_tx tx;
    bool lost;

    lease->started_at_ms = now_ms;
    enum barq_status status = bq_tx_begin(&tx, worker->db, BQ_DB_WRITE, now_ms, timeout_ms, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bq_lease_keep(&tx, lease, &change, true, &lost);
    if (status == BARQ_OK) {
        status = bq_lease_reap(&tx, lease, &change);
    }
    if (status == BARQ_OK) {
        status = bq_tx_read_queues(&tx, &lease->queues);
    }
    if (status == BARQ_OK) {
        status = bq_tx_set_limits(&tx, &lease->queues, worker->rules, worker->n_rules);
    }
    status = bq_tx_end(&tx, status);
    if (status != BARQ_OK) {
        bq_lease_undo(&change, bq_db_path(worker->db));
        return status;
    }
    bq_lease_adopt(lease, &change, bq_db_path(worker->db));
    ring(worker, &tx);
    return BARQ_OK;
}

static enum barq_status probe(struct queue_tx *tx, struct bq_probe *probe)
{
    const struct bq_identity *identity = &probe->identity;
    const struct barq_scalar params[] = {barq_sql_text(identity->id),
                                         barq_sql_text(identity->queue),
                                         barq_sql_int(identity->enqueued_at_ms)};
    int64_t held = 0;

    enum barq_status status =
        bq_db_query_int(tx->db,
                        "SELECT 1 FROM barq_jobs j JOIN barq_queues q USING (queue)"
                        " WHERE j.id = ?1 AND q.name = ?2 AND j.enqueued_at = ?3 AND j.state = 0",
                        params, 3, 0, &held, tx->err);
    probe->held = held != 0;
    return status;
}

static enum barq_status do_all(struct queue_tx *tx, int64_t worker, struct bq_exchange *x)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < x->n_reports; i++) {
        status = bq_tx_report(tx, worker, &x->reports[i]);
    }
    for (size_t i = 0; status == BARQ_OK && i < x->n_settles; i++) {
        status = bq_tx_settle(tx, worker, &x->settles[i]);
    }
    if (x->n_settles > 0) {
        bq_fault("exchange.settled");
    }
    /* Also of what ended in an earlier exchange, if it had too many. */
    if (status == BARQ_OK) {
        status = bq_tx_tell(tx, TX_TELL_MAX);
    }
    for (size_t i = 0; status == BARQ_OK && i < x->n_ticks; i++) {
        status = bq_tx_tick(tx, &x->ticks[i]);
    }
    for (size_t i = 0; status == BARQ_OK && i < x->n_enqueues; i++) {
        status = bq_tx_enqueue(tx, &x->enqueues[i]);
    }
    for (size_t i = 0; status == BARQ_OK && i < x->n_probes; i++) {
        status = probe(tx, &x->probes[i]);
    }
    return status;
}

static enum barq_status count_aborts(struct queue_tx *tx, int64_t worker, int64_t *count)
{
    const struct barq_scalar params[] = {barq_sql_int(worker)};

    return bq_db_query_int(tx->db,
                           "SELECT count(*) FROM barq_jobs j CROSS JOIN barq_running r"
                           " ON r.seq = j.seq WHERE j.aborted = 1 AND r.worker = ?1",
                           params, 1, 0, count, tx->err);
}

static enum barq_status tell_aborts(struct queue_tx *tx, int64_t worker, struct bq_exchange *x)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    int64_t count = 0;
    bool more = false;

    enum barq_status status = count_aborts(tx, worker, &count);
    if (status != BARQ_OK || count == 0) {
        return status;
    }
    x->aborts = bq_reply_array(x->arena, (size_t)count, sizeof(char *));
    if (!x->aborts) {
        return bq_fail(tx->err, BARQ_ERR_NOMEM, "sqlite: no memory for the aborted jobs");
    }
    status = bq_tx_query(tx, &rows,
                         "SELECT j.id FROM barq_jobs j CROSS JOIN barq_running r ON r.seq = j.seq"
                         " WHERE j.aborted = 1 AND r.worker = ?1",
                         barq_sql_int(worker));
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, tx->err);
    }
    while (status == BARQ_OK && more && x->n_aborts < (size_t)count) {
        const char *id = bq_reply_text(x->arena, bq_rows_text(rows, 0));

        x->aborts[x->n_aborts] = id;
        x->n_aborts += id != NULL;
        status = bq_rows_next(rows, &more, tx->err);
    }
    return status;
}

/* The answers that are more than a job's: what is claimed, and the numbers. */
static enum barq_status take_and_count(struct queue_tx *tx, const struct queue_claim *claim,
                                       struct bq_exchange *x)
{
    enum barq_status status = BARQ_OK;

    if (!x->leave) {
        status = tell_aborts(tx, claim->worker, x);
    }
    if (status == BARQ_OK && !x->leave) {
        status = bq_tx_claim(tx, claim, x);
    }
    if (status == BARQ_OK) {
        status = bq_tx_prune(tx, PRUNE_MIN + PRUNE_TIMES * (int64_t)x->n_settles);
    }
    if (status == BARQ_OK) {
        status = bq_tx_prune_starts(tx, PRUNE_MIN + PRUNE_TIMES * (int64_t)x->claim_max);
    }
    if (status == BARQ_OK) {
        status = bq_tx_next_due(tx, claim->queues, &x->next_due_in_ms);
    }
    if (status == BARQ_OK && x->count) {
        status = bq_tx_count_unfinished(tx, claim->queues, &x->unfinished);
    }
    return status;
}

static enum barq_status happen(struct queue_tx *tx, struct queue_worker *worker,
                               struct lease_change *change, struct bq_exchange *x)
{
    struct queue_lease *lease = &worker->lease;
    struct queue_claim claim = {.queues = &lease->queues};

    enum barq_status status = bq_lease_keep(tx, lease, change, x->renew, &x->lease_lost);
    if (status == BARQ_OK) {
        status = bq_lease_reap(tx, lease, change);
    }
    claim.worker = change->worker;
    claim.claim = (claim.worker << CLAIM_WORKER_SHIFT) + ++lease->claims;
    if (status == BARQ_OK) {
        status = do_all(tx, claim.worker, x);
    }
    if (status == BARQ_OK && x->state) {
        status = bq_tx_tell_state(tx, claim.worker, x->state);
    }
    if (status == BARQ_OK && x->leave) {
        status = bq_lease_leave(tx, change);
    }
    if (status == BARQ_OK) {
        status = bq_tx_read_queues(tx, &lease->queues);
    }
    return status == BARQ_OK ? take_and_count(tx, &claim, x) : status;
}

void bq_queue_exchange(struct queue_worker *worker, struct bq_exchange *x, int64_t now_ms)
{
    struct lease_change change = bq_lease_change(&worker->lease);
    struct queue_tx tx;

    bq_reply_begin(x);
    x->status = bq_tx_begin(&tx, worker->db, BQ_DB_WRITE, now_ms, x->timeout_ms, &x->err);
    worker->lease.doubtful = worker->lease.doubtful || tx.reopened;
    if (x->status == BARQ_OK) {
        enum barq_status status = happen(&tx, worker, &change, x);

        bq_fault("exchange.before_commit");
        x->status = bq_tx_end(&tx, status);
        if (x->status == BARQ_OK && bq_fault_cut("exchange.doubted")) {
            x->status = bq_fail(&x->err, BARQ_ERR_CONN, "sqlite: it may have been committed");
        }
        worker->lease.in_doubt = worker->lease.in_doubt || x->status == BARQ_ERR_CONN;
    }
    if (x->status != BARQ_OK) {
        bq_lease_undo(&change, bq_db_path(worker->db));
        bq_reply_failed(x);
        return;
    }
    bq_fault("exchange.committed");
    bq_lease_adopt(&worker->lease, &change, bq_db_path(worker->db));
    ring(worker, &tx);
}
