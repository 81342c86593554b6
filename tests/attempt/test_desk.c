/*
 * test_desk.c - the mailbox between an executor's loop and its thread. Here
 * the test plays the loop, and another thread of it the one that runs jobs.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "attempt/desk.h"
#include "base/time.h"
#include "session/session.h"
#include "support/folder.h"

enum { DEADLINE_MS = 20000, LIMIT_BYTES = 64 * 1024 };

static struct bq_desk desk;
static struct bq_buf body;

static int set_up(void **state)
{
    bq_buf_init(&body, LIMIT_BYTES);
    return folder_make(state) == 0 && bq_desk_init(&desk, LIMIT_BYTES, NULL) == BARQ_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    bq_desk_clear(&desk);
    bq_buf_clear(&body);
    return folder_remove(state);
}

static bool readable(int fd, int64_t timeout_ms)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};

    return poll(&wait, 1, (int)timeout_ms) == 1;
}

static void give(int64_t attempt)
{
    assert_true(bq_desk_give(&desk, BQ_MSG_RUN, attempt, "job", 3));
}

static void post(const char *text, bool ring)
{
    bq_auto(buf) struct bq_buf said;

    bq_buf_init(&said, LIMIT_BYTES);
    bq_buf_puts(&said, text);
    bq_desk_post(&desk, BQ_MSG_STARTED, &said, ring);
}

/* What the thread has said since, as the loop gets it. */
static size_t collect(char *text, size_t size)
{
    bq_auto(buf) struct bq_buf out;
    size_t used = 0;

    bq_buf_init(&out, LIMIT_BYTES);
    bq_desk_collect(&desk, &out);
    struct bq_reader in = bq_reader_of(out.data, out.len);
    while (in.at != in.end) {
        size_t len;
        assert_int_equal(bq_read_u8(&in), BQ_MSG_STARTED);
        const char *said = bq_read_block(&in, &len);
        assert_true(used + len < size);
        memcpy(text + used, said, len);
        used += len;
    }
    text[used] = '\0';
    return used;
}

/* -- a thread that does one thing, once the test lets it -- */

struct helper {
    pthread_t thread;
    void *(*main)(void *helper);
    uint8_t reply_type;
    int64_t count;
};

static void start(struct helper *helper)
{
    assert_int_equal(pthread_create(&helper->thread, NULL, helper->main, helper), 0);
}

static void join(struct helper *helper)
{
    assert_int_equal(pthread_join(helper->thread, NULL), 0);
}

static void *wait_for_reply(void *data)
{
    struct helper *helper = data;

    helper->count = bq_desk_await(&desk, helper->reply_type);
    return NULL;
}

static void *say_and_flush(void *data)
{
    struct helper *helper = data;

    post("first", false);
    post("second", false);
    bq_desk_flush(&desk);
    helper->count = 1;
    return NULL;
}

static void *take(void *data)
{
    struct helper *helper = data;

    helper->reply_type = bq_desk_take(&desk, &body);
    return NULL;
}

/* -- work -- */

static void what_is_given_is_taken_whole(void **state)
{
    (void)state;

    give(1);
    assert_int_equal(bq_desk_take(&desk, &body), BQ_MSG_RUN);
    assert_int_equal(body.len, 3);
    assert_memory_equal(body.data, "job", 3);
}

static void the_thread_waits_for_work(void **state)
{
    (void)state;
    struct helper taker = {.main = take};

    start(&taker);
    give(1);
    join(&taker);
    assert_int_equal(taker.reply_type, BQ_MSG_RUN);
}

static void only_one_thing_can_be_given_at_a_time(void **state)
{
    (void)state;

    give(1);
    assert_false(bq_desk_give(&desk, BQ_MSG_RUN, 2, "other", 5));
    assert_int_equal(bq_desk_take(&desk, &body), BQ_MSG_RUN);
    assert_memory_equal(body.data, "job", 3);
    give(2);
}

