#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "job/cron.h"
#include "job/record.h"

static struct barq_arena arena;

static int begin(void **state)
{
    (void)state;
    bq_arena_init(&arena, BQ_CRONS_ARENA_BYTES);
    return 0;
}

static int end(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    return 0;
}

static int64_t at(const char *text)
{
    int64_t ms = 0;

    assert_true(bq_time_parse(text, &ms));
    return ms;
}

static struct bq_cron_job job_of(const struct barq_cron *cron)
{
    struct bq_cron_job job;
    struct barq_error err = {0};

    if (bq_cron_job_of(&arena, cron, &job, &err) != BARQ_OK) {
        fail_msg("%s", err.text);
    }
    return job;
}

static struct bq_cron_meaning meaning_of(const struct bq_cron_job *job)
{
    struct bq_cron_meaning meaning;

    assert_int_equal(bq_cron_job_read(&arena, job, &meaning, NULL), BARQ_OK);
    return meaning;
}

static struct bq_job make(const struct barq_cron *cron, int64_t at_ms)
{
    struct bq_cron_job job = job_of(cron);
    struct bq_cron_meaning meaning = meaning_of(&job);
    struct bq_job run;

    assert_int_equal(
        bq_cron_job_make(&arena, &bq_codec_json, &job, &meaning, "q", at_ms, &run, NULL), BARQ_OK);
    return run;
}

static void a_run_is_the_same_job_whoever_makes_it(void **state)
{
    (void)state;
    static const struct barq_cron cron = {
        .function = "f", .expression = "@daily", .time_zone = "UTC"};
    struct bq_job run = make(&cron, 1764000000000);
    struct bq_job again = make(&cron, 1764000000000);

    assert_string_equal(run.id, "cron:q:f:1764000000000");
    assert_string_equal(run.queue, "q");
    assert_string_equal(run.function, "f");
    assert_int_equal(run.enqueued_at_ms, 1764000000000);
    assert_int_equal(run.due_at_ms, 1764000000000);
    assert_int_equal(run.expires_at_ms, 0);
    assert_int_equal(run.payload_bytes, again.payload_bytes);
    assert_memory_equal(run.payload, again.payload, run.payload_bytes);
}

static void check_arguments(const char *arguments, const char *args, const char *kwargs)
{
    struct barq_cron cron = {
        .function = "f", .name = "n", .expression = "@daily", .arguments = arguments};
    struct bq_job run = make(&cron, 17);
    struct bq_job_record record;
    struct barq_error err;
    const char *text;

    assert_int_equal(bq_job_decode(&arena, run.payload, run.payload_bytes, &record, &err),
                     BQ_READ_ALL);
    assert_string_equal(record.function, "f");
    assert_string_equal(record.nonce, "");
    assert_int_equal(record.enqueued_at_ms, 17);
    assert_int_equal(barq_to_json(&arena, record.args, &text, NULL, NULL), BARQ_OK);
    assert_string_equal(text, args);
    assert_int_equal(barq_to_json(&arena, record.kwargs, &text, NULL, NULL), BARQ_OK);
    assert_string_equal(text, kwargs);
}

static void arguments_are_an_array_or_an_object(void **state)
{
    (void)state;
    check_arguments(NULL, "[]", "{}");
    check_arguments("[1,\"two\"]", "[1,\"two\"]", "{}");
    check_arguments("{\"three\": 3}", "[]", "{\"three\":3}");
}

static void the_longest_names_make_an_id_that_is_valid(void **state)
{
    (void)state;
    char name[BQ_CRON_NAME_MAX_BYTES + 2] = "";
    char queue[BARQ_QUEUE_MAX_BYTES + 1] = "";
    struct barq_cron cron = {.function = "f", .name = name, .expression = "@daily"};
    struct bq_cron_job job;
    struct bq_job run;

    memset(name, 'n', BQ_CRON_NAME_MAX_BYTES);
    memset(queue, 'q', BARQ_QUEUE_MAX_BYTES);
    job = job_of(&cron);
    struct bq_cron_meaning meaning = meaning_of(&job);
    assert_int_equal(bq_cron_job_make(&arena, &bq_codec_json, &job, &meaning, queue,
                                      INT64_C(253402300799000), &run, NULL),
                     BARQ_OK);
    assert_true(bq_job_id_valid(run.id));
    name[BQ_CRON_NAME_MAX_BYTES] = 'n';
    assert_int_equal(bq_cron_job_of(&arena, &cron, &job, NULL), BARQ_ERR_ARG);
}

