/*
 * test_message.c - what dispatcher and executors say to each other: as it was
 * written; and nothing that is cut, or has something left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "job/message.h"

enum { LIMIT_BYTES = 64 * 1024 };

static struct barq_arena arena;
static struct bq_buf bytes;

static int set_up(void **state)
{
    (void)state;
    bq_arena_init(&arena, LIMIT_BYTES);
    bq_buf_init(&bytes, LIMIT_BYTES);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    bq_buf_clear(&bytes);
    return 0;
}

static const struct bq_run a_run = {
    .attempt = INT64_C(1) << 40,
    .claimed = {.job = {.id = "id \xc3\xa9",
                        .queue = "queue",
                        .payload = "a\0b",
                        .payload_bytes = 3,
                        .enqueued_at_ms = 1,
                        .due_at_ms = -2,
                        .expires_at_ms = INT64_MAX,
                        .uncertain = true},
                .claim = 99,
                .claimed_before = true,
                .aborted = true,
                .tries = 3,
                .losses = 4,
                .crashes = 5},
    .verdict = "poison",
    .without_hook = true,
    .commit_until_ms = 6,
};

static const struct bq_cron_job two_crons[] = {
    {.name = "n",
     .function = "a",
     .schedule = "30 4 * * *",
     .time_zone = "UTC",
     .queue = "p",
     .arguments = "[1]",
     .run_at_startup = true,
     .missed = BARQ_MISSED_ALL},
    {.name = "b",
     .function = "b",
     .schedule = "* * * * *",
     .time_zone = "",
     .queue = "",
     .arguments = ""},
};

static const struct bq_ready a_ready = {
    .queues = (const struct barq_worker_queue[]){{"fast", 3}, {"slow", 1}},
    .n_queues = 2,
    .limits =
        (const struct bq_limit_rule[]){
            {"f", {"api", 1, 2, 3}, {"", 0, 0, 0}},
            {"g", {"", 0, 0, 0}, {"customer", 4, 5, 60000}},
        },
    .n_limits = 2,
    .max_jobs = 1,
    .threads = 7,
    .max_tries = 2,
    .job_timeout_ms = -1,
    .keep_result_ms = 4,
    .retry_min_ms = 5,
    .retry_max_ms = 6,
    .job_completion_wait_ms = 7,
    .health_check_interval_ms = 8,
    .recycle_after = 9,
    .shared_timeout_ms = 10,
    .functions = "a, b",
    .wake_path = "/x-wake",
    .pool_size = 11,
    .max_overflow = 6,
    .cron_jobs = two_crons,
    .n_cron_jobs = 2,
};

static const struct bq_refused a_refused = {.database_away = true, .why = "no moon"};

static const struct bq_started a_started = {
    .attempt = 1,
    .job_try = 12,
    .function = "f",
    .job_timeout_ms = 2,
    .max_tries = 3,
    .retry_min_ms = 4,
    .retry_max_ms = 5,
    .retry_on_timeout = true,
    .memory_max_bytes = 6,
    .cpu_max_ms = 7,
    .output_max_bytes = 8,
    .recycle_after = 9,
};

static const struct bq_outcome an_outcome = {
    .attempt = 7,
    .job_try = 13,
    .kind = BQ_OUTCOME_FAILED,
    .function = "f",
    .error = "why",
    .result = "{}",
    .result_bytes = 2,
    .keep_result_ms = -1,
    .defer_ms = 8,
    .database_away = true,
    .from_receipt = true,
};

static const struct bq_progress a_progress = {
    .attempt = 1, .done = -2, .total = INT64_MAX, .note = "caf\xc3\xa9"};

static const struct bq_said a_line = {
    .attempt = 1, .level = BARQ_LOG_WARN, .dropped = 2, .line = "low on moons"};

static struct bq_reader reader(void)
{
    return bq_reader_of(bytes.data, bytes.len);
}

static void a_run_is_read_as_it_was_written(void **state)
{
    (void)state;
    struct bq_run run;

    bq_run_put(&bytes, &a_run);
    struct bq_reader in = reader();
    assert_true(bq_run_get(&in, &arena, &run));
    assert_int_equal(run.attempt, a_run.attempt);
    assert_string_equal(run.claimed.job.id, a_run.claimed.job.id);
    assert_string_equal(run.claimed.job.queue, "queue");
    assert_int_equal(run.claimed.job.payload_bytes, 3);
    assert_memory_equal(run.claimed.job.payload, "a\0b", 3);
    assert_int_equal(run.claimed.job.enqueued_at_ms, 1);
    assert_int_equal(run.claimed.job.due_at_ms, -2);
    assert_int_equal(run.claimed.job.expires_at_ms, INT64_MAX);
    assert_true(run.claimed.job.uncertain);
    assert_true(run.claimed.claimed_before);
    assert_true(run.claimed.aborted);
    assert_int_equal(run.claimed.tries, 3);
    assert_int_equal(run.claimed.losses, 4);
    assert_int_equal(run.claimed.crashes, 5);
    assert_string_equal(run.verdict, "poison");
    assert_true(run.without_hook);
    assert_int_equal(run.commit_until_ms, 6);
    /* The token is nobody's business but the dispatcher's. */
    assert_int_equal(run.claimed.claim, 0);
}

