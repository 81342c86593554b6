#include "base/log.h"
#include "dispatcher/dispatcher.h"

bool bq_lease_sure(const struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    /* It was renewed a third of it before renew_at_ms, or a little earlier by the broker's clock. */
    return now_ms < dispatcher->renew_at_ms + dispatcher->options.lease_ms / 2;
}

static void drop_all(struct bq_dispatcher *dispatcher, struct bq_list *list)
{
    bq_list_each (at, list) {
        bq_claim_drop(dispatcher, bq_list_owner(at, struct bq_claim, link));
    }
}

void bq_lease_lost(struct bq_dispatcher *dispatcher)
{
    bq_warn("the lease was lost: running jobs are somebody else's now",
            bq_int("jobs", (int64_t)dispatcher->in_hand));
    drop_all(dispatcher, &dispatcher->waiting);
    drop_all(dispatcher, &dispatcher->ended);
    drop_all(dispatcher, &dispatcher->house_queue);
    if (dispatcher->chore_claim) {
        dispatcher->chore_claim->stale = true;
    }
    bq_recall_all(dispatcher);
    bq_list_each (at, &dispatcher->running) {
        struct bq_claim *claim = bq_list_owner(at, struct bq_claim, link);
        claim->stale = true;
        bq_cancel_claim(dispatcher, claim, BQ_CANCEL_SHUTDOWN);
    }
}
