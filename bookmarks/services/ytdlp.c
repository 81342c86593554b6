#include "services/ytdlp.h"

#include <stdio.h>
#include <string.h>

#include <barq/value.h>

#include "base/error.h"
#include "base/text.h"
#include "video/url.h"

enum {
    SAID_MAX_BYTES = 64 * 1024,
    LIST_MAX_BYTES = 64 * 1024 * 1024, /* 20000 entries of 3 KiB */
    LINE_PARSED_MAX_BYTES = 16 * 1024 * 1024,
    URL_BYTES = 256,
};

bool bm_ytdlp_find(const char *setting, char path[BM_PROGRAM_PATH_BYTES])
{
    const char *name = setting ? setting : "yt-dlp";

    return *name && bm_program_find(name, path);
}

/* -- one run -- */

/* Why it could not be run to its end. */
static enum barq_status fail_run(enum barq_status status, struct bm_verdict *verdict,
                                 struct barq_error *err)
{
    switch ((int)status) { /* the others are for a later try */
    case BARQ_ERR_CANCELED:
        verdict->outcome = BM_CALL_CANCELED;
        return status;
    case BARQ_ERR_NOTFOUND:
    case BARQ_ERR_DENIED:
        return bm_judged(verdict, BM_CALL_SETUP, BM_REFUSAL_NONE, err,
                         "yt-dlp: it cannot be run: %.300s", err ? err->text : "");
    default:
        verdict->outcome = BM_CALL_RETRY;
        return status;
    }
}

/* Runs `argv`; `*refusal` is set when YouTube has nothing to give, else `out` is what it wrote. */
static enum barq_status run(const struct bm_ytdlp_call *call, char *const *argv, struct bq_buf *out,
                            enum bm_refusal *refusal, struct bm_verdict *verdict,
                            struct barq_error *err)
{
    bq_auto(buf) struct bq_buf said;
    struct bq_child_end end = {.code = 0};
    struct barq_error why = {0};
    struct bm_program program = {
        .path = call->path,
        .argv = argv,
        .timeout_ms = call->timeout_ms > 0 ? call->timeout_ms : BM_YTDLP_TIMEOUT_MS,
        .cancel_fd = call->cancel_fd,
    };
    *verdict = (struct bm_verdict){.service = BM_SERVICE_YTDLP};
    *refusal = BM_REFUSAL_NONE;

    bq_buf_init(&said, SAID_MAX_BYTES + 1);
    said.limit = SAID_MAX_BYTES;
    enum barq_status status = bm_program_run(&program, out, &said, &end, &why);
    said.limit = SAID_MAX_BYTES + 1;
    if (status != BARQ_OK) {
        status = fail_run(status, verdict, &why);
        return bq_fail(err, status, "%s", why.text);
    }
    if ((end.signaled || end.code != 0) && out->len == 0) {
        const char *text = bq_buf_cstr(&said);
        return bm_ytdlp_judge(text ? text : "", refusal, verdict, err);
    }
    return BARQ_OK;
}

static enum barq_status fail_read(enum barq_status status, struct bm_verdict *verdict,
                                  struct barq_error *err, const char *why)
{
    verdict->outcome = BM_CALL_RETRY;
    return bq_fail(err, status, "yt-dlp: %s", why);
}

/* -- videos -- */

static const char *sentence_of(enum bm_refusal refusal)
{
    switch (refusal) {
    case BM_REFUSAL_PRIVATE:
        return "it is private, or for members only";
    case BM_REFUSAL_AGE:
        return "it is for adults who have signed in";
    case BM_REFUSAL_REGION:
        return "it is not shown in this country";
    case BM_REFUSAL_NONE:
    case BM_REFUSAL_GONE:
    case BM_REFUSAL_ABSENT:
    case BM_REFUSAL_TOO_LONG:
    case BM_REFUSAL_BLOCKED:
    case BM_REFUSAL_NO_TEXT:
    case BM_REFUSAL_UNREADABLE:
    case BM_REFUSAL_BAD_ANSWER:
    case BM_REFUSAL_REQUEST:
    case BM_REFUSALS:
        break;
    }
    return "it was deleted, or was never there";
}

enum barq_status bm_ytdlp_fetch(const struct bm_ytdlp_call *call, const char *id,
                                struct bm_info *out, struct bm_verdict *verdict,
                                struct barq_error *err)
{
    bq_auto(buf) struct bq_buf text;
    char url[BM_WATCH_URL_BYTES];
    enum bm_refusal refusal = BM_REFUSAL_NONE;
    struct barq_error why = {0};
    bm_watch_url(id, url);
    char *const argv[] = {(char[]){"yt-dlp"},
                          (char[]){"--ignore-config"},
                          (char[]){"--no-warnings"},
                          (char[]){"--no-progress"},
                          (char[]){"--no-playlist"},
                          (char[]){"--skip-download"},
                          (char[]){"--ignore-no-formats-error"},
                          (char[]){"--dump-json"},
                          (char[]){"--"},
                          url,
                          NULL};

