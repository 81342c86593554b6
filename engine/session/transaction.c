#include "base/fault.h"
#include "base/time.h"
#include "session/inside.h"

static void end(struct barq_session *session)
{
    session->state = BQ_SESSION_CLOSED;
    session->write_until_ms = 0;
    session->put = false;
    bq_db_until(session->db, 0);
}

static int64_t write_max_ms(const struct barq_session *session)
{
    int64_t own_ms = session->job.write_max_ms;

    return own_ms > 0 ? own_ms : BARQ_WRITE_MAX_MS;
}

/* On PostgreSQL nobody else waits for it: it may last as long as the attempt, of which the server knows, too. */
static void limit_before(struct barq_session *session)
{
    if (session->postgres) {
        bq_db_until(session->db, session->job.commit_until_ms);
    }
}

static void limit_after(struct barq_session *session)
{
    if (!session->postgres) {
        session->write_until_ms = bq_mono_ms() + write_max_ms(session);
        bq_db_until(session->db, session->write_until_ms);
    }
}

void barq_session_write_max(struct barq_session *session, int64_t ms)
{
    if (session && session->write_until_ms != 0) {
        session->write_until_ms = bq_mono_ms() + ms;
        bq_db_until(session->db, session->write_until_ms);
    }
}

static enum barq_status fail_too_old(struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_CANCELED,
                   "session: not committed: the attempt is older than its deadline");
}

enum barq_status bq_session_start(struct barq_session *session, enum bq_db_mode mode,
                                  struct barq_error *err)
{
    limit_before(session);
    enum barq_status status = bq_db_begin(session->db, mode, err);
    if (status != BARQ_OK) {
        bq_db_until(session->db, 0);
        return status == BARQ_ERR_TIMEOUT ? fail_too_old(err) : status;
    }

    session->state = BQ_SESSION_READING;
    session->put = false;
    if (mode == BQ_DB_WRITE) {
        session->state = BQ_SESSION_WRITING;
        limit_after(session);
    }
    return BARQ_OK;
}

enum barq_status bq_session_finish(struct barq_session *session, struct barq_error *err)
{
    enum barq_status status = bq_db_commit(session->db, err);

    end(session);
    session->doubtful = status == BARQ_ERR_CONN;
    return status;
}

enum barq_status bq_session_finish_as(struct barq_session *session, enum barq_status status,
                                      struct barq_error *err)
{
    if (status == BARQ_OK) {
        return bq_session_finish(session, err);
    }
    bq_session_rollback(session);
    return status;
}

enum barq_status bq_session_lose(struct barq_session *session, enum barq_status status,
                                 const char *why, struct barq_error *err)
{
    bq_db_rollback(session->db);
    bq_db_until(session->db, 0);
    session->lost = true;
    bq_fail(&session->why, status, "session: the transaction is over: %s", why);
    return bq_fail(err, status, "%s", session->why.text);
}

/* The transaction has lasted too long; whoever else writes waits for it. */
static enum barq_status check_limit(struct barq_session *session, struct barq_error *err)
{
    if (session->write_until_ms == 0 || bq_mono_ms() < session->write_until_ms) {
        return BARQ_OK;
    }
    return bq_session_lose(session, BARQ_ERR_CONFLICT, "it was open for writing for too long", err);
}

static enum barq_status is_lost(const struct barq_session *session, struct barq_error *err)
{
    bool told_to_stop = session->why.status == BARQ_ERR_CANCELED;

    return bq_fail(err, told_to_stop ? BARQ_ERR_CANCELED : BARQ_ERR_CONFLICT, "%s",
                   session->why.text);
}

enum barq_status bq_session_check(struct barq_session *session, struct barq_error *err)
{
    if (!session) {
        return bq_fail(err, BARQ_ERR_BUG, "session: there is none");
    }
    if (session->lost) {
        return is_lost(session, err);
    }
    if (session->bound && session->state == BQ_SESSION_CLOSED) {
        return bq_fail(err, BARQ_ERR_BUG,
                       "session: it is not open: ask for it by barq_session_read() or "
                       "barq_session_write()");
    }
    return check_limit(session, err);
}

enum barq_status bq_session_writable(struct barq_session *session, struct barq_error *err)
{
    enum barq_status status = bq_session_check(session, err);

    if (status == BARQ_OK && session->state != BQ_SESSION_WRITING) {
        return bq_fail(err, BARQ_ERR_BUG, "session: it is not open for writing");
    }
    return status;
}

/* What the end of a transaction is called, when a statement has ended it. */
static enum barq_status status_of_loss(enum barq_status status)
{
    bool refused = status == BARQ_ERR_SQL || status == BARQ_ERR_EXISTS || status == BARQ_ERR_BUSY ||
                   status == BARQ_ERR_TIMEOUT;

    return refused ? BARQ_ERR_CONFLICT : status;
}

