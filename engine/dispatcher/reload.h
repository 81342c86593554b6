/*
 * reload.h - a worker whose module, or program, is replaced while it runs.
 *
 *     asked ── trial: one executor more, of the new code ── ready ──▶ rolling ── all are new ──▶ done
 *                                │                                      one after the other
 *                                └── it cannot start ──▶ all stays as it is
 *
 * The trial works while the others are replaced, so that there is never less
 * than before. One that is busy is given nothing more, ends when what it runs
 * has ended, and holds up nobody; of those that are idle one ends at a time.
 */
#ifndef BQ_DISPATCHER_RELOAD_H
#define BQ_DISPATCHER_RELOAD_H

#include "base/error.h"
#include "executor/executor.h"
#include "os/changes.h"

enum {
    BQ_RELOAD_QUIET_MS =
        200,              /* a file that is watched is whole when nobody has written for so long */
    BQ_RELOAD_SPARES = 4, /* trials that may still be busy when the next one begins */
};

struct bq_dispatcher;

/*
 * What the worker goes by, in fingerprints and numbers, to see whether it has changed: cron jobs are taken over when
 * all executors are new, the rest needs a restart.
 */
struct bq_told {
    uint64_t queues;
    uint64_t limits;
    uint64_t cron_jobs;
    int64_t max_jobs;
    int64_t shared_timeout_ms;
};

struct bq_reload {
    struct bq_changes changes; /* of the file that is watched */
    struct bq_watch watch;
    int64_t quiet_at_ms; /* it has changed: reload then; 0: it has not */
    bool asked;
    struct bq_executor *trial; /* NULL: none */
    bool rolling;
    int64_t began_at_ms; /* executors that were spawned until then are old */
    struct bq_told told;
    bool broken; /* the last trial has failed: what is there now cannot be started */
    char why[BQ_ERROR_TEXT_MAX_BYTES];
};

enum barq_status bq_reload_open(struct bq_dispatcher *dispatcher, struct barq_error *err)
    BARQ_MUST_CHECK;
void bq_reload_close(struct bq_dispatcher *dispatcher);
/* Reloads as soon as that can be; `from`, for the log, is who has asked. */
void bq_reload_ask(struct bq_dispatcher *dispatcher, const char *from);
/* Goes on with what is under way; when it is to be looked at again goes into `*next_ms` if earlier. */
void bq_reload_check(struct bq_dispatcher *dispatcher, int64_t now_ms, int64_t *next_ms);

struct bq_told bq_reload_tell(const struct bq_ready *ready);

/* -- for listen.c -- */

void bq_reload_ready(struct bq_dispatcher *dispatcher, const struct bq_executor *executor,
                     const struct bq_ready *ready);
/* Says why the trial cannot start; false: it is another executor. */
bool bq_reload_refused(struct bq_dispatcher *dispatcher, const struct bq_executor *executor,
                       const char *why);
/* One that was a trial stays off; if it never was ready, the trial has failed. */
void bq_reload_ended(struct bq_dispatcher *dispatcher, struct bq_executor *executor,
                     const char *how, bool was_ready);

#endif
