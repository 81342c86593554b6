/*
 * queues.h - the queues of a worker, as they are in one transaction.
 */
#ifndef BQ_BROKER_SQLITE_QUEUES_H
#define BQ_BROKER_SQLITE_QUEUES_H

#include "broker/sqlite/tx.h"

struct worker_queue {
    char *name;    /* owned */
    int64_t queue; /* its number; this and the rest as it was read last */
    bool paused;
    bool limited; /* it has limits, or jobs that are held by some */
};

struct worker_queues {
    struct worker_queue *all; /* owned; in the order in which the worker has named them */
    size_t count;
};

/* False: out of memory. */
bool bq_queues_init(struct worker_queues *queues, const char *const *names, size_t count);
void bq_queues_clear(struct worker_queues *queues);
/* What is not there is made. */
enum barq_status bq_tx_read_queues(struct queue_tx *tx, struct worker_queues *queues)
    BARQ_MUST_CHECK;
/* How many unfinished jobs they have; of paused ones, how many run. */
enum barq_status bq_tx_count_unfinished(struct queue_tx *tx, const struct worker_queues *queues,
                                        int64_t *out) BARQ_MUST_CHECK;

#endif
