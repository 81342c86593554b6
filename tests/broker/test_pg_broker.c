/*
 * test_pg_broker.c - what is the PostgreSQL broker's own: what can happen to its server and its
 * connections, its schema, and what it writes there.
 */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/time.h"
#include "broker/contract.h"
#include "support/postgres.h"

const struct contract *contract = &pg_contract;

enum { AT_ONCE_MS = 700, STARTERS = 4, JOBS = 400, BATCH = 10 };

#define SAY(...) postgres_say(postgres_under_test(), __VA_ARGS__)

static int64_t number(const char *said)
{
    return strtoll(said, NULL, 10);
}

/* Ends the server's half of all connections to the database but the one that says so. */
static void cut_all(void)
{
    (void)SAY("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
              " WHERE datname = current_database() AND pid <> pg_backend_pid()");
}

/* Exchanges that do `wanted`, until one has happened. */
static void exchange_at_last(struct worker *worker, struct bq_exchange wanted)
{
    int64_t until_ms = bq_mono_ms() + DEADLINE_MS;

    while (try_exchange(worker, wanted)->status != BARQ_OK) {
        assert_true(bq_mono_ms() < until_ms);
    }
}

static void a_worker_and_a_client_survive_a_restart_of_the_server(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one") && put(client, "two"));
    struct bq_claimed one = claim_one(worker);

    postgres_kill(postgres_under_test());
    struct bq_exchange *x = try_exchange(worker, (struct bq_exchange){.timeout_ms = 100});
    assert_int_equal(x->status, BARQ_ERR_CONN);
    postgres_start(postgres_under_test());

    struct bq_settle done = completed(&one);
    exchange_at_last(worker, (struct bq_exchange){.settles = &done, .n_settles = 1});
    assert_false(done.stale || worker->x.lease_lost);
    assert_int_equal(status_of(client, "one"), BARQ_JOB_COMPLETE);
    assert_string_equal(claim_one(worker).job.id, "two");
}

static void a_worker_whose_backend_is_terminated_goes_on_with_its_claims(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    assert_true(put(open_handle(), "one"));
    struct bq_claimed one = claim_one(worker);

    cut_all();
    struct bq_settle done = completed(&one);
    exchange_at_last(worker, (struct bq_exchange){.settles = &done, .n_settles = 1});
    assert_false(done.stale || worker->x.lease_lost);
}

static void a_server_that_answers_too_late_is_left_and_its_claims_come_back(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "known") && put(client, "lost"));
    struct bq_claimed known = claim_one(worker);

    /* It has the call by then, and does it when it goes on. */
    postgres_freeze(postgres_under_test());
    struct bq_exchange *x = try_exchange(
        worker, (struct bq_exchange){.claim_max = 1, .claim_free_max = 1, .timeout_ms = 200});
    assert_int_equal(x->status, BARQ_ERR_CONN);
    postgres_thaw(postgres_under_test());

    /* Whether it was claimed, or not any more: it is there, and nothing was used up. */
    exchange_at_last(worker, (struct bq_exchange){.renew = true});
    assert_false(worker->x.lease_lost);
    struct bq_claimed lost = claim_one(worker);
    assert_string_equal(lost.job.id, "lost");
    assert_int_equal(lost.losses + lost.tries, 0);
    assert_true(settle(worker, completed(&known)));
    assert_true(settle(worker, completed(&lost)));
}

static void a_call_of_an_earlier_connection_is_refused(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    assert_true(put(open_handle(), "one"));

    assert_string_equal(SAY("SELECT era FROM barq.workers"), "1");
    cut_all();
    exchange_at_last(worker, (struct bq_exchange){.renew = true});
    assert_string_equal(SAY("SELECT era FROM barq.workers"), "2");
    const char *refused = SAY("SELECT o_worker FROM barq.workers w, barq.keep_lease(w.token,"
                              " w.worker, 1, true, 0, NULL, NULL, '', '', '', '{}', 1000, 0, 0)");
    assert_non_null(strstr(refused, "BQ001"));
}

