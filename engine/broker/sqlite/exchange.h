/*
 * exchange.h - one exchange, which is one transaction. Runs in the writer's
 * thread, on its connection.
 */
#ifndef BQ_BROKER_SQLITE_EXCHANGE_H
#define BQ_BROKER_SQLITE_EXCHANGE_H

#include "broker/sqlite/lease.h"

/* A worker: all that its exchanges need. */
struct queue_worker {
    struct bq_db *db; /* owned */
    struct queue_lease lease;
    const struct bq_limit_rule *rules; /* while it joins; borrowed */
    size_t n_rules;
    int wake_fd; /* of <path>-wake; borrowed */
    int done_fd; /* of <path>-done; borrowed */
};

/* Takes the first lease, and the jobs of the dead at once. */
enum barq_status bq_queue_join(struct queue_worker *worker, int64_t now_ms, int64_t timeout_ms,
                               struct barq_error *err) BARQ_MUST_CHECK;
void bq_queue_exchange(struct queue_worker *worker, struct bq_exchange *x, int64_t now_ms);

/* report.c: how a job is doing that `worker` claimed; a stale claim is passed over */
enum barq_status bq_tx_report(struct queue_tx *tx, int64_t worker, const struct bq_report *report)
    BARQ_MUST_CHECK;

/* settle.c: what became of a job that `worker` claimed */
enum barq_status bq_tx_settle(struct queue_tx *tx, int64_t worker, struct bq_settle *settle)
    BARQ_MUST_CHECK;

/* claim.c: jobs that are due, as many as the exchange asks for and the arena takes */
struct queue_claim {
    const struct worker_queues *queues;
    int64_t worker;
    int64_t claim; /* the token of all that are claimed at once */
};
enum barq_status bq_tx_claim(struct queue_tx *tx, const struct queue_claim *claim,
                             struct bq_exchange *x) BARQ_MUST_CHECK;
enum barq_status bq_tx_next_due(struct queue_tx *tx, const struct worker_queues *queues,
                                int64_t *in_ms) BARQ_MUST_CHECK;

#endif
