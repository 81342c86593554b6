/*
 * test_runs.c - what a run takes on, what a person does with it, and the events of all that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <barq/client.h>

#include "fixture.h"
#include "store/events.h"
#include "store/holds.h"
#include "store/runs.h"
#include "store/usage_report.h"
#include "support/store.h"

enum { NOW_MS = 1000000 };

static struct barq_error err;
static const char *list_id;
static const char *videos[4];

static int make(void **state)
{
    if (fixture_make(state) != 0) {
        return -1;
    }
    list_id = make_list("list", "talks");
    for (int i = 0; i < 4; i++) {
        char youtube_id[24];
        (void)snprintf(youtube_id, sizeof(youtube_id), "aaaaaaaaa_%d", i);
        videos[i] = make_video(list_id, youtube_id);
    }
    return 0;
}

/* -- doing -- */

static struct bm_run start(struct bm_run_options options, enum barq_status expected)
{
    struct bm_run run = {.id = NULL};

    begin_write();
    assert_int_equal(bm_run_start(session, list_id, &options, NOW_MS, &arena, &run, &err),
                     expected);
    commit();
    return run;
}

static struct bm_run look_at_run(const char *id)
{
    struct bm_run run;

    check(barq_session_begin(session, false, &err), &err);
    check(bm_run_get(session, id, &arena, &run, &err), &err);
    barq_session_rollback(session);
    return run;
}

static void end_video(const struct bm_run *run, const char *video_id, const char *why)
{
    bool changed = false;

    begin_write();
    check(bm_run_video_end(session, run->id, video_id, why, NOW_MS, &changed, &err), &err);
    commit();
    assert_true(changed);
}

typedef enum barq_status change(struct barq_session *, const char *, int64_t, struct barq_error *);

static void change_run(change *how, const struct bm_run *run, enum barq_status expected)
{
    begin_write();
    assert_int_equal(how(session, run->id, NOW_MS, &err), expected);
    commit();
}

static int64_t retry(const struct bm_run *run, const char *video_id, enum barq_status expected)
{
    int64_t retried = 0;

    begin_write();
    assert_int_equal(bm_run_retry(session, run->id, video_id, NOW_MS, &retried, &err), expected);
    if (expected == BARQ_OK) {
        commit();
    } else {
        barq_session_rollback(session);
    }
    return retried;
}

static int64_t number(const char *sql)
{
    struct barq_rows *rows = NULL;
    bool more = false;

    check(barq_session_begin(session, false, &err), &err);
    check(barq_query(session, sql, BARQ_NO_PARAMS, &rows, &err), &err);
    check(barq_rows_next(rows, &more, &err), &err);
    int64_t out = barq_column_int(rows, 0);
    barq_rows_close(rows);
    barq_session_rollback(session);
    return out;
}

/* The kinds of all events, in their order, with a space behind each. */
static const char *events(void)
{
    struct bm_event_filter filter = {.after = 0};
    const struct bm_event *all;
    size_t count;
    char *text = bq_arena_format(&arena, "%s", "");

    check(barq_session_begin(session, false, &err), &err);
    check(bm_events(session, &filter, BM_EVENTS_PAGE_MAX, &arena, &all, &count, &err), &err);
    barq_session_rollback(session);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(all[i].seq, i + 1);
        text = bq_arena_format(&arena, "%s%s ", text, all[i].kind);
    }
    return text;
}

static bool may_go_on(const struct bm_run *run, const char *video_id, int64_t tries)
{
    bool may = false;

    check(barq_session_begin(session, false, &err), &err);
    check(bm_run_may_go_on(session, run->id, video_id, tries, &may, &err), &err);
    barq_session_rollback(session);
    return may;
}

static void enqueue_all(const struct bm_run *run)
{
    const struct bm_run_video *waiting;
    size_t count;

    begin_write();
    check(
        bm_run_videos(session, run->id, BM_RUN_WAITING, NULL, 100, &arena, &waiting, &count, &err),
        &err);
    check(bm_run_enqueue_batch(session, run, waiting, count, &err), &err);
    commit();
}