/* A claim that the worker was never told of, as when the answer was lost. */
static void a_claim_whose_answer_was_lost_comes_back_with_the_next_connection(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "known") && put(client, "unheard"));
    struct bq_claimed known = claim_one(worker);
    (void)SAY("WITH c AS (DELETE FROM barq.ready RETURNING seq) INSERT INTO barq.running"
              " SELECT seq, w.worker, nextval('barq.claims'), 0, 1 FROM c, barq.workers w");
    assert_int_equal(status_of(client, "unheard"), BARQ_JOB_IN_PROGRESS);

    cut_all();
    exchange_at_last(worker, (struct bq_exchange){.claim_max = 5, .claim_free_max = 5});
    assert_int_equal(worker->x.n_claimed, 1);
    assert_string_equal(worker->x.claimed[0].job.id, "unheard");
    assert_false(worker->x.claimed[0].claimed_before);
    assert_int_equal(worker->x.claimed[0].losses, 0);
    assert_true(settle(worker, completed(&known)));
}

static void a_deadlock_is_tried_again_and_nobody_notices(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();

    assert_true(put(client, "one"));
    /* What PostgreSQL says once, and then no more. */
    (void)SAY(
        "CREATE SEQUENCE barq.said; CREATE FUNCTION barq.say() RETURNS trigger LANGUAGE plpgsql AS "
        "$$"
        " BEGIN IF nextval('barq.said') = 1 THEN RAISE EXCEPTION 'deadlock detected'"
        " USING ERRCODE = '40P01'; END IF; RETURN NEW; END $$;"
        "CREATE TRIGGER say BEFORE INSERT ON barq.jobs FOR EACH ROW EXECUTE FUNCTION barq.say()");
    assert_true(put(client, "two"));
    assert_string_equal(SAY("SELECT last_value FROM barq.said"), "2");
}

static void notifications_are_sent_only_while_a_worker_is_idle(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    const struct bq_broker_ops *ops = worker->broker->ops;

    assert_true(put(client, "one") && put(client, "two") && put(client, "three"));
    pass_time(2000);
    (void)claim(worker, 1); /* as much as it can take, two seconds after it began to be idle */
    assert_string_equal(SAY("SELECT idle FROM barq.workers"), "f");
    (void)ops->woken(worker->broker);
    assert_true(put(client, "four"));
    assert_false(poll(&(struct pollfd){.fd = ops->fd(worker->broker), .events = POLLIN}, 1, 50) &&
                 ops->woken(worker->broker));

    (void)claim(worker, 10);
    assert_string_equal(SAY("SELECT idle FROM barq.workers"), "t");
    (void)ops->woken(worker->broker);
    assert_true(put(client, "five"));
    wait_readable(ops->fd(worker->broker));
    assert_true(ops->woken(worker->broker));
}

static void ends_are_told_only_while_a_client_waits(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();

    (void)new_worker();
    assert_string_equal(SAY("SELECT count(*) FROM barq.watchers"), "0");
    client->ops->wait_finished(client, 1);
    assert_string_equal(SAY("SELECT count(*) FROM barq.watchers WHERE until > barq.now_ms()"), "1");
    pass_time(INT64_C(10) * MINUTE_MS);
    assert_string_equal(SAY("SELECT count(*) FROM barq.watchers WHERE until > barq.now_ms()"), "0");
}

static void *start_one(void *url)
{
    struct bq_broker *broker = NULL;
    struct barq_queue_stats *stats = NULL;
    bq_auto(arena) struct barq_arena arena;
    size_t count = 0;

    bq_arena_init(&arena, ARENA_BYTES);
    enum barq_status status = bq_broker_open(url, &broker, NULL);
    if (status == BARQ_OK) {
        status = broker->ops->stats(broker, &arena, &stats, &count, MINUTE_MS, NULL);
    }
    bq_broker_close(broker);
    return status == BARQ_OK ? url : NULL;
}

static void several_may_make_the_schema_at_once(void **state)
{
    (void)state;
    char url[POSTGRES_URL_BYTES + 32];
    pthread_t threads[STARTERS];
    void *well = NULL;

    (void)snprintf(url, sizeof(url), "%s&schema=at_once", queue_url());
    for (int i = 0; i < STARTERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, start_one, url), 0);
    }
    for (int i = 0; i < STARTERS; i++) {
        assert_int_equal(pthread_join(threads[i], &well), 0);
        assert_non_null(well);
    }
    assert_string_equal(SAY("SELECT count(*) || ' ' || max(version) FROM at_once.barq_version"),
                        "1 2");
}

