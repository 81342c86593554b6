#include <string.h>

#include "api/duplicates_json.h"
#include "api/request.h"
#include "api/routes.h"
#include "store/video_edit.h"

enum { DUPLICATES_MAX = 2000 };

static struct barq_value *place_json(const struct bm_duplicate *one, struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);

    barq_set_key(map, "video_id", barq_string(arena, one->video_id));
    barq_set_key(map, "list_id", barq_string(arena, one->list_id));
    barq_set_key(map, "list_name", barq_string(arena, one->list_name));
    return map;
}

/* Those of one youtube_id, from `first` on; `*next` is the first of another. */
static struct barq_value *group_json(const struct bm_duplicate *all, size_t count, size_t first,
                                     size_t *next, struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);
    struct barq_value *places = barq_list(arena);
    size_t at = first;

    for (; at < count && strcmp(all[at].youtube_id, all[first].youtube_id) == 0; at++) {
        barq_add(places, place_json(&all[at], arena));
    }
    *next = at;
    barq_set_key(map, "youtube_id", barq_string(arena, all[first].youtube_id));
    barq_set_key(map, "title", barq_string(arena, all[first].title));
    barq_set_key(map, "videos", places);
    return map;
}

enum barq_status bm_api_duplicates_json(struct barq_session *session, struct barq_arena *arena,
                                        struct barq_value **out, struct barq_error *err)
{
    const struct bm_duplicate *all = NULL;
    struct barq_value *groups = barq_list(arena);
    size_t count = 0;

    enum barq_status status = bm_duplicates(session, DUPLICATES_MAX, arena, &all, &count, err);
    for (size_t at = 0; status == BARQ_OK && at < count;) {
        barq_add(groups, group_json(all, count, at, &at, arena));
    }
    *out = groups;
    return status;
}

static enum barq_status duplicates(struct bm_api_request *request, struct barq_error *err)
{
    return bm_api_duplicates_json(request->session, request->arena, &request->answer, err);
}

static const struct bm_api_route routes[] = {
    {"GET", "/api/videos/duplicates", duplicates, BM_READING},
};

const struct bm_api_topic bm_api_duplicates_topic = BM_API_TOPIC(routes);
