/*
 * session.h - the database as a job uses it, and as an application that
 * enqueues jobs in its own transactions uses it.
 *
 * A job's session belongs to one attempt. barq commits it when the handler
 * has returned BARQ_OK, together with the job's receipt, and rolls it back
 * otherwise; the handler cannot end it. A session is either closed, open for
 * reading or open for writing. Reading cannot be upgraded, only ended. Writing
 * takes SQLite's write lock at once (BEGIN IMMEDIATE) and may last 5 s: so
 * read, end, call the outside, open for writing, check again, write.
 *
 * On PostgreSQL writing may last as long as the attempt may, of which the server
 * is told: a backend whose worker is gone ends by itself. A statement that fails
 * there, for whatever reason, ends the transaction, unless it is within a
 * savepoint (barq_savepoint()) to which one goes back. What a handler may leave in
 * the connection (temporary tables, locks) is discarded after it; what functions
 * or triggers of the database do to the connection is theirs to undo.
 *
 * A session serves one thread at a time.
 */
#ifndef BARQ_SESSION_H
#define BARQ_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <barq/error.h>
#include <barq/value.h>

#ifdef __cplusplus
extern "C" {
#endif

struct barq_context;
struct barq_session;
struct barq_rows; /* the rows of one query */

/* What a transaction sees of others that run beside it, on PostgreSQL; on SQLite all are serializable. */
enum barq_isolation {
    BARQ_ISOLATION_DEFAULT, /* as the server has it: read committed, mostly */
    BARQ_REPEATABLE_READ,
    BARQ_SERIALIZABLE, /* one that would not fit between the others fails with BARQ_ERR_CONFLICT, and is tried again */
};

/* SQLite: a write transaction that is open for longer fails at its next statement or its end. */
enum { BARQ_WRITE_MAX_MS = 5000 };
/*
 * In place of that, the transaction that is open for writing may last `ms` from now; whoever else writes waits, or is
 * told BARQ_ERR_BUSY. For a change of tables. On PostgreSQL, and while nothing is written, it does nothing.
 */
BARQ_API void barq_session_write_max(struct barq_session *session, int64_t ms);

/* -- in a handler or a hook -- */

/*
 * Opens the job's session; borrowed, ends with the attempt.
 *
 * BARQ_ERR_CONFLICT  it is open for reading, and writing was asked for: end it first
 * BARQ_ERR_BUSY      the write lock was not to be had in time
 * BARQ_ERR_CONN      the database is away; the job is given back, no try is used up
 * BARQ_ERR_CANCELED  the job was told to stop
 */
BARQ_API enum barq_status barq_session_read(struct barq_context *ctx, struct barq_session **out,
                                            struct barq_error *err) BARQ_MUST_CHECK;
/* Opening for writing what is open for writing gives the same session again. */
BARQ_API enum barq_status barq_session_write(struct barq_context *ctx, struct barq_session **out,
                                             struct barq_error *err) BARQ_MUST_CHECK;
/* Ends reading. BARQ_ERR_DENIED when it is open for writing: the engine ends that. */
BARQ_API enum barq_status barq_session_end(struct barq_session *session, struct barq_error *err)
    BARQ_MUST_CHECK;

/* -- in an application: transactions of its own -- */

/* `url` as DATABASE_URL, or NULL: from the environment or the default (see worker.h). Creates barq's tables. */
BARQ_API enum barq_status barq_session_open(const char *url, struct barq_session **out,
                                            struct barq_error *err) BARQ_MUST_CHECK;
/* Rolls back what is open. Takes NULL. */
BARQ_API void barq_session_close(struct barq_session *session);
/* Begins a transaction, for writing or for reading, as barq_session_write() and barq_session_read() do. */
BARQ_API enum barq_status barq_session_begin(struct barq_session *session, bool writing,
                                             struct barq_error *err) BARQ_MUST_CHECK;
/* Commits, and wakes the workers' relay when jobs were enqueued. After a failure the transaction is rolled back. */
BARQ_API enum barq_status barq_session_commit(struct barq_session *session, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Ends the transaction; nothing of it stays. Does nothing when there is none. */
BARQ_API void barq_session_rollback(struct barq_session *session);

/* What kind of database it is, where SQL must differ: "sqlite" or "postgresql"; "" of NULL. */
BARQ_API const char *barq_session_database(const struct barq_session *session);

/*
 * Sessions for a program with several threads: each takes one, uses it, and gives it back; then what is open in it is
 * rolled back, what it left in the connection is discarded, and one whose connection broke is closed. Any thread.
 */
struct barq_pool;
/* Zero means the default everywhere. */
struct barq_pool_options {
    int pool_size;    /* sessions that are kept open; 10 */
    int max_overflow; /* and so many more while they are used; 5; BARQ_OFF: none */
    int64_t
        pool_timeout_ms; /* how long to wait for one when all are taken; 30 s; BARQ_OFF: not at all */
    int64_t pool_recycle_ms; /* one that was opened longer ago is opened anew; never */
    int pool_pre_ping; /* BARQ_OFF: a server that was silent for long is not asked before a session is handed out */
};
/* Opens the first session, and creates barq's tables. `url` as of barq_session_open(), `options` may be NULL. */
BARQ_API enum barq_status barq_pool_open(const char *url, const struct barq_pool_options *options,
                                         struct barq_pool **out, struct barq_error *err)
    BARQ_MUST_CHECK;
/*
 * `who` is told to whoever waits in vain for a session ("GET /lists"); borrowed until it is given back.
 *
 * BARQ_ERR_TIMEOUT  all are taken, and none came back in time; the error says who has them, and for how long
 * BARQ_ERR_CONN     the database is away
 */
BARQ_API enum barq_status barq_pool_take(struct barq_pool *pool, const char *who,
                                         struct barq_session **out, struct barq_error *err)
    BARQ_MUST_CHECK;
BARQ_API void barq_pool_give(struct barq_pool *pool, struct barq_session *session); /* takes NULL */
/* When all have been given back. Takes NULL. */
BARQ_API void barq_pool_close(struct barq_pool *pool);

/* -- statements -- */

/* For the params of the calls below: BARQ_PARAMS(barq_sql_text(id), barq_sql_int(7)), or BARQ_NO_PARAMS. */
#define BARQ_PARAMS(...)                                                                           \
    (const struct barq_scalar[]){__VA_ARGS__},                                                     \
        sizeof((const struct barq_scalar[]){__VA_ARGS__}) / sizeof(struct barq_scalar)
#define BARQ_NO_PARAMS NULL, 0

/*
 * Runs one statement; ?1, ?2, ... are the params (on PostgreSQL also $1, $2, ...).
 * A job's session refuses (BARQ_ERR_DENIED) what ends or nests transactions,
 * ATTACH, DETACH, and PRAGMAs that change the connection; on PostgreSQL SET (but
 * SET LOCAL), LISTEN, PREPARE and their like, and COPY always.
 *
 * BARQ_ERR_EXISTS    a unique constraint; on SQLite the transaction stands, see above for PostgreSQL
 * BARQ_ERR_SQL       the database refused it; likewise
 * BARQ_ERR_CONFLICT  the transaction is over (a conflict, a serialization failure, a deadlock, a broken connection,
 *                    5 s): the attempt cannot succeed
 * BARQ_ERR_BUSY      a lock was not to be had within 8 s
 */
BARQ_API enum barq_status barq_exec(struct barq_session *session, const char *sql,
                                    const struct barq_scalar *params, size_t n_params,
                                    struct barq_error *err) BARQ_MUST_CHECK;
/* Several statements without params, e.g. tables to create. */
BARQ_API enum barq_status barq_exec_script(struct barq_session *session, const char *sql,
                                           struct barq_error *err) BARQ_MUST_CHECK;
/*
 * A place in the open transaction to which a failure can go back. They nest: the newest one is ended,
 * either by keeping what came after it, or by undoing that. With the transaction all are over.
 *
 *     status = barq_savepoint(session, err);
 *     status = barq_exec(session, "INSERT INTO ...", ...);
 *     if (status == BARQ_ERR_EXISTS) {
 *         status = barq_savepoint_rollback(session, err);
 *     } else ... barq_savepoint_release(session, err);
 *
 * BARQ_ERR_CONFLICT  there is none, or the transaction is over
 */
BARQ_API enum barq_status barq_savepoint(struct barq_session *session, struct barq_error *err)
    BARQ_MUST_CHECK;
BARQ_API enum barq_status barq_savepoint_release(struct barq_session *session,
                                                 struct barq_error *err) BARQ_MUST_CHECK;
BARQ_API enum barq_status barq_savepoint_rollback(struct barq_session *session,
                                                  struct barq_error *err) BARQ_MUST_CHECK;

/* Rows that the last barq_exec() changed. */
BARQ_API int64_t barq_changes(const struct barq_session *session);

/* Begins a query; close the rows before the session ends or another statement changes what they read. On
 * PostgreSQL all of them come at once, and are in memory until then. */
BARQ_API enum barq_status barq_query(struct barq_session *session, const char *sql,
                                     const struct barq_scalar *params, size_t n_params,
                                     struct barq_rows **out, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Steps to the next row; `*more` says whether there is one. */
BARQ_API enum barq_status barq_rows_next(struct barq_rows *rows, bool *more, struct barq_error *err)
    BARQ_MUST_CHECK;
BARQ_API void barq_rows_close(struct barq_rows *rows); /* takes NULL */
BARQ_API int barq_columns(const struct barq_rows *rows);
/* Of the row stepped to; text and bytes live until the next step. Out of range reads as null. */
BARQ_API struct barq_scalar barq_column(const struct barq_rows *rows, int column);
BARQ_API int64_t barq_column_int(const struct barq_rows *rows, int column);
BARQ_API bool barq_column_bool(const struct barq_rows *rows, int column); /* an int: is it not 0? */
BARQ_API double barq_column_double(const struct barq_rows *rows, int column);
/* Also that of a timestamp; NULL for a null; ended by a NUL. */
BARQ_API const char *barq_column_text(const struct barq_rows *rows, int column);

/* -- jobs that are enqueued if and only if this transaction commits -- */

struct barq_enqueue_options;

/*
 * Writes a job into the session's outbox; the session is open for writing.
 * `args` a tuple or list or NULL, `kwargs` a map or NULL. Its id goes to
 * `id_out` (of at least BARQ_JOB_ID_MAX_BYTES + 1) unless that is NULL.
 * In a job it goes into that job's queue, written in that job's serializer
 * (client.h); elsewhere into the broker's own, written in $BARQ_SERIALIZER,
 * else JSON. In a job it belongs to that job's trace, unless `options` has
 * another; elsewhere to that of barq_session_trace().
 * After COMMIT it is enqueued; a unique id that is still queued, running or
 * has a result is dropped then.
 */
BARQ_API enum barq_status barq_session_enqueue(struct barq_session *session, const char *function,
                                               const struct barq_value *args,
                                               const struct barq_value *kwargs,
                                               const struct barq_enqueue_options *options,
                                               char *id_out, struct barq_error *err)
    BARQ_MUST_CHECK;
/*
 * Of which trace jobs are that an application enqueues in this session from now on (W3C Trace Context, client.h), as
 * the headers of a request say it: what is no traceparent, or NULL, is none. It is forgotten when the session goes back
 * to its pool. A job's session has its job's.
 */
BARQ_API void barq_session_trace(struct barq_session *session, const char *traceparent,
                                 const char *tracestate);

#ifdef __cplusplus
}
#endif

#endif
