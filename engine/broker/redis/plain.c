/*
 * plain.c - what every exchange says: which jobs are complete, and how many it
 * can take. When it says no more, lua/plain.lua answers it.
 */
#include "broker/redis/exchange.h"
#include "job/message.h"

/* 0: none, -1: for ever. */
int64_t bq_redis_keep_of(const struct bq_settle *settle)
{
    if (settle->keep_result_ms == BARQ_FOREVER) {
        return -1;
    }
    return settle->keep_result_ms > 0 ? settle->keep_result_ms : 0;
}

bool bq_redis_all_complete(const struct bq_exchange *x)
{
    for (size_t i = 0; i < x->n_settles; i++) {
        if (x->settles[i].kind != BQ_SETTLE_COMPLETE) {
            return false;
        }
    }
    return true;
}

/* The end of those from `from` on that were claimed together, and are kept for as long. */
static size_t end_of_group(const struct bq_exchange *x, size_t from)
{
    const struct bq_settle *first = &x->settles[from];
    size_t end = from + 1;

    while (end < x->n_settles && x->settles[end].claim == first->claim &&
           bq_redis_keep_of(&x->settles[end]) == bq_redis_keep_of(first)) {
        end++;
    }
    return end;
}

static void pack_group(struct bq_buf *request, const struct bq_settle *settles, size_t count)
{
    bq_pack_array(request, 4);
    bq_pack_digits(request, settles->claim);
    bq_pack_int(request, bq_redis_keep_of(settles));
    bq_pack_array(request, count);
    for (size_t i = 0; i < count; i++) {
        bq_pack_text(request, settles[i].id);
    }
    bq_pack_array(request, count);
    for (size_t i = 0; i < count; i++) {
        bq_pack_bytes(request, settles[i].result, settles[i].result_bytes);
    }
}

static void pack_completes(struct bq_buf *request, const struct bq_exchange *x)
{
    size_t count = bq_redis_all_complete(x) ? x->n_settles : 0;
    size_t groups = 0;

    for (size_t i = 0; i < count; i = end_of_group(x, i)) {
        groups++;
    }
    bq_pack_array(request, groups);
    for (size_t i = 0; i < count; i = end_of_group(x, i)) {
        pack_group(request, &x->settles[i], end_of_group(x, i) - i);
    }
}

void bq_redis_pack_shares(struct bq_buf *request, const struct redis_lease *lease,
                          const struct bq_exchange *x)
{
    bq_pack_array(request, x->n_shares > 0 ? x->n_shares : 1);
    for (size_t i = 0; i < x->n_shares; i++) {
        bq_pack_array(request, 2);
        bq_pack_text(request, x->shares[i].queue);
        bq_pack_int(request, (int64_t)x->shares[i].max);
    }
    if (x->n_shares == 0) {
        bq_pack_array(request, 2);
        bq_pack_text(request, lease->queues[0]);
        bq_pack_int(request, (int64_t)x->claim_max);
    }
}

int64_t bq_redis_room_for(const struct bq_exchange *x)
{
    size_t taken = x->arena->used_bytes + x->claim_max * sizeof(struct bq_claimed);
    size_t room = taken < x->arena->limit_bytes ? x->arena->limit_bytes - taken : 0;

    return (int64_t)(room < INT64_MAX ? room : INT64_MAX);
}

/* Does it say nothing else? */
static bool may_be_plain(const struct redis_lease *lease, const struct redis_view *view,
                         const struct bq_exchange *x)
{
    size_t others = x->n_reports + x->n_ticks + x->n_enqueues + x->n_probes;

    return bq_redis_all_complete(x) && others == 0 && lease->n_neighbours == 0 && !view->fresh &&
           !view->look && !view->claims && !x->state && !x->renew && !x->count && !x->leave;
}

void bq_redis_pack_plain(struct bq_buf *request, const struct redis_lease *lease,
                         const struct redis_view *view, const struct bq_exchange *x)
{
    bq_pack_array(request, 11);
    bq_pack_bool(request, may_be_plain(lease, view, x));
    bq_pack_int(request, bq_redis_db(view->redis));
    bq_pack_text(request, lease->token);
    bq_pack_int(request, lease->lease_ms);
    bq_pack_texts(request, (const char *const *)lease->queues, lease->n_queues);
    pack_completes(request, x);
    bq_redis_pack_shares(request, lease, x);
    bq_pack_int(request, (int64_t)x->claim_max);
    bq_pack_int(request, bq_redis_room_for(x));
    bq_pack_int(request, BQ_CLAIMED_EACH_BYTES);
    bq_pack_int(request, BQ_JOB_MAX_BYTES);
}
