/*
 * youtube_answer.h - what videos.list says of videos.
 */
#ifndef BM_YOUTUBE_ANSWER_H
#define BM_YOUTUBE_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <barq/value.h>

#include "base/arena.h"
#include "video/metadata.h"

/* What is wanted of an answer: YouTube leaves the rest out. */
#define BM_YOUTUBE_FIELDS                                                                          \
    "kind,items(id,snippet(publishedAt,channelId,channelTitle,title,description,tags,thumbnails,"  \
    "categoryId,liveBroadcastContent,defaultLanguage,defaultAudioLanguage),"                       \
    "contentDetails(duration,definition,caption,regionRestriction),"                               \
    "statistics(viewCount,likeCount,commentCount),status(privacyStatus,embeddable),"               \
    "liveStreamingDetails(scheduledStartTime,actualStartTime,actualEndTime))"

/*
 * Finds `ids` in an answer of videos.list; `*out` has `count` entries in
 * their order, in `arena`. What was not asked for is left aside, and what is
 * of another kind than it should be is unknown.
 *
 * BARQ_ERR_NOMEM   `arena` is at its limit
 */
enum barq_status bm_youtube_take_videos(const struct barq_value *answer, const char *const *ids,
                                        size_t count, struct barq_arena *arena,
                                        const struct bm_metadata **out, struct barq_error *err)
    BARQ_MUST_CHECK;

/* The text of `value` (NULL: it is none), cut as bm_metadata_keep() cuts it. */
const char *bm_youtube_keep(struct barq_arena *arena, const struct barq_value *value, bool *full);
/* The address of the picture that is best in a list; NULL when `snippet` has none. */
const char *bm_youtube_thumbnail(struct barq_arena *arena, const struct barq_value *snippet,
                                 bool *full);

/* "PT1H2M3S", "P1DT2H", "P0D"; false when it is none of the kind. */
bool bm_duration_parse(const char *text, int64_t *out_s);

#endif
