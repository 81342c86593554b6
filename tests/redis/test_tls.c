#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drive.h"
#include "server.h"
#include "support/certs.h"
#include "support/folder.h"

enum { LARGE_BYTES = 3 * 1024 * 1024 };

static struct server *server;
static struct bq_redis *redis;
static int tls_port;
static const char *ca; /* as an option of an address */

/* Who comes has to show a certificate when `auth` is "yes". */
static void start(const char *names, const char *auth)
{
    certs_make("server", "ca", names);
    tls_port = server_free_port();
    server = server_start(folder_text("tls-port %d\ntls-cert-file %s\ntls-key-file %s\n"
                                      "tls-ca-cert-file %s\ntls-auth-clients %s",
                                      tls_port, certs_path("server.crt"), certs_path("server.key"),
                                      certs_path("ca.crt"), auth));
}

static int begin(void **state)
{
    int made = folder_make(state);

    certs_make_authority("ca");
    ca = folder_text("ssl_ca_certs=%s", certs_path("ca.crt"));
    server = NULL;
    redis = NULL;
    return made;
}

static int end(void **state)
{
    bq_redis_close(redis);
    server_stop(server);
    return folder_remove(state);
}

static void commands_are_answered_over_tls(void **state)
{
    (void)state;
    char *large = malloc(LARGE_BYTES);
    assert_non_null(large);
    memset(large, 'x', LARGE_BYTES);
    const struct bq_redis_word words[] = {BQ_REDIS_WORD("ECHO"), {large, LARGE_BYTES}};

    start("DNS:localhost,IP:127.0.0.1", "no");
    redis = drive_open("rediss://localhost:%d/3?%s", tls_port, ca);
    drive_until_ready(redis);
    assert_string_equal(drive_ask(redis, "SET a 1")->text, "OK");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(bq_redis_send(redis, words, 2, NULL), BARQ_OK);
    }
    for (int i = 0; i < 3; i++) {
        assert_memory_equal(drive_next(redis)->text, large, LARGE_BYTES);
    }
    for (int i = 0; i < 5000; i++) {
        drive_send(redis, "INCR a");
    }
    for (int i = 0; i < 5000; i++) {
        assert_int_equal(drive_next(redis)->number, i + 2);
    }
    free(large);
}

static void an_address_may_be_in_the_certificate(void **state)
{
    (void)state;
    start("DNS:other,IP:127.0.0.1", "no");
    redis = drive_open("rediss://127.0.0.1:%d?%s", tls_port, ca);
    drive_until_ready(redis);
}

static void another_authority_is_not_trusted(void **state)
{
    (void)state;
    start("DNS:localhost,IP:127.0.0.1", "no");
    certs_make_authority("other");
    redis = drive_open("rediss://localhost:%d?ssl_ca_certs=%s", tls_port, certs_path("other.crt"));
    drive_until_error(redis, "agreeing on TLS: the server's certificate is not trusted");
    bq_redis_close(redis);
    redis = drive_open("rediss://localhost:%d", tls_port); /* the system's */
    drive_until_error(redis, "is not trusted");
    bq_redis_close(redis);
    redis = drive_open("rediss://localhost:%d?ssl_cert_reqs=none", tls_port);
    drive_until_ready(redis);
}

static void another_host_is_not_trusted(void **state)
{
    (void)state;
    start("DNS:elsewhere.example,IP:127.0.0.2", "no");
    redis = drive_open("rediss://localhost:%d?%s", tls_port, ca);
    drive_until_error(redis, "is for another host");
    bq_redis_close(redis);
    redis = drive_open("rediss://127.0.0.1:%d?%s", tls_port, ca);
    drive_until_error(redis, "is for another host");
    bq_redis_close(redis);
    redis = drive_open("rediss://localhost:%d?%s&ssl_check_hostname=false", tls_port, ca);
    drive_until_ready(redis);
}

static void a_server_may_ask_for_a_certificate(void **state)
{
    (void)state;
    start("DNS:localhost", "yes");
    certs_make("client", "ca", "DNS:client");
    redis = drive_open("rediss://localhost:%d?%s", tls_port, ca);
    drive_until_error(redis, "ssl_certfile");
    bq_redis_close(redis);
    redis = drive_open("rediss://localhost:%d?%s&ssl_certfile=%s&ssl_keyfile=%s", tls_port, ca,
                       certs_path("client.crt"), certs_path("client.key"));
    drive_until_ready(redis);
    assert_string_equal(drive_ask(redis, "PING")->text, "PONG");
}

static void files_that_are_not_there_are_named(void **state)
{
    (void)state;
    start("DNS:localhost", "no");
    redis = drive_open("rediss://localhost:%d?ssl_ca_certs=/nowhere/ca.crt", tls_port);
    drive_until_error(redis, "ssl_ca_certs /nowhere/ca.crt");
    bq_redis_close(redis);
    redis = drive_open("rediss://localhost:%d?%s&ssl_certfile=/nowhere/c.crt", tls_port, ca);
    drive_until_error(redis, "ssl_certfile /nowhere/c.crt");
    bq_redis_close(redis);
    redis =
        drive_open("rediss://localhost:%d?%s&ssl_certfile=%s", tls_port, ca, certs_path("ca.crt"));
    drive_until_error(redis, "no key for ssl_certfile");
}

static void a_port_of_the_other_kind_is_told(void **state)
{
    (void)state;
    start("DNS:localhost", "no");
    redis = drive_open("redis://localhost:%d", tls_port);
    drive_until_error(redis, "rediss://");
    bq_redis_close(redis);
    redis = drive_open("rediss://localhost:%d?connect_timeout=1&%s", server_port(server), ca);
    drive_until_error(redis, "redis://?");
}

static void it_comes_back_with_new_certificates(void **state)
{
    (void)state;
    start("DNS:localhost", "no");
    redis = drive_open("rediss://localhost:%d?%s", tls_port, ca);
    drive_until_ready(redis);
    server_kill(server);
    drive_until_away(redis);

    certs_make_authority("ca");
    certs_make("server", "ca", "DNS:localhost");
    server_again(server);
    drive_until_ready(redis);
    assert_int_equal(bq_redis_era(redis), 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    static const struct CMUnitTest tests[] = {
        TEST(commands_are_answered_over_tls),     TEST(an_address_may_be_in_the_certificate),
        TEST(another_authority_is_not_trusted),   TEST(another_host_is_not_trusted),
        TEST(a_server_may_ask_for_a_certificate), TEST(files_that_are_not_there_are_named),
        TEST(a_port_of_the_other_kind_is_told),   TEST(it_comes_back_with_new_certificates),
    };

    return cmocka_run_group_tests_name("redis/tls", tests, NULL, NULL);
}
