/*
 * api.h - the application over HTTP, for its page and for scripts.
 *
 * openapi/ has all of its calls; a server shows them at /docs. A request is
 * admitted (gate.c), led to its handler (route.c, routes.c), whose caller must be
 * somebody (auth.c), run in its transaction (session.c), and answered (answer.c);
 * what it refuses is a problem (problem.c).
 */
#ifndef BM_API_H
#define BM_API_H

#include <barq/session.h>

#include "http/server.h"

enum { BM_API_THREADS = BQ_HTTP_THREADS };

struct bm_api_topic;
struct bm_ticker;
struct bw_web;

struct bm_api {
    const struct bm_api_topic *const *topics; /* what it answers: all of routes.h */
    size_t n_topics;
    /* Names allowed in Host beside localhost and its addresses: where we listen, and more with "," between. */
    const char *host;
    const char *more_hosts; /* NULL: none */
    bool
        is_local; /* only this machine reaches us: without a password, whoever calls is its owner */
    const char *base_path; /* below which it is seen from outside: "/bookmarks"; "": at the root */
    int stop_fd; /* readable: whoever waits for somebody outside is to give up; -1: none is */
    struct bm_ticker *ticker;                      /* who listens to events; NULL: nobody can */
    struct bw_web *queue;                          /* the dashboard; NULL: none */
    struct barq_session *sessions[BM_API_THREADS]; /* each handler thread's own; made when needed */
};

void bm_api_init(struct bm_api *api);
/* When no thread is in a handler any more. */
void bm_api_clear(struct bm_api *api);

/* For struct bq_http_server_options, whose context is a struct bm_api; with bq_http_strict_headers of http/gate.h. */
bq_http_handler bm_api_handle;
size_t bm_api_body_limit(void *context, const char *method, const char *raw_path);

struct bm_api_request;
struct bm_api_route;

/* The route of the request's path for another method; false when there is none. */
bool bm_api_route_of(const struct bm_api_request *request, const char *method,
                     const struct bm_api_route **out);

#endif
