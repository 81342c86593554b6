/*
 * test_hostile.c - executors that say anything in any order, beside a broker
 * that fails and loses leases, and a clock that runs: the dispatcher believes
 * nothing that cannot be, tells the broker of each claim once at most, and
 * ends with nothing in its hands. All of it depends on the seed only.
 *
 * The executors are no processes: what is killed gets a successor at once.
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

enum { EXECUTORS = 3, THREADS = 3, LEASE_MS = 30000, JOBS = 4096, STEPS = 6000, AT_ONCE = 40 };

static struct bq_exchange *begun;

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
static struct bq_executor executors[EXECUTORS + BQ_RELOAD_SPARES];
static struct bq_channel children[EXECUTORS + 1];
static int64_t now_ms;
static int told[JOBS]; /* how often the broker was told of a job's end, by number */
static int n_jobs;
static int counts[UINT8_MAX + 1][2]; /* of messages: refused, taken */

/* -- chance -- */

static uint64_t chance;

static uint64_t any(uint64_t below)
{
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return below > 0 ? (chance >> 11) % below : chance;
}

static int64_t any_number(void)
{
    static const int64_t odd[] = {
        INT64_MIN,        INT64_MIN + 1, -1,       0, 1, 2, 1000, INT32_MAX,
        INT64_C(1) << 53, INT64_MAX - 1, INT64_MAX};
    size_t count = sizeof(odd) / sizeof(odd[0]);

    return any(3) == 0 ? (int64_t)any(0) : odd[any(count)];
}

static const char *any_text(void)
{
    static char large[BQ_FRAME_SLACK_BYTES - 1000];
    static const char *const texts[] = {"", "f", "no", "\xff\xfe\x1b", "a\nb"};
    size_t count = sizeof(texts) / sizeof(texts[0]);

    if (any(20) == 0) {
        memset(large, 'x', sizeof(large) - 1);
        return large;
    }
    return texts[any(count)];
}

/* Most of what is said makes sense: else no executor would live for long, nor get far. */
static bool wild;

static int64_t any_sensible(uint64_t below)
{
    return wild ? any_number() : (int64_t)any(below);
}

/* -- made and unmade -- */

static void connect_child(struct bq_executor *executor, struct bq_channel *child, int number)
{
    int pair[2];

    assert_int_equal(bq_socket_pair(pair, NULL), BARQ_OK);
    bq_executor_init(executor, &dispatcher.loop, &bq_listener, &dispatcher.job_role, number);
    bq_channel_init(&executor->channel, pair[0], BQ_FRAME_MAX_BYTES,
                    (size_t)4 * BQ_FRAME_MAX_BYTES);
    bq_channel_init(child, pair[1], BQ_FRAME_MAX_BYTES, (size_t)4 * BQ_FRAME_MAX_BYTES);
    executor->socket.events = EPOLLIN;
    executor->state = BQ_EXECUTOR_IDLE;
    executor->was_ready = true;
    executor->data = &dispatcher;
    executor->threads = number == 0 ? 1 : THREADS;
}

static struct bq_list *const lists[] = {
    &dispatcher.waiting, &dispatcher.running, &dispatcher.house_queue,
    &dispatcher.ended,   &dispatcher.after,   &dispatcher.acking,
};
enum { LISTS = sizeof(lists) / sizeof(lists[0]) };