static void what_is_larger_than_the_limit_is_not_taken(void **state)
{
    (void)state;
    static const char large[LIMIT_BYTES + 1];

    assert_false(bq_desk_give(&desk, BQ_MSG_RUN, 1, large, sizeof(large)));
    give(1);
}

static void a_stop_comes_after_the_work_that_was_given(void **state)
{
    (void)state;

    give(1);
    bq_desk_stop(&desk);
    assert_int_equal(bq_desk_take(&desk, &body), BQ_MSG_RUN);
    assert_int_equal(bq_desk_take(&desk, &body), BQ_MSG_STOP);
}

static void a_stop_leaves_the_attempt_under_way_alone(void **state)
{
    (void)state;
    struct helper waiter = {.main = wait_for_reply, .reply_type = BQ_MSG_RELAYED};

    give(1);
    assert_int_equal(bq_desk_take(&desk, &body), BQ_MSG_RUN);
    bq_desk_cancel(&desk, 1, BQ_CANCEL_SHUTDOWN);
    bq_desk_stop(&desk);
    assert_int_equal(atomic_load(&desk.cancel), BQ_CANCEL_SHUTDOWN);

    start(&waiter);
    bq_desk_reply(&desk, BQ_MSG_RELAYED, 1, 3);
    join(&waiter);
    assert_int_equal(waiter.count, 3);
    /* on_shutdown is not told to stop. */
    assert_int_equal(bq_desk_take(&desk, &body), BQ_MSG_STOP);
    assert_int_equal(atomic_load(&desk.cancel), BQ_CANCEL_NONE);
    assert_false(readable(desk.cancel_fd, 0));
}

/* -- cancels -- */

static void a_cancel_is_a_flag_and_a_readable_descriptor(void **state)
{
    (void)state;

    give(1);
    assert_false(readable(desk.cancel_fd, 0));
    bq_desk_cancel(&desk, 1, BQ_CANCEL_ABORT);
    assert_int_equal(atomic_load(&desk.cancel), BQ_CANCEL_ABORT);
    assert_true(readable(desk.cancel_fd, 0));
    bq_desk_cancel(&desk, 1, BQ_CANCEL_TIMEOUT);
    assert_int_equal(atomic_load(&desk.cancel), BQ_CANCEL_ABORT);
}

static void the_next_job_is_not_told_to_stop(void **state)
{
    (void)state;

    give(1);
    assert_int_equal(bq_desk_take(&desk, &body), BQ_MSG_RUN);
    bq_desk_cancel(&desk, 1, BQ_CANCEL_ABORT);
    give(2);
    assert_int_equal(atomic_load(&desk.cancel), BQ_CANCEL_NONE);
    assert_false(readable(desk.cancel_fd, 0));
    bq_desk_cancel(&desk, 1, BQ_CANCEL_ABORT);
    assert_int_equal(atomic_load(&desk.cancel), BQ_CANCEL_NONE);
}

static void a_cancel_before_the_work_is_taken_counts_for_it(void **state)
{
    (void)state;

    give(1);
    bq_desk_cancel(&desk, 1, BQ_CANCEL_TIMEOUT);
    assert_int_equal(bq_desk_take(&desk, &body), BQ_MSG_RUN);
    assert_int_equal(atomic_load(&desk.cancel), BQ_CANCEL_TIMEOUT);
}

static void after_uncancel_no_cancel_is_heard_until_the_next_work(void **state)
{
    (void)state;

    give(1);
    assert_int_equal(bq_desk_take(&desk, &body), BQ_MSG_RUN);
    bq_desk_cancel(&desk, 1, BQ_CANCEL_TIMEOUT);
    bq_desk_uncancel(&desk);
    assert_int_equal(atomic_load(&desk.cancel), BQ_CANCEL_NONE);
    assert_false(readable(desk.cancel_fd, 0));
    bq_desk_cancel(&desk, 1, BQ_CANCEL_SHUTDOWN);
    assert_int_equal(atomic_load(&desk.cancel), BQ_CANCEL_NONE);

    give(2);
    bq_desk_cancel(&desk, 2, BQ_CANCEL_SHUTDOWN);
    assert_int_equal(atomic_load(&desk.cancel), BQ_CANCEL_SHUTDOWN);
}

