#include "search/bounds.h"

#include <string.h>

#include "base/text.h"
#include "base/time.h"

enum { TEXT_MAX_BYTES = 64, DIGITS_MAX = 15, UNITS = 3 };
/* What one value covers: 10m is 600 to 659, 2024 a year. */
struct span {
    int64_t first;
    int64_t next;
};

struct unit {
    char letter;
    int64_t size;
};
static const struct unit durations[UNITS] = {{'h', 3600}, {'m', 60}, {'s', 1}};
static const struct unit counts[UNITS] = {{'m', 1000000}, {'k', 1000}, {'\0', 1}};

/* The digits that `text` begins with; false when there are none, or too many. */
static bool read_digits(const char **text, int64_t *out)
{
    size_t len = strspn(*text, "0123456789");
    int64_t number = 0;

    if (len == 0 || len > DIGITS_MAX - 6) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        number = number * 10 + ((*text)[i] - '0');
    }
    *text += len;
    *out = number;
    return true;
}

/* "90", "10m", "1h30m": units from the largest down. */
static bool read_seconds(const char *text, struct span *out)
{
    int64_t total = 0;
    int64_t last = 1;

    for (int unit = 0; *text != '\0' || unit == 0;) {
        int64_t number;
        if (!read_digits(&text, &number)) {
            return false;
        }
        if (*text == '\0' && total == 0 && unit == 0) { /* a bare number */
            *out = (struct span){number, number + 1};
            return true;
        }
        while (unit < UNITS && durations[unit].letter != *text) {
            unit++;
        }
        if (unit == UNITS) {
            return false;
        }
        last = durations[unit].size;
        total += number * last;
        unit++;
        text++;
    }
    *out = (struct span){total, total + last};
    return true;
}

/* "1500", "10k", "2m". */
static bool read_count(const char *text, struct span *out)
{
    int64_t number;

    if (!read_digits(&text, &number)) {
        return false;
    }
    for (int i = 0; i < UNITS; i++) {
        if (*text == counts[i].letter && (*text == '\0' || text[1] == '\0')) {
            *out = (struct span){number * counts[i].size, (number + 1) * counts[i].size};
            return true;
        }
    }
    return false;
}

/* "2024", "2024-03", "2024-03-09". */
static bool read_days(const char *text, struct span *out)
{
    static const char shape[] = "dddd-dd-dd";
    size_t len = strlen(text);
    char day[] = "0000-01-01";
    char next[sizeof(day)];

    if (len != 4 && len != 7 && len != 10) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (shape[i] == 'd' ? !is_digit : text[i] != '-') {
            return false;
        }
        day[i] = text[i];
    }
    if (!bq_time_parse(day, &out->first)) {
        return false;
    }
    /* From the last days of a month or a year one comes to the next, whatever they count. */
    int64_t step = len == 4 ? 366 : len == 7 ? 31 : 1;
    char stamp[BQ_TIME_TEXT_BYTES];
    bq_time_text(out->first + step * BQ_DAY_MS, stamp);
    memcpy(next, stamp, sizeof(next) - 1);
    next[sizeof(next) - 1] = '\0';
    if (len < 10) {
        memcpy(next + len, day + len, sizeof(day) - len);
        memcpy(next + len, len == 4 ? "-01-01" : "-01", len == 4 ? 6 : 3);
    }
    return bq_time_parse(next, &out->next) && out->next > out->first;
}

static bool read_span(const char *text, size_t len, enum bm_measure measure, struct span *out)
{
    char value[TEXT_MAX_BYTES];

    if (len >= sizeof(value)) {
        return false;
    }
    memcpy(value, text, len);
    value[len] = '\0';
    for (char *at = value; *at != '\0'; at++) {
        if (*at >= 'A' && *at <= 'Z') {
            *at = (char)(*at + 'a' - 'A');
        }
    }
    switch (measure) {
    case BM_SECONDS:
        return read_seconds(value, out);
    case BM_DAYS:
        return read_days(value, out);
    case BM_COUNT:
        return read_count(value, out);
    }
    return false;
}

/* "A..B", either of which may be missing. */
static bool read_between(const char *text, const char *dots, enum bm_measure measure,
                         struct bm_range *out)
{
    const char *after = dots + 2;
    struct span from;
    struct span to;

    *out = (struct bm_range){INT64_MIN, INT64_MAX};
    if (dots == text && *after == '\0') {
        return false;
    }
    if (dots > text) {
        if (!read_span(text, (size_t)(dots - text), measure, &from)) {
            return false;
        }
        out->least = from.first;
    }
    if (*after != '\0') {
        if (!read_span(after, strlen(after), measure, &to)) {
            return false;
        }
        out->below = measure == BM_DAYS ? to.next : to.first + 1;
    }
    return out->least < out->below;
}

bool bm_bounds_parse(const char *text, enum bm_measure measure, struct bm_range *out)
{
    const char *dots = strstr(text, "..");
    bool more = *text == '>';
    bool less = *text == '<';
    struct bm_range range;
    struct span span;

    if (dots) {
        bool good = read_between(text, dots, measure, &range);
        *out = good ? range : *out;
        return good;
    }
    text += more || less || *text == '=';
    bool or_same = (more || less) && *text == '=';
    text += or_same;
    if (!read_span(text, strlen(text), measure, &span)) {
        return false;
    }
    /* A day is a span; of numbers, more than 10m is more than 600 seconds. */
    int64_t end = (more || less) && measure != BM_DAYS ? span.first + 1 : span.next;
    range.least = less ? INT64_MIN : more && !or_same ? end : span.first;
    range.below = more ? INT64_MAX : less && !or_same ? span.first : end;
    *out = range;
    return true;
}

bool bm_bounds_number(const char *text, enum bm_measure measure, int64_t *out)
{
    struct span span;

    if (!read_span(text, strlen(text), measure, &span)) {
        return false;
    }
    *out = span.first;
    return true;
}

const char *bm_bounds_help(enum bm_measure measure)
{
    static const char *const help[] = {
        [BM_SECONDS] = "a length like 10m, >1h30m, <=90s or 5m..1h",
        [BM_DAYS] = "a day like 2025-01-31, or 2025-01, 2025, >=2025, 2024..2025-03",
        [BM_COUNT] = "a number like 1500, >10k, <=2m or 100..200",
    };
    return help[measure];
}