/* -- what it takes on -- */

static void a_run_takes_what_no_other_run_has(void **state)
{
    (void)state;
    struct bm_run first = start((struct bm_run_options){0}, BARQ_OK);
    assert_int_equal(first.counts.total, 4);
    assert_int_equal(first.counts.pending, 4);
    start((struct bm_run_options){0}, BARQ_ERR_NOTFOUND);
    make_video(list_id, "bbbbbbbbb_0");
    assert_int_equal(start((struct bm_run_options){0}, BARQ_OK).counts.total, 1);
}

static void one_that_takes_on_again_takes_over_and_ends_the_other(void **state)
{
    (void)state;
    struct bm_run first = start((struct bm_run_options){0}, BARQ_OK);
    end_video(&first, videos[0], NULL);

    struct bm_run second = start((struct bm_run_options){.again = true}, BARQ_OK);
    assert_int_equal(second.counts.total, 3);
    first = look_at_run(first.id);
    assert_int_equal(first.counts.pending, 0);
    assert_int_equal(first.counts.completed, 1);
    assert_int_equal(first.cancelled, 3);
    assert_int_not_equal(first.finished_at_ms, 0);
    assert_int_equal(number("SELECT count(*) FROM run_videos WHERE state = 'waiting'"), 3);
}

static void failed_ones_are_taken_on_when_asked_for(void **state)
{
    (void)state;
    struct bm_run first = start((struct bm_run_options){0}, BARQ_OK);
    end_video(&first, videos[0], "gone");
    end_video(&first, videos[1], "private");
    end_video(&first, videos[2], NULL);
    end_video(&first, videos[3], NULL);
    assert_string_equal(look_at(videos[0]).error, "gone");
    start((struct bm_run_options){0}, BARQ_ERR_NOTFOUND);

    struct bm_run second = start((struct bm_run_options){.failed_too = true}, BARQ_OK);
    assert_int_equal(second.counts.total, 2);
    assert_null(look_at(videos[0]).error);
    assert_int_equal(look_at(videos[0]).status, BM_PENDING);
    end_video(&second, videos[0], NULL);
    end_video(&second, videos[1], "private");

    struct bm_run third = start((struct bm_run_options){.failed_of = second.id}, BARQ_OK);
    assert_int_equal(third.counts.total, 1);
    assert_int_equal(look_at(videos[1]).status, BM_PENDING);
}

static void a_selection_is_taken_on_whatever_its_state(void **state)
{
    (void)state;
    const char *other = make_video(make_list("other", "none"), "ccccccccc_0");
    struct bm_run first = start((struct bm_run_options){0}, BARQ_OK);
    end_video(&first, videos[0], NULL);
    const char *const ids[] = {videos[0], videos[0], videos[3], other, "no such id"};

    struct bm_run second =
        start((struct bm_run_options){.video_ids = ids, .n_videos = 5, .field = "level"}, BARQ_OK);
    assert_int_equal(second.counts.total, 2);
    assert_string_equal(second.field, "level");
    assert_int_equal(look_at(videos[0]).status, BM_PENDING);
    assert_int_equal(look_at_run(first.id).counts.pending, 2);
}

static void runs_are_found_by_a_video_that_they_took_on(void **state)
{
    (void)state;
    const char *const ids[] = {videos[1]};
    struct bm_run first = start((struct bm_run_options){.video_ids = ids, .n_videos = 1}, BARQ_OK);
    struct bm_run second = start((struct bm_run_options){0}, BARQ_OK);
    struct bm_run_filter filter = {.video_id = videos[1]};
    const struct bm_run *runs = NULL;
    size_t count = 0;

    check(barq_session_begin(session, false, &err), &err);
    check(bm_runs(session, &filter, BM_RUNS_PAGE_MAX, &arena, &runs, &count, &err), &err);
    assert_int_equal(count, 1);
    assert_string_equal(runs[0].id, first.id);
    filter.video_id = videos[0];
    check(bm_runs(session, &filter, BM_RUNS_PAGE_MAX, &arena, &runs, &count, &err), &err);
    assert_int_equal(count, 1);
    assert_string_equal(runs[0].id, second.id);
    commit();
}

