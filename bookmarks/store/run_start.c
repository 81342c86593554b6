/* The beginning of a run: which videos it takes on. */
#include <stdio.h>
#include <string.h>

#include <barq/client.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/time.h"
#include "store/events.h"
#include "store/runs.h"

enum { ARENA_BYTES = 64 * 1024 };

/* CASTs, since PostgreSQL takes a parameter in a SELECT for text. */
#define TAKE_ON                                                                                    \
    "INSERT INTO run_videos (run_id, video_id, updated_at_ms)"                                     \
    " SELECT CAST(?1 AS TEXT), id, CAST(?2 AS BIGINT) FROM videos WHERE list_id = ?3"

static enum barq_status take_selection(struct barq_session *session, const char *run_id,
                                       const char *list_id, const struct bm_run_options *options,
                                       int64_t now_ms, int64_t *total, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;
    if (options->n_videos > BM_RUN_SELECTION_MAX) {
        return bq_fail(err, BARQ_ERR_ARG, "runs: at most %d videos can be chosen",
                       BM_RUN_SELECTION_MAX);
    }

    *total = 0;
    for (size_t i = 0; status == BARQ_OK && i < options->n_videos; i++) {
        status =
            barq_exec(session, TAKE_ON " AND id = ?4 ON CONFLICT (run_id, video_id) DO NOTHING",
                      BARQ_PARAMS(barq_sql_text(run_id), barq_sql_int(now_ms),
                                  barq_sql_text(list_id), barq_sql_text(options->video_ids[i])),
                      err);
        *total += barq_changes(session);
    }
    return status;
}

static enum barq_status take_failed_of(struct barq_session *session, const char *run_id,
                                       const char *list_id, const char *other, int64_t now_ms,
                                       int64_t *total, struct barq_error *err)
{
    enum barq_status status = barq_exec(session,
                                        TAKE_ON " AND id IN (SELECT video_id FROM run_videos"
                                                " WHERE run_id = ?4 AND state = 'failed')",
                                        BARQ_PARAMS(barq_sql_text(run_id), barq_sql_int(now_ms),
                                                    barq_sql_text(list_id), barq_sql_text(other)),
                                        err);
    *total = barq_changes(session);
    return status;
}

static enum barq_status take_pending(struct barq_session *session, const char *run_id,
                                     const char *list_id, const struct bm_run_options *options,
                                     int64_t now_ms, int64_t *total, struct barq_error *err)
{
    enum barq_status status =
        barq_exec(session,
                  TAKE_ON " AND ((status = 'pending' AND (run_id IS NULL OR ?4 = 1))"
                          " OR (status = 'failed' AND ?5 = 1))",
                  BARQ_PARAMS(barq_sql_text(run_id), barq_sql_int(now_ms), barq_sql_text(list_id),
                              barq_sql_int(options->again), barq_sql_int(options->failed_too)),
                  err);
    *total = barq_changes(session);
    return status;
}

static enum barq_status take(struct barq_session *session, const char *run_id, const char *list_id,
                             const struct bm_run_options *options, int64_t now_ms, int64_t *total,
                             struct barq_error *err)
{
    if (options->video_ids) {
        return take_selection(session, run_id, list_id, options, now_ms, total, err);
    }
    if (options->failed_of) {
        return take_failed_of(session, run_id, list_id, options->failed_of, now_ms, total, err);
    }
    return take_pending(session, run_id, list_id, options, now_ms, total, err);
}

/* From whatever run they waited in until now. */
static enum barq_status take_over(struct barq_session *session, const char *run_id, int64_t now_ms,
                                  struct barq_error *err)
{
    return barq_exec(session,
                     "UPDATE run_videos SET state = 'cancelled', updated_at_ms = ?2"
                     " WHERE state = 'waiting' AND run_id <> ?1"
                     " AND video_id IN (SELECT video_id FROM run_videos WHERE run_id = ?1)",
                     BARQ_PARAMS(barq_sql_text(run_id), barq_sql_int(now_ms)), err);
}

/* A run that has lost all its videos to others is over, and so is what it showed. */
static enum barq_status finish_others(struct barq_session *session, const char *run_id,
                                      const char *list_id, int64_t now_ms, struct barq_error *err)
{
    return barq_exec(
        session,
        "UPDATE runs SET finished_at_ms = ?3 WHERE list_id = ?2 AND id <> ?1"
        " AND finished_at_ms IS NULL AND NOT EXISTS (SELECT 1 FROM run_videos"
        " WHERE run_id = runs.id AND state = 'waiting')",
        BARQ_PARAMS(barq_sql_text(run_id), barq_sql_text(list_id), barq_sql_int(now_ms)), err);
}

