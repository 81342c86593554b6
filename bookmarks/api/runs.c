#include "api/problem.h"
#include "api/read.h"
#include "api/routes.h"
#include "api/run_json.h"
#include "base/time.h"
#include "services/settings.h"
#include "store/options.h"

/* The original's API calls a run a job. */

static void read_options(struct bm_api_request *request, struct bm_run_options *out)
{
    const struct barq_value *body = bm_api_body_if_any(request);

    *out = (struct bm_run_options){
        .failed_too = bm_api_bool(request, body, "failed", false),
        .again = bm_api_bool(request, body, "again", false),
        .failed_of = bm_api_text(request, body, "failed_of", BM_ID_BYTES, NULL),
        .field = bm_api_text(request, body, "field", BM_NAME_MAX_BYTES, NULL),
        .watch = bm_api_bool(request, body, "watch", false),
        .dry = bm_api_bool(request, body, "dry_run", false),
    };
    out->video_ids =
        bm_api_texts(request, body, "video_ids", BM_RUN_SELECTION_MAX, BM_ID_BYTES, &out->n_videos);
}

/* Only Gemini can: else it is refused before any video fails for it. */
static enum barq_status check_watch(struct bm_api_request *request, struct barq_error *err)
{
    struct bm_option_texts texts;

    enum barq_status status = bm_option_texts(request->session, request->arena, &texts, err);
    if (status == BARQ_OK &&
        bm_services_by(bm_option_text, &texts).model.service != BM_SERVICE_GEMINI) {
        bm_api_wrong(request, "/watch",
                     "needs Gemini: set gemini_api_key, and model_service if "
                     "another model is set, too");
    }
    return status;
}

static enum barq_status process(struct bm_api_request *request, struct barq_error *err)
{
    struct barq_arena *arena = request->arena;
    struct bm_run_options options;
    struct bm_list list;
    struct bm_run run;

    read_options(request, &options);
    enum barq_status status = options.watch ? check_watch(request, err) : BARQ_OK;
    if (status != BARQ_OK || !bm_api_good(request)) {
        return status;
    }
    status = bm_list_find(request->session, request->ids[0], arena, &list, err);
    if (status != BARQ_OK) {
        return bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_LIST, err);
    }
    status = bm_run_start(request->session, list.id, &options, bq_wall_ms(), arena, &run, err);
    if (status == BARQ_ERR_NOTFOUND) {
        bm_api_refuse(request, BM_PROBLEM_NOTHING_PENDING, NULL);
        return BARQ_OK;
    }
    if (status != BARQ_OK) {
        return bm_api_refuse_when(request, status, BARQ_ERR_ARG, BM_PROBLEM_INVALID, err);
    }
    bm_api_created(request, "/api/jobs/%s", run.id);
    request->answer = barq_map(arena);
    barq_set_key(request->answer, "job_id", barq_string(arena, run.id));
    barq_set_key(request->answer, "total_videos", barq_int(arena, run.counts.total));
    return BARQ_OK;
}

static enum barq_status find_run(struct bm_api_request *request, struct bm_run *run, bool *found,
                                 struct barq_error *err)
{
    enum barq_status status =
        bm_run_get(request->session, request->ids[0], request->arena, run, err);

    *found = status == BARQ_OK;
    return bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_JOB, err);
}

static enum barq_status job(struct bm_api_request *request, struct barq_error *err)
{
    struct barq_arena *arena = request->arena;
    struct barq_value *map = barq_map(arena);
    struct bm_run run;
    bool found = false;

    enum barq_status status = find_run(request, &run, &found, err);
    if (!found) {
        return status;
    }
    barq_set_key(map, "id", barq_string(arena, run.id));
    barq_set_key(map, "list_id", barq_string(arena, run.list_id));
    barq_set_key(map, "total_videos", barq_int(arena, run.counts.total));
    barq_set_key(map, "processed_count", barq_int(arena, run.counts.completed));
    barq_set_key(map, "failed_count", barq_int(arena, run.counts.failed));
    barq_set_key(map, "status", barq_string(arena, bm_run_status(&run)));
    request->answer = map;
    return BARQ_OK;
}

static enum barq_status show(struct bm_api_request *request, const struct bm_run *run,
                             struct barq_error *err)
{
    const struct bm_held *holds = NULL;
    size_t count = 0;

    enum barq_status status =
        bm_holds(request->session, bq_wall_ms(), request->arena, &holds, &count, err);
    if (status == BARQ_OK) {
        request->answer = bm_run_json(run, holds, count, request->arena);
    }
    return status;
}

static enum barq_status one(struct bm_api_request *request, struct barq_error *err)
{
    struct bm_run run;
    bool found = false;

    enum barq_status status = find_run(request, &run, &found, err);
    return found ? show(request, &run, err) : status;
}

static enum barq_status all(struct bm_api_request *request, struct barq_error *err)
{
    struct barq_arena *arena = request->arena;
    const struct bm_run_filter filter = {
        .list_id = bm_api_query(request, "list_id", NULL),
        .video_id = bm_api_query(request, "video_id", NULL),
        .before = bm_api_query(request, "before", NULL),
    };
    int64_t limit = bm_api_query_int(request, "limit", 1, BM_RUNS_PAGE_MAX, BM_RUNS_PAGE_MAX);
    const struct bm_held *holds = NULL;
    const struct bm_run *runs = NULL;
    size_t n_holds = 0;
    size_t count = 0;
    if (!bm_api_good(request)) {
        return BARQ_OK;
    }

    enum barq_status status =
        bm_runs(request->session, &filter, (size_t)limit, arena, &runs, &count, err);
    if (status == BARQ_OK) {
        status = bm_holds(request->session, bq_wall_ms(), arena, &holds, &n_holds, err);
    }
    request->answer = barq_list(arena);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        barq_add(request->answer, bm_run_json(&runs[i], holds, n_holds, arena));
    }
    return status;
}

