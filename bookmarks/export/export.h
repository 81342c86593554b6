/*
 * export.h - a list as a file, that can be imported again.
 *
 * CSV: url, status, title, channel, duration_seconds, published, language,
 * tags (with | between), error, and field_NAME for each field. JSON: one
 * object with the list, its fields, and its videos. Both are written as they
 * are read: memory does not grow with the list.
 */
#ifndef BM_EXPORT_H
#define BM_EXPORT_H

#include <stdio.h>

#include "store/store.h"

enum bm_format { BM_CSV, BM_JSON };

/*
 * `session` has no transaction open; there is one for each page, and none
 * while `file` is written to, since that may be a pipe that nobody reads. So
 * what changes meanwhile is in it or not.
 *
 * BARQ_ERR_IO, BARQ_ERR_FULL  `file` took not all of it
 */
enum barq_status bm_export(struct barq_session *session, const struct bm_list *list,
                           enum bm_format wanted, FILE *file, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
