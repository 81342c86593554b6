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

#include "http/route.h"

enum {
    BM_API_MAX_IDS = BQ_HTTP_MAX_IDS,
    BM_API_BODY_MAX_BYTES = 1024 * 1024,
    BM_API_FILE_MAX_BYTES = 256 * 1024 * 1024,
};

struct bm_api_request;

/* Leaves its answer in the request; an error is one of ours or of the database, for the log. */
typedef enum barq_status bm_api_call(struct bm_api_request *request, struct barq_error *err);

/* How a call is run: one of the first four, and what else holds for it (BM_WRITING | BM_OWNER). */
enum bm_api_how {
    BM_NO_SESSION = 0, /* request->session is NULL */
    BM_READING = 1,    /* a transaction for reading is open, and ends with the call */
    BM_WRITING = 2,    /* for writing; committed when the answer's status is below 400 */
    BM_BY_HAND = 3, /* none is open yet: for whoever calls out between two, or reads page by page */
    BM_SESSION = 3, /* the mask of these */

    /* Without any of these two: a login, or a token of scope "read" (GET, BM_READING) or "write". */
    BM_ANYONE = 4, /* what tells nothing, and the login itself */
    BM_OWNER = 8,  /* no token will do: it could make itself others */

    BM_NOT_KEPT = 32, /* its answer has a secret: an Idempotency-Key is passed over */
    BM_TAKES_FILES =
        16, /* any type of body, of BM_API_FILE_MAX_BYTES: see upload.h; else JSON, 1 MiB */
};

struct bm_api_route {
    const char *method; /* GET answers HEAD, too; OPTIONS is answered for all */
    const char *path;   /* "/api/lists/{id}/videos" */
    bm_api_call *run;
    unsigned how; /* of enum bm_api_how */
};

struct bm_api_topic {
    const struct bm_api_route *routes;
    size_t count;
};
/* At the end of a topic's file: const struct bm_api_topic bm_api_lists_topic = BM_API_TOPIC(routes); */
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
