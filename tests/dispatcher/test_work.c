/*
 * test_work.c - executors with several jobs in their hands: what is sent to
 * whom, what comes back, and whom the end of one costs what. The executors are
 * no processes, but sockets that the test reads, and messages that it makes.
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

enum { EXECUTORS = 2, LEASE_MS = 30000, QUICK_US = 10, LONG_US = 1000000 };

static struct bq_exchange *begun; /* NULL: none is under way */

static void fake_begin(struct bq_broker *broker, struct bq_exchange *exchange)
{
    (void)broker;
    begun = exchange;
}

static struct bq_exchange *fake_end(struct bq_broker *broker)
{
    (void)broker;
    return bq_take(begun);
}

static const struct bq_broker_ops fake_ops = {.name = "fake", .begin = fake_begin, .end = fake_end};
static struct bq_broker fake = {.ops = &fake_ops};

static struct bq_dispatcher dispatcher;
static struct bq_executor executors[EXECUTORS];
static struct bq_channel children[EXECUTORS]; /* the other ends */
static struct bq_channel house;
static int64_t now_ms;

static void connect_child(struct bq_executor *executor, struct bq_channel *child)
{
    int pair[2];

    assert_int_equal(bq_socket_pair(pair, NULL), BARQ_OK);
    bq_executor_init(executor, &dispatcher.loop, &bq_listener, &dispatcher.job_role, 1);
    bq_channel_init(&executor->channel, pair[0], BQ_FRAME_MAX_BYTES,
                    (size_t)4 * BQ_FRAME_MAX_BYTES);
    bq_channel_init(child, pair[1], BQ_FRAME_MAX_BYTES, (size_t)4 * BQ_FRAME_MAX_BYTES);
    executor->socket.events = EPOLLIN;
    executor->state = BQ_EXECUTOR_IDLE;
    executor->was_ready = true;
    executor->data = &dispatcher;
}

static struct bq_list *const lists[] = {
    &dispatcher.waiting, &dispatcher.running,  &dispatcher.house_queue,
    &dispatcher.ended,   &dispatcher.after,    &dispatcher.acking,
    &dispatcher.relays,  &dispatcher.relaying, &dispatcher.tellings,
};

static int set_up(void **state)
{
    (void)state;
    now_ms = bq_mono_ms();
    begun = NULL;
    dispatcher = (struct bq_dispatcher){
        .options = {.lease_ms = LEASE_MS},
        .broker = &fake,
        .executors = executors,
        .n_executors = EXECUTORS,
        .threads = 2,
        .mean_us = LONG_US,
        .learned = true,
        .retry = {.max_tries = 5, .min_ms = 1, .max_ms = 1},
        .renew_at_ms = now_ms + LEASE_MS,
        .ask_lost_at_ms = now_ms + LEASE_MS,
        .look_at_ms = now_ms + BQ_POLL_MS,
        .sweep_at_ms = now_ms + LEASE_MS,
        .prune_at_ms = now_ms + BQ_PRUNE_EVERY_MS,
        .drained = true,
    };
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        bq_list_init(lists[i]);
    }
    bq_arena_init(&dispatcher.exchange_arena, BQ_CLAIM_ARENA_BYTES);
    for (int i = 0; i < EXECUTORS; i++) {
        connect_child(&executors[i], &children[i]);
        executors[i].threads = 2;
    }
    connect_child(&dispatcher.house, &house);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < 6; i++) {
        bq_list_each (at, lists[i]) {
            bq_claim_free(bq_list_owner(at, struct bq_claim, link));
        }
    }
    for (int i = 0; i < EXECUTORS; i++) {
        bq_channel_clear(&executors[i].channel);
        bq_channel_clear(&children[i]);
    }
    bq_channel_clear(&dispatcher.house.channel);
    bq_channel_clear(&house);
    bq_arena_clear(&dispatcher.exchange_arena);
    free(dispatcher.settles);
    return 0;
}

/* -- one step of it -- */

static struct bq_claimed job(const char *id)
{
    return (struct bq_claimed){
        .job = {.id = id, .queue = "barq", .function = "f", .payload = "{}", .payload_bytes = 2},
        .claim = 1};
}

static void claim(struct bq_claimed claimed)
{
    struct bq_exchange exchange = {.claimed = &claimed, .n_claimed = 1};

    bq_claim_take(&dispatcher, &exchange);
}

