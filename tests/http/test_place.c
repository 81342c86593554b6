#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/place.h"

static void only_loopback_is_local(void **state)
{
    (void)state;
    assert_true(bq_http_is_local("127.0.0.1"));
    assert_true(bq_http_is_local("127.8.0.1"));
    assert_true(bq_http_is_local("[::1]"));
    assert_true(bq_http_is_local("::1"));
    assert_false(bq_http_is_local("0.0.0.0"));
    assert_false(bq_http_is_local("[::]"));
    assert_false(bq_http_is_local("::11"));
    assert_false(bq_http_is_local(""));
}

static void brackets_are_taken_off(void **state)
{
    (void)state;
    char host[BQ_HTTP_HOST_BYTES];

    bq_http_bare_host("[::1]", host);
    assert_string_equal(host, "::1");
    bq_http_bare_host("127.0.0.1", host);
    assert_string_equal(host, "127.0.0.1");
    bq_http_bare_host("[", host);
    assert_string_equal(host, "[");
    bq_http_bare_host("", host);
    assert_string_equal(host, "");
}

static void a_base_path_is_clean(void **state)
{
    (void)state;
    static const char *const good[] = {"", "/", "/videos", "/a/b", "/a-b_c.d~e"};
    static const char *const bad[] = {"videos", "/videos/", "/a//b", "/.", "/a/../b",
                                      "/a b",   "/a%20",    "x",     "\"", "."};

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(bq_http_is_base_path(good[i]));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(bq_http_is_base_path(bad[i]));
    }
}

static void a_base_path_is_taken_off_where_it_is(void **state)
{
    (void)state;
    assert_string_equal(bq_http_below("/queue", "/queue/api/jobs"), "/api/jobs");
    assert_string_equal(bq_http_below("/queue", "/queue"), "/");
    assert_string_equal(bq_http_below("/queue", "/queues/a"), "/queues/a");
    assert_string_equal(bq_http_below("/queue", "/api/jobs"), "/api/jobs");
    assert_string_equal(bq_http_below("", "/api/jobs"), "/api/jobs");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_loopback_is_local),
        cmocka_unit_test(brackets_are_taken_off),
        cmocka_unit_test(a_base_path_is_clean),
        cmocka_unit_test(a_base_path_is_taken_off_where_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
