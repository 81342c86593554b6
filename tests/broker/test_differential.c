/*
 * test_differential.c - the same random operations on two brokers, the one in memory and one on a
 * database, have the same answers: `differential sqlite`, or pg.
 *
 * Jobs are lost, or limited, but not both: of jobs over a limit the one in memory takes lost ones first, the
 * other whose turn it is; either is well. Likewise no job has two limits here: which one it is held by may
 * then let another one overtake it, once, in the database.
 *
 * Which of two jobs is due first must not depend on how long the test takes. So a side's clock is put before it
 * is asked: to a whole hour, and a second on with each operation. Jobs are due half an hour off, those that are
 * deferred a quarter, and none at the same millisecond.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "broker/broker.h"
#include "broker/memory/memory.h"
#include "broker/sqlite/sqlite.h"
#include "support/folder.h"
#include "support/postgres.h"

enum {
    SIDES = 2,
    WORKERS = 3,
    IDS = 40,
    BATCH = 6,
    CLAIMS_MAX = 2 * IDS,
    OPERATIONS = 600,
    OPERATION_MS =
        1100, /* more than LOOK_AGAIN_MS of the brokers: what they knew a second ago they may use */
    COMPARE_EVERY = 4, /* all jobs: which is what takes the time */
    TIMEOUT_MS = 10 * 1000,
    HOUR_MS = 60 * 60 * 1000,
    HALF_MS = HOUR_MS / 2,
    QUARTER_MS = HOUR_MS / 4,
    LEASE_MS = 20 * HOUR_MS + HALF_MS,
    LONG_MS = 20 * 24 * HOUR_MS, /* a lease that is never over */
    ARENA_BYTES = 4 * 1024 * 1024,
};

/* A worker on both sides, and what it runs: the same jobs, by claims of their own. */
struct pair {
    struct bq_broker *brokers[SIDES];
    struct barq_arena arenas[SIDES];
    struct bq_exchange x[SIDES];
    char ids[CLAIMS_MAX][8];
    int64_t claims[CLAIMS_MAX][SIDES];
    size_t n_claims;
};

/* What the one in memory is compared with. */
struct other {
    const char *name;
    void (*make)(void);
    void (*pass)(int64_t ms);
    void (*end)(void);
};
static const struct other *other;

static struct bq_broker *clients[SIDES];
static struct pair workers[WORKERS];
static struct barq_arena arena;
static int64_t ahead_ms;     /* whole hours */
static int64_t operation_ms; /* the clock goes on by itself, a little */
static int64_t
    shift_ms[SIDES]; /* of the brokers' clocks, which is less by the time that the test takes */
static bool limited; /* jobs are, and none is lost */
static int64_t start_ms;
static int64_t counter; /* so that no two jobs have the same turn */
static char url[1024];

static const char *const queues[] = {"q", "other"};
static const char *const functions[] = {"f", "g", "h"};
static const char *const keys[] = {NULL, "a", "b"};

static int any(int n)
{
    return rand() % n;
}

static int64_t any_due_ms(void)
{
    return start_ms + ahead_ms + (int64_t)(any(12) - 8) * HOUR_MS + HALF_MS + ++counter;
}

static const char *any_id(void)
{
    return bq_arena_format(&arena, "%d", any(IDS));
}

static void make_sqlite(void)
{
    (void)snprintf(url, sizeof(url), "sqlite:%s/queue.db", folder_path());
}

/* Each handle has a clock of its own. */
static void pass_sqlite(int64_t ms)
{
    bq_sqlite_advance(clients[1], ms);
    for (int i = 0; i < WORKERS; i++) {
        bq_sqlite_advance(workers[i].brokers[1], ms);
    }
}

static void end_sqlite(void)
{
}

static struct postgres_server postgres;

static void make_pg(void)
{
    postgres_start(&postgres);
    postgres_fresh(&postgres);
    (void)snprintf(url, sizeof(url), "%s", postgres.url);
}

static void pass_pg(int64_t ms)
{
    postgres_advance(&postgres, ms);
}

