#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/time.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const int64_t day_ms = 86400000;

static void instants_and_their_texts_agree(void **state)
{
    (void)state;
    static const struct {
        int64_t at_ms;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {951782400000, "2000-02-29T00:00:00.000Z"},
        {1795450387042, "2026-11-23T16:13:07.042Z"},
        {4107542399999, "2100-02-28T23:59:59.999Z"},
        {4107542400000, "2100-03-01T00:00:00.000Z"},
        {-62167219200000, "0000-01-01T00:00:00.000Z"},
        {253402300799999, "9999-12-31T23:59:59.999Z"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[BQ_TIME_TEXT_BYTES];
        int64_t at_ms = 1;
        bq_time_text(cases[i].at_ms, text);
        assert_string_equal(text, cases[i].text);
        assert_true(bq_time_parse(cases[i].text, &at_ms));
        assert_int_equal(at_ms, cases[i].at_ms);
    }
}

static void every_day_of_twelve_centuries_is_what_libc_says(void **state)
{
    (void)state;
    /* The calendar repeats itself after four. */
    for (int64_t day = -146097; day <= 292194; day++) {
        char text[BQ_TIME_TEXT_BYTES];
        char expected[64];
        struct tm tm;
        int64_t at_ms = 1;
        time_t seconds = (time_t)(day * (day_ms / 1000));

        gmtime_r(&seconds, &tm);
        snprintf(expected, sizeof(expected), "%04d-%02d-%02dT00:00:00.000Z", tm.tm_year + 1900,
                 tm.tm_mon + 1, tm.tm_mday);
        bq_time_text(day * day_ms, text);
        if (strcmp(text, expected) != 0 || !bq_time_parse(text, &at_ms) || at_ms != day * day_ms) {
            assert_string_equal(text, expected);
            assert_int_equal(at_ms, day * day_ms);
        }
    }
}

static void what_no_year_can_hold_becomes_the_nearest_that_can(void **state)
{
    (void)state;
    char text[BQ_TIME_TEXT_BYTES];

    bq_time_text(INT64_MAX, text);
    assert_string_equal(text, "9999-12-31T23:59:59.999Z");
    bq_time_text(INT64_MIN, text);
    assert_string_equal(text, "0000-01-01T00:00:00.000Z");
}

static void all_forms_of_an_instant_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t at_ms;
    } cases[] = {
        {"2026-11-23", 1795392000000},
        {"2026-11-23T16:13:07", 1795450387000},
        {"2026-11-23 16:13:07Z", 1795450387000},
        {"2026-11-23t16:13:07z", 1795450387000},
        {"2026-11-23T16:13:07.5Z", 1795450387500},
        {"2026-11-23T16:13:07.0429999999999999999999999999Z", 1795450387042},
        {"2026-11-23T18:13:07+02:00", 1795450387000},
        {"2026-11-23T10:43:07.042-05:30", 1795450387042},
        {"2016-12-31T23:59:60Z", 1483228800000},
        {"2024-02-29", 1709164800000},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t at_ms = 1;
        assert_true(bq_time_parse(cases[i].text, &at_ms));
        assert_int_equal(at_ms, cases[i].at_ms);
    }
}

static void what_is_no_instant_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "now",
        "2026",
        "2026-11",
        "2026-11-2",
        "26-11-23",
        "2026-00-01",
        "2026-13-01",
        "2026-11-00",
        "2026-11-31",
        "2023-02-29",
        "1900-02-29",
        "2026-11-23T",
        "2026-11-23Z",
        "2026-11-23T16:13",
        "2026-11-23T24:00:00Z",
        "2026-11-23T16:60:00Z",
        "2026-11-23T16:13:61Z",
        "2026-11-23T16:13:07.Z",
        "2026-11-23T16:13:07,5Z",
        "2026-11-23T16:13:07+02",
        "2026-11-23T16:13:07+0200",
        "2026-11-23T16:13:07+24:00",
        "2026-11-23T16:13:07 Z",
        "2026-11-23T16:13:07ZZ",
        " 2026-11-23",
        "2026-11-23 ",
        "-026-11-23",
    };

    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t at_ms = 77;
        assert_false(bq_time_parse(bad[i], &at_ms));
        assert_int_equal(at_ms, 77);
    }
}

static void clocks_go_forwards_and_agree(void **state)
{
    (void)state;
    int64_t before_ms = bq_mono_ms();
    int64_t us = bq_mono_us();
    int64_t after_ms = bq_mono_ms();

    assert_true(before_ms <= us / 1000 && us / 1000 <= after_ms);
    int64_t off_ms = bq_wall_ms() - (int64_t)time(NULL) * 1000;
    assert_true(off_ms > -2000 && off_ms < 2000);
}

static void random_bytes_fill_exactly_what_they_should(void **state)
{
    (void)state;
    unsigned char bytes[1002] = {0};
    size_t zeroes = 0;

    bq_random(bytes + 1, 1000);
    bq_random(bytes, 0);
    for (size_t i = 1; i <= 1000; i++) {
        zeroes += bytes[i] == 0;
    }
    /* About four are expected. */
    assert_in_range(zeroes, 0, 50);
    assert_int_equal(bytes[0], 0);
    assert_int_equal(bytes[1001], 0);
}

static void a_uuid_has_the_form_of_version_7(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        char text[BQ_UUID_TEXT_BYTES];
        bq_uuid7(0x0123456789ab, text);
        assert_int_equal(strlen(text), 36);
        assert_memory_equal(text, "01234567-89ab-7", 15);
        assert_int_equal(text[18], '-');
        assert_non_null(strchr("89ab", text[19]));
        assert_int_equal(text[23], '-');
        assert_int_equal(strspn(text, "0123456789abcdef-"), 36);
    }
}

static void a_later_uuid_is_a_greater_one(void **state)
{
    (void)state;
    char before[BQ_UUID_TEXT_BYTES];
    char after[BQ_UUID_TEXT_BYTES];

    for (int64_t now_ms = 1795450387042; now_ms < 1795450387542; now_ms++) {
        bq_uuid7(now_ms, before);
        bq_uuid7(now_ms + 1, after);
        assert_true(strcmp(before, after) < 0);
    }
}

static void uuids_of_one_millisecond_differ(void **state)
{
    (void)state;
    char a[BQ_UUID_TEXT_BYTES];
    char b[BQ_UUID_TEXT_BYTES];

    bq_uuid7(1, a);
    bq_uuid7(1, b);
    assert_string_not_equal(a, b);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants_and_their_texts_agree),
        cmocka_unit_test(every_day_of_twelve_centuries_is_what_libc_says),
        cmocka_unit_test(what_no_year_can_hold_becomes_the_nearest_that_can),
        cmocka_unit_test(all_forms_of_an_instant_are_read),
        cmocka_unit_test(what_is_no_instant_is_refused),
        cmocka_unit_test(clocks_go_forwards_and_agree),
        cmocka_unit_test(random_bytes_fill_exactly_what_they_should),
        cmocka_unit_test(a_uuid_has_the_form_of_version_7),
        cmocka_unit_test(a_later_uuid_is_a_greater_one),
        cmocka_unit_test(uuids_of_one_millisecond_differ),
    };

    return cmocka_run_group_tests_name("base/time", tests, NULL, NULL);
}
