#include "api/video_json.h"

#include <string.h>

#include "api/note_json.h"
#include "api/tag_json.h"
#include "export/field_text.h"
#include "export/video_json.h"
#include "fields/definition.h"

static struct barq_value *number_of(int64_t number, int64_t unknown, struct barq_arena *arena)
{
    return number == unknown ? barq_null(arena) : barq_int(arena, number);
}

static struct barq_value *answer_of(enum bm_answer answer, struct barq_arena *arena)
{
    return answer == BM_UNKNOWN ? barq_null(arena) : barq_bool(arena, answer == BM_YES);
}

static struct barq_value *value_json(const struct bm_field_value *value, struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);

    barq_set_key(map, "field_id", barq_string(arena, value->field_id));
    barq_set_key(map, "value", barq_copy(arena, value->value));
    barq_set_key(map, "source", barq_string(arena, bm_source_name(value->source)));
    barq_set_key(map, "updated_at", bm_time_json(value->updated_at_ms, arena));
    if (value->model) {
        barq_set_key(map, "model", barq_string(arena, value->model));
        barq_set_key(map, "model_version", barq_string(arena, value->model_version));
    }
    if (value->has_time) {
        barq_set_key(map, "at_seconds", barq_int(arena, value->at_seconds));
    }
    if (value->quote) {
        barq_set_key(map, "quote", barq_string(arena, value->quote));
    }
    return map;
}

/* By the field's name. */
static struct barq_value *values_json(const struct bm_field *fields, size_t n_fields,
                                      const struct bm_field_value *values, size_t count,
                                      struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);

    for (size_t i = 0; i < n_fields; i++) {
        const struct bm_field_value *value = bm_value_of(&fields[i], values, count);
        if (value) {
            barq_set_key(map, fields[i].name, value_json(value, arena));
        }
    }
    return map;
}

static void set_row(struct barq_value *map, const struct bm_video *video, struct barq_arena *arena)
{
    const struct bm_metadata *metadata = &video->metadata;

    barq_set_key(map, "id", barq_string(arena, video->id));
    barq_set_key(map, "list_id", barq_string(arena, video->list_id));
    barq_set_key(map, "youtube_id", barq_string(arena, metadata->youtube_id));
    barq_set_key(map, "position", barq_int(arena, video->position));
    barq_set_key(map, "own_title", barq_string(arena, video->own_title));
    barq_set_key(map, "availability", barq_string(arena, video->availability));
    barq_set_key(map, "checked_at", bm_time_json(video->checked_at_ms, arena));
    barq_set_key(map, "metadata_origin", barq_string(arena, metadata->origin));
    barq_set_key(map, "metadata_at", bm_time_json(video->metadata_at_ms, arena));
    barq_set_key(map, "added_at", bm_time_json(video->added_at_ms, arena));
    barq_set_key(map, "start_seconds", number_of(video->start_s, 0, arena));
    barq_set_key(map, "watch_position", number_of(video->watch_position_s, -1, arena));
    barq_set_key(map, "watched_at", bm_time_json(video->watched_at_ms, arena));
    barq_set_key(map, "created_at", bm_time_json(video->created_at_ms, arena));
    barq_set_key(map, "updated_at", bm_time_json(video->updated_at_ms, arena));
    barq_set_key(map, "view_count", number_of(metadata->views, -1, arena));
    barq_set_key(map, "like_count", number_of(metadata->likes, -1, arena));
    barq_set_key(map, "comment_count", number_of(metadata->comments, -1, arena));
    barq_set_key(map, "category", barq_string(arena, bm_category_name(metadata->category_id)));
    barq_set_key(map, "live", barq_string(arena, metadata->live));
    barq_set_key(map, "privacy", barq_string(arena, metadata->privacy));
    barq_set_key(map, "is_embeddable", answer_of(metadata->embeddable, arena));
    barq_set_key(map, "has_captions", answer_of(metadata->captioned, arena));
}

/* The required fields that have no value, by name. */
static struct barq_value *missing_json(const struct bm_field *fields, size_t n_fields,
                                       const struct bm_field_value *values, size_t n_values,
                                       struct barq_arena *arena)
{
    struct barq_value *missing = barq_list(arena);

    for (size_t i = 0; i < n_fields; i++) {
        bool filled = false;
        for (size_t v = 0; v < n_values; v++) {
            filled |= strcmp(values[v].field_id, fields[i].id) == 0;
        }
        if (fields[i].is_required && !filled) {
            barq_add(missing, barq_string(arena, fields[i].name));
        }
    }
    return missing;
}

struct barq_value *bm_api_video_map(const struct bm_video *video, const struct bm_field *fields,
                                    size_t n_fields, const struct bm_values_of *values,
                                    const struct bm_tags_of *tags, struct barq_arena *arena)
{
    struct barq_value *map =
        bm_video_json(video, fields, n_fields, values->values, values->count, arena);

    barq_set_key(map, "youtube_tags", barq_copy(arena, barq_get(map, "tags")));
    barq_set_key(map, "tags", bm_api_tags_list(tags->tags, tags->count, arena));
    set_row(map, video, arena);
    barq_set_key(map, "fields",
                 values_json(fields, n_fields, values->values, values->count, arena));
    barq_set_key(map, "missing_fields",
                 missing_json(fields, n_fields, values->values, values->count, arena));
    return map;
}

enum barq_status bm_api_video(struct barq_session *session, const struct bm_video *video,
                              const struct bm_field *fields, size_t n_fields,
                              struct barq_arena *arena, struct barq_value **out,
                              struct barq_error *err)
{
    struct bm_values_of values = {.count = 0};
    struct bm_tags_of tags = {.count = 0};

    enum barq_status status = bm_field_values_of(session, &video->id, 1, arena, &values, err);
    if (status == BARQ_OK) {
        status = bm_tags_of_videos(session, &video->id, 1, arena, &tags, err);
    }
    if (status == BARQ_OK) {
        *out = bm_api_video_map(video, fields, n_fields, &values, &tags, arena);
    }
    return status;
}

enum barq_status bm_api_whole_video(struct barq_session *session, const char *id,
                                    struct barq_arena *arena, struct barq_value **out,
                                    struct barq_error *err)
{
    struct barq_value *available = barq_list(arena);
    struct barq_value *notes = NULL;
    const struct bm_field *fields = NULL;
    struct bm_video video;
    size_t count = 0;

    enum barq_status status = bm_video_get(session, id, arena, &video, err);
    if (status == BARQ_OK) {
        status = bm_fields(session, video.list_id, arena, &fields, &count, err);
    }
    if (status == BARQ_OK) {
        status = bm_api_video(session, &video, fields, count, arena, out, err);
    }
    if (status == BARQ_OK) {
        status = bm_api_notes_json(session, video.id, arena, &notes, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    for (size_t i = 0; i < count; i++) {
        barq_add(available, bm_field_json(&fields[i], arena));
    }
    barq_set_key(*out, "description", barq_string(arena, video.metadata.description));
    barq_set_key(*out, "available_fields", available);
    barq_set_key(*out, "notes", notes);
    return BARQ_OK;
}
