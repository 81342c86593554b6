#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "dispatcher/dispatcher.h"
#include "os/signals.h"
#include "os/wake.h"

static struct bq_dispatcher *dispatcher_of(void *member, size_t offset)
{
    return (struct bq_dispatcher *)(void *)((char *)member - offset);
}

/* The worker ends, with the first such reason. */
static void fail(struct bq_dispatcher *dispatcher, const char *before, const char *why)
{
    if (!dispatcher->failed) {
        dispatcher->failed = true;
        (void)bq_fail(&dispatcher->err, BARQ_ERR_JOB, "%s%s", before, why);
    }
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
        if (number != SIGHUP) {
            bq_stop_begin(dispatcher, bq_mono_ms());
        }
    }
}

static void outbox_ready(struct bq_watch *watch, uint32_t events)
{
    struct bq_dispatcher *dispatcher =
        dispatcher_of(watch, offsetof(struct bq_dispatcher, outbox_watch));
    (void)events;

    if (bq_wake_take(dispatcher->outbox_fd)) {
        dispatcher->sweep_at_ms = bq_mono_ms();
        dispatcher->swept_clean = false;
    }
}

/* -- what the executors say -- */

static enum barq_status start_all(struct bq_dispatcher *dispatcher, const struct bq_ready *ready,
                                  struct barq_error *err);

static void executor_is_ready(struct bq_executor *executor, const struct bq_ready *ready)
{
    struct bq_dispatcher *dispatcher = executor->data;
    struct barq_error err;

    bq_debug("executor ready", bq_int("executor", executor->number),
             bq_int("pid", executor->child.pid),
             bq_int("took_ms", bq_mono_ms() - executor->spawned_at_ms));
    if (!dispatcher->learned && start_all(dispatcher, ready, &err) != BARQ_OK) {
        fail(dispatcher, "", err.text);
    }
}

static void executor_refused(struct bq_executor *executor, const struct bq_refused *refused)
{
    struct bq_dispatcher *dispatcher = executor->data;

    if (!dispatcher->learned) {
        fail(dispatcher, "", refused->why);
        return;
    }
    bq_warn("an executor cannot start", bq_int("executor", executor->number),
            bq_str("error", refused->why));
    (void)bq_fail(&dispatcher->refused, BARQ_ERR_JOB, "%s", refused->why);
    if (refused->database_away) {
        dispatcher->database_away = true;
        /* It goes on trying, every second or so. */
        if (executor->bad_starts > BQ_EXECUTOR_MAX_BAD_STARTS - 2) {
            executor->bad_starts = BQ_EXECUTOR_MAX_BAD_STARTS - 2;
        }
    }
}

/* Longer than a dispatcher lives: none. */
static const int64_t LONGEST_TIMEOUT_MS = INT64_C(1) << 53;

static bool take_started(struct bq_dispatcher *dispatcher, struct bq_claim *claim,
                         struct bq_executor *executor, const struct bq_frame *frame)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_started started;
    struct bq_reader in = bq_reader_of(frame->body, frame->len);

    bq_arena_init(&arena, BQ_FRAME_SLACK_BYTES);
    if (!bq_started_get(&in, &arena, &started)) {
        return false;
    }
    claim->started = true;
    claim->max_tries = started.max_tries;
    (void)snprintf(claim->function, sizeof(claim->function), "%s", started.function);
    if (claim->canceled != BQ_CANCEL_NONE) {
        return true; /* the deadline is that of the cancel */
    }
    bq_limit(executor, 0, "");
    if (started.job_timeout_ms > 0 && started.job_timeout_ms < LONGEST_TIMEOUT_MS) {
        int64_t now_ms = bq_mono_ms();
        (void)snprintf(claim->limit_text, sizeof(claim->limit_text), "ran past its %g s",
                       (double)started.job_timeout_ms / 1000.0);
        claim->cancel_at_ms = now_ms + started.job_timeout_ms;
        bq_limit(executor, claim->cancel_at_ms + bq_hard_grace_ms(dispatcher), claim->limit_text);
    }
    return true;
}

