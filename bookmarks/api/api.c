#include "api/api.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "api/calls.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"

static bm_api_call say_what_is_here;

static const struct route {
    const char *method;
    const char *path; /* "*" stands for an id */
    bm_api_call *run;
    bool writes;
} routes[] = {
    {"GET", "/", say_what_is_here, false},
    {"GET", "/api/health", bm_api_health, false},
    {"GET", "/api/lists", bm_api_lists, false},
    {"POST", "/api/lists", bm_api_list_add, true},
    {"GET", "/api/lists/*", bm_api_list, false},
    {"GET", "/api/lists/*/videos", bm_api_videos, false},
    {"POST", "/api/lists/*/process", bm_api_process, true},
    {"GET", "/api/jobs/*", bm_api_job, false},
};

/* For the person who opens the address that serve has printed: there is no page yet. */
static enum barq_status say_what_is_here(struct bm_api_request *request, struct barq_error *err)
{
    struct barq_arena *arena = request->http->arena;
    struct barq_value *calls = barq_list(arena);

    (void)err;
    for (size_t i = 1; i < sizeof(routes) / sizeof(routes[0]); i++) {
        barq_add(calls, barq_format(arena, "%s %s", routes[i].method, routes[i].path));
    }
    request->answer = barq_map(arena);
    barq_set_key(request->answer, "bookmarks", barq_string(arena, "this is its API"));
    barq_set_key(request->answer, "calls", calls);
    return BARQ_OK;
}

/* -- answers -- */

static void answer(struct bm_api_request *request, int status, const struct barq_value *body)
{
    struct bq_http_call *call = request->http;
    const char *json = NULL;
    size_t len = 0;

    if (barq_to_json(call->arena, body, &json, &len, NULL) != BARQ_OK) {
        status = 500;
        json = "{\"detail\":\"The answer is too large: ask for less\"}";
        len = strlen(json);
    }
    bq_http_answer_header(call, "Cache-Control", "no-store");
    bq_http_answer_header(call, "X-Content-Type-Options", "nosniff");
    bq_http_answer(call, status, "application/json", json, len);
}

static void refuse(struct bm_api_request *request, int status, const char *detail)
{
    bm_api_refuse(request, status, detail);
    answer(request, request->status, request->answer);
}

/* A failure of ours, which is logged and not told in detail; or a database that others hold. */
static void fail(struct bm_api_request *request, const struct barq_error *err)
{
    if (err->status == BARQ_ERR_BUSY) {
        bq_http_answer_header(request->http, "Retry-After", "1");
        refuse(request, 503, "The database is busy");
        return;
    }
    bool full = err->status == BARQ_ERR_FULL;
    bq_error("request failed", bq_str("method", request->http->method),
             bq_str("path", request->http->path), bq_str("error", err->text));
    refuse(request, full ? 507 : 500,
           full ? "There is no room left on the disk" : "Database error occurred");
}

/* -- whom we answer -- */

/* Among names with "," between? */
static bool is_listed(const char *given, size_t len, const char *hosts)
{
    for (const char *at = hosts; at && *at;) {
        size_t one = strcspn(at, ",");
        if (one == len && strncasecmp(given, at, len) == 0) {
            return true;
        }
        at += one + (at[one] == ',');
    }
    return false;
}

/* `given` is a host with or without a port. */
static bool is_ours(const struct bm_api *api, const char *given)
{
    size_t len = *given == '[' ? strcspn(given, "]") + 1 : strcspn(given, ":");

    if (len > strlen(given) || (given[len] != '\0' && given[len] != ':') ||
        strspn(given + len, ":0123456789") != strlen(given + len)) {
        return false;
    }
    return len > 0 && (is_listed(given, len, "localhost,127.0.0.1,[::1]") ||
                       is_listed(given, len, api->host) || is_listed(given, len, api->more_hosts));
}

/* A page of ours names itself as it names us. */
static bool is_foreign(const char *origin, const char *host)
{
    bool is_web =
        origin && (bq_starts_with(origin, "http://") || bq_starts_with(origin, "https://"));

    return origin && (!is_web || strcmp(strstr(origin, "://") + 3, host) != 0);
}

