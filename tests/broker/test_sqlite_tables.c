/*
 * test_sqlite_tables.c - after whatever has happened, the tables of a queue's
 * file agree with each other and with their counters: also when the answer to
 * a COMMIT was lost, or the disk was full.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "base/time.h"
#include "broker/contract.h"
#include "support/folder.h"

const struct contract *contract = &sqlite_contract;

enum { CHANGES = 1000, BATCH = 10 };

static int64_t ask_raw(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;

    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t answer = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return answer;
}

/* The tables say the same as each other, and as the counters. */
static void check_tables(void)
{
    static const char *const contradictions[] = {
        "SELECT count(*) FROM barq_queues q WHERE waiting <> held + blocked + (SELECT count(*)"
        " FROM barq_waiting w WHERE w.queue = q.queue)",
        "SELECT count(*) FROM barq_queues q WHERE blocked <> (SELECT count(DISTINCT waiter)"
        " FROM barq_after JOIN barq_jobs j ON j.seq = waiter WHERE j.queue = q.queue)",
        "SELECT count(*) FROM barq_queues q WHERE held <> (SELECT count(*) FROM barq_held h"
        " WHERE h.queue = q.queue)",
        "SELECT count(*) FROM barq_queues q WHERE running <> (SELECT count(*) FROM barq_running r"
        " JOIN barq_jobs j USING (seq) WHERE j.queue = q.queue)",
        "SELECT count(*) FROM barq_queues q WHERE complete <> (SELECT count(*) FROM barq_jobs j"
        " WHERE j.queue = q.queue AND state = 1)",
        "SELECT count(*) FROM barq_queues q WHERE failed <> (SELECT count(*) FROM barq_jobs j"
        " WHERE j.queue = q.queue AND state = 2)",
        /* Each unfinished job either waits, or is held, or runs, or waits for another, and no other does. */
        "SELECT count(*) FROM barq_jobs j WHERE (state = 0) <> ((SELECT count(*) FROM barq_waiting"
        " w WHERE w.seq = j.seq) + (SELECT count(*) FROM barq_running r WHERE r.seq = j.seq)"
        " + (SELECT count(*) FROM barq_held h WHERE h.seq = j.seq)"
        " + EXISTS (SELECT 1 FROM barq_after WHERE waiter = j.seq))",
        /* One waits for what is unfinished, and came before; few waiters are told at once. */
        "SELECT count(*) FROM barq_after a LEFT JOIN barq_jobs j USING (seq)"
        " WHERE j.state IS NOT 0 OR a.waiter <= a.seq",
        "SELECT count(*) FROM barq_ended",
        "SELECT count(*) FROM barq_reports WHERE seq NOT IN (SELECT seq FROM barq_jobs)",
        "SELECT count(*) FROM barq_held h JOIN barq_jobs j USING (seq)"
        " WHERE h.turn <> j.due_at - 60000 * j.priority OR h.queue <> j.queue",
        /* No slot with held jobs is forgotten. */
        "SELECT count(*) FROM barq_held h WHERE NOT EXISTS (SELECT 1 FROM barq_slots s"
        " WHERE s.slot = h.slot AND s.queue = h.queue)",
        "SELECT max(0, count(*) - 2) FROM barq_running WHERE slot = 'f'",
        "SELECT count(*) FROM (SELECT 1 FROM barq_running WHERE key_slot IS NOT NULL"
        " GROUP BY key_slot HAVING count(*) > 1)",
        "SELECT count(*) FROM (SELECT 1 FROM barq_starts a JOIN barq_starts b ON b.slot = a.slot"
        " AND b.at BETWEEN a.at AND a.at + 999 WHERE a.slot = 'g'"
        " GROUP BY a.at, a.seq, a.claim HAVING count(*) > 3)",
        "SELECT count(*) FROM barq_waiting w LEFT JOIN barq_jobs j USING (seq)"
        " WHERE j.due_at IS NOT w.due_at OR j.priority <> w.priority OR w.lost <> (j.losses > 0 OR "
        "j.alone)",
        "SELECT count(*) FROM barq_running WHERE worker NOT IN (SELECT worker FROM barq_workers)",
    };
    sqlite3 *raw = NULL;

    assert_int_equal(sqlite3_open(queue_file(""), &raw), SQLITE_OK);
    for (size_t i = 0; i < sizeof(contradictions) / sizeof(contradictions[0]); i++) {
        if (ask_raw(raw, contradictions[i]) != 0) {
            fail_msg("%s", contradictions[i]);
        }
    }
    assert_int_equal(sqlite3_close(raw), SQLITE_OK);
}

