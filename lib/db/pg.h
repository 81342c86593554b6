/*
 * pg.h - what the files of the PostgreSQL driver share.
 *
 *     pg.c        opening, whether it is usable, and the table of functions
 *     pg_transaction.c  begun with the session's limits, ended, lost
 *     pg_wait.c   one round trip: waiting for its end, being told to stop
 *     pg_cancel.c asking the server to stop
 *     pg_text.c   a statement's text, read: its params, its words
 *     pg_guard.c  what a statement may not do
 *     pg_stmt.c   prepared statements and the cache of them
 *     pg_rows.c   running them
 *     pg_type.c   params and columns
 *
 * Nothing of a connection is touched by two threads: bq_db_cancel() sets a flag and rings an eventfd,
 * and whoever waits for the server sees it and asks the server to stop.
 */
#ifndef BQ_DB_PG_H
#define BQ_DB_PG_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/list.h"
#include "db/driver.h"
#include "pg/connect.h"

enum {
    BQ_PG_WORD_BYTES = 24,
    BQ_PG_NAME_BYTES = 64,    /* of an application, a statement: NAMEDATALEN */
    BQ_PG_PARAMS_MAX = 65535, /* the protocol's */
    BQ_PG_TEXT_MAX_BYTES = 64 * 1024 * 1024,
};

/* What is known of a statement by its words. */
enum bq_pg_trait {
    BQ_PG_WRITES = 1, /* changes data or tables */
    BQ_PG_OWN = 2,    /* names what is barq's: barq_... */
    BQ_PG_DIRTIES =
        4, /* may leave something in the session that a ROLLBACK or COMMIT does not take away */
    BQ_PG_ENDS = 8,    /* begins, ends or nests transactions, or changes what sessions rely on */
    BQ_PG_COPIES = 16, /* COPY: the driver has no such way */
};

/* One statement of a text, read by bq_pg_read(). */
struct bq_pg_text {
    char *sql; /* as the server gets it, $1 for ?1; in the arena */
    size_t n_params;
    unsigned traits;             /* enum bq_pg_trait */
    char word[BQ_PG_WORD_BYTES]; /* the first one, in lower case; "": there is no statement */
    const char *rest;            /* of the text, behind its semicolon */
};

/* A statement that is kept, and once it is used again prepared. */
struct bq_pg_stmt {
    struct bq_list link; /* in the cache, least recently used first */
    char *given;         /* owned; the text by which it is found */
    size_t len;
    uint64_t types; /* hash of its params' types */
    struct barq_arena arena;
    struct bq_pg_text text; /* in the arena */
    bool again;             /* it is not the first use */
    bool prepared;
    char name[BQ_PG_NAME_BYTES]; /* in the server */
};

struct bq_pg {
    struct bq_db base;
    struct barq_arena arena; /* of the address */
    struct bq_pg_address address;
    PGconn *connection; /* NULL: not connected */
    int64_t busy_ms;
    bool no_ping;
    bool shared;
    bool pooled; /* "prepare=off": nothing is left in the session between transactions */

    bool reading;       /* the transaction that is open may not write */
    int64_t changes;    /* of the last statement */
    int64_t used_at_ms; /* by bq_mono_ms(): when the server last answered */
    enum bq_db_isolation isolation;
    char name[BQ_PG_NAME_BYTES]; /* what the server shows in transactions; "": as connected */

    /* Why what runs is to stop. `canceled` and `cancel_fd` are what other threads touch. */
    atomic_bool canceled;
    int cancel_fd;          /* an eventfd, readable while `canceled` */
    int64_t until_ms;       /* by bq_mono_ms(); 0: none */
    bool finishing;         /* a COMMIT is on its way behind a statement */
    int64_t unstoppable_ms; /* a commit, rollback or ping runs, until then; 0: none does */

    bool guarded; /* see bq_db_guard() */
    bool dirty;   /* somebody guarded may have left something in the session */

    struct bq_list cache; /* of bq_pg_stmt */
    int n_cached;
    uint64_t last_name;
    struct bq_list rows; /* of bq_pg_rows that are not closed */
};

/* -- pg.c -- */

/* The connection is of no use any more. */
void bq_pg_disconnect(struct bq_pg *db);
/* Connected, and in no transaction. */
bool bq_pg_is_idle(const struct bq_pg *db);

/* -- pg_transaction.c: bq_db_begin() and so on -- */

bool bq_pg_tx_open(const struct bq_db *base);
enum barq_status bq_pg_tx_begin(struct bq_db *base, enum bq_db_mode mode, struct barq_error *err);
void bq_pg_tx_rollback(struct bq_db *base);
enum barq_status bq_pg_tx_commit(struct bq_db *base, struct barq_error *err);
enum barq_status bq_pg_tx_finish(struct bq_db *base, const char *sql,
                                 const struct barq_scalar *params, size_t n_params,
                                 struct barq_error *err);
enum barq_status bq_pg_tx_written(struct bq_db *base, bool *out, struct barq_error *err);
enum barq_status bq_pg_tx_say(struct bq_db *base, const char *sql, struct barq_error *err);
enum barq_status bq_pg_tx_migrating(struct bq_db *base, const char *name, struct barq_error *err);

