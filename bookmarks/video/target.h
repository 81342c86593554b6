/*
 * target.h - ids of videos, playlists and channels, told from other words.
 *
 * For url.c; others ask that. What err says is as there.
 */
#ifndef BM_VIDEO_TARGET_H
#define BM_VIDEO_TARGET_H

#include "video/url.h"

#define BM_ID_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/* The id at the beginning of `text`; what follows must not be a character of an id. */
enum barq_status bm_target_video(const char *text, struct bm_target *out, struct barq_error *err)
    BARQ_MUST_CHECK;
enum barq_status bm_target_playlist(const char *id, struct bm_target *out, struct barq_error *err)
    BARQ_MUST_CHECK;
/* `prefix` is "", "@", "c/" or "user/", and what follows it may be percent-encoded. */
enum barq_status bm_target_channel(const char *prefix, const char *name, struct bm_target *out,
                                   struct barq_error *err) BARQ_MUST_CHECK;
/* A word of nothing but the characters of an id. */
enum barq_status bm_target_word(const char *word, struct bm_target *out, struct barq_error *err)
    BARQ_MUST_CHECK;

/* "90", "90s", "1m30s", "1h2m3s"; 0 for anything else. */
int64_t bm_target_seconds(const char *text);

#endif
