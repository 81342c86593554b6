/*
 * sqlite.h - what the files of the SQLite driver share.
 *
 *     sqlite.c        opening, transactions, waiting, and the table of functions
 *     sqlite_stmt.c   prepared statements and the cache of them
 *     sqlite_rows.c   running them
 *     sqlite_guard.c  what a statement may not do
 *     sqlite_checkpoint.c  that the log stays small
 *     sqlite_fail.c   what an error means
 */
#ifndef BQ_DB_SQLITE_H
#define BQ_DB_SQLITE_H

#include <stdatomic.h>

#include <sqlite3.h>

#include "base/list.h"
#include "db/driver.h"

enum { BQ_SQLITE_REFUSAL_BYTES = 96 };

/* A prepared statement: in the cache, or of one use. */
struct bq_sqlite_stmt {
    struct bq_list link; /* in the cache, least recently used first */
    sqlite3_stmt *handle;
    size_t len;   /* of the text */
    char *sql;    /* owned; NULL: not in the cache */
    bool busy;    /* somebody is stepping through it */
    bool guarded; /* not for whoever is guarded */
};

struct bq_sqlite {
    struct bq_db base;
    sqlite3 *handle; /* NULL: reopening failed */
    char *path;      /* owned; absolute, as the caller gave it */
    int64_t busy_ms;
    bool reading; /* the transaction that is open may not write */

    /* Why what runs is to stop. `canceled` is the one thing that other threads touch. */
    atomic_bool canceled;
    int64_t until_ms;   /* by bq_mono_ms(); 0: none */
    bool unstoppable;   /* a commit or rollback runs */
    int64_t waiting_ms; /* when the waiting for a lock began */
    uint64_t random;    /* for the jitter */
    int stop_at_pages;  /* of the log: see sqlite_checkpoint.c */

    bool shared;  /* dirt of whoever is not guarded counts, too */
    bool guarded; /* see bq_db_guard() */
    bool dirty;   /* somebody guarded has made what is temporary: it would outlive him */
    bool own;     /* what runs is the driver's own statement: no guard */
    bool noted;   /* the guard had something to say about what is prepared now: `refusal` */
    char refusal[BQ_SQLITE_REFUSAL_BYTES];

    struct bq_list cache; /* of bq_sqlite_stmt */
    int n_cached;
    struct bq_list rows; /* of bq_sqlite_rows that are not closed */
};

/* -- sqlite_fail.c -- */

/* What a result code of the connection means, for program and person. */
enum barq_status bq_sqlite_fail(struct bq_sqlite *db, int code, struct barq_error *err);
/* BARQ_OK, unless nothing may begin now: canceled, past the limit, or not connected. */
enum barq_status bq_sqlite_check(const struct bq_sqlite *db, struct barq_error *err);
/* Shall what runs or waits now end? */
bool bq_sqlite_stopped(const struct bq_sqlite *db);

/* -- sqlite_guard.c -- */

/* The authorizer; `base` is the struct bq_sqlite. */
int bq_sqlite_authorize(void *base, int action, const char *first, const char *second,
                        const char *schema, const char *inner);

/* -- sqlite_checkpoint.c -- */

/* After each commit; `base` is the struct bq_sqlite. */
int bq_sqlite_committed(void *base, sqlite3 *handle, const char *schema, int pages);

/* -- sqlite_stmt.c -- */

/* The one statement that `sql` is; give it back with release. */
enum barq_status bq_sqlite_prepare(struct bq_sqlite *db, const char *sql,
                                   struct bq_sqlite_stmt **out, struct barq_error *err)
    BARQ_MUST_CHECK;
/* The first of the statements that `*sql` holds, which is moved on; NULL when none is left. */
enum barq_status bq_sqlite_prepare_next(struct bq_sqlite *db, const char **sql,
                                        struct bq_sqlite_stmt **out, struct barq_error *err)
    BARQ_MUST_CHECK;
void bq_sqlite_release(struct bq_sqlite_stmt *stmt); /* takes NULL */
void bq_sqlite_forget_all(struct bq_sqlite *db);

/* -- sqlite_rows.c: bq_db_exec() and so on -- */

enum barq_status bq_sqlite_exec(struct bq_db *base, const char *sql,
                                const struct barq_scalar *params, size_t n_params,
                                struct barq_error *err);
enum barq_status bq_sqlite_script(struct bq_db *base, const char *sql, struct barq_error *err);
int64_t bq_sqlite_changes(const struct bq_db *base);
enum barq_status bq_sqlite_query(struct bq_db *base, const char *sql,
                                 const struct barq_scalar *params, size_t n_params,
                                 struct bq_rows **out, struct barq_error *err);
enum barq_status bq_sqlite_rows_next(struct bq_rows *base, bool *more, struct barq_error *err);
void bq_sqlite_rows_close(struct bq_rows *base);
int bq_sqlite_rows_columns(const struct bq_rows *base);
struct barq_scalar bq_sqlite_rows_column(const struct bq_rows *base, int column);
/* The transaction they belong to ends: no row follows. */
void bq_sqlite_rows_end(struct bq_sqlite *db);
void bq_sqlite_rows_close_all(struct bq_sqlite *db);

#endif
