#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/time.h"
#include "http/client.h"
#include "os/temporary.h"
#include "world.h"

enum { BIG_BYTES = 8000000, WHOLE_PAGES_BYTES = 1000 * 4096 };

static struct bq_http_client *client;
static struct bq_http_answer answer;
static char big[BIG_BYTES];

/* -- the handler -- */

static const char *or_none(const char *text)
{
    return text ? text : "none";
}

static void answer_text(struct bq_http_call *call, int status, const char *text)
{
    bq_http_answer(call, status, "text/plain", text, strlen(text));
}

/* Of all bytes to the NUL behind them. */
static int sum_of(const char *text)
{
    int sum = 0;

    for (; *text != '\0'; text++) {
        sum = (sum + *text) % 1000;
    }
    return sum;
}

static void answer_a_file(struct bq_http_call *call)
{
    int fd = -1;

    assert_int_equal(bq_temporary_file(&fd, &err), BARQ_OK);
    for (size_t put = 0; put < sizeof(big);) {
        ssize_t got = write(fd, big + put, sizeof(big) - put);
        assert_true(got > 0);
        put += (size_t)got;
    }
    bq_http_answer_file(call, 200, "text/plain", fd, sizeof(big));
}

/* The query, with points for its NULs. */
static void answer_all(struct bq_http_call *call)
{
    size_t len = 0;
    const char *query = bq_http_query_all(call, &len);
    char *all = bq_arena_memdup(call->arena, query, len + 1);

    for (size_t i = 0; i < len; i++) {
        if (all[i] == '\0') {
            all[i] = '.';
        }
    }
    answer_text(call, 200, all);
}

static void handle(struct bq_http_call *call)
{
    const struct world *owner = call->context;

    if (strcmp(call->path, "/nothing") == 0) {
        return;
    }
    if (strcmp(call->path, "/big") == 0) {
        bq_http_answer(call, 200, "text/plain", big, sizeof(big));
        return;
    }
    if (strcmp(call->path, "/wait") == 0) {
        world_ring(owner->entered_fd);
        world_take(owner->gate_fd);
    }
    if (strcmp(call->path, "/tags") == 0) {
        answer_text(call, 200,
                    bq_arena_format(call->arena, "%s %s %s %s",
                                    or_none(bq_http_query_at(call, "t", 0)),
                                    or_none(bq_http_query_at(call, "t", 1)),
                                    or_none(bq_http_query_at(call, "t", 2)),
                                    or_none(bq_http_query_at(call, "u", 0))));
        return;
    }
    if (strcmp(call->path, "/all") == 0) {
        answer_all(call);
        return;
    }
    if (strcmp(call->path, "/peer") == 0) {
        answer_text(call, 200, call->peer);
        return;
    }
    if (strcmp(call->path, "/a/b") == 0) {
        answer_text(call, 200, call->raw_path);
        return;
    }
    if (strcmp(call->path, "/sum") == 0) {
        answer_text(call, 200,
                    bq_arena_format(call->arena, "%zu %d", call->body_bytes, sum_of(call->body)));
        return;
    }
    if (strcmp(call->path, "/file") == 0) {
        answer_a_file(call);
        return;
    }
    if (strcmp(call->path, "/none") == 0) {
        bq_http_answer(call, 204, NULL, NULL, 0);
        return;
    }
    bq_http_answer_header(call, "X-Answer", "yes");
    answer_text(call, strcmp(call->method, "POST") == 0 ? 201 : 200,
                bq_arena_format(call->arena, "%s %s q=%s e=%s x=%s body=%s", call->method,
                                call->path, or_none(bq_http_query(call, "q")),
                                or_none(bq_http_query(call, "e")),
                                or_none(bq_http_header(call, "x-test")), call->body));
}

/* -- the world -- */

static int make_world(void **state)
{
    memset(big, 'b', sizeof(big));
    return world_make(state) == 0 ? (int)bq_http_client_new(&client, &err) : -1;
}

static int clear_world(void **state)
{
    bq_http_client_free(client);
    return world_clear(state);
}

/* -- the server, with this handler -- */

static void start(struct bq_http_server_options options)
{
    options.handle = handle;
    world_start(options);
}

/* -- clients -- */

static enum barq_status get(const char *path)
{
    struct bq_http_request request = {.url = world_url(path),
                                      .timeout_ms = DEADLINE_MS,
                                      .answer_max_bytes = 2 * (size_t)BIG_BYTES};

    return bq_http_ask(client, &request, -1, &answer, &err);
}