/* As if the broker had given jobs "a", "b", ... */
static void claim_jobs(int count)
{
    for (int i = 0; i < count; i++) {
        char id[2] = {(char)('a' + i), '\0'};
        claim(job(id));
    }
}

static void assign(void)
{
    bq_assign(&dispatcher, now_ms);
}

/* Jobs "a" and so on are claimed and assigned. */
static void run(int count)
{
    claim_jobs(count);
    assign();
}

static struct bq_claim *find(const char *id)
{
    for (size_t i = 0; i < 6; i++) {
        bq_list_each (at, lists[i]) {
            struct bq_claim *one = bq_list_owner(at, struct bq_claim, link);
            if (strcmp(one->claimed.job.id, id) == 0) {
                return one;
            }
        }
    }
    fail_msg("there is no job %s", id);
    return NULL;
}

/* The ids of a list, in its order, e.g. "abc". */
static const char *ids_of(const struct bq_list *list, size_t link_offset)
{
    static char text[64];
    size_t len = 0;

    for (struct bq_list *at = list->next; at != list; at = at->next) {
        const struct bq_claim *one = (struct bq_claim *)(void *)((char *)at - link_offset);
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s", one->claimed.job.id);
    }
    text[len] = '\0';
    return text;
}

static void assert_waiting(const char *ids)
{
    assert_string_equal(ids_of(&dispatcher.waiting, offsetof(struct bq_claim, link)), ids);
}

static void assert_work(int executor, const char *ids)
{
    assert_string_equal(ids_of(&executors[executor].work, offsetof(struct bq_claim, at_executor)),
                        ids);
    assert_int_equal(executors[executor].load, strlen(ids));
}

/* The next message that an executor was sent; 0: none. */
static uint8_t heard(int child, struct bq_reader *in)
{
    struct bq_frame frame;
    bool found = false;

    bq_flush_executors(&dispatcher);
    assert_int_equal(bq_channel_fill(&children[child], NULL), BARQ_OK);
    assert_int_equal(bq_channel_next(&children[child], &frame, &found, NULL), BARQ_OK);
    if (!found) {
        return 0;
    }
    *in = bq_reader_of(frame.body, frame.len);
    return frame.type;
}

static int count_heard(int child, uint8_t type)
{
    struct bq_reader in;
    int count = 0;

    for (uint8_t one = heard(child, &in); one != 0; one = heard(child, &in)) {
        count += one == type;
    }
    return count;
}

static bool say(int executor, enum bq_message type, const struct bq_buf *body)
{
    struct bq_frame frame = {.type = (uint8_t)type, .body = body->data, .len = body->len};

    return bq_listener.message(&executors[executor], &frame);
}

static bool starts(int executor, const char *id)
{
    bq_auto(buf) struct bq_buf body;
    struct bq_started started = {.attempt = find(id)->attempt,
                                 .function = "f",
                                 .job_timeout_ms = BARQ_OFF,
                                 .max_tries = 5,
                                 .retry_max_ms = 1};

    bq_buf_init(&body, 1000);
    bq_started_put(&body, &started);
    return say(executor, BQ_MSG_STARTED, &body);
}

static bool ends(int executor, const char *id, bool stays)
{
    bq_auto(buf) struct bq_buf body;
    struct bq_outcome outcome = {.attempt = find(id)->attempt,
                                 .kind = BQ_OUTCOME_COMPLETE,
                                 .function = "f",
                                 .error = "",
                                 .result = "r",
                                 .result_bytes = 1,
                                 .took_us = (int64_t)dispatcher.mean_us,
                                 .stays = stays};

    bq_buf_init(&body, 1000);
    bq_outcome_put(&body, &outcome);
    return say(executor, BQ_MSG_OUTCOME, &body);
}

static bool leaves(int executor, int64_t attempt)
{
    bq_auto(buf) struct bq_buf body;

    bq_buf_init(&body, 100);
    bq_buf_put_i64(&body, attempt);
    return say(executor, BQ_MSG_LEFT, &body);
}

/* Returns the jobs of these ids. */
static bool returns(int executor, const char *ids)
{
    bq_auto(buf) struct bq_buf body;

    bq_buf_init(&body, 1000);
    bq_buf_put_u32(&body, (uint32_t)strlen(ids));
    for (; *ids; ids++) {
        char id[2] = {*ids, '\0'};
        bq_buf_put_i64(&body, find(id)->attempt);
    }
    return say(executor, BQ_MSG_RETURNED, &body);
}

