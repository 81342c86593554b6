#include <stdio.h>
#include <string.h>

#include "broker/contract.h"

/* "after" ids, which end with a NULL. */
static bool put_after(struct bq_broker *client, const char *id, const char *const *after,
                      bool after_failed)
{
    struct bq_job job = a_job(id);

    job.after = after;
    while (after[job.n_after]) {
        job.n_after++;
    }
    job.after_failed = after_failed;
    return put_job(client, job);
}
#define AFTER(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct bq_claimed claim_this(struct worker *worker, const char *id)
{
    struct bq_claimed job = claim_one(worker);

    assert_string_equal(job.job.id, id);
    return job;
}

static void nothing_to_claim(struct worker *worker)
{
    (void)claim(worker, 10);
    assert_int_equal(worker->x.n_claimed, 0);
}

static void it_is_refused(struct worker *worker, const char *id, const char *why)
{
    struct bq_claimed job = claim_this(worker, id);

    assert_non_null(job.refusal);
    assert_string_equal(job.refusal, why);
    assert_true(settle(worker, failed(&job)));
}

static void a_job_runs_after_the_last_of_those_that_it_waits_for(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one") && put(client, "two"));
    assert_true(put_after(client, "then", AFTER("one", "two"), false));
    assert_int_equal(status_of(client, "then"), BARQ_JOB_DEFERRED);
    assert_int_equal(found(client, "then").waits_for, 2);

    struct bq_claimed one = claim_this(worker, "one");
    struct bq_claimed two = claim_this(worker, "two");
    nothing_to_claim(worker);
    assert_true(settle(worker, completed(&two)));
    assert_int_equal(found(client, "then").waits_for, 1);
    nothing_to_claim(worker);
    assert_true(settle(worker, completed(&one)));
    assert_int_equal(found(client, "then").waits_for, 0);
    assert_int_equal(status_of(client, "then"), BARQ_JOB_QUEUED);
    struct bq_claimed then = claim_this(worker, "then");
    assert_null(then.refusal);
    assert_true(settle(worker, completed(&then)));
    nothing_to_claim(worker);
}

static void the_exchange_that_ends_the_last_one_claims_what_waits_for_it(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one") && put(client, "two"));
    assert_true(put_after(client, "then", AFTER("one", "two"), false));
    struct bq_claimed one = claim_one(worker);
    struct bq_claimed two = claim_one(worker);
    struct bq_settle ends[] = {completed(&one), completed(&two)};
    ends[0].keep_result_ms = BARQ_OFF;
    ends[1].keep_result_ms = BARQ_OFF;

    exchange(worker, (struct bq_exchange){.settles = ends, .n_settles = 2, .claim_max = 5});
    assert_int_equal(worker->x.n_claimed, 1);
    assert_string_equal(worker->x.claimed[0].job.id, "then");
    assert_int_equal(status_of(client, "one"), BARQ_JOB_NOT_FOUND);
}

static void jobs_of_one_call_may_wait_for_those_before_them(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_enqueue batch[] = {{.job = a_job("one")}, {.job = a_job("then")}};
    struct barq_error err;
    batch[1].job.after = AFTER("one");
    batch[1].job.n_after = 1;

    assert_int_equal(client->ops->enqueue(client, batch, 2, TIMEOUT_MS, &err), BARQ_OK);
    struct bq_claimed one = claim_this(worker, "one");
    nothing_to_claim(worker);

    struct bq_enqueue children[] = {{.job = a_job("child")}, {.job = a_job("last")}};
    children[1].job.after = AFTER("child", "then");
    children[1].job.n_after = 2;
    exchange(worker, (struct bq_exchange){.enqueues = children, .n_enqueues = 2});
    struct bq_claimed child = claim_this(worker, "child");
    assert_int_equal(found(client, "last").waits_for, 2);
    assert_true(settle(worker, completed(&child)));
    assert_true(settle(worker, completed(&one)));
    struct bq_claimed then = claim_this(worker, "then");
    assert_true(settle(worker, completed(&then)));
    (void)claim_this(worker, "last");
}

static void what_is_complete_or_unknown_is_not_waited_for(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "done"));
    struct bq_claimed done = claim_one(worker);
    assert_true(settle(worker, completed(&done)));

    assert_true(put_after(client, "then", AFTER("done", "unknown", "then"), false));
    assert_int_equal(found(client, "then").waits_for, 0);
    assert_null(claim_this(worker, "then").refusal);
}

