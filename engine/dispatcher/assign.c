/*
 * Who gets which job. First free threads, one in each executor, then the next
 * in each; when all have something to do, and it takes so little that a write
 * for each would be most of it, more is sent ahead. Those that run alone come
 * before all others, and get an executor with nothing in it.
 */
#include "base/fault.h"
#include "base/log.h"
#include "base/time.h"
#include "dispatcher/dispatcher.h"

static struct bq_claim *claim_of(struct bq_list *link)
{
    return bq_list_owner(link, struct bq_claim, link);
}

static bool takes(const struct bq_executor *executor)
{
    return (executor->state == BQ_EXECUTOR_IDLE || executor->state == BQ_EXECUTOR_BUSY) &&
           !executor->retiring && !executor->recalled && !executor->lone &&
           !bq_executor_clogged(executor);
}

/* What it may have in its hands, of `most`: less shortly before it is replaced. */
static int room_for(const struct bq_dispatcher *dispatcher, const struct bq_executor *executor,
                    int most)
{
    int left = bq_recycle_left(dispatcher, executor);
    int room = (most < left ? most : left) - executor->load;

    return takes(executor) && room > 0 ? room : 0;
}

/* Gives the claim at `at`, and returns what is behind it. */
static struct bq_list *give(struct bq_dispatcher *dispatcher, struct bq_executor *executor,
                            struct bq_list *at, int64_t now_ms)
{
    struct bq_list *next = at->next;

    bq_claim_move(dispatcher, claim_of(at), BQ_CLAIM_RUNNING);
    bq_work_add(dispatcher, executor, claim_of(at), now_ms);
    bq_fault("dispatcher.assigned");
    return next;
}

static struct bq_executor *emptiest(struct bq_dispatcher *dispatcher)
{
    struct bq_executor *least = NULL;

    for (int i = 0; i < dispatcher->n_executors; i++) {
        struct bq_executor *executor = &dispatcher->executors[i];
        if (takes(executor) && executor->kept == 0 && (!least || executor->load < least->load)) {
            least = executor;
        }
    }
    return least;
}

/*
 * Jobs that were lost, or must run alone, are claimed only when a thread is free for them; under a load that never ends
 * none ever is. So one is kept free each second, for as long as it takes to ask.
 */
static void keep_one_for_lost(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    bool asks = dispatcher->exchanging && dispatcher->exchange.claim_lost_max > 0;
    bool will_ask = dispatcher->ask_lost_at_ms <= now_ms && !dispatcher->drained &&
                    !dispatcher->database_away && !dispatcher->stopping &&
                    dispatcher->retry_exchange_at_ms <= now_ms &&
                    dispatcher->in_hand < bq_claim_most(dispatcher);
    struct bq_executor *executor = asks || will_ask ? emptiest(dispatcher) : NULL;

    if (executor) {
        executor->kept = 1;
    }
}

/*
 * For each that runs alone and finds no empty executor one is kept from taking anything else; half of them at most.
 * Returns the first that does not run alone.
 */
static struct bq_list *assign_lone(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    struct bq_list *at = dispatcher->waiting.next;
    int may_keep = (dispatcher->n_executors + 1) / 2;

    while (at != &dispatcher->waiting && claim_of(at)->claimed.alone) {
        struct bq_executor *executor = emptiest(dispatcher);
        if (executor && executor->load == 0) {
            at = give(dispatcher, executor, at, now_ms);
            continue;
        }
        if (executor && may_keep-- > 0) {
            executor->kept = executor->threads;
        }
        at = at->next;
    }
    return at;
}

static struct bq_list *assign_free(struct bq_dispatcher *dispatcher, struct bq_list *at,
                                   int64_t now_ms)
{
    for (int load = 0; load < dispatcher->threads; load++) {
        for (int i = 0; i < dispatcher->n_executors && at != &dispatcher->waiting; i++) {
            struct bq_executor *executor = &dispatcher->executors[i];
            int most = executor->threads - executor->kept;
            if (executor->load <= load && room_for(dispatcher, executor, most) > 0) {
                at = give(dispatcher, executor, at, now_ms);
            }
        }
    }
    return at;
}

