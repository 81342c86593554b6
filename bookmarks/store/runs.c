#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/time.h"
#include "store/store.h"

/* Back to pending, free for the run that is about to start. */
static enum barq_status reset_failed(struct barq_session *session, const char *list_id,
                                     int64_t now_ms, struct barq_error *err)
{
    return barq_exec(session,
                     "UPDATE videos SET status = 'pending', error = NULL, run_id = NULL,"
                     " updated_at_ms = ?2 WHERE list_id = ?1 AND status = 'failed'",
                     BARQ_PARAMS(barq_sql_text(list_id), barq_sql_int(now_ms)), err);
}

static enum barq_status take_on(struct barq_session *session, const char *list_id,
                                const char *run_id, bool again, int64_t *total,
                                struct barq_error *err)
{
    enum barq_status status = barq_exec(
        session,
        "UPDATE videos SET run_id = ?2 WHERE list_id = ?1 AND status = 'pending'"
        " AND (run_id IS NULL OR ?3)",
        BARQ_PARAMS(barq_sql_text(list_id), barq_sql_text(run_id), barq_sql_int(again)), err);
    *total = barq_changes(session);
    return status;
}

static enum barq_status enqueue(struct barq_session *session, const char *list_id,
                                const char *run_id, struct barq_arena *arena,
                                struct barq_error *err)
{
    struct barq_value *args = barq_list(arena);

    barq_add(args, barq_string(arena, list_id));
    barq_add(args, barq_string(arena, run_id));
    return barq_session_enqueue(session, "process_list", args, NULL, NULL, NULL, err);
}

enum barq_status bm_run_start(struct barq_session *session, const char *list_id,
                              const struct bm_run_options *options, int64_t now_ms,
                              struct barq_arena *arena, struct bm_run *out, struct barq_error *err)
{
    char id[BM_ID_BYTES];
    int64_t total = 0;
    bq_uuid7(now_ms, id);

    enum barq_status status = barq_exec(
        session, "INSERT INTO runs (id, list_id, total, started_at_ms) VALUES (?1, ?2, 0, ?3)",
        BARQ_PARAMS(barq_sql_text(id), barq_sql_text(list_id), barq_sql_int(now_ms)), err);
    if (status == BARQ_OK && options->failed_too) {
        status = reset_failed(session, list_id, now_ms, err);
    }
    if (status == BARQ_OK) {
        status = take_on(session, list_id, id, options->again, &total, err);
    }
    if (status == BARQ_OK && total == 0) {
        status = barq_exec(session, "DELETE FROM runs WHERE id = ?1",
                           BARQ_PARAMS(barq_sql_text(id)), err);
        return status != BARQ_OK
                   ? status
                   : bq_fail(err, BARQ_ERR_NOTFOUND, "runs: no pending videos to process");
    }
    if (status == BARQ_OK) {
        status = barq_exec(session, "UPDATE runs SET total = ?2 WHERE id = ?1",
                           BARQ_PARAMS(barq_sql_text(id), barq_sql_int(total)), err);
    }
    if (status == BARQ_OK) {
        status = enqueue(session, list_id, id, arena, err);
    }
    return status != BARQ_OK ? status : bm_run_get(session, id, arena, out, err);
}

/* -- how far it is -- */

#define SELECT_RUNS "SELECT id, list_id, total, started_at_ms FROM runs"

static enum barq_status read_run(struct barq_session *session, const char *sql, const char *key,
                                 struct barq_arena *arena, struct bm_run *out,
                                 struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool more = false;

    enum barq_status status = barq_query(session, sql, BARQ_PARAMS(barq_sql_text(key)), &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (!more) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "runs: there is none");
    }

    struct bm_run run = {
        .id = bq_arena_strdup(arena, barq_column_text(rows, 0)),
        .list_id = bq_arena_strdup(arena, barq_column_text(rows, 1)),
        .counts = {.total = barq_column_int(rows, 2)},
        .started_at_ms = barq_column_int(rows, 3),
    };
    if (!run.id || !run.list_id) {
        return bq_fail(err, BARQ_ERR_NOMEM, "runs: arena is full");
    }
    *out = run;
    return BARQ_OK;
}

static void count_status(struct bm_counts *counts, const char *name, int64_t count)
{
    enum bm_video_status status;

    if (!name || !bm_video_status_parse(name, &status)) {
        return;
    }
    if (status == BM_PENDING) {
        counts->pending = count;
    } else if (status == BM_COMPLETED) {
        counts->completed = count;
    } else {
        counts->failed = count;
    }
}

static enum barq_status count_videos(struct barq_session *session, struct bm_run *run,
                                     struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;

    enum barq_status status =
        barq_query(session, "SELECT status, count(*) FROM videos WHERE run_id = ?1 GROUP BY status",
                   BARQ_PARAMS(barq_sql_text(run->id)), &rows, err);
    for (bool more = true; status == BARQ_OK;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        count_status(&run->counts, barq_column_text(rows, 0), barq_column_int(rows, 1));
    }
    return status;
}

enum barq_status bm_run_get(struct barq_session *session, const char *id, struct barq_arena *arena,
                            struct bm_run *out, struct barq_error *err)
{
    struct bm_run run = {.id = NULL};

    enum barq_status status = read_run(session, SELECT_RUNS " WHERE id = ?1", id, arena, &run, err);
    if (status == BARQ_OK) {
        status = count_videos(session, &run, err);
    }
    if (status == BARQ_OK) {
        *out = run;
    }
    return status;
}

enum barq_status bm_run_latest(struct barq_session *session, const char *list_id,
                               struct barq_arena *arena, struct bm_run *out, struct barq_error *err)
{
    struct bm_run run = {.id = NULL};

    enum barq_status status = read_run(
        session, SELECT_RUNS " WHERE list_id = ?1 ORDER BY started_at_ms DESC, id DESC LIMIT 1",
        list_id, arena, &run, err);
    if (status == BARQ_OK) {
        status = count_videos(session, &run, err);
    }
    if (status == BARQ_OK) {
        *out = run;
    }
    return status;
}
