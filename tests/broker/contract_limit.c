#include <stdio.h>
#include <string.h>

#include "broker/contract.h"
#include "job/message.h"

static struct worker *limited_worker(const char *queue, const struct bq_limit_rule *rules,
                                     size_t count)
{
    struct bq_worker_lease lease = {.queues = &queue,
                                    .n_queues = 1,
                                    .name = "test",
                                    .lease_ms = LEASE_MS,
                                    .limits = rules,
                                    .n_limits = count};

    return new_worker_as(&lease);
}

static struct worker *worker_with(struct bq_limit_rule rule)
{
    return limited_worker("q", &rule, 1);
}

static const struct bq_limit no_limit = {.name = ""};
static const struct bq_limit two_run = {.name = "f", .max_running = 2};
static const struct bq_limit one_runs = {.name = "f", .max_running = 1};
static const struct bq_limit one_of_g_runs = {.name = "g", .max_running = 1};
static const struct bq_limit two_start = {.name = "f", .max_starts = 2, .per_ms = 1000};

static bool put_f(struct bq_broker *client, const char *id, const char *key)
{
    struct bq_job job = a_job(id);

    job.function = "f";
    job.key = key;
    return put_job(client, job);
}

/* Jobs "PREFIX1", "PREFIX2", ... */
static void put_many(struct bq_broker *client, const char *prefix, int count, const char *key)
{
    char id[32];

    for (int i = 1; i <= count; i++) {
        (void)snprintf(id, sizeof(id), "%s%d", prefix, i);
        assert_true(put_f(client, id, key));
    }
}

static int64_t held_in(struct bq_broker *client, const char *queue)
{
    struct barq_queue_stats *stats = NULL;
    size_t count = 0;

    assert_int_equal(client->ops->stats(client, world_arena(), &stats, &count, TIMEOUT_MS, NULL),
                     BARQ_OK);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(stats[i].queue, queue) == 0) {
            return stats[i].held;
        }
    }
    return -1;
}

static void expect_claims(struct worker *worker, size_t max, size_t count)
{
    (void)claim(worker, max);
    assert_int_equal(worker->x.n_claimed, count);
}

/* Settles a job, and claims in the same exchange. */
static void settle_and_claim(struct worker *worker, struct bq_settle settle, size_t max)
{
    exchange(worker, (struct bq_exchange){.settles = &settle,
                                          .n_settles = 1,
                                          .claim_max = max,
                                          .claim_lost_max = max,
                                          .claim_free_max = max});
    assert_false(settle.stale);
}

static void no_more_run_than_the_limit_says(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = worker_with((struct bq_limit_rule){"f", two_run, no_limit});

    put_many(client, "f", 5, NULL);
    assert_true(put(client, "other"));
    const struct bq_claimed *claimed = claim(worker, 10);
    assert_int_equal(worker->x.n_claimed, 3);
    assert_string_equal(claimed[0].job.id, "f1");
    assert_string_equal(claimed[1].job.id, "f2");
    assert_string_equal(claimed[2].job.id, "other");
    struct bq_settle done = completed(&claimed[0]);

    assert_int_equal(held_in(client, "q"), 3);
    assert_int_equal(status_of(client, "f3"), BARQ_JOB_QUEUED);
    assert_int_equal(worker->x.next_due_in_ms, -1);
    settle_and_claim(worker, done, 10);
    assert_int_equal(worker->x.n_claimed, 1);
    assert_string_equal(worker->x.claimed[0].job.id, "f3");
    assert_int_equal(held_in(client, "q"), 2);
}

