/*
 * test_sqlite_broker.c - what can be wrong with a queue's file.
 */
#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <sqlite3.h>

#include "broker/contract.h"

const struct contract *contract = &sqlite_contract;

enum { SHORT_MS = 150, FILE_LIMIT_BYTES = 600 * 1000 };

/* The queue's file as anybody's database. */
static sqlite3 *open_raw(void)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(queue_file(""), &db), SQLITE_OK);
    return db;
}

static void run_raw(sqlite3 *db, const char *sql)
{
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void a_locked_queue_is_busy_and_nothing_is_done(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct barq_error err = {0};
    assert_true(put(client, "one"));
    struct bq_claimed job = claim_one(worker);
    struct bq_settle done = completed(&job);
    struct bq_enqueue child = {.job = a_job("child")};
    sqlite3 *other = open_raw();
    run_raw(other, "BEGIN IMMEDIATE");

    assert_int_equal(client->ops->enqueue(client, &child, 1, SHORT_MS, &err), BARQ_ERR_BUSY);
    assert_int_equal(client->ops->abort(client, "one", SHORT_MS, &err), BARQ_ERR_BUSY);
    try_exchange(worker, (struct bq_exchange){.settles = &done,
                                              .n_settles = 1,
                                              .enqueues = &child,
                                              .n_enqueues = 1,
                                              .claim_max = 1,
                                              .timeout_ms = SHORT_MS});
    assert_int_equal(worker->x.status, BARQ_ERR_BUSY);
    assert_int_equal(worker->x.n_claimed, 0);
    /* Looking needs no lock. */
    assert_int_equal(status_of(client, "one"), BARQ_JOB_IN_PROGRESS);

    run_raw(other, "COMMIT");
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    assert_int_equal(status_of(client, "child"), BARQ_JOB_NOT_FOUND);
    assert_true(settle(worker, done));
}

/* The table refuses the id of what is enqueued after the tick. */
static void an_exchange_that_fails_has_taken_no_run_of_a_cron_job(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    char id[BARQ_JOB_ID_MAX_BYTES + 2] = "";
    memset(id, 'x', sizeof(id) - 1);
    struct bq_enqueue child = {.job = a_job(id)};
    struct bq_tick tick = {.queue = "q",
                           .name = "n",
                           .function = "f",
                           .schedule = "* * * * *",
                           .time_zone = "UTC",
                           .next_at_ms = now_ms() + MINUTE_MS,
                           .at_ms = now_ms(),
                           .job = a_job("run")};
    struct bq_exchange wanted = {.ticks = &tick, .n_ticks = 1, .enqueues = &child, .n_enqueues = 1};

    try_exchange(worker, wanted);
    assert_int_not_equal(worker->x.status, BARQ_OK);
    assert_false(tick.taken);
    wanted.n_enqueues = 0;
    exchange(worker, wanted);
    assert_true(tick.taken);
}

static void write_file(const char *path, const char *text, off_t at)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, text, strlen(text), at), strlen(text));
    close(fd);
}

static enum barq_status open_status(const char *url, struct barq_error *err)
{
    struct bq_broker *broker = NULL;
    enum barq_status status = bq_broker_open(url, &broker, err);

    bq_broker_close(broker);
    return status;
}

static void a_file_that_is_no_database_is_refused_and_stays_as_it_is(void **state)
{
    (void)state;
    static const char text[] = "Dear diary, this is by no means a database, but it is long enough "
                               "to be taken for one, if nobody looks at how it begins.";
    char now[sizeof(text)] = "";
    char url[1024];
    struct barq_error err = {0};
    const char *path = queue_file("-diary");
    write_file(path, text, 0);
    (void)snprintf(url, sizeof(url), "sqlite:%s", path);

    assert_int_equal(open_status(url, &err), BARQ_ERR_CORRUPT);
    assert_non_null(strstr(err.text, "database"));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(fd, now, sizeof(now)), sizeof(text) - 1);
    close(fd);
    assert_string_equal(now, text);
}