static void dies(int executor, const char *how)
{
    executors[executor].state = BQ_EXECUTOR_OFF;
    executors[executor].load = 0;
    bq_listener.ended(&executors[executor], how, true);
}

/* An exchange that goes well. */
static void acknowledge(void)
{
    bq_exchange_begin(&dispatcher, now_ms);
    assert_non_null(begun);
    begun->status = BARQ_OK;
    bq_exchange_end(&dispatcher, now_ms);
}

/* -- who gets what -- */

static void every_executor_gets_one_before_any_gets_two(void **state)
{
    (void)state;
    run(3);
    assert_work(0, "ac");
    assert_work(1, "b");
    assert_int_equal(count_heard(0, BQ_MSG_RUN), 2);
    assert_int_equal(count_heard(1, BQ_MSG_RUN), 1);
}

static void nothing_is_sent_ahead_of_long_jobs(void **state)
{
    (void)state;
    run(6);
    assert_work(0, "ac");
    assert_work(1, "bd");
    assert_waiting("ef");
}

static void quick_jobs_are_sent_ahead(void **state)
{
    (void)state;
    dispatcher.mean_us = QUICK_US;
    run(8);
    assert_work(0, "acefgh");
    assert_work(1, "bd");
    assert_waiting("");
}

static void ahead_there_are_never_many_nor_large_ones(void **state)
{
    (void)state;
    static char large[BQ_AHEAD_BYTES / 2];
    struct bq_claimed claimed = job("x");

    dispatcher.mean_us = QUICK_US;
    for (int i = 0; i < 500; i++) {
        claim(job("y"));
    }
    assign();
    int most = 2 + (2 * BQ_AHEAD_PER_THREAD);
    assert_int_equal(executors[0].load, most);
    assert_int_equal(executors[1].load, most);

    assert_int_equal(tear_down(state), 0);
    assert_int_equal(set_up(state), 0);
    dispatcher.mean_us = QUICK_US;
    claimed.job.payload = large;
    claimed.job.payload_bytes = sizeof(large);
    for (int i = 0; i < 20; i++) {
        claim(claimed);
    }
    assign();
    assert_int_equal(executors[0].load, 2);
    assert_int_equal(executors[1].load, 2);
}

static void nobody_is_sent_more_than_it_may_still_run(void **state)
{
    (void)state;
    dispatcher.mean_us = QUICK_US;
    dispatcher.recycle_after = 3;
    run(8);
    assert_work(0, "ace");
    assert_work(1, "bdf");
    assert_waiting("gh");
    assert_true(ends(0, "a", false));
    assign();
    assert_work(0, "ce");
    assert_true(ends(0, "c", false));
    assert_true(ends(0, "e", false));
    assert_int_equal(executors[0].state, BQ_EXECUTOR_RETIRING);
    assert_waiting("gh");
    bq_recycle_clear(&dispatcher.recycle);
}

static void what_was_claimed_before_waits_for_a_free_thread(void **state)
{
    (void)state;
    struct bq_claimed lost = job("x");

    dispatcher.mean_us = QUICK_US;
    lost.claimed_before = true;
    claim_jobs(4);
    claim(lost);
    assign();
    assert_waiting("x");
    assert_true(ends(0, "a", false));
    assign();
    assert_work(0, "cx");
}

static void who_is_clogged_gets_nothing(void **state)
{
    (void)state;
    struct bq_claimed large = job("x");
    char *bytes = calloc(1, BQ_JOB_MAX_BYTES);

    assert_non_null(bytes);
    large.job.payload = bytes;
    large.job.payload_bytes = BQ_JOB_MAX_BYTES;
    executors[0].threads = 100;
    dispatcher.threads = 100;
    executors[1].state = BQ_EXECUTOR_OFF;
    for (int i = 0; i < 20; i++) {
        claim(large);
        assign();
    }
    assert_in_range(executors[0].load, 1, 3);
    assert_int_equal(executors[0].state, BQ_EXECUTOR_BUSY);
    free(bytes);
}

static struct bq_claimed lone_job(const char *id)
{
    struct bq_claimed lone = job(id);

    lone.alone = true;
    return lone;
}

