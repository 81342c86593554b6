#include "api/problem.h"
#include "api/read.h"
#include "api/routes.h"
#include "export/video_json.h"

/* In the order of enum bm_video_status. */
static const char *const statuses[] = {"pending", "completed", "failed", NULL};

static enum barq_status add_video(struct bm_api_request *request, const struct bm_video *video,
                                  const struct bm_field *fields, size_t n_fields,
                                  struct barq_error *err)
{
    struct barq_arena *arena = request->arena;
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
        status = add_video(request, &videos[i], fields, n_fields, err);
    }
    return status;
}

static enum barq_status of_list(struct bm_api_request *request, struct barq_error *err)
{
    struct bm_list list;

    enum barq_status status =
        bm_list_find(request->session, request->ids[0], request->arena, &list, err);
    if (status != BARQ_OK) {
        return bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_LIST, err);
    }
    struct bm_video_filter filter = {
        .list_id = list.id,
        .status = bm_api_query_word(request, "status", statuses, BARQ_OFF),
        .after_position = bm_api_query_int(request, "after", 0, INT64_MAX, 0),
    };
    int64_t limit = bm_api_query_int(request, "limit", 1, BM_PAGE_MAX, BM_PAGE_MAX);
    return bm_api_good(request) ? add_videos(request, &filter, (size_t)limit, err) : BARQ_OK;
}

static const struct bm_api_route routes[] = {
    {"GET", "/api/lists/{id}/videos", of_list, BM_READING},
};

const struct bm_api_topic bm_api_videos_topic = BM_API_TOPIC(routes);
