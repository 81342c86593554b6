#include <string.h>

#include "broker/contract.h"

static enum barq_status wish_abort(struct bq_broker *client, const char *id)
{
    return client->ops->abort(client, id, TIMEOUT_MS, NULL);
}

static enum barq_status take_away(struct bq_broker *client, const char *id)
{
    return client->ops->remove(client, id, TIMEOUT_MS, NULL);
}

static void an_aborted_job_that_waits_is_claimed_at_once_and_says_so(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_job later = a_job("later");
    later.due_at_ms += KEEP_MS;
    assert_true(put_job(client, later) && put(client, "now"));

    assert_int_equal(wish_abort(client, "later"), BARQ_OK);
    assert_int_equal(wish_abort(client, "now"), BARQ_OK);
    assert_int_equal(wish_abort(client, "now"), BARQ_OK);
    assert_int_equal(status_of(client, "later"), BARQ_JOB_QUEUED);
    assert_true(claim_one(worker).aborted);
    assert_true(claim_one(worker).aborted);
    (void)claim(worker, 1);
    assert_int_equal(worker->x.n_claimed, 0);
}

static void the_worker_of_a_running_job_is_told_of_its_abort_each_time(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct worker *other = new_worker();
    assert_true(put(client, "one") && put(client, "two") && put(client, "three"));
    struct bq_claimed one = claim_one(worker);
    (void)claim_one(worker);
    (void)claim_one(other);
    assert_int_equal(wish_abort(client, "one"), BARQ_OK);
    assert_int_equal(wish_abort(client, "three"), BARQ_OK);

    for (int i = 0; i < 2; i++) {
        exchange(worker, (struct bq_exchange){0});
        assert_int_equal(worker->x.n_aborts, 1);
        assert_string_equal(worker->x.aborts[0], "one");
    }
    assert_true(settle(worker, completed(&one)));
    exchange(worker, (struct bq_exchange){0});
    assert_int_equal(worker->x.n_aborts, 0);
    assert_int_equal(status_of(client, "one"), BARQ_JOB_COMPLETE);
}

static void an_aborted_job_that_is_tried_again_is_due_at_once(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one"));
    struct bq_claimed job = claim_one(worker);
    assert_int_equal(wish_abort(client, "one"), BARQ_OK);

    assert_true(settle(worker, retried(&job, KEEP_MS)));
    assert_true(claim_one(worker).aborted);
}

static void an_abort_of_what_neither_waits_nor_runs_finds_nothing(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "done") && put(client, "dead"));
    struct bq_claimed done = claim_one(worker);
    struct bq_claimed dead = claim_one(worker);
    assert_true(settle(worker, completed(&done)) && settle(worker, failed(&dead)));

    assert_int_equal(wish_abort(client, "done"), BARQ_ERR_NOTFOUND);
    assert_int_equal(wish_abort(client, "dead"), BARQ_ERR_NOTFOUND);
    assert_int_equal(wish_abort(client, "never was"), BARQ_ERR_NOTFOUND);
}

static void a_job_is_removed_unless_it_runs(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_job later = a_job("later");
    later.due_at_ms += KEEP_MS;
    assert_true(put(client, "done") && put(client, "dead") && put(client, "running"));
    struct bq_claimed done = claim_one(worker);
    struct bq_claimed dead = claim_one(worker);
    (void)claim_one(worker);
    assert_true(settle(worker, completed(&done)) && settle(worker, failed(&dead)));
    assert_true(put(client, "waiting") && put_job(client, later));

    static const char *const ids[] = {"done", "dead", "waiting", "later"};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(take_away(client, ids[i]), BARQ_OK);
        assert_int_equal(take_away(client, ids[i]), BARQ_ERR_NOTFOUND);
        assert_int_equal(status_of(client, ids[i]), BARQ_JOB_NOT_FOUND);
    }
    assert_int_equal(take_away(client, "running"), BARQ_ERR_CONFLICT);
    assert_int_equal(status_of(client, "running"), BARQ_JOB_IN_PROGRESS);
    exchange(worker, (struct bq_exchange){.count = true, .claim_max = 5, .claim_lost_max = 5});
    assert_int_equal(worker->x.n_claimed, 0);
    assert_int_equal(worker->x.unfinished, 1);
}

static void a_dead_job_is_revived_as_a_new_job_of_the_same_id(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one"));
    struct bq_claimed first = claim_one(worker);
    struct bq_settle again = retried(&first, 0);
    again.alone = true;
    again.history = "{}";
    assert_true(settle(worker, again));
    struct bq_claimed second = claim_one(worker);
    assert_true(settle(worker, failed(&second)));

    struct bq_job anew = a_job("one");
    anew.payload = "new bytes";
    anew.payload_bytes = 9;
    anew.enqueued_at_ms++;
    assert_int_equal(client->ops->revive(client, &anew, TIMEOUT_MS, NULL), BARQ_OK);
    assert_int_equal(status_of(client, "one"), BARQ_JOB_QUEUED);
    assert_null(found(client, "one").result);
    assert_string_equal(found(client, "one").history, "[]");

    struct bq_claimed revived = claim_one(worker);
    assert_int_equal(revived.job.payload_bytes, 9);
    assert_memory_equal(revived.job.payload, "new bytes", 9);
    assert_int_equal(revived.job.enqueued_at_ms, anew.enqueued_at_ms);
    assert_int_equal(revived.tries, 0);
    assert_false(revived.claimed_before || revived.alone);
    assert_true(settle(worker, completed(&revived)));
}

static void only_a_dead_job_can_be_revived(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_job job = a_job("one");

    assert_int_equal(client->ops->revive(client, &job, TIMEOUT_MS, NULL), BARQ_ERR_NOTFOUND);
    assert_true(put_job(client, job));
    assert_int_equal(client->ops->revive(client, &job, TIMEOUT_MS, NULL), BARQ_ERR_NOTFOUND);
    struct bq_claimed claimed = claim_one(worker);
    assert_int_equal(client->ops->revive(client, &job, TIMEOUT_MS, NULL), BARQ_ERR_NOTFOUND);
    assert_true(settle(worker, failed(&claimed)));
    pass_time(BQ_DEAD_KEEP_MS);
    assert_int_equal(client->ops->revive(client, &job, TIMEOUT_MS, NULL), BARQ_ERR_NOTFOUND);
}

struct test_list admin_tests(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(an_aborted_job_that_waits_is_claimed_at_once_and_says_so),
        TEST(the_worker_of_a_running_job_is_told_of_its_abort_each_time),
        TEST(an_aborted_job_that_is_tried_again_is_due_at_once),
        TEST(an_abort_of_what_neither_waits_nor_runs_finds_nothing),
        TEST(a_job_is_removed_unless_it_runs),
        TEST(a_dead_job_is_revived_as_a_new_job_of_the_same_id),
        TEST(only_a_dead_job_can_be_revived),
    };

    return (struct test_list){tests, sizeof(tests) / sizeof(tests[0])};
}
