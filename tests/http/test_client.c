#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/time.h"
#include "http/client.h"
#include "support/folder.h"
#include "support/peer.h"

#define HELLO "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"

/* "hello hello hello hello hello", as gzip packs it */
static const unsigned char packed_hello[] = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9,
    0x57, 0xc8, 0xc0, 0x4e, 0x02, 0x00, 0xf6, 0xd2, 0x53, 0x38, 0x1d, 0x00, 0x00, 0x00,
};

static struct bq_http_client *client;
static struct bq_http_answer answer;
static struct barq_error err;

static int make_client(void **state)
{
    (void)state;
    unsetenv("http_proxy");
    return bq_http_client_new(&client, &err);
}

static int free_client(void **state)
{
    (void)state;
    bq_http_client_free(client);
    return 0;
}

static struct peer *start(const char *said, enum peer_end end)
{
    return peer_start(said, strlen(said), end);
}

/* Asks a peer that says `said`, once. */
static enum barq_status ask_one(const char *said, enum peer_end end, struct bq_http_request request)
{
    struct peer *peer = start(said, end);

    request.url = peer_url(peer);
    enum barq_status status = bq_http_ask(client, &request, -1, &answer, &err);
    peer_stop(peer);
    return status;
}

/* -- answers -- */

static void an_answer_is_its_status_type_and_body(void **state)
{
    (void)state;

    assert_int_equal(ask_one(HELLO, PEER_STAYS, (struct bq_http_request){0}), BARQ_OK);

    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.content_type, "text/plain");
    assert_int_equal(answer.retry_after_ms, 0);
    assert_int_equal(answer.body_bytes, 5);
    assert_string_equal(answer.body, "hello");
}

static void an_error_status_and_a_redirect_are_answers(void **state)
{
    (void)state;

    assert_int_equal(ask_one("HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n",
                             PEER_STAYS, (struct bq_http_request){0}),
                     BARQ_OK);
    assert_int_equal(answer.status, 503);
    assert_int_equal(answer.retry_after_ms, 7000);
    assert_string_equal(answer.content_type, "");
    assert_string_equal(answer.body, "");

    assert_int_equal(ask_one("HTTP/1.1 429 Slow\r\nRetry-After: 9223372036854775807\r\n"
                             "Content-Length: 0\r\n\r\n",
                             PEER_STAYS, (struct bq_http_request){0}),
                     BARQ_OK);
    assert_true(answer.retry_after_ms >= 0);

    assert_int_equal(ask_one("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
                             "Content-Length: 0\r\n\r\n",
                             PEER_STAYS, (struct bq_http_request){0}),
                     BARQ_OK);
    assert_int_equal(answer.status, 302);
}

static void a_packed_answer_is_unpacked(void **state)
{
    (void)state;
    struct bq_buf said;
    bq_buf_init(&said, 4096);
    bq_buf_printf(&said, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
                  sizeof(packed_hello));
    bq_buf_put(&said, packed_hello, sizeof(packed_hello));
    struct peer *peer = peer_start(said.data, said.len, PEER_STAYS);
    struct bq_http_request request = {.url = peer_url(peer)};

    assert_int_equal(bq_http_ask(client, &request, -1, &answer, &err), BARQ_OK);
    assert_string_equal(answer.body, "hello hello hello hello hello");
    assert_non_null(strstr(peer_heard(peer), "Accept-Encoding: gzip"));

    /* The limit is on what comes out, not on what comes in. */
    request.answer_max_bytes = 28;
    assert_int_equal(bq_http_ask(client, &request, -1, &answer, &err), BARQ_ERR_LIMIT);
    peer_stop(peer);
    bq_buf_clear(&said);
}

static void connections_are_kept_for_the_next_request(void **state)
{
    (void)state;
    struct peer *peer = start(HELLO, PEER_STAYS);
    struct bq_http_request request = {.url = peer_url(peer)};

    for (int i = 0; i < 3; i++) {
        assert_int_equal(bq_http_ask(client, &request, -1, &answer, &err), BARQ_OK);
    }
    assert_int_equal(peer_connections(peer), 1);
    peer_stop(peer);
}

