#include "jobs/settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/options.h"

/* NULL: it is not set. */
static enum barq_status text_of(struct barq_session *session, const char *name,
                                struct barq_arena *arena, const char **out, struct barq_error *err)
{
    const struct bm_option *option = bm_option_find(name);
    struct bm_option_value value = {.text = NULL};

    enum barq_status status = option ? bm_option_get(session, option, arena, &value, err) : BARQ_OK;
    *out = value.text;
    return status;
}

static enum barq_status int_of(struct barq_session *session, const char *name,
                               struct barq_arena *arena, int64_t *out, struct barq_error *err)
{
    const char *text = NULL;

    enum barq_status status = text_of(session, name, arena, &text, err);
    if (!text || !bq_parse_int(text, out)) {
        *out = 0;
    }
    return status;
}

static enum barq_status double_of(struct barq_session *session, const char *name,
                                  struct barq_arena *arena, double *out, struct barq_error *err)
{
    const char *text = NULL;

    enum barq_status status = text_of(session, name, arena, &text, err);
    *out = text ? strtod(text, NULL) : 0;
    return status;
}

/* Who it is: as was set, else whoever there is a name or a key for. */
static enum barq_status find_service(struct barq_session *session, struct barq_arena *arena,
                                     enum bm_service *out, struct barq_error *err)
{
    const char *service = NULL;
    const char *openai = NULL;
    const char *gemini = NULL;

    enum barq_status status = text_of(session, "model_service", arena, &service, err);
    if (status == BARQ_OK) {
        status = text_of(session, "openai_model", arena, &openai, err);
    }
    if (status == BARQ_OK) {
        status = text_of(session, "gemini_api_key", arena, &gemini, err);
    }
    *out = openai ? BM_SERVICE_OPENAI : gemini ? BM_SERVICE_GEMINI : BM_SERVICE_NONE;
    if (service && strcmp(service, "gemini") == 0) {
        *out = gemini ? BM_SERVICE_GEMINI : BM_SERVICE_NONE;
    }
    return status;
}

static enum barq_status read_limits(struct barq_session *session, struct barq_arena *arena,
                                    struct bm_model *model, struct barq_error *err)
{
    int64_t seconds = 0;

    enum barq_status status =
        int_of(session, "model_context_tokens", arena, &model->context_tokens, err);
    if (status == BARQ_OK) {
        status = int_of(session, "model_output_tokens", arena, &model->output_tokens, err);
    }
    if (status == BARQ_OK) {
        status = int_of(session, "model_timeout_seconds", arena, &seconds, err);
    }
    if (status == BARQ_OK) {
        status = double_of(session, "model_price_in", arena, &model->price.in, err);
    }
    if (status == BARQ_OK) {
        status = double_of(session, "model_price_out", arena, &model->price.out, err);
    }
    model->timeout_ms = seconds * 1000;
    return status;
}

static enum barq_status read_names(struct barq_session *session, struct barq_arena *arena,
                                   struct bm_model *model, struct barq_error *err)
{
    bool is_gemini = model->service == BM_SERVICE_GEMINI;
    const char *mode = NULL;
    const char *name = NULL;

    enum barq_status status =
        text_of(session, is_gemini ? "gemini_api_key" : "openai_api_key", arena, &model->key, err);
    if (status == BARQ_OK) {
        status = text_of(session, is_gemini ? "gemini_model" : "openai_model", arena, &name, err);
    }
    if (status == BARQ_OK && !is_gemini) {
        status = text_of(session, "openai_base_url", arena, &model->base_url, err);
    }
    if (status == BARQ_OK) {
        status = text_of(session, "openai_mode", arena, &mode, err);
    }
    model->name = name ? name : BM_GEMINI_MODEL;
    if (mode && !bm_mode_parse(mode, &model->mode)) {
        model->mode = BM_MODE_STRUCTURED;
    }
    return status;
}

static enum barq_status read_model(struct barq_session *session, struct barq_arena *arena,
                                   struct bm_model *model, struct barq_error *err)
{
    const char *base_url = model->base_url; /* of Gemini: an address of the environment's */

    enum barq_status status = find_service(session, arena, &model->service, err);
    if (status != BARQ_OK || model->service == BM_SERVICE_NONE) {
        return status;
    }
    model->base_url = model->service == BM_SERVICE_GEMINI ? base_url : NULL;
    status = read_names(session, arena, model, err);
    return status == BARQ_OK ? read_limits(session, arena, model, err) : status;
}

enum barq_status bm_services_of(struct barq_session *session, struct barq_arena *arena,
                                struct bm_services_settings *out, struct barq_error *err)
{
    struct bm_services_settings settings = bm_services_of_environment();
    const char *key = NULL;

    enum barq_status status = text_of(session, "youtube_api_key", arena, &key, err);
    if (status == BARQ_OK) {
        status = text_of(session, "caption_languages", arena, &settings.languages, err);
    }
    if (status == BARQ_OK) {
        status = read_model(session, arena, &settings.model, err);
    }
    settings.youtube.key = key;
    settings.online = settings.online || key;
    if (status == BARQ_OK) {
        *out = settings;
    }
    return status;
}

enum barq_status bm_daily_budget(struct barq_session *session, struct barq_arena *arena,
                                 int64_t *out, struct barq_error *err)
{
    double dollars = 0;

    enum barq_status status = double_of(session, "daily_budget", arena, &dollars, err);
    *out = (int64_t)(dollars * 1e6);
    return status;
}
