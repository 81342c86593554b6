/*
 * seen.h - which videos of a file have come already, and where.
 */
#ifndef BM_SEEN_H
#define BM_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <barq/error.h>

#include "video/url.h"

/* Of one import; a table of all their ids takes 32 MiB at most. */
enum { BM_SEEN_MAX = 500000 };

struct bm_seen_entry {
    char id[BM_VIDEO_ID_BYTES]; /* "": free */
    int32_t line;
};

struct bm_seen {
    struct bm_seen_entry *entries; /* owned */
    size_t capacity;               /* a power of two */
    size_t count;
};

void bm_seen_clear(struct bm_seen *seen);

/*
 * Notes that `id` is in this line. `*first`: it is there for the first time;
 * else `*line` is where it was before.
 *
 * BARQ_ERR_LIMIT  BM_SEEN_MAX videos have come already
 */
enum barq_status bm_seen_note(struct bm_seen *seen, const char *id, int64_t now_line, bool *first,
                              int64_t *line, struct barq_error *err) BARQ_MUST_CHECK;

#endif
