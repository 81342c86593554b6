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
    assert_true(put_with(client, "no step, 5 minutes ago", 0, -5 * (int64_t)MINUTE_MS));
    assert_true(put_with(client, "-4 steps, 6 minutes ago", -4, -6 * (int64_t)MINUTE_MS));
    assert_true(put_with(client, "1 step, 2 minutes ago", 1, -2 * (int64_t)MINUTE_MS));
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
        job.due_at_ms =
            now_ms() / MINUTE_MS * (int64_t)MINUTE_MS - (5 - priority) * (int64_t)MINUTE_MS;
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

    assert_true(put_with(client, "later", 4, INT64_C(30000)));
    assert_true(put_with(client, "much later", -4, MINUTE_MS));
    (void)claim(worker, 5);
    assert_int_equal(worker->x.n_claimed, 0);
    assert_in_range(worker->x.next_due_in_ms, 1, 30 * 1000);
    assert_int_equal(status_of(client, "later"), BARQ_JOB_DEFERRED);
    assert_true(put_with(client, "sooner", -4, INT64_C(10000)));
    (void)claim(worker, 5);
    assert_in_range(worker->x.next_due_in_ms, 1, 10 * 1000);

    pass_time(INT64_C(31000));
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
    assert_true(put_with(client, "ago", 0, -2 * (int64_t)MINUTE_MS));
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

static void set_paused(struct bq_broker *client, const char *queue, bool paused)
{
    assert_int_equal(client->ops->pause(client, queue, paused, TIMEOUT_MS, NULL), BARQ_OK);
}

static struct barq_queue_stats stats_of(struct bq_broker *client, const char *queue)
{
    struct barq_queue_stats *stats = NULL;
    size_t count = 0;

    assert_int_equal(client->ops->stats(client, world_arena(), &stats, &count, TIMEOUT_MS, NULL),
                     BARQ_OK);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(stats[i].queue, queue) == 0) {
            return stats[i];
        }
    }
    fail_msg("there is no queue %s", queue);
    return (struct barq_queue_stats){0};
}

static void nothing_is_claimed_from_a_paused_queue(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();

    assert_true(put(client, "runs"));
    struct bq_claimed job = claim_one(worker);
    set_paused(client, "q", true);
    assert_true(put(client, "waits") && put_with(client, "urgent", 4, MINUTE_MS));
    (void)claim(worker, 5);
    assert_int_equal(worker->x.n_claimed, 0);
    assert_int_equal(worker->x.next_due_in_ms, -1);
    assert_int_equal(status_of(client, "waits"), BARQ_JOB_QUEUED);
    assert_true(stats_of(client, "q").paused);

    assert_true(settle(worker, retried(&job, 0)));
    (void)claim(worker, 5);
    assert_int_equal(worker->x.n_claimed, 0);
    set_paused(client, "q", false);
    assert_false(stats_of(client, "q").paused);
    (void)claim(worker, 5);
    assert_int_equal(worker->x.n_claimed, 2);
}

static void of_a_paused_queue_only_what_runs_is_unfinished(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();

    assert_true(put(client, "1") && put(client, "2") && put(client, "3"));
    struct bq_claimed job = claim_one(worker);
    set_paused(client, "q", true);
    assert_int_equal(exchange(worker, (struct bq_exchange){.count = true})->unfinished, 1);
    struct bq_settle done = completed(&job);
    exchange(worker, (struct bq_exchange){.count = true, .settles = &done, .n_settles = 1});
    assert_int_equal(worker->x.unfinished, 0);
    set_paused(client, "q", false);
    assert_int_equal(exchange(worker, (struct bq_exchange){.count = true})->unfinished, 2);
}

static void a_queue_that_is_not_there_can_be_paused(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();

    set_paused(client, "new", true);
    assert_true(stats_of(client, "new").paused);
    struct worker *worker = new_worker_of("new");
    struct bq_job job = a_job("one");
    job.queue = "new";
    assert_true(put_job(client, job));
    (void)claim(worker, 1);
    assert_int_equal(worker->x.n_claimed, 0);
}

static void resuming_wakes_the_workers(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();

    set_paused(client, "q", true);
    assert_true(put(client, "one"));
    (void)claim(worker, 1);
    (void)worker->broker->ops->woken(worker->broker);
    set_paused(client, "q", false);
    wait_readable(worker->broker->ops->fd(worker->broker));
    assert_true(worker->broker->ops->woken(worker->broker));
}

static void what_is_aborted_in_a_paused_queue_fails_when_it_is_resumed(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();

    assert_true(put_with(client, "unwanted", 0, MINUTE_MS) && put(client, "unwished"));
    set_paused(client, "q", true);
    assert_int_equal(client->ops->abort(client, "unwanted", TIMEOUT_MS, NULL), BARQ_OK);
    assert_int_equal(client->ops->remove(client, "unwished", TIMEOUT_MS, NULL), BARQ_OK);
    (void)claim(worker, 5);
    assert_int_equal(worker->x.n_claimed, 0);
    set_paused(client, "q", false);
    struct bq_claimed job = claim_one(worker);
    assert_string_equal(job.job.id, "unwanted");
    assert_true(job.aborted);
}