/* A burst ends after a look at the outbox that comes after its last job. */
static void sweep_before_end(struct bq_dispatcher *dispatcher)
{
    dispatcher->swept_clean = false;
    if (dispatcher->options.burst && bq_list_empty(&dispatcher->waiting) &&
        bq_list_empty(&dispatcher->running)) {
        dispatcher->sweep_at_ms = bq_mono_ms();
    }
}

static bool take_outcome(struct bq_dispatcher *dispatcher, struct bq_executor *executor,
                         const struct bq_frame *frame)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_outcome outcome;
    struct bq_reader in = bq_reader_of(frame->body, frame->len);

    bq_arena_init(&arena, BQ_FRAME_SLACK_BYTES);
    if (!bq_outcome_get(&in, &arena, &outcome)) {
        return false;
    }
    struct bq_claim *claim = bq_executor_done(executor);
    bq_ack_outcome(dispatcher, claim, &outcome);
    sweep_before_end(dispatcher);
    return true;
}

static bool take_outbox(struct bq_dispatcher *dispatcher, struct bq_executor *executor,
                        struct bq_reader *in, int64_t attempt)
{
    bq_limit(executor, 0, ""); /* it waits for us, and has committed */
    if (executor->work) {
        ((struct bq_claim *)executor->work)->cancel_at_ms = 0;
        ((struct bq_claim *)executor->work)->settling = true;
    }
    return bq_relay_take(dispatcher, executor, in, attempt);
}

/* An executor that was killed may still have said something: it counts as long as its attempt is ours. */
static bool executor_message(struct bq_executor *executor, const struct bq_frame *frame)
{
    struct bq_dispatcher *dispatcher = executor->data;
    struct bq_claim *claim = executor->work;
    struct bq_reader in = bq_reader_of(frame->body, frame->len);

    if (executor == &dispatcher->house) {
        return bq_house_message(dispatcher, frame);
    }
    int64_t attempt = bq_read_i64(&in);
    if (!claim || attempt != claim->attempt) {
        return false;
    }
    switch (frame->type) {
    case BQ_MSG_STARTED:
        return take_started(dispatcher, claim, executor, frame);
    case BQ_MSG_HOOK:
        claim->cancel_at_ms = 0;
        return bq_hook_begun(claim, executor, &in, bq_mono_ms());
    case BQ_MSG_OUTBOX:
        return take_outbox(dispatcher, executor, &in, attempt);
    case BQ_MSG_OUTCOME:
        return take_outcome(dispatcher, executor, frame);
    default:
        return false;
    }
}

static void executor_ended(struct bq_executor *executor, const char *how, bool was_ready)
{
    struct bq_dispatcher *dispatcher = executor->data;
    struct bq_claim *claim = executor->work;

    if (dispatcher->stopping) {
        bq_debug("executor ended", bq_int("executor", executor->number), bq_str("how", how));
    } else {
        bq_warn("executor ended", bq_int("executor", executor->number), bq_str("how", how));
    }
    if (executor == &dispatcher->house) {
        executor->work = NULL;
        bq_house_ended(dispatcher, how);
    } else if (claim) {
        executor->work = NULL;
        bq_ack_crash(dispatcher, claim, how);
        sweep_before_end(dispatcher);
    }
    if (!was_ready && executor->bad_starts >= BQ_EXECUTOR_MAX_BAD_STARTS) {
        bool said = dispatcher->refused.text[0] != '\0';
        fail(dispatcher, "worker: five executors in a row ended before they were ready, the last: ",
             said ? dispatcher->refused.text : how);
    }
}

static const struct bq_executor_owner executor_owner = {
    .ready = executor_is_ready,
    .refused = executor_refused,
    .message = executor_message,
    .ended = executor_ended,
};

