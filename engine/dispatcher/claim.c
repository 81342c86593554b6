#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/time.h"
#include "dispatcher/dispatcher.h"

/* Copies `len` bytes and a NUL to `*at`, which moves on. */
static const char *copy(char **at, const void *from, size_t len)
{
    char *to = *at;

    memcpy(to, from, len);
    to[len] = '\0';
    *at += len + 1;
    return to;
}

struct bq_claim *bq_claim_new(const struct bq_claimed *claimed)
{
    const struct bq_job *job = &claimed->job;
    size_t id_len = strlen(job->id);
    size_t queue_len = strlen(job->queue);
    size_t function_len = strlen(job->function);
    struct bq_claim *claim =
        malloc(sizeof(*claim) + id_len + queue_len + function_len + job->payload_bytes + 4);

    if (!claim) {
        return NULL;
    }
    char *at = (char *)(claim + 1);
    *claim = (struct bq_claim){.state = BQ_CLAIM_WAITING, .claimed = *claimed};
    bq_list_init(&claim->link);
    bq_list_init(&claim->at_executor);
    claim->claimed.job.id = copy(&at, job->id, id_len);
    claim->claimed.job.queue = copy(&at, job->queue, queue_len);
    claim->claimed.job.function = copy(&at, job->function, function_len);
    claim->claimed.refusal = NULL; /* it becomes the verdict */
    claim->claimed.job.key = NULL; /* the broker's matter, as is what it waited for */
    claim->claimed.job.payload = copy(&at, job->payload, job->payload_bytes);
    return claim;
}

int bq_claim_try(const struct bq_claim *claim)
{
    int next = claim->claimed.tries + 1;

    return claim->told_try > next ? claim->told_try : next;
}

void bq_claim_free(struct bq_claim *claim)
{
    if (claim) {
        bq_list_remove(&claim->link);
        bq_list_remove(&claim->at_executor);
        free(claim->result);
        free(claim->history);
        bq_report_free(claim);
        bq_span_free(claim);
        free(claim);
    }
}

void bq_claim_move(struct bq_dispatcher *dispatcher, struct bq_claim *claim,
                   enum bq_claim_state state)
{
    struct bq_list *const lists[] = {
        [BQ_CLAIM_WAITING] = &dispatcher->waiting,   [BQ_CLAIM_RUNNING] = &dispatcher->running,
        [BQ_CLAIM_HOUSE] = &dispatcher->house_queue, [BQ_CLAIM_ENDED] = &dispatcher->ended,
        [BQ_CLAIM_AFTER] = &dispatcher->after,
    };

    bq_list_remove(&claim->link);
    claim->state = state;
    bq_list_add(lists[state], &claim->link);
}

void bq_claim_drop(struct bq_dispatcher *dispatcher, struct bq_claim *claim)
{
    if (claim->stays && claim->executor) {
        bq_ack_after(dispatcher, claim, false, bq_mono_ms());
        return;
    }
    dispatcher->in_hand--;
    dispatcher->in_hand_bytes -= claim->claimed.job.payload_bytes;
    bq_claim_free(claim);
}

/* The last of those that run alone, which wait in front; the list itself when there is none. */
static struct bq_list *last_lone(struct bq_dispatcher *dispatcher)
{
    struct bq_list *last = &dispatcher->waiting;

    while (last->next != &dispatcher->waiting &&
           bq_list_owner(last->next, struct bq_claim, link)->claimed.alone) {
        last = last->next;
    }
    return last;
}

static void wait_behind(struct bq_claim *claim, struct bq_list *before)
{
    bq_list_remove(&claim->link);
    claim->state = BQ_CLAIM_WAITING;
    bq_list_push(before, &claim->link);
}

void bq_claim_again(struct bq_dispatcher *dispatcher, struct bq_claim *claim)
{
    wait_behind(claim, claim->claimed.alone ? &dispatcher->waiting : last_lone(dispatcher));
}

static bool is_idle(const struct bq_executor *executor)
{
    return executor->state == BQ_EXECUTOR_IDLE && !executor->retiring;
}

size_t bq_claim_idle(const struct bq_dispatcher *dispatcher)
{
    size_t idle = 0;

    for (int i = 0; i < dispatcher->n_executors; i++) {
        idle += is_idle(&dispatcher->executors[i]);
    }
    return idle;
}

size_t bq_claim_at_once(const struct bq_dispatcher *dispatcher)
{
    size_t count = 0;

    for (int i = 0; bq_list_empty(&dispatcher->waiting) && i < dispatcher->n_executors; i++) {
        const struct bq_executor *executor = &dispatcher->executors[i];
        bool busy = executor->state == BQ_EXECUTOR_BUSY && !executor->lone && !executor->recalled;
        int left = executor->threads - executor->load;

        if (left > 0 && !executor->retiring && (busy || is_idle(executor))) {
            count += (size_t)left;
        }
    }
    return count;
}

/* How many jobs that were lost can be claimed: one for each executor with nothing to do; or one, if there is a free
 * thread somewhere, whose executor it will have for itself in the end. */
static size_t lost_room_of(const struct bq_dispatcher *dispatcher)
{
    bool all_given = bq_list_empty(&dispatcher->waiting);
    size_t idle = 0;
    bool one_free = false;

    for (int i = 0; i < dispatcher->n_executors; i++) {
        const struct bq_executor *executor = &dispatcher->executors[i];
        bool offered = (all_given || executor->kept > 0) && !executor->retiring;
        idle += offered && executor->state == BQ_EXECUTOR_IDLE;
        one_free = one_free || (offered && executor->state == BQ_EXECUTOR_BUSY && !executor->lone &&
                                executor->load < executor->threads);
    }
    return idle > 0 ? idle : one_free;
}

