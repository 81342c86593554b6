#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "job/retry.h"

static const struct bq_retry_policy usual = {.max_tries = 5, .min_ms = 1000, .max_ms = 300000};

/* The longest delay that any random number gives. */
static int64_t bound(const struct bq_retry_policy *policy, int tries)
{
    int64_t most = 0;

    for (uint64_t random = 0; random <= 2 * (uint64_t)usual.max_ms; random++) {
        int64_t delay_ms = bq_retry_delay_ms(policy, tries, random);
        assert_true(delay_ms >= 0);
        most = delay_ms > most ? delay_ms : most;
    }
    return most;
}

static void the_bound_doubles_with_each_try_up_to_the_longest(void **state)
{
    (void)state;
    static const int64_t bounds[] = {1000,  2000,   4000,   8000,   16000, 32000,
                                     64000, 128000, 256000, 300000, 300000};

    for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
        assert_int_equal(bound(&usual, (int)i + 1), bounds[i]);
    }
}

static void any_number_of_tries_is_within_the_longest_delay(void **state)
{
    (void)state;

    for (int tries = 1; tries < 5000; tries++) {
        assert_true(bq_retry_delay_ms(&usual, tries, UINT64_MAX) <= usual.max_ms);
    }
    assert_int_equal(bq_retry_delay_ms(&usual, INT32_MAX, (uint64_t)usual.max_ms), usual.max_ms);
    assert_true(bq_retry_delay_ms(&usual, 0, UINT64_MAX) <= usual.min_ms);
    assert_true(bq_retry_delay_ms(&usual, -1, UINT64_MAX) <= usual.min_ms);
}

static void delays_are_spread_evenly_from_nothing_to_the_bound(void **state)
{
    (void)state;
    enum { DRAWS = 100 * 1000, PARTS = 10 };
    int counts[PARTS] = {0};
    uint64_t random = 88172645463325252;

    for (int i = 0; i < DRAWS; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        counts[bq_retry_delay_ms(&usual, 4, random) * PARTS / 8001]++;
    }
    for (int i = 0; i < PARTS; i++) {
        assert_in_range(counts[i], DRAWS / PARTS * 9 / 10, DRAWS / PARTS * 11 / 10);
    }
}

static void extreme_policies_do_not_overflow(void **state)
{
    (void)state;
    static const struct bq_retry_policy huge = {5, INT64_MAX / 3, INT64_MAX};
    static const struct bq_retry_policy none = {5, 0, 0};
    static const struct bq_retry_policy below_none = {5, INT64_MIN + 1, INT64_MAX};
    static const struct bq_retry_policy zero_min = {5, 0, 1000};
    static const struct bq_retry_policy crossed = {5, 5000, 1000};

    for (int tries = 1; tries < 100; tries++) {
        assert_true(bq_retry_delay_ms(&huge, tries, UINT64_MAX) >= 0);
        assert_int_equal(bq_retry_delay_ms(&none, tries, UINT64_MAX), 0);
        assert_int_equal(bq_retry_delay_ms(&below_none, tries, UINT64_MAX), 0);
        assert_int_equal(bq_retry_delay_ms(&zero_min, tries, UINT64_MAX), 0);
        assert_true(bq_retry_delay_ms(&crossed, tries, 4999) <= 1000);
    }
}

static void a_policy_that_says_nothing_is_the_default(void **state)
{
    (void)state;
    struct bq_retry_policy policy = bq_retry_policy_of(0, 0, 0);

    assert_int_equal(policy.max_tries, 5);
    assert_int_equal(policy.min_ms, BQ_RETRY_MIN_MS);
    assert_int_equal(policy.max_ms, BQ_RETRY_MAX_MS);
}

static void a_policy_does_not_end_before_it_begins_unless_it_says_so(void **state)
{
    (void)state;
    assert_int_equal(bq_retry_policy_of(0, 400000, 0).max_ms, 400000);
    assert_int_equal(bq_retry_policy_of(0, 0, 100).max_ms, 100);
    assert_int_equal(bq_retry_policy_of(7, 10, 20).max_tries, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bound_doubles_with_each_try_up_to_the_longest),
        cmocka_unit_test(any_number_of_tries_is_within_the_longest_delay),
        cmocka_unit_test(delays_are_spread_evenly_from_nothing_to_the_bound),
        cmocka_unit_test(extreme_policies_do_not_overflow),
        cmocka_unit_test(a_policy_that_says_nothing_is_the_default),
        cmocka_unit_test(a_policy_does_not_end_before_it_begins_unless_it_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
