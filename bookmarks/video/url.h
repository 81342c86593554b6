/*
 * url.h - which video an address means, in every form that YouTube has
 * used: watch, youtu.be, shorts, live, embed, thumbnails, redirects, a bare id.
 */
#ifndef BM_VIDEO_URL_H
#define BM_VIDEO_URL_H

#include <stdbool.h>
#include <stddef.h>

#include <barq/error.h>

#include "video/metadata.h"

enum {
    BM_URL_MAX_BYTES = 2048,
    BM_VIDEO_ID_BYTES = BM_YOUTUBE_ID_BYTES + 1, /* with its NUL */
};

/*
 * Finds the id of the one video that `text` means. `err` says why there is
 * none, as half a sentence that can follow a line's number and quotes nothing
 * ("a playlist, not a video"), so unlike elsewhere no room stands before it.
 *
 * BARQ_ERR_ARG     `text` is empty, or white space
 * BARQ_ERR_LIMIT   it is longer than BM_URL_MAX_BYTES
 * BARQ_ERR_FORMAT  it does not say which video
 */
enum barq_status bm_video_url_parse(const char *text, size_t len, char id[BM_VIDEO_ID_BYTES],
                                    struct barq_error *err) BARQ_MUST_CHECK;

/* Exactly the 11 bytes of an id. */
bool bm_video_id_valid(const char *id);

/* An address on YouTube, whether or not it says which video; as against any other text. */
bool bm_video_url_likely(const char *text, size_t len);

enum { BM_WATCH_URL_BYTES = 64 };
/* "https://www.youtube.com/watch?v=ID" into `out`. */
void bm_watch_url(const char *id, char out[BM_WATCH_URL_BYTES]);

#endif
