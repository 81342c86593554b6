/*
 * dispatcher.h - one loop in the worker's process, between a broker and the
 * executors. It runs no user code, decodes no payload, opens no database of
 * the user's, never blocks, and outlives every child.
 *
 * A claimed job in its hands goes
 *
 *     waiting ── assign ──▶ running ── outcome ──▶ ended ── exchange ──▶ gone
 *        │ ▲                │  │                     ▲           │
 *        │ └─── returned ───┘  └── crash ──▶ house ──┤           └──▶ after ── left ──▶ gone
 *        └──────────── shutdown, lease lost ─────────┘
 */
#ifndef BQ_DISPATCHER_DISPATCHER_H
#define BQ_DISPATCHER_DISPATCHER_H

#include <barq/worker.h>

#include "base/arena.h"
#include "base/list.h"
#include "base/log.h"
#include "broker/broker.h"
#include "dispatcher/count.h"
#include "dispatcher/cron.h"
#include "dispatcher/exporter.h"
#include "dispatcher/recycle.h"
#include "dispatcher/reload.h"
#include "executor/executor.h"
#include "job/message.h"
#include "job/retry.h"
#include "job/share.h"
#include "os/answer.h"
#include "os/loop.h"
#include "os/notify.h"

enum {
    BQ_MAX_EXECUTORS = 1000,
    BQ_MAX_PREFETCH = 800,       /* claimed beyond what the executors run */
    BQ_PREFETCH_AHEAD_MS = 50,   /* prefetched is what they'd do in this time */
    BQ_AHEAD_US = 3000,          /* sent ahead to an executor is what it'd do in this time, */
    BQ_AHEAD_PER_THREAD = 16,    /* never more than this, */
    BQ_AHEAD_BYTES = 256 * 1024, /* nor more of their payloads; nothing ahead of long jobs */
    BQ_STUCK_MS = 100,           /* without an outcome: then what was sent ahead is recalled */
    BQ_START_LIMIT_MS = 60000,   /* spawn to READY: on_startup may create tables */
    BQ_STARTED_LIMIT_MS = 10000, /* RUN to STARTED, or an outcome */
    BQ_HOOK_LIMIT_MS = 30000,    /* on_job_failure, after_job_end */
    BQ_RELAY_LIMIT_MS = 30000,   /* between two steps of a relay that are the executor's */
    BQ_HOUSE_LIMIT_MS = 60000,   /* settle, sweep, prune */
    BQ_STOP_LIMIT_MS = 5000,     /* for running attempts, and again for executors, at shutdown */
    BQ_LOG_PATIENCE_MS = 200,    /* for whoever reads our log; then lines are left out */
    BQ_POLL_MS = 1000,           /* between two looks at what nobody tells */
    BQ_PRUNE_EVERY_MS = 60000,
    BQ_EXCHANGE_TIMEOUT_MS = 10000,
    BQ_SHARED_LEASE_MS = 10000, /* on a queue shared with arq, more than the longest timeout, */
    BQ_SHARED_GUARD_MS = 5000,  /* and nothing commits in these of them */
    BQ_CLAIM_ARENA_BYTES = 64 * 1024 * 1024,
};

struct bq_dispatcher_options {
    const char *broker_url;
    struct bq_broker *broker; /* instead of broker_url; taken over, and closed */
    const struct barq_worker_queue *queues;
    size_t n_queues; /* 0: the module's, or the broker's own */
    int executors;   /* 0: the module's max_jobs */
    int64_t
        lease_ms; /* 0: BARQ_DEFAULT_LEASE_MS; on a queue shared with arq at least as long as arq's */
    int64_t hard_grace_ms; /* between being told to stop and being killed; 0: BARQ_HARD_GRACE_MS */
    bool burst;            /* end when the queue is empty */
    int64_t completion_wait_ms; /* BARQ_OFF: the module's job_completion_wait_ms */
    const char *health;         /* ADDRESS:PORT of /livez and /readyz; NULL: none */
    const char *watch_path;     /* reload when this file changes; NULL: only when told to */
    const char *path;           /* of our own binary */
    char *const *argv;          /* with which executors are started */
};