static void a_limited_job_comes_with_its_bytes_if_they_are_not_too_many(void **state)
{
    (void)state;
    static char payload[BQ_JOB_MAX_BYTES + 1];
    struct worker *worker = worker_with((struct bq_limit_rule){"f", two_run, no_limit});

    assert_true(put_f(open_handle(), "minnow", NULL));
    struct bq_job whale = a_job("whale");
    whale.function = "f";
    whale.payload = payload;
    whale.payload_bytes = sizeof(payload);
    assert_true(put_job(open_handle(), whale));
    const struct bq_claimed *claimed = claim(worker, 2);
    assert_int_equal(worker->x.n_claimed, 2);
    struct bq_job minnow = a_job("minnow");
    assert_int_equal(claimed[0].job.payload_bytes, minnow.payload_bytes);
    assert_memory_equal(claimed[0].job.payload, minnow.payload, minnow.payload_bytes);
    assert_string_equal(claimed[0].job.function, "f");
    assert_null(claimed[1].job.payload);
    assert_int_equal(claimed[1].job.payload_bytes, sizeof(payload));
}

static void every_end_of_a_running_job_makes_room(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = worker_with((struct bq_limit_rule){"f", one_runs, no_limit});

    put_many(client, "f", 6, NULL);
    struct bq_claimed job = claim_one(worker);
    struct bq_settle unkept = completed(&job);
    unkept.keep_result_ms = BARQ_OFF;
    settle_and_claim(worker, unkept, 5);
    assert_int_equal(worker->x.n_claimed, 1);
    settle_and_claim(worker, failed(&worker->x.claimed[0]), 5);
    assert_int_equal(worker->x.n_claimed, 1);
    settle_and_claim(worker, retried(&worker->x.claimed[0], MINUTE_MS), 5);
    assert_int_equal(worker->x.n_claimed, 1);
    assert_string_equal(worker->x.claimed[0].job.id, "f4");
    settle_and_claim(worker, released(&worker->x.claimed[0], false), 5);
    assert_int_equal(worker->x.n_claimed, 1);
    assert_string_equal(worker->x.claimed[0].job.id, "f4");
    settle_and_claim(worker, completed(&worker->x.claimed[0]), 5);
    assert_int_equal(worker->x.n_claimed, 1);
    assert_string_equal(worker->x.claimed[0].job.id, "f5");
}

static void a_limit_holds_across_workers(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *one = worker_with((struct bq_limit_rule){"f", two_run, no_limit});
    struct worker *other = worker_with((struct bq_limit_rule){"f", two_run, no_limit});

    put_many(client, "f", 4, NULL);
    struct bq_claimed job = claim_one(one);
    expect_claims(other, 5, 1);
    expect_claims(one, 5, 0);
    (void)other->broker->ops->woken(other->broker);
    assert_true(settle(one, completed(&job)));
    wait_readable(other->broker->ops->fd(other->broker));
    expect_claims(other, 5, 1);
    assert_string_equal(other->x.claimed[0].job.id, "f3");
}

static void a_lost_worker_frees_what_it_ran(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *loser = worker_with((struct bq_limit_rule){"f", two_run, no_limit});
    struct worker *worker = worker_with((struct bq_limit_rule){"f", two_run, no_limit});

    put_many(client, "f", 4, NULL);
    expect_claims(loser, 5, 2);
    expect_claims(worker, 5, 0);
    pass_time(LEASE_MS + 1);
    expect_claims(worker, 5, 2);
    assert_string_equal(worker->x.claimed[0].job.id, "f1");
    assert_int_equal(worker->x.claimed[0].losses, 1);
    expect_claims(worker, 5, 0);
    exchange(worker, (struct bq_exchange){.leave = true});
    expect_claims(worker_with((struct bq_limit_rule){"f", two_run, no_limit}), 5, 2);
}

static void each_key_has_its_own_limit(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = worker_with((struct bq_limit_rule){"f", no_limit, one_runs});

    put_many(client, "a", 3, "a");
    put_many(client, "b", 3, "b");
    put_many(client, "none", 2, NULL);
    const struct bq_claimed *claimed = claim(worker, 10);
    assert_int_equal(worker->x.n_claimed, 4);
    assert_string_equal(claimed[0].job.id, "a1");
    assert_string_equal(claimed[1].job.id, "b1");
    assert_string_equal(claimed[2].job.id, "none1");
    settle_and_claim(worker, completed(&claimed[1]), 10);
    assert_int_equal(worker->x.n_claimed, 1);
    assert_string_equal(worker->x.claimed[0].job.id, "b2");
}

