#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
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

#include "base/time.h"
#include "http/client.h"
#include "http/server.h"

enum { DEADLINE_MS = 10000, BIG_BYTES = 8000000 };

/* A server whose loop runs on a thread of its own. */
struct world {
    struct bq_loop loop;
    struct bq_http_server *server;
    pthread_t thread;
    int stop_fd;
    int gate_fd;    /* handlers of /wait take one from it */
    int entered_fd; /* ... and put one here before */
    struct bq_watch stop_watch;
    bool stopped; /* the loop's own */
    bool running;
    char url[64];
    int port;
};

static struct world world;
static struct bq_http_client *client;
static struct bq_http_answer answer;
static struct barq_error err;
static char big[BIG_BYTES];

/* -- the handler -- */

static void ring(int fd)
{
    uint64_t one = 1;

    assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
}

static void take(int fd)
{
    struct pollfd look = {.fd = fd, .events = POLLIN};
    uint64_t one = 0;

    assert_int_equal(poll(&look, 1, DEADLINE_MS), 1);
    assert_int_equal(read(fd, &one, sizeof(one)), sizeof(one));
}

static const char *or_none(const char *text)
{
    return text ? text : "none";
}

static void answer_text(struct bq_http_call *call, int status, const char *text)
{
    bq_http_answer(call, status, "text/plain", text, strlen(text));
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
        ring(owner->entered_fd);
        take(owner->gate_fd);
    }
    bq_http_answer_header(call, "X-Answer", "yes");
    answer_text(call, strcmp(call->method, "POST") == 0 ? 201 : 200,
                bq_arena_format(call->arena, "%s %s q=%s e=%s x=%s body=%s", call->method,
                                call->path, or_none(bq_http_query(call, "q")),
                                or_none(bq_http_query(call, "e")),
                                or_none(bq_http_header(call, "x-test")), call->body));
}

/* -- the world -- */

static void stop_loop(struct bq_watch *watch, uint32_t events)
{
    (void)watch;
    (void)events;
    world.stopped = true;
}

static void *run_loop(void *arg)
{
    struct world *own = arg;

    while (!own->stopped) {
        bq_loop_wait(&own->loop, bq_http_server_turn(own->server));
    }
    bq_http_server_close(own->server);
    return NULL;
}

static void start(struct bq_http_server_options options)
{
    options.handle = handle;
    options.context = &world;
    assert_int_equal(bq_http_server_open(&world.loop, &options, &world.server, &err), BARQ_OK);
    world.port = bq_http_server_port(world.server);
    snprintf(world.url, sizeof(world.url), "http://127.0.0.1:%d", world.port);
    world.stopped = false;
    assert_int_equal(pthread_create(&world.thread, NULL, run_loop, &world), 0);
    world.running = true;
}

static void join(void)
{
    pthread_join(world.thread, NULL);
    take(world.stop_fd);
    world.running = false;
}

/* After each test, also one that failed. */
static int stop(void **state)
{
    (void)state;
    if (world.running) {
        ring(world.stop_fd);
        join();
    }
    return 0;
}

static int make_world(void **state)
{
    (void)state;
    unsetenv("http_proxy");
    world.stop_fd = eventfd(0, EFD_CLOEXEC);
    world.gate_fd = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
    world.entered_fd = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
    world.stop_watch.ready = stop_loop;
    memset(big, 'b', sizeof(big));
    assert_int_equal(bq_loop_init(&world.loop, &err), BARQ_OK);
    assert_int_equal(bq_loop_add(&world.loop, &world.stop_watch, world.stop_fd, EPOLLIN, &err),
                     BARQ_OK);
    return bq_http_client_new(&client, &err);
}

static int clear_world(void **state)
{
    (void)state;
    bq_http_client_free(client);
    bq_loop_clear(&world.loop);
    close(world.stop_fd);
    close(world.gate_fd);
    close(world.entered_fd);
    return 0;
}

/* -- clients -- */

