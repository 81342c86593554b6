/*
 * store.h - a queue in memory: its jobs, and the handles that share it.
 *
 * A job is in the table (by id), in the list of all jobs (in the order they
 * came), and in one of four lines: waiting (by its turn), blocked (waiting for
 * other jobs), running, finished (by the time when it goes).
 */
#ifndef BQ_BROKER_MEMORY_STORE_H
#define BQ_BROKER_MEMORY_STORE_H

#include "base/list.h"
#include "broker/broker.h"

enum memory_state { MEMORY_WAITING, MEMORY_BLOCKED, MEMORY_RUNNING, MEMORY_FINISHED };

struct memory_queue {
    struct bq_list link; /* memory_store.queues */
    bool paused;
    struct barq_queue_stats stats; /* scratch of stats(); its name is the queue's, in `name` */
    char name[];
};

/* One handle: a client, and after join() a worker. */
struct memory_broker {
    struct bq_broker base;
    struct memory_store *store; /* shared */
    struct bq_list link;        /* memory_store.handles */
    int event_fd;               /* owned; readable when `ended` or `woken` */
    struct bq_exchange *ended;  /* borrowed; done, and not given back yet */
    bool woken;
    uint64_t seen_finishes; /* of memory_store.finishes, by wait_finished() */
    bool joined;
    bool lease_gone; /* somebody has taken its jobs */
    int64_t lease_ms;
    int64_t lease_until_ms;
    struct memory_queue **queues; /* owned; the queues are the store's */
    size_t n_queues;
    char *name;        /* owned; these are told of it */
    char *queues_text; /* owned */
    int64_t started_at_ms;
    int64_t seen_at_ms;
    struct bq_worker_state state;
    char *tally; /* owned; what it says of itself; NULL: nothing */
};

struct memory_job {
    struct bq_list all;  /* memory_store.jobs */
    struct bq_list line; /* waiting, blocked, running or finished */
    int64_t line_at_ms;  /* what the line is ordered by */
    struct memory_job *same_bucket;
    int64_t seq;
    enum memory_state state;
    struct memory_queue *queue;
    struct bq_job
        job; /* its strings and bytes lie behind this struct, its queue's name in `queue` */
    bool claimed_before; /* in this broker; job.uncertain says that it may have been elsewhere */
    bool aborted;
    bool alone;
    int tries;
    int losses;
    int crashes;
    char *history;              /* owned; NULL: none */
    struct bq_list waiters;     /* of what waits for it (after.c) */
    struct memory_after *after; /* owned; NULL: it waits for no other */
    int64_t done;               /* what was reported of it */
    int64_t total;
    int64_t progress_at_ms; /* 0: nothing */
    char *note;             /* owned; NULL: none */
    char *log;              /* owned; NULL: none */
    bool held;              /* its turn has come, and it was over a limit */
    /* running */
    char *slots[2]; /* owned; what it counts against (limit.c); NULL: nothing */
    struct memory_broker *holder;
    int64_t claim;
    int64_t claimed_at_ms;
    /* finished */
    bool failed;
    int64_t finished_at_ms;
    int64_t result_until_ms; /* 0: no result */
    char *result;            /* owned */
    size_t result_bytes;
};

/* A cron job as it was told last; its strings lie behind it. */
struct memory_cron {
    struct bq_list link; /* memory_store.crons, by queue and name */
    struct barq_cron_info info;
    int64_t since_ms;
};

/* The limits of a function in a queue; strings lie behind it. */
struct memory_rule {
    struct bq_list link; /* memory_store.rules */
    const struct memory_queue *queue;
    struct bq_limit_rule rule;
};

struct memory_store {
    struct bq_list handles;
    struct bq_list crons;
    struct bq_list rules;  /* limit.c */
    struct bq_list starts; /* limit.c */
    struct bq_list queues;
    struct bq_list jobs;
    struct bq_list waiting;
    struct bq_list blocked;
    struct bq_list running;
    struct bq_list finished;
    struct memory_job **buckets; /* owned */
    size_t n_buckets;            /* a power of two */
    size_t n_jobs;
    int64_t last_seq;
    int64_t last_claim;
    uint64_t finishes; /* grows with each job that finishes or makes progress */
    int64_t ahead_ms;  /* of the real clock, for tests */
};

struct memory_store *bq_memory_store_new(void);
void bq_memory_store_free(struct memory_store *store);
int64_t bq_memory_now(const struct memory_store *store);

/* A copy that is in no store yet, and borrows only `after`, until then; NULL when out of memory. */
struct memory_job *bq_memory_job_new(struct memory_store *store, const struct bq_job *job);
/* Also takes it out of its store. Takes NULL. */
void bq_memory_job_free(struct memory_store *store, struct memory_job *job);
/* Takes over what bq_memory_job_new() made: it waits. False: an id like this is there (job stays the caller's). */
bool bq_memory_insert(struct memory_store *store, struct memory_job *job, int64_t now_ms);
/* NULL when there is none; one that is past its time goes now. */
struct memory_job *bq_memory_find(struct memory_store *store, const char *id, int64_t now_ms);
bool bq_memory_has_result(const struct memory_job *job, int64_t now_ms);
struct memory_queue *bq_memory_queue(struct memory_store *store, const char *name);

/* Puts it in its line, ordered by `at_ms`, behind those of the same time that came before. */
void bq_memory_move(struct memory_store *store, struct memory_job *job, enum memory_state state,
                    int64_t at_ms);
