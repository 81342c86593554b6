#include <string.h>

#include "broker/contract.h"

/* A run of cron job "report" of queue "q" that is due at `at_ms`; 0: only asks. */
static struct bq_tick a_tick(int64_t at_ms)
{
    struct bq_tick tick = {.queue = "q",
                           .name = "report",
                           .function = "make_report",
                           .schedule = "0 4 * * *",
                           .time_zone = "UTC",
                           .next_at_ms = now_ms() + KEEP_MS,
                           .at_ms = at_ms};
    if (at_ms != 0) {
        tick.job = a_job(bq_arena_format(world_arena(), "cron:q:report:%lld", (long long)at_ms));
        tick.job.enqueued_at_ms = tick.job.due_at_ms = at_ms;
    }
    return tick;
}

/* Does it; the answer. */
static struct bq_tick tell(struct worker *worker, struct bq_tick tick)
{
    exchange(worker, (struct bq_exchange){.ticks = &tick, .n_ticks = 1});
    return tick;
}

static bool run(struct worker *worker, int64_t at_ms)
{
    return tell(worker, a_tick(at_ms)).taken;
}

/* What is told to who asks is an instant from `from_ms` on, and `ago_ms` ago or earlier. */
static void check_since(struct worker *worker, struct bq_tick tick, int64_t from_ms, int64_t ago_ms)
{
    int64_t since_ms = tell(worker, tick).since_ms;

    assert_in_range(since_ms, from_ms, now_ms() - ago_ms);
}

static size_t count_crons(struct bq_broker *client, struct barq_cron_info **out)
{
    size_t count = 0;
    struct barq_error err = {0};

    if (client->ops->crons(client, world_arena(), out, &count, TIMEOUT_MS, &err) != BARQ_OK) {
        fail_msg("%s", err.text);
    }
    return count;
}

static void a_run_is_enqueued_once_however_many_workers_ask(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct worker *other = new_worker();
    int64_t at_ms = now_ms() - 1000;

    assert_true(run(worker, at_ms));
    assert_false(run(other, at_ms));
    assert_false(run(worker, at_ms));
    struct bq_claimed job = claim_one(other);
    assert_int_equal(job.job.enqueued_at_ms, at_ms);
    assert_true(settle(other, completed(&job)));
    assert_false(run(worker, at_ms)); /* its job is finished, or gone: that is not asked */
    assert_int_equal(client->ops->remove(client, job.job.id, TIMEOUT_MS, NULL), BARQ_OK);
    assert_false(run(other, at_ms));
    assert_int_equal(status_of(client, job.job.id), BARQ_JOB_NOT_FOUND);
}

static void an_earlier_run_is_not_taken_after_a_later_one(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    int64_t at_ms = now_ms();

    assert_true(run(worker, at_ms - 1000));
    assert_true(run(worker, at_ms));
    assert_false(run(worker, at_ms - 500));
    assert_false(run(worker, at_ms - 2000));
    assert_true(run(worker, at_ms + 1));
}

static void several_runs_of_one_exchange_are_taken_in_their_order(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    int64_t at_ms = now_ms();
    struct bq_tick ticks[] = {a_tick(0), a_tick(at_ms - 2000), a_tick(at_ms - 1000),
                              a_tick(at_ms - 1000)};

    exchange(worker, (struct bq_exchange){.ticks = ticks, .n_ticks = 4, .claim_max = 10});
    assert_true(!ticks[0].taken && ticks[1].taken && ticks[2].taken && !ticks[3].taken);
    assert_int_equal(worker->x.n_claimed, 2);
    assert_int_equal(worker->x.claimed[0].job.due_at_ms, at_ms - 2000);
}

static void cron_jobs_of_other_names_and_queues_do_not_count(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    int64_t at_ms = now_ms();
    struct bq_tick other_name = a_tick(at_ms);
    struct bq_tick other_queue = a_tick(at_ms);
    other_name.name = "Report";
    other_name.job.id = "other_name";
    other_queue.queue = other_queue.job.queue = "p";
    other_queue.job.id = "other_queue";

    assert_true(run(worker, at_ms));
    assert_true(tell(worker, other_name).taken);
    assert_true(tell(worker, other_queue).taken);

    struct barq_cron_info *crons;
    assert_int_equal(count_crons(client, &crons), 3);
    assert_string_equal(crons[0].queue, "p");
    assert_string_equal(crons[1].name, "Report");
    assert_string_equal(crons[2].name, "report");
}

static void who_asks_is_told_since_when_runs_are_missing(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    int64_t first_ms = now_ms();

    /* Of the first time: it has missed nothing before. */
    check_since(worker, a_tick(0), first_ms, 0);
    pass_time(MINUTE_MS);
    check_since(worker, a_tick(0), first_ms, MINUTE_MS);

    int64_t at_ms = now_ms() - MINUTE_MS / 2;
    struct bq_tick tick = tell(worker, a_tick(at_ms));
    assert_true(tick.taken);
    assert_in_range(tick.since_ms, first_ms, now_ms() - MINUTE_MS);
    pass_time(MINUTE_MS);
    assert_int_equal(tell(worker, a_tick(0)).since_ms, at_ms);
    assert_int_equal(tell(worker, a_tick(at_ms)).since_ms, at_ms);
}

