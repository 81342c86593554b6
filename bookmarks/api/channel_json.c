#include "api/channel_json.h"

#include "export/video_json.h"

struct barq_value *bm_api_channel_json(const struct bm_channel *channel, struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);

    barq_set_key(map, "id", barq_string(arena, channel->id));
    barq_set_key(map, "name", barq_string(arena, channel->name));
    barq_set_key(map, "thumbnail_url", barq_string(arena, channel->thumbnail_url));
    barq_set_key(map, "description", barq_string(arena, channel->description));
    barq_set_key(map, "is_hidden", barq_bool(arena, channel->is_hidden));
    barq_set_key(map, "video_count", barq_int(arena, channel->n_videos));
    barq_set_key(map, "updated_at", bm_time_json(channel->updated_at_ms, arena));
    return map;
}
