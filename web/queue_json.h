/*
 * queue_json.h - queues and who works on them, as the broker tells it, and as openapi.json has it.
 */
#ifndef BW_QUEUE_JSON_H
#define BW_QUEUE_JSON_H

#include <barq/admin.h>

/* In an arena. */
struct bw_world {
    const struct barq_queue_stats *queues; /* by name */
    size_t n_queues;
    const struct barq_worker_info *workers;
    size_t n_workers;
};

enum barq_status bw_world_read(struct barq_client *client, struct barq_arena *arena,
                               struct bw_world *out, struct barq_error *err) BARQ_MUST_CHECK;
/* NULL: there is none of this name. */
const struct barq_queue_stats *bw_world_queue(const struct bw_world *world, const char *name);

struct barq_value *bw_queue(struct barq_arena *arena, const struct bw_world *world,
                            const struct barq_queue_stats *queue);
struct barq_value *bw_queues(struct barq_arena *arena, const struct bw_world *world);

/*
 * The next of "fast:3 slow:1", as a worker tells its queues: how many bytes its name has, and its weight;
 * `*at` moves behind it. NULL: there is no more.
 */
const char *bw_next_queue(const char **at, size_t *len, int64_t *weight);

#endif
