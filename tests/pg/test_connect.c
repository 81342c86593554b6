#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "pg/connect.h"
#include "support/postgres.h"

static struct barq_arena arena;
static struct postgres_server server = {.tcp = true,
                                        .args = (const char *const[]){"max_connections=6", NULL}};

static int start(void **state)
{
    (void)state;
    bq_arena_init(&arena, 1 << 20);
    postgres_start(&server);
    return 0;
}

static int end(void **state)
{
    (void)state;
    postgres_remove(&server);
    bq_arena_clear(&arena);
    return 0;
}

static enum barq_status connecting(const char *url, PGconn **out, struct barq_error *err)
{
    struct bq_pg_address address;
    struct bq_dsn dsn;

    assert_int_equal(bq_dsn_parse(&arena, url, &dsn, err), BARQ_OK);
    assert_int_equal(bq_pg_address_read(&arena, &dsn, NULL, &address, err), BARQ_OK);
    return bq_pg_connect(&address, 0, out, err);
}

static PGconn *connected(const char *url)
{
    PGconn *connection = NULL;
    struct barq_error err = {0};

    if (connecting(url, &connection, &err) != BARQ_OK) {
        fail_msg("%s: %s", url, err.text);
    }
    return connection;
}

static void it_connects_by_socket_and_by_port(void **state)
{
    (void)state;
    char both[POSTGRES_URL_BYTES];

    (void)snprintf(both, sizeof(both), "postgresql://barq@127.0.0.1:1,127.0.0.1:%d/%s", server.port,
                   server.database);
    const char *const urls[] = {server.url, server.tcp_url, both};
    for (size_t i = 0; i < 3; i++) {
        PGconn *connection = connected(urls[i]);

        assert_string_equal(bq_libpq.PQdb(connection), server.database);
        assert_string_equal(bq_libpq.PQparameterStatus(connection, "client_encoding"), "UTF8");
        assert_string_equal(bq_libpq.PQparameterStatus(connection, "application_name"), "barq");
        bq_libpq.PQfinish(connection);
    }
}

static void why_it_does_not_connect_is_told(void **state)
{
    (void)state;
    char none[POSTGRES_URL_BYTES];
    char role[POSTGRES_URL_BYTES];

    (void)snprintf(none, sizeof(none), "postgresql://barq:hush@127.0.0.1:%d/none", server.port);
    (void)snprintf(role, sizeof(role), "postgresql://none:hush@127.0.0.1:%d/%s", server.port,
                   server.database);
    const struct {
        const char *url;
        enum barq_status status;
        const char *part;
    } bad[] = {
        {"postgresql://127.0.0.1:1/x", BARQ_ERR_CONN, "Connection refused"},
        {"postgresql:///x?host=/nowhere", BARQ_ERR_CONN, "No such file"},
        {"postgresql://127.0.0.1:1/x?sslmode=frob", BARQ_ERR_ARG, "frob"},
        {none, BARQ_ERR_NOTFOUND, "3D000"},
        {role, BARQ_ERR_DENIED, "28000"},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        PGconn *connection = NULL;
        struct barq_error err;

        assert_int_equal(connecting(bad[i].url, &connection, &err), bad[i].status);
        assert_non_null(strstr(err.text, bad[i].part));
        assert_null(strstr(err.text, "hush"));
        assert_null(strchr(err.text, '\n'));
        assert_null(connection);
    }
}

static void too_many_connections_are_no_refusal(void **state)
{
    (void)state;
    PGconn *open[8] = {NULL};
    enum barq_status status = BARQ_OK;
    struct barq_error err;
    size_t count = 0;

    while (status == BARQ_OK && count < 8) {
        status = connecting(server.url, &open[count], &err);
        count += status == BARQ_OK;
    }
    assert_int_equal(status, BARQ_ERR_CONN);
    assert_non_null(strstr(err.text, "53300"));
    while (count > 0) {
        bq_libpq.PQfinish(open[--count]);
    }
}

static void an_error_of_a_statement_says_its_sqlstate(void **state)
{
    (void)state;
    PGconn *connection = connected(server.url);
    struct barq_error err;

    PGresult *result = bq_libpq.PQexec(connection, "SELECT * FROM nothing");
    assert_int_equal(bq_pg_fail(connection, result, &err), BARQ_ERR_SQL);
    assert_string_equal(err.text,
                        "postgresql: relation \"nothing\" does not exist (SQLSTATE 42P01)");
    bq_libpq.PQclear(result);

    result = bq_libpq.PQexec(connection, "SELECT pg_terminate_backend(pg_backend_pid())");
    assert_int_equal(bq_pg_fail(connection, result, &err), BARQ_ERR_CONN);
    assert_non_null(strstr(err.text, "57P01"));
    bq_libpq.PQclear(result);
    result = bq_libpq.PQexec(connection, "SELECT 1");
    assert_int_equal(bq_pg_fail(connection, result, &err), BARQ_ERR_CONN);
    bq_libpq.PQclear(result);
    bq_libpq.PQfinish(connection);
}

static void a_server_that_says_nothing_is_not_waited_for_forever(void **state)
{
    (void)state;
    char url[POSTGRES_URL_BYTES + 32];
    PGconn *connection = NULL;
    struct barq_error err;

    (void)snprintf(url, sizeof(url), "%s&connect_timeout=1", server.url);
    postgres_freeze(&server);
    assert_int_equal(connecting(url, &connection, &err), BARQ_ERR_CONN);
    assert_non_null(strstr(err.text, "no answer within 1 s"));
    postgres_thaw(&server);
    bq_libpq.PQfinish(connected(url));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_connects_by_socket_and_by_port),
        cmocka_unit_test(why_it_does_not_connect_is_told),
        cmocka_unit_test(too_many_connections_are_no_refusal),
        cmocka_unit_test(an_error_of_a_statement_says_its_sqlstate),
        cmocka_unit_test(a_server_that_says_nothing_is_not_waited_for_forever),
    };

    return cmocka_run_group_tests(tests, start, end);
}
