/*
 * test_cron.c - which ticks a worker asks for, by a clock and a broker that
 * are made up here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "dispatcher/cron.h"

enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS };

static struct bq_crons crons;
static struct bq_exchange x;

static int64_t at(const char *text)
{
    int64_t ms = 0;

    assert_true(bq_time_parse(text, &ms));
    return ms;
}

static int begin(void **state)
{
    (void)state;
    bq_crons_init(&crons);
    return 0;
}

static int end(void **state)
{
    (void)state;
    bq_crons_clear(&crons);
    return 0;
}

static const struct bq_cron_job every_hour = {.name = "n",
                                              .function = "f",
                                              .schedule = "0 * * * *",
                                              .time_zone = "UTC",
                                              .queue = "",
                                              .arguments = ""};

static void learn(const struct bq_cron_job *jobs, size_t count)
{
    struct bq_ready ready = {.cron_jobs = jobs, .n_cron_jobs = count};
    struct barq_error err = {0};

    if (bq_crons_learn(&crons, &ready, "q", &err) != BARQ_OK) {
        fail_msg("%s", err.text);
    }
}

static void learn_hourly(enum barq_missed missed, bool run_at_startup)
{
    struct bq_cron_job job = every_hour;

    job.missed = missed;
    job.run_at_startup = run_at_startup;
    learn(&job, 1);
}

/* What goes into an exchange at that time. */
static size_t tick(int64_t wall_ms)
{
    x = (struct bq_exchange){.n_ticks = 0};
    bq_crons_add(&crons, &x, wall_ms);
    return x.n_ticks;
}

/* The broker has taken it all. */
static void succeed(int64_t since_ms)
{
    for (size_t i = 0; i < x.n_ticks; i++) {
        x.ticks[i].since_ms = since_ms;
        x.ticks[i].taken = x.ticks[i].at_ms != 0;
    }
    bq_crons_done(&crons, &x);
}

/* Asks at `wall`, and is told that there has been none since `since`. */
static void ask(const char *wall, const char *since)
{
    assert_int_equal(tick(at(wall)), crons.count);
    for (size_t i = 0; i < x.n_ticks; i++) {
        assert_int_equal(x.ticks[i].at_ms, 0);
    }
    succeed(at(since));
}

static void it_asks_first_and_then_waits_until_a_run_is_due(void **state)
{
    (void)state;
    learn_hourly(BARQ_MISSED_SKIP, false);
    assert_int_equal(bq_crons_wait_ms(&crons, at("2026-11-23T12:10:00Z")), 0);
    assert_false(bq_crons_started(&crons));
    ask("2026-11-23T12:10:00Z", "2026-11-23T12:10:00Z");

    assert_true(bq_crons_started(&crons));
    assert_int_equal(bq_crons_wait_ms(&crons, at("2026-11-23T12:10:00Z")), 50 * MINUTE_MS);
    assert_int_equal(tick(at("2026-11-23T12:59:59.999Z")), 0);
    assert_int_equal(bq_crons_wait_ms(&crons, at("2026-11-23T13:00:00Z")), 0);
    assert_int_equal(tick(at("2026-11-23T13:00:00.004Z")), 1);
    assert_string_equal(x.ticks[0].queue, "q");
    assert_string_equal(x.ticks[0].name, "n");
    assert_string_equal(x.ticks[0].function, "f");
    assert_string_equal(x.ticks[0].schedule, "0 * * * *");
    assert_string_equal(x.ticks[0].time_zone, "UTC");
    assert_int_equal(x.ticks[0].at_ms, at("2026-11-23T13:00:00Z"));
    assert_int_equal(x.ticks[0].next_at_ms, at("2026-11-23T14:00:00Z"));
    assert_int_equal(x.ticks[0].apart_ms, 0);
    assert_int_equal(x.ticks[0].job.due_at_ms, at("2026-11-23T13:00:00Z"));
    succeed(0);
    assert_int_equal(tick(at("2026-11-23T13:00:00.005Z")), 0);
    assert_int_equal(bq_crons_wait_ms(&crons, at("2026-11-23T13:30:00Z")), 30 * MINUTE_MS);
}