/*
 * How a worker ends. Each stage has its time; the next one comes when that is over, or at once with
 * a further signal. stop.c has what each one does.
 */
enum bq_stop_stage {
    BQ_STOP_NONE,     /* it runs */
    BQ_STOP_DRAIN,    /* claims nothing, has given back what had not begun, waits for what runs */
    BQ_STOP_CANCEL,   /* has told it to stop */
    BQ_STOP_KILL,     /* has killed what did not; what ends from now on is given back */
    BQ_STOP_SHUTDOWN, /* executors run their on_shutdown, and end */
    BQ_STOP_KILL_ALL,
    BQ_STOP_STAGES
};

enum bq_claim_state {
    BQ_CLAIM_WAITING,
    BQ_CLAIM_RUNNING, /* sent to an executor, which may not have begun it */
    BQ_CLAIM_HOUSE,
    BQ_CLAIM_ENDED,
    BQ_CLAIM_AFTER, /* the broker has its outcome; its thread runs after_job_end */
};

/* A claimed job in our hands; owned by the list that it is in, or by the chore. */
struct bq_claim {
    struct bq_list link;        /* in the list of its state */
    struct bq_list at_executor; /* in its executor's `work`, until its thread is free */
    enum bq_claim_state state;
    struct bq_claimed claimed;    /* strings and payload: owned, in this block */
    bool stale;                   /* the lease was lost: whatever comes of it is dropped */
    bool may_have_begun;          /* in an executor that has ended: its receipt is looked for */
    int64_t commit_until_ms;      /* on a queue shared with arq; 0: no bound */
    int64_t attempt;              /* under way; 0: none */
    struct bq_executor *executor; /* while it is in its `work`, or the house's */
    bool entered;                 /* it may have begun: so few were sent before it */
    bool started;                 /* it has said so */
    bool returned;                /* just now */
    bool guilty;                  /* because of it its executor was killed */
    bool innocent;                /* or because of what others had left there */
    bool stays;            /* it has ended, and its thread waits to be told that the broker knows */
    int64_t limit_at_ms;   /* its executor is killed then, */
    const char *limit_why; /* and this is said of it; NULL: "ran past its ..." */
    int64_t sent_at_ms;    /* monotonic, as all here */
    int64_t cancel_at_ms;  /* told to stop then, as its time is over; 0: not */
    enum bq_cancel_reason canceled;
    char function[64]; /* for the log; "" before it has started */
    struct barq_function_stats
        *counts;         /* the dispatcher's; in which it is counted; NULL: not known yet */
    int64_t began_at_ms; /* when it has started */
    int told_try;        /* as it has said; 0: not yet */
    struct bq_retry_policy retry;
    bool retry_on_timeout;
    int64_t recycle_after; /* of its function; 0: never */
    int64_t timeout_ms;    /* when limit_why is NULL: that is why */
    char limit_text[48];   /* "ran past its 300 s"; "": it was not killed for that */
    int64_t watch_at_ms;   /* how much it uses is looked at then; 0: never */
    int64_t memory_max_bytes;
    int64_t cpu_max_ms;
    int64_t cpu_before_us; /* of its process, before it began */
    bool settling;         /* the handler has ended: nobody is left who could be told to stop */
    bool in_hook;          /* on_job_failure runs */
    bool without_hook;
    int house_tries;                            /* to settle it, that ended without an outcome */
    char verdict[BQ_ERROR_TEXT_MAX_BYTES + 64]; /* why it will not be run any more; "" */
    struct bq_settle settle;                    /* when ended; its result and history are owned */
    void *result;
    char *history;
    int64_t output_max_bytes;  /* of one attempt; 0: any */
    struct bq_open_span *span; /* of its attempt; owned; NULL: that is none */
    struct bq_diary
        *diary; /* owned; what it has told, and the broker does not know yet; NULL: nothing */
};

/* Jobs on their way from an outbox into the broker, for one attempt that waits. */
struct bq_relay {
    struct bq_list link;
    struct barq_arena arena;
    struct bq_enqueue *enqueues;
    size_t count;
    struct bq_executor *executor;
    int64_t attempt;
};