/* What the executors would do in BQ_PREFETCH_AHEAD_MS, so that other workers get the rest; nothing for long jobs. */
static size_t prefetch(const struct bq_dispatcher *dispatcher)
{
    if (dispatcher->mean_us <= 0) {
        return 0;
    }
    double ahead = (double)dispatcher->n_executors * dispatcher->threads *
                   (1000.0 * BQ_PREFETCH_AHEAD_MS / dispatcher->mean_us);
    return ahead < BQ_MAX_PREFETCH ? (size_t)ahead : BQ_MAX_PREFETCH;
}

size_t bq_claim_most(const struct bq_dispatcher *dispatcher)
{
    size_t threads = (size_t)dispatcher->n_executors * (size_t)dispatcher->threads;
    bool many_bytes = dispatcher->in_hand_bytes >= BQ_CLAIM_ARENA_BYTES;

    size_t most = threads + (many_bytes ? 0 : prefetch(dispatcher));
    bool shared = dispatcher->shared_timeout_ms > 0;
    return shared && most > BARQ_SHARED_MAX_JOBS ? BARQ_SHARED_MAX_JOBS : most;
}

size_t bq_claim_room(const struct bq_dispatcher *dispatcher, size_t *lost_room)
{
    size_t most = bq_claim_most(dispatcher);

    *lost_room = lost_room_of(dispatcher);
    size_t room = most > dispatcher->in_hand ? most - dispatcher->in_hand : 0;
    /* A claim of a few costs as much as one of many: wait until it pays, unless somebody is idle. */
    return room >= most / 4 || *lost_room > 0 ? room : 0;
}

/* What no message can hold is not kept: its job fails as unreadable, and says so. */
static struct bq_claim *new_claim(const struct bq_claimed *claimed)
{
    struct bq_claimed empty = *claimed;
    if (claimed->job.payload_bytes <= BQ_JOB_MAX_BYTES) {
        return bq_claim_new(claimed);
    }

    empty.job.payload = "";
    empty.job.payload_bytes = 0;
    struct bq_claim *claim = bq_claim_new(&empty);
    if (claim) {
        (void)snprintf(claim->verdict, sizeof(claim->verdict), "the job is larger than %d bytes",
                       BQ_JOB_MAX_BYTES);
    }
    return claim;
}

/* Renewals do not prolong it: who looks at the lock between two of them may see none. */
static int64_t commit_until(const struct bq_dispatcher *dispatcher)
{
    if (dispatcher->shared_timeout_ms == 0) {
        return 0;
    }
    return dispatcher->exchange_began_at_ms + dispatcher->options.lease_ms - BQ_SHARED_GUARD_MS;
}

bool bq_claim_late(const struct bq_dispatcher *dispatcher, const struct bq_claim *claim,
                   int64_t now_ms)
{
    return claim->commit_until_ms != 0 &&
           now_ms > claim->commit_until_ms - dispatcher->shared_timeout_ms;
}

static void take_one(struct bq_dispatcher *dispatcher, const struct bq_claimed *claimed)
{
    struct bq_claim *claim = new_claim(claimed);

    if (!claim) {
        /* A claim that we renew but do not know would never come back: let the lease go. */
        dispatcher->failed = true;
        (void)bq_fail(&dispatcher->err, BARQ_ERR_NOMEM, "worker: out of memory for a claimed job");
        return;
    }
    bq_debug("job claimed", bq_str("job", claimed->job.id), bq_int("tries", claimed->tries),
             bq_int("losses", claimed->losses));
    claim->commit_until_ms = commit_until(dispatcher);
    dispatcher->in_hand++;
    dispatcher->in_hand_bytes += claim->claimed.job.payload_bytes;
    if (claimed->losses >= BARQ_MAX_LOSSES) {
        (void)snprintf(claim->verdict, sizeof(claim->verdict),
                       "poison: lost with its worker %d times", claimed->losses);
        bq_claim_move(dispatcher, claim, BQ_CLAIM_HOUSE);
    } else if (claimed->crashes >= BARQ_MAX_CRASHES) {
        (void)snprintf(claim->verdict, sizeof(claim->verdict),
                       "poison: took its executor down %d times", claimed->crashes);
        bq_claim_move(dispatcher, claim, BQ_CLAIM_HOUSE);
    } else if (claimed->refusal) {
        (void)snprintf(claim->verdict, sizeof(claim->verdict), "%s", claimed->refusal);
        bq_claim_move(dispatcher, claim, BQ_CLAIM_HOUSE);
    } else if (claimed->alone) {
        wait_behind(claim, last_lone(dispatcher));
    } else {
        bq_claim_move(dispatcher, claim, BQ_CLAIM_WAITING);
    }
}

void bq_claim_take(struct bq_dispatcher *dispatcher, const struct bq_exchange *exchange)
{
    for (size_t i = 0; i < exchange->n_claimed; i++) {
        take_one(dispatcher, &exchange->claimed[i]);
    }
}

struct bq_claim *bq_claim_running(struct bq_dispatcher *dispatcher, const char *id)
{
    bq_list_each (at, &dispatcher->running) {
        struct bq_claim *claim = bq_list_owner(at, struct bq_claim, link);
        if (!claim->stale && strcmp(claim->claimed.job.id, id) == 0) {
            return claim;
        }
    }
    return NULL;
}