static void an_exchange_that_fails_is_as_if_it_had_not_been(void **state)
{
    (void)state;
    learn_hourly(BARQ_MISSED_ALL, true);
    assert_int_equal(tick(at("2026-11-23T12:10:00Z")), 1);
    assert_int_equal(tick(at("2026-11-23T12:10:01Z")), 1);
    assert_int_equal(x.ticks[0].at_ms, 0);
    succeed(at("2026-11-23T10:30:00Z"));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(tick(at("2026-11-23T12:10:02Z") + i), 3);
        assert_int_equal(x.ticks[0].at_ms, at("2026-11-23T11:00:00Z"));
        assert_int_equal(x.ticks[1].at_ms, at("2026-11-23T12:00:00Z"));
        assert_int_equal(x.ticks[2].at_ms, at("2026-11-23T12:10:02Z") + i);
        assert_false(bq_crons_started(&crons));
    }
    succeed(0);
    assert_true(bq_crons_started(&crons));
    assert_int_equal(tick(at("2026-11-23T12:10:04Z")), 0);
}

static void missed_runs_are_skipped_but_not_those_that_are_only_late(void **state)
{
    (void)state;
    learn_hourly(BARQ_MISSED_SKIP, false);
    ask("2026-11-23T12:00:40Z", "2026-11-22T10:30:00Z");
    assert_int_equal(tick(at("2026-11-23T12:00:41Z")), 1);
    assert_int_equal(x.ticks[0].at_ms, at("2026-11-23T12:00:00Z"));
    succeed(0);

    /* The machine slept; there is nothing to tell the broker. */
    assert_int_equal(tick(at("2026-11-23T17:10:00Z")), 0);
    assert_int_equal(bq_crons_wait_ms(&crons, at("2026-11-23T17:10:00Z")), 50 * MINUTE_MS);
}

static void of_missed_runs_the_last_one_is_made_up_for_when_asked(void **state)
{
    (void)state;
    learn_hourly(BARQ_MISSED_ONCE, false);
    ask("2026-11-23T12:10:00Z", "2026-11-22T10:30:00Z");
    assert_int_equal(tick(at("2026-11-23T12:10:00Z")), 1);
    assert_int_equal(x.ticks[0].at_ms, at("2026-11-23T12:00:00Z"));
    succeed(0);
    assert_int_equal(tick(at("2026-11-23T12:10:01Z")), 0);
}

static void all_missed_runs_are_made_up_for_a_hundred_at_a_time_and_a_thousand_at_most(void **state)
{
    (void)state;
    int64_t wall_ms = at("2026-11-23T12:10:00Z");
    int64_t expected_ms = wall_ms - INT64_C(10) * MINUTE_MS - 1998 * (int64_t)HOUR_MS;
    int made_up = 0;
    learn_hourly(BARQ_MISSED_ALL, false);
    (void)tick(wall_ms);
    succeed(expected_ms - 1);

    while (tick(wall_ms) > 0) {
        assert_true(x.n_ticks <= BQ_CRON_TICKS_MAX);
        for (size_t i = 0; i < x.n_ticks; i++, made_up++) {
            assert_int_equal(x.ticks[i].at_ms, expected_ms);
            expected_ms += HOUR_MS;
        }
        succeed(0);
    }
    assert_int_equal(made_up, BQ_CRON_CATCH_UP_MAX);
    succeed(0);
    assert_int_equal(bq_crons_wait_ms(&crons, wall_ms), 50 * MINUTE_MS);

    /* The next time it has its thousand again, once a run was in time. */
    assert_int_equal(tick(at("2026-11-23T13:00:00Z")), 1);
    succeed(0);
    assert_int_equal(tick(at("2026-11-23T15:10:00Z")), 2);
}

static void a_run_at_startup_comes_after_what_was_missed_and_once(void **state)
{
    (void)state;
    learn_hourly(BARQ_MISSED_ONCE, true);
    ask("2026-11-23T12:10:00.123Z", "2026-11-22T10:30:00Z");
    assert_int_equal(bq_crons_wait_ms(&crons, at("2026-11-23T12:10:00.124Z")), 0);
    assert_int_equal(tick(at("2026-11-23T12:10:00.125Z")), 2);
    assert_int_equal(x.ticks[0].at_ms, at("2026-11-23T12:00:00Z"));
    assert_int_equal(x.ticks[0].apart_ms, 0);
    assert_int_equal(x.ticks[1].at_ms, at("2026-11-23T12:10:00.125Z"));
    assert_int_equal(x.ticks[1].apart_ms, MINUTE_MS);
    assert_int_equal(x.ticks[1].next_at_ms, at("2026-11-23T13:00:00Z"));
    succeed(0);
    assert_int_equal(tick(at("2026-11-23T12:10:01Z")), 0);
}

