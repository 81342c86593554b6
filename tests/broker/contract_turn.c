#include <stdio.h>
#include <string.h>

#include "broker/contract.h"

static bool put_with(struct bq_broker *client, const char *id, int priority, int64_t due_in_ms)
{
    struct bq_job job = a_job(id);

    job.priority = priority;
    job.due_at_ms += due_in_ms;
    return put_job(client, job);
}

static void an_urgent_job_overtakes_by_a_minute_a_step(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();

    assert_true(put_with(client, "4 steps, now", 4, 0));
    assert_true(put_with(client, "no step, 5 minutes ago", 0, -5 * MINUTE_MS));
    assert_true(put_with(client, "-4 steps, 6 minutes ago", -4, -6 * MINUTE_MS));
    assert_true(put_with(client, "1 step, 2 minutes ago", 1, -2 * MINUTE_MS));
    assert_true(put_with(client, "no step, a second ago", 0, -1000));

    static const char *const turns[] = {"no step, 5 minutes ago", "4 steps, now",
                                        "1 step, 2 minutes ago", "-4 steps, 6 minutes ago",
                                        "no step, a second ago"};
    for (size_t i = 0; i < sizeof(turns) / sizeof(turns[0]); i++) {
        assert_string_equal(claim_one(worker).job.id, turns[i]);
    }
}

static void jobs_of_one_turn_are_claimed_in_the_order_in_which_they_came(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    char id[2] = "a";

    for (int priority = 4; priority >= -4; priority--) {
        struct bq_job job = a_job(id);
        job.priority = priority;
        job.due_at_ms = now_ms() / MINUTE_MS * MINUTE_MS - (5 - priority) * MINUTE_MS;
        assert_true(put_job(client, job));
        id[0]++;
    }
    const struct bq_claimed *claimed = claim(worker, 20);
    assert_int_equal(worker->x.n_claimed, 9);
    for (int i = 0; i < 9; i++) {
        assert_int_equal(claimed[i].job.id[0], 'a' + i);
        assert_int_equal(claimed[i].job.priority, 4 - i);
    }
}

static void an_urgent_job_is_not_claimed_before_it_is_due(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();

    assert_true(put_with(client, "later", 4, 30 * 1000));
    assert_true(put_with(client, "much later", -4, MINUTE_MS));
    (void)claim(worker, 5);
    assert_int_equal(worker->x.n_claimed, 0);
    assert_in_range(worker->x.next_due_in_ms, 1, 30 * 1000);
    assert_int_equal(status_of(client, "later"), BARQ_JOB_DEFERRED);
    assert_true(put_with(client, "sooner", -4, 10 * 1000));
    (void)claim(worker, 5);
    assert_in_range(worker->x.next_due_in_ms, 1, 10 * 1000);

    pass_time(31 * 1000);
    const struct bq_claimed *claimed = claim(worker, 5);
    assert_int_equal(worker->x.n_claimed, 2);
    assert_string_equal(claimed[0].job.id, "later");
}

static void no_stream_of_urgent_jobs_starves_another(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    char id[32];
    int minutes = 0;

    assert_true(put_with(client, "humble", -4, 0));
    for (bool claimed = false; !claimed; minutes++) {
        for (int i = 0; i < 2; i++) {
            (void)snprintf(id, sizeof(id), "%d.%d", minutes, i);
            assert_true(put_with(client, id, 4, 0));
        }
        struct bq_claimed job = claim_one(worker);
        claimed = strcmp(job.job.id, "humble") == 0;
        assert_true(settle(worker, completed(&job)));
        pass_time(MINUTE_MS);
        assert_true(minutes < 20);
    }
    assert_true(minutes >= 2);
}

static void a_job_keeps_its_priority_whatever_happens_to_it(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_job job = a_job("urgent");

    job.priority = 3;
    job.key = "customer 7";
    job.function = "echo";
    assert_true(put_job(client, job));
    struct bq_claimed claimed = claim_one(worker);
    assert_true(settle(worker, retried(&claimed, 0)));
    claimed = claim_one(worker);
    assert_true(settle(worker, released(&claimed, true)));
    exchange(worker, (struct bq_exchange){.leave = true});

    struct bq_found seen = found(client, "urgent");
    assert_int_equal(seen.job.priority, 3);
    assert_string_equal(seen.job.key, "customer 7");
    assert_string_equal(seen.job.function, "echo");
    assert_true(put_with(client, "ago", 0, -2 * MINUTE_MS));
    struct worker *next = new_worker();
    assert_string_equal(claim_one(next).job.id, "urgent");

    struct bq_claimed other = claim_one(next);
    assert_string_equal(other.job.id, "ago");
}

static void an_urgent_job_can_be_aborted_and_removed_while_it_waits(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();

    assert_true(put_with(client, "unwanted", 2, 0) && put_with(client, "unwished", -2, MINUTE_MS));
    assert_int_equal(client->ops->remove(client, "unwanted", TIMEOUT_MS, NULL), BARQ_OK);
    assert_int_equal(client->ops->abort(client, "unwished", TIMEOUT_MS, NULL), BARQ_OK);
    struct bq_claimed job = claim_one(worker);
    assert_string_equal(job.job.id, "unwished");
    assert_true(job.aborted);
    (void)claim(worker, 1);
    assert_int_equal(worker->x.n_claimed, 0);
    assert_int_equal(worker->x.next_due_in_ms, -1);
}

static void lost_jobs_have_their_turns_among_each_other(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *loser = new_worker();

    assert_true(put_with(client, "a", 0, -1000) && put_with(client, "b", 2, -500));
    (void)claim(loser, 10);
    exchange(loser, (struct bq_exchange){.leave = true});
    assert_true(put_with(client, "c", 4, 0));
    struct worker *worker = new_worker();
    const struct bq_claimed *claimed = claim(worker, 10);
    assert_int_equal(worker->x.n_claimed, 3);
    assert_string_equal(claimed[0].job.id, "b");
    assert_string_equal(claimed[1].job.id, "a");
    assert_string_equal(claimed[2].job.id, "c");
}

struct test_list turn_tests(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(an_urgent_job_overtakes_by_a_minute_a_step),
        TEST(jobs_of_one_turn_are_claimed_in_the_order_in_which_they_came),
        TEST(an_urgent_job_is_not_claimed_before_it_is_due),
        TEST(no_stream_of_urgent_jobs_starves_another),
        TEST(a_job_keeps_its_priority_whatever_happens_to_it),
        TEST(an_urgent_job_can_be_aborted_and_removed_while_it_waits),
        TEST(lost_jobs_have_their_turns_among_each_other),
    };

    return (struct test_list){tests, sizeof(tests) / sizeof(tests[0])};
}
