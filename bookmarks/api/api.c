#include "api/api.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "api/gate.h"
#include "api/problem.h"
#include "api/request.h"
#include "api/routes.h"
#include "base/error.h"
#include "base/log.h"

/* -- answers -- */

void bm_api_answer_bytes(struct bm_api_request *request, const char *content_type,
                         const void *bytes, size_t len)
{
    request->content_type = content_type;
    request->bytes = bytes;
    request->n_bytes = len;
}

void bm_api_created(struct bm_api_request *request, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    const char *where = bq_arena_vformat(request->arena, format, values);
    va_end(values);
    request->status = 201;
    if (where) {
        bq_http_answer_header(request->http, "Location", where);
    }
}

static const char too_much[] =
    "{\"type\":\"/docs#problem-answer_too_large\",\"status\":500,"
    "\"title\":\"The answer is too large\",\"code\":\"answer_too_large\","
    "\"detail\":\"The answer is too large: ask for less\"}";

/* Whatever the request has come to. */
static void answer(struct bm_api_request *request)
{
    struct bq_http_call *call = request->http;
    const char *type = request->status < 400 ? "application/json" : "application/problem+json";
    const char *json = "";
    size_t len = 0;

    bq_http_answer_header(call, "Cache-Control", "no-store");
    bq_http_answer_header(call, "X-Content-Type-Options", "nosniff");
    if (request->bytes && request->status < 400) {
        bq_http_answer(call, request->status, request->content_type, request->bytes,
                       request->n_bytes);
        return;
    }
    if (request->answer &&
        barq_to_json(call->arena, request->answer, &json, &len, NULL) != BARQ_OK) {
        bq_http_answer(call, 500, "application/problem+json", too_much, sizeof(too_much) - 1);
        return;
    }
    bq_http_answer(call, request->status, len > 0 ? type : NULL, json, len);
}

/* A failure of ours, which is logged and not told in detail; or a database that others hold. */
static void fail(struct bm_api_request *request, const struct barq_error *err)
{
    bool away = err->status == BARQ_ERR_BUSY || err->status == BARQ_ERR_CONN ||
                err->status == BARQ_ERR_CONFLICT;

    request->wrong = NULL;
    if (away) {
        bq_http_answer_header(request->http, "Retry-After", "1");
    }
    if (err->status != BARQ_ERR_BUSY) {
        bq_error("request failed", bq_str("method", request->http->method),
                 bq_str("path", request->http->path), bq_str("error", err->text));
    }
    bm_api_refuse(request,
                  away                           ? BM_PROBLEM_BUSY
                  : err->status == BARQ_ERR_FULL ? BM_PROBLEM_FULL
                                                 : BM_PROBLEM_INTERNAL,
                  NULL);
}

/* -- sessions -- */

static enum barq_status open_session(struct bm_api_request *request, struct barq_error *err)
{
    struct barq_session **own = &request->api->sessions[request->http->thread];

    enum barq_status status = *own ? BARQ_OK : bm_store_open(own, err);
    request->session = *own;
    return status;
}

/* A session that is broken is not used again. */
static void drop_broken(struct bm_api_request *request, enum barq_status status)
{
    struct barq_session **own = &request->api->sessions[request->http->thread];

    if (status != BARQ_OK && status != BARQ_ERR_BUSY && status != BARQ_ERR_NOMEM) {
        barq_session_close(*own);
        *own = NULL;
    }
}

/* A refusal leaves nothing behind: only what is answered with success is committed. */
static enum barq_status run_in_transaction(const struct bm_api_route *route,
                                           struct bm_api_request *request, struct barq_error *err)
{
    bool writes = route->session == BM_WRITING;

    enum barq_status status = barq_session_begin(request->session, writes, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = route->run(request, err);
    if (status == BARQ_OK && writes && request->status < 400) {
        return barq_session_commit(request->session, err);
    }
    barq_session_rollback(request->session);
    return status;
}

static enum barq_status run_by_hand(const struct bm_api_route *route,
                                    struct bm_api_request *request, struct barq_error *err)
{
    enum barq_status status = route->run(request, err);

    barq_session_rollback(request->session); /* what it may have left open */
    return status;
}

static enum barq_status run(const struct bm_api_route *route, struct bm_api_request *request,
                            struct barq_error *err)
{
    if (route->session == BM_NO_SESSION) {
        return route->run(request, err);
    }
    enum barq_status status = open_session(request, err);
    if (status == BARQ_OK) {
        status = route->session == BM_BY_HAND ? run_by_hand(route, request, err)
                                              : run_in_transaction(route, request, err);
    }
    drop_broken(request, status);
    return status;
}

/* -- routes -- */

/* NULL: it has its answer. */
static const struct bm_api_route *find(struct bm_api_request *request)
{
    const struct bq_http_call *call = request->http;
    const struct bm_api_route *route = NULL;
    const char *allowed = NULL;

    enum bm_api_found found =
        bm_api_find(bm_api_topics, bm_api_n_topics, call->method, call->raw_path, request->arena,
                    &route, request->ids, &allowed);
    if (found == BM_API_FOUND) {
        return route;
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

void bm_api_handle(struct bq_http_call *call)
{
    struct bm_api_request request = {
        .http = call, .api = call->context, .arena = call->arena, .status = 200};
    struct barq_error err = {0};

    const struct bm_api_route *route = bm_api_admits(&request) ? find(&request) : NULL;
    if (route && run(route, &request, &err) != BARQ_OK) {
        fail(&request, &err);
    }
    answer(&request);
}

void bm_api_clear(struct bm_api *api)
{
    for (size_t i = 0; i < BM_API_THREADS; i++) {
        barq_session_close(api->sessions[i]);
        api->sessions[i] = NULL;
    }
}