/* -- requests -- */

static void a_body_makes_it_a_post_with_our_headers(void **state)
{
    (void)state;
    struct peer *peer = start(HELLO, PEER_STAYS);
    static const char *const headers[] = {"Content-Type: application/json", "X-Key: secret", NULL};
    struct bq_http_request request = {
        .url = peer_url(peer),
        .headers = headers,
        .body = "{\"a\": 1}",
        .body_bytes = 8,
    };

    assert_int_equal(bq_http_ask(client, &request, -1, &answer, &err), BARQ_OK);

    const char *heard = peer_heard(peer);
    assert_true(strncmp(heard, "POST / HTTP/1.1\r\n", 17) == 0);
    assert_non_null(strstr(heard, "\r\nX-Key: secret\r\n"));
    assert_non_null(strstr(heard, "\r\nContent-Type: application/json\r\n"));
    assert_null(strstr(heard, "Expect:"));
    assert_string_equal(strstr(heard, "\r\n\r\n") + 4, "{\"a\": 1}");
    peer_stop(peer);
}

static void nothing_of_a_request_stays_for_the_next(void **state)
{
    (void)state;
    struct peer *peer = start(HELLO, PEER_STAYS);
    static const char *const headers[] = {"X-Key: secret", NULL};
    struct bq_http_request first = {
        .method = "PUT",
        .url = peer_url(peer),
        .headers = headers,
        .body = "x",
        .body_bytes = 1,
    };
    struct bq_http_request second = {.url = peer_url(peer)};

    assert_int_equal(bq_http_ask(client, &first, -1, &answer, &err), BARQ_OK);
    assert_non_null(strstr(peer_heard(peer), "PUT /"));
    assert_int_equal(bq_http_ask(client, &second, -1, &answer, &err), BARQ_OK);
    const char *heard = peer_heard(peer);
    assert_non_null(strstr(heard, "GET /"));
    assert_null(strstr(heard, "X-Key"));
    peer_stop(peer);
}

static void what_is_no_http_url_or_header_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "ftp://127.0.0.1/", "file:///etc/hostname", "http://",
                                      "http://a b/"};
    static const char *const split[] = {"X-Key: a\r\nHost: b", NULL};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct bq_http_request request = {.url = bad[i]};
        assert_int_equal(bq_http_ask(client, &request, -1, &answer, &err), BARQ_ERR_ARG);
    }
    assert_int_equal(ask_one(HELLO, PEER_STAYS, (struct bq_http_request){.headers = split}),
                     BARQ_ERR_ARG);
}

/* -- failures -- */

static void a_failure_names_the_place_but_not_the_secrets(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "http://user:hunter2@127.0.0.1:1/videos?id=a&key=hunter2",
        "http://127.0.0.1:1/videos?key=hunter2#hunter2",
    };

    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        struct bq_http_request request = {.url = urls[i]};
        assert_int_equal(bq_http_ask(client, &request, -1, &answer, &err), BARQ_ERR_CONN);
        assert_non_null(strstr(err.text, "http: GET http://127.0.0.1:1/videos: "));
        assert_null(strstr(err.text, "hunter2"));
    }

    struct bq_http_request no_url = {.url = "gopher:hunter2@x?hunter2"};
    assert_int_equal(bq_http_ask(client, &no_url, -1, &answer, &err), BARQ_ERR_ARG);
    assert_null(strstr(err.text, "hunter2"));
}

static void an_answer_that_is_cut_off_is_a_broken_connection(void **state)
{
    (void)state;
    static const char *const cut[] = {
        "",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    };

    for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++) {
        assert_int_equal(ask_one(cut[i], PEER_CLOSES, (struct bq_http_request){0}), BARQ_ERR_CONN);
    }
}

static void what_is_no_http_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        enum barq_status status = ask_one(bad[i], PEER_CLOSES, (struct bq_http_request){0});
        assert_int_equal(status, BARQ_ERR_FORMAT);
    }
}

