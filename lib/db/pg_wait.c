#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "db/pg.h"

/* How long a server that was asked to stop may take until it is left alone. */
enum { STOPPING_MS = 3000 };

static bool past_limit(const struct bq_pg *db)
{
    return db->until_ms != 0 && bq_mono_ms() >= db->until_ms;
}

/* Shall what runs or waits now end? */
static bool is_stopped(const struct bq_pg *db)
{
    return db->unstoppable_ms == 0 && (atomic_load(&db->canceled) || past_limit(db));
}

static enum barq_status fail_stopped(const struct bq_pg *db, struct barq_error *err)
{
    if (atomic_load(&db->canceled)) {
        return bq_fail(err, BARQ_ERR_CANCELED, "postgresql: canceled");
    }
    return bq_fail(err, BARQ_ERR_TIMEOUT, "postgresql: the time for it was over");
}

enum barq_status bq_pg_check(const struct bq_pg *db, struct barq_error *err)
{
    if (is_stopped(db)) {
        return fail_stopped(db, err);
    }
    if (!db->connection) {
        return bq_fail(err, BARQ_ERR_CONN, "postgresql: %s: not connected", db->address.shown);
    }
    return BARQ_OK;
}

/* -- waiting -- */

struct waiting {
    int64_t give_up_ms; /* the server was asked to stop, and has until then; 0: it was not */
    struct bq_pg_cancel *cancel; /* owned; that asking */
};

/* How long poll() may sleep; -1: until something happens. */
static int sleep_ms(const struct bq_pg *db, const struct waiting *waiting)
{
    int64_t until_ms = db->unstoppable_ms != 0 ? db->unstoppable_ms : db->until_ms;

    until_ms = waiting->give_up_ms != 0 ? waiting->give_up_ms : until_ms;
    if (until_ms == 0) {
        return -1;
    }
    int64_t left_ms = until_ms - bq_mono_ms();
    if (left_ms <= 0) {
        return 0;
    }
    return left_ms < INT32_MAX ? (int)left_ms : INT32_MAX;
}

/* It neither answered nor ended: what it was doing ends with its connection, at the latest by its own limits. */
static enum barq_status give_up(struct bq_pg *db, struct barq_error *err)
{
    enum barq_status status =
        db->unstoppable_ms != 0 || db->finishing
            ? bq_fail(err, BARQ_ERR_CONN, "postgresql: %s: no answer in time", db->address.shown)
            : fail_stopped(db, err);

    bq_pg_disconnect(db);
    return status;
}

/* Until the socket can be read, or written when something is left to send. */
static enum barq_status wait_once(struct bq_pg *db, struct waiting *waiting, bool sending,
                                  struct barq_error *err)
{
    if (waiting->give_up_ms == 0 && is_stopped(db)) {
        waiting->cancel = bq_pg_cancel_start(db);
        waiting->give_up_ms = bq_mono_ms() + STOPPING_MS;
    }
    bool deaf = waiting->give_up_ms != 0 || db->unstoppable_ms != 0;
    int64_t limit_ms = waiting->give_up_ms != 0 ? waiting->give_up_ms : db->unstoppable_ms;
    if (limit_ms != 0 && bq_mono_ms() >= limit_ms) {
        return give_up(db, err);
    }
    struct pollfd ready[] = {
        {.fd = bq_libpq.PQsocket(db->connection),
         .events = (short)(POLLIN | (sending ? POLLOUT : 0))},
        {.fd = deaf ? -1 : db->cancel_fd, .events = POLLIN},
    };
    (void)poll(ready, 2, sleep_ms(db, waiting));
    return BARQ_OK;
}

static enum barq_status lost(struct bq_pg *db, struct barq_error *err)
{
    enum barq_status status = bq_pg_fail_connection(db->connection, db->address.shown, err);

    bq_pg_disconnect(db);
    return status == BARQ_ERR_NOMEM ? status : BARQ_ERR_CONN;
}