static struct bq_broker *open_with(const char *option)
{
    char url[POSTGRES_URL_BYTES + 64];
    struct bq_broker *broker = NULL;

    (void)snprintf(url, sizeof(url), "%s&%s", queue_url(), option);
    assert_int_equal(bq_broker_open(url, &broker, NULL), BARQ_OK);
    return broker;
}

static void schemas_are_queues_apart_whatever_they_are_called(void **state)
{
    (void)state;
    static const char *const names[] = {"schema=my%20%22jobs%22", "schema=Barq", "prepare=off"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct bq_broker *broker = open_with(names[i]);
        assert_true(put(broker, "one"));
        assert_int_equal(status_of(broker, "one"), BARQ_JOB_QUEUED);
        bq_broker_close(broker);
    }
    assert_string_equal(SAY("SELECT count(*) FROM \"my \"\"jobs\"\"\".jobs"), "1");
    assert_string_equal(SAY("SELECT count(*) FROM \"Barq\".jobs"), "1");
    assert_string_equal(SAY("SELECT count(*) FROM barq.jobs"), "1");
}

static void a_worker_does_its_work_through_a_pooler_too(void **state)
{
    (void)state;
    struct bq_broker *broker = open_with("prepare=off");
    struct worker worker;

    assert_true(put(broker, "one"));
    begin_worker(&worker, broker, "q");
    struct bq_claimed job = claim_one(&worker);
    assert_true(settle(&worker, completed(&job)));
    end_worker(&worker);
    bq_broker_close(broker);
}

static void an_address_that_makes_no_sense_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"schema=", "schema=pg_temp", "schema=a%27b", "prepare=maybe",
                                      "shema=barq"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char url[POSTGRES_URL_BYTES + 64];
        struct bq_broker *broker = NULL;
        struct barq_error err = {0};

        (void)snprintf(url, sizeof(url), "%s&%s", queue_url(), bad[i]);
        assert_int_equal(bq_broker_open(url, &broker, &err), BARQ_ERR_ARG);
        assert_null(broker);
        assert_non_null(strstr(err.text, "postgresql: "));
    }
}

/* What its first use says. */
static enum barq_status use(const char *url, struct barq_error *err)
{
    struct bq_broker *broker = NULL;
    struct bq_enqueue enqueue = {.job = a_job("refused")};

    enum barq_status status = bq_broker_open(url, &broker, err);
    if (status == BARQ_OK) {
        status = broker->ops->enqueue(broker, &enqueue, 1, 2000, err);
    }
    bq_broker_close(broker);
    return status;
}

static void a_newer_schema_is_refused_with_both_numbers(void **state)
{
    (void)state;
    struct barq_error err = {0};

    assert_true(put(open_handle(), "one"));
    (void)SAY("UPDATE barq.barq_version SET version = 77");
    assert_int_equal(use(queue_url(), &err), BARQ_ERR_CONFLICT);
    assert_non_null(strstr(err.text, "77"));
    assert_non_null(strstr(err.text, "knows 2"));
    assert_string_equal(SAY("SELECT version FROM barq.barq_version"), "77");
}

/* What a worker of the version before calls is still there, and what it has told is read. */
static void a_schema_of_the_version_before_is_brought_up_to_date(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    struct bq_worker_state told = {.executors = 3, .tally = "{}"};
    struct bq_worker_seen *workers = NULL;
    size_t count = 0;

    exchange(worker, (struct bq_exchange){.state = &told});
    (void)SAY("ALTER TABLE barq.workers DROP COLUMN tally");
    (void)SAY("DROP FUNCTION barq.list_workers()");
    (void)SAY("CREATE FUNCTION barq.list_workers() RETURNS TABLE (name text) LANGUAGE sql"
              " AS 'SELECT w.name FROM barq.workers w'");
    (void)SAY("CREATE FUNCTION barq.exchange(earlier int) RETURNS int LANGUAGE sql AS 'SELECT 1'");
    (void)SAY("UPDATE barq.barq_version SET version = 1");

    struct bq_broker *client = open_handle();
    assert_int_equal(
        client->ops->workers(client, world_arena(), &workers, &count, TIMEOUT_MS, NULL), BARQ_OK);
    assert_int_equal(count, 1);
    assert_int_equal(workers[0].info.executors, 3);
    assert_null(workers[0].tally);
    assert_string_equal(SAY("SELECT version FROM barq.barq_version"), "2");
    assert_string_equal(SAY("SELECT barq.exchange(1)"), "1");
    exchange(worker, (struct bq_exchange){.state = &told});
    assert_int_equal(
        client->ops->workers(client, world_arena(), &workers, &count, TIMEOUT_MS, NULL), BARQ_OK);
    assert_string_equal(workers[0].tally, "{}");
}

