#include "services/web.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"
#include "services/call.h"
#include "services/youtube_answer.h"
#include "services/youtube_lists.h"
#include "video/url.h"

enum {
    PATH_MAX_BYTES = 2048,
    OEMBED_MAX_BYTES = 64 * 1024,
    FEED_MAX_BYTES = 1024 * 1024, /* one of 15 videos has 25 KiB */
    PARSED_MAX_BYTES = 2 * 1024 * 1024,
};

void bm_web_call_drop(struct bm_web_call *call)
{
    bq_http_client_free(call->client);
    call->client = NULL;
}

static enum barq_status ask(struct bm_web_call *call, struct bq_buf *path, size_t most,
                            struct bq_http_answer *answer, struct bm_verdict *verdict,
                            struct barq_error *err)
{
    struct bm_call request = {
        .home = BM_WEB_HOME,
        .base_url = call->base_url,
        .path = bq_buf_cstr(path),
        .timeout_ms = call->timeout_ms,
        .answer_max_bytes = most,
        .cancel_fd = call->cancel_fd,
    };
    *verdict = (struct bm_verdict){.service = BM_SERVICE_WEB};
    if (!request.path) {
        verdict->outcome = BM_CALL_RETRY;
        return bq_fail(err, BARQ_ERR_NOMEM, "web: out of memory");
    }

    return bm_call(&call->client, &request, answer, verdict, err);
}

enum barq_status bm_web_judge(int http_status, const char *what, struct bm_verdict *verdict,
                              struct barq_error *err)
{
    if (http_status == 429) {
        return bm_judged(verdict, BM_CALL_HELD, BM_REFUSAL_NONE, err,
                         "web: YouTube says: not so often (HTTP 429)");
    }
    if (http_status == 404 || http_status == 410) {
        return bm_judged(verdict, BM_CALL_REFUSED, BM_REFUSAL_GONE, err,
                         "web: %s is gone or was never there (HTTP %d)", what, http_status);
    }
    if (http_status == 400) {
        return bm_judged(verdict, BM_CALL_REFUSED, BM_REFUSAL_REQUEST, err,
                         "web: YouTube does not understand what %s is (HTTP 400)", what);
    }
    if (http_status == 401 || http_status == 403) {
        return bm_judged(verdict, BM_CALL_REFUSED, BM_REFUSAL_PRIVATE, err,
                         "web: %s is private (HTTP %d)", what, http_status);
    }
    return bm_judged(verdict, BM_CALL_RETRY, BM_REFUSAL_NONE, err,
                     "web: YouTube gives no answer for now (HTTP %d)", http_status);
}

/* -- oEmbed -- */

/* Its errors are a status and one plain word; that word was seen with a status of 200, too. */
static int status_of(const struct bq_http_answer *answer)
{
    static const struct {
        const char *word;
        int status;
    } words[] = {
        {"Unauthorized", 401},
        {"Forbidden", 403},
        {"Not Found", 404},
        {"Bad Request", 400},
    };

    for (size_t i = 0; answer->status == 200 && i < sizeof(words) / sizeof(words[0]); i++) {
        if (strncmp(answer->body, words[i].word, strlen(words[i].word)) == 0) {
            return words[i].status;
        }
    }
    return answer->status;
}

static bool read_oembed(const struct barq_value *body, struct barq_arena *arena,
                        struct bm_metadata *video)
{
    bool full = false;

    video->found = true;
    video->title = bm_youtube_keep(arena, barq_get(body, "title"), &full);
    video->channel = bm_youtube_keep(arena, barq_get(body, "author_name"), &full);
    video->thumbnail_url = bm_youtube_keep(arena, barq_get(body, "thumbnail_url"), &full);
    video->embeddable = BM_YES;
    return !full;
}

static enum barq_status take_oembed(const struct bq_http_answer *answer, struct barq_arena *arena,
                                    struct bm_metadata *video, struct bm_verdict *verdict,
                                    struct barq_error *err)
{
    bq_auto(arena) struct barq_arena scratch;
    struct barq_value *body = NULL;
    bq_arena_init(&scratch, PARSED_MAX_BYTES);
    enum barq_status status =
        bm_call_read_json(&scratch, answer->body, answer->body_bytes, &body, verdict, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (barq_kind(barq_get(body, "title")) != BARQ_STRING) {
        verdict->outcome = BM_CALL_RETRY;
        return bq_fail(err, BARQ_ERR_FORMAT, "web: the answer is no oEmbed");
    }
    if (!read_oembed(body, arena, video)) {
        verdict->outcome = BM_CALL_RETRY;
        return bq_fail(err, BARQ_ERR_NOMEM, "web: arena is full");
    }
    return BARQ_OK;
}

/* What oEmbed says by its status: an answer, too. False when it is none. */
static bool told_by_status(int http_status, struct bm_metadata *video)
{
    if (http_status == 401) {
        video->found = true;
        video->embeddable = BM_NO;
    } else if (http_status == 403) {
        video->refusal = BM_REFUSAL_PRIVATE;
        video->reason = "it is private";
    } else if (http_status == 404) {
        video->refusal = BM_REFUSAL_GONE;
        video->reason = "it was deleted, or was never there";
    } else {
        return false;
    }
    return true;
}

enum barq_status bm_oembed_fetch(struct bm_web_call *call, const char *id, struct bm_metadata *out,
                                 struct bm_verdict *verdict, struct barq_error *err)
{
    bq_auto(buf) struct bq_buf path;
    struct bq_http_answer answer = {.status = 0};
    char url[BM_WATCH_URL_BYTES];
    struct bm_metadata video = bm_metadata_unknown(id);
    video.origin = "oembed";

    bm_watch_url(id, url);
    bq_buf_init(&path, PATH_MAX_BYTES);
    bq_buf_puts(&path, "/oembed?format=json&url=");
    bm_put_escaped(&path, url);
    enum barq_status status = ask(call, &path, OEMBED_MAX_BYTES, &answer, verdict, err);
    if (status != BARQ_OK) {
        return status;
    }
    int http_status = status_of(&answer);
    if (http_status == 200) {
        status = take_oembed(&answer, call->arena, &video, verdict, err);
    } else if (!told_by_status(http_status, &video)) {
        status = bm_web_judge(http_status, "the video", verdict, err);
    }
    if (status == BARQ_OK) {
        *out = video;
    }
    return status;
}

/* -- feeds -- */

enum barq_status bm_feed_fetch(struct bm_web_call *call, const char *source, struct bm_feed *out,
                               struct bm_verdict *verdict, struct barq_error *err)
{
    bq_auto(buf) struct bq_buf path;
    struct bq_http_answer answer = {.status = 0};
    char uploads[BM_CHANNEL_ID_BYTES + 1];
    bool is_channel = bm_youtube_uploads(source, uploads);

    bq_buf_init(&path, PATH_MAX_BYTES);
    bq_buf_printf(&path, "/feeds/videos.xml?%s=", is_channel ? "channel_id" : "playlist_id");
    bm_put_escaped(&path, source);
    enum barq_status status = ask(call, &path, FEED_MAX_BYTES, &answer, verdict, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (answer.status != 200) {
        return bm_web_judge(answer.status, "the channel or playlist", verdict, err);
    }
    status = bm_feed_read(answer.body, answer.body_bytes, call->arena, out, err);
    if (status != BARQ_OK) {
        verdict->outcome = BM_CALL_RETRY;
    }
    return status;
}
