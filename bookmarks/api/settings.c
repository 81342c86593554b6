#include "jobs/settings.h"

#include <string.h>

#include <barq/client.h>

#include "api/api.h"
#include "api/problem.h"
#include "api/read.h"
#include "api/routes.h"
#include "base/error.h"
#include "base/time.h"
#include "jobs/held.h"
#include "services/check.h"
#include "store/options.h"

static enum barq_status show(struct bm_api_request *request, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    request->answer = barq_map(request->arena);
    for (const struct bm_option *option = bm_options; status == BARQ_OK && option->name; option++) {
        struct bm_option_value value;
        status = bm_option_get(request->session, option, request->arena, &value, err);
        if (status == BARQ_OK) {
            barq_set_key(request->answer, option->name,
                         bm_option_json(option, &value, request->arena));
        }
    }
    return status;
}

/* -- setting -- */

/* As text, whatever JSON has for it; NULL when it is none of what a setting may be. */
static const char *text_of(struct barq_arena *arena, const struct barq_value *value)
{
    size_t len = 0;
    const char *json = NULL;

    switch (barq_kind(value)) {
    case BARQ_STRING:
        json = barq_as_bytes(value, &len);
        return strlen(json) == len ? json : NULL;
    case BARQ_BOOL:
    case BARQ_INT:
    case BARQ_DOUBLE:
        return barq_to_json(arena, value, &json, NULL, NULL) == BARQ_OK ? json : NULL;
    case BARQ_NULL:
        return "";
    case BARQ_BIGINT:
    case BARQ_BYTES:
    case BARQ_LIST:
    case BARQ_TUPLE:
    case BARQ_SET:
    case BARQ_MAP:
    case BARQ_TIMESTAMP:
    case BARQ_NAMED:
        break;
    }
    return NULL;
}

static enum barq_status set_one(struct bm_api_request *request, const char *name,
                                const struct barq_value *value, struct barq_error *err)
{
    const struct bm_option *option = bm_option_find(name);
    const char *pointer = bq_arena_format(request->arena, "/%s", name);
    const char *text = text_of(request->arena, value);

    if (!option) {
        bm_api_wrong(request, pointer, "is no setting");
        return BARQ_OK;
    }
    if (!text) {
        bm_api_wrong(request, pointer, "must be a string, a number, true, false or null");
        return BARQ_OK;
    }
    enum barq_status status = bm_option_set(request->session, option, text, bq_wall_ms(), err);
    if (status == BARQ_ERR_ARG) {
        const char *must = strstr(err->text, "must ");
        bm_api_wrong(request, pointer, "%s", must ? must : err->text);
        return BARQ_OK;
    }
    return status;
}

static enum barq_status put(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < barq_count(body); i++) {
        status = set_one(request, barq_as_string(barq_key_at(body, i), ""), barq_at(body, i), err);
    }
    if (status != BARQ_OK || !bm_api_good(request)) {
        return status;
    }
    return show(request, err);
}

/* -- trying: a call to the outside, with no transaction open -- */

static enum barq_status read_services(struct bm_api_request *request,
                                      struct bm_services_settings *out, struct barq_error *err)
{
    enum barq_status status = barq_session_begin(request->session, false, err);
    if (status == BARQ_OK) {
        status = bm_services_of(request->session, request->arena, out, err);
    }
    barq_session_rollback(request->session);
    return status;
}

/* A try costs as any call does. */
static enum barq_status note(struct bm_api_request *request,
                             const struct bm_services_settings *services,
                             const struct bm_check *found, struct barq_error *err)
{
    const struct bm_used used = {.model = services->model.name,
                                 .tokens_in = found->usage.tokens_in,
                                 .tokens_out = found->usage.tokens_out,
                                 .cost_millionths = found->usage.cost_millionths};
    bool is_model = found->verdict.service == services->model.service;
    if (found->verdict.units == 0 && used.tokens_in == 0 &&
        found->verdict.outcome != BM_CALL_HELD) {
        return BARQ_OK; /* nobody was asked, or it was free */
    }

    enum barq_status status = barq_session_begin(request->session, true, err);
    if (status == BARQ_OK) {
        status = bm_note_call(request->session, &found->verdict, found->text, NULL,
                              is_model ? &used : NULL, err);
    }
    if (status == BARQ_OK) {
        return barq_session_commit(request->session, err);
    }
    barq_session_rollback(request->session);
    return status;
}

/* Nobody waits for longer. */
enum { TRY_MS = 20000 };

