#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pg/address.h"
#include "pg/fail.h"

static struct barq_arena arena;

static int start(void **state)
{
    (void)state;
    bq_arena_init(&arena, 1 << 20);
    return 0;
}

static int end(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    return 0;
}

static enum barq_status reading(const char *url, struct bq_pg_address *out, struct barq_error *err)
{
    static const char *const own[] = {"prepare", "schema", NULL};
    struct bq_dsn dsn;

    assert_int_equal(bq_dsn_parse(&arena, url, &dsn, err), BARQ_OK);
    return bq_pg_address_read(&arena, &dsn, own, out, err);
}

static struct bq_pg_address read_one(const char *url)
{
    struct bq_pg_address address;
    struct barq_error err = {0};

    if (reading(url, &address, &err) != BARQ_OK) {
        fail_msg("%s: %s", url, err.text);
    }
    return address;
}

static void said(const struct bq_pg_address *address, const char *name, const char *value)
{
    const char *found = bq_pg_address_value(address, name);

    if (!value) {
        assert_null(found);
        return;
    }
    assert_non_null(found);
    assert_string_equal(found, value);
}

static void an_address_becomes_libpqs_settings(void **state)
{
    (void)state;
    struct bq_pg_address address =
        read_one("postgresql://me:p%40ss@db.local:5433/my%20base?sslmode=verify-full&"
                 "sslrootcert=/etc/ca.pem&prepare=off");

    said(&address, "host", "db.local");
    said(&address, "port", "5433");
    said(&address, "user", "me");
    said(&address, "password", "p@ss");
    said(&address, "dbname", "my base");
    said(&address, "sslmode", "verify-full");
    said(&address, "sslrootcert", "/etc/ca.pem");
    said(&address, "prepare", NULL);
    assert_string_equal(bq_pg_address_own(&address, "prepare"), "off");
    assert_null(bq_pg_address_own(&address, "schema"));
    assert_string_equal(address.shown, "db.local:5433/my base");
    assert_null(address.names[address.count]);
}

static void hosts_are_many_or_addresses_or_sockets(void **state)
{
    (void)state;
    struct bq_pg_address address = read_one("postgresql://a,[::1]:7,%2Frun%2Fpg/x");
    said(&address, "host", "a,::1,/run/pg");
    said(&address, "port", ",7,");
    assert_int_equal(address.n_hosts, 3);
    assert_int_equal(address.connect_timeout_ms, 5000);

    address = read_one("postgresql:///x?host=/run/postgresql&port=9");
    said(&address, "host", "/run/postgresql");
    said(&address, "port", "9");
    address = read_one("postgresql://a/x?host=b");
    said(&address, "host", "b");
    address = read_one("postgres:///x");
    said(&address, "host", NULL);
    said(&address, "port", NULL);
}

static void what_is_not_said_is_added(void **state)
{
    (void)state;
    struct bq_pg_address address = read_one("postgresql:///x?client_encoding=LATIN1");
    said(&address, "connect_timeout", "5");
    said(&address, "fallback_application_name", "barq");
    said(&address, "client_encoding", "UTF8");
    said(&address, "tcp_user_timeout", "5000");

    address = read_one("postgresql:///x?connect_timeout=3&tcp_user_timeout=9");
    said(&address, "connect_timeout", "3");
    said(&address, "tcp_user_timeout", "9");
    assert_false(address.own_dead_after);
    assert_int_equal(address.connect_timeout_ms, 3000);

    assert_int_equal(setenv("PGCONNECT_TIMEOUT", "11", 1), 0);
    address = read_one("postgresql:///x");
    said(&address, "connect_timeout", NULL);
    assert_int_equal(address.connect_timeout_ms, 11000);
    assert_int_equal(unsetenv("PGCONNECT_TIMEOUT"), 0);
    address = read_one("postgresql:///x?ssl=true");
    said(&address, "sslmode", "require");
}

static void what_makes_no_sense_is_named_without_secrets(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "postgresql://u:hush@h/x?frob=hush",
        "postgresql://u:hush@h/x?sslmode",
        "postgresql://u:hush@h:a/x",
        "postgresql://u:hush@[::1/x",
        "postgresql://u:hu/sh@h/x",
        "postgresql://u:hush@h/x?password=%zz",
        "postgresql://u:hush@h/x?connect_timeout=soon",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct bq_pg_address address = {.n_hosts = 42};
        struct barq_error err;

        assert_int_equal(reading(bad[i], &address, &err), BARQ_ERR_ARG);
        assert_null(strstr(err.text, "hu"));
        assert_int_equal(address.n_hosts, 42);
    }
}

static void a_sqlstate_has_a_meaning(void **state)
{
    (void)state;
    static const struct {
        const char *state;
        enum barq_status status;
    } all[] = {
        {"23505", BARQ_ERR_EXISTS},   {"40001", BARQ_ERR_CONFLICT}, {"40P01", BARQ_ERR_CONFLICT},
        {"57014", BARQ_ERR_CANCELED}, {"57P01", BARQ_ERR_CONN},     {"57P03", BARQ_ERR_CONN},
        {"08006", BARQ_ERR_CONN},     {"25006", BARQ_ERR_DENIED},   {"55P03", BARQ_ERR_BUSY},
        {"53100", BARQ_ERR_FULL},     {"53300", BARQ_ERR_CONN},     {"42501", BARQ_ERR_DENIED},
        {"28P01", BARQ_ERR_DENIED},   {"XX001", BARQ_ERR_CORRUPT},  {"42P01", BARQ_ERR_SQL},
        {"23503", BARQ_ERR_SQL},      {"25P02", BARQ_ERR_CONFLICT}, {"3D000", BARQ_ERR_NOTFOUND},
        {"40003", BARQ_ERR_CONN},     {"", BARQ_ERR_SQL},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        assert_int_equal(bq_pg_status(all[i].state), all[i].status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_becomes_libpqs_settings),
        cmocka_unit_test(hosts_are_many_or_addresses_or_sockets),
        cmocka_unit_test(what_is_not_said_is_added),
        cmocka_unit_test(what_makes_no_sense_is_named_without_secrets),
        cmocka_unit_test(a_sqlstate_has_a_meaning),
    };

    return cmocka_run_group_tests(tests, start, end);
}
