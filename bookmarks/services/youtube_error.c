#include "services/youtube_error.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <barq/value.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/time.h"

enum { PARSED_MAX_BYTES = 4 * 1024 * 1024 };

static const int64_t hour_ms = 3600000;
static const int64_t day_ms = 86400000;

/* -- the day in Los Angeles -- */

/* Midnight UTC of the `nth` Sunday of a month. */
static int64_t nth_sunday_ms(int year, int month, int64_t nth)
{
    char first[16];
    int64_t first_ms = 0;

    snprintf(first, sizeof(first), "%04d-%02d-01", year, month);
    if (!bq_time_parse(first, &first_ms)) {
        return 0;
    }
    int64_t weekday = (first_ms / day_ms + 4) % 7; /* 0 is Sunday: 1970-01-01 was a Thursday */
    return first_ms + ((7 - weekday) % 7 + (nth - 1) * 7) * day_ms;
}

/*
 * By the rule since 2007: summer time from the second Sunday of March to the
 * first of November, each at 2 o'clock local time. (Not localtime(): it reads
 * TZ, and there may be no tzdata.)
 */
static int64_t pacific_offset_ms(int64_t at_ms)
{
    char text[BQ_TIME_TEXT_BYTES];
    int year = 0;

    bq_time_text(at_ms, text);
    for (int i = 0; i < 4; i++) {
        year = year * 10 + (text[i] - '0');
    }
    bool summer = at_ms >= nth_sunday_ms(year, 3, 2) + 10 * hour_ms &&
                  at_ms < nth_sunday_ms(year, 11, 1) + 9 * hour_ms;
    return summer ? -7 * hour_ms : -8 * hour_ms;
}

int64_t bm_pacific_midnight_ms(int64_t now_ms)
{
    int64_t offset_ms = pacific_offset_ms(now_ms);
    int64_t next_ms = ((now_ms + offset_ms) / day_ms + 1) * day_ms; /* by the clock on the wall */

    /* The clocks may be changed in between, but never within an hour of midnight. */
    return next_ms - pacific_offset_ms(next_ms - offset_ms);
}

/* -- reasons -- */

struct reason {
    const char *name;
    enum bm_youtube_class kind;
    enum barq_status status;
    const char *sentence;
};

#define QUOTA   BM_YOUTUBE_QUOTA, BARQ_ERR_BUSY, "the day's quota is used up"
#define FAST    BM_YOUTUBE_RETRY, BARQ_ERR_BUSY, "asked too often"
#define AWAY    BM_YOUTUBE_RETRY, BARQ_ERR_CONN, "YouTube has a failure of its own"
#define BAD_KEY BM_YOUTUBE_KEY, BARQ_ERR_DENIED, "the API key is not valid"
#define BLOCKED                                                                                    \
    BM_YOUTUBE_KEY, BARQ_ERR_DENIED, "the API key may not be used for this, or from here"
#define NO_API BM_YOUTUBE_KEY, BARQ_ERR_DENIED, "the YouTube Data API is not enabled for this key"
#define GONE   BM_YOUTUBE_REFUSED, BARQ_ERR_DENIED, "what was asked for is not there"
#define CLOSED BM_YOUTUBE_REFUSED, BARQ_ERR_DENIED, "what was asked for may not be read"
#define WRONG  BM_YOUTUBE_REFUSED, BARQ_ERR_DENIED, "the request was wrong"

static const struct reason reasons[] = {
    {"quotaExceeded", QUOTA},
    {"dailyLimitExceeded", QUOTA},
    {"dailyLimitExceededUnreg", QUOTA},
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
    return (struct reason){"3xx", BM_YOUTUBE_RETRY, BARQ_ERR_FORMAT,
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

enum barq_status bm_youtube_judge(int http_status, const char *text, size_t len, int64_t now_ms,
                                  struct bm_youtube_failure *failure, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena scratch;
    bq_arena_init(&scratch, PARSED_MAX_BYTES);
    struct barq_value *body = NULL;
    struct reason verdict = by_status(http_status);

    if (barq_from_json(&scratch, text, len, &body, NULL) == BARQ_OK) {
        const struct barq_value *error = barq_get(body, "error");
        const struct reason *known = look_up(error);
        verdict = known ? *known : verdict;
        if (verdict.status == BARQ_ERR_BUSY && is_daily(error)) {
            verdict = (struct reason){verdict.name, QUOTA};
        }
    }

    failure->kind = verdict.kind;
    failure->until_at_ms = verdict.kind == BM_YOUTUBE_QUOTA ? bm_pacific_midnight_ms(now_ms) : 0;
    return bq_fail(err, verdict.status, "youtube: %s (%s, HTTP %d)", verdict.sentence, verdict.name,
                   http_status);
}
