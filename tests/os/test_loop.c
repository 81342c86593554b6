#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/time.h"
#include "os/loop.h"

enum { WATCHES = 100 };

/* A watch that counts its calls, and does one thing more to another one. */
struct source {
    struct bq_watch watch; /* the first member: its address is the source's */
    uint32_t events;       /* of the last call */
    int calls;
    void (*then)(struct source *other);
    struct source *other;
};

static struct bq_loop loop;

static struct source *source_of(struct bq_watch *watch)
{
    return (struct source *)(void *)watch;
}

static void count(struct bq_watch *watch, uint32_t events)
{
    struct source *source = source_of(watch);

    source->calls++;
    source->events = events;
    if (source->then) {
        source->then(source->other);
    }
}

/* An eventfd that is readable at once. */
static void add_readable(struct source *source)
{
    int fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);

    assert_true(fd >= 0);
    *source = (struct source){.watch = {.fd = -1, .ready = count}};
    assert_int_equal(bq_loop_add(&loop, &source->watch, fd, EPOLLIN, NULL), BARQ_OK);
}

static void remove_source(struct source *source)
{
    int fd = source->watch.fd;

    bq_loop_remove(&loop, &source->watch);
    bq_fd_drop(&fd);
}

static int make_loop(void **state)
{
    (void)state;
    return bq_loop_init(&loop, NULL) == BARQ_OK ? 0 : -1;
}

static int clear_loop(void **state)
{
    (void)state;
    bq_loop_clear(&loop);
    return 0;
}

static void what_is_ready_is_called_until_it_is_taken(void **state)
{
    (void)state;
    uint64_t number;
    struct source source;
    add_readable(&source);

    bq_loop_wait(&loop, -1);
    bq_loop_wait(&loop, -1);
    assert_int_equal(source.calls, 2);
    assert_int_equal(source.events, EPOLLIN);

    assert_int_equal(read(source.watch.fd, &number, sizeof(number)), sizeof(number));
    bq_loop_wait(&loop, 0);
    assert_int_equal(source.calls, 2);
    remove_source(&source);
}

static void waiting_for_nothing_ends_in_time(void **state)
{
    (void)state;
    int64_t begun_ms = bq_mono_ms();

    bq_loop_wait(&loop, 20);
    assert_in_range(bq_mono_ms() - begun_ms, 19, 10000);
}

static void one_that_is_removed_is_not_called_any_more(void **state)
{
    (void)state;
    struct source source;
    add_readable(&source);
    int fd = source.watch.fd;

    bq_loop_remove(&loop, &source.watch);
    assert_int_equal(source.watch.fd, -1);
    bq_loop_wait(&loop, 0);
    assert_int_equal(source.calls, 0);
    close(fd);
}

static void what_is_not_watched_can_be_removed(void **state)
{
    (void)state;
    struct bq_watch never = {.fd = -1, .ready = count};
    struct bq_watch zeroed = {0};

    bq_loop_remove(&loop, &never);
    bq_loop_remove(&loop, &zeroed);
    bq_loop_remove(&loop, NULL);
}

static void a_callback_can_remove_one_that_is_ready_too(void **state)
{
    (void)state;
    struct source pair[2];
    add_readable(&pair[0]);
    add_readable(&pair[1]);

    for (int i = 0; i < 2; i++) {
        pair[i].then = remove_source;
        pair[i].other = &pair[1 - i];
    }
    bq_loop_wait(&loop, -1);
    assert_int_equal(pair[0].calls + pair[1].calls, 1);
    remove_source(&pair[0]);
    remove_source(&pair[1]);
}

static void a_callback_can_remove_itself(void **state)
{
    (void)state;
    struct source source;
    add_readable(&source);

    source.then = remove_source;
    source.other = &source;
    bq_loop_wait(&loop, -1);
    bq_loop_wait(&loop, 0);
    assert_int_equal(source.calls, 1);
}

static void replace(struct source *source)
{
    remove_source(source);
    int fd = eventfd(0, EFD_CLOEXEC);
    assert_int_equal(bq_loop_add(&loop, &source->watch, fd, EPOLLIN, NULL), BARQ_OK);
}

