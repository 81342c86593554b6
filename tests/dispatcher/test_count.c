/*
 * test_count.c - what is counted of attempts, without any that run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "dispatcher/dispatcher.h"

static struct bq_counts counts;
static struct bq_claim claim;

static int set_up(void **state)
{
    (void)state;
    bq_counts_init(&counts);
    claim = (struct bq_claim){
        .claimed = {.job = {.id = "a", .function = "f", .due_at_ms = bq_wall_ms() - 3000}}};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    bq_counts_clear(&counts);
    return 0;
}

static void begin(const char *function)
{
    bq_count_begun(&counts, &claim, function);
    claim.started = true;
}

static void end(struct bq_outcome outcome)
{
    outcome.function = outcome.function ? outcome.function : "f";
    bq_count_ended(&counts, &claim, &outcome);
}

static void an_attempt_counts_once_how_it_waited_ran_and_ended(void **state)
{
    (void)state;

    begin("f");
    end((struct bq_outcome){.kind = BQ_OUTCOME_COMPLETE, .took_us = 2500});
    const struct barq_function_stats *f = &counts.functions[0];
    assert_string_equal(f->function, "f");
    assert_int_equal(f->complete, 1);
    assert_int_equal(f->failed + f->retried + f->aborted + f->crashed + f->timed_out + f->receipts,
                     0);
    assert_int_equal(f->waited.count, 1);
    assert_true(f->waited.sum_us >= INT64_C(3000) * 1000 &&
                f->waited.sum_us < INT64_C(60000) * 1000);
    assert_int_equal(f->ran.count, 1);
    assert_int_equal(f->ran.sum_us, 2500);
    assert_int_equal(f->ran.buckets[1], 1);
}

static void what_is_given_back_has_come_to_nothing(void **state)
{
    (void)state;

    begin("f");
    end((struct bq_outcome){.kind = BQ_OUTCOME_GIVE_BACK});
    assert_int_equal(
        counts.functions[0].complete + counts.functions[0].failed + counts.functions[0].retried, 0);
    assert_int_equal(counts.functions[0].ran.count, 0);
}

static void a_receipt_is_counted_with_the_outcome_that_it_gives(void **state)
{
    (void)state;

    begin("f"); /* its function is known from now on */
    claim = (struct bq_claim){.claimed = claim.claimed};
    end((struct bq_outcome){.kind = BQ_OUTCOME_COMPLETE, .from_receipt = true});
    claim = (struct bq_claim){.claimed = claim.claimed};
    end((struct bq_outcome){.kind = BQ_OUTCOME_FAILED, .from_receipt = true});
    assert_int_equal(counts.functions[0].complete, 1);
    assert_int_equal(counts.functions[0].failed, 1);
    assert_int_equal(counts.functions[0].receipts, 2);
    assert_int_equal(counts.functions[0].ran.count, 0);
}

static void an_abort_and_a_timeout_count_beside_the_end_that_they_made(void **state)
{
    (void)state;

    begin("f");
    claim.canceled = BQ_CANCEL_ABORT;
    end((struct bq_outcome){.kind = BQ_OUTCOME_COMPLETE}); /* it was faster */
    end((struct bq_outcome){.kind = BQ_OUTCOME_FAILED});
    assert_int_equal(counts.functions[0].aborted, 1);
    claim.canceled = BQ_CANCEL_TIMEOUT;
    end((struct bq_outcome){.kind = BQ_OUTCOME_COMPLETE});
    end((struct bq_outcome){.kind = BQ_OUTCOME_FAILED});
    end((struct bq_outcome){.kind = BQ_OUTCOME_RETRY});
    assert_int_equal(counts.functions[0].timed_out, 2);
    bq_count_crashed(&counts, &claim, true);
    assert_int_equal(counts.functions[0].timed_out, 3);
    bq_count_crashed(&counts, &claim, false);
    assert_int_equal(counts.functions[0].timed_out, 3);
    assert_int_equal(counts.functions[0].crashed, 2);
}

static void a_job_that_is_due_later_by_its_clock_has_not_waited(void **state)
{
    (void)state;

    claim.claimed.job.due_at_ms = INT64_MAX;
    begin("f");
    claim.claimed.job.due_at_ms = INT64_MIN;
    begin("f");
    assert_int_equal(counts.functions[0].waited.buckets[0], 1);
    assert_int_equal(counts.functions[0].waited.buckets[BARQ_BUCKETS - 1], 1);
}

static void functions_beyond_the_first_are_counted_together(void **state)
{
    (void)state;
    static char names[BARQ_FUNCTIONS_MAX + 10][32];
    struct bq_limit_rule rules[BARQ_FUNCTIONS_MAX + 10];

    for (int i = 0; i < BARQ_FUNCTIONS_MAX + 10; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "function %d", i);
        rules[i] = (struct bq_limit_rule){.function = names[i]};
    }
    bq_counts_learn(&counts,
                    &(struct bq_ready){.limits = rules, .n_limits = BARQ_FUNCTIONS_MAX + 10});
    assert_int_equal(counts.n_functions, BARQ_FUNCTIONS_MAX);
    for (int i = 0; i < BARQ_FUNCTIONS_MAX + 10; i++) {
        claim = (struct bq_claim){.claimed = claim.claimed};
        begin(names[i]);
        end((struct bq_outcome){.kind = BQ_OUTCOME_COMPLETE, .function = names[i]});
    }
    for (int i = 0; i < BARQ_FUNCTIONS_MAX; i++) {
        assert_string_equal(counts.functions[i].function, names[i]);
        assert_int_equal(counts.functions[i].complete, 1);
    }
    assert_int_equal(counts.others.complete, 10);
    assert_string_equal(counts.others.function, "");
}

/* Whoever enqueues may write any name: it must not take a place. */
static void a_function_that_is_not_known_gets_no_place(void **state)
{
    (void)state;

    end((struct bq_outcome){.kind = BQ_OUTCOME_FAILED, .function = "what?"});
    claim = (struct bq_claim){.claimed = {.job = {.function = "never heard of"}}};
    bq_count_crashed(&counts, &claim, false);
    assert_int_equal(counts.n_functions, 0);
    assert_int_equal(counts.others.failed, 1);
    assert_int_equal(counts.others.crashed, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_attempt_counts_once_how_it_waited_ran_and_ended),
        TEST(what_is_given_back_has_come_to_nothing),
        TEST(a_receipt_is_counted_with_the_outcome_that_it_gives),
        TEST(an_abort_and_a_timeout_count_beside_the_end_that_they_made),
        TEST(a_job_that_is_due_later_by_its_clock_has_not_waited),
        TEST(functions_beyond_the_first_are_counted_together),
        TEST(a_function_that_is_not_known_gets_no_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