static void who_runs_alone_is_alone(void **state)
{
    (void)state;
    dispatcher.mean_us = QUICK_US;
    claim_jobs(2);
    claim(lone_job("x"));
    assert_waiting("xab");
    assign();
    assert_work(0, "x");
    assert_work(1, "ab");
    claim(job("c"));
    assign();
    assert_work(1, "abc");
    assert_true(ends(0, "x", false));
    claim(job("d"));
    assign();
    assert_work(0, "d");
}

static void who_must_run_alone_gets_an_executor_emptied(void **state)
{
    (void)state;
    run(3); /* "ac" and "b" */
    claim(lone_job("x"));
    claim(lone_job("y"));
    claim(job("d"));
    claim(job("e"));
    assign();
    assert_waiting("xyde"); /* the second executor is kept free of others; the first one isn't */
    assert_work(0, "ac");
    assert_work(1, "b");
}

static void a_thread_is_kept_free_to_ask_for_what_was_lost(void **state)
{
    (void)state;
    size_t lost_room;

    dispatcher.mean_us = 0;
    run(3);
    dispatcher.drained = false;
    dispatcher.ask_lost_at_ms = now_ms;
    dispatcher.in_hand = 0; /* there is room for claims */
    claim(job("d"));
    assign();
    assert_waiting("d");
    (void)bq_claim_room(&dispatcher, &lost_room);
    assert_int_equal(lost_room, 1);
    dispatcher.in_hand = 0;
    bq_exchange_begin(&dispatcher, now_ms);
    assert_int_equal(begun->claim_lost_max, 1);
    assign();
    assert_waiting("d"); /* until the answer has come */
    begun->status = BARQ_OK;
    dispatcher.in_hand = 4;
    bq_exchange_end(&dispatcher, now_ms);
    assign();
    assert_waiting("");
}

static void the_house_does_not_say_how_many_threads_the_others_have(void **state)
{
    (void)state;
    struct bq_ready ready = {.threads = 1};

    dispatcher.house.threads = 1;
    bq_listener.ready(&dispatcher.house, &ready);
    assert_int_equal(dispatcher.threads, 2);
    executors[0].threads = 3;
    bq_listener.ready(&executors[0], &ready);
    assert_int_equal(dispatcher.threads, 3);
}

/* -- who may have begun -- */

static void only_who_may_have_begun_has_its_ten_seconds(void **state)
{
    (void)state;
    dispatcher.mean_us = QUICK_US;
    run(6); /* "acef" and "bd" */
    assert_true(find("c")->limit_at_ms == now_ms + BQ_STARTED_LIMIT_MS);
    assert_int_equal(find("e")->limit_at_ms, 0);
    assert_true(ends(0, "c", false));
    assert_true(find("e")->limit_at_ms > 0);
    assert_int_equal(find("f")->limit_at_ms, 0);
}

static void who_cannot_have_begun_cannot_say_so(void **state)
{
    (void)state;
    dispatcher.mean_us = QUICK_US;
    run(6);
    assert_false(starts(0, "e"));
    assert_false(ends(0, "e", false));
    assert_true(starts(0, "c"));
    assert_false(starts(1, "a"));
}

static void a_cancel_of_what_has_not_begun_waits_for_its_turn(void **state)
{
    (void)state;
    dispatcher.mean_us = QUICK_US;
    run(6);
    (void)count_heard(0, 0);
    bq_cancel_claim(&dispatcher, find("e"), BQ_CANCEL_ABORT);
    assert_int_equal(count_heard(0, BQ_MSG_CANCEL), 1);
    assert_int_equal(find("e")->limit_at_ms, 0);
    assert_true(ends(0, "a", false));
    assert_true(find("e")->limit_at_ms > 0);
}

/* -- recall -- */

static void what_is_stuck_behind_a_long_one_is_recalled(void **state)
{
    (void)state;
    dispatcher.mean_us = QUICK_US;
    run(7); /* "acefg" and "bd" */
    (void)count_heard(0, 0);
    int64_t next_ms = bq_deadlines(&dispatcher, now_ms);
    assert_int_equal(next_ms, now_ms + BQ_STUCK_MS);
    assert_int_equal(count_heard(0, BQ_MSG_RECALL), 0);
    now_ms = next_ms;
    assert_true(bq_deadlines(&dispatcher, now_ms) > now_ms);
    assert_int_equal(count_heard(0, BQ_MSG_RECALL), 1);
    assert_int_equal(count_heard(1, BQ_MSG_RECALL), 0);

    claim(job("h"));
    dispatcher.mean_us = LONG_US;
    assert_true(ends(0, "a", false)); /* meanwhile; a thread has taken "e" */
    assign();
    assert_work(0, "cefg");
    assert_true(returns(0, "fg"));
    assert_work(0, "ce");
    assert_waiting("fgh");
    assert_false(find("f")->claimed.claimed_before);
    assert_true(ends(0, "c", false));
    assign();
    assert_work(0, "ef");
    assert_waiting("gh");
}

