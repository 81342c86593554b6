/*
 * contract.h - what the suite for all brokers is written with.
 *
 * A broker passes the suite by being listed in contract.c, as a struct
 * contract, which is in a file of its own. Each test gets its own queue.
 */
#ifndef TESTS_BROKER_CONTRACT_H
#define TESTS_BROKER_CONTRACT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "broker/broker.h"

enum {
    MINUTE_MS = 60 * 1000,
    LEASE_MS = 30 * 1000,
    TIMEOUT_MS = 10 * 1000,
    DEADLINE_MS = 20 * 1000, /* after which an event is missing */
    KEEP_MS = 3600 * 1000,
    ARENA_BYTES = 16 * 1024 * 1024,
};

struct contract {
    const char *name;
    /* An empty queue, in `folder` if it needs one; its URL is put into `url`. */
    void (*make)(const char *folder, char *url, size_t url_bytes);
    /* Another handle on the queue of `first`, which is open already; NULL: the URL opens it again. */
    struct bq_broker *(*share)(struct bq_broker *first);
    /* So much time passes for a handle. */
    void (*advance)(struct bq_broker *broker, int64_t ms);
    bool one_clock;   /* for all handles together */
    bool one_process; /* no other process can open it */
};

extern const struct contract *contract; /* the broker under test */
extern const struct contract memory_contract;
extern const struct contract sqlite_contract;
extern const struct contract redis_contract;
extern const struct contract pg_contract;

/* The server of redis_contract. */
struct redis_server;
struct redis_server *redis_under_test(void);
/* The server of pg_contract. */
struct postgres_server;
struct postgres_server *postgres_under_test(void);

typedef void errand(struct bq_broker *broker);

/* -- the world of a test: handles are closed after it -- */

int make_world(void **state);
int end_world(void **state);
/* Started before anything else, since it must not have threads: runs errands of other processes. */
void start_elsewhere(void);

struct bq_broker *open_handle(void);
void close_handle(struct bq_broker *broker);
struct barq_arena *world_arena(void);
int64_t now_ms(void);
void pass_time(int64_t ms);
/* The path of the queue's file, if it has one, with `suffix`; lives as long as the world. */
const char *queue_file(const char *suffix);
const char *queue_url(void);
/* Runs `what` with a handle of its own in another process, if there can be one. Use assert() in it. */
void elsewhere(errand *what);
/* The same, but the process is killed after it: nothing is closed. */
void elsewhere_and_die(errand *what);

/* -- clients -- */

struct bq_job a_job(const char *id);
/* Enqueues a_job(id); false when it is refused. */
bool put(struct bq_broker *broker, const char *id);
bool put_job(struct bq_broker *broker, struct bq_job job);
/* In the world's arena. */
struct bq_found found(struct bq_broker *broker, const char *id);
enum barq_job_status status_of(struct bq_broker *broker,
                               const char *id); /* BARQ_JOB_NOT_FOUND, too */

/* -- workers -- */

/* A handle that has joined. Answers of an exchange live until the next but one. */
struct worker {
    struct bq_broker *broker;
    struct barq_arena arenas[2];
    int turn;
    struct bq_exchange x;
};

struct worker *new_worker(void); /* of queue "q"; ends with the test */
struct worker *new_worker_of(const char *queue);
struct worker *new_worker_as(const struct bq_worker_lease *lease);
/* The same on any handle, e.g. of an errand; its handle stays open. */
void begin_worker(struct worker *worker, struct bq_broker *broker, const char *queue);
void begin_worker_as(struct worker *worker, struct bq_broker *broker,
                     const struct bq_worker_lease *lease);
void end_worker(struct worker *worker);
void end_workers(void);
/* Does what is set in `wanted`; the answers are in worker->x. */
struct bq_exchange *exchange(struct worker *worker, struct bq_exchange wanted);
/* The same, whatever its status becomes. */
struct bq_exchange *try_exchange(struct worker *worker, struct bq_exchange wanted);
void wait_readable(int fd);
/* Claims at most `max` jobs of any kind; how many there were is in worker->x. */
struct bq_claimed *claim(struct worker *worker, size_t max);
/* Claims exactly one, which lives as long as the world. */
struct bq_claimed claim_one(struct worker *worker);
/* Settles one job; false when that was stale. */
bool settle(struct worker *worker, struct bq_settle settle);

struct bq_settle completed(const struct bq_claimed *job);
struct bq_settle failed(const struct bq_claimed *job);
struct bq_settle retried(const struct bq_claimed *job, int64_t defer_ms);
struct bq_settle released(const struct bq_claimed *job, bool claimed_before);

/* -- the suite -- */

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_world, end_world)

struct test_list {
    const struct CMUnitTest *tests;
    size_t count;
};
struct test_list enqueue_tests(void);
struct test_list claim_tests(void);
struct test_list cron_tests(void);
struct test_list settle_tests(void);
struct test_list lease_tests(void);
struct test_list look_tests(void);
struct test_list admin_tests(void);
struct test_list wake_tests(void);
struct test_list turn_tests(void);
struct test_list limit_tests(void);
struct test_list full_tests(void);
struct test_list worker_tests(void);
struct test_list report_tests(void);
struct test_list after_tests(void);

#endif
