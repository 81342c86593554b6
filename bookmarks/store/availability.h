/*
 * availability.h - whether videos can still be had: they vanish, and what was known of them stays.
 */
#ifndef BM_AVAILABILITY_H
#define BM_AVAILABILITY_H

#include "store/store.h"

struct bm_checked {
    const char *video_id;
    const char *youtube_id;
};
/* Those that nobody has asked for since `before_ms`, the longest ago first; of one YouTube id all, so it may come twice. */
enum barq_status bm_unchecked(struct barq_session *session, int64_t before_ms, size_t limit,
                              struct barq_arena *arena, const struct bm_checked **out,
                              size_t *count, struct barq_error *err) BARQ_MUST_CHECK;
/* Whether it is there, and that it was asked for; an event when it is not what it was. */
enum barq_status bm_video_check(struct barq_session *session, const char *video_id,
                                const struct bm_metadata *answer, int64_t now_ms,
                                struct barq_error *err) BARQ_MUST_CHECK;

#endif
