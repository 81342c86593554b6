/*
 * queues.c - queues, and whether anybody claims from them.
 */
#include "web/call.h"
#include "web/queue_json.h"

static enum barq_status list(struct bw_call *call, struct barq_error *err)
{
    struct bw_world world;

    enum barq_status status = bw_world_read(call->client, call->arena, &world, err);
    if (status != BARQ_OK) {
        return status;
    }
    call->answer = barq_map(call->arena);
    barq_set_key(call->answer, "queues", bw_queues(call->arena, &world));
    return BARQ_OK;
}

/* The broker would make one that is not there. */
static enum barq_status change(struct bw_call *call,
                               enum barq_status (*what)(struct barq_client *client,
                                                        const char *queue, struct barq_error *err),
                               struct barq_error *err)
{
    struct bw_world world;

    enum barq_status status = bw_world_read(call->client, call->arena, &world, err);
    if (status != BARQ_OK) {
        return status;
    }
    const struct barq_queue_stats *queue = bw_world_queue(&world, call->ids[0]);
    if (!queue) {
        return bw_refuse(call, BW_PROBLEM_NO_QUEUE, NULL);
    }
    status = what(call->client, queue->queue, err);
    if (status == BARQ_OK) {
        status = bw_world_read(call->client, call->arena, &world, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    queue = bw_world_queue(&world, call->ids[0]);
    if (!queue) {
        return bw_refuse(call, BW_PROBLEM_NO_QUEUE, NULL);
    }
    call->answer = bw_queue(call->arena, &world, queue);
    return BARQ_OK;
}

static enum barq_status pause_queue(struct bw_call *call, struct barq_error *err)
{
    return change(call, barq_pause, err);
}

static enum barq_status resume_queue(struct bw_call *call, struct barq_error *err)
{
    return change(call, barq_resume, err);
}

const struct bw_route bw_queue_routes[] = {
    {.method = "GET", .path = "/api/queues", .run = list},
    {.method = "POST", .path = "/api/queues/{queue}/pause", .run = pause_queue},
    {.method = "POST", .path = "/api/queues/{queue}/resume", .run = resume_queue},
    {.method = NULL},
};