static void an_answer_that_is_too_long_is_refused(void **state)
{
    (void)state;

    assert_int_equal(ask_one(HELLO, PEER_STAYS, (struct bq_http_request){.answer_max_bytes = 5}),
                     BARQ_OK);
    assert_int_equal(ask_one(HELLO, PEER_STAYS, (struct bq_http_request){.answer_max_bytes = 4}),
                     BARQ_ERR_LIMIT);
    assert_int_equal(ask_one("HTTP/1.1 200 OK\r\n\r\nhello", PEER_CLOSES,
                             (struct bq_http_request){.answer_max_bytes = 4}),
                     BARQ_ERR_LIMIT);
}

static void headers_without_end_are_refused(void **state)
{
    (void)state;
    struct bq_buf said;
    bq_buf_init(&said, 1000000);
    bq_buf_puts(&said, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 10000; i++) {
        bq_buf_printf(&said, "X-%d: 0123456789\r\n", i);
    }
    bq_buf_puts(&said, "Content-Length: 0\r\n\r\n");

    assert_int_equal(ask_one(bq_buf_cstr(&said), PEER_CLOSES, (struct bq_http_request){0}),
                     BARQ_ERR_LIMIT);
    assert_non_null(strstr(err.text, "headers"));
    bq_buf_clear(&said);
}

static void a_server_that_goes_silent_costs_the_timeout(void **state)
{
    (void)state;
    static const char *const silent[] = {
        "",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
    };

    for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
        struct bq_http_request request = {.timeout_ms = 100};
        assert_int_equal(ask_one(silent[i], PEER_HOLDS, request), BARQ_ERR_TIMEOUT);
    }
}

/* -- trust -- */

static void make_certificate(void)
{
    char *command = folder_text("openssl req -x509 -newkey rsa:2048 -nodes -days 1 -keyout %s/key"
                                " -out %s/cert -subj /CN=localhost 2>/dev/null",
                                folder_path(), folder_path());

    assert_int_equal(system(command), 0);
}

/* Reads lines up to "ACCEPT 127.0.0.1:PORT"; the port. */
static int port_of(FILE *said)
{
    char line[256];
    int port = 0;

    while (port == 0 && fgets(line, sizeof(line), said)) {
        const char *colon = strrchr(line, ':');
        port = strncmp(line, "ACCEPT ", 7) == 0 && colon ? atoi(colon + 1) : 0;
    }
    assert_int_not_equal(port, 0);
    return port;
}

static void a_certificate_that_nobody_trusts_is_refused(void **state)
{
    (void)state;
    make_certificate();
    FILE *server = popen(folder_text("exec timeout 20 openssl s_server -accept 127.0.0.1:0"
                                     " -naccept 1 -key %s/key -cert %s/cert -www </dev/null"
                                     " 2>/dev/null",
                                     folder_path(), folder_path()),
                         "r");
    assert_non_null(server);
    struct bq_http_request request = {.url = folder_text("https://localhost:%d/", port_of(server))};

    assert_int_equal(bq_http_ask(client, &request, -1, &answer, &err), BARQ_ERR_CONN);
    assert_non_null(strstr(err.text, "certificate"));
    pclose(server);
}

/* -- cancel -- */

struct canceler {
    struct peer *peer;
    int fd;
};

static void *cancel_once_asked(void *arg)
{
    const struct canceler *canceler = arg;
    uint64_t one = 1;

    peer_heard(canceler->peer);
    assert_int_equal(write(canceler->fd, &one, sizeof(one)), sizeof(one));
    return NULL;
}