static void both_limits_of_a_function_hold(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = worker_with((struct bq_limit_rule){"f", two_run, one_runs});

    put_many(client, "a", 2, "a");
    put_many(client, "b", 1, "b");
    put_many(client, "c", 1, "c");
    const struct bq_claimed *claimed = claim(worker, 10);
    assert_int_equal(worker->x.n_claimed, 2);
    assert_string_equal(claimed[0].job.id, "a1");
    assert_string_equal(claimed[1].job.id, "b1");
    struct bq_settle done = completed(&claimed[1]);
    settle_and_claim(worker, done, 10);
    assert_int_equal(worker->x.n_claimed, 1);
    assert_string_equal(worker->x.claimed[0].job.id, "c1");
}

static void no_more_start_within_the_window_than_the_limit_says(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = worker_with(
        (struct bq_limit_rule){"f", {.name = "f", .max_starts = 2, .per_ms = MINUTE_MS}, no_limit});

    put_many(client, "f", 5, NULL);
    struct bq_claimed job = claim_one(worker);
    pass_time(MINUTE_MS / 2);
    assert_true(settle(worker, completed(&job)));
    expect_claims(worker, 5, 1);
    assert_in_range(worker->x.next_due_in_ms, 1, MINUTE_MS / 2);
    assert_int_equal(held_in(client, "q"), 3);
    pass_time(MINUTE_MS / 2 + 1);
    expect_claims(worker, 5, 1);
    assert_string_equal(worker->x.claimed[0].job.id, "f3");
    assert_in_range(worker->x.next_due_in_ms, 1, MINUTE_MS / 2);
    pass_time(10 * (int64_t)MINUTE_MS);
    expect_claims(worker, 5, 2);
    pass_time(10 * (int64_t)MINUTE_MS);
    expect_claims(worker, 5, 0);
    assert_int_equal(worker->x.next_due_in_ms, -1);
}

static void a_start_that_was_none_is_given_back(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = worker_with(
        (struct bq_limit_rule){"f", {.name = "f", .max_starts = 1, .per_ms = MINUTE_MS}, no_limit});

    put_many(client, "f", 2, NULL);
    struct bq_claimed job = claim_one(worker);
    expect_claims(worker, 5, 0);
    settle_and_claim(worker, released(&job, false), 5);
    assert_int_equal(worker->x.n_claimed, 1);
    assert_string_equal(worker->x.claimed[0].job.id, "f1");
    settle_and_claim(worker, released(&worker->x.claimed[0], true), 5);
    assert_int_equal(worker->x.n_claimed, 0);
}

static void a_job_whose_start_is_counted_waits_for_a_free_thread(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = worker_with((struct bq_limit_rule){"f", two_start, no_limit});

    assert_true(put_f(client, "f1", NULL) && put(client, "other"));
    exchange(worker, (struct bq_exchange){.claim_max = 5});
    assert_int_equal(worker->x.n_claimed, 0);
    assert_int_equal(worker->x.next_due_in_ms, 0);
    assert_int_equal(held_in(client, "q"), 0);
    exchange(worker, (struct bq_exchange){.claim_max = 5, .claim_free_max = 1});
    assert_int_equal(worker->x.n_claimed, 2);
    assert_string_equal(worker->x.claimed[0].job.id, "f1");
}

