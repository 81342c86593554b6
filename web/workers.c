/*
 * workers.c - who works, and how it goes.
 */
#include "web/call.h"
#include "web/queue_json.h"
#include "web/text.h"

static struct barq_value *queues_of(struct barq_arena *arena, const char *queues)
{
    struct barq_value *list = barq_list(arena);
    const char *at = bw_clean(arena, queues);
    const char *name;
    size_t len = 0;
    int64_t weight = 0;

    while (at && (name = bw_next_queue(&at, &len, &weight)) != NULL) {
        struct barq_value *queue = barq_map(arena);
        barq_set_key(queue, "name", barq_string_of(arena, name, len));
        barq_set_key(queue, "weight", barq_int(arena, weight));
        barq_add(list, queue);
    }
    return list;
}

static struct barq_value *place_json(struct barq_arena *arena,
                                     const struct barq_executor_info *place)
{
    struct barq_value *value = barq_map(arena);
    struct barq_value *running = barq_list(arena);

    for (size_t i = 0; i < place->n_running; i++) {
        barq_add(running, bw_text(arena, place->running[i]));
    }
    barq_set_key(value, "number", barq_int(arena, place->number));
    barq_set_key(value, "pid", bw_maybe(arena, place->pid));
    barq_set_key(value, "state", barq_string(arena, barq_executor_state_name(place->state)));
    barq_set_key(value, "started_at_ms", bw_maybe(arena, place->started_at_ms));
    barq_set_key(value, "memory_bytes", bw_maybe(arena, place->memory_bytes));
    barq_set_key(value, "jobs", barq_int(arena, place->jobs));
    barq_set_key(value, "restarts", barq_int(arena, place->restarts));
    barq_set_key(value, "crashes", barq_int(arena, place->crashes));
    barq_set_key(value, "running", running);
    return value;
}

static struct barq_value *worker_json(struct barq_arena *arena,
                                      const struct barq_worker_info *worker)
{
    struct barq_value *value = barq_map(arena);
    struct barq_value *places = barq_list(arena);
    int64_t crashes = 0;

    for (size_t i = 0; i < worker->n_places; i++) {
        crashes += worker->places[i].crashes;
        barq_add(places, place_json(arena, &worker->places[i]));
    }
    barq_set_key(value, "name", bw_text(arena, worker->name));
    barq_set_key(value, "queues", queues_of(arena, worker->queues));
    barq_set_key(value, "started_at_ms", barq_int(arena, worker->started_at_ms));
    barq_set_key(value, "seen_at_ms", barq_int(arena, worker->seen_at_ms));
    barq_set_key(value, "lease_until_ms", barq_int(arena, worker->lease_until_ms));
    barq_set_key(value, "executors", barq_int(arena, worker->executors));
    barq_set_key(value, "threads", barq_int(arena, worker->threads));
    barq_set_key(value, "running", barq_int(arena, worker->running));
    barq_set_key(value, "complete", barq_int(arena, worker->complete));
    barq_set_key(value, "failed", barq_int(arena, worker->failed));
    barq_set_key(value, "retried", barq_int(arena, worker->retried));
    barq_set_key(value, "crashes", barq_int(arena, crashes));
    barq_set_key(value, "memory_bytes", bw_maybe(arena, worker->memory_bytes));
    barq_set_key(value, "executor_list", places);
    return value;
}

static enum barq_status list(struct bw_call *call, struct barq_error *err)
{
    struct barq_worker_info *workers = NULL;
    size_t count = 0;

    enum barq_status status = barq_workers(call->client, call->arena, &workers, &count, err);
    if (status != BARQ_OK) {
        return status;
    }
    struct barq_value *objects = barq_list(call->arena);
    for (size_t i = 0; i < count; i++) {
        barq_add(objects, worker_json(call->arena, &workers[i]));
    }
    call->answer = barq_map(call->arena);
    barq_set_key(call->answer, "workers", objects);
    return BARQ_OK;
}

const struct bw_route bw_worker_routes[] = {
    {.method = "GET", .path = "/api/workers", .run = list},
    {.method = NULL},
};
