#include "broker/memory/memory.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "broker/memory/store.h"
#include "broker/reply.h"

/* A wait for what may come while this thread waits, which is nothing; so that time passes all the same. */
enum { WAIT_BITE_MS = 1000 };

static const struct bq_broker_ops memory_ops;

static struct memory_broker *handle_of(struct bq_broker *broker)
{
    return (struct memory_broker *)broker;
}

static enum barq_status out_of_memory(struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_NOMEM, "memory: out of memory");
}

/* Another handle on `store`. */
static enum barq_status open_handle(struct memory_store *store, struct bq_broker **out,
                                    struct barq_error *err)
{
    struct memory_broker *handle = calloc(1, sizeof(*handle));
    if (!handle) {
        return out_of_memory(err);
    }
    handle->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (handle->event_fd < 0) {
        free(handle);
        return bq_fail_errno(err, "memory: eventfd");
    }

    handle->base.ops = &memory_ops;
    handle->store = store;
    handle->seen_finishes = store->finishes;
    bq_list_add(&store->handles, &handle->link);
    *out = &handle->base;
    return BARQ_OK;
}

static enum barq_status memory_open(const char *url, const struct bq_dsn *dsn,
                                    struct bq_broker **out, struct barq_error *err)
{
    (void)url;
    if (*dsn->path || *dsn->hosts) {
        return bq_fail(err, BARQ_ERR_ARG, "memory: \"memory:\" has nothing behind it");
    }
    struct memory_store *store = bq_memory_store_new();
    if (!store) {
        return out_of_memory(err);
    }
    enum barq_status status = open_handle(store, out, err);
    if (status != BARQ_OK) {
        bq_memory_store_free(store);
    }
    return status;
}

enum barq_status bq_memory_share(struct bq_broker *broker, struct bq_broker **out,
                                 struct barq_error *err)
{
    return open_handle(handle_of(broker)->store, out, err);
}

void bq_memory_advance(struct bq_broker *broker, int64_t ms)
{
    handle_of(broker)->store->ahead_ms += ms;
}

static void free_names(struct memory_broker *handle)
{
    free(bq_take(handle->queues));
    handle->n_queues = 0;
    free(bq_take(handle->name));
    free(bq_take(handle->queues_text));
    free(bq_take(handle->tally));
}

static void memory_close(struct bq_broker *broker)
{
    struct memory_broker *handle = handle_of(broker);
    struct memory_store *store = handle->store;

    bq_list_remove(&handle->link);
    if (handle->joined) {
        bq_memory_lose(store, handle, bq_memory_now(store));
    }
    if (bq_list_empty(&store->handles)) {
        bq_memory_store_free(store);
    }
    close(handle->event_fd);
    free_names(handle);
    free(handle);
}

/* Frees what has not become part of the store. */
static void drop_jobs(struct memory_store *store, struct memory_job **jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bq_memory_job_free(store, jobs[i]);
    }
    free(jobs);
}

static enum barq_status memory_enqueue(struct bq_broker *broker, struct bq_enqueue *jobs,
                                       size_t count, int64_t timeout_ms, struct barq_error *err)
{
    struct memory_store *store = handle_of(broker)->store;
    struct memory_job **made = calloc(count + 1, sizeof(struct memory_job *));
    (void)timeout_ms;

    for (size_t i = 0; i < count; i++) {
        struct memory_job *job = made ? bq_memory_job_new(store, &jobs[i].job) : NULL;
        if (!job) {
            drop_jobs(store, made, made ? i : 0);
            return out_of_memory(err);
        }
        made[i] = job;
    }
    for (size_t i = 0; i < count; i++) {
        jobs[i].exists = !bq_memory_insert(store, made[i], bq_memory_now(store));
        made[i] = jobs[i].exists ? made[i] : NULL;
    }
    drop_jobs(store, made, made ? count : 0);
    return BARQ_OK;
}

/* Jobs finish by calls of this very thread: there is nothing to wait for, unless one has already. */
static void memory_wait_finished(struct bq_broker *broker, int64_t timeout_ms)
{
    struct memory_broker *handle = handle_of(broker);

    if (handle->seen_finishes == handle->store->finishes) {
        (void)poll(NULL, 0, (int)(timeout_ms < WAIT_BITE_MS ? timeout_ms : WAIT_BITE_MS));
    }
    handle->seen_finishes = handle->store->finishes;
}

static enum barq_status memory_abort(struct bq_broker *broker, const char *id, int64_t timeout_ms,
                                     struct barq_error *err)
{
    struct memory_store *store = handle_of(broker)->store;
    int64_t now_ms = bq_memory_now(store);
    struct memory_job *job = bq_memory_find(store, id, now_ms);
    (void)timeout_ms;

    if (!job || job->state == MEMORY_FINISHED) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "memory: no such job waits or runs");
    }
    job->aborted = true;
    if (job->state == MEMORY_BLOCKED) {
        bq_memory_wait_no_more(store, job, now_ms);
    } else if (job->state == MEMORY_WAITING) {
        bq_memory_wait(store, job, job->job.due_at_ms, now_ms);
    }
    bq_memory_wake(store);
    return BARQ_OK;
}

static enum barq_status memory_pause(struct bq_broker *broker, const char *queue, bool paused,
                                     int64_t timeout_ms, struct barq_error *err)
{
    struct memory_store *store = handle_of(broker)->store;
    struct memory_queue *at = bq_memory_queue(store, queue);
    (void)timeout_ms;

    if (!at) {
        return out_of_memory(err);
    }
    at->paused = paused;
    if (!paused) {
        bq_memory_wake(store);
    }
    return BARQ_OK;
}

