/*
 * memory.h - two handles on one queue in memory: `memory:` opens a queue of
 * its own, and this opens another handle on it, in the same process, e.g. a
 * client beside a dispatcher. The queue ends with its last handle. The
 * handles belong to one thread.
 */
#ifndef BQ_BROKER_MEMORY_H
#define BQ_BROKER_MEMORY_H

#include "broker/broker.h"

enum barq_status bq_memory_share(struct bq_broker *broker, struct bq_broker **out,
                                 struct barq_error *err) BARQ_MUST_CHECK;

/* For tests: the queue's clock runs this much ahead of the real one. */
void bq_memory_advance(struct bq_broker *broker, int64_t ms);

#endif
