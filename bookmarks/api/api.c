#include "api/api.h"

#include <string.h>

#include "api/answer.h"
#include "api/gate.h"
#include "api/page.h"
#include "api/problem.h"
#include "api/queue.h"
#include "api/routes.h"
#include "api/session.h"
#include "http/place.h"

/* NULL: the request has its answer. */
static const struct bm_api_route *find(struct bm_api_request *request)
{
    const struct bq_http_call *call = request->http;
    const struct bm_api_route *route = bm_api_queue_route(request->api, call->raw_path);
    const char *allowed = NULL;
    if (route) {
        return route;
    }

    enum bm_api_found found =
        bm_api_find(request->api->topics, request->api->n_topics, call->method,
                    bq_http_below(request->api->base_path, call->raw_path), request->arena, &route,
                    request->ids, &allowed);
    if (found == BM_API_FOUND) {
        return route;
    }
    if (found == BM_API_NO_PATH &&
        bm_api_page(request, bq_http_below(request->api->base_path, call->raw_path))) {
        return NULL;
    }
    if (found != BM_API_NO_METHOD) {
        bm_api_refuse(request, found == BM_API_NO_PATH ? BM_PROBLEM_NOT_FOUND : BM_PROBLEM_INTERNAL,
                      NULL);
        return NULL;
    }
    bq_http_answer_header(request->http, "Allow", allowed);
    if (strcmp(call->method, "OPTIONS") == 0) {
        request->status = 204;
    } else {
        bm_api_refuse(request, BM_PROBLEM_METHOD, NULL);
    }
    return NULL;
}

bool bm_api_route_of(const struct bm_api_request *request, const char *method,
                     const struct bm_api_route **out)
{
    const struct bm_api *api = request->api;
    const char *ids[BM_API_MAX_IDS];
    const char *allowed = NULL;

    return bm_api_find(api->topics, api->n_topics, method,
                       bq_http_below(api->base_path, request->http->raw_path), request->arena, out,
                       ids, &allowed) == BM_API_FOUND;
}

void bm_api_handle(struct bq_http_call *call)
{
    struct bm_api_request request = {
        .http = call, .api = call->context, .arena = call->arena, .status = 200};
    struct barq_error err = {0};

    const struct bm_api_route *route = bm_api_admits(&request) ? find(&request) : NULL;
    if (route && bm_api_takes(&request, route) && bm_api_run(&request, route, &err) != BARQ_OK) {
        bm_api_fail(&request, &err);
    }
    bm_api_answer(&request);
}

/* -- before the call -- */

size_t bm_api_body_limit(void *context, const char *method, const char *raw_path)
{
    const struct bm_api *api = context;
    bq_auto(arena) struct barq_arena arena;
    const struct bm_api_route *route = NULL;
    const char *ids[BM_API_MAX_IDS];
    const char *allowed = NULL;
    bq_arena_init(&arena, BQ_HTTP_CALL_MAX_BYTES);

    enum bm_api_found found =
        bm_api_find(api->topics, api->n_topics, method, bq_http_below(api->base_path, raw_path),
                    &arena, &route, ids, &allowed);
    return found == BM_API_FOUND && (route->how & BM_TAKES_FILES) ? BM_API_FILE_MAX_BYTES
                                                                  : BM_API_BODY_MAX_BYTES;
}

/* -- its life -- */

void bm_api_init(struct bm_api *api)
{
    *api = (struct bm_api){.topics = bm_api_topics,
                           .n_topics = bm_api_n_topics,
                           .host = "",
                           .base_path = "",
                           .stop_fd = -1};
}

void bm_api_clear(struct bm_api *api)
{
    for (size_t i = 0; i < BM_API_THREADS; i++) {
        barq_session_close(api->sessions[i]);
        api->sessions[i] = NULL;
    }
}