static void who_does_not_return_what_it_has_is_killed(void **state)
{
    (void)state;
    dispatcher.mean_us = QUICK_US;
    run(6);
    bq_work_recall(&executors[0], now_ms);
    bq_limit(&dispatcher, find("a"), 0, "");
    bq_limit(&dispatcher, find("c"), 0, "");
    now_ms += BQ_STARTED_LIMIT_MS;
    (void)bq_deadlines(&dispatcher, now_ms);
    assert_int_equal(executors[0].state, BQ_EXECUTOR_KILLED);
}

static void who_does_not_answer_a_recall_is_killed_though_it_is_idle_by_then(void **state)
{
    (void)state;
    dispatcher.mean_us = QUICK_US;
    run(5); /* "ace" and "bd" */
    bq_work_recall(&executors[0], now_ms);
    assert_true(ends(0, "a", false) && ends(0, "c", false) && ends(0, "e", false));
    assert_int_equal(executors[0].state, BQ_EXECUTOR_IDLE);
    assert_true(bq_deadlines(&dispatcher, now_ms) <= now_ms + BQ_STARTED_LIMIT_MS);
    now_ms += BQ_STARTED_LIMIT_MS;
    (void)bq_deadlines(&dispatcher, now_ms);
    assert_int_equal(executors[0].state, BQ_EXECUTOR_KILLED);
}

static void of_silence_nobody_is_guilty(void **state)
{
    (void)state;
    dispatcher.mean_us = QUICK_US;
    dispatcher.threads = 1;
    executors[0].threads = 1;
    executors[1].state = BQ_EXECUTOR_OFF;
    run(3);
    assert_true(starts(0, "a"));
    bq_work_recall(&executors[0], now_ms);
    now_ms += BQ_STARTED_LIMIT_MS;
    (void)bq_deadlines(&dispatcher, now_ms);
    assert_int_equal(executors[0].state, BQ_EXECUTOR_KILLED);
    dies(0, "did not return what it had not begun in 10 s");
    assert_waiting("abc");
    assert_true(find("a")->claimed.alone && find("a")->claimed.claimed_before);
    assert_int_equal(find("a")->claimed.tries + find("a")->claimed.crashes, 0);
}

static void the_next_process_has_not_been_asked(void **state)
{
    (void)state;
    dispatcher.mean_us = QUICK_US;
    run(5);
    bq_work_recall(&executors[0], now_ms);
    assert_true(ends(0, "a", false) && ends(0, "c", false) && ends(0, "e", false));
    dies(0, "killed by SIGKILL");
    executors[0].state = BQ_EXECUTOR_IDLE;
    dispatcher.mean_us = LONG_US;
    claim(job("f"));
    assign();
    assert_work(0, "f");
}

static void an_answer_that_comes_late_leaves_the_deadline_of_an_end_alone(void **state)
{
    (void)state;
    dispatcher.mean_us = QUICK_US;
    run(5);
    bq_retire(&executors[0], now_ms);
    assert_true(ends(0, "a", false) && ends(0, "c", false) && ends(0, "e", false));
    assert_int_equal(executors[0].state, BQ_EXECUTOR_RETIRING);
    assert_true(returns(0, ""));
    assert_true(executors[0].deadline_ms > 0);
}

static void nothing_is_sent_ahead_again_while_it_is_stuck(void **state)
{
    (void)state;
    dispatcher.mean_us = QUICK_US;
    executors[1].state = BQ_EXECUTOR_OFF;
    run(4);
    now_ms += BQ_STUCK_MS;
    (void)bq_deadlines(&dispatcher, now_ms);
    assert_true(returns(0, "cd"));
    assign();
    assert_work(0, "ab");
    assert_true(ends(0, "a", false));
    assign();
    assert_work(0, "bcd");
}

