/*
 * test_sqlite_workers.c - many workers on one queue's file: their lock files
 * and their races.
 */
#include <assert.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/time.h"
#include "broker/contract.h"
#include "os/lock.h"

const struct contract *contract = &sqlite_contract;

enum { JOBS = 1000, WORKERS = 3, BATCH = 10 };

static size_t count_locks(void)
{
    glob_t found = {0};

    (void)glob(queue_file("-worker-*"), 0, NULL, &found);
    size_t count = found.gl_pathc;
    globfree(&found);
    return count;
}

static void claim_all(struct bq_broker *broker)
{
    static struct worker worker;

    begin_worker(&worker, broker, "q");
    (void)claim(&worker, BATCH);
    assert(worker.x.n_claimed > 0);
}

static void the_jobs_of_a_dead_worker_are_free_when_the_next_one_joins(void **state)
{
    (void)state;
    assert_true(put(open_handle(), "one"));
    elsewhere_and_die(claim_all);
    assert_int_equal(count_locks(), 1);

    struct worker *worker = new_worker();
    assert_int_equal(count_locks(), 1);
    assert_int_equal(claim_one(worker).losses, 1);
}

static void a_worker_that_is_there_already_notices_a_dead_one_within_seconds(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    int64_t deadline_ms = bq_mono_ms() + DEADLINE_MS;
    assert_true(put(open_handle(), "one"));
    elsewhere_and_die(claim_all);

    while (worker->x.n_claimed == 0) {
        struct pollfd wait = {.fd = worker->broker->ops->fd(worker->broker), .events = POLLIN};

        assert_true(bq_mono_ms() < deadline_ms);
        (void)claim(worker, 1);
        if (worker->x.n_claimed == 0) {
            (void)poll(&wait, 1, 100);
            (void)worker->broker->ops->woken(worker->broker);
        }
    }
    assert_int_equal(worker->x.claimed[0].losses, 1);
    assert_int_equal(count_locks(), 1);
}

static void a_lock_that_is_held_keeps_the_jobs_until_the_lease_is_over(void **state)
{
    (void)state;
    struct worker *paused = new_worker();
    assert_true(put(open_handle(), "one"));
    (void)claim_one(paused);

    struct worker *worker = new_worker();
    (void)claim(worker, 1);
    assert_int_equal(worker->x.n_claimed, 0);
    assert_int_equal(count_locks(), 2);
    pass_time(LEASE_MS);
    assert_int_equal(claim_one(worker).losses, 1);
}

