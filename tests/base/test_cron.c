#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/cron.h"
#include "base/time.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct barq_arena arena;

static int begin(void **state)
{
    (void)state;
    bq_arena_init(&arena, BQ_ZONE_ARENA_BYTES);
    return 0;
}

static int end(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    return 0;
}

static const struct bq_zone *zone_of(const char *name)
{
    struct bq_zone *zone = NULL;
    struct barq_error err = {0};

    if (bq_zone_open(&arena, name, &zone, &err) != BARQ_OK) {
        fail_msg("%s: %s", name, err.text);
    }
    return zone;
}

static int64_t at(const char *text)
{
    int64_t ms = 0;

    assert_true(bq_time_parse(text, &ms));
    return ms;
}

static struct bq_cron cron_of(const char *expression)
{
    struct bq_cron cron;
    struct barq_error err = {0};

    if (bq_cron_parse(expression, &cron, &err) != BARQ_OK) {
        fail_msg("%s: %s", expression, err.text);
    }
    return cron;
}

static void check_time(const char *what, int64_t at_ms, const char *expected)
{
    char text[BQ_TIME_TEXT_BYTES];

    bq_time_text(at_ms, text);
    if (at_ms != at(expected)) {
        fail_msg("%s: %s, not %s", what, text, expected);
    }
}

/* The runs of an expression after an instant are these, in UTC; NULL ends them. */
static void runs(const char *expression, const char *zone, const char *after,
                 const char *const *expected)
{
    struct bq_cron cron = cron_of(expression);
    int64_t at_ms = at(after);

    for (; *expected; expected++) {
        at_ms = bq_cron_next(&cron, zone_of(zone), at_ms);
        check_time(expression, at_ms, *expected);
    }
}
#define RUNS(expression, zone, after, ...)                                                         \
    runs(expression, zone, after, (const char *const[]){__VA_ARGS__, NULL})

static void expressions_run_when_crontab_says(void **state)
{
    (void)state;
    RUNS("30 4 * * *", "UTC", "2026-11-23T04:29:59Z", "2026-11-23T04:30:00Z",
         "2026-11-24T04:30:00Z");
    RUNS("30 4 * * *", "UTC", "2026-11-23T04:30:00Z", "2026-11-24T04:30:00Z");
    RUNS("*/20 * * * *", "UTC", "2026-12-31T23:45:00Z", "2027-01-01T00:00:00Z",
         "2027-01-01T00:20:00Z");
    RUNS("0,30 * * * * *", "UTC", "2026-11-23T04:30:00.500Z", "2026-11-23T04:30:30Z",
         "2026-11-23T04:31:00Z");
    RUNS("0 9-17/4 * * mon-fri", "UTC", "2026-11-20T13:00:00Z", "2026-11-20T17:00:00Z",
         "2026-11-23T09:00:00Z");
    RUNS("0 0 29 feb *", "UTC", "2026-01-01", "2028-02-29", "2032-02-29");
    RUNS("0 0 29 2 *", "UTC", "2096-03-01", "2104-02-29");
    RUNS("0 0 29 2 +mon", "UTC", "2024-03-01", "2044-02-29", "2072-02-29");
    RUNS("0 0 31 * *", "UTC", "2026-01-31", "2026-03-31", "2026-05-31");
    RUNS("15 6 1 jan,JUL *", "UTC", "2026-01-01T06:15:00Z", "2026-07-01T06:15:00Z",
         "2027-01-01T06:15:00Z");
    RUNS("0 0 * * 7", "UTC", "2026-11-23", "2026-11-29", "2026-12-06");
    RUNS("0 0 * * sat-sun", "UTC", "2026-11-23", "2026-11-28", "2026-11-29", "2026-12-05");
    RUNS("0 0 * * 5-7", "UTC", "2026-11-23", "2026-11-27", "2026-11-28", "2026-11-29",
         "2026-12-04");
    RUNS("@weekly", "UTC", "2026-11-23", "2026-11-29");
    RUNS("@yearly", "UTC", "2026-11-23", "2027-01-01");
    RUNS("@Monthly", "UTC", "2026-11-23", "2026-12-01");
    RUNS(" \t@hourly ", "UTC", "2026-11-23", "2026-11-23T01:00:00Z");
    RUNS("* * * * * *", "UTC", "1969-12-31T23:59:58.001Z", "1969-12-31T23:59:59Z",
         "1970-01-01T00:00:00Z");
}