static void a_field_that_there_is_not_is_refused(void **state)
{
    (void)state;
    start((struct bm_run_options){.field = "nothing"}, BARQ_ERR_ARG);
    assert_non_null(strstr(err.text, "nothing"));
    start((struct bm_run_options){.dry = true}, BARQ_ERR_ARG);
}

static void few_videos_go_ahead_of_many(void **state)
{
    (void)state;
    assert_int_equal(start((struct bm_run_options){0}, BARQ_OK).priority, BARQ_PRIORITY_MAX);
    for (int i = 0; i < BM_RUN_LARGE; i++) {
        char youtube_id[24];
        (void)snprintf(youtube_id, sizeof(youtube_id), "bbbbbb_%04d", i);
        make_video(list_id, youtube_id);
    }
    assert_int_equal(start((struct bm_run_options){0}, BARQ_OK).priority, -BARQ_PRIORITY_MAX);
}

static void a_rolled_back_run_leaves_nothing(void **state)
{
    (void)state;
    struct bm_run_options options = {.again = false};
    struct bm_run run;

    begin_write();
    check(bm_run_start(session, list_id, &options, NOW_MS, &arena, &run, &err), &err);
    barq_session_rollback(session);
    check(barq_session_begin(session, false, &err), &err);
    assert_int_equal(bm_run_get(session, run.id, &arena, &run, &err), BARQ_ERR_NOTFOUND);
    assert_int_equal(bm_run_latest(session, list_id, &arena, &run, &err), BARQ_ERR_NOTFOUND);
    barq_session_rollback(session);
    assert_string_equal(events(), "");
}

/* -- what is done with it -- */

static void each_state_allows_what_makes_sense_in_it(void **state)
{
    (void)state;
    struct bm_run run = start((struct bm_run_options){0}, BARQ_OK);

    change_run(bm_run_resume, &run, BARQ_ERR_CONFLICT);
    assert_non_null(strstr(err.text, "it is not paused but running"));
    change_run(bm_run_pause, &run, BARQ_OK);
    assert_string_equal(
        bm_run_status(&(struct bm_run){.state = BM_RUN_PAUSED, .counts = {.pending = 1}}),
        "paused");
    change_run(bm_run_pause, &run, BARQ_ERR_CONFLICT);
    change_run(bm_run_resume, &run, BARQ_OK);
    change_run(bm_run_pause, &run, BARQ_OK);
    change_run(bm_run_cancel, &run, BARQ_OK);
    change_run(bm_run_cancel, &run, BARQ_ERR_CONFLICT);
    change_run(bm_run_resume, &run, BARQ_ERR_CONFLICT);
    retry(&run, NULL, BARQ_ERR_CONFLICT);
    run = look_at_run(run.id);
    assert_string_equal(bm_run_status(&run), "cancelled");
    assert_int_equal(run.cancelled, 4);
    assert_int_equal(start((struct bm_run_options){0}, BARQ_OK).counts.total, 4);
    assert_string_equal(events(), "run.started run.paused run.resumed run.paused run.cancelled "
                                  "run.started ");
}

static void a_run_that_is_over_is_neither_paused_nor_cancelled(void **state)
{
    (void)state;
    struct bm_run run = start((struct bm_run_options){0}, BARQ_OK);
    for (int i = 0; i < 4; i++) {
        end_video(&run, videos[i], i == 3 ? "gone" : NULL);
    }

    change_run(bm_run_pause, &run, BARQ_ERR_CONFLICT);
    assert_non_null(strstr(err.text, "completed_with_errors"));
    change_run(bm_run_cancel, &run, BARQ_ERR_CONFLICT);
    assert_int_not_equal(look_at_run(run.id).finished_at_ms, 0);
    assert_string_equal(events(), "run.started video.completed video.completed video.completed "
                                  "video.failed run.finished ");
}