/* All is sent, and a result can be had without waiting. */
static enum barq_status until_ready(struct bq_pg *db, struct waiting *waiting,
                                    struct barq_error *err)
{
    for (;;) {
        int left = bq_libpq.PQflush(db->connection);
        if (left < 0) {
            /* The server's last words may be there to be read: why it has hung up. */
            (void)bq_libpq.PQconsumeInput(db->connection);
            return BARQ_OK;
        }
        if (left == 0 && !bq_libpq.PQisBusy(db->connection)) {
            return BARQ_OK;
        }
        enum barq_status status = wait_once(db, waiting, left > 0, err);
        if (status != BARQ_OK) {
            return status;
        }
        if (!bq_libpq.PQconsumeInput(db->connection)) {
            return BARQ_OK; /* PQgetResult() tells */
        }
    }
}

static bool is_good(const PGresult *result)
{
    ExecStatusType status = bq_libpq.PQresultStatus(result);

    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* What an error means beyond its SQLSTATE. */
static enum barq_status judge(struct bq_pg *db, const PGresult *result, struct barq_error *err)
{
    ExecStatusType kind = bq_libpq.PQresultStatus(result);
    if (kind == PGRES_EMPTY_QUERY) {
        return bq_fail(err, BARQ_ERR_ARG, "postgresql: there is no statement in the text");
    }

    enum barq_status status = bq_pg_fail(db->connection, result, err);
    if (status == BARQ_ERR_CANCELED && is_stopped(db)) {
        return fail_stopped(db, err);
    }
    /* What we would write to became a standby, or always was one. */
    if (bq_pg_only_reads(result) && !db->reading) {
        if (err) {
            err->status = BARQ_ERR_CONN;
        }
        return BARQ_ERR_CONN;
    }
    return status;
}

/* The first error counts; without one the last result. Copying would never end by itself. */
static enum barq_status gather(struct bq_pg *db, PGresult **out, struct barq_error *err)
{
    struct waiting waiting = {0};
    PGresult *kept = NULL;
    PGresult *next = NULL;
    enum barq_status status = BARQ_OK;

    while ((status = until_ready(db, &waiting, err)) == BARQ_OK &&
           (next = bq_libpq.PQgetResult(db->connection)) != NULL) {
        ExecStatusType kind = bq_libpq.PQresultStatus(next);
        bool first_error = kept && !is_good(kept);

        bq_libpq.PQclear(first_error ? next : kept);
        kept = first_error ? kept : next;
        if (kind == PGRES_COPY_IN || kind == PGRES_COPY_OUT || kind == PGRES_COPY_BOTH) {
            (void)bq_pg_cancel_end(waiting.cancel, 0);
            bq_libpq.PQclear(kept);
            bq_pg_disconnect(db);
            return bq_fail(err, BARQ_ERR_DENIED, "postgresql: COPY is not spoken here");
        }
    }
    /* A request that is still on its way would hit whatever comes next. */
    if (!bq_pg_cancel_end(waiting.cancel, waiting.give_up_ms)) {
        bq_libpq.PQclear(kept);
        return status == BARQ_OK ? give_up(db, err) : status;
    }
    *out = kept;
    return status;
}

enum barq_status bq_pg_await(struct bq_pg *db, int sent, PGresult **out, struct barq_error *err)
{
    PGresult *result = NULL;

    if (!sent) {
        return lost(db, err);
    }
    enum barq_status status = gather(db, &result, err);
    if (status == BARQ_OK && is_good(result)) {
        db->used_at_ms = bq_mono_ms();
    } else if (status == BARQ_OK) {
        status = result ? judge(db, result, err) : lost(db, err);
        bq_libpq.PQclear(result);
        result = NULL;
        if (db->connection && bq_libpq.PQstatus(db->connection) != CONNECTION_OK) {
            bq_pg_disconnect(db);
        }
    }
    if (out && status == BARQ_OK) {
        *out = result;
        result = NULL;
    }
    bq_libpq.PQclear(result);
    return status;
}

/* Of a pipeline the results up to its end, which are two; NULL where there was none. */
static enum barq_status gather_two(struct bq_pg *db, struct waiting *waiting, PGresult *out[2],
                                   struct barq_error *err)
{
    enum barq_status status = BARQ_OK;
    size_t count = 0;

    while ((status = until_ready(db, waiting, err)) == BARQ_OK) {
        PGresult *next = bq_libpq.PQgetResult(db->connection);
        bool ends = bq_libpq.PQresultStatus(next) == PGRES_PIPELINE_SYNC;

        if (next && !ends && count < 2) {
            out[count++] = next;
        } else {
            bq_libpq.PQclear(next);
        }
        if (ends || bq_libpq.PQstatus(db->connection) != CONNECTION_OK) {
            break;
        }
    }
    return status;
}

static enum barq_status judge_commit(struct bq_pg *db, const PGresult *commit,
                                     struct barq_error *err)
{
    if (!commit) {
        return lost(db, err);
    }
    enum barq_status status = is_good(commit) ? BARQ_OK : judge(db, commit, err);
    /* A deferred constraint: whoever is told EXISTS looks for a row that was there before. */
    if (status == BARQ_ERR_EXISTS) {
        err->status = BARQ_ERR_SQL;
    }
    return status == BARQ_ERR_EXISTS ? BARQ_ERR_SQL : status;
}

/* Has the pipeline ended, so that the connection can be used on? Else it is closed. */
static enum barq_status leave_pipeline(struct bq_pg *db, enum barq_status status,
                                       struct barq_error *err)
{
    bool fine = db->connection && bq_libpq.PQstatus(db->connection) == CONNECTION_OK &&
                bq_libpq.PQexitPipelineMode(db->connection);

    if (fine || !db->connection) {
        return status;
    }
    return status == BARQ_OK || status == BARQ_ERR_CONN ? lost(db, err)
                                                        : (bq_pg_disconnect(db), status);
}

enum barq_status bq_pg_await_commit(struct bq_pg *db, int sent, struct barq_error *err)
{
    struct waiting waiting = {0};
    PGresult *results[2] = {NULL, NULL};

    if (!sent) {
        return lost(db, err);
    }
    db->finishing = true;
    enum barq_status status = gather_two(db, &waiting, results, err);
    if (!bq_pg_cancel_end(waiting.cancel, waiting.give_up_ms) && status == BARQ_OK) {
        status = give_up(db, err);
    }
    db->finishing = false;
    if (status == BARQ_OK && results[0] && !is_good(results[0])) {
        status = judge(db, results[0], err);
    } else if (status == BARQ_OK) {
        status = judge_commit(db, results[1], err);
    }
    status = leave_pipeline(db, status, err);
    db->used_at_ms = status == BARQ_OK ? bq_mono_ms() : db->used_at_ms;
    bq_libpq.PQclear(results[0]);
    bq_libpq.PQclear(results[1]);
    return status;
}

enum barq_status bq_pg_say(struct bq_pg *db, const char *sql, struct barq_error *err)
{
    enum barq_status status = bq_pg_check(db, err);

    if (status != BARQ_OK) {
        return status;
    }
    return bq_pg_await(db, bq_libpq.PQsendQuery(db->connection, sql), NULL, err);
}

enum barq_status bq_pg_insist(struct bq_pg *db, const char *sql, int64_t max_ms, char *tag,
                              size_t tag_bytes, struct barq_error *err)
{
    PGresult *result = NULL;

    db->unstoppable_ms = bq_mono_ms() + max_ms;
    enum barq_status status = bq_pg_check(db, err);
    if (status == BARQ_OK) {
        status = bq_pg_await(db, bq_libpq.PQsendQuery(db->connection, sql), &result, err);
    }
    if (status == BARQ_OK && tag) {
        (void)snprintf(tag, tag_bytes, "%s", bq_libpq.PQcmdStatus(result));
    }
    db->unstoppable_ms = 0;
    bq_libpq.PQclear(result);
    return status;
}
