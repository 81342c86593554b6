#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/child.h"
#include "os/frame.h"

enum { MAX_FRAME = 1024 * 1024, MAX_OUT = 4 * 1024 * 1024 };

static struct bq_channel ours;   /* does not wait */
static struct bq_channel theirs; /* on a socket that does, as a child's */

static void open_channels(size_t max_frame, size_t max_out)
{
    int pair[2];

    bq_channel_clear(&ours);
    bq_channel_clear(&theirs);
    assert_int_equal(bq_socket_pair(pair, NULL), BARQ_OK);
    bq_channel_init(&ours, pair[0], max_frame, max_out);
    bq_channel_init(&theirs, pair[1], max_frame, max_out);
}

static int make_channels(void **state)
{
    (void)state;
    open_channels(MAX_FRAME, MAX_OUT);
    return 0;
}

static int clear_channels(void **state)
{
    (void)state;
    bq_channel_clear(&ours);
    bq_channel_clear(&theirs);
    return 0;
}

static enum barq_status put(struct bq_channel *channel, uint8_t type, const void *body, size_t len)
{
    bq_buf_put(bq_channel_begin(channel, type), body, len);
    return bq_channel_end(channel, NULL);
}

/* Flushes what the socket takes; whether something is left. */
static bool flush(struct bq_channel *channel)
{
    bool more = false;

    assert_int_equal(bq_channel_flush(channel, &more, NULL), BARQ_OK);
    return more;
}

static void fill(struct bq_channel *channel)
{
    assert_int_equal(bq_channel_fill(channel, NULL), BARQ_OK);
}

static bool next(struct bq_channel *channel, struct bq_frame *frame)
{
    bool found = false;

    assert_int_equal(bq_channel_next(channel, frame, &found, NULL), BARQ_OK);
    return found;
}

static void assert_next(struct bq_channel *channel, uint8_t type, const char *body)
{
    struct bq_frame frame = {0};

    assert_true(next(channel, &frame));
    assert_int_equal(frame.type, type);
    assert_int_equal(frame.len, strlen(body));
    assert_memory_equal(frame.body, body, frame.len);
}

static void assert_no_next(struct bq_channel *channel)
{
    struct bq_frame frame;

    assert_false(next(channel, &frame));
}

static void frames_arrive_whole_and_in_order(void **state)
{
    (void)state;
    assert_int_equal(put(&ours, 1, "one", 3), BARQ_OK);
    assert_int_equal(put(&ours, 255, "", 0), BARQ_OK);
    assert_int_equal(put(&ours, 0, "three", 5), BARQ_OK);
    assert_false(flush(&ours));

    fill(&theirs);
    assert_next(&theirs, 1, "one");
    assert_next(&theirs, 255, "");
    assert_next(&theirs, 0, "three");
    assert_no_next(&theirs);
    assert_false(theirs.closed);
}

static void the_bytes_are_a_length_a_type_and_a_body(void **state)
{
    (void)state;
    char bytes[16];

    assert_int_equal(put(&ours, 7, "ab", 2), BARQ_OK);
    assert_false(flush(&ours));
    assert_int_equal(recv(theirs.fd, bytes, sizeof(bytes), 0), 7);
    assert_memory_equal(bytes, "\3\0\0\0\7ab", 7);
}

static void nothing_is_sent_before_a_flush(void **state)
{
    (void)state;
    assert_int_equal(put(&ours, 1, "x", 1), BARQ_OK);
    fill(&theirs);
    assert_no_next(&theirs);
}

static void both_sides_can_ask_without_waiting(void **state)
{
    (void)state;
    fill(&ours);
    assert_no_next(&ours);
    fill(&theirs);
    assert_no_next(&theirs);
    assert_false(flush(&theirs));
    assert_false(ours.closed || theirs.closed);
}

static void a_frame_can_come_byte_by_byte(void **state)
{
    (void)state;
    static const char bytes[] = "\4\0\0\0\2abc\1\0\0\0\3";

    for (size_t i = 0; i < sizeof(bytes) - 1; i++) {
        assert_int_equal(send(ours.fd, bytes + i, 1, 0), 1);
        fill(&theirs);
        if (i == 7) {
            assert_next(&theirs, 2, "abc");
        } else if (i == 12) {
            assert_next(&theirs, 3, "");
        }
        assert_no_next(&theirs);
    }
}

