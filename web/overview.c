/*
 * overview.c - all at a glance, how it was, and what is weak.
 */
#include <stdlib.h>

#include "base/text.h"
#include "base/time.h"
#include "web/call.h"
#include "web/queue_json.h"
#include "web/read.h"
#include "web/sampler.h"
#include "web/text.h"

/* -- at a glance -- */

/* What is behind the address, which itself is nobody's to know. */
static const char *broker_of(const struct bw_web *web)
{
    const char *url = web->options.url ? web->options.url : getenv("BARQ_URL");

    if (!url || *url == '\0' || bq_starts_with(url, "sqlite:")) {
        return "sqlite";
    }
    return bq_starts_with(url, "postgres")  ? "postgresql"
           : bq_starts_with(url, "memory:") ? "memory"
                                            : "redis";
}

static struct barq_value *totals_of(struct barq_arena *arena, const struct bw_world *world)
{
    struct barq_value *value = barq_map(arena);
    struct barq_queue_stats all = {.queued = 0};

    for (size_t i = 0; i < world->n_queues; i++) {
        all.queued += world->queues[i].queued;
        all.deferred += world->queues[i].deferred;
        all.in_progress += world->queues[i].in_progress;
        all.complete += world->queues[i].complete;
        all.failed += world->queues[i].failed;
        all.held += world->queues[i].held;
    }
    barq_set_key(value, "queued", barq_int(arena, all.queued));
    barq_set_key(value, "deferred", barq_int(arena, all.deferred));
    barq_set_key(value, "in_progress", barq_int(arena, all.in_progress));
    barq_set_key(value, "complete", barq_int(arena, all.complete));
    barq_set_key(value, "failed", barq_int(arena, all.failed));
    barq_set_key(value, "held", barq_int(arena, all.held));
    return value;
}

static void put_workers(struct barq_value *value, struct barq_arena *arena,
                        const struct bw_world *world)
{
    int64_t executors = 0;
    int64_t threads = 0;

    for (size_t i = 0; i < world->n_workers; i++) {
        executors += world->workers[i].executors;
        threads += world->workers[i].executors * world->workers[i].threads;
    }
    barq_set_key(value, "workers", barq_int(arena, (int64_t)world->n_workers));
    barq_set_key(value, "executors", barq_int(arena, executors));
    barq_set_key(value, "threads", barq_int(arena, threads));
}

static struct barq_value *processed_of(struct bw_call *call, const struct bw_gathered *gathered)
{
    struct barq_arena *arena = call->arena;
    const int64_t *counters = gathered->workers.counters;
    struct barq_value *value = barq_map(arena);

    barq_set_key(value, "complete", barq_int(arena, counters[BW_COMPLETE]));
    barq_set_key(value, "failed", barq_int(arena, counters[BW_FAILED]));
    barq_set_key(value, "retried", barq_int(arena, counters[BW_RETRIED]));
    barq_set_key(value, "since_at_ms", barq_int(arena, call->web->opened_at_ms));
    return value;
}

static enum barq_status overview(struct bw_call *call, struct barq_error *err)
{
    struct barq_arena *arena = call->arena;
    struct bw_world world;
    struct bw_gathered gathered;

    enum barq_status status = bw_world_read(call->client, arena, &world, err);
    if (status == BARQ_OK) {
        status = bw_sampler_gathered(call->web->sampler, arena, &gathered, err);
    }
    if (status != BARQ_OK) {
        return status;
    }

    struct barq_value *value = barq_map(arena);
    barq_set_key(value, "at_ms", barq_int(arena, bq_wall_ms()));
    barq_set_key(value, "version", barq_string(arena, BARQ_VERSION));
    barq_set_key(value, "broker", barq_string(arena, broker_of(call->web)));
    barq_set_key(value, "read_only", barq_bool(arena, call->web->options.read_only));
    barq_set_key(value, "can_write", barq_bool(arena, call->can_write));
    barq_set_key(value, "queues", bw_queues(arena, &world));
    barq_set_key(value, "totals", totals_of(arena, &world));
    put_workers(value, arena, &world);
    barq_set_key(value, "processed", processed_of(call, &gathered));
    barq_set_key(value, "recent", bw_sampler_recent(call->web->sampler, arena));
    call->answer = value;
    return BARQ_OK;
}

/* -- how it was -- */

static enum barq_status history(struct bw_call *call, struct barq_error *err)
{
    static const char *const spans[] = {"hour", "day", NULL};
    enum bw_span span = (enum bw_span)bw_query_word(call, "span", spans, BW_HOUR);
    int64_t since_ms = bw_query_int(call, "since_ms", 0, INT64_MAX, 0);
    const char *queue = bw_query(call, "queue", BARQ_QUEUE_MAX_BYTES);
    (void)err;
    if (call->status >= 400) {
        return BARQ_OK;
    }

    call->answer = barq_map(call->arena);
    barq_set_key(call->answer, "step_ms",
                 barq_int(call->arena, span == BW_HOUR ? BW_HOUR_STEP_MS : BW_DAY_STEP_MS));
    barq_set_key(call->answer, "samples",
                 bw_sampler_samples(call->web->sampler, span, since_ms, queue, call->arena));
    return BARQ_OK;
}

/* -- what is weak -- */

static enum barq_status check(struct bw_call *call, struct barq_error *err)
{
    const char *const *weaknesses = NULL;
    size_t count = 0;

    enum barq_status status = barq_weaknesses(call->client, call->arena, &weaknesses, &count, err);
    if (status != BARQ_OK) {
        return status;
    }
    struct barq_value *list = barq_list(call->arena);
    for (size_t i = 0; i < count; i++) {
        barq_add(list, bw_text(call->arena, weaknesses[i]));
    }
    call->answer = barq_map(call->arena);
    barq_set_key(call->answer, "weaknesses", list);
    return BARQ_OK;
}

const struct bw_route bw_overview_routes[] = {
    {.method = "GET", .path = "/api/overview", .run = overview},
    {.method = "GET", .path = "/api/history", .run = history},
    {.method = "GET", .path = "/api/check", .run = check},
    {.method = NULL},
};
