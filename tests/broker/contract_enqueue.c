#include <stdio.h>
#include <string.h>

#include "broker/contract.h"

enum { MANY = 300, LARGE_BYTES = 1024 * 1024 };

static void a_job_is_claimed_as_it_was_enqueued(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    struct bq_job job = a_job("a \xc3\xa9 b");
    job.payload = "zero \0 inside";
    job.payload_bytes = 13;
    job.expires_at_ms = now_ms() + 5000;
    assert_true(put_job(open_handle(), job));

    struct bq_claimed got = claim_one(worker);
    assert_string_equal(got.job.id, job.id);
    assert_string_equal(got.job.queue, "q");
    assert_int_equal(got.job.payload_bytes, 13);
    assert_memory_equal(got.job.payload, job.payload, 13);
    assert_int_equal(got.job.enqueued_at_ms, job.enqueued_at_ms);
    assert_int_equal(got.job.due_at_ms, job.due_at_ms);
    assert_int_equal(got.job.expires_at_ms, job.expires_at_ms);
    assert_true(got.claim > 0);
    assert_false(got.claimed_before || got.aborted || got.alone);
    assert_int_equal(got.tries + got.losses + got.crashes, 0);
}

static void many_jobs_are_enqueued_at_once_and_keep_their_order(void **state)
{
    (void)state;
    static struct bq_enqueue jobs[MANY];
    static char ids[MANY][16];
    struct worker *worker = new_worker();
    struct bq_broker *client = open_handle();

    for (int i = 0; i < MANY; i++) {
        (void)snprintf(ids[i], sizeof(ids[i]), "%d", MANY - i);
        jobs[i] = (struct bq_enqueue){.job = a_job(ids[i])};
        jobs[i].job.due_at_ms = jobs[0].job.due_at_ms;
    }
    assert_int_equal(client->ops->enqueue(client, jobs, MANY, TIMEOUT_MS, NULL), BARQ_OK);

    const struct bq_claimed *claimed = claim(worker, MANY + 1);
    assert_int_equal(worker->x.n_claimed, MANY);
    for (int i = 0; i < MANY; i++) {
        assert_false(jobs[i].exists);
        assert_string_equal(claimed[i].job.id, ids[i]);
    }
}

static void a_large_payload_comes_back_whole(void **state)
{
    (void)state;
    static char payload[LARGE_BYTES];
    struct worker *worker = new_worker();
    struct bq_job job = a_job("large");
    memset(payload, 'x', sizeof(payload));
    payload[LARGE_BYTES - 1] = 'y';
    job.payload = payload;
    job.payload_bytes = sizeof(payload);
    assert_true(put_job(open_handle(), job));

    struct bq_claimed got = claim_one(worker);
    assert_int_equal(got.job.payload_bytes, LARGE_BYTES);
    assert_memory_equal(got.job.payload, payload, LARGE_BYTES);
}

static void a_job_that_is_enqueued_again_is_refused_and_stays_as_it_was(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_job other = a_job("one");
    other.queue = "other";
    other.payload = "other";
    other.payload_bytes = 5;

    assert_true(put(client, "one"));
    assert_false(put(client, "one"));
    assert_false(put_job(client, other));
    assert_int_equal(claim_one(worker).job.payload_bytes, a_job("one").payload_bytes);
}

static void of_two_with_one_id_in_one_call_the_first_is_taken(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct bq_enqueue jobs[] = {{.job = a_job("x")}, {.job = a_job("x")}, {.job = a_job("y")}};

    assert_int_equal(client->ops->enqueue(client, jobs, 3, TIMEOUT_MS, NULL), BARQ_OK);
    assert_false(jobs[0].exists);
    assert_true(jobs[1].exists);
    assert_false(jobs[2].exists);
}

static void an_id_is_taken_while_its_job_runs_and_while_its_result_is_kept(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();

    assert_true(put(client, "one"));
    struct bq_claimed job = claim_one(worker);
    assert_false(put(client, "one"));
    assert_true(settle(worker, completed(&job)));
    assert_false(put(client, "one"));

    pass_time(KEEP_MS);
    assert_true(put(client, "one"));
    assert_int_equal(status_of(client, "one"), BARQ_JOB_QUEUED);
}