static void a_request_ends_at_once_when_it_is_canceled(void **state)
{
    (void)state;
    struct peer *peer = start("", PEER_HOLDS);
    struct canceler canceler = {.peer = peer, .fd = eventfd(0, EFD_CLOEXEC)};
    struct bq_http_request request = {.url = peer_url(peer), .timeout_ms = 60000};
    pthread_t thread;

    int64_t began_ms = bq_mono_ms();
    assert_int_equal(pthread_create(&thread, NULL, cancel_once_asked, &canceler), 0);
    assert_int_equal(bq_http_ask(client, &request, canceler.fd, &answer, &err), BARQ_ERR_CANCELED);
    assert_true(bq_mono_ms() - began_ms < request.timeout_ms / 2);
    pthread_join(thread, NULL);

    /* Still readable: the next one doesn't even begin. */
    assert_int_equal(bq_http_ask(client, &request, canceler.fd, &answer, &err), BARQ_ERR_CANCELED);
    assert_int_equal(peer_connections(peer), 1);
    close(canceler.fd);
    peer_stop(peer);
}

/* -- what goes on meanwhile -- */

struct other_work {
    int fd;
    int times;
    int cancel_fd; /* the request is to end when it has been done twice */
};

static bool work_on(void *data)
{
    struct other_work *work = data;
    uint64_t number = 1;

    work->times++;
    if (work->times == 2) {
        assert_int_equal(write(work->cancel_fd, &number, sizeof(number)), sizeof(number));
        return false; /* it stays readable, and nobody looks any more */
    }
    return true;
}

static void a_request_that_waits_keeps_nothing_from_going_on(void **state)
{
    (void)state;
    struct peer *peer = start("", PEER_HOLDS);
    struct other_work work = {.fd = eventfd(1, EFD_CLOEXEC), .cancel_fd = eventfd(0, EFD_CLOEXEC)};
    struct bq_http_request request = {
        .url = peer_url(peer),
        .timeout_ms = 60000,
        .meanwhile = work_on,
        .meanwhile_data = &work,
        .meanwhile_fd = work.fd,
    };

    assert_int_equal(bq_http_ask(client, &request, work.cancel_fd, &answer, &err),
                     BARQ_ERR_CANCELED);
    assert_int_equal(work.times, 2);
    close(work.fd);
    close(work.cancel_fd);
    peer_stop(peer);
}

static void a_client_works_on_after_every_failure(void **state)
{
    (void)state;
    int fd = eventfd(1, EFD_CLOEXEC);
    struct bq_http_request nowhere = {.url = "http://127.0.0.1:1/"};

    assert_int_equal(bq_http_ask(client, &nowhere, -1, &answer, &err), BARQ_ERR_CONN);
    assert_int_equal(bq_http_ask(client, &nowhere, fd, &answer, &err), BARQ_ERR_CANCELED);
    assert_int_equal(ask_one("", PEER_HOLDS, (struct bq_http_request){.timeout_ms = 50}),
                     BARQ_ERR_TIMEOUT);
    assert_int_equal(ask_one(HELLO, PEER_STAYS, (struct bq_http_request){0}), BARQ_OK);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_its_status_type_and_body),
        cmocka_unit_test(an_error_status_and_a_redirect_are_answers),
        cmocka_unit_test(a_packed_answer_is_unpacked),
        cmocka_unit_test(connections_are_kept_for_the_next_request),
        cmocka_unit_test(a_body_makes_it_a_post_with_our_headers),
        cmocka_unit_test(nothing_of_a_request_stays_for_the_next),
        cmocka_unit_test(what_is_no_http_url_or_header_is_refused),
        cmocka_unit_test(a_failure_names_the_place_but_not_the_secrets),
        cmocka_unit_test(an_answer_that_is_cut_off_is_a_broken_connection),
        cmocka_unit_test(what_is_no_http_is_refused),
        cmocka_unit_test(an_answer_that_is_too_long_is_refused),
        cmocka_unit_test(headers_without_end_are_refused),
        cmocka_unit_test(a_server_that_goes_silent_costs_the_timeout),
        cmocka_unit_test_setup_teardown(a_certificate_that_nobody_trusts_is_refused, folder_make,
                                        folder_remove),
        cmocka_unit_test(a_request_ends_at_once_when_it_is_canceled),
        cmocka_unit_test(a_request_that_waits_keeps_nothing_from_going_on),
        cmocka_unit_test(a_client_works_on_after_every_failure),
    };

    return cmocka_run_group_tests_name("http/client", tests, make_client, free_client);
}
