/*
 * origin.h - where metadata comes from: YouTube, or the facts that are shipped.
 */
#ifndef BM_ORIGIN_H
#define BM_ORIGIN_H

#include "services/youtube.h"

struct bm_origin {
    bool online;
    struct bm_youtube_source youtube; /* when online; strings of the environment */
};

/*
 * YouTube when YOUTUBE_API_KEY holds a key, ONLINE is 1, or
 * BOOKMARKS_YOUTUBE_URL names another address to ask; else the shipped facts.
 */
struct bm_origin bm_origin_of_environment(void);

/* One line for the person. */
const char *bm_origin_text(const struct bm_origin *origin);

/* As bm_youtube_fetch(), wherever it is. */
enum barq_status bm_origin_fetch(const struct bm_origin *origin, const char *const *ids,
                                 size_t count, int cancel_fd, int64_t now_ms,
                                 struct barq_arena *arena, const struct bm_metadata **out,
                                 struct bm_verdict *verdict, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
