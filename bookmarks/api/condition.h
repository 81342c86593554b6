/*
 * condition.h - requests that depend on what there is (RFC 9110): a GET that is
 * answered only when something has changed, a change that is made only when nothing has.
 *
 * The ETag of a GET is a hash of its answer, so it is right whatever changed it.
 */
#ifndef BM_API_CONDITION_H
#define BM_API_CONDITION_H

#include "api/request.h"

/* The ETag of an answer, in `arena`; NULL when that is full. */
const char *bm_api_etag(struct barq_arena *arena, const char *json, size_t len);
/* Does If-None-Match name it? */
bool bm_api_is_known(const struct bm_api_request *request, const char *etag);
/*
 * Of a call in a transaction for writing: asks the GET of the same path in that
 * transaction when there is an If-Match. `*goes_on` false, and a refusal, when it
 * names another ETag, or there is nothing.
 */
enum barq_status bm_api_match(struct bm_api_request *request, bool *goes_on, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
