/*
 * labels.h - what a file says of a video, as labels and as values of fields.
 */
#ifndef BM_LABELS_H
#define BM_LABELS_H

#include "intake/put.h"

/* Its tags, and each of its folders but one that is called like the list. */
enum barq_status bm_put_labels(struct bm_put *put, const char *video_id, const struct bm_item *item,
                               struct barq_error *err) BARQ_MUST_CHECK;
/* A label of this name, which is made if there is none; what cannot be a name is left out. */
enum barq_status bm_put_label(struct bm_put *put, const char *video_id, const char *name,
                              int64_t at_ms, struct barq_error *err) BARQ_MUST_CHECK;
/* Of our own export: [{"name", "color", ...}], those that are not there yet. */
enum barq_status bm_put_tags(struct bm_put *put, const struct barq_value *tags,
                             struct barq_error *err) BARQ_MUST_CHECK;

/* Of the fields that the list has; what their schema does not allow is counted, not stored. */
enum barq_status bm_put_values(struct bm_put *put, const char *video_id, const struct bm_item *item,
                               struct barq_error *err) BARQ_MUST_CHECK;

#endif
