/*
 * test_output.c - lines out of a pipe, at whose other end anything may be
 * done. The test is both ends.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "executor/output.h"
#include "job/message.h"

enum { MOST_BYTES = 1 << 20, KEY = 77 };

static struct bq_output output;
static int child_fd;

/* What was given out: lines, each ended by a bar; and what was cut of them. */
static char heard[MOST_BYTES];
static size_t heard_bytes;
static size_t lines;
static size_t cut;
static size_t may_hear; /* lines, before the reader is not ready any more */

static bool ready(void *data)
{
    (void)data;
    return lines < may_hear;
}

static void hear(void *data, const struct bq_output_line *line)
{
    (void)data;
    assert_int_equal(line->text[line->len], '\0');
    assert_in_range(line->len, 0, BARQ_LOG_LINE_MAX_BYTES);
    assert_true(heard_bytes + line->len + 1 < sizeof(heard));
    memcpy(heard + heard_bytes, line->text, line->len);
    heard_bytes += line->len;
    heard[heard_bytes++] = '|';
    heard[heard_bytes] = '\0';
    lines++;
    cut += line->cut;
}

static int64_t awaited; /* attempts up to this one have no outcome yet */

static bool awaits(void *data, int64_t attempt)
{
    (void)data;
    return attempt <= awaited;
}

static const struct bq_output_reader reader = {.ready = ready, .line = hear, .awaits = awaits};

static int set_up(void **state)
{
    (void)state;
    heard_bytes = lines = cut = 0;
    heard[0] = '\0';
    may_hear = SIZE_MAX;
    awaited = 0;
    if (bq_output_open(&output, &child_fd, NULL) != BARQ_OK) {
        return -1;
    }
    output.key = KEY;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    bq_output_close(&output);
    bq_fd_drop(&child_fd);
    return 0;
}

static void print(const void *bytes, size_t len)
{
    assert_int_equal(write(child_fd, bytes, len), len);
}

static void print_text(const char *text)
{
    print(text, strlen(text));
}

static void print_mark(int64_t attempt)
{
    char mark[BQ_OUTPUT_MARK_BYTES];

    bq_output_mark(mark, attempt, KEY);
    print_text(mark);
}

static enum bq_output_state read_all(void)
{
    return bq_output_read(&output, MOST_BYTES, &reader);
}

static void lines_are_given_out_whole_and_in_order(void **state)
{
    (void)state;
    assert_int_equal(read_all(), BQ_OUTPUT_EMPTY);
    print_text("one\ntwo\n\nfo");
    assert_int_equal(read_all(), BQ_OUTPUT_EMPTY);
    assert_string_equal(heard, "one|two||");
    print_text("ur\n");
    assert_int_equal(read_all(), BQ_OUTPUT_EMPTY);
    assert_string_equal(heard, "one|two||four|");
}

static void any_bytes_may_be_in_a_line(void **state)
{
    (void)state;
    char bytes[256];
    size_t len = 0;

    for (int i = 0; i < 256; i++) {
        if (i != '\n' && i != '\x1e') {
            bytes[len++] = (char)i;
        }
    }
    print(bytes, len);
    print_text("\n");
    (void)read_all();
    assert_int_equal(lines, 1);
    assert_int_equal(heard_bytes, len + 1);
    assert_memory_equal(heard, bytes, len);
}

static void a_long_line_is_cut_and_the_rest_counted(void **state)
{
    (void)state;
    static char text[BARQ_LOG_LINE_MAX_BYTES + 1000];

    memset(text, 'a', sizeof(text));
    print(text, BARQ_LOG_LINE_MAX_BYTES);
    print_text("\n");
    print(text, sizeof(text));
    print_text("\nnext\n");
    (void)read_all();
    assert_int_equal(lines, 3);
    assert_int_equal(cut, 1000);
    assert_string_equal(heard + heard_bytes - 5, "next|");
}

static void a_line_without_a_newline_is_given_out_at_the_end(void **state)
{
    (void)state;
    print_text("last words");
    (void)read_all();
    assert_string_equal(heard, "");
    bq_output_finish(&output, &reader);
    assert_string_equal(heard, "last words|");
}

static void the_end_does_not_wait_for_a_grandchild(void **state)
{
    (void)state;
    print_text("a\n");
    may_hear = 0;
    bq_output_finish(&output, &reader); /* child_fd is open all the time */
    assert_string_equal(heard, "a|");

    may_hear = SIZE_MAX;
    bq_fd_drop(&child_fd);
    child_fd = -1;
    assert_int_equal(read_all(), BQ_OUTPUT_ENDED);
    assert_int_equal(read_all(), BQ_OUTPUT_ENDED);
}

static void a_flood_is_read_in_bites(void **state)
{
    (void)state;
    static char flood[60000];

    memset(flood, '\n', sizeof(flood));
    print(flood, sizeof(flood));
    assert_int_equal(bq_output_read(&output, BQ_OUTPUT_BITE_BYTES, &reader), BQ_OUTPUT_MORE);
    assert_int_equal(lines, BQ_OUTPUT_BITE_BYTES);
    assert_int_equal(read_all(), BQ_OUTPUT_EMPTY);
    assert_int_equal(lines, sizeof(flood));
}

