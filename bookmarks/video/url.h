/*
 * url.h - which video, playlist or channel an address means, in every form
 * that YouTube has used: watch, youtu.be, shorts, live, embed, thumbnails,
 * redirects, @handles, a bare id.
 */
#ifndef BM_VIDEO_URL_H
#define BM_VIDEO_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <barq/error.h>

#include "video/address.h"
#include "video/metadata.h"

enum {
    BM_VIDEO_ID_BYTES = BM_YOUTUBE_ID_BYTES + 1, /* with its NUL */
    BM_TARGET_ID_BYTES = 128,                    /* of a playlist or a channel, with its NUL */
    BM_CHANNEL_ID_CHARACTERS = 24,               /* UC and 22 more */
};

enum bm_target_kind { BM_TARGET_VIDEO, BM_TARGET_PLAYLIST, BM_TARGET_CHANNEL };
const char *bm_target_kind_name(enum bm_target_kind kind); /* "video", "playlist", "channel" */

struct bm_target {
    enum bm_target_kind kind;
    /* Of a channel one of "UC...", "@handle", "c/NAME" and "user/NAME". */
    char id[BM_TARGET_ID_BYTES];
    int64_t start_s; /* of a video: where the address wants to begin; 0: nowhere said */
};

/*
 * Finds what `text` means. `err` says why it means nothing, as half a sentence
 * that can follow a line's number and quotes nothing ("a clip: it does not say
 * which video it is from"), so unlike elsewhere no room stands before it. Of a
 * video in a playlist it is the video.
 *
 * BARQ_ERR_ARG     `text` is empty, or white space
 * BARQ_ERR_LIMIT   it is longer than BM_URL_MAX_BYTES
 * BARQ_ERR_DENIED  a playlist that none but its owner can read (Watch later, a mix)
 * BARQ_ERR_TYPE    not YouTube's
 * BARQ_ERR_FORMAT  it does not say which
 */
enum barq_status bm_target_parse(const char *text, size_t len, struct bm_target *out,
                                 struct barq_error *err) BARQ_MUST_CHECK;

/* The same for whoever wants a video and nothing else ("a playlist, not a video"). */
enum barq_status bm_video_url_parse(const char *text, size_t len, char id[BM_VIDEO_ID_BYTES],
                                    struct barq_error *err) BARQ_MUST_CHECK;

/* Exactly the 11 bytes of an id. */
bool bm_video_id_valid(const char *id);

/* An address on YouTube, whether or not it says which video; as against any other text. */
bool bm_video_url_likely(const char *text, size_t len);

enum { BM_WATCH_URL_BYTES = 64 };
/* "https://www.youtube.com/watch?v=ID" into `out`. */
void bm_watch_url(const char *id, char out[BM_WATCH_URL_BYTES]);

enum { BM_TARGET_URL_BYTES = BM_TARGET_ID_BYTES + 48 };
/* The address of a video, playlist or channel. */
void bm_target_url(const struct bm_target *target, char out[BM_TARGET_URL_BYTES]);

#endif
