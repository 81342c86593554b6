/*
 * test_testing.c - <barq/testing.h>, as a user's test would use it: nothing
 * but the public headers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <barq/client.h>
#include <barq/testing.h>

/* -- a user's module -- */

static enum barq_status write_note(struct barq_context *ctx, const char *text,
                                   struct barq_error *err)
{
    struct barq_session *session;
    enum barq_status status = barq_session_write(ctx, &session, err);

    return status == BARQ_OK
               ? barq_exec(session, "INSERT INTO notes VALUES (?1, ?2)",
                           BARQ_PARAMS(barq_sql_text(barq_job_id(ctx)), barq_sql_text(text)), err)
               : status;
}

static char started[] = "started";

static enum barq_status make_tables(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;
    enum barq_status status = barq_session_write(ctx, &session, err);

    barq_set_state(ctx, started);
    return status == BARQ_OK ? barq_exec_script(session,
                                                "CREATE TABLE IF NOT EXISTS notes (job TEXT,"
                                                " text TEXT)",
                                                err)
                             : status;
}

static enum barq_status greet(struct barq_context *ctx, struct barq_error *err)
{
    const char *name = barq_arg_string(ctx, 0, "name", NULL);

    if (!name) {
        return barq_fail(ctx, err, "whom?");
    }
    barq_return(ctx, barq_string(barq_arena_of(ctx), name));
    return write_note(ctx, barq_state(ctx), err);
}

static enum barq_status flaky(struct barq_context *ctx, struct barq_error *err)
{
    enum barq_status status = write_note(ctx, "flaky", err);

    if (status == BARQ_OK && barq_job_try(ctx) < 3) {
        return barq_retry(ctx, err, 5000, "not yet");
    }
    return status;
}

static enum barq_status spread(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;
    struct barq_value *args = barq_tuple(barq_arena_of(ctx));
    struct barq_enqueue_options later = {.defer_ms = 60000, .priority = 2, .key = "k"};

    barq_add(args, barq_string(barq_arena_of(ctx), "child"));
    enum barq_status status = barq_session_write(ctx, &session, err);
    if (status == BARQ_OK) {
        status = barq_session_enqueue(session, "greet", args, NULL, NULL, NULL, err);
    }
    if (status == BARQ_OK) {
        status = barq_session_enqueue(session, "flaky", NULL, NULL, &later, NULL, err);
    }
    if (status == BARQ_OK && barq_arg_int(ctx, 0, NULL, 0) > 0) {
        return barq_fail(ctx, err, "no children, then");
    }
    return status;
}

static enum barq_status talk(struct barq_context *ctx, struct barq_error *err)
{
    (void)err;
    for (int i = 0; i < 3; i++) {
        barq_progress(ctx, i, 3, "talks");
        barq_log(ctx, BARQ_LOG_ERROR, "said %d times", i);
    }
    return BARQ_OK;
}

static enum barq_status never_end(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;
    enum barq_status status = barq_session_write(ctx, &session, err);

    return status == BARQ_OK
               ? barq_session_enqueue(session, "never_end", NULL, NULL, NULL, NULL, err)
               : status;
}

static enum barq_status note_failure(struct barq_context *ctx, struct barq_error *err)
{
    return write_note(ctx, barq_job_error(ctx), err);
}

static enum barq_status note_after(struct barq_context *ctx, struct barq_error *err)
{
    return write_note(ctx, "after", err);
}

static enum barq_status fail_to_start(struct barq_context *ctx, struct barq_error *err)
{
    (void)ctx;
    return barq_error_set(err, BARQ_ERR_JOB, "there is no moon");
}

static const struct barq_function functions[] = {
    {.name = "greet", .run = greet},         {.name = "flaky", .run = flaky},
    {.name = "spread", .run = spread},       {.name = "talk", .run = talk},
    {.name = "never_end", .run = never_end}, {.name = NULL},
};

static struct barq_settings settings;

/* -- the tests -- */

static struct barq_test *test;
static struct barq_test_outcome outcome;
static struct barq_error err;

static void check(enum barq_status status)
{
    if (status != BARQ_OK) {
        fail_msg("%s: %s", barq_status_name(status), err.text);
    }
}

static int set_up(void **state)
{
    (void)state;
    settings =
        (struct barq_settings){.abi = BARQ_ABI, .functions = functions, .on_startup = make_tables};
    return barq_test_open(&settings, NULL, &test, &err) == BARQ_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    barq_test_close(test);
    return 0;
}

