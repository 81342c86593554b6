/*
 * channels.h - whose videos they are. A channel comes with its first video.
 */
#ifndef BM_CHANNELS_H
#define BM_CHANNELS_H

#include <stdbool.h>
#include <stdint.h>

#include <barq/session.h>

#include "base/arena.h"

enum { BM_CHANNELS_MAX = 5000 };

struct bm_channel {
    const char *id; /* YouTube's */
    const char *name;
    const char *thumbnail_url; /* NULL: unknown, as is the next */
    const char *description;
    bool is_hidden; /* left out of the list of channels; its videos are not */
    int64_t n_videos;
    int64_t updated_at_ms;
};

/*
 * By name; hidden ones only if wanted; at most BM_CHANNELS_MAX. Of a list (NULL: of all) those that have
 * videos in it, which are counted.
 */
enum barq_status bm_channels(struct barq_session *session, const char *list_id, bool hidden_too,
                             struct barq_arena *arena, const struct bm_channel **out, size_t *count,
                             struct barq_error *err) BARQ_MUST_CHECK;
/* BARQ_ERR_NOTFOUND: there is none of this id. */
enum barq_status bm_channel_get(struct barq_session *session, const char *id,
                                struct barq_arena *arena, struct bm_channel *out,
                                struct barq_error *err) BARQ_MUST_CHECK;
/* BARQ_ERR_NOTFOUND: there is none of this id. */
enum barq_status bm_channel_hide(struct barq_session *session, const char *id, bool hidden,
                                 int64_t now_ms, struct barq_error *err) BARQ_MUST_CHECK;
/* What the outside knows of it: name, thumbnail, description; made when it is not there. */
enum barq_status bm_channel_describe(struct barq_session *session, const struct bm_channel *channel,
                                     int64_t now_ms, struct barq_error *err) BARQ_MUST_CHECK;

#endif
