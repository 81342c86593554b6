/*
 * message.h - what a dispatcher and its executors say to each other.
 *
 * A message is the body of one frame (os/frame.h) whose type is the enum
 * below; fields go in the order of the structs, integers as i64 or u8,
 * strings and bytes as blocks (base/buf.h). docs/formats/executor.md.
 *
 * What an executor sends is input to be checked: a reader that has failed, or
 * has something left, is a broken message.
 */
#ifndef BQ_JOB_MESSAGE_H
#define BQ_JOB_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include <barq/worker.h>

#include "base/arena.h"
#include "base/buf.h"
#include "job/cron.h"
#include "job/job.h"

enum bq_message {
    /* to the executor */
    BQ_MSG_RUN = 1,     /* struct bq_run */
    BQ_MSG_CANCEL = 2,  /* attempt, reason */
    BQ_MSG_RELAYED = 3, /* attempt: the last BQ_MSG_OUTBOX of it is in the broker */
    BQ_MSG_SWEEP = 4, /* attempt, u8: first see whether the database can be written; to the house */
    BQ_MSG_PRUNE = 5, /* attempt; to the house */
    BQ_MSG_HELD = 6,  /* attempt, count of probes that may be deleted; the answer to BQ_MSG_PROBE */
    BQ_MSG_STOP = 7,  /* finish what runs, on_shutdown, end */
    BQ_MSG_RECALL = 8, /* what has not been begun is to be returned */
    BQ_MSG_ACKED =
        9, /* attempt, 1: the broker has its outcome, after_job_end may run; 0: it won't */
    /* from the executor */
    BQ_MSG_READY = 32,   /* struct bq_ready */
    BQ_MSG_REFUSED = 33, /* struct bq_refused: it cannot start, and why; it ends */
    BQ_MSG_STARTED = 34, /* struct bq_started */
    BQ_MSG_HOOK =
        35, /* attempt, error: the job has failed for good of it, on_job_failure is about to run */
    BQ_MSG_OUTBOX = 36,  /* attempt, count, jobs: enqueue these, then say RELAYED */
    BQ_MSG_OUTCOME = 37, /* struct bq_outcome: the attempt has ended */
    BQ_MSG_PROBE = 38,   /* attempt, count, identities: which does the broker still hold? */
    BQ_MSG_DONE = 39,    /* attempt, u8 database reachable, u8 done: a sweep or prune has ended */
    BQ_MSG_RETURNED =
        40, /* count, attempts: not begun, and will not be; the answer to BQ_MSG_RECALL */
    BQ_MSG_PROGRESS = 41, /* struct bq_progress */
    BQ_MSG_LOG = 42,      /* struct bq_said */
    BQ_MSG_LEFT = 43,     /* attempt: after_job_end has ended, its thread is free */
    BQ_MSG_WOKEN = 44,    /* of the house: there may be something to be swept */
    BQ_MSG_SPAN = 45,     /* struct bq_span: the attempt is one, and begins */
};

enum bq_cancel_reason {
    BQ_CANCEL_NONE,
    BQ_CANCEL_TIMEOUT,
    BQ_CANCEL_ABORT,
    BQ_CANCEL_SHUTDOWN, /* also when the lease was lost: the job is somebody else's */
};

enum {
    BQ_FRAME_SLACK_BYTES = 64 * 1024, /* what a frame may hold beside one payload */
    BQ_OUTBOX_CHUNK_ROWS = 200,
    BQ_OUTBOX_CHUNK_BYTES = 256 * 1024,
    BQ_PROBE_MAX = 200,
    BQ_LIMITS_MAX = 10000, /* functions */
    BQ_FRAME_MAX_BYTES = 4 * 1024 * 1024,
    /* A result repeats its arguments, so that a job's bytes and a whole payload must fit into one frame. */
    BQ_JOB_MAX_BYTES = BQ_FRAME_MAX_BYTES - BARQ_DEFAULT_PAYLOAD_MAX_BYTES - BQ_FRAME_SLACK_BYTES,
};

