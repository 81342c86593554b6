/*
 * db.h - one SQL connection. Each database is one file that exports one
 * struct bq_db_driver; open.c is the table of them.
 *
 * One thread at a time, but for bq_db_cancel().
 */
#ifndef BQ_DB_DB_H
#define BQ_DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <barq/value.h>

#include "base/error.h"

struct bq_db;
struct bq_rows;

enum bq_db_mode { BQ_DB_READ, BQ_DB_WRITE };
enum bq_db_isolation { BQ_DB_ISOLATION_DEFAULT, BQ_DB_REPEATABLE_READ, BQ_DB_SERIALIZABLE };

struct bq_db_options {
    int64_t busy_ms;  /* how long to wait for a lock; 0: 10 s */
    bool no_ping;     /* bq_db_ready() does not ask a server, however long it was silent */
    bool shared;      /* bq_db_ready() also looks for what somebody unguarded has left */
    int64_t until_ms; /* as of bq_db_until(), from the beginning; PostgreSQL's only */
};

/*
 * `url`: "sqlite:data.db", "sqlite:///var/lib/x/data.db". The file is created when it is missing
 * (its folder is not). SQLite: WAL, synchronous=FULL, foreign_keys on, own busy handling (short
 * sleeps with jitter). `options` may be NULL.
 *
 * Or "postgresql://user@host/name?sslmode=verify-full", with every option of libpq (pg/address.h), and
 * two of ours: "schema=jobs" puts that schema before "public" in the search path, and migrations make
 * it; "prepare=off" is for poolers that give each transaction another server: no statement is
 * prepared, and nothing is left behind between transactions.
 *
 * BARQ_ERR_ARG       unknown scheme or option, or not a file name
 * BARQ_ERR_CORRUPT   it is no database, or a damaged one
 * BARQ_ERR_CONN      the server is away
 * BARQ_ERR_DENIED, BARQ_ERR_FULL, BARQ_ERR_NOTFOUND, BARQ_ERR_BUSY, BARQ_ERR_IO
 */
enum barq_status bq_db_open(const char *url, const struct bq_db_options *options,
                            struct bq_db **out, struct barq_error *err) BARQ_MUST_CHECK;
/* Takes NULL; rolls back, and closes the rows that are left. */
void bq_db_close(struct bq_db *db);
void bq_db_drop(struct bq_db **db); /* for bq_auto(db) */
/*
 * A new connection in the place of the old one, which is rolled back. No rows may be left. After a
 * failure everything fails with BARQ_ERR_CONN until a reopening succeeds. The cancel flag, the
 * guard and the time limit stay as they are.
 */
enum barq_status bq_db_reopen(struct bq_db *db, struct barq_error *err) BARQ_MUST_CHECK;

/* Is the connection usable, outside of any transaction, and as clean as a new one (no temporary
 * tables of somebody guarded)? Cheap; SQLite also asks whether the file was deleted or replaced.
 * PostgreSQL: looks at what the server has sent unasked; after ten seconds without a word it is
 * asked; what somebody guarded may have left (settings, locks) is discarded. */
bool bq_db_ready(struct bq_db *db);
/* Where the file is (whole, without symbolic links), for what lies beside it ("<path>-wake"); NULL
 * when the database is no file. Valid until it is closed or reopened. */
const char *bq_db_path(const struct bq_db *db);
/* The scheme of its URLs: "sqlite". */
const char *bq_db_scheme(const struct bq_db *db);

/* On SQLite WRITE takes the write lock at once. BARQ_ERR_BUSY after busy_ms. In a transaction for reading
 * statements that write are refused (BARQ_ERR_DENIED). PostgreSQL: until is the server's limit, too,
 * for each statement and for the time between two: a backend whose client is gone ends by itself. */
