/*
 * feed.h - YouTube's Atom feed of a channel or a playlist: its newest 15 videos.
 */
#ifndef BM_FEED_H
#define BM_FEED_H

#include <barq/error.h>

#include "base/arena.h"
#include "video/metadata.h"

enum { BM_FEED_MAX_VIDEOS = 200 }; /* YouTube sends 15 */

/* Strings live in the arena of the call; NULL is unknown. */
struct bm_feed {
    const char *title;                /* of the channel, or the playlist */
    const char *channel_id;           /* with its UC, which a channel's own feed leaves out */
    const struct bm_metadata *videos; /* duration and tags are unknown to a feed */
    const bool *shorts;               /* in the same order: linked to as a short */
    size_t count;
};

/*
 * Reads `text`, all of a feed.
 *
 * BARQ_ERR_FORMAT  it is no feed of YouTube's, breaks off, or is not UTF-8
 * BARQ_ERR_NOMEM   `arena` is at its limit
 */
enum barq_status bm_feed_read(const char *text, size_t len, struct barq_arena *arena,
                              struct bm_feed *out, struct barq_error *err) BARQ_MUST_CHECK;

#endif
