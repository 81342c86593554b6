#include "api/find.h"
#include "api/list_json.h"
#include "api/problem.h"
#include "api/read.h"
#include "api/routes.h"
#include "base/time.h"

static enum barq_status all(struct bm_api_request *request, struct barq_error *err)
{
    struct barq_arena *arena = request->arena;
    struct barq_value *answer = barq_list(arena);
    const struct bm_list *lists = NULL;
    size_t count = 0;

    enum barq_status status = bm_lists(request->session, arena, &lists, &count, err);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        barq_add(answer, bm_api_list_json(&lists[i], arena));
    }
    request->answer = answer;
    return status;
}

static enum barq_status show(struct bm_api_request *request, const char *id, struct barq_error *err)
{
    struct bm_list list;

    enum barq_status status = bm_list_find(request->session, id, request->arena, &list, err);
    if (status == BARQ_OK) {
        request->answer = bm_api_list_json(&list, request->arena);
    }
    return status;
}

static enum barq_status one(struct bm_api_request *request, struct barq_error *err)
{
    enum barq_status status = show(request, request->ids[0], err);

    return bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_LIST, err);
}

/* Whatever a name or a description can be refused for. */
static enum barq_status refuse(struct bm_api_request *request, enum barq_status status,
                               const struct barq_error *err)
{
    status = bm_api_refuse_when(request, status, BARQ_ERR_EXISTS, BM_PROBLEM_LIST_EXISTS, err);
    return bm_api_refuse_when(request, status, BARQ_ERR_ARG, BM_PROBLEM_INVALID, err);
}

static enum barq_status add(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    const char *name = bm_api_need_text(request, body, "name", BM_NAME_MAX_BYTES);
    const char *template = bm_api_text(request, body, "template", BM_NAME_MAX_BYTES, "talks");
    struct bm_list_change more = {
        .description = bm_api_text(request, body, "description", BM_DESCRIPTION_MAX_BYTES, NULL)};
    int64_t now_ms = bq_wall_ms();
    char id[BM_ID_BYTES];

    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    enum barq_status status = bm_list_add(request->session, name, template, now_ms, id, err);
    if (status == BARQ_OK) {
        status = bm_list_change(request->session, id, &more, now_ms, err);
    }
    if (status != BARQ_OK) {
        return refuse(request, status, err);
    }
    bm_api_created(request, "/api/lists/%s", id);
    return show(request, id, err);
}

static enum barq_status change(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    bool emptied = bm_api_has(body, "description") && barq_is_null(barq_get(body, "description"));
    struct bm_list_change change = {
        .name = bm_api_text(request, body, "name", BM_NAME_MAX_BYTES, NULL),
        .description = bm_api_text(request, body, "description", BM_DESCRIPTION_MAX_BYTES,
                                   emptied ? "" : NULL),
    };
    enum barq_status status;
    struct bm_list list;

    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    if (!bm_api_find_list(request, request->ids[0], &list, &status, err)) {
        return status;
    }
    status = bm_list_change(request->session, list.id, &change, bq_wall_ms(), err);
    return status == BARQ_OK ? show(request, list.id, err) : refuse(request, status, err);
}

static enum barq_status take_away(struct bm_api_request *request, struct barq_error *err)
{
    enum barq_status status;
    struct bm_list list;

    if (bm_api_find_list(request, request->ids[0], &list, &status, err)) {
        request->status = 204;
        status = bm_list_delete(request->session, list.id, err);
    }
    return status;
}

static const struct bm_api_route routes[] = {
    {"GET", "/api/lists", all, BM_READING},
    {"POST", "/api/lists", add, BM_WRITING},
    {"GET", "/api/lists/{id}", one, BM_READING},
    {"PATCH", "/api/lists/{id}", change, BM_WRITING},
    {"PUT", "/api/lists/{id}", change, BM_WRITING},
    {"DELETE", "/api/lists/{id}", take_away, BM_WRITING},
};

const struct bm_api_topic bm_api_lists_topic = BM_API_TOPIC(routes);
