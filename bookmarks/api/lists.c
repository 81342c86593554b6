#include "api/problem.h"
#include "api/read.h"
#include "api/routes.h"
#include "base/time.h"
#include "export/video_json.h"

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

static enum barq_status all(struct bm_api_request *request, struct barq_error *err)
{
    struct barq_arena *arena = request->arena;
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

static enum barq_status show(struct bm_api_request *request, const char *id, struct barq_error *err)
{
    struct bm_list list;

    enum barq_status status = bm_list_find(request->session, id, request->arena, &list, err);
    if (status == BARQ_OK) {
        request->answer = list_json(&list, request->arena);
    }
    return status;
}

static enum barq_status one(struct bm_api_request *request, struct barq_error *err)
{
    enum barq_status status = show(request, request->ids[0], err);

    return bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_LIST, err);
}

static enum barq_status add(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    const char *name = bm_api_need_text(request, body, "name", BM_NAME_MAX_BYTES);
    const char *template = bm_api_text(request, body, "template", BM_NAME_MAX_BYTES, "talks");
    char id[BM_ID_BYTES];

    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    enum barq_status status = bm_list_add(request->session, name, template, bq_wall_ms(), id, err);
    if (status == BARQ_OK) {
        bm_api_created(request, "/api/lists/%s", id);
        return show(request, id, err);
    }
    status = bm_api_refuse_when(request, status, BARQ_ERR_EXISTS, BM_PROBLEM_LIST_EXISTS, err);
    return bm_api_refuse_when(request, status, BARQ_ERR_ARG, BM_PROBLEM_INVALID, err);
}

static const struct bm_api_route routes[] = {
    {"GET", "/api/lists", all, BM_READING},
    {"POST", "/api/lists", add, BM_WRITING},
    {"GET", "/api/lists/{id}", one, BM_READING},
};

const struct bm_api_topic bm_api_lists_topic = BM_API_TOPIC(routes);
