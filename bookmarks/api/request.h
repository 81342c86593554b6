/*
 * request.h - one call of the API as its handler sees it.
 *
 *     enum barq_status bm_api_list(struct bm_api_request *request, struct barq_error *err)
 *     {
 *         struct bm_list list;
 *
 *         enum barq_status status =
 *             bm_list_find(request->session, request->ids[0], request->arena, &list, err);
 *         if (status != BARQ_OK) {
 *             return bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_LIST, err);
 *         }
 *         request->answer = list_json(&list, request->arena);
 *         return BARQ_OK;
 *     }
 *
 * What a handler refuses is an answer, too (BARQ_OK); its transaction is then
 * rolled back. What it returns is logged, and told the caller in general words
 * only. Everything is in the call's arena and ends with the call.
 */
#ifndef BM_API_REQUEST_H
#define BM_API_REQUEST_H

#include "api/route.h"
#include "http/server.h"
#include "store/store.h"

struct bm_api;

enum bm_api_as { BM_AS_NOBODY, BM_AS_LOCAL, BM_AS_LOGIN, BM_AS_TOKEN };

struct bm_api_request {
    struct bq_http_call *http;
    struct bm_api *api;
    struct barq_arena *arena; /* the call's */
    struct barq_session *session;
    const char *ids[BM_API_MAX_IDS]; /* what the {}s of the route stand for */
    int status;                      /* 200 at first; 204: without a body */
    struct barq_value *answer;       /* JSON */
    const char *json;                /* the same, once it is written; NULL: not yet */
    size_t json_bytes;
    const char *location;     /* what bm_api_located() has said; NULL: nothing */
    struct barq_value *wrong; /* members that were refused: see read.h; NULL: none */
    /* Who calls: see auth.h. */
    enum bm_api_as as;
    const char *principal; /* whose idempotency keys they are */
    bool can_write;
    const char *verifier; /* of the password; NULL: there is none */
    const char *token_id;
    int64_t used_at_ms; /* when their login or token was last noted as used; INT64_MIN: never */

    /* The handler has answered with bytes, a file or a stream (bq_http_answer() and its like) itself. */
    bool answered;
};

/* Where that is which was asked for: bm_api_located(request, "/api/videos/%s", id). */
void bm_api_located(struct bm_api_request *request, const char *format, ...) BARQ_PRINTF(2, 3);
/* 201, and where it is from now on: bm_api_created(request, "/api/lists/%s", id). */
void bm_api_created(struct bm_api_request *request, const char *format, ...) BARQ_PRINTF(2, 3);

#endif
