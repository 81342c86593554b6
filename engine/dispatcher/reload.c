#include "dispatcher/reload.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "dispatcher/dispatcher.h"

static void file_changed(struct bq_watch *watch, uint32_t events)
{
    struct bq_reload *reload =
        (struct bq_reload *)(void *)((char *)watch - offsetof(struct bq_reload, watch));
    (void)events;

    if (bq_changes_take(&reload->changes)) {
        reload->quiet_at_ms = bq_mono_ms() + BQ_RELOAD_QUIET_MS;
    }
}

enum barq_status bq_reload_open(struct bq_dispatcher *dispatcher, struct barq_error *err)
{
    struct bq_reload *reload = &dispatcher->reload;
    const char *path = dispatcher->options.watch_path;

    reload->watch.ready = file_changed;
    if (!path) {
        return BARQ_OK;
    }
    enum barq_status status = bq_changes_open(&reload->changes, path, err);
    return status == BARQ_OK
               ? bq_loop_add(&dispatcher->loop, &reload->watch, reload->changes.fd, EPOLLIN, err)
               : status;
}

void bq_reload_close(struct bq_dispatcher *dispatcher)
{
    bq_loop_remove(&dispatcher->loop, &dispatcher->reload.watch);
    bq_changes_close(&dispatcher->reload.changes);
}

void bq_reload_ask(struct bq_dispatcher *dispatcher, const char *from)
{
    if (!dispatcher->stopping) {
        bq_info("reloading", bq_str("asked_by", from));
        dispatcher->reload.asked = true;
    }
}

/* Trials of before that have ended make room. */
static void forget_ended(struct bq_dispatcher *dispatcher)
{
    while (dispatcher->n_executors > dispatcher->options.executors) {
        const struct bq_executor *last = &dispatcher->executors[dispatcher->n_executors - 1];
        if (last->state != BQ_EXECUTOR_OFF || last->spawn_at_ms != 0) {
            return;
        }
        dispatcher->n_executors--;
    }
}

static void begin_trial(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    struct bq_reload *reload = &dispatcher->reload;
    int at = dispatcher->n_executors;

    if (at >= dispatcher->options.executors + BQ_RELOAD_SPARES) {
        return; /* asked again in the next turn */
    }
    reload->asked = false;
    reload->began_at_ms = now_ms;
    reload->why[0] = '\0';
    reload->trial = &dispatcher->executors[at];
    bq_start_executor(dispatcher, reload->trial, &dispatcher->job_role, at + 1);
    dispatcher->n_executors++;
    bq_notify_reloading(&dispatcher->notify);
}

/* The trial is not needed any more: it ends when it has nothing to do. */
static void release_trial(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    struct bq_executor *trial = dispatcher->reload.trial;

    dispatcher->reload.rolling = false;
    dispatcher->reload.trial = NULL;
    if (trial) {
        bq_retire(trial, now_ms);
    }
}

static bool is_old(const struct bq_dispatcher *dispatcher, const struct bq_executor *executor)
{
    return executor->spawned_at_ms <= dispatcher->reload.began_at_ms;
}

/* Of the old ones that are left one is retired, unless one is just being replaced; false: none is left. */
static bool roll(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    struct bq_executor *next = NULL;
    bool replacing = false;
    bool left = false;

    for (int i = 0; i < dispatcher->options.executors; i++) {
        struct bq_executor *executor = &dispatcher->executors[i];
        bool works = executor->state == BQ_EXECUTOR_IDLE || executor->state == BQ_EXECUTOR_BUSY;
        replacing = replacing || !works;
        left = left || !works || is_old(dispatcher, executor);
        if (!next && works && !executor->retiring && is_old(dispatcher, executor)) {
            next = executor;
        }
    }
    if (next && !replacing) {
        bq_retire(next, now_ms);
    }
    return left;
}

void bq_reload_check(struct bq_dispatcher *dispatcher, int64_t now_ms, int64_t *next_ms)
{
    struct bq_reload *reload = &dispatcher->reload;

    if (reload->quiet_at_ms != 0 && reload->quiet_at_ms <= now_ms) {
        reload->quiet_at_ms = 0;
        bq_reload_ask(dispatcher, "a changed file");
    }
    if (reload->quiet_at_ms != 0 && reload->quiet_at_ms < *next_ms) {
        *next_ms = reload->quiet_at_ms;
    }
    if (!dispatcher->learned || dispatcher->stopping) {
        return;
    }
    forget_ended(dispatcher);
    if (reload->rolling && reload->asked) {
        release_trial(dispatcher, now_ms); /* what it has proved is old already */
    }
    if (reload->rolling && !roll(dispatcher, now_ms)) {
        release_trial(dispatcher, now_ms);
        bq_executor_retire(&dispatcher->house, BQ_STOP_LIMIT_MS);
        bq_info("reloaded");
        bq_notify_say(&dispatcher->notify, "READY=1");
    }
    if (reload->asked && !reload->rolling && !reload->trial) {
        begin_trial(dispatcher, now_ms);
    }
}

/* Texts one after the other; where one ends matters. */
static uint64_t add_text(uint64_t before, const char *text)
{
    return before * 31 + bq_hash(text, strlen(text)) + 1;
}

static uint64_t add_number(uint64_t before, int64_t number)
{
    return before * 31 + bq_hash(&number, sizeof(number)) + 1;
}