static void a_worker_of_another_machine_is_judged_by_its_lease_only(void **state)
{
    (void)state;
    sqlite3 *raw = NULL;
    assert_true(put(open_handle(), "one"));
    elsewhere_and_die(claim_all);
    assert_int_equal(sqlite3_open(queue_file(""), &raw), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(raw, "UPDATE barq_workers SET host = 'far', boot = 'away'", NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_close(raw), SQLITE_OK);

    struct worker *worker = new_worker();
    (void)claim(worker, 1);
    assert_int_equal(worker->x.n_claimed, 0);
    pass_time(LEASE_MS);
    assert_int_equal(claim_one(worker).losses, 1);
}

static void a_worker_that_leaves_takes_its_lock_file_along(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    assert_int_equal(count_locks(), 1);

    exchange(worker, (struct bq_exchange){.leave = true});
    assert_int_equal(count_locks(), 0);
}

static void a_worker_that_only_closes_leaves_a_free_lock_file(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    close_handle(worker->broker);

    assert_int_equal(count_locks(), 1);
    assert_int_equal(bq_lock_look(queue_file("-worker-1")), BQ_LOCK_FREE);
}

static void a_new_lease_is_another_lock_file(void **state)
{
    (void)state;
    struct worker *paused = new_worker();
    struct worker *worker = new_worker();
    pass_time(LEASE_MS);
    exchange(worker, (struct bq_exchange){.renew = true});
    exchange(paused, (struct bq_exchange){0});

    assert_true(paused->x.lease_lost);
    assert_int_equal(count_locks(), 2);
    assert_int_equal(bq_lock_look(queue_file("-worker-1")), BQ_LOCK_UNKNOWN);
    assert_int_equal(bq_lock_look(queue_file("-worker-3")), BQ_LOCK_HELD);
}

static void a_lock_file_of_an_earlier_queue_is_in_nobodys_way(void **state)
{
    (void)state;
    int fd = -1;
    assert_int_equal(bq_lock_take(queue_file("-worker-1"), &fd, NULL), BARQ_OK);

    (void)new_worker();
    assert_int_equal(bq_lock_look(queue_file("-worker-2")), BQ_LOCK_HELD);
    close(fd);
}

static void remove_queue(void)
{
    glob_t found = {0};

    (void)glob(queue_file("*"), 0, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        assert_int_equal(unlink(found.gl_pathv[i]), 0);
    }
    globfree(&found);
}

static void a_lease_does_not_outlive_its_queue(void **state)
{
    (void)state;
    struct worker *old = new_worker();
    assert_true(put(old->broker, "old"));
    struct bq_claimed job = claim_one(old);
    remove_queue();

    struct worker *fresh = new_worker();
    struct bq_settle done = completed(&job);
    exchange(old, (struct bq_exchange){.settles = &done, .n_settles = 1});
    assert_true(old->x.lease_lost);
    assert_true(done.stale);
    assert_int_equal(bq_lock_look(queue_file("-worker-1")), BQ_LOCK_HELD);
    assert_int_equal(bq_lock_look(queue_file("-worker-2")), BQ_LOCK_HELD);

    exchange(old, (struct bq_exchange){.leave = true});
    exchange(fresh, (struct bq_exchange){.renew = true});
    assert_false(fresh->x.lease_lost);
}

static void a_new_queue_may_give_a_worker_its_number_again(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    remove_queue();

    exchange(worker, (struct bq_exchange){0});
    assert_true(worker->x.lease_lost);
    assert_int_equal(bq_lock_look(queue_file("-worker-1")), BQ_LOCK_HELD);
    close_handle(worker->broker);
    assert_int_equal(bq_lock_look(queue_file("-worker-1")), BQ_LOCK_FREE);
}

/* One of several processes: notes each job that it does in a file, then settles it. */
static _Noreturn void do_jobs(const char *url, const char *log)
{
    struct bq_broker *broker = NULL;
    struct worker worker = {0};
    struct bq_settle settles[BATCH] = {0};
    int fd = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    enum barq_status status = bq_broker_open(url, &broker, NULL);
    assert(fd >= 0 && status == BARQ_OK);

    begin_worker(&worker, broker, "q");
    size_t done = 0;
    do {
        exchange(&worker, (struct bq_exchange){.settles = settles,
                                               .n_settles = done,
                                               .claim_max = BATCH,
                                               .claim_lost_max = BATCH,
                                               .count = true});
        for (done = 0; done < worker.x.n_claimed; done++) {
            const struct bq_claimed *job = &worker.x.claimed[done];

            assert(dprintf(fd, "%s\n", job->job.id) > 0);
            settles[done] = completed(job);
        }
    } while (worker.x.unfinished > 0);
    bq_broker_close(broker);
    _exit(0);
}

static void many_processes_do_each_job_once(void **state)
{
    (void)state;
    static int times[JOBS];
    pid_t pids[WORKERS];
    const char *log = queue_file("-log");
    struct bq_broker *client = open_handle();
    char id[16];

    memset(times, 0, sizeof(times));
    for (int i = 0; i < JOBS; i++) {
        (void)snprintf(id, sizeof(id), "%d", i);
        assert_true(put(client, id));
    }
    for (int i = 0; i < WORKERS; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            do_jobs(queue_url(), log);
        }
    }
    for (int i = 0; i < WORKERS; i++) {
        int ended = -1;
        assert_int_equal(waitpid(pids[i], &ended, 0), pids[i]);
        assert_int_equal(ended, 0);
    }

    FILE *lines = fopen(log, "re");
    assert_non_null(lines);
    while (fgets(id, sizeof(id), lines)) {
        times[strtol(id, NULL, 10)]++;
    }
    (void)fclose(lines);
    for (int i = 0; i < JOBS; i++) {
        assert_int_equal(times[i], 1);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(the_jobs_of_a_dead_worker_are_free_when_the_next_one_joins),
        TEST(a_worker_that_is_there_already_notices_a_dead_one_within_seconds),
        TEST(a_lock_that_is_held_keeps_the_jobs_until_the_lease_is_over),
        TEST(a_worker_of_another_machine_is_judged_by_its_lease_only),
        TEST(a_worker_that_leaves_takes_its_lock_file_along),
        TEST(a_worker_that_only_closes_leaves_a_free_lock_file),
        TEST(a_new_lease_is_another_lock_file),
        TEST(a_lock_file_of_an_earlier_queue_is_in_nobodys_way),
        TEST(a_lease_does_not_outlive_its_queue),
        TEST(a_new_queue_may_give_a_worker_its_number_again),
        TEST(many_processes_do_each_job_once),
    };

    start_elsewhere();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