enum tried { TRY_YOUTUBE, TRY_MODEL, TRY_WEB, TRY_YTDLP };

static void check(enum tried what, const struct bm_services_settings *services, int stop_fd,
                  struct bm_check *out)
{
    switch (what) {
    case TRY_YOUTUBE:
        bm_check_youtube(services, stop_fd, bq_wall_ms(), out);
        break;
    case TRY_MODEL:
        bm_check_model(services, stop_fd, bq_wall_ms(), out);
        break;
    case TRY_WEB:
        bm_check_web(services, stop_fd, out);
        break;
    case TRY_YTDLP:
        bm_check_ytdlp(services, stop_fd, out);
        break;
    }
}

static enum barq_status try(struct bm_api_request *request, struct barq_error *err)
{
    static const char *const words[] = {[TRY_YOUTUBE] = "youtube",
                                        [TRY_MODEL] = "model",
                                        [TRY_WEB] = "web",
                                        [TRY_YTDLP] = "yt-dlp",
                                        NULL};
    const struct barq_value *body = bm_api_body(request);
    struct bm_services_settings services;
    struct bm_check *found = bq_arena_alloc(request->arena, sizeof(*found));

    if (body && !bm_api_has(body, "service")) {
        bm_api_wrong(request, "/service", "is missing: which one is to be tried?");
    }
    int what = bm_api_word(request, body, "service", words, TRY_YOUTUBE);
    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    enum barq_status status = read_services(request, &services, err);
    if (status != BARQ_OK || !found) {
        return status == BARQ_OK ? bq_fail(err, BARQ_ERR_NOMEM, "api: arena is full") : status;
    }
    services.timeout_ms = TRY_MS;
    services.youtube.timeout_ms = TRY_MS;
    services.model.timeout_ms = TRY_MS;
    check((enum tried)what, &services, request->api->stop_fd, found);
    status = note(request, &services, found, err);
    if (status != BARQ_OK) {
        return status;
    }
    request->answer = barq_map(request->arena);
    barq_set_key(request->answer, "service", barq_string(request->arena, words[what]));
    barq_set_key(request->answer, "works", barq_bool(request->arena, found->works));
    barq_set_key(request->answer, "detail", barq_string(request->arena, found->text));
    return BARQ_OK;
}

/* -- what is missing before the first video -- */

static bool is_queue_there(void)
{
    struct barq_client *client = NULL;
    enum barq_job_status job;

    enum barq_status status = barq_client_open(NULL, NULL, &client, NULL);
    if (status == BARQ_OK) {
        status = barq_status_of(client, "none", &job, NULL);
    }
    barq_client_close(client);
    return status == BARQ_OK;
}

static enum barq_status is_set(struct bm_api_request *request, const char *name, bool *out,
                               struct barq_error *err)
{
    struct bm_option_value value = {0};

    enum barq_status status =
        bm_option_get(request->session, bm_option_find(name), request->arena, &value, err);
    *out = value.text != NULL;
    return status;
}

/* redis_connected is the original's name for it: that the queue can be reached, whatever it is kept in. */
static enum barq_status setup(struct bm_api_request *request, struct barq_error *err)
{
    static const char *const asked[][2] = {{"youtube_api_configured", "youtube_api_key"},
                                           {"gemini_api_configured", "gemini_api_key"},
                                           {"openai_configured", "openai_model"}};
    enum barq_status status = barq_session_begin(request->session, false, err);

    request->answer = barq_map(request->arena);
    for (size_t i = 0; status == BARQ_OK && i < sizeof(asked) / sizeof(asked[0]); i++) {
        bool given = false;
        status = is_set(request, asked[i][1], &given, err);
        barq_set_key(request->answer, asked[i][0], barq_bool(request->arena, given));
    }
    barq_session_rollback(request->session);
    barq_set_key(request->answer, "password_set",
                 barq_bool(request->arena, request->verifier != NULL));
    barq_set_key(request->answer, "database_connected",
                 barq_bool(request->arena, status == BARQ_OK));
    barq_set_key(request->answer, "redis_connected", barq_bool(request->arena, is_queue_there()));
    return status;
}

static const struct bm_api_route routes[] = {
    {"GET", "/api/settings", show, BM_READING},
    {"PUT", "/api/settings", put, BM_WRITING | BM_OWNER},
    {"POST", "/api/settings/test", try, BM_BY_HAND | BM_OWNER},
    {"GET", "/api/setup/status", setup, BM_BY_HAND},
};

const struct bm_api_topic bm_api_settings_topic = BM_API_TOPIC(routes);
