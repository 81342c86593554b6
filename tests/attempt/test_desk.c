/*
 * test_desk.c - the mailbox between an executor's loop and its threads. Here
 * the test plays the loop and the dispatcher behind it, and one thread; others
 * of it play the other threads.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "attempt/desk.h"
#include "base/arena.h"
#include "base/time.h"
#include "os/child.h"
#include "session/session.h"
#include "support/folder.h"

enum { DEADLINE_MS = 20000, LIMIT_BYTES = 64 * 1024, SEATS = 2 };

static struct bq_desk desk;
static struct bq_seat *seat; /* the first */
static struct bq_seat *other;
static struct bq_buf body;
static struct bq_channel dispatcher;
static int desk_fd;

static int set_up(void **state)
{
    int pair[2];

    bq_buf_init(&body, LIMIT_BYTES);
    if (folder_make(state) != 0 || bq_socket_pair(pair, NULL) != BARQ_OK ||
        bq_desk_init(&desk, pair[1], LIMIT_BYTES, SEATS, NULL) != BARQ_OK) {
        return -1;
    }
    bq_channel_init(&dispatcher, pair[0], LIMIT_BYTES, LIMIT_BYTES);
    desk_fd = pair[1];
    seat = &desk.seats[0];
    other = &desk.seats[1];
    return 0;
}

static int tear_down(void **state)
{
    bq_desk_clear(&desk);
    bq_fd_drop(&desk_fd);
    bq_channel_clear(&dispatcher);
    bq_buf_clear(&body);
    return folder_remove(state);
}

static bool readable(int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};

    return poll(&wait, 1, 0) == 1;
}

static void give(int64_t attempt)
{
    assert_true(bq_desk_give(&desk, BQ_MSG_RUN, attempt, "job", 3));
}

/* A seat takes the next, which is this one. */
static void take(struct bq_seat *by, int64_t attempt)
{
    assert_int_equal(bq_desk_take(by, &body), BQ_MSG_RUN);
    assert_int_equal(by->attempt, attempt);
}

static void post(const char *text, bool now)
{
    bq_auto(buf) struct bq_buf said;

    bq_buf_init(&said, LIMIT_BYTES);
    bq_buf_puts(&said, text);
    bq_desk_post(&desk, BQ_MSG_STARTED, &said, now);
}

/* The next frame that the dispatcher has got; its type, 0: none. */
static uint8_t heard(struct bq_frame *frame)
{
    bool found = false;

    assert_int_equal(bq_channel_fill(&dispatcher, NULL), BARQ_OK);
    assert_int_equal(bq_channel_next(&dispatcher, frame, &found, NULL), BARQ_OK);
    return found ? frame->type : 0;
}

static void assert_heard(const char *text)
{
    struct bq_frame frame;

    assert_int_equal(heard(&frame), BQ_MSG_STARTED);
    assert_int_equal(frame.len, strlen(text));
    assert_memory_equal(frame.body, text, frame.len);
}

static void assert_heard_nothing(void)
{
    struct bq_frame frame;

    assert_int_equal(heard(&frame), 0);
}

/* What came back is `count` attempts from `first` on. */
static void assert_returned(int64_t first, uint32_t count)
{
    struct bq_frame frame;

    assert_int_equal(heard(&frame), BQ_MSG_RETURNED);
    struct bq_reader in = bq_reader_of(frame.body, frame.len);
    assert_int_equal(bq_read_u32(&in), count);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(bq_read_i64(&in), first + i);
    }
    assert_true(!in.failed && in.at == in.end);
}

/* -- a thread that does one thing -- */

struct helper {
    pthread_t thread;
    void *(*main)(void *helper);
    struct bq_seat *seat;
    uint8_t type;
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

    helper->count = bq_desk_await(helper->seat, helper->type);
    return NULL;
}

static void *wait_for_work(void *data)
{
    bq_auto(buf) struct bq_buf taken;
    struct helper *helper = data;

    bq_buf_init(&taken, LIMIT_BYTES);
    helper->type = bq_desk_take(helper->seat, &taken);
    return NULL;
}

/* -- work -- */

static void what_is_given_is_taken_whole(void **state)
{
    (void)state;

    give(1);
    take(seat, 1);
    assert_int_equal(body.len, 3);
    assert_memory_equal(body.data, "job", 3);
}