static void another_schedule_or_zone_has_missed_nothing_yet(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    struct bq_tick tick = a_tick(0);
    assert_true(run(worker, now_ms()));
    pass_time(MINUTE_MS);

    tick.schedule = "0 5 * * *";
    int64_t second_ms = now_ms();
    check_since(worker, tick, second_ms, 0);
    pass_time(MINUTE_MS);
    check_since(worker, tick, second_ms, MINUTE_MS);
    tick.time_zone = "Europe/Berlin";
    check_since(worker, tick, second_ms + MINUTE_MS, 0);
}

static void a_run_that_must_be_apart_is_not_taken_before(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    int64_t at_ms = now_ms();
    struct bq_tick apart = a_tick(at_ms);

    apart.apart_ms = MINUTE_MS;
    assert_true(tell(worker, apart).taken);
    apart = a_tick(at_ms + MINUTE_MS);
    apart.apart_ms = MINUTE_MS;
    assert_false(tell(worker, apart).taken);
    apart = a_tick(at_ms + MINUTE_MS + 1);
    apart.apart_ms = MINUTE_MS;
    assert_true(tell(worker, apart).taken);
}

static void a_run_whose_job_id_is_there_is_done_with(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_tick tick = a_tick(now_ms());

    assert_true(put(client, tick.job.id));
    tick = tell(worker, tick);
    assert_false(tick.taken);
    assert_int_equal(client->ops->remove(client, tick.job.id, TIMEOUT_MS, NULL), BARQ_OK);
    assert_false(tell(worker, tick).taken);
    assert_true(tell(worker, a_tick(0)).since_ms >= tick.at_ms);
}

static void a_run_far_in_the_future_was_a_clocks_mistake(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    int64_t at_ms = now_ms();

    assert_true(run(worker, at_ms + BQ_CRON_AHEAD_MS + MINUTE_MS));
    check_since(worker, a_tick(0), at_ms, 0);
    assert_true(run(worker, at_ms + BQ_CRON_AHEAD_MS - MINUTE_MS));
    assert_false(run(worker, at_ms)); /* a clock that was only put back a little */
}

static void what_the_workers_tell_is_shown(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_tick tick = a_tick(0);
    struct barq_cron_info *crons = NULL;
    assert_int_equal(count_crons(client, &crons), 0);

    (void)tell(worker, tick);
    assert_int_equal(count_crons(client, &crons), 1);
    assert_string_equal(crons[0].queue, "q");
    assert_string_equal(crons[0].name, "report");
    assert_string_equal(crons[0].function, "make_report");
    assert_string_equal(crons[0].schedule, "0 4 * * *");
    assert_string_equal(crons[0].time_zone, "UTC");
    assert_int_equal(crons[0].last_at_ms, 0);
    assert_int_equal(crons[0].next_at_ms, tick.next_at_ms);

    tick = a_tick(now_ms());
    tick.next_at_ms++;
    assert_true(tell(worker, tick).taken);
    (void)count_crons(client, &crons);
    assert_int_equal(crons[0].last_at_ms, tick.at_ms);
    assert_int_equal(crons[0].next_at_ms, tick.next_at_ms);
}

static void what_nobody_has_had_for_long_is_forgotten(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_tick other = a_tick(0);
    struct barq_cron_info *crons = NULL;
    other.name = "other";
    (void)tell(worker, a_tick(0));

    pass_time(BQ_CRON_KEEP_MS);
    (void)tell(worker, other);
    assert_int_equal(count_crons(client, &crons), 2);
    pass_time(KEEP_MS + MINUTE_MS);
    other.next_at_ms = now_ms() + KEEP_MS;
    (void)tell(worker, other);
    assert_int_equal(count_crons(client, &crons), 1);
    assert_string_equal(crons[0].name, "other");
}

static void a_queue_that_is_paused_gets_its_runs(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    int64_t at_ms = now_ms();

    assert_int_equal(client->ops->pause(client, "q", true, TIMEOUT_MS, NULL), BARQ_OK);
    assert_true(run(worker, at_ms));
    (void)claim(worker, 1);
    assert_int_equal(worker->x.n_claimed, 0);
    assert_int_equal(client->ops->pause(client, "q", false, TIMEOUT_MS, NULL), BARQ_OK);
    assert_int_equal(claim_one(worker).job.due_at_ms, at_ms);
}

static void a_full_arena_is_an_error_for_who_lists(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct barq_cron_info *crons = NULL;
    struct barq_error err;
    size_t count = 7;
    bq_auto(arena) struct barq_arena small;
    (void)tell(worker, a_tick(0));

    bq_arena_init(&small, 16);
    assert_int_equal(client->ops->crons(client, &small, &crons, &count, TIMEOUT_MS, &err),
                     BARQ_ERR_NOMEM);
    assert_true(!crons && count == 7);
}

struct test_list cron_tests(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_run_is_enqueued_once_however_many_workers_ask),
        TEST(an_earlier_run_is_not_taken_after_a_later_one),
        TEST(several_runs_of_one_exchange_are_taken_in_their_order),
        TEST(cron_jobs_of_other_names_and_queues_do_not_count),
        TEST(who_asks_is_told_since_when_runs_are_missing),
        TEST(another_schedule_or_zone_has_missed_nothing_yet),
        TEST(a_run_that_must_be_apart_is_not_taken_before),
        TEST(a_run_whose_job_id_is_there_is_done_with),
        TEST(a_run_far_in_the_future_was_a_clocks_mistake),
        TEST(what_the_workers_tell_is_shown),
        TEST(what_nobody_has_had_for_long_is_forgotten),
        TEST(a_queue_that_is_paused_gets_its_runs),
        TEST(a_full_arena_is_an_error_for_who_lists),
    };

    return (struct test_list){tests, sizeof(tests) / sizeof(tests[0])};
}
