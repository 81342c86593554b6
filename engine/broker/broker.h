/*
 * broker.h - where jobs wait.
 *
 * A broker has two halves. The client half blocks, for at most the timeout
 * given: enqueue, look, abort, list. The worker half never blocks: the
 * dispatcher hands over an *exchange* (what has ended, how much it can take)
 * and gets it back, later, with the answers; one is under way at a time, so
 * that everything which happens meanwhile goes into the next one: that is how
 * acknowledgements are committed in groups. An exchange is one transaction:
 * all of it has happened, or nothing.
 *
 * A job in a broker:
 *
 *     waiting ── claim ──▶ running ── finish ──▶ gone, with a result and, if failed, a dead job
 *      ▲ │ ▲                  │
 *      │ ▼ └── retry, release, lease over
 *     held
 *
 * A waiting job is claimed when it is due, in the order of its due time less its priority's minutes;
 * not while its queue is paused, nor while it waits for other jobs. One that is over a limit of its
 * function is set aside when its turn comes (held), and waits again, with its old turn, when there is
 * room; a job that is only to be refused or aborted needs none.
 *
 * A job that is enqueued to wait for others waits for those of them that are unfinished, and so never
 * in a circle. When a job is finished (or removed unfinished, which is to have failed), those that wait
 * for it are told: the last one lets them go, and one that has failed lets them go to be refused. It is
 * the same transaction, but for very many: what is left of them is told by the exchanges that follow.
 *
 * Every call may be made again after an unknown outcome: enqueueing the same
 * job again gives EXISTS, and settling a claim again is answered as stale.
 *
 * The lease belongs to the worker (brokers on SQL) or to each job (Redis); it
 * is judged by the broker's clock. A worker whose lease is over, and only
 * then, loses its jobs to whoever looks next: they wait again, with one loss
 * more. A claim whose job was lost is stale from then on: it can be neither
 * settled nor renewed.
 *
 * A broker object serves one thread; its own threads are its own matter.
 */
#ifndef BQ_BROKER_BROKER_H
#define BQ_BROKER_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <barq/admin.h>

#include "base/arena.h"
#include "base/dsn.h"
#include "base/error.h"
#include "codec/codec.h"
#include "job/job.h"

enum bq_settle_kind {
    BQ_SETTLE_COMPLETE, /* final: keep the result */
    BQ_SETTLE_FAIL,     /* final: keep the result, and the job among the dead */
    BQ_SETTLE_RETRY,    /* waits again, due in defer_ms; `tries_used`, `crashes_used` are added */
    BQ_SETTLE_RELEASE,  /* given back as it was claimed; due as it was, but for `leave_ms` */
};

/* What became of one claimed job. Borrowed from the dispatcher until the exchange has ended. */
struct bq_settle {
    enum bq_settle_kind kind;
    const char *id;
    int64_t claim;
    /* complete, fail */
    const void *result; /* an encoded result (job/record.h) */
    size_t result_bytes;
    int64_t keep_result_ms; /* BARQ_OFF: none; BARQ_FOREVER */
    /* retry */
    int64_t defer_ms;
    int tries_used; /* 1; more when it was enqueued with a later try than its first */
    int crashes_used;
    bool alone; /* the next attempt runs alone */
    /* release: it may have been started; false: it was never sent to an executor, and what is
     * known of it from before stays */
    bool claimed_before;
    /*
     * Release: this object's workers leave it alone for so long, others need not: its due time stays as
     * it is for them. A broker may treat that as a later due time for all. An abort that is wished ends
     * it. 0: anybody may claim it at once.
     */
    int64_t leave_ms;
    /* retry, fail: one entry of the job's history, an encoded JSON map; NULL: none */
    const char *history;
    /* answer */
    bool stale; /* the claim is not this worker's any more: nothing was done */
};

struct bq_enqueue {
    struct bq_job job; /* borrowed */
    bool exists;       /* answer: refused, since one of this id waits, runs or has kept a result */
};

/*
 * "Does the broker still hold this job, unfinished?" (waiting or running). Brokers read no payload,
 * so the nonce is not compared: another job of this queue, id and enqueue time counts as held.
 */
struct bq_probe {
    struct bq_identity identity; /* borrowed */
    bool held;
};

