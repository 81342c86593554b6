#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <barq/value.h>

#include "base/arena.h"

enum { MANY = 100 * 1000, PLENTY = 64 * 1024 * 1024 };

static struct barq_arena arena;

static int set_up(void **state)
{
    (void)state;
    bq_arena_init(&arena, PLENTY);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    return 0;
}

static enum barq_status status_of(const struct barq_value *value)
{
    return barq_value_check(value, NULL);
}

static void scalars_read_back_what_they_were_made_of(void **state)
{
    (void)state;
    size_t len;

    assert_true(barq_is_null(barq_null(&arena)));
    assert_true(barq_as_bool(barq_bool(&arena, true), false));
    assert_int_equal(barq_as_int(barq_int(&arena, INT64_MIN), 0), INT64_MIN);
    assert_true(barq_as_double(barq_double(&arena, 0.5), 0) == 0.5);
    assert_true(barq_as_double(barq_int(&arena, 3), 0) == 3);
    assert_string_equal(barq_as_string(barq_string(&arena, "lightning"), ""), "lightning");
    assert_string_equal(barq_as_string(barq_format(&arena, "%d-%s", 7, "x"), ""), "7-x");
    assert_memory_equal(barq_as_bytes(barq_bytes(&arena, "\0\xff", 2), &len), "\0\xff", 2);
    assert_int_equal(len, 2);

    const struct barq_value *at = barq_timestamp(&arena, -5, 120);
    assert_int_equal(barq_timestamp_us(at), -5);
    assert_int_equal(barq_timestamp_zone(at), 120);
}

static void a_value_of_another_kind_reads_as_the_default(void **state)
{
    (void)state;
    const struct barq_value *text = barq_string(&arena, "1");
    const struct barq_value *number = barq_int(&arena, 1);
    size_t len = 9;

    assert_int_equal(barq_as_int(text, 42), 42);
    assert_int_equal(barq_as_int(barq_double(&arena, 1), 42), 42);
    assert_true(barq_as_double(text, 1.5) == 1.5);
    assert_true(barq_as_bool(number, true));
    assert_string_equal(barq_as_string(number, "none"), "none");
    assert_null(barq_as_bytes(number, &len));
    assert_int_equal(len, 0);
    assert_int_equal(barq_timestamp_us(text), 0);
    assert_int_equal(barq_timestamp_zone(text), BARQ_NO_ZONE);
    assert_null(barq_name_of(text));
    assert_null(barq_content_of(text));
}

static void a_null_pointer_reads_as_a_null_value(void **state)
{
    (void)state;
    size_t len;

    assert_int_equal(barq_kind(NULL), BARQ_NULL);
    assert_true(barq_is_null(NULL));
    assert_int_equal(barq_as_int(NULL, 3), 3);
    assert_null(barq_as_bytes(NULL, &len));
    assert_int_equal(barq_count(NULL), 0);
    assert_null(barq_at(NULL, 0));
    assert_null(barq_key_at(NULL, 0));
    assert_null(barq_get(NULL, "x"));
    assert_true(barq_equal(NULL, barq_null(&arena)));
}

static void an_integer_is_an_int_when_it_fits_and_else_keeps_its_digits(void **state)
{
    (void)state;
    static const struct {
        const char *digits;
        enum barq_kind kind;
        const char *text;
        int64_t number;
    } cases[] = {
        {"0", BARQ_INT, NULL, 0},
        {"-0", BARQ_INT, NULL, 0},
        {"007", BARQ_INT, NULL, 7},
        {"9223372036854775807", BARQ_INT, NULL, INT64_MAX},
        {"-9223372036854775808", BARQ_INT, NULL, INT64_MIN},
        {"9223372036854775808", BARQ_BIGINT, "9223372036854775808", 0},
        {"-9223372036854775809", BARQ_BIGINT, "-9223372036854775809", 0},
        {"00018446744073709551616", BARQ_BIGINT, "18446744073709551616", 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct barq_value *value = barq_bigint(&arena, cases[i].digits, strlen(cases[i].digits));
        assert_int_equal(barq_kind(value), cases[i].kind);
        if (cases[i].text) {
            assert_string_equal(barq_as_string(value, ""), cases[i].text);
        } else {
            assert_int_equal(barq_as_int(value, -1), cases[i].number);
        }
    }
}

static void digits_that_are_no_number_make_no_integer(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "-", "+1", "1.0", " 1", "1 ", "0x1", "--1", "1e3"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_null(barq_bigint(&arena, bad[i], strlen(bad[i])));
    }
    assert_null(barq_bigint(&arena, NULL, 0));
}

