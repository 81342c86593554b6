#include "broker/memory/store.h"

static bool is_there(const struct memory_broker *handle, int64_t now_ms)
{
    return handle->joined && !handle->lease_gone && handle->lease_until_ms > now_ms;
}

/* False when the arena is full. */
static bool show(const struct memory_broker *handle, struct barq_arena *arena,
                 struct bq_worker_seen *out)
{
    out->info = (struct barq_worker_info){.name = bq_arena_strdup(arena, handle->name),
                                          .queues = bq_arena_strdup(arena, handle->queues_text),
                                          .started_at_ms = handle->started_at_ms,
                                          .seen_at_ms = handle->seen_at_ms,
                                          .lease_until_ms = handle->lease_until_ms,
                                          .executors = handle->state.executors,
                                          .threads = handle->state.threads,
                                          .running = handle->state.running,
                                          .complete = handle->state.complete,
                                          .failed = handle->state.failed,
                                          .retried = handle->state.retried};
    out->tally = handle->tally ? bq_arena_strdup(arena, handle->tally) : NULL;
    return out->info.name && out->info.queues && (out->tally || !handle->tally);
}

/* Puts the last one in its place among those before it: the longest there first. */
static void sort_last(struct bq_worker_seen *workers, size_t count)
{
    struct bq_worker_seen last = workers[count - 1];
    size_t at = count - 1;

    for (; at > 0 && workers[at - 1].info.started_at_ms > last.info.started_at_ms; at--) {
        workers[at] = workers[at - 1];
    }
    workers[at] = last;
}

enum barq_status bq_memory_workers(struct bq_broker *broker, struct barq_arena *arena,
                                   struct bq_worker_seen **out, size_t *count, int64_t timeout_ms,
                                   struct barq_error *err)
{
    struct memory_store *store = ((struct memory_broker *)broker)->store;
    int64_t now_ms = bq_memory_now(store);
    size_t most = 0;
    size_t filled = 0;
    (void)timeout_ms;

    bq_list_each (at, &store->handles) {
        most += is_there(bq_list_owner(at, struct memory_broker, link), now_ms);
    }
    struct bq_worker_seen *workers = bq_arena_array(arena, most, sizeof(*workers));
    bq_list_each (at, &store->handles) {
        const struct memory_broker *handle = bq_list_owner(at, struct memory_broker, link);

        if (!is_there(handle, now_ms)) {
            continue;
        }
        if (!workers || !show(handle, arena, &workers[filled])) {
            return bq_fail(err, BARQ_ERR_NOMEM, "memory: no room for the list of workers");
        }
        sort_last(workers, ++filled);
    }
    *out = workers;
    *count = filled;
    return BARQ_OK;
}