static void of_day_and_weekday_either_may_match_unless_one_begins_with_a_star(void **state)
{
    (void)state;
    RUNS("0 0 13 * fri", "UTC", "2026-11-23", "2026-11-27", "2026-12-04", "2026-12-11",
         "2026-12-13");
    RUNS("0 0 13 * +fri", "UTC", "2026-11-23", "2027-08-13");
    RUNS("0 0 1-7 * +mon", "UTC", "2026-11-23", "2026-12-07", "2027-01-04");
    RUNS("0 0 */2 * mon", "UTC", "2026-11-23", "2026-12-07", "2026-12-21");
    RUNS("0 0 13 * *", "UTC", "2026-11-23", "2026-12-13");
    RUNS("0 0 30 2 mon", "UTC", "2026-01-01", "2026-02-02");
}

static void a_fixed_time_in_a_gap_runs_once_right_after_it(void **state)
{
    (void)state;
    RUNS("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z",
         "2026-03-30T00:30:00Z");
    RUNS("0,30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z",
         "2026-03-30T00:00:00Z");
    RUNS("0 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z",
         "2026-03-30T00:00:00Z");
    RUNS("30 0-23 * * *", "Europe/Berlin", "2026-03-29T00:15:00Z", "2026-03-29T00:30:00Z",
         "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z");
    RUNS("0 12 30 12 *", "Pacific/Apia", "2011-12-01", "2011-12-30T10:00:00Z",
         "2012-12-29T22:00:00Z");
}

static void a_fixed_time_that_is_repeated_runs_the_first_time_only(void **state)
{
    (void)state;
    RUNS("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z",
         "2026-10-26T01:30:00Z");
    RUNS("*/30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:00:00Z",
         "2026-10-25T00:30:00Z", "2026-10-26T01:00:00Z");
    RUNS("0 2,3 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:00:00Z",
         "2026-10-25T02:00:00Z");
    RUNS("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T10:00:00Z", "2026-04-04T14:45:00Z",
         "2026-04-05T15:15:00Z");
}

static void a_star_as_the_hour_follows_the_clock(void **state)
{
    (void)state;
    RUNS("30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T00:30:00Z",
         "2026-03-29T01:30:00Z");
    RUNS("30 */2 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T02:30:00Z");
    RUNS("30 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z",
         "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z");
    RUNS("30 */2 * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z",
         "2026-10-25T01:30:00Z", "2026-10-25T03:30:00Z");
}

static void midnight_that_is_left_out_is_an_hour_later(void **state)
{
    (void)state;
    /* There clocks went from 0 to 1 o'clock. */
    RUNS("@daily", "America/Sao_Paulo", "2018-11-03T12:00:00Z", "2018-11-04T03:00:00Z",
         "2018-11-05T02:00:00Z");
}

