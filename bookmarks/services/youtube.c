#include "services/youtube.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "http/client.h"
#include "services/youtube_answer.h"
#include "services/youtube_error.h"

#define BASE_URL "https://www.googleapis.com/youtube/v3"

enum {
    URL_MAX_BYTES = 8 * 1024,
    ANSWER_MAX_BYTES = 8 * 1024 * 1024, /* 50 videos whose descriptions were not left out: 1 MiB */
    RETRY_MAX_MS = 3600 * 1000,         /* whatever a server asks */
};

/* -- the request -- */

static void put_escaped(struct bq_buf *url, const char *text)
{
    for (const char *at = text; *at; at++) {
        if (isalnum((unsigned char)*at) || strchr("-._~", *at)) {
            bq_buf_put(url, at, 1);
        } else {
            bq_buf_printf(url, "%%%02X", (unsigned)(unsigned char)*at);
        }
    }
}

static void put_url(struct bq_buf *url, const struct bm_youtube_source *source,
                    const char *const *ids, size_t count)
{
    const char *base = source->base_url ? source->base_url : BASE_URL;
    size_t base_len = strlen(base);

    while (base_len > 0 && base[base_len - 1] == '/') {
        base_len--;
    }
    bq_buf_put(url, base, base_len);
    bq_buf_puts(url, "/videos?part=snippet,contentDetails,statistics,status&fields=");
    put_escaped(url, BM_YOUTUBE_FIELDS);
    for (size_t i = 0; i < count; i++) {
        bq_buf_puts(url, i == 0 ? "&id=" : ",");
        put_escaped(url, ids[i]);
    }
    if (source->key && *source->key) {
        bq_buf_puts(url, "&key=");
        put_escaped(url, source->key);
    }
}

/* -- the call -- */

/* A call that brought no answer at all. */
static enum barq_status fail_call(enum barq_status status, struct bm_youtube_failure *failure,
                                  struct barq_error *err)
{
    if (status == BARQ_ERR_CANCELED) {
        failure->kind = BM_YOUTUBE_CANCELED;
        return status;
    }
    if (status == BARQ_ERR_ARG) {
        failure->kind = BM_YOUTUBE_KEY;
        return bq_fail(err, BARQ_ERR_DENIED, "youtube: the base URL is no http or https URL");
    }
    failure->kind = BM_YOUTUBE_RETRY;
    return status;
}

static enum barq_status ask(struct bq_http_client **client, const struct bq_http_request *request,
                            int cancel_fd, struct bq_http_answer *answer, struct barq_error *err)
{
    enum barq_status status = bq_http_client_new(client, err);

    return status == BARQ_OK ? bq_http_ask(*client, request, cancel_fd, answer, err) : status;
}

enum barq_status bm_youtube_fetch(const struct bm_youtube_source *source, const char *const *ids,
                                  size_t count, int cancel_fd, int64_t now_ms,
                                  struct barq_arena *arena, const struct bm_metadata **out,
                                  struct bm_youtube_failure *failure, struct barq_error *err)
{
    assert(count > 0 && count <= BM_METADATA_MAX_IDS);
    bq_auto(http_client) struct bq_http_client *client = NULL;
    bq_auto(buf) struct bq_buf url;
    struct bq_http_answer answer;
    *failure = (struct bm_youtube_failure){.kind = BM_YOUTUBE_OK};

    bq_buf_init(&url, URL_MAX_BYTES);
    put_url(&url, source, ids, count);
    struct bq_http_request request = {
        .url = bq_buf_cstr(&url),
        .timeout_ms = source->timeout_ms,
        .answer_max_bytes = ANSWER_MAX_BYTES,
    };
    if (!request.url) {
        failure->kind = BM_YOUTUBE_KEY;
        return bq_fail(err, BARQ_ERR_DENIED, "youtube: the base URL or the key is too long");
    }

    enum barq_status status = ask(&client, &request, cancel_fd, &answer, err);
    if (status != BARQ_OK) {
        return fail_call(status, failure, err);
    }
    if (answer.status != 200) {
        failure->retry_ms =
            answer.retry_after_ms < RETRY_MAX_MS ? answer.retry_after_ms : RETRY_MAX_MS;
        return bm_youtube_judge(answer.status, answer.body, answer.body_bytes, now_ms, failure,
                                err);
    }
    status = bm_youtube_read_videos(answer.body, answer.body_bytes, ids, count, arena, out, err);
    failure->kind = status == BARQ_OK ? BM_YOUTUBE_OK : BM_YOUTUBE_RETRY;
    return status;
}
