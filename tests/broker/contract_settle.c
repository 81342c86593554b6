#include <stdio.h>
#include <string.h>

#include "broker/contract.h"
#include "job/record.h"

static void a_completed_job_keeps_its_result_until_its_time(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one"));
    struct bq_claimed job = claim_one(worker);
    assert_true(settle(worker, completed(&job)));

    struct bq_found one = found(client, "one");
    assert_int_equal(one.status, BARQ_JOB_COMPLETE);
    assert_int_equal(one.result_bytes, 6);
    assert_memory_equal(one.result, "result", 6);
    assert_in_range(one.finished_at_ms, now_ms() - DEADLINE_MS, now_ms());
    assert_int_equal(one.claimed_at_ms, 0);

    pass_time(KEEP_MS);
    assert_int_equal(status_of(client, "one"), BARQ_JOB_NOT_FOUND);
    exchange(worker, (struct bq_exchange){0});
    assert_int_equal(status_of(client, "one"), BARQ_JOB_NOT_FOUND);
}

static void a_result_may_be_kept_for_ever(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "good"));
    struct bq_claimed job = claim_one(worker);
    struct bq_settle good = completed(&job);
    good.keep_result_ms = BARQ_FOREVER;
    assert_true(settle(worker, good));
    assert_true(put(client, "bad"));
    job = claim_one(worker);
    struct bq_settle bad = failed(&job);
    bad.keep_result_ms = BARQ_FOREVER;
    assert_true(settle(worker, bad));

    pass_time(INT64_C(100) * 365 * 24 * 3600 * 1000);
    exchange(worker, (struct bq_exchange){0});
    assert_int_equal(found(client, "good").status, BARQ_JOB_COMPLETE);
    assert_non_null(found(client, "good").result);
    assert_int_equal(found(client, "bad").status, BARQ_JOB_FAILED);
    assert_non_null(found(client, "bad").result);
    assert_false(put(client, "good"));
}

static void a_failed_job_is_dead_with_its_bytes_its_result_and_its_history(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one"));
    struct bq_claimed job = claim_one(worker);
    struct bq_settle end = failed(&job);
    end.history = "{\"error\":\"why\"}";
    assert_true(settle(worker, end));

    struct bq_found one = found(client, "one");
    assert_int_equal(one.status, BARQ_JOB_FAILED);
    assert_int_equal(one.job.payload_bytes, a_job("one").payload_bytes);
    assert_int_equal(one.result_bytes, 3);
    assert_string_equal(one.history, "[{\"error\":\"why\"}]");

    pass_time(KEEP_MS);
    one = found(client, "one");
    assert_int_equal(one.status, BARQ_JOB_FAILED);
    assert_null(one.result);
    pass_time(BQ_DEAD_KEEP_MS);
    assert_int_equal(status_of(client, "one"), BARQ_JOB_NOT_FOUND);
}

static void a_failed_job_is_dead_also_when_no_result_is_kept(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one"));
    struct bq_claimed job = claim_one(worker);
    struct bq_settle end = failed(&job);
    end.keep_result_ms = BARQ_OFF;
    assert_true(settle(worker, end));

    assert_int_equal(found(client, "one").status, BARQ_JOB_FAILED);
    assert_null(found(client, "one").result);
    assert_true(put(client, "one"));
}

static void a_retried_job_waits_again_and_its_tries_add_up(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one"));
    struct bq_claimed job = claim_one(worker);
    struct bq_settle again = retried(&job, MINUTE_MS);
    again.tries_used = 2;
    again.history = "{\"event\":\"retry\"}";
    assert_true(settle(worker, again));
    assert_int_equal(status_of(client, "one"), BARQ_JOB_DEFERRED);
    (void)claim(worker, 1);
    assert_int_equal(worker->x.n_claimed, 0);

    pass_time(MINUTE_MS);
    struct bq_claimed second = claim_one(worker);
    assert_true(second.claimed_before);
    assert_int_equal(second.tries, 2);
    assert_true(second.claim != job.claim);
    assert_true(settle(worker, retried(&second, 0)));
    struct bq_claimed third = claim_one(worker);
    assert_int_equal(third.tries, 3);
    assert_int_equal(third.crashes + third.losses, 0);
    assert_string_equal(found(client, "one").history, "[{\"event\":\"retry\"}]");
}

