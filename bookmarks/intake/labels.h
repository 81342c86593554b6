/*
 * labels.h - what a file says of a video, as labels and as values of fields.
 */
#ifndef BM_LABELS_H
#define BM_LABELS_H

#include "intake/put.h"

/* Its tags, and each of its folders. */
enum barq_status bm_put_labels(struct bm_put *put, const char *video_id, const struct bm_item *item,
                               struct barq_error *err) BARQ_MUST_CHECK;

/* Of the fields that the list has; what their schema does not allow is counted, not stored. */
enum barq_status bm_put_values(struct bm_put *put, const char *video_id, const struct bm_item *item,
                               struct barq_error *err) BARQ_MUST_CHECK;

#endif