static void text_that_is_not_utf8_makes_no_string(void **state)
{
    (void)state;

    assert_null(barq_string(&arena, "\xff"));
    assert_null(barq_string(&arena, "\xc0\x80"));
    assert_null(barq_string(&arena, "\xed\xa0\x80"));
    assert_null(barq_format(&arena, "%s", "\xe2\x82"));
    assert_null(barq_named(&arena, "\xff", barq_null(&arena)));
    assert_int_equal(barq_kind(barq_string(&arena, NULL)), BARQ_NULL);
    assert_int_equal(barq_kind(barq_string_of(&arena, "a\0b", 3)), BARQ_STRING);
}

static void a_list_keeps_its_members_in_order(void **state)
{
    (void)state;
    struct barq_value *list = barq_list(&arena);

    for (int i = 0; i < 1000; i++) {
        barq_add(list, barq_int(&arena, i));
    }
    assert_int_equal(barq_count(list), 1000);
    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(barq_as_int(barq_at(list, i), -1), i);
    }
    assert_null(barq_at(list, 1000));
    assert_null(barq_key_at(list, 0));
}

static void a_map_keeps_the_order_of_its_keys_and_finds_each(void **state)
{
    (void)state;
    struct barq_value *map = barq_map(&arena);
    char key[32];

    for (int i = 0; i < 1000; i++) {
        (void)snprintf(key, sizeof(key), "key %d", i * 7919 % 1000);
        barq_set_key(map, key, barq_int(&arena, i));
        assert_int_equal(barq_as_int(barq_get(map, key), -1), i);
    }
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(key, sizeof(key), "key %d", i * 7919 % 1000);
        assert_int_equal(barq_as_int(barq_get(map, key), -1), i);
        assert_string_equal(barq_as_string(barq_key_at(map, (size_t)i), ""), key);
    }
    assert_null(barq_get(map, "key 1000"));
    assert_null(barq_get(map, "key"));
}

static void a_key_given_again_replaces_the_value_where_it_stood(void **state)
{
    (void)state;

    for (int count = 1; count <= 64; count *= 2) {
        struct barq_value *map = barq_map(&arena);
        for (int i = 0; i < count; i++) {
            barq_put(map, barq_int(&arena, i), barq_string(&arena, "old"));
        }
        barq_put(map, barq_int(&arena, 0), barq_string(&arena, "new"));
        assert_int_equal(barq_count(map), count);
        assert_string_equal(barq_as_string(barq_at(map, 0), ""), "new");
    }
}

static void a_key_can_be_of_any_kind_and_kinds_never_meet(void **state)
{
    (void)state;
    struct barq_value *map = barq_map(&arena);
    struct barq_value *tuple = barq_tuple(&arena);
    struct barq_value *list = barq_list(&arena);
    barq_add(tuple, barq_int(&arena, 1));
    barq_add(list, barq_int(&arena, 1));
    struct barq_value *keys[] = {
        barq_null(&arena),
        barq_bool(&arena, true),
        barq_int(&arena, 1),
        barq_double(&arena, 1),
        barq_string(&arena, "1"),
        barq_bytes(&arena, "1", 1),
        barq_bigint(&arena, "11111111111111111111", 20),
        barq_timestamp(&arena, 1, BARQ_NO_ZONE),
        barq_timestamp(&arena, 1, 0),
        barq_named(&arena, "one", barq_int(&arena, 1)),
        tuple,
        list,
        barq_set(&arena),
        barq_map(&arena),
    };
    size_t count = sizeof(keys) / sizeof(keys[0]);

    for (size_t i = 0; i < count; i++) {
        barq_put(map, keys[i], barq_int(&arena, (int64_t)i));
    }
    assert_int_equal(status_of(map), BARQ_OK);
    assert_int_equal(barq_count(map), count);
    assert_int_equal(barq_as_int(barq_get(map, "1"), -1), 4);
}

