/*
 * test_exchange.c - what the dispatcher does with a broker that fails, that
 * has given its jobs to others, or that answers late. The broker is this
 * file's; the executors are no processes, but sockets that the test reads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/time.h"
#include "dispatcher/dispatcher.h"

enum { EXECUTORS = 2, LEASE_MS = 30000 };

/* -- a broker that does what the test says -- */

static struct {
    struct bq_broker base;
    struct bq_exchange *begun; /* NULL: none is under way */
    int begins;
    bool over; /* end() gives it back */
} fake;

static void fake_begin(struct bq_broker *broker, struct bq_exchange *exchange)
{
    (void)broker;
    assert_null(fake.begun);
    fake.begun = exchange;
    fake.begins++;
    fake.over = false;
}

static struct bq_exchange *fake_end(struct bq_broker *broker)
{
    struct bq_exchange *exchange = fake.over ? fake.begun : NULL;

    (void)broker;
    if (exchange) {
        fake.begun = NULL;
    }
    return exchange;
}

static const struct bq_broker_ops fake_ops = {
    .name = "fake",
    .poll_ms = BQ_POLL_MS,
    .begin = fake_begin,
    .end = fake_end,
};

/* -- a dispatcher without a loop -- */

static struct bq_dispatcher dispatcher;
static struct bq_executor executors[EXECUTORS];
static struct bq_channel children[EXECUTORS + 1]; /* the other ends; the last is the house's */
static int64_t now_ms;

static void connect_child(struct bq_executor *executor, struct bq_channel *child)
{
    int pair[2];

    assert_int_equal(bq_socket_pair(pair, NULL), BARQ_OK);
    bq_channel_init(&executor->channel, pair[0], BQ_FRAME_MAX_BYTES,
                    (size_t)4 * BQ_FRAME_MAX_BYTES);
    bq_channel_init(child, pair[1], BQ_FRAME_MAX_BYTES, (size_t)4 * BQ_FRAME_MAX_BYTES);
    executor->socket = (struct bq_watch){.fd = -1, .events = EPOLLIN};
    executor->exit = (struct bq_watch){.fd = -1};
    executor->child = (struct bq_child){.pidfd = -1};
    executor->state = BQ_EXECUTOR_IDLE;
    executor->was_ready = true;
    executor->threads = 1;
    executor->data = &dispatcher;
    bq_list_init(&executor->work);
}

static int set_up(void **state)
{
    (void)state;
    struct bq_list *const lists[] = {
        &dispatcher.waiting, &dispatcher.running,  &dispatcher.house_queue,
        &dispatcher.ended,   &dispatcher.after,    &dispatcher.acking,
        &dispatcher.relays,  &dispatcher.relaying, &dispatcher.tellings};

    now_ms = bq_mono_ms();
    memset(&fake, 0, sizeof(fake));
    fake.base.ops = &fake_ops;
    memset(executors, 0, sizeof(executors));
    dispatcher = (struct bq_dispatcher){
        .options = {.lease_ms = LEASE_MS},
        .broker = &fake.base,
        .executors = executors,
        .n_executors = EXECUTORS,
        .threads = 1,
        .learned = true,
        .notify = {.fd = -1},
        .retry = {.max_tries = 5, .min_ms = 1, .max_ms = 1},
        .renew_at_ms = now_ms + LEASE_MS,
        .ask_lost_at_ms = now_ms + BQ_POLL_MS,
        .look_at_ms = now_ms + BQ_POLL_MS,
        .abort_at_ms = now_ms + BQ_POLL_MS,
        .sweep_at_ms = now_ms + BQ_POLL_MS,
        .prune_at_ms = now_ms + BQ_PRUNE_EVERY_MS,
    };
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        bq_list_init(lists[i]);
    }
    bq_arena_init(&dispatcher.exchange_arena, BQ_CLAIM_ARENA_BYTES);
    bq_arena_init(&dispatcher.probe_arena, BQ_FRAME_MAX_BYTES);
    for (int i = 0; i < EXECUTORS; i++) {
        connect_child(&executors[i], &children[i]);
    }
    connect_child(&dispatcher.house, &children[EXECUTORS]);
    return 0;
}

static void free_all(struct bq_list *claims)
{
    bq_list_each (at, claims) {
        bq_claim_free(bq_list_owner(at, struct bq_claim, link));
    }
}

static int tear_down(void **state)
{
    (void)state;
    bq_claim_free(dispatcher.chore_claim);
    free_all(&dispatcher.waiting);
    free_all(&dispatcher.running);
    free_all(&dispatcher.house_queue);
    free_all(&dispatcher.ended);
    free_all(&dispatcher.after);
    free_all(&dispatcher.acking);
    bq_list_each (at, &dispatcher.relays) {
        bq_relay_free(bq_list_owner(at, struct bq_relay, link));
    }
    bq_list_each (at, &dispatcher.relaying) {
        bq_relay_free(bq_list_owner(at, struct bq_relay, link));
    }
    for (int i = 0; i < EXECUTORS; i++) {
        bq_channel_clear(&executors[i].channel);
    }
    bq_channel_clear(&dispatcher.house.channel);
    for (int i = 0; i <= EXECUTORS; i++) {
        bq_channel_clear(&children[i]);
    }
    bq_arena_clear(&dispatcher.exchange_arena);
    bq_arena_clear(&dispatcher.probe_arena);
    free(dispatcher.settles);
    free(dispatcher.enqueues);
    return 0;
}

/* -- one step of it -- */

static void begin(void)
{
    bq_exchange_begin(&dispatcher, now_ms);
}

/* The exchange under way has ended well, with what the test has put into it. */
static void succeed(void)
{
    assert_non_null(fake.begun);
    fake.begun->status = BARQ_OK;
    fake.over = true;
    bq_exchange_end(&dispatcher, now_ms);
}

static void fail_exchange(void)
{
    assert_non_null(fake.begun);
    fake.begun->status =
        bq_fail(&fake.begun->err, BARQ_ERR_CONN, "fake: the queue has gone for a walk");
    fake.over = true;
    bq_exchange_end(&dispatcher, now_ms);
}

static struct bq_claimed job(const char *id)
{
    return (struct bq_claimed){
        .job = {.id = id, .queue = "barq", .function = "f", .payload = "{}", .payload_bytes = 2},
        .claim = 1};
}

/* As if the broker had given these. */
static void claim(const char *const *ids, size_t count)
{
    struct bq_claimed jobs[8];
    struct bq_exchange exchange = {.claimed = jobs, .n_claimed = count};

    for (size_t i = 0; i < count; i++) {
        jobs[i] = job(ids[i]);
    }
    bq_claim_take(&dispatcher, &exchange);
}

static void claim_one(const char *id)
{
    claim(&id, 1);
}

static struct bq_claim *first(struct bq_list *list)
{
    assert_false(bq_list_empty(list));
    return bq_list_owner(list->next, struct bq_claim, link);
}