static void the_threads_wait_for_work(void **state)
{
    (void)state;
    struct helper takers[SEATS] = {{.main = wait_for_work, .seat = seat},
                                   {.main = wait_for_work, .seat = other}};

    start(&takers[0]);
    start(&takers[1]);
    give(1);
    give(2);
    join(&takers[0]);
    join(&takers[1]);
    assert_int_equal(takers[0].type, BQ_MSG_RUN);
    assert_int_equal(takers[1].type, BQ_MSG_RUN);
    assert_int_equal(seat->attempt + other->attempt, 3);
}

/* What is quickly done is left to who is awake. */
static void who_could_help_is_woken_when_nothing_moves(void **state)
{
    (void)state;
    struct helper taker = {.main = wait_for_work, .seat = other};

    desk.quick = 1;
    give(1);
    take(seat, 1);
    start(&taker);
    for (bool idle = false; !idle;) {
        pthread_mutex_lock(&desk.mutex);
        idle = desk.idle == 1;
        pthread_mutex_unlock(&desk.mutex);
    }
    give(2);
    assert_true(bq_desk_look(&desk)); /* something was taken meanwhile */
    assert_int_equal(desk.taken, 1);
    assert_true(bq_desk_look(&desk));
    join(&taker);
    assert_int_equal(other->attempt, 2);
    assert_false(bq_desk_look(&desk));
}

static void work_is_taken_in_the_order_in_which_it_was_given(void **state)
{
    (void)state;

    for (int64_t attempt = 1; attempt <= 100; attempt++) {
        give(attempt);
    }
    for (int64_t attempt = 1; attempt <= 100; attempt++) {
        take(attempt % 2 ? seat : other, attempt);
        give(100 + attempt);
    }
    take(seat, 101);
}

static void work_is_bounded(void **state)
{
    (void)state;
    static const char large[LIMIT_BYTES];
    int64_t given = 0;

    while (bq_desk_give(&desk, BQ_MSG_RUN, given + 1, large, sizeof(large))) {
        given++;
    }
    assert_in_range(given, SEATS + 1, (2 * SEATS) + 2);
    for (int64_t attempt = 1; attempt <= given; attempt++) {
        take(seat, attempt);
    }
    give(1000);
    take(seat, 1000);
}

static void what_nobody_has_taken_is_returned(void **state)
{
    (void)state;

    give(1);
    give(2);
    give(3);
    take(seat, 1);
    bq_desk_recall(&desk);
    assert_returned(2, 2);
    bq_desk_recall(&desk);
    assert_returned(0, 0);
    give(4);
    take(other, 4);
}

static void a_stop_comes_after_the_work_that_was_given(void **state)
{
    (void)state;

    give(1);
    bq_desk_stop(&desk);
    take(seat, 1);
    assert_int_equal(bq_desk_take(other, &body), BQ_MSG_STOP);
    assert_int_equal(bq_desk_take(seat, &body), BQ_MSG_STOP);
}

static void the_last_thread_that_leaves_knows(void **state)
{
    (void)state;

    assert_false(bq_desk_leave(&desk));
    assert_true(bq_desk_leave(&desk));
}

static void a_stop_leaves_the_attempt_under_way_alone(void **state)
{
    (void)state;
    struct helper waiter = {.main = wait_for_reply, .seat = seat, .type = BQ_MSG_RELAYED};

    give(1);
    take(seat, 1);
    bq_desk_cancel(&desk, 1, BQ_CANCEL_SHUTDOWN);
    bq_desk_stop(&desk);
    assert_int_equal(atomic_load(&seat->cancel), BQ_CANCEL_SHUTDOWN);

    start(&waiter);
    bq_desk_reply(&desk, BQ_MSG_RELAYED, 1, 3);
    join(&waiter);
    assert_int_equal(waiter.count, 3);
    /* on_shutdown is not told to stop. */
    assert_int_equal(bq_desk_take(seat, &body), BQ_MSG_STOP);
    assert_int_equal(atomic_load(&seat->cancel), BQ_CANCEL_NONE);
    assert_false(readable(seat->cancel_fd));
}

/* -- cancels -- */

static void a_cancel_is_a_flag_and_a_readable_descriptor(void **state)
{
    (void)state;

    give(1);
    take(seat, 1);
    assert_false(readable(seat->cancel_fd));
    bq_desk_cancel(&desk, 1, BQ_CANCEL_ABORT);
    assert_int_equal(atomic_load(&seat->cancel), BQ_CANCEL_ABORT);
    assert_true(readable(seat->cancel_fd));
    bq_desk_cancel(&desk, 1, BQ_CANCEL_TIMEOUT);
    assert_int_equal(atomic_load(&seat->cancel), BQ_CANCEL_ABORT);
}

