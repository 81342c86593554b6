/*
 * values.h - values of a video as a request gives them: checked all, stored all or none.
 */
#ifndef BM_API_VALUES_H
#define BM_API_VALUES_H

#include "api/request.h"

/*
 * Sets what a person says of a video in its list's fields, by name or id; a
 * null (or "") clears, and the field is the machine's again. What is no field,
 * or not allowed in it, is noted under `pointer` ("/fields"), and the request
 * refused when the rest has been looked at. `*count` is how many were set.
 */
enum barq_status bm_api_set_values(struct bm_api_request *request, const struct bm_video *video,
                                   const struct barq_value *values, const char *pointer,
                                   size_t *count, struct barq_error *err) BARQ_MUST_CHECK;

#endif