static struct barq_session *open_session(void)
{
    struct barq_session *session = NULL;
    struct barq_error err;
    struct bq_session_job job = {.payload_max_bytes = 1000};

    assert_int_equal(
        bq_session_open(folder_text("sqlite:%s/data.db", folder_path()), &session, &err), BARQ_OK);
    assert_int_equal(bq_session_bind(session, &job, &err), BARQ_OK);
    return session;
}

static void a_cancel_before_there_is_a_session_counts_for_it(void **state)
{
    (void)state;
    bq_auto(session) struct barq_session *session = open_session();

    give(1);
    bq_desk_cancel(&desk, 1, BQ_CANCEL_ABORT);
    assert_int_equal(bq_session_use(session, BQ_DB_READ, NULL), BARQ_OK);
    bq_desk_session(&desk, session);
    assert_int_equal(barq_exec(session, "SELECT 1", BARQ_NO_PARAMS, NULL), BARQ_ERR_CANCELED);
    bq_desk_session(&desk, NULL);
}

static void a_cancel_reaches_the_session(void **state)
{
    (void)state;
    bq_auto(session) struct barq_session *session = open_session();

    give(1);
    assert_int_equal(bq_session_use(session, BQ_DB_READ, NULL), BARQ_OK);
    bq_desk_session(&desk, session);
    assert_int_equal(barq_exec(session, "SELECT 1", BARQ_NO_PARAMS, NULL), BARQ_OK);
    bq_desk_cancel(&desk, 1, BQ_CANCEL_ABORT);
    assert_int_equal(barq_exec(session, "SELECT 1", BARQ_NO_PARAMS, NULL), BARQ_ERR_CANCELED);
    bq_desk_session(&desk, NULL);
}

static void a_cancel_of_an_older_attempt_leaves_the_session_alone(void **state)
{
    (void)state;
    bq_auto(session) struct barq_session *session = open_session();

    give(2);
    assert_int_equal(bq_session_use(session, BQ_DB_READ, NULL), BARQ_OK);
    bq_desk_session(&desk, session);
    bq_desk_cancel(&desk, 1, BQ_CANCEL_ABORT);
    assert_int_equal(barq_exec(session, "SELECT 1", BARQ_NO_PARAMS, NULL), BARQ_OK);
    bq_desk_session(&desk, NULL);
}

/* -- replies -- */

static void a_reply_is_waited_for(void **state)
{
    (void)state;
    struct helper waiter = {.main = wait_for_reply, .reply_type = BQ_MSG_HELD};

    give(1);
    start(&waiter);
    bq_desk_reply(&desk, BQ_MSG_HELD, 1, 7);
    join(&waiter);
    assert_int_equal(waiter.count, 7);
}

static void a_reply_to_an_older_attempt_is_ignored(void **state)
{
    (void)state;
    struct helper waiter = {.main = wait_for_reply, .reply_type = BQ_MSG_RELAYED};

    give(2);
    start(&waiter);
    bq_desk_reply(&desk, BQ_MSG_RELAYED, 1, 100);
    bq_desk_reply(&desk, BQ_MSG_RELAYED, 2, 5);
    join(&waiter);
    assert_int_equal(waiter.count, 5);
}

