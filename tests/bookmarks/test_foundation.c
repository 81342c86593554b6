/*
 * The seven tests of the original's worker foundation, by name; there with
 * mocks, here with a real worker, queue and database.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <barq/client.h>

#include "base/time.h"
#include "fixture.h"
#include "jobs/functions.h"
#include "os/child.h"

enum { DEADLINE_MS = 20000, LOOK_US = 2000 };

static struct barq_client *client;
static struct bq_child worker = {.pidfd = -1};
static struct barq_error err;

/* -- a worker -- */

static void start_worker(void)
{
    char *path = getenv("BOOKMARKS_BIN");
    char command[] = "worker";
    char option[] = "--executors";
    char number[] = "2";
    assert_non_null(path);
    char *argv[] = {path, command, option, number, NULL};
    struct bq_child_options options = {
        .path = path, .argv = argv, .socket_fd = -1, .out_fd = STDERR_FILENO};

    check(bq_child_spawn(&options, &worker, &err), &err);
}

static struct bq_child_end stop_worker(int signal)
{
    struct bq_child_end end = {.code = -1};
    int64_t deadline_ms = bq_mono_ms() + DEADLINE_MS;

    bq_child_kill(&worker, signal);
    while (!bq_child_reap(&worker, &end)) {
        assert_true(bq_mono_ms() < deadline_ms);
        usleep(LOOK_US);
    }
    return end;
}

static int make(void **state)
{
    if (fixture_make(state) != 0) {
        return -1;
    }
    return barq_client_open(NULL, NULL, &client, &err) == BARQ_OK ? 0 : -1;
}

static int clean(void **state)
{
    if (worker.pid != 0) {
        stop_worker(SIGTERM); /* killed, its executors would outlive the folder's removal */
    }
    barq_client_close(client);
    client = NULL;
    return fixture_remove(state);
}

/* -- jobs -- */

static void enqueue_video(const char *video_id, const char *list_id, char *job_id)
{
    struct barq_value *args = barq_list(&arena);

    barq_add(args, barq_string(&arena, video_id));
    barq_add(args, barq_string(&arena, list_id));
    barq_add(args, barq_null(&arena));
    check(barq_enqueue(client, "process_video", args, NULL, NULL, job_id, &err), &err);
}

static const char *result_of(const char *job_id)
{
    const struct barq_value *result = NULL;

    check(barq_result(client, job_id, DEADLINE_MS, &arena, &result, &err), &err);
    return barq_as_string(result, "not a string");
}

static enum barq_job_status status_of(const char *job_id)
{
    enum barq_job_status status;

    check(barq_status_of(client, job_id, &status, &err), &err);
    return status;
}

static void wait_for_status(const char *job_id, enum barq_job_status wanted)
{
    int64_t deadline_ms = bq_mono_ms() + DEADLINE_MS;

    while (status_of(job_id) != wanted) {
        assert_true(bq_mono_ms() < deadline_ms);
        usleep(LOOK_US);
    }
}

static void describe(const char *video_id)
{
    struct bm_metadata metadata = {
        .title = "Introduction to testing", .duration_s = 1800, .published_at_ms = 1556841600000};

    begin_write();
    check(bm_video_describe(session, video_id, &metadata, bq_wall_ms(), NULL, &err), &err);
    commit();
}

/* -- the seven -- */

/* "Processing" is what the queue says; the row stays pending: a crash leaves nothing in between. */
static void process_video_updates_status_to_processing(void **state)
{
    (void)state;
    char first[BARQ_JOB_ID_MAX_BYTES + 1];
    char job_id[BARQ_JOB_ID_MAX_BYTES + 1];
    const char *list_id = make_list("list", "talks");
    const char *video_id = make_video(list_id, "aaaaaaaaa_0");
    describe(video_id);

    start_worker();
    enqueue_video("no such video", list_id, first);
    assert_string_equal(result_of(first), "gone"); /* so the worker is up */

    begin_write(); /* the job cannot write until we have ended this */
    enqueue_video(video_id, list_id, job_id);
    wait_for_status(job_id, BARQ_JOB_IN_PROGRESS);
    struct bm_video video;
    check(bm_video_get(session, video_id, &arena, &video, &err), &err);
    assert_int_equal(video.status, BM_PENDING);
    barq_session_rollback(session);

    assert_string_equal(result_of(job_id), "completed");
    assert_int_equal(status_of(job_id), BARQ_JOB_COMPLETE);
    assert_int_equal(look_at(video_id).status, BM_COMPLETED);
    assert_string_equal(value_of(video_id, list_id, "level"), "\"beginner\"");
    assert_string_equal(value_of(video_id, list_id, "topics"), "[\"testing\"]");
    assert_string_equal(value_of(video_id, list_id, "minutes"), "30");
}