static void lengths_out_of_bounds_break_the_channel(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\0\0\0\0\1",
        "\1\0\x10\0\1",
        "\xff\xff\xff\xff\1",
    };

    for (size_t i = 0; i < 3; i++) {
        struct bq_frame frame = {.type = 9};
        bool found = true;
        struct barq_error err;
        open_channels(MAX_FRAME, MAX_OUT);

        assert_int_equal(put(&ours, 1, "good", 4), BARQ_OK);
        assert_false(flush(&ours));
        assert_int_equal(send(ours.fd, bad[i], 5, 0), 5);
        fill(&theirs);
        assert_next(&theirs, 1, "good");
        for (int again = 0; again < 2; again++) {
            assert_int_equal(bq_channel_next(&theirs, &frame, &found, &err), BARQ_ERR_FORMAT);
            assert_int_equal(frame.type, 9);
            assert_true(theirs.closed);
        }
    }
}

static void the_largest_frame_passes_and_one_byte_more_does_not(void **state)
{
    (void)state;
    char body[100];
    struct bq_frame frame;
    struct barq_error err;
    memset(body, 'x', sizeof(body));
    open_channels(sizeof(body), MAX_OUT);

    assert_int_equal(put(&ours, 1, body, sizeof(body) - 1), BARQ_OK);
    bq_buf_put(bq_channel_begin(&ours, 2), body, sizeof(body));
    assert_int_equal(bq_channel_end(&ours, &err), BARQ_ERR_LIMIT);
    assert_int_equal(put(&ours, 3, "after", 5), BARQ_OK);
    assert_false(flush(&ours));

    fill(&theirs);
    assert_true(next(&theirs, &frame));
    assert_int_equal(frame.len, sizeof(body) - 1);
    assert_next(&theirs, 3, "after");
    assert_no_next(&theirs);
}

static void what_waits_to_be_sent_is_bounded(void **state)
{
    (void)state;
    static char body[1000];
    int count = 0;
    open_channels(MAX_FRAME, 10050);

    while (put(&ours, 1, body, sizeof(body)) == BARQ_OK) {
        count++;
    }
    assert_int_equal(count, 10);
    assert_false(flush(&ours));
    assert_int_equal(put(&ours, 1, body, sizeof(body)), BARQ_OK);
}

static void a_frame_that_is_never_ended_is_left_out(void **state)
{
    (void)state;
    bq_buf_puts(bq_channel_begin(&ours, 1), "left out");
    assert_int_equal(put(&ours, 2, "sent", 4), BARQ_OK);
    bq_buf_puts(bq_channel_begin(&ours, 3), "left out, too");
    assert_false(flush(&ours));

    fill(&theirs);
    assert_next(&theirs, 2, "sent");
    assert_no_next(&theirs);
}

/* A body that shows when bytes are lost, doubled or moved. */
static void make_body(char *body, size_t len, size_t seed)
{
    for (size_t i = 0; i < len; i++) {
        body[i] = (char)((i * 31 + seed * 17 + i / 251) & 0xff);
    }
}

static void large_frames_pass_in_pieces(void **state)
{
    (void)state;
    enum { FRAMES = 64, LEN = MAX_FRAME - 1 };
    char *body = malloc(LEN);
    struct bq_frame frame;
    size_t put_count = 0;

    assert_non_null(body);
    for (size_t got = 0; got < FRAMES;) {
        make_body(body, LEN, put_count);
        while (put_count < FRAMES && put(&ours, 1, body, LEN) == BARQ_OK) {
            make_body(body, LEN, ++put_count);
        }
        flush(&ours);
        fill(&theirs);
        while (next(&theirs, &frame)) {
            make_body(body, LEN, got++);
            assert_int_equal(frame.len, LEN);
            assert_int_equal(memcmp(frame.body, body, LEN), 0);
        }
    }
    assert_no_next(&theirs);
    free(body);
}

static void many_small_frames_pass_in_their_order(void **state)
{
    (void)state;
    enum { FRAMES = 300000 };
    int sent = 0;
    struct bq_frame frame;

    for (int got = 0; got < FRAMES;) {
        while (sent < FRAMES && put(&ours, 1, &sent, sizeof(sent)) == BARQ_OK) {
            sent++;
        }
        flush(&ours);
        fill(&theirs);
        while (next(&theirs, &frame)) {
            if (frame.len != sizeof(got) || memcmp(frame.body, &got, sizeof(got)) != 0) {
                fail_msg("frame %d is not what was sent", got);
            }
            got++;
        }
    }
    assert_no_next(&theirs);
}

static void what_is_buffered_stays_bounded_while_nobody_takes_it(void **state)
{
    (void)state;
    enum { MAX = 1000 };
    static char body[MAX - 1];
    struct bq_frame frame;
    int sent = 0;
    int got = 0;
    open_channels(MAX, MAX_OUT);

    while (sent < 3000 && put(&ours, 1, body, sizeof(body)) == BARQ_OK) {
        sent++;
    }
    bool more = flush(&ours);
    for (int i = 0; i < 10; i++) {
        fill(&theirs);
    }
    assert_in_range(theirs.in.len, MAX, MAX + 4 + 64 * 1024);

    while (got < sent) {
        got += next(&theirs, &frame);
        more = more && flush(&ours);
        fill(&theirs);
    }
    assert_int_equal(got, sent);
}

