#include "api/calls.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "export/video_json.h"

void bm_api_refuse(struct bm_api_request *request, int status, const char *detail)
{
    struct barq_arena *arena = request->http->arena;
    struct barq_value *answer = barq_map(arena);

    barq_set_key(answer, "detail", barq_string(arena, detail));
    request->status = status;
    request->answer = answer;
}

/* Whatever else it was goes to the log. */
static enum barq_status refuse_missing(struct bm_api_request *request, enum barq_status status,
                                       const char *detail)
{
    if (status == BARQ_ERR_NOTFOUND) {
        bm_api_refuse(request, 404, detail);
        return BARQ_OK;
    }
    return status;
}

enum barq_status bm_api_health(struct bm_api_request *request, struct barq_error *err)
{
    struct barq_value *answer = barq_map(request->http->arena);

    (void)err;
    barq_set_key(answer, "status", barq_string(request->http->arena, "ok"));
    request->answer = answer;
    return BARQ_OK;
}

/* -- lists -- */

static struct barq_value *list_json(const struct bm_list *list, struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);

    barq_set_key(map, "id", barq_string(arena, list->id));
    barq_set_key(map, "name", barq_string(arena, list->name));
    barq_set_key(map, "video_count", barq_int(arena, list->counts.total));
    barq_set_key(map, "pending_count", barq_int(arena, list->counts.pending));
    barq_set_key(map, "completed_count", barq_int(arena, list->counts.completed));
    barq_set_key(map, "failed_count", barq_int(arena, list->counts.failed));
    barq_set_key(map, "created_at", bm_time_json(list->created_at_ms, arena));
    return map;
}

enum barq_status bm_api_lists(struct bm_api_request *request, struct barq_error *err)
{
    struct barq_arena *arena = request->http->arena;
    struct barq_value *answer = barq_list(arena);
    const struct bm_list *lists = NULL;
    size_t count = 0;

    enum barq_status status = bm_lists(request->session, arena, &lists, &count, err);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        barq_add(answer, list_json(&lists[i], arena));
    }
    request->answer = answer;
    return status;
}

enum barq_status bm_api_list(struct bm_api_request *request, struct barq_error *err)
{
    struct barq_arena *arena = request->http->arena;
    struct bm_list list;

    enum barq_status status = bm_list_find(request->session, request->id, arena, &list, err);
    if (status == BARQ_OK) {
        request->answer = list_json(&list, arena);
    }
    return refuse_missing(request, status, "List not found");
}

/* The body as a map; NULL when it is none, and then it is refused. */
static const struct barq_value *read_body(struct bm_api_request *request)
{
    const struct bq_http_call *call = request->http;
    struct barq_value *body = NULL;
    struct barq_error why = {0};

    if (barq_from_json(call->arena, call->body, call->body_bytes, &body, &why) != BARQ_OK) {
        bm_api_refuse(request, 422, why.text);
        return NULL;
    }
    if (barq_kind(body) != BARQ_MAP) {
        bm_api_refuse(request, 422, "The body must be an object");
        return NULL;
    }
    return body;
}

/* A string of the body, or `otherwise` when it is not there; NULL when it is none, or has a NUL in it. */
static const char *read_string(const struct barq_value *body, const char *key,
                               const char *otherwise)
{
    const struct barq_value *value = barq_get(body, key);
    size_t len = 0;

    if (!value) {
        return otherwise;
    }
    if (barq_kind(value) != BARQ_STRING) {
        return NULL;
    }
    const char *text = barq_as_bytes(value, &len);
    return strlen(text) == len ? text : NULL;
}

enum barq_status bm_api_list_add(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = read_body(request);
    if (!body) {
        return BARQ_OK;
    }
    const char *name = read_string(body, "name", NULL);
    const char *template = read_string(body, "template", "talks");
    char id[BM_ID_BYTES];

    if (!name || !template) {
        bm_api_refuse(request, 422, "name and template must be strings");
        return BARQ_OK;
    }
    enum barq_status status = bm_list_add(request->session, name, template, bq_wall_ms(), id, err);
    if (status == BARQ_ERR_EXISTS || status == BARQ_ERR_ARG) {
        const char *room_ends = strstr(err->text, ": ");
        bm_api_refuse(request, status == BARQ_ERR_EXISTS ? 409 : 422,
                      room_ends ? room_ends + 2 : err->text);
        return BARQ_OK;
    }
    if (status != BARQ_OK) {
        return status;
    }
    snprintf(request->id, sizeof(request->id), "%s", id);
    request->status = 201;
    return bm_api_list(request, err);
}

/* -- videos -- */

/* A whole number of the query, when it is there; false when it is not within its bounds. */
static bool read_number(const struct bm_api_request *request, const char *name, int64_t least,
                        int64_t most, int64_t *out)
{
    const char *text = bq_http_query(request->http, name);

    return !text || (bq_parse_int(text, out) && *out >= least && *out <= most);
}

