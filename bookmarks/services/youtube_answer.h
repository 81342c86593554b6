/*
 * youtube_answer.h - what videos.list says of videos.
 */
#ifndef BM_YOUTUBE_ANSWER_H
#define BM_YOUTUBE_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <barq/error.h>

#include "base/arena.h"
#include "video/metadata.h"

/* What is wanted of an answer: YouTube leaves the rest out, above all the descriptions. */
#define BM_YOUTUBE_FIELDS                                                                          \
    "kind,items(id,snippet(publishedAt,channelId,channelTitle,title,tags,thumbnails,"              \
    "defaultLanguage,defaultAudioLanguage),contentDetails/duration,"                               \
    "statistics/viewCount,status/privacyStatus)"

/*
 * Finds `ids` in the answer `text`; `*out` has `count` entries in their
 * order, in `arena`. What was not asked for is left aside.
 *
 * BARQ_ERR_FORMAT  the text is no answer of videos.list
 * BARQ_ERR_NOMEM   `arena` is at its limit, or the heap
 */
enum barq_status bm_youtube_read_videos(const char *text, size_t len, const char *const *ids,
                                        size_t count, struct barq_arena *arena,
                                        const struct bm_metadata **out, struct barq_error *err)
    BARQ_MUST_CHECK;

/* "PT1H2M3S", "P1DT2H", "P0D"; false when it is none of the kind. */
bool bm_duration_parse(const char *text, int64_t *out_s);

#endif
