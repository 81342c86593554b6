#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "web/gather.h"

enum { MINUTE_MS = 60 * 1000, START_MS = 1000 * MINUTE_MS };

static struct bw_gather gather;
static struct bw_numbers functions;
static struct bw_numbers workers;
static struct barq_error err;

static int begin(void **state)
{
    (void)state;
    bw_gather_init(&gather);
    return 0;
}

static int end(void **state)
{
    (void)state;
    bw_gather_clear(&gather);
    return 0;
}

static struct barq_worker_info worker(const char *name, int64_t started_at_ms, int64_t complete)
{
    return (struct barq_worker_info){
        .name = name, .queues = "barq", .started_at_ms = started_at_ms, .complete = complete};
}

static struct barq_function_stats function(const char *of, const char *name, int64_t complete)
{
    return (struct barq_function_stats){
        .worker = of,
        .function = name,
        .complete = complete,
        .ran = {.count = complete, .sum_us = complete * 1000, .buckets = {[0] = complete}}};
}

static void take(const struct barq_worker_info *w, size_t n_workers,
                 const struct barq_function_stats *f, size_t n_functions, int64_t now_ms)
{
    functions = (struct bw_numbers){.ran = {.count = 0}};
    workers = (struct bw_numbers){.ran = {.count = 0}};
    assert_int_equal(
        bw_gather_take(&gather, w, n_workers, f, n_functions, now_ms, &functions, &workers, &err),
        BARQ_OK);
}

static int64_t complete_of(const char *name)
{
    for (size_t i = 0; i < gather.n_functions; i++) {
        if (strcmp(gather.functions[i].name, name) == 0) {
            return gather.functions[i].numbers.counters[BW_COMPLETE];
        }
    }
    return -1;
}

static void what_is_new_is_added_up_and_stays_when_a_worker_goes(void **state)
{
    (void)state;
    const struct barq_worker_info two[] = {worker("b:1", START_MS, 3), worker("a:1", START_MS, 5)};
    const struct barq_function_stats told[] = {function("b:1", "add", 2), function("b:1", "sub", 1),
                                               function("a:1", "add", 5)};
    take(two, 2, told, 3, START_MS);
    assert_int_equal(complete_of("add"), 7);
    assert_int_equal(gather.workers.counters[BW_COMPLETE], 8);
    assert_int_equal(functions.ran.buckets[0], 8);

    const struct barq_worker_info one[] = {worker("b:1", START_MS, 4)};
    const struct barq_function_stats less[] = {function("b:1", "add", 3),
                                               function("b:1", "new", 1)};
    take(one, 1, less, 2, START_MS + 5000);
    assert_int_equal(complete_of("add"), 8);
    assert_int_equal(complete_of("sub"), 1);
    assert_int_equal(complete_of("new"), 1);
    assert_int_equal(functions.counters[BW_COMPLETE], 2);
    assert_int_equal(workers.counters[BW_COMPLETE], 1);
    assert_int_equal(gather.workers.counters[BW_COMPLETE], 9);
}

static void functions_are_by_name_with_the_workers_that_have_told_of_them(void **state)
{
    (void)state;
    const struct barq_worker_info two[] = {worker("b:1", START_MS, 3), worker("a:1", START_MS, 5)};
    const struct barq_function_stats told[] = {function("b:1", "z", 2), function("b:1", "", 1),
                                               function("a:1", "m", 5), function("a:1", "z", 5)};
    take(two, 2, told, 4, START_MS);
    assert_int_equal(gather.n_functions, 3);
    assert_string_equal(gather.functions[0].name, "");
    assert_string_equal(gather.functions[1].name, "m");
    assert_string_equal(gather.functions[2].name, "z");
    assert_int_equal(gather.functions[2].workers, 2);
    take(two, 1, told, 1, START_MS + 5000);
    assert_int_equal(gather.functions[1].workers, 0);
    assert_int_equal(gather.functions[2].workers, 1);
}

