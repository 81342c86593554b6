/*
 * route.h - a call of the API: which method and path, who answers, in what
 * transaction, how much it takes.
 *
 * Each topic is a file which ends with the table of its routes, and exports it
 * as one struct bm_api_topic; routes.c is the table of topics. A {part} of a
 * path stands for one part of what came, decoded, and goes to request->ids in
 * the order of the path. Where two patterns fit, the one counts that spells
 * more of the path out: "/api/videos/search" before "/api/videos/{id}".
 */
#ifndef BM_API_ROUTE_H
#define BM_API_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum { BM_API_MAX_IDS = 4 };

struct bm_api_request;

/* Leaves its answer in the request; an error is one of ours or of the database, for the log. */
typedef enum barq_status bm_api_call(struct bm_api_request *request, struct barq_error *err);

enum bm_api_session {
    BM_NO_SESSION, /* request->session is NULL */
    BM_READING,    /* a transaction for reading is open, and ends with the call */
    BM_WRITING,    /* for writing; committed when the answer's status is below 400 */
    BM_BY_HAND,    /* none is open yet: for whoever calls out between two, or reads page by page */
};

struct bm_api_route {
    const char *method; /* GET answers HEAD, too; OPTIONS is answered for all */
    const char *path;   /* "/api/lists/{id}/videos" */
    bm_api_call *run;
    enum bm_api_session session;
};

struct bm_api_topic {
    const struct bm_api_route *routes;
    size_t count;
};
#define BM_API_TOPIC(table)                                                                        \
    {                                                                                              \
        .routes = (table), .count = sizeof(table) / sizeof((table)[0])                             \
    }

enum bm_api_found {
    BM_API_FOUND,
    BM_API_NO_PATH,
    BM_API_NO_METHOD, /* the path is there, for others */
    BM_API_NO_MEMORY,
};

/*
 * The route of `method` and `raw_path` (escapes in it), and its ids, in `arena`;
 * those that it has not are NULL. `*allowed` (in `arena`) has the methods that the
 * path takes ("GET, HEAD, OPTIONS"), unless there is no such path.
 */
enum bm_api_found bm_api_find(const struct bm_api_topic *const *topics, size_t n_topics,
                              const char *method, const char *raw_path, struct barq_arena *arena,
                              const struct bm_api_route **out, const char *ids[BM_API_MAX_IDS],
                              const char **allowed);

#endif
