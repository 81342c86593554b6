#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/dsn.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct barq_arena arena;

static int make_arena(void **state)
{
    (void)state;
    bq_arena_init(&arena, 1 << 16);
    return 0;
}

static int clear_arena(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    return 0;
}

static void a_dsn_is_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct bq_dsn dsn;
    } cases[] = {
        {"redis://worker:secret@cache.local:6379/0?timeout=5",
         {"redis", "worker", "secret", "cache.local:6379", "/0", "timeout=5"}},
        {"redis+sentinel://a:26379,b:26379/mymaster",
         {"redis+sentinel", "", "", "a:26379,b:26379", "/mymaster", ""}},
        {"sqlite:jobs.db", {"sqlite", "", "", "", "jobs.db", ""}},
        {"sqlite:///var/lib/barq/jobs.db", {"sqlite", "", "", "", "/var/lib/barq/jobs.db", ""}},
        {"memory:", {"memory", "", "", "", "", ""}},
        {"unix:///run/redis.sock?db=1", {"unix", "", "", "", "/run/redis.sock", "db=1"}},
        {"redis://[::1]:6379", {"redis", "", "", "[::1]:6379", "", ""}},
        {"redis://host?db=1", {"redis", "", "", "host", "", "db=1"}},
        {"redis://:only@host", {"redis", "", "only", "host", "", ""}},
        {"postgresql://user@host/db", {"postgresql", "user", "", "host", "/db", ""}},
        {"sqlite:a%20b.db?x=%41", {"sqlite", "", "", "", "a b.db", "x=%41"}},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bq_dsn dsn;
        assert_int_equal(bq_dsn_parse(&arena, cases[i].text, &dsn, NULL), BARQ_OK);
        assert_string_equal(dsn.scheme, cases[i].dsn.scheme);
        assert_string_equal(dsn.user, cases[i].dsn.user);
        assert_string_equal(dsn.password, cases[i].dsn.password);
        assert_string_equal(dsn.hosts, cases[i].dsn.hosts);
        assert_string_equal(dsn.path, cases[i].dsn.path);
        assert_string_equal(dsn.options, cases[i].dsn.options);
    }
}

static void a_password_cannot_move_the_host(void **state)
{
    (void)state;
    struct bq_dsn dsn;

    assert_int_equal(bq_dsn_parse(&arena, "redis://u:p@evil:1@host/0", &dsn, NULL), BARQ_OK);
    assert_string_equal(dsn.user, "u");
    assert_string_equal(dsn.password, "p@evil:1");
    assert_string_equal(dsn.hosts, "host");

    assert_int_equal(bq_dsn_parse(&arena, "redis://u%3a:p%40%2f@host", &dsn, NULL), BARQ_OK);
    assert_string_equal(dsn.user, "u:");
    assert_string_equal(dsn.password, "p@/");
}

static void a_password_can_be_hidden_where_others_could_see_it(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *hidden;
    } cases[] = {
        {"redis://worker:secret@host:6379/0", "redis://worker:******@host:6379/0"},
        {"redis://:pw@host", "redis://:**@host"},
        {"redis://u:p@ss/w?rd@host/0", "redis://u:*********@host/0"},
        {"redis+sentinel://a:1,b:2/m?sentinel_password=x%20y&db=1",
         "redis+sentinel://a:1,b:2/m?sentinel_password=*****&db=1"},
        {"redis://host?password=a&sentinel_password=b",
         "redis://host?password=*&sentinel_password=*"},
        {"redis://:@host", "redis://:@host"},
        {"redis://user@host:6379", "redis://user@host:6379"},
        {"redis://host:6379/0", "redis://host:6379/0"},
        {"sqlite:///a:b.db", "sqlite:///a:b.db"},
        {"sqlite:jobs.db", "sqlite:jobs.db"},
        {"me@host", "me@host"},
        {"", ""},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = bq_arena_strdup(&arena, cases[i].text);
        assert_non_null(text);
        bq_dsn_hide(text);
        assert_string_equal(text, cases[i].hidden);
    }
}

static void a_bad_dsn_is_refused_and_leaves_out_alone(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "localhost",
        "://host",
        "Redis://host",
        "redis://%zz@host",
        "redis://user:%0@host",
        "sqlite:jobs%00.db",
        "sqlite:jobs%",
    };

    for (size_t i = 0; i < COUNT(bad); i++) {
        struct bq_dsn dsn = {.scheme = "kept"};
        struct barq_error err;

        assert_int_equal(bq_dsn_parse(&arena, bad[i], &dsn, &err), BARQ_ERR_FORMAT);
        assert_string_equal(dsn.scheme, "kept");
    }
}

static void an_error_quotes_nothing_of_a_dsn(void **state)
{
    (void)state;
    struct bq_dsn dsn;
    struct barq_error err;

    assert_int_equal(bq_dsn_parse(&arena, "redis://u:secret%@host", &dsn, &err), BARQ_ERR_FORMAT);
    assert_null(strstr(err.text, "secret"));
}

static void a_dsn_that_is_too_long_is_refused(void **state)
{
    (void)state;
    char text[BQ_DSN_MAX_BYTES + 2];
    struct bq_dsn dsn;

    memset(text, 'x', sizeof(text));
    memcpy(text, "sqlite:", 7);
    text[BQ_DSN_MAX_BYTES] = '\0';
    assert_int_equal(bq_dsn_parse(&arena, text, &dsn, NULL), BARQ_OK);
    text[BQ_DSN_MAX_BYTES] = 'x';
    text[BQ_DSN_MAX_BYTES + 1] = '\0';
    assert_int_equal(bq_dsn_parse(&arena, text, &dsn, NULL), BARQ_ERR_LIMIT);
}

static void a_small_arena_is_reported(void **state)
{
    (void)state;
    struct bq_dsn dsn = {.scheme = "kept"};

    for (size_t limit = 0; limit < 48; limit++) {
        bq_auto(arena) struct barq_arena small;
        bq_arena_init(&small, limit);
        assert_int_equal(bq_dsn_parse(&small, "redis://u:p@h/0", &dsn, NULL), BARQ_ERR_NOMEM);
        assert_string_equal(dsn.scheme, "kept");
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dsn_is_taken_apart),
        cmocka_unit_test(a_password_cannot_move_the_host),
        cmocka_unit_test(a_password_can_be_hidden_where_others_could_see_it),
        cmocka_unit_test(a_bad_dsn_is_refused_and_leaves_out_alone),
        cmocka_unit_test(an_error_quotes_nothing_of_a_dsn),
        cmocka_unit_test(a_dsn_that_is_too_long_is_refused),
        cmocka_unit_test(a_small_arena_is_reported),
    };

    return cmocka_run_group_tests_name("base/dsn", tests, make_arena, clear_arena);
}
