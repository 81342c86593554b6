#include <stdlib.h>
#include <string.h>

#include <barq/client.h>

#include "api/problem.h"
#include "api/read.h"
#include "api/routes.h"
#include "base/time.h"
#include "services/youtube.h"
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

/* -- trying -- */

/* A video that has been there since 2005. */
static const char *const known_video[] = {"jNQXAC9IVRw"};

static enum barq_status read_key(struct bm_api_request *request, const char **key,
                                 struct barq_error *err)
{
    struct bm_option_value value = {0};

    enum barq_status status = barq_session_begin(request->session, false, err);
    if (status == BARQ_OK) {
        status = bm_option_get(request->session, bm_option_find("youtube_api_key"), request->arena,
                               &value, err);
    }
    barq_session_rollback(request->session);
    *key = value.text;
    return status;
}

static void tell(struct bm_api_request *request, const char *service, bool works,
                 const char *detail)
{
    request->answer = barq_map(request->arena);
    barq_set_key(request->answer, "service", barq_string(request->arena, service));
    barq_set_key(request->answer, "works", barq_bool(request->arena, works));
    barq_set_key(request->answer, "detail", barq_string(request->arena, detail));
}

/* Asks YouTube for one video, which costs a unit of the day's quota. */
static enum barq_status try_youtube(struct bm_api_request *request, struct barq_error *err)
{
    struct bm_youtube_source source = {.base_url = getenv("BOOKMARKS_YOUTUBE_URL")};
    const struct bm_metadata *found = NULL;
    struct bm_verdict verdict = {0};
    struct barq_error why = {0};

    enum barq_status status = read_key(request, &source.key, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (!source.key) {
        tell(request, "youtube", false, "No key is set");
        return BARQ_OK;
    }
    status = bm_youtube_fetch(&source, known_video, 1, -1, bq_wall_ms(), request->arena, &found,
                              &verdict, &why);
    tell(request, "youtube", status == BARQ_OK,
         status == BARQ_OK ? "YouTube takes the key" : why.text);
    return BARQ_OK;
}

static enum barq_status try(struct bm_api_request *request, struct barq_error *err)
{
    static const char *const services[] = {"youtube", NULL};
    const struct barq_value *body = bm_api_body(request);

    if (body && !bm_api_has(body, "service")) {
        bm_api_wrong(request, "/service", "is missing: it must be youtube");
    }
    (void)bm_api_word(request, body, "service", services, 0);
    return bm_api_good(request) ? try_youtube(request, err) : BARQ_OK;
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
