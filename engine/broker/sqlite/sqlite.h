/*
 * sqlite.h - the broker in an SQLite file, as its tests see it.
 */
#ifndef BQ_BROKER_SQLITE_H
#define BQ_BROKER_SQLITE_H

#include "broker/broker.h"

/* For tests: from the next call on, this handle's clock runs this much further ahead of the real one. */
void bq_sqlite_advance(struct bq_broker *broker, int64_t ms);

#endif
