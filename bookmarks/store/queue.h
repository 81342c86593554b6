/*
 * queue.h - what the queue says of videos: which are being processed, and which failed and when
 * they are tried again. No row of ours says so, since a crash could leave it behind.
 */
#ifndef BM_QUEUE_H
#define BM_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include <barq/error.h>

#include "base/arena.h"

enum { BM_QUEUE_JOBS_MAX = 2000 }; /* that are looked at; what is behind them is waiting */

struct bm_queued {
    const char *video_id;
    bool processing;
    const char *reason;     /* why its last try failed; NULL: it did not */
    int64_t next_try_at_ms; /* 0: it is not deferred */
};

struct bm_queue {
    const struct bm_queued *videos; /* by id */
    size_t count;
};

/* Asks the queue at BARQ_URL; everything is in `arena`. It calls out: with no session open. */
enum barq_status bm_queue_look(struct barq_arena *arena, struct bm_queue *out,
                               struct barq_error *err) BARQ_MUST_CHECK;
/* NULL: no job of it runs, nor is tried again. */
const struct bm_queued *bm_queue_find(const struct bm_queue *queue, const char *video_id);

#endif
