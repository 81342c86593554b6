/*
 * calls.h - what the API does, one function for each of its calls.
 */
#ifndef BM_API_CALLS_H
#define BM_API_CALLS_H

#include "http/server.h"
#include "store/store.h"

enum { BM_API_ID_BYTES = BM_NAME_MAX_BYTES + 1 };

struct bm_api_request {
    struct bq_http_call *http;
    struct barq_session *session; /* with a transaction open, for writing if the route says so */
    char id[BM_API_ID_BYTES];     /* of the path; a list's name will do as well */
    int status;                   /* 200 at first */
    struct barq_value *answer;    /* in the call's arena */
};

/* Leaves status and answer; an error is one of ours or of the database, for the log. */
typedef enum barq_status bm_api_call(struct bm_api_request *request, struct barq_error *err);

bm_api_call bm_api_health;
bm_api_call bm_api_lists;
bm_api_call bm_api_list_add;
bm_api_call bm_api_list;
bm_api_call bm_api_videos;
bm_api_call bm_api_process;
bm_api_call bm_api_job;

/* Leaves {"detail": detail}. */
void bm_api_refuse(struct bm_api_request *request, int status, const char *detail);

#endif
