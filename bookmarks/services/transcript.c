#include "services/transcript.h"

#include <string.h>

#include "auto.h"
#include "base/buf.h"
#include "base/error.h"
#include "services/info_folder.h"
#include "services/player.h"
#include "services/ytdlp.h"

struct fetch {
    const struct bm_services_settings *settings;
    const char *id;
    struct bm_web_call web;
    struct bm_transcript *transcript;
    struct bm_verdict *verdict;
};

static const char *languages_of(const struct bm_services_settings *settings)
{
    return settings->languages ? settings->languages : "en,de";
}

static enum barq_status take_best(struct fetch *fetch, const struct bm_track *tracks, size_t count,
                                  struct barq_error *err)
{
    const struct bm_track *track = bm_track_choose(tracks, count, languages_of(fetch->settings));
    if (!track) {
        return bm_judged(fetch->verdict, BM_CALL_REFUSED, BM_REFUSAL_NO_TEXT, err,
                         "captions: the video has none");
    }

    fetch->transcript->language = track->language;
    fetch->transcript->is_auto = track->is_auto;
    return bm_track_fetch(&fetch->web, track, &fetch->transcript->captions, fetch->verdict, err);
}

static enum barq_status ask_player(struct fetch *fetch, struct barq_error *err)
{
    struct bm_tracks tracks = {.count = 0};
    enum barq_status status = bm_player_fetch(&fetch->web, fetch->id, &tracks, fetch->verdict, err);

    fetch->transcript->source = "player";
    return status == BARQ_OK ? take_best(fetch, tracks.tracks, tracks.count, err) : status;
}

static enum barq_status ask_ytdlp(struct fetch *fetch, const char *path, struct barq_error *err)
{
    struct bm_ytdlp_call call = {
        .path = path, .cancel_fd = fetch->web.cancel_fd, .arena = fetch->web.arena};
    struct bm_info info;
    enum barq_status status = bm_ytdlp_fetch(&call, fetch->id, &info, fetch->verdict, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (!info.video.found) {
        return bm_judged(fetch->verdict, BM_CALL_REFUSED, info.video.refusal, err, "yt-dlp: %s",
                         info.video.reason);
    }

    fetch->transcript->source = "ytdlp";
    fetch->transcript->chapters = info.chapters;
    fetch->transcript->n_chapters = info.n_chapters;
    return take_best(fetch, info.tracks, info.n_tracks, err);
}

/* What the folder has; `*found` is false when it has nothing, or there is none. */
static enum barq_status ask_folder(struct fetch *fetch, bool *found, struct barq_error *err)
{
    struct bm_folder_captions captions = {.found = false};
    if (!fetch->settings->info_folder) {
        return BARQ_OK;
    }

    enum barq_status status =
        bm_info_folder_captions(fetch->settings->info_folder, fetch->id,
                                languages_of(fetch->settings), fetch->web.arena, &captions, err);
    if (status != BARQ_OK) {
        fetch->verdict->outcome = status == BARQ_ERR_NOMEM ? BM_CALL_RETRY : BM_CALL_SETUP;
        return status;
    }
    *found = captions.found;
    *fetch->transcript = (struct bm_transcript){
        .captions = captions.captions,
        .language = captions.language,
        .source = "file",
        .chapters = captions.chapters,
        .n_chapters = captions.n_chapters,
    };
    return BARQ_OK;
}

static enum barq_status ask_outside(struct fetch *fetch, struct barq_error *err)
{
    char path[BM_PROGRAM_PATH_BYTES];

    *fetch->transcript = (struct bm_transcript){.source = ""};
    fetch->verdict->service = BM_SERVICE_WEB;
    if (!fetch->settings->online) {
        return bm_judged(fetch->verdict, BM_CALL_SETUP, BM_REFUSAL_NONE, err,
                         "captions: nobody may be asked: set ONLINE to 1");
    }
    return bm_ytdlp_find(fetch->settings->ytdlp, path) ? ask_ytdlp(fetch, path, err)
                                                       : ask_player(fetch, err);
}

enum barq_status bm_transcript_fetch(const struct bm_services_settings *settings, const char *id,
                                     int cancel_fd, struct barq_arena *arena,
                                     struct bm_transcript *out, struct bm_verdict *verdict,
                                     struct barq_error *err)
{
    struct bm_transcript transcript = {.source = ""};
    bool found = false;
    struct fetch fetch = {
        .settings = settings,
        .id = id,
        .web = {.base_url = settings->web_url,
                .timeout_ms = settings->timeout_ms,
                .cancel_fd = cancel_fd,
                .arena = arena},
        .transcript = &transcript,
        .verdict = verdict,
    };
    *verdict = (struct bm_verdict){.service = BM_SERVICE_NONE};

    enum barq_status status = ask_folder(&fetch, &found, err);
    if (status == BARQ_OK && !found) {
        status = ask_outside(&fetch, err);
    }
    bm_web_call_drop(&fetch.web);
    if (status == BARQ_OK) {
        *out = transcript;
    }
    return status;
}

/* -- as text -- */

static void put_cue(struct bq_buf *text, const struct bm_cue *cue, bool new_line)
{
    if (new_line) {
        bq_buf_printf(text, "%s[%lld] ", text->len ? "\n" : "", (long long)(cue->start_ms / 1000));
    } else {
        bq_buf_puts(text, " ");
    }
    bq_buf_puts(text, cue->text);
}

const char *bm_transcript_text(const struct bm_cue *cues, size_t count, int64_t every_ms,
                               size_t max_bytes, struct barq_arena *arena, bool *cut)
{
    bq_auto(buf) struct bq_buf text;
    int64_t line_ms = -1;
    size_t whole = 0;
    bq_buf_init(&text, max_bytes);

    *cut = false;
    for (size_t i = 0; i < count; i++) {
        bool new_line = line_ms < 0 || cues[i].start_ms - line_ms >= every_ms;
        line_ms = new_line ? cues[i].start_ms : line_ms;
        put_cue(&text, &cues[i], new_line);
        if (text.failed) {
            *cut = !text.starved;
            break;
        }
        whole = text.len;
    }
    return text.starved ? NULL : bq_arena_strndup(arena, text.data ? text.data : "", whole);
}