static void the_last_words_are_read_before_the_end(void **state)
{
    (void)state;
    assert_int_equal(put(&theirs, 1, "last words", 10), BARQ_OK);
    assert_int_equal(bq_channel_flush_all(&theirs, NULL), BARQ_OK);
    assert_int_equal(send(theirs.fd, "\4\0\0", 3, 0), 3);
    bq_channel_clear(&theirs);

    fill(&ours);
    fill(&ours);
    assert_true(ours.closed);
    assert_next(&ours, 1, "last words");
    assert_no_next(&ours);
    fill(&ours);
    assert_true(ours.closed);
}

static void writing_to_nobody_is_a_broken_connection(void **state)
{
    (void)state;
    bool more = true;
    struct barq_error err;

    assert_int_equal(put(&theirs, 1, "last words", 10), BARQ_OK);
    assert_false(flush(&theirs));
    bq_channel_clear(&theirs);
    assert_int_equal(put(&ours, 1, "x", 1), BARQ_OK);
    assert_int_equal(bq_channel_flush(&ours, &more, &err), BARQ_ERR_CONN);
    assert_false(more);
    assert_true(ours.closed);

    fill(&ours);
    assert_next(&ours, 1, "last words");
}

static void one_who_leaves_words_unread_has_ended_all_the_same(void **state)
{
    (void)state;
    assert_int_equal(put(&ours, 1, "unread", 6), BARQ_OK);
    assert_false(flush(&ours));
    bq_channel_clear(&theirs);
    for (int i = 0; i < 2; i++) {
        fill(&ours);
    }
    assert_true(ours.closed);
}

static void *read_all(void *frames)
{
    struct pollfd wait = {.fd = ours.fd, .events = POLLIN};
    struct bq_frame frame;

    while (!ours.closed && poll(&wait, 1, 10000) > 0 && bq_channel_fill(&ours, NULL) == BARQ_OK) {
        while (next(&ours, &frame)) {
            *(int *)frames += 1;
        }
    }
    return NULL;
}

static void flushing_all_waits_for_a_slow_reader(void **state)
{
    (void)state;
    enum { FRAMES = 3 };
    static char body[MAX_FRAME - 1];
    pthread_t thread;
    int frames = 0;

    for (int i = 0; i < FRAMES; i++) {
        assert_int_equal(put(&theirs, 1, body, sizeof(body)), BARQ_OK);
    }
    assert_true(flush(&theirs));
    assert_int_equal(pthread_create(&thread, NULL, read_all, &frames), 0);
    assert_int_equal(bq_channel_flush_all(&theirs, NULL), BARQ_OK);
    bq_channel_clear(&theirs);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(frames, FRAMES);
}

static void clearing_takes_null_and_zeroed_and_cleared_ones(void **state)
{
    (void)state;
    struct bq_channel zeroed = {0};

    bq_channel_clear(NULL);
    bq_channel_clear(&zeroed);
    bq_channel_clear(&ours);
    bq_channel_clear(&ours);
    assert_int_equal(ours.fd, -1);
    assert_true(ours.closed);
}

#define frame_test(test) cmocka_unit_test_setup_teardown(test, make_channels, clear_channels)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        frame_test(frames_arrive_whole_and_in_order),
        frame_test(the_bytes_are_a_length_a_type_and_a_body),
        frame_test(nothing_is_sent_before_a_flush),
        frame_test(both_sides_can_ask_without_waiting),
        frame_test(a_frame_can_come_byte_by_byte),
        frame_test(lengths_out_of_bounds_break_the_channel),
        frame_test(the_largest_frame_passes_and_one_byte_more_does_not),
        frame_test(what_waits_to_be_sent_is_bounded),
        frame_test(a_frame_that_is_never_ended_is_left_out),
        frame_test(large_frames_pass_in_pieces),
        frame_test(many_small_frames_pass_in_their_order),
        frame_test(what_is_buffered_stays_bounded_while_nobody_takes_it),
        frame_test(the_last_words_are_read_before_the_end),
        frame_test(writing_to_nobody_is_a_broken_connection),
        frame_test(one_who_leaves_words_unread_has_ended_all_the_same),
        frame_test(flushing_all_waits_for_a_slow_reader),
        frame_test(clearing_takes_null_and_zeroed_and_cleared_ones),
    };

    return cmocka_run_group_tests_name("os/frame", tests, NULL, NULL);
}
