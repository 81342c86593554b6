/*
 * worker_child.h - bookmarks worker as a child of the server: started again
 * when it ends, later each time, and stopped with it.
 */
#ifndef BM_WORKER_CHILD_H
#define BM_WORKER_CHILD_H

#include <barq/error.h>

#include "os/child.h"
#include "os/loop.h"

struct bm_worker {
    struct bq_watch watch; /* first; of the child's pidfd */
    struct bq_loop *loop;
    struct bq_child child;
    int64_t started_at_ms; /* by the monotonic clock, as the next */
    int64_t due_at_ms;     /* when it is to be started again; 0: it runs */
    int64_t delay_ms;      /* before the next start */
    int64_t stop_by_ms;    /* told to end: after this it is killed; 0: not told */
};

/* `worker` stays where it is until bm_worker_stop(). */
enum barq_status bm_worker_start(struct bm_worker *worker, struct bq_loop *loop,
                                 struct barq_error *err) BARQ_MUST_CHECK;
/* Starts it again when that is due; how many ms the loop may wait, -1: for ever. */
int64_t bm_worker_turn(struct bm_worker *worker);
/* Tells it to end, and waits for nothing; takes one that is zeroed or has ended, as the next does. */
void bm_worker_begin_stop(struct bm_worker *worker);
/* In peace if it can be, and for certain within 8 s since it was told. */
void bm_worker_stop(struct bm_worker *worker);

#endif
