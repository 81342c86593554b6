/*
 * test_sqlite_tables.c - after whatever has happened, the tables of a queue's
 * file agree with each other and with their counters.
 */
#include <stdio.h>
#include <stdlib.h>

#include <sqlite3.h>

#include "base/time.h"
#include "broker/contract.h"

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
        "SELECT count(*) FROM barq_queues q WHERE waiting <> held + (SELECT count(*)"
        " FROM barq_waiting w WHERE w.queue = q.queue)",
        "SELECT count(*) FROM barq_queues q WHERE held <> (SELECT count(*) FROM barq_held h"
        " WHERE h.queue = q.queue)",
        "SELECT count(*) FROM barq_queues q WHERE running <> (SELECT count(*) FROM barq_running r"
        " JOIN barq_jobs j USING (seq) WHERE j.queue = q.queue)",
        "SELECT count(*) FROM barq_queues q WHERE complete <> (SELECT count(*) FROM barq_jobs j"
        " WHERE j.queue = q.queue AND state = 1)",
        "SELECT count(*) FROM barq_queues q WHERE failed <> (SELECT count(*) FROM barq_jobs j"
        " WHERE j.queue = q.queue AND state = 2)",
        /* Each unfinished job either waits, or is held, or runs, and no other does. */
        "SELECT count(*) FROM barq_jobs j WHERE (state = 0) <> ((SELECT count(*) FROM barq_waiting"
        " w WHERE w.seq = j.seq) + (SELECT count(*) FROM barq_running r WHERE r.seq = j.seq)"
        " + (SELECT count(*) FROM barq_held h WHERE h.seq = j.seq))",
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

static void any_change(struct bq_broker *client, struct worker *const workers[2])
{
    struct worker *worker = workers[rand() % 2];
    struct bq_settle settles[BATCH];
    char id[16];
    (void)snprintf(id, sizeof(id), "%d", rand() % 40);
    struct bq_job job = a_job(id);
    size_t n_settles = 0;

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
        (void)put_job(client, job);
        break;
    default:
        for (size_t i = 0; i < worker->x.n_claimed; i++) {
            settles[n_settles++] = any_settle(&worker->x.claimed[i]);
        }
        exchange(worker, (struct bq_exchange){.settles = settles,
                                              .n_settles = n_settles,
                                              .claim_max = BATCH,
                                              .claim_lost_max = (size_t)(rand() % BATCH),
                                              .claim_free_max = (size_t)(rand() % BATCH),
                                              .renew = rand() % 2});
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
    for (int i = 0; i < CHANGES; i++) {
        any_change(client, workers);
        if (i % 50 == 0) {
            check_tables();
        }
    }
    check_tables();
    finish_all(client, workers[0]);
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