static void an_id_given_twice_counts_once(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one") && put(client, "two"));
    assert_true(put_after(client, "then", AFTER("one", "two", "one", "one"), false));
    assert_int_equal(found(client, "then").waits_for, 2);
    struct bq_claimed one = claim_this(worker, "one");
    struct bq_claimed two = claim_this(worker, "two");

    assert_true(settle(worker, completed(&one)));
    nothing_to_claim(worker);
    assert_true(settle(worker, completed(&two)));
    (void)claim_this(worker, "then");
}

static void it_is_due_as_it_was_when_nothing_is_left_to_wait_for(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_job then = a_job("then");
    assert_true(put(client, "one"));
    then.due_at_ms += MINUTE_MS;
    then.after = AFTER("one");
    then.n_after = 1;
    assert_true(put_job(client, then));
    struct bq_claimed one = claim_this(worker, "one");
    assert_true(settle(worker, completed(&one)));

    nothing_to_claim(worker);
    assert_in_range(worker->x.next_due_in_ms, 1, MINUTE_MS);
    pass_time(MINUTE_MS);
    (void)claim_this(worker, "then");
}

static void a_failure_refuses_at_once_those_that_wait_for_success(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one") && put(client, "two"));
    struct bq_job then = a_job("then");
    then.due_at_ms += MINUTE_MS;
    then.after = AFTER("one", "two");
    then.n_after = 2;
    assert_true(put_job(client, then));
    assert_true(put_after(client, "last", AFTER("then"), false));
    struct bq_claimed one = claim_this(worker, "one");
    struct bq_claimed two = claim_this(worker, "two");

    assert_true(settle(worker, failed(&one)));
    assert_int_equal(found(client, "then").waits_for, 0);
    it_is_refused(worker, "then", "a job that it was to wait for has failed: one");
    it_is_refused(worker, "last", "a job that it was to wait for has failed: then");
    assert_true(settle(worker, completed(&two)));
    nothing_to_claim(worker);
    assert_int_equal(status_of(client, "then"), BARQ_JOB_FAILED);
}

static void a_failure_that_was_before_refuses_at_once_too(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "bad"));
    struct bq_claimed bad = claim_one(worker);
    assert_true(settle(worker, failed(&bad)));
    assert_true(put(client, "one"));

    assert_true(put_after(client, "then", AFTER("one", "bad"), false));
    assert_true(put_after(client, "anyway", AFTER("bad"), true));
    struct bq_claimed one = claim_this(worker, "one");
    it_is_refused(worker, "then", "a job that it was to wait for has failed: bad");
    assert_null(claim_this(worker, "anyway").refusal);
    assert_true(settle(worker, completed(&one)));
    nothing_to_claim(worker);
}

static void with_after_failed_a_failure_is_an_end_as_any_other(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one") && put(client, "two"));
    assert_true(put_after(client, "then", AFTER("one", "two"), true));
    struct bq_claimed one = claim_this(worker, "one");
    struct bq_claimed two = claim_this(worker, "two");

    assert_true(settle(worker, failed(&one)));
    nothing_to_claim(worker);
    assert_true(settle(worker, completed(&two)));
    assert_null(claim_this(worker, "then").refusal);
}

static void a_retry_a_release_and_a_loss_are_no_end(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one"));
    assert_true(put_after(client, "then", AFTER("one"), false));

    struct bq_claimed one = claim_this(worker, "one");
    assert_true(settle(worker, retried(&one, 0)));
    one = claim_this(worker, "one");
    assert_true(settle(worker, released(&one, true)));
    one = claim_this(worker, "one");
    end_worker(worker);

    struct worker *next = new_worker();
    pass_time(LEASE_MS);
    one = claim_this(next, "one");
    assert_int_equal(one.losses, 1);
    nothing_to_claim(next);
    assert_true(settle(next, completed(&one)));
    (void)claim_this(next, "then");
}

static void to_delete_an_unfinished_job_is_its_failure(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct barq_error err;
    assert_true(put(client, "one") && put(client, "two"));
    assert_true(put_after(client, "then", AFTER("one"), false));
    assert_true(put_after(client, "anyway", AFTER("one", "then"), true));

    assert_int_equal(client->ops->remove(client, "one", TIMEOUT_MS, &err), BARQ_OK);
    assert_int_equal(found(client, "anyway").waits_for, 1);
    (void)claim_this(worker, "two");
    it_is_refused(worker, "then", "a job that it was to wait for was deleted: one");
    assert_null(claim_this(worker, "anyway").refusal);
}