static void arqs_fields_run_as_in_arqs_own_tests(void **state)
{
    (void)state;
    static const struct {
        const char *after;
        struct bq_cron_fields fields;
        const char *expected;
    } cases[] = {
        {"2016-06-01T12:10:10Z", {.second = "20"}, "2016-06-01T12:10:20Z"},
        {"2016-06-01T12:10:10Z", {.minute = "11"}, "2016-06-01T12:11:00Z"},
        {"2016-06-01T12:10:11Z",
         {.month = "6", .day = "1", .hour = "12", .minute = "10", .second = "10"},
         "2017-06-01T12:10:10Z"},
        {"2016-06-01T12:10:10.001Z",
         {.day = "1", .hour = "12", .minute = "10", .second = "10"},
         "2016-07-01T12:10:10Z"},
        {"2032-01-31", {.day = "28"}, "2032-02-28"},
        {"2032-01-01T00:05:00Z", {.hour = "4"}, "2032-01-01T04:00:00Z"},
        {"2032-01-01", {.hour = "4", .minute = "2,4,6"}, "2032-01-01T04:02:00Z"},
        {"2032-01-01T00:05:00Z", {.hour = "4", .minute = "2,4,6"}, "2032-01-01T04:02:00Z"},
        {"2032-02-05", {.day = "31"}, "2032-03-31"},
        {"2001-01-01", {.weekday = "Sun"}, "2001-01-07"},
        {"2001-01-01", {.weekday = "0"}, "2001-01-07"},
        {"2001-01-01", {.month = "11", .weekday = "wed"}, "2001-11-07"},
        {"2001-01-01", {.weekday = "wed"}, "2001-01-03"},
        {"2032-03-29T12:00:00Z", {.weekday = "tues", .minute = "59"}, "2032-03-30T00:59:00Z"},
        {"2032-02-14", {.day = "13", .weekday = "fri"}, "2032-08-13"},
        {"2031-11-01", {.month = "10", .day = "4", .hour = "23"}, "2032-10-04T23:00:00Z"},
        {"2000-12-31T23:59:59Z",
         {.month = "1", .day = "1", .hour = "0", .minute = "0", .second = "0"},
         "2001-01-01"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bq_cron cron;
        struct barq_error err = {0};
        if (bq_cron_parse_fields(&cases[i].fields, &cron, &err) != BARQ_OK) {
            fail_msg("%zu: %s", i, err.text);
        }
        check_time(cases[i].after, bq_cron_next(&cron, zone_of("UTC"), at(cases[i].after)),
                   cases[i].expected);
    }
}

static void what_makes_no_sense_is_refused_and_why(void **state)
{
    (void)state;
    static const struct {
        const char *expression;
        const char *why;
    } cases[] = {
        {"",
         "cron: '' has not 5 fields (minute hour day month weekday), nor 6 (second before them)"},
        {"* * * *", "cron: '* * * *' has not 5 fields (minute hour day month weekday), nor 6 "
                    "(second before them)"},
        {"* * * * * * *", "cron: '* * * * * * *' has not 5 fields (minute hour day month weekday), "
                          "nor 6 (second before them)"},
        {"60 * * * *", "cron: minute: 60 is not from 0 to 59"},
        {"* 24 * * *", "cron: hour: 24 is not from 0 to 23"},
        {"* * 0 * *", "cron: day: 0 is not from 1 to 31"},
        {"* * * 13 *", "cron: month: 13 is not from 1 to 12"},
        {"* * * * 8", "cron: weekday: 8 is not from 0 to 7"},
        {"60 * * * * *", "cron: second: 60 is not from 0 to 59"},
        {"* * * * monday",
         "cron: weekday: 'monday' is neither a number nor a name of three letters"},
        {"* mon * * *", "cron: hour: 'mon' is no number"},
        {"-5 * * * *", "cron: minute: '' is no number"},
        {"5, * * * *", "cron: minute: '' is no number"},
        {"1-x * * * *", "cron: minute: 'x' is no number"},
        {"30-10 * * * *", "cron: minute: '30' begins a range that ends before it"},
        {"* * * * fri-mon", "cron: weekday: 'fri' begins a range that ends before it"},
        {"5/10 * * * *", "cron: minute: '5' is no range, so it cannot have a step"},
        {"*/0 * * * *", "cron: minute: '0' is no step of it"},
        {"*/90 * * * *", "cron: minute: '90' is no step of it"},
        {"*/ * * * *", "cron: minute: '' is no step of it"},
        {"** * * * *", "cron: minute: '**' is no field"},
        {"*-5 * * * *", "cron: minute: '*' is no field"},
        {"1-5-7 * * * *", "cron: minute: '' is too much"},
        {"? * * * *", "cron: minute: '?' is no number"},
        {"99999999999999999999 * * * *", "cron: minute: '99999999999999999999' is no number"},
        {"0 0 30 2 *", "cron: no month of it has such a day: it never runs"},
        {"0 0 31 feb,apr,jun,sep,nov +mon", "cron: no month of it has such a day: it never runs"},
        {"@reboot", "cron: there is no @reboot, but run_at_startup"},
        {"@fortnightly",
         "cron: there is no '@fortnightly', but @yearly, @monthly, @weekly, @daily and @hourly"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bq_cron cron = {.seconds = 42};
        struct barq_error err = {0};
        assert_int_equal(bq_cron_parse(cases[i].expression, &cron, &err), BARQ_ERR_FORMAT);
        assert_string_equal(err.text, cases[i].why);
        assert_int_equal(cron.seconds, 42);
    }

    char longest[BQ_CRON_MAX_BYTES + 2];
    struct bq_cron cron;
    memset(longest, ' ', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    assert_int_equal(bq_cron_parse(longest, &cron, NULL), BARQ_ERR_FORMAT);
}

static void a_schedules_text_is_the_shortest_that_says_the_same(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"30 4 * * 1-5", "30 4 * * mon-fri"},
        {"0 30 4 * * *", "30 4 * * *"},
        {"*/1 * * * *", "* * * * *"},
        {"@weekly", "0 0 * * sun"},
        {"0,15,30,45 * * * *", "*/15 * * * *"},
        {"1,2,3,9 0-23 * jan-mar,dec *", "1-3,9 0-23 * jan-mar,dec *"},
        {"*/30 0 */2 * * *", "0,30 0 */2 * * *"},
        {"0 */5,7 * * *", "0 */5,7 * * *"},
        {"0 0 13 * +5", "0 0 13 * +fri"},
        {"0 0 1-31 * 0-6", "0 0 1-31 * sun-sat"},
        {"0 0 */2 * mon", "0 0 */2 * mon"},
        {"0 0 */3,5 * mon", "0 0 1,4,5,7,10,13,16,19,22,25,28,31 * +mon"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[BQ_CRON_TEXT_BYTES];
        struct bq_cron cron = cron_of(cases[i][0]);
        bq_cron_text(&cron, text);
        assert_string_equal(text, cases[i][1]);
    }
}

/* -- against a slow reference -- */

static uint64_t random_state;

static unsigned next_random(unsigned below)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_state >> 33) % below;
}