/* What a lease can be as long as: a year. */
#define BQ_SHARED_TIMEOUT_MAX_MS (INT64_C(365) * 24 * 3600 * 1000)

/* A step of a relay, which ends with the first job that is beyond its bytes, fits into a frame. */
_Static_assert(BQ_OUTBOX_CHUNK_BYTES + BQ_JOB_MAX_BYTES + BARQ_AFTER_MAX_BYTES +
                       4 * BARQ_AFTER_MAX + BQ_FRAME_SLACK_BYTES <=
                   BQ_FRAME_MAX_BYTES,
               "a frame has room for the largest job behind a chunk's others");

/* One attempt to be made; or, with a verdict, a job to be settled as failed. */
struct bq_run {
    int64_t attempt;
    struct bq_claimed claimed; /* `claim` stays with the dispatcher */
    const char *verdict;       /* ""; or why it will not be run any more: settle it */
    bool without_hook;         /* on_job_failure has taken an executor down: leave it out */
    int64_t
        commit_until_ms; /* by bq_mono_ms(), one for all processes: refuses to commit later; 0: no bound */
};

struct bq_ready {
    const struct barq_worker_queue *queues; /* of the module; with their weights */
    size_t n_queues;                        /* 0: it does not say */
    const struct bq_limit_rule *limits;     /* of each function; a name of "": no limit */
    size_t n_limits;
    int64_t max_jobs;
    int64_t threads;   /* of this executor; at least 1 */
    int64_t max_tries; /* of functions that do not say */
    int64_t job_timeout_ms;
    int64_t keep_result_ms;
    int64_t retry_min_ms;
    int64_t retry_max_ms;
    int64_t job_completion_wait_ms;
    int64_t health_check_interval_ms;
    int64_t recycle_after;
    int64_t
        shared_timeout_ms; /* on a queue shared with arq: the functions' longest timeout; 0: it is not */
    int64_t output_key;    /* of the marks in its output; 0: it sets none */
    const char *functions; /* for the log: "a, b" */
    const char *wake_path; /* rung when an application has put jobs into the outbox; "" none */
    int64_t pool_size;     /* of sessions in a database that counts them; 0: it does not */
    int64_t max_overflow;
    const struct bq_cron_job *cron_jobs;
    size_t n_cron_jobs; /* BQ_CRON_JOBS_MAX at most */
};

struct bq_refused {
    bool database_away; /* it may work later */
    const char *why;
};

/* The handler is about to be called. */
struct bq_started {
    int64_t attempt;
    int job_try; /* that it is: one more than those used up, unless it was enqueued with a later one */
    const char *function;
    int64_t job_timeout_ms; /* BARQ_OFF: none */
    int64_t max_tries;
    int64_t retry_min_ms; /* of the delay, should it take its executor down */
    int64_t retry_max_ms;
    bool retry_on_timeout;
    int64_t memory_max_bytes; /* 0: none */
    int64_t cpu_max_ms;       /* 0: none */
    int64_t output_max_bytes; /* 0: none */
    int64_t recycle_after;    /* 0: never */
};

enum bq_outcome_kind {
    BQ_OUTCOME_COMPLETE = 1,
    BQ_OUTCOME_FAILED = 2, /* for good */
    BQ_OUTCOME_RETRY = 3,
    BQ_OUTCOME_GIVE_BACK = 4, /* ended without using up a try: told to stop; database away */
};

struct bq_outcome {
    int64_t attempt;
    int job_try; /* as BQ_MSG_STARTED has it */
    enum bq_outcome_kind kind;
    const char *function;
    const char *error;  /* "" when complete */
    const void *result; /* complete, failed: encoded */
    size_t result_bytes;
    int64_t keep_result_ms;
    int64_t defer_ms;   /* retry; give back: it is left alone for so long */
    bool database_away; /* give back: why */
    bool from_receipt;  /* the outcome was decided before, by another attempt */
    int64_t took_us;    /* from taking it up to its end */
    bool
        printed; /* its mark stands in the executor's output: what is before it is to be read first */
    bool stays; /* its thread waits for BQ_MSG_ACKED, and then says BQ_MSG_LEFT */
};

