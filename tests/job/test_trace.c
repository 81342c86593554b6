#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "job/trace.h"

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define SPAN  "00f067aa0ba902b7"

static void what_was_read_is_written_again(void **state)
{
    (void)state;
    static const char *const good[] = {
        "00-" TRACE "-" SPAN "-01",
        "00-" TRACE "-" SPAN "-00",
        "00-" TRACE "-" SPAN "-fe",
        "00-00000000000000000000000000000001-0000000000000001-01",
    };

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct bq_trace trace;
        char text[BQ_TRACEPARENT_BYTES];

        assert_true(bq_trace_read(good[i], &trace));
        bq_trace_write(&trace, text);
        assert_string_equal(text, good[i]);
        assert_true(barq_traceparent_valid(good[i]));
    }
}

static void of_a_later_version_what_is_known_is_read(void **state)
{
    (void)state;
    static const char *const later[] = {
        "01-" TRACE "-" SPAN "-01",
        "cc-" TRACE "-" SPAN "-09-what-the-future-will-be-like",
        "fe-" TRACE "-" SPAN "-ff-",
    };

    for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
        struct bq_trace trace;
        char text[BQ_TRACEPARENT_BYTES];

        assert_true(bq_trace_read(later[i], &trace));
        bq_trace_write(&trace, text);
        assert_string_equal(text, "00-" TRACE "-" SPAN "-01");
    }
}

static void what_is_no_traceparent_is_refused_and_leaves_out_alone(void **state)
{
    (void)state;
    char long_one[300] = "01-" TRACE "-" SPAN "-01-";
    memset(long_one + strlen(long_one), 'x', sizeof(long_one) - 1 - strlen(long_one));
    const char *const bad[] = {
        NULL,
        "",
        "00",
        "00-" TRACE "-" SPAN,
        "00-" TRACE "-" SPAN "-",
        "00-" TRACE "-" SPAN "-0",
        "00-" TRACE "-" SPAN "-011",
        "00-" TRACE "-" SPAN "-01-",
        "00-" TRACE "-" SPAN "-01-more",
        "01-" TRACE "-" SPAN "-01.more",
        "ff-" TRACE "-" SPAN "-01",
        "0g-" TRACE "-" SPAN "-01",
        "0A-" TRACE "-" SPAN "-01",
        " 0-" TRACE "-" SPAN "-01",
        "00-4BF92f3577b34da6a3ce929d0e0e4736-" SPAN "-01",
        "00-00000000000000000000000000000000-" SPAN "-01",
        "00-" TRACE "-0000000000000000-01",
        "00-" TRACE "-00f067aa0ba902bg-01",
        "00-" TRACE "-" SPAN "-0G",
        "00_" TRACE "-" SPAN "-01",
        "00-" TRACE "_" SPAN "-01",
        "00-" TRACE "-" SPAN "_01",
        "00-4bf92f3577b34da6a3ce929d0e0e47-36" SPAN "-01-",
        long_one,
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct bq_trace trace = {.trace_id = "kept"};

        if (bq_trace_read(bad[i], &trace)) {
            fail_msg("%s was taken", bad[i]);
        }
        assert_string_equal(trace.trace_id, "kept");
        assert_false(barq_traceparent_valid(bad[i]));
    }
}

static void a_child_is_a_new_span_of_its_parents_trace(void **state)
{
    (void)state;
    struct bq_trace parent;
    struct bq_trace one;
    struct bq_trace other;

    assert_true(bq_trace_read("00-" TRACE "-" SPAN "-03", &parent));
    bq_trace_child(&parent, &one);
    bq_trace_child(&parent, &other);
    assert_string_equal(one.trace_id, TRACE);
    assert_string_not_equal(one.span_id, SPAN);
    assert_string_not_equal(one.span_id, other.span_id);
    assert_int_equal(one.flags, BQ_TRACE_SAMPLED);

    assert_true(bq_trace_read("00-" TRACE "-" SPAN "-02", &parent));
    bq_trace_child(&parent, &one);
    assert_int_equal(one.flags, 0);
}

