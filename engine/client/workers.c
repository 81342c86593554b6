#include <barq/admin.h>

#include "client/client.h"
#include "job/tally.h"

static enum barq_status no_room(struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_NOMEM, "client: no room for what workers tell");
}

/* Workers as the broker has them, each with what its tally says. */
static enum barq_status see(struct barq_client *client, struct barq_arena *arena,
                            struct bq_worker_seen **seen, struct bq_tally **tallies, size_t *count,
                            struct barq_error *err)
{
    enum barq_status status =
        client->broker->ops->workers(client->broker, arena, seen, count, client->timeout_ms, err);
    if (status != BARQ_OK) {
        return status;
    }
    *tallies = bq_arena_array(arena, *count + 1, sizeof(**tallies));
    for (size_t i = 0; i < *count; i++) {
        if (!*tallies || !bq_tally_get(arena, (*seen)[i].tally, &(*tallies)[i])) {
            return no_room(err);
        }
    }
    return BARQ_OK;
}

enum barq_status barq_workers(struct barq_client *client, struct barq_arena *arena,
                              struct barq_worker_info **out, size_t *count, struct barq_error *err)
{
    struct bq_worker_seen *seen = NULL;
    struct bq_tally *tallies = NULL;
    size_t there = 0;

    if (!client) {
        return bq_fail(err, BARQ_ERR_BUG, "client: called without a client");
    }
    enum barq_status status = see(client, arena, &seen, &tallies, &there, err);
    if (status != BARQ_OK) {
        return status;
    }
    struct barq_worker_info *workers = bq_arena_array(arena, there + 1, sizeof(*workers));
    if (!workers) {
        return no_room(err);
    }
    for (size_t i = 0; i < there; i++) {
        workers[i] = seen[i].info;
        workers[i].memory_bytes = tallies[i].memory_bytes;
        workers[i].places = tallies[i].executors;
        workers[i].n_places = tallies[i].n_executors;
    }
    *out = workers;
    *count = there;
    return BARQ_OK;
}

enum barq_status barq_function_stats(struct barq_client *client, struct barq_arena *arena,
                                     struct barq_function_stats **out, size_t *count,
                                     struct barq_error *err)
{
    struct bq_worker_seen *seen = NULL;
    struct bq_tally *tallies = NULL;
    size_t workers = 0;
    size_t most = 0;
    size_t filled = 0;

    if (!client) {
        return bq_fail(err, BARQ_ERR_BUG, "client: called without a client");
    }
    enum barq_status status = see(client, arena, &seen, &tallies, &workers, err);
    if (status != BARQ_OK) {
        return status;
    }
    for (size_t i = 0; i < workers; i++) {
        most += tallies[i].n_functions;
    }
    struct barq_function_stats *stats = bq_arena_array(arena, most + 1, sizeof(*stats));
    if (!stats) {
        return no_room(err);
    }
    for (size_t i = 0; i < workers; i++) {
        for (size_t f = 0; f < tallies[i].n_functions; f++) {
            stats[filled] = tallies[i].functions[f];
            stats[filled++].worker = seen[i].info.name;
        }
    }
    *out = stats;
    *count = filled;
    return BARQ_OK;
}

enum barq_status barq_weaknesses(struct barq_client *client, struct barq_arena *arena,
                                 const char *const **out, size_t *count, struct barq_error *err)
{
    if (!client) {
        return bq_fail(err, BARQ_ERR_BUG, "client: called without a client");
    }
    return client->broker->ops->weaknesses(client->broker, arena, out, count, client->timeout_ms,
                                           err);
}