/* How much is sent ahead to an executor. */
static int ahead_of(const struct bq_dispatcher *dispatcher, const struct bq_executor *executor)
{
    if (dispatcher->mean_us <= 0 || executor->kept > 0 || executor->stuck ||
        bq_recycle_counts(&dispatcher->recycle, executor)) {
        return 0;
    }
    double ahead = executor->threads * (BQ_AHEAD_US / dispatcher->mean_us);
    int most = executor->threads * BQ_AHEAD_PER_THREAD;
    return ahead < most ? (int)ahead : most;
}

/* What was lost once is not begun by chance: a broker cannot tell what was sent ahead from what had begun. */
static bool may_go_ahead(const struct bq_executor *executor, const struct bq_claim *claim)
{
    return !claim->claimed.claimed_before &&
           executor->load_bytes + claim->claimed.job.payload_bytes <= BQ_AHEAD_BYTES;
}

static void assign_ahead(struct bq_dispatcher *dispatcher, struct bq_list *at, int64_t now_ms)
{
    for (int i = 0; i < dispatcher->n_executors; i++) {
        struct bq_executor *executor = &dispatcher->executors[i];
        int ahead = ahead_of(dispatcher, executor);
        if (ahead == 0 || executor->load > executor->threads + (ahead / 2)) {
            continue; /* several at a time, so that they share a write */
        }
        while (at != &dispatcher->waiting && may_go_ahead(executor, claim_of(at)) &&
               room_for(dispatcher, executor, executor->threads + ahead) > 0) {
            at = give(dispatcher, executor, at, now_ms);
        }
    }
}

void bq_assign(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    bq_ack_late(dispatcher, now_ms);
    if (bq_list_empty(&dispatcher->waiting) || !bq_lease_sure(dispatcher, now_ms)) {
        return;
    }
    for (int i = 0; i < dispatcher->n_executors; i++) {
        dispatcher->executors[i].kept = 0;
    }
    keep_one_for_lost(dispatcher, now_ms);
    struct bq_list *at = assign_lone(dispatcher, now_ms);
    at = assign_free(dispatcher, at, now_ms);
    assign_ahead(dispatcher, at, now_ms);
}

void bq_flush_executors(struct bq_dispatcher *dispatcher)
{
    for (int i = 0; i < dispatcher->n_executors; i++) {
        bq_executor_flush(&dispatcher->executors[i]);
    }
    bq_executor_flush(&dispatcher->house);
}

void bq_retire(struct bq_executor *executor, int64_t now_ms)
{
    bq_work_recall(executor, now_ms);
    bq_executor_retire(executor, BQ_STOP_LIMIT_MS);
}

int64_t bq_hard_grace_ms(const struct bq_dispatcher *dispatcher)
{
    int64_t own_ms = dispatcher->options.hard_grace_ms;

    return own_ms > 0 ? own_ms : BARQ_HARD_GRACE_MS;
}

void bq_cancel_claim(struct bq_dispatcher *dispatcher, struct bq_claim *claim,
                     enum bq_cancel_reason reason)
{
    bool heard = !claim->settling && claim->executor->state == BQ_EXECUTOR_BUSY;
    int64_t until_ms = bq_mono_ms() + bq_hard_grace_ms(dispatcher);

    if (claim->canceled != BQ_CANCEL_NONE || !heard) {
        return;
    }
    claim->canceled = reason;
    /* What has not entered gets its time when it does. */
    if (reason == BQ_CANCEL_ABORT && claim->entered) {
        bq_limit(dispatcher, claim, until_ms, "aborted, and did not stop in 5 s");
    } else if (claim->stale && claim->entered) {
        bq_limit(dispatcher, claim, until_ms, "its lease was lost, and it did not stop in 5 s");
    }
    struct bq_buf *body = bq_executor_begin(claim->executor, BQ_MSG_CANCEL);
    bq_buf_put_i64(body, claim->attempt);
    bq_buf_put_u8(body, (uint8_t)reason);
    bq_executor_end(claim->executor);
}
