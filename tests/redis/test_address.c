#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "redis/address.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct barq_arena arena;

static int make_arena(void **state)
{
    (void)state;
    bq_arena_init(&arena, 1 << 20);
    return 0;
}

static int clear_arena(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    return 0;
}

static enum barq_status read_text(const char *text, struct bq_redis_address *out,
                                  struct barq_error *err)
{
    struct bq_dsn dsn;

    assert_int_equal(bq_dsn_parse(&arena, text, &dsn, NULL), BARQ_OK);
    return bq_redis_address_read(&arena, &dsn, out, err);
}

static struct bq_redis_address read_good(const char *text)
{
    struct bq_redis_address address;
    struct barq_error err;

    if (read_text(text, &address, &err) != BARQ_OK) {
        fail_msg("%s: %s", text, err.text);
    }
    return address;
}

static void an_address_says_where_as_whom_and_which_database(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *host;
        int port;
        const char *user;
        const char *password;
        int db;
        const char *shown;
    } cases[] = {
        {"redis://", "localhost", 6379, "", "", 0, "redis://localhost:6379/0"},
        {"redis://localhost", "localhost", 6379, "", "", 0, "redis://localhost:6379/0"},
        {"redis://localhost/", "localhost", 6379, "", "", 0, "redis://localhost:6379/0"},
        {"redis://localhost/0", "localhost", 6379, "", "", 0, "redis://localhost:6379/0"},
        {"redis://cache.local:6380/3", "cache.local", 6380, "", "", 3,
         "redis://cache.local:6380/3"},
        {"redis://:6380", "localhost", 6380, "", "", 0, "redis://localhost:6380/0"},
        {"redis://h?db=2", "h", 6379, "", "", 2, "redis://h:6379/2"},
        {"redis://h/1?db=2", "h", 6379, "", "", 2, "redis://h:6379/2"},
        {"redis://:pw@h", "h", 6379, "", "pw", 0, "redis://h:6379/0"},
        {"redis://user@h", "h", 6379, "user", "", 0, "redis://h:6379/0"},
        {"redis://user:p%40%2f%3a@h/1", "h", 6379, "user", "p@/:", 1, "redis://h:6379/1"},
        {"redis://h?username=u&password=p%26q", "h", 6379, "u", "p&q", 0, "redis://h:6379/0"},
        {"redis://a:b@h?username=u&password=p", "h", 6379, "a", "b", 0, "redis://h:6379/0"},
        {"redis://[::1]:6379", "::1", 6379, "", "", 0, "redis://[::1]:6379/0"},
        {"redis://[fe80::1]/4", "fe80::1", 6379, "", "", 4, "redis://[fe80::1]:6379/4"},
        {"rediss://h", "h", 6379, "", "", 0, "rediss://h:6379/0"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bq_redis_address address = read_good(cases[i].text);
        assert_int_equal(address.way, BQ_REDIS_BY_TCP);
        assert_int_equal(address.tls, strncmp(cases[i].text, "rediss", 6) == 0);
        assert_int_equal(address.n_hosts, 1);
        assert_string_equal(address.hosts[0].name, cases[i].host);
        assert_int_equal(address.hosts[0].port, cases[i].port);
        assert_string_equal(address.login.user, cases[i].user);
        assert_string_equal(address.login.password, cases[i].password);
        assert_int_equal(address.db, cases[i].db);
        assert_string_equal(address.shown, cases[i].shown);
        assert_int_equal(address.connect_timeout_ms, 5000);
    }
}

static void a_socket_is_named_by_its_path(void **state)
{
    (void)state;
    struct bq_redis_address address = read_good("unix://me:secret@/run/a%20b.sock?db=3");

    assert_int_equal(address.way, BQ_REDIS_BY_UNIX);
    assert_string_equal(address.socket, "/run/a b.sock");
    assert_int_equal(address.db, 3);
    assert_string_equal(address.login.user, "me");
    assert_string_equal(address.login.password, "secret");
    assert_string_equal(address.shown, "unix:///run/a b.sock?db=3");
    assert_string_equal(read_good("unix:/run/r.sock").socket, "/run/r.sock");
    assert_string_equal(read_good("unix:///run/at@home.sock").socket, "/run/at@home.sock");
}

static void sentinels_are_several_hosts_and_a_master(void **state)
{
    (void)state;
    struct bq_redis_address address =
        read_good("redis+sentinel://u:p@a,b:1,[::1]:2/mymaster/5?sentinel_password=s&"
                  "sentinel_username=w");

    assert_int_equal(address.way, BQ_REDIS_BY_SENTINEL);
    assert_int_equal(address.n_hosts, 3);
    assert_string_equal(address.hosts[0].name, "a");
    assert_int_equal(address.hosts[0].port, 26379);
    assert_string_equal(address.hosts[1].name, "b");
    assert_int_equal(address.hosts[1].port, 1);
    assert_string_equal(address.hosts[2].name, "::1");
    assert_int_equal(address.hosts[2].port, 2);
    assert_string_equal(address.master, "mymaster");
    assert_int_equal(address.db, 5);
    assert_string_equal(address.login.password, "p");
    assert_string_equal(address.sentinel_login.user, "w");
    assert_string_equal(address.sentinel_login.password, "s");
    assert_string_equal(address.shown, "redis+sentinel://a:26379,b:1,[::1]:2/mymaster/5");
    assert_true(read_good("rediss+sentinel://a/m").tls);
}