static void a_database_that_is_not_utf8_or_may_not_be_written_is_said(void **state)
{
    (void)state;
    char url[POSTGRES_URL_BYTES + 64];
    struct barq_error err = {0};

    (void)SAY("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    (void)snprintf(url, sizeof(url), "postgresql://barq@/latin?%s", strchr(queue_url(), '?') + 1);
    assert_int_equal(use(url, &err), BARQ_ERR_ARG);
    assert_non_null(strstr(err.text, "UTF8"));
    (void)SAY("DROP DATABASE latin WITH (FORCE)");

    assert_true(put(open_handle(), "one"));
    (void)SAY("ALTER DATABASE %s SET default_transaction_read_only = on",
              postgres_under_test()->database);
    assert_int_equal(use(queue_url(), &err), BARQ_ERR_DENIED);
    assert_non_null(strstr(err.text, "only reads"));
}

static void what_is_weak_names_the_settings(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    const char *const *weak = NULL;
    size_t count = 0;
    bool fsync = false;

    /* Servers of tests are. */
    assert_int_equal(
        client->ops->weaknesses(client, world_arena(), &weak, &count, TIMEOUT_MS, NULL), BARQ_OK);
    for (size_t i = 0; i < count; i++) {
        fsync = fsync || strstr(weak[i], "fsync is off");
    }
    assert_true(fsync);
}

/* Two workers at once, in threads of their own, which take and finish what there is. */
struct hand {
    struct bq_broker *broker;
    size_t done;
};

static void *work_off(void *context)
{
    struct hand *hand = context;
    struct worker worker;

    begin_worker(&worker, hand->broker, "q");
    for (;;) {
        struct bq_settle settles[BATCH];
        const struct bq_claimed *jobs = claim(&worker, BATCH);
        size_t count = worker.x.n_claimed;

        for (size_t i = 0; i < count; i++) {
            settles[i] = completed(&jobs[i]);
        }
        if (count == 0) {
            break;
        }
        exchange(&worker, (struct bq_exchange){.settles = settles, .n_settles = count});
        for (size_t i = 0; i < count; i++) {
            assert_false(settles[i].stale);
        }
        hand->done += count;
    }
    end_worker(&worker);
    return NULL;
}

static void two_workers_at_once_do_each_job_once(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct hand hands[] = {{open_handle(), 0}, {open_handle(), 0}};
    static struct bq_enqueue jobs[JOBS];
    static char ids[JOBS][16];
    pthread_t threads[2];
    size_t all = 0;

    for (int i = 0; i < JOBS; i++) {
        (void)snprintf(ids[i], sizeof(ids[i]), "%d", i);
        jobs[i] = (struct bq_enqueue){.job = a_job(ids[i])};
    }
    assert_int_equal(client->ops->enqueue(client, jobs, JOBS, TIMEOUT_MS, NULL), BARQ_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, work_off, &hands[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        all += hands[i].done;
    }
    assert_int_equal(all, JOBS);
    assert_string_equal(SAY("SELECT count(*) FROM barq.running"), "0");
    assert_int_equal(number(SAY("SELECT sum(complete) FROM barq.counts")), JOBS);
    assert_int_equal(number(SAY("SELECT sum(waiting) + sum(running) FROM barq.counts")), 0);
}

static void a_worker_that_vanished_from_this_machine_loses_its_jobs_at_once(void **state)
{
    (void)state;
    struct bq_broker *dead = open_handle();
    struct worker gone;
    assert_true(put(open_handle(), "one"));
    begin_worker(&gone, dead, "q");
    assert_string_equal(claim_one(&gone).job.id, "one");
    end_worker(&gone);
    close_handle(dead);

    struct worker *worker = new_worker();
    assert_int_equal(claim_one(worker).losses, 1);
}

static void a_client_learns_of_a_running_workers_end_of_work_at_once(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one"));
    struct bq_claimed job = claim_one(worker);
    client->ops->wait_finished(client, 1);
    assert_true(settle(worker, completed(&job)));

    int64_t before_ms = bq_mono_ms();
    client->ops->wait_finished(client, DEADLINE_MS);
    assert_in_range(bq_mono_ms() - before_ms, 0, AT_ONCE_MS);
}

/* Looks begin where something lives, also while a transaction that is open holds all that is dead in its place. */
static void a_job_below_the_floor_is_found_in_its_turn(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_job urgent = a_job("urgent");

    assert_true(put(client, "one"));
    (void)claim_one(worker);
    assert_int_equal(number(SAY("SELECT count(*) FROM barq.floors WHERE what = 1")), 1);
    urgent.priority = 4;
    assert_true(put(client, "plain") && put_job(client, urgent));
    assert_string_equal(SAY("SELECT string_agg(class::text, ' ' ORDER BY class) FROM barq.ready"),
                        "1 2");
    assert_string_equal(claim_one(worker).job.id, "urgent");
    assert_string_equal(claim_one(worker).job.id, "plain");

    /* One whose transaction had read an older floor is found by the next look from the beginning. */
    assert_true(put(client, "late"));
    (void)SAY("UPDATE barq.ready SET turn = turn - 10000");
    pass_time(2000);
    assert_string_equal(claim_one(worker).job.id, "late");
}

/* How many pages a look at what is ready reads. */
static int64_t pages_read(const char *floor)
{
    const char *plan = SAY("SET enable_seqscan = off; SET enable_bitmapscan = off;"
                           "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT seq FROM barq.ready"
                           " WHERE queue = 1 AND class = 2 AND turn >= %s"
                           " ORDER BY turn, seq LIMIT 1",
                           floor);
    const char *hits = strstr(plan, "\"Shared Hit Blocks\":");

    assert_non_null(hits);
    return number(hits + strlen("\"Shared Hit Blocks\":"));
}

static void do_some_jobs(struct bq_broker *client, struct worker *worker, int round)
{
    static struct bq_enqueue jobs[BATCH * BATCH];
    static struct bq_settle settles[BATCH * BATCH];
    static char ids[BATCH * BATCH][24];
    enum { ALL = BATCH * BATCH };

    for (int i = 0; i < ALL; i++) {
        (void)snprintf(ids[i], sizeof(ids[i]), "%d.%d", round, i);
        jobs[i] = (struct bq_enqueue){.job = a_job(ids[i])};
    }
    assert_int_equal(client->ops->enqueue(client, jobs, ALL, TIMEOUT_MS, NULL), BARQ_OK);
    const struct bq_claimed *claimed = claim(worker, ALL);
    assert_int_equal(worker->x.n_claimed, ALL);
    for (int i = 0; i < ALL; i++) {
        settles[i] = completed(&claimed[i]);
    }
    exchange(worker, (struct bq_exchange){.settles = settles, .n_settles = ALL});
}

static void a_look_goes_past_no_dead_rows_beside_an_open_transaction(void **state)
{
    (void)state;
    enum { ROUNDS = 30, FEW_PAGES = 20 };
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    PGconn *holder = PQconnectdb(queue_url());
    int64_t pages[2];

    PQclear(PQexec(holder, "BEGIN"));
    PGresult *held = PQexec(holder, "SELECT txid_current()");
    assert_int_equal(PQresultStatus(held), PGRES_TUPLES_OK);
    PQclear(held);
    for (int round = 0; round < ROUNDS; round++) {
        do_some_jobs(client, worker, round);
        pass_time(700);
    }
    (void)claim(worker, 1);
    pages[0] = pages_read("(SELECT floor FROM barq.floors WHERE what = 1)");
    pages[1] = pages_read("0");
    PQfinish(holder);
    assert_in_range(pages[0], 1, FEW_PAGES);
    assert_true(pages[1] > FEW_PAGES); /* they are there */
}

/* What a connection says, whose answer need not come at once. */
static PGconn *connection_that_says(const char *sql)
{
    PGconn *connection = PQconnectdb(queue_url());

    assert_int_equal(PQstatus(connection), CONNECTION_OK);
    assert_int_equal(PQsendQuery(connection, sql), 1);
    return connection;
}

/* Reads all that it answers; false: one of it was an error. */
static bool went_well(PGconn *connection)
{
    bool well = true;
    PGresult *result;

    while ((result = PQgetResult(connection))) {
        ExecStatusType what = PQresultStatus(result);

        well = well && (what == PGRES_COMMAND_OK || what == PGRES_TUPLES_OK);
        PQclear(result);
    }
    return well;
}

static void say_to(PGconn *connection, const char *sql)
{
    assert_int_equal(PQsendQuery(connection, sql), 1);
    assert_true(went_well(connection));
}

/* Until somebody waits for a lock. */
static void somebody_waits(void)
{
    int64_t until_ms = bq_mono_ms() + DEADLINE_MS;

    while (number(SAY("SELECT count(*) FROM pg_locks WHERE NOT granted")) == 0) {
        assert_true(bq_mono_ms() < until_ms);
    }
}

#define ENQUEUE(ids)                                                                               \
    "SELECT barq.enqueue('{" ids "}', '{q,q}', '{x,x}', '{1,1}', '{1,1}', '{0,0}', '{f,f}',"       \
    " '{NULL,NULL}', '{0,0}', '{f,f}', '{f,f}', '{}', '{}')"

/* As that of an application that goes on with other things. */
static void who_enqueues_in_a_transaction_that_stays_open_holds_nobody_up(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one"));
    (void)claim(worker, 1);

    pass_time(2000);
    PGconn *other = connection_that_says("BEGIN");
    assert_true(went_well(other));
    say_to(other, ENQUEUE("mine,yours"));
    assert_true(put(client, "two"));
    assert_string_equal(claim_one(worker).job.id, "two");
    assert_string_equal(SAY("SELECT count(*) FROM pg_locks WHERE NOT granted"), "0");
    PQfinish(other);
}

/* The job was there when the id was tried, and no more when it was looked whether it stands in the way. */
static void an_id_is_free_though_somebody_else_prunes_what_stood_there(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "a"));
    struct bq_claimed done = claim_one(worker);
    struct bq_settle short_lived = completed(&done);
    short_lived.keep_result_ms = 1;
    assert_true(settle(worker, short_lived));
    pass_time(MINUTE_MS);

    PGconn *other = connection_that_says("BEGIN");
    assert_true(went_well(other));
    say_to(other, ENQUEUE("z,zz"));
    PGconn *enqueuer = connection_that_says(ENQUEUE("a,z"));
    somebody_waits(); /* for "z", behind "a" */
    (void)SAY("SET search_path = barq; SELECT prune(10, now_ms())");
    assert_string_equal(SAY("SELECT count(*) FROM barq.jobs"), "0");
    say_to(other, "ROLLBACK");
    assert_true(went_well(enqueuer));
    assert_string_equal(SAY("SELECT string_agg(id, ' ' ORDER BY id) FROM barq.jobs"), "a z");
    PQfinish(enqueuer);
    PQfinish(other);
}

