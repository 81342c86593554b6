/*
 * youtube.h - metadata of videos from the YouTube Data API v3 (videos.list).
 *
 * One call asks for up to BM_METADATA_MAX_IDS videos and costs one unit of
 * the key's quota. What YouTube leaves out of its answer is missing or
 * private, which is an answer, not an error. The API's other calls are in
 * youtube_lists.h.
 */
#ifndef BM_YOUTUBE_H
#define BM_YOUTUBE_H

#include <barq/error.h>

#include "base/arena.h"
#include "services/outcome.h"
#include "video/metadata.h"

#define BM_YOUTUBE_HOME "https://www.googleapis.com/youtube/v3"

enum { BM_YOUTUBE_DAILY_UNITS = 10000 }; /* of a key, unless Google was asked for more */

/* Where to ask; borrowed for the call. */
struct bm_youtube_source {
    const char *base_url; /* NULL: BM_YOUTUBE_HOME */
    const char *key;      /* never in an error or a log; NULL or "": none is sent */
    int64_t timeout_ms;   /* of the whole call; 0: 30 s */
};

/*
 * Asks for `ids` (`count` of them, 1 to BM_METADATA_MAX_IDS, each a valid id
 * and none twice). On success `*out` has `count` entries in the order of the
 * ids, in `arena`. Whatever YouTube answers is checked: it is input.
 *
 * `cancel_fd` (-1: none) ends the call within milliseconds once it is
 * readable. `verdict` says what to do; it is filled in every case. Its units
 * are 1 as soon as YouTube answered, but 0 for what it refuses at the door.
 *
 * BARQ_ERR_CANCELED  cancel_fd
 * BARQ_ERR_CONN, BARQ_ERR_TIMEOUT, BARQ_ERR_FORMAT, BARQ_ERR_LIMIT  RETRY
 * BARQ_ERR_BUSY      HELD: until_at_ms of the day's quota, else retry_ms
 * BARQ_ERR_DENIED    SETUP or REFUSED
 * BARQ_ERR_NOMEM     RETRY; `arena` is at its limit
 */
enum barq_status bm_youtube_fetch(const struct bm_youtube_source *source, const char *const *ids,
                                  size_t count, int cancel_fd, int64_t now_ms,
                                  struct barq_arena *arena, const struct bm_metadata **out,
                                  struct bm_verdict *verdict, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