static void an_id_is_free_when_its_job_ended_without_a_result(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();

    assert_true(put(client, "one"));
    struct bq_claimed job = claim_one(worker);
    struct bq_settle done = completed(&job);
    done.keep_result_ms = BARQ_OFF;
    assert_true(settle(worker, done));
    assert_int_equal(status_of(client, "one"), BARQ_JOB_NOT_FOUND);
    assert_true(put(client, "one"));
}

static void a_dead_job_makes_room_for_a_new_one_when_its_result_is_gone(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();

    assert_true(put(client, "one"));
    struct bq_claimed job = claim_one(worker);
    assert_true(settle(worker, failed(&job)));
    assert_false(put(client, "one"));
    pass_time(KEEP_MS);
    assert_int_equal(status_of(client, "one"), BARQ_JOB_FAILED);
    assert_true(put(client, "one"));

    struct bq_claimed again = claim_one(worker);
    assert_false(again.claimed_before);
    assert_int_equal(again.tries, 0);
    assert_string_equal(found(client, "one").history, "[]");
}

static void an_uncertain_job_counts_as_claimed_before(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    struct bq_job job = a_job("relayed");
    job.uncertain = true;

    assert_true(put_job(open_handle(), job));
    struct bq_claimed first = claim_one(worker);
    assert_true(first.claimed_before && first.job.uncertain);

    /* Never started here: nothing but its enqueueing is uncertain. */
    assert_true(settle(worker, released(&first, false)));
    struct bq_claimed second = claim_one(worker);
    assert_true(second.claimed_before && second.job.uncertain);
    assert_true(settle(worker, released(&second, true)));
    struct bq_claimed third = claim_one(worker);
    assert_true(third.claimed_before && !third.job.uncertain);
}

static void a_deferred_job_waits_for_its_time(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_job job = a_job("later");
    job.due_at_ms = now_ms() + MINUTE_MS;

    assert_true(put_job(client, job));
    assert_int_equal(status_of(client, "later"), BARQ_JOB_DEFERRED);
    (void)claim(worker, 1);
    assert_int_equal(worker->x.n_claimed, 0);
    assert_in_range(worker->x.next_due_in_ms, MINUTE_MS / 2, MINUTE_MS);

    pass_time(MINUTE_MS);
    assert_int_equal(status_of(client, "later"), BARQ_JOB_QUEUED);
    assert_int_equal(claim_one(worker).job.due_at_ms, job.due_at_ms);
}

static void an_expired_job_is_still_claimed_since_the_attempt_judges_it(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    struct bq_job job = a_job("stale bread");
    job.expires_at_ms = now_ms() - 1000;

    assert_true(put_job(open_handle(), job));
    assert_int_equal(claim_one(worker).job.expires_at_ms, job.expires_at_ms);
}

static void the_longest_timeout_is_not_over_at_once(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct bq_enqueue patient = {.job = a_job("patient")};

    assert_int_equal(client->ops->enqueue(client, &patient, 1, INT64_MAX, NULL), BARQ_OK);
    assert_int_equal(status_of(client, "patient"), BARQ_JOB_QUEUED);
}

struct test_list enqueue_tests(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_job_is_claimed_as_it_was_enqueued),
        TEST(many_jobs_are_enqueued_at_once_and_keep_their_order),
        TEST(a_large_payload_comes_back_whole),
        TEST(a_job_that_is_enqueued_again_is_refused_and_stays_as_it_was),
        TEST(of_two_with_one_id_in_one_call_the_first_is_taken),
        TEST(an_id_is_taken_while_its_job_runs_and_while_its_result_is_kept),
        TEST(an_id_is_free_when_its_job_ended_without_a_result),
        TEST(a_dead_job_makes_room_for_a_new_one_when_its_result_is_gone),
        TEST(an_uncertain_job_counts_as_claimed_before),
        TEST(a_deferred_job_waits_for_its_time),
        TEST(an_expired_job_is_still_claimed_since_the_attempt_judges_it),
        TEST(the_longest_timeout_is_not_over_at_once),
    };

    return (struct test_list){tests, sizeof(tests) / sizeof(tests[0])};
}