enum bq_chore { BQ_CHORE_NONE, BQ_CHORE_SETTLE, BQ_CHORE_SWEEP, BQ_CHORE_PRUNE };

struct bq_dispatcher {
    struct bq_dispatcher_options options;
    struct bq_loop loop;
    struct bq_broker *broker; /* owned */
    struct bq_watch broker_watch;
    struct bq_watch signal_watch;
    struct bq_watch outbox_watch; /* an application has put jobs into its outbox */
    int signal_fd;                /* owned */
    int outbox_fd;                /* owned */

    struct bq_executor_options job_role;
    struct bq_executor_options house_role;
    struct bq_executor *executors; /* owned */
    int n_executors;               /* 1 until the first is ready */
    int threads;                   /* of each, as the first has said */
    struct bq_executor house;
    bool learned;               /* the first READY has come */
    struct bq_weighted *queues; /* the first is that of jobs without one; these live in `names` */
    struct bq_share *shares;    /* of the exchange under way */
    size_t n_queues;
    char *queues_text; /* "fast:3 slow:1" */
    struct barq_arena names;
    struct bq_retry_policy retry;

    struct bq_list waiting; /* claimed, not assigned; oldest first */
    struct bq_list running;
    struct bq_list house_queue; /* to be settled by the house */
    struct bq_list ended;       /* to be told to the broker */
    struct bq_list after;
    size_t in_hand;            /* of all these lists, and of the exchange under way */
    size_t in_hand_bytes;      /* of their payloads */
    int64_t shared_timeout_ms; /* the queue is shared with arq: the longest timeout; 0: it is not */
    int64_t exchange_began_at_ms; /* monotonic: what it claims is ours from then at the latest */
    int64_t last_attempt;
    double mean_us; /* how long an attempt takes, moving average; 0: not known */

    enum bq_chore chore; /* what the house is busy with */
    int64_t chore_attempt;
    struct bq_claim *chore_claim;
    int64_t sweep_at_ms;
    int64_t prune_at_ms;
    bool swept_clean;   /* the last sweep found nothing to move, and nothing has happened since */
    bool sweep_moved;   /* the sweep under way has found something */
    bool sweep_late;    /* something has happened since it began: it may not have seen it */
    bool database_away; /* claim nothing until the house has reached it */

    struct bq_exchange exchange;
    bool exchanging;
    struct barq_arena exchange_arena;
    struct bq_settle
        *settles; /* of the exchange under way; the claims are in `acking` in the same order */
    size_t settles_capacity;
    struct bq_enqueue *enqueues;
    size_t enqueues_capacity;
    struct bq_list acking;
    struct bq_list tellings;   /* what is told of running jobs, in the exchange under way */
    struct bq_report *reports; /* of these; owned */
    bool untold;               /* there may be more to tell, */
    int64_t report_at_ms;      /* no sooner than this */
    int64_t hear_at_ms;        /* executors whose output waits are read again then; 0: none */
    int64_t lines_left_out;    /* of our log, as nobody reads it fast enough */
    struct bq_list relays;     /* to go */
    struct bq_list relaying;   /* in the exchange under way */
    struct bq_crons crons;     /* learned with the settings */
    struct bq_probe *probes;   /* of the house's question; NULL: none */
    size_t n_probes;
    bool probing; /* they are in the exchange under way */
    struct barq_arena probe_arena;
    bool drained;    /* the last claim got less than it asked for: look again when woken or due */
    bool lost_waits; /* a job that was lost waits for a free executor */
    int64_t ask_lost_at_ms; /* for such a one a thread is kept free from then on */
    int64_t look_at_ms;     /* claim then, whether woken or not */
    int64_t abort_at_ms; /* and ask then for aborts of what runs, also if nothing can be claimed */
    int64_t renew_at_ms;
    int64_t retry_exchange_at_ms; /* the broker is away: not before */
    int broker_failures;          /* in a row */