/* The next message that an executor was sent: its type, and its attempt; 0: none. */
static uint8_t heard(int child, int64_t *attempt)
{
    struct bq_frame frame;
    bool found = false;

    bq_flush_executors(&dispatcher);
    assert_int_equal(bq_channel_fill(&children[child], NULL), BARQ_OK);
    assert_int_equal(bq_channel_next(&children[child], &frame, &found, NULL), BARQ_OK);
    if (!found) {
        return 0;
    }
    struct bq_reader in = bq_reader_of(frame.body, frame.len);
    *attempt = bq_read_i64(&in);
    return frame.type;
}

static void assert_heard(int child, uint8_t type, int64_t attempt)
{
    int64_t of = 0;

    assert_int_equal(heard(child, &of), type);
    assert_int_equal(of, attempt);
}

static void assert_heard_nothing(int child)
{
    int64_t attempt;

    assert_int_equal(heard(child, &attempt), 0);
}

/* What an executor was given first. */
static struct bq_claim *work_of(int executor)
{
    assert_false(bq_list_empty(&executors[executor].work));
    return bq_list_owner(executors[executor].work.next, struct bq_claim, at_executor);
}

static struct bq_claim *ends(int executor)
{
    struct bq_claim *claim = work_of(executor);

    bq_work_end(&dispatcher, claim, now_ms);
    return claim;
}

static void complete(int executor)
{
    struct bq_outcome outcome = {.kind = BQ_OUTCOME_COMPLETE,
                                 .function = "f",
                                 .error = "",
                                 .result = "r",
                                 .result_bytes = 1};

    bq_ack_outcome(&dispatcher, ends(executor), &outcome);
}

/* A job of this id runs in the executor; its attempt. */
static int64_t run(const char *id)
{
    int64_t attempt = 0;

    claim_one(id);
    bq_assign(&dispatcher, now_ms);
    struct bq_claim *last = bq_list_owner(dispatcher.running.prev, struct bq_claim, link);
    assert_string_equal(last->claimed.job.id, id);
    assert_int_equal(heard((int)(last->executor - executors), &attempt), BQ_MSG_RUN);
    return attempt;
}

static void relay(int executor, int64_t attempt, const char *id)
{
    bq_auto(buf) struct bq_buf body;
    struct bq_job child = {.id = id, .queue = "barq", .payload = "{}", .payload_bytes = 2};

    bq_buf_init(&body, 1000);
    bq_buf_put_u32(&body, 1);
    bq_job_put(&body, &child);
    struct bq_reader in = bq_reader_of(body.data, body.len);
    assert_true(bq_relay_take(&dispatcher, &executors[executor], &in, attempt));
}

/* The loop would not spin. */
static void assert_waits(void)
{
    assert_true(bq_deadlines(&dispatcher, now_ms) > now_ms);
}

/* -- what running jobs tell -- */

static struct bq_claim *running(const char *id)
{
    struct bq_claim *claim = bq_claim_running(&dispatcher, id);

    assert_non_null(claim);
    return claim;
}

static void say(const char *id, const char *text)
{
    (void)bq_report_line(&dispatcher, running(id), "|", text, strlen(text) + 1);
}

static void make_progress(const char *id, int64_t done)
{
    bq_auto(buf) struct bq_buf body;
    struct bq_progress progress = {.attempt = 1, .done = done, .total = 10, .note = "\x1bnote"};

    bq_buf_init(&body, 1000);
    bq_progress_put(&body, &progress);
    struct bq_frame frame = {.type = BQ_MSG_PROGRESS, .body = body.data, .len = body.len};
    assert_true(bq_report_progress(&dispatcher, running(id), &frame));
}

/* The log of the report, without the times of its lines. */
static const char *told(size_t i)
{
    static char lines[4000];
    const struct bq_report *report = &fake.begun->reports[i];
    size_t len = 0;

    for (const char *at = report->log; at < report->log + report->log_bytes;) {
        const char *line = at + strlen("2026-11-23T16:13:07.042Z ");
        const char *end = memchr(at, '\n', report->log_bytes);
        assert_true(len + (size_t)(end + 1 - line) < sizeof(lines));
        memcpy(lines + len, line, (size_t)(end + 1 - line));
        len += (size_t)(end + 1 - line);
        at = end + 1;
    }
    lines[len] = '\0';
    return lines;
}

static void news_of_running_jobs_is_told_once_a_second(void **state)
{
    (void)state;
    run("a");
    run("b");
    make_progress("a", 1);
    make_progress("a", 2);
    say("b", "one");
    begin();
    assert_int_equal(fake.begun->n_reports, 2);
    assert_string_equal(fake.begun->reports[0].id, "a");
    assert_true(fake.begun->reports[0].progress);
    assert_int_equal(fake.begun->reports[0].done, 2);
    assert_string_equal(fake.begun->reports[0].note, "\\x1bnote");
    assert_int_equal(fake.begun->reports[0].log_bytes, 0);
    assert_false(fake.begun->reports[1].progress);
    assert_string_equal(told(1), "| one\n");
    say("b", "two"); /* meanwhile */
    assert_string_equal(told(1), "| one\n");
    succeed();

    begin();
    assert_null(fake.begun);
    assert_waits();
    now_ms = dispatcher.report_at_ms;
    assert_int_equal(bq_report_due(&dispatcher), now_ms);
    begin();
    assert_int_equal(fake.begun->n_reports, 1);
    assert_string_equal(told(0), "| two\n");
    succeed();
    assert_int_equal(bq_report_due(&dispatcher), INT64_MAX);
}

static void what_is_left_of_a_job_is_told_with_its_end(void **state)
{
    (void)state;
    run("a");
    say("a", "one");
    begin();
    succeed();
    say("a", "last words");
    complete(0);
    begin();
    assert_int_equal(fake.begun->n_settles, 1);
    assert_int_equal(fake.begun->n_reports, 1);
    assert_string_equal(told(0), "| last words\n");
    succeed();
}

static void what_was_not_told_is_told_again_in_front_of_what_has_come_since(void **state)
{
    (void)state;
    run("a");
    run("b");
    say("a", "one");
    make_progress("a", 1);
    make_progress("b", 1);
    begin();
    say("a", "two");
    make_progress("b", 2);
    fail_exchange();
    now_ms = dispatcher.retry_exchange_at_ms + 1000;
    begin();
    assert_int_equal(fake.begun->n_reports, 2);
    assert_string_equal(told(0), "| one\n| two\n");
    assert_true(fake.begun->reports[0].progress);
    assert_int_equal(fake.begun->reports[0].done, 1);
    assert_int_equal(fake.begun->reports[1].done, 2);
    succeed();
}

static void what_is_told_outlives_a_claim_that_is_lost_meanwhile(void **state)
{
    (void)state;
    run("a");
    say("a", "one");
    begin();
    bq_lease_lost(&dispatcher);
    complete(0); /* of a stale claim nothing is kept */
    assert_string_equal(fake.begun->reports[0].id, "a");
    assert_string_equal(told(0), "| one\n");
    fail_exchange();
    assert_true(bq_list_empty(&dispatcher.tellings));
}

