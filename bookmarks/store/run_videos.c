/* A run's videos, and the jobs that bring them on. */
#include <string.h>

#include <barq/client.h>

#include "auto.h"
#include "base/error.h"
#include "store/events.h"
#include "store/runs.h"

enum { ARENA_BYTES = 64 * 1024 };

static const char *const state_names[BM_RUN_VIDEO_STATES] = {
    [BM_RUN_WAITING] = "waiting",
    [BM_RUN_COMPLETED] = "completed",
    [BM_RUN_FAILED] = "failed",
    [BM_RUN_DROPPED] = "cancelled",
};

const char *bm_run_video_state_name(enum bm_run_video_state state)
{
    return state_names[state];
}

bool bm_run_video_state_parse(const char *name, enum bm_run_video_state *out)
{
    for (int i = 0; i < BM_RUN_VIDEO_STATES; i++) {
        if (strcmp(name, state_names[i]) == 0) {
            *out = (enum bm_run_video_state)i;
            return true;
        }
    }
    return false;
}

/* -- reading -- */

static const char *copy(const struct barq_rows *rows, int column, struct barq_arena *arena,
                        bool *full)
{
    const char *text = barq_column_text(rows, column);
    char *made = text ? bq_arena_strdup(arena, text) : NULL;

    *full |= text && !made;
    return made;
}

static enum barq_status read_video(const struct barq_rows *rows, struct barq_arena *arena,
                                   struct bm_run_video *out, struct barq_error *err)
{
    const char *state = barq_column_text(rows, 3);
    bool full = false;

    *out = (struct bm_run_video){
        .video_id = copy(rows, 0, arena, &full),
        .youtube_id = copy(rows, 1, arena, &full),
        .title = copy(rows, 2, arena, &full),
        .reason = copy(rows, 4, arena, &full),
        .tries = barq_column_int(rows, 5),
        .updated_at_ms = barq_column_int(rows, 6),
        .described_at_ms = barq_column_int(rows, 7),
    };
    if (full) {
        return bq_fail(err, BARQ_ERR_NOMEM, "runs: arena is full");
    }
    if (!state || !bm_run_video_state_parse(state, &out->state)) {
        return bq_fail(err, BARQ_ERR_CORRUPT, "runs: a state that there is not");
    }
    return BARQ_OK;
}

#define SELECT_VIDEOS                                                                              \
    "SELECT r.video_id, v.youtube_id, v.title, r.state, r.reason, r.tries, r.updated_at_ms,"       \
    " v.metadata_at_ms"                                                                            \
    " FROM run_videos r JOIN videos v ON v.id = r.video_id WHERE r.run_id = ?1"

static enum barq_status query_videos(struct barq_session *session, const char *sql,
                                     const struct barq_scalar *params, size_t n_params,
                                     size_t limit, struct barq_arena *arena,
                                     const struct bm_run_video **out, size_t *count,
                                     struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    size_t n = 0;
    struct bm_run_video *videos = bq_arena_array(arena, limit, sizeof(*videos));
    if (!videos) {
        return bq_fail(err, BARQ_ERR_NOMEM, "runs: arena is full");
    }

    enum barq_status status = barq_query(session, sql, params, n_params, &rows, err);
    for (bool more = true; status == BARQ_OK && n < limit;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        status = read_video(rows, arena, &videos[n++], err);
    }
    *out = videos;
    *count = n;
    return status;
}

enum barq_status bm_run_videos(struct barq_session *session, const char *run_id, int state,
                               const char *after, size_t limit, struct barq_arena *arena,
                               const struct bm_run_video **out, size_t *count,
                               struct barq_error *err)
{
    const char *wanted = state == BARQ_OFF ? NULL : state_names[(enum bm_run_video_state)state];
    if (limit < 1 || limit > BM_PAGE_MAX) {
        return bq_fail(err, BARQ_ERR_ARG, "runs: a page has 1 to %d", BM_PAGE_MAX);
    }
    return query_videos(session,
                        SELECT_VIDEOS
                        " AND r.video_id > ?2 AND (CAST(?3 AS TEXT) IS NULL OR r.state = ?3)"
                        " ORDER BY r.video_id LIMIT ?4",
                        BARQ_PARAMS(barq_sql_text(run_id), barq_sql_text(after ? after : ""),
                                    barq_sql_text(wanted), barq_sql_int((int64_t)limit)),
                        limit, arena, out, count, err);
}