/* The rows first; then, with no session open, the queue is asked what it makes of those that wait. */
static enum barq_status videos(struct bm_api_request *request, struct barq_error *err)
{
    struct barq_arena *arena = request->arena;
    const char *only = bm_api_query(request, "status", NULL);
    const char *after = bm_api_query(request, "after", NULL);
    int64_t limit = bm_api_query_int(request, "limit", 1, BM_PAGE_MAX, BM_PAGE_MAX);
    enum bm_run_video_state state = BM_RUN_WAITING;
    const struct bm_run_video *found = NULL;
    struct bm_run_view view = {.running = false};
    struct bm_run run;
    size_t count = 0;
    bool there = false;

    if (only && !bm_run_video_state_parse(only, &state)) {
        bm_api_wrong_query(request, "status", "must be waiting, completed, failed or cancelled");
    }
    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    enum barq_status status = barq_session_begin(request->session, false, err);
    if (status == BARQ_OK) {
        status = find_run(request, &run, &there, err);
    }
    if (status != BARQ_OK || !there) {
        return status;
    }
    view.running = run.state == BM_RUN_RUNNING;
    status = bm_run_videos(request->session, run.id, only ? (int)state : BARQ_OFF, after,
                           (size_t)limit, arena, &found, &count, err);
    if (status == BARQ_OK) {
        status = bm_holds(request->session, bq_wall_ms(), arena, &view.holds, &view.n_holds, err);
    }
    barq_session_rollback(request->session);
    if (status == BARQ_OK && run.counts.pending > 0) {
        status = bm_queue_look(arena, &view.queue, err);
    }
    request->answer = barq_list(arena);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        barq_add(request->answer, bm_run_video_json(&view, &found[i], arena));
    }
    return status;
}

/* -- what is done with one -- */

static enum barq_status changed(struct bm_api_request *request, enum barq_status status,
                                struct barq_error *err)
{
    if (status == BARQ_ERR_CONFLICT) {
        return bm_api_refuse_when(request, status, status, BM_PROBLEM_RUN_STATE, err);
    }
    return status == BARQ_OK
               ? one(request, err)
               : bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_JOB, err);
}

static enum barq_status pause_run(struct bm_api_request *request, struct barq_error *err)
{
    return changed(request, bm_run_pause(request->session, request->ids[0], bq_wall_ms(), err),
                   err);
}

static enum barq_status resume(struct bm_api_request *request, struct barq_error *err)
{
    return changed(request, bm_run_resume(request->session, request->ids[0], bq_wall_ms(), err),
                   err);
}

static enum barq_status cancel(struct bm_api_request *request, struct barq_error *err)
{
    return changed(request, bm_run_cancel(request->session, request->ids[0], bq_wall_ms(), err),
                   err);
}

static enum barq_status retry(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body_if_any(request);
    const char *video_id = bm_api_text(request, body, "video_id", BM_ID_BYTES, NULL);
    int64_t retried = 0;
    struct bm_run run;
    bool found = false;
    if (!bm_api_good(request)) {
        return BARQ_OK;
    }

    enum barq_status status = find_run(request, &run, &found, err);
    if (!found) {
        return status;
    }
    status = bm_run_retry(request->session, run.id, video_id, bq_wall_ms(), &retried, err);
    if (status == BARQ_ERR_NOTFOUND) {
        return bm_api_refuse_when(request, status, status, BM_PROBLEM_NOTHING_FAILED, err);
    }
    return changed(request, status, err);
}

/* -- holds -- */

static enum barq_status holds(struct bm_api_request *request, struct barq_error *err)
{
    const struct bm_held *held = NULL;
    size_t count = 0;

    enum barq_status status =
        bm_holds(request->session, bq_wall_ms(), request->arena, &held, &count, err);
    request->answer = barq_list(request->arena);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        barq_add(request->answer, bm_hold_json(&held[i], request->arena));
    }
    return status;
}

/* A person who has changed the key, or its quota, need not wait. */
static enum barq_status end_hold(struct bm_api_request *request, struct barq_error *err)
{
    bool ended = false;

    enum barq_status status =
        bm_hold_end(request->session, request->ids[0], INT64_MAX, &ended, err);
    if (status == BARQ_OK && !ended) {
        bm_api_refuse(request, BM_PROBLEM_NO_HOLD, NULL);
        return BARQ_OK;
    }
    request->status = 204;
    return status == BARQ_OK ? bm_runs_go_on(request->session, err) : status;
}

static const struct bm_api_route routes[] = {
    {"POST", "/api/lists/{id}/process", process, BM_WRITING},
    {"GET", "/api/jobs/{id}", job, BM_READING},
    {"POST", "/api/jobs/{id}/pause", pause_run, BM_WRITING},
    {"POST", "/api/jobs/{id}/resume", resume, BM_WRITING},
    {"GET", "/api/runs", all, BM_READING},
    {"GET", "/api/runs/{id}", one, BM_READING},
    {"GET", "/api/runs/{id}/videos", videos, BM_BY_HAND},
    {"POST", "/api/runs/{id}/pause", pause_run, BM_WRITING},
    {"POST", "/api/runs/{id}/resume", resume, BM_WRITING},
    {"POST", "/api/runs/{id}/cancel", cancel, BM_WRITING},
    {"POST", "/api/runs/{id}/retry", retry, BM_WRITING},
    {"GET", "/api/holds", holds, BM_READING},
    {"DELETE", "/api/holds/{service}", end_hold, BM_WRITING},
};

const struct bm_api_topic bm_api_runs_topic = BM_API_TOPIC(routes);