static void a_diary_is_bounded_and_keeps_the_last_lines(void **state)
{
    (void)state;
    char line[64];

    run("a");
    for (int i = 0; i < 20000; i++) {
        (void)snprintf(line, sizeof(line), "line %d", i);
        say("a", line);
    }
    begin();
    const struct bq_report *report = &fake.begun->reports[0];
    assert_in_range(report->log_bytes, BQ_JOB_LOG_MAX_BYTES / 2, 2 * BQ_JOB_LOG_MAX_BYTES);
    assert_memory_equal(report->log + report->log_bytes - strlen(line) - 1, line, strlen(line));
    succeed();
}

static void what_is_beyond_a_jobs_limit_is_counted_at_its_end(void **state)
{
    (void)state;
    run("a");
    running("a")->output_max_bytes = 10;
    say("a", "12345");
    say("a", "12345");
    say("a", "1");
    complete(0);
    begin();
    assert_string_equal(told(0), "| 12345\n-- ... 8 bytes more\n");
    succeed();
}

static void tries_in_one_hand_are_told_apart(void **state)
{
    (void)state;
    run("a");
    say("a", "one");
    running("a")->attempt += 100;
    say("a", "two");
    begin();
    assert_string_equal(told(0), "| one\n-- try 1\n| two\n");
    succeed();
}

/* -- a broker that fails -- */

static void outcomes_are_kept_and_told_again_in_their_order(void **state)
{
    (void)state;
    run("a");
    run("b");
    complete(0);
    begin();
    assert_int_equal(fake.begun->n_settles, 1);
    complete(1); /* meanwhile */
    fail_exchange();
    assert_int_equal(dispatcher.in_hand, 2);
    assert_int_equal(dispatcher.in_hand_bytes, 4);

    now_ms = dispatcher.retry_exchange_at_ms;
    begin();
    assert_int_equal(fake.begun->n_settles, 2);
    assert_string_equal(fake.begun->settles[0].id, "a");
    assert_string_equal(fake.begun->settles[1].id, "b");
    assert_int_equal(fake.begun->settles[0].kind, BQ_SETTLE_COMPLETE);
    succeed();
    assert_int_equal(dispatcher.in_hand, 0);
}

static void a_broker_that_is_away_is_left_alone_for_longer_and_longer(void **state)
{
    (void)state;
    static const int64_t pauses_ms[] = {100, 200, 400, 800, 1600, 3200, 5000, 5000};

    dispatcher.sweep_at_ms = INT64_MAX;
    for (size_t i = 0; i < sizeof(pauses_ms) / sizeof(pauses_ms[0]); i++) {
        begin();
        fail_exchange();
        assert_int_equal(dispatcher.retry_exchange_at_ms, now_ms + pauses_ms[i]);
        assert_int_equal(bq_deadlines(&dispatcher, now_ms) <= now_ms + pauses_ms[i], true);
        assert_waits();
        begin();
        assert_null(fake.begun);
        now_ms += pauses_ms[i];
    }
    begin();
    succeed();
    dispatcher.drained = false;
    begin();
    fail_exchange();
    assert_int_equal(dispatcher.retry_exchange_at_ms, now_ms + 100);
}

static void what_cannot_be_told_counts_against_what_is_claimed(void **state)
{
    (void)state;
    size_t lost;

    run("a");
    run("b");
    complete(0);
    complete(1);
    begin();
    fail_exchange();
    dispatcher.mean_us = 0;
    assert_int_equal(bq_claim_room(&dispatcher, &lost), 0);
    now_ms = dispatcher.retry_exchange_at_ms;
    begin();
    assert_int_equal(fake.begun->claim_max, 0);
    succeed();
    assert_int_equal(bq_claim_room(&dispatcher, &lost), EXECUTORS);
}

static void prefetch_has_a_bound(void **state)
{
    (void)state;
    size_t lost;

    dispatcher.mean_us = 1e-9;
    assert_int_equal(bq_claim_room(&dispatcher, &lost), EXECUTORS + BQ_MAX_PREFETCH);
    assert_int_equal(lost, EXECUTORS);
    dispatcher.in_hand_bytes = BQ_CLAIM_ARENA_BYTES;
    assert_int_equal(bq_claim_room(&dispatcher, &lost), EXECUTORS);
}

/* -- on a queue shared with arq -- */

enum { LONGEST_MS = 20000 }; /* timeout of a function */

static void beside_arq_it_has_ninety_jobs_in_hand_at_most(void **state)
{
    (void)state;
    size_t lost;

    dispatcher.mean_us = 1e-9;
    dispatcher.shared_timeout_ms = LONGEST_MS;
    assert_int_equal(bq_claim_room(&dispatcher, &lost), BARQ_SHARED_MAX_JOBS);
    dispatcher.in_hand = BARQ_SHARED_MAX_JOBS;
    assert_int_equal(bq_claim_room(&dispatcher, &lost), 0);
    dispatcher.in_hand = 0;
}

static int64_t heard_commit_until_ms(int child)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_frame frame;
    struct bq_run run;
    bool found = false;

    bq_arena_init(&arena, BQ_FRAME_MAX_BYTES);
    bq_flush_executors(&dispatcher);
    assert_int_equal(bq_channel_fill(&children[child], NULL), BARQ_OK);
    assert_int_equal(bq_channel_next(&children[child], &frame, &found, NULL), BARQ_OK);
    assert_true(found && frame.type == BQ_MSG_RUN);
    struct bq_reader in = bq_reader_of(frame.body, frame.len);
    assert_true(bq_run_get(&in, &arena, &run));
    return run.commit_until_ms;
}

/* From the beginning of the exchange, whatever comes after it. */
static void beside_arq_a_job_is_to_commit_within_the_lease_that_it_was_claimed_with(void **state)
{
    (void)state;
    struct bq_claimed one = job("a");
    int64_t began_ms = now_ms;

    dispatcher.shared_timeout_ms = LONGEST_MS;
    begin();
    fake.begun->claimed = &one;
    fake.begun->n_claimed = 1;
    now_ms += 1000;
    succeed();
    dispatcher.renew_at_ms = now_ms;
    begin(); /* a renewal */
    succeed();
    bq_assign(&dispatcher, now_ms);
    assert_int_equal(heard_commit_until_ms(0), began_ms + LEASE_MS - BQ_SHARED_GUARD_MS);
}

static void elsewhere_a_job_has_no_such_bound(void **state)
{
    (void)state;
    claim_one("a");
    bq_assign(&dispatcher, now_ms);
    assert_int_equal(heard_commit_until_ms(0), 0);
}