static uint64_t add_limit(uint64_t before, const struct bq_limit_rule *rule)
{
    const struct bq_limit *const both[] = {&rule->all, &rule->each_key};
    uint64_t sum = add_text(before, rule->function);

    for (size_t i = 0; i < 2; i++) {
        sum = add_text(sum, both[i]->name ? both[i]->name : "");
        sum = add_number(sum, both[i]->max_running);
        sum = add_number(sum, both[i]->max_starts);
        sum = add_number(sum, both[i]->per_ms);
    }
    return sum;
}

static uint64_t add_cron_job(uint64_t before, const struct bq_cron_job *job)
{
    const char *const texts[] = {job->name,      job->function, job->schedule,
                                 job->time_zone, job->queue,    job->arguments};
    uint64_t sum = add_number(before, job->run_at_startup);

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        sum = add_text(sum, texts[i]);
    }
    return add_number(sum, job->missed);
}

struct bq_told bq_reload_tell(const struct bq_ready *ready)
{
    struct bq_told told = {.max_jobs = ready->max_jobs,
                           .shared_timeout_ms = ready->shared_timeout_ms};

    for (size_t i = 0; i < ready->n_queues; i++) {
        told.queues =
            add_number(add_text(told.queues, ready->queues[i].name), ready->queues[i].weight);
    }
    for (size_t i = 0; i < ready->n_limits; i++) {
        told.limits = add_limit(told.limits, &ready->limits[i]);
    }
    for (size_t i = 0; i < ready->n_cron_jobs; i++) {
        told.cron_jobs = add_cron_job(told.cron_jobs, &ready->cron_jobs[i]);
    }
    return told;
}

static void say_one(bool differs, const char *name)
{
    if (differs) {
        bq_warn("a changed setting needs a restart of the worker", bq_str("setting", name));
    }
}

static void say_what_needs_a_restart(const struct bq_told *old, struct bq_told new)
{
    say_one(old->queues != new.queues, "queues");
    say_one(old->limits != new.limits, "limits");
    say_one(old->max_jobs != new.max_jobs, "max_jobs");
    say_one(old->shared_timeout_ms != new.shared_timeout_ms,
            "shared_with_arq, or its longest job_timeout");
}

/* Is this the last new one that was missing? */
static bool is_last(const struct bq_dispatcher *dispatcher, const struct bq_executor *executor)
{
    for (int i = 0; i < dispatcher->options.executors; i++) {
        const struct bq_executor *other = &dispatcher->executors[i];
        bool works = other->state == BQ_EXECUTOR_IDLE || other->state == BQ_EXECUTOR_BUSY;
        if (other != executor && (!works || is_old(dispatcher, other))) {
            return false;
        }
    }
    return !is_old(dispatcher, executor);
}

/* Not before all are new: an old one would not know what a new cron job calls. */
static void learn_crons(struct bq_dispatcher *dispatcher, const struct bq_ready *ready)
{
    uint64_t cron_jobs = bq_reload_tell(ready).cron_jobs;
    struct barq_error err;

    if (cron_jobs == dispatcher->reload.told.cron_jobs) {
        return;
    }
    if (bq_crons_learn(&dispatcher->crons, ready, dispatcher->queues[0].name, &err) != BARQ_OK) {
        bq_error("cannot take the new cron jobs", bq_str("error", err.text));
        return;
    }
    dispatcher->reload.told.cron_jobs = cron_jobs;
    bq_info("cron jobs changed", bq_int("cron_jobs", (int64_t)ready->n_cron_jobs));
}

void bq_reload_ready(struct bq_dispatcher *dispatcher, const struct bq_executor *executor,
                     const struct bq_ready *ready)
{
    struct bq_reload *reload = &dispatcher->reload;

    if (reload->rolling && executor != reload->trial && is_last(dispatcher, executor)) {
        learn_crons(dispatcher, ready);
    }
    if (executor == reload->trial && !reload->rolling) {
        reload->broken = false;
        reload->rolling = true;
        bq_learn_again(dispatcher, ready);
        say_what_needs_a_restart(&reload->told, bq_reload_tell(ready));
    }
}

bool bq_reload_refused(struct bq_dispatcher *dispatcher, const struct bq_executor *executor,
                       const char *why)
{
    struct bq_reload *reload = &dispatcher->reload;

    if (executor != reload->trial) {
        return false;
    }
    (void)snprintf(reload->why, sizeof(reload->why), "%s", why);
    return true;
}

void bq_reload_ended(struct bq_dispatcher *dispatcher, struct bq_executor *executor,
                     const char *how, bool was_ready)
{
    struct bq_reload *reload = &dispatcher->reload;

    if (reload->broken && executor->bad_starts > BQ_EXECUTOR_MAX_BAD_STARTS - 2) {
        executor->bad_starts = BQ_EXECUTOR_MAX_BAD_STARTS - 2; /* until a good one is there */
    }
    if (!dispatcher->learned || executor == &dispatcher->house ||
        executor - dispatcher->executors < dispatcher->options.executors) {
        return;
    }
    executor->spawn_at_ms = 0;
    if (executor != reload->trial) {
        return;
    }
    reload->trial = NULL;
    if (!was_ready) {
        reload->broken = true;
        bq_error("cannot reload; goes on as before",
                 bq_str("error", reload->why[0] != '\0' ? reload->why : how));
        bq_notify_say(&dispatcher->notify, "READY=1");
    }
}
