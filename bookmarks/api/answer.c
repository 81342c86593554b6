#include "api/answer.h"

#include <stdarg.h>
#include <string.h>

#include "api/api.h"
#include "api/condition.h"
#include "api/problem.h"
#include "base/log.h"

static void set_location(struct bm_api_request *request, const char *path)
{
    const char *where =
        path ? bq_arena_format(request->arena, "%s%s", request->api->base_path, path) : NULL;

    request->location = where;
    if (where) {
        bq_http_answer_header(request->http, "Location", where);
    }
}

void bm_api_located(struct bm_api_request *request, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    set_location(request, bq_arena_vformat(request->arena, format, values));
    va_end(values);
}

void bm_api_created(struct bm_api_request *request, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    set_location(request, bq_arena_vformat(request->arena, format, values));
    va_end(values);
    request->status = 201;
}

void bm_api_fail(struct bm_api_request *request, const struct barq_error *err)
{
    bool another_time = err->status == BARQ_ERR_BUSY || err->status == BARQ_ERR_CONN ||
                        err->status == BARQ_ERR_CONFLICT;

    bq_error("request failed", bq_str("method", request->http->method),
             bq_str("path", request->http->path), bq_str("error", err->text));
    request->wrong = NULL;
    request->answered = false;
    request->json = NULL;
    if (another_time) {
        bq_http_answer_header(request->http, "Retry-After", "1");
        bm_api_refuse(request, BM_PROBLEM_BUSY, NULL);
    } else {
        bm_api_refuse(request, err->status == BARQ_ERR_FULL ? BM_PROBLEM_FULL : BM_PROBLEM_INTERNAL,
                      NULL);
    }
}

void bm_api_write_json(struct bm_api_request *request)
{
    if (request->answer && !request->json &&
        barq_to_json(request->arena, request->answer, &request->json, &request->json_bytes, NULL) !=
            BARQ_OK) {
        request->json = NULL;
    }
}

/* What a GET tells may be kept, if it is asked for again each time. */
static bool is_known(struct bm_api_request *request)
{
    const char *method = request->http->method;

    if (request->status != 200 || (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)) {
        return false;
    }
    const char *etag = bm_api_etag(request->arena, request->json, request->json_bytes);
    if (etag) {
        bq_http_answer_header(request->http, "ETag", etag);
        bq_http_answer_header(request->http, "Cache-Control", "private, no-cache");
    }
    return bm_api_is_known(request, etag);
}

void bm_api_answer(struct bm_api_request *request)
{
    static const char problem[] = BQ_HTTP_PROBLEM_TYPE;
    const char *type = request->status < 400 ? "application/json" : problem;

    if (request->answered) {
        return;
    }
    bm_api_write_json(request);
    if (request->answer && !request->json) {
        bq_http_answer(request->http, 500, problem, bq_http_too_large, strlen(bq_http_too_large));
    } else if (!request->json) {
        bq_http_answer(request->http, request->status, NULL, "", 0);
    } else if (is_known(request)) {
        bq_http_answer(request->http, 304, NULL, "", 0);
    } else {
        bq_http_answer(request->http, request->status, type, request->json, request->json_bytes);
    }
}
