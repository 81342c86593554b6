/*
 * test_sqlite_faults.c - an exchange is one transaction: killed on either side
 * of its COMMIT, nothing of it has happened, or all.
 */
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/contract.h"

const struct contract *contract = &sqlite_contract;

/* The next process that reaches `point` is killed there. The folder is the queue's. */
static void arm(const char *path, const char *point)
{
    char file[1024];
    size_t folder_len = (size_t)(strrchr(path, '/') - path);

    (void)snprintf(file, sizeof(file), "%.*s", (int)folder_len, path);
    assert(setenv("BARQ_FAULTS", file, 1) == 0);
    (void)snprintf(file, sizeof(file), "%.*s/%s", (int)folder_len, path, point);
    int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    assert(fd >= 0 && write(fd, "kill", 4) == 4);
    close(fd);
}

/* Claims "first"; then, with one exchange, completes it, enqueues "child" and claims "second". */
static void exchange_and_die(struct bq_broker *broker, const char *point)
{
    struct worker worker;
    struct bq_enqueue child = {.job = a_job("child")};

    begin_worker(&worker, broker, "q");
    struct bq_claimed job = claim_one(&worker);
    struct bq_settle done = completed(&job);
    arm(queue_url() + strlen("sqlite:"), point);
    try_exchange(
        &worker,
        (struct bq_exchange){
            .settles = &done, .n_settles = 1, .enqueues = &child, .n_enqueues = 1, .claim_max = 1});
    abort();
}

static void die_before_commit(struct bq_broker *broker)
{
    exchange_and_die(broker, "exchange.before_commit");
}

static void die_after_commit(struct bq_broker *broker)
{
    exchange_and_die(broker, "exchange.committed");
}

static void of_an_exchange_killed_before_its_commit_nothing_has_happened(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    assert_true(put(client, "first") && put(client, "second"));
    elsewhere_and_die(die_before_commit);

    assert_int_equal(status_of(client, "first"), BARQ_JOB_IN_PROGRESS);
    assert_int_equal(status_of(client, "second"), BARQ_JOB_QUEUED);
    assert_int_equal(status_of(client, "child"), BARQ_JOB_NOT_FOUND);
    struct worker *worker = new_worker();
    struct bq_claimed first = claim_one(worker);
    assert_string_equal(first.job.id, "first");
    assert_int_equal(first.losses, 1);
    assert_int_equal(claim_one(worker).losses, 0);
}

static void of_an_exchange_killed_after_its_commit_all_has_happened(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    assert_true(put(client, "first") && put(client, "second"));
    elsewhere_and_die(die_after_commit);

    assert_int_equal(status_of(client, "first"), BARQ_JOB_COMPLETE);
    assert_int_equal(status_of(client, "second"), BARQ_JOB_IN_PROGRESS);
    assert_int_equal(status_of(client, "child"), BARQ_JOB_QUEUED);
    struct worker *worker = new_worker();
    struct bq_claimed second = claim_one(worker);
    assert_string_equal(second.job.id, "second");
    assert_int_equal(second.losses, 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(of_an_exchange_killed_before_its_commit_nothing_has_happened),
        TEST(of_an_exchange_killed_after_its_commit_all_has_happened),
    };

    start_elsewhere();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