static void a_ready_is_read_as_it_was_written(void **state)
{
    (void)state;
    struct bq_ready ready;

    bq_ready_put(&bytes, &a_ready);
    struct bq_reader in = reader();
    assert_true(bq_ready_get(&in, &arena, &ready));
    assert_int_equal(ready.n_queues, 2);
    assert_string_equal(ready.queues[0].name, "fast");
    assert_int_equal(ready.queues[0].weight, 3);
    assert_string_equal(ready.queues[1].name, "slow");
    assert_int_equal(ready.n_limits, 2);
    assert_string_equal(ready.limits[0].function, "f");
    assert_string_equal(ready.limits[0].all.name, "api");
    assert_int_equal(ready.limits[0].all.max_running, 1);
    assert_int_equal(ready.limits[0].all.max_starts, 2);
    assert_int_equal(ready.limits[0].all.per_ms, 3);
    assert_string_equal(ready.limits[0].each_key.name, "");
    assert_string_equal(ready.limits[1].each_key.name, "customer");
    assert_int_equal(ready.limits[1].each_key.per_ms, 60000);
    assert_int_equal(ready.max_jobs, 1);
    assert_int_equal(ready.threads, 7);
    assert_int_equal(ready.max_tries, 2);
    assert_int_equal(ready.job_timeout_ms, -1);
    assert_int_equal(ready.keep_result_ms, 4);
    assert_int_equal(ready.retry_min_ms, 5);
    assert_int_equal(ready.retry_max_ms, 6);
    assert_int_equal(ready.job_completion_wait_ms, 7);
    assert_int_equal(ready.health_check_interval_ms, 8);
    assert_int_equal(ready.recycle_after, 9);
    assert_int_equal(ready.shared_timeout_ms, 10);
    assert_string_equal(ready.functions, "a, b");
    assert_string_equal(ready.wake_path, "/x-wake");
    assert_int_equal(ready.pool_size, 11);
    assert_int_equal(ready.max_overflow, 6);
    assert_int_equal(ready.n_cron_jobs, 2);
    assert_string_equal(ready.cron_jobs[0].name, "n");
    assert_string_equal(ready.cron_jobs[0].function, "a");
    assert_string_equal(ready.cron_jobs[0].schedule, "30 4 * * *");
    assert_string_equal(ready.cron_jobs[0].time_zone, "UTC");
    assert_string_equal(ready.cron_jobs[0].queue, "p");
    assert_string_equal(ready.cron_jobs[0].arguments, "[1]");
    assert_true(ready.cron_jobs[0].run_at_startup);
    assert_int_equal(ready.cron_jobs[0].missed, BARQ_MISSED_ALL);
    assert_string_equal(ready.cron_jobs[1].name, "b");
    assert_false(ready.cron_jobs[1].run_at_startup);
    assert_int_equal(ready.cron_jobs[1].missed, BARQ_MISSED_SKIP);
}

