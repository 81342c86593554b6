#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "broker/contract.h"
#include "support/postgres.h"

/* One for all tests of the program: each finds a database without a job, and the machine's time. */
static struct postgres_server server;
static bool touched = true; /* past the broker, so that the next test needs a database of its own */

struct postgres_server *postgres_under_test(void)
{
    touched = true;
    return &server;
}

/* Takes a tenth of the time that a database and its tables take. False: there are none, or somebody holds them. */
static bool empty_tables(void)
{
    const char *said = postgres_say(
        &server,
        "SET lock_timeout = '2s';"
        " DO $$ BEGIN EXECUTE (SELECT 'TRUNCATE '"
        " || string_agg(format('%%I.%%I', schemaname, tablename), ',') || ' RESTART IDENTITY'"
        " FROM pg_tables WHERE schemaname <> 'pg_catalog' AND schemaname <> 'information_schema'"
        " AND tablename <> 'barq_version'); END $$");

    return *said == '\0';
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
    if (touched || !empty_tables()) {
        postgres_fresh(&server);
    }
    touched = false;
    (void)snprintf(url, url_bytes, "%s", server.url);
}

static void advance_pg(struct bq_broker *broker, int64_t ms)
{
    (void)broker;
    postgres_advance(&server, ms);
}

const struct contract pg_contract = {
    .name = "pg", .make = make_pg, .advance = advance_pg, .one_clock = true};