/* -- pg_wait.c -- */

/* BARQ_OK, unless nothing may begin now: canceled, past the limit, or not connected. */
enum barq_status bq_pg_check(const struct bq_pg *db, struct barq_error *err) BARQ_MUST_CHECK;
/*
 * Waits for the end of what PQsend...() has begun (`sent` is what that returned). `*out`, if not NULL, is the last
 * result, a good one; free it with PQclear(). Whatever fails, the connection is idle, in a failed transaction, or gone.
 */
enum barq_status bq_pg_await(struct bq_pg *db, int sent, PGresult **out, struct barq_error *err)
    BARQ_MUST_CHECK;
/*
 * Waits for the end of a pipeline that is a statement and COMMIT. Whatever fails, it is as after bq_pg_await(); the
 * statement's failure is told as it is, that of COMMIT never as BARQ_ERR_EXISTS. BARQ_ERR_CONN: it may be committed.
 */
enum barq_status bq_pg_await_commit(struct bq_pg *db, int sent, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Statements of the driver's own, which no guard concerns. */
enum barq_status bq_pg_say(struct bq_pg *db, const char *sql, struct barq_error *err)
    BARQ_MUST_CHECK;
/* The same, which nobody can stop, but which may not take longer than `max_ms`; `tag` (or NULL) gets what was done. */
enum barq_status bq_pg_insist(struct bq_pg *db, const char *sql, int64_t max_ms, char *tag,
                              size_t tag_bytes, struct barq_error *err) BARQ_MUST_CHECK;

/* -- pg_cancel.c -- */

/* Asks the server to stop what it does for `db`; does not block. NULL: it could not be asked. */
struct bq_pg_cancel *bq_pg_cancel_start(struct bq_pg *db);
/* Waits until it was told, so that nothing later is hit; false: it was not, by `until_ms`. Takes NULL. */
bool bq_pg_cancel_end(struct bq_pg_cancel *cancel, int64_t until_ms);

/* -- pg_text.c -- */

/* Reads the first statement of `text` into `out`, in `arena`. */
enum barq_status bq_pg_read(struct barq_arena *arena, const char *text, struct bq_pg_text *out,
                            struct barq_error *err) BARQ_MUST_CHECK;

/* -- pg_guard.c -- */

/* What a word (of `len` bytes, in any case) says of a statement; `first`: it is the first one. */
unsigned bq_pg_traits_of(const char *word, size_t len, bool first);
/* May this statement run now? Notes what it leaves behind. */
enum barq_status bq_pg_allow(struct bq_pg *db, const struct bq_pg_text *text,
                             struct barq_error *err) BARQ_MUST_CHECK;

/* -- pg_type.c -- */

/* As PQsendQueryParams() wants them; in an arena. */
struct bq_pg_params {
    size_t count;
    const char **values;
    int *lengths;
    int *formats;
    Oid *types;
};
enum barq_status bq_pg_params_make(struct barq_arena *arena, const struct barq_scalar *params,
                                   size_t n_params, struct bq_pg_params *out,
                                   struct barq_error *err) BARQ_MUST_CHECK;
/* A column's value; bytes are decoded into `arena`. BARQ_ERR_NOMEM when that is full. */
enum barq_status bq_pg_column(struct barq_arena *arena, const PGresult *result, int row, int column,
                              struct barq_scalar *out, struct barq_error *err) BARQ_MUST_CHECK;

/* -- pg_stmt.c -- */

/* Runs the one statement that `sql` is; `*out` as of bq_pg_await(). */
enum barq_status bq_pg_run(struct bq_pg *db, const char *sql, const struct barq_scalar *params,
                           size_t n_params, PGresult **out, struct barq_error *err) BARQ_MUST_CHECK;
/* The same, and COMMIT behind it; see bq_pg_await_commit(). */
enum barq_status bq_pg_run_last(struct bq_pg *db, const char *sql, const struct barq_scalar *params,
                                size_t n_params, struct barq_error *err) BARQ_MUST_CHECK;
void bq_pg_forget_all(struct bq_pg *db);

/* -- pg_rows.c: bq_db_exec() and so on -- */

enum barq_status bq_pg_exec(struct bq_db *base, const char *sql, const struct barq_scalar *params,
                            size_t n_params, struct barq_error *err);
enum barq_status bq_pg_script(struct bq_db *base, const char *sql, struct barq_error *err);
int64_t bq_pg_changes(const struct bq_db *base);
enum barq_status bq_pg_query(struct bq_db *base, const char *sql, const struct barq_scalar *params,
                             size_t n_params, struct bq_rows **out, struct barq_error *err);
enum barq_status bq_pg_rows_next(struct bq_rows *base, bool *more, struct barq_error *err);
void bq_pg_rows_close(struct bq_rows *base);
int bq_pg_rows_columns(const struct bq_rows *base);
struct barq_scalar bq_pg_rows_column(const struct bq_rows *base, int column);
/* The transaction they belong to ends: no row follows. */
void bq_pg_rows_end(struct bq_pg *db);
void bq_pg_rows_close_all(struct bq_pg *db);

#endif
