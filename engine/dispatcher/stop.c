#include "base/log.h"
#include "base/time.h"
#include "dispatcher/dispatcher.h"

void bq_stop_release(struct bq_dispatcher *dispatcher)
{
    bq_list_each (at, &dispatcher->waiting) {
        bq_ack_release(dispatcher, bq_list_owner(at, struct bq_claim, link), false);
    }
    bq_list_each (at, &dispatcher->house_queue) {
        bq_ack_unsettled(dispatcher, bq_list_owner(at, struct bq_claim, link), 0);
    }
}

void bq_stop_begin(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    dispatcher->stopping++;
    if (dispatcher->stopping > 1) {
        bq_info("stopping at once");
        dispatcher->stop_at_ms = now_ms;
        return;
    }
    bq_info("stopping", bq_int("jobs", (int64_t)dispatcher->in_hand));
    bq_stop_release(dispatcher);
    bq_list_each (at, &dispatcher->running) {
        bq_cancel_claim(dispatcher, bq_list_owner(at, struct bq_claim, link), BQ_CANCEL_SHUTDOWN);
    }
    dispatcher->stop_at_ms = now_ms + BQ_STOP_LIMIT_MS;
}

bool bq_stop_done(struct bq_dispatcher *dispatcher)
{
    if (!dispatcher->learned) {
        return dispatcher->stopping || dispatcher->failed;
    }
    if (dispatcher->stopping && dispatcher->left) {
        return true;
    }
    /* A broker that is away is not waited for: the lease runs out by itself. */
    return dispatcher->stopping && dispatcher->broker_failures > 0 &&
           bq_list_empty(&dispatcher->running) && dispatcher->chore == BQ_CHORE_NONE;
}

static bool all_ended(struct bq_dispatcher *dispatcher)
{
    bool ended = dispatcher->house.child.pid == 0;

    for (int i = 0; i < dispatcher->n_executors; i++) {
        ended = ended && dispatcher->executors[i].child.pid == 0;
    }
    return ended;
}

void bq_stop_executors(struct bq_dispatcher *dispatcher)
{
    int64_t now_ms = bq_mono_ms();

    dispatcher->stopping += dispatcher->stopping == 0;
    for (int i = 0; i < dispatcher->n_executors; i++) {
        bq_executor_stop(&dispatcher->executors[i], now_ms, BQ_STOP_LIMIT_MS);
    }
    bq_executor_stop(&dispatcher->house, now_ms, BQ_STOP_LIMIT_MS);
    while (!all_ended(dispatcher)) {
        int64_t next_ms = bq_mono_ms() + BQ_POLL_MS;
        bq_check_executors(dispatcher, bq_mono_ms(), &next_ms);
        int64_t wait_ms = next_ms - bq_mono_ms();
        bq_loop_wait(&dispatcher->loop, wait_ms > 0 ? wait_ms : 0);
    }
}
