#include <stdio.h>
#include <stdlib.h>

#include "broker/contract.h"
#include "support/redis.h"

/* One for all tests of the program: each finds it empty, and at the machine's time. */
static struct redis_server server;

struct redis_server *redis_under_test(void)
{
    return &server;
}

static void remove_server(void)
{
    redis_remove(&server);
}

static void make_redis(const char *folder, char *url, size_t url_bytes)
{
    (void)folder;
    if (server.own.pid == 0) {
        redis_start(&server);
        (void)atexit(remove_server);
    }
    redis_set_clock(&server, 0);
    assert_string_equal(redis_say(&server, "FLUSHALL"), "OK");
    (void)snprintf(url, url_bytes, "%s", server.url);
}

static void advance_redis(struct bq_broker *broker, int64_t ms)
{
    (void)broker;
    redis_advance(&server, ms);
}

const struct contract redis_contract = {
    .name = "redis", .make = make_redis, .advance = advance_redis, .one_clock = true};
