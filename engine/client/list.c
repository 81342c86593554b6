#include <string.h>

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

/* Several statuses are one list after the other. What waits for its time is first: it may become queued meanwhile. */
static const enum barq_job_status waiting[] = {BARQ_JOB_DEFERRED, BARQ_JOB_QUEUED};
static const enum barq_job_status finished[] = {BARQ_JOB_COMPLETE, BARQ_JOB_FAILED};

/* Which list a cursor is in: "1:..." is in the second; the rest of it is the broker's. */
static size_t which_list(const char **cursor)
{
    bool second = strncmp(*cursor, "1:", 2) == 0;

    *cursor += second || strncmp(*cursor, "0:", 2) == 0 ? 2 : 0;
    return second;
}

static enum barq_status next_of(struct barq_arena *arena, size_t which, const char *after,
                                const char **next, struct barq_error *err)
{
    if (!after && which == 1) {
        *next = NULL;
        return BARQ_OK;
    }
    const char *cursor =
        after ? bq_arena_format(arena, "%zu:%s", which, after) : bq_arena_strdup(arena, "1:");
    if (!cursor) {
        return bq_fail(err, BARQ_ERR_NOMEM, "client: the arena has no room for a cursor");
    }
    *next = cursor;
    return BARQ_OK;
}

static enum barq_status list_one(struct barq_client *client, const struct barq_list_filter *filter,
                                 const char *cursor, size_t limit, struct barq_arena *arena,
                                 struct barq_job_info **out, size_t *count, const char **next,
                                 struct barq_error *err)
{
    struct bq_broker *broker = client->broker;
    struct bq_found *found = NULL;
    size_t n_found = 0;
    const char *after = NULL;
    enum barq_status status = broker->ops->list(broker, filter, cursor, limit, arena, &found,
                                                &n_found, &after, client->timeout_ms, err);
    if (status == BARQ_OK) {
        status = decode_all(found, n_found, arena, out, err);
    }
    if (status == BARQ_OK) {
        *count = n_found;
        *next = after;
    }
    return status;
}

static enum barq_status list_several(struct barq_client *client,
                                     const struct barq_list_filter *filter, const char *cursor,
                                     size_t limit, struct barq_arena *arena,
                                     struct barq_job_info **out, size_t *count, const char **next,
                                     struct barq_error *err)
{
    const enum barq_job_status *of = filter->status == BARQ_LIST_WAITING ? waiting : finished;
    size_t which = which_list(&cursor);
    struct barq_list_filter one = {.queue = filter->queue, .status = (int)of[which]};
    struct barq_job_info *jobs = NULL;
    const char *after = NULL;
    size_t n_jobs = 0;

    enum barq_status status =
        list_one(client, &one, cursor, limit, arena, &jobs, &n_jobs, &after, err);
    if (status == BARQ_OK) {
        status = next_of(arena, which, after, next, err);
    }
    if (status == BARQ_OK) {
        *out = jobs;
        *count = n_jobs;
    }
    return status;
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

    const struct barq_list_filter *asked = filter ? filter : &all;
    const char *from = cursor ? cursor : "";
    bool several = asked->status == BARQ_LIST_WAITING || asked->status == BARQ_LIST_FINISHED;
    return several ? list_several(client, asked, from, limit, arena, out, count, next, err)
                   : list_one(client, asked, from, limit, arena, out, count, next, err);
}

enum barq_status barq_stats(struct barq_client *client, struct barq_arena *arena,
                            struct barq_queue_stats **out, size_t *count, struct barq_error *err)
{
    if (!client) {
        return bq_fail(err, BARQ_ERR_BUG, "client: called without a client");
    }
    return client->broker->ops->stats(client->broker, arena, out, count, client->timeout_ms, err);
}
