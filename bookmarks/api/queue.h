/*
 * queue.h - the dashboard of the jobs' queue, mounted at /queue: what it answers is in web/openapi.json.
 */
#ifndef BM_API_QUEUE_H
#define BM_API_QUEUE_H

#include "api/request.h"

#define BM_API_QUEUE "/queue"

/* The route of a path below BM_API_QUEUE; NULL: it is none of the dashboard's. */
const struct bm_api_route *bm_api_queue_route(const struct bm_api *api, const char *raw_path);

#endif
