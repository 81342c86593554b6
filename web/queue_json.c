#include "web/queue_json.h"

#include <stdlib.h>
#include <string.h>

#include "web/text.h"

static int by_name(const void *a, const void *b)
{
    const struct barq_queue_stats *one = a;
    const struct barq_queue_stats *other = b;

    return strcmp(one->queue, other->queue);
}

enum barq_status bw_world_read(struct barq_client *client, struct barq_arena *arena,
                               struct bw_world *out, struct barq_error *err)
{
    struct barq_queue_stats *queues = NULL;
    struct barq_worker_info *workers = NULL;
    struct bw_world world = {.n_queues = 0};

    enum barq_status status = barq_stats(client, arena, &queues, &world.n_queues, err);
    if (status == BARQ_OK) {
        status = barq_workers(client, arena, &workers, &world.n_workers, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (world.n_queues > 1) {
        qsort(queues, world.n_queues, sizeof(*queues), by_name);
    }
    world.queues = queues;
    world.workers = workers;
    *out = world;
    return BARQ_OK;
}

const struct barq_queue_stats *bw_world_queue(const struct bw_world *world, const char *name)
{
    for (size_t i = 0; i < world->n_queues; i++) {
        if (strcmp(world->queues[i].queue, name) == 0) {
            return &world->queues[i];
        }
    }
    return NULL;
}

/* Digits behind the last colon are a weight, for a queue's own may be in front of it. */
const char *bw_next_queue(const char **at, size_t *len, int64_t *weight)
{
    const char *name = *at + strspn(*at, " ");
    size_t whole = strcspn(name, " ");
    size_t digits = 0;

    *at = name + whole;
    *len = whole;
    *weight = 1;
    if (whole == 0) {
        return NULL;
    }
    while (digits < whole && strchr("0123456789", name[whole - 1 - digits])) {
        digits++;
    }
    if (digits > 0 && digits < 10 && whole > digits + 1 && name[whole - 1 - digits] == ':') {
        *len = whole - digits - 1;
        *weight = strtoll(name + whole - digits, NULL, 10);
    }
    return name;
}

static bool works_on(const struct barq_worker_info *worker, const char *queue)
{
    const char *at = worker->queues;
    const char *name;
    size_t len;
    int64_t weight;

    while ((name = bw_next_queue(&at, &len, &weight)) != NULL) {
        if (strlen(queue) == len && memcmp(name, queue, len) == 0) {
            return true;
        }
    }
    return false;
}

struct barq_value *bw_queue(struct barq_arena *arena, const struct bw_world *world,
                            const struct barq_queue_stats *queue)
{
    struct barq_value *value = barq_map(arena);
    int64_t workers = 0;

    for (size_t i = 0; i < world->n_workers; i++) {
        workers += works_on(&world->workers[i], queue->queue);
    }
    barq_set_key(value, "name", bw_text(arena, queue->queue));
    barq_set_key(value, "paused", barq_bool(arena, queue->paused));
    barq_set_key(value, "queued", barq_int(arena, queue->queued));
    barq_set_key(value, "deferred", barq_int(arena, queue->deferred));
    barq_set_key(value, "in_progress", barq_int(arena, queue->in_progress));
    barq_set_key(value, "complete", barq_int(arena, queue->complete));
    barq_set_key(value, "failed", barq_int(arena, queue->failed));
    barq_set_key(value, "held", barq_int(arena, queue->held));
    barq_set_key(value, "workers", barq_int(arena, workers));
    return value;
}

struct barq_value *bw_queues(struct barq_arena *arena, const struct bw_world *world)
{
    struct barq_value *list = barq_list(arena);

    for (size_t i = 0; i < world->n_queues; i++) {
        barq_add(list, bw_queue(arena, world, &world->queues[i]));
    }
    return list;
}