/* Any program may be an executor: a slot's name has a newline of its own, and a window is added to the time. */
static void a_limit_that_no_settings_can_say_is_refused(void **state)
{
    (void)state;
    static const struct bq_limit_rule bad[] = {
        {"f", {"a\nb", 1, 0, 0}, {"", 0, 0, 0}},
        {"f", {"", 0, 0, 0}, {"a\nb", 1, 0, 0}},
        {"f\n", {"a", 1, 0, 0}, {"", 0, 0, 0}},
        {"f", {"a", 0, 1, INT64_MAX}, {"", 0, 0, 0}},
        {"f", {"a", 0, BARQ_LIMIT_MAX_STARTS + 1, 1000}, {"", 0, 0, 0}},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct bq_ready ready = a_ready;
        struct bq_ready out;

        ready.limits = &bad[i];
        ready.n_limits = 1;
        bq_buf_reset(&bytes);
        bq_ready_put(&bytes, &ready);
        struct bq_reader in = reader();
        assert_false(bq_ready_get(&in, &arena, &out));
    }
}

static void a_refusal_is_read_as_it_was_written(void **state)
{
    (void)state;
    struct bq_refused refused;

    bq_refused_put(&bytes, &a_refused);
    struct bq_reader in = reader();
    assert_true(bq_refused_get(&in, &arena, &refused));
    assert_true(refused.database_away);
    assert_string_equal(refused.why, "no moon");
}

static void a_start_is_read_as_it_was_written(void **state)
{
    (void)state;
    struct bq_started started;

    bq_started_put(&bytes, &a_started);
    struct bq_reader in = reader();
    assert_true(bq_started_get(&in, &arena, &started));
    assert_int_equal(started.attempt, 1);
    assert_int_equal(started.job_try, 12);
    assert_string_equal(started.function, "f");
    assert_int_equal(started.job_timeout_ms, 2);
    assert_int_equal(started.max_tries, 3);
    assert_int_equal(started.retry_min_ms, 4);
    assert_int_equal(started.retry_max_ms, 5);
    assert_true(started.retry_on_timeout);
    assert_int_equal(started.memory_max_bytes, 6);
    assert_int_equal(started.cpu_max_ms, 7);
    assert_int_equal(started.output_max_bytes, 8);
    assert_int_equal(started.recycle_after, 9);
}

static void an_outcome_is_read_as_it_was_written(void **state)
{
    (void)state;
    struct bq_outcome outcome;

    bq_outcome_put(&bytes, &an_outcome);
    struct bq_reader in = reader();
    assert_true(bq_outcome_get(&in, &arena, &outcome));
    assert_int_equal(outcome.attempt, 7);
    assert_int_equal(outcome.job_try, 13);
    assert_int_equal(outcome.kind, BQ_OUTCOME_FAILED);
    assert_string_equal(outcome.function, "f");
    assert_string_equal(outcome.error, "why");
    assert_int_equal(outcome.result_bytes, 2);
    assert_memory_equal(outcome.result, "{}", 2);
    assert_int_equal(outcome.keep_result_ms, -1);
    assert_int_equal(outcome.defer_ms, 8);
    assert_true(outcome.database_away);
    assert_true(outcome.from_receipt);
}

static void a_try_that_can_be_none_is_refused(void **state)
{
    (void)state;
    static const int tries[] = {-1, BARQ_JOB_TRY_MAX + 1};

    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        struct bq_outcome outcome = an_outcome;
        struct bq_started started = a_started;

        outcome.job_try = tries[i];
        started.job_try = tries[i];
        bq_buf_reset(&bytes);
        bq_outcome_put(&bytes, &outcome);
        struct bq_reader in = reader();
        assert_false(bq_outcome_get(&in, &arena, &outcome));
        bq_buf_reset(&bytes);
        bq_started_put(&bytes, &started);
        in = reader();
        assert_false(bq_started_get(&in, &arena, &started));
    }
}