static int64_t number_of(const char *sql)
{
    struct barq_session *session = barq_test_session(test);
    struct barq_rows *rows;
    bool more;

    check(barq_session_begin(session, false, &err));
    check(barq_query(session, sql, BARQ_NO_PARAMS, &rows, &err));
    check(barq_rows_next(rows, &more, &err));
    assert_true(more);
    int64_t number = barq_column_int(rows, 0);
    barq_rows_close(rows);
    barq_session_rollback(session);
    return number;
}

static void a_function_is_run_inline_and_its_result_given(void **state)
{
    (void)state;
    check(barq_test_run(test, "greet", barq_test_json(test, "[\"you\"]"), NULL, &outcome, &err));
    assert_int_equal(outcome.kind, BARQ_TEST_COMPLETE);
    assert_string_equal(barq_as_string(outcome.result, ""), "you");
    assert_string_equal(outcome.error, "");
    assert_int_equal(number_of("SELECT count(*) FROM notes WHERE text = 'started'"), 1);
    assert_int_equal(number_of("SELECT count(*) FROM barq_receipts"), 1);

    check(barq_test_run(test, "greet", NULL, barq_test_json(test, "{\"name\": \"me\"}"), &outcome,
                        &err));
    assert_string_equal(barq_as_string(outcome.result, ""), "me");
}

static void a_failure_is_an_outcome_and_runs_its_hook(void **state)
{
    (void)state;
    settings.on_job_failure = note_failure;
    check(barq_test_run(test, "greet", NULL, NULL, &outcome, &err));
    assert_int_equal(outcome.kind, BARQ_TEST_FAILED);
    assert_string_equal(outcome.error, "whom?");
    assert_null(outcome.result);
    assert_int_equal(number_of("SELECT count(*) FROM notes WHERE text = 'whom?'"), 1);
    check(barq_test_run(test, "gone", NULL, NULL, &outcome, &err));
    assert_string_equal(outcome.error, "function 'gone' not found");
}

static void a_retry_leaves_nothing_and_says_when(void **state)
{
    (void)state;
    struct barq_test_run_options third = {.id = "mine", .job_try = 3};
    struct barq_test_run_options last = {.job_try = 5};

    check(barq_test_run(test, "flaky", NULL, NULL, &outcome, &err));
    assert_int_equal(outcome.kind, BARQ_TEST_RETRY);
    assert_string_equal(outcome.error, "not yet");
    assert_int_equal(outcome.defer_ms, 5000);
    assert_int_equal(number_of("SELECT count(*) FROM notes"), 0);

    check(barq_test_run_with(test, "flaky", NULL, NULL, &third, &outcome, &err));
    assert_int_equal(outcome.kind, BARQ_TEST_COMPLETE);
    assert_string_equal(outcome.id, "mine");
    settings.max_tries = 2;
    check(barq_test_run_with(test, "flaky", NULL, NULL, &last, &outcome, &err));
    assert_int_equal(outcome.kind, BARQ_TEST_FAILED);
}

static void what_a_job_enqueues_waits_and_can_be_looked_at(void **state)
{
    (void)state;
    const struct barq_job_info *jobs;
    size_t count;

    check(barq_test_run(test, "spread", NULL, NULL, &outcome, &err));
    assert_int_equal(barq_test_count(test, NULL), 2);
    assert_int_equal(barq_test_count(test, "greet"), 1);
    assert_int_equal(barq_test_count(test, "spread"), 0);
    check(barq_test_enqueued(test, NULL, &jobs, &count, &err));
    assert_int_equal(count, 2);
    assert_string_equal(jobs[0].function, "greet");
    assert_string_equal(barq_as_string(barq_at(jobs[0].args, 0), ""), "child");
    assert_string_equal(jobs[1].function, "flaky");
    assert_int_equal(jobs[1].due_at_ms - jobs[1].enqueued_at_ms, 60000);
    assert_int_equal(jobs[1].priority, 2);
    assert_string_equal(jobs[1].key, "k");
}

static void what_a_job_logs_goes_to_stderr(void **state)
{
    (void)state;
    char text[4096] = "";
    int kept = dup(STDERR_FILENO);
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    check(barq_test_run(test, "talk", NULL, NULL, &outcome, &err));
    assert_int_equal(dup2(kept, STDERR_FILENO), STDERR_FILENO);
    assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
    close(ends[0]);
    close(ends[1]);
    close(kept);
    assert_int_equal(outcome.kind, BARQ_TEST_COMPLETE);
    assert_non_null(strstr(text, "error said 0 times"));
    assert_non_null(strstr(text, "error said 2 times"));
}

