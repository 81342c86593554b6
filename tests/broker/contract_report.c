#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "broker/contract.h"

enum { AT_ONCE_MS = 700 }; /* less than the second after which everybody looks for himself */

static struct bq_report of(const struct bq_claimed *job)
{
    return (struct bq_report){.id = job->job.id, .claim = job->claim};
}

static struct bq_report progress(const struct bq_claimed *job, int64_t done, int64_t total,
                                 const char *note)
{
    struct bq_report report = of(job);

    report.progress = true;
    report.done = done;
    report.total = total;
    report.note = note;
    return report;
}

static struct bq_report said(const struct bq_claimed *job, const char *lines)
{
    struct bq_report report = of(job);

    report.log = lines;
    report.log_bytes = strlen(lines);
    return report;
}

static void tell(struct worker *worker, struct bq_report report)
{
    exchange(worker, (struct bq_exchange){.reports = &report, .n_reports = 1});
}

static void assert_nothing_told(const struct bq_found *job)
{
    assert_int_equal(job->done, 0);
    assert_int_equal(job->total, 0);
    assert_int_equal(job->progress_at_ms, 0);
    assert_null(job->note);
    assert_null(job->log);
}

static void the_newest_progress_is_seen_while_a_job_runs(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one"));
    struct bq_claimed job = claim_one(worker);
    struct bq_found seen = found(client, "one");
    assert_nothing_told(&seen);

    tell(worker, progress(&job, 3, 10, "three"));
    seen = found(client, "one");
    assert_int_equal(seen.done, 3);
    assert_int_equal(seen.total, 10);
    assert_string_equal(seen.note, "three");
    assert_in_range(seen.progress_at_ms, now_ms() - DEADLINE_MS, now_ms());

    tell(worker, progress(&job, INT64_MAX, INT64_MIN, ""));
    seen = found(client, "one");
    assert_int_equal(seen.done, INT64_MAX);
    assert_int_equal(seen.total, INT64_MIN);
    assert_null(seen.note);
}

static void lines_are_added_to_a_log_beside_its_progress(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one"));
    struct bq_claimed job = claim_one(worker);

    tell(worker, said(&job, "first\n"));
    struct bq_found seen = found(client, "one");
    assert_string_equal(seen.log, "first\n");
    assert_int_equal(seen.progress_at_ms, 0);

    struct bq_report both = said(&job, "second\nthird\n");
    both.progress = true;
    both.done = 1;
    tell(worker, both);
    tell(worker, progress(&job, 2, 0, NULL));
    seen = found(client, "one");
    assert_string_equal(seen.log, "first\nsecond\nthird\n");
    assert_int_equal(seen.done, 2);
}

static void of_a_long_log_the_last_lines_are_kept(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    char line[64];
    assert_true(put(client, "one"));
    struct bq_claimed job = claim_one(worker);

    for (int i = 0; i < 400; i++) {
        (void)snprintf(line, sizeof(line),
                       "%03d ------ caf\xc3\xa9 -------------------------------\n", i);
        tell(worker, said(&job, line));
    }
    struct bq_found seen = found(client, "one");
    assert_in_range(strlen(seen.log), BQ_JOB_LOG_MAX_BYTES - sizeof(line), BQ_JOB_LOG_MAX_BYTES);
    assert_true(bq_ends_with(seen.log, line));
    assert_int_equal(strspn(seen.log, "0123456789"), 3);
    assert_true(bq_utf8_valid(seen.log, strlen(seen.log)));
}

static void a_report_comes_before_the_end_that_is_told_with_it(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one"));
    struct bq_claimed job = claim_one(worker);
    struct bq_report report = said(&job, "last words\n");
    struct bq_settle end = failed(&job);

    exchange(worker, (struct bq_exchange){
                         .reports = &report, .n_reports = 1, .settles = &end, .n_settles = 1});
    assert_false(end.stale);
    assert_string_equal(found(client, "one").log, "last words\n");
}

static void what_was_told_outlives_the_claim_and_is_kept_with_the_job(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one"));
    struct bq_claimed job = claim_one(worker);
    tell(worker, progress(&job, 1, 2, "half"));
    tell(worker, said(&job, "try 1\n"));
    assert_true(settle(worker, retried(&job, 0)));
    assert_string_equal(found(client, "one").log, "try 1\n");

    job = claim_one(worker);
    tell(worker, said(&job, "try 2\n"));
    assert_true(settle(worker, completed(&job)));
    struct bq_found seen = found(client, "one");
    assert_int_equal(seen.status, BARQ_JOB_COMPLETE);
    assert_string_equal(seen.log, "try 1\ntry 2\n");
    assert_string_equal(seen.note, "half");
    assert_int_equal(seen.done, 1);
}

