#include "services/settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* What is set to "" is not set. */
static const char *environment(const char *name)
{
    const char *value = getenv(name);

    return value && *value != '\0' ? value : NULL;
}

/* -- who fills fields in -- */

static int64_t number_of(bm_setting_lookup *look, void *owner, const char *name)
{
    const char *text = look(owner, name);
    int64_t number = 0;

    return text && bq_parse_int(text, &number) ? number : 0;
}

/* US dollars for a million. */
static double price_of(bm_setting_lookup *look, void *owner, const char *name)
{
    const char *text = look(owner, name);

    return text ? strtod(text, NULL) : 0;
}

static enum bm_service model_service(bm_setting_lookup *look, void *owner)
{
    const char *wanted = look(owner, "model_service");

    if (wanted) {
        return strcmp(wanted, "openai") == 0 ? BM_SERVICE_OPENAI : BM_SERVICE_GEMINI;
    }
    if (look(owner, "openai_model")) {
        return BM_SERVICE_OPENAI;
    }
    return look(owner, "gemini_api_key") ? BM_SERVICE_GEMINI : BM_SERVICE_NONE;
}

static void set_where(struct bm_model *model, bm_setting_lookup *look, void *owner)
{
    const char *mode = look(owner, "openai_mode");

    if (model->service == BM_SERVICE_OPENAI) {
        model->base_url = look(owner, "openai_base_url");
        model->key = look(owner, "openai_api_key");
        model->name = look(owner, "openai_model");
        if (mode) {
            (void)bm_mode_parse(mode, &model->mode);
        }
    } else if (model->service == BM_SERVICE_GEMINI) {
        model->base_url = environment("BOOKMARKS_GEMINI_URL");
        model->key = look(owner, "gemini_api_key");
        model->name = look(owner, "gemini_model");
        model->name = model->name ? model->name : BM_GEMINI_MODEL;
    }
}

static struct bm_model model_of(bm_setting_lookup *look, void *owner)
{
    struct bm_model model = {
        .service = model_service(look, owner),
        .context_tokens = number_of(look, owner, "model_context_tokens"),
        .output_tokens = number_of(look, owner, "model_output_tokens"),
        .timeout_ms = number_of(look, owner, "model_timeout_seconds") * 1000,
        .price = {.in = price_of(look, owner, "model_price_in"),
                  .out = price_of(look, owner, "model_price_out")},
    };

    set_where(&model, look, owner);
    if (!model.name || (model.service == BM_SERVICE_GEMINI && !model.key)) {
        model.service = BM_SERVICE_NONE;
    }
    return model;
}

/* -- all of it -- */

struct bm_services_settings bm_services_by(bm_setting_lookup *look, void *owner)
{
    const char *key = look(owner, "youtube_api_key");
    const char *url = environment("BOOKMARKS_YOUTUBE_URL");
    const char *web = environment("BOOKMARKS_WEB_URL");
    const char *online = environment("ONLINE");

    return (struct bm_services_settings){
        .online = key || url || web || (online && strcmp(online, "1") == 0),
        .youtube = {.base_url = url, .key = key},
        .web_url = web,
        .ytdlp = getenv("BOOKMARKS_YTDLP"),
        .info_folder = environment("BOOKMARKS_INFO_FOLDER"),
        .languages = look(owner, "caption_languages"),
        .watch_longest_s = number_of(look, owner, "watch_max_minutes") * 60,
        .model = model_of(look, owner),
    };
}

/* Where each setting is in the environment. */
static const char *look_in_environment(void *owner, const char *name)
{
    static const char *const names[][2] = {
        {"youtube_api_key", "YOUTUBE_API_KEY"}, {"caption_languages", "BOOKMARKS_LANGUAGES"},
        {"openai_base_url", "OPENAI_BASE_URL"}, {"openai_api_key", "OPENAI_API_KEY"},
        {"openai_model", "OPENAI_MODEL"},       {"gemini_api_key", "GEMINI_API_KEY"},
        {"gemini_model", "GEMINI_MODEL"},
    };

    (void)owner;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i][0], name) == 0) {
            return environment(names[i][1]);
        }
    }
    return NULL;
}

struct bm_services_settings bm_services_of_environment(void)
{
    return bm_services_by(look_in_environment, NULL);
}