/* -- starting -- */

static void learn(struct bq_dispatcher *dispatcher, const struct bq_ready *ready)
{
    const char *queue = dispatcher->options.queue;

    if (!queue) {
        queue = ready->queue_name[0] != '\0' ? ready->queue_name : "barq";
    }
    (void)snprintf(dispatcher->queue, sizeof(dispatcher->queue), "%s", queue);
    dispatcher->retry = (struct bq_retry_policy){
        .max_tries = ready->max_tries != 0 ? (int)ready->max_tries : BARQ_DEFAULT_MAX_TRIES,
        .min_ms = ready->retry_min_ms != 0 ? ready->retry_min_ms : BQ_RETRY_MIN_MS,
        .max_ms = ready->retry_max_ms != 0 ? ready->retry_max_ms : BQ_RETRY_MAX_MS,
    };
    if (dispatcher->options.executors == 0) {
        dispatcher->options.executors =
            ready->max_jobs != 0 ? (int)ready->max_jobs : BARQ_DEFAULT_MAX_JOBS;
    }
    if (dispatcher->options.executors < 1) {
        dispatcher->options.executors = 1;
    }
    if (dispatcher->options.executors > BQ_MAX_EXECUTORS) {
        dispatcher->options.executors = BQ_MAX_EXECUTORS;
    }
}

static enum barq_status join(struct bq_dispatcher *dispatcher, struct barq_error *err)
{
    char host[128] = "";
    char name[192];

    (void)gethostname(host, sizeof(host) - 1);
    (void)snprintf(name, sizeof(name), "%s:%d", host, (int)getpid());
    struct bq_worker_lease lease = {
        .queue = dispatcher->queue,
        .name = name,
        .lease_ms = dispatcher->options.lease_ms,
    };
    enum barq_status status =
        dispatcher->broker->ops->join(dispatcher->broker, &lease, BQ_EXCHANGE_TIMEOUT_MS, err);
    if (status != BARQ_OK) {
        return status;
    }
    dispatcher->renew_at_ms = bq_mono_ms() + dispatcher->options.lease_ms / 3;
    return bq_loop_add(&dispatcher->loop, &dispatcher->broker_watch,
                       dispatcher->broker->ops->fd(dispatcher->broker), EPOLLIN, err);
}

static enum barq_status watch_outbox(struct bq_dispatcher *dispatcher, const char *path,
                                     struct barq_error *err)
{
    if (path[0] == '\0') {
        return BARQ_OK;
    }
    enum barq_status status = bq_wake_watch(path, &dispatcher->outbox_fd, err);
    if (status != BARQ_OK) {
        return status;
    }
    return bq_loop_add(&dispatcher->loop, &dispatcher->outbox_watch, dispatcher->outbox_fd, EPOLLIN,
                       err);
}

static void init_executor(struct bq_dispatcher *dispatcher, struct bq_executor *executor,
                          const struct bq_executor_options *role, int number)
{
    bq_executor_init(executor, &dispatcher->loop, &executor_owner, role, number);
    executor->data = dispatcher;
    executor->spawn_at_ms = bq_mono_ms();
}

/* The first executor is ready, so the others can follow. */
static enum barq_status start_all(struct bq_dispatcher *dispatcher, const struct bq_ready *ready,
                                  struct barq_error *err)
{
    learn(dispatcher, ready);
    enum barq_status status = join(dispatcher, err);
    if (status == BARQ_OK) {
        status = watch_outbox(dispatcher, ready->wake_path, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    for (int i = 1; i < dispatcher->options.executors; i++) {
        init_executor(dispatcher, &dispatcher->executors[i], &dispatcher->job_role, i + 1);
    }
    init_executor(dispatcher, &dispatcher->house, &dispatcher->house_role, 0);
    dispatcher->n_executors = dispatcher->options.executors;
    dispatcher->learned = true;
    bq_info("worker ready", bq_str("queue", dispatcher->queue),
            bq_int("executors", dispatcher->n_executors), bq_str("functions", ready->functions));
    return BARQ_OK;
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
    };
    struct bq_list *const lists[] = {
        &dispatcher->waiting, &dispatcher->running, &dispatcher->house_queue, &dispatcher->ended,
        &dispatcher->acking,  &dispatcher->relays,  &dispatcher->relaying};
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        bq_list_init(lists[i]);
    }
    bq_arena_init(&dispatcher->exchange_arena, BQ_CLAIM_ARENA_BYTES);
    bq_arena_init(&dispatcher->probe_arena, BQ_FRAME_MAX_BYTES);
    init_roles(dispatcher);
}