static void end_pg(void)
{
    postgres_remove(&postgres);
}

static const struct other others[] = {{"sqlite", make_sqlite, pass_sqlite, end_sqlite},
                                      {"pg", make_pg, pass_pg, end_pg}};

static void opened(struct bq_broker *broker)
{
    if (other == &others[0]) {
        bq_sqlite_advance(broker, shift_ms[1]);
    }
}

static void pass(int64_t hours)
{
    ahead_ms += hours * HOUR_MS;
}

static void put_clock(int side)
{
    int64_t at_ms = start_ms + ahead_ms + operation_ms;
    int64_t step_ms = at_ms - (bq_wall_ms() + shift_ms[side]);

    shift_ms[side] += step_ms;
    if (side == 0) {
        bq_memory_advance(clients[0], step_ms);
    } else {
        other->pass(step_ms);
    }
}

static struct bq_job any_job(void)
{
    struct bq_job job = {.id = any_id(),
                         .queue = queues[any(2)],
                         .payload = "bytes",
                         .payload_bytes = 5,
                         .enqueued_at_ms = start_ms + ahead_ms,
                         .due_at_ms = any_due_ms(),
                         .function = functions[any(3)],
                         .key = keys[any(3)],
                         .priority = any(9) - 4,
                         .uncertain = any(8) == 0};

    if (any(3) == 0) {
        const char **after = bq_arena_array(&arena, 3, sizeof(*after));
        job.n_after = 1 + (size_t)any(3);
        for (size_t i = 0; i < job.n_after; i++) {
            after[i] = any_id();
        }
        job.after = after;
        job.after_failed = any(3) == 0;
    }
    return job;
}

/* -- the two halves, on both sides -- */

static void expect_same(const char *what, int64_t memory, int64_t database)
{
    if (memory != database) {
        fail_msg("%s: %lld in memory, %lld in the database", what, (long long)memory,
                 (long long)database);
    }
}

static void expect_text(const char *what, const char *memory, const char *database)
{
    if (!memory != !database || (memory && strcmp(memory, database) != 0)) {
        fail_msg("%s: '%s' in memory, '%s' in the database", what, memory ? memory : "(none)",
                 database ? database : "(none)");
    }
}

static void join(struct pair *pair)
{
    static const struct bq_limit none = {.name = ""};
    struct bq_limit one = {.name = "f", .max_running = 1 + any(3)};
    struct bq_limit each = {.name = "f", .max_running = 1};
    struct bq_limit starts = {
        .name = any(2) ? "g" : "f", .max_starts = 1 + any(3), .per_ms = 4 * HOUR_MS + HALF_MS};
    const struct bq_limit_rule all_of[] = {{"f", one, none}, {"f", none, each}, {"f", none, none}};
    const struct bq_limit_rule some_of[] = {
        {"g", one, none}, {"g", none, starts}, {"g", none, none}};
    const struct bq_limit_rule rules[] = {
        all_of[any(3)], some_of[any(3)], {"h", any(4) ? none : starts, none}};
    struct bq_worker_lease lease = {.queues = queues,
                                    .n_queues = 2,
                                    .name = "test",
                                    .lease_ms = limited ? LONG_MS : LEASE_MS,
                                    .limits = rules,
                                    .n_limits = limited ? 3 : 0};

    assert_int_equal(bq_memory_share(clients[0], &pair->brokers[0], NULL), BARQ_OK);
    assert_int_equal(bq_broker_open(url, &pair->brokers[1], NULL), BARQ_OK);
    opened(pair->brokers[1]);
    for (int side = 0; side < SIDES; side++) {
        struct bq_broker *broker = pair->brokers[side];
        assert_int_equal(broker->ops->join(broker, &lease, TIMEOUT_MS, NULL), BARQ_OK);
    }
}

