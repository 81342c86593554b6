#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "base/log.h"
#include "base/time.h"
#include "dispatcher/dispatcher.h"
#include "os/orphans.h"
#include "os/signals.h"
#include "os/wake.h"

static struct bq_dispatcher *dispatcher_of(void *member, size_t offset)
{
    return (struct bq_dispatcher *)(void *)((char *)member - offset);
}

static void broker_ready(struct bq_watch *watch, uint32_t events)
{
    struct bq_dispatcher *dispatcher =
        dispatcher_of(watch, offsetof(struct bq_dispatcher, broker_watch));
    (void)events;

    if (dispatcher->broker->ops->woken(dispatcher->broker)) {
        dispatcher->drained = false;
    }
    bq_exchange_end(dispatcher, bq_mono_ms());
}

static void signal_ready(struct bq_watch *watch, uint32_t events)
{
    struct bq_dispatcher *dispatcher =
        dispatcher_of(watch, offsetof(struct bq_dispatcher, signal_watch));
    (void)events;

    for (int number = bq_signals_next(dispatcher->signal_fd); number != 0;
         number = bq_signals_next(dispatcher->signal_fd)) {
        if (number == SIGHUP) {
            bq_reload_ask(dispatcher, "SIGHUP");
        } else {
            bq_stop_next(dispatcher, bq_mono_ms());
        }
    }
}

static void outbox_ready(struct bq_watch *watch, uint32_t events)
{
    struct bq_dispatcher *dispatcher =
        dispatcher_of(watch, offsetof(struct bq_dispatcher, outbox_watch));
    (void)events;

    if (bq_wake_take(dispatcher->outbox_fd)) {
        bq_house_woken(dispatcher);
    }
}

static void init_roles(struct bq_dispatcher *dispatcher)
{
    dispatcher->job_role = (struct bq_executor_options){
        .path = dispatcher->options.path,
        .argv = dispatcher->options.argv,
        .role = "job",
        .max_frame_bytes = BQ_FRAME_MAX_BYTES,
        .start_limit_ms = BQ_START_LIMIT_MS,
    };
    dispatcher->house_role = dispatcher->job_role;
    dispatcher->house_role.role = "house";
}

static void init(struct bq_dispatcher *dispatcher, const struct bq_dispatcher_options *options)
{
    *dispatcher = (struct bq_dispatcher){
        .options = *options,
        .broker = options->broker,
        .signal_fd = -1,
        .outbox_fd = -1,
        .broker_watch = {.fd = -1, .ready = broker_ready},
        .signal_watch = {.fd = -1, .ready = signal_ready},
        .outbox_watch = {.fd = -1, .ready = outbox_ready},
        .house = {.child = {.pidfd = -1}, .channel = {.fd = -1}},
        .prune_at_ms = bq_mono_ms() + BQ_PRUNE_EVERY_MS,
        .sweep_at_ms = 1,
        .health_interval_ms = BARQ_OFF,
        .reaps = bq_orphans_fall_to_us(),
        .reload = {.changes = {.fd = -1}, .watch = {.fd = -1}},
    };
    struct bq_list *const lists[] = {
        &dispatcher->waiting,  &dispatcher->running, &dispatcher->house_queue,
        &dispatcher->ended,    &dispatcher->after,   &dispatcher->acking,
        &dispatcher->tellings, &dispatcher->relays,  &dispatcher->relaying};
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        bq_list_init(lists[i]);
    }
    bq_arena_init(&dispatcher->exchange_arena, BQ_CLAIM_ARENA_BYTES);
    bq_arena_init(&dispatcher->probe_arena, BQ_FRAME_MAX_BYTES);
    bq_arena_init(&dispatcher->names, BQ_FRAME_MAX_BYTES);
    bq_crons_init(&dispatcher->crons);
    bq_counts_init(&dispatcher->counts);
    bq_exporter_init(&dispatcher->exporter, options->path);
    init_roles(dispatcher);
    bq_notify_open(&dispatcher->notify);
}

static enum barq_status open_dispatcher(struct bq_dispatcher *dispatcher, struct barq_error *err)
{
    dispatcher->executors =
        calloc(BQ_MAX_EXECUTORS + BQ_RELOAD_SPARES, sizeof(dispatcher->executors[0]));
    if (!dispatcher->executors) {
        return bq_fail(err, BARQ_ERR_NOMEM, "worker: out of memory");
    }
    enum barq_status status = bq_loop_init(&dispatcher->loop, err);
    if (status == BARQ_OK) {
        status = bq_signals_open(&dispatcher->signal_fd, err);
    }
    if (status == BARQ_OK) {
        status = bq_loop_add(&dispatcher->loop, &dispatcher->signal_watch, dispatcher->signal_fd,
                             EPOLLIN, err);
    }
    if (status == BARQ_OK) {
        status = bq_vitals_open(dispatcher, err);
    }
    if (status == BARQ_OK) {
        status = bq_reload_open(dispatcher, err);
    }
    if (status == BARQ_OK && !dispatcher->broker) {
        status = bq_broker_open(dispatcher->options.broker_url, &dispatcher->broker, err);
    }
    if (status == BARQ_OK) {
        bq_start_executor(dispatcher, &dispatcher->executors[0], &dispatcher->job_role, 1);
        dispatcher->n_executors = 1;
    }
    return status;
}