    enum bq_stop_stage stopping;
    int64_t stop_at_ms;            /* the next stage comes then; 0: it does not */
    bool idle_burst;               /* burst: the broker has said that nothing is left */
    bool reaps;                    /* orphans, as the first process of a container */
    bool left;                     /* the lease is given up */
    struct bq_worker_state state;  /* since the start; the first three by bq_health_state() */
    struct bq_worker_state logged; /* as they were in the last line of health */
    struct bq_worker_state told;   /* as the broker has them, or is being told: the exchange's */
    int64_t tell_at_ms;            /* if they are others: not before */
    struct bq_counts counts;
    int64_t health_interval_ms; /* between two of these; BARQ_OFF: none */
    int64_t health_at_ms;
    int64_t completion_wait_ms; /* how long a stop waits for what runs */
    int64_t recycle_after;      /* an executor is replaced after so many jobs; 0: never */
    struct bq_recycle recycle;
    struct bq_reload reload;
    struct bq_exporter exporter; /* of spans */
    struct bq_answers *vitals;   /* owned; NULL: nobody may ask */
    struct bq_notify notify;
    int64_t watchdog_at_ms; /* the service manager wants to hear of us then; 0: never */
    struct bq_log_held log; /* of this turn; written before anybody is told of what it tells */
    bool failed;            /* ends with `err` */
    struct barq_error err;
    struct barq_error refused; /* what an executor that could not start has said last */
};

/* Runs a worker until it is stopped or, with `burst`, done. */
enum barq_status bq_dispatcher_run(const struct bq_dispatcher_options *options,
                                   struct barq_error *err) BARQ_MUST_CHECK;

/* -- start.c -- */

/* To be spawned in the next turn. */
void bq_start_executor(struct bq_dispatcher *dispatcher, struct bq_executor *executor,
                       const struct bq_executor_options *role, int number);
/* The first executor is ready: learns its settings, takes a lease, lets the others follow. */
enum barq_status bq_start_all(struct bq_dispatcher *dispatcher, const struct bq_ready *ready,
                              struct barq_error *err) BARQ_MUST_CHECK;

/* -- queues.c: what it works on -- */

/* Its own queues, or the module's, or the broker's. BARQ_ERR_NOMEM */
enum barq_status bq_queues_learn(struct bq_dispatcher *dispatcher, const struct bq_ready *ready,
                                 struct barq_error *err) BARQ_MUST_CHECK;
/* Takes a lease on them. */
enum barq_status bq_queues_join(struct bq_dispatcher *dispatcher, const struct bq_ready *ready,
                                struct barq_error *err) BARQ_MUST_CHECK;
/* Deals what is to be claimed among them. */
void bq_queues_deal(struct bq_dispatcher *dispatcher, struct bq_exchange *exchange);

/* What READY says that takes effect at once. */
void bq_learn_again(struct bq_dispatcher *dispatcher, const struct bq_ready *ready);

/* -- listen.c: what executors say, and how they end -- */

extern const struct bq_executor_owner bq_listener;

/* -- claim.c: jobs in our hands -- */

struct bq_claim *bq_claim_new(const struct bq_claimed *claimed); /* copies; NULL: out of memory */
void bq_claim_free(struct bq_claim *claim);
/* Which try its attempt is, as far as that is known: only an executor can read with which it was enqueued. */
int bq_claim_try(const struct bq_claim *claim);
/* Moves it to the end of the list of its new state. */
void bq_claim_move(struct bq_dispatcher *dispatcher, struct bq_claim *claim,
                   enum bq_claim_state state);
/* How many jobs we hold at most. */
size_t bq_claim_most(const struct bq_dispatcher *dispatcher);
/* How many jobs can be claimed now, and how many of them may be ones that were lost. */
size_t bq_claim_room(const struct bq_dispatcher *dispatcher, size_t *lost_room);
/* How many executors have nothing to do, and may be given something. */
size_t bq_claim_idle(const struct bq_dispatcher *dispatcher);
/* How many of those that are claimed now begin at once. */
size_t bq_claim_at_once(const struct bq_dispatcher *dispatcher);
/* It is nobody's business any more; but its thread may still have to be told. */
void bq_claim_drop(struct bq_dispatcher *dispatcher, struct bq_claim *claim);
/* It waits again, in front of all others; or of all but those that run alone. */
void bq_claim_again(struct bq_dispatcher *dispatcher, struct bq_claim *claim);
/* On a queue shared with arq: it has waited for so long here that it cannot be relied on to end within its lease. */
bool bq_claim_late(const struct bq_dispatcher *dispatcher, const struct bq_claim *claim,
                   int64_t now_ms);
