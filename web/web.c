#include "web/web.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "http/gate.h"
#include "web/answer.h"
#include "web/call.h"
#include "web/sampler.h"
#include "web/shipped.h"

enum { TIMEOUT_MS = 5000 }; /* of each call to the broker: people wait for it */

/* -- the description -- */

static enum barq_status openapi(struct bw_call *call, struct barq_error *err)
{
    static const char mark[] = "\"servers\": [{\"url\": \"";
    const char *end = bw_shipped_openapi_end;
    size_t len = (size_t)(end - bw_shipped_openapi);
    const char *root = memmem(bw_shipped_openapi, len, mark, sizeof(mark) - 1);
    const char *text = bw_shipped_openapi;

    /* It says where we are, as seen from outside. */
    if (root && *call->web->options.mount != '\0') {
        root += sizeof(mark) - 1;
        text = bq_arena_format(call->arena, "%.*s%s%s", (int)(root - bw_shipped_openapi),
                               bw_shipped_openapi, call->web->options.mount, root + 1);
        if (!text) {
            return bq_fail(err, BARQ_ERR_NOMEM, "web: arena is full");
        }
        len = strlen(text);
    }
    bq_http_answer(call->http, 200, "application/json", text, len);
    call->answered = true;
    return BARQ_OK;
}

static const struct bw_route own_routes[] = {
    {.method = "GET", .path = "/api/openapi.json", .run = openapi, .alone = true},
    {.method = NULL},
};

/* clang-format off */
static const struct bw_route *const topics[] = {
    own_routes,
    bw_overview_routes,
    bw_queue_routes,
    bw_job_routes,
    bw_action_routes,
    bw_worker_routes,
    bw_function_routes,
    bw_limit_routes,
    bw_cron_routes,
    bw_metric_routes,
};
/* clang-format on */
enum { N_TOPICS = sizeof(topics) / sizeof(topics[0]) };

bool bw_web_has(const char *raw_path)
{
    return bq_starts_with(raw_path, "/api/") || strcmp(raw_path, "/metrics") == 0;
}

/* -- the broker -- */

enum barq_status bw_client(struct bw_web *web, int thread, struct barq_client **out,
                           struct barq_error *err)
{
    const struct barq_client_options options = {.timeout_ms = TIMEOUT_MS};
    struct barq_client **own = &web->clients[thread];

    enum barq_status status =
        *own ? BARQ_OK : barq_client_open(web->options.url, &options, own, err);
    if (status == BARQ_OK) {
        *out = *own;
    }
    return status;
}

void bw_client_drop(struct bw_web *web, int thread)
{
    barq_client_close(web->clients[thread]);
    web->clients[thread] = NULL;
}

/* After these the connection may be in any state; a new one does for certain. */
static bool is_broken(enum barq_status status)
{
    return status == BARQ_ERR_CONN || status == BARQ_ERR_TIMEOUT || status == BARQ_ERR_IO ||
           status == BARQ_ERR_CORRUPT;
}

static bool only_looks(const struct bw_call *call)
{
    return strcmp(call->http->method, "GET") == 0 || strcmp(call->http->method, "HEAD") == 0;
}

static enum barq_status run_once(struct bw_call *call, const struct bw_route *route,
                                 struct barq_error *err)
{
    int thread = call->http->thread;

    enum barq_status status =
        route->alone ? BARQ_OK : bw_client(call->web, thread, &call->client, err);
    if (status == BARQ_OK) {
        status = route->run(call, err);
    }
    if (is_broken(status)) {
        bw_client_drop(call->web, thread);
    }
    return status;
}

/* A connection that broke while nobody used it is noticed only now; who only looks may look again. */
static enum barq_status run(struct bw_call *call, const struct bw_route *route,
                            struct barq_error *err)
{
    bool was_open = call->web->clients[call->http->thread] != NULL;