static void set_up(uint64_t seed)
{
    struct bq_list *const others[] = {&dispatcher.relays, &dispatcher.relaying,
                                      &dispatcher.tellings};

    chance = seed * 0x9E3779B97F4A7C15U + 1;
    n_jobs = 0;
    memset(told, 0, sizeof(told));
    begun = NULL;
    now_ms = bq_mono_ms();
    dispatcher = (struct bq_dispatcher){
        .options = {.lease_ms = LEASE_MS, .executors = EXECUTORS},
        .broker = &fake,
        .executors = executors,
        .n_executors = EXECUTORS,
        .threads = THREADS,
        .mean_us = 10,
        .learned = true,
        .retry = {.max_tries = 5, .min_ms = 1, .max_ms = 1},
        .renew_at_ms = now_ms + LEASE_MS / 3,
        .prune_at_ms = now_ms + BQ_PRUNE_EVERY_MS,
        .sweep_at_ms = now_ms,
        .reload = {.changes = {.fd = -1}, .watch = {.fd = -1}},
        .notify = {.fd = -1},
    };
    for (size_t i = 0; i < LISTS; i++) {
        bq_list_init(lists[i]);
    }
    for (size_t i = 0; i < 3; i++) {
        bq_list_init(others[i]);
    }
    bq_arena_init(&dispatcher.exchange_arena, BQ_CLAIM_ARENA_BYTES);
    bq_arena_init(&dispatcher.probe_arena, BQ_FRAME_MAX_BYTES);
    bq_crons_init(&dispatcher.crons);
    for (int i = 0; i < EXECUTORS; i++) {
        connect_child(&executors[i], &children[i], i + 1);
    }
    connect_child(&dispatcher.house, &children[EXECUTORS], 0);
}

static void tear_down(void)
{
    for (int i = 0; i <= EXECUTORS; i++) {
        bq_channel_clear(&children[i]);
        bq_channel_clear(i < EXECUTORS ? &executors[i].channel : &dispatcher.house.channel);
    }
    bq_recycle_clear(&dispatcher.recycle);
    bq_crons_clear(&dispatcher.crons);
    bq_arena_clear(&dispatcher.exchange_arena);
    bq_arena_clear(&dispatcher.probe_arena);
    free(dispatcher.settles);
    free(dispatcher.enqueues);
}

/* -- what must always hold -- */

static size_t length(const struct bq_list *list)
{
    size_t count = 0;

    for (const struct bq_list *at = list->next; at != list; at = at->next) {
        count++;
    }
    return count;
}

static void check_executor(struct bq_executor *executor)
{
    size_t bytes = 0;
    int entered = 0;

    bq_list_each (at, &executor->work) {
        struct bq_claim *claim = bq_list_owner(at, struct bq_claim, at_executor);
        assert_ptr_equal(claim->executor, executor);
        bytes += claim->claimed.job.payload_bytes;
        entered += claim->entered;
    }
    assert_int_equal(executor->load, length(&executor->work));
    assert_int_equal(executor->load_bytes, bytes);
    assert_true(entered <= executor->threads);
    assert_true(executor->state != BQ_EXECUTOR_IDLE || executor->load == 0);
}

static void check(void)
{
    size_t in_hand = dispatcher.chore_claim != NULL;

    for (size_t i = 0; i < LISTS; i++) {
        in_hand += length(lists[i]);
    }
    assert_int_equal(dispatcher.in_hand, in_hand);
    for (int i = 0; i < EXECUTORS; i++) {
        check_executor(&executors[i]);
    }
    /* An attempt that waits for the answer to its relay has no second one; none is of nobody for long. */
    assert_true(length(&dispatcher.relays) + length(&dispatcher.relaying) <=
                in_hand + ((size_t)EXECUTORS * THREADS) + AT_ONCE);
}

/* -- the broker -- */

static void claim_one(void)
{
    char id[32];
    char payload[200];
    struct bq_claimed claimed = {
        .job = {.id = id, .queue = "barq", .function = "f", .payload = payload},
        .claim = 1,
        .tries = (int)any(5),
        .crashes = (int)any(4),
        .losses = any(20) == 0 ? BARQ_MAX_LOSSES : 0,
        .claimed_before = any(4) == 0,
        .alone = any(10) == 0,
        .refusal = any(30) == 0 ? "no" : NULL,
    };
    struct bq_exchange exchange = {.claimed = &claimed, .n_claimed = 1};

    memset(payload, 'x', sizeof(payload));
    claimed.job.payload_bytes = any(sizeof(payload));
    (void)snprintf(id, sizeof(id), "%d", n_jobs++);
    bq_claim_take(&dispatcher, &exchange);
}