    bq_buf_init(&text, BM_INFO_MAX_BYTES);
    enum barq_status status = run(call, argv, &text, &refusal, verdict, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (refusal != BM_REFUSAL_NONE) {
        verdict->outcome = BM_CALL_OK;
        *out = (struct bm_info){.video = bm_metadata_unknown(id)};
        out->video.refusal = refusal;
        out->video.reason = sentence_of(refusal);
        return BARQ_OK;
    }
    status = bm_info_read(text.data ? text.data : "", text.len, call->arena, out, &why);
    if (status != BARQ_OK) {
        return fail_read(status, verdict, err, why.text);
    }
    out->video.origin = "ytdlp";
    return BARQ_OK;
}

/* -- playlists -- */

static bool take_entry(const struct barq_value *entry, struct barq_arena *arena,
                       struct bm_listed *video, bool *full)
{
    const char *id = barq_as_string(barq_get(entry, "id"), "");
    const char *title = barq_as_string(barq_get(entry, "title"), NULL);
    if (!bm_video_id_valid(id)) {
        return false;
    }

    *video = (struct bm_listed){
        .youtube_id = bm_metadata_keep(arena, id, full),
        .title = bm_metadata_keep(arena, title, full),
        .channel = bm_metadata_keep(arena, barq_as_string(barq_get(entry, "channel"), NULL), full),
        .channel_id =
            bm_metadata_keep(arena, barq_as_string(barq_get(entry, "channel_id"), NULL), full),
        .added_at_ms = INT64_MIN,
        .published_at_ms = INT64_MIN,
    };
    if (title && strcmp(title, "[Deleted video]") == 0) {
        video->dead = BM_REFUSAL_GONE;
    } else if (title && strcmp(title, "[Private video]") == 0) {
        video->dead = BM_REFUSAL_PRIVATE;
    }
    return true;
}

static size_t count_lines(const struct bq_buf *text)
{
    size_t count = 1;

    for (size_t i = 0; i < text->len; i++) {
        count += text->data[i] == '\n';
    }
    return count < BM_YTDLP_LIST_MAX ? count : BM_YTDLP_LIST_MAX;
}

/* One JSON text a line. */
static enum barq_status take_entries(const struct bq_buf *text, struct barq_arena *arena,
                                     struct bm_listed_page *page, struct barq_error *err)
{
    size_t most = count_lines(text);
    struct bm_listed *videos = bq_arena_array(arena, most, sizeof(*videos));
    const char *end = text->data + text->len;
    bool full = !videos;

    for (const char *at = text->data; !full && at < end && page->count < most;) {
        bq_auto(arena) struct barq_arena scratch;
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((line_end ? line_end : end) - at);
        struct barq_value *entry = NULL;
        bq_arena_init(&scratch, LINE_PARSED_MAX_BYTES);
        enum barq_status status =
            len > 0 ? barq_from_json(&scratch, at, len, &entry, err) : BARQ_OK;
        if (status != BARQ_OK) {
            return status;
        }
        page->count += take_entry(entry, arena, &videos[page->count], &full);
        at += len + 1;
    }
    page->videos = videos;
    page->total = (int64_t)page->count;
    return full ? bq_fail(err, BARQ_ERR_NOMEM, "arena is full") : BARQ_OK;
}

enum barq_status bm_ytdlp_playlist(const struct bm_ytdlp_call *call, const char *playlist_id,
                                   struct bm_listed_page *out, struct bm_verdict *verdict,
                                   struct barq_error *err)
{
    bq_auto(buf) struct bq_buf text;
    char url[URL_BYTES];
    enum bm_refusal refusal = BM_REFUSAL_NONE;
    struct barq_error why = {0};
    struct bm_listed_page page = {.count = 0};
    bq_buf_init(&text, LIST_MAX_BYTES);
    if (!bm_playlist_id_valid(playlist_id)) {
        *verdict = (struct bm_verdict){.service = BM_SERVICE_YTDLP};
        return bm_judged(verdict, BM_CALL_REFUSED, BM_REFUSAL_REQUEST, err,
                         "yt-dlp: this is no id of a playlist");
    }
    snprintf(url, sizeof(url), "https://www.youtube.com/playlist?list=%s", playlist_id);
    char *const argv[] = {(char[]){"yt-dlp"},
                          (char[]){"--ignore-config"},
                          (char[]){"--no-warnings"},
                          (char[]){"--no-progress"},
                          (char[]){"--flat-playlist"},
                          (char[]){"--dump-json"},
                          (char[]){"--"},
                          url,
                          NULL};

    enum barq_status status = run(call, argv, &text, &refusal, verdict, err);
    if (status != BARQ_OK || refusal != BM_REFUSAL_NONE) {
        return status == BARQ_OK ? BARQ_ERR_DENIED : status;
    }
    status = text.len > 0 ? take_entries(&text, call->arena, &page, &why) : BARQ_OK;
    if (status != BARQ_OK) {
        return fail_read(status, verdict, err, why.text);
    }
    *out = page;
    return BARQ_OK;
}
