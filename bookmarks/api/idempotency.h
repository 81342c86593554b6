/*
 * idempotency.h - a POST with an Idempotency-Key may be sent again, as after a
 * connection broke: it is done once, and answered the same for a day.
 */
#ifndef BM_API_IDEMPOTENCY_H
#define BM_API_IDEMPOTENCY_H

#include "api/request.h"
#include "store/idempotency.h"

/* Has it a key that counts? A bad one is refused: `*goes_on` false. In the call's arena. */
bool bm_api_key(struct bm_api_request *request, const struct bm_api_route *route,
                struct bm_kept *out, bool *goes_on);
/*
 * In a transaction: was it answered before? Then it is answered so again; is it
 * under way, or was the key another request's, it is refused: `*goes_on` false.
 */
enum barq_status bm_api_look_back(struct bm_api_request *request, const struct bm_kept *asked,
                                  bool *goes_on, struct barq_error *err) BARQ_MUST_CHECK;
/* Puts the request's answer into `kept`; false when there is none that could be kept. */
bool bm_api_keep(struct bm_api_request *request, struct bm_kept *kept);

#endif