static const char *url_of(const char *path)
{
    static char url[256];

    snprintf(url, sizeof(url), "%s%s", world.url, path);
    return url;
}

static enum barq_status get(const char *path)
{
    struct bq_http_request request = {
        .url = url_of(path), .timeout_ms = DEADLINE_MS, .answer_max_bytes = 2 * (size_t)BIG_BYTES};

    return bq_http_ask(client, &request, -1, &answer, &err);
}

static int connect_to_it(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)world.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Reads until `enough` is there or the server has closed; what was read. */
static const char *hear(int fd, const char *enough)
{
    static char text[65536];
    struct pollfd look = {.fd = fd, .events = POLLIN};
    size_t len = 0;

    text[0] = '\0';
    while (!strstr(text, enough)) {
        assert_int_equal(poll(&look, 1, DEADLINE_MS), 1);
        ssize_t got = recv(fd, text + len, sizeof(text) - 1 - len, 0);
        if (got <= 0) {
            break;
        }
        len += (size_t)got;
        text[len] = '\0';
    }
    return text;
}

/* Sends `first`, then `drop` again and again, a byte every 10 ms; true when that ends with a cut. */
static bool is_cut_off(const char *first, char drop)
{
    int fd = connect_to_it();
    struct pollfd look = {.fd = fd, .events = POLLIN};
    int64_t end_ms = bq_mono_ms() + DEADLINE_MS;
    bool cut = false;

    say(fd, first);
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
    struct bq_http_request request = {.url = url_of("/a%20b?q=1+2%26&e&q=3"),
                                      .headers = headers,
                                      .body = "text",
                                      .body_bytes = 4};

    assert_int_equal(bq_http_ask(client, &request, -1, &answer, &err), BARQ_OK);

    assert_int_equal(answer.status, 201);
    assert_string_equal(answer.content_type, "text/plain");
    assert_string_equal(answer.body, "POST /a b q=1 2& e= x=some body=text");
}

static void without_an_answer_it_is_a_500(void **state)
{
    (void)state;
    start((struct bq_http_server_options){0});

    assert_int_equal(get("/nothing"), BARQ_OK);
    assert_int_equal(answer.status, 500);
    assert_string_equal(answer.body, "{\"detail\":\"Internal error\"}");
}

static void a_large_answer_arrives_whole(void **state)
{
    (void)state;
    start((struct bq_http_server_options){0});

    assert_int_equal(get("/big"), BARQ_OK);
    assert_int_equal(answer.body_bytes, BIG_BYTES);
}

