/*
 * metadata.h - what the outside knows of a video, wherever it was asked.
 */
#ifndef BM_METADATA_H
#define BM_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct barq_arena;

enum {
    BM_YOUTUBE_ID_BYTES = 11,
    BM_METADATA_MAX_IDS = 50, /* YouTube answers for so many in one call, at the price of one */
    /* Of a title, a channel, a tag; YouTube allows 100 characters. Pages of 1000 must fit. */
    BM_METADATA_TEXT_BYTES = 500,
};

/* Strings live in the arena of the call; NULL is unknown. */
struct bm_metadata {
    const char *youtube_id; /* as asked for */
    bool found;
    const char *reason; /* when not found: one sentence for the person; else NULL */
    const char *title;
    const char *channel;
    const char *channel_id;
    int64_t duration_s;      /* -1: unknown; 0: live or upcoming */
    int64_t published_at_ms; /* INT64_MIN: unknown */
    const char *language;    /* as told: "en", "de-DE", or ISO 639-3 "eng" */
    const char *const *tags; /* NULL only when there are none */
    size_t n_tags;
    const char *thumbnail_url;
};

/* `count` entries that are not found yet, for `reason` (not copied); NULL when `arena` is full. */
struct bm_metadata *bm_metadata_none(const char *const *ids, size_t count, const char *reason,
                                     struct barq_arena *arena);

/* The entry of `id` among them that is not found yet; NULL when there is none. */
struct bm_metadata *bm_metadata_wanted(struct bm_metadata *videos, size_t count, const char *id);

/*
 * A copy of `text` in `arena`, cut to BM_METADATA_TEXT_BYTES; NULL when it is
 * empty or NULL. `*full` is set when the arena is.
 */
const char *bm_metadata_keep(struct barq_arena *arena, const char *text, bool *full);

#endif