/* Sends `first`, then `drop` again and again, a byte every 10 ms; true when that ends with a cut. */
static bool is_cut_off(const char *first, char drop)
{
    int fd = world_connect();
    struct pollfd look = {.fd = fd, .events = POLLIN};
    int64_t end_ms = bq_mono_ms() + DEADLINE_MS;
    bool cut = false;

    world_say(fd, first);
    while (!cut && bq_mono_ms() < end_ms) {
        cut = send(fd, &drop, 1, MSG_NOSIGNAL) < 0 || poll(&look, 1, 10) > 0;
    }
    close(fd);
    return cut;
}

/* -- calls -- */

static void a_handler_sees_the_whole_request(void **state)
{
    (void)state;
    static const char *const headers[] = {"X-Test: some", NULL};
    start((struct bq_http_server_options){0});
    struct bq_http_request request = {.url = world_url("/a%20b?q=1+2%26&e&q=3"),
                                      .headers = headers,
                                      .body = "text",
                                      .body_bytes = 4};

    assert_int_equal(bq_http_ask(client, &request, -1, &answer, &err), BARQ_OK);

    assert_int_equal(answer.status, 201);
    assert_string_equal(answer.content_type, "text/plain");
    assert_string_equal(answer.body, "POST /a b q=1 2& e= x=some body=text");
}

static void a_query_is_had_as_a_whole(void **state)
{
    (void)state;
    start((struct bq_http_server_options){0});

    assert_int_equal(get("/all?b=%01&a&b=2"), BARQ_OK);
    assert_string_equal(answer.body, "b.2.a..b.\x01.");
    assert_int_equal(get("/all"), BARQ_OK);
    assert_string_equal(answer.body, "");
}

static void parameters_that_come_twice_are_told_apart(void **state)
{
    (void)state;
    start((struct bq_http_server_options){0});

    assert_int_equal(get("/tags?t=a&u=x&t=b"), BARQ_OK);
    assert_string_equal(answer.body, "a b none x");
}

static void a_handler_can_see_what_was_escaped(void **state)
{
    (void)state;
    start((struct bq_http_server_options){0});

    assert_int_equal(get("/a%2Fb"), BARQ_OK);
    assert_string_equal(answer.body, "/a%2Fb");
}

static void a_handler_knows_who_asks(void **state)
{
    (void)state;
    start((struct bq_http_server_options){0});

    assert_int_equal(get("/peer"), BARQ_OK);
    assert_string_equal(answer.body, "127.0.0.1");
}