static void failed_ones_are_retried_one_or_all(void **state)
{
    (void)state;
    struct bm_run run = start((struct bm_run_options){0}, BARQ_OK);
    retry(&run, NULL, BARQ_ERR_NOTFOUND);
    for (int i = 0; i < 4; i++) {
        end_video(&run, videos[i], i == 0 ? NULL : "gone");
    }

    retry(&run, videos[0], BARQ_ERR_NOTFOUND);
    assert_int_equal(retry(&run, videos[1], BARQ_OK), 1);
    assert_int_equal(look_at(videos[1]).status, BM_PENDING);
    assert_int_equal(look_at_run(run.id).finished_at_ms, 0);
    assert_int_equal(retry(&run, NULL, BARQ_OK), 2);
    assert_int_equal(look_at_run(run.id).counts.pending, 3);
}

static void who_waits_in_another_run_is_not_retried_here(void **state)
{
    (void)state;
    struct bm_run first = start((struct bm_run_options){0}, BARQ_OK);
    end_video(&first, videos[0], "gone");
    start((struct bm_run_options){.failed_too = true}, BARQ_OK);

    retry(&first, videos[0], BARQ_ERR_NOTFOUND);
}

/* -- its jobs -- */

static void a_job_goes_on_only_for_the_last_try_of_what_waits_in_a_running_run(void **state)
{
    (void)state;
    struct bm_run run = start((struct bm_run_options){0}, BARQ_OK);

    assert_true(may_go_on(&run, videos[0], 0));
    enqueue_all(&run);
    assert_false(may_go_on(&run, videos[0], 0));
    assert_true(may_go_on(&run, videos[0], 1));
    change_run(bm_run_pause, &run, BARQ_OK);
    assert_false(may_go_on(&run, videos[0], 1));
    change_run(bm_run_resume, &run, BARQ_OK);
    assert_true(may_go_on(&run, videos[0], 1));
    end_video(&run, videos[0], NULL);
    assert_false(may_go_on(&run, videos[0], 1));
    assert_false(may_go_on(&run, "no such video", 1));
}

static void a_video_ends_once(void **state)
{
    (void)state;
    struct bm_run run = start((struct bm_run_options){0}, BARQ_OK);
    bool changed = true;

    end_video(&run, videos[0], "gone");
    begin_write();
    check(bm_run_video_end(session, run.id, videos[0], NULL, NOW_MS, &changed, &err), &err);
    commit();
    assert_false(changed);
    assert_int_equal(look_at(videos[0]).status, BM_FAILED);
    assert_string_equal(events(), "run.started video.failed ");
}

static void a_run_without_a_way_on_fails_all_that_waits(void **state)
{
    (void)state;
    struct bm_run run = start((struct bm_run_options){0}, BARQ_OK);
    end_video(&run, videos[0], NULL);

    begin_write();
    check(bm_run_fail(session, run.id, "broken", NOW_MS, &err), &err);
    commit();
    run = look_at_run(run.id);
    assert_int_equal(run.counts.failed, 3);
    assert_string_equal(run.error, "broken");
    assert_string_equal(look_at(videos[3]).error, "broken");
    assert_string_equal(events(), "run.started video.completed run.failed run.finished ");
}

/* -- holds -- */

static void put_hold(int64_t until_at_ms)
{
    begin_write();
    check(bm_hold_put(session, "youtube", until_at_ms, "not so often", NOW_MS, &err), &err);
    commit();
}

static struct bm_held get_hold(int64_t now_ms)
{
    struct bm_held held;

    check(barq_session_begin(session, false, &err), &err);
    check(bm_hold_get(session, "youtube", now_ms, &arena, &held, &err), &err);
    barq_session_rollback(session);
    return held;
}

