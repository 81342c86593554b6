/*
 * testing.h - for the tests of your own functions: in the test's process, on
 * its thread, without a worker.
 *
 *     struct barq_test *test;
 *     struct barq_test_outcome outcome;
 *
 *     barq_test_open(&barq_settings, NULL, &test, &err);
 *     barq_test_run(test, "greet", barq_test_json(test, "[\"you\"]"), NULL, &outcome, &err);
 *     assert(outcome.kind == BARQ_TEST_COMPLETE);
 *     assert(barq_test_count(test, "send_letter") == 1);
 *     barq_test_close(test);
 *
 * The queue is in memory, the sessions' database a file of its own. An attempt
 * goes the same way as in a worker: arguments and results are written and read
 * again, session, hooks, receipt and COMMIT are the real ones, and what was
 * enqueued in the session is in the queue afterwards.
 *
 * What a worker does around it is not there: jobs are run one at a time and
 * are never told to stop. No timeout holds, and no limit of memory, CPU time,
 * output, or of how many run or start; nothing is enqueued by the clock, and
 * nobody hears of progress; what is logged goes to stderr. A handler that
 * crashes or hangs does that to the test.
 *
 * Nothing here knows of a test framework: calls return a status, for yours to
 * look at. An object serves one thread at a time.
 */
#ifndef BARQ_TESTING_H
#define BARQ_TESTING_H

#include <barq/client.h>
#include <barq/error.h>
#include <barq/session.h>
#include <barq/value.h>
#include <barq/worker.h>

#ifdef __cplusplus
extern "C" {
#endif

struct barq_test;

enum { BARQ_TEST_DRAIN_MAX = 10000 };

struct barq_test_options {
    const char
        *database_url; /* NULL: a file in a temporary folder, which barq_test_close() removes */
    int drain_max;     /* attempts that one drain makes at most; 0: BARQ_TEST_DRAIN_MAX */
};

/*
 * Begins with an empty queue, and with on_startup. `options` may be NULL; `settings` are borrowed until the end.
 * Fails as a worker with these settings would fail to start.
 */
BARQ_API enum barq_status barq_test_open(const struct barq_settings *settings,
                                         const struct barq_test_options *options,
                                         struct barq_test **out, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Ends with on_shutdown. Takes NULL. */
BARQ_API void barq_test_close(struct barq_test *test);

/* A client of the queue, for code that enqueues; and to ask for a job's result by its id. Borrowed. */
BARQ_API struct barq_client *barq_test_client(struct barq_test *test);
/* A session of the test's own on the database: barq_session_begin(), look, barq_session_rollback(). Borrowed. */
BARQ_API struct barq_session *barq_test_session(struct barq_test *test);
/* For code that opens its own session. */
BARQ_API const char *barq_test_database_url(const struct barq_test *test);
/* Memory that lives as long as the test, at most 64 MiB of it: for arguments; outcomes are in it, too. */
BARQ_API struct barq_arena *barq_test_arena(struct barq_test *test);
/* A value of JSON: "[1, \"two\"]" as args, "{\"name\": 3}" as kwargs. NULL when it is none. */
BARQ_API const struct barq_value *barq_test_json(struct barq_test *test, const char *json);

/* -- one attempt -- */

enum barq_test_kind {
    BARQ_TEST_COMPLETE,
    BARQ_TEST_FAILED, /* for good */
    BARQ_TEST_RETRY,
    BARQ_TEST_GIVEN_BACK, /* no try was used up: the database was away */
};

/* In the test's arena. */
struct barq_test_outcome {
    enum barq_test_kind kind;
    char id[BARQ_JOB_ID_MAX_BYTES + 1];
    const struct barq_value *result; /* when complete; else NULL */
    const char *error;               /* "" when complete */
    int64_t defer_ms;                /* until the next try */
};

struct barq_test_run_options {
    const char *id;    /* NULL: a new one */
    const char *queue; /* NULL: the settings' */
    int job_try;       /* 0: the first */
};

/*
 * Runs a function once, beside the queue: what it enqueued waits there, and is not run. Not BARQ_OK when the attempt
 * could not be made, e.g. since the arguments cannot be written; a function that fails is an outcome.
 */
BARQ_API enum barq_status barq_test_run(struct barq_test *test, const char *function,
                                        const struct barq_value *args,
                                        const struct barq_value *kwargs,
                                        struct barq_test_outcome *outcome, struct barq_error *err)
    BARQ_MUST_CHECK;
/* The same, e.g. as the last try. */
BARQ_API enum barq_status
barq_test_run_with(struct barq_test *test, const char *function, const struct barq_value *args,
                   const struct barq_value *kwargs, const struct barq_test_run_options *options,
                   struct barq_test_outcome *outcome, struct barq_error *err) BARQ_MUST_CHECK;

/* -- the queue -- */

/*
 * What waits in the queue, deferred or not: jobs of `function` (NULL: of any), in the order in which they were
 * enqueued; in the test's arena. Also what was enqueued in transactions of the application.
 */
BARQ_API enum barq_status barq_test_enqueued(struct barq_test *test, const char *function,
                                             const struct barq_job_info **out, size_t *count,
                                             struct barq_error *err) BARQ_MUST_CHECK;
/* How many; -1 when that cannot be told. */
BARQ_API int barq_test_count(struct barq_test *test, const char *function);

struct barq_test_drained {
    int complete;
    int failed;
    int retried;                      /* attempts */
    char error[BARQ_ERROR_MAX_BYTES]; /* of the last attempt that was not complete; "" */
};

/*
 * Runs what is due, also what that enqueues, until nothing is. `out` may be NULL.
 *
 * BARQ_ERR_LIMIT  more than drain_max attempts: it may never end
 * BARQ_ERR_CONN   a job was given back, as the database was away
 */
BARQ_API enum barq_status barq_test_drain(struct barq_test *test, struct barq_test_drained *out,
                                          struct barq_error *err) BARQ_MUST_CHECK;
/* The same, and when nothing is due the queue's clock is put forward to what will be: until no job is left. */
BARQ_API enum barq_status barq_test_drain_all(struct barq_test *test, struct barq_test_drained *out,
                                              struct barq_error *err) BARQ_MUST_CHECK;
/*
 * Puts the queue's clock forward: what is deferred, or to be tried again, comes due. Handlers, and when a job expires,
 * go by the real clock.
 */
BARQ_API void barq_test_advance(struct barq_test *test, int64_t ms);

#ifdef __cplusplus
}
#endif

#endif