static void count_settles(const struct bq_exchange *exchange)
{
    for (size_t i = 0; i < exchange->n_settles; i++) {
        int number = atoi(exchange->settles[i].id);
        told[number]++;
        assert_int_equal(told[number], 1);
    }
}

static void end_exchange(void)
{
    char id[32];
    const char *aborts[] = {id};

    if (!begun) {
        return;
    }
    begun->status = any(4) == 0 ? BARQ_ERR_CONN : BARQ_OK;
    if (begun->status == BARQ_OK) {
        count_settles(begun);
        (void)snprintf(id, sizeof(id), "%d", (int)any((uint64_t)n_jobs + 1));
        begun->aborts = aborts;
        begun->n_aborts = any(2);
        begun->lease_lost = any(60) == 0;
    }
    bq_exchange_end(&dispatcher, now_ms);
}

/* -- the executors -- */

static struct bq_executor *any_executor(void)
{
    uint64_t number = any(EXECUTORS + 1);

    return number < EXECUTORS ? &executors[number] : &dispatcher.house;
}

/* What one that is asked says most often: an attempt that it has. */
static int64_t any_attempt(struct bq_executor *executor)
{
    struct bq_list *at = &executor->work;

    for (uint64_t i = any(6); i > 0; i--) {
        at = at->next;
    }
    if (at == &executor->work || any(8) == 0) {
        return any(2) == 0 ? (int64_t)any((uint64_t)dispatcher.last_attempt + 2) : any_number();
    }
    return bq_list_owner(at, struct bq_claim, at_executor)->attempt;
}

static void put_started(struct bq_buf *body, int64_t attempt)
{
    struct bq_started started = {
        .attempt = attempt,
        .function = any_text(),
        .job_timeout_ms = any_number(),
        .max_tries = any_number(),
        .retry_min_ms = any_number(),
        .retry_max_ms = any_number(),
        .retry_on_timeout = any(2),
        .memory_max_bytes = any_number(),
        .cpu_max_ms = any_number(),
        .output_max_bytes = any_number(),
        .recycle_after = any(4) == 0 ? any_number() : 0,
    };

    bq_started_put(body, &started);
}

static void put_outcome(struct bq_buf *body, int64_t attempt, const struct bq_executor *executor)
{
    struct bq_outcome outcome = {
        .attempt = attempt,
        .kind = (enum bq_outcome_kind)(wild ? any(256) : 1 + any(4)),
        .function = any_text(),
        .error = any_text(),
        .result = "result",
        .result_bytes = any(7),
        .keep_result_ms = any_number(),
        .defer_ms = any_number(),
        .database_away = any(10) == 0,
        .took_us = any(2) == 0 ? 10 : any_number(),
        .printed = any(4) == 0,
        .stays = (wild || executor != &dispatcher.house) && any(3) == 0,
    };

    bq_outcome_put(body, &outcome);
}

static void put_outbox(struct bq_buf *body, int64_t attempt)
{
    uint32_t count = (uint32_t)any(3) + !wild;
    struct bq_job job = {.id = "child",
                         .queue = "barq",
                         .payload = "{}",
                         .payload_bytes = 2,
                         .due_at_ms = any_number()};

    bq_buf_put_i64(body, attempt);
    bq_buf_put_u32(body, wild ? UINT32_MAX : count);
    for (uint32_t i = 0; i < count; i++) {
        bq_job_put(body, &job);
    }
}

/* What it has not begun; or anything. */
static void put_returned(struct bq_buf *body, struct bq_executor *executor)
{
    bq_auto(buf) struct bq_buf attempts;
    uint32_t count = 0;

    bq_buf_init(&attempts, BQ_FRAME_SLACK_BYTES);
    bq_list_each (at, &executor->work) {
        struct bq_claim *claim = bq_list_owner(at, struct bq_claim, at_executor);
        if (wild ? any(2) == 0 : !claim->entered) {
            bq_buf_put_i64(&attempts, claim->attempt);
            count++;
        }
    }
    bq_buf_put_u32(body, wild && any(2) == 0 ? UINT32_MAX : count);
    bq_buf_put(body, attempts.data, attempts.len);
}