/* No broker knows of traces: they are in the job's bytes, however often it is run. */
static void a_trace_stays_with_its_job_through_its_tries(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct barq_enqueue_options options = {
        .id = "traced",
        .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        .tracestate = "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7",
    };
    struct bq_job_request request = {.function = "echo",
                                     .options = &options,
                                     .codec = &bq_codec_pickle,
                                     .default_queue = "q",
                                     .now_ms = now_ms()};
    struct bq_job job;
    assert_int_equal(bq_job_make(world_arena(), &request, &job, NULL), BARQ_OK);
    assert_true(put_job(client, job));

    for (int tries = 0; tries < 3; tries++) {
        struct bq_claimed claimed = claim_one(worker);
        struct bq_job_record record;
        assert_int_equal(claimed.tries, tries);
        assert_int_equal(claimed.job.payload_bytes, job.payload_bytes);
        assert_memory_equal(claimed.job.payload, job.payload, job.payload_bytes);
        assert_int_equal(bq_job_decode(world_arena(), claimed.job.payload,
                                       claimed.job.payload_bytes, &record, NULL),
                         BQ_READ_ALL);
        assert_string_equal(record.traceparent, options.traceparent);
        assert_string_equal(record.tracestate, options.tracestate);
        assert_true(settle(worker, retried(&claimed, 0)));
    }
}

static void a_released_job_is_due_as_it_was_and_says_whether_it_was_started(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_job first = a_job("one");
    first.due_at_ms -= 1000;
    assert_true(put_job(client, first));
    struct bq_claimed job = claim_one(worker);

    assert_true(settle(worker, released(&job, false)));
    struct bq_claimed unstarted = claim_one(worker);
    assert_false(unstarted.claimed_before);
    assert_int_equal(unstarted.job.due_at_ms, first.due_at_ms);

    assert_true(settle(worker, released(&unstarted, true)));
    struct bq_claimed started = claim_one(worker);
    assert_true(started.claimed_before);
    assert_int_equal(started.tries + started.losses, 0);

    assert_true(settle(worker, released(&started, false)));
    assert_true(claim_one(worker).claimed_before);
}

static void what_was_left_alone_is_not_claimed_before_its_time(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one"));
    struct bq_claimed job = claim_one(worker);
    struct bq_settle leave = released(&job, false);
    leave.leave_ms = MINUTE_MS;

    assert_true(settle(worker, leave));
    (void)claim(worker, 1);
    assert_int_equal(worker->x.n_claimed, 0);
    pass_time(MINUTE_MS);
    struct bq_claimed again = claim_one(worker);
    assert_false(again.claimed_before);
    assert_int_equal(again.tries + again.losses, 0);
}

static void an_abort_ends_being_left_alone(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one"));
    struct bq_claimed job = claim_one(worker);
    struct bq_settle leave = released(&job, false);
    leave.leave_ms = MINUTE_MS;

    assert_int_equal(client->ops->abort(client, "one", 1000, NULL), BARQ_OK);
    assert_true(settle(worker, leave));
    assert_true(claim_one(worker).aborted);
}

static void a_claim_can_be_settled_once_only(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one"));
    struct bq_claimed job = claim_one(worker);
    struct bq_settle twice[] = {retried(&job, 0), completed(&job)};

    exchange(worker, (struct bq_exchange){.settles = twice, .n_settles = 2});
    assert_false(twice[0].stale);
    assert_true(twice[1].stale);
    assert_false(settle(worker, failed(&job)));
    assert_int_equal(status_of(client, "one"), BARQ_JOB_QUEUED);
}

static void a_job_is_completed_once_only(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one"));
    struct bq_claimed job = claim_one(worker);
    struct bq_settle twice[] = {completed(&job), completed(&job)};

    exchange(worker, (struct bq_exchange){.settles = twice, .n_settles = 2});
    assert_false(twice[0].stale);
    assert_true(twice[1].stale);
    assert_false(settle(worker, completed(&job)));
    assert_int_equal(status_of(client, "one"), BARQ_JOB_COMPLETE);
}

static void each_of_many_that_are_settled_together_has_its_own_answer(void **state)
{
    (void)state;
    static const char *const ids[] = {"1", "2", "3", "4", "5"};
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_claimed jobs[5];
    for (size_t i = 0; i < 5; i++) {
        assert_true(put(client, ids[i]));
        jobs[i] = claim_one(worker);
    }
    struct bq_settle all[] = {completed(&jobs[0]), retried(&jobs[1], MINUTE_MS),
                              completed(&jobs[2]), failed(&jobs[3]), completed(&jobs[4])};
    all[0].keep_result_ms = BARQ_FOREVER;
    all[2].claim += 100; /* nobody's */

    exchange(worker, (struct bq_exchange){.settles = all, .n_settles = 5, .claim_max = 5});
    assert_false(all[0].stale || all[1].stale || all[3].stale || all[4].stale);
    assert_true(all[2].stale);
    assert_int_equal(worker->x.n_claimed, 0);
    assert_int_equal(status_of(client, "1"), BARQ_JOB_COMPLETE);
    assert_int_equal(status_of(client, "2"), BARQ_JOB_DEFERRED);
    assert_int_equal(status_of(client, "3"), BARQ_JOB_IN_PROGRESS);
    assert_int_equal(status_of(client, "4"), BARQ_JOB_FAILED);
    assert_int_equal(status_of(client, "5"), BARQ_JOB_COMPLETE);
    assert_in_range(found(client, "1").finished_at_ms, now_ms() - DEADLINE_MS, now_ms());
}

