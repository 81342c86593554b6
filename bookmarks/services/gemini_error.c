#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"
#include "services/call.h"
#include "services/gemini.h"
#include "services/pacific.h"

/* What Google's answer says of an error. No text is NULL. */
struct said {
    int http_status;
    const char *status; /* "INVALID_ARGUMENT" */
    const char *reason; /* of its ErrorInfo: "API_KEY_INVALID" */
    const char *message;
    bool daily;       /* a quota of the day is spent */
    int64_t retry_ms; /* RetryInfo */
    bool watches;     /* a video was to be watched */
};

/* "34.4s" */
static int64_t delay_ms(const char *text)
{
    char *end = NULL;
    double seconds = strtod(text, &end);

    if (end == text || strcmp(end, "s") != 0 || !(seconds > 0)) {
        return 0;
    }
    return seconds * 1000 < BM_CALL_RETRY_MAX_MS ? (int64_t)(seconds * 1000) : BM_CALL_RETRY_MAX_MS;
}

static void read_detail(const struct barq_value *detail, struct said *said)
{
    const char *reason = barq_as_string(barq_get(detail, "reason"), "");
    const char *limit = barq_as_string(barq_get(barq_get(detail, "metadata"), "quota_limit"), "");
    const struct barq_value *violations = barq_get(detail, "violations");

    said->reason = *reason ? reason : said->reason;
    said->daily |= strstr(limit, "PerDay") != NULL;
    for (size_t i = 0; i < barq_count(violations); i++) {
        const char *id = barq_as_string(barq_get(barq_at(violations, i), "quotaId"), "");
        said->daily |= strstr(id, "PerDay") != NULL;
    }
    int64_t wait_ms = delay_ms(barq_as_string(barq_get(detail, "retryDelay"), ""));
    said->retry_ms = wait_ms > 0 ? wait_ms : said->retry_ms;
}

static void read_error(const struct barq_value *body, struct said *said)
{
    const struct barq_value *error = barq_get(body, "error");
    const struct barq_value *details = barq_get(error, "details");

    said->status = barq_as_string(barq_get(error, "status"), "");
    said->message = barq_as_string(barq_get(error, "message"), "");
    for (size_t i = 0; i < barq_count(details); i++) {
        read_detail(barq_at(details, i), said);
    }
}

static bool is(const char *text, const char *word)
{
    return strcmp(text, word) == 0;
}

static enum barq_status hold(const struct said *said, int64_t now_ms, struct bm_verdict *verdict,
                             struct barq_error *err)
{
    verdict->retry_ms = said->retry_ms > 0 ? said->retry_ms : verdict->retry_ms;
    verdict->until_at_ms = said->daily ? bm_pacific_midnight_ms(now_ms) : 0;
    return bm_judged(verdict, BM_CALL_HELD, BM_REFUSAL_NONE, err, "gemini: %s",
                     said->daily ? "the day's quota is used up" : "asked too often");
}

/* Key, project, model: what a person has to change; NULL when it is none of these. */
static const char *setup_sentence(const struct said *said)
{
    if (is(said->reason, "API_KEY_INVALID") || is(said->reason, "API_KEY_EXPIRED") ||
        said->http_status == 401 ||
        (said->http_status == 400 && strstr(said->message, "API key"))) {
        return "the API key is not valid";
    }
    if (is(said->reason, "SERVICE_DISABLED")) {
        return "the Generative Language API is not enabled for this key";
    }
    if (bq_starts_with(said->reason, "API_KEY_") || is(said->reason, "CONSUMER_SUSPENDED")) {
        return "the API key may not be used for this, or from here";
    }
    if (said->http_status == 404) {
        return "there is no such model: choose another in the settings";
    }
    if (is(said->status, "FAILED_PRECONDITION")) {
        return "Google does not serve this country, or wants billing to be set up";
    }
    return said->http_status == 403 && !said->watches ? "the API key may not be used for this"
                                                      : NULL;
}

static enum barq_status refuse(const struct said *said, const char *key, struct bm_verdict *verdict,
                               struct barq_error *err)
{
    char shown[BM_MODEL_SAID_BYTES];

    if (said->http_status == 413 ||
        (strstr(said->message, "token count") && strstr(said->message, "exceed"))) {
        return bm_judged(verdict, BM_CALL_REFUSED, BM_REFUSAL_TOO_LONG, err,
                         "gemini: it is too long for this model");
    }
    if (said->http_status == 403) {
        return bm_judged(verdict, BM_CALL_REFUSED, BM_REFUSAL_UNREADABLE, err,
                         "gemini: it may not watch this video: private, or not shown everywhere");
    }
    bm_model_said(said->message, key, shown);
    return bm_judged(verdict, BM_CALL_REFUSED, BM_REFUSAL_REQUEST, err,
                     "gemini: it does not accept the question: %s (HTTP %d)", shown,
                     said->http_status);
}

enum barq_status bm_gemini_judge(int http_status, const char *text, size_t len,
                                 const struct bm_model_call *call, struct bm_verdict *verdict,
                                 struct barq_error *err)
{
    bq_auto(arena) struct barq_arena scratch;
    struct barq_value *body = NULL;
    struct said said = {.http_status = http_status,
                        .status = "",
                        .reason = "",
                        .message = "",
                        .watches = call->question->video_url != NULL};
    bq_arena_init(&scratch, BM_MODEL_PARSED_MAX_BYTES);
    if (barq_from_json(&scratch, text, len, &body, NULL) == BARQ_OK) {
        read_error(body, &said);
    }

    if (http_status == 429 || is(said.status, "RESOURCE_EXHAUSTED")) {
        return hold(&said, call->now_ms, verdict, err);
    }
    if (http_status >= 500 || http_status == 408 || http_status < 400) {
        verdict->outcome = BM_CALL_RETRY;
        return bq_fail(err, http_status < 400 ? BARQ_ERR_FORMAT : BARQ_ERR_CONN,
                       "gemini: no answer for now (HTTP %d)", http_status);
    }
    const char *setup = setup_sentence(&said);
    if (setup) {
        return bm_judged(verdict, BM_CALL_SETUP, BM_REFUSAL_NONE, err, "gemini: %s", setup);
    }
    return refuse(&said, call->model->key, verdict, err);
}
