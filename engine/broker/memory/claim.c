#include <string.h>

#include "broker/memory/store.h"
#include "broker/reply.h"
#include "job/message.h"

/* A job that was lost may have been started: it is claimed for a free thread only. */
static bool is_lost(const struct memory_job *job)
{
    return job->losses > 0 || job->alone;
}

static bool claim_job(struct memory_broker *handle, struct bq_exchange *x, struct memory_job *job,
                      int64_t now_ms)
{
    struct bq_claimed *out = &x->claimed[x->n_claimed];
    struct bq_job shown = job->job;
    if (shown.payload_bytes > BQ_JOB_MAX_BYTES) {
        shown.payload = NULL;
    }
    bool fits = x->n_claimed == 0 ? bq_reply_first_job(x->arena, &shown, &out->job)
                                  : bq_reply_job(x->arena, &shown, &out->job);
    const char *refusal = fits ? bq_memory_refusal(job) : NULL;
    if (refusal) {
        refusal = bq_reply_text(x->arena, refusal);
        fits = refusal != NULL; /* without it, it would be run */
    }
    if (!fits || !bq_memory_take_slots(handle->store, job, handle->store->last_claim + 1, now_ms)) {
        return false;
    }

    job->holder = handle;
    job->claim = ++handle->store->last_claim;
    job->claimed_at_ms = now_ms;
    bq_memory_move(handle->store, job, MEMORY_RUNNING, now_ms);
    out->refusal = refusal;
    out->claim = job->claim;
    out->claimed_before = job->claimed_before || job->job.uncertain;
    out->job.uncertain = job->job.uncertain && !job->claimed_before;
    out->aborted = job->aborted;
    out->tries = job->tries;
    out->losses = job->losses;
    out->crashes = job->crashes;
    out->alone = job->alone;
    x->n_claimed++;
    return true;
}

/* What has its turn later than this is not due at `at_ms`, whatever its priority. */
static int64_t last_turn_ms(int64_t at_ms)
{
    int64_t reach_ms = (int64_t)BARQ_PRIORITY_MAX * BARQ_PRIORITY_STEP_MS;

    return at_ms < INT64_MAX - reach_ms ? at_ms + reach_ms : INT64_MAX;
}

/* Claims up to `max` jobs of one kind; false when the arena is full. */
static bool claim_kind(struct memory_broker *handle, const struct memory_queue *queue, bool lost,
                       size_t max, struct bq_exchange *x, int64_t now_ms)
{
    bq_list_each (at, &handle->store->waiting) {
        struct memory_job *job = bq_list_owner(at, struct memory_job, line);

        if (max == 0 || job->line_at_ms > last_turn_ms(now_ms)) {
            break;
        }
        if (job->queue != queue || job->job.due_at_ms > now_ms || is_lost(job) != lost) {
            continue;
        }
        size_t free_threads =
            x->claim_free_max > x->n_claimed ? x->claim_free_max - x->n_claimed : 0;
        enum memory_verdict verdict = bq_memory_judge(handle->store, job, free_threads, now_ms);
        if (verdict == MEMORY_STOP) {
            break;
        }
        if (verdict == MEMORY_HOLD) {
            continue;
        }
        if (!claim_job(handle, x, job, now_ms)) {
            return false;
        }
        max--;
    }
    return true;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* At most `max` jobs of one queue; `*lost_left` of them may be lost ones. False when the arena is full. */
static bool claim_queue(struct memory_broker *handle, const struct memory_queue *queue, size_t max,
                        size_t *lost_left, struct bq_exchange *x, int64_t now_ms)
{
    size_t before = x->n_claimed;

    if (queue->paused) {
        return true;
    }
    bool fits = claim_kind(handle, queue, true, least(max, *lost_left), x, now_ms);
    *lost_left -= x->n_claimed - before;
    max -= x->n_claimed - before;
    return fits && claim_kind(handle, queue, false, max, x, now_ms);
}

static const struct memory_queue *find_queue(const struct memory_broker *handle, const char *name)
{
    for (size_t i = 0; i < handle->n_queues; i++) {
        if (strcmp(handle->queues[i]->name, name) == 0) {
            return handle->queues[i];
        }
    }
    return NULL;
}

/* Each queue its share; `beyond`: what they have left over, in their order. False when the arena is full. */
static bool claim_shares(struct memory_broker *handle, bool beyond, size_t *lost_left,
                         struct bq_exchange *x, int64_t now_ms)
{
    bool fits = true;

    for (size_t i = 0; fits && i < x->n_shares; i++) {
        const struct memory_queue *queue = find_queue(handle, x->shares[i].queue);
        size_t left = x->claim_max - x->n_claimed;
        size_t max = beyond ? left : least(left, x->shares[i].max);

        fits = !queue || claim_queue(handle, queue, max, lost_left, x, now_ms);
    }
    return fits;
}

void bq_memory_claim(struct memory_broker *handle, struct bq_exchange *x, int64_t now_ms)
{
    size_t lost_left = x->claim_lost_max;

    x->claimed =
        x->claim_max > 0 ? bq_reply_array(x->arena, x->claim_max, sizeof(struct bq_claimed)) : NULL;
    if (!x->claimed) {
        return;
    }
    if (x->n_shares == 0) {
        (void)claim_queue(handle, handle->queues[0], x->claim_max, &lost_left, x, now_ms);
    } else if (claim_shares(handle, false, &lost_left, x, now_ms)) {
        (void)claim_shares(handle, true, &lost_left, x, now_ms);
    }
    bq_reply_lost_first(x);
}

bool bq_memory_serves(const struct memory_broker *handle, const struct memory_job *job)
{
    for (size_t i = 0; i < handle->n_queues; i++) {
        if (handle->queues[i] == job->queue) {
            return true;
        }
    }
    return false;
}

int64_t bq_memory_next_due_in_ms(const struct memory_broker *handle, int64_t now_ms)
{
    int64_t next_at_ms = INT64_MAX;

    bq_list_each (at, &handle->store->waiting) {
        const struct memory_job *job = bq_list_owner(at, struct memory_job, line);

        if (next_at_ms <= now_ms || job->line_at_ms > last_turn_ms(next_at_ms)) {
            break;
        }
        if (job->queue->paused || job->job.due_at_ms >= next_at_ms ||
            !bq_memory_serves(handle, job)) {
            continue;
        }
        int64_t at_ms = job->job.due_at_ms > now_ms ? job->job.due_at_ms
                                                    : bq_memory_free_at(handle->store, job, now_ms);
        next_at_ms = at_ms < next_at_ms ? at_ms : next_at_ms;
    }
    if (next_at_ms == INT64_MAX) {
        return -1;
    }
    return next_at_ms > now_ms ? next_at_ms - now_ms : 0;
}
