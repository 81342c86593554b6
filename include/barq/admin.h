/*
 * admin.h - looking after queues: listing, counting, workers, limits, the dead, migrations.
 */
#ifndef BARQ_ADMIN_H
#define BARQ_ADMIN_H

#include <barq/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Beside an enum barq_job_status: several of them. */
enum {
    BARQ_LIST_WAITING = -2, /* BARQ_JOB_DEFERRED and BARQ_JOB_QUEUED: what arq calls queued jobs */
    BARQ_LIST_FINISHED =
        -3, /* BARQ_JOB_COMPLETE and BARQ_JOB_FAILED: all results that were kept, and the dead */
};

struct barq_list_filter {
    const char *queue; /* NULL: all */
    int status;        /* an enum barq_job_status, or one of the above; BARQ_OFF: all */
};

enum { BARQ_LIST_MAX = 1000 };

/*
 * A page of jobs, with all that barq_info() tells of them but their log, in a steady order; at most `limit` (1 to
 * BARQ_LIST_MAX), and it may be fewer, also none, before the last page. `cursor` is "" (or NULL) for the
 * first page; `*next` is the cursor of the next one, or NULL after the last. Jobs that come and go
 * meanwhile may be missed; none that stays is missed, or seen twice unless its status changes.
 */
BARQ_API enum barq_status barq_list_jobs(struct barq_client *client,
                                         const struct barq_list_filter *filter, const char *cursor,
                                         size_t limit, struct barq_arena *arena,
                                         struct barq_job_info **out, size_t *count,
                                         const char **next, struct barq_error *err) BARQ_MUST_CHECK;

struct barq_queue_stats {
    const char *queue;
    int64_t queued;
    int64_t deferred;
    int64_t in_progress;
    int64_t complete; /* with a kept result */
    int64_t failed;   /* among the dead */
    int64_t held;     /* of the queued ones: over their limit */
    bool paused;
};
/* Every queue that has, or had, jobs; in the arena. */
BARQ_API enum barq_status barq_stats(struct barq_client *client, struct barq_arena *arena,
                                     struct barq_queue_stats **out, size_t *count,
                                     struct barq_error *err) BARQ_MUST_CHECK;

/* Stops and lets again all workers claim from a queue; what runs goes on. A queue that is not there is made. */
BARQ_API enum barq_status barq_pause(struct barq_client *client, const char *queue,
                                     struct barq_error *err) BARQ_MUST_CHECK;
BARQ_API enum barq_status barq_resume(struct barq_client *client, const char *queue,
                                      struct barq_error *err) BARQ_MUST_CHECK;

/* What an executor does. */
enum barq_executor_state {
    BARQ_EXECUTOR_OFF,      /* there is no process: it waits to be started, or its worker ends */
    BARQ_EXECUTOR_STARTING, /* runs on_startup */
    BARQ_EXECUTOR_IDLE,
    BARQ_EXECUTOR_BUSY,
    BARQ_EXECUTOR_STOPPING, /* is given nothing any more, or is being ended */
};
/* "off", "starting", "idle", "busy", "stopping" */
BARQ_API const char *barq_executor_state_name(enum barq_executor_state state);

/* A place for a process that runs jobs. */
struct barq_executor_info {
    int64_t
        number; /* from 1 on; 0: the house, which runs no handlers but settles, sweeps, and prunes */
    int64_t pid; /* 0: there is none */
    enum barq_executor_state state;
    int64_t started_at_ms; /* the process; 0: there is none */
    int64_t memory_bytes;  /* resident, with what it shares with others; 0: not known */
    int64_t jobs;          /* attempts that this process has ended */
    int64_t restarts;      /* processes that were in this place before it */
    int64_t crashes;       /* that have ended there though they were not told to, or were killed */
    const char *const
        *running; /* ids of jobs that may have begun in it, BARQ_EXECUTOR_JOBS_MAX at most */
    size_t n_running;
};
enum { BARQ_EXECUTOR_JOBS_MAX = 16 };

/* A worker as it has last been heard of. Counts are since its start. */
struct barq_worker_info {
    const char *name;   /* host:pid */
    const char *queues; /* "barq" or "fast:3 slow:1" */
    int64_t started_at_ms;
    int64_t seen_at_ms;
    int64_t lease_until_ms; /* in the past: it has not been heard of, its jobs are taken away */
    int64_t executors;      /* that are there, */
    int64_t threads;        /* jobs that each runs at once */
    int64_t running;
    int64_t complete;
    int64_t failed;
    int64_t retried;
    int64_t memory_bytes; /* resident, of its dispatcher; 0: it has not told */
    /* One by one, the house first; none of a worker that has not told them. Of very many (more than some
     * hundreds) only the first, or without their jobs. */
    const struct barq_executor_info *places;
    size_t n_places;
};
/* Workers whose lease is not over, the longest there first; in the arena. */
BARQ_API enum barq_status barq_workers(struct barq_client *client, struct barq_arena *arena,
                                       struct barq_worker_info **out, size_t *count,
                                       struct barq_error *err) BARQ_MUST_CHECK;

/*
 * How long something took, by how many took how long: bucket i counts those of at most barq_bucket_ms(i), and longer
 * than barq_bucket_ms(i - 1). The last bucket has no bound: INT64_MAX.
 */
enum { BARQ_BUCKETS = 14 };
BARQ_API int64_t barq_bucket_ms(int bucket);