static void an_earlier_claim_of_the_same_worker_is_stale(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    struct bq_broker *client = open_handle();
    assert_true(put(client, "one"));
    struct bq_claimed first = claim_one(worker);
    assert_true(settle(worker, released(&first, true)));
    struct bq_claimed second = claim_one(worker);

    assert_false(settle(worker, completed(&first)));
    assert_int_equal(status_of(client, "one"), BARQ_JOB_IN_PROGRESS);
    assert_true(settle(worker, completed(&second)));
}

static void nobody_settles_a_job_that_another_worker_holds_or_that_is_not_there(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct worker *other = new_worker();
    assert_true(put(client, "one"));
    struct bq_claimed job = claim_one(worker);
    struct bq_claimed unknown = {.job = a_job("unknown"), .claim = job.claim};

    assert_false(settle(other, completed(&job)));
    assert_false(settle(worker, completed(&unknown)));
    assert_int_equal(status_of(client, "one"), BARQ_JOB_IN_PROGRESS);
}

static void of_a_long_history_the_newest_entries_are_kept(void **state)
{
    (void)state;
    char entry[32];
    char expected[32];
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one"));

    for (int i = 1; i <= BQ_HISTORY_MAX_ENTRIES + 5; i++) {
        struct bq_claimed job = claim_one(worker);
        struct bq_settle again = retried(&job, 0);

        (void)snprintf(entry, sizeof(entry), "{\"try\":%d,\"e\":\"],[\\\"\"}", i);
        again.history = entry;
        assert_true(settle(worker, again));
    }
    const char *history = found(client, "one").history;
    (void)snprintf(expected, sizeof(expected), "[{\"try\":%d,", 6);
    assert_memory_equal(history, expected, strlen(expected));
    int entries = 0;
    for (const char *at = history; (at = strstr(at, "\"try\"")); at++) {
        entries++;
    }
    assert_int_equal(entries, BQ_HISTORY_MAX_ENTRIES);
    assert_non_null(strstr(history, entry));
}

static void one_exchange_settles_then_enqueues_then_claims(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "parent") && put(client, "waiting"));
    struct bq_claimed job = claim_one(worker);
    struct bq_settle done = completed(&job);
    done.keep_result_ms = BARQ_OFF;
    /* Its own id is free again, since it is settled before. */
    struct bq_enqueue children[] = {
        {.job = a_job("child")}, {.job = a_job("parent")}, {.job = a_job("waiting")}};

    exchange(worker, (struct bq_exchange){.settles = &done,
                                          .n_settles = 1,
                                          .enqueues = children,
                                          .n_enqueues = 3,
                                          .claim_max = 10});
    assert_false(children[0].exists || children[1].exists);
    assert_true(children[2].exists);
    assert_int_equal(worker->x.n_claimed, 3);
    assert_string_equal(worker->x.claimed[0].job.id, "waiting");
    assert_string_equal(worker->x.claimed[1].job.id, "child");
    assert_string_equal(worker->x.claimed[2].job.id, "parent");
}

struct test_list settle_tests(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_completed_job_keeps_its_result_until_its_time),
        TEST(a_result_may_be_kept_for_ever),
        TEST(a_failed_job_is_dead_with_its_bytes_its_result_and_its_history),
        TEST(a_failed_job_is_dead_also_when_no_result_is_kept),
        TEST(a_retried_job_waits_again_and_its_tries_add_up),
        TEST(a_trace_stays_with_its_job_through_its_tries),
        TEST(a_released_job_is_due_as_it_was_and_says_whether_it_was_started),
        TEST(what_was_left_alone_is_not_claimed_before_its_time),
        TEST(an_abort_ends_being_left_alone),
        TEST(a_claim_can_be_settled_once_only),
        TEST(a_job_is_completed_once_only),
        TEST(each_of_many_that_are_settled_together_has_its_own_answer),
        TEST(an_earlier_claim_of_the_same_worker_is_stale),
        TEST(nobody_settles_a_job_that_another_worker_holds_or_that_is_not_there),
        TEST(of_a_long_history_the_newest_entries_are_kept),
        TEST(one_exchange_settles_then_enqueues_then_claims),
    };

    return (struct test_list){tests, sizeof(tests) / sizeof(tests[0])};
}
