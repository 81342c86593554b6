#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void percent_escapes_are_decoded_in_place(void **state)
{
    (void)state;
    char text[] = "a%41%2f%2F%c3%A9%25zz";

    assert_true(bq_percent_decode(text));
    assert_string_equal(text, "aA//\xc3\xa9%zz");
}

static void broken_escapes_and_nul_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"%", "a%", "%4", "%zz", "%4g", "%g4", "%00", "ok%0", "%%41"};

    for (size_t i = 0; i < COUNT(bad); i++) {
        char text[16];
        memcpy(text, bad[i], strlen(bad[i]) + 1);
        assert_false(bq_percent_decode(text));
    }
}

static void valid_utf8_is_valid_at_any_place(void **state)
{
    (void)state;
    static const char *const good[] = {
        "a",
        "\xc2\x80",         /* U+0080 */
        "\xdf\xbf",         /* U+07FF */
        "\xe0\xa0\x80",     /* U+0800 */
        "\xed\x9f\xbf",     /* U+D7FF, the last before the surrogates */
        "\xee\x80\x80",     /* U+E000, the first after */
        "\xef\xbf\xbf",     /* U+FFFF */
        "\xf0\x90\x80\x80", /* U+10000 */
        "\xf4\x8f\xbf\xbf", /* U+10FFFF */
    };

    assert_true(bq_utf8_valid("", 0));
    assert_true(bq_utf8_valid(NULL, 0));
    assert_true(bq_utf8_valid("a\0b", 3));
    for (size_t i = 0; i < COUNT(good); i++) {
        for (size_t before = 0; before < 18; before++) {
            char text[40];
            memset(text, 'x', sizeof(text));
            memcpy(text + before, good[i], strlen(good[i]));
            assert_true(bq_utf8_valid(text, sizeof(text)));
            assert_true(bq_utf8_valid(text, before + strlen(good[i])));
        }
    }
}

static void what_rfc_3629_forbids_is_invalid_at_any_place(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\x80",             /* continues nothing */
        "\xc3",             /* ends in the middle */
        "\xe2\x82",         /* so does this */
        "\xf0\x9f\x98",     /* and this */
        "\xc3g",            /* is not continued */
        "\xe2\x82g",        /* nor this */
        "\xf0\x9f\x98g",    /* nor this */
        "\xc0\x80",         /* an overlong NUL */
        "\xc0\xaf",         /* an overlong slash */
        "\xc1\xbf",         /* overlong */
        "\xe0\x9f\xbf",     /* overlong */
        "\xf0\x8f\xbf\xbf", /* overlong */
        "\xed\xa0\x80",     /* a surrogate */
        "\xed\xbf\xbf",     /* the last one */
        "\xf4\x90\x80\x80", /* U+110000 */
        "\xf5\x80\x80\x80", /* above */
        "\xf8\x88\x80\x80\x80",
        "\xfe",
        "\xff",
    };

    for (size_t i = 0; i < COUNT(bad); i++) {
        for (size_t before = 0; before < 18; before++) {
            char text[40];
            memset(text, 'x', sizeof(text));
            memcpy(text + before, bad[i], strlen(bad[i]));
            assert_false(bq_utf8_valid(text, sizeof(text)));
            assert_false(bq_utf8_valid(text, before + strlen(bad[i])));
        }
    }
}

static void a_cut_falls_between_characters(void **state)
{
    (void)state;
    static const char text[] = "a\xc3\xa9\xf0\x9f\x98\x80z"; /* of 1, 2, 4 and 1 bytes */
    static const size_t cuts[] = {0, 1, 1, 3, 3, 3, 3, 7, 8, 8};

    for (size_t max = 0; max < COUNT(cuts); max++) {
        assert_int_equal(bq_utf8_cut(text, 8, max), cuts[max]);
    }
}

static void what_is_no_utf8_is_cut_anywhere(void **state)
{
    (void)state;
    assert_int_equal(bq_utf8_cut("\x80\x80\x80\x80\x80\x80\x80\x80", 8, 6), 6);
    assert_int_equal(bq_utf8_cut("\x80\x80\x80", 3, 1), 1);
}

static void whole_numbers_are_read_to_the_last(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t number;
    } good[] = {
        {"0", 0},
        {"-0", 0},
        {"007", 7},
        {"-42", -42},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
    };

    for (size_t i = 0; i < COUNT(good); i++) {
        int64_t number = 1;
        assert_true(bq_parse_int(good[i].text, &number));
        assert_int_equal(number, good[i].number);
    }
}

