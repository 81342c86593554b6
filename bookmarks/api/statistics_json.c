#include "api/statistics_json.h"

#include "store/holds.h"

static void put_int(struct barq_value *map, const char *key, int64_t number,
                    struct barq_arena *arena)
{
    barq_set_key(map, key, barq_int(arena, number));
}

static struct barq_value *day_json(int64_t day, struct barq_arena *arena)
{
    char text[BM_DAY_BYTES];

    bm_day_text(day, text);
    return barq_string(arena, text);
}

/* -- of a field -- */

static struct barq_value *option_json(struct barq_value *option, int64_t count,
                                      struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);

    barq_set_key(map, "option", option);
    put_int(map, "count", count, arena);
    return map;
}

static void put_options(struct barq_value *map, const struct bm_field_statistics *field,
                        struct barq_arena *arena)
{
    struct barq_value *options = barq_list(arena);

    for (size_t i = 0; i < field->n_options; i++) {
        barq_add(options, option_json(barq_string(arena, field->options[i].option),
                                      field->options[i].count, arena));
    }
    if (field->field.type == BM_BOOLEAN) {
        barq_add(options, option_json(barq_bool(arena, true), field->n_true, arena));
        barq_add(options,
                 option_json(barq_bool(arena, false), field->n_filled - field->n_true, arena));
    }
    barq_set_key(map, "options", options);
    put_int(map, "other_count", field->n_other, arena);
}

/* A number, or the day that it stands for. */
static struct barq_value *edge_json(const struct bm_field_statistics *field, double edge,
                                    struct barq_arena *arena)
{
    return field->field.type == BM_DATE ? day_json((int64_t)edge, arena) : barq_double(arena, edge);
}

static void put_range(struct barq_value *map, const struct bm_field_statistics *field,
                      struct barq_arena *arena)
{
    const struct bm_distribution *all = &field->distribution;
    struct barq_value *buckets = barq_list(arena);
    bool any = all->count > 0;

    barq_set_key(map, "min", any ? edge_json(field, all->min, arena) : barq_null(arena));
    barq_set_key(map, "max", any ? edge_json(field, all->max, arena) : barq_null(arena));
    barq_set_key(map, "median", any ? edge_json(field, all->median, arena) : barq_null(arena));
    for (size_t i = 0; any && i < all->n_buckets; i++) {
        struct barq_value *bucket = barq_map(arena);
        barq_set_key(bucket, "from", edge_json(field, all->edges[i], arena));
        barq_set_key(bucket, "to", edge_json(field, all->edges[i + 1], arena));
        put_int(bucket, "count", all->counts[i], arena);
        barq_add(buckets, bucket);
    }
    barq_set_key(map, "buckets", buckets);
}

static struct barq_value *distribution_json(const struct bm_field_statistics *field,
                                            struct barq_arena *arena)
{
    static const char *const kinds[BM_FIELD_TYPES] = {
        [BM_TEXT] = "filled",     [BM_LINK] = "filled",          [BM_SELECT] = "options",
        [BM_BOOLEAN] = "options", [BM_MULTI_SELECT] = "options", [BM_NUMBER] = "range",
        [BM_RATING] = "range",    [BM_DURATION] = "range",       [BM_DATE] = "range"};
    const char *kind = kinds[field->field.type];
    struct barq_value *map = barq_map(arena);

    barq_set_key(map, "kind", barq_string(arena, kind));
    if (*kind == 'o') {
        put_options(map, field, arena);
    } else if (*kind == 'r') {
        put_range(map, field, arena);
    }
    return map;
}

static struct barq_value *field_json(const struct bm_field_statistics *field, int64_t n_videos,
                                     struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);
    struct barq_value *sources = barq_map(arena);

    for (int i = 0; i < BM_SOURCES; i++) {
        put_int(sources, bm_source_name((enum bm_source)i), field->by_source[i], arena);
    }
    barq_set_key(map, "field_id", barq_string(arena, field->field.id));
    barq_set_key(map, "name", barq_string(arena, field->field.name));
    barq_set_key(map, "label", barq_string(arena, field->field.label));
    barq_set_key(map, "type", barq_string(arena, bm_field_type_name(field->field.type)));
    barq_set_key(map, "unit", barq_string(arena, field->field.unit));
    put_int(map, "filled_count", field->n_filled, arena);
    put_int(map, "empty_count", n_videos - field->n_filled, arena);
    barq_set_key(map, "sources", sources);
    barq_set_key(map, "distribution", distribution_json(field, arena));
    return map;
}

/* -- of the list -- */

static struct barq_value *counted_json(const struct bm_counted *all, size_t count, bool with_color,
                                       struct barq_arena *arena)
{
    struct barq_value *list = barq_list(arena);

    for (size_t i = 0; i < count; i++) {
        struct barq_value *map = barq_map(arena);
        barq_set_key(map, "id", barq_string(arena, all[i].id));
        barq_set_key(map, "name", barq_string(arena, all[i].name));
        if (with_color) {
            barq_set_key(map, "color", barq_string(arena, all[i].color));
        }
        put_int(map, "count", all[i].count, arena);
        barq_add(list, map);
    }
    return list;
}

static struct barq_value *days_json(const struct bm_statistics *statistics,
                                    struct barq_arena *arena)
{
    struct barq_value *list = barq_list(arena);

    for (int i = 0; i < BM_STATISTICS_DAYS; i++) {
        struct barq_value *map = barq_map(arena);
        barq_set_key(map, "day", day_json(statistics->days[i].day, arena));
        put_int(map, "added_count", statistics->days[i].added, arena);
        put_int(map, "completed_count", statistics->days[i].completed, arena);
        barq_add(list, map);
    }
    return list;
}

struct barq_value *bm_api_statistics_json(const struct bm_list *list,
                                          const struct bm_statistics *statistics,
                                          struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);
    struct barq_value *fields = barq_list(arena);

    put_int(map, "video_count", list->counts.total, arena);
    put_int(map, "pending_count", list->counts.pending, arena);
    put_int(map, "completed_count", list->counts.completed, arena);
    put_int(map, "failed_count", list->counts.failed, arena);
    put_int(map, "watched_count", statistics->n_watched, arena);
    put_int(map, "private_count", statistics->n_private, arena);
    put_int(map, "gone_count", statistics->n_gone, arena);
    put_int(map, "timed_count", statistics->n_timed, arena);
    put_int(map, "total_seconds", statistics->total_seconds, arena);
    for (size_t i = 0; i < statistics->n_fields; i++) {
        barq_add(fields, field_json(&statistics->fields[i], list->counts.total, arena));
    }
    barq_set_key(map, "fields", fields);
    barq_set_key(map, "channels",
                 counted_json(statistics->channels, statistics->n_channels, false, arena));
    barq_set_key(map, "tags", counted_json(statistics->tags, statistics->n_tags, true, arena));
    barq_set_key(map, "days", days_json(statistics, arena));
    return map;
}