static void exchange(struct pair *pair, int side, struct bq_exchange wanted)
{
    struct bq_broker *broker = pair->brokers[side];

    put_clock(side);
    bq_arena_reset(&pair->arenas[side]);
    pair->x[side] = wanted;
    pair->x[side].arena = &pair->arenas[side];
    pair->x[side].timeout_ms = TIMEOUT_MS;
    broker->ops->begin(broker, &pair->x[side]);
    while (!broker->ops->end(broker)) {
        struct pollfd wait = {.fd = broker->ops->fd(broker), .events = POLLIN};
        (void)broker->ops->woken(broker);
        assert_int_equal(poll(&wait, 1, TIMEOUT_MS), 1);
    }
    if (pair->x[side].status != BARQ_OK) {
        fail_msg("%s", pair->x[side].err.text);
    }
}

static struct bq_settle any_settle(void)
{
    struct bq_settle settle = {.kind = (enum bq_settle_kind)any(4),
                               .result = "result",
                               .result_bytes = 6,
                               .keep_result_ms =
                                   any(3) ? INT64_C(90) * HOUR_MS + HALF_MS : BARQ_OFF,
                               .defer_ms = any(4) * (int64_t)HOUR_MS + QUARTER_MS + ++counter,
                               .tries_used = any(2),
                               .crashes_used = any(2),
                               .alone = !limited && any(3) == 0,
                               .claimed_before = any(2) == 0};

    settle.leave_ms = any(2) * ((int64_t)HOUR_MS + QUARTER_MS + ++counter); /* none alike */
    return settle;
}

static void compare_claimed(const struct bq_exchange *memory, const struct bq_exchange *database)
{
    for (size_t i = 0; i < memory->n_claimed && i < database->n_claimed; i++) {
        const struct bq_claimed *a = &memory->claimed[i];
        const struct bq_claimed *b = &database->claimed[i];
        expect_text("claimed", a->job.id, b->job.id);
        /* Of two that failed in one exchange, either may be the one that is named. */
        expect_same("refused", a->refusal != NULL, b->refusal != NULL);
        expect_text("function", a->job.function, b->job.function);
        expect_text("key", a->job.key, b->job.key);
        expect_text("queue", a->job.queue, b->job.queue);
        expect_same("priority", a->job.priority, b->job.priority);
        expect_same("claimed_before", a->claimed_before, b->claimed_before);
        expect_same("uncertain", a->job.uncertain, b->job.uncertain);
        expect_same("aborted", a->aborted, b->aborted);
        expect_same("alone", a->alone, b->alone);
        expect_same("tries", a->tries, b->tries);
        expect_same("losses", a->losses, b->losses);
        expect_same("crashes", a->crashes, b->crashes);
    }
    expect_same("number of claimed", (int64_t)memory->n_claimed, (int64_t)database->n_claimed);
}

/* SQLite may look again too early, and finds nothing; never too late. */
static void compare_due(const struct bq_exchange *memory, const struct bq_exchange *database)
{
    if (memory->next_due_in_ms >= 0 &&
        (database->next_due_in_ms < 0 ||
         database->next_due_in_ms > memory->next_due_in_ms + QUARTER_MS)) {
        fail_msg("due in %lld in memory, in %lld in the database",
                 (long long)memory->next_due_in_ms, (long long)database->next_due_in_ms);
    }
}

static bool is_in(const char *id, const char *const *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(ids[i], id) == 0) {
            return true;
        }
    }
    return false;
}

static void compare_answers(const struct bq_exchange *memory, const struct bq_exchange *database)
{
    compare_claimed(memory, database);
    expect_same("lease_lost", memory->lease_lost, database->lease_lost);
    expect_same("unfinished", memory->unfinished, database->unfinished);
    expect_same("aborts", (int64_t)memory->n_aborts, (int64_t)database->n_aborts);
    for (size_t i = 0; i < memory->n_aborts; i++) {
        assert_true(is_in(memory->aborts[i], database->aborts, database->n_aborts));
    }
    compare_due(memory, database);
}