static void a_connection_serves_one_request_after_the_other(void **state)
{
    (void)state;
    start((struct bq_http_server_options){0});
    int fd = connect_to_it();

    for (int i = 0; i < 3; i++) {
        say(fd, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_non_null(strstr(hear(fd, "body="), "X-Answer: yes"));
    }
    close(fd);
}

/* -- what is refused -- */

static void a_body_over_the_limit_is_refused(void **state)
{
    (void)state;
    start((struct bq_http_server_options){.body_max_bytes = 4});
    struct bq_http_request request = {.url = url_of("/"), .body = "12345", .body_bytes = 4};

    assert_int_equal(bq_http_ask(client, &request, -1, &answer, &err), BARQ_OK);
    assert_int_equal(answer.status, 201);
    request.body_bytes = 5;
    assert_int_equal(bq_http_ask(client, &request, -1, &answer, &err), BARQ_OK);
    assert_int_equal(answer.status, 413);
    assert_string_equal(answer.body, "{\"detail\":\"The body is too large\"}");

    int fd = connect_to_it();
    say(fd, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n");
    assert_non_null(strstr(hear(fd, "large"), "HTTP/1.1 413"));
    close(fd);
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
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
        two_lengths,
        "nonsense\r\n\r\n",
    };
    start((struct bq_http_server_options){0});

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int fd = connect_to_it();
        say(fd, bad[i]);
        shutdown(fd, SHUT_WR);
        const char *heard = hear(fd, "\r\n\r\n");
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
    int fd = connect_to_it();

    memset(line, 'a', sizeof(line) - 1);
    say(fd, "GET / HTTP/1.1\r\nHost: a\r\nX-Long: ");
    (void)!send(fd, line, sizeof(line) - 1, MSG_NOSIGNAL);
    const char *heard = hear(fd, "\r\n\r\n");
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
    int never = connect_to_it();
    int once = connect_to_it();

    say(once, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_non_null(strstr(hear(once, "body="), " 200 "));
    assert_string_equal(hear(once, "more"), "");
    assert_string_equal(hear(never, "more"), "");
    close(once);
    close(never);
}

static void a_client_that_does_not_read_is_cut_off(void **state)
{
    (void)state;
    start((struct bq_http_server_options){.answer_ms = 150, .max_connections = 1});
    int fd = connect_to_it();

    /* The next one gets its turn only when this one, who takes nothing, is closed. */
    say(fd, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(get("/"), BARQ_OK);
    close(fd);
}

static void more_connections_than_allowed_wait_for_their_turn(void **state)
{
    (void)state;
    start((struct bq_http_server_options){.max_connections = 2});
    int first = connect_to_it();
    int second = connect_to_it();
    say(first, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
    say(second, "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_non_null(strstr(hear(first, "body="), "/1"));
    assert_non_null(strstr(hear(second, "body="), "/2"));

    int third = connect_to_it();
    struct pollfd look = {.fd = third, .events = POLLIN};
    say(third, "GET /3 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(poll(&look, 1, 100), 0);
    close(first);
    assert_non_null(strstr(hear(third, "body="), "/3"));
    close(second);
    close(third);
}

/* -- handlers -- */

static void a_handler_that_waits_holds_up_nobody_else(void **state)
{
    (void)state;
    start((struct bq_http_server_options){.threads = 2});
    int fd = connect_to_it();

    say(fd, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    take(world.entered_fd);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(get("/other"), BARQ_OK);
    }
    ring(world.gate_fd);
    assert_non_null(strstr(hear(fd, "body="), "/wait"));
    close(fd);
}

static void requests_under_way_are_answered_when_it_closes(void **state)
{
    (void)state;
    start((struct bq_http_server_options){.threads = 2});
    int fd = connect_to_it();

    say(fd, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    take(world.entered_fd);
    ring(world.stop_fd);
    ring(world.gate_fd);
    assert_non_null(strstr(hear(fd, "body="), "/wait"));
    join();
    assert_int_equal(get("/"), BARQ_ERR_CONN);
    close(fd);
}

static void it_closes_at_once_when_nobody_is_under_way(void **state)
{
    (void)state;

    for (int i = 0; i < 20; i++) {
        start((struct bq_http_server_options){0});
        int fd = connect_to_it();
        say(fd, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_non_null(strstr(hear(fd, "body="), "/a"));
        int64_t began_ms = bq_mono_ms();
        close(fd);
        stop(NULL);
        assert_true(bq_mono_ms() - began_ms < BQ_HTTP_DRAIN_MS);
    }
}

static void a_client_that_goes_away_while_its_handler_runs_harms_nothing(void **state)
{
    (void)state;
    start((struct bq_http_server_options){.threads = 1});
    int fd = connect_to_it();

    say(fd, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    take(world.entered_fd);
    struct linger at_once = {.l_onoff = 1};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(fd);
    ring(world.gate_fd);
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

#define server_test(name) cmocka_unit_test_teardown(name, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        server_test(a_handler_sees_the_whole_request),
        server_test(without_an_answer_it_is_a_500),
        server_test(a_large_answer_arrives_whole),
        server_test(a_connection_serves_one_request_after_the_other),
        server_test(a_body_over_the_limit_is_refused),
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
        server_test(an_address_that_cannot_be_had_is_told),
    };

    return cmocka_run_group_tests_name("http/server", tests, make_world, clear_world);
}
