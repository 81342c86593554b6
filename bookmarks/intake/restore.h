/*
 * restore.h - of our own export, all that was known of a video.
 */
#ifndef BM_RESTORE_H
#define BM_RESTORE_H

#include "intake/put.h"

/* Into a video that this import has added. What the tables do not allow is left out. */
enum barq_status bm_restore_video(struct bm_put *put, const char *video_id,
                                  const struct barq_value *record, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
