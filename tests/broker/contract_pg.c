#include <stdio.h>
#include <stdlib.h>

#include "broker/contract.h"
#include "support/postgres.h"

/* One for all tests of the program: each finds a database of its own, and the machine's time. */
static struct postgres_server server;

struct postgres_server *postgres_under_test(void)
{
    return &server;
}

static void remove_server(void)
{
    postgres_remove(&server);
}

static void make_pg(const char *folder, char *url, size_t url_bytes)
{
    (void)folder;
    if (server.pid == 0) {
        postgres_start(&server);
        (void)atexit(remove_server);
    }
    postgres_set_clock(&server, 0);
    postgres_fresh(&server);
    (void)snprintf(url, url_bytes, "%s", server.url);
}

static void advance_pg(struct bq_broker *broker, int64_t ms)
{
    (void)broker;
    postgres_advance(&server, ms);
}

const struct contract pg_contract = {
    .name = "pg", .make = make_pg, .advance = advance_pg, .one_clock = true};
