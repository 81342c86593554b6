#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "drive.h"
#include "server.h"
#include "support/folder.h"

enum { LARGE_BYTES = 3 * 1024 * 1024 };

static struct server *server;
static struct bq_redis *redis;

static int make_server(void **state)
{
    int made = folder_make(state);

    server = server_start("databases 4");
    redis = NULL;
    return made;
}

static int stop_server(void **state)
{
    bq_redis_close(redis);
    server_stop(server);
    return folder_remove(state);
}

static void commands_are_answered_over_tcp(void **state)
{
    (void)state;
    redis = drive_open("redis://localhost:%d", server_port(server));
    assert_int_not_equal(bq_redis_state(redis), BQ_REDIS_READY);
    drive_until_ready(redis);
    assert_int_equal(bq_redis_era(redis), 1);
    assert_string_equal(drive_ask(redis, "SET a 1")->text, "OK");
    assert_int_equal(drive_ask(redis, "INCR a")->number, 2);
    assert_int_equal(drive_ask(redis, "GET nothing")->kind, BQ_REDIS_NIL);
    assert_int_equal(drive_ask(redis, "LPUSH a 1")->kind, BQ_REDIS_ERROR);
    assert_string_equal(drive_ask(redis, "CLIENT GETNAME")->text, "test");
    assert_int_equal(bq_redis_pending(redis), 0);
}

static void commands_are_answered_over_a_socket(void **state)
{
    (void)state;
    redis = drive_open("unix://%s?db=2&client_name=other", server_socket(server));
    drive_until_ready(redis);
    assert_int_equal(bq_redis_db(redis), 2);
    assert_string_equal(drive_ask(redis, "SET in two")->text, "OK");
    assert_string_equal(drive_ask(redis, "CLIENT GETNAME")->text, "other");
    assert_string_equal(drive_ask(redis, "SELECT 0")->text, "OK");
    assert_int_equal(drive_ask(redis, "GET in")->kind, BQ_REDIS_NIL);
}

static void bytes_of_any_kind_come_back(void **state)
{
    (void)state;
    char bytes[256];
    for (int i = 0; i < 256; i++) {
        bytes[i] = (char)i;
    }
    const struct bq_redis_word words[] = {BQ_REDIS_WORD("ECHO"),
                                          {.data = bytes, .len = sizeof(bytes)}};
    const struct bq_redis_word empty[] = {BQ_REDIS_WORD("ECHO"), {.data = "", .len = 0}};

    redis = drive_open("unix://%s", server_socket(server));
    drive_until_ready(redis);
    assert_int_equal(bq_redis_send(redis, words, 2, NULL), BARQ_OK);
    assert_int_equal(bq_redis_send(redis, empty, 2, NULL), BARQ_OK);
    assert_int_equal(bq_redis_pending(redis), 2);
    const struct bq_redis_reply *reply = drive_next(redis);
    assert_int_equal(reply->len, sizeof(bytes));
    assert_memory_equal(reply->text, bytes, sizeof(bytes));
    reply = drive_next(redis);
    assert_int_equal(reply->kind, BQ_REDIS_TEXT);
    assert_int_equal(reply->len, 0);
}

static void replies_come_in_the_order_of_commands(void **state)
{
    (void)state;
    redis = drive_open("redis://127.0.0.1:%d", server_port(server));
    drive_until_ready(redis);
    for (int i = 0; i < 10000; i++) {
        drive_send(redis, "INCR n");
    }
    assert_int_equal(bq_redis_pending(redis), 10000);
    for (int i = 1; i <= 10000; i++) {
        assert_int_equal(drive_next(redis)->number, i);
    }
    assert_int_equal(bq_redis_pending(redis), 0);
}

static void large_commands_and_replies_go_through(void **state)
{
    (void)state;
    char *large = malloc(LARGE_BYTES);
    assert_non_null(large);
    memset(large, 'x', LARGE_BYTES);
    const struct bq_redis_word words[] = {BQ_REDIS_WORD("ECHO"), {large, LARGE_BYTES}};

    redis = drive_open("redis://127.0.0.1:%d", server_port(server));
    drive_until_ready(redis);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(bq_redis_send(redis, words, 2, NULL), BARQ_OK);
    }
    for (int i = 0; i < 4; i++) {
        const struct bq_redis_reply *reply = drive_next(redis);
        assert_int_equal(reply->len, LARGE_BYTES);
        assert_memory_equal(reply->text, large, LARGE_BYTES);
    }
    free(large);
}

