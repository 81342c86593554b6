/*
 * settings.h - where the services are, and with what key and model they are asked.
 *
 * Whoever calls fills it, from the settings that are stored or from the
 * environment; the services only read it. All text is borrowed for as long as
 * the settings are used; NULL is "not set".
 */
#ifndef BM_SERVICES_SETTINGS_H
#define BM_SERVICES_SETTINGS_H

#include "services/model.h"
#include "services/youtube.h"

struct bm_services_settings {
    /* False: nothing is asked but the shipped facts and the folder. */
    bool online;

    struct bm_youtube_source youtube;
    bool keyless_when_held; /* when the day's quota is spent, go on without the key */

    const char *web_url;     /* in place of https://www.youtube.com */
    const char *ytdlp;       /* its path; NULL: as found in PATH; "": it is not used */
    const char *info_folder; /* of .info.json files; asked before anybody else */
    const char *languages;   /* of captions, the best first: "de,en"; NULL: "en,de" */
    int64_t timeout_ms;      /* of a call that fetches metadata or captions; 0: 30 s */

    int64_t watch_longest_s; /* of a video that a model may see itself; 0: two hours */
    struct bm_model model;   /* that fills fields in; its service is NONE when there is none */
};

#define BM_GEMINI_MODEL "gemini-2.5-flash" /* unless another is set: they come and go */

/*
 * The text of a setting: "youtube_api_key", "caption_languages", "model_service",
 * "gemini_api_key", "openai_model", ... (store/options.h has them all), which counts
 * the environment in; NULL when it is not set.
 */
typedef const char *bm_setting_lookup(void *owner, const char *name);

/*
 * What is set, and of the environment BOOKMARKS_YOUTUBE_URL, BOOKMARKS_WEB_URL,
 * BOOKMARKS_GEMINI_URL, BOOKMARKS_YTDLP, BOOKMARKS_INFO_FOLDER. Online when there is
 * a key or an address, or ONLINE is 1. What is set to "" is not set, but for
 * BOOKMARKS_YTDLP.
 *
 * The model is that of "model_service"; when that is not set, the one of OpenAI when
 * it is, else Gemini when there is a key.
 */
struct bm_services_settings bm_services_by(bm_setting_lookup *look, void *owner);
/*
 * The same of the environment alone: YOUTUBE_API_KEY, BOOKMARKS_LANGUAGES,
 * OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL, GEMINI_API_KEY, GEMINI_MODEL.
 */
struct bm_services_settings bm_services_of_environment(void);

#endif
