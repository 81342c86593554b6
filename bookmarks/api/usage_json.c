#include "api/usage_json.h"

#include "api/run_json.h"
#include "base/text.h"
#include "export/video_json.h"
#include "jobs/held.h"
#include "jobs/settings.h"
#include "store/options.h"
#include "store/usage_report.h"

enum { YOUTUBE_UNITS = 10000 };

static void put_int(struct barq_value *map, const char *key, int64_t number,
                    struct barq_arena *arena)
{
    barq_set_key(map, key, barq_int(arena, number));
}

static void put_day(struct barq_value *map, int64_t day, struct barq_arena *arena)
{
    char text[BM_DAY_BYTES];

    bm_day_text(day, text);
    barq_set_key(map, "day", barq_string(arena, text));
}

static void put_used(struct barq_value *map, const struct bm_used *used, struct barq_arena *arena)
{
    put_int(map, "calls", used->calls, arena);
    put_int(map, "units", used->units, arena);
    put_int(map, "tokens_in", used->tokens_in, arena);
    put_int(map, "tokens_out", used->tokens_out, arena);
    put_int(map, "cost_millionths", used->cost_millionths, arena);
}

/* -- what is left -- */

static enum barq_status put_youtube(struct barq_session *session, const struct bm_today *today,
                                    struct barq_arena *arena, struct barq_value *into,
                                    struct barq_error *err)
{
    struct barq_value *map = barq_map(arena);
    struct bm_option_value value = {.text = NULL};
    struct bm_used used = {0};
    int64_t units = YOUTUBE_UNITS;
    char day[BM_DAY_BYTES];
    bm_day_text(today->day, day);

    enum barq_status status =
        bm_option_get(session, bm_option_find("youtube_daily_units"), arena, &value, err);
    if (status == BARQ_OK) {
        status = bm_usage_of(session, bm_service_name(BM_SERVICE_YOUTUBE), day, NULL, &used, err);
    }
    if (value.text && !bq_parse_int(value.text, &units)) {
        units = YOUTUBE_UNITS;
    }
    put_day(map, today->day, arena);
    put_int(map, "units", used.units, arena);
    put_int(map, "daily_units", units, arena);
    barq_set_key(map, "resets_at", bm_time_json(today->ends_at_ms, arena));
    barq_set_key(into, "youtube", map);
    return status;
}

static enum barq_status put_budget(struct barq_session *session, const struct bm_today *today,
                                   struct barq_arena *arena, struct barq_value *into,
                                   struct barq_error *err)
{
    struct barq_value *map = barq_map(arena);
    struct bm_used used = {0};
    int64_t budget = 0;
    char day[BM_DAY_BYTES];
    bm_day_text(today->day, day);

    enum barq_status status = bm_daily_budget(session, arena, &budget, err);
    if (status == BARQ_OK) {
        status = bm_usage_of(session, NULL, day, NULL, &used, err);
    }
    put_day(map, today->day, arena);
    put_int(map, "spent_millionths", used.cost_millionths, arena);
    barq_set_key(map, "daily_millionths", budget > 0 ? barq_int(arena, budget) : barq_null(arena));
    barq_set_key(map, "resets_at", bm_time_json(today->ends_at_ms, arena));
    barq_set_key(into, "budget", map);
    return status;
}

static enum barq_status put_holds(struct barq_session *session, int64_t now_ms,
                                  struct barq_arena *arena, struct barq_value *into,
                                  struct barq_error *err)
{
    struct barq_value *list = barq_list(arena);
    const struct bm_held *held = NULL;
    size_t count = 0;

    enum barq_status status = bm_holds(session, now_ms, arena, &held, &count, err);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        barq_add(list, bm_hold_json(&held[i], arena));
    }
    barq_set_key(into, "holds", list);
    return status;
}

/* -- what was spent -- */

/* Of YouTube's days and of all others', each ended by its own midnight. */
struct period {
    const struct bm_today *youtube;
    const struct bm_today *others;
    int64_t days;
};

static enum barq_status put_spent(struct barq_session *session, const struct period *period,
                                  const char *key, struct barq_arena *arena,
                                  struct barq_value *into, struct barq_error *err)
{
    struct barq_value *list = barq_list(arena);
    enum barq_status status = BARQ_OK;

    for (int others = 1; status == BARQ_OK && others >= 0; others--) {
        int64_t last = others ? period->others->day : period->youtube->day;
        const struct bm_spent *spent = NULL;
        size_t count = 0;
        status = bm_usage_report(session, bm_service_name(BM_SERVICE_YOUTUBE), others,
                                 last - (period->days - 1), last, arena, &spent, &count, err);
        for (size_t i = 0; status == BARQ_OK && i < count; i++) {
            struct barq_value *map = barq_map(arena);
            barq_set_key(map, "service", barq_string(arena, spent[i].service));
            barq_set_key(map, "model", barq_string(arena, spent[i].used.model));
            barq_set_key(map, "list_id", barq_string(arena, spent[i].list_id));
            barq_set_key(map, "list_name", barq_string(arena, spent[i].list_name));
            put_used(map, &spent[i].used, arena);
            barq_add(list, map);
        }
    }
    barq_set_key(into, key, list);
    return status;
}

static enum barq_status put_days(struct barq_session *session, const struct bm_today *today,
                                 struct barq_arena *arena, struct barq_value *into,
                                 struct barq_error *err)
{
    struct barq_value *list = barq_list(arena);
    struct bm_used used[BM_USAGE_DAYS];

    enum barq_status status = bm_usage_by_day(session, today->day, used, err);
    for (int i = 0; status == BARQ_OK && i < BM_USAGE_DAYS; i++) {
        struct barq_value *map = barq_map(arena);
        put_day(map, today->day - (BM_USAGE_DAYS - 1) + i, arena);
        put_used(map, &used[i], arena);
        barq_add(list, map);
    }
    barq_set_key(into, "days", list);
    return status;
}

enum barq_status bm_api_usage_json(struct barq_session *session, int64_t now_ms,
                                   struct barq_arena *arena, struct barq_value **out,
                                   struct barq_error *err)
{
    const struct bm_today youtube = bm_today(BM_SERVICE_YOUTUBE, now_ms);
    const struct bm_today others = bm_today(BM_SERVICE_NONE, now_ms);
    struct period today = {.youtube = &youtube, .others = &others, .days = 1};
    struct period month = {.youtube = &youtube, .others = &others, .days = BM_USAGE_DAYS};
    *out = barq_map(arena);

    enum barq_status status = put_youtube(session, &youtube, arena, *out, err);
    if (status == BARQ_OK) {
        status = put_budget(session, &others, arena, *out, err);
    }
    if (status == BARQ_OK) {
        status = put_holds(session, now_ms, arena, *out, err);
    }
    if (status == BARQ_OK) {
        status = put_spent(session, &today, "today", arena, *out, err);
    }
    if (status == BARQ_OK) {
        status = put_spent(session, &month, "last_30_days", arena, *out, err);
    }
    return status == BARQ_OK ? put_days(session, &others, arena, *out, err) : status;
}
