/*
 * Numbers are told to whoever listens, one a line: each hears all of them, in their order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/list.h"
#include "base/time.h"
#include "http/stream.h"
#include "world.h"

enum { CLIENTS = 200, LINE_BYTES = 8 };

/* Who listens. */
struct tab {
    struct bq_http_stream stream; /* first */
    struct bq_list link;
    uint64_t seen;
};

static struct bq_list tabs; /* the loop's own */
static uint64_t told;       /* likewise: the last number */
static struct bq_watch tell_watch;
static int tell_fd; /* so many more numbers */
static int ended_fd;

/* -- on the loop -- */

static ssize_t read_tab(struct bq_http_stream *stream, char *out, size_t room)
{
    struct tab *tab = (struct tab *)(void *)stream;
    size_t len = 0;

    if (bq_list_empty(&tab->link)) {
        bq_list_add(&tabs, &tab->link);
    }
    if (tab->seen == UINT32_MAX) {
        return BQ_HTTP_STREAM_OVER;
    }
    for (; tab->seen < told && room - len > LINE_BYTES; tab->seen++) {
        len += (size_t)snprintf(out + len, LINE_BYTES + 1, "%07u\n", (unsigned)tab->seen + 1);
    }
    return (ssize_t)len;
}

static void forget_tab(struct bq_http_stream *stream)
{
    bq_list_remove(&((struct tab *)(void *)stream)->link);
    world_ring(ended_fd);
}

static void tell(struct bq_watch *watch, uint32_t events)
{
    uint64_t more = 0;

    (void)events;
    if (read(watch->fd, &more, sizeof(more)) == sizeof(more)) {
        told += more;
    }
    bq_list_each (link, &tabs) {
        bq_http_stream_wake(&bq_list_owner(link, struct tab, link)->stream);
    }
}

/* -- the handler -- */

static void handle(struct bq_http_call *call)
{
    if (strncmp(call->path, "/listen", 7) != 0) {
        bq_http_answer(call, 200, "text/plain", "an answer.", 10);
        return;
    }
    struct tab *tab = bq_arena_alloc(call->arena, sizeof(*tab));
    assert_non_null(tab);
    tab->stream.read = read_tab;
    tab->stream.end = forget_tab;
    tab->seen = strcmp(call->path, "/listen/over") == 0 ? UINT32_MAX : 0;
    bq_list_init(&tab->link);
    bq_http_answer_header(call, "Cache-Control", "no-store");
    bq_http_answer_stream(call, "text/event-stream", &tab->stream);
}

static void start(struct bq_http_server_options options)
{
    options.handle = handle;
    told = 0;
    world_start(options);
}

static void tell_more(uint64_t more)
{
    assert_int_equal(write(tell_fd, &more, sizeof(more)), sizeof(more));
}

