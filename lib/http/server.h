/*
 * server.h - answering over HTTP (libmicrohttpd): a part of its owner's loop,
 * and a few threads that run the handler.
 *
 *     bq_http_server_open(&loop, &options, &server, err);
 *     while (!stopped) {
 *         bq_loop_wait(&loop, bq_http_server_turn(server));
 *     }
 *     bq_http_server_close(server);
 *
 * Connections are the loop's alone; a request whose body is whole goes to the
 * next free thread, and its answer comes back. There are never more requests
 * than connections. Whoever sends or reads too slowly is cut off: against them
 * an idle timeout is none, since it begins again with every byte.
 *
 * What the server itself refuses is an RFC 9457 problem (application/problem+json)
 * with a "code": bad_request, body_too_large, no_room, too_many_streams, internal.
 *
 * Requests that HTTP does not allow are refused before the handler sees them;
 * so are those whose path or query has broken escapes or is no UTF-8, a body
 * over the limit, or two headers of which one is allowed.
 */
#ifndef BQ_HTTP_SERVER_H
#define BQ_HTTP_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/list.h"
#include "os/loop.h"

enum {
    BQ_HTTP_THREADS = 4,
    BQ_HTTP_MAX_CONNECTIONS = 128,
    BQ_HTTP_BODY_MAX_BYTES = 1024 * 1024,
    BQ_HTTP_BODY_MEMORY_BYTES = 1024 * 1024,
    BQ_HTTP_BODY_BYTES_S = 32 * 1024, /* a slower one is not waited for */
    BQ_HTTP_CALL_MAX_BYTES = 16 * 1024 * 1024,
    BQ_HTTP_HEADERS_MS = 10000,
    BQ_HTTP_BODY_MS = 20000,
    BQ_HTTP_ANSWER_MS = 30000,
    BQ_HTTP_DRAIN_MS = 5000,
};

struct bq_http_server;

/* A request, as its handler sees it. All of it ends with the handler's answer. */
struct bq_http_call {
    const char *method;   /* "GET", "POST", ... */
    const char *path;     /* decoded; without the query */
    const char *raw_path; /* as it came: an escaped slash is no slash yet */
    const char *body;     /* any bytes, and a NUL that is not counted */
    size_t body_bytes;
    const char *peer;         /* the address that asks, in numbers; of a proxy, if there is one */
    struct barq_arena *arena; /* for whatever the answer needs */
    int thread;    /* from 0: which one this runs on, so that it can have things of its own */
    void *context; /* of the options */
};

/* Runs on one of the threads, and answers once; without an answer it is a 500. */
typedef void bq_http_handler(struct bq_http_call *call);

struct bq_http_field {
    const char *name;
    const char *value;
};

struct bq_http_server_options {
    const char *host; /* an address in numbers; NULL: "127.0.0.1" */
    int port;         /* 0: a free one */
    bq_http_handler *handle;
    void *context;
    int threads;         /* 0: 4 */
    int max_connections; /* more have to wait; 0: 128 */
    int max_streams; /* of them, that are sent a stream (stream.h); more get a 503; 0: half of them */
    size_t body_max_bytes; /* of a request; 0: 1 MiB */
    /* In place of that, for each request: asked on the loop's thread before its body comes; NULL: none. */
    size_t (*body_limit)(void *context, const char *method, const char *raw_path);
    size_t
        body_memory_bytes; /* a longer body goes to a temporary file, mapped for its handler; 0: 1 MiB */
    /* Of every answer, unless it has its own of this name; the last has a NULL name. NULL: none. */
    const struct bq_http_field *headers;
    size_t call_max_bytes; /* of a call's arena; 0: 16 MiB */
    int64_t headers_ms;    /* from a connection's begin, or its last answer; 0: 10 s */
    int64_t body_ms;       /* for a body, and a second more for each 32 KiB of it; 0: 20 s */
    int64_t answer_ms;     /* until the whole answer was taken; 0: 30 s */
};

/*
 * Listens. Several servers may share a loop.
 *
 * BARQ_ERR_ARG   `host` is no address
 * BARQ_ERR_BUSY  someone else listens there
 */
enum barq_status bq_http_server_open(struct bq_loop *loop,
                                     const struct bq_http_server_options *options,
                                     struct bq_http_server **out, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Takes no more requests, lets those under way end (5 s; a handler as long as it takes), ends streams. Takes NULL. */
void bq_http_server_close(struct bq_http_server *server);

/* Does what is due; how many ms the loop may wait before the next time, -1: for ever. */
int64_t bq_http_server_turn(struct bq_http_server *server);
int bq_http_server_port(const struct bq_http_server *server);

/*
 * What is no request but may not wait on the loop either, like asking a database: run on one of the
 * handlers' threads, among calls, which keep out of each other's way by the thread's number.
 */
struct bq_http_work {
    void (*run)(struct bq_http_work *work, int thread);
    void (*done)(struct bq_http_work
                     *work); /* then, on the loop's thread; also if it was not run any more */
    struct bq_list link;     /* the server's */
};
/* `work` is the server's until it is done. On the loop's thread, before bq_http_server_close(). */
void bq_http_server_do(struct bq_http_server *server, struct bq_http_work *work);

/* -- for handlers -- */

/* The first header or query parameter of this name; NULL when there is none. */
const char *bq_http_header(const struct bq_http_call *call, const char *name);
const char *bq_http_query(const struct bq_http_call *call, const char *name);
/* Query parameters that are given more than once: that of `index`, from 0; NULL when there are fewer. */
const char *bq_http_query_at(const struct bq_http_call *call, const char *name, size_t index);
/* All names and values of the query, each ended by a NUL, in the call's arena; NULL when that is full. */
const char *bq_http_query_all(const struct bq_http_call *call, size_t *len);

/* A header of the answer; borrowed like its body. At most 16. */
void bq_http_answer_header(struct bq_http_call *call, const char *name, const char *value);
/* `content_type` (NULL: none) and `body` are borrowed until the answer was sent: they are constant, or in the call's arena. */
void bq_http_answer(struct bq_http_call *call, int status, const char *content_type,
                    const void *body, size_t len);
/* Instead: `len` bytes of a file, from its begin; `fd` is the server's from now on. */
void bq_http_answer_file(struct bq_http_call *call, int status, const char *content_type, int fd,
                         size_t len);

#endif