static void process_video_idempotency(void **state)
{
    (void)state;
    char first[BARQ_JOB_ID_MAX_BYTES + 1];
    char second[BARQ_JOB_ID_MAX_BYTES + 1];
    const char *list_id = make_list("list", "talks");
    const char *video_id = make_video(list_id, "aaaaaaaaa_0");
    describe(video_id);

    start_worker();
    enqueue_video(video_id, list_id, first);
    assert_string_equal(result_of(first), "completed");
    struct bm_video before = look_at(video_id);
    enqueue_video(video_id, list_id, second);
    assert_string_equal(result_of(second), "already_completed");
    assert_int_equal(look_at(video_id).updated_at_ms, before.updated_at_ms);
}

static void process_video_marks_failed_on_exception(void **state)
{
    (void)state;
    struct bm_field broken = {.name = "broken",
                              .label = "Broken",
                              .type = BM_TEXT,
                              .rule = json_value("{\"from\": \"nowhere\"}")};
    char job_id[BARQ_JOB_ID_MAX_BYTES + 1];
    const struct barq_value *result;
    const char *list_id = make_list("list", "talks");
    const char *video_id = make_video(list_id, "aaaaaaaaa_0");
    describe(video_id);
    begin_write();
    check(bm_field_add(session, list_id, &broken, 1, NULL, &err), &err);
    commit();

    start_worker();
    enqueue_video(video_id, list_id, job_id);
    assert_int_equal(barq_result(client, job_id, DEADLINE_MS, &arena, &result, &err), BARQ_ERR_JOB);
    struct bm_video video = look_at(video_id);
    assert_int_equal(video.status, BM_FAILED);
    assert_non_null(strstr(video.error, "rules:"));
    assert_null(value_of(video_id, list_id, "level"));
}

static void worker_settings_has_required_config(void **state)
{
    (void)state;
    assert_int_equal(bm_settings.abi, BARQ_ABI);
    assert_int_equal(bm_settings.max_jobs, 10);
    assert_int_equal(bm_settings.max_tries, 5);
    assert_int_equal(bm_settings.job_timeout_ms, 300 * 1000);
    assert_int_equal(bm_settings.keep_result_ms, 3600 * 1000);
}

static void worker_has_lifecycle_hooks(void **state)
{
    (void)state;
    assert_non_null(bm_settings.on_startup);
    assert_non_null(bm_settings.on_shutdown);
    assert_non_null(bm_settings.on_job_failure);
}

static void worker_has_registered_functions(void **state)
{
    (void)state;
    static const char *const names[] = {"process_list", "fetch_metadata", "process_video"};
    const struct barq_function *at = bm_settings.functions;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_string_equal(at[i].name, names[i]);
    }
    for (; at->name; at++) {
        assert_non_null(at->run);
    }
}

static void worker_startup_and_shutdown(void **state)
{
    (void)state;
    static const int signals[] = {SIGTERM, SIGINT};
    char job_id[BARQ_JOB_ID_MAX_BYTES + 1];

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        start_worker();
        enqueue_video("no such video", "no such list", job_id);
        assert_string_equal(result_of(job_id), "gone");
        struct bq_child_end end = stop_worker(signals[i]);
        assert_false(end.signaled);
        assert_int_equal(end.code, 0);

        enqueue_video("no such video", "no such list", job_id);
        assert_int_equal(status_of(job_id), BARQ_JOB_QUEUED);
    }
    start_worker();
    assert_string_equal(result_of(job_id), "gone"); /* what came meanwhile is not lost */
}

#define FOUNDATION_TEST(name) cmocka_unit_test_setup_teardown(name, make, clean)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOUNDATION_TEST(process_video_updates_status_to_processing),
        FOUNDATION_TEST(process_video_idempotency),
        FOUNDATION_TEST(process_video_marks_failed_on_exception),
        cmocka_unit_test(worker_settings_has_required_config),
        cmocka_unit_test(worker_has_lifecycle_hooks),
        cmocka_unit_test(worker_has_registered_functions),
        FOUNDATION_TEST(worker_startup_and_shutdown),
    };

    return cmocka_run_group_tests_name("bookmarks/foundation", tests, NULL, NULL);
}