static void a_set_keeps_equal_members_once(void **state)
{
    (void)state;
    struct barq_value *set = barq_set(&arena);

    for (int i = 0; i < 300; i++) {
        struct barq_value *pair = barq_tuple(&arena);
        barq_add(pair, barq_int(&arena, i % 100));
        barq_add(pair, barq_string(&arena, "x"));
        barq_add(set, pair);
        barq_add(set, barq_int(&arena, i % 50));
    }
    assert_int_equal(barq_count(set), 150);
    assert_int_equal(status_of(set), BARQ_OK);
}

static void a_hundred_thousand_members_go_in_and_are_found_at_once(void **state)
{
    (void)state;
    struct barq_value *map = barq_map(&arena);
    struct barq_value *set = barq_set(&arena);
    char key[32];

    for (int i = 0; i < 2 * MANY; i++) {
        (void)snprintf(key, sizeof(key), "k%d", i % MANY);
        barq_set_key(map, key, barq_null(&arena));
        barq_add(set, barq_int(&arena, (int64_t)(i % MANY) << 32));
    }
    assert_int_equal(barq_count(map), MANY);
    assert_int_equal(barq_count(set), MANY);
    assert_true(barq_equal(map, barq_copy(&arena, map)));
}

static void a_container_within_another_is_closed(void **state)
{
    (void)state;
    struct barq_value *inner = barq_list(&arena);
    struct barq_value *outer = barq_list(&arena);

    barq_add(inner, barq_int(&arena, 1));
    barq_add(outer, inner);
    assert_int_equal(status_of(outer), BARQ_OK);
    barq_add(inner, barq_int(&arena, 2));
    assert_int_equal(barq_count(inner), 1);
    assert_int_equal(status_of(inner), BARQ_ERR_BUG);
    assert_int_equal(status_of(outer), BARQ_ERR_BUG);
}

static void a_value_never_contains_itself(void **state)
{
    (void)state;
    struct barq_value *a = barq_list(&arena);
    struct barq_value *b = barq_map(&arena);
    struct barq_value *c = barq_list(&arena);

    barq_add(a, a);
    assert_int_equal(barq_count(a), 0);
    assert_int_equal(status_of(a), BARQ_ERR_BUG);
    barq_add(c, b);
    barq_set_key(b, "c", c);
    assert_int_equal(barq_count(b), 0);
    assert_int_equal(status_of(c), BARQ_ERR_BUG);
}

static void a_container_is_in_one_place_and_a_copy_in_another(void **state)
{
    (void)state;
    struct barq_value *inner = barq_list(&arena);
    struct barq_value *outer = barq_list(&arena);
    struct barq_value *shared = barq_string(&arena, "shared");
    barq_add(inner, shared);
    barq_add(outer, shared);

    barq_add(outer, inner);
    barq_add(outer, barq_copy(&arena, inner));
    assert_int_equal(status_of(outer), BARQ_OK);
    assert_true(barq_equal(barq_at(outer, 1), barq_at(outer, 2)));
    barq_add(outer, inner);
    assert_int_equal(status_of(outer), BARQ_ERR_BUG);
}

static void what_takes_no_members_is_broken_by_being_given_some(void **state)
{
    (void)state;
    struct barq_value *number = barq_int(&arena, 1);
    struct barq_value *list = barq_list(&arena);
    struct barq_value *map = barq_map(&arena);

    barq_add(number, barq_int(&arena, 2));
    barq_set_key(list, "a", barq_int(&arena, 2));
    barq_add(map, barq_int(&arena, 2));
    barq_add(NULL, barq_int(&arena, 2));
    barq_set_key(NULL, "a", barq_int(&arena, 2));
    assert_int_equal(status_of(number), BARQ_ERR_BUG);
    assert_int_equal(status_of(list), BARQ_ERR_BUG);
    assert_int_equal(status_of(map), BARQ_ERR_BUG);
}

static void a_missing_member_is_reported_with_the_path_of_who_misses_it(void **state)
{
    (void)state;
    struct barq_value *top = barq_map(&arena);
    struct barq_value *list = barq_list(&arena);
    struct barq_value *inner = barq_map(&arena);
    struct barq_error err;
    barq_set_key(inner, "key", NULL);
    barq_add(list, barq_null(&arena));
    barq_add(list, inner);
    barq_set_key(top, "two words\n", list);

    assert_int_equal(barq_value_check(top, &err), BARQ_ERR_NOMEM);
    assert_non_null(strstr(err.text, "$[\"two words?\"][1] is broken"));
    assert_int_equal(barq_value_check(NULL, &err), BARQ_ERR_NOMEM);
    assert_int_equal(status_of(barq_named(&arena, "x", NULL)), BARQ_ERR_NOMEM);
}