static void one_that_is_added_anew_does_not_get_what_came_before(void **state)
{
    (void)state;
    struct source pair[2];
    add_readable(&pair[0]);
    add_readable(&pair[1]);

    for (int i = 0; i < 2; i++) {
        pair[i].then = replace;
        pair[i].other = &pair[1 - i];
    }
    bq_loop_wait(&loop, -1);
    assert_int_equal(pair[0].calls + pair[1].calls, 1);
    remove_source(&pair[0]);
    remove_source(&pair[1]);
}

static void ask_for_nothing(struct source *source)
{
    bq_loop_change(&loop, &source->watch, 0);
}

static void other_events_count_at_once(void **state)
{
    (void)state;
    struct source pair[2];
    add_readable(&pair[0]);
    add_readable(&pair[1]);

    for (int i = 0; i < 2; i++) {
        pair[i].then = ask_for_nothing;
        pair[i].other = &pair[1 - i];
    }
    bq_loop_wait(&loop, -1);
    assert_int_equal(pair[0].calls + pair[1].calls, 1);

    struct source *silenced = pair[0].calls ? &pair[1] : &pair[0];
    pair[0].then = pair[1].then = NULL;
    bq_loop_change(&loop, &silenced->watch, EPOLLIN | EPOLLOUT);
    bq_loop_wait(&loop, -1);
    assert_int_equal(silenced->calls, 1);
    assert_int_equal(silenced->events, EPOLLIN | EPOLLOUT);
    remove_source(&pair[0]);
    remove_source(&pair[1]);
}

static void a_hang_up_is_told_without_being_asked_for(void **state)
{
    (void)state;
    int fds[2];
    struct source source = {.watch = {.fd = -1, .ready = count}};

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    assert_int_equal(bq_loop_add(&loop, &source.watch, fds[0], 0, NULL), BARQ_OK);
    close(fds[1]);
    bq_loop_wait(&loop, -1);
    assert_int_equal(source.calls, 1);
    assert_true(source.events & EPOLLHUP);
    remove_source(&source);
}

static void more_than_one_batch_is_served_in_turn(void **state)
{
    (void)state;
    static struct source sources[WATCHES];

    for (int i = 0; i < WATCHES; i++) {
        add_readable(&sources[i]);
    }
    for (int i = 0; i < 4; i++) {
        bq_loop_wait(&loop, -1);
    }
    for (int i = 0; i < WATCHES; i++) {
        assert_true(sources[i].calls >= 1);
        remove_source(&sources[i]);
    }
}

static void what_cannot_be_watched_is_refused(void **state)
{
    (void)state;
    struct bq_watch watch = {.fd = -1, .ready = count};
    struct barq_error err;

    assert_int_equal(bq_loop_add(&loop, &watch, -1, EPOLLIN, &err), BARQ_ERR_IO);
    assert_int_equal(watch.fd, -1);
    assert_string_equal(err.text, "loop: watch a descriptor: Bad file descriptor");
}

static void clearing_takes_null_and_zeroed_and_cleared_ones(void **state)
{
    (void)state;
    struct bq_loop zeroed = {0};

    bq_loop_clear(NULL);
    bq_loop_clear(&zeroed);
    bq_loop_clear(&loop);
    bq_loop_clear(&loop);
}

#define loop_test(test) cmocka_unit_test_setup_teardown(test, make_loop, clear_loop)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        loop_test(what_is_ready_is_called_until_it_is_taken),
        loop_test(waiting_for_nothing_ends_in_time),
        loop_test(one_that_is_removed_is_not_called_any_more),
        loop_test(what_is_not_watched_can_be_removed),
        loop_test(a_callback_can_remove_one_that_is_ready_too),
        loop_test(a_callback_can_remove_itself),
        loop_test(one_that_is_added_anew_does_not_get_what_came_before),
        loop_test(other_events_count_at_once),
        loop_test(a_hang_up_is_told_without_being_asked_for),
        loop_test(more_than_one_batch_is_served_in_turn),
        loop_test(what_cannot_be_watched_is_refused),
        loop_test(clearing_takes_null_and_zeroed_and_cleared_ones),
    };

    return cmocka_run_group_tests_name("os/loop", tests, NULL, NULL);
}
