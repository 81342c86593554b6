/*
 * admin.h - looking after queues: listing, counting, the dead, migrations.
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
};
/* Workers whose lease is not over, the longest there first; in the arena. */
BARQ_API enum barq_status barq_workers(struct barq_client *client, struct barq_arena *arena,
                                       struct barq_worker_info **out, size_t *count,
                                       struct barq_error *err) BARQ_MUST_CHECK;

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