static enum barq_status memory_revive(struct bq_broker *broker, const struct bq_job *job,
                                      int64_t timeout_ms, struct barq_error *err)
{
    struct memory_store *store = handle_of(broker)->store;
    int64_t now_ms = bq_memory_now(store);
    struct memory_job *dead = bq_memory_find(store, job->id, now_ms);
    (void)timeout_ms;

    if (!dead || dead->state != MEMORY_FINISHED || !dead->failed) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "memory: there is no such dead job");
    }
    struct memory_job *copy = bq_memory_job_new(store, job);
    if (!copy) {
        return out_of_memory(err);
    }
    bq_memory_job_free(store, dead);
    bool taken = bq_memory_insert(store, copy, now_ms);
    assert(taken);
    return BARQ_OK;
}

static enum barq_status memory_remove(struct bq_broker *broker, const char *id, int64_t timeout_ms,
                                      struct barq_error *err)
{
    struct memory_store *store = handle_of(broker)->store;
    struct memory_job *job = bq_memory_find(store, id, bq_memory_now(store));
    (void)timeout_ms;

    if (!job) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "memory: there is no such job");
    }
    if (job->state == MEMORY_RUNNING) {
        return bq_fail(err, BARQ_ERR_CONFLICT, "memory: the job is running: abort it");
    }
    if (job->state != MEMORY_FINISHED) {
        bq_memory_ended(store, job, true, true, bq_memory_now(store));
    }
    bq_memory_job_free(store, job);
    return BARQ_OK;
}

static bool set_queues(struct memory_broker *handle, const struct bq_worker_lease *lease)
{
    handle->queues = calloc(lease->n_queues, sizeof(struct memory_queue *));
    for (size_t i = 0; handle->queues && i < lease->n_queues; i++) {
        handle->queues[i] = bq_memory_queue(handle->store, lease->queues[i]);
        if (!handle->queues[i]) {
            return false;
        }
        handle->n_queues++;
    }
    return handle->queues != NULL;
}

static enum barq_status memory_join(struct bq_broker *broker, const struct bq_worker_lease *lease,
                                    int64_t timeout_ms, struct barq_error *err)
{
    struct memory_broker *handle = handle_of(broker);
    (void)timeout_ms;

    free_names(handle);
    handle->name = strdup(lease->name);
    handle->queues_text = strdup(lease->queues_text ? lease->queues_text : lease->queues[0]);
    if (!handle->name || !handle->queues_text || !set_queues(handle, lease) ||
        !bq_memory_set_limits(handle, lease->limits, lease->n_limits)) {
        return out_of_memory(err);
    }
    handle->joined = true;
    handle->lease_gone = false;
    handle->lease_ms = lease->lease_ms;
    handle->started_at_ms = bq_memory_now(handle->store);
    handle->seen_at_ms = handle->started_at_ms;
    handle->lease_until_ms = handle->started_at_ms + lease->lease_ms;
    return BARQ_OK;
}

static int memory_fd(struct bq_broker *broker)
{
    return handle_of(broker)->event_fd;
}

static void memory_begin(struct bq_broker *broker, struct bq_exchange *exchange)
{
    struct memory_broker *handle = handle_of(broker);

    assert(!handle->ended);
    bq_memory_exchange(handle, exchange);
    handle->ended = exchange;
    (void)!write(handle->event_fd, &(uint64_t){1}, sizeof(uint64_t));
}

/* The descriptor is readable as long as there is something to be asked. */
static void quieten(struct memory_broker *handle)
{
    uint64_t rings;

    if (!handle->ended && !handle->woken) {
        (void)!read(handle->event_fd, &rings, sizeof(rings));
    }
}

static struct bq_exchange *memory_end(struct bq_broker *broker)
{
    struct memory_broker *handle = handle_of(broker);
    struct bq_exchange *ended = bq_take(handle->ended);

    quieten(handle);
    return ended;
}

static bool memory_woken(struct bq_broker *broker)
{
    struct memory_broker *handle = handle_of(broker);
    bool woken = handle->woken;

    handle->woken = false;
    quieten(handle);
    return woken;
}

static enum barq_status memory_weaknesses(struct bq_broker *broker, struct barq_arena *arena,
                                          const char *const **out, size_t *count,
                                          int64_t timeout_ms, struct barq_error *err)
{
    static const char *const all[] = {"the queue is in memory: its jobs end with its process"};
    (void)broker;
    (void)arena;
    (void)timeout_ms;
    (void)err;

    *out = all;
    *count = 1;
    return BARQ_OK;
}

static const struct bq_broker_ops memory_ops = {
    .name = "memory",
    .default_queue = "barq",
    .codec = &bq_codec_json,
    .poll_ms = 1000,
    .enqueue = memory_enqueue,
    .find = bq_memory_look,
    .wait_finished = memory_wait_finished,
    .abort = memory_abort,
    .list = bq_memory_list,
    .stats = bq_memory_stats,
    .pause = memory_pause,
    .workers = bq_memory_workers,
    .limits = bq_memory_limits,
    .weaknesses = memory_weaknesses,
    .crons = bq_memory_crons,
    .revive = memory_revive,
    .remove = memory_remove,
    .join = memory_join,
    .fd = memory_fd,
    .begin = memory_begin,
    .end = memory_end,
    .woken = memory_woken,
    .close = memory_close,
};

const struct bq_broker_kind bq_broker_memory = {.scheme = "memory", .open = memory_open};
