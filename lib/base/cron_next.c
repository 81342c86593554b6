/*
 * cron_next.c - when a schedule runs. Within a span of its zone the clocks
 * are UTC plus an offset, so that dates and times can be counted through;
 * what happens at the spans' edges is in cron.h.
 */
#include "base/cron.h"
#include "base/time.h"

enum {
    DAY_S = 86400,
    YEARS_MAX = 50, /* 29 February on a Monday comes once in 40 at the least */
};

static const int64_t last_s = 253370764800; /* the beginning of the year 9999 */

static bool has(uint64_t bits, int number)
{
    return bits >> number & 1;
}

/* The first of `bits` from `number` on; -1: none. */
static int first_from(uint64_t bits, int number)
{
    uint64_t rest = number < 64 ? bits >> number << number : 0;

    return rest ? __builtin_ctzll(rest) : -1;
}

static bool day_matches(const struct bq_cron *cron, struct bq_date date, int64_t days)
{
    int weekday = (int)((days % 7 + 11) % 7); /* 1970-01-01 was a Thursday */
    bool day = has(cron->days, date.day);

    return has(cron->months, date.month) && (cron->either ? day || has(cron->weekdays, weekday)
                                                          : day && has(cron->weekdays, weekday));
}

/* The first day from `days` on that matches, in days since 1970; INT64_MAX: none for YEARS_MAX. */
static int64_t day_from(const struct bq_cron *cron, int64_t days)
{
    struct bq_date date = bq_days_date(days);
    int last_year = date.year + YEARS_MAX;

    while (date.year <= last_year && date.year <= 9999) {
        if (!has(cron->months, date.month)) {
            date.day = 1;
            date.year += date.month == 12;
            date.month = date.month == 12 ? 1 : date.month + 1;
            days = bq_date_days(date);
            continue;
        }
        if (day_matches(cron, date, days)) {
            return days;
        }
        date = bq_days_date(++days);
    }
    return INT64_MAX;
}

/* The first time of a day from `from_s` on; -1: none. */
static int time_from(const struct bq_cron *cron, int from_s)
{
    int hour = from_s / 3600;
    int minute = from_s / 60 % 60;
    int second = first_from(cron->seconds, from_s % 60);

    minute =
        has(cron->hours, hour) ? first_from(cron->minutes, second < 0 ? minute + 1 : minute) : -1;
    hour = minute < 0 ? first_from(cron->hours, hour + 1) : hour;
    if (hour < 0) {
        return -1;
    }
    bool same_hour = hour == from_s / 3600;
    minute = same_hour ? minute : first_from(cron->minutes, 0);
    bool same_minute = same_hour && minute == from_s / 60 % 60;
    second = same_minute ? second : first_from(cron->seconds, 0);
    return (hour * 60 + minute) * 60 + second;
}

/* The first time on the clock, as if in UTC, from `clock_s` on; INT64_MAX: none. */
static int64_t clock_from(const struct bq_cron *cron, int64_t clock_s)
{
    int in_day = (int)((clock_s % DAY_S + DAY_S) % DAY_S);
    int64_t today = (clock_s - in_day) / DAY_S;
    int64_t day = day_from(cron, today);

    if (day == today) {
        int time_s = time_from(cron, in_day);
        if (time_s >= 0) {
            return day * DAY_S + time_s;
        }
        day = day_from(cron, today + 1);
    }
    return day == INT64_MAX ? INT64_MAX : day * DAY_S + time_from(cron, 0);
}

/* Have the clocks, when they were set forward at the span's beginning, left out one of its times? */
static bool left_out(const struct bq_cron *cron, const struct bq_zone_span *span)
{
    return span->offset_s > span->before_s &&
           clock_from(cron, span->from_s + span->before_s) < span->from_s + span->offset_s;
}

/* The first run within a span from `at_s` on; INT64_MAX: none. */
static int64_t run_in(const struct bq_cron *cron, const struct bq_zone_span *span, int64_t at_s)
{
    if (!cron->any_hour) {
        int64_t again_until_s = span->from_s + span->before_s - span->offset_s;
        if (at_s == span->from_s && left_out(cron, span)) {
            return at_s;
        }
        at_s = at_s > again_until_s ? at_s : again_until_s;
    }
    int64_t clock_s = clock_from(cron, at_s + span->offset_s);
    bool within = clock_s != INT64_MAX && clock_s - span->offset_s < span->until_s;

    return within ? clock_s - span->offset_s : INT64_MAX;
}

static int64_t floor_s(int64_t ms)
{
    return ms / 1000 - (ms % 1000 < 0);
}

int64_t bq_cron_next(const struct bq_cron *cron, const struct bq_zone *zone, int64_t after_ms)
{
    int64_t at_s = floor_s(after_ms) + 1;
    int64_t until_s = at_s + YEARS_MAX * INT64_C(366) * DAY_S;

    while (at_s < last_s && at_s < until_s) {
        struct bq_zone_span span;

        bq_zone_at(zone, at_s, &span);
        int64_t run_s = run_in(cron, &span, at_s);
        if (run_s != INT64_MAX) {
            return run_s < last_s ? run_s * 1000 : INT64_MAX;
        }
        at_s = span.until_s;
    }
    return INT64_MAX;
}

/* Halves the time in which a later one may be. */
int64_t bq_cron_last(const struct bq_cron *cron, const struct bq_zone *zone, int64_t from_ms,
                     int64_t before_ms)
{
    int64_t last_ms = bq_cron_next(cron, zone, from_ms - 1);
    int64_t none_from_ms = before_ms;

    if (last_ms >= before_ms) {
        return INT64_MAX;
    }
    for (;;) {
        int64_t next_ms = bq_cron_next(cron, zone, last_ms);
        if (next_ms >= before_ms) {
            return last_ms;
        }
        int64_t middle_ms = next_ms + (none_from_ms - next_ms) / 2;
        int64_t later_ms = bq_cron_next(cron, zone, middle_ms);
        if (later_ms < before_ms) {
            last_ms = later_ms;
        } else {
            last_ms = next_ms;
            none_from_ms = middle_ms + 1 > none_from_ms ? none_from_ms : middle_ms + 1;
        }
    }
}