/* When its turn comes: its due time less its priority's minutes. */
int64_t bq_memory_turn_ms(const struct memory_job *job);
/* Waits (again): an aborted one is due at once. Wakes the workers. */
void bq_memory_wait(struct memory_store *store, struct memory_job *job, int64_t due_at_ms,
                    int64_t now_ms);
/* Every job that `handle` holds waits again, with one loss more. */
void bq_memory_lose(struct memory_store *store, struct memory_broker *handle, int64_t now_ms);
void bq_memory_wake(struct memory_store *store);

/* limit.c: how many may run and start. False: out of memory. */
bool bq_memory_set_limits(struct memory_broker *handle, const struct bq_limit_rule *rules,
                          size_t count);
void bq_memory_limits_free(struct memory_store *store);
enum memory_verdict {
    MEMORY_CLAIM,
    MEMORY_HOLD, /* it is over a limit */
    MEMORY_STOP  /* it is not, but can be neither claimed now nor overtaken */
};
/* One whose starts are counted is claimed only for a free thread. */
enum memory_verdict bq_memory_judge(struct memory_store *store, struct memory_job *job,
                                    size_t free_threads, int64_t now_ms);
/* When a job that is due may be within its limits: now, later, or INT64_MAX, when another one ends. */
int64_t bq_memory_free_at(struct memory_store *store, const struct memory_job *job, int64_t now_ms);
/* It is claimed, or not any more. */
bool bq_memory_take_slots(struct memory_store *store, struct memory_job *job, int64_t claim,
                          int64_t now_ms);
void bq_memory_free_slots(struct memory_store *store, struct memory_job *job, bool unstarted);
/*
 * Of one that is held: the slot that is full, rather its key's; owned, NULL when none is any more. False, and `out`
 * untouched: out of memory.
 */
bool bq_memory_held_by(const struct memory_store *store, const struct memory_job *job,
                       int64_t now_ms, char **out);
void bq_memory_prune_starts(struct memory_store *store, int64_t now_ms);

/* after.c. A job that is new waits for those of `ids` that are unfinished; or as its due time says, if there are none. */
void bq_memory_wait_for(struct memory_store *store, struct memory_job *job, const char *const *ids,
                        size_t count, int64_t now_ms);
/* Whatever it waited for, it waits as its due time says. */
void bq_memory_wait_no_more(struct memory_store *store, struct memory_job *job, int64_t now_ms);
/* Tells all that wait for it. */
void bq_memory_ended(struct memory_store *store, struct memory_job *job, bool failed, bool deleted,
                     int64_t now_ms);
size_t bq_memory_waits_for(const struct memory_job *job);
const char *bq_memory_refusal(const struct memory_job *job); /* NULL: it may be run */
/* Room for what it is to wait for; false when out of memory. */
bool bq_memory_after_new(struct memory_job *job);
void bq_memory_after_free(struct memory_job *job);

/* claim.c: gives jobs that are due to `handle`, as many as the exchange asks for and the arena takes */
void bq_memory_claim(struct memory_broker *handle, struct bq_exchange *x, int64_t now_ms);
int64_t bq_memory_next_due_in_ms(const struct memory_broker *handle, int64_t now_ms);
/* Is it of one of the worker's queues? */
bool bq_memory_serves(const struct memory_broker *handle, const struct memory_job *job);

/* report.c: what a report needs memory for is made before it happens. False: there is none. */
struct made_report {
    char *note; /* owned, as is log */
    char *log;
};
bool bq_memory_make_report(const struct memory_broker *handle, const struct bq_report *report,
                           struct made_report *made, int64_t now_ms);
void bq_memory_report(struct memory_broker *handle, const struct bq_report *report,
                      struct made_report *made, int64_t now_ms);

/* cron.c: what a tick tells, in no store yet; NULL when out of memory */
struct memory_cron *bq_memory_cron_new(struct memory_store *store, const struct bq_tick *tick);
/* Does a tick; its `told` and its `job`, which is NULL when it only asks, become part of the store when they are
 * taken: then NULL is left in their place. */
void bq_memory_tick(struct memory_store *store, struct bq_tick *tick, struct memory_cron **told,
                    struct memory_job **job, int64_t now_ms);

/* exchange.c, look.c: the halves of the broker, for memory.c's table */
void bq_memory_exchange(struct memory_broker *handle, struct bq_exchange *x);
enum barq_status bq_memory_look(struct bq_broker *broker, const char *id, struct barq_arena *arena,
                                struct bq_found *out, int64_t timeout_ms, struct barq_error *err);
enum barq_status bq_memory_list(struct bq_broker *broker, const struct barq_list_filter *filter,
                                const char *cursor, size_t limit, struct barq_arena *arena,
                                struct bq_found **out, size_t *count, const char **next,
                                int64_t timeout_ms, struct barq_error *err);
enum barq_status bq_memory_stats(struct bq_broker *broker, struct barq_arena *arena,
                                 struct barq_queue_stats **out, size_t *count, int64_t timeout_ms,
                                 struct barq_error *err);
enum barq_status bq_memory_crons(struct bq_broker *broker, struct barq_arena *arena,
                                 struct barq_cron_info **out, size_t *count, int64_t timeout_ms,
                                 struct barq_error *err);
enum barq_status bq_memory_workers(struct bq_broker *broker, struct barq_arena *arena,
                                   struct bq_worker_seen **out, size_t *count, int64_t timeout_ms,
                                   struct barq_error *err);
enum barq_status bq_memory_limits(struct bq_broker *broker, const char *queue,
                                  struct barq_arena *arena, struct barq_limit_info **out,
                                  size_t *count, int64_t timeout_ms, struct barq_error *err);

#endif