static void beside_arq_what_has_waited_too_long_is_given_back(void **state)
{
    (void)state;
    const char *const ids[] = {"a", "b", "c"};

    dispatcher.shared_timeout_ms = LONGEST_MS;
    dispatcher.exchange_began_at_ms = now_ms;
    claim(ids, 3);
    bq_assign(&dispatcher, now_ms); /* a and b run */
    now_ms += LEASE_MS - BQ_SHARED_GUARD_MS - LONGEST_MS;
    bq_assign(&dispatcher, now_ms);
    assert_false(bq_list_empty(&dispatcher.waiting));
    now_ms++;
    bq_assign(&dispatcher, now_ms);
    assert_true(bq_list_empty(&dispatcher.waiting));
    assert_string_equal(first(&dispatcher.ended)->claimed.job.id, "c");
    assert_int_equal(first(&dispatcher.ended)->settle.kind, BQ_SETTLE_RELEASE);
    assert_false(first(&dispatcher.ended)->settle.claimed_before);
}

static void what_is_left_to_others_has_not_been_started(void **state)
{
    (void)state;
    struct bq_outcome outcome = {.kind = BQ_OUTCOME_GIVE_BACK,
                                 .function = "gone",
                                 .error = "function 'gone' not found",
                                 .defer_ms = 61000,
                                 .took_us = 1};

    (void)run("a");
    bq_ack_outcome(&dispatcher, ends(0), &outcome);
    assert_int_equal(first(&dispatcher.ended)->settle.kind, BQ_SETTLE_RELEASE);
    assert_int_equal(first(&dispatcher.ended)->settle.leave_ms, 61000);
    assert_false(first(&dispatcher.ended)->settle.claimed_before);
}

static void a_relay_is_answered_only_when_it_is_in_the_broker(void **state)
{
    (void)state;
    int64_t attempt = run("a");

    relay(0, attempt, "child");
    begin();
    assert_int_equal(fake.begun->n_enqueues, 1);
    fail_exchange();
    assert_heard_nothing(0);

    now_ms = dispatcher.retry_exchange_at_ms;
    begin();
    assert_int_equal(fake.begun->n_enqueues, 1);
    assert_string_equal(fake.begun->enqueues[0].job.id, "child");
    succeed();
    assert_heard(0, BQ_MSG_RELAYED, attempt);
}

static void a_relay_of_an_attempt_that_is_gone_is_answered_to_nobody(void **state)
{
    (void)state;
    int64_t attempt = run("a");

    relay(0, attempt, "child");
    begin();
    complete(0);
    run("b");
    succeed();
    assert_heard_nothing(0);
    assert_true(bq_list_empty(&dispatcher.relaying));
}

static void an_executor_that_does_not_wait_for_the_answer_is_refused(void **state)
{
    (void)state;
    int64_t attempt = run("a");
    struct bq_reader in = bq_reader_of("\0\0\0\0", 4);

    relay(0, attempt, "child");
    assert_false(bq_relay_take(&dispatcher, &executors[0], &in, attempt));
    begin();
    assert_false(bq_relay_take(&dispatcher, &executors[0], &in, attempt));
    succeed();
}

/* -- a lease that is over -- */

static void a_lost_lease_drops_what_has_not_begun(void **state)
{
    (void)state;
    static const char *const ids[] = {"a", "b", "c"};

    run("r");
    run("s");
    claim(ids, 3);
    bq_claim_move(&dispatcher, first(&dispatcher.waiting), BQ_CLAIM_HOUSE);
    complete(1); /* in `ended` */
    dispatcher.drained = true;
    dispatcher.renew_at_ms = now_ms;
    dispatcher.retry_exchange_at_ms = 0;

    begin();
    assert_true(fake.begun->renew);
    assert_int_equal(fake.begun->n_settles, 1);
    fake.begun->settles[0].stale = true;
    fake.begun->lease_lost = true;
    succeed();
    assert_true(bq_list_empty(&dispatcher.waiting));
    assert_true(bq_list_empty(&dispatcher.house_queue));
    assert_true(bq_list_empty(&dispatcher.ended));
    assert_int_equal(dispatcher.in_hand, 1);
    assert_heard(0, BQ_MSG_CANCEL, 1);
}

static void a_lost_job_that_does_not_listen_is_killed_in_time(void **state)
{
    (void)state;
    run("a");
    bq_lease_lost(&dispatcher);
    assert_true(work_of(0)->limit_at_ms > now_ms);
    assert_true(work_of(0)->limit_at_ms < now_ms + (int64_t)2 * BARQ_HARD_GRACE_MS);
}

static void a_job_in_its_hook_is_not_told_to_stop(void **state)
{
    (void)state;
    bq_auto(buf) struct bq_buf body;

    run("a");
    bq_buf_init(&body, 100);
    bq_buf_put_str(&body, "no: never");
    struct bq_reader in = bq_reader_of(body.data, body.len);
    assert_true(bq_hook_begun(&dispatcher, work_of(0), &in, now_ms));
    bq_cancel_claim(&dispatcher, work_of(0), BQ_CANCEL_ABORT);
    assert_heard_nothing(0);
    assert_int_equal(work_of(0)->limit_at_ms, now_ms + BQ_HOOK_LIMIT_MS);
}

static void what_comes_of_a_lost_job_is_told_to_nobody(void **state)
{
    (void)state;
    run("a");
    run("b");
    bq_lease_lost(&dispatcher);
    complete(0);
    bq_ack_crash(&dispatcher, ends(1), "killed by SIGKILL");
    assert_int_equal(dispatcher.in_hand, 0);
    assert_true(bq_list_empty(&dispatcher.ended));
    assert_true(bq_list_empty(&dispatcher.house_queue));
}

static void a_lost_job_that_crashes_in_its_hook_is_not_settled(void **state)
{
    (void)state;
    run("a");
    struct bq_claim *lost = work_of(0);

    lost->in_hook = true;
    lost->canceled = BQ_CANCEL_ABORT;
    bq_lease_lost(&dispatcher);
    bq_ack_crash(&dispatcher, ends(0), "killed by SIGKILL");
    assert_int_equal(dispatcher.in_hand, 0);
    assert_true(bq_list_empty(&dispatcher.house_queue));
}

static void a_chore_of_a_lost_lease_is_dropped(void **state)
{
    (void)state;
    claim_one("a");
    (void)snprintf(first(&dispatcher.waiting)->verdict, 16, "poison");
    bq_claim_move(&dispatcher, first(&dispatcher.waiting), BQ_CLAIM_HOUSE);
    bq_house_work(&dispatcher, now_ms);
    assert_non_null(dispatcher.chore_claim);
    bq_lease_lost(&dispatcher);
    bq_house_ended(&dispatcher, "killed by SIGKILL");
    assert_int_equal(dispatcher.in_hand, 0);
    assert_null(dispatcher.chore_claim);
}

