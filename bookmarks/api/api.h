/*
 * api.h - the application over HTTP, for its page and for scripts.
 *
 *     GET  /                           what there is, for whoever opens the address
 *     GET  /api/health                 {"status": "ok"}
 *     GET  /api/lists                  [list, ...]
 *     POST /api/lists                  {"name", "template"?} -> 201 list
 *     GET  /api/lists/ID               list
 *     GET  /api/lists/ID/videos        [video, ...], by position; ?limit= (1000 at most) &after=POSITION
 *     POST /api/lists/ID/process       {"failed"?, "again"?}, as of bookmarks process ->
 *                                      201 {"job_id", "total_videos"}; 400 when nothing is pending
 *     GET  /api/jobs/ID                {"id", "list_id", "total_videos", "processed_count",
 *                                       "failed_count", "status"}; "status" says when it is over:
 *                                       a later run may have taken some of its videos on
 *
 * The ID of a list may also be its name. A refusal is application/problem+json
 * (problem.h). There is no login: it is for whoever sits at this machine, so
 * what another site's page could send is refused (gate.h).
 */
#ifndef BM_API_H
#define BM_API_H

#include <barq/session.h>

#include "http/server.h"

enum { BM_API_THREADS = BQ_HTTP_THREADS };

struct bm_api_topic;

struct bm_api {
    const struct bm_api_topic *const *topics; /* what it answers: all of routes.h */
    size_t n_topics;
    /* Names allowed in Host beside localhost and its addresses: where we listen, and more with "," between. */
    const char *host;
    const char *more_hosts; /* NULL: none */
    const char *base_path;  /* below which it is seen from outside: "/bookmarks"; "": at the root */
    struct barq_session *sessions[BM_API_THREADS]; /* each handler thread's own; made when needed */
};

void bm_api_init(struct bm_api *api);
/* When no thread is in a handler any more. */
void bm_api_clear(struct bm_api *api);

/* For struct bq_http_server_options, whose context is a struct bm_api; with bm_api_headers of answer.h. */
bq_http_handler bm_api_handle;
size_t bm_api_body_limit(void *context, const char *method, const char *raw_path);

#endif