/* How a running job is doing; at most one of each in an exchange. Borrowed from the dispatcher until it has ended. */
struct bq_report {
    const char *id;
    int64_t claim; /* of this worker; else the report is dropped */
    bool progress; /* the next three are new */
    int64_t done;
    int64_t total;
    const char *note; /* "" none */
    const char
        *log; /* whole lines to be added to its log, of which the last BQ_JOB_LOG_MAX_BYTES stay */
    size_t log_bytes; /* 0: none */
};

/*
 * A run of a cron job. The broker remembers the due time of the last one of each queue and name, and
 * takes a run only when it is later: so it is enqueued once, whoever asks; and what was taken is not
 * taken again, even when its job could not be enqueued since its id is there.
 *
 * A last run that lies more than BQ_CRON_AHEAD_MS in the future was made by a clock that was wrong: it
 * counts as none. A cron job whose next run was due more than BQ_CRON_KEEP_MS ago is forgotten when
 * somebody asks for any: no worker has it any more.
 */
struct bq_tick {
    const char *queue;
    const char *name;
    const char *function; /* these three only to be shown, */
    const char *schedule; /* but that another schedule or zone has missed nothing yet */
    const char *time_zone;
    int64_t next_at_ms; /* to be shown: the run after this one */
    int64_t at_ms;      /* due then; 0: only tells the above, and asks for `since_ms` */
    int64_t apart_ms;   /* it must be later than the last one by more than this */
    struct bq_job job;  /* borrowed; when at_ms is not 0 */
    /* answer: before this exchange, the last run, or when the broker was first told of this schedule:
     * what was due later has not been enqueued */
    int64_t since_ms;
    bool taken; /* answer: it was enqueued now; false: somebody has, or its id is there */
};

/* What is claimed from one of the worker's queues at most; what the others leave goes beyond it. */
struct bq_share {
    const char *queue;
    size_t max;
};

struct bq_exchange {
    /* the dispatcher's part; borrowed until the exchange has ended; done in this order */
    const struct bq_report *reports;
    size_t n_reports;
    struct bq_settle *settles;
    size_t n_settles;
    struct bq_tick *ticks;
    size_t n_ticks;
    struct bq_enqueue *enqueues;
    size_t n_enqueues;
    struct bq_probe *probes;
    size_t n_probes;
    /* Jobs it can take, 0: none. Of them, jobs that have been lost or must run alone: never more
     * than there are free threads. */
    size_t claim_max;
    size_t claim_lost_max;
    /* So many of the first that are claimed begin at once: a job whose starts are counted is among
     * these, or nothing behind it is claimed before it. */
    size_t claim_free_max;
    const struct bq_share *shares;       /* in the order in which what is left over is filled; */
    size_t n_shares;                     /* 0: all of it from the worker's first queue */
    const struct bq_worker_state *state; /* NULL: as it was told last */
    bool renew;                          /* the lease */
    bool count;                          /* fill `unfinished` */
    bool leave; /* the worker goes, after its settles: nothing is claimed, the lease ends */
    int64_t timeout_ms;

    /*
     * Given by the dispatcher, empty: answers are in it, and it bounds what is claimed. A job that
     * does not fit stays waiting; but the first one is claimed however large it is, and raises the
     * arena's limit.
     */
    struct barq_arena *arena;

    /* the broker's part */

    /* Not BARQ_OK: nothing has happened, or it is unknown what has (CONN, TIMEOUT). */
    enum barq_status status;
    struct barq_error err;
    /*
     * First those that were lost or must run alone, then the others; both oldest due first. Of a
     * payload that is larger than BQ_JOB_MAX_BYTES only the size is told; it is NULL.
     */
    struct bq_claimed *claimed;
    size_t n_claimed;
    bool lease_lost; /* a new lease has been begun; every claim of the old one is stale */
    /* Ids of running jobs of this worker whose abort is wished; told each time. */
    const char **aborts;
    size_t n_aborts;
    /* For people, each told once: members of its queues that are left alone, since they are no ids that barq has. */
    const char **strays;
    size_t n_strays;
    /* Until a job of the worker's queues can be claimed: is due, or within its limit. -1: none waits */
    int64_t next_due_in_ms;
    /* Waiting, deferred, held and running jobs of its queues, by any worker; of paused ones, only running. */
    int64_t unfinished;
};