/* Takes what an exchange has brought. */
void bq_claim_take(struct bq_dispatcher *dispatcher, const struct bq_exchange *exchange);
struct bq_claim *bq_claim_running(struct bq_dispatcher *dispatcher, const char *id);

/* -- assign.c -- */

void bq_assign(struct bq_dispatcher *dispatcher, int64_t now_ms);
/* Sends what was said in this turn to all of them. */
void bq_flush_executors(struct bq_dispatcher *dispatcher);
/* Replaces it by a fresh one, without ending what has begun in it. */
void bq_retire(struct bq_executor *executor, int64_t now_ms);
/* Tells a running attempt to stop; once. */
void bq_cancel_claim(struct bq_dispatcher *dispatcher, struct bq_claim *claim,
                     enum bq_cancel_reason reason);
/* How long an attempt has, once it was told to stop. */
int64_t bq_hard_grace_ms(const struct bq_dispatcher *dispatcher);

/* -- work.c: what an executor has in its hands -- */

/* Sends RUN; the claim is the executor's from then on. */
void bq_work_add(struct bq_dispatcher *dispatcher, struct bq_executor *executor,
                 struct bq_claim *claim, int64_t now_ms);
void bq_work_add_house(struct bq_dispatcher *dispatcher, struct bq_claim *claim, int64_t now_ms);
/* NULL: it has no such attempt. */
struct bq_claim *bq_work_find(const struct bq_executor *executor, int64_t attempt);
/* Its thread is free. */
void bq_work_end(struct bq_dispatcher *dispatcher, struct bq_claim *claim, int64_t now_ms);
/* Asks for what it has not begun; nothing, if there can't be any. */
void bq_work_recall(struct bq_executor *executor, int64_t now_ms);
void bq_recall_all(struct bq_dispatcher *dispatcher);
/* The same, if something waits there that somebody else could do; and who does not answer is killed. When that will be,
 * goes into `*next_ms` if earlier. */
void bq_work_check(struct bq_executor *executor, int64_t now_ms, int64_t *next_ms);
/* What comes back. False: it makes no sense. */
bool bq_work_returned(struct bq_dispatcher *dispatcher, struct bq_executor *executor,
                      struct bq_reader *in, int64_t now_ms);
/* It has ended. Of what it had, one may be known to be the reason; what may have been begun is run again, looking for
 * its receipt, and alone if it may be the reason; what cannot have been begun waits again, unharmed. */
void bq_work_lost(struct bq_dispatcher *dispatcher, struct bq_executor *executor, const char *how);

/* -- ack.c: from an attempt's end to what the broker is told -- */

void bq_ack_outcome(struct bq_dispatcher *dispatcher, struct bq_claim *claim,
                    const struct bq_outcome *outcome);
/* It has taken its executor down. */
void bq_ack_crash(struct bq_dispatcher *dispatcher, struct bq_claim *claim, const char *how);
/* Its executor has ended while on_job_failure ran; `without_hook`: it may have been the reason. */
void bq_ack_hook_lost(struct bq_dispatcher *dispatcher, struct bq_claim *claim, bool without_hook);
/* The broker has the outcome of one that `stays`: on with after_job_end. */
void bq_ack_after(struct bq_dispatcher *dispatcher, struct bq_claim *claim, bool acknowledged,
                  int64_t now_ms);
/* Gives it back; `claimed_before`: it may have been started. */
void bq_ack_release(struct bq_dispatcher *dispatcher, struct bq_claim *claim, bool claimed_before);
/* On a queue shared with arq: gives back those that have waited for too long. */
void bq_ack_late(struct bq_dispatcher *dispatcher, int64_t now_ms);
/* The crash of a claim that waits for the house is recorded, so that it is settled by whoever claims it next, in
 * `defer_ms`. */