static void a_cancel_is_for_its_own_seat_only(void **state)
{
    (void)state;

    give(1);
    give(2);
    take(seat, 1);
    take(other, 2);
    bq_desk_cancel(&desk, 2, BQ_CANCEL_ABORT);
    assert_int_equal(atomic_load(&seat->cancel), BQ_CANCEL_NONE);
    assert_false(readable(seat->cancel_fd));
    assert_int_equal(atomic_load(&other->cancel), BQ_CANCEL_ABORT);
    assert_true(readable(other->cancel_fd));
}

static void the_next_job_is_not_told_to_stop(void **state)
{
    (void)state;

    give(1);
    take(seat, 1);
    bq_desk_cancel(&desk, 1, BQ_CANCEL_ABORT);
    give(2);
    take(seat, 2);
    assert_int_equal(atomic_load(&seat->cancel), BQ_CANCEL_NONE);
    assert_false(readable(seat->cancel_fd));
    bq_desk_cancel(&desk, 1, BQ_CANCEL_ABORT);
    assert_int_equal(atomic_load(&seat->cancel), BQ_CANCEL_NONE);
}

static void a_cancel_before_the_work_is_taken_counts_for_it(void **state)
{
    (void)state;

    give(1);
    give(2);
    give(3);
    bq_desk_cancel(&desk, 2, BQ_CANCEL_TIMEOUT);
    bq_desk_cancel(&desk, 2, BQ_CANCEL_ABORT);
    take(seat, 1);
    assert_int_equal(atomic_load(&seat->cancel), BQ_CANCEL_NONE);
    take(other, 2);
    assert_int_equal(atomic_load(&other->cancel), BQ_CANCEL_TIMEOUT);
    take(seat, 3);
    assert_int_equal(atomic_load(&seat->cancel), BQ_CANCEL_NONE);
}

static void after_uncancel_no_cancel_is_heard_until_the_next_work(void **state)
{
    (void)state;

    give(1);
    take(seat, 1);
    bq_desk_cancel(&desk, 1, BQ_CANCEL_TIMEOUT);
    bq_desk_uncancel(seat);
    assert_int_equal(atomic_load(&seat->cancel), BQ_CANCEL_NONE);
    assert_false(readable(seat->cancel_fd));
    bq_desk_cancel(&desk, 1, BQ_CANCEL_SHUTDOWN);
    assert_int_equal(atomic_load(&seat->cancel), BQ_CANCEL_NONE);

    give(2);
    take(seat, 2);
    bq_desk_cancel(&desk, 2, BQ_CANCEL_SHUTDOWN);
    assert_int_equal(atomic_load(&seat->cancel), BQ_CANCEL_SHUTDOWN);
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
    take(seat, 1);
    bq_desk_cancel(&desk, 1, BQ_CANCEL_ABORT);
    assert_int_equal(bq_session_use(session, BQ_DB_READ, NULL), BARQ_OK);
    bq_desk_session(seat, session);
    assert_int_equal(barq_exec(session, "SELECT 1", BARQ_NO_PARAMS, NULL), BARQ_ERR_CANCELED);
    bq_desk_session(seat, NULL);
}

static void a_cancel_reaches_the_session(void **state)
{
    (void)state;
    bq_auto(session) struct barq_session *session = open_session();

    give(1);
    take(seat, 1);
    assert_int_equal(bq_session_use(session, BQ_DB_READ, NULL), BARQ_OK);
    bq_desk_session(seat, session);
    assert_int_equal(barq_exec(session, "SELECT 1", BARQ_NO_PARAMS, NULL), BARQ_OK);
    bq_desk_cancel(&desk, 1, BQ_CANCEL_ABORT);
    assert_int_equal(barq_exec(session, "SELECT 1", BARQ_NO_PARAMS, NULL), BARQ_ERR_CANCELED);
    bq_desk_session(seat, NULL);
}

