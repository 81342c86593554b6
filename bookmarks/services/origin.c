#include "services/origin.h"

#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/time.h"
#include "services/facts.h"
#include "services/info_folder.h"
#include "services/web.h"
#include "services/ytdlp.h"

/* It takes seconds a video, and a batch of 50 must end within a job's five minutes. */
enum { YTDLP_BUDGET_MS = 120 * 1000 };

static bool has_key(const struct bm_services_settings *settings)
{
    return (settings->youtube.key && *settings->youtube.key) || settings->youtube.base_url;
}

const char *bm_origin_text(const struct bm_services_settings *settings)
{
    if (!settings->online) {
        return "metadata: of 400 talks, shipped with this; YOUTUBE_API_KEY asks YouTube";
    }
    if (settings->youtube.base_url) {
        return "metadata: from BOOKMARKS_YOUTUBE_URL";
    }
    if (has_key(settings)) {
        return "metadata: from YouTube, with your key";
    }
    return bm_origin_service(settings) == BM_SERVICE_YTDLP
               ? "metadata: from yt-dlp, since YOUTUBE_API_KEY is not set"
               : "metadata: titles only, from oEmbed, since YOUTUBE_API_KEY is not set";
}

enum bm_service bm_origin_service(const struct bm_services_settings *settings)
{
    char path[BM_PROGRAM_PATH_BYTES];

    if (!settings->online) {
        return BM_SERVICE_NONE;
    }
    if (has_key(settings)) {
        return BM_SERVICE_YOUTUBE;
    }
    return bm_ytdlp_find(settings->ytdlp, path) ? BM_SERVICE_YTDLP : BM_SERVICE_WEB;
}

/* -- one fetch -- */

struct fetch {
    const struct bm_services_settings *settings;
    struct bm_metadata *videos; /* in the order of the ids */
    size_t count;
    int cancel_fd;
    int64_t now_ms;
    struct barq_arena *arena;
    struct bm_verdict *verdict;
};

/* Those that are not found yet, and where they are among all. */
static size_t list_left(const struct fetch *fetch, const char **ids, size_t *places)
{
    size_t count = 0;

    for (size_t i = 0; i < fetch->count; i++) {
        if (!fetch->videos[i].found) {
            ids[count] = fetch->videos[i].youtube_id;
            places[count++] = i;
        }
    }
    return count;
}

static void put_back(struct fetch *fetch, const struct bm_metadata *answers, const size_t *places,
                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fetch->videos[places[i]] = answers[i];
    }
}

static enum barq_status ask_api(struct fetch *fetch, struct barq_error *err)
{
    const char *ids[BM_METADATA_MAX_IDS] = {NULL};
    size_t places[BM_METADATA_MAX_IDS] = {0};
    const struct bm_metadata *answers = NULL;
    struct bm_youtube_source source = fetch->settings->youtube;
    size_t count = list_left(fetch, ids, places);

    source.timeout_ms = source.timeout_ms ? source.timeout_ms : fetch->settings->timeout_ms;
    enum barq_status status = bm_youtube_fetch(&source, ids, count, fetch->cancel_fd, fetch->now_ms,
                                               fetch->arena, &answers, fetch->verdict, err);
    if (status == BARQ_OK) {
        put_back(fetch, answers, places, count);
    }
    return status;
}

static enum barq_status ask_facts(struct fetch *fetch, struct barq_error *err)
{
    const char *ids[BM_METADATA_MAX_IDS] = {NULL};
    size_t places[BM_METADATA_MAX_IDS] = {0};
    const struct bm_metadata *answers = NULL;
    size_t count = list_left(fetch, ids, places);

    enum barq_status status = bm_facts_fetch(ids, count, fetch->arena, &answers, err);
    if (status == BARQ_OK) {
        put_back(fetch, answers, places, count);
    }
    return status;
}

/* -- without a key -- */

static enum barq_status ask_web(struct fetch *fetch, struct bm_web_call *web,
                                struct bm_metadata *video, struct barq_error *err)
{
    const char *id = video->youtube_id;
    enum barq_status status = bm_oembed_fetch(web, id, video, fetch->verdict, err);

    video->youtube_id = id;
    return status;
}