static void a_reply_over_the_limit_breaks_it(void **state)
{
    (void)state;
    const struct bq_redis_options options = {.reply_max_bytes = 1000};
    const struct bq_dsn dsn = {.scheme = "unix",
                               .user = "",
                               .password = "",
                               .hosts = "",
                               .path = server_socket(server),
                               .options = ""};

    assert_int_equal(bq_redis_open(&dsn, &options, &redis, NULL), BARQ_OK);
    drive_until_ready(redis);
    assert_int_equal(drive_ask(redis, "SETRANGE long 5000 x")->number, 5001);
    drive_send(redis, "GET long");
    drive_send(redis, "PING");
    while (bq_redis_work(redis) == BQ_REDIS_READY) {
        assert_null(bq_redis_next(redis));
        if (bq_redis_state(redis) == BQ_REDIS_READY) {
            assert_true(bq_redis_wait(redis, bq_mono_ms() + 10000));
        }
    }
    assert_non_null(strstr(bq_redis_error(redis)->text, "larger than the 1000 bytes"));
    assert_int_equal(bq_redis_pending(redis), 0);
    drive_until_ready(redis);
    assert_string_equal(drive_ask(redis, "PING")->text, "PONG");
}

static void what_is_published_is_pushed(void **state)
{
    (void)state;
    redis = drive_open("unix://%s", server_socket(server));
    struct bq_redis *other = drive_open("redis://127.0.0.1:%d", server_port(server));

    drive_until_ready(redis);
    drive_until_ready(other);
    assert_string_equal(drive_ask(redis, "SUBSCRIBE news")->items[0].text, "subscribe");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(drive_ask(other, "PUBLISH news hello")->number, 1);
        const struct bq_redis_reply *reply = drive_next(redis);
        assert_int_equal(reply->len, 3);
        assert_string_equal(reply->items[2].text, "hello");
    }
    assert_int_equal(bq_redis_pending(redis), 0);
    bq_redis_close(other);
}

static void it_comes_back_after_the_server_was_killed(void **state)
{
    (void)state;
    struct barq_error err;
    redis = drive_open("redis://127.0.0.1:%d", server_port(server));
    drive_until_ready(redis);
    drive_send(redis, "BLPOP nothing 0");
    assert_int_equal(bq_redis_work(redis), BQ_REDIS_READY);

    server_kill(server);
    drive_until_away(redis);
    assert_int_equal(bq_redis_pending(redis), 0);
    assert_null(bq_redis_next(redis));
    assert_int_equal(bq_redis_send(redis, &BQ_REDIS_WORD("PING"), 1, &err), BARQ_ERR_CONN);
    assert_string_equal(err.text, bq_redis_error(redis)->text);
    drive_until_error(redis, "connecting: Connection refused");

    int fd = bq_redis_fd(redis);
    server_again(server);
    drive_until_ready(redis);
    assert_int_equal(bq_redis_era(redis), 2);
    assert_int_equal(bq_redis_fd(redis), fd);
    assert_string_equal(drive_ask(redis, "PING")->text, "PONG");
}

static void it_may_be_there_before_the_server(void **state)
{
    (void)state;
    server_kill(server);
    redis = drive_open("unix://%s", server_socket(server));
    struct bq_redis *other = drive_open("redis://localhost:%d", server_port(server));
    drive_until_error(redis, "connecting: ");
    drive_until_error(other, "refused");
    assert_int_equal(bq_redis_era(redis), 0);
    server_again(server);
    drive_until_ready(redis);
    drive_until_ready(other);
    bq_redis_close(other);
}

