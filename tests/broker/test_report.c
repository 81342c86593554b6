#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "broker/report.h"

enum { MAX = BQ_JOB_LOG_MAX_BYTES };

static struct bq_buf kept;

/* What is kept of `log` and `more`. */
static const char *keep(const char *log, const char *more)
{
    bq_buf_clear(&kept);
    bq_buf_init(&kept, MAX + 1);
    bq_report_log(&kept, log, more, strlen(more));
    const char *text = bq_buf_cstr(&kept);
    assert_non_null(text);
    return text;
}

/* `count` bytes of `text` over and over, and a newline; until the next call but one. */
static const char *line_of(const char *text, size_t count)
{
    static char lines[2][3 * MAX];
    static int turn;
    char *line = lines[turn = !turn];

    for (size_t i = 0; i < count; i++) {
        line[i] = text[i % strlen(text)];
    }
    line[count] = '\n';
    line[count + 1] = '\0';
    return line;
}

static void what_fits_is_kept_whole(void **state)
{
    (void)state;
    assert_string_equal(keep(NULL, "one\n"), "one\n");
    assert_string_equal(keep("one\n", "two\n"), "one\ntwo\n");
    assert_string_equal(keep("one\n", ""), "one\n");
    assert_int_equal(strlen(keep(NULL, line_of("a", MAX - 1))), MAX);
    assert_int_equal(strlen(keep("1\n", line_of("a", MAX - 3))), MAX);
}

static void the_oldest_lines_make_room(void **state)
{
    (void)state;
    const char *text = keep("1\n2\n3\n", line_of("a", MAX - 1 - 2));
    assert_true(bq_starts_with(text, "3\na"));
    text = keep("1\n2\n3\n", line_of("a", MAX - 1 - 3));
    assert_true(bq_starts_with(text, "3\na"));
    text = keep("long line\n", line_of("a", MAX - 1 - 3));
    assert_true(bq_starts_with(text, "aaa"));
}

static void a_long_line_makes_room_for_a_short_one(void **state)
{
    (void)state;
    assert_string_equal(keep(line_of("a", MAX - 1), "short\n"), "short\n");
}

static void of_a_line_that_is_too_long_its_end_is_kept(void **state)
{
    (void)state;
    for (size_t longer = 0; longer < 8; longer++) {
        const char *text = keep("x\n", line_of("\xf0\x9f\x98\x80", MAX + longer / 4 * 4));

        assert_in_range(strlen(text), MAX - 4, MAX);
        assert_true(bq_utf8_valid(text, strlen(text)));
        assert_true(bq_ends_with(text, "\n"));
    }
}

static void whatever_comes_it_is_bounded_and_whole_lines(void **state)
{
    (void)state;
    char *log = strdup("");

    for (unsigned i = 0; i < 3000; i++) {
        char head[32];
        const char *line = line_of("ab\xc3\xa9", (size_t)i * 7 % 100 * 4);
        char *more = NULL;

        (void)snprintf(head, sizeof(head), "%u:", i);
        assert_true(asprintf(&more, "%s%s", head, line) > 0);
        const char *text = keep(log, more);
        assert_in_range(strlen(text), 1, MAX);
        assert_true(bq_utf8_valid(text, strlen(text)));
        assert_true(bq_ends_with(text, more));
        assert_int_equal(text[strspn(text, "0123456789")], ':');
        free(log);
        log = strdup(text);
        free(more);
    }
    free(log);
    bq_buf_clear(&kept);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_is_kept_whole),
        cmocka_unit_test(the_oldest_lines_make_room),
        cmocka_unit_test(a_long_line_makes_room_for_a_short_one),
        cmocka_unit_test(of_a_line_that_is_too_long_its_end_is_kept),
        cmocka_unit_test(whatever_comes_it_is_bounded_and_whole_lines),
    };

    return cmocka_run_group_tests_name("broker/report", tests, NULL, NULL);
}