static void a_hold_lasts_until_its_end_and_is_never_made_shorter(void **state)
{
    (void)state;
    put_hold(NOW_MS + 5000);
    put_hold(NOW_MS + 3000);
    assert_int_equal(get_hold(NOW_MS).until_at_ms, NOW_MS + 5000);
    put_hold(NOW_MS + 9000);
    assert_int_equal(get_hold(NOW_MS + 8999).until_at_ms, NOW_MS + 9000);
    assert_null(get_hold(NOW_MS + 9000).service);
    assert_string_equal(events(), "hold.began hold.began ");
}

static void a_hold_ends_once_and_not_too_early(void **state)
{
    (void)state;
    bool ended = true;
    put_hold(NOW_MS + 5000);

    begin_write();
    check(bm_hold_end(session, "youtube", NOW_MS + 4999, &ended, &err), &err);
    assert_false(ended);
    check(bm_hold_end(session, "youtube", NOW_MS + 5000, &ended, &err), &err);
    assert_true(ended);
    check(bm_hold_end(session, "youtube", NOW_MS + 5000, &ended, &err), &err);
    assert_false(ended);
    commit();
    assert_string_equal(events(), "hold.began hold.ended ");
}

static void usage_adds_up_by_service_day_and_list(void **state)
{
    (void)state;
    const struct bm_used some = {
        .calls = 1, .units = 2, .tokens_in = 3, .tokens_out = 4, .cost_millionths = 5};
    struct bm_used sum;
    char day[BM_DAY_BYTES];
    bm_day_text(20000, day);
    assert_string_equal(day, "2024-10-04");

    begin_write();
    check(bm_usage_add(session, "gemini", day, list_id, &some, &err), &err);
    check(bm_usage_add(session, "gemini", day, list_id, &some, &err), &err);
    check(bm_usage_add(session, "gemini", day, NULL, &some, &err), &err);
    check(bm_usage_add(session, "gemini", "2024-10-05", NULL, &some, &err), &err);
    check(bm_usage_add(session, "youtube", day, list_id, &some, &err), &err);
    check(bm_usage_of(session, "gemini", day, NULL, &sum, &err), &err);
    assert_int_equal(sum.calls, 3);
    assert_int_equal(sum.cost_millionths, 15);
    check(bm_usage_of(session, "gemini", day, list_id, &sum, &err), &err);
    assert_int_equal(sum.tokens_in, 6);
    check(bm_usage_of(session, NULL, day, list_id, &sum, &err), &err);
    assert_int_equal(sum.units, 6);
    commit();
}

static void usage_is_reported_by_service_model_and_list(void **state)
{
    (void)state;
    static const struct bm_used pro = {.model = "pro", .calls = 1, .cost_millionths = 50};
    static const struct bm_used flash = {.model = "flash", .calls = 2, .cost_millionths = 5};
    static const struct bm_used units = {.calls = 1, .units = 3};
    struct bm_used days[BM_USAGE_DAYS];
    const struct bm_spent *spent = NULL;
    size_t count = 0;

    begin_write();
    check(bm_usage_add(session, "gemini", "2024-10-04", list_id, &flash, &err), &err);
    check(bm_usage_add(session, "gemini", "2024-10-03", list_id, &flash, &err), &err);
    check(bm_usage_add(session, "gemini", "2024-10-04", "gone", &pro, &err), &err);
    check(bm_usage_add(session, "gemini", "2024-09-04", list_id, &pro, &err), &err);
    check(bm_usage_add(session, "youtube", "2024-10-04", NULL, &units, &err), &err);
    check(
        bm_usage_report(session, "youtube", true, 20000 - 29, 20000, &arena, &spent, &count, &err),
        &err);
    assert_int_equal(count, 2);
    assert_string_equal(spent[0].used.model, "pro");
    assert_string_equal(spent[0].list_id, "gone");
    assert_null(spent[0].list_name);
    assert_string_equal(spent[1].used.model, "flash");
    assert_string_equal(spent[1].list_id, list_id);
    assert_string_equal(spent[1].list_name, "list");
    assert_int_equal(spent[1].used.calls, 4);
    check(bm_usage_report(session, "youtube", false, 20000, 20000, &arena, &spent, &count, &err),
          &err);
    assert_int_equal(count, 1);
    assert_int_equal(spent[0].used.units, 3);
    assert_null(spent[0].used.model);
    assert_null(spent[0].list_id);
    check(bm_usage_by_day(session, 20000, days, &err), &err);
    assert_int_equal(days[29].cost_millionths, 55);
    assert_int_equal(days[29].units, 3);
    assert_int_equal(days[28].calls, 2);
    assert_int_equal(days[0].calls, 0);
    commit();
}