static void what_is_only_to_be_ended_needs_no_room(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = worker_with((struct bq_limit_rule){"f", one_runs, no_limit});

    put_many(client, "f", 4, NULL);
    expect_claims(worker, 5, 1);
    assert_int_equal(client->ops->abort(client, "f3", TIMEOUT_MS, NULL), BARQ_OK);
    assert_int_equal(client->ops->remove(client, "f2", TIMEOUT_MS, NULL), BARQ_OK);
    assert_int_equal(held_in(client, "q"), 1);
    const struct bq_claimed *claimed = claim(worker, 5);
    assert_int_equal(worker->x.n_claimed, 1);
    assert_string_equal(claimed[0].job.id, "f3");
    assert_true(claimed[0].aborted);
    assert_true(settle(worker, failed(&claimed[0])));
    expect_claims(worker, 5, 0);
    assert_int_equal(status_of(client, "f2"), BARQ_JOB_NOT_FOUND);
    assert_int_equal(status_of(client, "f4"), BARQ_JOB_QUEUED);
}

static void held_jobs_come_back_in_their_turn(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = worker_with((struct bq_limit_rule){"f", one_runs, no_limit});
    static const struct {
        const char *id;
        int priority;
        int64_t ago_ms;
        const char *turn;
    } jobs[] = {{"late", 0, 0, "old"},
                {"urgent", 2, 0, "urgent"},
                {"old", 0, 3 * (int64_t)MINUTE_MS, "early"},
                {"early", 0, MINUTE_MS, "late"}};

    assert_true(put_f(client, "first", NULL));
    struct bq_claimed job = claim_one(worker);
    for (size_t i = 0; i < 4; i++) {
        struct bq_job held = a_job(jobs[i].id);
        held.function = "f";
        held.priority = jobs[i].priority;
        held.due_at_ms -= jobs[i].ago_ms;
        assert_true(put_job(client, held));
        expect_claims(worker, 5, 0);
    }
    for (size_t i = 0; i < 4; i++) {
        settle_and_claim(worker, completed(&job), 5);
        assert_int_equal(worker->x.n_claimed, 1);
        assert_string_equal(worker->x.claimed[0].job.id, jobs[i].turn);
        job = worker->x.claimed[0];
    }
}

static void a_limit_is_shared_by_name_between_functions_and_queues(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    const struct bq_limit api = {.name = "api", .max_running = 1};
    const struct bq_limit_rule rules[] = {{"f", api, no_limit}, {"g", api, no_limit}};
    struct worker *worker = limited_worker("q", rules, 2);
    struct worker *other = limited_worker("other", rules, 2);
    struct bq_job job = a_job("in the other queue");

    assert_true(put_f(client, "f1", NULL));
    job.function = "g";
    job.queue = "other";
    assert_true(put_job(client, job));
    expect_claims(worker, 5, 1);
    struct bq_claimed running = worker->x.claimed[0];
    running.job.id = "f1";
    expect_claims(other, 5, 0);
    assert_int_equal(held_in(client, "other"), 1);
    assert_int_equal(held_in(client, "q"), 0);
    (void)other->broker->ops->woken(other->broker);
    assert_true(settle(worker, completed(&running)));
    wait_readable(other->broker->ops->fd(other->broker));
    expect_claims(other, 5, 1);
}

static void held_jobs_of_a_paused_queue_do_not_hold_up_another(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    const struct bq_limit_rule rule = {"f", {.name = "api", .max_running = 1}, no_limit};
    struct worker *worker = limited_worker("q", &rule, 1);
    struct worker *other = limited_worker("other", &rule, 1);
    struct bq_job job = a_job("in the other queue");

    put_many(client, "f", 2, NULL);
    job.function = "f";
    job.queue = "other";
    assert_true(put_job(client, job));
    struct bq_claimed running = claim_one(worker);
    expect_claims(worker, 5, 0);
    expect_claims(other, 5, 0);
    assert_int_equal(client->ops->pause(client, "q", true, TIMEOUT_MS, NULL), BARQ_OK);
    assert_true(settle(worker, completed(&running)));
    expect_claims(worker, 5, 0);
    assert_int_equal(worker->x.next_due_in_ms, -1);
    expect_claims(other, 5, 1);
}

