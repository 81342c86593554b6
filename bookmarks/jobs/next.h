/*
 * next.h - the steps that a video of a run takes, and the job of the next one.
 */
#ifndef BM_NEXT_H
#define BM_NEXT_H

#include "store/runs.h"

/* In their order. */
enum bm_step { BM_STEP_METADATA, BM_STEP_FIELDS };

/* A video, and the try that its jobs are of. */
struct bm_next {
    const char *video_id;
    int64_t tries;
};

/* Enqueues what comes after `done`, in the session's transaction. `fields` are the list's. */
enum barq_status bm_enqueue_next(struct barq_session *session, const struct bm_run *run,
                                 const struct bm_field *fields, size_t n_fields,
                                 const struct bm_next *next, enum bm_step done,
                                 struct barq_arena *arena, struct barq_error *err) BARQ_MUST_CHECK;

#endif
