/*
 * inside.h - what a test is made of: an executor without a process around it,
 * and a queue in memory.
 *
 *     testing.c   its beginning and end
 *     attempt.c   one attempt, and what a dispatcher would do with what it says
 *     drain.c     the queue, one job after the other
 *     enqueued.c  what waits there
 *     database.c  the file that the sessions are on
 */
#ifndef BQ_TESTING_INSIDE_H
#define BQ_TESTING_INSIDE_H

#include <barq/testing.h>

#include "attempt/context.h"
#include "base/arena.h"
#include "base/buf.h"
#include "broker/broker.h"

struct barq_test {
    struct barq_arena arena;    /* what the user sees */
    struct barq_client *client; /* owned */
    struct bq_broker *worker;   /* owned: a second handle on the client's queue, joined */
    const char **queues;        /* owned: of the settings */
    struct bq_share *shares;    /* owned: the same */
    size_t n_queues;
    char *folder;                 /* owned, with what is in it; NULL: the database is the user's */
    char *database_url;           /* owned */
    struct barq_session *session; /* owned: the test's own */
    int drain_max;
    bool started; /* on_startup has succeeded */

    struct bq_desk desk;
    struct bq_workplace place;
    struct bq_buf work; /* of the attempt under way: what it was given */
    struct barq_arena attempt_arena;
    struct barq_arena said; /* what it has said of its outcome */
    int64_t attempts;
    struct bq_outcome outcome;
    const struct bq_claimed *claimed; /* to be settled when it ends; NULL: it is in no queue */
    enum barq_status trouble;         /* around the attempt, not of it */
    struct barq_error trouble_err;
};

/* -- attempt.c -- */

/* Makes one attempt, to its end. What it says is in `outcome`, until the next one. */
enum barq_status bq_test_attempt(struct barq_test *test, struct bq_run *run, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Brings into the queue what was enqueued in transactions that were no job's. */
enum barq_status bq_test_sweep(struct barq_test *test, struct barq_error *err) BARQ_MUST_CHECK;
/* The desk's listener; `data` is the test. */
void bq_test_listen(void *data, uint8_t type, const struct bq_buf *body);

/* -- drain.c -- */

/* The queue is told what became of the job under way. */
enum barq_status bq_test_settle(struct barq_test *test, struct barq_error *err) BARQ_MUST_CHECK;

/* -- database.c -- */

/* Makes the file's folder, unless the user has said which database. */
enum barq_status bq_test_database(struct barq_test *test, const char *url, struct barq_error *err)
    BARQ_MUST_CHECK;
void bq_test_remove_folder(struct barq_test *test);

#endif
