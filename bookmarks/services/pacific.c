#include "services/pacific.h"

#include <stdbool.h>

#include "base/zone.h"

enum { DAY_S = 86400 };

static bool open_zone(struct barq_arena *arena, struct bq_zone **zone)
{
    return bq_zone_open(arena, "America/Los_Angeles", zone, NULL) == BARQ_OK ||
           bq_zone_parse(arena, "PST8PDT,M3.2.0,M11.1.0", zone, NULL) == BARQ_OK;
}

static int64_t floor_days(int64_t seconds)
{
    return seconds / DAY_S - (seconds % DAY_S < 0);
}

/* What the clocks there are ahead of UTC; 0 only when there is no memory for the zone. */
static int64_t offset_s(const struct bq_zone *zone, int64_t at_s)
{
    struct bq_zone_span span = {.offset_s = 0};

    if (zone) {
        bq_zone_at(zone, at_s, &span);
    }
    return span.offset_s;
}

int64_t bm_pacific_midnight_ms(int64_t now_ms)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_zone *zone = NULL;
    bq_arena_init(&arena, BQ_ZONE_ARENA_BYTES);
    if (!open_zone(&arena, &zone)) {
        zone = NULL;
    }

    int64_t now_s = now_ms / 1000;
    int64_t offset = offset_s(zone, now_s);
    int64_t next_s = (floor_days(now_s + offset) + 1) * DAY_S; /* by the clock on the wall */
    /* The clocks may be set in between, but never within an hour of midnight. */
    return (next_s - offset_s(zone, next_s - offset)) * 1000;
}

int64_t bm_pacific_day(int64_t now_ms)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_zone *zone = NULL;
    bq_arena_init(&arena, BQ_ZONE_ARENA_BYTES);
    if (!open_zone(&arena, &zone)) {
        zone = NULL;
    }

    return floor_days(now_ms / 1000 + offset_s(zone, now_ms / 1000));
}
