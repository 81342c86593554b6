/*
 * application.c - the session of an application, which begins and ends its
 * transactions itself; a job's session refuses that.
 */
#include <string.h>

#include <barq/admin.h>

#include "os/wake.h"
#include "session/inside.h"

enum { URL_ARENA_BYTES = 64 * 1024 };

enum barq_status barq_session_open(const char *url, struct barq_session **out,
                                   struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    enum barq_status status = BARQ_OK;

    bq_arena_init(&arena, URL_ARENA_BYTES);
    if (!url) {
        status = barq_default_database_url(&arena, &url, err);
    }
    return status == BARQ_OK ? bq_session_open(url, out, err) : status;
}

static enum barq_status check_free(const struct barq_session *session, struct barq_error *err)
{
    if (!session) {
        return bq_fail(err, BARQ_ERR_BUG, "session: there is none");
    }
    if (session->bound) {
        return bq_fail(err, BARQ_ERR_DENIED,
                       "session: barq begins and ends a job's transaction itself");
    }
    return BARQ_OK;
}

/* A handler that believes it has undone its writes must not see them committed. */
static bool keep_from_job(struct barq_session *session, const char *call)
{
    if (!session->bound) {
        return false;
    }
    if (session->state == BQ_SESSION_WRITING && !session->lost) {
        (void)bq_session_lose(session, BARQ_ERR_DENIED, call, NULL);
    }
    return true;
}

enum barq_status barq_session_begin(struct barq_session *session, bool writing,
                                    struct barq_error *err)
{
    enum barq_status status = check_free(session, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (session->state != BQ_SESSION_CLOSED) {
        return bq_fail(err, BARQ_ERR_CONFLICT, "session: a transaction is open already");
    }
    status = bq_session_ready(session, err);
    return status == BARQ_OK ? bq_session_start(session, writing ? BQ_DB_WRITE : BQ_DB_READ, err)
                             : status;
}

/* After COMMIT: with it, those who commit would wait for each other. */
static void notify(struct barq_session *session)
{
    struct barq_error ignored;

    (void)!bq_db_exec(session->db, "NOTIFY " BQ_OUTBOX_CHANNEL, NULL, 0, &ignored);
}

void bq_session_wake(struct barq_session *session)
{
    if (session->postgres) {
        notify(session);
        return;
    }
    if (session->wake_fd < 0 && session->wake_path &&
        bq_wake_open(session->wake_path, &session->wake_fd, NULL) != BARQ_OK) {
        return;
    }
    if (session->wake_fd >= 0) {
        bq_wake_ring(session->wake_fd);
    }
}

void barq_session_trace(struct barq_session *session, const char *traceparent,
                        const char *tracestate)
{
    struct bq_trace trace;

    if (!session || session->bound) {
        return;
    }
    session->job.traceparent = NULL;
    session->job.tracestate = NULL;
    if (!bq_trace_read(traceparent, &trace)) {
        return;
    }
    bq_trace_write(&trace, session->traceparent);
    session->job.traceparent = session->traceparent;
    if (barq_tracestate_valid(tracestate)) {
        memcpy(session->tracestate, tracestate, strlen(tracestate) + 1);
        session->job.tracestate = session->tracestate;
    }
}

enum barq_status barq_session_commit(struct barq_session *session, struct barq_error *err)
{
    enum barq_status status = check_free(session, err);
    if (status != BARQ_OK) {
        return status;
    }
    bool put = session->put;
    status = bq_session_commit(session, err);
    session->lost = false;
    if (status == BARQ_OK && put) {
        bq_session_wake(session);
    }
    return status;
}

void barq_session_rollback(struct barq_session *session)
{
    if (session && !keep_from_job(session, "the handler called barq_session_rollback()")) {
        bq_session_rollback(session);
        session->lost = false;
    }
}

void barq_session_close(struct barq_session *session)
{
    if (session && !keep_from_job(session, "the handler called barq_session_close()")) {
        bq_session_close(session);
    }
}

enum barq_status barq_session_end(struct barq_session *session, struct barq_error *err)
{
    if (!session) {
        return bq_fail(err, BARQ_ERR_BUG, "session: there is none");
    }
    if (session->state == BQ_SESSION_WRITING) {
        return bq_fail(err, BARQ_ERR_DENIED,
                       "session: it is open for writing: that ends with the handler");
    }
    bq_session_rollback(session);
    session->lost = false; /* nothing was written: what follows begins anew */
    return BARQ_OK;
}

const char *barq_session_database(const struct barq_session *session)
{
    return session ? bq_db_scheme(session->db) : "";
}