    enum barq_status status = run_once(call, route, err);
    if (status == BARQ_ERR_CONN && was_open && only_looks(call)) {
        status = run_once(call, route, err);
    }
    return status;
}

/* -- a call -- */

/* NULL: it has its answer. */
static const struct bw_route *find(struct bw_call *call, const char *raw_path)
{
    struct bq_http_search search;

    if (!bq_http_search_begin(&search, call->http->method, raw_path, call->arena)) {
        (void)!bw_refuse(call, BW_PROBLEM_NOT_FOUND, NULL);
        return NULL;
    }
    for (size_t i = 0; i < N_TOPICS; i++) {
        for (const struct bw_route *route = topics[i]; route->method; route++) {
            if (!bq_http_search_try(&search, route->method, route->path, route)) {
                (void)!bw_refuse(call, BW_PROBLEM_TOO_MUCH, NULL);
                return NULL;
            }
        }
    }
    if (!search.allowed) {
        (void)!bw_refuse(call, BW_PROBLEM_NOT_FOUND, NULL);
    } else if (!search.found) {
        const char *allowed = bq_arena_format(call->arena, "%s, OPTIONS", search.allowed);
        bq_http_answer_header(call->http, "Allow", allowed ? allowed : search.allowed);
        call->status = 204;
        if (strcmp(call->http->method, "OPTIONS") != 0) {
            (void)!bw_refuse(call, BW_PROBLEM_METHOD, NULL);
        }
    }
    memcpy(call->ids, search.ids, sizeof(call->ids));
    return search.found;
}

/* False: it has its answer. */
static bool admits(struct bw_call *call)
{
    if (!bq_http_has_only_json(call->http)) {
        (void)!bw_refuse(call, BW_PROBLEM_MEDIA_TYPE, NULL);
        return false;
    }
    if (!only_looks(call) && call->web->options.read_only) {
        (void)!bw_refuse(call, BW_PROBLEM_READ_ONLY, NULL);
        return false;
    }
    if (!only_looks(call) && !call->can_write) {
        (void)!bw_refuse(call, BW_PROBLEM_SCOPE, NULL);
        return false;
    }
    return true;
}

void bw_web_handle(struct bw_web *web, struct bq_http_call *http, const char *raw_path,
                   bool can_write)
{
    struct barq_error err = {0};
    struct bw_call call = {.http = http,
                           .web = web,
                           .arena = http->arena,
                           .can_write = can_write && !web->options.read_only,
                           .status = 200};

    const struct bw_route *route = find(&call, raw_path);
    if (route && admits(&call) && run(&call, route, &err) != BARQ_OK) {
        bw_fail(&call, &err);
    }
    bw_answer(&call);
}

/* -- its life -- */

enum barq_status bw_web_open(const struct bw_web_options *options, struct bw_web **out,
                             struct barq_error *err)
{
    struct bw_web *web = calloc(1, sizeof(*web));
    if (!web) {
        return bq_fail(err, BARQ_ERR_NOMEM, "web: out of memory");
    }

    web->options = *options;
    web->options.mount = options->mount ? options->mount : "";
    web->opened_at_ms = bq_wall_ms();
    enum barq_status status = bw_sampler_new(web, &web->sampler, err);
    if (status != BARQ_OK) {
        bw_web_close(web);
        return status;
    }
    *out = web;
    return BARQ_OK;
}

void bw_web_close(struct bw_web *web)
{
    if (!web) {
        return;
    }
    bw_sampler_free(web->sampler);
    for (int i = 0; i < BW_THREADS; i++) {
        bw_client_drop(web, i);
    }
    free(web);
}

enum barq_status bw_web_try(struct bw_web *web, struct barq_error *err)
{
    struct barq_client *client = NULL;

    return bw_client(web, 0, &client, err);
}

int64_t bw_web_turn(struct bw_web *web, struct bq_http_server *server)
{
    return bw_sampler_turn(web->sampler, server);
}
