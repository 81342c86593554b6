#include "video/metadata.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"

struct bm_metadata *bm_metadata_none(const char *const *ids, size_t count, const char *reason,
                                     struct barq_arena *arena)
{
    struct bm_metadata *videos = bq_arena_array(arena, count, sizeof(*videos));

    for (size_t i = 0; videos && i < count; i++) {
        videos[i] = (struct bm_metadata){
            .youtube_id = bq_arena_strdup(arena, ids[i]),
            .reason = reason,
            .duration_s = -1,
            .published_at_ms = INT64_MIN,
        };
        if (!videos[i].youtube_id) {
            return NULL;
        }
    }
    return videos;
}

struct bm_metadata *bm_metadata_wanted(struct bm_metadata *videos, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++) {
        if (!videos[i].found && strcmp(videos[i].youtube_id, id) == 0) {
            return &videos[i];
        }
    }
    return NULL;
}

const char *bm_metadata_keep(struct barq_arena *arena, const char *text, bool *full)
{
    if (!text || *text == '\0') {
        return NULL;
    }
    size_t len = strnlen(text, BM_METADATA_TEXT_BYTES + 1);
    const char *kept =
        bq_arena_strndup(arena, text, bq_utf8_cut(text, len, BM_METADATA_TEXT_BYTES));
    *full |= !kept;
    return kept;
}