static void keep_claims(struct pair *pair)
{
    for (size_t i = 0; i < pair->x[0].n_claimed && pair->n_claims < CLAIMS_MAX; i++) {
        (void)snprintf(pair->ids[pair->n_claims], sizeof(pair->ids[0]), "%s",
                       pair->x[0].claimed[i].job.id);
        for (int side = 0; side < SIDES; side++) {
            pair->claims[pair->n_claims][side] = pair->x[side].claimed[i].claim;
        }
        pair->n_claims++;
    }
}

static void drop_claims(struct pair *pair, size_t from, size_t count)
{
    size_t behind = pair->n_claims - from - count;

    memmove(pair->ids[from], pair->ids[from + count], behind * sizeof(pair->ids[0]));
    memmove(pair->claims[from], pair->claims[from + count], behind * sizeof(pair->claims[0]));
    pair->n_claims -= count;
}

/* Settles, mostly, what it runs; now and then again what it has settled, or another's. */
static void any_exchange(struct pair *pair, struct bq_exchange wanted)
{
    struct bq_settle settles[BATCH];
    struct bq_enqueue enqueue = {.job = any_job()};
    struct bq_probe probe = {.identity = {.queue = queues[any(2)],
                                          .id = any_id(),
                                          .enqueued_at_ms = start_ms + ahead_ms}};
    struct bq_tick tick = {.queue = queues[any(2)],
                           .name = "cron",
                           .function = "h",
                           .schedule = any(4) ? "0 * * * *" : "0 0 * * *",
                           .time_zone = "UTC",
                           .next_at_ms = start_ms + ahead_ms + HALF_MS,
                           .at_ms = any(2) ? start_ms + ahead_ms - any(5) * (int64_t)HOUR_MS : 0,
                           .job = any_job()};
    struct bq_report report = {.progress = any(2) == 0,
                               .done = any(9),
                               .total = 9,
                               .note = "note",
                               .log = "line\n",
                               .log_bytes = any(2) ? 5 : 0};
    const struct pair *of = any(10) ? pair : &workers[any(WORKERS)];
    size_t from = of->n_claims > 0 ? (size_t)any((int)of->n_claims) : 0;
    size_t n_settles = 0;
    bool answers[SIDES][BATCH + 4];

    for (; n_settles < BATCH && from + n_settles < of->n_claims; n_settles++) {
        settles[n_settles] = any_settle();
        settles[n_settles].id = of->ids[from + n_settles];
    }
    tick.job.n_after = 0;
    for (int side = 0; side < SIDES; side++) {
        for (size_t i = 0; i < n_settles; i++) {
            settles[i].claim = of->claims[from + i][side];
            settles[i].stale = false;
        }
        report.id = n_settles > 0 ? settles[0].id : "none";
        report.claim = n_settles > 0 ? settles[0].claim : 1;
        tick.taken = false;
        wanted.settles = settles;
        wanted.n_settles = n_settles;
        wanted.enqueues = &enqueue;
        wanted.n_enqueues = 1;
        wanted.probes = &probe;
        wanted.n_probes = 1;
        wanted.ticks = &tick;
        wanted.n_ticks = 1;
        wanted.reports = &report;
        wanted.n_reports = 1;
        exchange(pair, side, wanted);
        for (size_t i = 0; i < n_settles; i++) {
            answers[side][i] = settles[i].stale;
        }
        answers[side][n_settles] = enqueue.exists;
        answers[side][n_settles + 1] = probe.held;
        answers[side][n_settles + 2] = tick.taken;
    }
    for (size_t i = 0; i < n_settles + 3; i++) {
        expect_same("settle, enqueue, probe, tick", answers[0][i], answers[1][i]);
    }
    compare_answers(&pair->x[0], &pair->x[1]);
    if (of == pair && any(10)) {
        drop_claims(pair, from, n_settles);
    }
    keep_claims(pair);
}

static void exchange_anyhow(struct pair *pair)
{
    struct bq_share shares[] = {{"q", (size_t)any(4)}, {"other", (size_t)any(4)}};

    any_exchange(pair, (struct bq_exchange){.claim_max = (size_t)any(BATCH + 1),
                                            .claim_lost_max = (size_t)any(BATCH),
                                            .claim_free_max = (size_t)any(BATCH),
                                            .shares = shares,
                                            .n_shares = (size_t)any(3),
                                            .renew = any(2),
                                            .count = any(2)});
}