enum barq_status bm_run_video_get(struct barq_session *session, const char *run_id,
                                  const char *video_id, struct barq_arena *arena,
                                  const struct bm_run_video **out, struct barq_error *err)
{
    size_t count = 0;

    enum barq_status status = query_videos(
        session, SELECT_VIDEOS " AND r.video_id = ?2",
        BARQ_PARAMS(barq_sql_text(run_id), barq_sql_text(video_id)), 1, arena, out, &count, err);
    return status == BARQ_OK && count == 0
               ? bq_fail(err, BARQ_ERR_NOTFOUND, "runs: it has no such video")
               : status;
}

enum barq_status bm_run_may_go_on(struct barq_session *session, const char *run_id,
                                  const char *video_id, int64_t tries, bool *out,
                                  struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;

    enum barq_status status =
        barq_query(session,
                   "SELECT 1 FROM run_videos v JOIN runs r ON r.id = v.run_id"
                   " WHERE v.run_id = ?1 AND v.video_id = ?2 AND v.tries = ?3"
                   " AND v.state = 'waiting' AND r.state = 'running'",
                   BARQ_PARAMS(barq_sql_text(run_id), barq_sql_text(video_id), barq_sql_int(tries)),
                   &rows, err);
    return status == BARQ_OK ? barq_rows_next(rows, out, err) : status;
}

/* -- their jobs -- */

enum barq_status bm_run_enqueue(struct barq_session *session, const struct bm_run *run,
                                const char *after, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, ARENA_BYTES);
    const struct barq_enqueue_options options = {.priority = run->priority};
    struct barq_value *args = barq_list(&arena);

    barq_add(args, barq_string(&arena, run->list_id));
    barq_add(args, barq_string(&arena, run->id));
    barq_add(args, barq_string(&arena, after ? after : ""));
    return barq_session_enqueue(session, "process_list", args, NULL, &options, NULL, err);
}

static enum barq_status count_try(struct barq_session *session, const char *run_id,
                                  const char *video_id, struct barq_error *err)
{
    return barq_exec(session,
                     "UPDATE run_videos SET tries = tries + 1 WHERE run_id = ?1 AND video_id = ?2",
                     BARQ_PARAMS(barq_sql_text(run_id), barq_sql_text(video_id)), err);
}

enum barq_status bm_run_enqueue_batch(struct barq_session *session, const struct bm_run *run,
                                      const struct bm_run_video *videos, size_t count,
                                      struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, ARENA_BYTES);
    const struct barq_enqueue_options options = {.priority = run->priority};
    struct barq_value *args = barq_list(&arena);
    struct barq_value *ids = barq_list(&arena);
    struct barq_value *tries = barq_list(&arena);
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        status = count_try(session, run->id, videos[i].video_id, err);
        barq_add(ids, barq_string(&arena, videos[i].video_id));
        barq_add(tries, barq_int(&arena, videos[i].tries + 1));
    }
    barq_add(args, barq_string(&arena, run->list_id));
    barq_add(args, barq_string(&arena, run->id));
    barq_add(args, ids);
    barq_add(args, tries);
    return status != BARQ_OK
               ? status
               : barq_session_enqueue(session, "fetch_metadata", args, NULL, &options, NULL, err);
}

/* -- their end -- */

static enum barq_status end_in_run(struct barq_session *session, const char *run_id,
                                   const char *video_id, const char *why, int64_t now_ms,
                                   bool *changed, struct barq_error *err)
{
    enum barq_status status =
        barq_exec(session,
                  "UPDATE run_videos SET state = ?3, reason = ?4, updated_at_ms = ?5"
                  " WHERE run_id = ?1 AND video_id = ?2 AND state = 'waiting'",
                  BARQ_PARAMS(barq_sql_text(run_id), barq_sql_text(video_id),
                              barq_sql_text(state_names[why ? BM_RUN_FAILED : BM_RUN_COMPLETED]),
                              barq_sql_text(why), barq_sql_int(now_ms)),
                  err);
    *changed = barq_changes(session) == 1;
    return status;
}

static enum barq_status add_event(struct barq_session *session, const char *run_id,
                                  const char *video_id, const char *why, int64_t now_ms,
                                  struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, ARENA_BYTES);
    struct barq_value *data = barq_map(&arena);
    struct bm_event event = {.at_ms = now_ms,
                             .kind = why ? "video.failed" : "video.completed",
                             .run_id = run_id,
                             .video_id = video_id};
    if (why) {
        barq_set_key(data, "reason", barq_string(&arena, why));
    }
    return bm_event_add_value(session, &event, data, &arena, err);
}