/* A dry run changes no video, so it takes none from anybody. */
static enum barq_status mark_videos(struct barq_session *session, const char *run_id,
                                    const char *list_id, int64_t now_ms, struct barq_error *err)
{
    enum barq_status status = take_over(session, run_id, now_ms, err);
    if (status == BARQ_OK) {
        status = finish_others(session, run_id, list_id, now_ms, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    return barq_exec(session,
                     "UPDATE videos SET run_id = ?1, status = 'pending', error = NULL,"
                     " updated_at_ms = ?2"
                     " WHERE id IN (SELECT video_id FROM run_videos WHERE run_id = ?1)",
                     BARQ_PARAMS(barq_sql_text(run_id), barq_sql_int(now_ms)), err);
}

static int priority_of(int64_t total)
{
    if (total <= BM_RUN_SMALL) {
        return BARQ_PRIORITY_MAX;
    }
    return total >= BM_RUN_LARGE ? -BARQ_PRIORITY_MAX : 0;
}

static enum barq_status put_run(struct barq_session *session, const char *id, const char *list_id,
                                int64_t now_ms, struct barq_error *err)
{
    return barq_exec(
        session, "INSERT INTO runs (id, list_id, total, started_at_ms) VALUES (?1, ?2, 0, ?3)",
        BARQ_PARAMS(barq_sql_text(id), barq_sql_text(list_id), barq_sql_int(now_ms)), err);
}

static enum barq_status put_options(struct barq_session *session, const char *id,
                                    const struct bm_run_options *options, int64_t total,
                                    struct barq_arena *arena, struct barq_error *err)
{
    struct barq_value *map = barq_map(arena);
    const char *json = NULL;

    barq_set_key(map, "priority", barq_int(arena, priority_of(total)));
    if (options->field) {
        barq_set_key(map, "field", barq_string(arena, options->field));
    }
    if (options->watch) {
        barq_set_key(map, "watch", barq_bool(arena, true));
    }
    if (options->dry) {
        barq_set_key(map, "dry", barq_bool(arena, true));
    }
    enum barq_status status = barq_to_json(arena, map, &json, NULL, err);
    return status != BARQ_OK
               ? status
               : barq_exec(session, "UPDATE runs SET total = ?2, options = ?3 WHERE id = ?1",
                           BARQ_PARAMS(barq_sql_text(id), barq_sql_int(total), barq_sql_text(json)),
                           err);
}

static enum barq_status check(struct barq_session *session, const char *list_id,
                              const struct bm_run_options *options, struct barq_arena *arena,
                              struct barq_error *err)
{
    const struct bm_field *fields = NULL;
    size_t count = 0;
    if (options->dry && options->n_videos != 1) {
        return bq_fail(err, BARQ_ERR_ARG, "runs: a dry run is of one video: say which");
    }
    if (!options->field) {
        return BARQ_OK;
    }

    enum barq_status status = bm_fields(session, list_id, arena, &fields, &count, err);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        if (strcmp(fields[i].name, options->field) == 0) {
            return BARQ_OK;
        }
    }
    return status != BARQ_OK
               ? status
               : bq_fail(err, BARQ_ERR_ARG, "runs: the list has no field %s", options->field);
}

static enum barq_status begin(struct barq_session *session, struct bm_run *run, int64_t now_ms,
                              struct barq_arena *arena, struct barq_error *err)
{
    struct bm_event event = {
        .at_ms = now_ms, .kind = "run.started", .list_id = run->list_id, .run_id = run->id};
    struct barq_value *data = barq_map(arena);

    barq_set_key(data, "total", barq_int(arena, run->counts.total));
    enum barq_status status = bm_run_enqueue(session, run, NULL, err);
    return status != BARQ_OK ? status : bm_event_add_value(session, &event, data, arena, err);
}

enum barq_status bm_run_start(struct barq_session *session, const char *list_id,
                              const struct bm_run_options *options, int64_t now_ms,
                              struct barq_arena *arena, struct bm_run *out, struct barq_error *err)
{
    char id[BM_ID_BYTES];
    int64_t total = 0;
    bq_uuid7(now_ms, id);

    enum barq_status status = check(session, list_id, options, arena, err);
    if (status == BARQ_OK) {
        status = put_run(session, id, list_id, now_ms, err);
    }
    if (status == BARQ_OK) {
        status = take(session, id, list_id, options, now_ms, &total, err);
    }
    if (status == BARQ_OK && total == 0) {
        status = barq_exec(session, "DELETE FROM runs WHERE id = ?1",
                           BARQ_PARAMS(barq_sql_text(id)), err);
        return status != BARQ_OK
                   ? status
                   : bq_fail(err, BARQ_ERR_NOTFOUND, "runs: no pending videos to process");
    }
    if (status == BARQ_OK && !options->dry) {
        status = mark_videos(session, id, list_id, now_ms, err);
    }
    if (status == BARQ_OK) {
        status = put_options(session, id, options, total, arena, err);
    }
    if (status == BARQ_OK) {
        status = bm_run_get(session, id, arena, out, err);
    }
    return status == BARQ_OK ? begin(session, out, now_ms, arena, err) : status;
}

enum barq_status bm_run_take_on(struct barq_session *session, const char *list_id, int64_t now_ms,
                                char id[BM_ID_BYTES], int64_t *total, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    const struct bm_run_options pending = {.failed_too = false};
    struct bm_run run = {.id = ""};
    bq_arena_init(&arena, ARENA_BYTES);

    enum barq_status status = bm_run_start(session, list_id, &pending, now_ms, &arena, &run, err);
    if (status != BARQ_OK && status != BARQ_ERR_NOTFOUND) {
        return status;
    }
    (void)snprintf(id, BM_ID_BYTES, "%s", run.id);
    if (total) {
        *total = run.counts.total;
    }
    return BARQ_OK;
}
