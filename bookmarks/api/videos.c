/* videos.c - the videos of a list, and what a person does to one. */
#include <string.h>

#include "api/find.h"
#include "api/listing.h"
#include "api/problem.h"
#include "api/read.h"
#include "api/routes.h"
#include "api/values.h"
#include "api/video_json.h"
#include "base/time.h"
#include "store/runs.h"
#include "store/video_edit.h"
#include "store/video_put.h"
#include "video/url.h"

enum { FRESH_PRIORITY = 1, POSITION_MAX_S = 1000000 };

/* In the order of enum bm_video_status. */
static const char *const statuses[] = {"pending", "completed", "failed", NULL};

static enum barq_status show(struct bm_api_request *request, const char *id, struct barq_error *err)
{
    enum barq_status status =
        bm_api_whole_video(request->session, id, request->arena, &request->answer, err);

    return bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_VIDEO, err);
}

static enum barq_status one(struct bm_api_request *request, struct barq_error *err)
{
    return show(request, request->ids[0], err);
}

/* -- a page -- */

/* Those behind a position, as they were asked for before there were cursors. */
static enum barq_status add_videos(struct bm_api_request *request,
                                   const struct bm_video_filter *filter, size_t limit,
                                   struct barq_error *err)
{
    struct barq_arena *arena = request->arena;
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
        struct barq_value *map = NULL;
        status = bm_api_video(request->session, &videos[i], fields, n_fields, arena, &map, err);
        barq_add(request->answer, map);
    }
    return status;
}

static enum barq_status of_list(struct bm_api_request *request, struct barq_error *err)
{
    /* In the order of enum bm_video_status. */
    static const enum bm_is is[] = {BM_IS_PENDING, BM_IS_COMPLETED, BM_IS_FAILED};
    struct bm_api_listing asked;
    enum barq_status status;
    const char *list_id;

    if (!bm_api_find_list_id(request, request->ids[0], &list_id, &status, err)) {
        return status;
    }
    int wanted = bm_api_query_word(request, "status", statuses, BARQ_OFF);
    int64_t after = bm_api_query_int(request, "after", 0, INT64_MAX, -1);
    if (!bm_api_read_listing(request, BM_PAGE_MAX, &asked, &status, err)) {
        return status;
    }
    if (after >= 0) {
        struct bm_video_filter filter = {
            .list_id = list_id, .status = wanted, .after_position = after};
        return add_videos(request, &filter, asked.listing.limit, err);
    }
    struct bm_part *part = wanted == BARQ_OFF ? NULL : bm_api_add_part(&asked.query, BM_PART_IS);
    if (part) {
        part->is = is[wanted];
    }
    asked.listing.scope.list_id = list_id;
    return bm_api_answer_listing(request, &asked, err);
}

/* -- one more -- */

static bool read_target(struct bm_api_request *request, const char *url, struct bm_target *out)
{
    struct barq_error why = {0};

    if (url && bm_target_parse(url, strlen(url), out, &why) != BARQ_OK) {
        bm_api_wrong(request, "/url", "is %s", why.text);
    } else if (url && out->kind != BM_TARGET_VIDEO) {
        bm_api_wrong(request, "/url", "is a %s: import it", bm_target_kind_name(out->kind));
    }
    return bm_api_good(request);
}

/* At once, ahead of what comes in bulk: for one a person waits. */
static enum barq_status process(struct bm_api_request *request, const char *list_id,
                                const char *video_id, struct barq_error *err)
{
    const struct bm_run_options options = {.video_ids = &video_id, .n_videos = 1};
    struct bm_run run;

    return bm_run_start(request->session, list_id, &options, bq_wall_ms(), request->arena, &run,
                        err);
}

static enum barq_status add(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    const char *url = bm_api_need_text(request, body, "url", BM_URL_MAX_BYTES);
    struct bm_target target = {.start_s = 0};
    struct bm_new_video video = {.added_at_ms = INT64_MIN, .priority = FRESH_PRIORITY};
    bool processed = bm_api_query_bool(request, "process", true);
    char id[BM_ID_BYTES];
    enum barq_status status;
    struct bm_list list;
    bool added = false;

    if (!read_target(request, url, &target)) {
        return BARQ_OK;
    }
    if (!bm_api_find_list(request, request->ids[0], &list, &status, err)) {
        return status;
    }
    video.list_id = list.id;
    video.youtube_id = target.id;
    video.start_s = target.start_s;
    status = bm_next_position(request->session, list.id, &video.position, err);
    if (status == BARQ_OK) {
        status = bm_video_put(request->session, &video, bq_wall_ms(), id, &added, err);
    }
    if (status == BARQ_OK && !added) {
        bm_api_located(request, "/api/videos/%s", id);
        bm_api_refuse(request, BM_PROBLEM_VIDEO_EXISTS, NULL);
        return BARQ_OK;
    }
    if (status == BARQ_OK && processed) {
        status = process(request, list.id, id, err);
    }
    if (status == BARQ_OK) {
        bm_api_created(request, "/api/videos/%s", id);
        status = show(request, id, err);
    }
    return status;
}