static void outcomes_of_no_known_kind_are_refused(void **state)
{
    (void)state;
    static const uint8_t kinds[] = {0, BQ_OUTCOME_GIVE_BACK + 1, 255};

    for (size_t i = 0; i < sizeof(kinds); i++) {
        struct bq_outcome outcome = an_outcome;
        outcome.kind = (enum bq_outcome_kind)kinds[i];
        bq_buf_reset(&bytes);
        bq_outcome_put(&bytes, &outcome);
        struct bq_reader in = reader();
        assert_false(bq_outcome_get(&in, &arena, &outcome));
    }
}

static void a_progress_is_read_as_it_was_written(void **state)
{
    (void)state;
    struct bq_progress progress;

    bq_progress_put(&bytes, &a_progress);
    struct bq_reader in = reader();
    assert_true(bq_progress_get(&in, &arena, &progress));
    assert_int_equal(progress.attempt, 1);
    assert_int_equal(progress.done, -2);
    assert_int_equal(progress.total, INT64_MAX);
    assert_string_equal(progress.note, "caf\xc3\xa9");
}

static const struct bq_span a_span = {
    .attempt = 7,
    .started_at_us = 1700000000000001,
    .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    .parent = "00f067aa0ba902b8",
    .tracestate = "congo=t61rcWkgMzE",
};

static void a_span_is_read_as_it_was_written(void **state)
{
    (void)state;
    struct bq_span span;

    bq_span_put(&bytes, &a_span);
    struct bq_reader in = reader();
    assert_true(bq_span_get(&in, &arena, &span));
    assert_int_equal(span.attempt, 7);
    assert_int_equal(span.started_at_us, a_span.started_at_us);
    assert_string_equal(span.traceparent, a_span.traceparent);
    assert_string_equal(span.parent, a_span.parent);
    assert_string_equal(span.tracestate, a_span.tracestate);
}

static void a_span_that_is_none_is_refused(void **state)
{
    (void)state;
    struct bq_span bad[] = {a_span, a_span, a_span, a_span, a_span};

    bad[0].traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01";
    bad[1].parent = "0000000000000000";
    bad[2].tracestate = "what is this?";
    bad[3].started_at_us = -1;
    bad[4].started_at_us = INT64_MAX;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct bq_span span;
        bq_buf_reset(&bytes);
        bq_span_put(&bytes, &bad[i]);
        struct bq_reader in = reader();
        assert_false(bq_span_get(&in, &arena, &span));
    }
}

static void a_line_is_read_as_it_was_written(void **state)
{
    (void)state;
    struct bq_said said;

    bq_said_put(&bytes, &a_line);
    struct bq_reader in = reader();
    assert_true(bq_said_get(&in, &arena, &said));
    assert_int_equal(said.attempt, 1);
    assert_int_equal(said.level, BARQ_LOG_WARN);
    assert_int_equal(said.dropped, 2);
    assert_string_equal(said.line, "low on moons");
}

static void what_is_longer_than_a_handler_can_say_is_refused(void **state)
{
    (void)state;
    static char text[BARQ_LOG_LINE_MAX_BYTES + 2];
    struct bq_progress progress = a_progress;
    struct bq_said said = a_line;

    for (size_t more = 0; more < 2; more++) {
        memset(text, 'a', sizeof(text) - 1);
        text[BARQ_NOTE_MAX_BYTES + more] = '\0';
        progress.note = text;
        bq_buf_reset(&bytes);
        bq_progress_put(&bytes, &progress);
        struct bq_reader in = reader();
        assert_int_equal(bq_progress_get(&in, &arena, &progress), more == 0);

        memset(text, 'a', sizeof(text) - 1);
        text[BARQ_LOG_LINE_MAX_BYTES + more] = '\0';
        said.line = text;
        bq_buf_reset(&bytes);
        bq_said_put(&bytes, &said);
        in = reader();
        assert_int_equal(bq_said_get(&in, &arena, &said), more == 0);
    }
}

