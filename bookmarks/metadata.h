/*
 * metadata.h - what the outside knows of a video, wherever it was asked.
 */
#ifndef BM_METADATA_H
#define BM_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BM_YOUTUBE_ID_BYTES = 11,
    BM_METADATA_MAX_IDS = 50, /* YouTube answers for so many in one call, at the price of one */
};

/* Strings live in the arena of the call; NULL is unknown. */
struct bm_metadata {
    const char *youtube_id; /* as asked for */
    bool found;
    const char *reason;       /* when not found: one sentence for the person; else NULL */
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

#endif