static enum barq_status open_dispatcher(struct bq_dispatcher *dispatcher, struct barq_error *err)
{
    dispatcher->executors = calloc(BQ_MAX_EXECUTORS, sizeof(dispatcher->executors[0]));
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
    if (status == BARQ_OK && !dispatcher->broker) {
        status = bq_broker_open(dispatcher->options.broker_url, &dispatcher->broker, err);
    }
    if (status == BARQ_OK) {
        init_executor(dispatcher, &dispatcher->executors[0], &dispatcher->job_role, 1);
        dispatcher->n_executors = 1;
    }
    return status;
}

/* -- the loop -- */

static bool done(struct bq_dispatcher *dispatcher)
{
    if (dispatcher->failed && dispatcher->learned && !dispatcher->stopping) {
        bq_stop_begin(dispatcher, bq_mono_ms());
    }
    if (dispatcher->idle_burst && dispatcher->in_hand == 0 && !dispatcher->stopping) {
        bq_info("burst done");
        bq_stop_begin(dispatcher, bq_mono_ms());
    }
    return bq_stop_done(dispatcher);
}

static int64_t turn(struct bq_dispatcher *dispatcher)
{
    int64_t now_ms = bq_mono_ms();
    int64_t next_ms = bq_deadlines(dispatcher, now_ms);

    if (dispatcher->learned) {
        bq_assign(dispatcher, now_ms);
        bq_house_work(dispatcher, now_ms);
        bq_exchange_begin(dispatcher, now_ms);
    }
    return next_ms;
}

static void run_loop(struct bq_dispatcher *dispatcher)
{
    while (!done(dispatcher)) {
        int64_t next_ms = turn(dispatcher);
        int64_t wait_ms = BQ_POLL_MS;
        int64_t until_ms = next_ms - bq_mono_ms();
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
    bq_claim_free(dispatcher->chore_claim);
    free_all(&dispatcher->waiting);
    free_all(&dispatcher->running);
    free_all(&dispatcher->house_queue);
    free_all(&dispatcher->ended);
    free_all(&dispatcher->acking);
    free_relays(&dispatcher->relays);
    free_relays(&dispatcher->relaying);
    bq_arena_clear(&dispatcher->exchange_arena);
    bq_arena_clear(&dispatcher->probe_arena);
    free(dispatcher->settles);
    free(dispatcher->enqueues);
    free(dispatcher->executors);
    bq_fd_drop(&dispatcher->outbox_fd);
    bq_fd_drop(&dispatcher->signal_fd);
    bq_loop_clear(&dispatcher->loop);
}

enum barq_status bq_dispatcher_run(const struct bq_dispatcher_options *options,
                                   struct barq_error *err)
{
    struct bq_dispatcher dispatcher;

    init(&dispatcher, options);
    enum barq_status status = open_dispatcher(&dispatcher, err);
    if (status == BARQ_OK) {
        run_loop(&dispatcher);
        bq_stop_executors(&dispatcher);
        status = dispatcher.failed ? bq_fail(err, dispatcher.err.status, "%s", dispatcher.err.text)
                                   : BARQ_OK;
    }
    close_dispatcher(&dispatcher);
    return status;
}