static void a_cancel_of_another_attempt_leaves_the_session_alone(void **state)
{
    (void)state;
    bq_auto(session) struct barq_session *session = open_session();

    give(1);
    give(2);
    take(other, 1);
    take(seat, 2);
    assert_int_equal(bq_session_use(session, BQ_DB_READ, NULL), BARQ_OK);
    bq_desk_session(seat, session);
    bq_desk_cancel(&desk, 1, BQ_CANCEL_ABORT);
    assert_int_equal(barq_exec(session, "SELECT 1", BARQ_NO_PARAMS, NULL), BARQ_OK);
    bq_desk_session(seat, NULL);
}

/* -- replies -- */

static void a_reply_is_waited_for(void **state)
{
    (void)state;
    struct helper waiter = {.main = wait_for_reply, .seat = seat, .type = BQ_MSG_HELD};

    give(1);
    take(seat, 1);
    start(&waiter);
    bq_desk_reply(&desk, BQ_MSG_HELD, 1, 7);
    join(&waiter);
    assert_int_equal(waiter.count, 7);
}

static void each_seat_gets_its_own_reply(void **state)
{
    (void)state;
    struct helper waiters[SEATS] = {
        {.main = wait_for_reply, .seat = seat, .type = BQ_MSG_RELAYED},
        {.main = wait_for_reply, .seat = other, .type = BQ_MSG_RELAYED},
    };

    give(1);
    give(2);
    take(seat, 1);
    take(other, 2);
    start(&waiters[0]);
    start(&waiters[1]);
    bq_desk_reply(&desk, BQ_MSG_RELAYED, 2, 20);
    join(&waiters[1]);
    bq_desk_reply(&desk, BQ_MSG_RELAYED, 1, 10);
    join(&waiters[0]);
    assert_int_equal(waiters[0].count, 10);
    assert_int_equal(waiters[1].count, 20);
}

static void a_reply_to_an_older_attempt_is_ignored(void **state)
{
    (void)state;
    struct helper waiter = {.main = wait_for_reply, .seat = seat, .type = BQ_MSG_RELAYED};

    give(2);
    take(seat, 2);
    start(&waiter);
    bq_desk_reply(&desk, BQ_MSG_RELAYED, 1, 100);
    bq_desk_reply(&desk, BQ_MSG_RELAYED, 2, 5);
    join(&waiter);
    assert_int_equal(waiter.count, 5);
}

static void a_reply_that_nobody_took_is_not_the_next_ones(void **state)
{
    (void)state;
    struct helper waiter = {.main = wait_for_reply, .seat = seat, .type = BQ_MSG_RELAYED};

    give(1);
    take(seat, 1);
    bq_desk_reply(&desk, BQ_MSG_RELAYED, 1, 100);
    give(2);
    take(seat, 2);
    start(&waiter);
    bq_desk_reply(&desk, BQ_MSG_RELAYED, 2, 5);
    join(&waiter);
    assert_int_equal(waiter.count, 5);
}

/* -- progress -- */

static void assert_heard_progress(int64_t attempt, int64_t done, const char *note)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_progress progress;
    struct bq_frame frame;

    bq_arena_init(&arena, LIMIT_BYTES);
    assert_int_equal(heard(&frame), BQ_MSG_PROGRESS);
    struct bq_reader in = bq_reader_of(frame.body, frame.len);
    assert_true(bq_progress_get(&in, &arena, &progress));
    assert_int_equal(progress.attempt, attempt);
    assert_int_equal(progress.done, done);
    assert_int_equal(progress.total, 10);
    assert_string_equal(progress.note, note);
}

/* As if the dispatcher had just been told, however slow this machine is. */
static void was_told_now(void)
{
    seat->told_at_ms = bq_mono_ms() + 60000;
}

static void the_first_progress_is_told_at_once(void **state)
{
    (void)state;

    give(1);
    take(seat, 1);
    bq_desk_progress(seat, 1, 10, "one");
    assert_heard_progress(1, 1, "one");
    assert_false(readable(desk.bell_fd));
}

static void of_quick_progress_the_last_is_told_by_the_next_look(void **state)
{
    (void)state;

    give(1);
    take(seat, 1);
    bq_desk_progress(seat, 1, 10, "");
    assert_heard_progress(1, 1, "");
    was_told_now();
    for (int64_t done = 2; done < 9; done++) {
        bq_desk_progress(seat, done, 10, "quick");
    }
    assert_heard_nothing();
    assert_true(readable(desk.bell_fd));
    bq_desk_heard(&desk);
    assert_false(readable(desk.bell_fd));
    bq_desk_look(&desk);
    assert_heard_progress(1, 8, "quick");
    bq_desk_look(&desk);
    assert_heard_nothing();
}

