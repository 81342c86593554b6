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

/* Takes less time than a database and its tables do. What the test before has sent and did not wait for must not come
 * afterwards. False: there are no tables, or somebody holds them. */
static bool empty_tables(void)
{
    const char *said = postgres_say(
        &server,
        "SET lock_timeout = '2s';"
        " SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend';"
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
    if (server.own.pid == 0) {
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
