#include "jobs/held.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/time.h"
#include "base/zone.h"
#include "services/hold.h"
#include "services/pacific.h"

enum { DAY_S = 86400 };

enum barq_status bm_is_held(struct barq_session *session, enum bm_service service,
                            struct barq_arena *arena, bool *out, struct barq_error *err)
{
    struct bm_held held = {.service = NULL};
    if (service == BM_SERVICE_NONE) {
        *out = false;
        return BARQ_OK;
    }

    enum barq_status status =
        bm_hold_get(session, bm_service_name(service), bq_wall_ms(), arena, &held, err);
    *out = held.service != NULL;
    return status;
}

struct bm_today bm_today(enum bm_service service, int64_t now_ms)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_zone_span span = {.offset_s = 0};
    struct bq_zone *zone = NULL;
    bq_arena_init(&arena, BQ_ZONE_ARENA_BYTES);

    if (service == BM_SERVICE_YOUTUBE) {
        return (struct bm_today){.day = bm_pacific_day(now_ms),
                                 .ends_at_ms = bm_pacific_midnight_ms(now_ms)};
    }
    if (bq_zone_open(&arena, NULL, &zone, NULL) == BARQ_OK) {
        bq_zone_at(zone, now_ms / 1000,
                   &span); /* his midnight, by the offset that clocks have now */
    }
    int64_t day = (now_ms / 1000 + span.offset_s) / DAY_S;
    return (struct bm_today){.day = day, .ends_at_ms = ((day + 1) * DAY_S - span.offset_s) * 1000};
}

static enum barq_status put_hold(struct barq_session *session, const struct bm_verdict *verdict,
                                 const char *why, int64_t now_ms, const struct bq_zone *zone,
                                 struct barq_error *err)
{
    struct bm_hold hold;

    if (!bm_hold_of(verdict, why, 0, now_ms, zone, &hold)) {
        return BARQ_OK;
    }
    return bm_hold_put(session, bm_service_name(hold.service), hold.until_at_ms, hold.reason,
                       now_ms, err);
}

enum barq_status bm_note_call(struct barq_session *session, const struct bm_verdict *verdict,
                              const char *why, const char *list_id, const struct bm_used *spent,
                              struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_zone *zone = NULL;
    int64_t now_ms = bq_wall_ms();
    char day[BM_DAY_BYTES];
    struct bm_used usage = spent ? *spent : (struct bm_used){0};
    bq_arena_init(&arena, BQ_ZONE_ARENA_BYTES);
    if (verdict->service == BM_SERVICE_NONE) {
        return BARQ_OK;
    }

    if (bq_zone_open(&arena, NULL, &zone, NULL) != BARQ_OK) {
        zone = NULL; /* then it is told in UTC */
    }
    bm_day_text(bm_today(verdict->service, now_ms).day, day);
    usage.calls = 1;
    usage.units = verdict->units;
    enum barq_status status =
        bm_usage_add(session, bm_service_name(verdict->service), day, list_id, &usage, err);
    return status == BARQ_OK ? put_hold(session, verdict, why, now_ms, zone, err) : status;
}

enum barq_status bm_hold_when_spent(struct barq_session *session, enum bm_service service,
                                    int64_t budget_millionths, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_zone *zone = NULL;
    int64_t now_ms = bq_wall_ms();
    char day[BM_DAY_BYTES];
    char resumes[BM_RESUMES_BYTES];
    char reason[BM_HOLD_REASON_BYTES];
    struct bm_used used = {0};
    bq_arena_init(&arena, BQ_ZONE_ARENA_BYTES);

    if (bq_zone_open(&arena, NULL, &zone, NULL) != BARQ_OK) {
        zone = NULL;
    }
    const struct bm_today today = bm_today(service, now_ms);
    bm_day_text(today.day, day);
    enum barq_status status = bm_usage_of(session, NULL, day, NULL, &used, err);
    if (status != BARQ_OK || used.cost_millionths < budget_millionths) {
        return status;
    }
    bm_resumes_text(today.ends_at_ms, now_ms, zone, resumes);
    snprintf(reason, sizeof(reason), "%s: the budget of the day is spent; resumes %s",
             bm_service_label(service), resumes);
    return bm_hold_put(session, bm_service_name(service), today.ends_at_ms, reason, now_ms, err);
}

enum barq_status bm_give_up_or_retry(struct barq_context *ctx, enum barq_status status,
                                     const struct bm_verdict *verdict, struct barq_error *err)
{
    char why[BARQ_ERROR_MAX_BYTES];
    snprintf(why, sizeof(why), "%s", err->text);

    switch (verdict->outcome) {
    case BM_CALL_SETUP:
    case BM_CALL_REFUSED:
        return barq_fail(ctx, err, "%s", why);
    case BM_CALL_RETRY:
        return verdict->retry_ms > 0 ? barq_retry(ctx, err, verdict->retry_ms, "%s", why) : status;
    case BM_CALL_HELD:
    case BM_CALL_CANCELED:
    case BM_CALL_OK:
    case BM_CALL_OUTCOMES:
        break;
    }
    return status;
}