static void the_last_worker_to_join_says_the_limits(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = worker_with((struct bq_limit_rule){"f", one_runs, no_limit});

    put_many(client, "f", 6, NULL);
    expect_claims(worker, 5, 1);
    expect_claims(worker_with((struct bq_limit_rule){"g", one_of_g_runs, no_limit}), 5, 0);
    expect_claims(worker_with((struct bq_limit_rule){"f", two_run, no_limit}), 5, 1);
    assert_int_equal(held_in(client, "q"), 4);
    struct worker *unlimited = worker_with((struct bq_limit_rule){"f", no_limit, no_limit});
    expect_claims(unlimited, 5, 4);
    assert_int_equal(held_in(client, "q"), 0);
}

/* No settings say that, but those of two workers may, while one takes the other's place. */
static void of_two_words_about_one_limit_the_last_counts(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    const struct bq_limit_rule less[] = {{"f", two_run, no_limit}, {"h", one_runs, no_limit}};
    const struct bq_limit_rule more[] = {{"f", one_runs, no_limit}, {"h", two_run, no_limit}};

    put_many(client, "f", 6, NULL);
    expect_claims(limited_worker("q", less, 2), 5, 1);
    expect_claims(limited_worker("q", more, 2), 5, 1);
    assert_int_equal(held_in(client, "q"), 4);
}

static void a_function_that_leaves_a_shared_limit_is_held_by_it_no_more(void **state)
{
    (void)state;
    enum { BACKLOG = 500 };
    struct bq_broker *client = open_handle();
    const struct bq_limit_rule shared[] = {{"f", one_runs, no_limit}, {"h", one_runs, no_limit}};
    const struct bq_limit_rule parted[] = {{"f", one_runs, no_limit}, {"h", no_limit, no_limit}};
    struct worker *worker = limited_worker("q", shared, 2);
    int claims = 0;

    put_many(client, "f", BACKLOG, NULL);
    struct bq_job job = a_job("h");
    job.function = "h";
    assert_true(put_job(client, job));
    expect_claims(worker, 5, 1);
    assert_int_equal(held_in(client, "q"), BACKLOG);
    struct worker *other = limited_worker("q", parted, 2);
    do {
        (void)claim(other, 5);
        assert_true(other->x.n_claimed > 0 || other->x.next_due_in_ms == 0);
        assert_true(++claims < 10);
    } while (other->x.n_claimed == 0);
    assert_int_equal(other->x.n_claimed, 1);
    assert_string_equal(other->x.claimed[0].job.id, "h");
    expect_claims(other, 5, 0);
    assert_int_equal(other->x.next_due_in_ms, -1);
}

static void a_thousand_keys_are_served_in_fair_order(void **state)
{
    (void)state;
    enum { KEYS = 1000, EACH = 2, JOBS = KEYS * EACH };
    struct bq_broker *client = open_handle();
    struct worker *worker = worker_with((struct bq_limit_rule){"f", no_limit, one_runs});
    static struct bq_enqueue jobs[JOBS];
    static char ids[JOBS][24];
    static char keys[KEYS][16];
    static struct bq_settle settles[100];
    size_t n_settles = 0;
    int done = 0;

    for (int i = 0; i < JOBS; i++) {
        (void)snprintf(keys[i / EACH], sizeof(keys[0]), "key %d", i / EACH);
        (void)snprintf(ids[i], sizeof(ids[0]), "%d", i);
        jobs[i].job = a_job(ids[i]);
        jobs[i].job.function = "f";
        jobs[i].job.key = keys[i / EACH];
    }
    assert_int_equal(client->ops->enqueue(client, jobs, JOBS, TIMEOUT_MS, NULL), BARQ_OK);
    for (int rounds = 0; done < JOBS; rounds++) {
        assert_true(rounds < 100);
        exchange(worker, (struct bq_exchange){.settles = settles,
                                              .n_settles = n_settles,
                                              .claim_max = 100,
                                              .claim_lost_max = 100,
                                              .claim_free_max = 100});
        bool seen[KEYS] = {false};
        n_settles = worker->x.n_claimed;
        for (size_t i = 0; i < n_settles; i++) {
            int job = 0;
            assert_int_equal(sscanf(worker->x.claimed[i].job.id, "%d", &job), 1);
            assert_false(seen[job / EACH]);
            seen[job / EACH] = true;
            settles[i] = completed(&worker->x.claimed[i]);
            settles[i].id = ids[job];
            /* The second of a key comes soon after its first, not behind all the others. */
            assert_true(job < done + 4 * 100 + 1);
        }
        done += (int)n_settles;
    }
    assert_int_equal(held_in(client, "q"), 0);
}

