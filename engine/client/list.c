#include <barq/admin.h>

#include "client/client.h"

static enum barq_status check_list(const struct barq_client *client,
                                   const struct barq_list_filter *filter, size_t limit,
                                   struct barq_error *err)
{
    if (!client) {
        return bq_fail(err, BARQ_ERR_BUG, "client: called without a client");
    }
    if (limit < 1 || limit > BARQ_LIST_MAX) {
        return bq_fail(err, BARQ_ERR_ARG, "client: a page has 1 to %d jobs", BARQ_LIST_MAX);
    }
    if (filter && filter->queue && !bq_name_valid(filter->queue)) {
        return bq_fail(err, BARQ_ERR_ARG, "client: no queue can have that name");
    }
    return BARQ_OK;
}

static enum barq_status decode_all(const struct bq_found *found, size_t count,
                                   struct barq_arena *arena, struct barq_job_info **out,
                                   struct barq_error *err)
{
    struct barq_job_info *jobs = bq_arena_array(arena, count, sizeof(*jobs));
    if (!jobs) {
        return bq_fail(err, BARQ_ERR_NOMEM, "client: the arena has no room for %zu jobs", count);
    }

    for (size_t i = 0; i < count; i++) {
        enum barq_status status = bq_client_info(&found[i], arena, &jobs[i], err);
        if (status != BARQ_OK) {
            return status;
        }
    }
    *out = jobs;
    return BARQ_OK;
}

enum barq_status barq_list_jobs(struct barq_client *client, const struct barq_list_filter *filter,
                                const char *cursor, size_t limit, struct barq_arena *arena,
                                struct barq_job_info **out, size_t *count, const char **next,
                                struct barq_error *err)
{
    static const struct barq_list_filter all = {.status = BARQ_OFF};
    enum barq_status status = check_list(client, filter, limit, err);
    if (status != BARQ_OK) {
        return status;
    }

    struct bq_broker *broker = client->broker;
    struct bq_found *found = NULL;
    size_t n_found = 0;
    const char *after = NULL;
    status = broker->ops->list(broker, filter ? filter : &all, cursor ? cursor : "", limit, arena,
                               &found, &n_found, &after, client->timeout_ms, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = decode_all(found, n_found, arena, out, err);
    if (status != BARQ_OK) {
        return status;
    }
    *count = n_found;
    *next = after;
    return BARQ_OK;
}

enum barq_status barq_stats(struct barq_client *client, struct barq_arena *arena,
                            struct barq_queue_stats **out, size_t *count, struct barq_error *err)
{
    if (!client) {
        return bq_fail(err, BARQ_ERR_BUG, "client: called without a client");
    }
    return client->broker->ops->stats(client->broker, arena, out, count, client->timeout_ms, err);
}
