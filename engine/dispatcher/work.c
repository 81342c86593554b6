/*
 * What an executor has in its hands: claims in the order in which they were
 * sent. It takes them in that order, and tells the outcome of one before it
 * takes another to the same thread: so only the first `threads` of them can
 * have been begun. These have entered; what is behind them has not.
 */
#include "base/log.h"
#include "base/time.h"
#include "dispatcher/dispatcher.h"

static struct bq_claim *claim_at(struct bq_list *link)
{
    return bq_list_owner(link, struct bq_claim, at_executor);
}

/* From now on its 10 s run, unless it has been told to stop: then the time that it has for that. */
static void enter(struct bq_dispatcher *dispatcher, struct bq_claim *claim, int64_t now_ms)
{
    claim->entered = true;
    bq_limit(dispatcher, claim, now_ms + BQ_STARTED_LIMIT_MS, "did not start its job in 10 s");
}

static void enter_first(struct bq_dispatcher *dispatcher, struct bq_executor *executor,
                        int64_t now_ms)
{
    int n = 0;

    bq_list_each (at, &executor->work) {
        if (n++ == executor->threads) {
            return;
        }
        if (!claim_at(at)->entered) {
            enter(dispatcher, claim_at(at), now_ms);
        }
    }
}

static void forget_attempt(struct bq_claim *claim)
{
    claim->attempt = 0;
    claim->told_try = 0;
    claim->cancel_at_ms = 0;
    claim->limit_at_ms = 0;
    claim->limit_text[0] = '\0';
    claim->watch_at_ms = 0;
    claim->canceled = BQ_CANCEL_NONE;
    claim->entered = false;
    claim->started = false;
    claim->guilty = false;
    claim->innocent = false;
    claim->returned = false;
    claim->in_hook = false;
    claim->settling = false;
    claim->stays = false;
    bq_span_free(claim);
}

static void send_run(struct bq_dispatcher *dispatcher, struct bq_executor *executor,
                     struct bq_claim *claim, int64_t now_ms)
{
    struct bq_run run = {
        .attempt = ++dispatcher->last_attempt,
        .claimed = claim->claimed,
        .verdict = claim->verdict,
        .without_hook = claim->without_hook,
        .commit_until_ms = claim->commit_until_ms,
    };

    forget_attempt(claim);
    claim->attempt = run.attempt;
    claim->executor = executor;
    claim->sent_at_ms = now_ms;
    claim->retry = dispatcher->retry;
    claim->retry_on_timeout = true;
    claim->recycle_after = 0;
    claim->output_max_bytes = BARQ_DEFAULT_OUTPUT_MAX_BYTES;
    bq_run_put(bq_executor_begin(executor, BQ_MSG_RUN), &run);
    bq_executor_end(executor);
}

void bq_work_add(struct bq_dispatcher *dispatcher, struct bq_executor *executor,
                 struct bq_claim *claim, int64_t now_ms)
{
    send_run(dispatcher, executor, claim, now_ms);
    if (executor->load == 0) {
        executor->moved_at_ms = now_ms;
    }
    bq_list_add(&executor->work, &claim->at_executor);
    executor->load_bytes += claim->claimed.job.payload_bytes;
    executor->lone = claim->claimed.alone;
    bq_executor_assigned(executor);
    if (executor->load <= executor->threads) {
        enter(dispatcher, claim, now_ms);
    }
}

void bq_work_add_house(struct bq_dispatcher *dispatcher, struct bq_claim *claim, int64_t now_ms)
{
    send_run(dispatcher, &dispatcher->house, claim, now_ms);
    bq_executor_assigned(&dispatcher->house);
}

struct bq_claim *bq_work_find(const struct bq_executor *executor, int64_t attempt)
{
    bq_list_each (at, &executor->work) {
        if (claim_at(at)->attempt == attempt) {
            return claim_at(at);
        }
    }
    return NULL;
}

static void take_off(struct bq_executor *executor, struct bq_claim *claim)
{
    bq_list_remove(&claim->at_executor);
    executor->load_bytes -= claim->claimed.job.payload_bytes;
    executor->lone = executor->lone && !claim->claimed.alone;
    claim->executor = NULL;
    claim->limit_at_ms = 0;
    claim->cancel_at_ms = 0;
}

void bq_work_end(struct bq_dispatcher *dispatcher, struct bq_claim *claim, int64_t now_ms)
{
    struct bq_executor *executor = claim->executor;

    take_off(executor, claim);
    executor->moved_at_ms = now_ms;
    executor->stuck = false;
    bq_executor_done(executor);
    enter_first(dispatcher, executor, now_ms);
}

/* -- recall -- */

void bq_work_recall(struct bq_executor *executor, int64_t now_ms)
{
    if (executor->recalled || executor->state != BQ_EXECUTOR_BUSY ||
        executor->load <= executor->threads) {
        return;
    }
    executor->recalled = true;
    executor->return_by_ms = now_ms + BQ_STARTED_LIMIT_MS;
    (void)bq_executor_begin(executor, BQ_MSG_RECALL);
    bq_executor_end(executor);
}

void bq_recall_all(struct bq_dispatcher *dispatcher)
{
    int64_t now_ms = bq_mono_ms();

    for (int i = 0; i < dispatcher->n_executors; i++) {
        bq_work_recall(&dispatcher->executors[i], now_ms);
    }
}