static void without_a_parent_a_trace_begins(void **state)
{
    (void)state;
    struct bq_trace one;
    struct bq_trace other;
    struct bq_trace again;
    char text[BQ_TRACEPARENT_BYTES];

    bq_trace_child(NULL, &one);
    bq_trace_child(NULL, &other);
    assert_string_not_equal(one.trace_id, other.trace_id);
    assert_int_equal(one.flags, BQ_TRACE_SAMPLED);
    bq_trace_write(&one, text);
    assert_true(bq_trace_read(text, &again));
    assert_string_equal(again.trace_id, one.trace_id);
    assert_string_equal(again.span_id, one.span_id);
}

static void a_tracestate_is_a_list_of_what_vendors_say(void **state)
{
    (void)state;
    static const char *const good[] = {
        "rojo=00f067aa0ba902b7",
        "congo=t61rcWkgMzE , rojo=00f067aa0ba902b7",
        "a=1,,b=2,",
        "fw529a3039@dt=FfffffffWyI1",
        "0tenant*/_-@vendor=a b~!",
    };
    char long_one[BARQ_TRACESTATE_MAX_BYTES + 2];
    char many[200] = "";

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        if (!barq_tracestate_valid(good[i])) {
            fail_msg("%s was refused", good[i]);
        }
    }
    (void)snprintf(long_one, sizeof(long_one), "%0256d", 0);
    memcpy(long_one, "a=", 2);
    (void)snprintf(long_one + 256, sizeof(long_one) - 256, ",b=%0254d", 0);
    long_one[BARQ_TRACESTATE_MAX_BYTES] = '\0';
    assert_true(barq_tracestate_valid(long_one));
    long_one[BARQ_TRACESTATE_MAX_BYTES] = '0';
    long_one[BARQ_TRACESTATE_MAX_BYTES + 1] = '\0';
    assert_false(barq_tracestate_valid(long_one));
    for (int i = 0; i < 32; i++) {
        (void)snprintf(many + strlen(many), sizeof(many) - strlen(many), "k=v,");
    }
    assert_true(barq_tracestate_valid(many));
    (void)snprintf(many + strlen(many), sizeof(many) - strlen(many), "k=v");
    assert_false(barq_tracestate_valid(many));
}

static void what_is_no_tracestate_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        NULL,
        "",
        ",",
        "a",
        "a=",
        "=1",
        "A=1",
        "a =1",
        "a=1=2",
        "a=\x01",
        "a=\xc3\xa4",
        "@v=1",
        "t@=1",
        "a@b@c=1",
        "a=1;b,c",
        "a\n=1",
        "a=1\nb=2",
        "-a=1",
        "t@vendorvendorvendor=1",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (barq_tracestate_valid(bad[i])) {
            fail_msg("%s was taken", bad[i]);
        }
    }
}

static void spans_are_exported_when_there_is_somewhere_to(void **state)
{
    (void)state;
    static const char *const names[] = {"OTEL_EXPORTER_OTLP_ENDPOINT",
                                        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_SDK_DISABLED",
                                        "OTEL_TRACES_EXPORTER"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(unsetenv(names[i]), 0);
    }
    assert_false(bq_trace_exported());
    assert_int_equal(setenv(names[0], "", 1), 0);
    assert_false(bq_trace_exported());
    assert_int_equal(setenv(names[0], "http://localhost:4318", 1), 0);
    assert_true(bq_trace_exported());
    assert_int_equal(setenv(names[3], "none", 1), 0);
    assert_false(bq_trace_exported());
    assert_int_equal(setenv(names[3], "otlp", 1), 0);
    assert_int_equal(setenv(names[2], "true", 1), 0);
    assert_false(bq_trace_exported());
    assert_int_equal(unsetenv(names[2]), 0);
    assert_int_equal(unsetenv(names[0]), 0);
    assert_int_equal(setenv(names[1], "http://localhost:4318/v1/traces", 1), 0);
    assert_true(bq_trace_exported());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_read_is_written_again),
        cmocka_unit_test(of_a_later_version_what_is_known_is_read),
        cmocka_unit_test(what_is_no_traceparent_is_refused_and_leaves_out_alone),
        cmocka_unit_test(a_child_is_a_new_span_of_its_parents_trace),
        cmocka_unit_test(without_a_parent_a_trace_begins),
        cmocka_unit_test(a_tracestate_is_a_list_of_what_vendors_say),
        cmocka_unit_test(what_is_no_tracestate_is_refused),
        cmocka_unit_test(spans_are_exported_when_there_is_somewhere_to),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
