#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "codec/codec.h"

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
    bq_log_set_format(BQ_LOG_TEXT);
    dup2(our_stderr, STDERR_FILENO);
    close(our_stderr);
    close(written_fd);
    return 0;
}

/* The next line without its newline; "" when there is none. */
static char *next_raw_line(void)
{
    ssize_t len = recv(written_fd, line, sizeof(line) - 1, 0);

    line[len > 0 ? len : 0] = '\0';
    if (len > 0) {
        assert_in_range(len, 1, BQ_LOG_LINE_BYTES);
        assert_int_equal(line[len - 1], '\n');
        line[len - 1] = '\0';
        assert_null(strchr(line, '\n'));
    }
    return line;
}

/* The next line without its time, too. */
static const char *next_line(void)
{
    int64_t at_ms;

    if (*next_raw_line() == '\0') {
        return "";
    }
    assert_true(strlen(line) > 25);
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
    bq_log_write_as("executor 3", BQ_LOG_INFO, "ready", BQ_LOG_PAIRS(bq_int("pid", 1)));
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

static void a_value_that_just_fits_leaves_no_room_behind_it(void **state)
{
    (void)state;
    static char text[5000];

    for (size_t len = 4000; len < 4096; len++) {
        memset(text, 'a', len);
        text[0] = ' ';
        bq_info("long", bq_str("v", text), bq_str("after", "x"), bq_int("n", 1));
        const char *got = next_line();
        assert_true(bq_ends_with(got, "...") || bq_ends_with(got, "after=x n=1"));
    }
}

/* The next line, which is one JSON object; in `arena`. */
static const struct barq_value *next_object(struct barq_arena *arena)
{
    struct barq_value *object = NULL;
    struct barq_error err;
    const char *text = next_raw_line();

    if (bq_codec_json.decode(arena, text, strlen(text), &object, &err) != BARQ_OK) {
        fail_msg("%s: %s", err.text, text);
    }
    assert_int_equal(barq_kind(object), BARQ_MAP);
    return object;
}

static const char *text_at(const struct barq_value *object, const char *key)
{
    return barq_as_string(barq_get(object, key), "<none>");
}

static void in_json_a_line_is_an_object_with_typed_pairs(void **state)
{
    (void)state;
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, sizeof(line));
    bq_log_set_format(BQ_LOG_JSON);
    bq_log_write_as("executor 3", BQ_LOG_WARN, "job \"claimed\"\n",
                    BQ_LOG_PAIRS(bq_str("job", "a\tb\\"), bq_int("waited_ms", INT64_MIN),
                                 bq_str("none", NULL)));

    const struct barq_value *object = next_object(&arena);
    int64_t at_ms;
    assert_true(bq_time_parse(text_at(object, "time"), &at_ms));
    assert_string_equal(text_at(object, "level"), "warn");
    assert_string_equal(text_at(object, "process"), "executor 3");
    assert_string_equal(text_at(object, "event"), "job \"claimed\"\n");
    assert_string_equal(text_at(object, "job"), "a\tb\\");
    assert_string_equal(text_at(object, "none"), "");
    assert_int_equal(barq_as_int(barq_get(object, "waited_ms"), 0), INT64_MIN);
}

static void in_json_any_bytes_are_valid(void **state)
{
    (void)state;
    bq_log_set_format(BQ_LOG_JSON);
    for (int first = 1; first < 256; first++) {
        for (int second = 1; second < 256; second++) {
            const char text[] = {(char)first, (char)second, '\0'};
            bq_auto(arena) struct barq_arena arena;
            bq_arena_init(&arena, sizeof(line));

            bq_info(text, bq_str("v", text));
            const char *read = text_at(next_object(&arena), "v");
            assert_true(!bq_utf8_valid(text, 2) || strcmp(read, text) == 0);
        }
    }
}

static void in_json_a_cut_line_is_still_an_object(void **state)
{
    (void)state;
    static char text[5000];

    bq_log_set_format(BQ_LOG_JSON);
    for (size_t len = 3900; len < 4100; len++) {
        bq_auto(arena) struct barq_arena arena;
        bq_arena_init(&arena, sizeof(line));
        memset(text, '"', len / 2);
        memset(text + len / 2, 0, sizeof(text) - len / 2);
        memset(text, 'a', len & 1);

        bq_info("long", bq_str("v", text), bq_int("n", 7), bq_str("after", "x"));
        const struct barq_value *object = next_object(&arena);
        bool whole = strcmp(text_at(object, "after"), "x") == 0;
        assert_int_equal(barq_as_bool(barq_get(object, "cut"), false), !whole);
        assert_true(!whole || strcmp(text_at(object, "v"), text) == 0);
    }
}

