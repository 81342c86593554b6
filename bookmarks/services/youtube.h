/*
 * youtube.h - metadata of videos from the YouTube Data API v3 (videos.list).
 *
 * One call asks for up to BM_METADATA_MAX_IDS videos and costs one unit of
 * the key's quota. What YouTube leaves out of its answer is missing or
 * private, which is an answer, not an error.
 */
#ifndef BM_YOUTUBE_H
#define BM_YOUTUBE_H

#include <barq/error.h>

#include "base/arena.h"
#include "video/metadata.h"

/* Where to ask; borrowed for the call. */
struct bm_youtube_source {
    const char *base_url; /* NULL: "https://www.googleapis.com/youtube/v3" */
    const char *key;      /* never in an error or a log; NULL or "": none is sent */
    int64_t timeout_ms;   /* of the whole call; 0: 30 s */
};

/* What the caller should do about a failed call. */
enum bm_youtube_class {
    BM_YOUTUBE_OK,
    BM_YOUTUBE_RETRY, /* network, 429, 5xx, an answer cut off or not JSON: after retry_ms */
    BM_YOUTUBE_QUOTA, /* the day's quota is used up: until_ms says when there is a new one */
    BM_YOUTUBE_KEY,   /* the key is invalid, blocked, or the API is not enabled: tell the person */
    BM_YOUTUBE_REFUSED, /* what was asked for is gone or forbidden, or the request was wrong: never again */
    BM_YOUTUBE_CANCELED, /* cancel_fd became readable */
};

struct bm_youtube_failure {
    enum bm_youtube_class kind;
    int64_t retry_ms; /* of RETRY: as the server asks (Retry-After), 0: the caller's own back-off */
    int64_t until_at_ms; /* of QUOTA: the next midnight in Los Angeles */
};

/*
 * Asks for `ids` (`count` of them, 1 to BM_METADATA_MAX_IDS, each a valid id
 * and none twice). On success `*out` has `count` entries in the order of the
 * ids, in `arena`. Whatever YouTube answers is checked: it is input.
 *
 * `cancel_fd` (-1: none) ends the call within milliseconds once it is
 * readable. `failure` says what to do; it is filled in every case.
 *
 * BARQ_ERR_CANCELED  cancel_fd
 * BARQ_ERR_CONN, BARQ_ERR_TIMEOUT, BARQ_ERR_FORMAT, BARQ_ERR_LIMIT  kind RETRY
 * BARQ_ERR_BUSY      kind QUOTA, or RETRY for 429
 * BARQ_ERR_DENIED    kind KEY or REFUSED
 * BARQ_ERR_NOMEM     kind RETRY; `arena` is at its limit
 */
enum barq_status bm_youtube_fetch(const struct bm_youtube_source *source, const char *const *ids,
                                  size_t count, int cancel_fd, int64_t now_ms,
                                  struct barq_arena *arena, const struct bm_metadata **out,
                                  struct bm_youtube_failure *failure, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