/* An exchange that waits for what `other` holds, until that commits. */
static void exchange_around(struct worker *worker, struct bq_exchange *x, PGconn *other)
{
    const struct bq_broker_ops *ops = worker->broker->ops;

    ops->begin(worker->broker, x);
    do {
        (void)ops->woken(worker->broker);
        assert_null(ops->end(worker->broker));
    } while (number(SAY("SELECT count(*) FROM pg_locks WHERE NOT granted")) == 0);
    say_to(other, "COMMIT");
    while (!ops->end(worker->broker)) {
        wait_readable(ops->fd(worker->broker));
    }
}

/* As a call that was sent through a connection that broke, and went on. */
static void a_lease_that_an_earlier_call_is_just_making_is_waited_for(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    struct bq_exchange x = {.arena = world_arena(), .renew = true, .timeout_ms = TIMEOUT_MS};

    PGconn *other = connection_that_says("BEGIN");
    assert_true(went_well(other));
    (void)SAY("CREATE TABLE barq.kept AS SELECT * FROM barq.workers; DELETE FROM barq.workers");
    say_to(other, "INSERT INTO barq.workers SELECT * FROM barq.kept");
    exchange_around(worker, &x, other);
    assert_int_equal(x.status, BARQ_OK);
    assert_false(x.lease_lost);
    PQfinish(other);
}

