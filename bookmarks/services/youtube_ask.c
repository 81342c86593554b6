#include "services/youtube_ask.h"

#include <string.h>

#include "base/error.h"
#include "services/call.h"
#include "services/youtube_error.h"

static void put_path(struct bq_buf *path, const struct bm_youtube_source *source,
                     const struct bm_youtube_question *question)
{
    bq_buf_puts(path, question->path ? question->path : "");
    if (source->key && *source->key) {
        bq_buf_puts(path, "&key=");
        bm_put_escaped(path, source->key);
    }
}

/* When nothing was found, `items` may be left out. */
static bool is_list(const struct barq_value *answer, const char *kind)
{
    const struct barq_value *items = barq_get(answer, "items");
    const char *said = barq_as_string(barq_get(answer, "kind"), NULL);
    bool right = !said || strcmp(said, kind) == 0;

    return items ? right && barq_kind(items) == BARQ_LIST : said && right;
}

enum barq_status bm_youtube_read(const char *text, size_t len, const char *kind,
                                 struct barq_arena *scratch, struct barq_value **out,
                                 struct bm_verdict *verdict, struct barq_error *err)
{
    enum barq_status status = bm_call_read_json(scratch, text, len, out, verdict, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (!is_list(*out, kind)) {
        verdict->outcome = BM_CALL_RETRY;
        return bq_fail(err, BARQ_ERR_FORMAT, "youtube: the answer is no %s", kind);
    }
    return BARQ_OK;
}

enum barq_status bm_youtube_ask(const struct bm_youtube_source *source,
                                const struct bm_youtube_question *question, int cancel_fd,
                                int64_t now_ms, struct barq_arena *scratch, struct barq_value **out,
                                struct bm_verdict *verdict, struct barq_error *err)
{
    bq_auto(http_client) struct bq_http_client *client = NULL;
    bq_auto(buf) struct bq_buf path;
    struct bq_http_answer answer;
    *verdict = (struct bm_verdict){.service = BM_SERVICE_YOUTUBE};

    bq_buf_init(&path, BM_CALL_URL_MAX_BYTES);
    put_path(&path, source, question);
    struct bm_call call = {
        .home = BM_YOUTUBE_HOME,
        .base_url = source->base_url,
        .path = bq_buf_cstr(&path),
        .timeout_ms = source->timeout_ms,
        .answer_max_bytes = BM_YOUTUBE_ANSWER_MAX_BYTES,
        .cancel_fd = cancel_fd,
    };
    if (!question->path || path.starved) {
        verdict->outcome = BM_CALL_RETRY;
        return bq_fail(err, BARQ_ERR_NOMEM, "youtube: out of memory");
    }
    if (!call.path) {
        return bm_judged(verdict, BM_CALL_SETUP, BM_REFUSAL_NONE, err,
                         "youtube: the key is too long");
    }

    enum barq_status status = bm_call(&client, &call, &answer, verdict, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (answer.status != 200) {
        return bm_youtube_judge(answer.status, answer.body, answer.body_bytes, question->units,
                                now_ms, verdict, err);
    }
    verdict->units = question->units;
    return bm_youtube_read(answer.body, answer.body_bytes, question->kind, scratch, out, verdict,
                           err);
}