struct barq_histogram {
    int64_t count; /* of all buckets */
    int64_t sum_us;
    int64_t buckets[BARQ_BUCKETS];
};

/*
 * How the attempts of a function's jobs have ended in one worker since its start. A job that has taken its executor down
 * for the last time is counted as crashed, and, by the worker that settles it, as failed.
 */
struct barq_function_stats {
    const char *worker; /* its name in barq_workers() */
    const char *
        function; /* "": all that it cannot tell apart, being beyond BARQ_FUNCTIONS_MAX or unknown to it */
    int64_t complete;
    int64_t failed;    /* for good */
    int64_t retried;   /* will be tried again, also after they took their executor down */
    int64_t aborted;   /* of those that failed: somebody had wished it */
    int64_t timed_out; /* had to end as their time was over, however they then ended */
    int64_t crashed;   /* took their executor down, also by a limit of time, memory, or CPU time */
    int64_t receipts;  /* of those that are complete or failed: an earlier attempt had decided so */
    struct barq_histogram waited; /* of each attempt that began: from when it was due */
    struct barq_histogram ran; /* of each attempt that began and ended: from when it was taken up */
};
enum { BARQ_FUNCTIONS_MAX = 64 }; /* of one worker, in the order of its module */

/*
 * What workers have told of their functions, those of which nothing has ended or begun yet left out; by worker as in
 * barq_workers(), in the arena. A worker that is gone takes its counts along: they are to be gathered while it is there.
 */
BARQ_API enum barq_status barq_function_stats(struct barq_client *client, struct barq_arena *arena,
                                              struct barq_function_stats **out, size_t *count,
                                              struct barq_error *err) BARQ_MUST_CHECK;

/*
 * A limit of a function in a queue (struct barq_limit), and how full it is. Functions that share a limit's name share
 * its numbers.
 */
struct barq_limit_info {
    const char *queue;
    const char *function;
    const char *name;    /* the limit's */
    bool each_key;       /* it is key_limit: one for each key */
    const char *key;     /* of these, the one that the counts are of; NULL: of all */
    int64_t max_running; /* 0: any number */
    int64_t max_starts;  /* in any `per_ms`; 0: any number */
    int64_t per_ms;
    int64_t running; /* jobs that count against it, whatever their queue */
    int64_t held;    /* jobs of this queue that wait for room in it */
};
/*
 * The limits of a queue (NULL: of all), as the last workers to join have said, by queue and function: for each that of
 * all its jobs, that of each key, with a key of NULL, and then the keys which have jobs that run or are held, those with
 * the most held ones first. In the arena; BARQ_LIST_MAX at most, of the keys of one limit BARQ_LIMIT_KEYS_MAX. On Redis
 * only a part is counted where more than 5,000 jobs run, or a queue has more than 2,000 slots with held jobs.
 */
enum { BARQ_LIMIT_KEYS_MAX = 100 };
BARQ_API enum barq_status barq_limits(struct barq_client *client, const char *queue,
                                      struct barq_arena *arena, struct barq_limit_info **out,
                                      size_t *count, struct barq_error *err) BARQ_MUST_CHECK;

/*
 * What is weak in how the queue is set up, where that can be known: sentences for whoever looks after
 * it; in the arena.
 */
BARQ_API enum barq_status barq_weaknesses(struct barq_client *client, struct barq_arena *arena,
                                          const char *const **out, size_t *count,
                                          struct barq_error *err) BARQ_MUST_CHECK;

/* A cron job, as the workers that have it have told the broker. One whose next run is long over has no worker. */
struct barq_cron_info {
    const char *queue;
    const char *name;
    const char *function;
    const char *schedule; /* "30 4 * * mon-fri" */
    const char *time_zone;
    int64_t last_at_ms; /* the last run's due time; 0: none yet */
    int64_t next_at_ms; /* as last told; 0: none */
};
/* All of all queues, by queue and name; in the arena. */
BARQ_API enum barq_status barq_crons(struct barq_client *client, struct barq_arena *arena,
                                     struct barq_cron_info **out, size_t *count,
                                     struct barq_error *err) BARQ_MUST_CHECK;

/* Puts a dead job back into its queue, with all its tries, as a new job of the same id. BARQ_ERR_NOTFOUND: not dead. */
BARQ_API enum barq_status barq_retry_dead(struct barq_client *client, const char *id,
                                          struct barq_error *err) BARQ_MUST_CHECK;
/* Removes a job that is waiting, finished or dead. BARQ_ERR_CONFLICT: it is running; abort it. */
BARQ_API enum barq_status barq_delete(struct barq_client *client, const char *id,
                                      struct barq_error *err) BARQ_MUST_CHECK;

/* Brings the tables of a queue (`url`, NULL: the default) up to this version; `*from` and `*to` are versions. */
BARQ_API enum barq_status barq_migrate_queue(const char *url, int *from, int *to,
                                             struct barq_error *err) BARQ_MUST_CHECK;
/* The same for barq's tables in a sessions' database. */
BARQ_API enum barq_status barq_migrate_database(const char *url, int *from, int *to,
                                                struct barq_error *err) BARQ_MUST_CHECK;

/* The default of BARQ_URL and DATABASE_URL as worker.h says; makes the folder. In the arena. */
BARQ_API enum barq_status barq_default_url(struct barq_arena *arena, const char **out,
                                           struct barq_error *err) BARQ_MUST_CHECK;
BARQ_API enum barq_status barq_default_database_url(struct barq_arena *arena, const char **out,
                                                    struct barq_error *err) BARQ_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