static void a_job_that_fails_enqueues_nothing(void **state)
{
    (void)state;
    check(barq_test_run(test, "spread", barq_test_json(test, "[1]"), NULL, &outcome, &err));
    assert_int_equal(outcome.kind, BARQ_TEST_FAILED);
    assert_int_equal(barq_test_count(test, NULL), 0);
}

static void what_is_due_is_run_and_what_that_enqueues(void **state)
{
    (void)state;
    struct barq_test_drained drained;

    check(barq_enqueue(barq_test_client(test), "spread", NULL, NULL, NULL, NULL, &err));
    check(barq_test_drain(test, &drained, &err));
    assert_int_equal(drained.complete, 2);
    assert_int_equal(drained.retried, 0);
    assert_int_equal(barq_test_count(test, NULL), 1);

    /* The deferred one fails twice: each time it waits for 5 s. */
    barq_test_advance(test, 60000);
    check(barq_test_drain(test, &drained, &err));
    assert_int_equal(drained.complete, 0);
    assert_int_equal(drained.retried, 1);
    assert_string_equal(drained.error, "not yet");
    check(barq_test_drain_all(test, &drained, &err));
    assert_int_equal(drained.complete, 1);
    assert_int_equal(drained.retried, 1);
    assert_int_equal(barq_test_count(test, NULL), 0);
    assert_int_equal(number_of("SELECT count(*) FROM notes"), 2);
}

static void a_job_waits_for_those_that_it_is_after(void **state)
{
    (void)state;
    struct barq_enqueue_options first = {.id = "first", .defer_ms = 1000};
    struct barq_enqueue_options last = {barq_after("first"), .id = "last"};
    struct barq_test_drained drained;

    check(barq_enqueue(barq_test_client(test), "greet", barq_test_json(test, "[\"x\"]"), NULL,
                       &first, NULL, &err));
    check(barq_enqueue(barq_test_client(test), "greet", barq_test_json(test, "[\"y\"]"), NULL,
                       &last, NULL, &err));
    check(barq_test_drain(test, &drained, &err));
    assert_int_equal(drained.complete, 0);
    assert_int_equal(barq_test_count(test, NULL), 2);
    check(barq_test_drain_all(test, &drained, &err));
    assert_int_equal(drained.complete, 2);
}

static void a_job_whose_predecessor_has_failed_fails_too(void **state)
{
    (void)state;
    struct barq_enqueue_options first = {.id = "first"};
    struct barq_enqueue_options last = {barq_after("first"), .id = "last"};
    struct barq_test_drained drained;

    check(barq_enqueue(barq_test_client(test), "greet", NULL, NULL, &first, NULL, &err));
    check(barq_enqueue(barq_test_client(test), "flaky", NULL, NULL, &last, NULL, &err));
    check(barq_test_drain_all(test, &drained, &err));
    assert_int_equal(drained.failed, 2);
    assert_int_equal(number_of("SELECT count(*) FROM notes"), 0);
}

static void a_result_is_there_for_whoever_asks_the_queue(void **state)
{
    (void)state;
    struct barq_enqueue_options options = {.id = "a"};
    const struct barq_value *result;

    check(barq_enqueue(barq_test_client(test), "greet", barq_test_json(test, "[\"x\"]"), NULL,
                       &options, NULL, &err));
    check(barq_test_drain(test, NULL, &err));
    check(barq_result(barq_test_client(test), "a", 0, barq_test_arena(test), &result, &err));
    assert_string_equal(barq_as_string(result, ""), "x");
}

static void what_the_application_enqueues_in_its_transaction_is_there(void **state)
{
    (void)state;
    struct barq_session *session = barq_test_session(test);

    check(barq_session_begin(session, true, &err));
    check(barq_session_enqueue(session, "greet", barq_test_json(test, "[\"x\"]"), NULL, NULL, NULL,
                               &err));
    check(barq_session_commit(session, &err));
    check(barq_session_begin(session, true, &err));
    check(barq_session_enqueue(session, "greet", NULL, NULL, NULL, NULL, &err));
    barq_session_rollback(session);
    assert_int_equal(barq_test_count(test, "greet"), 1);

    struct barq_test_drained drained;
    check(barq_test_drain(test, &drained, &err));
    assert_int_equal(drained.complete, 1);
}

static void after_job_end_comes_when_the_queue_has_the_outcome(void **state)
{
    (void)state;
    settings.after_job_end = note_after;
    check(barq_enqueue(barq_test_client(test), "greet", barq_test_json(test, "[\"x\"]"), NULL, NULL,
                       NULL, &err));
    check(barq_test_drain(test, NULL, &err));
    check(barq_test_run(test, "flaky", NULL, NULL, &outcome, &err));
    assert_int_equal(number_of("SELECT count(*) FROM notes WHERE text = 'after'"), 2);
}

