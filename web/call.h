/*
 * call.h - one call of the room, as its handlers see it.
 *
 * What a handler refuses is an answer, too (BARQ_OK). What it returns is logged, and told the caller in
 * general words only. Everything is in the call's arena and ends with the call.
 */
#ifndef BW_CALL_H
#define BW_CALL_H

#include <barq/admin.h>

#include "http/route.h"
#include "web/problem.h"
#include "web/web.h"

struct bw_sampler;

struct bw_web {
    struct bw_web_options options;
    struct bw_sampler *sampler;              /* owned */
    struct barq_client *clients[BW_THREADS]; /* each thread's own; opened when it is needed */
    int64_t opened_at_ms;
};

struct bw_call {
    struct bq_http_call *http;
    struct bw_web *web;
    struct barq_arena *arena;
    struct barq_client *client; /* this thread's */
    const char *ids[BQ_HTTP_MAX_IDS];
    bool can_write;
    int status;                /* 200 at first; 204: without a body */
    struct barq_value *answer; /* JSON */
    bool answered;             /* the handler has called bq_http_answer() itself */
};

/* This thread's client, opened anew when it was dropped. */
enum barq_status bw_client(struct bw_web *web, int thread, struct barq_client **out,
                           struct barq_error *err) BARQ_MUST_CHECK;
void bw_client_drop(struct bw_web *web, int thread);

typedef enum barq_status bw_run(struct bw_call *call, struct barq_error *err);

struct bw_route {
    const char *method;
    const char *path;
    bw_run *run;
    bool alone; /* it has an answer without the broker, and asks for the client itself */
};
/* Each at the end of its file; ended by a NULL method. All that is no GET changes something. */
extern const struct bw_route bw_overview_routes[];
extern const struct bw_route bw_queue_routes[];
extern const struct bw_route bw_job_routes[];
extern const struct bw_route bw_action_routes[];
extern const struct bw_route bw_worker_routes[];
extern const struct bw_route bw_limit_routes[];
extern const struct bw_route bw_cron_routes[];
extern const struct bw_route bw_function_routes[];
extern const struct bw_route bw_metric_routes[];

#endif