static void a_flood_without_an_end_has_one_for_us(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        for (;;) {
            (void)!write(child_fd, "flood\n", 6);
        }
    }
    bq_output_read_to(&output, 7, &reader);
    bq_output_finish(&output, &reader);
    kill(pid, SIGKILL);
    assert_in_range(heard_bytes, 0, 2 * (BQ_OUTPUT_DRAIN_BYTES + 8192));
}

static void a_reader_that_is_not_ready_loses_nothing(void **state)
{
    (void)state;
    print_text("one\ntwo\nthree\n");
    may_hear = 1;
    assert_int_equal(read_all(), BQ_OUTPUT_HELD);
    assert_string_equal(heard, "one|");
    assert_int_equal(read_all(), BQ_OUTPUT_HELD);
    may_hear = SIZE_MAX;
    assert_int_equal(read_all(), BQ_OUTPUT_EMPTY);
    assert_string_equal(heard, "one|two|three|");
}

static void what_stands_before_a_mark_is_read_alone(void **state)
{
    (void)state;
    print_text("a1\na2, unended");
    print_mark(1);
    print_text("b1\n");
    print_mark(2);
    print_text("c1\n");
    may_hear = 0; /* the outcome does not wait for the log */
    bq_output_read_to(&output, 1, &reader);
    assert_string_equal(heard, "a1|a2, unended|");
    bq_output_read_to(&output, 2, &reader);
    assert_string_equal(heard, "a1|a2, unended|b1|");
    may_hear = SIZE_MAX;
    (void)read_all();
    assert_string_equal(heard, "a1|a2, unended|b1|c1|");
}

static void what_is_behind_a_mark_waits_for_the_outcome(void **state)
{
    (void)state;
    awaited = 2;
    print_text("a\n");
    print_mark(1);
    print_text("b\n");
    print_mark(2);
    print_text("c\n");
    print_mark(3);
    print_text("d\n");
    assert_int_equal(read_all(), BQ_OUTPUT_HELD);
    assert_int_equal(read_all(), BQ_OUTPUT_HELD);
    assert_string_equal(heard, "a|");
    bq_output_read_to(&output, 1, &reader);
    assert_string_equal(heard, "a|");
    assert_int_equal(read_all(), BQ_OUTPUT_HELD);
    assert_string_equal(heard, "a|b|");
    bq_output_read_to(&output, 2, &reader);
    assert_int_equal(read_all(), BQ_OUTPUT_EMPTY);
    assert_string_equal(heard, "a|b|c|d|");
}

static void what_has_been_read_can_be_ended_early(void **state)
{
    (void)state;
    print_text("a1\na2, unended");
    may_hear = 1;
    assert_int_equal(read_all(), BQ_OUTPUT_HELD);
    print_text("b");
    bq_output_cut(&output, &reader);
    assert_string_equal(heard, "a1|a2, unended|");
    may_hear = SIZE_MAX;
    bq_output_finish(&output, &reader);
    assert_string_equal(heard, "a1|a2, unended|b|");
}

static void a_mark_that_is_not_there_is_not_waited_for(void **state)
{
    (void)state;
    print_text("a\n");
    print_mark(1);
    bq_output_read_to(&output, 5, &reader);
    assert_string_equal(heard, "a|");
}

static void a_line_of_the_log_begins_behind_whatever_was_printed(void **state)
{
    (void)state;
    print_text("unended\x1e"
               "2\tevent\n\x1e"
               "2\tevent 2\nplain\n");
    (void)read_all();
    assert_string_equal(heard, "unended|\x1e"
                               "2\tevent|\x1e"
                               "2\tevent 2|plain|");
}

static void however_it_is_cut_up_it_is_the_same(void **state)
{
    (void)state;
    static const char text[] = "one\n\x1e"
                               "2\ttwo\nth\x1e"
                               "e1 77\n\nfour\x1e\n";

    for (size_t i = 0; i < sizeof(text) - 1; i++) {
        print(text + i, 1);
        (void)read_all();
    }
    assert_string_equal(heard, "one|\x1e"
                               "2\ttwo|th||four|\x1e|");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(lines_are_given_out_whole_and_in_order),
        TEST(any_bytes_may_be_in_a_line),
        TEST(a_long_line_is_cut_and_the_rest_counted),
        TEST(a_line_without_a_newline_is_given_out_at_the_end),
        TEST(the_end_does_not_wait_for_a_grandchild),
        TEST(a_flood_is_read_in_bites),
        TEST(a_flood_without_an_end_has_one_for_us),
        TEST(a_reader_that_is_not_ready_loses_nothing),
        TEST(what_stands_before_a_mark_is_read_alone),
        TEST(what_is_behind_a_mark_waits_for_the_outcome),
        TEST(what_has_been_read_can_be_ended_early),
        TEST(a_mark_that_is_not_there_is_not_waited_for),
        TEST(a_line_of_the_log_begins_behind_whatever_was_printed),
        TEST(however_it_is_cut_up_it_is_the_same),
    };

    return cmocka_run_group_tests_name("executor/output", tests, NULL, NULL);
}
