#include "services/call.h"

#include <ctype.h>
#include <string.h>

#include <barq/value.h>

#include "base/error.h"
#include "base/text.h"

void bm_put_escaped(struct bq_buf *out, const char *text)
{
    for (const char *at = text; *at; at++) {
        if (isalnum((unsigned char)*at) || strchr("-._~", *at)) {
            bq_buf_put(out, at, 1);
        } else {
            bq_buf_printf(out, "%%%02X", (unsigned)(unsigned char)*at);
        }
    }
}

static const char *base_of(const struct bm_call *call)
{
    return call->base_url ? call->base_url : call->home;
}

/* The length of "https://host:port", without what would hide another host. */
static size_t origin_len(const char *url)
{
    const char *host = strstr(url, "://");

    return host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?#\\") : 0;
}

static bool same_origin(const char *url, const char *base)
{
    size_t len = origin_len(base);

    return len > 0 && origin_len(url) == len && strncasecmp(url, base, len) == 0 &&
           !memchr(url, '@', len);
}

static void put_url(struct bq_buf *url, const struct bm_call *call)
{
    const char *base = base_of(call);
    size_t len = strlen(base);

    if (call->url) {
        bq_buf_puts(url, call->url);
        return;
    }

    while (len > 0 && base[len - 1] == '/') {
        len--;
    }
    bq_buf_put(url, base, len);
    bq_buf_puts(url, call->path);
}

/* A call that brought no answer at all. */
static enum barq_status fail_call(enum barq_status status, struct bm_verdict *verdict,
                                  struct barq_error *err)
{
    if (status == BARQ_ERR_CANCELED) {
        verdict->outcome = BM_CALL_CANCELED;
        return status;
    }
    if (status == BARQ_ERR_ARG) {
        return bm_judged(verdict, BM_CALL_SETUP, BM_REFUSAL_NONE, err,
                         "%s: the base URL is no http or https URL, or the key has a line break",
                         bm_service_name(verdict->service));
    }
    verdict->outcome = BM_CALL_RETRY;
    return status;
}

enum barq_status bm_call(struct bq_http_client **client, const struct bm_call *call,
                         struct bq_http_answer *answer, struct bm_verdict *verdict,
                         struct barq_error *err)
{
    bq_auto(buf) struct bq_buf url;
    bq_buf_init(&url, BM_CALL_URL_MAX_BYTES);
    if (call->url && !same_origin(call->url, base_of(call))) {
        return bm_judged(verdict, BM_CALL_REFUSED, BM_REFUSAL_BAD_ANSWER, err,
                         "%s: an answer leads to an address that is not this service's",
                         bm_service_name(verdict->service));
    }
    put_url(&url, call);
    struct bq_http_request request = {
        .url = bq_buf_cstr(&url),
        .headers = call->headers,
        .body = call->body,
        .body_bytes = call->body_bytes,
        .timeout_ms = call->timeout_ms,
        .answer_max_bytes = call->answer_max_bytes,
    };
    if (!request.url) {
        return bm_judged(verdict, BM_CALL_SETUP, BM_REFUSAL_NONE, err,
                         "%s: the base URL or the key is too long",
                         bm_service_name(verdict->service));
    }

    enum barq_status status = *client ? BARQ_OK : bq_http_client_new(client, err);
    if (status == BARQ_OK) {
        status = bq_http_ask(*client, &request, call->cancel_fd, answer, err);
    }
    if (status != BARQ_OK) {
        return fail_call(status, verdict, err);
    }
    verdict->retry_ms = answer->retry_after_ms < BM_CALL_RETRY_MAX_MS ? answer->retry_after_ms
                                                                      : BM_CALL_RETRY_MAX_MS;
    return BARQ_OK;
}

enum barq_status bm_call_read_json(struct barq_arena *arena, const char *text, size_t len,
                                   struct barq_value **out, struct bm_verdict *verdict,
                                   struct barq_error *err)
{
    struct barq_error why = {0};
    enum barq_status status = barq_from_json(arena, text, len, out, &why);

    if (status == BARQ_OK) {
        return status;
    }
    verdict->outcome = BM_CALL_RETRY;
    return bq_fail(err, status == BARQ_ERR_NOMEM ? BARQ_ERR_NOMEM : BARQ_ERR_FORMAT,
                   "%s: the answer is not JSON: %s", bm_service_name(verdict->service), why.text);
}
