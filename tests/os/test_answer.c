#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/time.h"
#include "os/answer.h"

enum { CALLERS = BQ_ANSWER_CALLS + 4, DEADLINE_MS = 20000 };

static struct bq_loop loop;
static struct bq_answers *answers;
static int callers[CALLERS];

static int ask(void *context, const char *path, char body[BQ_ANSWER_BODY_MAX_BYTES])
{
    assert_ptr_equal(context, callers);
    (void)snprintf(body, BQ_ANSWER_BODY_MAX_BYTES, "{\"path\":\"%s\"}\n", path);
    return strcmp(path, "/readyz") == 0 ? 503 : strcmp(path, "/livez") == 0 ? 200 : 404;
}

static int set_up(void **state)
{
    (void)state;
    memset(callers, -1, sizeof(callers));
    return bq_loop_init(&loop, NULL) == BARQ_OK &&
                   bq_answers_open(&loop, "127.0.0.1:0", ask, callers, &answers, NULL) == BARQ_OK
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < CALLERS; i++) {
        if (callers[i] >= 0) {
            close(callers[i]);
        }
    }
    bq_answers_close(answers);
    bq_loop_clear(&loop);
    return 0;
}

static void dial(int caller)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)bq_answers_port(answers)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    callers[caller] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(callers[caller], (const struct sockaddr *)&address, sizeof(address)),
                     0);
}

static void say(int caller, const char *text)
{
    size_t len = strlen(text);

    assert_int_equal(send(callers[caller], text, len, MSG_NOSIGNAL), len);
}

/* All that comes until the connection is closed; lets the loop turn meanwhile. */
static const char *hear(int caller)
{
    static char text[4096];
    size_t len = 0;
    int64_t end_ms = bq_mono_ms() + DEADLINE_MS;

    while (bq_mono_ms() < end_ms) {
        bq_loop_wait(&loop, 10);
        ssize_t got = recv(callers[caller], text + len, sizeof(text) - 1 - len, MSG_DONTWAIT);
        len += got > 0 ? (size_t)got : 0;
        text[len] = '\0';
        if (got == 0) {
            return text;
        }
    }
    fail_msg("the connection was not closed; heard: %s", text);
    return "";
}

static void assert_answer(const char *request, const char *status, const char *body)
{
    dial(0);
    say(0, request);
    const char *heard = hear(0);
    assert_memory_equal(heard, "HTTP/1.1 ", 9);
    assert_memory_equal(heard + 9, status, strlen(status));
    const char *begin = strstr(heard, "\r\n\r\n");
    assert_non_null(begin);
    assert_string_equal(begin + 4, body);
    close(callers[0]);
    callers[0] = -1;
}

static void a_path_is_answered_with_its_status_and_the_connection_closed(void **state)
{
    (void)state;
    assert_answer("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", "200 OK", "{\"path\":\"/livez\"}\n");
    assert_answer("GET /readyz?verbose HTTP/1.0\r\n\r\n", "503 ", "{\"path\":\"/readyz\"}\n");
    assert_answer("GET /../etc HTTP/1.1\r\n\r\n", "404 ", "{\"path\":\"/../etc\"}\n");
    assert_answer("HEAD /livez HTTP/1.1\r\n\r\n", "200 OK", "");
    assert_answer("GET /livez HTTP/1.1\n\n", "200 OK", "{\"path\":\"/livez\"}\n");
}

static void what_is_no_such_request_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\r\n\r\n",
        "GET\r\n\r\n",
        "GET /livez\r\n\r\n",
        "GET  /livez HTTP/1.1\r\n\r\n",
        " / HTTP/1.1\r\n\r\n",
        "GET x HTTP/1.1\n\n",
        "GET / SPDY/3\r\n\r\n",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_answer(bad[i], "400 ", "{}\n");
    }
    assert_answer("POST /livez HTTP/1.1\r\n\r\n", "405 ", "{}\n");
}

static void a_head_without_end_is_refused(void **state)
{
    (void)state;
    char head[BQ_ANSWER_HEAD_MAX_BYTES + 1];

    memset(head, 'x', sizeof(head) - 1);
    head[sizeof(head) - 1] = '\0';
    assert_answer(head, "400 ", "{}\n");
}

static void a_request_may_come_byte_by_byte(void **state)
{
    (void)state;
    const char *request = "GET /livez HTTP/1.1\r\n\r\n";

    dial(0);
    for (const char *at = request; *at; at++) {
        char byte[] = {*at, '\0'};
        say(0, byte);
        bq_loop_wait(&loop, 1000);
    }
    assert_memory_equal(hear(0), "HTTP/1.1 200 OK", 15);
}

static void whoever_says_nothing_is_cut_off(void **state)
{
    (void)state;
    int64_t next_ms = INT64_MAX;

    dial(0);
    say(0, "GET /livez");
    while (next_ms == INT64_MAX) {
        bq_loop_wait(&loop, 1000);
        bq_answers_check(answers, bq_mono_ms(), &next_ms);
    }
    bq_answers_check(answers, next_ms, &(int64_t){0});
    assert_string_equal(hear(0), "");
}

static void those_who_say_nothing_keep_nobody_from_being_answered(void **state)
{
    (void)state;
    for (int i = 1; i < CALLERS; i++) {
        dial(i);
        say(i, "GET /");
        bq_loop_wait(&loop, 1000);
    }
    assert_answer("GET /livez HTTP/1.1\r\n\r\n", "200 OK", "{\"path\":\"/livez\"}\n");
}

static void a_caller_that_goes_away_is_forgotten(void **state)
{
    (void)state;
    for (int i = 0; i < 3 * BQ_ANSWER_CALLS; i++) {
        dial(1);
        say(1, "GET /livez HTTP/1.1\r\n\r\n");
        close(callers[1]);
        callers[1] = -1;
        bq_loop_wait(&loop, 0);
    }
    assert_answer("GET /livez HTTP/1.1\r\n\r\n", "200 OK", "{\"path\":\"/livez\"}\n");
}

static void a_place_that_makes_no_sense_or_is_taken_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",           "x",           "127.0.0.1",    "127.0.0.1:",
                                      "1.2.3.4:-1", "[::1]:70000", "localhost:80", "127.0.0.1:8o"};
    struct bq_answers *other = NULL;
    struct barq_error err;
    char where[64];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(bq_answers_open(&loop, bad[i], ask, callers, &other, &err), BARQ_ERR_ARG);
    }
    (void)snprintf(where, sizeof(where), "127.0.0.1:%d", bq_answers_port(answers));
    assert_int_equal(bq_answers_open(&loop, where, ask, callers, &other, &err), BARQ_ERR_BUSY);
    assert_non_null(strstr(err.text, "in use by another program"));
    assert_int_equal(bq_answers_open(&loop, ":0", ask, callers, &other, &err), BARQ_OK);
    bq_answers_close(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_path_is_answered_with_its_status_and_the_connection_closed),
        TEST(what_is_no_such_request_is_refused),
        TEST(a_head_without_end_is_refused),
        TEST(a_request_may_come_byte_by_byte),
        TEST(whoever_says_nothing_is_cut_off),
        TEST(those_who_say_nothing_keep_nobody_from_being_answered),
        TEST(a_caller_that_goes_away_is_forgotten),
        TEST(a_place_that_makes_no_sense_or_is_taken_is_refused),
    };

    return cmocka_run_group_tests_name("os/answer", tests, NULL, NULL);
}