static void an_abort_reaches_the_attempt_that_is_ours(void **state)
{
    (void)state;
    static const char *aborts[] = {"a"};
    int64_t old = run("a");

    bq_lease_lost(&dispatcher);
    assert_heard(0, BQ_MSG_CANCEL, old);
    int64_t again = run("a");
    dispatcher.renew_at_ms = now_ms;
    begin();
    fake.begun->aborts = aborts;
    fake.begun->n_aborts = 1;
    succeed();
    assert_heard(1, BQ_MSG_CANCEL, again);
    assert_heard_nothing(0);
}

static void an_abort_reaches_what_has_not_begun(void **state)
{
    (void)state;
    static const char *aborts[] = {"c"};

    run("a");
    run("b");
    claim_one("c");
    dispatcher.renew_at_ms = now_ms;
    begin();
    fake.begun->aborts = aborts;
    fake.begun->n_aborts = 1;
    succeed();
    assert_true(first(&dispatcher.waiting)->claimed.aborted);
}

static void a_full_worker_asks_each_second_for_aborts(void **state)
{
    (void)state;
    run("a");
    run("b");
    int begins = fake.begins;

    now_ms += BQ_POLL_MS - 1;
    begin();
    assert_int_equal(fake.begins, begins);
    now_ms += 1;
    begin();
    assert_int_equal(fake.begins, begins + 1);
    succeed();
    begin();
    assert_int_equal(fake.begins, begins + 1);
}

/* -- crashes -- */

static void a_crash_is_tried_again_and_the_third_is_settled(void **state)
{
    (void)state;
    run("a");
    bq_ack_crash(&dispatcher, ends(0), "killed by SIGSEGV");
    assert_int_equal(first(&dispatcher.ended)->settle.kind, BQ_SETTLE_RETRY);
    assert_int_equal(first(&dispatcher.ended)->settle.crashes_used, 1);
    assert_true(first(&dispatcher.ended)->settle.alone);

    run("b");
    struct bq_claim *third = work_of(0);
    third->claimed.crashes = BARQ_MAX_CRASHES - 1;
    bq_ack_crash(&dispatcher, ends(0), "killed by SIGSEGV");
    assert_ptr_equal(first(&dispatcher.house_queue), third);
    assert_non_null(strstr(third->verdict, "killed by SIGSEGV"));
}

static void a_crash_is_tried_again_after_its_functions_delay(void **state)
{
    (void)state;
    static const struct bq_retry_policy slow = {
        .max_tries = 5, .min_ms = INT64_C(1) << 40, .max_ms = INT64_C(1) << 40};

    run("a");
    work_of(0)->retry = slow;
    bq_ack_crash(&dispatcher, ends(0), "killed by SIGSEGV");
    assert_true(first(&dispatcher.ended)->settle.defer_ms > 1); /* but for once in 10^12 */
}

static void a_kill_for_the_timeout_uses_up_a_try_and_counts_not_towards_poison(void **state)
{
    (void)state;
    static const char late[] = "ran past its 1 s";

    run("a");
    work_of(0)->claimed.crashes = BARQ_MAX_CRASHES - 1;
    memcpy(work_of(0)->limit_text, late, sizeof(late));
    bq_ack_crash(&dispatcher, ends(0), late);
    assert_int_equal(first(&dispatcher.ended)->settle.kind, BQ_SETTLE_RETRY);
    assert_int_equal(first(&dispatcher.ended)->settle.tries_used, 1);
    assert_int_equal(first(&dispatcher.ended)->settle.crashes_used, 0);
    assert_true(first(&dispatcher.ended)->settle.alone);

    run("b");
    struct bq_claim *once = work_of(0);
    memcpy(once->limit_text, late, sizeof(late));
    once->retry_on_timeout = false;
    bq_ack_crash(&dispatcher, ends(0), late);
    assert_ptr_equal(first(&dispatcher.house_queue), once);
    assert_string_equal(once->verdict, late);
}

static void a_job_lost_too_often_is_settled_without_a_run(void **state)
{
    (void)state;
    struct bq_claimed lost = job("a");
    struct bq_exchange exchange = {.claimed = &lost, .n_claimed = 1};

    lost.losses = BARQ_MAX_LOSSES;
    bq_claim_take(&dispatcher, &exchange);
    assert_non_null(strstr(first(&dispatcher.house_queue)->verdict, "poison"));
}

static void a_crash_in_the_hook_keeps_the_verdict_and_leaves_the_hook_out(void **state)
{
    (void)state;
    run("a");
    struct bq_claim *failing = work_of(0);
    bq_auto(buf) struct bq_buf body;

    bq_buf_init(&body, 100);
    bq_buf_put_str(&body, "no: never");
    struct bq_reader in = bq_reader_of(body.data, body.len);
    assert_true(bq_hook_begun(&dispatcher, failing, &in, now_ms));
    bq_ack_crash(&dispatcher, ends(0), "killed by SIGSEGV");
    assert_ptr_equal(first(&dispatcher.house_queue), failing);
    assert_string_equal(failing->verdict, "no: never");
    assert_true(failing->without_hook);
}

static void a_settlement_that_never_works_is_left_to_later(void **state)
{
    (void)state;
    claim_one("a");
    (void)snprintf(first(&dispatcher.waiting)->verdict, 16, "poison");
    bq_claim_move(&dispatcher, first(&dispatcher.waiting), BQ_CLAIM_HOUSE);
    for (int i = 0; i < 3; i++) {
        assert_true(bq_list_empty(&dispatcher.ended));
        bq_house_work(&dispatcher, now_ms);
        assert_non_null(dispatcher.chore_claim);
        bq_house_ended(&dispatcher, "killed by SIGSEGV");
    }
    assert_int_equal(first(&dispatcher.ended)->settle.kind, BQ_SETTLE_RETRY);
    assert_true(first(&dispatcher.ended)->settle.defer_ms >= 10000);
}

static void where_a_lost_job_was_claimed_more_are_looked_for_at_once(void **state)
{
    (void)state;
    struct bq_claimed jobs[] = {job("lost"), job("never lost")};

    jobs[0].alone = true;
    dispatcher.ask_lost_at_ms = now_ms + BQ_POLL_MS;
    begin();
    fake.begun->claimed = &jobs[1];
    fake.begun->n_claimed = 1;
    succeed();
    assert_int_equal(dispatcher.ask_lost_at_ms, now_ms + BQ_POLL_MS);

    dispatcher.drained = false;
    begin();
    fake.begun->claimed = &jobs[0];
    fake.begun->n_claimed = 1;
    succeed();
    assert_int_equal(dispatcher.ask_lost_at_ms, now_ms);
}

static void counts_are_told_once_a_second_when_they_are_news(void **state)
{
    (void)state;

    begin();
    assert_non_null(fake.begun->state);
    succeed();

    dispatcher.state.complete++;
    dispatcher.drained = false;
    begin();
    assert_null(fake.begun->state);
    succeed();

    now_ms += BQ_POLL_MS;
    dispatcher.drained = false;
    begin();
    assert_int_equal(fake.begun->state->complete, 1);
    succeed();

    now_ms += BQ_POLL_MS;
    dispatcher.drained = false;
    begin();
    assert_null(fake.begun->state);
    succeed();
}