static void options_are_read(void **state)
{
    (void)state;
    struct bq_redis_address address =
        read_good("rediss://h?connect_timeout=0.5&ssl_ca_certs=%2Fetc%2Fca.pem&ssl_certfile=c&"
                  "ssl_keyfile=k&ssl_check_hostname=no&ssl_cert_reqs=none&client_name=n&"
                  "keyspace_events=off&timeout=7");

    assert_int_equal(address.connect_timeout_ms, 500);
    assert_string_equal(address.files.ca_certs, "/etc/ca.pem");
    assert_string_equal(address.files.certfile, "c");
    assert_string_equal(address.files.keyfile, "k");
    assert_true(address.files.any_name);
    assert_true(address.files.any_cert);
    assert_string_equal(address.client_name, "n");
    assert_string_equal(bq_redis_address_setting(&address, "keyspace_events"), "off");
    assert_string_equal(bq_redis_address_setting(&address, "timeout"), "7");
    assert_null(bq_redis_address_setting(&address, "db"));

    address = read_good("rediss://h?ssl_check_hostname=True&ssl_cert_reqs=required&"
                        "socket_connect_timeout=2");
    assert_false(address.files.any_name);
    assert_false(address.files.any_cert);
    assert_int_equal(address.connect_timeout_ms, 2000);
    assert_false(read_good("rediss://h").files.any_name);
}

static void what_makes_no_sense_is_refused_by_its_name(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *says;
    } cases[] = {
        {"redis://h/abc", "\"/abc\""},
        {"redis://h/1/2", "\"/1/2\""},
        {"redis://h/-1", "\"-1\""},
        {"redis://h/99999999999", "99999999999"},
        {"redis://h?db=x", "\"x\""},
        {"redis://h?db=", "option db"},
        {"redis://h:0", "port"},
        {"redis://h:65536", "65536"},
        {"redis://h:port", "\"port\""},
        {"redis://a:1:2", "[IPv6 ADDRESS]"},
        {"redis://[::1", "[IPv6 ADDRESS]"},
        {"redis://[::1]6379", "[IPv6 ADDRESS]"},
        {"redis://a b", "\"a b\""},
        {"redis://a,b", "several hosts"},
        {"redis://h?colour=red", "\"colour\"; known are db, "},
        {"redis://h?colour=red", "keyspace_events"},
        {"redis://h?db=1&db=1", "db twice"},
        {"redis://h?connect_timeout=0", "connect_timeout"},
        {"redis://h?connect_timeout=-1", "connect_timeout"},
        {"redis://h?connect_timeout=soon", "\"soon\""},
        {"redis://h?client_name=%zz", "%-escape"},
        {"redis://h?ssl_ca_certs=x", "ssl_ca_certs needs TLS: write rediss://"},
        {"rediss://h?ssl_check_hostname=perhaps", "\"perhaps\""},
        {"rediss://h?ssl_cert_reqs=maybe", "\"maybe\""},
        {"unix://host/path", "unix:///PATH"},
        {"unix://", "unix:///PATH"},
        {"redis+sentinel://a:1", "names no master"},
        {"redis+sentinel://a:1/", "names no master"},
        {"redis+sentinel://a:1,,b:2/m", "comma"},
        {"redis+sentinel://a:1/m/x", "\"/x\""},
        {"valkey://h", "\"valkey:\""},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bq_redis_address address = {.db = 77};
        struct barq_error err;
        if (read_text(cases[i].text, &address, &err) != BARQ_ERR_ARG ||
            !strstr(err.text, cases[i].says) || strncmp(err.text, "redis: ", 7) != 0) {
            fail_msg("%s: %s", cases[i].text, err.text);
        }
        assert_int_equal(address.db, 77);
    }
}

static void a_torn_password_is_not_quoted(void **state)
{
    (void)state;
    static const char *const torn[] = {
        "redis://:hun/ter@h",     "redis://u:hun/ter@h/0",     "redis://:hun?ter@h",
        "redis://u:hun?ter=1@h",  "redis://u:hun:ter@a@b/x@y", "redis://u:ok@hun/ter@h",
        "unix://u:hun/ter@/path", "redis://u:hun,ter/x@h",
    };

    for (size_t i = 0; i < COUNT(torn); i++) {
        struct bq_redis_address address;
        struct barq_error err;
        assert_int_equal(read_text(torn[i], &address, &err), BARQ_ERR_ARG);
        assert_null(strstr(err.text, "hun"));
        assert_null(strstr(err.text, "ter@"));
    }
}

static void a_small_arena_is_reported(void **state)
{
    (void)state;
    struct bq_dsn dsn;
    struct bq_redis_address address = {.db = 77};
    size_t limit = 0;

    assert_int_equal(bq_dsn_parse(&arena, "redis+sentinel://u:p@a,b/m/1?client_name=n", &dsn, NULL),
                     BARQ_OK);
    for (;; limit++) {
        bq_auto(arena) struct barq_arena small;
        bq_arena_init(&small, limit);
        enum barq_status status = bq_redis_address_read(&small, &dsn, &address, NULL);
        if (status == BARQ_OK) {
            break;
        }
        assert_int_equal(status, BARQ_ERR_NOMEM);
        assert_int_equal(address.db, 77);
    }
    assert_in_range(limit, 100, 2000);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_says_where_as_whom_and_which_database),
        cmocka_unit_test(a_socket_is_named_by_its_path),
        cmocka_unit_test(sentinels_are_several_hosts_and_a_master),
        cmocka_unit_test(options_are_read),
        cmocka_unit_test(what_makes_no_sense_is_refused_by_its_name),
        cmocka_unit_test(a_torn_password_is_not_quoted),
        cmocka_unit_test(a_small_arena_is_reported),
    };

    return cmocka_run_group_tests_name("redis/address", tests, make_arena, clear_arena);
}
