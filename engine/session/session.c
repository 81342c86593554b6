#include "session/session.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/auto.h"
#include "base/time.h"
#include "os/wake.h"
#include "session/inside.h"

/* Longer than a write transaction may last, shorter than an attempt may take until its handler starts. */
enum { BUSY_MS = 8000 };
enum { SHOWN_MAX_BYTES = 128 };

static enum barq_status set_wake_path(struct barq_session *session, struct barq_error *err)
{
    const char *path = bq_db_path(session->db);
    char *wake_path = NULL;

    if (path && asprintf(&wake_path, "%s-wake", path) < 0) {
        return bq_fail(err, BARQ_ERR_NOMEM, "session: out of memory");
    }
    session->wake_path = wake_path;
    return BARQ_OK;
}

enum barq_status bq_session_open(const char *url, struct barq_session **out, struct barq_error *err)
{
    static const struct bq_session_options defaults = {0};

    return bq_session_open_as(url, &defaults, out, err);
}

bool bq_session_is_pooled(const struct barq_session *session)
{
    return session->postgres;
}

enum barq_status bq_session_open_as(const char *url, const struct bq_session_options *options,
                                    struct barq_session **out, struct barq_error *err)
{
    bq_auto(session) struct barq_session *session = calloc(1, sizeof(*session));
    if (!session) {
        return bq_fail(err, BARQ_ERR_NOMEM, "session: out of memory");
    }
    session->wake_fd = -1;
    bq_list_init(&session->rows);

    struct bq_db_options of_db = {
        .busy_ms = BUSY_MS,
        .no_ping = options->no_ping,
        .shared = options->shared,
        .until_ms = options->until_ms,
    };
    enum barq_status status = bq_db_open(url, &of_db, &session->db, err);
    session->recycle_ms = options->recycle_ms;
    session->opened_at_ms = bq_mono_ms();
    if (status == BARQ_OK) {
        status = bq_session_tables(session->db, NULL, NULL, err);
    }
    if (status == BARQ_OK) {
        status = bq_session_find_schema(session, err);
    }
    if (status == BARQ_OK) {
        status = set_wake_path(session, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    *out = bq_take(session);
    return BARQ_OK;
}

void bq_session_close(struct barq_session *session)
{
    if (!session) {
        return;
    }
    bq_session_close_rows(session);
    bq_db_close(session->db);
    bq_fd_drop(&session->wake_fd);
    free(session->wake_path);
    bq_session_forget_texts(session);
    free(session);
}

void bq_session_drop(struct barq_session **session)
{
    bq_session_close(*session);
}

enum barq_status bq_session_migrate(const char *url, int *from, int *to, struct barq_error *err)
{
    bq_auto(db) struct bq_db *db = NULL;

    enum barq_status status = bq_db_open(url, NULL, &db, err);
    return status == BARQ_OK ? bq_session_tables(db, from, to, err) : status;
}

struct bq_db *bq_session_db(struct barq_session *session)
{
    return session->db;
}

const char *bq_session_wake_path(const struct barq_session *session)
{
    return session->wake_path;
}

const struct bq_session_job *bq_session_job(const struct barq_session *session)
{
    return &session->job;
}

void bq_session_clean(struct barq_session *session)
{
    bq_session_close_rows(session);
    bq_session_rollback(session);
    bq_db_guard(session->db, false);
    bq_db_name(session->db, "");
    bq_db_isolation(session->db, BQ_DB_ISOLATION_DEFAULT);
    session->bound = false;
    session->job = (struct bq_session_job){0};
    session->lost = false;
    session->wrote = false;
}

static bool is_old(const struct barq_session *session)
{
    return session->postgres && session->recycle_ms > 0 &&
           bq_mono_ms() - session->opened_at_ms >= session->recycle_ms;
}

enum barq_status bq_session_ready(struct barq_session *session, struct barq_error *err)
{
    if (!is_old(session) && bq_db_ready(session->db) && !session->doubtful) {
        return BARQ_OK;
    }
    enum barq_status status = bq_db_reopen(session->db, err);
    if (status == BARQ_OK) {
        session->doubtful = false;
        session->opened_at_ms = bq_mono_ms();
        status = bq_session_tables(session->db, NULL, NULL, err);
    }
    return status;
}

/* "barq:FUNCTION:ID", so that whoever looks at the server's activity knows which job it is. */
static void show_job(struct barq_session *session, const struct bq_session_job *job)
{
    char name[SHOWN_MAX_BYTES];

    (void)snprintf(name, sizeof(name), "barq:%s:%s", job->function ? job->function : "",
                   job->identity ? job->identity->id : "");
    bq_db_name(session->db, job->identity ? name : "");
}

enum barq_status bq_session_bind(struct barq_session *session, const struct bq_session_job *job,
                                 struct barq_error *err)
{
    struct barq_error why;

    bq_session_clean(session);
    bq_db_cancel(session->db, false);
    bq_session_until(session, job->until_ms);
    if (bq_session_ready(session, &why) != BARQ_OK) {
        return bq_fail(err, BARQ_ERR_CONN, "session: the database is away: %s", why.text);
    }
    session->job = *job;
    session->bound = true;
    show_job(session, job);
    bq_db_isolation(session->db, job->isolation);
    bq_db_guard(session->db, true);
    return BARQ_OK;
}

void bq_session_until(struct barq_session *session, int64_t mono_ms)
{
    if (session->postgres) {
        bq_db_until(session->db, mono_ms);
    }
}

void bq_session_unbind(struct barq_session *session)
{
    bq_session_clean(session);
}

void bq_session_cancel(struct barq_session *session)
{
    bq_db_cancel(session->db, true);
}