/* With room for all there are, nothing that is due now may be left. */
static void exchange_wide(struct pair *pair)
{
    static const struct bq_share shares[] = {{"q", 100}, {"other", 100}};

    any_exchange(pair, (struct bq_exchange){.claim_max = 100,
                                            .claim_lost_max = 100,
                                            .claim_free_max = 100,
                                            .shares = shares,
                                            .n_shares = 2,
                                            .renew = true});
    for (int side = 0; side < SIDES; side++) {
        assert_true(pair->x[side].next_due_in_ms != 0);
    }
}

static void replace(struct pair *pair)
{
    struct bq_settle releases[CLAIMS_MAX] = {0};
    size_t count = limited ? pair->n_claims : 0;

    for (int side = 0; side < SIDES; side++) {
        for (size_t i = 0; i < count; i++) {
            releases[i] = (struct bq_settle){
                .kind = BQ_SETTLE_RELEASE, .id = pair->ids[i], .claim = pair->claims[i][side]};
        }
        exchange(pair, side,
                 (struct bq_exchange){.settles = releases, .n_settles = count, .leave = true});
        bq_broker_close(pair->brokers[side]);
    }
    pair->n_claims = 0;
    join(pair);
}

static void change(int what)
{
    struct bq_job job = any_job();
    struct bq_enqueue enqueue = {.job = job};
    bool paused = any(3) == 0;
    enum barq_status status[SIDES];
    bool exists[SIDES] = {false};

    job.n_after = 0;
    for (int side = 0; side < SIDES; side++) {
        struct bq_broker *client = clients[side];
        const struct bq_broker_ops *ops = client->ops;

        put_clock(side);
        switch (what) {
        case 0:
            status[side] = ops->abort(client, job.id, TIMEOUT_MS, NULL);
            break;
        case 1:
            status[side] = ops->remove(client, job.id, TIMEOUT_MS, NULL);
            break;
        case 2:
            status[side] = ops->revive(client, &job, TIMEOUT_MS, NULL);
            break;
        case 3:
            status[side] = ops->pause(client, job.queue, paused, TIMEOUT_MS, NULL);
            break;
        default:
            status[side] = ops->enqueue(client, &enqueue, 1, TIMEOUT_MS, NULL);
            exists[side] = enqueue.exists;
            break;
        }
    }
    expect_same("status", status[0], status[1]);
    expect_same("exists", exists[0], exists[1]);
}

/* -- what is there -- */

static void compare_job(const char *id)
{
    struct bq_found found[SIDES] = {0};
    enum barq_status status[SIDES];

    for (int side = 0; side < SIDES; side++) {
        status[side] =
            clients[side]->ops->find(clients[side], id, &arena, &found[side], TIMEOUT_MS, NULL);
    }
    expect_same("found", status[0], status[1]);
    if (status[0] != BARQ_OK) {
        return;
    }
    const struct bq_found *a = &found[0];
    const struct bq_found *b = &found[1];
    expect_same("status", a->status, b->status);
    expect_same("tries", a->tries, b->tries);
    expect_same("losses", a->losses, b->losses);
    expect_same("crashes", a->crashes, b->crashes);
    expect_same("waits_for", a->waits_for, b->waits_for);
    expect_same("done", a->done, b->done);
    expect_same("total", a->total, b->total);
    expect_same("priority", a->job.priority, b->job.priority);
    expect_same("uncertain", a->job.uncertain, b->job.uncertain);
    expect_same("payload", (int64_t)a->job.payload_bytes, (int64_t)b->job.payload_bytes);
    expect_same("result", (int64_t)a->result_bytes, (int64_t)b->result_bytes);
    expect_text("queue", a->job.queue, b->job.queue);
    expect_text("function", a->job.function, b->job.function);
    expect_text("key", a->job.key, b->job.key);
    expect_text("note", a->note, b->note);
    expect_text("log", a->log, b->log);
}

