/*
 * plain.c - what most exchanges are: which jobs are complete, and how many it
 * can take, in columns (lua/plain.lua).
 */
#include <string.h>

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

/* Of what is not complete, so many are compared with all that is. */
enum { OTHERS_MAX = 64 };

/* Is one of those that are complete told twice, and before as something else? Then their order counts. */
static bool is_complete_too(const struct bq_exchange *x, const struct bq_settle *other)
{
    for (size_t i = 0; i < x->n_settles; i++) {
        const struct bq_settle *settle = &x->settles[i];

        if (settle->kind == BQ_SETTLE_COMPLETE && settle->claim == other->claim &&
            strcmp(settle->id, other->id) == 0) {
            return true;
        }
    }
    return false;
}

size_t bq_redis_count_complete(const struct bq_exchange *x)
{
    size_t others = 0;

    for (size_t i = 0; i < x->n_settles; i++) {
        const struct bq_settle *settle = &x->settles[i];

        if (settle->kind != BQ_SETTLE_COMPLETE &&
            (++others > OTHERS_MAX || is_complete_too(x, settle))) {
            return 0;
        }
    }
    return x->n_settles - others;
}

/* The next of those that are complete, from `i` on; or n_settles. */
static size_t next_complete(const struct bq_exchange *x, size_t i)
{
    while (i < x->n_settles && x->settles[i].kind != BQ_SETTLE_COMPLETE) {
        i++;
    }
    return i;
}

/* Those that are complete from `from` on, were claimed together, and are kept for as long: how many, and where the next
 * of another kind is. */
static size_t end_of_group(const struct bq_exchange *x, size_t from, size_t *count)
{
    const struct bq_settle *first = &x->settles[from];
    size_t i = from;

    for (*count = 0; i < x->n_settles && x->settles[i].claim == first->claim &&
                     bq_redis_keep_of(&x->settles[i]) == bq_redis_keep_of(first);
         i = next_complete(x, i + 1)) {
        (*count)++;
    }
    return i;
}

static void pack_group(struct bq_buf *request, const struct bq_exchange *x, size_t from)
{
    const struct bq_settle *first = &x->settles[from];
    size_t count;
    size_t end = end_of_group(x, from, &count);

    bq_pack_array(request, 4);
    bq_pack_digits(request, first->claim);
    bq_pack_int(request, bq_redis_keep_of(first));
    bq_pack_array(request, count);
    for (size_t i = from; i < end; i = next_complete(x, i + 1)) {
        bq_pack_text(request, x->settles[i].id);
    }
    bq_pack_array(request, count);
    for (size_t i = from; i < end; i = next_complete(x, i + 1)) {
        bq_pack_bytes(request, x->settles[i].result, x->settles[i].result_bytes);
    }
}

static void pack_completes(struct bq_buf *request, const struct bq_exchange *x)
{
    size_t first = bq_redis_count_complete(x) > 0 ? next_complete(x, 0) : x->n_settles;
    size_t groups = 0;
    size_t count;

    for (size_t i = first; i < x->n_settles; i = end_of_group(x, i, &count)) {
        groups++;
    }
    bq_pack_array(request, groups);
    for (size_t i = first; i < x->n_settles; i = end_of_group(x, i, &count)) {
        pack_group(request, x, i);
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

    return bq_redis_count_complete(x) == x->n_settles && others == 0 && lease->n_neighbours == 0 &&
           !view->fresh && !view->look && !view->claims && !x->state && !x->renew && !x->count &&
           !x->leave;
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