static void what_is_told_of_a_stale_claim_is_dropped(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct worker *other = new_worker();
    assert_true(put(client, "one"));
    struct bq_claimed job = claim_one(worker);
    tell(other, progress(&job, 1, 2, "not mine"));
    assert_true(settle(worker, released(&job, false)));
    tell(worker, said(&job, "given back\n"));
    (void)claim_one(worker);
    tell(worker, said(&job, "an old claim\n"));
    struct bq_claimed unknown = job;
    unknown.job.id = "unknown";
    tell(worker, progress(&unknown, 1, 1, NULL));

    struct bq_found seen = found(client, "one");
    assert_nothing_told(&seen);
}

static void another_job_of_the_id_begins_with_nothing(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();

    for (int i = 0; i < 3; i++) {
        assert_true(put(client, "one"));
        struct bq_claimed job = claim_one(worker);
        tell(worker, progress(&job, 1, 2, "old"));
        tell(worker, said(&job, "old\n"));
        struct bq_settle end = completed(&job);
        end.keep_result_ms = i == 0 ? BARQ_OFF : KEEP_MS;
        assert_true(settle(worker, end));
        if (i == 1) { /* deleted */
            assert_int_equal(client->ops->remove(client, "one", TIMEOUT_MS, NULL), BARQ_OK);
        } else if (i == 2) { /* past its time */
            pass_time(KEEP_MS);
        }
        assert_true(put(client, "one"));
        struct bq_found seen = found(client, "one");
        assert_nothing_told(&seen);
        assert_int_equal(client->ops->remove(client, "one", TIMEOUT_MS, NULL), BARQ_OK);
    }
}

static void a_dead_job_that_is_brought_back_begins_with_nothing(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one"));
    struct bq_claimed job = claim_one(worker);
    tell(worker, progress(&job, 1, 2, "old"));
    tell(worker, said(&job, "old\n"));
    assert_true(settle(worker, failed(&job)));

    struct bq_job again = a_job("one");
    assert_int_equal(client->ops->revive(client, &again, TIMEOUT_MS, NULL), BARQ_OK);
    struct bq_found seen = found(client, "one");
    assert_nothing_told(&seen);
}

static void a_list_has_the_progress_and_no_logs(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    const struct barq_list_filter all = {.status = BARQ_OFF};
    struct bq_found *page = NULL;
    size_t count = 0;
    const char *next = NULL;
    assert_true(put(client, "one"));
    struct bq_claimed job = claim_one(worker);
    tell(worker, progress(&job, 1, 2, "half"));
    tell(worker, said(&job, "long\n"));

    assert_int_equal(client->ops->list(client, &all, "", 10, world_arena(), &page, &count, &next,
                                       TIMEOUT_MS, NULL),
                     BARQ_OK);
    assert_int_equal(count, 1);
    assert_int_equal(page[0].done, 1);
    assert_string_equal(page[0].note, "half");
    assert_null(page[0].log);
}

/* In the other process: claims the one job there is, and makes progress. */
static void make_progress(struct bq_broker *broker)
{
    struct worker worker;

    begin_worker(&worker, broker, "q");
    const struct bq_claimed *claimed = claim(&worker, 1);
    assert(worker.x.n_claimed == 1);
    tell(&worker, progress(&claimed[0], 1, 2, NULL));
    end_worker(&worker);
}

static void a_client_that_waits_is_told_of_progress(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    assert_true(put(client, "one"));
    client->ops->wait_finished(client, 1);

    elsewhere(make_progress);
    int64_t before_ms = bq_mono_ms();
    client->ops->wait_finished(client, DEADLINE_MS);
    assert_in_range(bq_mono_ms() - before_ms, 0, AT_ONCE_MS);
    assert_int_equal(found(client, "one").done, 1);
}

struct test_list report_tests(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(the_newest_progress_is_seen_while_a_job_runs),
        TEST(lines_are_added_to_a_log_beside_its_progress),
        TEST(of_a_long_log_the_last_lines_are_kept),
        TEST(a_report_comes_before_the_end_that_is_told_with_it),
        TEST(what_was_told_outlives_the_claim_and_is_kept_with_the_job),
        TEST(what_is_told_of_a_stale_claim_is_dropped),
        TEST(another_job_of_the_id_begins_with_nothing),
        TEST(a_dead_job_that_is_brought_back_begins_with_nothing),
        TEST(a_list_has_the_progress_and_no_logs),
        TEST(a_client_that_waits_is_told_of_progress),
    };

    return (struct test_list){tests, sizeof(tests) / sizeof(tests[0])};
}