static struct bq_settle any_settle(const struct bq_claimed *job)
{
    switch (rand() % 5) {
    case 0:
        return failed(job);
    case 1:
        return retried(job, rand() % 2000);
    case 2:
        return released(job, rand() % 2);
    case 3: {
        struct bq_settle unkept = completed(job);
        unkept.keep_result_ms = BARQ_OFF;
        return unkept;
    }
    default:
        return completed(job);
    }
}

/* The next exchange is committed, and its answer lost. */
static void doubt_next(void)
{
    FILE *file = fopen(queue_file("-point"), "w");

    assert_non_null(file);
    assert_true(fputs("fail", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(
        rename(queue_file("-point"),
               bq_arena_format(world_arena(), "%s/%s", folder_path(), "exchange.doubted")),
        0);
}

/* Nothing fits on the disk behind what is there, and a little more. */
static void fill_disk(bool full)
{
    struct stat wal;
    struct rlimit limit = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};

    if (full) {
        assert_int_equal(stat(queue_file("-wal"), &wal), 0);
        limit.rlim_cur = (rlim_t)wal.st_size + (rlim_t)(rand() % 20000);
    }
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void any_exchange(struct worker *worker)
{
    struct bq_settle settles[2 * BATCH];
    struct bq_report report = {.id = "none", .progress = true, .log = "line\n", .log_bytes = 5};
    struct bq_tick tick = {.queue = "q",
                           .name = "cron",
                           .function = "h",
                           .schedule = "* * * * *",
                           .time_zone = "UTC",
                           .at_ms = now_ms() - rand() % 2000,
                           .job = a_job("tick")};
    static struct bq_claimed kept[2 * BATCH]; /* their ids are in the world's arena */
    size_t n_settles = 0;

    for (size_t i = 0; i < worker->x.n_claimed; i++) {
        kept[i] = worker->x.claimed[i];
        kept[i].job.id = bq_arena_strdup(world_arena(), kept[i].job.id);
        settles[n_settles++] = any_settle(&kept[i]);
    }
    if (n_settles > 0) {
        report.id = settles[0].id;
        report.claim = settles[0].claim;
    }
    if (rand() % 10 == 0) {
        doubt_next();
    }
    fill_disk(rand() % 10 == 0);
    try_exchange(worker, (struct bq_exchange){.settles = settles,
                                              .n_settles = n_settles,
                                              .ticks = &tick,
                                              .n_ticks = rand() % 4 == 0,
                                              .reports = &report,
                                              .n_reports = 1,
                                              .claim_max = BATCH,
                                              .claim_lost_max = (size_t)(rand() % BATCH),
                                              .claim_free_max = (size_t)(rand() % BATCH),
                                              .renew = rand() % 2});
    fill_disk(false);
    assert_true(worker->x.status == BARQ_OK || worker->x.status == BARQ_ERR_CONN ||
                worker->x.status == BARQ_ERR_FULL);
    assert_true(worker->x.status == BARQ_OK || worker->x.n_claimed == 0);
}

static void any_change(struct bq_broker *client, struct worker *const workers[2])
{
    struct worker *worker = workers[rand() % 2];
    char id[16];
    char others[2][16];
    const char *const after[] = {others[0], others[1]};
    (void)snprintf(id, sizeof(id), "%d", rand() % 40);
    (void)snprintf(others[0], sizeof(id), "%d", rand() % 40);
    (void)snprintf(others[1], sizeof(id), "%d", rand() % 40);
    struct bq_job job = a_job(id);

    switch (rand() % 9) {
    case 0:
        (void)client->ops->abort(client, id, TIMEOUT_MS, NULL);
        break;
    case 1:
        (void)client->ops->remove(client, id, TIMEOUT_MS, NULL);
        break;
    case 2:
        (void)client->ops->revive(client, &job, TIMEOUT_MS, NULL);
        break;
    case 8:
        assert_int_equal(client->ops->pause(client, rand() % 2 ? "q" : "other", rand() % 3 == 0,
                                            TIMEOUT_MS, NULL),
                         BARQ_OK);
        break;
    case 3:
        pass_time(rand() % LEASE_MS);
        break;
    case 4:
    case 5:
        job.due_at_ms += rand() % 2000;
        job.priority = rand() % 9 - 4;
        job.function = rand() % 3 ? rand() % 2 ? "f" : "g" : "h";
        job.key = rand() % 2 ? "a" : "b";
        job.queue = rand() % 4 ? "q" : "other";
        job.after = after;
        job.n_after = rand() % 2 ? (size_t)(rand() % 3) : 0;
        job.after_failed = rand() % 2;
        (void)put_job(client, job);
        break;
    default:
        any_exchange(worker);
        break;
    }
}

static struct worker *limited_worker(void)
{
    static const char *const queues[] = {"q", "other"};
    static const struct bq_limit_rule rules[] = {
        {"f", {.name = "f", .max_running = 2}, {.name = "f", .max_running = 1}},
        {"g", {.name = "g", .max_starts = 3, .per_ms = 1000}, {.name = ""}},
    };
    struct bq_worker_lease lease = {.queues = queues,
                                    .n_queues = 2,
                                    .name = "test",
                                    .lease_ms = LEASE_MS,
                                    .limits = rules,
                                    .n_limits = 2};

    return new_worker_as(&lease);
}

/* Nothing that is held, or waits, is forgotten: a worker that looks when it is told to gets all of it. */
static void finish_all(struct bq_broker *client, struct worker *worker)
{
    static const struct bq_share shares[] = {{"q", 1}, {"other", 1}};
    struct bq_settle settles[BATCH];
    size_t n_settles = 0;
    int rounds = 0;

    assert_int_equal(client->ops->pause(client, "q", false, TIMEOUT_MS, NULL), BARQ_OK);
    assert_int_equal(client->ops->pause(client, "other", false, TIMEOUT_MS, NULL), BARQ_OK);
    pass_time(LEASE_MS + 1);
    do {
        n_settles = worker->x.n_claimed;
        for (size_t i = 0; i < n_settles; i++) {
            settles[i] = completed(&worker->x.claimed[i]);
        }
        exchange(worker, (struct bq_exchange){.settles = settles,
                                              .n_settles = n_settles,
                                              .claim_max = BATCH,
                                              .claim_lost_max = BATCH,
                                              .claim_free_max = BATCH,
                                              .shares = shares,
                                              .n_shares = 2,
                                              .count = true});
        if (worker->x.n_claimed == 0 && worker->x.unfinished > 0) {
            assert_true(worker->x.next_due_in_ms >= 0);
            pass_time(worker->x.next_due_in_ms);
        }
        assert_true(++rounds < 1000);
    } while (worker->x.unfinished > 0);
}

static void the_tables_and_counters_agree_after_any_changes(void **state)
{
    (void)state;
    unsigned seed = (unsigned)bq_mono_us();
    struct bq_broker *client = open_handle();
    struct worker *workers[] = {limited_worker(), limited_worker()};

    print_message("# seed %u\n", seed);
    srand(seed);
    assert_int_equal(setenv("BARQ_FAULTS", folder_path(), 1), 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    for (int i = 0; i < CHANGES; i++) {
        any_change(client, workers);
        if (i % 50 == 0) {
            check_tables();
        }
    }
    check_tables();
    assert_int_equal(unsetenv("BARQ_FAULTS"), 0);
    /* By another: what these two had in hand when the disk was full is theirs, and forgotten by us. */
    finish_all(client, limited_worker());
    check_tables();
}

/* A claim of such a job could never be settled: we would not find it again. */
static void an_id_that_is_no_text_is_refused_by_the_table(void **state)
{
    (void)state;
    static const char *const bad[] = {"''", "x'6161'", "'a' || char(0) || 'b'",
                                      "hex(zeroblob(257))"};
    sqlite3 *raw = NULL;

    (void)open_handle();
    assert_int_equal(sqlite3_open(queue_file(""), &raw), SQLITE_OK);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char sql[256];
        (void)snprintf(sql, sizeof(sql),
                       "INSERT INTO barq_jobs (id, queue, due_at, enqueued_at, expires_at,"
                       " claimed_before) VALUES (%s, 1, 0, 0, 0, 0)",
                       bad[i]);
        assert_int_equal(sqlite3_exec(raw, sql, NULL, NULL, NULL), SQLITE_CONSTRAINT);
    }
    assert_int_equal(sqlite3_close(raw), SQLITE_OK);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(the_tables_and_counters_agree_after_any_changes),
        TEST(an_id_that_is_no_text_is_refused_by_the_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
