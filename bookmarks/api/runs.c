#include "store/runs.h"

#include "api/problem.h"
#include "api/read.h"
#include "api/routes.h"
#include "base/time.h"

/* The API calls them jobs, as the original did. */

static enum barq_status process(struct bm_api_request *request, struct barq_error *err)
{
    struct barq_arena *arena = request->arena;
    const struct barq_value *body = bm_api_body_if_any(request);
    struct bm_run_options options = {
        .failed_too = bm_api_bool(request, body, "failed", false),
        .again = bm_api_bool(request, body, "again", false),
    };
    struct bm_list list;
    struct bm_run run;

    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    enum barq_status status = bm_list_find(request->session, request->ids[0], arena, &list, err);
    if (status != BARQ_OK) {
        return bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_LIST, err);
    }
    status = bm_run_start(request->session, list.id, &options, bq_wall_ms(), arena, &run, err);
    if (status == BARQ_ERR_NOTFOUND) {
        bm_api_refuse(request, BM_PROBLEM_NOTHING_PENDING, NULL);
        return BARQ_OK;
    }
    if (status != BARQ_OK) {
        return status;
    }
    bm_api_created(request, "/api/jobs/%s", run.id);
    request->answer = barq_map(arena);
    barq_set_key(request->answer, "job_id", barq_string(arena, run.id));
    barq_set_key(request->answer, "total_videos", barq_int(arena, run.counts.total));
    return BARQ_OK;
}

static const char *run_status(const struct bm_counts *counts)
{
    if (counts->pending > 0) {
        return "running";
    }
    return counts->failed > 0 ? "completed_with_errors" : "completed";
}

static enum barq_status job(struct bm_api_request *request, struct barq_error *err)
{
    struct barq_arena *arena = request->arena;
    struct barq_value *map = barq_map(arena);
    struct bm_run run;

    enum barq_status status = bm_run_get(request->session, request->ids[0], arena, &run, err);
    if (status != BARQ_OK) {
        return bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_JOB, err);
    }
    barq_set_key(map, "id", barq_string(arena, run.id));
    barq_set_key(map, "list_id", barq_string(arena, run.list_id));
    barq_set_key(map, "total_videos", barq_int(arena, run.counts.total));
    barq_set_key(map, "processed_count", barq_int(arena, run.counts.completed));
    barq_set_key(map, "failed_count", barq_int(arena, run.counts.failed));
    barq_set_key(map, "status", barq_string(arena, run_status(&run.counts)));
    request->answer = map;
    return BARQ_OK;
}

static const struct bm_api_route routes[] = {
    {"POST", "/api/lists/{id}/process", process, BM_WRITING},
    {"GET", "/api/jobs/{id}", job, BM_READING},
};

const struct bm_api_topic bm_api_runs_topic = BM_API_TOPIC(routes);