static void counts_wait_for_an_exchange_that_is_made(void **state)
{
    (void)state;
    run("a");
    run("b");

    begin(); /* all are busy, and nothing asks for one */
    assert_null(fake.begun);
    now_ms += BQ_POLL_MS;
    begin();
    assert_int_equal(fake.begun->state->running, 2);
    succeed();
}

/* The house says that its sweep has found nothing. */
static void swept(void)
{
    bq_auto(buf) struct bq_buf body;

    bq_buf_init(&body, 64);
    bq_buf_put_i64(&body, dispatcher.chore_attempt);
    bq_buf_put_u8(&body, true);
    bq_buf_put_u8(&body, true);
    struct bq_frame frame = {.type = BQ_MSG_DONE, .body = body.data, .len = body.len};
    assert_true(bq_house_message(&dispatcher, &frame));
}

static void a_sweep_that_began_before_something_happened_is_not_the_last(void **state)
{
    (void)state;
    dispatcher.options.burst = true;
    dispatcher.sweep_at_ms = now_ms;
    bq_house_work(&dispatcher, now_ms);
    bq_house_unswept(&dispatcher);
    swept();
    assert_false(dispatcher.swept_clean);
    assert_true(dispatcher.sweep_at_ms <= bq_mono_ms());

    bq_house_work(&dispatcher, bq_mono_ms());
    swept();
    assert_true(dispatcher.swept_clean);
}

static void a_job_too_large_for_a_message_is_not_kept(void **state)
{
    (void)state;
    struct bq_claimed large = job("a");
    struct bq_exchange exchange = {.claimed = &large, .n_claimed = 1};

    char *payload = calloc(1, BQ_JOB_MAX_BYTES + 1);
    large.job.payload = payload;
    large.job.payload_bytes = BQ_JOB_MAX_BYTES + 1;
    bq_claim_take(&dispatcher, &exchange);
    assert_int_equal(first(&dispatcher.waiting)->claimed.job.payload_bytes, 0);
    assert_non_null(strstr(first(&dispatcher.waiting)->verdict, "larger than"));
    free(payload);
}

static void what_a_clock_cannot_hold_is_bounded(void **state)
{
    (void)state;
    struct bq_outcome retry = {
        .kind = BQ_OUTCOME_RETRY, .function = "f", .error = "e", .defer_ms = INT64_MAX};
    struct bq_outcome keep = {.kind = BQ_OUTCOME_COMPLETE,
                              .function = "f",
                              .error = "",
                              .result = "",
                              .keep_result_ms = INT64_MAX - 1};

    run("a");
    run("b");
    bq_ack_outcome(&dispatcher, ends(0), &retry);
    bq_ack_outcome(&dispatcher, ends(1), &keep);
    assert_true(first(&dispatcher.ended)->settle.defer_ms < INT64_MAX / 4);
    struct bq_claim *kept = bq_list_owner(dispatcher.ended.prev, struct bq_claim, link);
    assert_true(kept->settle.keep_result_ms < INT64_MAX / 4);
}

/* -- the end -- */

static void a_stop_gives_back_what_has_not_begun_and_tells_the_rest(void **state)
{
    (void)state;
    int64_t a = run("a");
    run("b");
    claim_one("c");
    bq_stop_next(&dispatcher, now_ms);
    assert_heard(0, BQ_MSG_CANCEL, a);
    begin();
    assert_int_equal(fake.begun->n_settles, 1);
    assert_string_equal(fake.begun->settles[0].id, "c");
    assert_int_equal(fake.begun->settles[0].kind, BQ_SETTLE_RELEASE);
    assert_false(fake.begun->settles[0].claimed_before);
    assert_false(fake.begun->leave);
    succeed();
    assert_false(bq_stop_done(&dispatcher));
    complete(0);
    complete(1);
    begin();
    assert_true(fake.begun->leave);
    succeed();
    assert_true(bq_stop_done(&dispatcher));
}

static void what_is_claimed_while_we_stop_is_given_back(void **state)
{
    (void)state;
    struct bq_claimed late[] = {job("a"), job("b")};

    late[1].losses = BARQ_MAX_LOSSES;
    begin();
    assert_true(fake.begun->claim_max >= 2);
    bq_stop_next(&dispatcher, now_ms);
    fake.begun->claimed = late;
    fake.begun->n_claimed = 2;
    succeed();
    bq_assign(&dispatcher, now_ms);
    assert_true(bq_list_empty(&dispatcher.running));
    begin();
    assert_int_equal(fake.begun->n_settles, 2);
    assert_true(fake.begun->leave);
    succeed();
    assert_true(bq_stop_done(&dispatcher));
}

static void a_stop_waits_for_a_broker_that_is_away_no_longer_than_for_a_job(void **state)
{
    (void)state;
    run("a");
    bq_stop_next(&dispatcher, now_ms);
    complete(0);
    begin();
    fail_exchange();
    assert_false(bq_stop_done(&dispatcher)); /* a connection that broke is soon back */
    now_ms = dispatcher.stop_at_ms;
    (void)bq_deadlines(&dispatcher, now_ms);
    assert_true(bq_stop_done(&dispatcher));
}

static void a_stop_does_not_wait_for_a_house_that_waits_for_the_broker(void **state)
{
    (void)state;
    dispatcher.sweep_at_ms = now_ms;
    bq_house_work(&dispatcher, now_ms);
    assert_int_equal(dispatcher.chore, BQ_CHORE_SWEEP);
    begin();
    fail_exchange();
    bq_stop_next(&dispatcher, now_ms);
    assert_false(bq_stop_done(&dispatcher));
    now_ms = dispatcher.stop_at_ms;
    (void)bq_deadlines(&dispatcher, now_ms);
    assert_int_equal(dispatcher.house.state, BQ_EXECUTOR_KILLED);
    bq_house_ended(&dispatcher, "stopped with its worker");
    assert_true(bq_stop_done(&dispatcher));
}

static void a_settlement_that_fails_while_we_stop_is_left_to_others(void **state)
{
    (void)state;
    claim_one("a");
    (void)snprintf(first(&dispatcher.waiting)->verdict, 16, "poison");
    bq_claim_move(&dispatcher, first(&dispatcher.waiting), BQ_CLAIM_HOUSE);
    bq_house_work(&dispatcher, now_ms);
    bq_stop_next(&dispatcher, now_ms);
    bq_house_ended(&dispatcher, "killed by SIGSEGV");
    begin();
    assert_int_equal(fake.begun->settles[0].kind, BQ_SETTLE_RETRY);
    assert_int_equal(fake.begun->settles[0].crashes_used, 1);
    assert_true(fake.begun->leave);
    succeed();
    assert_true(bq_stop_done(&dispatcher));
}

