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
    if (server.pid == 0) {
        redis_start(&server);
        (void)atexit(remove_server);
    }
    redis_set_clock(&server, 0);
    assert_string_equal(redis_say(&server, "FLUSHALL"), "OK");
    (void)snprintf(url, url_bytes, "%s", server.url);
}

static struct bq_broker *open_redis(const char *url, struct bq_broker *first)
{
    struct bq_broker *broker = NULL;
    struct barq_error err = {0};
    (void)first;

    if (bq_broker_open(url, &broker, &err) != BARQ_OK) {
        (void)fprintf(stderr, "%s\n", err.text);
        abort();
    }
    return broker;
}

static void advance_redis(struct bq_broker *broker, int64_t ms)
{
    (void)broker;
    redis_advance(&server, ms);
}

const struct contract redis_contract = {.name = "redis",
                                        .make = make_redis,
                                        .open = open_redis,
                                        .advance = advance_redis,
                                        .one_clock = true};