static bool is_json(const char *content_type)
{
    static const char json[] = "application/json";
    size_t len = strcspn(content_type, "; \t");

    return len == sizeof(json) - 1 && strncasecmp(content_type, json, len) == 0;
}

/* True when the request may go on; else it has its answer. */
static bool is_allowed(struct bm_api_request *request, const struct bm_api *api)
{
    const struct bq_http_call *call = request->http;
    const char *host = bq_http_header(call, "Host");
    const char *content_type = bq_http_header(call, "Content-Type");

    if (!host || !is_ours(api, host)) {
        refuse(request, 403, "This host is not served here");
        return false;
    }
    if (is_foreign(bq_http_header(call, "Origin"), host)) {
        refuse(request, 403, "Requests of other sites are refused");
        return false;
    }
    if ((call->body_bytes > 0 || content_type) && !(content_type && is_json(content_type))) {
        refuse(request, 415, "Send application/json");
        return false;
    }
    return true;
}

/* -- routes -- */

/* Does `path` fit? What "*" stands for goes to `id`. */
static bool fits(const char *pattern, const char *path, char id[BM_API_ID_BYTES])
{
    size_t before = strcspn(pattern, "*");
    size_t len = strcspn(path + strnlen(path, before), "/");

    if (pattern[before] == '\0') {
        return strcmp(pattern, path) == 0;
    }
    if (strncmp(pattern, path, before) != 0 || len == 0 || len >= BM_API_ID_BYTES ||
        strcmp(pattern + before + 1, path + before + len) != 0) {
        return false;
    }
    snprintf(id, BM_API_ID_BYTES, "%.*s", (int)len, path + before);
    return true;
}

static const struct route *find(struct bm_api_request *request)
{
    const char *method = request->http->method;
    bool known = false;

    if (strcmp(method, "HEAD") == 0) {
        method = "GET"; /* the body is left out by libmicrohttpd */
    }
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (fits(routes[i].path, request->http->path, request->id)) {
            known = true;
            if (strcmp(routes[i].method, method) == 0) {
                return &routes[i];
            }
        }
    }
    refuse(request, known ? 405 : 404, known ? "Method Not Allowed" : "Not Found");
    return NULL;
}

static enum barq_status open_session(struct bm_api_request *request, struct bm_api *api,
                                     struct barq_error *err)
{
    struct barq_session **own = &api->sessions[request->http->thread];

    enum barq_status status = *own ? BARQ_OK : bm_store_open(own, err);
    request->session = *own;
    return status;
}

/* A refusal leaves nothing behind: only what is answered with success is committed. */
static enum barq_status run(const struct route *route, struct bm_api_request *request,
                            struct barq_error *err)
{
    enum barq_status status = barq_session_begin(request->session, route->writes, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = route->run(request, err);
    if (status == BARQ_OK && route->writes && request->status < 400) {
        return barq_session_commit(request->session, err);
    }
    barq_session_rollback(request->session);
    return status;
}

/* A session that is broken is not used again. */
static void drop_broken(struct bm_api *api, int thread, enum barq_status status)
{
    if (status != BARQ_OK && status != BARQ_ERR_BUSY && status != BARQ_ERR_NOMEM) {
        barq_session_close(api->sessions[thread]);
        api->sessions[thread] = NULL;
    }
}

void bm_api_handle(struct bq_http_call *call)
{
    struct bm_api *api = call->context;
    struct bm_api_request request = {.http = call, .status = 200};
    struct barq_error err = {0};

    const struct route *route = is_allowed(&request, api) ? find(&request) : NULL;
    if (!route) {
        return;
    }
    enum barq_status status = open_session(&request, api, &err);
    if (status == BARQ_OK) {
        status = run(route, &request, &err);
    }
    if (status == BARQ_OK) {
        answer(&request, request.status, request.answer);
    } else {
        fail(&request, &err);
        drop_broken(api, call->thread, status);
    }
}

void bm_api_clear(struct bm_api *api)
{
    for (size_t i = 0; i < BM_API_THREADS; i++) {
        barq_session_close(api->sessions[i]);
        api->sessions[i] = NULL;
    }
}