/* What the query asks for; else why it cannot be had. */
static const char *read_filter(const struct bm_api_request *request, struct bm_video_filter *filter,
                               int64_t *limit)
{
    const char *only = bq_http_query(request->http, "status");
    enum bm_video_status wanted = BM_PENDING;

    *limit = BM_PAGE_MAX;
    if (only && !bm_video_status_parse(only, &wanted)) {
        return "status must be pending, completed or failed";
    }
    filter->status = only ? (int)wanted : BARQ_OFF;
    if (!read_number(request, "limit", 1, BM_PAGE_MAX, limit)) {
        return "limit must be a number from 1 to 1000";
    }
    if (!read_number(request, "after", 0, INT64_MAX, &filter->after_position)) {
        return "after must be the position of a video";
    }
    return NULL;
}

static enum barq_status add_video(struct bm_api_request *request, const struct bm_video *video,
                                  const struct bm_field *fields, size_t n_fields,
                                  struct barq_error *err)
{
    struct barq_arena *arena = request->http->arena;
    const struct bm_field_value *values = NULL;
    size_t count = 0;

    enum barq_status status =
        bm_field_values(request->session, video->id, arena, &values, &count, err);
    if (status != BARQ_OK) {
        return status;
    }
    struct barq_value *map = bm_video_json(video, fields, n_fields, values, count, arena);
    barq_set_key(map, "id", barq_string(arena, video->id));
    barq_set_key(map, "list_id", barq_string(arena, video->list_id));
    barq_set_key(map, "youtube_id", barq_string(arena, video->metadata.youtube_id));
    barq_set_key(map, "position", barq_int(arena, video->position));
    barq_set_key(map, "created_at", bm_time_json(video->created_at_ms, arena));
    barq_set_key(map, "updated_at", bm_time_json(video->updated_at_ms, arena));
    barq_add(request->answer, map);
    return BARQ_OK;
}

static enum barq_status add_videos(struct bm_api_request *request,
                                   const struct bm_video_filter *filter, size_t limit,
                                   struct barq_error *err)
{
    struct barq_arena *arena = request->http->arena;
    const struct bm_field *fields = NULL;
    const struct bm_video *videos = NULL;
    size_t n_fields = 0;
    size_t count = 0;

    enum barq_status status =
        bm_fields(request->session, filter->list_id, arena, &fields, &n_fields, err);
    if (status == BARQ_OK) {
        status = bm_videos(request->session, filter, limit, arena, &videos, &count, err);
    }
    request->answer = barq_list(arena);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        status = add_video(request, &videos[i], fields, n_fields, err);
    }
    return status;
}

enum barq_status bm_api_videos(struct bm_api_request *request, struct barq_error *err)
{
    struct bm_video_filter filter = {0};
    struct bm_list list;
    int64_t limit = 0;

    enum barq_status status =
        bm_list_find(request->session, request->id, request->http->arena, &list, err);
    if (status != BARQ_OK) {
        return refuse_missing(request, status, "List not found");
    }
    filter.list_id = list.id;
    const char *wrong = read_filter(request, &filter, &limit);
    if (wrong) {
        bm_api_refuse(request, 422, wrong);
        return BARQ_OK;
    }
    return add_videos(request, &filter, (size_t)limit, err);
}

/* -- runs: the API calls them jobs -- */

/* What is not there is false; without a body all is. False, and a refusal, for anything else. */
static bool read_run_options(struct bm_api_request *request, struct bm_run_options *out)
{
    if (request->http->body_bytes == 0) {
        return true;
    }
    const struct barq_value *body = read_body(request);
    const struct barq_value *failed = barq_get(body, "failed");
    const struct barq_value *again = barq_get(body, "again");
    if (!body) {
        return false;
    }
    if ((failed && barq_kind(failed) != BARQ_BOOL) || (again && barq_kind(again) != BARQ_BOOL)) {
        bm_api_refuse(request, 422, "failed and again must be true or false");
        return false;
    }
    out->failed_too = barq_as_bool(failed, false);
    out->again = barq_as_bool(again, false);
    return true;
}

enum barq_status bm_api_process(struct bm_api_request *request, struct barq_error *err)
{
    struct barq_arena *arena = request->http->arena;
    struct bm_run_options options = {0};
    struct bm_list list;
    struct bm_run run;

    if (!read_run_options(request, &options)) {
        return BARQ_OK;
    }
    enum barq_status status = bm_list_find(request->session, request->id, arena, &list, err);
    if (status != BARQ_OK) {
        return refuse_missing(request, status, "List not found");
    }
    status = bm_run_start(request->session, list.id, &options, bq_wall_ms(), arena, &run, err);
    if (status == BARQ_ERR_NOTFOUND) {
        bm_api_refuse(request, 400, "No pending videos to process");
        return BARQ_OK;
    }
    if (status != BARQ_OK) {
        return status;
    }
    request->answer = barq_map(arena);
    barq_set_key(request->answer, "job_id", barq_string(arena, run.id));
    barq_set_key(request->answer, "total_videos", barq_int(arena, run.counts.total));
    request->status = 201;
    return BARQ_OK;
}

static const char *run_status(const struct bm_counts *counts)
{
    if (counts->pending > 0) {
        return "running";
    }
    return counts->failed > 0 ? "completed_with_errors" : "completed";
}

enum barq_status bm_api_job(struct bm_api_request *request, struct barq_error *err)
{
    struct barq_arena *arena = request->http->arena;
    struct barq_value *map = barq_map(arena);
    struct bm_run run;

    enum barq_status status = bm_run_get(request->session, request->id, arena, &run, err);
    if (status != BARQ_OK) {
        return refuse_missing(request, status, "Job not found");
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
