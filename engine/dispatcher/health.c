#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "dispatcher/dispatcher.h"

enum { HEALTH_EVERY_MS = 3600 * 1000 };

static bool is_there(const struct bq_executor *executor)
{
    return executor->state == BQ_EXECUTOR_IDLE || executor->state == BQ_EXECUTOR_BUSY;
}

static int64_t length(const struct bq_list *list)
{
    int64_t count = 0;

    for (const struct bq_list *at = list->next; at != list; at = at->next) {
        count++;
    }
    return count;
}

const struct bq_worker_state *bq_health_state(struct bq_dispatcher *dispatcher)
{
    struct bq_worker_state *state = &dispatcher->state;

    state->executors = 0;
    for (int i = 0; i < dispatcher->n_executors; i++) {
        state->executors += is_there(&dispatcher->executors[i]);
    }
    state->threads = dispatcher->threads;
    state->running = length(&dispatcher->running);
    return state;
}

/* Whoever looks at workers wants to see them work; but an idle one writes nothing between its renewals. */
const struct bq_worker_state *bq_health_news(struct bq_dispatcher *dispatcher, bool renew,
                                             int64_t now_ms)
{
    const struct bq_worker_state *state = bq_health_state(dispatcher);

    dispatcher->told.tally = NULL;
    bool news =
        dispatcher->tell_at_ms <= now_ms && memcmp(state, &dispatcher->told, sizeof(*state)) != 0;
    if (!renew && !news) {
        return NULL;
    }
    dispatcher->told = *state;
    dispatcher->told.tally = bq_counts_tell(dispatcher, now_ms);
    dispatcher->tell_at_ms = now_ms + BQ_POLL_MS;
    return &dispatcher->told;
}

void bq_health_status(struct bq_dispatcher *dispatcher)
{
    const struct bq_worker_state *state = bq_health_state(dispatcher);
    char lines[160];

    (void)snprintf(lines, sizeof(lines),
                   "STATUS=%" PRId64 " running, %" PRId64 " complete, %" PRId64 " failed, %" PRId64
                   " retried",
                   state->running, state->complete, state->failed, state->retried);
    bq_notify_say(&dispatcher->notify, lines);
}

void bq_health_learn(struct bq_dispatcher *dispatcher, const struct bq_ready *ready, int64_t now_ms)
{
    int64_t interval_ms = ready->health_check_interval_ms;

    dispatcher->health_interval_ms = interval_ms != 0 ? interval_ms : HEALTH_EVERY_MS;
    dispatcher->health_at_ms =
        dispatcher->health_interval_ms > 0 ? now_ms + dispatcher->health_interval_ms : 0;
}

void bq_health_ready(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    if (dispatcher->notify.watchdog_ms > 0) {
        dispatcher->watchdog_at_ms = now_ms;
    }
    bq_notify_say(&dispatcher->notify, "READY=1");
    bq_health_status(dispatcher);
}

static void log_health(struct bq_dispatcher *dispatcher)
{
    const struct bq_worker_state *state = bq_health_state(dispatcher);
    const struct bq_worker_state *logged = &dispatcher->logged;

    if (state->complete == logged->complete && state->failed == logged->failed &&
        state->retried == logged->retried && state->running == logged->running) {
        return;
    }
    bq_info("health", bq_int("complete", state->complete), bq_int("failed", state->failed),
            bq_int("retried", state->retried), bq_int("running", state->running),
            bq_int("executors", state->executors));
    dispatcher->logged = *state;
}

static void earlier(int64_t at_ms, int64_t *next_ms)
{
    if (at_ms != 0 && at_ms < *next_ms) {
        *next_ms = at_ms;
    }
}

void bq_health_check(struct bq_dispatcher *dispatcher, int64_t now_ms, int64_t *next_ms)
{
    if (dispatcher->health_at_ms != 0 && dispatcher->health_at_ms <= now_ms) {
        dispatcher->health_at_ms = now_ms + dispatcher->health_interval_ms;
        log_health(dispatcher);
    }
    if (dispatcher->watchdog_at_ms != 0 && dispatcher->watchdog_at_ms <= now_ms) {
        dispatcher->watchdog_at_ms = now_ms + dispatcher->notify.watchdog_ms / 2;
        bq_notify_say(&dispatcher->notify, "WATCHDOG=1");
    }
    bq_answers_check(dispatcher->vitals, now_ms, next_ms);
    earlier(dispatcher->health_at_ms, next_ms);
    earlier(dispatcher->watchdog_at_ms, next_ms);
}
