/*
 * route.h - which of many routes a request's path means.
 *
 *     struct bq_http_search search;
 *
 *     if (!bq_http_search_begin(&search, call->method, call->raw_path, arena)) ...
 *     for (each route) {
 *         if (!bq_http_search_try(&search, route->method, route->path, route)) ...
 *     }
 *     search.found, search.ids, search.allowed
 *
 * A {part} of a path stands for one part of what came, decoded. Where two paths fit, the one counts
 * that spells more of it out: "/api/videos/search" before "/api/videos/{id}".
 */
#ifndef BQ_HTTP_ROUTE_H
#define BQ_HTTP_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum { BQ_HTTP_MAX_IDS = 4 };

struct bq_http_search {
    const void *found;                /* the route, as it was tried; NULL: none yet */
    const char *ids[BQ_HTTP_MAX_IDS]; /* what its {}s stand for, in their order; in the arena */
    /* What the path takes: "GET, HEAD, POST", in the arena; NULL: there is no such path. */
    const char *allowed;

    const char *method;
    const char *found_path;
    const char **parts;
    size_t n_parts;
    struct barq_arena *arena;
};

/* Everything is borrowed as long as the search. False: it is no path, or the arena is full. */
bool bq_http_search_begin(struct bq_http_search *search, const char *method, const char *raw_path,
                          struct barq_arena *arena);
/* `route` goes to search->found if it is the closest so far; one of GET is HEAD's, too. False: the arena is full. */
bool bq_http_search_try(struct bq_http_search *search, const char *method, const char *path,
                        const void *route);

#endif
