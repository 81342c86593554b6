/*
 * inside.h - what the files of this room share.
 *
 *     session.c      a connection and whose it is
 *     transaction.c  its transaction: begun, ended, lost
 *     statement.c    the statements of handlers and applications
 *     savepoint.c    places to which a failure can go back
 *     application.c  an application's own transactions
 *     pool.c         sessions for an application with several threads
 *     ear.c          is told of jobs in the outbox of a PostgreSQL
 *     receipt.c, outbox.c, after.c, tables.c  barq's own tables
 */
#ifndef BQ_SESSION_INSIDE_H
#define BQ_SESSION_INSIDE_H

#include "base/buf.h"
#include "base/list.h"
#include "job/trace.h"
#include "session/session.h"

enum { BQ_SESSION_TEXTS = 16 };

/* One of our statements as this database gets it. */
struct bq_session_text {
    const char *given; /* a literal */
    char *sql;         /* owned */
};

enum bq_session_state { BQ_SESSION_CLOSED, BQ_SESSION_READING, BQ_SESSION_WRITING };

struct barq_session {
    struct bq_db *db;     /* owned; the same from open to close */
    bool postgres;        /* or SQLite */
    int64_t recycle_ms;   /* 0: never */
    int64_t opened_at_ms; /* by bq_mono_ms() */
    char *schema;         /* owned; PostgreSQL: where barq's tables are, quoted */
    struct bq_session_text texts[BQ_SESSION_TEXTS];
    char *wake_path;     /* owned; NULL: no file */
    int wake_fd;         /* -1 until it is first rung */
    struct bq_list rows; /* of barq_rows that are not closed */

    bool bound; /* a job's */
    struct bq_session_job job;
    /* An application's, to which `job` points then. */
    char traceparent[BQ_TRACEPARENT_BYTES];
    char tracestate[BARQ_TRACESTATE_MAX_BYTES + 1];

    enum bq_session_state state;
    int64_t write_until_ms; /* by bq_mono_ms(), of the open transaction; 0: none */
    bool wrote;
    bool put;              /* jobs, in the open transaction */
    bool doubtful;         /* the last commit may have happened: reconnect */
    bool lost;             /* the transaction that should be open is not */
    struct barq_error why; /* when `lost` */
};

/* -- session.c -- */

/* Whatever a job or an application left is over. */
void bq_session_clean(struct barq_session *session);
/* Outside of any transaction: reconnects when the connection is broken or in doubt. */
enum barq_status bq_session_ready(struct barq_session *session, struct barq_error *err)
    BARQ_MUST_CHECK;

/* -- transaction.c -- */

/* BEGIN and COMMIT without the limits of a job's. */
enum barq_status bq_session_start(struct barq_session *session, enum bq_db_mode mode,
                                  struct barq_error *err) BARQ_MUST_CHECK;
enum barq_status bq_session_finish(struct barq_session *session, struct barq_error *err)
    BARQ_MUST_CHECK;
/* A last statement on barq's own tables, and a job's COMMIT, in one flight: see bq_db_finish(). PostgreSQL's only. */
enum barq_status bq_session_commit_with(struct barq_session *session, const char *sql,
                                        const struct barq_scalar *params, size_t n_params,
                                        struct barq_error *err) BARQ_MUST_CHECK;
/* The end of what `status` says about: COMMIT when it is BARQ_OK, else ROLLBACK. */
enum barq_status bq_session_finish_as(struct barq_session *session, enum barq_status status,
                                      struct barq_error *err) BARQ_MUST_CHECK;
/* BARQ_OK when a statement may come now. */
enum barq_status bq_session_check(struct barq_session *session, struct barq_error *err)
    BARQ_MUST_CHECK;
/* The transaction is rolled back, and from now on the session refuses everything but its end. */
enum barq_status bq_session_lose(struct barq_session *session, enum barq_status status,
                                 const char *why, struct barq_error *err);
/* What a statement's end means for the transaction; returns the status to go on with. */
enum barq_status bq_session_after(struct barq_session *session, enum barq_status status,
                                  struct barq_error *err) BARQ_MUST_CHECK;

/* -- statement.c -- */

/* A statement on barq's own tables, which the guard keeps from handlers. */
enum barq_status bq_session_exec_own(struct barq_session *session, const char *sql,
                                     const struct barq_scalar *params, size_t n_params,
                                     struct barq_error *err) BARQ_MUST_CHECK;
/* A query of them, beside whatever the session is doing; its errors are for bq_session_after(). */
enum barq_status bq_session_query_own(struct barq_session *session, const char *sql,
                                      const struct barq_scalar *params, size_t n_params,
                                      struct bq_rows **out, struct barq_error *err) BARQ_MUST_CHECK;
/* Closes the rows that whoever had the session has left. */
void bq_session_close_rows(struct barq_session *session);

/* -- after.c -- */

enum { BQ_AFTER_TEXT_MAX_BYTES = 1024 * 1024 }; /* of a column; ids may be escaped in it */
/* Appends the ids that `job` waits for, as the column's text. */
enum barq_status bq_after_write(const struct bq_job *job, struct bq_buf *out,
                                struct barq_error *err) BARQ_MUST_CHECK;
/* Sets them, in `arena`. BARQ_ERR_NOMEM when that is full; any other status: anybody may have written it, and it can be
 * no job's. */
enum barq_status bq_after_read(const char *text, struct barq_arena *arena, struct bq_job *job,
                               struct barq_error *err) BARQ_MUST_CHECK;

/* By which a PostgreSQL wakes the workers' relay; the SQL function of tables.c says it, too. */
#define BQ_OUTBOX_CHANNEL "barq_outbox"

/* -- tables.c -- */

enum barq_status bq_session_tables(struct bq_db *db, int *from, int *to, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Looks where they are. */
enum barq_status bq_session_find_schema(struct barq_session *session, struct barq_error *err)
    BARQ_MUST_CHECK;
/*
 * `sql`, a literal in which our tables are those of "main.": a handler's temporary tables, or its SET
 * LOCAL search_path, must not stand in front of them. On PostgreSQL that becomes the schema where they
 * are. NULL: out of memory.
 */
const char *bq_session_sql(struct barq_session *session, const char *sql);
void bq_session_forget_texts(struct barq_session *session);

#endif
