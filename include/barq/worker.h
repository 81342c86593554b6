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

#include <stdbool.h>

#include <barq/error.h>
#include <barq/function.h>
#include <barq/session.h>
#include <barq/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Changes whenever a struct in here changes; a module of another one is refused. */
#define BARQ_ABI 4

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
    BARQ_DEFAULT_OUTPUT_MAX_BYTES = 1024 * 1024,
    BARQ_MAX_THREADS = 256, /* of one executor */
    BARQ_SHARED_MAX_JOBS =
        90, /* of a worker whose queue is shared with arq, whose own looks at the first 100 */
};

/* One of the queues that a worker works on. Of what it claims, each gets its share by weight while it has jobs. */
struct barq_worker_queue {
    const char *name; /* NULL ends the table */
    int weight;       /* 1 to 1000; 0: 1 */
};

/*
 * What becomes of a run that was due for more than a minute when a worker came to it: nobody was there, the broker was
 * away, or the machine slept. (What is less late than that is enqueued as ever.) Nothing is missed before a broker was
 * first told of a cron job, or of its new schedule or time zone.
 */
enum barq_missed {
    BARQ_MISSED_SKIP, /* it is left out */
    BARQ_MISSED_ONCE, /* of all that were missed, the last one is enqueued */
    BARQ_MISSED_ALL,  /* all are, the oldest first; but 1000 at most, the others are left out */
};

/*
 * A job that is enqueued by the clock: by a crontab expression, or by arq's fields.
 *
 *     {.function = "report", .expression = "30 4 * * mon-fri", .time_zone = "Europe/Berlin"}
 *     {.function = "report", .weekday = "mon-fri", .hour = "4", .minute = "30"}
 *
 * An expression has 5 fields (minute hour day month weekday) or 6 (second before them); each is a list of `*`, numbers,
 * names of three letters (jan, mon) and ranges, these and `*` with a step if wanted (8-18/2). Weekdays are 0 to 7 from
 * Sunday to Sunday (also in arq's field, where arq's own 0 is Monday: better use names). Or it is one of @yearly
 * @monthly @weekly @daily @hourly. As in crontab(5), when both day and weekday are restricted, that is, begin with no
 * `*`, either may match; with a plus before the weekday ("0 9 1-7 * +mon": the first Monday), and of arq's fields, both
 * must. Fields that are NULL match anything, but `second`, which is 0. What can never match keeps the worker from
 * starting.
 *
 * A schedule whose hour begins with `*` goes by what the clocks show: in an hour that is left out when they are set
 * forward it does not run, in one that comes twice it runs twice. Any other one is at fixed hours: if times of it are
 * left out, it runs once, at the first instant after the gap; times that come twice count the first time only. (Vixie
 * cron and cronie do so for gaps under three hours, once for each time in it, and if the minute has no `*` either.)
 *
 * A run is enqueued at its time, once, however many workers there are: the broker takes only runs later than the last
 * one of this queue and name. It is the job `cron:QUEUE:NAME:INSTANT` (ms), and barq_job_enqueued_at_ms() is its
 * instant. Tries, timeout and result are as the function says (arq: one try, no result); a run does not wait for the
 * one before. A paused queue gets its runs. A clock that is put back by up to 3 hours runs nothing twice, but waits; one
 * that was wrong by more begins anew.
 */
struct barq_cron {
    const char *function; /* NULL ends the table */
    /* Unique in its queue: up to 200 bytes without a colon. NULL: the function's. */
    const char *name;
    const char *expression;
    const char *month, *day, *weekday, *hour, *minute, *second; /* when `expression` is NULL */
    /* "Europe/Berlin", or "CET-1CEST,M3.5.0,M10.5.0/3"; NULL: $TZ, else the system's. */
    const char *time_zone;
    const char *queue; /* NULL: the worker's first */
    /* JSON of up to 4 KiB: an array, or an object of keyword arguments. NULL: none. */
    const char *arguments;
    /* Also when a worker starts; but not within a minute of the last run: once for all that start together. */
    bool run_at_startup;
    enum barq_missed missed;
};