/* After the event, whose counter makes others wait: so of two that end the last two videos one sees the other. */
static enum barq_status finish(struct barq_session *session, const char *run_id, int64_t now_ms,
                               struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct bm_run run;
    bq_arena_init(&arena, ARENA_BYTES);

    enum barq_status status =
        barq_exec(session,
                  "UPDATE runs SET finished_at_ms = ?2 WHERE id = ?1 AND finished_at_ms IS NULL"
                  " AND NOT EXISTS (SELECT 1 FROM run_videos WHERE run_id = ?1"
                  " AND state = 'waiting')",
                  BARQ_PARAMS(barq_sql_text(run_id), barq_sql_int(now_ms)), err);
    if (status != BARQ_OK || barq_changes(session) == 0) {
        return status;
    }
    status = bm_run_get(session, run_id, &arena, &run, err);
    if (status != BARQ_OK) {
        return status;
    }
    struct bm_event event = {
        .at_ms = now_ms, .kind = "run.finished", .list_id = run.list_id, .run_id = run_id};
    struct barq_value *data = barq_map(&arena);
    barq_set_key(data, "status", barq_string(&arena, bm_run_status(&run)));
    barq_set_key(data, "completed", barq_int(&arena, run.counts.completed));
    barq_set_key(data, "failed", barq_int(&arena, run.counts.failed));
    return bm_event_add_value(session, &event, data, &arena, err);
}

enum barq_status bm_run_video_end(struct barq_session *session, const char *run_id,
                                  const char *video_id, const char *why, int64_t now_ms,
                                  bool *changed, struct barq_error *err)
{
    bool ended = false;
    bool was_pending = false;
    enum barq_status status = BARQ_OK;

    if (run_id) {
        status = end_in_run(session, run_id, video_id, why, now_ms, &ended, err);
    }
    if (status == BARQ_OK && (ended || !run_id)) {
        status = why ? bm_video_fail(session, video_id, why, now_ms, &was_pending, err)
                     : bm_video_complete(session, video_id, now_ms, &was_pending, err);
    }
    ended = ended || was_pending;
    if (changed) {
        *changed = ended;
    }
    if (status == BARQ_OK && ended) {
        status = add_event(session, run_id, video_id, why, now_ms, err);
    }
    return status == BARQ_OK && ended && run_id ? finish(session, run_id, now_ms, err) : status;
}

enum barq_status bm_run_preview(struct barq_session *session, const char *run_id,
                                const char *video_id, const struct barq_value *data, int64_t now_ms,
                                struct barq_arena *arena, struct barq_error *err)
{
    const struct bm_event event = {
        .at_ms = now_ms, .kind = "run.previewed", .run_id = run_id, .video_id = video_id};
    bool ended = false;

    enum barq_status status = end_in_run(session, run_id, video_id, NULL, now_ms, &ended, err);
    if (status != BARQ_OK || !ended) {
        return status;
    }
    status = bm_event_add_value(session, &event, data, arena, err);
    return status == BARQ_OK ? finish(session, run_id, now_ms, err) : status;
}

enum barq_status bm_run_fail(struct barq_session *session, const char *run_id, const char *why,
                             int64_t now_ms, struct barq_error *err)
{
    struct bm_event event = {.at_ms = now_ms, .kind = "run.failed", .run_id = run_id};

    enum barq_status status = barq_exec(
        session,
        "UPDATE videos SET status = 'failed', error = ?2, updated_at_ms = ?3"
        " WHERE run_id = ?1 AND status = 'pending'",
        BARQ_PARAMS(barq_sql_text(run_id), barq_sql_text(why), barq_sql_int(now_ms)), err);
    if (status == BARQ_OK) {
        status = barq_exec(
            session,
            "UPDATE run_videos SET state = 'failed', reason = ?2, updated_at_ms = ?3"
            " WHERE run_id = ?1 AND state = 'waiting'",
            BARQ_PARAMS(barq_sql_text(run_id), barq_sql_text(why), barq_sql_int(now_ms)), err);
    }
    if (status == BARQ_OK) {
        status = barq_exec(session, "UPDATE runs SET error = ?2 WHERE id = ?1",
                           BARQ_PARAMS(barq_sql_text(run_id), barq_sql_text(why)), err);
    }
    if (status == BARQ_OK) {
        status = bm_event_add(session, &event, err);
    }
    return status == BARQ_OK ? finish(session, run_id, now_ms, err) : status;
}