static void what_makes_no_sense_is_not_taken_back(void **state)
{
    (void)state;
    dispatcher.mean_us = QUICK_US;
    run(6);
    assert_false(returns(0, "f")); /* it was not asked */
    bq_work_recall(&executors[0], now_ms);
    assert_true(starts(0, "a"));
    assert_false(returns(0, "a"));
    assert_false(returns(0, "ff"));
    assert_false(returns(0, "b"));
    find("c")->settling = true; /* it has committed, or runs its hook */
    assert_false(returns(0, "c"));
}

static void an_aborted_one_that_comes_back_is_refused_elsewhere(void **state)
{
    (void)state;
    dispatcher.mean_us = QUICK_US;
    run(5);
    bq_cancel_claim(&dispatcher, find("e"), BQ_CANCEL_ABORT);
    bq_work_recall(&executors[0], now_ms);
    assert_true(returns(0, "e"));
    assert_true(find("e")->claimed.aborted);
}

static void at_its_end_a_worker_gives_back_what_comes_back(void **state)
{
    (void)state;
    dispatcher.mean_us = QUICK_US;
    run(6);
    (void)count_heard(0, 0);
    bq_stop_next(&dispatcher, now_ms);
    assert_int_equal(count_heard(0, BQ_MSG_RECALL), 1);
    assert_true(returns(0, "ef"));
    assert_int_equal(find("f")->settle.kind, BQ_SETTLE_RELEASE);
    assert_false(find("f")->settle.claimed_before);
}

static void what_comes_back_of_a_lost_lease_is_dropped(void **state)
{
    (void)state;
    dispatcher.mean_us = QUICK_US;
    run(6);
    bq_lease_lost(&dispatcher);
    assert_true(returns(0, "ef"));
    assert_work(0, "ac");
    assert_int_equal(dispatcher.in_hand, 4);
}

/* -- the end of an executor -- */

static void with_one_thread_it_is_known_who_did_it(void **state)
{
    (void)state;
    dispatcher.mean_us = QUICK_US;
    dispatcher.threads = 1;
    executors[0].threads = 1;
    executors[1].state = BQ_EXECUTOR_OFF;
    run(3);
    assert_work(0, "abc");
    assert_true(ends(0, "a", false));
    dies(0, "killed by SIGSEGV");
    assert_int_equal(find("b")->settle.kind, BQ_SETTLE_RETRY);
    assert_int_equal(find("b")->settle.tries_used, 1);
    assert_int_equal(find("b")->settle.crashes_used, 1);
    assert_waiting("c");
    assert_false(find("c")->claimed.claimed_before || find("c")->claimed.alone);
    assert_false(find("c")->may_have_begun);
}

static void with_two_suspects_none_is_charged_and_both_run_alone(void **state)
{
    (void)state;
    dispatcher.mean_us = QUICK_US;
    run(6); /* "acef" and "bd" */
    dies(0, "killed by SIGSEGV");
    assert_waiting("acef");
    assert_true(find("a")->claimed.alone && find("a")->claimed.claimed_before);
    assert_true(find("c")->claimed.alone && find("c")->claimed.claimed_before);
    assert_false(find("e")->claimed.alone || find("e")->claimed.claimed_before);
    assert_int_equal(find("a")->claimed.tries + find("a")->claimed.crashes, 0);
    assert_true(bq_list_empty(&dispatcher.ended));
}

static void who_was_killed_for_its_time_pays_alone(void **state)
{
    (void)state;
    run(4);
    assert_true(starts(0, "c"));
    bq_limit(&dispatcher, find("c"), now_ms + 1, "ran past its 1 s");
    bq_limit(&dispatcher, find("a"), now_ms + 10, "ran past its 2 s");
    now_ms += 5;
    (void)bq_deadlines(&dispatcher, now_ms);
    assert_int_equal(executors[0].state, BQ_EXECUTOR_KILLED);
    dies(0, "ran past its 1 s");
    assert_int_equal(find("c")->settle.kind, BQ_SETTLE_RETRY);
    assert_waiting("a");
    assert_true(find("a")->claimed.claimed_before);
    assert_false(find("a")->claimed.alone);
}

static void who_cannot_start_beside_others_need_not_be_the_reason(void **state)
{
    (void)state;
    run(4);
    assert_true(starts(0, "a"));
    now_ms += BQ_STARTED_LIMIT_MS;
    (void)bq_deadlines(&dispatcher, now_ms);
    assert_int_equal(executors[0].state, BQ_EXECUTOR_KILLED);
    dies(0, "did not start its job in 10 s");
    assert_true(find("a")->claimed.alone && find("c")->claimed.alone);
    assert_int_equal(find("c")->claimed.tries + find("c")->claimed.crashes, 0);
}