/* For people, and for barq check. */
struct bq_worker_state {
    int64_t executors;
    int64_t threads;
    int64_t running;
    int64_t complete;
    int64_t failed;
    int64_t retried;
    const char *tally; /* a text that no broker reads (job/tally.h); NULL: as it was told last */
};

/* A worker as it was told last. In the caller's arena. */
struct bq_worker_seen {
    struct barq_worker_info info; /* without what the tally says */
    const char *tally;            /* NULL: none */
};

/* Borrowed for the call. */
struct bq_worker_lease {
    const char *const *queues; /* one at least */
    size_t n_queues;
    const char *queues_text; /* for people: "fast:3 slow:1"; NULL: the first queue */
    const char *name;        /* for people: host:pid */
    int64_t lease_ms;
    /*
     * Of all workers the last to join says what the limits of a function are, on its queues: of each
     * of its functions, also of those that have none. One name is one limit, wherever it is said.
     */
    const struct bq_limit_rule *limits;
    size_t n_limits;
};

/* A job as a client sees it, without decoding. In the caller's arena. */
struct bq_found {
    /* Without its payload when complete, since the result says what it was, and when that is larger
     * than BQ_JOB_MAX_BYTES. */
    struct bq_job job;
    enum barq_job_status status; /* never NOT_FOUND */
    int tries;
    int losses;
    int crashes;
    int64_t claimed_at_ms; /* of the running claim; 0: not running */
    const char *worker;    /* that has claimed it; NULL: not running */
    int64_t waits_for;     /* so many unfinished jobs */
    int64_t done;          /* its progress; it outlives the claim */
    int64_t total;
    const char *note;       /* NULL: none */
    int64_t progress_at_ms; /* 0: none */
    const char *log;        /* NULL: none, or it is one of a list */
    int64_t finished_at_ms; /* 0: not finished */
    const void *result;     /* NULL: none */
    size_t result_bytes;
    const char *history; /* a JSON list of maps; "[]" when there is none */
};

struct bq_broker;

struct bq_broker_ops {
    const char *name;
    /* What it is used with when nobody says: by clients, workers, and rows of an outbox. */
    const char *default_queue;    /* "barq" */
    const struct bq_codec *codec; /* that jobs are written in */
    /* Wake-ups are hints; a worker with nothing to do looks for itself each so many ms. */
    int64_t poll_ms;

    /* -- client half; each waits at most timeout_ms for locks or the network -- */

    /* All of them in one transaction; each one's `exists` is the answer. */
    enum barq_status (*enqueue)(struct bq_broker *broker, struct bq_enqueue *jobs, size_t count,
                                int64_t timeout_ms, struct barq_error *err);
    /* BARQ_ERR_NOTFOUND. A dead job is found also when its result is gone. */
    enum barq_status (*find)(struct bq_broker *broker, const char *id, struct barq_arena *arena,
                             struct bq_found *out, int64_t timeout_ms, struct barq_error *err);
    /* Waits until some job may have finished or made progress, at most `timeout_ms`; may return early for nothing.
     * Look, wait, look: nothing that finishes after the look is missed. */
    void (*wait_finished)(struct bq_broker *broker, int64_t timeout_ms);
    enum barq_status (*abort)(struct bq_broker *broker, const char *id, int64_t timeout_ms,
                              struct barq_error *err);
    /* barq_list_jobs() without decoding. */
    enum barq_status (*list)(struct bq_broker *broker, const struct barq_list_filter *filter,
                             const char *cursor, size_t limit, struct barq_arena *arena,
                             struct bq_found **out, size_t *count, const char **next,
                             int64_t timeout_ms, struct barq_error *err);
    enum barq_status (*stats)(struct bq_broker *broker, struct barq_arena *arena,
                              struct barq_queue_stats **out, size_t *count, int64_t timeout_ms,
                              struct barq_error *err);
    /* Stops, or lets again, workers claim from a queue, which is made if it is not there. */
    enum barq_status (*pause)(struct bq_broker *broker, const char *queue, bool paused,
                              int64_t timeout_ms, struct barq_error *err);
    /* barq_weaknesses() */
    enum barq_status (*weaknesses)(struct bq_broker *broker, struct barq_arena *arena,
                                   const char *const **out, size_t *count, int64_t timeout_ms,
                                   struct barq_error *err);
    /* barq_workers(), barq_crons(), barq_limits() */
    enum barq_status (*workers)(struct bq_broker *broker, struct barq_arena *arena,
                                struct bq_worker_seen **out, size_t *count, int64_t timeout_ms,
                                struct barq_error *err);
    enum barq_status (*limits)(struct bq_broker *broker, const char *queue,
                               struct barq_arena *arena, struct barq_limit_info **out,
                               size_t *count, int64_t timeout_ms, struct barq_error *err);
    enum barq_status (*crons)(struct bq_broker *broker, struct barq_arena *arena,
                              struct barq_cron_info **out, size_t *count, int64_t timeout_ms,
                              struct barq_error *err);
    /* Puts `job` (a dead job's id, with new bytes) in the place of the dead one and its result.
     * BARQ_ERR_NOTFOUND: not dead. */
    enum barq_status (*revive)(struct bq_broker *broker, const struct bq_job *job,
                               int64_t timeout_ms, struct barq_error *err);
    /* BARQ_ERR_NOTFOUND, BARQ_ERR_CONFLICT: it runs. */
    enum barq_status (*remove)(struct bq_broker *broker, const char *id, int64_t timeout_ms,
                               struct barq_error *err);

