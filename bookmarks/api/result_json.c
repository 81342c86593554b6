#include "api/result_json.h"

#include <string.h>

#include "search/results.h"
#include "store/store.h"

static struct barq_value *moments_json(const struct bm_result *result, struct barq_arena *arena)
{
    struct barq_value *list = barq_list(arena);

    for (size_t i = 0; i < result->n_moments; i++) {
        struct barq_value *map = barq_map(arena);
        barq_set_key(map, "at_seconds", barq_int(arena, result->moments[i].start_ms / 1000));
        barq_set_key(map, "text", barq_string(arena, result->moments[i].text));
        barq_add(list, map);
    }
    return list;
}

static struct barq_value *parts_json(const struct bm_snippet *snippet, struct barq_arena *arena)
{
    struct barq_value *list = barq_list(arena);

    for (size_t i = 0; i < snippet->n_pieces; i++) {
        barq_add(list, barq_string(arena, snippet->pieces[i]));
    }
    return list;
}

static struct barq_value *result_json(const struct bm_video *video, const struct bm_result *result,
                                      double rank, struct barq_arena *arena)
{
    const struct bm_metadata *metadata = &video->metadata;
    struct barq_value *map = barq_map(arena);

    barq_set_key(map, "video_id", barq_string(arena, video->id));
    barq_set_key(map, "list_id", barq_string(arena, video->list_id));
    barq_set_key(map, "youtube_id", barq_string(arena, metadata->youtube_id));
    barq_set_key(map, "title",
                 barq_string(arena, video->own_title ? video->own_title : metadata->title));
    barq_set_key(map, "channel", barq_string(arena, metadata->channel));
    barq_set_key(map, "thumbnail_url", barq_string(arena, metadata->thumbnail_url));
    barq_set_key(map, "duration",
                 metadata->duration_s < 0 ? barq_null(arena)
                                          : barq_int(arena, metadata->duration_s));
    barq_set_key(map, "in", barq_string(arena, result->where));
    barq_set_key(map, "snippet", barq_string(arena, result->snippet.text));
    barq_set_key(map, "parts", parts_json(&result->snippet, arena));
    barq_set_key(map, "moments", moments_json(result, arena));
    barq_set_key(map, "rank", barq_double(arena, -rank)); /* the original's: more is better */
    return map;
}

static double rank_of(const struct bm_found *found, const char *id)
{
    for (size_t i = 0; i < found->count; i++) {
        if (strcmp(found->ids[i], id) == 0) {
            return found->ranks[i];
        }
    }
    return 0;
}

enum barq_status bm_api_results_json(struct barq_session *session, struct barq_arena *arena,
                                     const struct bm_query *query, const struct bm_found *found,
                                     struct barq_value **out, struct barq_error *err)
{
    const struct bm_video *videos = NULL;
    struct barq_value *list = barq_list(arena);
    size_t count = 0;

    enum barq_status status =
        bm_videos_of(session, found->ids, found->count, arena, &videos, &count, err);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        struct bm_result result;
        status = bm_result_read(session, arena, query, videos[i].id, &result, err);
        if (status == BARQ_OK) {
            barq_add(list, result_json(&videos[i], &result, rank_of(found, videos[i].id), arena));
        }
    }
    *out = list;
    return status;
}