static void a_clock_that_is_put_back_runs_nothing_twice(void **state)
{
    (void)state;
    learn_hourly(BARQ_MISSED_ALL, false);
    ask("2026-11-23T12:59:00Z", "2026-11-23T12:59:00Z");
    assert_int_equal(tick(at("2026-11-23T13:00:00Z")), 1);
    succeed(0);
    assert_int_equal(tick(at("2026-11-23T12:59:59Z")), 0);
    assert_int_equal(tick(at("2026-11-23T13:00:00Z")), 0);
    assert_int_equal(tick(at("2026-11-23T11:00:00Z")), 0);
    assert_int_equal(tick(at("2026-11-23T14:00:00Z")), 1);
}

static void a_clock_that_was_wrong_by_hours_is_asked_about_anew(void **state)
{
    (void)state;
    learn_hourly(BARQ_MISSED_ALL, false);
    ask("2030-01-01T12:59:00Z", "2030-01-01T12:59:00Z");
    ask("2026-11-23T12:59:00Z", "2026-11-23T12:59:00Z");
    assert_int_equal(tick(at("2026-11-23T13:00:00Z")), 1);
}

static void many_at_once_all_have_their_turn(void **state)
{
    (void)state;
    static struct bq_cron_job jobs[BQ_CRON_JOBS_MAX];
    char names[BQ_CRON_JOBS_MAX][16];
    int asked = 0;
    int ticked = 0;

    for (int i = 0; i < BQ_CRON_JOBS_MAX; i++) {
        jobs[i] = every_hour;
        snprintf(names[i], sizeof(names[i]), "job %d", i);
        jobs[i].name = names[i];
    }
    learn(jobs, BQ_CRON_JOBS_MAX);
    while (tick(at("2026-11-23T12:59:00Z")) > 0) {
        asked += (int)x.n_ticks;
        succeed(at("2026-11-23T12:59:00Z"));
    }
    assert_int_equal(asked, BQ_CRON_JOBS_MAX);
    while (tick(at("2026-11-23T13:00:01Z")) > 0) {
        ticked += (int)x.n_ticks;
        succeed(0);
    }
    assert_int_equal(ticked, BQ_CRON_JOBS_MAX);
}

static void others_may_be_learned_while_an_exchange_is_under_way(void **state)
{
    (void)state;
    struct bq_cron_job other = every_hour;
    other.name = "other";
    learn_hourly(BARQ_MISSED_SKIP, false);
    ask("2026-11-23T12:59:00Z", "2026-11-23T12:59:00Z");
    assert_int_equal(tick(at("2026-11-23T13:00:00Z")), 1);

    learn(&other, 1);
    assert_string_equal(x.ticks[0].name, "n"); /* the broker may look at it still */
    assert_string_equal(x.ticks[0].queue, "q");
    assert_string_equal(x.ticks[0].job.id, "cron:q:n:1795438800000");
    succeed(0);
    assert_false(bq_crons_started(&crons));
    assert_int_equal(tick(at("2026-11-23T13:00:01Z")), 1);
    assert_string_equal(x.ticks[0].name, "other");
    assert_int_equal(x.ticks[0].at_ms, 0);
}

static void what_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    struct bq_cron_job job = every_hour;
    struct bq_ready ready = {.cron_jobs = &job, .n_cron_jobs = 1};
    struct barq_error err;

    job.schedule = "sometimes";
    assert_int_equal(bq_crons_learn(&crons, &ready, "q", &err), BARQ_ERR_FORMAT);
    assert_int_equal(crons.count, 0);
}

#define CRON_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CRON_TEST(it_asks_first_and_then_waits_until_a_run_is_due),
        CRON_TEST(an_exchange_that_fails_is_as_if_it_had_not_been),
        CRON_TEST(missed_runs_are_skipped_but_not_those_that_are_only_late),
        CRON_TEST(of_missed_runs_the_last_one_is_made_up_for_when_asked),
        CRON_TEST(all_missed_runs_are_made_up_for_a_hundred_at_a_time_and_a_thousand_at_most),
        CRON_TEST(a_run_at_startup_comes_after_what_was_missed_and_once),
        CRON_TEST(a_clock_that_is_put_back_runs_nothing_twice),
        CRON_TEST(a_clock_that_was_wrong_by_hours_is_asked_about_anew),
        CRON_TEST(many_at_once_all_have_their_turn),
        CRON_TEST(others_may_be_learned_while_an_exchange_is_under_way),
        CRON_TEST(what_cannot_be_read_is_an_error),
    };

    return cmocka_run_group_tests_name("cron", tests, NULL, NULL);
}
