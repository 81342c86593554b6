/* views.c - saved ways to look at a list, or over all of them. */
#include "store/views.h"

#include "api/find.h"
#include "api/problem.h"
#include "api/read.h"
#include "api/routes.h"
#include "api/view_json.h"
#include "base/time.h"

static enum barq_status refuse(struct bm_api_request *request, enum barq_status status,
                               const struct barq_error *err)
{
    status = bm_api_refuse_when(request, status, BARQ_ERR_ARG, BM_PROBLEM_INVALID, err);
    status = bm_api_refuse_when(request, status, BARQ_ERR_EXISTS, BM_PROBLEM_VIEW_EXISTS, err);
    return bm_api_refuse_when(request, status, BARQ_ERR_LIMIT, BM_PROBLEM_TOO_MANY_VIEWS, err);
}

static enum barq_status all(struct bm_api_request *request, struct barq_error *err)
{
    const char *list_id = bm_api_query(request, "list_id", NULL);
    const struct bm_view *views = NULL;
    struct bm_list list = {.id = NULL};
    enum barq_status status;
    size_t count = 0;

    if (list_id && !bm_api_find_list(request, list_id, &list, &status, err)) {
        return status;
    }
    status = bm_views(request->session, list.id, request->arena, &views, &count, err);
    request->answer = barq_list(request->arena);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        barq_add(request->answer, bm_api_view_json(&views[i], request->arena));
    }
    return status;
}

static enum barq_status show(struct bm_api_request *request, const char *id, struct barq_error *err)
{
    struct bm_view view;

    enum barq_status status = bm_view_get(request->session, id, request->arena, &view, err);
    if (status == BARQ_OK) {
        request->answer = bm_api_view_json(&view, request->arena);
    }
    return bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_VIEW, err);
}

static enum barq_status one(struct bm_api_request *request, struct barq_error *err)
{
    return show(request, request->ids[0], err);
}

/* What the body says of a view, over what it is. */
static void read_view(struct bm_api_request *request, const struct barq_value *body,
                      struct bm_view *view)
{
    const struct barq_value *columns =
        bm_api_list_of(request, body, "columns", 0, BM_VIEW_COLUMNS_MAX);

    view->name = bm_api_text(request, body, "name", BM_NAME_MAX_BYTES, view->name);
    view->query = bm_api_text(request, body, "query", BM_VIEW_QUERY_MAX_BYTES, view->query);
    view->sort = bm_api_text(request, body, "sort", BM_VIEW_SORT_MAX_BYTES, view->sort);
    view->layout = bm_api_text(request, body, "layout", BM_VIEW_LAYOUT_MAX_BYTES, view->layout);
    view->columns = columns ? columns : view->columns;
}

static enum barq_status add(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    const char *list_id = bm_api_text(request, body, "list_id", BM_NAME_MAX_BYTES, NULL);
    struct bm_view view = {.name = "", .query = "", .sort = "", .layout = "table"};
    struct bm_list list = {.id = NULL};
    char id[BM_ID_BYTES];
    enum barq_status status;

    (void)bm_api_need_text(request, body, "name", BM_NAME_MAX_BYTES);
    read_view(request, body, &view);
    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    if (list_id && !bm_api_find_list(request, list_id, &list, &status, err)) {
        return status;
    }
    view.list_id = list.id;
    status = bm_view_add(request->session, &view, bq_wall_ms(), id, err);
    if (status != BARQ_OK) {
        return refuse(request, status, err);
    }
    bm_api_created(request, "/api/views/%s", id);
    return show(request, id, err);
}

static enum barq_status change(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    struct bm_view view;

    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    enum barq_status status =
        bm_view_get(request->session, request->ids[0], request->arena, &view, err);
    if (status != BARQ_OK) {
        return bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_VIEW, err);
    }
    read_view(request, body, &view);
    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    status = bm_view_change(request->session, &view, bq_wall_ms(), err);
    return status == BARQ_OK ? show(request, view.id, err) : refuse(request, status, err);
}

static enum barq_status take_away(struct bm_api_request *request, struct barq_error *err)
{
    enum barq_status status = bm_view_delete(request->session, request->ids[0], err);

    request->status = 204;
    return bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_VIEW, err);
}

static const struct bm_api_route routes[] = {
    {"GET", "/api/views", all, BM_READING},
    {"POST", "/api/views", add, BM_WRITING},
    {"GET", "/api/views/{id}", one, BM_READING},
    {"PATCH", "/api/views/{id}", change, BM_WRITING},
    {"DELETE", "/api/views/{id}", take_away, BM_WRITING},
};

const struct bm_api_topic bm_api_views_topic = BM_API_TOPIC(routes);
