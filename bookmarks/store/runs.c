/* Runs as they are read. */
#include "store/runs.h"

#include <string.h>

#include "auto.h"
#include "base/error.h"

static const char *const state_names[BM_RUN_STATES] = {
    [BM_RUN_RUNNING] = "running", [BM_RUN_PAUSED] = "paused", [BM_RUN_CANCELLED] = "cancelled"};

const char *bm_run_status(const struct bm_run *run)
{
    if (run->state == BM_RUN_CANCELLED || run->counts.pending > 0) {
        return state_names[run->state];
    }
    return run->counts.failed > 0 ? "completed_with_errors" : "completed";
}

static enum bm_run_state state_of(const char *name)
{
    for (int i = 0; name && i < BM_RUN_STATES; i++) {
        if (strcmp(name, state_names[i]) == 0) {
            return (enum bm_run_state)i;
        }
    }
    return BM_RUN_RUNNING;
}

/* What is stored was made by us; what cannot be read is as if it were not there. */
static void read_options(const char *json, struct barq_arena *arena, struct bm_run *run)
{
    struct barq_value *options = NULL;

    if (!json || barq_from_json(arena, json, strlen(json), &options, NULL) != BARQ_OK) {
        return;
    }
    run->field = barq_as_string(barq_get(options, "field"), NULL);
    run->priority = (int)barq_as_int(barq_get(options, "priority"), 0);
    run->watch = barq_as_bool(barq_get(options, "watch"), false);
    run->dry = barq_as_bool(barq_get(options, "dry"), false);
}

#define SELECT_RUNS                                                                                \
    "SELECT id, list_id, total, started_at_ms, finished_at_ms, state, kind, error, options"        \
    " FROM runs"

static enum barq_status read_run(const struct barq_rows *rows, struct barq_arena *arena,
                                 struct bm_run *out, struct barq_error *err)
{
    const char *error = barq_column_text(rows, 7);
    struct bm_run run = {
        .id = bq_arena_strdup(arena, barq_column_text(rows, 0)),
        .list_id = bq_arena_strdup(arena, barq_column_text(rows, 1)),
        .counts = {.total = barq_column_int(rows, 2)},
        .started_at_ms = barq_column_int(rows, 3),
        .finished_at_ms = barq_column_int(rows, 4),
        .state = state_of(barq_column_text(rows, 5)),
        .kind = bq_arena_strdup(arena, barq_column_text(rows, 6)),
        .error = error ? bq_arena_strdup(arena, error) : NULL,
    };

    if (!run.id || !run.list_id || !run.kind || (error && !run.error)) {
        return bq_fail(err, BARQ_ERR_NOMEM, "runs: arena is full");
    }
    read_options(barq_column_text(rows, 8), arena, &run);
    *out = run;
    return BARQ_OK;
}

static void count_state(struct bm_run *run, const char *name, int64_t count)
{
    enum bm_run_video_state state;

    if (!name || !bm_run_video_state_parse(name, &state)) {
        return;
    }
    switch (state) {
    case BM_RUN_WAITING:
        run->counts.pending = count;
        break;
    case BM_RUN_COMPLETED:
        run->counts.completed = count;
        break;
    case BM_RUN_FAILED:
        run->counts.failed = count;
        break;
    case BM_RUN_DROPPED:
    case BM_RUN_VIDEO_STATES:
        run->cancelled = count;
        break;
    }
}

static enum barq_status count_videos(struct barq_session *session, struct bm_run *run,
                                     struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;

    enum barq_status status = barq_query(
        session, "SELECT state, count(*) FROM run_videos WHERE run_id = ?1 GROUP BY state",
        BARQ_PARAMS(barq_sql_text(run->id)), &rows, err);
    for (bool more = true; status == BARQ_OK;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        count_state(run, barq_column_text(rows, 0), barq_column_int(rows, 1));
    }
    return status;
}

/* At most `limit` runs of a query. */
static enum barq_status query_runs(struct barq_session *session, const char *sql,
                                   const struct barq_scalar *params, size_t n_params, size_t limit,
                                   struct barq_arena *arena, struct bm_run *out, size_t *count,
                                   struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;

    *count = 0;
    enum barq_status status = barq_query(session, sql, params, n_params, &rows, err);
    for (bool more = true; status == BARQ_OK && *count < limit;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        status = read_run(rows, arena, &out[(*count)++], err);
    }
    return status;
}

static enum barq_status query_one(struct barq_session *session, const char *sql, const char *key,
                                  struct barq_arena *arena, struct bm_run *out,
                                  struct barq_error *err)
{
    struct bm_run run = {.id = NULL};
    size_t count = 0;

    enum barq_status status =
        query_runs(session, sql, BARQ_PARAMS(barq_sql_text(key)), 1, arena, &run, &count, err);
    if (status == BARQ_OK && count == 0) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "runs: there is none");
    }
    if (status == BARQ_OK) {
        status = count_videos(session, &run, err);
    }
    if (status == BARQ_OK) {
        *out = run;
    }
    return status;
}

enum barq_status bm_run_get(struct barq_session *session, const char *id, struct barq_arena *arena,
                            struct bm_run *out, struct barq_error *err)
{
    return query_one(session, SELECT_RUNS " WHERE id = ?1", id, arena, out, err);
}

enum barq_status bm_run_latest(struct barq_session *session, const char *list_id,
                               struct barq_arena *arena, struct bm_run *out, struct barq_error *err)
{
    return query_one(session,
                     SELECT_RUNS " WHERE list_id = ?1 ORDER BY started_at_ms DESC, id DESC LIMIT 1",
                     list_id, arena, out, err);
}

enum barq_status bm_runs(struct barq_session *session, const struct bm_run_filter *filter,
                         size_t limit, struct barq_arena *arena, const struct bm_run **out,
                         size_t *count, struct barq_error *err)
{
    if (limit < 1 || limit > BM_RUNS_PAGE_MAX) {
        return bq_fail(err, BARQ_ERR_ARG, "runs: a page has 1 to %d", BM_RUNS_PAGE_MAX);
    }
    struct bm_run *runs = bq_arena_array(arena, limit, sizeof(*runs));
    if (!runs) {
        return bq_fail(err, BARQ_ERR_NOMEM, "runs: arena is full");
    }

    /* Ids grow with time. */
    enum barq_status status =
        query_runs(session,
                   SELECT_RUNS " WHERE (CAST(?1 AS TEXT) IS NULL OR list_id = ?1) AND (CAST(?2 AS "
                               "TEXT) IS NULL OR id < ?2)"
                               " AND (?3 = 0 OR (state = 'running' AND finished_at_ms IS NULL))"
                               " AND (CAST(?5 AS TEXT) IS NULL OR id IN"
                               " (SELECT run_id FROM run_videos WHERE video_id = ?5))"
                               " ORDER BY id DESC LIMIT ?4",
                   BARQ_PARAMS(barq_sql_text(filter->list_id), barq_sql_text(filter->before),
                               barq_sql_int(filter->running), barq_sql_int((int64_t)limit),
                               barq_sql_text(filter->video_id)),
                   limit, arena, runs, count, err);
    for (size_t i = 0; status == BARQ_OK && i < *count; i++) {
        status = count_videos(session, &runs[i], err);
    }
    *out = runs;
    return status;
}
