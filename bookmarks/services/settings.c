#include "services/settings.h"

#include <stdlib.h>
#include <string.h>

/* What is set to "" is not set. */
static const char *environment(const char *name)
{
    const char *value = getenv(name);

    return value && *value != '\0' ? value : NULL;
}

static struct bm_model model_of_environment(void)
{
    const char *openai = environment("OPENAI_MODEL");
    const char *gemini = environment("GEMINI_MODEL");
    const char *key = environment("GEMINI_API_KEY");

    if (openai) {
        return (struct bm_model){
            .service = BM_SERVICE_OPENAI,
            .base_url = environment("OPENAI_BASE_URL"),
            .key = environment("OPENAI_API_KEY"),
            .name = openai,
        };
    }
    if (!key) {
        return (struct bm_model){.service = BM_SERVICE_NONE};
    }
    return (struct bm_model){
        .service = BM_SERVICE_GEMINI,
        .base_url = environment("BOOKMARKS_GEMINI_URL"),
        .key = key,
        .name = gemini ? gemini : BM_GEMINI_MODEL,
    };
}

struct bm_services_settings bm_services_of_environment(void)
{
    const char *key = environment("YOUTUBE_API_KEY");
    const char *url = environment("BOOKMARKS_YOUTUBE_URL");
    const char *web = environment("BOOKMARKS_WEB_URL");
    const char *online = environment("ONLINE");

    return (struct bm_services_settings){
        .online = key || url || web || (online && strcmp(online, "1") == 0),
        .youtube = {.base_url = url, .key = key},
        .web_url = web,
        .ytdlp = getenv("BOOKMARKS_YTDLP"),
        .info_folder = environment("BOOKMARKS_INFO_FOLDER"),
        .languages = environment("BOOKMARKS_LANGUAGES"),
        .model = model_of_environment(),
    };
}
