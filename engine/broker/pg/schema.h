/*
 * schema.h - the tables and functions of a queue: the files in sql/, which
 * tools/bundle-sql puts into the binary. docs/formats/pg-queue.md says what they
 * mean.
 */
#ifndef BQ_BROKER_PG_SCHEMA_H
#define BQ_BROKER_PG_SCHEMA_H

#include "base/buf.h"
#include "broker/pg/link.h"

enum { PG_VERSION = 2 };

/* Made by tools/bundle-sql: sql/tables_1.sql, ..., and all functions, in which @schema@ and @plan@ are left open. */
extern const char *const bq_pg_tables[PG_VERSION];
extern const char *const bq_pg_functions;

/*
 * What brings a schema of an earlier version, or none, up to date: one transaction, under a lock, so that of
 * several who start at once one does it. It may be done again. Of a later version nothing is touched:
 * an error with SQLSTATE BQ002.
 */
void bq_pg_migration(const struct pg_place *place, struct bq_buf *out);
/* Asks for: whether the server only reads, the encoding, the version (0: none), and sets what the
 * connection needs. */
void bq_pg_greeting(const struct pg_place *place, struct bq_buf *out);
/* The SQL of a statement: "SELECT ... FROM "schema".exchange($1, ...)". */
void bq_pg_statement(const struct pg_place *place, enum pg_statement statement, struct bq_buf *out);

#endif
