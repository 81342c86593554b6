#include <stdio.h>
#include <string.h>

#include "broker/contract.h"
#include "job/message.h"

static void jobs_are_claimed_oldest_due_first(void **state)
{
    (void)state;
    static const struct {
        const char *id;
        int64_t ago_ms;
    } jobs[] = {{"b", 200}, {"d", 0}, {"a", 300}, {"c", 100}};
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    int64_t begun_ms = now_ms();

    for (size_t i = 0; i < 4; i++) {
        struct bq_job job = a_job(jobs[i].id);
        job.due_at_ms = begun_ms - jobs[i].ago_ms;
        assert_true(put_job(client, job));
    }
    for (int i = 0; i < 4; i++) {
        char expected[] = {(char)('a' + i), '\0'};
        assert_string_equal(claim_one(worker).job.id, expected);
    }
}

static void no_more_jobs_are_claimed_than_are_asked_for(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "1") && put(client, "2") && put(client, "3"));

    (void)claim(worker, 0);
    assert_int_equal(worker->x.n_claimed, 0);
    assert_int_equal(worker->x.next_due_in_ms, 0);
    (void)claim(worker, 2);
    assert_int_equal(worker->x.n_claimed, 2);
    (void)claim(worker, 2);
    assert_int_equal(worker->x.n_claimed, 1);
    (void)claim(worker, 2);
    assert_int_equal(worker->x.n_claimed, 0);
    assert_int_equal(worker->x.next_due_in_ms, -1);
}

static void a_worker_claims_from_its_own_queue_only(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker_of("q");
    struct worker *other = new_worker_of("other");
    struct bq_job job = a_job("for the other");
    job.queue = "other";
    assert_true(put(client, "mine"));
    assert_true(put_job(client, job));

    assert_string_equal(claim_one(worker).job.id, "mine");
    (void)claim(worker, 10);
    assert_int_equal(worker->x.n_claimed, 0);
    struct bq_claimed theirs = claim_one(other);
    assert_string_equal(theirs.job.id, "for the other");
    assert_string_equal(theirs.job.queue, "other");
}

static void two_workers_never_get_the_same_job(void **state)
{
    (void)state;
    enum { JOBS = 100 };
    static char ids[JOBS][16];
    bool taken[JOBS] = {false};
    struct bq_broker *client = open_handle();
    struct worker *workers[] = {new_worker(), new_worker()};
    size_t count = 0;

    for (int i = 0; i < JOBS; i++) {
        (void)snprintf(ids[i], sizeof(ids[i]), "%d", i);
        assert_true(put(client, ids[i]));
    }
    for (int turn = 0; count < JOBS; turn++) {
        struct worker *worker = workers[turn % 2];
        const struct bq_claimed *claimed = claim(worker, 7);

        assert_true(worker->x.n_claimed > 0);
        for (size_t i = 0; i < worker->x.n_claimed; i++) {
            int job = 0;
            assert_int_equal(sscanf(claimed[i].job.id, "%d", &job), 1);
            assert_false(taken[job]);
            taken[job] = true;
            count++;
        }
    }
}

/* A worker that claims all there is and leaves. */
static void lose_everything(void)
{
    struct worker *loser = new_worker();

    (void)claim(loser, 10);
    assert_true(loser->x.n_claimed > 0);
    exchange(loser, (struct bq_exchange){.leave = true});
}

static void lost_jobs_come_first_and_only_as_many_as_there_are_free_threads(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    assert_true(put(client, "lost 1") && put(client, "lost 2"));
    lose_everything();
    assert_true(put(client, "new 1") && put(client, "new 2"));
    struct worker *worker = new_worker();

    const struct bq_claimed *claimed =
        exchange(worker, (struct bq_exchange){.claim_max = 3, .claim_lost_max = 1})->claimed;
    assert_int_equal(worker->x.n_claimed, 3);
    assert_string_equal(claimed[0].job.id, "lost 1");
    assert_true(claimed[0].alone);
    assert_string_equal(claimed[1].job.id, "new 1");
    assert_string_equal(claimed[2].job.id, "new 2");

    exchange(worker, (struct bq_exchange){.claim_max = 5});
    assert_int_equal(worker->x.n_claimed, 0);
    assert_int_equal(worker->x.next_due_in_ms, 0);
    assert_string_equal(claim_one(worker).job.id, "lost 2");
}

static void a_job_that_must_run_alone_counts_as_lost(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    assert_true(put(open_handle(), "crasher"));
    struct bq_claimed job = claim_one(worker);
    struct bq_settle crashed = retried(&job, 0);
    crashed.crashes_used = 1;
    crashed.alone = true;
    assert_true(settle(worker, crashed));

    exchange(worker, (struct bq_exchange){.claim_max = 5});
    assert_int_equal(worker->x.n_claimed, 0);
    struct bq_claimed again = claim_one(worker);
    assert_true(again.alone && again.claimed_before);
    assert_int_equal(again.crashes, 1);
    assert_int_equal(again.tries, 1);
}

static void what_does_not_fit_into_the_arena_stays_waiting(void **state)
{
    (void)state;
    static char payload[10000];
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    bq_auto(arena) struct barq_arena small;

    bq_arena_init(&small, 25000);
    for (int i = 0; i < 5; i++) {
        char id[] = {(char)('a' + i), '\0'};
        struct bq_job job = a_job(id);
        job.payload = payload;
        job.payload_bytes = sizeof(payload);
        assert_true(put_job(client, job));
    }
    exchange(worker, (struct bq_exchange){.claim_max = 5, .arena = &small});
    assert_int_equal(worker->x.n_claimed, 2);
    assert_true(small.used_bytes <= 25000);
    assert_int_equal(status_of(client, "c"), BARQ_JOB_QUEUED);

    (void)claim(worker, 5);
    assert_int_equal(worker->x.n_claimed, 3);
}