/* By yt-dlp; when that is taken for a bot, or fails, oEmbed has the title at least. */
static enum barq_status ask_ytdlp(struct fetch *fetch, const struct bm_ytdlp_call *ytdlp,
                                  struct bm_web_call *web, struct bm_metadata *video,
                                  bool *by_ytdlp, struct barq_error *err)
{
    const char *id = video->youtube_id;
    struct bm_info info;
    enum barq_status status = bm_ytdlp_fetch(ytdlp, id, &info, fetch->verdict, err);

    *by_ytdlp = fetch->verdict->outcome != BM_CALL_HELD; /* not again for the next one */
    if (status == BARQ_OK) {
        *video = info.video;
        video->youtube_id = id;
        return status;
    }
    return status == BARQ_ERR_CANCELED ? status : ask_web(fetch, web, video, err);
}

static enum barq_status ask_keyless(struct fetch *fetch, struct barq_error *err)
{
    char path[BM_PROGRAM_PATH_BYTES];
    bool by_ytdlp = bm_ytdlp_find(fetch->settings->ytdlp, path);
    struct bm_ytdlp_call ytdlp = {
        .path = path, .cancel_fd = fetch->cancel_fd, .arena = fetch->arena};
    bm_auto(web_call) struct bm_web_call web = {
        .base_url = fetch->settings->web_url,
        .timeout_ms = fetch->settings->timeout_ms,
        .cancel_fd = fetch->cancel_fd,
        .arena = fetch->arena,
    };
    enum barq_status status = BARQ_OK;
    int64_t until_ms = bq_mono_ms() + YTDLP_BUDGET_MS;

    for (size_t i = 0; status == BARQ_OK && i < fetch->count; i++) {
        struct bm_metadata *video = &fetch->videos[i];
        if (video->found) {
            continue;
        }
        by_ytdlp = by_ytdlp && bq_mono_ms() < until_ms;
        status = by_ytdlp ? ask_ytdlp(fetch, &ytdlp, &web, video, &by_ytdlp, err)
                          : ask_web(fetch, &web, video, err);
    }
    return status;
}

static enum barq_status ask_online(struct fetch *fetch, struct barq_error *err)
{
    if (!has_key(fetch->settings)) {
        return ask_keyless(fetch, err);
    }
    enum barq_status status = ask_api(fetch, err);
    bool spent = fetch->verdict->outcome == BM_CALL_HELD && fetch->verdict->until_at_ms > 0;
    return spent && fetch->settings->keyless_when_held ? ask_keyless(fetch, err) : status;
}

/* -- all of them -- */

static enum barq_status ask_folder(struct fetch *fetch, size_t *left, struct barq_error *err)
{
    size_t found = 0;
    if (!fetch->settings->info_folder) {
        return BARQ_OK;
    }

    enum barq_status status = bm_info_folder_fetch(fetch->settings->info_folder, fetch->videos,
                                                   fetch->count, fetch->arena, &found, err);
    *left -= found;
    if (status != BARQ_OK) {
        fetch->verdict->outcome = status == BARQ_ERR_NOMEM ? BM_CALL_RETRY : BM_CALL_SETUP;
    }
    return status;
}

enum barq_status bm_origin_fetch(const struct bm_services_settings *settings,
                                 const char *const *ids, size_t count, int cancel_fd,
                                 int64_t now_ms, struct barq_arena *arena,
                                 const struct bm_metadata **out, struct bm_verdict *verdict,
                                 struct barq_error *err)
{
    struct fetch fetch = {
        .settings = settings,
        .videos = bm_metadata_none(ids, count, NULL, arena),
        .count = count,
        .cancel_fd = cancel_fd,
        .now_ms = now_ms,
        .arena = arena,
        .verdict = verdict,
    };
    size_t left = count;
    *verdict = (struct bm_verdict){.service = BM_SERVICE_NONE};
    if (!fetch.videos) {
        verdict->outcome = BM_CALL_RETRY;
        return bq_fail(err, BARQ_ERR_NOMEM, "metadata: arena is full");
    }

    enum barq_status status = ask_folder(&fetch, &left, err);
    if (status == BARQ_OK && left > 0) {
        status = settings->online ? ask_online(&fetch, err) : ask_facts(&fetch, err);
    }
    if (status != BARQ_OK) {
        verdict->outcome = verdict->outcome == BM_CALL_OK ? BM_CALL_RETRY : verdict->outcome;
        return status;
    }
    *out = fetch.videos;
    return BARQ_OK;
}
