/*
 * session.h - a session from inside: what an attempt does with it.
 *
 * One struct barq_session is one connection. In an executor each handler
 * thread has one, used by one job after the other; an application has one of
 * its own. It is bound to a job for the length of an attempt, and guarded
 * then: the handler reads and writes, the attempt begins and ends.
 */
#ifndef BQ_SESSION_SESSION_H
#define BQ_SESSION_SESSION_H

#include <barq/session.h>

#include "base/arena.h"
#include "codec/codec.h"
#include "db/db.h"
#include "job/job.h"

/* Opens, and brings barq's tables up to date. */
enum barq_status bq_session_open(const char *url, struct barq_session **out, struct barq_error *err)
    BARQ_MUST_CHECK;
struct bq_session_options {
    int64_t
        recycle_ms; /* a connection to a server that is older is opened anew for the next job; 0: never */
    bool no_ping; /* a server that was silent for long is not asked before */
    bool
        shared; /* by whoever takes it: what one leaves in the connection, the next must not find */
    int64_t until_ms; /* as of bq_session_until(), from the beginning */
};
enum barq_status bq_session_open_as(const char *url, const struct bq_session_options *options,
                                    struct barq_session **out, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Do sessions cost their server something, so that their number is limited? */
bool bq_session_is_pooled(const struct barq_session *session);
/* Takes NULL. (barq_session_close is the same, but for a job's session, which it leaves.) */
void bq_session_close(struct barq_session *session);
void bq_session_drop(struct barq_session **session); /* for bq_auto(session) */
/* Only brings barq's tables up to date; `from`, `to` may be NULL. */
enum barq_status bq_session_migrate(const char *url, int *from, int *to, struct barq_error *err)
    BARQ_MUST_CHECK;
struct bq_db *bq_session_db(struct barq_session *session);
/*
 * Hears of jobs that applications have put into the outbox of a PostgreSQL, on a connection of its own. `*fd` is
 * readable when there may be something; -1: the database is no such one, and `*out` stays as it is.
 */
struct bq_ear;
enum barq_status bq_ear_open(const char *url, struct bq_ear **out, int *fd, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Takes what has come. BARQ_ERR_CONN: nothing will be heard any more. */
enum barq_status bq_ear_heard(struct bq_ear *ear, bool *heard, struct barq_error *err)
    BARQ_MUST_CHECK;
void bq_ear_close(struct bq_ear *ear); /* takes NULL */
/* The file beside the database by which the workers' relay is woken. NULL: the database is no file. */
const char *bq_session_wake_path(const struct barq_session *session);

struct bq_session_job {
    const struct bq_identity *identity; /* borrowed until unbind; NULL: no job (on_startup) */
    const char
        *function; /* by which it is seen in the server; borrowed likewise; NULL: not known */
    enum bq_db_isolation isolation; /* of its transactions */
    /* For jobs it enqueues without saying where; borrowed likewise. NULL: the broker's own, which whoever relays
     * them knows. */
    const char *queue;
    const struct bq_codec *codec; /* of these jobs' bytes; NULL: that of BARQ_SERIALIZER, or JSON */
    int64_t commit_until_ms;      /* by bq_mono_ms(): refuses to commit later; 0: no limit */
    int64_t until_ms;             /* as of bq_session_until(), for its binding, too */
    int64_t write_max_ms;         /* SQLite; 0: BARQ_WRITE_MAX_MS */
    size_t payload_max_bytes;     /* of jobs it enqueues; 0: 1 MiB */
    const char
        *traceparent; /* theirs, if they have none of their own; borrowed likewise; NULL: none */
    const char *tracestate; /* only with a traceparent; NULL: none */
};
/*
 * Makes the session clean for a job: reconnects when the connection is broken
 * or in doubt. BARQ_ERR_CONN when that fails: the job is given back.
 */
enum barq_status bq_session_bind(struct barq_session *session, const struct bq_session_job *job,
                                 struct barq_error *err) BARQ_MUST_CHECK;
/*
 * On a server: what is asked outside of transactions, and getting a connection, fails at that instant (by
 * bq_mono_ms()); 0: no limit. A transaction takes the limit away. Where nobody is waited for there is none.
 */
void bq_session_until(struct barq_session *session, int64_t mono_ms);
/* Rolls back what is open and closes rows that are left; the guard is off; the session is nobody's. */
void bq_session_unbind(struct barq_session *session);
/* What it was bound to; all zero when it is nobody's. */
const struct bq_session_job *bq_session_job(const struct barq_session *session);

/* What barq_session_read() and barq_session_write() do once they know the session. */
enum barq_status bq_session_use(struct barq_session *session, enum bq_db_mode mode,
                                struct barq_error *err) BARQ_MUST_CHECK;
/* BARQ_OK when a statement that writes may come now. */
enum barq_status bq_session_writable(struct barq_session *session, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Has it been opened for writing since bind? */
bool bq_session_wrote(const struct barq_session *session);
/* Has it written anything? On SQLite to be opened for writing counts; PostgreSQL is asked. */
enum barq_status bq_session_written(struct barq_session *session, bool *out, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Has the transaction been lost under the handler's hands? Then the attempt cannot succeed,
 * whatever it returned, and nothing more goes on in it until the next bind. */
bool bq_session_broken(const struct barq_session *session, struct barq_error *why);
/* From the loop's thread: ends waiting and running statements, and refuses new ones, until the next bind. */
void bq_session_cancel(struct barq_session *session);

/* Begins a write transaction of the attempt's own (receipts, hooks). BARQ_ERR_CONFLICT when one is
 * open, or the session is broken. */
enum barq_status bq_session_begin_own(struct barq_session *session, struct barq_error *err)
    BARQ_MUST_CHECK;
/* COMMIT. BARQ_ERR_CANCELED after commit_until_ms; on SQLite a write transaction open for longer than
 * write_max_ms is refused with BARQ_ERR_CONFLICT. Whatever fails has been rolled back, but
 * BARQ_ERR_CONN: nobody knows. */
enum barq_status bq_session_commit(struct barq_session *session, struct barq_error *err)
    BARQ_MUST_CHECK;
void bq_session_rollback(struct barq_session *session);
/* Wakes the workers' relay, after a COMMIT that had jobs of nobody's in it. A hint: who polls sees them anyway. */
void bq_session_wake(struct barq_session *session);

#endif
