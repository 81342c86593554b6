/*
 * crons.c - what is enqueued by the clock, and when next.
 */
#include "base/arena.h"
#include "base/cron.h"
#include "base/time.h"
#include "web/call.h"
#include "web/text.h"

enum { NEXT_RUNS = 5, OVERDUE_MS = 60 * 1000 };

/* Zones are large, and it may not be known here: the worker's machine has files of its own. */
static struct barq_value *next_runs(struct barq_arena *arena, const struct barq_cron_info *info,
                                    int64_t now_ms)
{
    bq_auto(arena) struct barq_arena zones;
    struct barq_value *list = barq_list(arena);
    struct bq_zone *zone = NULL;
    struct bq_cron cron;

    bq_arena_init(&zones, BQ_ZONE_ARENA_BYTES);
    if (bq_cron_parse(info->schedule, &cron, NULL) != BARQ_OK ||
        bq_zone_open(&zones, info->time_zone, &zone, NULL) != BARQ_OK) {
        return list;
    }
    int64_t at_ms = bq_cron_next(&cron, zone, now_ms);
    for (int i = 0; i < NEXT_RUNS && at_ms != INT64_MAX; i++) {
        barq_add(list, barq_int(arena, at_ms));
        at_ms = bq_cron_next(&cron, zone, at_ms);
    }
    return list;
}

static struct barq_value *cron_json(struct barq_arena *arena, const struct barq_cron_info *info,
                                    int64_t now_ms)
{
    struct barq_value *value = barq_map(arena);
    bool is_overdue = info->next_at_ms != 0 && info->next_at_ms < now_ms - OVERDUE_MS;

    barq_set_key(value, "queue", bw_text(arena, info->queue));
    barq_set_key(value, "name", bw_text(arena, info->name));
    barq_set_key(value, "function", bw_text(arena, info->function));
    barq_set_key(value, "schedule", bw_text(arena, info->schedule));
    barq_set_key(value, "time_zone", bw_text(arena, info->time_zone));
    barq_set_key(value, "last_at_ms", bw_maybe(arena, info->last_at_ms));
    barq_set_key(value, "next_at_ms", bw_maybe(arena, info->next_at_ms));
    barq_set_key(value, "next_runs_at_ms", next_runs(arena, info, now_ms));
    barq_set_key(value, "is_overdue", barq_bool(arena, is_overdue));
    return value;
}

static enum barq_status list(struct bw_call *call, struct barq_error *err)
{
    struct barq_cron_info *crons = NULL;
    size_t count = 0;
    int64_t now_ms = bq_wall_ms();

    enum barq_status status = barq_crons(call->client, call->arena, &crons, &count, err);
    if (status != BARQ_OK) {
        return status;
    }
    struct barq_value *objects = barq_list(call->arena);
    for (size_t i = 0; i < count; i++) {
        barq_add(objects, cron_json(call->arena, &crons[i], now_ms));
    }
    call->answer = barq_map(call->arena);
    barq_set_key(call->answer, "crons", objects);
    return BARQ_OK;
}

const struct bw_route bw_cron_routes[] = {
    {.method = "GET", .path = "/api/crons", .run = list},
    {.method = NULL},
};
