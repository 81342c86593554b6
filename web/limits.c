/*
 * limits.c - what is held back, and by which limit.
 */
#include "web/call.h"
#include "web/read.h"
#include "web/text.h"

static struct barq_value *limit_json(struct barq_arena *arena, const struct barq_limit_info *limit)
{
    struct barq_value *value = barq_map(arena);

    barq_set_key(value, "queue", bw_text(arena, limit->queue));
    barq_set_key(value, "function", bw_text(arena, limit->function));
    barq_set_key(value, "name", bw_text(arena, limit->name));
    barq_set_key(value, "each_key", barq_bool(arena, limit->each_key));
    barq_set_key(value, "key", bw_text(arena, limit->key));
    barq_set_key(value, "max_running", bw_maybe(arena, limit->max_running));
    barq_set_key(value, "max_starts", bw_maybe(arena, limit->max_starts));
    barq_set_key(value, "per_ms", bw_maybe(arena, limit->per_ms));
    barq_set_key(value, "running", barq_int(arena, limit->running));
    barq_set_key(value, "held", barq_int(arena, limit->held));
    return value;
}

static enum barq_status list(struct bw_call *call, struct barq_error *err)
{
    const char *queue = bw_query(call, "queue", BARQ_QUEUE_MAX_BYTES);
    struct barq_limit_info *limits = NULL;
    size_t count = 0;
    if (call->status >= 400) {
        return BARQ_OK;
    }

    enum barq_status status = barq_limits(call->client, queue, call->arena, &limits, &count, err);
    if (status != BARQ_OK) {
        return status;
    }
    struct barq_value *objects = barq_list(call->arena);
    for (size_t i = 0; i < count; i++) {
        barq_add(objects, limit_json(call->arena, &limits[i]));
    }
    call->answer = barq_map(call->arena);
    barq_set_key(call->answer, "limits", objects);
    return BARQ_OK;
}

const struct bw_route bw_limit_routes[] = {
    {.method = "GET", .path = "/api/limits", .run = list},
    {.method = NULL},
};