/* -- events -- */

static void events_are_read_by_list_and_run_and_pruned_by_age(void **state)
{
    (void)state;
    struct bm_run run = start((struct bm_run_options){0}, BARQ_OK);
    struct bm_event_filter filter = {.after = 0, .run_id = run.id};
    const struct bm_event *found;
    int64_t pruned = 0;
    int64_t newest = 0;
    size_t count;
    end_video(&run, videos[0], "no \"way\"");
    put_hold(NOW_MS + 1);

    begin_write();
    check(bm_events(session, &filter, 10, &arena, &found, &count, &err), &err);
    assert_int_equal(count, 2);
    assert_string_equal(found[1].video_id, videos[0]);
    assert_string_equal(found[1].data, "{\"reason\":\"no \\\"way\\\"\"}");
    filter = (struct bm_event_filter){.after = 1, .list_id = list_id};
    check(bm_events(session, &filter, 10, &arena, &found, &count, &err), &err);
    assert_int_equal(count, 1);
    check(bm_events_prune(session, NOW_MS + 1, 2, &pruned, &err), &err);
    assert_int_equal(pruned, 2);
    filter = (struct bm_event_filter){.after = 0};
    check(bm_events(session, &filter, 10, &arena, &found, &count, &err), &err);
    assert_int_equal(count, 1);
    assert_int_equal(found[0].seq, 3);
    check(bm_events_prune(session, NOW_MS + 1, 2, &pruned, &err), &err);
    check(bm_events_newest(session, &newest, &err), &err);
    assert_int_equal(newest, 3); /* a number is not used again */
    commit();
}

#define RUN_TEST(name) cmocka_unit_test_setup_teardown(name, make, fixture_remove)

int main(int argc, char **argv)
{
    store_main(argc, argv);
    const struct CMUnitTest tests[] = {
        RUN_TEST(a_run_takes_what_no_other_run_has),
        RUN_TEST(one_that_takes_on_again_takes_over_and_ends_the_other),
        RUN_TEST(failed_ones_are_taken_on_when_asked_for),
        RUN_TEST(a_selection_is_taken_on_whatever_its_state),
        RUN_TEST(runs_are_found_by_a_video_that_they_took_on),
        RUN_TEST(a_field_that_there_is_not_is_refused),
        RUN_TEST(few_videos_go_ahead_of_many),
        RUN_TEST(a_rolled_back_run_leaves_nothing),
        RUN_TEST(each_state_allows_what_makes_sense_in_it),
        RUN_TEST(a_run_that_is_over_is_neither_paused_nor_cancelled),
        RUN_TEST(failed_ones_are_retried_one_or_all),
        RUN_TEST(who_waits_in_another_run_is_not_retried_here),
        RUN_TEST(a_job_goes_on_only_for_the_last_try_of_what_waits_in_a_running_run),
        RUN_TEST(a_video_ends_once),
        RUN_TEST(a_run_without_a_way_on_fails_all_that_waits),
        RUN_TEST(a_hold_lasts_until_its_end_and_is_never_made_shorter),
        RUN_TEST(a_hold_ends_once_and_not_too_early),
        RUN_TEST(usage_adds_up_by_service_day_and_list),
        RUN_TEST(usage_is_reported_by_service_model_and_list),
        RUN_TEST(events_are_read_by_list_and_run_and_pruned_by_age),
    };

    return cmocka_run_group_tests_name("bookmarks/runs", tests, NULL, store_end);
}