static void another_worker_of_the_same_name_counts_anew(void **state)
{
    (void)state;
    const struct barq_worker_info first[] = {worker("host:1", START_MS, 10)};
    const struct barq_worker_info second[] = {worker("host:1", START_MS + 4000, 12)};
    const struct barq_function_stats ten[] = {function("host:1", "add", 10)};
    const struct barq_function_stats twelve[] = {function("host:1", "add", 12)};
    take(first, 1, ten, 1, START_MS);
    take(second, 1, twelve, 1, START_MS + 5000);
    assert_int_equal(complete_of("add"), 22);
    assert_int_equal(gather.workers.counters[BW_COMPLETE], 22);
}

static void a_worker_that_was_out_of_sight_is_not_counted_twice(void **state)
{
    (void)state;
    const struct barq_worker_info old[] = {worker("host:1", START_MS, 10)};
    const struct barq_worker_info later[] = {worker("host:1", START_MS, 12)};
    const struct barq_function_stats ten[] = {function("host:1", "add", 10)};
    const struct barq_function_stats twelve[] = {function("host:1", "add", 12)};
    int64_t now_ms = START_MS + 10 * MINUTE_MS;
    take(old, 1, ten, 1, now_ms);
    take(NULL, 0, NULL, 0, now_ms + 5000);
    take(old, 1, ten, 1, now_ms + 10000);
    assert_int_equal(complete_of("add"), 10);
    take(later, 1, twelve, 1, now_ms + 15000);
    assert_int_equal(complete_of("add"), 12);
}

static void a_count_that_fell_is_another_one(void **state)
{
    (void)state;
    const struct barq_worker_info one[] = {worker("host:1", START_MS, 0)};
    const struct barq_function_stats ten[] = {function("host:1", "add", 10)};
    const struct barq_function_stats three[] = {function("host:1", "add", 3)};
    take(one, 1, ten, 1, START_MS);
    take(one, 1, three, 1, START_MS + 5000);
    assert_int_equal(complete_of("add"), 13);
    assert_int_equal(functions.counters[BW_COMPLETE], 3);
}

static void what_comes_of_a_worker_that_is_not_listed_waits(void **state)
{
    (void)state;
    const struct barq_worker_info one[] = {worker("a:1", START_MS, 1)};
    const struct barq_function_stats told[] = {function("a:1", "add", 1),
                                               function("b:1", "add", 4)};
    take(one, 1, told, 2, START_MS);
    assert_int_equal(complete_of("add"), 1);
    take(NULL, 0, told, 2, START_MS + 5000);
    assert_int_equal(complete_of("add"), 1);
}

static void functions_beyond_the_limit_are_counted_together(void **state)
{
    (void)state;
    const struct barq_worker_info one[] = {worker("a:1", START_MS, 1)};
    static char names[BW_FUNCTIONS_MAX + 50][16];
    static struct barq_function_stats told[BW_FUNCTIONS_MAX + 50];
    int64_t sum = 0;
    for (int i = 0; i < BW_FUNCTIONS_MAX + 50; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "f%05d", i);
        told[i] = function("a:1", names[i], 1);
    }
    take(one, 1, told, BW_FUNCTIONS_MAX + 50, START_MS);
    assert_true(gather.n_functions <= BW_FUNCTIONS_MAX + 1);
    assert_int_equal(complete_of(""), 50);
    for (size_t i = 0; i < gather.n_functions; i++) {
        sum += gather.functions[i].numbers.counters[BW_COMPLETE];
    }
    assert_int_equal(sum, BW_FUNCTIONS_MAX + 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_new_is_added_up_and_stays_when_a_worker_goes, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            functions_are_by_name_with_the_workers_that_have_told_of_them, begin, end),
        cmocka_unit_test_setup_teardown(another_worker_of_the_same_name_counts_anew, begin, end),
        cmocka_unit_test_setup_teardown(a_worker_that_was_out_of_sight_is_not_counted_twice, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_count_that_fell_is_another_one, begin, end),
        cmocka_unit_test_setup_teardown(what_comes_of_a_worker_that_is_not_listed_waits, begin,
                                        end),
        cmocka_unit_test_setup_teardown(functions_beyond_the_limit_are_counted_together, begin,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