static void whoever_uses_it_may_break_it(void **state)
{
    (void)state;
    redis = drive_open("unix://%s", server_socket(server));
    drive_until_ready(redis);
    drive_send(redis, "PING");
    bq_redis_break(redis, "no answer for 5 s");
    assert_int_equal(bq_redis_state(redis), BQ_REDIS_AWAY);
    assert_int_equal(bq_redis_pending(redis), 0);
    assert_non_null(strstr(bq_redis_error(redis)->text, "?db=0: no answer for 5 s"));
    drive_until_ready(redis);
    assert_int_equal(bq_redis_era(redis), 2);
    assert_string_equal(drive_ask(redis, "ECHO again")->text, "again");
}

static void what_a_server_says_last_is_heard(void **state)
{
    (void)state;
    redis = drive_open("unix://%s", server_socket(server));
    drive_until_ready(redis);
    drive_send(redis, "ECHO last");
    drive_send(redis, "QUIT");
    assert_string_equal(drive_next(redis)->text, "last");
    assert_string_equal(drive_next(redis)->text, "OK");
    drive_until_away(redis);
    assert_non_null(strstr(bq_redis_error(redis)->text, "has closed the connection"));
}

static void a_database_that_is_not_there_is_named(void **state)
{
    (void)state;
    redis = drive_open("redis://127.0.0.1:%d/4", server_port(server));
    drive_until_status(redis, "greeting: the server has no database 4", BARQ_ERR_ARG);
}

static void a_password_is_told_and_kept(void **state)
{
    (void)state;
    static const struct {
        const char *login;
        const char *says;
    } cases[] = {
        {"", "greeting: the server asks for a password (NOAUTH)"},
        {":wr0ng@", "refuses the password"},
        {"nobody:s3cret@", "refuses the password"},
        {"worker:wr0ng@", "refuses the password"},
    };

    redis = drive_open("redis://127.0.0.1:%d", server_port(server));
    drive_until_ready(redis);
    assert_string_equal(drive_ask(redis, "ACL SETUSER worker on >w0rk ~* +@all -ping")->text, "OK");
    assert_string_equal(drive_ask(redis, "ACL SETUSER free on nopass ~* +@all")->text, "OK");
    assert_string_equal(drive_ask(redis, "CONFIG SET requirepass s3cret")->text, "OK");

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bq_redis *other =
            drive_open("redis://%s127.0.0.1:%d", cases[i].login, server_port(server));
        drive_until_status(other, cases[i].says, BARQ_ERR_DENIED);
        assert_null(strstr(bq_redis_error(other)->text, "wr0ng"));
        assert_null(strstr(bq_redis_error(other)->text, "s3cret"));
        assert_null(strstr(bq_redis_address(other), "s3cret"));
        bq_redis_close(other);
    }

    static const char *const good[][2] = {
        {":s3cret@", "default"}, {"worker:w0rk@", "worker"}, {"free@", "free"}};
    for (size_t i = 0; i < 3; i++) {
        struct bq_redis *other =
            drive_open("redis://%s127.0.0.1:%d/1", good[i][0], server_port(server));
        drive_until_ready(other);
        assert_string_equal(drive_ask(other, "ACL WHOAMI")->text, good[i][1]);
        bq_redis_close(other);
    }
}

static void a_password_too_many_is_told(void **state)
{
    (void)state;
    redis = drive_open("redis://:s3cret@127.0.0.1:%d", server_port(server));
    drive_until_status(redis, "asks for no password", BARQ_ERR_DENIED);
    assert_null(strstr(bq_redis_error(redis)->text, "s3cret"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_server, stop_server)
    static const struct CMUnitTest tests[] = {
        TEST(commands_are_answered_over_tcp),
        TEST(commands_are_answered_over_a_socket),
        TEST(bytes_of_any_kind_come_back),
        TEST(replies_come_in_the_order_of_commands),
        TEST(large_commands_and_replies_go_through),
        TEST(a_reply_over_the_limit_breaks_it),
        TEST(what_is_published_is_pushed),
        TEST(it_comes_back_after_the_server_was_killed),
        TEST(it_may_be_there_before_the_server),
        TEST(whoever_uses_it_may_break_it),
        TEST(what_a_server_says_last_is_heard),
        TEST(a_database_that_is_not_there_is_named),
        TEST(a_password_is_told_and_kept),
        TEST(a_password_too_many_is_told),
    };

    return cmocka_run_group_tests_name("redis/server", tests, NULL, NULL);
}
