#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/text.h"
#include "web/queue_json.h"
#include "web/shown.h"

static struct barq_arena arena;

static int begin(void **state)
{
    (void)state;
    bq_arena_init(&arena, (size_t)16 * 1024 * 1024);
    return 0;
}

static int end(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    return 0;
}

static void is_shown_as(struct barq_value *value, const char *wanted)
{
    const char *json = NULL;
    struct barq_error err;

    assert_int_equal(barq_to_json(&arena, bw_shown(&arena, value), &json, NULL, &err), BARQ_OK);
    assert_string_equal(json, wanted);
}

static struct barq_value *one(struct barq_value *container, struct barq_value *item)
{
    barq_add(container, item);
    return container;
}

static void what_json_has_no_word_for_is_marked(void **state)
{
    (void)state;
    int64_t exact = INT64_C(1) << 53;
    is_shown_as(NULL, "null");
    is_shown_as(barq_int(&arena, exact), "9007199254740992");
    is_shown_as(barq_int(&arena, exact + 1), "{\"$integer\":\"9007199254740993\"}");
    is_shown_as(barq_int(&arena, INT64_MIN), "{\"$integer\":\"-9223372036854775808\"}");
    is_shown_as(barq_bigint(&arena, "-100000000000000000000", 22),
                "{\"$integer\":\"-100000000000000000000\"}");
    is_shown_as(barq_double(&arena, (double)NAN), "{\"$number\":\"NaN\"}");
    is_shown_as(barq_double(&arena, -(double)INFINITY), "{\"$number\":\"-Infinity\"}");
    is_shown_as(barq_bytes(&arena, "", 0), "{\"$bytes\":\"\"}");
    is_shown_as(barq_bytes(&arena, "f", 1), "{\"$bytes\":\"Zg==\"}");
    is_shown_as(barq_bytes(&arena, "fo", 2), "{\"$bytes\":\"Zm8=\"}");
    is_shown_as(barq_bytes(&arena, "foo\xff", 4), "{\"$bytes\":\"Zm9v/w==\"}");
    is_shown_as(one(barq_tuple(&arena), barq_int(&arena, 1)), "[1]");
    is_shown_as(one(barq_set(&arena), barq_int(&arena, 1)), "{\"$set\":[1]}");
    is_shown_as(barq_named(&arena, "decimal.Decimal", barq_string(&arena, "1.5")),
                "{\"$named\":[\"decimal.Decimal\",\"1.5\"]}");
}

static void times_keep_their_zone_or_have_none(void **state)
{
    (void)state;
    is_shown_as(barq_timestamp(&arena, 0, 0), "{\"$timestamp\":\"1970-01-01T00:00:00.000000Z\"}");
    is_shown_as(barq_timestamp(&arena, 1, BARQ_NO_ZONE),
                "{\"$timestamp\":\"1970-01-01T00:00:00.000001\"}");
    is_shown_as(barq_timestamp(&arena, -1, -210),
                "{\"$timestamp\":\"1969-12-31T20:29:59.999999-03:30\"}");
}

static void no_object_of_a_job_is_taken_for_a_mark(void **state)
{
    (void)state;
    struct barq_value *map = barq_map(&arena);
    barq_set_key(map, "$bytes", barq_string(&arena, "mine"));
    is_shown_as(map, "{\"$map\":[[\"$bytes\",\"mine\"]]}");
    map = barq_map(&arena);
    barq_put(map, barq_int(&arena, 1), barq_int(&arena, 2));
    is_shown_as(map, "{\"$map\":[[1,2]]}");
    map = barq_map(&arena);
    barq_set_key(map, "plain", barq_int(&arena, 2));
    is_shown_as(map, "{\"plain\":2}");
}

static void what_is_too_deep_is_cut_and_the_rest_shown(void **state)
{
    (void)state;
    const char *json = NULL;
    struct barq_error err;
    struct barq_value *deep = barq_list(&arena);
    for (int i = 1; i < BARQ_VALUE_MAX_DEPTH; i++) {
        struct barq_value *map = barq_map(&arena);
        if (i % 2 == 0) {
            deep = one(barq_list(&arena), deep);
        } else {
            barq_put(map, barq_int(&arena, i), deep);
            deep = map;
        }
    }
    struct barq_value *answer = barq_map(&arena);
    struct barq_value *within = one(barq_list(&arena), bw_shown(&arena, deep));
    barq_set_key(answer, "args", within);
    assert_int_equal(barq_to_json(&arena, answer, &json, NULL, &err), BARQ_OK);
    assert_non_null(strstr(json, "{\"$cut\":\""));
}

static void a_brief_is_a_line_and_short(void **state)
{
    (void)state;
    struct barq_value *args = barq_list(&arena);
    struct barq_value *kwargs = barq_map(&arena);
    barq_add(args, barq_int(&arena, 1));
    barq_add(args, barq_string(&arena, "a\"\n"));
    barq_add(args, one(barq_tuple(&arena), barq_double(&arena, 0.5)));
    barq_set_key(kwargs, "key", barq_bool(&arena, true));
    assert_string_equal(bw_brief(&arena, args, kwargs), "1, \"a\\\"\\u000a\", (0.5), key=true");
    assert_string_equal(bw_brief(&arena, NULL, NULL), "");
    assert_string_equal(bw_brief(&arena, NULL, kwargs), "key=true");
}

static void a_brief_never_cuts_a_character(void **state)
{
    (void)state;
    char text[1000];
    for (size_t shift = 0; shift < 4; shift++) {
        struct barq_value *args = barq_list(&arena);
        memset(text, 'x', shift);
        for (size_t i = shift; i + 4 < sizeof(text); i += 4) {
            memcpy(text + i, "\xf0\x9f\x8e\xac", 5);
        }
        barq_add(args, barq_string(&arena, text));
        const char *brief = bw_brief(&arena, args, NULL);
        assert_true(bq_utf8_valid(brief, strlen(brief)));
        assert_true(bq_ends_with(brief, "\xe2\x80\xa6"));
        assert_in_range(strlen(brief), BW_BRIEF_BYTES - 4, BW_BRIEF_BYTES + 3);
    }
}

static void queues_of_a_worker_are_read_with_their_weights(void **state)
{
    (void)state;
    const char *at = "fast:3  slow:1 arq:queue a:b:12 plain :7 99";
    static const struct {
        const char *name;
        int64_t weight;
    } wanted[] = {{"fast", 3},  {"slow", 1}, {"arq:queue", 1}, {"a:b", 12},
                  {"plain", 1}, {":7", 1},   {"99", 1}};
    size_t len = 0;
    int64_t weight = 0;
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        const char *name = bw_next_queue(&at, &len, &weight);
        assert_non_null(name);
        assert_int_equal(len, strlen(wanted[i].name));
        assert_memory_equal(name, wanted[i].name, len);
        assert_int_equal(weight, wanted[i].weight);
    }
    assert_null(bw_next_queue(&at, &len, &weight));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_json_has_no_word_for_is_marked, begin, end),
        cmocka_unit_test_setup_teardown(times_keep_their_zone_or_have_none, begin, end),
        cmocka_unit_test_setup_teardown(no_object_of_a_job_is_taken_for_a_mark, begin, end),
        cmocka_unit_test_setup_teardown(what_is_too_deep_is_cut_and_the_rest_shown, begin, end),
        cmocka_unit_test_setup_teardown(a_brief_is_a_line_and_short, begin, end),
        cmocka_unit_test_setup_teardown(a_brief_never_cuts_a_character, begin, end),
        cmocka_unit_test(queues_of_a_worker_are_read_with_their_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
