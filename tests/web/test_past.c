#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/arena.h"
#include "web/past.h"

enum { START_MS = 1000 * 1000 };

static struct bw_past past;
static struct barq_arena arena;

static int begin(void **state)
{
    struct barq_error err;

    (void)state;
    bq_arena_init(&arena, (size_t)64 * 1024 * 1024);
    return bw_past_init(&past, &err) == BARQ_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    bw_past_clear(&past);
    bq_arena_clear(&arena);
    return 0;
}

static void add(int64_t now_ms, int64_t queued, int64_t complete)
{
    const struct barq_queue_stats queues[] = {{.queue = "a", .queued = queued},
                                              {.queue = "b", .queued = 1, .failed = 2}};
    const struct bw_numbers workers = {.counters = {[BW_COMPLETE] = complete}};
    const struct bw_numbers functions = {.ran = {.count = complete, .buckets = {[3] = complete}}};

    bw_past_add(&past, queues, 2, &functions, &workers, now_ms);
}

static int64_t number(const struct barq_value *sample, const char *name)
{
    return barq_as_int(barq_get(sample, name), -1);
}

static void the_first_sample_is_no_speed(void **state)
{
    (void)state;
    add(START_MS, 5, 1000);
    add(START_MS + 5000, 4, 10);
    const struct barq_value *samples = bw_past_samples(&past, BW_HOUR, 0, NULL, &arena);
    assert_int_equal(barq_count(samples), 2);
    assert_int_equal(number(barq_at(samples, 0), "completed"), 0);
    assert_int_equal(number(barq_at(samples, 0), "span_ms"), 0);
    assert_int_equal(number(barq_at(samples, 1), "completed"), 10);
    assert_int_equal(number(barq_at(samples, 1), "queued"), 5);
    assert_int_equal(number(barq_at(samples, 1), "dead"), 2);

    const struct barq_value *recent = bw_past_recent(&past, START_MS + 6000, &arena);
    assert_int_equal(number(recent, "span_ms"), 5000);
    assert_true(barq_as_double(barq_get(recent, "complete_per_s"), -1) == 2.0);
}

static void an_hour_and_a_day_are_kept_and_no_more(void **state)
{
    (void)state;
    enum { LOOKS = 3 * BW_DAY_SAMPLES * BW_DAY_STEP_MS / BW_HOUR_STEP_MS / 2 };
    for (int64_t i = 0; i < LOOKS; i++) {
        add(START_MS + i * BW_HOUR_STEP_MS + i % 3, i, 1); /* a little early or late */
    }
    const struct barq_value *hour = bw_past_samples(&past, BW_HOUR, 0, NULL, &arena);
    const struct barq_value *day = bw_past_samples(&past, BW_DAY, 0, NULL, &arena);
    assert_int_equal(barq_count(hour), BW_HOUR_SAMPLES);
    assert_int_equal(barq_count(day), BW_DAY_SAMPLES);
    for (size_t i = 0; i < BW_DAY_SAMPLES; i++) {
        assert_int_equal(number(barq_at(day, i), "completed"), 12);
        assert_in_range(number(barq_at(day, i), "span_ms"), BW_DAY_STEP_MS - 10,
                        BW_DAY_STEP_MS + 10);
    }
    assert_int_equal(number(barq_at(hour, BW_HOUR_SAMPLES - 1), "queued"), LOOKS);
}

static void only_what_is_later_is_told(void **state)
{
    (void)state;
    for (int64_t i = 0; i < 10; i++) {
        add(START_MS + i * BW_HOUR_STEP_MS, i, 1);
    }
    const struct barq_value *samples =
        bw_past_samples(&past, BW_HOUR, START_MS + 8 * BW_HOUR_STEP_MS, NULL, &arena);
    assert_int_equal(barq_count(samples), 1);
    assert_int_equal(number(barq_at(samples, 0), "at_ms"), START_MS + 9 * BW_HOUR_STEP_MS);
}

static void a_queue_has_counts_of_its_own_and_nothing_else(void **state)
{
    (void)state;
    add(START_MS, 7, 0);
    const struct barq_value *samples = bw_past_samples(&past, BW_HOUR, 0, "b", &arena);
    assert_int_equal(number(barq_at(samples, 0), "queued"), 1);
    assert_true(barq_is_null(barq_get(barq_at(samples, 0), "completed")));
    assert_true(barq_is_null(barq_get(barq_at(samples, 0), "run_p50_ms")));
    assert_int_equal(barq_count(bw_past_samples(&past, BW_HOUR, 0, "c", &arena)), 0);
}

static void queues_beyond_the_limit_count_among_all(void **state)
{
    (void)state;
    enum { QUEUES = BW_PAST_QUEUES + 10 };
    static char names[QUEUES][16];
    static struct barq_queue_stats queues[QUEUES];
    const struct bw_numbers none = {.ran = {.count = 0}};
    for (int i = 0; i < QUEUES; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "q%d", i);
        queues[i] = (struct barq_queue_stats){.queue = names[i], .queued = 1};
    }
    bw_past_add(&past, queues, QUEUES, &none, &none, START_MS);
    const struct barq_value *samples = bw_past_samples(&past, BW_HOUR, 0, NULL, &arena);
    assert_int_equal(number(barq_at(samples, 0), "queued"), QUEUES);
    assert_int_equal(barq_count(bw_past_samples(&past, BW_HOUR, 0, "q0", &arena)), 1);
    assert_int_equal(barq_count(bw_past_samples(&past, BW_HOUR, 0, names[QUEUES - 1], &arena)), 0);
}

static void percentiles_are_as_far_as_buckets_tell(void **state)
{
    (void)state;
    int64_t buckets[BARQ_BUCKETS] = {0};
    assert_true(bw_percentile_ms(buckets, 0.5) < 0);
    buckets[2] = 10;
    double from = (double)barq_bucket_ms(1);
    double to = (double)barq_bucket_ms(2);
    double half = bw_percentile_ms(buckets, 0.5);
    assert_true(half > from && half < to);
    assert_true(bw_percentile_ms(buckets, 1.0) == to);
    assert_true(half - (from + to) / 2 < 0.001 && (from + to) / 2 - half < 0.001);
    buckets[BARQ_BUCKETS - 1] = 1000; /* longer than the last bound: nobody knows how much */
    assert_true(bw_percentile_ms(buckets, 0.95) == (double)barq_bucket_ms(BARQ_BUCKETS - 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_sample_is_no_speed, begin, end),
        cmocka_unit_test_setup_teardown(an_hour_and_a_day_are_kept_and_no_more, begin, end),
        cmocka_unit_test_setup_teardown(only_what_is_later_is_told, begin, end),
        cmocka_unit_test_setup_teardown(a_queue_has_counts_of_its_own_and_nothing_else, begin, end),
        cmocka_unit_test_setup_teardown(queues_beyond_the_limit_count_among_all, begin, end),
        cmocka_unit_test(percentiles_are_as_far_as_buckets_tell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
