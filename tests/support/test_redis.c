/* What other tests rely on: a server of one's own, and a clock that can be moved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/time.h"
#include "support/redis.h"

enum { HOUR_MS = 3600 * 1000, SLACK_MS = 10 * 1000 };
static const int64_t CENTURIES_MS = INT64_C(500) * 365 * 24 * HOUR_MS;

static struct redis_server server;

static int start(void **state)
{
    (void)state;
    server = (struct redis_server){0};
    redis_start(&server);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    redis_remove(&server);
    return 0;
}

static int64_t ahead_ms(void)
{
    int64_t before_ms = bq_wall_ms();
    const char *now = redis_say(&server, "EVAL \"local t = redis.call('TIME') return t[1] .. "
                                         "string.format('%%03d', t[2] / 1000)\" 0");

    return strtoll(now, NULL, 10) - before_ms;
}

static void the_clock_of_a_server_can_be_moved_far(void **state)
{
    (void)state;
    static const int64_t shifts[] = {0, 1, HOUR_MS, -HOUR_MS, -HOUR_MS - 1, CENTURIES_MS, 999};

    for (size_t i = 0; i < sizeof(shifts) / sizeof(shifts[0]); i++) {
        redis_set_clock(&server, shifts[i]);
        int64_t off = ahead_ms() - shifts[i];
        assert_true(off >= 0 && off < SLACK_MS);
    }
    redis_set_clock(&server, HOUR_MS);
    redis_advance(&server, HOUR_MS);
    assert_true(ahead_ms() >= INT64_C(2) * HOUR_MS);
}

static void keys_expire_when_the_clock_jumps(void **state)
{
    (void)state;
    assert_string_equal(redis_say(&server, "SET key \"a \\x41\" PX %d", HOUR_MS), "OK");
    redis_advance(&server, HOUR_MS - SLACK_MS);
    assert_string_equal(redis_say(&server, "GET key"), "a A");
    redis_advance(&server, SLACK_MS + 1);
    assert_string_equal(redis_say(&server, "GET key"), "");
    assert_string_equal(redis_say(&server, "EXISTS key"), "0");
}

static void a_killed_server_comes_back_at_its_place_and_time(void **state)
{
    (void)state;
    static const char *const on_disk[] = {"--appendonly", "yes", "--appendfsync", "always", NULL};
    redis_remove(&server);
    server = (struct redis_server){.tcp = true, .args = on_disk};
    redis_start(&server);
    char *url = strdup(server.tcp_url);

    assert_string_equal(redis_say(&server, "CONFIG SET notify-keyspace-events K"), "OK");
    redis_set_clock(&server, HOUR_MS);
    assert_string_equal(redis_say(&server, "SET key value"), "OK");
    redis_kill(&server);
    assert_int_not_equal(access(server.own.folder, F_OK), -1);
    redis_start(&server);
    assert_string_equal(redis_say(&server, "GET key"), "value");
    assert_string_equal(server.tcp_url, url);
    assert_true(ahead_ms() >= HOUR_MS);
    redis_stop(&server);
    redis_start(&server);
    assert_string_equal(redis_say(&server, "GET key"), "value");
    free(url);
}

static void what_it_is_told_wrongly_it_says(void **state)
{
    (void)state;
    assert_string_equal(redis_say(&server, "FROB"),
                        "-ERR unknown command 'FROB', with args beginning with: ");
}

static void nothing_of_a_removed_server_is_left(void **state)
{
    (void)state;
    char *folder = strdup(server.own.folder);

    redis_remove(&server);
    assert_int_equal(access(folder, F_OK), -1);
    redis_remove(&server);
    free(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_clock_of_a_server_can_be_moved_far, start, stop),
        cmocka_unit_test_setup_teardown(keys_expire_when_the_clock_jumps, start, stop),
        cmocka_unit_test_setup_teardown(a_killed_server_comes_back_at_its_place_and_time, start,
                                        stop),
        cmocka_unit_test_setup_teardown(what_it_is_told_wrongly_it_says, start, stop),
        cmocka_unit_test_setup_teardown(nothing_of_a_removed_server_is_left, start, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