static void who_cannot_start_though_it_is_alone_is(void **state)
{
    (void)state;
    run(2);
    now_ms += BQ_STARTED_LIMIT_MS;
    (void)bq_deadlines(&dispatcher, now_ms);
    dies(0, "did not start its job in 10 s");
    assert_int_equal(find("a")->settle.crashes_used, 1);
}

static void siblings_are_given_back_as_started_at_the_workers_end(void **state)
{
    (void)state;
    run(4);
    dies(0, "killed by SIGSEGV");
    bq_stop_next(&dispatcher, now_ms);
    assert_int_equal(find("a")->settle.kind, BQ_SETTLE_RELEASE);
    assert_true(find("a")->settle.claimed_before);
}

static void a_sibling_in_its_hook_is_settled_without_it_unless_it_is_innocent(void **state)
{
    (void)state;
    bq_auto(buf) struct bq_buf body;

    bq_buf_init(&body, 100);
    for (int known = 0; known <= 1; known++) {
        run(4);
        bq_buf_reset(&body);
        bq_buf_put_i64(&body, find("a")->attempt);
        bq_buf_put_str(&body, "no");
        assert_true(say(0, BQ_MSG_HOOK, &body));
        find("c")->guilty = known;
        dies(0, "killed by SIGKILL");
        assert_int_equal(find("a")->state, BQ_CLAIM_HOUSE);
        assert_string_equal(find("a")->verdict, "no");
        assert_int_equal(find("a")->without_hook, !known);
        assert_int_equal(tear_down(state), 0);
        assert_int_equal(set_up(state), 0);
    }
}

/* -- after_job_end -- */

static void who_stays_is_told_when_the_broker_knows(void **state)
{
    (void)state;
    struct bq_reader in = {0};

    run(4);
    int64_t attempt = find("a")->attempt;
    (void)count_heard(0, 0);
    assert_true(ends(0, "a", true));
    assert_work(0, "ac"); /* its thread is not free */
    assert_false(leaves(0, attempt));
    assert_int_equal(heard(0, &in), 0);

    acknowledge();
    assert_int_equal(heard(0, &in), BQ_MSG_ACKED);
    assert_int_equal(bq_read_i64(&in), attempt);
    assert_int_equal(bq_read_i64(&in), 1);
    assert_int_equal(dispatcher.in_hand, 4);
    assert_true(leaves(0, attempt));
    assert_work(0, "c");
    assert_int_equal(dispatcher.in_hand, 3);
    assert_false(leaves(0, attempt));
}

static void who_stays_too_long_pays_with_its_executor_only(void **state)
{
    (void)state;
    run(4);
    assert_true(starts(0, "c"));
    assert_true(ends(0, "a", true));
    acknowledge();
    now_ms += BQ_HOOK_LIMIT_MS;
    (void)bq_deadlines(&dispatcher, now_ms);
    assert_int_equal(executors[0].state, BQ_EXECUTOR_KILLED);
    dies(0, "after_job_end ran past its 30 s");
    assert_waiting("c");
    assert_false(find("c")->claimed.alone);
    assert_int_equal(dispatcher.in_hand, 3);
}

static void who_stays_beyond_the_time_of_a_stop_is_killed(void **state)
{
    (void)state;
    run(2);
    assert_true(ends(0, "a", true));
    for (int i = 0; i < 3; i++) {
        bq_stop_next(&dispatcher, now_ms);
    }
    assert_int_equal(dispatcher.stopping, BQ_STOP_KILL);
    acknowledge();
    assert_int_equal(executors[0].state, BQ_EXECUTOR_KILLED);
    dies(0, "stopped with its worker");
    dies(1, "stopped with its worker");
    assert_int_equal(dispatcher.in_hand, 1); /* "b", given back */
}

static void who_stays_may_have_been_the_reason(void **state)
{
    (void)state;
    run(4);
    assert_true(ends(0, "a", true));
    dies(0, "killed by SIGSEGV"); /* before the broker knew */
    assert_waiting("c");
    assert_true(find("c")->claimed.alone);
    assert_int_equal(find("a")->settle.kind, BQ_SETTLE_COMPLETE);
    acknowledge();
    assert_int_equal(dispatcher.in_hand, 3);
}

