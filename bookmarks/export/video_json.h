/*
 * video_json.h - videos as JSON: in an export, and in the API.
 */
#ifndef BM_VIDEO_JSON_H
#define BM_VIDEO_JSON_H

#include <barq/value.h>

#include "fields/definition.h" /* bm_field_json() */
#include "store/store.h"

/* All are in `arena`, and broken (see barq_value_check()) when that is full; keys can be added. */

/* {"url", "status", "error", ..., "fields": {NAME: {"value", "source"}}} */
struct barq_value *bm_video_json(const struct bm_video *video, const struct bm_field *fields,
                                 size_t n_fields, const struct bm_field_value *values, size_t count,
                                 struct barq_arena *arena);
/* RFC 3339; null for INT64_MIN. */
struct barq_value *bm_time_json(int64_t at_ms, struct barq_arena *arena);

#endif
