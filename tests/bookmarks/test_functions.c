/*
 * test_functions.c - what bookmarks does in the background, one function at a
 * time, without a worker: by <barq/testing.h>.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <barq/testing.h>

#include "base/time.h"
#include "fixture.h"
#include "jobs/functions.h"
#include "store/holds.h"
#include "support/store.h"
#include "video/metadata.h"

enum { VIDEOS = BM_METADATA_MAX_IDS + 3 };

static struct barq_test *test;
static struct barq_test_outcome outcome;
static struct barq_error err;

static int make(void **state)
{
    if (fixture_make(state) != 0) {
        return -1;
    }
    struct barq_test_options options = {.database_url = getenv("DATABASE_URL")};
    return barq_test_open(&bm_settings, &options, &test, &err) == BARQ_OK ? 0 : -1;
}

static int clean(void **state)
{
    barq_test_close(test);
    return fixture_remove(state);
}

static const struct barq_value *strings(const char *first, const char *second)
{
    struct barq_value *args = barq_list(&arena);

    barq_add(args, barq_string(&arena, first));
    barq_add(args, barq_string(&arena, second));
    return args;
}

static void run(const char *function, const struct barq_value *args)
{
    check(barq_test_run(test, function, args, NULL, &outcome, &err), &err);
}

static const char *start_run(const char *list_id)
{
    static const struct bm_run_options options;
    struct bm_run new_run;

    begin_write();
    check(bm_run_start(session, list_id, &options, bq_wall_ms(), &arena, &new_run, &err), &err);
    commit();
    return new_run.id;
}

static void describe(const char *video_id)
{
    struct bm_metadata metadata = {
        .title = "Introduction to testing", .duration_s = 1800, .published_at_ms = 1556841600000};

    begin_write();
    check(bm_video_describe(session, video_id, &metadata, bq_wall_ms(), NULL, &err), &err);
    commit();
}

static void add_broken_field(const char *list_id)
{
    struct bm_field broken = {.name = "broken",
                              .label = "Broken",
                              .type = BM_TEXT,
                              .rule = json_value("{\"from\": \"nowhere\"}")};

    begin_write();
    check(bm_field_add(session, list_id, &broken, 1, NULL, &err), &err);
    commit();
}

static void a_list_is_taken_on_in_batches_for_the_outside(void **state)
{
    (void)state;
    const char *list_id = make_list("list", "talks");
    const struct barq_job_info *jobs;
    size_t count;

    for (int i = 0; i < VIDEOS; i++) {
        char youtube_id[24];
        (void)snprintf(youtube_id, sizeof(youtube_id), "aaaaaaaa_%02d", i);
        (void)make_video(list_id, youtube_id);
    }
    run("process_list", strings(list_id, start_run(list_id)));
    assert_int_equal(outcome.kind, BARQ_TEST_COMPLETE);
    assert_int_equal(barq_as_int(outcome.result, 0), VIDEOS);

    assert_int_equal(barq_test_count(test, "process_list"), 1); /* by the run's start */
    check(barq_test_enqueued(test, "fetch_metadata", &jobs, &count, &err), &err);
    assert_int_equal(count, 2);
    assert_string_equal(barq_as_string(barq_at(jobs[0].args, 0), ""), list_id);
    assert_int_equal(barq_count(barq_at(jobs[0].args, 2)), BM_METADATA_MAX_IDS);
    assert_int_equal(barq_count(barq_at(jobs[1].args, 2)), VIDEOS - BM_METADATA_MAX_IDS);
}

static void a_described_video_is_completed_with_its_fields(void **state)
{
    (void)state;
    const char *list_id = make_list("list", "talks");
    const char *video_id = make_video(list_id, "aaaaaaaaa_0");

    describe(video_id);
    run("process_video", strings(video_id, list_id));
    assert_int_equal(outcome.kind, BARQ_TEST_COMPLETE);
    assert_string_equal(barq_as_string(outcome.result, ""), "completed");
    assert_int_equal(look_at(video_id).status, BM_COMPLETED);
    assert_string_equal(value_of(video_id, list_id, "level"), "\"beginner\"");
    run("process_video", strings(video_id, list_id));
    assert_string_equal(barq_as_string(outcome.result, ""), "already_completed");
}

