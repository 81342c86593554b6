#include <sys/epoll.h>
#include <sys/resource.h>

#include "base/log.h"
#include "base/time.h"
#include "dispatcher/dispatcher.h"
#include "job/serializer.h"
#include "os/wake.h"

/* A socket, a pipe and a pidfd of each executor, one more while it is spawned; and what we and the broker have open. */
enum { FDS_OF_EXECUTOR = 4, FDS_OF_REST = 64 };

/* What a service gets at first is often 1024. If more is not to be had, executors that cannot start say so. */
static void make_room_for_descriptors(const struct bq_dispatcher *dispatcher)
{
    rlim_t executors = (rlim_t)dispatcher->options.executors + BQ_RELOAD_SPARES + 1;
    rlim_t wanted = executors * FDS_OF_EXECUTOR + FDS_OF_REST;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < wanted) {
        limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* What may change while it runs. */
void bq_learn_again(struct bq_dispatcher *dispatcher, const struct bq_ready *ready)
{
    int64_t wait_ms = dispatcher->options.completion_wait_ms;

    dispatcher->completion_wait_ms = wait_ms == BARQ_OFF ? ready->job_completion_wait_ms : wait_ms;
    dispatcher->recycle_after = ready->recycle_after;
    dispatcher->retry =
        bq_retry_policy_of(ready->max_tries, ready->retry_min_ms, ready->retry_max_ms);
    dispatcher->threads = (int)ready->threads;
    bq_health_learn(dispatcher, ready, bq_mono_ms());
    bq_counts_learn(&dispatcher->counts, ready);
}

/* As long as the lock of arq's workers, at least: both sides believe in each other's. */
static void learn_lease(struct bq_dispatcher *dispatcher, const struct bq_ready *ready)
{
    int64_t *lease_ms = &dispatcher->options.lease_ms;
    int64_t arqs_ms = ready->shared_timeout_ms + BQ_SHARED_LEASE_MS;

    dispatcher->shared_timeout_ms = ready->shared_timeout_ms;
    if (dispatcher->shared_timeout_ms > 0 && *lease_ms < arqs_ms) {
        *lease_ms = arqs_ms;
    }
    if (*lease_ms == 0) {
        *lease_ms = BARQ_DEFAULT_LEASE_MS;
    }
}

/* What is in our hands hides what is behind it from arq's workers, which look at the first 100 only. */
static enum barq_status check_shared(const struct bq_dispatcher *dispatcher, struct barq_error *err)
{
    int executors = dispatcher->options.executors;

    if (dispatcher->shared_timeout_ms == 0 ||
        executors * dispatcher->threads <= BARQ_SHARED_MAX_JOBS) {
        return BARQ_OK;
    }
    return bq_fail(
        err, BARQ_ERR_ARG,
        "worker: on a queue shared with arq it runs %d jobs at most; %d executors with %d "
        "threads are more",
        BARQ_SHARED_MAX_JOBS, executors, dispatcher->threads);
}

/* Each thread has a connection: more of them than the server was set up for would be refused later, at random. */
static enum barq_status check_pool(const struct bq_dispatcher *dispatcher,
                                   const struct bq_ready *ready, struct barq_error *err)
{
    int executors = dispatcher->options.executors;
    int64_t most = ready->pool_size + ready->max_overflow;

    if (ready->pool_size == 0 || (int64_t)executors * dispatcher->threads <= most) {
        return BARQ_OK;
    }
    return bq_fail(err, BARQ_ERR_ARG,
                   "worker: %d executors with %d threads want %d database sessions, and pool_size "
                   "%lld + max_overflow %lld are %lld: raise these, or run fewer (max_jobs, "
                   "--executors, --threads)",
                   executors, dispatcher->threads, executors * dispatcher->threads,
                   (long long)ready->pool_size, (long long)ready->max_overflow, (long long)most);
}

static void learn(struct bq_dispatcher *dispatcher, const struct bq_ready *ready)
{
    bq_learn_again(dispatcher, ready);
    learn_lease(dispatcher, ready);
    if (dispatcher->options.executors == 0) {
        int max_jobs = ready->max_jobs != 0 ? (int)ready->max_jobs : BARQ_DEFAULT_MAX_JOBS;
        dispatcher->options.executors = (max_jobs + dispatcher->threads - 1) / dispatcher->threads;
    }
    if (dispatcher->options.executors < 1) {
        dispatcher->options.executors = 1;
    }
    if (dispatcher->options.executors > BQ_MAX_EXECUTORS) {
        dispatcher->options.executors = BQ_MAX_EXECUTORS;
    }
}

/* Without it, e.g. when the system has no watch to give, polling finds what there is. */
static void watch_outbox(struct bq_dispatcher *dispatcher, const char *path)
{
    struct barq_error err;

    if (path[0] == '\0') {
        return;
    }
    enum barq_status status = bq_wake_watch(path, &dispatcher->outbox_fd, &err);
    if (status == BARQ_OK) {
        status = bq_loop_add(&dispatcher->loop, &dispatcher->outbox_watch, dispatcher->outbox_fd,
                             EPOLLIN, &err);
    }
    if (status != BARQ_OK) {
        bq_warn("cannot be woken by applications; will look each second",
                bq_str("error", err.text));
    }
}

void bq_start_executor(struct bq_dispatcher *dispatcher, struct bq_executor *executor,
                       const struct bq_executor_options *role, int number)
{
    bq_executor_init(executor, &dispatcher->loop, &bq_listener, role, number);
    executor->data = dispatcher;
    executor->spawn_at_ms = bq_mono_ms();
}

/* The first executor is ready, so the others can follow. */
enum barq_status bq_start_all(struct bq_dispatcher *dispatcher, const struct bq_ready *ready,
                              struct barq_error *err)
{
    learn(dispatcher, ready);
    enum barq_status status =
        bq_serializer_find(NULL, dispatcher->broker->ops->codec, &dispatcher->crons.codec, err);
    if (status == BARQ_OK) {
        status = check_shared(dispatcher, err);
    }
    if (status == BARQ_OK) {
        status = check_pool(dispatcher, ready, err);
    }
    if (status == BARQ_OK) {
        status = bq_queues_learn(dispatcher, ready, err);
    }
    if (status == BARQ_OK) {
        status = bq_crons_learn(&dispatcher->crons, ready, dispatcher->queues[0].name, err);
    }
    if (status == BARQ_OK) {
        status = bq_queues_join(dispatcher, ready, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    make_room_for_descriptors(dispatcher);
    watch_outbox(dispatcher, ready->wake_path);
    for (int i = 1; i < dispatcher->options.executors; i++) {
        bq_start_executor(dispatcher, &dispatcher->executors[i], &dispatcher->job_role, i + 1);
    }
    bq_start_executor(dispatcher, &dispatcher->house, &dispatcher->house_role, 0);
    dispatcher->n_executors = dispatcher->options.executors;
    dispatcher->learned = true;
    dispatcher->reload.told = bq_reload_tell(ready);
    bq_health_ready(dispatcher, bq_mono_ms());
    bq_info("worker ready", bq_str("queues", dispatcher->queues_text),
            bq_int("executors", dispatcher->n_executors), bq_int("threads", dispatcher->threads),
            bq_str("functions", ready->functions));
    return BARQ_OK;
}
