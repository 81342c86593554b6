#include "base/fault.h"
#include "base/log.h"
#include "base/time.h"
#include "dispatcher/dispatcher.h"

void bq_assign_to(struct bq_dispatcher *dispatcher, struct bq_executor *executor,
                  struct bq_claim *claim, int64_t now_ms)
{
    struct bq_run run = {
        .attempt = ++dispatcher->last_attempt,
        .claimed = claim->claimed,
        .verdict = claim->verdict,
        .without_hook = claim->without_hook,
    };

    claim->attempt = run.attempt;
    claim->executor = executor;
    claim->sent_at_ms = now_ms;
    claim->cancel_at_ms = 0;
    claim->canceled = BQ_CANCEL_NONE;
    claim->in_hook = false;
    claim->settling = false;
    claim->retry = dispatcher->retry;
    claim->retry_on_timeout = true;
    claim->limit_text[0] = '\0';
    claim->watch_at_ms = 0;
    bq_executor_assigned(executor, claim);
    bq_run_put(bq_executor_begin(executor, BQ_MSG_RUN), &run);
    bq_executor_send(executor);
}

static struct bq_executor *next_idle(struct bq_dispatcher *dispatcher, int *from)
{
    for (; *from < dispatcher->n_executors; (*from)++) {
        if (dispatcher->executors[*from].state == BQ_EXECUTOR_IDLE) {
            return &dispatcher->executors[*from];
        }
    }
    return NULL;
}

void bq_assign(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    int from = 0;

    while (!bq_list_empty(&dispatcher->waiting) && bq_lease_sure(dispatcher, now_ms)) {
        struct bq_executor *executor = next_idle(dispatcher, &from);
        if (!executor) {
            return;
        }
        struct bq_claim *claim = bq_list_owner(dispatcher->waiting.next, struct bq_claim, link);
        bq_claim_move(dispatcher, claim, BQ_CLAIM_RUNNING);
        bq_executor_set_deadline(executor, now_ms + BQ_STARTED_LIMIT_MS,
                                 "did not start its job in 10 s");
        bq_assign_to(dispatcher, executor, claim, now_ms);
        bq_fault("dispatcher.assigned");
    }
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
    if (reason == BQ_CANCEL_ABORT) {
        bq_limit(claim->executor, until_ms, "aborted, and did not stop in 5 s");
    } else if (claim->stale) {
        bq_limit(claim->executor, until_ms, "its lease was lost, and it did not stop in 5 s");
    }
    struct bq_buf *body = bq_executor_begin(claim->executor, BQ_MSG_CANCEL);
    bq_buf_put_i64(body, claim->attempt);
    bq_buf_put_u8(body, (uint8_t)reason);
    bq_executor_send(claim->executor);
}