static void a_relayed_line_is_written_as_if_it_were_ours(void **state)
{
    (void)state;
    static const enum bq_log_format formats[] = {BQ_LOG_TEXT, BQ_LOG_JSON};
    static char relayed[sizeof(line)];
    static char expected[sizeof(line)];

    for (size_t i = 0; i < 2; i++) {
        bq_log_set_format(BQ_LOG_RELAYED);
        bq_error("a\tb \"c\" \\n", bq_str("job", "x=1\n\t#\xff"), bq_int("n", -5), bq_str("e", ""));
        (void)snprintf(relayed, sizeof(relayed), "%s", next_raw_line());
        assert_int_equal(relayed[0], BQ_LOG_RELAY_MARK);

        bq_log_set_format(formats[i]);
        bq_log_write_as(
            "executor 7", BQ_LOG_ERROR, "a\tb \"c\" \\n",
            BQ_LOG_PAIRS(bq_str("job", "x=1\n\t#\xff"), bq_int("n", -5), bq_str("e", "")));
        (void)snprintf(expected, sizeof(expected), "%s", next_raw_line());
        assert_true(bq_log_relay("executor 7", relayed));
        size_t after_time = formats[i] == BQ_LOG_JSON ? 34 : 24;
        assert_string_equal(next_raw_line() + after_time, expected + after_time);
    }
}

static void what_is_no_relayed_line_is_not_written(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "hello",
        "\x1e",
        "\x1e"
        "2",
        "\x1e"
        "4\tx",
        "\x1e"
        "2x",
        "\x1e"
        "2\tx\tno pair",
        "\x1e"
        "2\tx\t=v",
        "\x1e"
        "2\tx\tn#a",
        "\x1e"
        "2\tx\ta\"b=1",
        "\x1e"
        "2\tx\tKEY=1",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char copy[64];

        (void)snprintf(copy, sizeof(copy), "%s", bad[i]);
        assert_false(bq_log_relay("executor 1", copy));
        assert_string_equal(next_raw_line(), "");
    }
}

static void output_stands_behind_a_bar(void **state)
{
    (void)state;
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, sizeof(line));

    bq_log_output("executor 2", "0193", "say \"hi\" \\o/ \x1b[0m");
    assert_string_equal(next_line(), "info executor 2: job=0193 | say \"hi\" \\o/ \\x1b[0m");
    bq_log_output("executor 2", NULL, "");
    assert_string_equal(next_line(), "info executor 2: | ");

    bq_log_set_format(BQ_LOG_JSON);
    bq_log_output("executor 2", "0193", "say \"hi\"");
    const struct barq_value *object = next_object(&arena);
    assert_string_equal(text_at(object, "event"), "output");
    assert_string_equal(text_at(object, "job"), "0193");
    assert_string_equal(text_at(object, "output"), "say \"hi\"");
    bq_log_output("executor 2", NULL, "");
    assert_null(barq_get(next_object(&arena), "job"));
}

static void held_lines_are_written_together_and_in_their_order(void **state)
{
    (void)state;
    struct bq_log_held held;

    bq_log_hold(&held, BQ_LOG_PATIENT);
    bq_info("one");
    bq_info("two");
    assert_int_equal(recv(written_fd, line, sizeof(line), 0), -1);
    bq_log_flush();
    ssize_t len = recv(written_fd, line, sizeof(line), 0);
    assert_true(len > 0);
    assert_non_null(memmem(line, (size_t)len, "info one\n", 9));
    assert_true(memcmp(line + len - 9, "info two\n", 9) == 0);
    bq_log_flush();
    assert_int_equal(recv(written_fd, line, sizeof(line), 0), -1);

    bq_info("three");
    bq_warn("four"); /* does not wait */
    len = recv(written_fd, line, sizeof(line), 0);
    assert_non_null(memmem(line, (size_t)len, "info three\n", 11));
    assert_non_null(memmem(line, (size_t)len, "warn four\n", 10));

    bq_info("five");
    bq_log_hold(NULL, BQ_LOG_PATIENT);
    assert_string_equal(next_line(), "info five");
    bq_info("six");
    assert_string_equal(next_line(), "info six");
}

/* All that is in a pipe, which is empty then. */
static size_t read_all(int fd, char *out, size_t max)
{
    size_t len = 0;
    ssize_t got = 1;

    while (got > 0 && len < max - 1) {
        got = read(fd, out + len, max - 1 - len);
        len += got > 0 ? (size_t)got : 0;
    }
    out[len] = '\0';
    return len;
}