static void a_damaged_queue_says_so(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    char id[16];
    char junk[4097];
    struct barq_error err = {0};

    for (int i = 0; i < 500; i++) {
        (void)snprintf(id, sizeof(id), "%d", i);
        assert_true(put(client, id));
    }
    sqlite3 *raw = open_raw();
    run_raw(raw, "PRAGMA wal_checkpoint(TRUNCATE)");
    assert_int_equal(sqlite3_close(raw), SQLITE_OK);
    memset(junk, '#', sizeof(junk) - 1);
    junk[sizeof(junk) - 1] = '\0';
    for (int page = 2; page < 20; page++) {
        write_file(queue_file(""), junk, (off_t)page * 4096);
    }

    struct bq_broker *broker = NULL;
    struct bq_enqueue jobs = {.job = a_job("one more")};
    enum barq_status status = bq_broker_open(queue_url(), &broker, &err);
    if (status == BARQ_OK) {
        status = broker->ops->enqueue(broker, &jobs, 1, TIMEOUT_MS, &err);
    }
    assert_int_equal(status, BARQ_ERR_CORRUPT);
    bq_broker_close(broker);
}

static void a_queue_of_a_newer_version_is_refused_with_both_numbers(void **state)
{
    (void)state;
    struct barq_error err = {0};
    sqlite3 *raw = open_raw();
    run_raw(raw, "UPDATE barq_queue_version SET version = 99");
    assert_int_equal(sqlite3_close(raw), SQLITE_OK);

    assert_int_equal(open_status(queue_url(), &err), BARQ_ERR_CONFLICT);
    assert_non_null(strstr(err.text, "99"));
    assert_non_null(strstr(err.text, "knows 3"));
}

static void a_worker_of_the_version_before_has_told_nothing_of_itself(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    struct bq_worker_state told = {.executors = 3};
    struct bq_worker_seen *workers = NULL;
    size_t count = 0;

    exchange(worker, (struct bq_exchange){.state = &told});
    sqlite3 *raw = open_raw();
    run_raw(raw, "ALTER TABLE barq_workers DROP COLUMN tally");
    run_raw(raw, "UPDATE barq_queue_version SET version = 2");
    assert_int_equal(sqlite3_close(raw), SQLITE_OK);

    struct bq_broker *client = open_handle();
    assert_int_equal(
        client->ops->workers(client, world_arena(), &workers, &count, TIMEOUT_MS, NULL), BARQ_OK);
    assert_int_equal(count, 1);
    assert_int_equal(workers[0].info.executors, 3);
    assert_null(workers[0].tally);
    told.tally = "{}";
    exchange(worker, (struct bq_exchange){.state = &told});
    assert_int_equal(
        client->ops->workers(client, world_arena(), &workers, &count, TIMEOUT_MS, NULL), BARQ_OK);
    assert_string_equal(workers[0].tally, "{}");
}

static void migrating_tells_the_versions(void **state)
{
    (void)state;
    char url[1024];
    int from = -1;
    int to = -1;

    (void)snprintf(url, sizeof(url), "sqlite:%s", queue_file("-new"));
    assert_int_equal(bq_broker_migrate(url, &from, &to, NULL), BARQ_OK);
    assert_int_equal(from, 0);
    assert_int_equal(to, 3);
    assert_int_equal(bq_broker_migrate(url, &from, &to, NULL), BARQ_OK);
    assert_int_equal(from, 3);
    assert_int_equal(bq_broker_migrate("memory:", &from, &to, NULL), BARQ_OK);
    assert_int_equal(from, to);
}