static void a_crash_while_we_stop_uses_nothing_up(void **state)
{
    (void)state;
    run("a");
    bq_stop_next(&dispatcher, now_ms);
    bq_ack_crash(&dispatcher, ends(0), "stopped with its worker");
    assert_int_equal(first(&dispatcher.ended)->settle.kind, BQ_SETTLE_RELEASE);
    assert_true(first(&dispatcher.ended)->settle.claimed_before);
}

/* As the first signal does where jobs are waited for. */
static void drain(void)
{
    dispatcher.completion_wait_ms = 60000;
    bq_stop_next(&dispatcher, now_ms);
    assert_int_equal(dispatcher.stopping, BQ_STOP_DRAIN);
}

static void a_draining_worker_claims_nothing_and_lets_what_runs_end(void **state)
{
    (void)state;
    run("a");
    claim_one("b");
    claim_one("c");
    bq_assign(&dispatcher, now_ms);
    claim_one("d");
    int64_t attempt;
    assert_int_equal(heard(1, &attempt), BQ_MSG_RUN);
    drain();
    assert_heard_nothing(0);
    now_ms = dispatcher.renew_at_ms;
    begin();
    assert_int_equal(fake.begun->n_settles, 2);
    assert_string_equal(fake.begun->settles[0].id, "c");
    assert_string_equal(fake.begun->settles[1].id, "d");
    assert_true(fake.begun->renew);
    assert_int_equal(fake.begun->claim_max, 0);
    assert_false(fake.begun->leave);
    succeed();
    complete(0);
    bq_assign(&dispatcher, now_ms);
    assert_heard_nothing(0);
    begin();
    assert_false(fake.begun->leave);
    succeed();
    complete(1);
    begin();
    assert_true(fake.begun->leave);
    succeed();
    assert_true(bq_stop_done(&dispatcher));
    assert_int_equal(dispatcher.state.complete, 2);
}

static void a_draining_worker_tells_and_then_kills_what_takes_too_long(void **state)
{
    (void)state;
    int64_t a = run("a");
    bq_limit(&dispatcher, work_of(0), 0, ""); /* it has started, and takes its time */
    drain();
    now_ms = dispatcher.stop_at_ms;
    assert_heard_nothing(0);
    (void)bq_deadlines(&dispatcher, now_ms);
    assert_int_equal(dispatcher.stopping, BQ_STOP_CANCEL);
    assert_heard(0, BQ_MSG_CANCEL, a);
    now_ms = dispatcher.stop_at_ms;
    (void)bq_deadlines(&dispatcher, now_ms);
    assert_int_equal(dispatcher.stopping, BQ_STOP_KILL);
    assert_int_equal(executors[0].state, BQ_EXECUTOR_KILLED);
    assert_int_equal(dispatcher.stop_at_ms, 0);
}

static void each_further_signal_hurries_by_one_stage(void **state)
{
    (void)state;
    int64_t a = run("a");
    drain();
    bq_stop_next(&dispatcher, now_ms);
    assert_int_equal(dispatcher.stopping, BQ_STOP_CANCEL);
    assert_heard(0, BQ_MSG_CANCEL, a);
    bq_stop_next(&dispatcher, now_ms);
    assert_int_equal(executors[0].state, BQ_EXECUTOR_KILLED);
    bq_stop_next(&dispatcher, now_ms);
    assert_int_equal(dispatcher.stopping, BQ_STOP_KILL);
}

static void a_draining_worker_waits_for_a_broker_that_is_away(void **state)
{
    (void)state;
    run("a");
    drain();
    complete(0);
    begin();
    fail_exchange();
    assert_false(bq_stop_done(&dispatcher));
    now_ms = dispatcher.retry_exchange_at_ms;
    begin();
    assert_int_equal(fake.begun->n_settles, 1);
    fail_exchange();
    now_ms = dispatcher.stop_at_ms;
    (void)bq_deadlines(&dispatcher, now_ms);
    assert_false(bq_stop_done(&dispatcher));
    now_ms = dispatcher.stop_at_ms;
    (void)bq_deadlines(&dispatcher, now_ms);
    assert_true(bq_stop_done(&dispatcher));
}

static void a_crash_while_we_drain_counts_as_ever_and_is_settled(void **state)
{
    (void)state;
    run("a");
    run("b");
    work_of(1)->claimed.crashes = BARQ_MAX_CRASHES - 1;
    drain();
    bq_ack_crash(&dispatcher, ends(0), "killed by SIGSEGV");
    bq_ack_crash(&dispatcher, ends(1), "killed by SIGSEGV");
    assert_int_equal(first(&dispatcher.ended)->settle.kind, BQ_SETTLE_RETRY);
    assert_int_equal(first(&dispatcher.ended)->settle.tries_used, 1);
    bq_house_work(&dispatcher, now_ms);
    assert_non_null(dispatcher.chore_claim);
    bq_house_ended(&dispatcher, "killed by SIGSEGV");
    assert_false(bq_list_empty(&dispatcher.house_queue));
    bq_stop_next(&dispatcher, now_ms);
    assert_true(bq_list_empty(&dispatcher.house_queue));
}

static void a_stopped_executor_keeps_its_deadline(void **state)
{
    (void)state;
    dispatcher.house.state = BQ_EXECUTOR_BUSY;
    bq_executor_stop(&dispatcher.house, now_ms, 5000);
    bq_limit_house(&dispatcher, now_ms + 300000, "hung in the house");
    assert_int_equal(dispatcher.house.deadline_ms, now_ms + 5000);
}

/* -- the loop waits -- */

static void the_loop_waits_when_all_are_busy(void **state)
{
    (void)state;
    run("a");
    run("b");
    dispatcher.look_at_ms = now_ms - 1;
    dispatcher.retry_exchange_at_ms = now_ms - 1;
    assert_waits();
}

static void the_loop_waits_while_the_database_is_away(void **state)
{
    (void)state;
    dispatcher.database_away = true;
    dispatcher.look_at_ms = now_ms - 1;
    assert_waits();
}

static void the_loop_waits_while_the_house_works(void **state)
{
    (void)state;
    dispatcher.sweep_at_ms = now_ms;
    dispatcher.prune_at_ms = now_ms;
    bq_house_work(&dispatcher, now_ms);
    dispatcher.sweep_at_ms = now_ms;
    assert_waits();
}

static void the_loop_waits_while_it_stops(void **state)
{
    (void)state;
    run("a");
    bq_stop_next(&dispatcher, now_ms);
    dispatcher.look_at_ms = now_ms - 1;
    dispatcher.sweep_at_ms = now_ms - 1;
    dispatcher.prune_at_ms = now_ms - 1;
    executors[1].state = BQ_EXECUTOR_OFF;
    executors[1].spawn_at_ms = now_ms - 1;
    assert_waits();
    assert_int_equal(executors[1].state, BQ_EXECUTOR_OFF);
}