static void who_stays_is_told_when_the_broker_will_never_know(void **state)
{
    (void)state;
    struct bq_reader in = {0};

    run(2);
    int64_t attempt = find("a")->attempt;
    (void)count_heard(0, 0);
    assert_true(ends(0, "a", true));
    bq_lease_lost(&dispatcher);
    assert_int_equal(heard(0, &in), BQ_MSG_ACKED);
    assert_int_equal(bq_read_i64(&in), attempt);
    assert_int_equal(bq_read_i64(&in), 0);
    assert_true(leaves(0, attempt));
    assert_int_equal(dispatcher.in_hand, 1);
}

/* -- retirement -- */

static void who_retires_returns_what_it_can_ends_the_rest_and_stops(void **state)
{
    (void)state;
    dispatcher.mean_us = QUICK_US;
    run(5); /* "ace" and "bd" */
    (void)count_heard(0, 0);
    bq_retire(&executors[0], now_ms);
    assert_int_equal(count_heard(0, BQ_MSG_RECALL), 1);
    assert_true(returns(0, "e"));
    dispatcher.mean_us = LONG_US;
    assign();
    assert_work(0, "ac");
    assert_waiting("e");
    assert_true(ends(0, "a", false));
    assert_int_equal(count_heard(0, BQ_MSG_STOP), 0);
    assert_true(ends(0, "c", false));
    assert_int_equal(count_heard(0, BQ_MSG_STOP), 1);
    assert_int_equal(executors[0].state, BQ_EXECUTOR_RETIRING);
    assert_true(executors[0].deadline_ms > 0);
    assign();
    assert_waiting("e");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_executor_gets_one_before_any_gets_two),
        TEST(nothing_is_sent_ahead_of_long_jobs),
        TEST(quick_jobs_are_sent_ahead),
        TEST(ahead_there_are_never_many_nor_large_ones),
        TEST(nobody_is_sent_more_than_it_may_still_run),
        TEST(what_was_claimed_before_waits_for_a_free_thread),
        TEST(who_is_clogged_gets_nothing),
        TEST(who_runs_alone_is_alone),
        TEST(who_must_run_alone_gets_an_executor_emptied),
        TEST(a_thread_is_kept_free_to_ask_for_what_was_lost),
        TEST(the_house_does_not_say_how_many_threads_the_others_have),
        TEST(only_who_may_have_begun_has_its_ten_seconds),
        TEST(who_cannot_have_begun_cannot_say_so),
        TEST(a_cancel_of_what_has_not_begun_waits_for_its_turn),
        TEST(what_is_stuck_behind_a_long_one_is_recalled),
        TEST(who_does_not_return_what_it_has_is_killed),
        TEST(who_does_not_answer_a_recall_is_killed_though_it_is_idle_by_then),
        TEST(of_silence_nobody_is_guilty),
        TEST(the_next_process_has_not_been_asked),
        TEST(an_answer_that_comes_late_leaves_the_deadline_of_an_end_alone),
        TEST(nothing_is_sent_ahead_again_while_it_is_stuck),
        TEST(what_makes_no_sense_is_not_taken_back),
        TEST(an_aborted_one_that_comes_back_is_refused_elsewhere),
        TEST(at_its_end_a_worker_gives_back_what_comes_back),
        TEST(what_comes_back_of_a_lost_lease_is_dropped),
        TEST(with_one_thread_it_is_known_who_did_it),
        TEST(with_two_suspects_none_is_charged_and_both_run_alone),
        TEST(who_was_killed_for_its_time_pays_alone),
        TEST(who_cannot_start_beside_others_need_not_be_the_reason),
        TEST(who_cannot_start_though_it_is_alone_is),
        TEST(siblings_are_given_back_as_started_at_the_workers_end),
        TEST(a_sibling_in_its_hook_is_settled_without_it_unless_it_is_innocent),
        TEST(who_stays_is_told_when_the_broker_knows),
        TEST(who_stays_too_long_pays_with_its_executor_only),
        TEST(who_stays_beyond_the_time_of_a_stop_is_killed),
        TEST(who_stays_may_have_been_the_reason),
        TEST(who_stays_is_told_when_the_broker_will_never_know),
        TEST(who_retires_returns_what_it_can_ends_the_rest_and_stops),
    };

    bq_log_set_level(BQ_LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