static void a_reply_that_nobody_took_is_not_the_next_ones(void **state)
{
    (void)state;
    struct helper waiter = {.main = wait_for_reply, .reply_type = BQ_MSG_RELAYED};

    give(1);
    assert_int_equal(bq_desk_take(&desk, &body), BQ_MSG_RUN);
    bq_desk_reply(&desk, BQ_MSG_RELAYED, 1, 100);
    give(2);
    start(&waiter);
    bq_desk_reply(&desk, BQ_MSG_RELAYED, 2, 5);
    join(&waiter);
    assert_int_equal(waiter.count, 5);
}

/* -- what the thread says -- */

static void what_is_said_rings_and_comes_in_order(void **state)
{
    (void)state;
    char text[64];

    give(1);
    post("a", true);
    post("b", true);
    assert_true(readable(desk.bell_fd, 0));
    assert_int_equal(collect(text, sizeof(text)), 2);
    assert_string_equal(text, "ab");
    assert_false(readable(desk.bell_fd, 0));
    assert_int_equal(collect(text, sizeof(text)), 0);
}

static void what_is_said_without_a_ring_is_seen_by_the_next_look(void **state)
{
    (void)state;
    char text[64];

    give(1);
    post("a", false);
    assert_false(readable(desk.bell_fd, 0));
    assert_int_equal(collect(text, sizeof(text)), 1);
    assert_string_equal(text, "a");
}

static void after_a_look_that_found_nothing_everything_rings(void **state)
{
    (void)state;
    char text[64];

    give(1);
    assert_int_equal(collect(text, sizeof(text)), 0);
    post("a", false);
    assert_true(readable(desk.bell_fd, 0));
    assert_int_equal(collect(text, sizeof(text)), 1);
}

static void a_flush_waits_until_everything_is_sent(void **state)
{
    (void)state;
    struct helper sayer = {.main = say_and_flush};
    char text[64];

    give(1);
    start(&sayer);
    int64_t until_ms = bq_mono_ms() + DEADLINE_MS;
    size_t got = 0;
    while (got < strlen("firstsecond")) {
        assert_true(readable(desk.bell_fd, until_ms - bq_mono_ms()));
        got += collect(text, sizeof(text));
    }
    bq_desk_sent(&desk);
    join(&sayer);
    assert_int_equal(sayer.count, 1);
}

static void what_came_after_the_look_is_not_counted_as_sent(void **state)
{
    (void)state;
    char text[64];

    give(1);
    post("a", true);
    assert_int_equal(collect(text, sizeof(text)), 1);
    post("b", true);
    bq_desk_sent(&desk);
    assert_true(desk.sent < desk.posted);
    assert_int_equal(collect(text, sizeof(text)), 1);
    bq_desk_sent(&desk);
    assert_true(desk.sent == desk.posted);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_given_is_taken_whole),
        TEST(the_thread_waits_for_work),
        TEST(only_one_thing_can_be_given_at_a_time),
        TEST(what_is_larger_than_the_limit_is_not_taken),
        TEST(a_stop_comes_after_the_work_that_was_given),
        TEST(a_stop_leaves_the_attempt_under_way_alone),
        TEST(a_cancel_is_a_flag_and_a_readable_descriptor),
        TEST(the_next_job_is_not_told_to_stop),
        TEST(a_cancel_before_the_work_is_taken_counts_for_it),
        TEST(after_uncancel_no_cancel_is_heard_until_the_next_work),
        TEST(a_cancel_before_there_is_a_session_counts_for_it),
        TEST(a_cancel_reaches_the_session),
        TEST(a_cancel_of_an_older_attempt_leaves_the_session_alone),
        TEST(a_reply_is_waited_for),
        TEST(a_reply_to_an_older_attempt_is_ignored),
        TEST(a_reply_that_nobody_took_is_not_the_next_ones),
        TEST(what_is_said_rings_and_comes_in_order),
        TEST(what_is_said_without_a_ring_is_seen_by_the_next_look),
        TEST(after_a_look_that_found_nothing_everything_rings),
        TEST(a_flush_waits_until_everything_is_sent),
        TEST(what_came_after_the_look_is_not_counted_as_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