static void a_url_that_is_no_queue_is_refused(void **state)
{
    (void)state;
    struct barq_error err = {0};

    assert_int_equal(open_status("carrier-pigeon:coop", &err), BARQ_ERR_ARG);
    assert_non_null(strstr(err.text, "sqlite:"));
    assert_non_null(strstr(err.text, "memory:"));
    assert_int_equal(open_status("sqlite:", &err), BARQ_ERR_ARG);
    assert_int_equal(open_status("sqlite:/nowhere/at/all/queue.db", &err), BARQ_ERR_NOTFOUND);
    assert_int_equal(open_status("no url", &err), BARQ_ERR_FORMAT);
    assert_int_equal(open_status("memory:queue", &err), BARQ_ERR_ARG);
}

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    assert(getrlimit(RLIMIT_FSIZE, &limit) == 0);
    limit.rlim_cur = bytes;
    assert(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

/* Enqueues until the disk is full; the number of jobs that were taken. */
static int fill_disk(struct bq_broker *broker)
{
    static char payload[2000];
    struct barq_error err = {0};
    int taken = 0;

    for (;; taken++) {
        char id[16];
        struct bq_enqueue job = {.job = a_job(id)};

        assert(taken < 10000);
        (void)snprintf(id, sizeof(id), "%d", taken);
        job.job.payload = payload;
        job.job.payload_bytes = sizeof(payload);
        enum barq_status status = broker->ops->enqueue(broker, &job, 1, TIMEOUT_MS, &err);
        if (status != BARQ_OK) {
            assert(status == BARQ_ERR_FULL);
            return taken;
        }
    }
}

/* In the other process. */
static void run_out_of_space(struct bq_broker *broker)
{
    static char result[500 * 1000];
    struct bq_enqueue first = {.job = a_job("first")};
    struct worker worker;

    begin_worker(&worker, broker, "q");
    enum barq_status status = broker->ops->enqueue(broker, &first, 1, TIMEOUT_MS, NULL);
    assert(status == BARQ_OK);
    struct bq_claimed job = claim_one(&worker);

    (void)signal(SIGXFSZ, SIG_IGN);
    limit_files(FILE_LIMIT_BYTES);
    int taken = fill_disk(broker);
    assert(taken > 10);
    struct bq_settle done = completed(&job);
    done.result = result;
    done.result_bytes = sizeof(result);
    try_exchange(&worker, (struct bq_exchange){.settles = &done, .n_settles = 1, .claim_max = 1});
    assert(worker.x.status == BARQ_ERR_FULL);
    assert(worker.x.n_claimed == 0);

    limit_files(RLIM_INFINITY);
    exchange(&worker, (struct bq_exchange){
                          .settles = &done, .n_settles = 1, .claim_max = 10000, .count = true});
    assert(!done.stale);
    assert((int)worker.x.unfinished == taken);
    assert((int)worker.x.n_claimed == taken);
    end_worker(&worker);
}

static void on_a_full_disk_nothing_is_lost_and_it_goes_on_when_there_is_space(void **state)
{
    (void)state;
    elsewhere(run_out_of_space);
    assert_int_equal(status_of(open_handle(), "first"), BARQ_JOB_COMPLETE);
}

static void a_queue_whose_file_was_deleted_begins_anew(void **state)
{
    (void)state;
    static const char *const files[] = {"", "-wal", "-shm"};
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    assert_true(put(client, "one"));
    (void)claim_one(worker);
    for (size_t i = 0; i < 3; i++) {
        (void)unlink(queue_file(files[i]));
    }

    assert_true(put(client, "one"));
    exchange(worker, (struct bq_exchange){.claim_max = 1});
    assert_true(worker->x.lease_lost);
    assert_int_equal(worker->x.n_claimed, 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_locked_queue_is_busy_and_nothing_is_done),
        TEST(an_exchange_that_fails_has_taken_no_run_of_a_cron_job),
        TEST(a_file_that_is_no_database_is_refused_and_stays_as_it_is),
        TEST(a_damaged_queue_says_so),
        TEST(a_queue_of_a_newer_version_is_refused_with_both_numbers),
        TEST(a_worker_of_the_version_before_has_told_nothing_of_itself),
        TEST(migrating_tells_the_versions),
        TEST(a_url_that_is_no_queue_is_refused),
        TEST(on_a_full_disk_nothing_is_lost_and_it_goes_on_when_there_is_space),
        TEST(a_queue_whose_file_was_deleted_begins_anew),
    };

    start_elsewhere();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