static void one_that_waits_for_others_can_be_deleted_and_is_not_let_go_later(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct barq_error err;
    assert_true(put(client, "one"));
    assert_true(put_after(client, "then", AFTER("one"), false));
    assert_true(put_after(client, "last", AFTER("then"), false));

    assert_int_equal(client->ops->remove(client, "then", TIMEOUT_MS, &err), BARQ_OK);
    assert_int_equal(status_of(client, "then"), BARQ_JOB_NOT_FOUND);
    struct bq_claimed one = claim_this(worker, "one");
    it_is_refused(worker, "last", "a job that it was to wait for was deleted: then");
    assert_true(settle(worker, completed(&one)));
    nothing_to_claim(worker);
}

static void an_aborted_one_waits_no_more(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct barq_error err;
    assert_true(put(client, "one"));
    struct bq_claimed one = claim_this(worker, "one");
    assert_true(put_after(client, "then", AFTER("one"), false));

    assert_int_equal(client->ops->abort(client, "then", TIMEOUT_MS, &err), BARQ_OK);
    struct bq_claimed then = claim_this(worker, "then");
    assert_true(then.aborted);
    assert_null(then.refusal);
    assert_true(settle(worker, failed(&then)));
    assert_true(settle(worker, completed(&one)));
    nothing_to_claim(worker);
}

static void a_refused_job_that_is_given_back_is_still_refused(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one"));
    assert_true(put_after(client, "then", AFTER("one"), false));
    struct bq_claimed one = claim_this(worker, "one");
    assert_true(settle(worker, failed(&one)));

    struct bq_claimed then = claim_this(worker, "then");
    assert_true(settle(worker, released(&then, false)));
    it_is_refused(worker, "then", "a job that it was to wait for has failed: one");
}

static void a_dead_job_that_is_revived_waits_for_nothing_and_is_not_refused(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_job again = a_job("then");
    struct barq_error err;
    assert_true(put(client, "one"));
    assert_true(put_after(client, "then", AFTER("one"), false));
    struct bq_claimed one = claim_this(worker, "one");
    assert_true(settle(worker, failed(&one)));
    it_is_refused(worker, "then", "a job that it was to wait for has failed: one");

    assert_int_equal(client->ops->revive(client, &again, TIMEOUT_MS, &err), BARQ_OK);
    struct bq_claimed then = claim_this(worker, "then");
    assert_null(then.refusal);
    assert_true(settle(worker, completed(&then)));
}

static void a_revived_job_can_be_waited_for_again(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_job again = a_job("one");
    struct barq_error err;
    again.due_at_ms += MINUTE_MS;
    assert_true(put(client, "one"));
    assert_true(put_after(client, "refused", AFTER("one"), false));
    struct bq_claimed one = claim_this(worker, "one");
    assert_true(settle(worker, failed(&one)));

    assert_int_equal(client->ops->revive(client, &again, TIMEOUT_MS, &err), BARQ_OK);
    assert_true(put_after(client, "then", AFTER("one"), false));
    it_is_refused(worker, "refused", "a job that it was to wait for has failed: one");
    pass_time(MINUTE_MS);
    one = claim_this(worker, "one");
    nothing_to_claim(worker);
    assert_true(settle(worker, completed(&one)));
    assert_null(claim_this(worker, "then").refusal);
}

static void those_that_wait_are_counted_as_unfinished_and_deferred(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct barq_queue_stats *stats;
    struct barq_error err;
    size_t count;
    assert_true(put(client, "one"));
    assert_true(put_after(client, "then", AFTER("one"), false));
    assert_true(put_after(client, "last", AFTER("one", "then"), false));

    for (int left = 2; left >= 0; left--) {
        struct bq_claimed job = claim_one(worker);
        assert_int_equal(
            client->ops->stats(client, world_arena(), &stats, &count, TIMEOUT_MS, &err), BARQ_OK);
        assert_int_equal(count, 1);
        assert_int_equal(stats[0].deferred, left);
        assert_int_equal(stats[0].queued, 0);
        assert_true(settle(worker, completed(&job)));
        exchange(worker, (struct bq_exchange){.count = true});
        assert_int_equal(worker->x.unfinished, left);
    }
}

static void what_waits_may_be_of_another_queue(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct worker *other = new_worker_of("other");
    struct bq_job then = a_job("then");
    assert_true(put(client, "one"));
    then.queue = "other";
    then.after = AFTER("one");
    then.n_after = 1;
    assert_true(put_job(client, then));
    nothing_to_claim(other);

    struct bq_claimed one = claim_this(worker, "one");
    assert_true(settle(worker, completed(&one)));
    nothing_to_claim(worker);
    struct bq_claimed last = claim_this(other, "then");
    assert_true(settle(other, completed(&last)));
}