enum barq_status bq_session_after(struct barq_session *session, enum barq_status status,
                                  struct barq_error *err)
{
    if (status == BARQ_OK || session->state == BQ_SESSION_CLOSED || session->lost) {
        return status;
    }
    if (status == BARQ_ERR_TIMEOUT && session->postgres) {
        return bq_session_lose(session, BARQ_ERR_CANCELED, "the attempt is older than its deadline",
                               err);
    }
    if (status == BARQ_ERR_TIMEOUT) {
        return bq_session_lose(session, BARQ_ERR_CONFLICT, "it was open for writing for too long",
                               err);
    }
    if (bq_db_in_transaction(session->db)) {
        return status;
    }
    enum barq_status loss = bq_session_lose(session, status_of_loss(status), err->text, err);
    /* There it is nothing special, and whoever asked may want to know what it was. */
    if (session->postgres) {
        err->status = status;
        return status;
    }
    return loss;
}

static enum barq_status open_for(struct barq_session *session, enum bq_db_mode mode,
                                 struct barq_error *err)
{
    enum barq_status status = bq_session_start(session, mode, err);
    if (status == BARQ_OK && mode == BQ_DB_WRITE) {
        bq_fault("session.began");
    }
    return status;
}

enum barq_status bq_session_use(struct barq_session *session, enum bq_db_mode mode,
                                struct barq_error *err)
{
    if (!session->bound) {
        return bq_fail(err, BARQ_ERR_BUG, "session: it belongs to no job");
    }
    if (session->lost) {
        return bq_fail(err, BARQ_ERR_CONFLICT, "%s", session->why.text);
    }
    if (session->state == BQ_SESSION_READING && mode == BQ_DB_WRITE) {
        return bq_fail(err, BARQ_ERR_CONFLICT,
                       "session: it is open for reading: end that before writing, and check again "
                       "what was read");
    }

    enum barq_status status = BARQ_OK;
    if (session->state == BQ_SESSION_CLOSED) {
        status = open_for(session, mode, err);
    }
    if (status == BARQ_OK && mode == BQ_DB_WRITE) {
        session->wrote = true;
    }
    return status;
}

bool bq_session_wrote(const struct barq_session *session)
{
    return session->wrote;
}

enum barq_status bq_session_written(struct barq_session *session, bool *out, struct barq_error *err)
{
    if (!session->wrote || session->state != BQ_SESSION_WRITING) {
        *out = session->wrote;
        return BARQ_OK;
    }
    enum barq_status status = bq_db_written(session->db, out, err);
    return bq_session_after(session, status, err);
}

bool bq_session_broken(const struct barq_session *session, struct barq_error *why)
{
    if (session->lost && why) {
        *why = session->why;
    }
    return session->lost;
}

enum barq_status bq_session_begin_own(struct barq_session *session, struct barq_error *err)
{
    if (session->lost) {
        return bq_fail(err, BARQ_ERR_CONFLICT, "%s", session->why.text);
    }
    if (session->state != BQ_SESSION_CLOSED) {
        return bq_fail(err, BARQ_ERR_CONFLICT, "session: a transaction is open already");
    }
    return open_for(session, BQ_DB_WRITE, err);
}

/* Why the open transaction must not be committed, or BARQ_OK. */
static enum barq_status check_commit(struct barq_session *session, struct barq_error *err)
{
    if (session->lost) {
        return bq_fail(err, session->why.status, "%s", session->why.text);
    }
    if (session->state == BQ_SESSION_CLOSED) {
        return bq_fail(err, BARQ_ERR_BUG, "session: no transaction is open");
    }
    int64_t until_ms = session->job.commit_until_ms;
    if (until_ms != 0 && bq_mono_ms() > until_ms) {
        return fail_too_old(err);
    }
    return check_limit(session, err);
}

enum barq_status bq_session_commit(struct barq_session *session, struct barq_error *err)
{
    enum barq_status status = check_commit(session, err);
    if (status != BARQ_OK) {
        bq_session_rollback(session);
        return status;
    }

    bq_fault("session.committing");
    status = bq_session_finish(session, err);
    if (status == BARQ_OK) {
        bq_fault("session.committed");
    }
    return status;
}

enum barq_status bq_session_commit_with(struct barq_session *session, const char *sql,
                                        const struct barq_scalar *params, size_t n_params,
                                        struct barq_error *err)
{
    enum barq_status status = check_commit(session, err);
    const char *own = bq_session_sql(session, sql);
    if (status == BARQ_OK && !own) {
        status = bq_fail(err, BARQ_ERR_NOMEM, "session: out of memory");
    }
    if (status != BARQ_OK) {
        bq_session_rollback(session);
        return status;
    }

    bq_db_guard(session->db, false);
    status = bq_db_finish(session->db, own, params, n_params, err);
    bq_db_guard(session->db, session->bound);
    end(session);
    session->doubtful = status == BARQ_ERR_CONN;
    return status == BARQ_ERR_TIMEOUT ? fail_too_old(err) : status;
}

void bq_session_rollback(struct barq_session *session)
{
    bq_db_rollback(session->db);
    end(session);
}
