#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <barq/client.h>

#include "base/time.h"
#include "client/client.h"
#include "job/record.h"

/* A job beside its payload: what it waits for, its names, and what encoding leaves in the arena. */
enum { JOB_EXTRA_BYTES = BQ_AFTER_ARENA_BYTES + 16 * 1024 };

/* An arena that has room for `count` jobs at the payload limit. */
static void init_arena(struct barq_arena *arena, const struct barq_client *client, size_t count)
{
    size_t each = 2 * client->payload_max_bytes + JOB_EXTRA_BYTES;
    size_t limit = 0;

    if (__builtin_mul_overflow(each, count, &limit)) {
        limit = SIZE_MAX;
    }
    bq_arena_init(arena, limit);
}

/* Makes the bytes of one job, and tells its id, which is the caller's whatever comes of the job. */
static enum barq_status make_job(const struct barq_client *client, struct barq_arena *arena,
                                 struct barq_new_job *job, struct bq_job *out,
                                 struct barq_error *err)
{
    struct bq_job_request request = {
        .function = job->function,
        .args = job->args,
        .kwargs = job->kwargs,
        .options = &job->options,
        .codec = client->codec,
        .default_queue = client->queue,
        .payload_max_bytes = client->payload_max_bytes,
        .now_ms = bq_wall_ms(),
    };
    enum barq_status status = bq_job_make(arena, &request, out, err);
    if (status != BARQ_OK) {
        return status;
    }

    memcpy(job->id, out->id, strlen(out->id) + 1); /* bq_job_make() has checked its length */
    return BARQ_OK;
}

/* Hands the made jobs over in one transaction. */
static enum barq_status hand_over(struct barq_client *client, struct bq_enqueue *made,
                                  struct barq_new_job *jobs, size_t count, struct barq_error *err)
{
    struct bq_broker *broker = client->broker;
    enum barq_status status = broker->ops->enqueue(broker, made, count, client->timeout_ms, err);
    if (status != BARQ_OK) {
        return status;
    }

    for (size_t i = 0; i < count; i++) {
        jobs[i].status = made[i].exists ? BARQ_ERR_EXISTS : BARQ_OK;
    }
    return BARQ_OK;
}

/* `*bad` is the job that was at fault, when one was. */
static enum barq_status enqueue_all(struct barq_client *client, struct barq_new_job *jobs,
                                    size_t count, size_t *bad, struct barq_error *err)
{
    bq_auto(memory) struct bq_enqueue *made = calloc(count, sizeof(*made));
    if (!made) {
        return bq_fail(err, BARQ_ERR_NOMEM, "client: out of memory");
    }
    bq_auto(arena) struct barq_arena arena;
    init_arena(&arena, client, count);

    for (size_t i = 0; i < count; i++) {
        enum barq_status status = make_job(client, &arena, &jobs[i], &made[i].job, err);
        if (status != BARQ_OK) {
            *bad = i;
            return status;
        }
    }
    return hand_over(client, made, jobs, count, err);
}

enum barq_status barq_enqueue_many(struct barq_client *client, struct barq_new_job *jobs,
                                   size_t count, struct barq_error *err)
{
    if (!client) {
        return bq_fail(err, BARQ_ERR_BUG, "client: called without a client");
    }
    if (count == 0) {
        return BARQ_OK;
    }

    size_t bad = count;
    enum barq_status status = enqueue_all(client, jobs, count, &bad, err);
    if (bad < count && err) {
        char where[64];
        snprintf(where, sizeof(where), "job %zu of %zu", bad + 1, count);
        return bq_fail_add(err, where);
    }
    return status;
}

enum barq_status barq_enqueue(struct barq_client *client, const char *function,
                              const struct barq_value *args, const struct barq_value *kwargs,
                              const struct barq_enqueue_options *options, char *id_out,
                              struct barq_error *err)
{
    if (!client) {
        return bq_fail(err, BARQ_ERR_BUG, "client: called without a client");
    }

    struct barq_new_job job = {.function = function, .args = args, .kwargs = kwargs};
    if (options) {
        job.options = *options;
    }
    size_t bad = 0;
    enum barq_status status = enqueue_all(client, &job, 1, &bad, err);
    if (id_out && job.id[0] != '\0') {
        memcpy(id_out, job.id, strlen(job.id) + 1);
    }
    if (status == BARQ_OK && job.status == BARQ_ERR_EXISTS) {
        return bq_fail(err, BARQ_ERR_EXISTS,
                       "client: a job of this id waits, runs or has kept its result: %s", job.id);
    }
    return status;
}