/* A field as it was made, value by value. */
struct made {
    bool star;
    bool has[60];
};

static void make_item(char *out, int min, int max, struct made *made)
{
    int first = min + (int)next_random((unsigned)(max - min + 1));
    int last = first + (int)next_random((unsigned)(max - first + 1));
    int step = 1 + (int)next_random((unsigned)max);
    bool star = next_random(4) == 0;

    if (next_random(2)) {
        last = first;
        step = 1;
        sprintf(out + strlen(out), "%d", first);
    } else if (star) {
        first = min;
        last = max;
        step = 1 + (int)next_random(6);
        sprintf(out + strlen(out), "*/%d", step);
    } else {
        sprintf(out + strlen(out), "%d-%d/%d", first, last, step);
    }
    for (int at = first; at <= last; at += step) {
        made->has[at] = true;
    }
}

/* Appends a random field and a space to `out`. */
static struct made make_field(char *out, int min, int max, unsigned stars_in_ten)
{
    struct made made = {.star = false};
    char text[200] = "";

    if (next_random(10) < stars_in_ten) {
        strcpy(text, "*");
        memset(made.has + min, true, (size_t)max + 1 - (size_t)min);
    } else {
        for (unsigned i = 1 + next_random(3); i > 0; i--) {
            make_item(text, min, max, &made);
            sprintf(text + strlen(text), "%s", i > 1 ? "," : "");
        }
    }
    made.star = text[0] == '*';
    sprintf(out + strlen(out), "%s ", text);
    return made;
}

static struct made second, minute, hour, day, month, weekday;
static bool both;

static void make_expression(char *out, bool seconds)
{
    out[0] = '\0';
    if (seconds) {
        second = make_field(out, 0, 59, 3);
    } else {
        second = (struct made){.has = {true}};
    }
    minute = make_field(out, 0, 59, 3);
    hour = make_field(out, 0, 23, 4);
    day = make_field(out, 1, 31, 6);
    month = make_field(out, 1, 12, 8);
    both = next_random(4) == 0;
    sprintf(out + strlen(out), "%s", both ? "+" : "");
    weekday = make_field(out, 0, 6, 6);
}