static void too_many_arguments_are_refused(void **state)
{
    (void)state;
    char arguments[BQ_CRON_ARGUMENTS_MAX_BYTES + 2];
    struct barq_cron cron = {.function = "f", .expression = "@daily", .arguments = arguments};
    struct bq_cron_job job;

    memset(arguments, ' ', sizeof(arguments));
    arguments[0] = '[';
    arguments[BQ_CRON_ARGUMENTS_MAX_BYTES - 1] = ']';
    arguments[BQ_CRON_ARGUMENTS_MAX_BYTES] = '\0';
    assert_int_equal(bq_cron_job_of(&arena, &cron, &job, NULL), BARQ_OK);
    arguments[BQ_CRON_ARGUMENTS_MAX_BYTES] = ' ';
    arguments[BQ_CRON_ARGUMENTS_MAX_BYTES + 1] = '\0';
    assert_int_equal(bq_cron_job_of(&arena, &cron, &job, NULL), BARQ_ERR_LIMIT);
}

/* What is to be enqueued of "every 5 minutes" at noon, from a time on. */
static int64_t due(enum barq_missed missed, const char *first, int *catch_up)
{
    struct barq_cron cron = {.function = "f", .expression = "*/5 * * * *", .time_zone = "UTC"};
    struct bq_cron_job job = job_of(&cron);
    struct bq_cron_meaning meaning = meaning_of(&job);

    return bq_cron_due(&meaning, missed, at(first), at("2026-11-23T12:00:30Z"), catch_up);
}

static void a_run_that_is_late_or_to_come_is_not_missed(void **state)
{
    (void)state;
    static const enum barq_missed all[] = {BARQ_MISSED_SKIP, BARQ_MISSED_ONCE, BARQ_MISSED_ALL};
    int catch_up = 0;

    for (int i = 0; i < 3; i++) {
        assert_int_equal(due(all[i], "2026-11-23T12:00:00Z", &catch_up),
                         at("2026-11-23T12:00:00Z"));
        assert_int_equal(due(all[i], "2026-11-23T12:05:00Z", &catch_up),
                         at("2026-11-23T12:05:00Z"));
    }
}

static void missed_runs_are_left_out_or_made_up_for_once_or_all(void **state)
{
    (void)state;
    int catch_up = 2;

    assert_int_equal(due(BARQ_MISSED_SKIP, "2026-11-20T07:00:00Z", &catch_up),
                     at("2026-11-23T12:00:00Z"));
    assert_int_equal(due(BARQ_MISSED_ONCE, "2026-11-20T07:00:00Z", &catch_up),
                     at("2026-11-23T11:55:00Z"));
    assert_int_equal(due(BARQ_MISSED_ONCE, "2026-11-23T11:55:00Z", &catch_up),
                     at("2026-11-23T11:55:00Z"));
    assert_int_equal(catch_up, 2);
    assert_int_equal(due(BARQ_MISSED_ALL, "2026-11-20T07:00:00Z", &catch_up),
                     at("2026-11-20T07:00:00Z"));
    assert_int_equal(due(BARQ_MISSED_ALL, "2026-11-20T07:05:00Z", &catch_up),
                     at("2026-11-20T07:05:00Z"));
    assert_int_equal(catch_up, 0);
    assert_int_equal(due(BARQ_MISSED_ALL, "2026-11-20T07:10:00Z", &catch_up),
                     at("2026-11-23T12:00:00Z"));
}

#define CRON_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CRON_TEST(a_run_is_the_same_job_whoever_makes_it),
        CRON_TEST(arguments_are_an_array_or_an_object),
        CRON_TEST(the_longest_names_make_an_id_that_is_valid),
        CRON_TEST(too_many_arguments_are_refused),
        CRON_TEST(a_run_that_is_late_or_to_come_is_not_missed),
        CRON_TEST(missed_runs_are_left_out_or_made_up_for_once_or_all),
    };

    return cmocka_run_group_tests_name("cron_job", tests, NULL, NULL);
}
