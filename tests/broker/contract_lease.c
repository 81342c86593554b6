#include <assert.h>
#include <string.h>

#include "broker/contract.h"

static void a_job_of_a_worker_whose_lease_is_over_waits_again_with_one_loss(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *vanished = new_worker();
    struct worker *worker = new_worker();
    assert_true(put(client, "one"));
    (void)claim_one(vanished);

    pass_time(LEASE_MS - 5000);
    exchange(worker, (struct bq_exchange){.renew = true, .claim_max = 1, .claim_lost_max = 1});
    assert_int_equal(worker->x.n_claimed, 0);
    pass_time(5000);
    struct bq_claimed again = claim_one(worker);
    assert_true(again.claimed_before && again.alone);
    assert_int_equal(again.losses, 1);
    assert_int_equal(again.tries + again.crashes, 0);
    assert_non_null(strstr(found(client, "one").history, "\"event\":\"lost\""));
    assert_non_null(strstr(found(client, "one").history, "\"error\":\"its worker vanished\""));
}

static void a_renewed_lease_holds(void **state)
{
    (void)state;
    struct worker *holder = new_worker();
    struct worker *other = new_worker();
    assert_true(put(open_handle(), "one"));
    struct bq_claimed job = claim_one(holder);

    for (int i = 0; i < 5; i++) {
        pass_time(LEASE_MS / 2);
        exchange(holder, (struct bq_exchange){.renew = true});
        assert_false(holder->x.lease_lost);
        exchange(other, (struct bq_exchange){.renew = true, .claim_max = 1, .claim_lost_max = 1});
        assert_int_equal(other->x.n_claimed, 0);
    }
    assert_true(settle(holder, completed(&job)));
}

static void a_lost_claim_can_neither_be_settled_nor_renewed(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *paused = new_worker();
    struct worker *worker = new_worker();
    assert_true(put(client, "one"));
    struct bq_claimed old = claim_one(paused);
    pass_time(LEASE_MS);
    struct bq_claimed new = claim_one(worker);

    struct bq_settle late = completed(&old);
    exchange(paused, (struct bq_exchange){.settles = &late, .n_settles = 1, .renew = true});
    assert_true(late.stale);
    assert_true(paused->x.lease_lost);
    assert_int_equal(status_of(client, "one"), BARQ_JOB_IN_PROGRESS);
    assert_true(settle(worker, completed(&new)));

    /* A new lease has been begun. */
    exchange(paused, (struct bq_exchange){0});
    assert_false(paused->x.lease_lost);
    assert_true(put(client, "two"));
    struct bq_claimed two = claim_one(paused);
    assert_true(settle(paused, completed(&two)));
}

static void a_claim_is_stale_also_when_its_worker_has_claimed_the_lost_job_again(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    struct worker *other = new_worker();
    assert_true(put(open_handle(), "one"));
    struct bq_claimed old = claim_one(worker);
    pass_time(LEASE_MS);
    exchange(other, (struct bq_exchange){0});
    struct bq_claimed new = claim_one(worker);

    assert_true(new.claim != old.claim);
    assert_false(settle(worker, failed(&old)));
    assert_true(settle(worker, completed(&new)));
}

static void a_lease_that_is_over_is_still_held_as_long_as_nobody_has_looked(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    assert_true(put(open_handle(), "one"));
    struct bq_claimed job = claim_one(worker);

    pass_time(LEASE_MS + LEASE_MS);
    struct bq_settle done = completed(&job);
    exchange(worker, (struct bq_exchange){.settles = &done, .n_settles = 1});
    assert_false(done.stale || worker->x.lease_lost);
}

static void losses_add_up(void **state)
{
    (void)state;
    assert_true(put(open_handle(), "one"));
    struct worker *workers[] = {new_worker(), new_worker()};

    for (int i = 0; i < 10; i++) {
        assert_int_equal(claim_one(workers[i % 2]).losses, i);
        pass_time(LEASE_MS);
    }
}

static void a_worker_that_leaves_settles_and_gives_the_rest_back_at_once(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *leaving = new_worker();
    struct worker *worker = new_worker();
    assert_true(put(client, "done") && put(client, "released") && put(client, "forgotten"));
    const struct bq_claimed *jobs = claim(leaving, 3);
    struct bq_settle settles[] = {completed(&jobs[0]), released(&jobs[1], false)};

    exchange(leaving, (struct bq_exchange){
                          .settles = settles, .n_settles = 2, .leave = true, .claim_max = 5});
    assert_false(settles[0].stale || settles[1].stale);
    assert_int_equal(leaving->x.n_claimed, 0);

    const struct bq_claimed *left = claim(worker, 3);
    assert_int_equal(worker->x.n_claimed, 2);
    assert_string_equal(left[0].job.id, "forgotten");
    assert_int_equal(left[0].losses, 1);
    assert_string_equal(left[1].job.id, "released");
    assert_int_equal(left[1].losses, 0);
    assert_false(left[1].claimed_before);
}

/* In the other process: claims what there is. */
static void take_everything(struct bq_broker *broker)
{
    struct worker doomed;

    begin_worker(&doomed, broker, "q");
    (void)claim(&doomed, 10);
    assert(doomed.x.n_claimed > 0);
    end_worker(&doomed);
}

static void the_jobs_of_a_dead_worker_are_not_lost(void **state)
{
    (void)state;
    assert_true(put(open_handle(), "one"));
    elsewhere_and_die(take_everything);

    struct worker *worker = new_worker();
    pass_time(LEASE_MS);
    assert_int_equal(claim_one(worker).losses, 1);
}

struct test_list lease_tests(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_job_of_a_worker_whose_lease_is_over_waits_again_with_one_loss),
        TEST(a_renewed_lease_holds),
        TEST(a_lost_claim_can_neither_be_settled_nor_renewed),
        TEST(a_claim_is_stale_also_when_its_worker_has_claimed_the_lost_job_again),
        TEST(a_lease_that_is_over_is_still_held_as_long_as_nobody_has_looked),
        TEST(losses_add_up),
        TEST(a_worker_that_leaves_settles_and_gives_the_rest_back_at_once),
        TEST(the_jobs_of_a_dead_worker_are_not_lost),
    };

    return (struct test_list){tests, sizeof(tests) / sizeof(tests[0])};
}
