#include "video/metadata.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"

/* Those that a video can have; YouTube has kept the numbers since 2007. */
static const struct {
    const char *id;
    const char *name;
} categories[] = {
    {"1", "Film & Animation"},
    {"2", "Autos & Vehicles"},
    {"10", "Music"},
    {"15", "Pets & Animals"},
    {"17", "Sports"},
    {"19", "Travel & Events"},
    {"20", "Gaming"},
    {"22", "People & Blogs"},
    {"23", "Comedy"},
    {"24", "Entertainment"},
    {"25", "News & Politics"},
    {"26", "Howto & Style"},
    {"27", "Education"},
    {"28", "Science & Technology"},
    {"29", "Nonprofits & Activism"},
};

const char *bm_category_name(const char *category_id)
{
    for (size_t i = 0; category_id && i < sizeof(categories) / sizeof(categories[0]); i++) {
        if (strcmp(categories[i].id, category_id) == 0) {
            return categories[i].name;
        }
    }
    return NULL;
}

const char *bm_category_id(const char *name)
{
    for (size_t i = 0; name && i < sizeof(categories) / sizeof(categories[0]); i++) {
        if (strcmp(categories[i].name, name) == 0) {
            return categories[i].id;
        }
    }
    return NULL;
}

const char *bm_refusal_name(enum bm_refusal refusal)
{
    static const char *const names[BM_REFUSALS] = {
        [BM_REFUSAL_NONE] = "",
        [BM_REFUSAL_GONE] = "gone",
        [BM_REFUSAL_PRIVATE] = "private",
        [BM_REFUSAL_ABSENT] = "absent",
        [BM_REFUSAL_AGE] = "age-restricted",
        [BM_REFUSAL_REGION] = "region",
        [BM_REFUSAL_TOO_LONG] = "too-long",
        [BM_REFUSAL_BLOCKED] = "blocked",
        [BM_REFUSAL_NO_TEXT] = "no-captions",
        [BM_REFUSAL_UNREADABLE] = "unreadable",
        [BM_REFUSAL_BAD_ANSWER] = "bad-answer",
        [BM_REFUSAL_REQUEST] = "bad-request",
    };

    return refusal < BM_REFUSALS ? names[refusal] : "";
}

struct bm_metadata bm_metadata_unknown(const char *youtube_id)
{
    return (struct bm_metadata){
        .youtube_id = youtube_id,
        .duration_s = -1,
        .published_at_ms = INT64_MIN,
        .views = -1,
        .likes = -1,
        .comments = -1,
        .live_at_ms = INT64_MIN,
    };
}

struct bm_metadata *bm_metadata_none(const char *const *ids, size_t count, const char *reason,
                                     struct barq_arena *arena)
{
    struct bm_metadata *videos = bq_arena_array(arena, count, sizeof(*videos));

    for (size_t i = 0; videos && i < count; i++) {
        videos[i] = bm_metadata_unknown(bq_arena_strdup(arena, ids[i]));
        videos[i].reason = reason;
        videos[i].refusal = BM_REFUSAL_ABSENT;
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

const char *bm_metadata_keep_most(struct barq_arena *arena, const char *text, size_t max,
                                  bool *full)
{
    if (!text || *text == '\0') {
        return NULL;
    }
    size_t len = strnlen(text, max + 1);
    const char *kept = bq_arena_strndup(arena, text, bq_utf8_cut(text, len, max));
    *full |= !kept;
    return kept;
}

const char *bm_metadata_keep(struct barq_arena *arena, const char *text, bool *full)
{
    return bm_metadata_keep_most(arena, text, BM_METADATA_TEXT_BYTES, full);
}