static void untold_progress_goes_before_the_outcome(void **state)
{
    (void)state;

    give(1);
    take(seat, 1);
    was_told_now();
    bq_desk_progress(seat, 9, 10, "");
    bq_desk_tell(seat);
    post("outcome", true);
    assert_heard_progress(1, 9, "");
    assert_heard("outcome");
}

static void untold_progress_of_one_attempt_is_not_the_next_ones(void **state)
{
    (void)state;

    give(1);
    take(seat, 1);
    was_told_now();
    bq_desk_progress(seat, 9, 10, "");
    give(2);
    take(seat, 2);
    bq_desk_look(&desk);
    assert_heard_nothing();
}

static void a_long_note_is_cut_between_characters(void **state)
{
    (void)state;
    char note[400] = "a";
    char cut[400];

    for (size_t i = 1; i + 4 < sizeof(note); i += 4) {
        memcpy(note + i, "\xf0\x9f\x98\x80", 5);
    }
    memcpy(cut, note, sizeof(cut));
    cut[1 + (BARQ_NOTE_MAX_BYTES - 1) / 4 * 4] = '\0';
    give(1);
    take(seat, 1);
    bq_desk_progress(seat, 1, 10, note);
    assert_heard_progress(1, 1, cut);
}

/* -- what the threads say -- */

static void what_is_said_now_is_sent_in_order(void **state)
{
    (void)state;

    post("a", true);
    post("b", true);
    assert_heard("a");
    assert_heard("b");
}

static void what_has_time_goes_with_what_has_not(void **state)
{
    (void)state;

    give(1);
    post("a", false);
    assert_heard_nothing();
    post("b", true);
    assert_heard("a");
    assert_heard("b");
}

static void what_has_time_is_sent_by_the_next_look(void **state)
{
    (void)state;

    give(1);
    post("a", false);
    assert_heard_nothing();
    (void)bq_desk_look(&desk);
    assert_heard("a");
}

static void after_a_look_nothing_has_time(void **state)
{
    (void)state;

    give(1);
    (void)bq_desk_look(&desk);
    post("a", false);
    assert_heard("a");
    give(2);
    post("b", false);
    assert_heard_nothing();
}

static void without_a_dispatcher_nobody_waits(void **state)
{
    (void)state;

    bq_channel_clear(&dispatcher);
    post("a", true);
    post("b", true);
    give(1);
    take(seat, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_given_is_taken_whole),
        TEST(the_threads_wait_for_work),
        TEST(who_could_help_is_woken_when_nothing_moves),
        TEST(work_is_taken_in_the_order_in_which_it_was_given),
        TEST(work_is_bounded),
        TEST(what_nobody_has_taken_is_returned),
        TEST(a_stop_comes_after_the_work_that_was_given),
        TEST(the_last_thread_that_leaves_knows),
        TEST(a_stop_leaves_the_attempt_under_way_alone),
        TEST(a_cancel_is_a_flag_and_a_readable_descriptor),
        TEST(a_cancel_is_for_its_own_seat_only),
        TEST(the_next_job_is_not_told_to_stop),
        TEST(a_cancel_before_the_work_is_taken_counts_for_it),
        TEST(after_uncancel_no_cancel_is_heard_until_the_next_work),
        TEST(a_cancel_before_there_is_a_session_counts_for_it),
        TEST(a_cancel_reaches_the_session),
        TEST(a_cancel_of_another_attempt_leaves_the_session_alone),
        TEST(a_reply_is_waited_for),
        TEST(each_seat_gets_its_own_reply),
        TEST(a_reply_to_an_older_attempt_is_ignored),
        TEST(a_reply_that_nobody_took_is_not_the_next_ones),
        TEST(the_first_progress_is_told_at_once),
        TEST(of_quick_progress_the_last_is_told_by_the_next_look),
        TEST(untold_progress_goes_before_the_outcome),
        TEST(untold_progress_of_one_attempt_is_not_the_next_ones),
        TEST(a_long_note_is_cut_between_characters),
        TEST(what_is_said_now_is_sent_in_order),
        TEST(what_has_time_goes_with_what_has_not),
        TEST(what_has_time_is_sent_by_the_next_look),
        TEST(after_a_look_nothing_has_time),
        TEST(without_a_dispatcher_nobody_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
