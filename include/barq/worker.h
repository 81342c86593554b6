/*
 * worker.h - a worker: settings, and how a program becomes one.
 *
 *     BARQ_MODULE = {.abi = BARQ_ABI, .functions = functions};
 *
 * at the end of a module makes it one that `barq worker MODULE.so` can run. A
 * program that has its functions compiled in calls barq_worker_main().
 */
#ifndef BARQ_WORKER_H
#define BARQ_WORKER_H

#include <barq/error.h>
#include <barq/function.h>
#include <barq/session.h>
#include <barq/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Changes whenever a struct in here changes; a module of another one is refused. */
#define BARQ_ABI 1

enum {
    BARQ_DEFAULT_MAX_JOBS = 10,
    BARQ_DEFAULT_MAX_TRIES = 5,
    BARQ_DEFAULT_JOB_TIMEOUT_MS = 300000, /* then told to stop, */
    BARQ_HARD_GRACE_MS = 5000,            /* and killed after this */
    BARQ_DEFAULT_KEEP_RESULT_MS = 3600000,
    BARQ_DEFAULT_LEASE_MS = 30000,
    BARQ_MAX_LOSSES = 10, /* attempts that vanished with their worker, then poison */
    BARQ_MAX_CRASHES = 3, /* executors that a job killed while it was alone in them, then poison */
    BARQ_DEFAULT_PAYLOAD_MAX_BYTES = 1024 * 1024, /* an encoded job, and its result */
};

/* What a module exports as `barq_settings`. Zero means the default everywhere. */
struct barq_settings {
    int abi; /* BARQ_ABI */
    const struct barq_function *functions;
    const char *queue_name; /* NULL: "barq" */
    int max_jobs;           /* at once, = executors x threads; 10 */
    int max_tries;          /* 5 */
    int64_t job_timeout_ms; /* 300 s; BARQ_OFF: none */
    int64_t keep_result_ms; /* one hour; BARQ_OFF: keep none */
    int64_t retry_min_ms;   /* errors are retried after 1 s, 2 s, 4 s ... */
    int64_t retry_max_ms;   /* ... at most 300 s, with full jitter */

    /*
     * In each executor before its first job, in the first executor alone
     * before the others. May write to its session: that is committed when it
     * returns BARQ_OK. A failure ends the executor; five in a row, the worker.
     */
    barq_handler *on_startup;
    /* In each executor when it is stopped in peace. */
    barq_handler *on_shutdown;
    /*
     * After a job has failed for good: a transaction of its own, which
     * begins with the failure's receipt. barq_job_error() says why. Runs at
     * most once to its end; if it fails, the job's failure stands without it.
     */
    barq_handler *on_job_failure;
};

#if defined(__cplusplus)
#define BARQ_MODULE                                                                                \
    extern "C" __attribute__((visibility("default"))) const struct barq_settings barq_settings
#else
#define BARQ_MODULE                                                                                \
    extern const struct barq_settings barq_settings;                                               \
    __attribute__((visibility("default"))) const struct barq_settings barq_settings
#endif

/*
 * The whole of a worker's main(): reads flags and environment, runs until it
 * is stopped, returns the exit code. `settings` NULL: the first argument names
 * the module. The process re-executes its own binary with the same arguments
 * for its executors: what main() does before this call happens there, too.
 *
 *     --queue NAME  --executors N  --burst  --lease SECONDS  --url URL  --database URL  -v  --help
 *
 * BARQ_URL is the queue, DATABASE_URL the sessions' database; by default two
 * SQLite files in $XDG_DATA_HOME/barq (~/.local/share/barq): queue.db, data.db.
 *
 * 0 stopped, or the burst is done; 1 failed to start or to go on; 2 usage.
 */
BARQ_API int barq_worker_main(const struct barq_settings *settings, int argc, char **argv);

#ifdef __cplusplus
}
#endif

#endif