static void a_chain_without_an_end_is_noticed(void **state)
{
    (void)state;
    struct barq_test_options options = {.drain_max = 20};
    struct barq_test_drained drained;

    barq_test_close(test);
    check(barq_test_open(&settings, &options, &test, &err));
    check(barq_enqueue(barq_test_client(test), "never_end", NULL, NULL, NULL, NULL, &err));
    assert_int_equal(barq_test_drain(test, &drained, &err), BARQ_ERR_LIMIT);
    assert_int_equal(drained.complete, 20);
}

static void jobs_of_other_queues_are_seen_but_left(void **state)
{
    (void)state;
    struct barq_enqueue_options elsewhere = {.queue = "slow"};
    struct barq_test_drained drained;

    check(barq_enqueue(barq_test_client(test), "greet", NULL, NULL, &elsewhere, NULL, &err));
    check(barq_test_drain_all(test, &drained, &err));
    assert_int_equal(drained.failed + drained.complete, 0);
    assert_int_equal(barq_test_count(test, "greet"), 1);
}

static void all_queues_of_the_settings_are_drained(void **state)
{
    (void)state;
    static const struct barq_worker_queue queues[] = {
        {.name = "fast", .weight = 3}, {.name = "slow"}, {.name = NULL}};
    struct barq_enqueue_options fast = {.queue = "fast"};
    struct barq_enqueue_options slow = {.queue = "slow"};
    struct barq_test_drained drained;

    barq_test_close(test);
    settings.queues = queues;
    check(barq_test_open(&settings, NULL, &test, &err));
    check(barq_enqueue(barq_test_client(test), "greet", NULL, NULL, &slow, NULL, &err));
    check(barq_enqueue(barq_test_client(test), "greet", NULL, NULL, &fast, NULL, &err));
    check(barq_test_drain(test, &drained, &err));
    assert_int_equal(drained.failed, 2);
}

static void settings_that_no_worker_would_take_are_refused(void **state)
{
    (void)state;
    struct barq_test *none = NULL;

    settings.on_startup = fail_to_start;
    assert_int_equal(barq_test_open(&settings, NULL, &none, &err), BARQ_ERR_JOB);
    assert_string_equal(err.text, "there is no moon");
    settings.max_jobs = -1;
    assert_int_equal(barq_test_open(&settings, NULL, &none, &err), BARQ_ERR_ARG);
    assert_null(none);
    barq_test_close(NULL);
}

static void a_database_may_be_given_and_stays(void **state)
{
    (void)state;
    struct barq_test_options same = {.database_url = barq_test_database_url(test)};
    struct barq_test *other;

    check(barq_test_open(&settings, &same, &other, &err));
    check(barq_test_run(other, "greet", barq_test_json(other, "[\"x\"]"), NULL, &outcome, &err));
    barq_test_close(other);
    assert_int_equal(number_of("SELECT count(*) FROM notes"), 1);
}

static void nothing_is_left_behind(void **state)
{
    (void)state;
    const char *url = barq_test_database_url(test);
    char path[256];

    assert_memory_equal(url, "sqlite://", 9);
    (void)snprintf(path, sizeof(path), "%s", url + 9);
    assert_int_equal(access(path, F_OK), 0);
    barq_test_close(test);
    assert_int_equal(access(path, F_OK), -1);
    *strrchr(path, '/') = '\0';
    assert_int_equal(access(path, F_OK), -1);
    check(barq_test_open(&settings, NULL, &test, &err));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_function_is_run_inline_and_its_result_given),
        TEST(a_failure_is_an_outcome_and_runs_its_hook),
        TEST(a_retry_leaves_nothing_and_says_when),
        TEST(what_a_job_enqueues_waits_and_can_be_looked_at),
        TEST(what_a_job_logs_goes_to_stderr),
        TEST(a_job_that_fails_enqueues_nothing),
        TEST(what_is_due_is_run_and_what_that_enqueues),
        TEST(a_job_waits_for_those_that_it_is_after),
        TEST(a_job_whose_predecessor_has_failed_fails_too),
        TEST(a_result_is_there_for_whoever_asks_the_queue),
        TEST(what_the_application_enqueues_in_its_transaction_is_there),
        TEST(after_job_end_comes_when_the_queue_has_the_outcome),
        TEST(a_chain_without_an_end_is_noticed),
        TEST(jobs_of_other_queues_are_seen_but_left),
        TEST(all_queues_of_the_settings_are_drained),
        TEST(settings_that_no_worker_would_take_are_refused),
        TEST(a_database_may_be_given_and_stays),
        TEST(nothing_is_left_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