static bool is_executor(const void *context, pid_t pid)
{
    const struct bq_dispatcher *dispatcher = context;

    for (int i = 0; i < dispatcher->n_executors; i++) {
        if (dispatcher->executors[i].child.pid == pid) {
            return true;
        }
    }
    return dispatcher->house.child.pid == pid || dispatcher->exporter.child.pid == pid;
}

void bq_reap_orphans(const struct bq_dispatcher *dispatcher)
{
    if (dispatcher->reaps) {
        bq_orphans_reap(is_executor, dispatcher);
    }
}

static bool done(struct bq_dispatcher *dispatcher)
{
    if (dispatcher->failed && dispatcher->learned && !dispatcher->stopping) {
        bq_stop_next(dispatcher, bq_mono_ms());
    }
    if (dispatcher->idle_burst && dispatcher->in_hand == 0 && !dispatcher->stopping) {
        bq_info("burst done");
        bq_stop_next(dispatcher, bq_mono_ms());
    }
    return bq_stop_done(dispatcher);
}

/* Cron jobs go by another clock; what cannot be told to the broker yet is waited for first. */
static int64_t until_cron_ms(const struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    if (!dispatcher->learned || dispatcher->exchanging || dispatcher->stopping ||
        dispatcher->retry_exchange_at_ms > now_ms) {
        return BQ_POLL_MS;
    }
    return bq_crons_wait_ms(&dispatcher->crons, bq_wall_ms());
}

static int64_t turn(struct bq_dispatcher *dispatcher)
{
    int64_t now_ms = bq_mono_ms();
    int64_t next_ms = bq_deadlines(dispatcher, now_ms);

    bq_reap_orphans(dispatcher);
    bq_exporter_check(&dispatcher->exporter, now_ms);
    if (dispatcher->learned) {
        bq_assign(dispatcher, now_ms);
        bq_house_work(dispatcher, now_ms);
        bq_exchange_begin(dispatcher, now_ms);
    }
    bq_flush_executors(dispatcher);
    bq_exporter_flush(&dispatcher->exporter);
    bq_log_flush();
    return next_ms;
}

static void run_loop(struct bq_dispatcher *dispatcher)
{
    while (!done(dispatcher)) {
        int64_t next_ms = turn(dispatcher);
        int64_t now_ms = bq_mono_ms();
        int64_t cron_ms = until_cron_ms(dispatcher, now_ms);
        int64_t wait_ms = cron_ms < BQ_POLL_MS ? cron_ms : BQ_POLL_MS;
        int64_t until_ms = next_ms - now_ms;
        if (until_ms < wait_ms) {
            wait_ms = until_ms > 0 ? until_ms : 0;
        }
        bq_loop_wait(&dispatcher->loop, wait_ms);
    }
}

static void free_all(struct bq_list *claims)
{
    bq_list_each (at, claims) {
        bq_claim_free(bq_list_owner(at, struct bq_claim, link));
    }
}

static void free_relays(struct bq_list *relays)
{
    bq_list_each (at, relays) {
        bq_relay_free(bq_list_owner(at, struct bq_relay, link));
    }
}

static void close_dispatcher(struct bq_dispatcher *dispatcher)
{
    for (int i = 0; i < dispatcher->n_executors; i++) {
        bq_executor_clear(&dispatcher->executors[i]);
    }
    bq_executor_clear(&dispatcher->house);
    bq_broker_close(dispatcher->broker);
    bq_report_end(dispatcher, false);
    bq_claim_free(dispatcher->chore_claim);
    free_all(&dispatcher->waiting);
    free_all(&dispatcher->running);
    free_all(&dispatcher->house_queue);
    free_all(&dispatcher->ended);
    free_all(&dispatcher->after);
    free_all(&dispatcher->acking);
    free_relays(&dispatcher->relays);
    free_relays(&dispatcher->relaying);
    bq_arena_clear(&dispatcher->exchange_arena);
    bq_arena_clear(&dispatcher->probe_arena);
    bq_arena_clear(&dispatcher->names);
    bq_crons_clear(&dispatcher->crons);
    bq_counts_clear(&dispatcher->counts);
    free(dispatcher->settles);
    free(dispatcher->enqueues);
    free(dispatcher->executors);
    bq_fd_drop(&dispatcher->outbox_fd);
    bq_fd_drop(&dispatcher->signal_fd);
    bq_answers_close(dispatcher->vitals);
    bq_reload_close(dispatcher);
    bq_recycle_clear(&dispatcher->recycle);
    bq_loop_clear(&dispatcher->loop);
    bq_notify_close(&dispatcher->notify);
}

enum barq_status bq_dispatcher_run(const struct bq_dispatcher_options *options,
                                   struct barq_error *err)
{
    struct bq_dispatcher dispatcher;

    init(&dispatcher, options);
    enum barq_status status = open_dispatcher(&dispatcher, err);
    if (status == BARQ_OK) {
        bq_log_hold(&dispatcher.log, BQ_LOG_PATIENCE_MS);
        run_loop(&dispatcher);
        bq_stop_executors(&dispatcher);
        bq_exporter_close(&dispatcher.exporter);
        bq_log_hold(NULL, BQ_LOG_PATIENT);
        status = dispatcher.failed ? bq_fail(err, dispatcher.err.status, "%s", dispatcher.err.text)
                                   : BARQ_OK;
    }
    close_dispatcher(&dispatcher);
    return status;
}