enum { MANY = 10000 };

/* "job-0" to "job-9999". */
static const char *const *many_ids(void)
{
    const char **ids = bq_arena_array(world_arena(), MANY, sizeof(char *));

    for (int i = 0; i < MANY; i++) {
        ids[i] = bq_arena_format(world_arena(), "job-%d", i);
    }
    return ids;
}

static void put_many(struct bq_broker *client, const char *const *ids, const char *const *after)
{
    struct bq_enqueue *jobs = bq_arena_array(world_arena(), MANY, sizeof(*jobs));
    struct barq_error err;

    for (int i = 0; i < MANY; i++) {
        jobs[i] = (struct bq_enqueue){.job = a_job(ids[i])};
        jobs[i].job.after = after;
        jobs[i].job.n_after = after ? 1 : 0;
    }
    assert_int_equal(client->ops->enqueue(client, jobs, MANY, TIMEOUT_MS, &err), BARQ_OK);
}

/* Completes all that can be claimed; how many that were. */
static size_t complete_all(struct worker *worker)
{
    struct bq_settle *ends = bq_arena_array(world_arena(), 1000, sizeof(*ends));
    size_t all = 0;

    for (;;) {
        struct bq_claimed *jobs = claim(worker, 1000);
        size_t count = worker->x.n_claimed;
        if (count == 0) {
            return all;
        }
        for (size_t i = 0; i < count; i++) {
            assert_null(jobs[i].refusal);
            ends[i] = completed(&jobs[i]);
            ends[i].keep_result_ms = BARQ_OFF;
        }
        exchange(worker, (struct bq_exchange){.settles = ends, .n_settles = count});
        all += count;
    }
}

static void one_job_waits_for_ten_thousand(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_job then = a_job("then");
    then.after = many_ids();
    then.n_after = MANY;
    put_many(client, then.after, NULL);
    assert_true(put_job(client, then));
    assert_int_equal(found(client, "then").waits_for, MANY);

    assert_int_equal(complete_all(worker), MANY + 1);
}

static void ten_thousand_jobs_wait_for_one_and_none_is_forgotten(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct worker *next = new_worker();
    assert_true(put(client, "one"));
    put_many(client, many_ids(), AFTER("one"));
    assert_int_equal(found(client, "job-9999").waits_for, 1);
    struct bq_claimed one = claim_this(worker, "one");
    struct bq_settle end = completed(&one);
    end.keep_result_ms = BARQ_OFF;

    assert_true(settle(worker, end));
    end_worker(worker);
    /* Its id, and whatever else it was known by, is another job's, meanwhile. */
    assert_true(put(client, "one"));
    assert_int_equal(complete_all(next), MANY + 1);
}

struct test_list after_tests(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_job_runs_after_the_last_of_those_that_it_waits_for),
        TEST(the_exchange_that_ends_the_last_one_claims_what_waits_for_it),
        TEST(jobs_of_one_call_may_wait_for_those_before_them),
        TEST(what_is_complete_or_unknown_is_not_waited_for),
        TEST(an_id_given_twice_counts_once),
        TEST(it_is_due_as_it_was_when_nothing_is_left_to_wait_for),
        TEST(a_failure_refuses_at_once_those_that_wait_for_success),
        TEST(a_failure_that_was_before_refuses_at_once_too),
        TEST(with_after_failed_a_failure_is_an_end_as_any_other),
        TEST(a_retry_a_release_and_a_loss_are_no_end),
        TEST(to_delete_an_unfinished_job_is_its_failure),
        TEST(one_that_waits_for_others_can_be_deleted_and_is_not_let_go_later),
        TEST(an_aborted_one_waits_no_more),
        TEST(a_refused_job_that_is_given_back_is_still_refused),
        TEST(a_dead_job_that_is_revived_waits_for_nothing_and_is_not_refused),
        TEST(a_revived_job_can_be_waited_for_again),
        TEST(those_that_wait_are_counted_as_unfinished_and_deferred),
        TEST(what_waits_may_be_of_another_queue),
        TEST(one_job_waits_for_ten_thousand),
        TEST(ten_thousand_jobs_wait_for_one_and_none_is_forgotten),
    };

    return (struct test_list){tests, sizeof(tests) / sizeof(tests[0])};
}
