#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "dispatcher/dispatcher.h"

void bq_relay_free(struct bq_relay *relay)
{
    if (relay) {
        bq_list_remove(&relay->link);
        bq_arena_clear(&relay->arena);
        free(relay);
    }
}

/* Where the row leaves its queue open, it is the broker's own: the same however often it is relayed. */
static bool read_job(struct bq_reader *in, const struct bq_broker *broker, struct barq_arena *arena,
                     struct bq_job *job)
{
    if (!bq_job_get(in, arena, job)) {
        return false;
    }
    if (job->queue[0] == '\0') {
        job->queue = broker->ops->default_queue;
    }
    if (!bq_job_valid(job)) {
        return false;
    }
    job->payload = bq_arena_memdup(arena, job->payload, job->payload_bytes);
    return job->payload;
}

static bool is_in(const struct bq_list *relays, int64_t attempt)
{
    bq_list_each (at, relays) {
        if (bq_list_owner(at, struct bq_relay, link)->attempt == attempt) {
            return true;
        }
    }
    return false;
}

bool bq_relay_take(struct bq_dispatcher *dispatcher, struct bq_executor *executor,
                   struct bq_reader *in, int64_t attempt)
{
    /* Who has not waited for the last answer could fill our memory. */
    bool waits = is_in(&dispatcher->relays, attempt) || is_in(&dispatcher->relaying, attempt);
    struct bq_relay *relay = waits ? NULL : calloc(1, sizeof(*relay));
    if (!relay) {
        return false;
    }

    bq_list_init(&relay->link);
    bq_arena_init(&relay->arena, 4 * (size_t)BQ_FRAME_MAX_BYTES);
    relay->executor = executor;
    relay->attempt = attempt;
    relay->count = bq_read_u32(in);
    bool good = relay->count > 0 && relay->count <= BQ_OUTBOX_CHUNK_ROWS;
    if (good) {
        relay->enqueues = bq_arena_array(&relay->arena, relay->count, sizeof(relay->enqueues[0]));
        good = relay->enqueues;
    }
    for (size_t i = 0; good && i < relay->count; i++) {
        good = read_job(in, dispatcher->broker, &relay->arena, &relay->enqueues[i].job);
    }
    if (!good || in->at != in->end) {
        bq_relay_free(relay);
        return false;
    }
    bq_list_add(&dispatcher->relays, &relay->link);
    bq_fault("dispatcher.relay_taken");
    return true;
}

static void log_refused(const struct bq_relay *relay)
{
    for (size_t i = 0; i < relay->count; i++) {
        if (relay->enqueues[i].exists) {
            bq_info("job not enqueued: one of its id is there",
                    bq_str("job", relay->enqueues[i].job.id));
        }
    }
}

static void limit(struct bq_dispatcher *dispatcher, struct bq_claim *claim, int64_t at_ms)
{
    static const char why[] = "hung while it relayed its outbox";

    if (claim) {
        bq_limit(dispatcher, claim, at_ms, why);
    } else {
        bq_limit_house(dispatcher, at_ms, why);
    }
}

void bq_relay_done(struct bq_dispatcher *dispatcher, struct bq_relay *relay, int64_t now_ms)
{
    struct bq_executor *executor = relay->executor;
    bool house = executor == &dispatcher->house;
    struct bq_claim *claim = house ? NULL : bq_work_find(executor, relay->attempt);
    bool waits = house ? dispatcher->chore_attempt == relay->attempt : claim != NULL;

    log_refused(relay);
    dispatcher->drained = false;
    bq_fault("dispatcher.relayed");
    if (waits && executor->state == BQ_EXECUTOR_BUSY) {
        struct bq_buf *body = bq_executor_begin(executor, BQ_MSG_RELAYED);
        bq_buf_put_i64(body, relay->attempt);
        bq_buf_put_i64(body, (int64_t)relay->count);
        bq_executor_end(executor);
        limit(dispatcher, claim, now_ms + BQ_RELAY_LIMIT_MS);
    }
    bq_relay_free(relay);
}