void bq_ack_unsettled(struct bq_dispatcher *dispatcher, struct bq_claim *claim, int64_t defer_ms);

/* -- report.c: what jobs tell of themselves, on its way to the broker -- */

/* A line of the job's log: "TIME WORD TEXT", `text` being clean (base/log.h). It counts as `bytes`; false: that is
 * beyond the limit of its attempt, and it is left out. */
bool bq_report_line(struct bq_dispatcher *dispatcher, struct bq_claim *claim, const char *word,
                    const char *text, size_t bytes);
/* So much was left out already. */
void bq_report_dropped(struct bq_dispatcher *dispatcher, struct bq_claim *claim, int64_t bytes);
/* BQ_MSG_PROGRESS; false: it makes no sense. */
bool bq_report_progress(struct bq_dispatcher *dispatcher, struct bq_claim *claim,
                        const struct bq_frame *frame);
void bq_report_free(struct bq_claim *claim);
/* Puts into the exchange what is due; before the claims that it settles leave their list. */
void bq_report_begin(struct bq_dispatcher *dispatcher, int64_t now_ms);
/* It has ended; not `told`: as if it had not been. */
void bq_report_end(struct bq_dispatcher *dispatcher, bool told);
/* When an exchange is to be made for what is untold; INT64_MAX: there is nothing. */
int64_t bq_report_due(const struct bq_dispatcher *dispatcher);

/* -- output.c: what executors print and handlers log -- */

/* For bq_listener. */
void bq_output_printed(struct bq_executor *executor, const struct bq_output_line *line);
bool bq_output_hears(struct bq_executor *executor);
bool bq_output_awaits(struct bq_executor *executor, int64_t attempt);
/* Reads on where it was not heard. When that is to be tried again goes into `*next_ms` if earlier. */
void bq_output_hear(struct bq_dispatcher *dispatcher, int64_t now_ms, int64_t *next_ms);
/* BQ_MSG_LOG; false: it makes no sense. */
bool bq_output_said(struct bq_dispatcher *dispatcher, struct bq_claim *claim,
                    const struct bq_frame *frame);

/* -- spans.c: attempts as spans of their traces -- */

/* BQ_MSG_SPAN; false: it makes no sense. */
bool bq_span_begun(struct bq_claim *claim, const struct bq_frame *frame);
/* Its attempt has this outcome, or has ended with its executor: if it is a span, it goes out. */
void bq_span_ended(struct bq_dispatcher *dispatcher, struct bq_claim *claim,
                   const struct bq_outcome *outcome);
void bq_span_lost(struct bq_dispatcher *dispatcher, struct bq_claim *claim, const char *how);
void bq_span_free(struct bq_claim *claim);

/* -- relay.c -- */

bool bq_relay_take(struct bq_dispatcher *dispatcher, struct bq_executor *executor,
                   struct bq_reader *in, int64_t attempt);
void bq_relay_done(struct bq_dispatcher *dispatcher, struct bq_relay *relay, int64_t now_ms);
void bq_relay_free(struct bq_relay *relay);

/* -- house.c -- */

/* Something has happened that may have left jobs in the outbox. */
void bq_house_unswept(struct bq_dispatcher *dispatcher);
/* There may be rows now: the next sweep comes at once. */
void bq_house_woken(struct bq_dispatcher *dispatcher);
/* Gives the house what is due, if it is idle. */
void bq_house_work(struct bq_dispatcher *dispatcher, int64_t now_ms);
bool bq_house_message(struct bq_dispatcher *dispatcher, const struct bq_frame *frame);
void bq_house_ended(struct bq_dispatcher *dispatcher, const char *how);
/* The broker's answer to its question. */
void bq_house_probed(struct bq_dispatcher *dispatcher);
/* "<attempt> <error>" of BQ_MSG_HOOK into the claim. */
bool bq_hook_begun(struct bq_dispatcher *dispatcher, struct bq_claim *claim, struct bq_reader *in,
                   int64_t now_ms);

/* -- exchange.c -- */

