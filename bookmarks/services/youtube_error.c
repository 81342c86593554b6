#include "services/youtube_error.h"

#include <stdbool.h>
#include <string.h>

#include <barq/value.h>

#include "base/arena.h"
#include "base/error.h"
#include "services/pacific.h"

enum { PARSED_MAX_BYTES = 4 * 1024 * 1024 };

/* -- reasons -- */

struct reason {
    const char *name;
    enum bm_outcome outcome;
    enum bm_refusal refusal;
    enum barq_status status;
    const char *sentence;
};

/* clang-format off */
#define QUOTA   BM_CALL_HELD, BM_REFUSAL_NONE, BARQ_ERR_BUSY, "the day's quota is used up"
#define FAST    BM_CALL_HELD, BM_REFUSAL_NONE, BARQ_ERR_BUSY, "asked too often"
#define AWAY    BM_CALL_RETRY, BM_REFUSAL_NONE, BARQ_ERR_CONN, "YouTube has a failure of its own"
#define BAD_KEY BM_CALL_SETUP, BM_REFUSAL_NONE, BARQ_ERR_DENIED, "the API key is not valid"
#define NO_KEY  BM_CALL_SETUP, BM_REFUSAL_NONE, BARQ_ERR_DENIED, "YouTube answers nobody without an API key"
#define BLOCKED BM_CALL_SETUP, BM_REFUSAL_NONE, BARQ_ERR_DENIED, "the API key may not be used for this, or from here"
#define NO_API  BM_CALL_SETUP, BM_REFUSAL_NONE, BARQ_ERR_DENIED, "the YouTube Data API is not enabled for this key"
#define GONE    BM_CALL_REFUSED, BM_REFUSAL_GONE, BARQ_ERR_DENIED, "what was asked for is not there"
#define CLOSED  BM_CALL_REFUSED, BM_REFUSAL_UNREADABLE, BARQ_ERR_DENIED, "what was asked for may not be read"
#define WRONG   BM_CALL_REFUSED, BM_REFUSAL_REQUEST, BARQ_ERR_DENIED, "the request was wrong"
/* clang-format on */

static const struct reason reasons[] = {
    {"quotaExceeded", QUOTA},
    {"dailyLimitExceeded", QUOTA},
    {"dailyLimitExceededUnreg", NO_KEY},
    {"rateLimitExceeded", FAST},
    {"userRateLimitExceeded", FAST},
    {"RATE_LIMIT_EXCEEDED", FAST},
    {"RESOURCE_EXHAUSTED", FAST},
    {"backendError", AWAY},
    {"internalError", AWAY},
    {"SERVICE_UNAVAILABLE", AWAY},
    {"UNAVAILABLE", AWAY},
    {"INTERNAL", AWAY},
    {"keyInvalid", BAD_KEY},
    {"keyExpired", BAD_KEY},
    {"API_KEY_INVALID", BAD_KEY},
    {"UNAUTHENTICATED", BAD_KEY},
    {"ipRefererBlocked", BLOCKED},
    {"API_KEY_SERVICE_BLOCKED", BLOCKED},
    {"API_KEY_HTTP_REFERRER_BLOCKED", BLOCKED},
    {"API_KEY_IP_ADDRESS_BLOCKED", BLOCKED},
    {"API_KEY_ANDROID_APP_BLOCKED", BLOCKED},
    {"API_KEY_IOS_APP_BLOCKED", BLOCKED},
    {"CONSUMER_SUSPENDED", BLOCKED},
    {"accessNotConfigured", NO_API},
    {"SERVICE_DISABLED", NO_API},
    {"forbidden", CLOSED},
    {"playlistItemsNotAccessible", CLOSED},
    {"playlistNotFound", GONE},
    {"videoNotFound", GONE},
    {"channelNotFound", GONE},
    {"notFound", GONE},
    {"invalidPageToken", WRONG},
    {"missingRequiredParameter", WRONG},
    {"invalidFilters", WRONG},
    {"incompatibleParameters", WRONG},
    {"unexpectedParameter", WRONG},
    {"invalidParameter", WRONG},
    {"badRequest", WRONG},
};

static const struct reason *find(const char *name)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (strcmp(reasons[i].name, name) == 0) {
            return &reasons[i];
        }
    }
    return NULL;
}

/* When YouTube's own words say nothing that we know. */
static struct reason by_status(int http_status)
{
    if (http_status == 429) {
        return (struct reason){"429", FAST};
    }
    if (http_status >= 500 || http_status == 408) {
        return (struct reason){"5xx", AWAY};
    }
    if (http_status == 401) {
        return (struct reason){"401", BAD_KEY};
    }
    if (http_status == 403) {
        return (struct reason){"403", CLOSED};
    }
    if (http_status == 404) {
        return (struct reason){"404", GONE};
    }
    if (http_status >= 400) {
        return (struct reason){"4xx", WRONG};
    }
    /* A redirect: a portal in between, most likely. */
    return (struct reason){"3xx", BM_CALL_RETRY, BM_REFUSAL_NONE, BARQ_ERR_FORMAT,
                           "this is not YouTube's answer"};
}

/*
 * New keys' errors come as a plain "badRequest" whose details hold the reason,
 * so details go first; `status` is only there for those that have neither.
 */
static const struct reason *look_up(const struct barq_value *error)
{
    const struct barq_value *details = barq_get(error, "details");
    const struct reason *found = NULL;

    for (size_t i = 0; !found && i < barq_count(details); i++) {
        found = find(barq_as_string(barq_get(barq_at(details, i), "reason"), ""));
    }
    if (!found) {
        const struct barq_value *first = barq_at(barq_get(error, "errors"), 0);
        found = find(barq_as_string(barq_get(first, "reason"), ""));
    }
    if (!found) {
        found = find(barq_as_string(barq_get(error, "status"), ""));
    }
    return found;
}

/* The day's quota can also come as a rate: "... and limit 'Queries per day' of service ...". */
static bool is_daily(const struct barq_value *error)
{
    return strstr(barq_as_string(barq_get(error, "message"), ""), "per day") != NULL;
}

static bool is_quota(const struct reason *reason)
{
    return strcmp(reason->name, "quotaExceeded") == 0 ||
           strcmp(reason->name, "dailyLimitExceeded") == 0;
}

enum barq_status bm_youtube_judge(int http_status, const char *text, size_t len, int64_t units,
                                  int64_t now_ms, struct bm_verdict *verdict,
                                  struct barq_error *err)
{
    bq_auto(arena) struct barq_arena scratch;
    bq_arena_init(&scratch, PARSED_MAX_BYTES);
    struct barq_value *body = NULL;
    struct reason found = by_status(http_status);
    bool daily = false;

    if (barq_from_json(&scratch, text, len, &body, NULL) == BARQ_OK) {
        const struct barq_value *error = barq_get(body, "error");
        const struct reason *known = look_up(error);
        found = known ? *known : found;
        daily = found.outcome == BM_CALL_HELD && (is_daily(error) || is_quota(&found));
    }
    if (daily) {
        found = (struct reason){found.name, QUOTA};
    }

    verdict->outcome = found.outcome;
    verdict->refusal = found.refusal;
    verdict->until_at_ms = daily ? bm_pacific_midnight_ms(now_ms) : 0;
    /* What is refused at the door costs nothing. */
    verdict->units = found.outcome == BM_CALL_REFUSED ? units : 0;
    return bq_fail(err, found.status, "youtube: %s (%s, HTTP %d)", found.sentence, found.name,
                   http_status);
}
