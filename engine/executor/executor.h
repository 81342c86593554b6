/*
 * executor.h - a child process that runs jobs, as the dispatcher sees it.
 *
 * The dispatcher outlives its executors: what one sends is input to be
 * checked, and its end is an event. Its states and what each event does in
 * them are the table in states.c. One thread, the dispatcher's.
 */
#ifndef BQ_EXECUTOR_EXECUTOR_H
#define BQ_EXECUTOR_EXECUTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/list.h"
#include "executor/output.h"
#include "job/message.h"
#include "os/child.h"
#include "os/frame.h"
#include "os/loop.h"

enum bq_executor_state {
    BQ_EXECUTOR_OFF, /* there is no process; one is spawned when spawn_at_ms has come, if that is set */
    BQ_EXECUTOR_STARTING, /* spawned, not READY */
    BQ_EXECUTOR_IDLE,
    BQ_EXECUTOR_BUSY,     /* has something to do; may be given more */
    BQ_EXECUTOR_RETIRING, /* told to end as it has nothing left to do; is started afresh */
    BQ_EXECUTOR_STOPPING, /* told to stop; may still finish what it runs */
    BQ_EXECUTOR_KILLED,   /* killed, not reaped yet */
    BQ_EXECUTOR_STATES
};

struct bq_executor;

/* What the dispatcher is told. No executor is freed in a callback. */
struct bq_executor_owner {
    void (*ready)(struct bq_executor *executor, const struct bq_ready *ready);
    /* It cannot start, and says why; it ends by itself. */
    void (*refused)(struct bq_executor *executor, const struct bq_refused *refused);
    /* What it says of its work. False: the message makes no sense, it is killed. */
    bool (*message)(struct bq_executor *executor, const struct bq_frame *frame);
    /* It has printed a line; which may be one of the engine's own log. */
    void (*printed)(struct bq_executor *executor, const struct bq_output_line *line);
    /* Can lines be taken now? Without them it waits, and so does, in the end, whoever prints. */
    bool (*hears)(struct bq_executor *executor);
    /* Is the outcome of this attempt still to come? What it prints meanwhile is another's. */
    bool (*awaits)(struct bq_executor *executor, int64_t attempt);
    /* The process has ended, all that it had sent and printed has been given out; `how` as in "killed by SIGSEGV". */
    void (*ended)(struct bq_executor *executor, const char *how, bool was_ready);
};

struct bq_executor_options {
    const char *path;  /* the worker's own binary */
    char *const *argv; /* and arguments */
    const char *role;  /* the value of BARQ_EXECUTOR in its environment: "job" or "house" */
    size_t max_frame_bytes;
    int64_t start_limit_ms; /* until READY */
};

struct bq_executor {
    const struct bq_executor_owner *owner;
    const struct bq_executor_options *options;
    struct bq_loop *loop;
    int number; /* for the log; 0 is the house */
    enum bq_executor_state state;
    struct bq_child child;
    struct bq_channel channel;
    struct bq_watch socket;
    struct bq_watch exit;
    struct bq_output output;
    struct bq_watch pipe;     /* of its output */
    bool unheard;             /* its output waits for bq_executor_hear() */
    int64_t deadline_ms;      /* by bq_mono_ms(): killed then; 0: none */
    const char *deadline_why; /* what is said of its end then: in `why` */
    char why[96];             /* why we killed it; "": we didn't */
    int64_t spawn_at_ms;      /* when OFF: spawn then; 0: stays off */
    int64_t spawned_at_ms;
    int bad_starts; /* ends before READY, in a row */
    bool was_ready;
    int threads; /* as it has said */
    int load;    /* how much it was given that has not ended */
    bool used;   /* something has ended in it: it is not any more as it was at its start */
    bool unsent; /* something waits for bq_executor_flush() */
    bool retiring;
    int64_t starts;          /* processes that have been in this place */
    int64_t retire_limit_ms; /* from STOP to its end */

    /* the dispatcher's */
    void *data;           /* itself */
    int64_t jobs;         /* attempts that its process has ended */
    int64_t crashes;      /* processes in this place that have ended untold, or were killed */
    struct bq_list work;  /* the claims that it was given, in that order */
    size_t load_bytes;    /* of their payloads */
    bool lone;            /* has one that runs alone */
    int kept;             /* so many threads are given nothing in this turn */
    bool recalled;        /* is to return what it has not begun: is given nothing until then */
    int64_t return_by_ms; /* then; else it is killed, */
    bool silent;          /* which has happened */
    bool stuck; /* what it has begun takes long: nothing is sent ahead until some of it has ended */
    int64_t loose_bytes; /* printed by no job, */
    int64_t loose_at_ms; /* since then */
    int64_t moved_at_ms; /* when it was first given something, or something of it ended, last */
};

void bq_executor_init(struct bq_executor *executor, struct bq_loop *loop,
                      const struct bq_executor_owner *owner,
                      const struct bq_executor_options *options, int number);
/* Kills and reaps what is left, waiting for it. */
void bq_executor_clear(struct bq_executor *executor);

/* Spawns when it is OFF and its time has come. */
enum barq_status bq_executor_spawn_due(struct bq_executor *executor, int64_t now_ms,
                                       struct barq_error *err) BARQ_MUST_CHECK;
/* Begins a message to it, to be ended with bq_executor_end(). */
struct bq_buf *bq_executor_begin(struct bq_executor *executor, enum bq_message type);
/* Ends it. It is sent by the next flush. One that does not fit is the executor's end: it is killed. */
void bq_executor_end(struct bq_executor *executor);
/* Sends what was said; once for all messages of a turn of the loop. */
void bq_executor_flush(struct bq_executor *executor);
/* So much waits to be sent that no more should be said. */
bool bq_executor_clogged(const struct bq_executor *executor);
/* Has been given one thing more; BUSY. */
void bq_executor_assigned(struct bq_executor *executor);
/* One thing has ended; IDLE when it was the last. */
void bq_executor_done(struct bq_executor *executor);
/*
 * It is to be replaced by a fresh one: given nothing any more, ended in peace when it has nothing left to do, within
 * `limit_ms` from then.
 */
void bq_executor_retire(struct bq_executor *executor, int64_t limit_ms);
/*
 * What it had printed when this attempt ended: up to its mark, if it has set one; else all of that has been read, and
 * only a line may not have been ended. What is behind it waits for bq_executor_hear().
 */
void bq_executor_hear_to(struct bq_executor *executor, int64_t attempt, bool marked);
/* Reads on, where there was nobody to hear it, or it is not all given out. */
void bq_executor_hear(struct bq_executor *executor);
/* Told to stop once it is idle; killed when `limit_ms` is over. */
void bq_executor_stop(struct bq_executor *executor, int64_t now_ms, int64_t limit_ms);
/* Killed; `why` is what will be said of its end. */
void bq_executor_kill(struct bq_executor *executor, const char *why);

/* Kills it at `at_ms` (0: never) because of `why`, a literal or kept by the caller. */
void bq_executor_set_deadline(struct bq_executor *executor, int64_t at_ms, const char *why);
/* Kills it if it is overdue. The next instant at which this, or a spawn, is due goes into `*next_ms` if earlier. */
void bq_executor_check(struct bq_executor *executor, int64_t now_ms, int64_t *next_ms);

/* After five bad starts in a row nobody believes in it any more. */
enum { BQ_EXECUTOR_MAX_BAD_STARTS = 5 };

#endif