static void a_value_deeper_than_the_limit_is_broken_and_harmless(void **state)
{
    (void)state;
    struct barq_value *deep = barq_list(&arena);
    struct barq_value *named = barq_named(&arena, "n", barq_null(&arena));

    for (int i = 1; i < BARQ_VALUE_MAX_DEPTH; i++) {
        struct barq_value *outer = i % 2 ? barq_list(&arena) : barq_map(&arena);
        if (i % 2) {
            barq_add(outer, deep);
        } else {
            barq_set_key(outer, "k", deep);
        }
        deep = outer;
        named = barq_named(&arena, "n", named);
    }
    assert_int_equal(status_of(deep), BARQ_OK);
    assert_int_equal(status_of(named), BARQ_OK);

    for (int i = 0; i < MANY; i++) {
        struct barq_value *outer = barq_set(&arena);
        barq_add(outer, deep);
        deep = outer;
        named = barq_named(&arena, "n", named);
    }
    assert_true(barq_equal(deep, deep));
    (void)status_of(deep);
    (void)status_of(named);
    struct barq_value *one_more = barq_tuple(&arena);
    for (int i = 0; i < BARQ_VALUE_MAX_DEPTH; i++) {
        struct barq_value *outer = barq_tuple(&arena);
        barq_add(outer, one_more);
        one_more = outer;
    }
    assert_int_equal(status_of(one_more), BARQ_ERR_LIMIT);
}

static void maps_and_sets_are_equal_in_any_order_and_lists_are_not(void **state)
{
    (void)state;
    struct barq_value *maps[2] = {barq_map(&arena), barq_map(&arena)};
    struct barq_value *sets[2] = {barq_set(&arena), barq_set(&arena)};
    struct barq_value *lists[2] = {barq_list(&arena), barq_list(&arena)};

    for (int i = 0; i < 40; i++) {
        for (int way = 0; way < 2; way++) {
            int number = way ? 39 - i : i;
            barq_put(maps[way], barq_int(&arena, number), barq_int(&arena, -number));
            barq_add(sets[way], barq_int(&arena, number));
            barq_add(lists[way], barq_int(&arena, number));
        }
    }
    assert_true(barq_equal(maps[0], maps[1]));
    assert_true(barq_equal(sets[0], sets[1]));
    assert_false(barq_equal(lists[0], lists[1]));

    struct barq_value *of_maps = barq_set(&arena);
    barq_add(of_maps, maps[0]);
    barq_add(of_maps, maps[1]);
    assert_int_equal(barq_count(of_maps), 1);
}

static void what_is_nearly_the_same_is_not_equal(void **state)
{
    (void)state;
    struct barq_value *a = barq_map(&arena);
    struct barq_value *b = barq_map(&arena);
    barq_set_key(a, "x", barq_int(&arena, 1));
    barq_set_key(b, "x", barq_int(&arena, 2));

    assert_false(barq_equal(a, b));
    assert_false(barq_equal(barq_list(&arena), barq_tuple(&arena)));
    assert_false(barq_equal(barq_int(&arena, 1), barq_double(&arena, 1)));
    assert_false(barq_equal(barq_string(&arena, "a"), barq_bytes(&arena, "a", 1)));
    assert_false(barq_equal(barq_string_of(&arena, "a\0b", 3), barq_string(&arena, "a")));
    assert_true(barq_equal(barq_double(&arena, 0.0), barq_double(&arena, -0.0)));
    assert_true(barq_equal(barq_double(&arena, (double)NAN), barq_double(&arena, (double)NAN)));
    assert_false(barq_equal(barq_named(&arena, "a", barq_null(&arena)),
                            barq_named(&arena, "b", barq_null(&arena))));
}

/* One of each kind, in `in`; NULL or broken when that is full. */
static struct barq_value *one_of_each(struct barq_arena *in)
{
    struct barq_value *map = barq_map(in);
    struct barq_value *list = barq_list(in);
    struct barq_value *set = barq_set(in);

    barq_add(list, barq_bool(in, true));
    barq_add(list, barq_bigint(in, "123456789012345678901", 21));
    barq_add(list, barq_double(in, 1.5));
    barq_add(list, barq_bytes(in, "\0", 1));
    barq_add(list, barq_timestamp(in, 1, 60));
    for (int i = 0; i < 20; i++) {
        barq_add(set, barq_format(in, "member %d", i));
    }
    barq_set_key(map, "list", list);
    barq_set_key(map, "set", set);
    barq_set_key(map, "tuple", barq_tuple(in));
    barq_put(map, barq_null(in), barq_named(in, "name", barq_int(in, 1)));
    return map;
}

