#include <stdio.h>

#include "base/log.h"
#include "dispatcher/dispatcher.h"

static void earlier(int64_t at_ms, int64_t *next_ms)
{
    if (at_ms != 0 && at_ms < *next_ms) {
        *next_ms = at_ms;
    }
}

void bq_limit_house(struct bq_dispatcher *dispatcher, int64_t at_ms, const char *why)
{
    /* One that is being stopped or killed keeps its own. */
    if (dispatcher->house.state == BQ_EXECUTOR_BUSY) {
        bq_executor_set_deadline(&dispatcher->house, at_ms, why);
    }
}

void bq_limit(struct bq_dispatcher *dispatcher, struct bq_claim *claim, int64_t at_ms,
              const char *why)
{
    if (claim->executor == &dispatcher->house) {
        bq_limit_house(dispatcher, at_ms, why);
        return;
    }
    claim->limit_at_ms = at_ms;
    claim->limit_why = why;
}

void bq_kill_for(struct bq_claim *claim, const char *why)
{
    if (claim->executor->state == BQ_EXECUTOR_BUSY) {
        claim->guilty = true;
        bq_executor_kill(claim->executor, why);
    }
}

static const char *timeout_text(struct bq_claim *claim)
{
    (void)snprintf(claim->limit_text, sizeof(claim->limit_text), "ran past its %g s",
                   (double)claim->timeout_ms / 1000.0);
    return claim->limit_text;
}

/* One that cannot start may be kept from it by what runs beside it: that it is the reason is known only if it is alone.
 */
static void kill_late(struct bq_claim *claim)
{
    bool begun = claim->started || claim->settling || claim->state == BQ_CLAIM_AFTER ||
                 claim->canceled != BQ_CANCEL_NONE;

    if (begun) {
        bq_kill_for(claim, claim->limit_why ? claim->limit_why : timeout_text(claim));
    } else {
        bq_executor_kill(claim->executor, claim->limit_why);
    }
}

static void hard_deadline(struct bq_claim *claim, int64_t now_ms, int64_t *next_ms)
{
    if (claim->limit_at_ms != 0 && claim->limit_at_ms <= now_ms) {
        claim->limit_at_ms = 0;
        kill_late(claim);
    }
    earlier(claim->limit_at_ms, next_ms);
}

/* Tells attempts whose time is over; those that don't listen are killed. Those that use too much are killed at once.
 */
static void claim_deadlines(struct bq_dispatcher *dispatcher, int64_t now_ms, int64_t *next_ms)
{
    bq_list_each (at, &dispatcher->running) {
        struct bq_claim *claim = bq_list_owner(at, struct bq_claim, link);
        if (claim->cancel_at_ms != 0 && claim->cancel_at_ms <= now_ms) {
            claim->cancel_at_ms = 0;
            bq_cancel_claim(dispatcher, claim, BQ_CANCEL_TIMEOUT);
        }
        earlier(claim->cancel_at_ms, next_ms);
        hard_deadline(claim, now_ms, next_ms);
        earlier(bq_watch(claim, now_ms), next_ms);
    }
    bq_list_each (at, &dispatcher->after) {
        hard_deadline(bq_list_owner(at, struct bq_claim, link), now_ms, next_ms);
    }
}

static void check_executor(struct bq_dispatcher *dispatcher, struct bq_executor *executor,
                           int64_t now_ms, int64_t *next_ms)
{
    struct barq_error err;

    /* While what runs is waited for, the house may still have to settle some of it. */
    bool stays_off = executor == &dispatcher->house ? dispatcher->stopping > BQ_STOP_DRAIN
                                                    : dispatcher->stopping > BQ_STOP_NONE;
    if (stays_off) {
        executor->spawn_at_ms = 0;
    } else if (bq_executor_spawn_due(executor, now_ms, &err) != BARQ_OK) {
        bq_error("cannot start an executor", bq_str("error", err.text));
        executor->spawn_at_ms = now_ms + BQ_POLL_MS;
    }
    bq_executor_check(executor, now_ms, next_ms);
    bq_work_check(executor, now_ms, next_ms);
}

void bq_check_executors(struct bq_dispatcher *dispatcher, int64_t now_ms, int64_t *next_ms)
{
    for (int i = 0; i < dispatcher->n_executors; i++) {
        check_executor(dispatcher, &dispatcher->executors[i], now_ms, next_ms);
    }
    if (dispatcher->learned) {
        check_executor(dispatcher, &dispatcher->house, now_ms, next_ms);
    }
}

/* The next exchange that nothing but time asks for. What would not be done when its time has come must not count here:
 * the loop would spin. */
static void exchange_due(struct bq_dispatcher *dispatcher, int64_t now_ms, int64_t *next_ms)
{
    size_t lost_room;

    if (dispatcher->retry_exchange_at_ms > now_ms) {
        earlier(dispatcher->retry_exchange_at_ms, next_ms);
        return;
    }
    earlier(dispatcher->renew_at_ms, next_ms);
    earlier(bq_report_due(dispatcher), next_ms);
    if (!bq_list_empty(&dispatcher->running)) {
        earlier(dispatcher->abort_at_ms, next_ms);
    }
    if (!dispatcher->stopping && !dispatcher->database_away &&
        bq_claim_room(dispatcher, &lost_room) > 0) {
        earlier(dispatcher->look_at_ms, next_ms);
    }
}

int64_t bq_deadlines(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    int64_t next_ms = INT64_MAX;

    claim_deadlines(dispatcher, now_ms, &next_ms);
    bq_stop_check(dispatcher, now_ms, &next_ms);
    bq_health_check(dispatcher, now_ms, &next_ms);
    bq_reload_check(dispatcher, now_ms, &next_ms);
    bq_check_executors(dispatcher, now_ms, &next_ms);
    bq_output_hear(dispatcher, now_ms, &next_ms);
    if (!dispatcher->exchanging && dispatcher->learned) {
        exchange_due(dispatcher, now_ms, &next_ms);
    }
    if (dispatcher->chore == BQ_CHORE_NONE && dispatcher->house.state == BQ_EXECUTOR_IDLE &&
        !dispatcher->stopping) {
        earlier(dispatcher->sweep_at_ms, &next_ms);
        earlier(dispatcher->prune_at_ms, &next_ms);
    }
    return next_ms;
}