static void a_backlog_of_one_key_does_not_hold_up_the_others(void **state)
{
    (void)state;
    enum { BACKLOG = 2500 };
    struct bq_broker *client = open_handle();
    struct worker *worker = worker_with((struct bq_limit_rule){"f", no_limit, one_runs});
    static struct bq_enqueue jobs[BACKLOG];
    static char ids[BACKLOG][24];
    int claims = 0;

    for (int i = 0; i < BACKLOG; i++) {
        (void)snprintf(ids[i], sizeof(ids[0]), "big %d", i);
        jobs[i].job = a_job(ids[i]);
        jobs[i].job.function = "f";
        jobs[i].job.key = "big";
    }
    assert_int_equal(client->ops->enqueue(client, jobs, BACKLOG, TIMEOUT_MS, NULL), BARQ_OK);
    assert_true(put_f(client, "small", "small"));
    struct bq_claimed big = claim_one(worker);
    assert_string_equal(big.job.id, "big 0");
    do {
        (void)claim(worker, 5);
        assert_true(++claims < 10);
        assert_true(worker->x.n_claimed > 0 || worker->x.next_due_in_ms == 0);
    } while (worker->x.n_claimed == 0);
    assert_string_equal(worker->x.claimed[0].job.id, "small");

    assert_true(put_f(client, "small 2", "small 2"));
    expect_claims(worker, 5, 1);
    assert_string_equal(worker->x.claimed[0].job.id, "small 2");
    settle_and_claim(worker, completed(&big), 5);
    assert_int_equal(worker->x.n_claimed, 1);
    assert_string_equal(worker->x.claimed[0].job.id, "big 1");
}

static void a_lost_or_lonely_job_counts_like_any_other(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = worker_with((struct bq_limit_rule){"f", one_runs, no_limit});

    put_many(client, "f", 2, NULL);
    struct bq_claimed job = claim_one(worker);
    struct bq_settle crashed = retried(&job, 0);
    crashed.alone = true;
    expect_claims(worker, 5, 0);
    settle_and_claim(worker, crashed, 5);
    assert_int_equal(worker->x.n_claimed, 1);
    assert_string_equal(worker->x.claimed[0].job.id, "f1");
    assert_true(worker->x.claimed[0].alone);
    expect_claims(worker, 5, 0);
    assert_int_equal(held_in(client, "q"), 1);
}

static bool is_claimed(const struct worker *worker, const char *id)
{
    for (size_t i = 0; i < worker->x.n_claimed; i++) {
        if (strcmp(worker->x.claimed[i].job.id, id) == 0) {
            return true;
        }
    }
    return false;
}

static void a_backlog_held_by_a_shared_limit_does_not_hold_up_other_keys(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = worker_with((struct bq_limit_rule){"f", two_run, one_runs});
    struct bq_settle settles[2];
    bool seen = false;

    assert_true(put_f(client, "c", "c"));
    assert_true(put_f(client, "d", "d"));
    const struct bq_claimed *both = claim(worker, 5);
    assert_int_equal(worker->x.n_claimed, 2);
    settles[0] = completed(&both[0]);
    settles[1] = completed(&both[1]);
    put_many(client, "big", 300, "big");
    assert_true(put_f(client, "small", "small"));
    expect_claims(worker, 5, 0);

    exchange(worker, (struct bq_exchange){.settles = settles,
                                          .n_settles = 2,
                                          .claim_max = 5,
                                          .claim_lost_max = 5,
                                          .claim_free_max = 5});
    for (int claims = 0; claims < 10 && !seen; claims++) {
        seen = is_claimed(worker, "small");
        if (!seen) {
            assert_true(worker->x.n_claimed > 0 || worker->x.next_due_in_ms == 0);
            (void)claim(worker, 5);
        }
    }
    assert_true(seen);
    expect_claims(worker, 5, 0);
    assert_int_equal(held_in(client, "q"), 299);
}