static void a_prune_waits_for_the_answer_to_the_last_one(void **state)
{
    (void)state;
    struct bq_probe probe = {.held = false};

    dispatcher.probes = &probe;
    dispatcher.n_probes = 1;
    dispatcher.prune_at_ms = now_ms;
    bq_house_work(&dispatcher, now_ms);
    assert_int_equal(dispatcher.chore, BQ_CHORE_NONE);
    assert_waits();
    dispatcher.probes = NULL;
    now_ms = dispatcher.prune_at_ms;
    dispatcher.sweep_at_ms = now_ms + 1;
    bq_house_work(&dispatcher, now_ms);
    assert_int_equal(dispatcher.chore, BQ_CHORE_PRUNE);
}

static void ask(const char *const *ids, uint32_t count)
{
    bq_auto(buf) struct bq_buf body;
    struct bq_frame frame = {.type = BQ_MSG_PROBE};

    bq_buf_init(&body, 1000);
    bq_buf_put_i64(&body, dispatcher.chore_attempt);
    bq_buf_put_u32(&body, count);
    for (uint32_t i = 0; i < count; i++) {
        struct bq_identity identity = {.queue = "barq", .id = ids[i], .nonce = ""};
        bq_identity_put(&body, &identity);
    }
    frame.body = body.data;
    frame.len = body.len;
    assert_true(bq_house_message(&dispatcher, &frame));
}

static void receipts_go_up_to_the_first_whose_job_is_held(void **state)
{
    (void)state;
    static const char *const ids[] = {"a", "b", "c"};

    dispatcher.prune_at_ms = now_ms;
    bq_house_work(&dispatcher, now_ms);
    assert_heard(EXECUTORS, BQ_MSG_PRUNE, dispatcher.chore_attempt);
    ask(ids, 3);
    begin();
    fail_exchange();
    assert_heard_nothing(EXECUTORS);

    now_ms = dispatcher.retry_exchange_at_ms;
    begin();
    assert_int_equal(fake.begun->n_probes, 3);
    assert_string_equal(fake.begun->probes[1].identity.id, "b");
    fake.begun->probes[1].held = true;
    succeed();

    struct bq_frame frame;
    bool found;
    bq_flush_executors(&dispatcher);
    assert_int_equal(bq_channel_fill(&children[EXECUTORS], NULL), BARQ_OK);
    assert_int_equal(bq_channel_next(&children[EXECUTORS], &frame, &found, NULL), BARQ_OK);
    assert_true(found);
    struct bq_reader in = bq_reader_of(frame.body, frame.len);
    assert_int_equal(frame.type, BQ_MSG_HELD);
    assert_int_equal(bq_read_i64(&in), dispatcher.chore_attempt);
    assert_int_equal(bq_read_i64(&in), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(news_of_running_jobs_is_told_once_a_second),
        TEST(what_is_left_of_a_job_is_told_with_its_end),
        TEST(what_was_not_told_is_told_again_in_front_of_what_has_come_since),
        TEST(what_is_told_outlives_a_claim_that_is_lost_meanwhile),
        TEST(a_diary_is_bounded_and_keeps_the_last_lines),
        TEST(what_is_beyond_a_jobs_limit_is_counted_at_its_end),
        TEST(tries_in_one_hand_are_told_apart),
        TEST(outcomes_are_kept_and_told_again_in_their_order),
        TEST(a_broker_that_is_away_is_left_alone_for_longer_and_longer),
        TEST(what_cannot_be_told_counts_against_what_is_claimed),
        TEST(prefetch_has_a_bound),
        TEST(beside_arq_it_has_ninety_jobs_in_hand_at_most),
        TEST(beside_arq_a_job_is_to_commit_within_the_lease_that_it_was_claimed_with),
        TEST(elsewhere_a_job_has_no_such_bound),
        TEST(beside_arq_what_has_waited_too_long_is_given_back),
        TEST(what_is_left_to_others_has_not_been_started),
        TEST(a_relay_is_answered_only_when_it_is_in_the_broker),
        TEST(a_relay_of_an_attempt_that_is_gone_is_answered_to_nobody),
        TEST(an_executor_that_does_not_wait_for_the_answer_is_refused),
        TEST(a_lost_lease_drops_what_has_not_begun),
        TEST(a_lost_job_that_does_not_listen_is_killed_in_time),
        TEST(a_job_in_its_hook_is_not_told_to_stop),
        TEST(what_comes_of_a_lost_job_is_told_to_nobody),
        TEST(a_lost_job_that_crashes_in_its_hook_is_not_settled),
        TEST(a_chore_of_a_lost_lease_is_dropped),
        TEST(an_abort_reaches_the_attempt_that_is_ours),
        TEST(an_abort_reaches_what_has_not_begun),
        TEST(a_full_worker_asks_each_second_for_aborts),
        TEST(a_crash_is_tried_again_and_the_third_is_settled),
        TEST(a_crash_is_tried_again_after_its_functions_delay),
        TEST(a_kill_for_the_timeout_uses_up_a_try_and_counts_not_towards_poison),
        TEST(a_job_lost_too_often_is_settled_without_a_run),
        TEST(a_crash_in_the_hook_keeps_the_verdict_and_leaves_the_hook_out),
        TEST(a_settlement_that_never_works_is_left_to_later),
        TEST(where_a_lost_job_was_claimed_more_are_looked_for_at_once),
        TEST(a_sweep_that_began_before_something_happened_is_not_the_last),
        TEST(counts_are_told_once_a_second_when_they_are_news),
        TEST(counts_wait_for_an_exchange_that_is_made),
        TEST(a_job_too_large_for_a_message_is_not_kept),
        TEST(what_a_clock_cannot_hold_is_bounded),
        TEST(a_stop_gives_back_what_has_not_begun_and_tells_the_rest),
        TEST(what_is_claimed_while_we_stop_is_given_back),
        TEST(a_stop_waits_for_a_broker_that_is_away_no_longer_than_for_a_job),
        TEST(a_stop_does_not_wait_for_a_house_that_waits_for_the_broker),
        TEST(a_settlement_that_fails_while_we_stop_is_left_to_others),
        TEST(a_crash_while_we_stop_uses_nothing_up),
        TEST(a_draining_worker_claims_nothing_and_lets_what_runs_end),
        TEST(a_draining_worker_tells_and_then_kills_what_takes_too_long),
        TEST(each_further_signal_hurries_by_one_stage),
        TEST(a_draining_worker_waits_for_a_broker_that_is_away),
        TEST(a_crash_while_we_drain_counts_as_ever_and_is_settled),
        TEST(a_stopped_executor_keeps_its_deadline),
        TEST(the_loop_waits_when_all_are_busy),
        TEST(the_loop_waits_while_the_database_is_away),
        TEST(the_loop_waits_while_the_house_works),
        TEST(the_loop_waits_while_it_stops),
        TEST(a_prune_waits_for_the_answer_to_the_last_one),
        TEST(receipts_go_up_to_the_first_whose_job_is_held),
    };

    bq_log_set_level(BQ_LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
