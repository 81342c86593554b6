#include <assert.h>

#include "base/log.h"
#include "base/time.h"
#include "dispatcher/dispatcher.h"

typedef void stop_step(struct bq_dispatcher *dispatcher, int64_t now_ms);

static void log_stage(struct bq_dispatcher *dispatcher, const char *event)
{
    const struct bq_worker_state *state = bq_health_state(dispatcher);

    bq_info(event, bq_int("complete", state->complete), bq_int("failed", state->failed),
            bq_int("retried", state->retried), bq_int("running", state->running));
}

void bq_stop_release(struct bq_dispatcher *dispatcher)
{
    bq_list_each (at, &dispatcher->waiting) {
        bq_ack_release(dispatcher, bq_list_owner(at, struct bq_claim, link), false);
    }
    if (dispatcher->stopping <= BQ_STOP_DRAIN) {
        return;
    }
    bq_list_each (at, &dispatcher->house_queue) {
        bq_ack_unsettled(dispatcher, bq_list_owner(at, struct bq_claim, link), 0);
    }
}

static void drain(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    bool waits = dispatcher->completion_wait_ms > 0;

    log_stage(dispatcher, waits ? "stopping: waits for what runs" : "stopping");
    bq_notify_say(&dispatcher->notify, "STOPPING=1");
    bq_stop_release(dispatcher);
    bq_recall_all(dispatcher);
    dispatcher->stop_at_ms = now_ms + dispatcher->completion_wait_ms;
}

static void cancel(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    if (!bq_list_empty(&dispatcher->running)) {
        log_stage(dispatcher, "stopping: tells what runs to stop");
    }
    bq_stop_release(dispatcher);
    bq_list_each (at, &dispatcher->running) {
        bq_cancel_claim(dispatcher, bq_list_owner(at, struct bq_claim, link), BQ_CANCEL_SHUTDOWN);
    }
    dispatcher->stop_at_ms = now_ms + BQ_STOP_LIMIT_MS;
}

static void kill_running(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    (void)now_ms;
    if (!bq_list_empty(&dispatcher->running)) {
        log_stage(dispatcher, "stopping: kills what runs");
    }
    dispatcher->stop_at_ms = 0;
    bq_list_each (at, &dispatcher->running) {
        struct bq_claim *claim = bq_list_owner(at, struct bq_claim, link);
        bq_executor_kill(claim->executor, "stopped with its worker");
    }
    bq_list_each (at, &dispatcher->after) {
        struct bq_claim *claim = bq_list_owner(at, struct bq_claim, link);
        bq_executor_kill(claim->executor, "stopped with its worker");
    }
    if (dispatcher->chore != BQ_CHORE_NONE) {
        bq_executor_kill(&dispatcher->house, "stopped with its worker");
    }
}

static void shut_down(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    for (int i = 0; i < dispatcher->n_executors; i++) {
        bq_executor_stop(&dispatcher->executors[i], now_ms, BQ_STOP_LIMIT_MS);
    }
    bq_executor_stop(&dispatcher->house, now_ms, BQ_STOP_LIMIT_MS);
    dispatcher->stop_at_ms = 0;
}

static void kill_all(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    (void)now_ms;
    for (int i = 0; i < dispatcher->n_executors; i++) {
        bq_executor_kill(&dispatcher->executors[i], "stopped with its worker");
    }
    bq_executor_kill(&dispatcher->house, "stopped with its worker");
}

static stop_step *const steps[BQ_STOP_STAGES] = {
    [BQ_STOP_DRAIN] = drain,        [BQ_STOP_CANCEL] = cancel,     [BQ_STOP_KILL] = kill_running,
    [BQ_STOP_SHUTDOWN] = shut_down, [BQ_STOP_KILL_ALL] = kill_all,
};

static void enter(struct bq_dispatcher *dispatcher, enum bq_stop_stage stage, int64_t now_ms)
{
    assert(stage > BQ_STOP_NONE && stage < BQ_STOP_STAGES);
    dispatcher->stopping = stage;
    steps[stage](dispatcher, now_ms);
}

void bq_stop_next(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    enum bq_stop_stage stage = dispatcher->stopping;

    if (stage != BQ_STOP_KILL && stage != BQ_STOP_KILL_ALL) {
        enter(dispatcher, stage + 1, now_ms);
    }
    bq_stop_check(dispatcher, now_ms, &(int64_t){0});
}

void bq_stop_check(struct bq_dispatcher *dispatcher, int64_t now_ms, int64_t *next_ms)
{
    while (dispatcher->stop_at_ms != 0 && dispatcher->stop_at_ms <= now_ms) {
        enter(dispatcher, dispatcher->stopping + 1, now_ms);
    }
    if (dispatcher->stop_at_ms != 0 && dispatcher->stop_at_ms < *next_ms) {
        *next_ms = dispatcher->stop_at_ms;
    }
}

bool bq_stop_done(struct bq_dispatcher *dispatcher)
{
    if (!dispatcher->learned) {
        return dispatcher->stopping || dispatcher->failed;
    }
    if (dispatcher->stopping && dispatcher->left) {
        return true;
    }
    /* A broker that is away is waited for as long as for a job, since a connection that broke is soon back, and what was
     * claimed can be given back; no longer: then the lease runs out by itself. */
    return dispatcher->stopping > BQ_STOP_CANCEL && dispatcher->broker_failures > 0 &&
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
    enter(dispatcher, BQ_STOP_SHUTDOWN, bq_mono_ms());
    while (!all_ended(dispatcher)) {
        int64_t next_ms = bq_mono_ms() + BQ_POLL_MS;
        bq_check_executors(dispatcher, bq_mono_ms(), &next_ms);
        bq_health_check(dispatcher, bq_mono_ms(), &next_ms);
        bq_reap_orphans(dispatcher);
        bq_log_flush();
        int64_t wait_ms = next_ms - bq_mono_ms();
        bq_loop_wait(&dispatcher->loop, wait_ms > 0 ? wait_ms : 0);
    }
}