struct bq_progress {
    int64_t attempt;
    int64_t done;
    int64_t total;
    const char *note; /* "" none; not more than BARQ_NOTE_MAX_BYTES */
};

/* A line that the handler has logged. */
struct bq_said {
    int64_t attempt;
    enum barq_log_level level;
    int64_t dropped;  /* bytes that were logged before it, and are not told: they were too many */
    const char *line; /* not more than BARQ_LOG_LINE_MAX_BYTES; "" when only `dropped` is told */
};

/* An attempt as a part of its job's trace (job/trace.h). */
struct bq_span {
    int64_t attempt;
    int64_t started_at_us;   /* since 1970-01-01 UTC */
    const char *traceparent; /* its own: what it enqueues has it as parent */
    const char *parent;      /* a span's id; "" in a trace that begins here */
    const char *tracestate;  /* "" none */
};

/*
 * A line in an executor's output: what stands before it, and nothing behind it, may be of this attempt. Written before
 * its outcome is, if something of it may be unread. The key is random, and known to the two
 * processes only: what a job prints, be it as somebody has told it, is no mark.
 */
enum { BQ_OUTPUT_MARK_BYTES = 48 };
void bq_output_mark(char *out, int64_t attempt, int64_t key); /* with its newline */
/* A line without its newline; false: it is no mark. */
bool bq_output_mark_read(const char *line, int64_t key, int64_t *attempt);

/* Bodies into a frame that was begun, and back. Strings and bytes are copied into `arena` only where they must
 * end with a NUL; blocks point into the frame. False: broken. */
void bq_run_put(struct bq_buf *out, const struct bq_run *run);
bool bq_run_get(struct bq_reader *in, struct barq_arena *arena, struct bq_run *run);
void bq_ready_put(struct bq_buf *out, const struct bq_ready *ready);
bool bq_ready_get(struct bq_reader *in, struct barq_arena *arena, struct bq_ready *ready);
void bq_refused_put(struct bq_buf *out, const struct bq_refused *refused);
bool bq_refused_get(struct bq_reader *in, struct barq_arena *arena, struct bq_refused *refused);
void bq_started_put(struct bq_buf *out, const struct bq_started *started);
bool bq_started_get(struct bq_reader *in, struct barq_arena *arena, struct bq_started *started);
void bq_progress_put(struct bq_buf *out, const struct bq_progress *progress);
bool bq_progress_get(struct bq_reader *in, struct barq_arena *arena, struct bq_progress *progress);
void bq_said_put(struct bq_buf *out, const struct bq_said *said);
bool bq_said_get(struct bq_reader *in, struct barq_arena *arena, struct bq_said *said);
void bq_outcome_put(struct bq_buf *out, const struct bq_outcome *outcome);
bool bq_outcome_get(struct bq_reader *in, struct barq_arena *arena, struct bq_outcome *outcome);
void bq_span_put(struct bq_buf *out, const struct bq_span *span);
bool bq_span_get(struct bq_reader *in, struct barq_arena *arena, struct bq_span *span);

/* A job within BQ_MSG_RUN and BQ_MSG_OUTBOX, an identity within BQ_MSG_PROBE. */
void bq_job_put(struct bq_buf *out, const struct bq_job *job);
bool bq_job_get(struct bq_reader *in, struct barq_arena *arena, struct bq_job *job);
void bq_identity_put(struct bq_buf *out, const struct bq_identity *identity);
bool bq_identity_get(struct bq_reader *in, struct barq_arena *arena, struct bq_identity *identity);

#endif