static void what_is_no_whole_number_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "-",
        "+1",
        " 1",
        "1 ",
        "1a",
        "0x10",
        "1.0",
        "1e3",
        "--1",
        "1-",
        "\xd9\xa1",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999999",
    };

    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t number = 77;
        assert_false(bq_parse_int(bad[i], &number));
        assert_int_equal(number, 77);
    }
}

static void seconds_become_milliseconds_rounded_up(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {
        {"30", 30000},  {"0", 0},         {"0.5", 500},
        {"1.25", 1250}, {"0.001", 1},     {"0.0001", 1},
        {"0.0000", 0},  {"1.9999", 2000}, {"9223372036854775.807", INT64_MAX},
    };

    for (size_t i = 0; i < COUNT(good); i++) {
        int64_t ms = -1;
        assert_true(bq_parse_seconds_ms(good[i].text, &ms));
        assert_int_equal(ms, good[i].ms);
    }
}

static void what_are_no_seconds_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        ".",
        "1.",
        ".5",
        "-1",
        "-0.5",
        "1,5",
        "1s",
        "1.5s",
        "1.5.5",
        "inf",
        "nan",
        "1e3",
        "9223372036854775.808",
        "9223372036854775807",
        "9223372036854775808",
    };

    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t ms = 77;
        assert_false(bq_parse_seconds_ms(bad[i], &ms));
        assert_int_equal(ms, 77);
    }
}

static void beginnings_and_ends_are_found(void **state)
{
    (void)state;
    assert_true(bq_starts_with("barq:queue", "barq:"));
    assert_true(bq_starts_with("barq", ""));
    assert_false(bq_starts_with("bar", "barq"));
    assert_true(bq_ends_with("jobs.db", ".db"));
    assert_true(bq_ends_with("jobs.db", ""));
    assert_false(bq_ends_with("db", "jobs.db"));
    assert_false(bq_ends_with("jobs.db-wal", ".db"));
}

static void case_is_ignored_in_ascii_alone(void **state)
{
    (void)state;
    assert_true(bq_equal_nocase("Content-Type", "cONTENT-tYPE"));
    assert_true(bq_equal_nocase("", ""));
    assert_false(bq_equal_nocase("a", "ab"));
    assert_false(bq_equal_nocase("ab", "a"));
    assert_false(bq_equal_nocase("@", "`"));
    assert_false(bq_equal_nocase("[", "{"));
    assert_false(bq_equal_nocase("\xc3\x89", "\xc3\xa9"));
}

static void the_hash_is_fnv_1a(void **state)
{
    (void)state;
    assert_true(bq_hash("", 0) == 0xcbf29ce484222325U);
    assert_true(bq_hash("a", 1) == 0xaf63dc4c8601ec8cU);
    assert_true(bq_hash("foobar", 6) == 0x85944171f73967e8U);
}

static void bytes_are_written_as_hexadecimal(void **state)
{
    (void)state;
    char text[9] = "x";

    bq_hex(NULL, 0, text);
    assert_string_equal(text, "");
    bq_hex("\x00\x7f\x80\xff", 4, text);
    assert_string_equal(text, "007f80ff");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(percent_escapes_are_decoded_in_place),
        cmocka_unit_test(broken_escapes_and_nul_are_refused),
        cmocka_unit_test(valid_utf8_is_valid_at_any_place),
        cmocka_unit_test(what_rfc_3629_forbids_is_invalid_at_any_place),
        cmocka_unit_test(a_cut_falls_between_characters),
        cmocka_unit_test(what_is_no_utf8_is_cut_anywhere),
        cmocka_unit_test(whole_numbers_are_read_to_the_last),
        cmocka_unit_test(what_is_no_whole_number_is_refused),
        cmocka_unit_test(seconds_become_milliseconds_rounded_up),
        cmocka_unit_test(what_are_no_seconds_is_refused),
        cmocka_unit_test(beginnings_and_ends_are_found),
        cmocka_unit_test(case_is_ignored_in_ascii_alone),
        cmocka_unit_test(the_hash_is_fnv_1a),
        cmocka_unit_test(bytes_are_written_as_hexadecimal),
    };

    return cmocka_run_group_tests_name("base/text", tests, NULL, NULL);
}