static void a_mark_in_the_output_names_its_attempt(void **state)
{
    (void)state;
    static const char *const others[] = {"",
                                         "e7",
                                         "\x1e",
                                         "\x1e"
                                         "e",
                                         "\x1e"
                                         "e7 ",
                                         "\x1e"
                                         "e7",
                                         "\x1e"
                                         "e7 6",
                                         "\x1e"
                                         "e7 -55",
                                         "\x1e"
                                         "e07 -5",
                                         "\x1e"
                                         "e99999999999999999999 -5",
                                         "\x1e"
                                         "1\t7"};
    char mark[BQ_OUTPUT_MARK_BYTES];
    int64_t attempt = 0;

    bq_output_mark(mark, INT64_MAX, -5);
    assert_int_equal(mark[strlen(mark) - 1], '\n');
    mark[strlen(mark) - 1] = '\0';
    assert_false(bq_output_mark_read(mark, 0, &attempt));
    assert_true(bq_output_mark_read(mark, -5, &attempt));
    assert_int_equal(attempt, INT64_MAX);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_false(bq_output_mark_read(others[i], -5, &attempt));
    }
}

static void jobs_and_identities_follow_each_other(void **state)
{
    (void)state;
    struct bq_identity identity = {
        .queue = "q", .id = "i", .enqueued_at_ms = -5, .nonce = "0123456789abcdef"};
    struct bq_identity read;
    struct bq_job job;

    bq_job_put(&bytes, &a_run.claimed.job);
    bq_identity_put(&bytes, &identity);
    bq_job_put(&bytes, &a_run.claimed.job);
    struct bq_reader in = reader();
    assert_true(bq_job_get(&in, &arena, &job));
    assert_true(bq_identity_get(&in, &arena, &read));
    assert_string_equal(read.queue, "q");
    assert_string_equal(read.id, "i");
    assert_int_equal(read.enqueued_at_ms, -5);
    assert_string_equal(read.nonce, "0123456789abcdef");
    assert_true(bq_job_get(&in, &arena, &job));
    assert_string_equal(job.id, a_run.claimed.job.id);
    assert_ptr_equal(in.at, in.end);
    assert_false(bq_job_get(&in, &arena, &job));
    assert_false(bq_identity_get(&in, &arena, &read));
}

/* -- each kind of message, written and read in the same way -- */

static void put_run(void)
{
    bq_run_put(&bytes, &a_run);
}

static bool get_run(struct bq_reader *in, struct barq_arena *from)
{
    struct bq_run run;

    return bq_run_get(in, from, &run);
}

static void put_ready(void)
{
    bq_ready_put(&bytes, &a_ready);
}

static bool get_ready(struct bq_reader *in, struct barq_arena *from)
{
    struct bq_ready ready;

    return bq_ready_get(in, from, &ready);
}

static void put_refused(void)
{
    bq_refused_put(&bytes, &a_refused);
}

static bool get_refused(struct bq_reader *in, struct barq_arena *from)
{
    struct bq_refused refused;

    return bq_refused_get(in, from, &refused);
}

static void put_started(void)
{
    bq_started_put(&bytes, &a_started);
}

static bool get_started(struct bq_reader *in, struct barq_arena *from)
{
    struct bq_started started;

    return bq_started_get(in, from, &started);
}

static void put_outcome(void)
{
    bq_outcome_put(&bytes, &an_outcome);
}

static bool get_outcome(struct bq_reader *in, struct barq_arena *from)
{
    struct bq_outcome outcome;

    return bq_outcome_get(in, from, &outcome);
}

static void put_progress(void)
{
    bq_progress_put(&bytes, &a_progress);
}