/* -- changing -- */

static struct bm_video_change read_change(struct bm_api_request *request,
                                          const struct barq_value *body)
{
    bool titled = bm_api_has(body, "title");
    bool placed = bm_api_has(body, "watch_position");

    return (struct bm_video_change){
        .own_title = bm_api_text(request, body, "title", BM_TITLE_MAX_BYTES, titled ? "" : NULL),
        .has_watch_position = placed,
        .watch_position_s = bm_api_int(request, body, "watch_position", 0, POSITION_MAX_S, -1),
        .has_watched = bm_api_has(body, "watched"),
        .watched = bm_api_bool(request, body, "watched", false),
    };
}

static enum barq_status change(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    struct bm_video_change wanted = read_change(request, body);
    const struct barq_value *values = bm_api_map(request, body, "fields");
    enum barq_status status;
    struct bm_video video;
    size_t count = 0;

    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    if (!bm_api_find_video(request, request->ids[0], &video, &status, err)) {
        return status;
    }
    status = bm_video_change(request->session, video.id, &wanted, bq_wall_ms(), err);
    if (status == BARQ_OK) {
        status = bm_api_set_values(request, &video, values, "/fields", &count, err);
    }
    if (status != BARQ_OK) {
        return bm_api_refuse_when(request, status, BARQ_ERR_ARG, BM_PROBLEM_INVALID, err);
    }
    return bm_api_good(request) ? show(request, video.id, err) : BARQ_OK;
}

/* The original's: {"position"}. */
static enum barq_status set_progress(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    struct bm_video_change wanted = {
        .has_watch_position = true,
        .watch_position_s = bm_api_need_int(request, body, "position", 0, POSITION_MAX_S),
    };
    enum barq_status status;
    struct bm_video video;

    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    if (!bm_api_find_video(request, request->ids[0], &video, &status, err)) {
        return status;
    }
    status = bm_video_change(request->session, video.id, &wanted, bq_wall_ms(), err);
    return status == BARQ_OK ? show(request, video.id, err) : status;
}

/* [{"field_id", "value"}, ...] as {field_id: value}; a field that is there twice is noted. */
static struct barq_value *as_map(struct bm_api_request *request, const struct barq_value *list)
{
    struct barq_value *map = barq_map(request->arena);

    for (size_t i = 0; i < barq_count(list); i++) {
        const struct barq_value *entry = barq_at(list, i);
        const char *id = barq_as_string(barq_get(entry, "field_id"), NULL);
        const char *where = bq_arena_format(request->arena, "/field_values/%zu/field_id", i);
        if (!id || !where) {
            bm_api_wrong(request, where ? where : "/field_values", "must be the id of a field");
        } else if (barq_get(map, id)) {
            bm_api_wrong(request, where, "is there twice");
        } else {
            const struct barq_value *value = barq_get(entry, "value");
            barq_set_key(map, id,
                         value ? barq_copy(request->arena, value) : barq_null(request->arena));
        }
    }
    return map;
}

/* The original's. */
static enum barq_status set_values(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    const struct barq_value *list = bm_api_list_of(request, body, "field_values", 1, BM_FIELDS_MAX);
    struct barq_value *shown = NULL;
    enum barq_status status;
    struct bm_video video;
    size_t count = 0;

    if (body && !list) {
        bm_api_wrong(request, "/field_values", "must be a list of 1 to 50");
    }
    const struct barq_value *values = as_map(request, list);
    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    if (!bm_api_find_video(request, request->ids[0], &video, &status, err)) {
        return status;
    }
    status = bm_api_set_values(request, &video, values, "/field_values", &count, err);
    if (status == BARQ_OK && bm_api_good(request)) {
        status = bm_video_touch(request->session, video.id, bq_wall_ms(), err);
        if (status == BARQ_OK) {
            status = bm_api_whole_video(request->session, video.id, request->arena, &shown, err);
        }
        request->answer = barq_map(request->arena);
        barq_set_key(request->answer, "updated_count", barq_int(request->arena, (int64_t)count));
        barq_set_key(request->answer, "field_values",
                     barq_copy(request->arena, barq_get(shown, "fields")));
    }
    return status;
}

static enum barq_status take_away(struct bm_api_request *request, struct barq_error *err)
{
    enum barq_status status = bm_video_delete(request->session, request->ids[0], err);

    request->status = 204;
    return bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_VIDEO, err);
}

static const struct bm_api_route routes[] = {
    {"GET", "/api/lists/{id}/videos", of_list, BM_READING},
    {"POST", "/api/lists/{id}/videos", add, BM_WRITING},
    {"GET", "/api/videos/{id}", one, BM_READING},
    {"PATCH", "/api/videos/{id}", change, BM_WRITING},
    {"DELETE", "/api/videos/{id}", take_away, BM_WRITING},
    {"PATCH", "/api/videos/{id}/progress", set_progress, BM_WRITING},
    {"PUT", "/api/videos/{id}/fields", set_values, BM_WRITING},
};

const struct bm_api_topic bm_api_videos_topic = BM_API_TOPIC(routes);