static struct worker *new_worker_of_both(void)
{
    static const char *const both[] = {"fast", "slow"};
    struct bq_worker_lease lease = {
        .queues = both, .n_queues = 2, .name = "test", .lease_ms = LEASE_MS};

    return new_worker_as(&lease);
}

static void fill(struct bq_broker *client, const char *queue, int count)
{
    static int number;
    char id[16];

    for (int i = 0; i < count; i++) {
        (void)snprintf(id, sizeof(id), "%d", ++number);
        struct bq_job job = a_job(id);
        job.queue = queue;
        assert_true(put_job(client, job));
    }
}

static size_t claimed_of(const struct worker *worker, const char *queue)
{
    size_t count = 0;

    for (size_t i = 0; i < worker->x.n_claimed; i++) {
        count += strcmp(worker->x.claimed[i].job.queue, queue) == 0;
    }
    return count;
}

static void claim_shares(struct worker *worker, size_t fast, size_t slow)
{
    const struct bq_share shares[] = {{"fast", fast}, {"slow", slow}};

    exchange(worker, (struct bq_exchange){.claim_max = fast + slow,
                                          .claim_lost_max = fast + slow,
                                          .shares = shares,
                                          .n_shares = 2});
}

static void each_queue_of_a_worker_gets_its_share(void **state)
{
    (void)state;
    struct worker *worker = new_worker_of_both();

    fill(open_handle(), "slow", 10);
    fill(open_handle(), "fast", 10);
    claim_shares(worker, 3, 1);
    assert_int_equal(claimed_of(worker, "fast"), 3);
    assert_int_equal(claimed_of(worker, "slow"), 1);
}

static void what_a_queue_leaves_over_goes_to_the_others(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker_of_both();

    fill(client, "slow", 10);
    fill(client, "fast", 1);
    claim_shares(worker, 3, 1);
    assert_int_equal(claimed_of(worker, "fast"), 1);
    assert_int_equal(claimed_of(worker, "slow"), 3);
    fill(client, "fast", 5);
    set_paused(client, "slow", true);
    claim_shares(worker, 1, 3);
    assert_int_equal(claimed_of(worker, "fast"), 4);
    assert_int_equal(claimed_of(worker, "slow"), 0);
}

static void lost_jobs_of_any_queue_come_first(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *loser = new_worker_of_both();

    fill(client, "slow", 2);
    claim_shares(loser, 1, 1);
    exchange(loser, (struct bq_exchange){.leave = true});
    fill(client, "fast", 2);
    struct worker *worker = new_worker_of_both();
    claim_shares(worker, 2, 2);
    assert_int_equal(worker->x.n_claimed, 4);
    assert_string_equal(worker->x.claimed[0].job.queue, "slow");
    assert_string_equal(worker->x.claimed[1].job.queue, "slow");
    assert_true(worker->x.claimed[0].alone && worker->x.claimed[1].alone);
}

static void what_is_told_of_several_queues_is_told_of_all_of_them(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker_of_both();
    struct bq_job soon = a_job("soon");
    struct bq_job late = a_job("late");

    soon.queue = "slow";
    soon.due_at_ms += MINUTE_MS;
    late.queue = "fast";
    late.due_at_ms += 2 * (int64_t)MINUTE_MS;
    assert_true(put_job(client, soon) && put_job(client, late));
    exchange(worker, (struct bq_exchange){.count = true});
    assert_int_equal(worker->x.unfinished, 2);
    assert_in_range(worker->x.next_due_in_ms, 1, MINUTE_MS);
    set_paused(client, "slow", true);
    exchange(worker, (struct bq_exchange){.count = true});
    assert_int_equal(worker->x.unfinished, 1);
    assert_in_range(worker->x.next_due_in_ms, MINUTE_MS + 1, 2 * (int64_t)MINUTE_MS);
}

static void jobs_of_several_queues_are_settled_each_in_its_own(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker_of_both();
    struct bq_settle settles[2];

    fill(client, "slow", 1);
    fill(client, "fast", 1);
    claim_shares(worker, 1, 1);
    settles[0] = completed(&worker->x.claimed[0]);
    settles[1] = failed(&worker->x.claimed[1]);
    exchange(worker, (struct bq_exchange){.settles = settles, .n_settles = 2});
    assert_int_equal(stats_of(client, "fast").complete, 1);
    assert_int_equal(stats_of(client, "fast").in_progress, 0);
    assert_int_equal(stats_of(client, "slow").failed, 1);
    assert_int_equal(stats_of(client, "slow").in_progress, 0);
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
        TEST(nothing_is_claimed_from_a_paused_queue),
        TEST(of_a_paused_queue_only_what_runs_is_unfinished),
        TEST(a_queue_that_is_not_there_can_be_paused),
        TEST(resuming_wakes_the_workers),
        TEST(what_is_aborted_in_a_paused_queue_fails_when_it_is_resumed),
        TEST(each_queue_of_a_worker_gets_its_share),
        TEST(what_a_queue_leaves_over_goes_to_the_others),
        TEST(lost_jobs_of_any_queue_come_first),
        TEST(what_is_told_of_several_queues_is_told_of_all_of_them),
        TEST(jobs_of_several_queues_are_settled_each_in_its_own),
    };

    return (struct test_list){tests, sizeof(tests) / sizeof(tests[0])};
}
