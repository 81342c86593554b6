/* What a person does with a run, and what lets it go on. */
#include <stdio.h>

#include "base/error.h"
#include "store/events.h"
#include "store/runs.h"

enum { ARENA_BYTES = 256 * 1024 };

static enum barq_status add_event(struct barq_session *session, const struct bm_run *run,
                                  const char *kind, int64_t count, int64_t now_ms,
                                  struct barq_arena *arena, struct barq_error *err)
{
    struct bm_event event = {
        .at_ms = now_ms, .kind = kind, .list_id = run->list_id, .run_id = run->id};
    struct barq_value *data = barq_map(arena);

    barq_set_key(data, "videos", barq_int(arena, count));
    return bm_event_add_value(session, &event, data, arena, err);
}

/* From one state to another, if that is what it is in and something waits. */
static enum barq_status move(struct barq_session *session, const char *id, const char *from,
                             const char *to, const char *kind, int64_t now_ms,
                             struct barq_arena *arena, struct bm_run *run, struct barq_error *err)
{
    enum barq_status status =
        barq_exec(session,
                  "UPDATE runs SET state = ?3 WHERE id = ?1 AND state = ?2"
                  " AND finished_at_ms IS NULL",
                  BARQ_PARAMS(barq_sql_text(id), barq_sql_text(from), barq_sql_text(to)), err);
    bool moved = status == BARQ_OK && barq_changes(session) == 1;
    if (status == BARQ_OK) {
        status = bm_run_get(session, id, arena, run, err);
    }
    if (status == BARQ_OK && !moved) {
        return bq_fail(err, BARQ_ERR_CONFLICT, "runs: it is not %s but %s", from,
                       bm_run_status(run));
    }
    return status != BARQ_OK
               ? status
               : add_event(session, run, kind, run->counts.pending, now_ms, arena, err);
}

enum barq_status bm_run_pause(struct barq_session *session, const char *id, int64_t now_ms,
                              struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct bm_run run;
    bq_arena_init(&arena, ARENA_BYTES);

    return move(session, id, "running", "paused", "run.paused", now_ms, &arena, &run, err);
}

enum barq_status bm_run_resume(struct barq_session *session, const char *id, int64_t now_ms,
                               struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct bm_run run;
    bq_arena_init(&arena, ARENA_BYTES);

    enum barq_status status =
        move(session, id, "paused", "running", "run.resumed", now_ms, &arena, &run, err);
    return status == BARQ_OK ? bm_run_enqueue(session, &run, NULL, err) : status;
}

static enum barq_status drop_waiting(struct barq_session *session, const char *id, int64_t now_ms,
                                     struct barq_error *err)
{
    enum barq_status status =
        barq_exec(session,
                  "UPDATE videos SET run_id = NULL, updated_at_ms = ?2 WHERE run_id = ?1"
                  " AND status = 'pending'",
                  BARQ_PARAMS(barq_sql_text(id), barq_sql_int(now_ms)), err);
    if (status == BARQ_OK) {
        status = barq_exec(session,
                           "UPDATE run_videos SET state = 'cancelled', updated_at_ms = ?2"
                           " WHERE run_id = ?1 AND state = 'waiting'",
                           BARQ_PARAMS(barq_sql_text(id), barq_sql_int(now_ms)), err);
    }
    return status;
}

