#include "api/tag_json.h"

#include "export/video_json.h"

struct barq_value *bm_api_tag_json(const struct bm_tag *tag, bool counted, struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);

    barq_set_key(map, "id", barq_string(arena, tag->id));
    barq_set_key(map, "name", barq_string(arena, tag->name));
    barq_set_key(map, "color", barq_string(arena, tag->color));
    barq_set_key(map, "is_category", barq_bool(arena, tag->is_category));
    if (counted) {
        barq_set_key(map, "position", barq_int(arena, tag->position));
        barq_set_key(map, "video_count", barq_int(arena, tag->n_videos));
        barq_set_key(map, "created_at", bm_time_json(tag->created_at_ms, arena));
        barq_set_key(map, "updated_at", bm_time_json(tag->updated_at_ms, arena));
    }
    return map;
}

struct barq_value *bm_api_tags_list(const struct bm_tag *tags, size_t count,
                                    struct barq_arena *arena)
{
    struct barq_value *list = barq_list(arena);

    for (size_t i = 0; i < count; i++) {
        barq_add(list, bm_api_tag_json(&tags[i], false, arena));
    }
    return list;
}

enum barq_status bm_api_tags_json(struct barq_session *session, const char *video_id,
                                  struct barq_arena *arena, struct barq_value **out,
                                  struct barq_error *err)
{
    const struct bm_tag *tags = NULL;
    size_t count = 0;

    enum barq_status status = bm_video_tags(session, video_id, arena, &tags, &count, err);
    *out = bm_api_tags_list(tags, status == BARQ_OK ? count : 0, arena);
    return status;
}