/* Its loop runs no user code: if even that is silent, none of its jobs is known to be the reason. */
static void kill_silent(struct bq_executor *executor, int64_t now_ms, int64_t *next_ms)
{
    if (executor->state != BQ_EXECUTOR_BUSY && executor->state != BQ_EXECUTOR_IDLE) {
        return;
    }
    if (executor->return_by_ms <= now_ms) {
        executor->silent = true;
        bq_executor_kill(executor, "did not return what it had not begun in 10 s");
    } else if (executor->return_by_ms < *next_ms) {
        *next_ms = executor->return_by_ms;
    }
}

void bq_work_check(struct bq_executor *executor, int64_t now_ms, int64_t *next_ms)
{
    if (executor->recalled) {
        kill_silent(executor, now_ms, next_ms);
        return;
    }
    if (executor->state != BQ_EXECUTOR_BUSY || executor->load <= executor->threads) {
        return;
    }
    int64_t at_ms = executor->moved_at_ms + BQ_STUCK_MS;
    if (at_ms <= now_ms) {
        executor->stuck = true;
        bq_work_recall(executor, now_ms);
    } else if (at_ms < *next_ms) {
        *next_ms = at_ms;
    }
}

/* Waits again, in front of what has come since; at its end a worker gives it back. */
static void put_back(struct bq_dispatcher *dispatcher, struct bq_claim *claim)
{
    claim->claimed.aborted = claim->claimed.aborted || claim->canceled == BQ_CANCEL_ABORT;
    forget_attempt(claim);
    if (claim->stale) {
        bq_claim_drop(dispatcher, claim);
    } else if (dispatcher->stopping) {
        bq_ack_release(dispatcher, claim, false);
    } else {
        bq_claim_again(dispatcher, claim);
    }
}

/* Marks the claims of these attempts; false: it makes no sense. */
static bool mark_returned(struct bq_executor *executor, struct bq_reader *in)
{
    uint32_t count = bq_read_u32(in);

    for (uint32_t i = 0; i < count && !in->failed; i++) {
        struct bq_claim *claim = bq_work_find(executor, bq_read_i64(in));
        bool begun = claim && (claim->started || claim->settling);
        if (!claim || claim->returned || claim->state != BQ_CLAIM_RUNNING || begun) {
            return false;
        }
        claim->returned = true;
    }
    return !in->failed && in->at == in->end;
}

bool bq_work_returned(struct bq_dispatcher *dispatcher, struct bq_executor *executor,
                      struct bq_reader *in, int64_t now_ms)
{
    if (!executor->recalled || !mark_returned(executor, in)) {
        return false;
    }
    executor->recalled = false;
    executor->moved_at_ms = now_ms;
    /* Backwards, each to the front: so they are in the same order again. */
    for (struct bq_list *at = executor->work.prev, *before = at->prev; at != &executor->work;
         at = before, before = at->prev) {
        struct bq_claim *claim = claim_at(at);
        if (claim->returned) {
            take_off(executor, claim);
            bq_executor_done(executor);
            put_back(dispatcher, claim);
        }
    }
    enter_first(dispatcher, executor, now_ms);
    return true;
}

/* -- the executor's end -- */

/* Who took it down: the one because of which it was killed; or the only one that can have been begun. False: unknown. */
static bool find_guilty(struct bq_executor *executor)
{
    struct bq_claim *only = NULL;
    int suspects = 0;

    bq_list_each (at, &executor->work) {
        struct bq_claim *claim = claim_at(at);
        if (claim->guilty) {
            return true;
        }
        suspects += claim->entered;
        only = claim->entered ? claim : only;
    }
    if (suspects != 1 || only->innocent || executor->silent) {
        return false;
    }
    only->guilty = true;
    return true;
}

/* It ended with an executor that somebody else, or nobody knows who, took down: it uses up nothing. */
static void run_again(struct bq_dispatcher *dispatcher, struct bq_claim *claim, bool alone)
{
    bq_info("job ended with its executor; will be run again", bq_str("job", claim->claimed.job.id),
            bq_str("function", claim->function));
    claim->claimed.claimed_before = true;
    claim->claimed.alone = claim->claimed.alone || alone;
    claim->may_have_begun = true;
    put_back(dispatcher, claim);
}

/* `known`: it is known who took it down. */
static void lose(struct bq_dispatcher *dispatcher, struct bq_executor *executor,
                 struct bq_claim *claim, bool known, const char *how)
{
    take_off(executor, claim);
    bq_span_lost(dispatcher, claim, how);
    if (claim->state == BQ_CLAIM_AFTER) {
        bq_claim_drop(dispatcher, claim);
    } else if (claim->state != BQ_CLAIM_RUNNING) {
        claim->stays = false; /* its outcome is on the way to the broker */
    } else if (claim->guilty) {
        bq_ack_crash(dispatcher, claim, how);
    } else if (claim->in_hook) {
        bq_ack_hook_lost(dispatcher, claim, !known);
    } else if (claim->entered) {
        run_again(dispatcher, claim, !known && !claim->innocent);
    } else {
        put_back(dispatcher, claim);
    }
}

void bq_work_lost(struct bq_dispatcher *dispatcher, struct bq_executor *executor, const char *how)
{
    bool known = find_guilty(executor);

    while (!bq_list_empty(&executor->work)) {
        lose(dispatcher, executor, claim_at(executor->work.prev), known, how);
    }
    executor->recalled = false;
    executor->silent = false;
    executor->stuck = false;
    executor->lone = false;
    executor->load_bytes = 0;
}