static void a_rule_that_makes_no_sense_fails_the_video_and_fills_nothing(void **state)
{
    (void)state;
    const char *list_id = make_list("list", "talks");
    const char *video_id = make_video(list_id, "aaaaaaaaa_0");

    describe(video_id);
    add_broken_field(list_id);
    run("process_video", strings(video_id, list_id));
    assert_int_equal(outcome.kind, BARQ_TEST_FAILED);
    assert_non_null(strstr(outcome.error, "rules:"));
    assert_int_equal(look_at(video_id).status, BM_FAILED);
    assert_string_equal(look_at(video_id).error, outcome.error);
    assert_null(value_of(video_id, list_id, "level"));
}

static void what_is_not_there_any_more_is_no_failure(void **state)
{
    (void)state;
    run("process_video", strings("no such video", "no such list"));
    assert_string_equal(barq_as_string(outcome.result, ""), "gone");
    run("process_list", strings("no such list", "no such run"));
    assert_int_equal(barq_as_int(outcome.result, -1), 0);
    assert_int_equal(barq_test_count(test, NULL), 0);
}

static void a_paused_run_is_not_brought_on_until_it_is_resumed(void **state)
{
    (void)state;
    const char *list_id = make_list("list", "talks");
    const char *video_id = make_video(list_id, "aaaaaaaaa_0");
    describe(video_id);
    const char *run_id = start_run(list_id);
    struct barq_value *args = barq_list(&arena);
    barq_add(args, barq_string(&arena, video_id));
    barq_add(args, barq_string(&arena, list_id));
    barq_add(args, barq_null(&arena));
    barq_add(args, barq_string(&arena, run_id));
    barq_add(args, barq_int(&arena, 0));

    begin_write();
    check(bm_run_pause(session, run_id, 1, &err), &err);
    commit();
    run("process_list", strings(list_id, run_id));
    assert_int_equal(barq_as_int(outcome.result, -1), 0);
    assert_int_equal(barq_test_count(test, "fetch_metadata"), 0);
    run("process_video", args);
    assert_string_equal(barq_as_string(outcome.result, ""), "not_now");
    assert_int_equal(look_at(video_id).status, BM_PENDING);

    begin_write();
    check(bm_run_resume(session, run_id, 1, &err), &err);
    commit();
    run("process_video", args);
    assert_string_equal(barq_as_string(outcome.result, ""), "completed");
}

static void put_hold(int64_t until_at_ms)
{
    begin_write();
    check(bm_hold_put(session, "youtube", until_at_ms, "not so often", 1, &err), &err);
    commit();
}

static void the_end_of_a_hold_brings_on_what_waits(void **state)
{
    (void)state;
    const char *list_id = make_list("list", "talks");
    struct barq_value *args = barq_list(&arena);
    barq_add(args, barq_string(&arena, "youtube"));
    make_video(list_id, "aaaaaaaaa_0");
    start_run(list_id);

    put_hold(bq_wall_ms() + 3600000);
    run("end_hold", args); /* by a clock that is ahead */
    assert_int_equal(outcome.kind, BARQ_TEST_COMPLETE);
    assert_int_equal(barq_test_count(test, "process_list"), 1);
    assert_int_equal(barq_test_count(test, "end_hold"), 2); /* it comes again */

    begin_write();
    check(barq_exec(session, "UPDATE holds SET until_at_ms = 1", BARQ_NO_PARAMS, &err), &err);
    commit();
    run("end_hold", args);
    assert_int_equal(barq_test_count(test, "process_list"), 2);
    run("end_hold", args);
    assert_int_equal(barq_test_count(test, "process_list"), 2);
    assert_int_equal(barq_test_count(test, "end_hold"), 2);
}

static void without_its_arguments_a_function_fails_for_good(void **state)
{
    (void)state;
    static const char *const names[] = {"process_list", "fetch_metadata", "process_video",
                                        "end_hold"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        run(names[i], NULL);
        assert_int_equal(outcome.kind, BARQ_TEST_FAILED);
        assert_non_null(strstr(outcome.error, names[i]));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, clean)

int main(int argc, char **argv)
{
    store_main(argc, argv);
    const struct CMUnitTest tests[] = {
        TEST(a_list_is_taken_on_in_batches_for_the_outside),
        TEST(a_described_video_is_completed_with_its_fields),
        TEST(a_rule_that_makes_no_sense_fails_the_video_and_fills_nothing),
        TEST(what_is_not_there_any_more_is_no_failure),
        TEST(a_paused_run_is_not_brought_on_until_it_is_resumed),
        TEST(the_end_of_a_hold_brings_on_what_waits),
        TEST(without_its_arguments_a_function_fails_for_good),
    };

    return cmocka_run_group_tests_name("bookmarks/functions", tests, NULL, store_end);
}