enum barq_status bm_run_cancel(struct barq_session *session, const char *id, int64_t now_ms,
                               struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct bm_run run;
    bq_arena_init(&arena, ARENA_BYTES);

    enum barq_status status = bm_run_get(session, id, &arena, &run, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (run.state == BM_RUN_CANCELLED || run.counts.pending == 0) {
        return bq_fail(err, BARQ_ERR_CONFLICT, "runs: it is %s", bm_run_status(&run));
    }
    status =
        barq_exec(session, "UPDATE runs SET state = 'cancelled', finished_at_ms = ?2 WHERE id = ?1",
                  BARQ_PARAMS(barq_sql_text(id), barq_sql_int(now_ms)), err);
    if (status == BARQ_OK) {
        status = drop_waiting(session, id, now_ms, err);
    }
    return status != BARQ_OK
               ? status
               : add_event(session, &run, "run.cancelled", run.counts.pending, now_ms, &arena, err);
}

/* -- again -- */

/* Those that failed here and wait nowhere else. */
#define FAILED_HERE                                                                                \
    " WHERE run_id = ?1 AND state = 'failed' AND (CAST(?2 AS TEXT) IS NULL OR video_id = ?2)"      \
    " AND NOT EXISTS (SELECT 1 FROM run_videos o WHERE o.video_id = run_videos.video_id"           \
    " AND o.state = 'waiting')"

static enum barq_status put_back(struct barq_session *session, const char *id, const char *video_id,
                                 int64_t now_ms, int64_t *count, struct barq_error *err)
{
    enum barq_status status = barq_exec(
        session,
        "UPDATE run_videos SET state = 'waiting', reason = NULL, updated_at_ms = ?3" FAILED_HERE,
        BARQ_PARAMS(barq_sql_text(id), barq_sql_text(video_id), barq_sql_int(now_ms)), err);
    *count = barq_changes(session);
    if (status == BARQ_OK) {
        status = barq_exec(session,
                           "UPDATE videos SET status = 'pending', error = NULL, run_id = ?1,"
                           " updated_at_ms = ?2 WHERE status <> 'pending' AND id IN"
                           " (SELECT video_id FROM run_videos"
                           "  WHERE run_id = ?1 AND state = 'waiting')",
                           BARQ_PARAMS(barq_sql_text(id), barq_sql_int(now_ms)), err);
    }
    if (status == BARQ_OK) {
        status =
            barq_exec(session, "UPDATE runs SET finished_at_ms = NULL, error = NULL WHERE id = ?1",
                      BARQ_PARAMS(barq_sql_text(id)), err);
    }
    return status;
}

/* One is enqueued by itself; of many, what waits already is enqueued again, and its first job does nothing. */
static enum barq_status enqueue_again(struct barq_session *session, const struct bm_run *run,
                                      const char *video_id, struct barq_arena *arena,
                                      struct barq_error *err)
{
    if (run->state == BM_RUN_PAUSED) {
        return BARQ_OK;
    }
    if (!video_id) {
        return bm_run_enqueue(session, run, NULL, err);
    }
    const struct bm_run_video *video = NULL;
    enum barq_status status = bm_run_video_get(session, run->id, video_id, arena, &video, err);
    return status == BARQ_OK ? bm_run_enqueue_batch(session, run, video, 1, err) : status;
}

enum barq_status bm_run_retry(struct barq_session *session, const char *id, const char *video_id,
                              int64_t now_ms, int64_t *retried, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct bm_run run;
    bq_arena_init(&arena, ARENA_BYTES);

    enum barq_status status = bm_run_get(session, id, &arena, &run, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (run.state == BM_RUN_CANCELLED) {
        return bq_fail(err, BARQ_ERR_CONFLICT, "runs: it is cancelled: start another");
    }
    status = put_back(session, id, video_id, now_ms, retried, err);
    if (status == BARQ_OK && *retried == 0) {
        return bq_fail(err, BARQ_ERR_NOTFOUND,
                       video_id ? "runs: this video has not failed in it"
                                : "runs: no video has failed in it");
    }
    if (status == BARQ_OK) {
        status = enqueue_again(session, &run, video_id, &arena, err);
    }
    return status != BARQ_OK
               ? status
               : add_event(session, &run, "run.retried", *retried, now_ms, &arena, err);
}

enum barq_status bm_runs_go_on(struct barq_session *session, struct barq_error *err)
{
    struct bm_run_filter filter = {.running = true};
    const struct bm_run *runs = NULL;
    char last[BM_ID_BYTES];
    size_t count = BM_RUNS_PAGE_MAX;
    enum barq_status status = BARQ_OK;

    while (status == BARQ_OK && count == BM_RUNS_PAGE_MAX) {
        bq_auto(arena) struct barq_arena arena;
        bq_arena_init(&arena, ARENA_BYTES);
        status = bm_runs(session, &filter, BM_RUNS_PAGE_MAX, &arena, &runs, &count, err);
        for (size_t i = 0; status == BARQ_OK && i < count; i++) {
            status = bm_run_enqueue(session, &runs[i], NULL, err);
            (void)snprintf(last, sizeof(last), "%s", runs[i].id);
            filter.before = last;
        }
    }
    return status;
}
