/* What other tests rely on: a PostgreSQL of one's own, and a clock that can be moved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <libpq-fe.h>

#include "base/time.h"
#include "support/postgres.h"

enum { HOUR_MS = 3600 * 1000, SLACK_MS = 10 * 1000 };

static struct postgres_server server;

static int start(void **state)
{
    (void)state;
    server = (struct postgres_server){.tcp = true};
    postgres_start(&server);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    postgres_remove(&server);
    return 0;
}

static int64_t ahead_ms(void)
{
    int64_t before_ms = bq_wall_ms();
    const char *now =
        postgres_say(&server, "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint");

    return strtoll(now, NULL, 10) - before_ms;
}

static void the_clock_of_a_server_can_be_moved(void **state)
{
    (void)state;
    static const int64_t shifts[] = {0, 1, HOUR_MS, -HOUR_MS, INT64_C(24000) * HOUR_MS, 0};

    for (size_t i = 0; i < sizeof(shifts) / sizeof(shifts[0]); i++) {
        postgres_set_clock(&server, shifts[i]);
        int64_t off = ahead_ms() - shifts[i];
        assert_true(off >= 0 && off < SLACK_MS);
    }
    postgres_advance(&server, HOUR_MS);
    assert_true(ahead_ms() >= HOUR_MS);
    postgres_set_clock(&server, 0);
}

static void a_fresh_database_is_empty(void **state)
{
    (void)state;
    assert_string_equal(postgres_say(&server,
                                     "CREATE TABLE t (n int); INSERT INTO t VALUES (%d);"
                                     "SELECT n FROM t",
                                     7),
                        "7");
    postgres_fresh(&server);
    assert_string_equal(postgres_say(&server, "SELECT n FROM t"),
                        "ERROR 42P01: relation \"t\" does not exist");
}

static void it_is_found_by_both_of_its_urls(void **state)
{
    (void)state;
    const char *const urls[] = {server.url, server.tcp_url};

    for (size_t i = 0; i < 2; i++) {
        PGconn *connection = PQconnectdb(urls[i]);
        assert_int_equal(PQstatus(connection), CONNECTION_OK);
        assert_string_equal(PQdb(connection), server.database);
        PQfinish(connection);
    }
}

static void a_killed_server_comes_back_at_its_place(void **state)
{
    (void)state;
    char *url = strdup(server.tcp_url);
    PGconn *connection = PQconnectdb(url);

    (void)postgres_say(&server, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)");
    PGresult *result = PQexec(connection, "SELECT 1");
    PQclear(result);
    postgres_kill(&server);
    result = PQexec(connection, "SELECT 1");
    assert_int_not_equal(PQresultStatus(result), PGRES_TUPLES_OK);
    PQclear(result);
    PQfinish(connection);
    postgres_start(&server);
    assert_string_equal(postgres_say(&server, "SELECT n FROM kept"), "1");
    assert_string_equal(server.tcp_url, url);
    postgres_stop(&server);
    postgres_start(&server);
    assert_string_equal(postgres_say(&server, "SELECT n FROM kept"), "1");
    free(url);
}

static void nothing_of_a_removed_server_is_left(void **state)
{
    (void)state;
    char *folder = strdup(server.own.folder);

    postgres_remove(&server);
    assert_int_equal(access(folder, F_OK), -1);
    postgres_remove(&server);
    free(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_clock_of_a_server_can_be_moved),
        cmocka_unit_test(a_fresh_database_is_empty),
        cmocka_unit_test(it_is_found_by_both_of_its_urls),
        cmocka_unit_test(a_killed_server_comes_back_at_its_place),
        cmocka_unit_test(nothing_of_a_removed_server_is_left),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
