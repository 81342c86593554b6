#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "drive.h"
#include "server.h"
#include "support/folder.h"

static struct server *master;
static struct server *replica;
static struct server *sentinel;
static struct bq_redis *redis;

static int begin(void **state)
{
    int made = folder_make(state);

    master = server_start("repl-diskless-sync-delay 0");
    sentinel = NULL;
    replica = NULL;
    redis = NULL;
    return made;
}

static int end(void **state)
{
    bq_redis_close(redis);
    server_stop(sentinel);
    server_stop(replica);
    server_stop(master);
    return folder_remove(state);
}

static void start_replica(void)
{
    replica = server_start(
        folder_text("replicaof 127.0.0.1 %d\nrepl-diskless-sync-delay 0", server_port(master)));
    server_wait_for(replica, "MASTER <-> REPLICA sync: Finished with success");
}

static void ask_for_port(int port)
{
    const struct bq_redis_reply *reply = drive_ask(redis, "CONFIG GET port");

    assert_int_equal(reply->len, 2);
    assert_string_equal(reply->items[1].text, folder_text("%d", port));
}

static void the_master_is_found_by_its_name(void **state)
{
    (void)state;
    sentinel = server_start_sentinel(server_port(master), NULL);
    redis = drive_open("redis+sentinel://localhost:%d/mymaster/2", server_port(sentinel));
    drive_until_ready(redis);
    ask_for_port(server_port(master));
    assert_int_equal(bq_redis_db(redis), 2);
}

static void the_next_sentinel_is_asked_when_one_is_away(void **state)
{
    (void)state;
    sentinel = server_start_sentinel(server_port(master), NULL);
    redis = drive_open("redis+sentinel://127.0.0.1:%d,127.0.0.1:%d/mymaster", server_free_port(),
                       server_port(sentinel));
    drive_until_ready(redis);
    ask_for_port(server_port(master));
}

static void a_sentinel_that_does_not_know_it_says_so(void **state)
{
    (void)state;
    sentinel = server_start_sentinel(server_port(master), NULL);
    redis = drive_open("redis+sentinel://127.0.0.1:%d/other", server_port(sentinel));
    drive_until_error(redis, folder_text("Sentinel 127.0.0.1:%d: greeting: this Sentinel knows no "
                                         "master \"other\"",
                                         server_port(sentinel)));
}

static void a_server_is_no_sentinel(void **state)
{
    (void)state;
    redis = drive_open("redis+sentinel://127.0.0.1:%d/mymaster", server_port(master));
    drive_until_error(redis, "this is no Sentinel");
}

static void a_sentinel_may_have_a_password_of_its_own(void **state)
{
    (void)state;
    sentinel = server_start_sentinel(server_port(master), "requirepass s3cret");
    redis = drive_open("redis+sentinel://127.0.0.1:%d/mymaster", server_port(sentinel));
    drive_until_status(redis, "NOAUTH", BARQ_ERR_DENIED);
    bq_redis_close(redis);
    redis = drive_open("redis+sentinel://127.0.0.1:%d/mymaster?sentinel_password=s3cret",
                       server_port(sentinel));
    drive_until_ready(redis);
}

static void a_replica_is_not_taken_for_the_master(void **state)
{
    (void)state;
    start_replica();
    sentinel = server_start_sentinel(server_port(master), NULL);
    redis = drive_open("redis+sentinel://127.0.0.1:%d/mymaster", server_port(sentinel));
    drive_until_ready(redis);
    /* Behind the Sentinel's back, as while a failover is not known of everywhere. */
    drive_send(redis, folder_text("REPLICAOF 127.0.0.1 %d", server_port(replica)));
    assert_string_equal(drive_next(redis)->text, "OK");
    bq_redis_break(redis, "READONLY");
    drive_until_error(redis, "the Sentinel calls it the master, but it is none");
}

static void a_new_master_is_found(void **state)
{
    (void)state;
    start_replica();
    sentinel = server_start_sentinel(server_port(master), NULL);
    server_wait_for(sentinel, "+slave slave");
    redis = drive_open("redis+sentinel://127.0.0.1:%d/mymaster", server_port(sentinel));
    drive_until_ready(redis);
    assert_string_equal(drive_ask(redis, "SET a 1")->text, "OK");
    assert_int_equal(drive_ask(redis, "WAIT 1 10000")->number, 1);

    server_kill(master);
    drive_until_away(redis);
    drive_until_ready(redis);
    assert_int_equal(bq_redis_era(redis), 2);
    ask_for_port(server_port(replica));
    assert_string_equal(drive_ask(redis, "GET a")->text, "1");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    static const struct CMUnitTest tests[] = {
        TEST(the_master_is_found_by_its_name),
        TEST(the_next_sentinel_is_asked_when_one_is_away),
        TEST(a_sentinel_that_does_not_know_it_says_so),
        TEST(a_server_is_no_sentinel),
        TEST(a_sentinel_may_have_a_password_of_its_own),
        TEST(a_replica_is_not_taken_for_the_master),
        TEST(a_new_master_is_found),
    };

    return cmocka_run_group_tests_name("redis/sentinel", tests, NULL, NULL);
}
