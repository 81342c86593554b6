#include "api/list_json.h"

#include "export/video_json.h"

struct barq_value *bm_api_list_json(const struct bm_list *list, struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);

    barq_set_key(map, "id", barq_string(arena, list->id));
    barq_set_key(map, "name", barq_string(arena, list->name));
    barq_set_key(map, "description", barq_string(arena, list->description));
    barq_set_key(map, "video_count", barq_int(arena, list->counts.total));
    barq_set_key(map, "pending_count", barq_int(arena, list->counts.pending));
    barq_set_key(map, "completed_count", barq_int(arena, list->counts.completed));
    barq_set_key(map, "failed_count", barq_int(arena, list->counts.failed));
    barq_set_key(map, "created_at", bm_time_json(list->created_at_ms, arena));
    barq_set_key(map, "updated_at", bm_time_json(list->updated_at_ms, arena));
    return map;
}