static void a_full_arena_is_reported_wherever_it_was_full(void **state)
{
    (void)state;
    size_t limit = 0;

    for (enum barq_status status = BARQ_ERR_NOMEM; status != BARQ_OK; limit += 16) {
        bq_auto(arena) struct barq_arena small;
        bq_arena_init(&small, limit);
        status = status_of(one_of_each(&small));
        if (status != BARQ_OK) {
            assert_int_equal(status, BARQ_ERR_NOMEM);
        }
    }
    assert_true(limit > 1000);
}

static void a_copy_is_equal_open_and_whole_or_not_there(void **state)
{
    (void)state;
    struct barq_value *value = one_of_each(&arena);
    struct barq_value *copy = barq_copy(&arena, value);
    assert_true(barq_equal(value, copy));
    barq_set_key(copy, "more", barq_null(&arena));
    assert_int_equal(status_of(copy), BARQ_OK);
    assert_false(barq_equal(value, copy));

    size_t limit = 0;
    for (bool done = false; !done; limit += 16) {
        bq_auto(arena) struct barq_arena small;
        bq_arena_init(&small, limit);
        struct barq_value *again = barq_copy(&small, value);
        done = again && status_of(again) == BARQ_OK;
        if (done) {
            assert_true(barq_equal(value, again));
        }
    }
}

static void sql_scalars_borrow_what_they_are_given(void **state)
{
    (void)state;
    static const char text[] = "text";

    assert_int_equal(barq_sql_null().kind, BARQ_NULL);
    assert_int_equal(barq_sql_int(-7).i, -7);
    assert_true(barq_sql_double(0.25).d == 0.25);
    assert_ptr_equal(barq_sql_text(text).data, text);
    assert_int_equal(barq_sql_text(text).len, 4);
    assert_int_equal(barq_sql_text(NULL).kind, BARQ_NULL);
    assert_int_equal(barq_sql_text_of(text, 2).len, 2);
    assert_int_equal(barq_sql_bytes(text, 3).kind, BARQ_BYTES);
    assert_int_equal(barq_sql_bytes(text, 3).len, 3);
}

static void every_kind_has_a_name(void **state)
{
    (void)state;

    for (int kind = BARQ_NULL; kind <= BARQ_NAMED; kind++) {
        assert_string_not_equal(barq_kind_name((enum barq_kind)kind), "unknown");
    }
    assert_string_equal(barq_kind_name((enum barq_kind)99), "unknown");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(scalars_read_back_what_they_were_made_of),
        TEST(a_value_of_another_kind_reads_as_the_default),
        TEST(a_null_pointer_reads_as_a_null_value),
        TEST(an_integer_is_an_int_when_it_fits_and_else_keeps_its_digits),
        TEST(digits_that_are_no_number_make_no_integer),
        TEST(text_that_is_not_utf8_makes_no_string),
        TEST(a_list_keeps_its_members_in_order),
        TEST(a_map_keeps_the_order_of_its_keys_and_finds_each),
        TEST(a_key_given_again_replaces_the_value_where_it_stood),
        TEST(a_key_can_be_of_any_kind_and_kinds_never_meet),
        TEST(a_set_keeps_equal_members_once),
        TEST(a_hundred_thousand_members_go_in_and_are_found_at_once),
        TEST(a_container_within_another_is_closed),
        TEST(a_value_never_contains_itself),
        TEST(a_container_is_in_one_place_and_a_copy_in_another),
        TEST(what_takes_no_members_is_broken_by_being_given_some),
        TEST(a_missing_member_is_reported_with_the_path_of_who_misses_it),
        TEST(a_value_deeper_than_the_limit_is_broken_and_harmless),
        TEST(maps_and_sets_are_equal_in_any_order_and_lists_are_not),
        TEST(what_is_nearly_the_same_is_not_equal),
        TEST(a_full_arena_is_reported_wherever_it_was_full),
        TEST(a_copy_is_equal_open_and_whole_or_not_there),
        TEST(sql_scalars_borrow_what_they_are_given),
        TEST(every_kind_has_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