static void an_answer_may_have_no_body(void **state)
{
    (void)state;
    start((struct bq_http_server_options){0});
    int fd = world_connect();

    world_say(fd, "GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    const char *heard = world_hear(fd, "never");
    assert_non_null(strstr(heard, "HTTP/1.1 204"));
    assert_null(strstr(heard, "Content-Type"));
    close(fd);
}

static void without_an_answer_it_is_a_500(void **state)
{
    (void)state;
    start((struct bq_http_server_options){0});

    assert_int_equal(get("/nothing"), BARQ_OK);
    assert_int_equal(answer.status, 500);
    assert_string_equal(answer.content_type, "application/problem+json");
    assert_string_equal(answer.body,
                        "{\"type\":\"about:blank\",\"title\":\"Internal Server Error\","
                        "\"status\":500,\"code\":\"internal\","
                        "\"detail\":\"Internal error\"}");
}

static void a_large_answer_arrives_whole(void **state)
{
    (void)state;
    start((struct bq_http_server_options){0});

    assert_int_equal(get("/big"), BARQ_OK);
    assert_int_equal(answer.body_bytes, BIG_BYTES);
}

static void a_file_can_be_the_answer(void **state)
{
    (void)state;
    start((struct bq_http_server_options){0});

    assert_int_equal(get("/file"), BARQ_OK);
    assert_int_equal(answer.body_bytes, BIG_BYTES);
    assert_memory_equal(answer.body, big, BIG_BYTES);
}

static void every_answer_has_the_headers_of_all(void **state)
{
    (void)state;
    static const struct bq_http_field headers[] = {
        {"X-Answer", "no"}, {"X-Every", "one"}, {NULL, NULL}};
    start((struct bq_http_server_options){.headers = headers, .body_max_bytes = 4});
    int fd = world_connect();

    world_say(fd, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
    const char *heard = world_hear(fd, "body=");
    assert_non_null(strstr(heard, "X-Every: one"));
    assert_non_null(strstr(heard, "X-Answer: yes"));
    assert_null(strstr(heard, "X-Answer: no"));
    world_say(fd, "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n");
    heard = world_hear(fd, "}");
    assert_non_null(strstr(heard, "X-Every: one"));
    assert_non_null(strstr(heard, "X-Answer: no"));
    close(fd);
}

static void a_connection_serves_one_request_after_the_other(void **state)
{
    (void)state;
    start((struct bq_http_server_options){0});
    int fd = world_connect();

    for (int i = 0; i < 3; i++) {
        world_say(fd, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_non_null(strstr(world_hear(fd, "body="), "X-Answer: yes"));
    }
    close(fd);
}

/* -- what is refused -- */

static void a_body_over_the_limit_is_refused(void **state)
{
    (void)state;
    start((struct bq_http_server_options){.body_max_bytes = 4});
    struct bq_http_request request = {.url = world_url("/"), .body = "12345", .body_bytes = 4};

    assert_int_equal(bq_http_ask(client, &request, -1, &answer, &err), BARQ_OK);
    assert_int_equal(answer.status, 201);
    request.body_bytes = 5;
    assert_int_equal(bq_http_ask(client, &request, -1, &answer, &err), BARQ_OK);
    assert_int_equal(answer.status, 413);
    assert_non_null(strstr(answer.body, "\"detail\":\"The body has more than 4 bytes\""));

    int fd = world_connect();
    world_say(fd, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n");
    assert_non_null(strstr(world_hear(fd, "4 bytes"), "HTTP/1.1 413"));
    close(fd);
}

static size_t limit_of(void *context, const char *method, const char *raw_path)
{
    assert_ptr_equal(context, &world);
    assert_string_equal(method, "POST");
    return strcmp(raw_path, "/sum") == 0 ? BIG_BYTES : 4;
}

static void a_large_body_arrives_in_one_piece(void **state)
{
    (void)state;
    start((struct bq_http_server_options){.body_limit = limit_of, .body_memory_bytes = 1000});
    struct bq_http_request request = {
        .url = world_url("/sum"), .body = big, .timeout_ms = DEADLINE_MS};

    /* Behind whole pages of a file, nothing is mapped but the NUL's. */
    static const size_t sizes[] = {999, 1000, 1001, BIG_BYTES, WHOLE_PAGES_BYTES};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char expected[64];
        snprintf(expected, sizeof(expected), "%zu %d", sizes[i], (int)(sizes[i] * 'b' % 1000));
        request.body_bytes = sizes[i];
        assert_int_equal(bq_http_ask(client, &request, -1, &answer, &err), BARQ_OK);
        assert_string_equal(answer.body, expected);
    }
    request.url = world_url("/other");
    request.body_bytes = 5;
    assert_int_equal(bq_http_ask(client, &request, -1, &answer, &err), BARQ_OK);
    assert_int_equal(answer.status, 413);
}

static void a_body_that_finds_no_room_is_refused(void **state)
{
    (void)state;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit little = {.rlim_cur = 100000, .rlim_max = before.rlim_max};
    assert_ptr_not_equal(signal(SIGXFSZ, SIG_IGN), SIG_ERR);
    start((struct bq_http_server_options){.body_max_bytes = BIG_BYTES, .body_memory_bytes = 1000});
    struct bq_http_request request = {.url = world_url("/sum"), .body = big, .body_bytes = 200000};

    assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
    enum barq_status status = bq_http_ask(client, &request, -1, &answer, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);

    assert_int_equal(status, BARQ_OK);
    assert_int_equal(answer.status, 507);
    assert_non_null(strstr(answer.body, "no_room"));
}

static void broken_requests_are_refused(void **state)
{
    (void)state;
    static const char two_lengths[] = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
                                      "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    static const char *const bad[] = {
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /?q=%zz HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /?%c0%80=1 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX : a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX\x01Y: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 1\r\n\r\na",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
        two_lengths,
        "nonsense\r\n\r\n",
    };
    start((struct bq_http_server_options){0});

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int fd = world_connect();
        world_say(fd, bad[i]);
        shutdown(fd, SHUT_WR);
        const char *heard = world_hear(fd, "\r\n\r\n");
        print_message("# %zu: %.20s\n", i, heard);
        assert_true(*heard == '\0' || strncmp(heard, "HTTP/1.1 4", 10) == 0 ||
                    strncmp(heard, "HTTP/1.0 4", 10) == 0);
        close(fd);
    }
}

static void headers_without_end_are_refused(void **state)
{
    (void)state;
    static char line[65536];
    start((struct bq_http_server_options){0});
    int fd = world_connect();

    memset(line, 'a', sizeof(line) - 1);
    world_say(fd, "GET / HTTP/1.1\r\nHost: a\r\nX-Long: ");
    (void)!send(fd, line, sizeof(line) - 1, MSG_NOSIGNAL);
    const char *heard = world_hear(fd, "\r\n\r\n");
    assert_true(*heard == '\0' || strstr(heard, " 431 "));
    close(fd);
}

/* -- slow ones -- */

static void slow_clients_are_cut_off_and_others_are_served(void **state)
{
    (void)state;
    start((struct bq_http_server_options){.headers_ms = 150, .body_ms = 150, .max_connections = 4});

    assert_true(is_cut_off("", 'G'));
    assert_true(is_cut_off("GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ", 'a'));
    assert_true(is_cut_off("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n", 'a'));
    assert_int_equal(get("/"), BARQ_OK);
}

static void a_connection_that_asks_nothing_is_closed(void **state)
{
    (void)state;
    start((struct bq_http_server_options){.headers_ms = 150});
    int never = world_connect();
    int once = world_connect();

    world_say(once, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_non_null(strstr(world_hear(once, "body="), " 200 "));
    assert_string_equal(world_hear(once, "more"), "");
    assert_string_equal(world_hear(never, "more"), "");
    close(once);
    close(never);
}

static void a_client_that_does_not_read_is_cut_off(void **state)
{
    (void)state;
    start((struct bq_http_server_options){.answer_ms = 150, .max_connections = 1});
    int fd = world_connect();

    /* The next one gets its turn only when this one, who takes nothing, is closed. */
    world_say(fd, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(get("/"), BARQ_OK);
    close(fd);
}

static void more_connections_than_allowed_wait_for_their_turn(void **state)
{
    (void)state;
    start((struct bq_http_server_options){.max_connections = 2});
    int first = world_connect();
    int second = world_connect();
    world_say(first, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
    world_say(second, "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_non_null(strstr(world_hear(first, "body="), "/1"));
    assert_non_null(strstr(world_hear(second, "body="), "/2"));

    int third = world_connect();
    struct pollfd look = {.fd = third, .events = POLLIN};
    world_say(third, "GET /3 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(poll(&look, 1, 100), 0);
    close(first);
    assert_non_null(strstr(world_hear(third, "body="), "/3"));
    close(second);
    close(third);
}

/* -- handlers -- */

static void a_handler_that_waits_holds_up_nobody_else(void **state)
{
    (void)state;
    start((struct bq_http_server_options){.threads = 2});
    int fd = world_connect();

    world_say(fd, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    world_take(world.entered_fd);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(get("/other"), BARQ_OK);
    }
    world_ring(world.gate_fd);
    assert_non_null(strstr(world_hear(fd, "body="), "/wait"));
    close(fd);
}

static void requests_under_way_are_answered_when_it_closes(void **state)
{
    (void)state;
    start((struct bq_http_server_options){.threads = 2});
    int fd = world_connect();

    world_say(fd, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    world_take(world.entered_fd);
    world_ring(world.stop_fd);
    world_ring(world.gate_fd);
    assert_non_null(strstr(world_hear(fd, "body="), "/wait"));
    world_join();
    assert_int_equal(get("/"), BARQ_ERR_CONN);
    close(fd);
}

static void it_closes_at_once_when_nobody_is_under_way(void **state)
{
    (void)state;

    for (int i = 0; i < 20; i++) {
        start((struct bq_http_server_options){0});
        int fd = world_connect();
        world_say(fd, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_non_null(strstr(world_hear(fd, "body="), "/a"));
        int64_t began_ms = bq_mono_ms();
        close(fd);
        world_stop(NULL);
        assert_true(bq_mono_ms() - began_ms < BQ_HTTP_DRAIN_MS);
    }
}

static void a_client_that_goes_away_while_its_handler_runs_harms_nothing(void **state)
{
    (void)state;
    start((struct bq_http_server_options){.threads = 1});
    int fd = world_connect();

    world_say(fd, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    world_take(world.entered_fd);
    struct linger at_once = {.l_onoff = 1};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(fd);
    world_ring(world.gate_fd);
    assert_int_equal(get("/"), BARQ_OK);
}

static void *ask_many(void *arg)
{
    const char *name = arg;
    struct bq_http_client *own = NULL;
    struct bq_http_answer got;
    char url[128];
    char expected[128];

    assert_int_equal(bq_http_client_new(&own, NULL), BARQ_OK);
    for (int i = 0; i < 100; i++) {
        snprintf(url, sizeof(url), "%s/%s/%d", world.url, name, i);
        snprintf(expected, sizeof(expected), "GET /%s/%d q=none e=none x=none body=", name, i);
        struct bq_http_request request = {.url = url};
        assert_int_equal(bq_http_ask(own, &request, -1, &got, NULL), BARQ_OK);
        assert_string_equal(got.body, expected);
    }
    bq_http_client_free(own);
    return NULL;
}

static void many_clients_at_once_get_their_own_answers(void **state)
{
    (void)state;
    static char names[][2] = {"a", "b", "c", "d", "e", "f"};
    pthread_t threads[6];
    start((struct bq_http_server_options){.threads = 3});

    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, ask_many, names[i]), 0);
    }
    for (size_t i = 0; i < 6; i++) {
        pthread_join(threads[i], NULL);
    }
}

/* -- other work -- */

static struct bq_http_work work;
static struct bq_watch work_watch;
static pthread_t run_by; /* written before the loop is told, read after */

static void run_work(struct bq_http_work *own, int thread)
{
    assert_ptr_equal(own, &work);
    assert_int_equal(thread, 0);
    run_by = pthread_self();
}

static void work_is_done(struct bq_http_work *own)
{
    (void)own;
    assert_true(pthread_equal(pthread_self(), world.thread));
    assert_false(pthread_equal(run_by, world.thread));
    world_ring(world.entered_fd);
}

static void begin_work(struct bq_watch *watch, uint32_t events)
{
    (void)events;
    world_take(watch->fd);
    bq_http_server_do(world.server, &work);
}

static void work_is_run_beside_calls_and_told_to_the_loop(void **state)
{
    (void)state;
    int begin_fd = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
    work = (struct bq_http_work){.run = run_work, .done = work_is_done};
    work_watch = (struct bq_watch){.fd = -1, .ready = begin_work};
    assert_int_equal(bq_loop_add(&world.loop, &work_watch, begin_fd, EPOLLIN, &err), BARQ_OK);
    start((struct bq_http_server_options){.threads = 1});

    for (int i = 0; i < 3; i++) {
        world_ring(begin_fd);
        world_take(world.entered_fd);
        assert_int_equal(get("/"), BARQ_OK);
    }
    world_stop(NULL);
    bq_loop_remove(&world.loop, &work_watch);
    close(begin_fd);
}

/* -- where it listens -- */

static void an_address_that_cannot_be_had_is_told(void **state)
{
    (void)state;
    struct bq_http_server *other = NULL;
    start((struct bq_http_server_options){0});
    struct bq_http_server_options options = {.handle = handle, .port = world.port};

    assert_int_equal(bq_http_server_open(&world.loop, &options, &other, &err), BARQ_ERR_BUSY);
    assert_non_null(strstr(err.text, "in use"));
    options.host = "example.org";
    assert_int_equal(bq_http_server_open(&world.loop, &options, &other, &err), BARQ_ERR_ARG);
    options.host = "127.0.0.1";
    options.port = 65536;
    assert_int_equal(bq_http_server_open(&world.loop, &options, &other, &err), BARQ_ERR_ARG);
    assert_null(other);
}

#define server_test(name) cmocka_unit_test_teardown(name, world_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        server_test(a_handler_sees_the_whole_request),
        server_test(a_query_is_had_as_a_whole),
        server_test(parameters_that_come_twice_are_told_apart),
        server_test(a_handler_can_see_what_was_escaped),
        server_test(a_handler_knows_who_asks),
        server_test(an_answer_may_have_no_body),
        server_test(without_an_answer_it_is_a_500),
        server_test(a_large_answer_arrives_whole),
        server_test(a_file_can_be_the_answer),
        server_test(every_answer_has_the_headers_of_all),
        server_test(a_connection_serves_one_request_after_the_other),
        server_test(a_body_over_the_limit_is_refused),
        server_test(a_large_body_arrives_in_one_piece),
        server_test(a_body_that_finds_no_room_is_refused),
        server_test(broken_requests_are_refused),
        server_test(headers_without_end_are_refused),
        server_test(slow_clients_are_cut_off_and_others_are_served),
        server_test(a_connection_that_asks_nothing_is_closed),
        server_test(a_client_that_does_not_read_is_cut_off),
        server_test(more_connections_than_allowed_wait_for_their_turn),
        server_test(a_handler_that_waits_holds_up_nobody_else),
        server_test(requests_under_way_are_answered_when_it_closes),
        server_test(it_closes_at_once_when_nobody_is_under_way),
        server_test(a_client_that_goes_away_while_its_handler_runs_harms_nothing),
        server_test(many_clients_at_once_get_their_own_answers),
        server_test(work_is_run_beside_calls_and_told_to_the_loop),
        server_test(an_address_that_cannot_be_had_is_told),
    };

    return cmocka_run_group_tests_name("http/server", tests, make_world, clear_world);
}
