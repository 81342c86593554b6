/*
 * cron.h - schedules as of crontab(5): what they say, and when that is.
 *
 *     30 4 * * mon-fri          minute hour day month weekday
 *     0,30 * * * * *            6 fields: second before them
 *     0 9 1-7 * +mon            the first Monday: day *and* weekday
 *     @daily
 *
 * A field is a comma-separated list of `*`, numbers, names (jan, mon; of any case) and ranges; a step
 * follows a range or a star, as in 8-18/2. 0 and 7 are Sunday. @yearly @annually @monthly @weekly
 * @daily @midnight @hourly are short for what they say.
 *
 * When both day and weekday are restricted, that is, begin with no `*`, either may match, as in
 * crontab(5); with a + before the weekday both must.
 *
 * A schedule goes by the clocks of its zone. One whose hour begins with `*` runs whenever they show
 * its time: never in an hour that is left out, twice in one that is repeated. Any other one is at
 * fixed hours: when clocks go forward over some of its times, it runs once, at the first instant
 * after the gap; and times that are repeated count the first time only.
 *
 * Vixie cron and cronie do the same but for four things: they call a schedule fixed only when its
 * minute has no `*` either; they make up for each time in a gap, not once; they do so only for gaps
 * under three hours; and they have neither seconds nor the plus.
 */
#ifndef BQ_BASE_CRON_H
#define BQ_BASE_CRON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/zone.h"

enum {
    BQ_CRON_MAX_BYTES = 1000, /* an expression */
    BQ_CRON_TEXT_BYTES = 400, /* a canonical one, with its NUL */
};

/* Bit n: it matches n. */
struct bq_cron {
    uint64_t seconds;
    uint64_t minutes;
    uint64_t hours;
    uint64_t days;     /* 1 to 31 */
    uint64_t months;   /* 1 to 12 */
    uint64_t weekdays; /* 0 to 6, from Sunday */
    bool either;       /* day or weekday, not both */
    bool any_hour;     /* its hour begins with a star: it is at no fixed hours */
};

/* Texts of six fields; NULL is `*`, but for `second`, where it is 0. */
struct bq_cron_fields {
    const char *month, *day, *weekday, *hour, *minute, *second;
};

/*
 * BARQ_ERR_FORMAT  the error names the field and what is wrong in it; or no day has this date (30 feb)
 */
enum barq_status bq_cron_parse(const char *expression, struct bq_cron *out, struct barq_error *err)
    BARQ_MUST_CHECK;
/* The same of single fields, all of which must match. */
enum barq_status bq_cron_parse_fields(const struct bq_cron_fields *fields, struct bq_cron *out,
                                      struct barq_error *err) BARQ_MUST_CHECK;
/* An expression that is parsed to the same schedule, into `out` of BQ_CRON_TEXT_BYTES. */
void bq_cron_text(const struct bq_cron *cron, char *out);

/* The first run later than `after_ms`; INT64_MAX: none before the year 9999. All since 1970 UTC. */
int64_t bq_cron_next(const struct bq_cron *cron, const struct bq_zone *zone, int64_t after_ms);
/* The last run before `before_ms`, if one is as late as `from_ms`; INT64_MAX: none. */
int64_t bq_cron_last(const struct bq_cron *cron, const struct bq_zone *zone, int64_t from_ms,
                     int64_t before_ms);

#endif
