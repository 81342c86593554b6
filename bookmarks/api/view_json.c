#include "api/view_json.h"

#include "export/video_json.h"

struct barq_value *bm_api_view_json(const struct bm_view *view, struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);

    barq_set_key(map, "id", barq_string(arena, view->id));
    barq_set_key(map, "list_id", barq_string(arena, view->list_id));
    barq_set_key(map, "name", barq_string(arena, view->name));
    barq_set_key(map, "query", barq_string(arena, view->query));
    barq_set_key(map, "sort", barq_string(arena, view->sort));
    barq_set_key(map, "columns", barq_copy(arena, view->columns));
    barq_set_key(map, "layout", barq_string(arena, view->layout));
    barq_set_key(map, "created_at", bm_time_json(view->created_at_ms, arena));
    barq_set_key(map, "updated_at", bm_time_json(view->updated_at_ms, arena));
    return map;
}
