/*
 * head.h - of our own export, what belongs to the list and not to a video.
 */
#ifndef BM_INTAKE_HEAD_H
#define BM_INTAKE_HEAD_H

#include "intake/put.h"

/* Its fields, tags, views and subscriptions, those that are not there yet; of a list that this
 * import has made, its description and times, too. */
enum barq_status bm_put_head(struct bm_put *put, const struct barq_value *head,
                             struct barq_error *err) BARQ_MUST_CHECK;

#endif
