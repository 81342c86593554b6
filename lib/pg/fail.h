/*
 * fail.h - what an error of PostgreSQL means, for program and person. The
 * sentence says the SQLSTATE.
 */
#ifndef BQ_PG_FAIL_H
#define BQ_PG_FAIL_H

#include <stdbool.h>

#include "base/error.h"
#include "pg/libpq.h"

enum { BQ_PG_STATE_BYTES = 6 };

/*
 * "23505" -> BARQ_ERR_EXISTS, and so on; BARQ_ERR_SQL what says only that the statement was refused.
 *
 *     EXISTS    unique_violation               CONFLICT  serialization failure, deadlock, 25P02
 *     CONN      08, 57P01..5, 25P03, 53300     BUSY      lock_not_available
 *     CANCELED  57014: whoever asked for it, or set a time-out, knows better
 *     DENIED    28, 42501, 25006               FULL      disk_full
 *     NOTFOUND  no such database               CORRUPT   XX001, XX002
 *     NOMEM     53200    LIMIT  54    IO  58, F0
 */
enum barq_status bq_pg_status(const char *sqlstate);

/* Is it because the server only reads: a standby, or set so (25006)? */
bool bq_pg_only_reads(const PGresult *result);

/* A result that is an error. NULL, or one that libpq has made: the connection broke, or memory is short. */
enum barq_status bq_pg_fail(PGconn *connection, const PGresult *result, struct barq_error *err);

/* The connection itself: not made, or lost. `shown` (or NULL) says which. */
enum barq_status bq_pg_fail_connection(PGconn *connection, const char *shown,
                                       struct barq_error *err);

#endif
