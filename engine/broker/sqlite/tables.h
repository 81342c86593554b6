/*
 * tables.h - the tables of a queue's file; docs/formats/sqlite-queue.md says
 * what they mean.
 */
#ifndef BQ_BROKER_SQLITE_TABLES_H
#define BQ_BROKER_SQLITE_TABLES_H

#include "db/db.h"

/* What is in barq_jobs.state. Waiting and running are told apart by barq_running. */
enum { JOB_UNFINISHED = 0, JOB_COMPLETE = 1, JOB_FAILED = 2 };
/* barq_jobs.claimed_before: may it have been started? Uncertain: not from here, but it may have
 * been enqueued, and run, before. */
enum { BEFORE_NEVER = 0, BEFORE_CLAIMED = 1, BEFORE_UNCERTAIN = 2 };

/* Creates the tables, or brings them up to date. `from`, `to` may be NULL. */
enum barq_status bq_queue_migrate(struct bq_db *db, int *from, int *to, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Opens a connection to a queue with its tables. */
enum barq_status bq_queue_open(const char *url, struct bq_db **out, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