static void what_has_expired_uses_up_no_start(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = worker_with((struct bq_limit_rule){"f", two_start, no_limit});
    char id[32];

    for (int i = 0; i < 4; i++) {
        (void)snprintf(id, sizeof(id), "old %d", i);
        struct bq_job job = a_job(id);
        job.function = "f";
        job.expires_at_ms = now_ms() - 1;
        assert_true(put_job(client, job));
    }
    put_many(client, "new", 3, NULL);
    expect_claims(worker, 10, 6);
    assert_false(is_claimed(worker, "new3"));
    /* It was started in time: it runs. */
    for (size_t i = 0; i < worker->x.n_claimed; i++) {
        struct bq_claimed job = worker->x.claimed[i];
        if (strcmp(job.job.id, "old 0") == 0) {
            settle_and_claim(worker, retried(&job, 0), 10);
            break;
        }
    }
    assert_int_equal(worker->x.n_claimed, 0);
    assert_int_equal(held_in(client, "q"), 2);
}

static void starts_in_the_far_future_were_made_by_a_wrong_clock(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = worker_with((struct bq_limit_rule){"f", two_start, no_limit});
    struct bq_job job = a_job("f3");

    put_many(client, "f", 2, NULL);
    expect_claims(worker, 5, 2);
    job.function = "f";
    job.due_at_ms -= INT64_C(120) * MINUTE_MS;
    assert_true(put_job(client, job));
    expect_claims(worker, 5, 0);
    pass_time(-INT64_C(60) * MINUTE_MS);
    expect_claims(worker, 5, 1);
    assert_true(is_claimed(worker, "f3"));
}

struct test_list limit_tests(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(no_more_run_than_the_limit_says),
        TEST(a_limited_job_comes_with_its_bytes_if_they_are_not_too_many),
        TEST(every_end_of_a_running_job_makes_room),
        TEST(a_limit_holds_across_workers),
        TEST(a_lost_worker_frees_what_it_ran),
        TEST(each_key_has_its_own_limit),
        TEST(both_limits_of_a_function_hold),
        TEST(no_more_start_within_the_window_than_the_limit_says),
        TEST(a_start_that_was_none_is_given_back),
        TEST(a_job_whose_start_is_counted_waits_for_a_free_thread),
        TEST(what_is_only_to_be_ended_needs_no_room),
        TEST(held_jobs_come_back_in_their_turn),
        TEST(a_limit_is_shared_by_name_between_functions_and_queues),
        TEST(held_jobs_of_a_paused_queue_do_not_hold_up_another),
        TEST(the_last_worker_to_join_says_the_limits),
        TEST(of_two_words_about_one_limit_the_last_counts),
        TEST(a_function_that_leaves_a_shared_limit_is_held_by_it_no_more),
        TEST(a_thousand_keys_are_served_in_fair_order),
        TEST(a_backlog_of_one_key_does_not_hold_up_the_others),
        TEST(a_lost_or_lonely_job_counts_like_any_other),
        TEST(a_backlog_held_by_a_shared_limit_does_not_hold_up_other_keys),
        TEST(what_has_expired_uses_up_no_start),
        TEST(starts_in_the_far_future_were_made_by_a_wrong_clock),
    };

    return (struct test_list){tests, sizeof(tests) / sizeof(tests[0])};
}