static void put_probe(struct bq_buf *body, int64_t attempt)
{
    struct bq_identity identity = {.queue = "barq", .id = any_text(), .nonce = ""};

    bq_buf_put_i64(body, attempt);
    bq_buf_put_u32(body, 1);
    bq_identity_put(body, &identity);
}

static void put_body(struct bq_buf *body, uint8_t type, struct bq_executor *executor,
                     int64_t attempt)
{
    struct bq_progress progress = {attempt, any_number(), any_number(), wild ? any_text() : "far"};
    struct bq_span span = {attempt, any_sensible(1000),
                           wild ? any_text()
                                : "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                           wild ? any_text() : "", wild ? any_text() : "a=1"};
    struct bq_said said = {attempt, (enum barq_log_level)any(wild ? 256 : 3), any_sensible(1000),
                           wild ? any_text() : "said"};

    switch (type) {
    case BQ_MSG_STARTED:
        put_started(body, attempt);
        break;
    case BQ_MSG_OUTCOME:
        put_outcome(body, attempt, executor);
        break;
    case BQ_MSG_OUTBOX:
        put_outbox(body, attempt);
        break;
    case BQ_MSG_RETURNED:
        put_returned(body, executor);
        break;
    case BQ_MSG_PROBE:
        put_probe(body, attempt);
        break;
    case BQ_MSG_PROGRESS:
        bq_progress_put(body, &progress);
        break;
    case BQ_MSG_LOG:
        bq_said_put(body, &said);
        break;
    case BQ_MSG_SPAN:
        bq_span_put(body, &span);
        break;
    default:
        bq_buf_put_i64(body, attempt);
        if (type == BQ_MSG_HOOK) {
            bq_buf_put_str(body, any_text());
        } else if (type == BQ_MSG_DONE) {
            bq_buf_put_u8(body, any(2) > 0);
            bq_buf_put_u8(body, any(2) > 0);
        }
    }
    if (wild && any(4) == 0) {
        body->len = any(body->len + 1);
    }
}

/* What one in its place could say. */
static uint8_t likely_type(const struct bq_executor *executor)
{
    static const uint8_t of_job[] = {BQ_MSG_STARTED, BQ_MSG_OUTCOME,  BQ_MSG_OUTCOME, BQ_MSG_OUTBOX,
                                     BQ_MSG_LOG,     BQ_MSG_PROGRESS, BQ_MSG_HOOK,    BQ_MSG_SPAN};

    if (executor == &dispatcher.house) {
        uint8_t of_chore =
            dispatcher.chore == BQ_CHORE_PRUNE && any(2) == 0 ? BQ_MSG_PROBE : BQ_MSG_DONE;
        return dispatcher.chore == BQ_CHORE_SETTLE ? of_job[1 + any(6)] : of_chore;
    }
    if (executor->recalled && any(2) == 0) {
        return BQ_MSG_RETURNED;
    }
    return of_job[any(sizeof(of_job))];
}

static struct bq_claim *any_entered(const struct bq_executor *executor)
{
    bq_list_each (at, &executor->work) {
        struct bq_claim *claim = bq_list_owner(at, struct bq_claim, at_executor);
        if (claim->entered && any(2) == 0) {
            return claim;
        }
    }
    return NULL;
}

static void say(struct bq_executor *executor, uint8_t type, int64_t attempt)
{
    bq_auto(buf) struct bq_buf body;

    bq_buf_init(&body, BQ_FRAME_MAX_BYTES);
    put_body(&body, type, executor, attempt);
    struct bq_frame frame = {.type = type, .body = body.data, .len = body.len};
    if (body.len > 0) {
        bool taken = bq_listener.message(executor, &frame);
        counts[type][taken]++;
        if (!taken) {
            bq_executor_kill(executor, "sent what makes no sense");
        }
    }
}

static void say_anything(void)
{
    struct bq_executor *executor = any_executor();
    const struct bq_claim *claim = any_entered(executor);

    wild = any(15) == 0;
    if (wild) {
        uint8_t last = BQ_MSG_SPAN + 1; /* which nobody knows */
        say(executor, (uint8_t)(BQ_MSG_STARTED + any(last - BQ_MSG_STARTED + 1)),
            any_attempt(executor));
    } else if (executor == &dispatcher.house && dispatcher.chore != BQ_CHORE_NONE) {
        say(executor, likely_type(executor), dispatcher.chore_attempt);
    } else if (claim && claim->state == BQ_CLAIM_AFTER) {
        say(executor, BQ_MSG_LEFT, claim->attempt);
    } else if (claim && claim->state == BQ_CLAIM_RUNNING) {
        uint8_t type = likely_type(executor);
        say(executor, type == BQ_MSG_SPAN && claim->span ? BQ_MSG_STARTED : type, claim->attempt);
    }
}

static void end(struct bq_executor *executor)
{
    bool retired = executor->state == BQ_EXECUTOR_RETIRING;

    executor->state = BQ_EXECUTOR_OFF;
    executor->load = 0;
    bq_listener.ended(executor, executor->why[0] ? executor->why : "killed by SIGSEGV", true);
    executor->state = BQ_EXECUTOR_IDLE;
    executor->why[0] = '\0';
    executor->used = !retired;
    executor->retiring = false;
    executor->deadline_ms = 0;
}

static void bury_the_dead(bool all)
{
    for (int i = 0; i <= EXECUTORS; i++) {
        struct bq_executor *executor = i < EXECUTORS ? &executors[i] : &dispatcher.house;
        bool ends = executor->state == BQ_EXECUTOR_KILLED ||
                    executor->state == BQ_EXECUTOR_RETIRING || any(300) == 0;
        if (all || ends) {
            end(executor);
        }
        bq_buf_reset(&executor->channel.out); /* nobody reads it */
        executor->channel.out_sent = 0;
        executor->unsent = false;
    }
}

/* -- what happens -- */

static void step(void)
{
    if (dispatcher.in_hand < AT_ONCE && n_jobs < JOBS && any(2) == 0) {
        claim_one();
    }
    if (any(10) == 0) {
        now_ms += (int64_t)any(200);
    }
    if (any(200) == 0) {
        now_ms += BQ_STARTED_LIMIT_MS;
    }
    (void)bq_deadlines(&dispatcher, now_ms);
    bq_assign(&dispatcher, now_ms);
    bq_house_work(&dispatcher, now_ms);
    bq_exchange_begin(&dispatcher, now_ms);
    say_anything();
    check();
    if (any(3) == 0) {
        end_exchange();
    }
    bury_the_dead(false);
    check();
}

/* A stop, at whose end all executors are gone. */
static void end_all(void)
{
    for (int i = 0; i < 3; i++) {
        bq_stop_next(&dispatcher, now_ms);
        bury_the_dead(true);
    }
    for (int i = 0; i < 200 && (dispatcher.in_hand > 0 || begun || !dispatcher.left); i++) {
        now_ms += 5000;
        bq_exchange_begin(&dispatcher, now_ms);
        end_exchange();
        bury_the_dead(true);
        check();
    }
    assert_int_equal(dispatcher.in_hand, 0);
    assert_true(dispatcher.left);
}

static void whatever_executors_say_each_job_ends_once(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        set_up(seed);
        for (int i = 0; i < STEPS; i++) {
            step();
        }
        assert_true(n_jobs > 100);
        end_all();
        tear_down();
    }
    /* Each message was taken, and was refused. */
    for (int type = BQ_MSG_STARTED; type <= BQ_MSG_SPAN; type++) {
        assert_true(counts[type][false] > 0 && counts[type][true] > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_executors_say_each_job_ends_once),
    };

    bq_log_set_level(BQ_LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
