/* statistics.c - a list as numbers. */
#include "api/find.h"
#include "api/routes.h"
#include "api/statistics_json.h"
#include "base/error.h"
#include "base/time.h"

static enum barq_status of_list(struct bm_api_request *request, struct barq_error *err)
{
    struct bm_statistics *statistics = bq_arena_alloc(request->arena, sizeof(*statistics));
    enum barq_status status;
    struct bm_list list;

    if (!statistics) {
        return bq_fail(err, BARQ_ERR_NOMEM, "api: arena is full");
    }
    if (!bm_api_find_list(request, request->ids[0], &list, &status, err)) {
        return status;
    }
    status =
        bm_statistics_of(request->session, list.id, bq_wall_ms(), request->arena, statistics, err);
    if (status == BARQ_OK) {
        request->answer = bm_api_statistics_json(&list, statistics, request->arena);
    }
    return status;
}

static const struct bm_api_route routes[] = {
    {"GET", "/api/lists/{id}/statistics", of_list, BM_READING},
};

const struct bm_api_topic bm_api_statistics_topic = BM_API_TOPIC(routes);