    /* -- worker half -- */

    /* Takes a lease for this object; once, before the first exchange. Blocks. Workers that are
     * known to be dead lose their jobs at once. A server that is away may come: then this is BARQ_OK,
     * and the lease is taken by the first exchange that reaches it. */
    enum barq_status (*join)(struct bq_broker *broker, const struct bq_worker_lease *lease,
                             int64_t timeout_ms, struct barq_error *err);
    /* Readable when bq_broker_end() or bq_broker_woken() should be called. Fixed after join. */
    int (*fd)(struct bq_broker *broker);
    /* Begins an exchange, which is the broker's until end() gives it back. */
    void (*begin)(struct bq_broker *broker, struct bq_exchange *exchange);
    /* The exchange that has ended, or NULL when it is still under way (or none is). */
    struct bq_exchange *(*end)(struct bq_broker *broker);
    /* True, once, when jobs may have come since it was last asked. */
    bool (*woken)(struct bq_broker *broker);

    /* Ends both halves, after the exchange that is under way; a lease that is still held runs out,
     * or is released at once where a lock says so. */
    void (*close)(struct bq_broker *broker);
};

/* Every broker begins with this. */
struct bq_broker {
    const struct bq_broker_ops *ops;
};

/* A row of the table in open.c. */
struct bq_broker_kind {
    const char *scheme; /* "sqlite", "memory" */
    /* `dsn` is `url` taken apart. */
    enum barq_status (*open)(const char *url, const struct bq_dsn *dsn, struct bq_broker **out,
                             struct barq_error *err);
    /* Brings the tables up to date; NULL: nothing to do. */
    enum barq_status (*migrate)(const char *url, int *from, int *to, struct barq_error *err);
};
extern const struct bq_broker_kind bq_broker_sqlite;
extern const struct bq_broker_kind bq_broker_memory;
extern const struct bq_broker_kind bq_broker_redis;
extern const struct bq_broker_kind bq_broker_rediss;
extern const struct bq_broker_kind bq_broker_unix;
extern const struct bq_broker_kind bq_broker_sentinel;
extern const struct bq_broker_kind bq_broker_sentinels;
extern const struct bq_broker_kind bq_broker_postgresql;
extern const struct bq_broker_kind bq_broker_postgres;

/* Opens the broker of a DSN. BARQ_ERR_ARG names the schemes that there are. */
enum barq_status bq_broker_open(const char *url, struct bq_broker **out, struct barq_error *err)
    BARQ_MUST_CHECK;
enum barq_status bq_broker_migrate(const char *url, int *from, int *to, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Takes NULL. */
void bq_broker_close(struct bq_broker *broker);
void bq_broker_drop(struct bq_broker **broker); /* for bq_auto(broker) */

#endif