static bool clock_matches(int64_t clock_s)
{
    struct tm tm;
    time_t seconds = (time_t)clock_s;

    gmtime_r(&seconds, &tm);
    bool a_day = day.has[tm.tm_mday];
    bool a_weekday = weekday.has[tm.tm_wday];
    bool either = !both && !day.star && !weekday.star;
    return second.has[tm.tm_sec] && minute.has[tm.tm_min] && hour.has[tm.tm_hour] &&
           month.has[tm.tm_mon + 1] && (either ? a_day || a_weekday : a_day && a_weekday);
}

static long libc_offset(int64_t at_s)
{
    struct tm tm;
    time_t seconds = (time_t)at_s;

    localtime_r(&seconds, &tm);
    return tm.tm_gmtoff;
}

/* By steps of `step_s`; INT64_MAX: none before `until_s`. What libc says of offsets is asked at each. */
static int64_t slow_next(int64_t after_s, int64_t until_s, int step_s)
{
    int64_t again_until_s = INT64_MIN;

    /* A change back may lie before the start. */
    for (int64_t at_s = after_s - 2 * 86400L; at_s < until_s; at_s += step_s) {
        long offset = libc_offset(at_s);
        long before = libc_offset(at_s - step_s);
        if (offset < before) {
            again_until_s = at_s + before - offset;
        }
        if (offset > before) {
            again_until_s = INT64_MIN;
        }
        if (at_s <= after_s) {
            continue;
        }
        for (int64_t left_out = at_s + before; !hour.star && left_out < at_s + offset;
             left_out += step_s) {
            if (clock_matches(left_out)) {
                return at_s;
            }
        }
        if ((hour.star || at_s >= again_until_s) && clock_matches(at_s + offset)) {
            return at_s;
        }
    }
    return INT64_MAX;
}

/* An instant shortly before a change of the clocks, in whole minutes. */
static int64_t before_a_change(const struct bq_zone *zone, unsigned at_most_s)
{
    struct bq_zone_span span;
    int64_t at_s = 86400LL * 365 * (1 + next_random(60));

    bq_zone_at(zone, at_s, &span);
    if (span.until_s < 4102444800) {
        at_s = span.until_s;
    }
    return (at_s - next_random(at_most_s)) / 60 * 60;
}

static void compare(const char *zone_name, bool seconds, int64_t horizon_s)
{
    char expression[1200];
    struct bq_cron cron;
    const struct bq_zone *zone = zone_of(zone_name);

    make_expression(expression, seconds);
    if (bq_cron_parse(expression, &cron, NULL) != BARQ_OK) {
        return; /* it never runs */
    }
    int64_t after_s = before_a_change(zone, (unsigned)horizon_s);
    int64_t expected_s = slow_next(after_s, after_s + horizon_s, seconds ? 1 : 60);
    int64_t next_ms = bq_cron_next(&cron, zone, after_s * 1000);
    bool good = expected_s == INT64_MAX ? next_ms >= (after_s + horizon_s) * 1000
                                        : next_ms == expected_s * 1000;
    if (!good) {
        fail_msg("'%s' in %s after %lld: %lld, not %lld", expression, zone_name, (long long)after_s,
                 (long long)next_ms / 1000, (long long)expected_s);
    }
}

static const char *const changing[] = {
    "Europe/Berlin",     "America/New_York",  "Australia/Lord_Howe", "Pacific/Apia",
    "America/Sao_Paulo", "Africa/Casablanca", "Antarctica/Troll",    "Europe/Dublin",
    "Asia/Tehran",       "America/Caracas",
};

static void in_zone(const char *name, int times, bool seconds, int64_t horizon_s)
{
    setenv("TZ", name, 1);
    tzset();
    for (int i = 0; i < times; i++) {
        compare(name, seconds, horizon_s);
        bq_arena_reset(&arena);
    }
}

static void the_next_run_is_the_one_that_stepping_by_minutes_finds(void **state)
{
    (void)state;
    random_state = 4;
    for (size_t i = 0; i < COUNT(changing); i++) {
        in_zone(changing[i], 150, false, 4 * INT64_C(86400));
    }
}