static bool get_progress(struct bq_reader *in, struct barq_arena *from)
{
    struct bq_progress progress;

    return bq_progress_get(in, from, &progress);
}

static void put_said(void)
{
    bq_said_put(&bytes, &a_line);
}

static void put_span(void)
{
    bq_span_put(&bytes, &a_span);
}

static bool get_span(struct bq_reader *in, struct barq_arena *from)
{
    struct bq_span span;

    return bq_span_get(in, from, &span);
}

static bool get_said(struct bq_reader *in, struct barq_arena *from)
{
    struct bq_said said;

    return bq_said_get(in, from, &said);
}

static const struct {
    void (*put)(void);
    bool (*get)(struct bq_reader *in, struct barq_arena *from);
} messages[] = {
    {put_run, get_run},         {put_ready, get_ready},     {put_refused, get_refused},
    {put_started, get_started}, {put_outcome, get_outcome}, {put_progress, get_progress},
    {put_said, get_said},       {put_span, get_span},
};

enum { MESSAGES = sizeof(messages) / sizeof(messages[0]) };

static void every_prefix_of_a_message_is_refused(void **state)
{
    (void)state;

    for (size_t i = 0; i < MESSAGES; i++) {
        bq_buf_reset(&bytes);
        messages[i].put();
        for (size_t len = 0; len < bytes.len; len++) {
            struct bq_reader in = bq_reader_of(bytes.data, len);
            bq_arena_reset(&arena);
            assert_false(messages[i].get(&in, &arena));
        }
    }
}

static void one_byte_more_is_refused(void **state)
{
    (void)state;

    for (size_t i = 0; i < MESSAGES; i++) {
        bq_buf_reset(&bytes);
        messages[i].put();
        bq_buf_put_u8(&bytes, 0);
        struct bq_reader in = reader();
        assert_false(messages[i].get(&in, &arena));
    }
}

static void a_full_arena_is_a_broken_message(void **state)
{
    (void)state;

    for (size_t i = 0; i < MESSAGES; i++) {
        bq_auto(arena) struct barq_arena tiny;
        bq_arena_init(&tiny, 1);
        bq_buf_reset(&bytes);
        messages[i].put();
        struct bq_reader in = reader();
        assert_false(messages[i].get(&in, &tiny));
    }
}

static void lengths_that_lie_are_refused(void **state)
{
    (void)state;

    for (size_t i = 0; i < MESSAGES; i++) {
        bq_buf_reset(&bytes);
        messages[i].put();
        /* Wherever a length may be: the largest there is. */
        for (size_t at = 0; at + 4 <= bytes.len; at++) {
            char kept[4];
            struct bq_reader in = reader();
            memcpy(kept, bytes.data + at, 4);
            memset(bytes.data + at, 0xff, 4);
            bq_arena_reset(&arena);
            (void)messages[i].get(&in, &arena); /* some bytes are no length; none may be believed */
            memcpy(bytes.data + at, kept, 4);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_run_is_read_as_it_was_written),
        TEST(a_ready_is_read_as_it_was_written),
        TEST(a_limit_that_no_settings_can_say_is_refused),
        TEST(a_refusal_is_read_as_it_was_written),
        TEST(a_start_is_read_as_it_was_written),
        TEST(an_outcome_is_read_as_it_was_written),
        TEST(a_try_that_can_be_none_is_refused),
        TEST(outcomes_of_no_known_kind_are_refused),
        TEST(a_progress_is_read_as_it_was_written),
        TEST(a_line_is_read_as_it_was_written),
        TEST(a_span_is_read_as_it_was_written),
        TEST(a_span_that_is_none_is_refused),
        TEST(what_is_longer_than_a_handler_can_say_is_refused),
        TEST(a_mark_in_the_output_names_its_attempt),
        TEST(jobs_and_identities_follow_each_other),
        TEST(every_prefix_of_a_message_is_refused),
        TEST(one_byte_more_is_refused),
        TEST(a_full_arena_is_a_broken_message),
        TEST(lengths_that_lie_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