static void a_job_larger_than_the_arena_is_claimed_by_itself(void **state)
{
    (void)state;
    static char payload[100000];
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    bq_auto(arena) struct barq_arena small;
    struct bq_job job = a_job("huge");

    bq_arena_init(&small, 1000);
    job.payload = payload;
    job.payload_bytes = sizeof(payload);
    assert_true(put_job(client, job));
    assert_true(put(client, "next"));

    exchange(worker, (struct bq_exchange){.claim_max = 5, .arena = &small});
    assert_int_equal(worker->x.n_claimed, 1);
    assert_string_equal(worker->x.claimed[0].job.id, "huge");
    assert_int_equal(worker->x.claimed[0].job.payload_bytes, sizeof(payload));
    assert_string_equal(claim_one(worker).job.id, "next");
}

static void a_job_that_is_too_large_for_a_worker_leaves_its_bytes_behind(void **state)
{
    (void)state;
    static char payload[BQ_JOB_MAX_BYTES + 1];
    struct worker *worker = new_worker();
    struct bq_job job = a_job("whale");
    job.payload = payload;
    job.payload_bytes = sizeof(payload);
    assert_true(put_job(open_handle(), job));

    struct bq_found seen = found(worker->broker, "whale");
    assert_null(seen.job.payload);
    assert_int_equal(seen.job.payload_bytes, 0);

    const struct bq_claimed *claimed = claim(worker, 1);
    assert_int_equal(worker->x.n_claimed, 1);
    assert_int_equal(claimed->job.payload_bytes, sizeof(payload));
    assert_null(claimed->job.payload);
}

static void unfinished_counts_what_waits_and_runs_in_the_queue(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_job later = a_job("later");
    struct bq_job other = a_job("other");
    later.due_at_ms += MINUTE_MS;
    other.queue = "other";
    assert_true(put(client, "1") && put(client, "2") && put_job(client, later));
    assert_true(put_job(client, other));

    struct bq_claimed job = claim_one(worker);
    assert_int_equal(exchange(worker, (struct bq_exchange){.count = true})->unfinished, 3);
    struct bq_settle done = completed(&job);
    exchange(worker,
             (struct bq_exchange){.count = true, .settles = &done, .n_settles = 1, .claim_max = 1});
    assert_int_equal(worker->x.unfinished, 2);
}

static bool is_held(struct worker *worker, struct bq_identity identity)
{
    struct bq_probe probe = {.identity = identity};

    exchange(worker, (struct bq_exchange){.probes = &probe, .n_probes = 1});
    return probe.held;
}

static void a_probe_tells_whether_a_job_is_still_unfinished(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    struct bq_job job = a_job("one");
    struct bq_identity identity = {
        .queue = "q", .id = "one", .enqueued_at_ms = job.enqueued_at_ms, .nonce = ""};

    assert_false(is_held(worker, identity));
    assert_true(put_job(open_handle(), job));
    assert_true(is_held(worker, identity));
    struct bq_claimed claimed = claim_one(worker);
    assert_true(is_held(worker, identity));

    struct bq_identity earlier = identity;
    earlier.enqueued_at_ms--;
    assert_false(is_held(worker, earlier));
    struct bq_identity elsewhere_queued = identity;
    elsewhere_queued.queue = "other";
    assert_false(is_held(worker, elsewhere_queued));

    assert_true(settle(worker, completed(&claimed)));
    assert_false(is_held(worker, identity));
}

static void next_due_is_that_of_the_earliest_of_the_queue(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_job late = a_job("late");
    struct bq_job soon = a_job("soon");
    struct bq_job other = a_job("other");
    late.due_at_ms += MINUTE_MS + MINUTE_MS / 2;
    soon.due_at_ms += MINUTE_MS;
    other.queue = "other";

    assert_int_equal(exchange(worker, (struct bq_exchange){0})->next_due_in_ms, -1);
    assert_true(put_job(client, late) && put_job(client, soon) && put_job(client, other));
    exchange(worker, (struct bq_exchange){0});
    assert_in_range(worker->x.next_due_in_ms, MINUTE_MS / 2, MINUTE_MS);
}

struct test_list claim_tests(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(jobs_are_claimed_oldest_due_first),
        TEST(no_more_jobs_are_claimed_than_are_asked_for),
        TEST(a_worker_claims_from_its_own_queue_only),
        TEST(two_workers_never_get_the_same_job),
        TEST(lost_jobs_come_first_and_only_as_many_as_there_are_free_threads),
        TEST(a_job_that_must_run_alone_counts_as_lost),
        TEST(what_does_not_fit_into_the_arena_stays_waiting),
        TEST(a_job_larger_than_the_arena_is_claimed_by_itself),
        TEST(a_job_that_is_too_large_for_a_worker_leaves_its_bytes_behind),
        TEST(unfinished_counts_what_waits_and_runs_in_the_queue),
        TEST(a_probe_tells_whether_a_job_is_still_unfinished),
        TEST(next_due_is_that_of_the_earliest_of_the_queue),
    };

    return (struct test_list){tests, sizeof(tests) / sizeof(tests[0])};
}