static void the_next_run_is_the_one_that_stepping_by_seconds_finds(void **state)
{
    (void)state;
    random_state = 5;
    for (size_t i = 0; i < COUNT(changing); i++) {
        in_zone(changing[i], 4, true, 6 * INT64_C(3600));
    }
}

static void any_schedules_text_is_parsed_to_the_same_schedule(void **state)
{
    (void)state;
    random_state = 6;
    for (int i = 0; i < 20000; i++) {
        char expression[1200];
        char text[BQ_CRON_TEXT_BYTES];
        struct bq_cron cron;
        make_expression(expression, next_random(2));
        if (bq_cron_parse(expression, &cron, NULL) == BARQ_OK) {
            bq_cron_text(&cron, text);
            struct bq_cron again = cron_of(text);
            assert_memory_equal(&again, &cron, sizeof(cron));
        }
    }
}

static void any_bytes_are_a_schedule_or_are_refused(void **state)
{
    (void)state;
    static const char bytes[] = "0123456789*,-/+ @monjanHtues~\t";

    random_state = 7;
    for (int i = 0; i < 200000; i++) {
        char text[60] = "";
        struct bq_cron cron;
        struct barq_error err;
        for (unsigned len = next_random(sizeof(text) - 1), at = 0; at < len; at++) {
            text[at] = bytes[next_random(sizeof(bytes) - 1)];
        }
        if (bq_cron_parse(text, &cron, &err) == BARQ_OK) {
            assert_true(bq_cron_next(&cron, zone_of("UTC"), 0) > 0);
        }
        bq_arena_reset(&arena);
    }
}

static void the_last_run_is_the_one_that_has_none_after_it(void **state)
{
    (void)state;
    static const char *const expressions[] = {
        "* * * * * *", "*/7 * * * *", "0 4 * * *", "0 0 1 1 *", "* * 3 * * mon", "59 59 23 31 12 *",
    };
    const struct bq_zone *zone = zone_of("Europe/Berlin");

    random_state = 8;
    for (size_t i = 0; i < COUNT(expressions); i++) {
        struct bq_cron cron = cron_of(expressions[i]);
        for (int round = 0; round < 50; round++) {
            int64_t before_ms = at("2026-01-01") + (int64_t)next_random(86400 * 365) * 1000;
            int64_t from_ms = before_ms - (int64_t)next_random(86400 * 800) * 1000;
            int64_t last_ms = bq_cron_last(&cron, zone, from_ms, before_ms);
            if (last_ms == INT64_MAX) {
                assert_true(bq_cron_next(&cron, zone, from_ms - 1) >= before_ms);
                continue;
            }
            assert_true(last_ms >= from_ms && last_ms < before_ms);
            assert_int_equal(bq_cron_next(&cron, zone, last_ms - 1), last_ms);
            assert_true(bq_cron_next(&cron, zone, last_ms) >= before_ms);
        }
    }
}

#define CRON_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CRON_TEST(expressions_run_when_crontab_says),
        CRON_TEST(of_day_and_weekday_either_may_match_unless_one_begins_with_a_star),
        CRON_TEST(a_fixed_time_in_a_gap_runs_once_right_after_it),
        CRON_TEST(a_fixed_time_that_is_repeated_runs_the_first_time_only),
        CRON_TEST(a_star_as_the_hour_follows_the_clock),
        CRON_TEST(midnight_that_is_left_out_is_an_hour_later),
        CRON_TEST(arqs_fields_run_as_in_arqs_own_tests),
        CRON_TEST(what_makes_no_sense_is_refused_and_why),
        CRON_TEST(a_schedules_text_is_the_shortest_that_says_the_same),
        CRON_TEST(the_next_run_is_the_one_that_stepping_by_minutes_finds),
        CRON_TEST(the_next_run_is_the_one_that_stepping_by_seconds_finds),
        CRON_TEST(any_schedules_text_is_parsed_to_the_same_schedule),
        CRON_TEST(any_bytes_are_a_schedule_or_are_refused),
        CRON_TEST(the_last_run_is_the_one_that_has_none_after_it),
    };

    return cmocka_run_group_tests_name("cron", tests, NULL, NULL);
}