/* Begins one when there is a reason to and none is under way. */
void bq_exchange_begin(struct bq_dispatcher *dispatcher, int64_t now_ms);
/* Takes the answers of one that has ended. */
void bq_exchange_end(struct bq_dispatcher *dispatcher, int64_t now_ms);

/* -- lease.c -- */

/* Can the lease not be over yet, by our own clock? If it may be, nothing new is begun before the broker has said. */
bool bq_lease_sure(const struct bq_dispatcher *dispatcher, int64_t now_ms);
/* Everything that was claimed under the old lease is somebody else's. */
void bq_lease_lost(struct bq_dispatcher *dispatcher);

/* -- watch.c: limits of memory and CPU time -- */

/* It has begun: from now on it is looked at, if it has a limit. */
void bq_watch_begin(struct bq_claim *claim, const struct bq_started *started, int64_t now_ms);
/* Kills its executor when it is beyond one; the instant of the next look, or 0. */
int64_t bq_watch(struct bq_claim *claim, int64_t now_ms);

/* -- deadline.c -- */

/* Enforces what is due; the next instant at which something is, or INT64_MAX. */
int64_t bq_deadlines(struct bq_dispatcher *dispatcher, int64_t now_ms);
/* The claim's executor is killed at `at_ms` (0: it isn't) for `why`, a literal, or NULL: its timeout. */
void bq_limit(struct bq_dispatcher *dispatcher, struct bq_claim *claim, int64_t at_ms,
              const char *why);
/* The same for a chore of the house. */
void bq_limit_house(struct bq_dispatcher *dispatcher, int64_t at_ms, const char *why);
/* Kills the claim's executor because of it; now. */
void bq_kill_for(struct bq_claim *claim, const char *why);
/* Starts and kills executors whose time has come; what is due next goes into `*next_ms` if earlier. */
void bq_check_executors(struct bq_dispatcher *dispatcher, int64_t now_ms, int64_t *next_ms);

/* -- run.c -- */

/* What becomes our child without being one of our executors. */
void bq_reap_orphans(const struct bq_dispatcher *dispatcher);

/* -- stop.c -- */

/* Goes on to the first stage, or to the next one, for a signal; not from KILL, which waits for the broker only. */
void bq_stop_next(struct bq_dispatcher *dispatcher, int64_t now_ms);
/* Goes on when the stage's time is over; when that is goes into `*next_ms` if earlier. */
void bq_stop_check(struct bq_dispatcher *dispatcher, int64_t now_ms, int64_t *next_ms);
/* Gives back what has not begun; what was to be settled is left to whoever claims it next. */
void bq_stop_release(struct bq_dispatcher *dispatcher);
/* True when nothing is left to do. */
bool bq_stop_done(struct bq_dispatcher *dispatcher);
/* Waits until the executors have ended in peace, or kills them. */
void bq_stop_executors(struct bq_dispatcher *dispatcher);

/* -- vitals.c: liveness and readiness over HTTP -- */

enum barq_status bq_vitals_open(struct bq_dispatcher *dispatcher, struct barq_error *err)
    BARQ_MUST_CHECK;

/* -- health.c: what a worker tells of itself -- */

/* The counts, with what is there and runs now. */
const struct bq_worker_state *bq_health_state(struct bq_dispatcher *dispatcher);
/* What the exchange that is made is to tell of it: with each renewal, else once a second when it is news. NULL: nothing. */
const struct bq_worker_state *bq_health_news(struct bq_dispatcher *dispatcher, bool renew,
                                             int64_t now_ms);
void bq_health_learn(struct bq_dispatcher *dispatcher, const struct bq_ready *ready,
                     int64_t now_ms);
/* The first executor is ready, and the lease is taken. */
void bq_health_ready(struct bq_dispatcher *dispatcher, int64_t now_ms);
/* Tells the service manager in a line how it goes. */
void bq_health_status(struct bq_dispatcher *dispatcher);
/* A line in the log, a word to the service manager's watchdog, when due; when that is again goes into `*next_ms` if
 * earlier. */
void bq_health_check(struct bq_dispatcher *dispatcher, int64_t now_ms, int64_t *next_ms);

#endif