/* What a module exports as `barq_settings`. Zero means the default everywhere. */
struct barq_settings {
    int abi; /* BARQ_ABI */
    const struct barq_function *functions;
    const char *queue_name; /* NULL: the broker's own, "barq"; on Redis "arq:queue" */
    const struct barq_worker_queue *queues; /* instead of queue_name */
    int max_jobs;                           /* at once, = executors x threads; 10 */
    /*
     * Jobs that one executor, a process, runs at a time; 1. More is for jobs that mostly wait: when one of them
     * crashes, hangs past its timeout or hogs memory, its executor is killed with the others in it (which are run
     * again, and use up no try), and handlers must be safe to run beside each other in one process.
     */
    int threads;
    int max_tries;          /* 5 */
    int64_t job_timeout_ms; /* 300 s; BARQ_OFF: none */
    int64_t keep_result_ms; /* one hour; BARQ_OFF: keep none; BARQ_FOREVER */
    int64_t retry_min_ms;   /* errors are retried after 1 s, 2 s, 4 s ... */
    int64_t retry_max_ms;   /* ... at most 300 s, with full jitter */
    int retry_on_error; /* BARQ_OFF: no; functions may say otherwise with 1 (see shared_with_arq) */
    int retry_on_timeout;     /* likewise */
    int64_t memory_max_bytes; /* none */
    int64_t cpu_max_ms;       /* none */
    int64_t output_max_bytes; /* 1 MiB; BARQ_OFF: any */
    int recycle_after;        /* jobs of any function; never */
    int64_t
        job_completion_wait_ms; /* how long a worker that is told to stop waits for what runs; 0 */
    int64_t health_check_interval_ms;  /* between two lines in the log; 3600 s; BARQ_OFF: none */
    const struct barq_cron *cron_jobs; /* NULL: none */

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

    /*
     * Around each handler that is begun, in its session and transaction. If one fails, the attempt has failed as if
     * the handler had: barq_retry() and barq_fail() count, what was written is gone, and neither the handler nor
     * on_job_end is called after it. What on_job_start opens for reading it ends, so that the handler can write.
     */
    barq_handler *on_job_start;
    /* After a success, before the result is encoded and the receipt written: it may still barq_return(). */
    barq_handler *on_job_end;
    /*
     * After an attempt that was begun, whatever came of it, has been acknowledged: a transaction of its own, committed
     * when it returns BARQ_OK. barq_job_error() says why the attempt failed; "" if it did not. It runs at most once: if
     * the worker ends before it, not at all. If it fails, crashes or takes more than 30 s, that is logged, and costs
     * no job anything.
     */
    barq_handler *after_job_end;

    /*
     * Workers of Python's arq work on the same queue. Which of them runs a job, and that no two run it, is then decided
     * by arq's lock alone, which lasts for the longest job_timeout + 10 s, so:
     *
     * - the worker's lease is that, unless a longer one is given; each function needs a job_timeout, of a year at most;
     * - an attempt does not commit within 5 s of the end of the lease with which its job was claimed, whether it was
     *   renewed or not: it is rolled back, and the job given back without using up a try;
     * - an error is final unless retry_on_error is 1, here or for the function, as arq's workers have it;
     * - the worker has BARQ_SHARED_MAX_JOBS jobs in its hands at most, and refuses a larger max_jobs.
     *
     * All workers must know the same functions, or see leave_unknown. Flag --shared-with-arq.
     */
    bool shared_with_arq;
    /*
     * A job whose function is not known here is given back for other workers, and left alone for a minute or so. Else
     * it fails, as with arq. While there is one, a burst does not end. Flag --leave-unknown.
     */
    bool leave_unknown;

    enum barq_isolation isolation; /* of the sessions' transactions, on PostgreSQL */
    /*
     * Database sessions on PostgreSQL: each thread of each executor has one, from its first use on. A worker whose
     * executors x threads are more than pool_size + max_overflow refuses to start. (Two more are the worker's own.)
     */
    int pool_size;           /* 10 */
    int max_overflow;        /* 5; BARQ_OFF: none */
    int64_t pool_recycle_ms; /* a connection that was opened longer ago is opened anew; never */
    int pool_pre_ping; /* BARQ_OFF: a server that was silent for long is not asked before a job gets its session */
};

enum { BARQ_DEFAULT_POOL_SIZE = 10, BARQ_DEFAULT_MAX_OVERFLOW = 5 };

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
 *     --queue NAME[:WEIGHT],...  --executors N  --threads N  --burst  --lease SECONDS  --url URL  --database URL
 *     -v  --help  --log-format text|json  --job-completion-wait SECONDS  --health ADDRESS:PORT  --watch
 *     --shared-with-arq  --leave-unknown
 *
 * BARQ_SERIALIZER is how cron jobs are written (client.h). BARQ_LOG_FORMAT is how it logs. BARQ_URL is the queue, DATABASE_URL the sessions' database; by default two
 * SQLite files in $XDG_DATA_HOME/barq (~/.local/share/barq): queue.db, data.db. Where --url and --database are given,
 * they become BARQ_URL and DATABASE_URL of this process and its executors, and a password in them is overwritten in
 * `argv`, so that the list of processes does not show it any more.
 *
 * 0 stopped, or the burst is done; 1 failed to start or to go on; 2 usage.
 */
BARQ_API int barq_worker_main(const struct barq_settings *settings, int argc, char **argv);

#ifdef __cplusplus
}
#endif

#endif
