/*
 * answer.h - what a call has come to, sent.
 */
#ifndef BM_API_ANSWER_H
#define BM_API_ANSWER_H

#include "api/request.h"

/* Turns a failure of ours, which is logged and not told in detail, into a problem. */
void bm_api_fail(struct bm_api_request *request, const struct barq_error *err);
/* Writes request->answer as request->json, unless that is there; which stays NULL when it has no room. */
void bm_api_write_json(struct bm_api_request *request);
/* Sends status and JSON, unless the handler has answered itself. */
void bm_api_answer(struct bm_api_request *request);

#endif