/* What one statement of a function has not seen, a later one must. */
static void whatever_isolation_the_database_prefers_waiters_are_told(void **state)
{
    (void)state;
    (void)SAY("ALTER DATABASE %s SET default_transaction_isolation = 'repeatable read'",
              postgres_under_test()->database);
    struct worker *worker = new_worker();
    assert_true(put(open_handle(), "first"));
    struct bq_claimed first = claim_one(worker);

    PGconn *other = connection_that_says("BEGIN ISOLATION LEVEL READ COMMITTED");
    assert_true(went_well(other));
    say_to(other,
           "SELECT barq.enqueue('{then}', '{q}', '{x}', '{1}', '{1}', '{0}', '{f}', '{NULL}',"
           " '{0}', '{f}', '{f}', '{1}', '{first}')");
    struct bq_settle done = completed(&first);
    struct bq_exchange x = {
        .arena = world_arena(), .settles = &done, .n_settles = 1, .timeout_ms = TIMEOUT_MS};
    exchange_around(worker, &x, other);
    assert_int_equal(x.status, BARQ_OK);
    assert_string_equal(claim_one(worker).job.id, "then");
    PQfinish(other);
}

static void a_pooler_that_prefers_another_isolation_is_refused(void **state)
{
    (void)state;
    char url[POSTGRES_URL_BYTES + 64];
    struct barq_error err = {0};

    (void)SAY("ALTER DATABASE %s SET default_transaction_isolation = 'serializable'",
              postgres_under_test()->database);
    (void)snprintf(url, sizeof(url), "%s&prepare=off", queue_url());
    assert_int_equal(use(url, &err), BARQ_ERR_ARG);
    assert_non_null(strstr(err.text, "read committed"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_worker_and_a_client_survive_a_restart_of_the_server),
        TEST(a_worker_whose_backend_is_terminated_goes_on_with_its_claims),
        TEST(a_server_that_answers_too_late_is_left_and_its_claims_come_back),
        TEST(a_call_of_an_earlier_connection_is_refused),
        TEST(a_claim_whose_answer_was_lost_comes_back_with_the_next_connection),
        TEST(a_deadlock_is_tried_again_and_nobody_notices),
        TEST(notifications_are_sent_only_while_a_worker_is_idle),
        TEST(ends_are_told_only_while_a_client_waits),
        TEST(several_may_make_the_schema_at_once),
        TEST(schemas_are_queues_apart_whatever_they_are_called),
        TEST(a_worker_does_its_work_through_a_pooler_too),
        TEST(an_address_that_makes_no_sense_is_refused),
        TEST(a_newer_schema_is_refused_with_both_numbers),
        TEST(a_schema_of_the_version_before_is_brought_up_to_date),
        TEST(a_database_that_is_not_utf8_or_may_not_be_written_is_said),
        TEST(what_is_weak_names_the_settings),
        TEST(two_workers_at_once_do_each_job_once),
        TEST(a_worker_that_vanished_from_this_machine_loses_its_jobs_at_once),
        TEST(a_client_learns_of_a_running_workers_end_of_work_at_once),
        TEST(a_job_below_the_floor_is_found_in_its_turn),
        TEST(a_look_goes_past_no_dead_rows_beside_an_open_transaction),
        TEST(who_enqueues_in_a_transaction_that_stays_open_holds_nobody_up),
        TEST(a_lease_that_an_earlier_call_is_just_making_is_waited_for),
        TEST(whatever_isolation_the_database_prefers_waiters_are_told),
        TEST(a_pooler_that_prefers_another_isolation_is_refused),
        TEST(an_id_is_free_though_somebody_else_prunes_what_stood_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