static void held_lines_that_nobody_reads_are_left_out_and_counted(void **state)
{
    (void)state;
    static char text[128 * 1024];
    struct bq_log_held held;
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    assert_int_equal(fcntl(ends[1], F_SETFL, 0), 0); /* a log's own end waits */
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    bq_log_hold(&held, 1);
    for (int i = 0; i < 2000; i++) {
        bq_warn("there is nobody who reads this line", bq_int("number", i));
    }
    size_t len = read_all(ends[0], text, sizeof(text));
    assert_int_equal(text[len - 1], '\n');
    int written = 0;
    for (const char *at = strchr(text, '\n'); at; at = strchr(at + 1, '\n')) {
        written++;
    }
    assert_in_range(written, 1, 1999);

    bq_info("somebody reads again");
    bq_log_hold(NULL, BQ_LOG_PATIENT);
    (void)read_all(ends[0], text, sizeof(text));
    char told[128];
    (void)snprintf(
        told, sizeof(told),
        " warn lines are left out of this log, since it is not read fast enough lines=%d\n",
        2000 - written);
    assert_non_null(strstr(text, told));
    assert_non_null(strstr(text, "info somebody reads again\n"));
    assert_null(strstr(text, "nobody who reads"));
    close(ends[0]);
}

static void no_more_is_held_than_a_pipe_takes_whole(void **state)
{
    (void)state;
    struct bq_log_held held;
    int lines = 0;
    ssize_t len;

    bq_log_hold(&held, BQ_LOG_PATIENT);
    for (int i = 0; i < 200; i++) {
        bq_info("a line of some length", bq_int("number", i));
    }
    bq_log_hold(NULL, BQ_LOG_PATIENT);
    while ((len = recv(written_fd, line, sizeof(line), 0)) > 0) {
        assert_in_range(len, 1, BQ_LOG_LINE_BYTES);
        assert_int_equal(line[len - 1], '\n');
        for (ssize_t i = 0; i < len; i++) {
            lines += line[i] == '\n';
        }
    }
    assert_int_equal(lines, 200);
}

static void text_is_cleaned_for_a_log(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        const char *clean;
    } cases[] = {
        {"", 0, ""},
        {"a\tb \"\\\xc3\xa9", 8, "a\tb \"\\\xc3\xa9"},
        {"a\0b\n\x1b[0m\x7f", 9, "a\\x00b\\x0a\\x1b[0m\\x7f"},
        {"\xff\xc3", 2, "\\xff\\xc3"},
        {"\xc2\x9b", 2, "\\xc2\\x9b"},
    };
    char out[64];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(bq_log_clean(cases[i].text, cases[i].len, out, sizeof(out)), cases[i].len);
        assert_string_equal(out, cases[i].clean);
    }
    for (size_t room = 1; room < 12; room++) {
        size_t done = bq_log_clean("a\xc3\xa9\x01z", 5, out, room);
        assert_in_range(strlen(out), 0, room - 1);
        assert_true(bq_utf8_valid(out, strlen(out)));
        assert_int_equal(done, room < 2 ? 0 : room < 4 ? 1 : room < 8 ? 3 : room < 9 ? 4 : 5);
    }
}

static void a_log_that_nobody_reads_is_not_ready(void **state)
{
    (void)state;
    static char text[3000];

    assert_true(bq_log_ready());
    memset(text, 'a', sizeof(text) - 1);
    assert_int_equal(fcntl(STDERR_FILENO, F_SETFL, O_NONBLOCK), 0);
    for (int i = 0; bq_log_ready() && i < 10000; i++) {
        bq_info("filling", bq_str("text", text));
    }
    assert_false(bq_log_ready());
    while (*next_raw_line() != '\0') {
    }
    assert_true(bq_log_ready());
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
        log_test(a_value_that_just_fits_leaves_no_room_behind_it),
        log_test(in_json_a_line_is_an_object_with_typed_pairs),
        log_test(in_json_any_bytes_are_valid),
        log_test(in_json_a_cut_line_is_still_an_object),
        log_test(a_relayed_line_is_written_as_if_it_were_ours),
        log_test(what_is_no_relayed_line_is_not_written),
        log_test(output_stands_behind_a_bar),
        log_test(held_lines_are_written_together_and_in_their_order),
        log_test(held_lines_that_nobody_reads_are_left_out_and_counted),
        log_test(no_more_is_held_than_a_pipe_takes_whole),
        log_test(text_is_cleaned_for_a_log),
        log_test(a_log_that_nobody_reads_is_not_ready),
        log_test(errno_is_left_alone),
    };

    return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
