#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/text.h"
#include "base/time.h"

/* Of datagrams, so that what one write(2) has written is one thing to read. */
static int written_fd;
static int our_stderr;
static char line[64 * 1024];

static int catch_stderr(void **state)
{
    (void)state;
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) {
        return -1;
    }
    our_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
    dup2(pair[1], STDERR_FILENO);
    close(pair[1]);
    written_fd = pair[0];
    return 0;
}

static int release_stderr(void **state)
{
    (void)state;
    bq_log_set_level(BQ_LOG_INFO);
    bq_log_set_name("");
    dup2(our_stderr, STDERR_FILENO);
    close(our_stderr);
    close(written_fd);
    return 0;
}

/* The next line without its time and its newline; "" when there is none. */
static const char *next_line(void)
{
    int64_t at_ms;
    ssize_t len = recv(written_fd, line, sizeof(line) - 1, 0);
    if (len < 0) {
        return "";
    }

    assert_true(len > 26);
    assert_int_equal(line[len - 1], '\n');
    line[len - 1] = '\0';
    assert_null(strchr(line, '\n'));
    assert_int_equal(line[24], ' ');
    line[24] = '\0';
    assert_true(bq_time_parse(line, &at_ms));
    return line + 25;
}

static void a_line_has_its_event_and_its_pairs(void **state)
{
    (void)state;
    bq_info("job claimed", bq_str("job", "0193"), bq_int("waited_ms", 12));
    assert_string_equal(next_line(), "info job claimed job=0193 waited_ms=12");
    bq_error("gone");
    assert_string_equal(next_line(), "error gone");
    bq_warn("late", bq_int("by", INT64_MIN));
    assert_string_equal(next_line(), "warn late by=-9223372036854775808");
    assert_string_equal(next_line(), "");
}

static void a_line_is_one_write(void **state)
{
    (void)state;
    bq_info("first", bq_str("a", "b"));
    bq_info("second", bq_str("c", "d"));
    assert_string_equal(next_line(), "info first a=b");
    assert_string_equal(next_line(), "info second c=d");
}

static void the_level_says_what_is_written(void **state)
{
    (void)state;
    bq_debug("unseen");
    assert_string_equal(next_line(), "");

    bq_log_set_level(BQ_LOG_DEBUG);
    bq_debug("seen");
    assert_string_equal(next_line(), "debug seen");

    bq_log_set_level(BQ_LOG_ERROR);
    bq_warn("unseen");
    bq_error("seen");
    assert_string_equal(next_line(), "error seen");
}

static void the_name_goes_in_front_of_the_event(void **state)
{
    (void)state;
    char name[] = "executor 3";

    bq_log_set_name(name);
    name[0] = 'x';
    bq_info("ready", bq_int("pid", 1));
    assert_string_equal(next_line(), "info executor 3: ready pid=1");
}

static void a_value_that_could_be_misread_is_quoted(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *written;
    } cases[] = {
        {"plain", "v=plain"},
        {"sqlite:///a/b?c=d", "v=sqlite:///a/b?c=d"},
        {"caf\xc3\xa9", "v=caf\xc3\xa9"},
        {"", "v=\"\""},
        {NULL, "v=\"\""},
        {"two words", "v=\"two words\""},
        {"a\nb\r\tc", "v=\"a\\nb\\r\\tc\""},
        {"say \"hi\"", "v=\"say \\\"hi\\\"\""},
        {"\"", "v=\"\\\"\""},
        {"back\\slash", "v=\"back\\\\slash\""},
        {"\x1b[31m", "v=\"\\x1b[31m\""},
        {"\x7f", "v=\"\\x7f\""},
        {"bad\xff\xc3", "v=\"bad\\xff\\xc3\""},
        {"\xc0\xaf", "v=\"\\xc0\\xaf\""},
        {"\xc2\x9b", "v=\"\\xc2\\x9b\""},
        {"\xe2\x80\xa8", "v=\"\\xe2\\x80\\xa8\""},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bq_info("x", bq_str("v", cases[i].text));
        const char *got = next_line();
        assert_true(bq_starts_with(got, "info x "));
        assert_string_equal(got + 7, cases[i].written);
    }
}

static void an_event_stays_one_line(void **state)
{
    (void)state;
    bq_error("it said \"no\"\nand left", bq_int("n", 1));
    assert_string_equal(next_line(), "error it said \"no\"\\nand left n=1");
}

static void a_long_line_is_cut_between_characters_and_says_so(void **state)
{
    (void)state;
    static char text[10001];

    for (size_t shift = 0; shift < 4; shift++) {
        memset(text, 'a', shift);
        for (size_t i = shift; i + 4 < sizeof(text); i += 4) {
            memcpy(text + i, "\xf0\x9f\x98\x80", 5);
        }
        bq_info("long", bq_str("v", text), bq_str("after", "x"));
        const char *got = next_line();
        assert_true(bq_ends_with(got, "..."));
        assert_in_range(strlen(got), 0, 4096 - 26);
        assert_true(bq_utf8_valid(got, strlen(got)));
        assert_null(strstr(got, "after"));
    }
}

static void no_escape_is_cut(void **state)
{
    (void)state;
    static char text[10001];

    for (size_t shift = 0; shift < 4; shift++) {
        memset(text, 'a', shift);
        memset(text + shift, '\x01', sizeof(text) - shift - 1);
        bq_info("long", bq_str("v", text));
        const char *got = next_line();
        assert_in_range(strlen(got), 4096 - 26 - 8, 4096 - 26);
        assert_true(bq_ends_with(got, "\\x01\"..."));
    }
}

static void errno_is_left_alone(void **state)
{
    (void)state;
    close(STDERR_FILENO);
    errno = EBADMSG;
    bq_error("nobody reads this");
    assert_int_equal(errno, EBADMSG);
    /* For release_stderr(), and so that nothing else becomes descriptor 2. */
    dup2(our_stderr, STDERR_FILENO);
}

#define log_test(test) cmocka_unit_test_setup_teardown(test, catch_stderr, release_stderr)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        log_test(a_line_has_its_event_and_its_pairs),
        log_test(a_line_is_one_write),
        log_test(the_level_says_what_is_written),
        log_test(the_name_goes_in_front_of_the_event),
        log_test(a_value_that_could_be_misread_is_quoted),
        log_test(an_event_stays_one_line),
        log_test(a_long_line_is_cut_between_characters_and_says_so),
        log_test(no_escape_is_cut),
        log_test(errno_is_left_alone),
    };

    return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