static void compare_stats(void)
{
    struct barq_queue_stats *stats[SIDES];
    size_t counts[SIDES];

    for (int side = 0; side < SIDES; side++) {
        struct bq_broker *client = clients[side];
        assert_int_equal(
            client->ops->stats(client, &arena, &stats[side], &counts[side], TIMEOUT_MS, NULL),
            BARQ_OK);
    }
    expect_same("queues", (int64_t)counts[0], (int64_t)counts[1]);
    for (size_t i = 0; i < counts[0]; i++) {
        const struct barq_queue_stats *a = &stats[0][i];
        const struct barq_queue_stats *b = &stats[1][i];
        expect_text("queue", a->queue, b->queue);
        expect_same("queued", a->queued, b->queued);
        expect_same("deferred", a->deferred, b->deferred);
        expect_same("in_progress", a->in_progress, b->in_progress);
        expect_same("complete", a->complete, b->complete);
        expect_same("failed", a->failed, b->failed);
        expect_same("paused", a->paused, b->paused);
    }
}

static void compare_all(void)
{
    for (int side = 0; side < SIDES; side++) {
        put_clock(side);
    }
    compare_stats();
    for (int i = 0; i < IDS; i++) {
        compare_job(bq_arena_format(&arena, "%d", i));
    }
    bq_arena_reset(&arena);
}

static void any_operation(void)
{
    struct pair *pair = &workers[any(WORKERS)];
    int what = any(20);

    if (what < 4) {
        change(what);
    } else if (what < 9) {
        change(4);
    } else if (what < 10) {
        pass(any(8) ? any(10) : any(24 * 8));
    } else if (what < 11) {
        replace(pair);
    } else if (what < 14) {
        exchange_wide(pair);
    } else {
        exchange_anyhow(pair);
    }
    if (any(3)) {
        pass(1);
    }
}

static void both_brokers_answer_alike(void **state)
{
    (void)state;
    const char *wanted = getenv("BARQ_TEST_SEED");
    unsigned seed = wanted ? (unsigned)strtoul(wanted, NULL, 10) : (unsigned)bq_mono_us();

    print_message("# seed %u\n", seed);
    srand(seed);
    limited = any(2) == 0;
    start_ms = bq_wall_ms();
    other->make();
    bq_arena_init(&arena, ARENA_BYTES);
    assert_int_equal(bq_broker_open("memory:", &clients[0], NULL), BARQ_OK);
    assert_int_equal(bq_broker_open(url, &clients[1], NULL), BARQ_OK);
    for (int i = 0; i < WORKERS; i++) {
        bq_arena_init(&workers[i].arenas[0], ARENA_BYTES);
        bq_arena_init(&workers[i].arenas[1], ARENA_BYTES);
        join(&workers[i]);
    }
    for (int i = 0; i < OPERATIONS; i++) {
        operation_ms += OPERATION_MS;
        any_operation();
        if (i % COMPARE_EVERY == COMPARE_EVERY - 1) {
            operation_ms += OPERATION_MS; /* what is due at once was so a moment ago */
            compare_all();
        }
    }
    for (int i = 0; i < WORKERS * SIDES; i++) {
        bq_broker_close(workers[i / SIDES].brokers[i % SIDES]);
        bq_arena_clear(&workers[i / SIDES].arenas[i % SIDES]);
    }
    bq_broker_close(clients[0]);
    bq_broker_close(clients[1]);
    bq_arena_clear(&arena);
    other->end();
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(both_brokers_answer_alike, folder_make, folder_remove),
    };

    for (size_t i = 0; argc == 2 && i < sizeof(others) / sizeof(others[0]); i++) {
        other = strcmp(argv[1], others[i].name) == 0 ? &others[i] : other;
    }
    if (!other) {
        (void)fprintf(stderr, "usage: differential sqlite|pg\n");
        return 2;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
