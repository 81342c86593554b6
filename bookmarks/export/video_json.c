#include "export/video_json.h"

#include "base/time.h"
#include "export/field_text.h"
#include "video/url.h"

static struct barq_value *number_of(int64_t number, int64_t unknown, struct barq_arena *arena)
{
    return number == unknown ? barq_null(arena) : barq_int(arena, number);
}

struct barq_value *bm_time_json(int64_t at_ms, struct barq_arena *arena)
{
    char text[BQ_TIME_TEXT_BYTES];

    if (at_ms == INT64_MIN) {
        return barq_null(arena);
    }
    bq_time_text(at_ms, text);
    return barq_string(arena, text);
}

static void set_metadata(struct barq_value *map, const struct bm_metadata *metadata,
                         struct barq_arena *arena)
{
    struct barq_value *tags = barq_list(arena);

    for (size_t i = 0; i < metadata->n_tags; i++) {
        barq_add(tags, barq_string(arena, metadata->tags[i]));
    }
    barq_set_key(map, "title", barq_string(arena, metadata->title));
    barq_set_key(map, "channel", barq_string(arena, metadata->channel));
    barq_set_key(map, "channel_id", barq_string(arena, metadata->channel_id));
    barq_set_key(map, "duration_seconds", number_of(metadata->duration_s, -1, arena));
    barq_set_key(map, "published", bm_time_json(metadata->published_at_ms, arena));
    barq_set_key(map, "language", barq_string(arena, metadata->language));
    barq_set_key(map, "tags", tags);
    barq_set_key(map, "thumbnail_url", barq_string(arena, metadata->thumbnail_url));
}

/* {NAME: {"value": ..., "source": "rule"}} of the fields that have a value. */
static struct barq_value *values_of(const struct bm_field *fields, size_t n_fields,
                                    const struct bm_field_value *values, size_t count,
                                    struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);

    for (size_t i = 0; i < n_fields; i++) {
        const struct bm_field_value *value = bm_value_of(&fields[i], values, count);
        if (value) {
            struct barq_value *entry = barq_map(arena);
            barq_set_key(entry, "value", barq_copy(arena, value->value));
            barq_set_key(entry, "source", barq_string(arena, bm_source_name(value->source)));
            barq_set_key(map, fields[i].name, entry);
        }
    }
    return map;
}

struct barq_value *bm_video_json(const struct bm_video *video, const struct bm_field *fields,
                                 size_t n_fields, const struct bm_field_value *values, size_t count,
                                 struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);
    char url[BM_WATCH_URL_BYTES];
    bm_watch_url(video->metadata.youtube_id, url);

    barq_set_key(map, "url", barq_string(arena, url));
    barq_set_key(map, "status", barq_string(arena, bm_video_status_name(video->status)));
    barq_set_key(map, "error", barq_string(arena, video->error));
    set_metadata(map, &video->metadata, arena);
    barq_set_key(map, "fields", values_of(fields, n_fields, values, count, arena));
    return map;
}