enum barq_status bq_db_begin(struct bq_db *db, enum bq_db_mode mode, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Rows still open are over. On failure the transaction is rolled back, except: BARQ_ERR_CONN means
 * that nobody knows. BARQ_ERR_CONFLICT: no transaction stands any more. */
enum barq_status bq_db_commit(struct bq_db *db, struct barq_error *err) BARQ_MUST_CHECK;
/* One statement more, as of bq_db_exec(), and COMMIT; PostgreSQL gets both in one flight. Whatever
 * fails, the transaction is over: by the statement's status nothing is committed. BARQ_ERR_CONN
 * means that nobody knows. BARQ_ERR_EXISTS is the statement's, never a deferred constraint's. */
enum barq_status bq_db_finish(struct bq_db *db, const char *sql, const struct barq_scalar *params,
                              size_t n_params, struct barq_error *err) BARQ_MUST_CHECK;
/* Nothing when none is open; always leaves none. Rows still open are over. */
void bq_db_rollback(struct bq_db *db);
/* Asked after every error: does the transaction that was begun still stand? On PostgreSQL each failed
 * statement ends it, unless a savepoint is there to go back to. */
bool bq_db_in_transaction(const struct bq_db *db);
/* Has the open transaction written anything? SQLite: it was begun for writing. */
enum barq_status bq_db_written(struct bq_db *db, bool *out, struct barq_error *err) BARQ_MUST_CHECK;
/* A place in the open transaction to which a failure can go back; they nest. Then either it is kept
 * (release), or what came after it is undone; both end the newest one. */
enum barq_status bq_db_savepoint(struct bq_db *db, struct barq_error *err) BARQ_MUST_CHECK;
enum barq_status bq_db_savepoint_release(struct bq_db *db, struct barq_error *err) BARQ_MUST_CHECK;
enum barq_status bq_db_savepoint_rollback(struct bq_db *db, struct barq_error *err) BARQ_MUST_CHECK;
/* Of transactions that begin from now on. On SQLite they are serializable anyway. */
void bq_db_isolation(struct bq_db *db, enum bq_db_isolation isolation);
/* Under which name transactions that begin from now on are seen in the server (application_name), cut
 * to 63 bytes; "": that of the connection. */
void bq_db_name(struct bq_db *db, const char *name);
/*
 * Listens to what is said in a channel (letters and underscores) of the database: `*fd` can be read when there may be
 * something, then bq_db_heard() tells. The connection is for nothing else; -1: the database has no such thing.
 */
enum barq_status bq_db_listen(struct bq_db *db, const char *channel, int *fd,
                              struct barq_error *err) BARQ_MUST_CHECK;
/* Takes what has come; `*heard`: something was said. BARQ_ERR_CONN: nothing will be any more. */
enum barq_status bq_db_heard(struct bq_db *db, bool *heard, struct barq_error *err) BARQ_MUST_CHECK;
/*
 * While guarded, statements that begin, end or nest transactions, ATTACH, DETACH, PRAGMAs that
 * change anything, and what changes or shadows tables whose names begin with "barq_" are refused
 * (BARQ_ERR_DENIED); bq_db_begin/commit/rollback/savepoint are not. PRAGMAs that would weaken the durability
 * promised above are refused always.
 *
 * PostgreSQL: by their words; SET is refused but for SET LOCAL, and so are LISTEN, PREPARE, DISCARD and
 * their like. COPY is refused always. What a function or trigger does within is not seen.
 */
void bq_db_guard(struct bq_db *db, bool on);
/* From any thread: what runs or waits now fails soon with BARQ_ERR_CANCELED, and so does all that
 * follows, but for rollback, until it is set to false again. */
void bq_db_cancel(struct bq_db *db, bool on);
/* What runs or waits at that instant (by bq_mono_ms()), or begins later, fails with
 * BARQ_ERR_TIMEOUT, but for commit and rollback; 0: no limit. PostgreSQL: connecting ends then, too, with
 * BARQ_ERR_CONN. */
void bq_db_until(struct bq_db *db, int64_t mono_ms);

/*
 * One statement; ?1, ?2, ... are the params, which are all given; on PostgreSQL also $1, $2, ...,
 * and there a param is of the type that the statement needs, but for bool, bytes and timestamps. Prepared statements are kept and
 * found again by their text. Statuses of errors, the same for all drivers: BARQ_ERR_EXISTS unique
 * constraint; BARQ_ERR_SQL other refusals; BARQ_ERR_BUSY lock; BARQ_ERR_FULL no space (SQLITE_FULL,
 * EFBIG, max_page_count); BARQ_ERR_CORRUPT; BARQ_ERR_IO; BARQ_ERR_DENIED; BARQ_ERR_CANCELED;
 * BARQ_ERR_TIMEOUT; BARQ_ERR_CONN connection lost.
 */
enum barq_status bq_db_exec(struct bq_db *db, const char *sql, const struct barq_scalar *params,
                            size_t n_params, struct barq_error *err) BARQ_MUST_CHECK;
/* Any number of statements without params; their rows are dropped. */
enum barq_status bq_db_script(struct bq_db *db, const char *sql, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Rows that the last statement changed. */
int64_t bq_db_changes(const struct bq_db *db);

/* Params are copied. */
enum barq_status bq_db_query(struct bq_db *db, const char *sql, const struct barq_scalar *params,
                             size_t n_params, struct bq_rows **out, struct barq_error *err)
    BARQ_MUST_CHECK;
/* After the last row, `*more` is false however often it is asked. BARQ_ERR_CONFLICT: a commit or
 * rollback has ended the rows. */
enum barq_status bq_rows_next(struct bq_rows *rows, bool *more, struct barq_error *err)
    BARQ_MUST_CHECK;
void bq_rows_close(struct bq_rows *rows); /* takes NULL */
void bq_rows_drop(struct bq_rows **rows); /* for bq_auto(rows) */
int bq_rows_columns(const struct bq_rows *rows);
/* Text and bytes live until the next step; text is followed by a NUL. Null when out of range. */
struct barq_scalar bq_rows_column(const struct bq_rows *rows, int column);
int64_t bq_rows_int(const struct bq_rows *rows, int column);      /* 0 when it is no number */
const char *bq_rows_text(const struct bq_rows *rows, int column); /* NULL when it is no text */

/* On PostgreSQL all rows come at once, and stay in memory until they are closed: use LIMIT. */

/* Statements of one row or none: the first column as a number into `*out`; `otherwise` when there
 * is no row or a null. */
enum barq_status bq_db_query_int(struct bq_db *db, const char *sql,
                                 const struct barq_scalar *params, size_t n_params,
                                 int64_t otherwise, int64_t *out, struct barq_error *err)
    BARQ_MUST_CHECK;

/*
 * Versioned migrations: a table `name`(version) remembers how many of `steps` (scripts,
 * NULL-terminated, never changed once released) have been done; the missing ones run in one
 * transaction. When none is missing nothing is locked. A database that is newer than we are is
 * refused (BARQ_ERR_CONFLICT) with both numbers. `name` is letters and underscores. `from`, `to` may be NULL.
 */
enum barq_status bq_db_migrate(struct bq_db *db, const char *name, const char *const *steps,
                               int *from, int *to, struct barq_error *err) BARQ_MUST_CHECK;

#endif
