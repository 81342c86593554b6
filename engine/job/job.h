/*
 * job.h - the record that travels: what a broker keeps of a job and hands to
 * a worker. Nothing here does I/O.
 */
#ifndef BQ_JOB_JOB_H
#define BQ_JOB_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <barq/client.h>

/*
 * A job as it is enqueued. Its identity is queue, id, enqueue time and nonce; the last two are
 * also within `payload` (job/record.h), whose bytes are fixed when the job is made, so that a job
 * enqueued twice is the same job.
 */
struct bq_job {
    const char *id;
    const char *queue;
    const void *payload; /* the encoded map with t f a k et and nonce */
    size_t payload_bytes;
    int64_t enqueued_at_ms;
    int64_t due_at_ms;
    int64_t expires_at_ms; /* 0: never; judged when it is first begun */
    bool uncertain; /* it may have been enqueued, and run, before: it counts as claimed before */
    /* What a broker must know without reading the payload. */
    const char
        *function;   /* by which its limits are found; "" when whoever enqueued it did not say */
    const char *key; /* NULL: none */
    int priority;    /* -BARQ_PRIORITY_MAX to BARQ_PRIORITY_MAX */
    const char *const *after; /* ids of jobs that it waits for; not given with a claimed job */
    size_t n_after;
    bool after_failed; /* it runs also when one of them has failed */
};

/* A job as it is claimed. */
struct bq_claimed {
    struct bq_job job;
    int64_t claim;       /* the token: a number that no other claim of this job has; > 0 */
    bool claimed_before; /* it may have been started: its receipt is looked for first */
    bool aborted;        /* an abort was wished */
    int tries;           /* used up: this is try `tries` + 1 */
    int losses;          /* attempts that vanished with their worker */
    int crashes;         /* executors it took down while it was alone in them */
    bool alone;          /* after a crash or loss it runs alone in its executor */
    const char
        *refusal; /* why it must not be run: a job that it waited for has failed; NULL: it may */
};

/* So many jobs may run, or start, across all workers of a broker. A name; zeros: no limit. */
struct bq_limit {
    const char *name;
    int max_running;
    int max_starts; /* in any `per_ms` */
    int64_t per_ms;
};

/* The limits of a function's jobs: all of them together, and those of each key. */
struct bq_limit_rule {
    const char *function;
    struct bq_limit all;
    struct bq_limit each_key;
};

/* What makes it this job and no other. Strings are borrowed. */
struct bq_identity {
    const char *queue;
    const char *id;
    int64_t enqueued_at_ms;
    const char *nonce; /* "" when it has none */
};

/* How long it is kept, and other numbers that both sides of a broker must agree on. */
enum {
    BQ_DEAD_KEEP_MS =
        7 * 24 * 3600 * 1000, /* failed jobs, to be looked at and retried; fits 32 bit */
    BQ_RECEIPT_KEEP_MS = 7 * 24 * 3600 * 1000,
    BQ_HISTORY_MAX_ENTRIES = 20, /* the newest are kept */
    BQ_HISTORY_ENTRY_MAX_BYTES = 1024,
    BQ_ERROR_TEXT_MAX_BYTES = 512,
    BQ_CRON_AHEAD_MS =
        3 * 3600 * 1000, /* a last run later than this from now was a clock's mistake */
    /* What an arena needs for the ids that a job waits for, in whatever form. */
    BQ_AFTER_ARENA_BYTES = 2 * BARQ_AFTER_MAX_BYTES + BARQ_AFTER_MAX * 256,
    BQ_JOB_LOG_MAX_BYTES = 16 * 1024, /* the newest lines are kept */
};

/* A cron job that no worker has had for so long after its next run was due is forgotten. */
#define BQ_CRON_KEEP_MS (INT64_C(30) * 24 * 3600 * 1000)

/* Is `id` 1 to 512 bytes of UTF-8 without control characters? Is `queue`, `function` 1 to 255 likewise? */
bool bq_job_id_valid(const char *id);
bool bq_name_valid(const char *name);
/* Can all that is beside its payload be a job's that is to be enqueued? Its queue may be left open (""), for whoever
 * relays it. */
bool bq_job_valid(const struct bq_job *job);

#endif
