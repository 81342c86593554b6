#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../otlp/settings.h"

enum { ARENA_BYTES = 256 * 1024 };

static struct barq_arena arena;

static int set_up(void **state)
{
    static const char *const names[] = {
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "OTEL_EXPORTER_OTLP_HEADERS",  "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
        "OTEL_EXPORTER_OTLP_TIMEOUT",  "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
        "OTEL_SERVICE_NAME",           "OTEL_RESOURCE_ATTRIBUTES",
        "OTEL_BSP_SCHEDULE_DELAY",     "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
    };

    (void)state;
    bq_arena_init(&arena, ARENA_BYTES);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)unsetenv(names[i]);
    }
    return setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318", 1);
}

static int tear_down(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    return 0;
}

static void say(const char *name, const char *value)
{
    assert_int_equal(setenv(name, value, 1), 0);
}

static struct otlp_settings settings(void)
{
    struct otlp_settings out;
    struct barq_error err;

    if (otlp_settings_read(&arena, &out, &err) != BARQ_OK) {
        fail_msg("%s", err.text);
    }
    return out;
}

static void where_nobody_says_it_is_as_opentelemetry_has_it(void **state)
{
    (void)state;
    struct otlp_settings out = settings();

    assert_string_equal(out.url, "http://localhost:4318/v1/traces");
    assert_string_equal(out.headers[0], "Content-Type: application/json");
    assert_null(out.headers[1]);
    assert_int_equal(out.n_attributes, 1);
    assert_string_equal(out.attributes[0].name, "service.name");
    assert_string_equal(out.attributes[0].value, "barq");
    assert_int_equal(out.timeout_ms, 10000);
    assert_int_equal(out.delay_ms, 5000);
    assert_int_equal(out.batch_max, 512);
}

static void what_is_said_of_traces_goes_before_what_is_said_of_all(void **state)
{
    (void)state;
    say("OTEL_EXPORTER_OTLP_ENDPOINT", "https://all/base/");
    assert_string_equal(settings().url, "https://all/base/v1/traces");
    say("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://traces/here?x=1");
    say("OTEL_EXPORTER_OTLP_HEADERS", "a=1");
    say("OTEL_EXPORTER_OTLP_TIMEOUT", "1");
    assert_string_equal(settings().url, "https://traces/here?x=1");
    assert_string_equal(settings().headers[1], "a: 1");
    assert_int_equal(settings().timeout_ms, 1);
    say("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "b=2");
    say("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "2");
    assert_string_equal(settings().headers[1], "b: 2");
    assert_null(settings().headers[2]);
    assert_int_equal(settings().timeout_ms, 2);
}

static void pairs_are_trimmed_and_percent_decoded(void **state)
{
    (void)state;
    say("OTEL_EXPORTER_OTLP_HEADERS", " Authorization = Basic%20eA%3D%3D , x=a=b,,");
    say("OTEL_RESOURCE_ATTRIBUTES", "team=m%C3%BCnchen,service.name=shop, a = b ");
    struct otlp_settings out = settings();

    assert_string_equal(out.headers[1], "Authorization: Basic eA==");
    assert_string_equal(out.headers[2], "x: a=b");
    assert_null(out.headers[3]);
    assert_int_equal(out.n_attributes, 3);
    assert_string_equal(out.attributes[0].value, "shop");
    assert_string_equal(out.attributes[1].name, "team");
    assert_string_equal(out.attributes[1].value, "m\xc3\xbcnchen");
    assert_string_equal(out.attributes[2].name, "a");
    assert_string_equal(out.attributes[2].value, "b");
    say("OTEL_SERVICE_NAME", "named");
    assert_string_equal(settings().attributes[0].value, "named");
    assert_int_equal(settings().n_attributes, 3);
}

static void what_makes_no_sense_is_named_and_not_quoted(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"OTEL_EXPORTER_OTLP_ENDPOINT", "secret:4317"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT", ""},
        {"OTEL_EXPORTER_OTLP_HEADERS", "secret"},
        {"OTEL_EXPORTER_OTLP_HEADERS", "=secret"},
        {"OTEL_EXPORTER_OTLP_HEADERS", "a=secret%zz"},
        {"OTEL_EXPORTER_OTLP_TIMEOUT", "secret"},
        {"OTEL_EXPORTER_OTLP_TIMEOUT", "0"},
        {"OTEL_SERVICE_NAME", "secret\xff"},
        {"OTEL_RESOURCE_ATTRIBUTES", "a=secret%ff"},
        {"OTEL_BSP_SCHEDULE_DELAY", "-1"},
        {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "10001"},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct otlp_settings out = {.url = "kept"};
        struct barq_error err;

        say(bad[i][0], bad[i][1]);
        assert_int_equal(otlp_settings_read(&arena, &out, &err), BARQ_ERR_ARG);
        assert_string_equal(out.url, "kept");
        if (!strstr(err.text, bad[i][0]) || strstr(err.text, "secret")) {
            fail_msg("%s: %s", bad[i][0], err.text);
        }
        (void)unsetenv(bad[i][0]);
        say("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318");
    }
}

static void there_is_a_limit_to_pairs(void **state)
{
    (void)state;
    char many[OTLP_HEADERS_MAX * 4 + 8] = "";
    struct otlp_settings out;

    for (int i = 0; i < OTLP_HEADERS_MAX; i++) {
        (void)snprintf(many + strlen(many), sizeof(many) - strlen(many), "a=1,");
    }
    say("OTEL_EXPORTER_OTLP_HEADERS", many);
    assert_string_equal(settings().headers[OTLP_HEADERS_MAX], "a: 1");
    (void)snprintf(many + strlen(many), sizeof(many) - strlen(many), "a=1");
    say("OTEL_EXPORTER_OTLP_HEADERS", many);
    assert_int_equal(otlp_settings_read(&arena, &out, NULL), BARQ_ERR_ARG);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(where_nobody_says_it_is_as_opentelemetry_has_it),
        TEST(what_is_said_of_traces_goes_before_what_is_said_of_all),
        TEST(pairs_are_trimmed_and_percent_decoded),
        TEST(what_makes_no_sense_is_named_and_not_quoted),
        TEST(there_is_a_limit_to_pairs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