static int listen_at(const char *path)
{
    char head[128];
    int fd = world_connect();

    snprintf(head, sizeof(head), "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
    world_say(fd, head);
    return fd;
}

static int make(void **state)
{
    bq_list_init(&tabs);
    tell_fd = eventfd(0, EFD_CLOEXEC);
    ended_fd = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
    tell_watch.ready = tell;
    if (world_make(state) != 0) {
        return -1;
    }
    return (int)bq_loop_add(&world.loop, &tell_watch, tell_fd, EPOLLIN, &err);
}

static int clean(void **state)
{
    world_stop(state);
    close(tell_fd);
    close(ended_fd);
    return world_clear(state);
}

/* -- tests -- */

static void bytes_arrive_when_they_are_there(void **state)
{
    (void)state;
    start((struct bq_http_server_options){0});
    int fd = listen_at("/listen");

    assert_non_null(strstr(world_hear(fd, "\r\n\r\n"), "Content-Type: text/event-stream"));
    for (int i = 1; i <= 5; i++) {
        char line[16];
        snprintf(line, sizeof(line), "%07d\n", i);
        tell_more(1);
        assert_non_null(strstr(world_hear(fd, line), line));
    }
    close(fd);
}

static void it_is_kept_open_longer_than_an_answer_may_take(void **state)
{
    (void)state;
    start((struct bq_http_server_options){.answer_ms = 50, .headers_ms = 50});
    int fd = listen_at("/listen");
    world_hear(fd, "\r\n\r\n");

    /* This one is late when it has been cut off, and so is whatever else has a deadline. */
    int other = world_connect();
    assert_string_equal(world_hear(other, "more"), "");
    tell_more(1);
    assert_non_null(strstr(world_hear(fd, "0000001\n"), "0000001\n"));
    close(fd);
    close(other);
}

static void one_that_is_over_leaves_the_connection_to_the_next_request(void **state)
{
    (void)state;
    start((struct bq_http_server_options){0});
    int fd = listen_at("/listen/over");

    assert_non_null(strstr(world_hear(fd, "0\r\n\r\n"), "200 OK"));
    world_take(ended_fd);
    world_say(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_non_null(strstr(world_hear(fd, "an answer."), "an answer."));
    close(fd);
}

/* Reads until the last of `last` numbers has come; fails if one is missing. */
static void hear_all(int fd, uint64_t last)
{
    static char bytes[65536];
    uint64_t next = 1;
    uint64_t digits = 0;
    size_t n_digits = 0;

    while (next <= last) {
        ssize_t got = recv(fd, bytes, sizeof(bytes), 0);
        assert_true(got > 0);
        for (ssize_t i = 0; i < got; i++) {
            bool digit = bytes[i] >= '0' && bytes[i] <= '9';
            digits = digit ? digits * 10 + (uint64_t)(bytes[i] - '0') : 0;
            n_digits = digit ? n_digits + 1 : 0;
            if (n_digits == LINE_BYTES - 1) { /* a line, however it was cut in chunks and packets */
                assert_true(digits == next);
                next++;
            }
        }
    }
}

static void two_hundred_hear_everything_and_others_are_served(void **state)
{
    (void)state;
    int fds[CLIENTS];
    start((struct bq_http_server_options){.max_connections = 2 * CLIENTS + 2});

    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = listen_at("/listen");
        world_hear(fds[i], "\r\n\r\n");
    }
    for (int i = 0; i < 50; i++) {
        tell_more(10);
        int other = listen_at("/");
        assert_non_null(strstr(world_hear(other, "an answer."), "an answer."));
        close(other);
    }
    for (int i = 0; i < CLIENTS; i++) {
        hear_all(fds[i], 500);
        close(fds[i]);
    }
}

/* 40 MB a client, so that no buffer of the kernel takes it all. */
static void a_slow_reader_holds_up_itself_only(void **state)
{
    (void)state;
    enum { MANY = 5000000 };
    start((struct bq_http_server_options){.answer_ms = 500});
    int slow = listen_at("/listen");
    int quick = listen_at("/listen");
    world_hear(slow, "\r\n\r\n");
    world_hear(quick, "\r\n\r\n");

    tell_more(MANY);
    hear_all(quick, MANY);
    world_take(ended_fd); /* the slow one is cut off while the quick one still listens */
    tell_more(1);
    assert_non_null(strstr(world_hear(quick, "5000001\n"), "5000001\n"));
    close(slow);
    close(quick);
}

static void who_has_gone_is_forgotten_when_there_is_something_to_say(void **state)
{
    (void)state;
    start((struct bq_http_server_options){0});
    int gone = listen_at("/listen");
    int stays = listen_at("/listen");
    world_hear(gone, "\r\n\r\n");
    world_hear(stays, "\r\n\r\n");

    struct linger at_once = {.l_onoff = 1};
    setsockopt(gone, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(gone);
    tell_more(1);
    world_take(ended_fd);
    tell_more(1);
    assert_non_null(strstr(world_hear(stays, "0000002\n"), "0000002\n"));
    close(stays);
}

static void they_end_whole_when_the_server_closes(void **state)
{
    (void)state;
    start((struct bq_http_server_options){0});
    int fds[3];
    for (int i = 0; i < 3; i++) {
        fds[i] = listen_at("/listen");
        world_hear(fds[i], "\r\n\r\n");
    }

    int64_t began_ms = bq_mono_ms();
    assert_int_equal(world_stop(NULL), 0);
    assert_true(bq_mono_ms() - began_ms < BQ_HTTP_DRAIN_MS);
    for (int i = 0; i < 3; i++) {
        world_take(ended_fd);
        assert_non_null(strstr(world_hear(fds[i], "0\r\n\r\n"), "0\r\n\r\n"));
        close(fds[i]);
    }
}

static void listeners_leave_room_for_others(void **state)
{
    (void)state;
    start((struct bq_http_server_options){.max_connections = 4});
    int first = listen_at("/listen");
    int second = listen_at("/listen");
    world_hear(first, "\r\n\r\n");
    world_hear(second, "\r\n\r\n");

    int third = listen_at("/listen");
    assert_non_null(strstr(world_hear(third, "already"), " 503 "));
    int other = listen_at("/");
    assert_non_null(strstr(world_hear(other, "an answer."), " 200 "));
    close(first);
    close(second);
    close(third);
    close(other);
}

#define stream_test(name) cmocka_unit_test_setup_teardown(name, make, clean)

int main(void)
{
    const struct CMUnitTest tests[] = {
        stream_test(bytes_arrive_when_they_are_there),
        stream_test(it_is_kept_open_longer_than_an_answer_may_take),
        stream_test(one_that_is_over_leaves_the_connection_to_the_next_request),
        stream_test(two_hundred_hear_everything_and_others_are_served),
        stream_test(a_slow_reader_holds_up_itself_only),
        stream_test(who_has_gone_is_forgotten_when_there_is_something_to_say),
        stream_test(they_end_whole_when_the_server_closes),
        stream_test(listeners_leave_room_for_others),
    };

    return cmocka_run_group_tests_name("http/stream", tests, NULL, NULL);
}
