/*
 * stream.h - an answer whose bytes come as they are there, until its client or the server has had
 * enough: server-sent events, for one.
 *
 *     struct tab {
 *         struct bq_http_stream stream;   first
 *         int64_t seen;
 *     };
 *     struct tab *tab = bq_arena_alloc(call->arena, sizeof(*tab));
 *     tab->stream.read = read_tab;
 *     tab->stream.end = forget_tab;
 *     bq_http_answer_stream(call, "text/event-stream", &tab->stream);
 *
 * The handler's thread is free again at once. From then on all happens on the loop's thread, where
 * nothing may wait: `read` is asked for bytes as fast as the client takes them, and is left alone
 * after it had none, until bq_http_stream_wake(). So a client that reads slowly holds up itself only;
 * one that takes nothing for answer_ms is cut off. That a client has gone is noticed when it is sent
 * something: send something now and then.
 */
#ifndef BQ_HTTP_STREAM_H
#define BQ_HTTP_STREAM_H

#include <sys/types.h>

#include "http/server.h"

enum { BQ_HTTP_STREAM_OVER = -1 };

struct bq_http_connection;
struct bq_http_connections;

struct bq_http_stream {
    /* Puts up to `room` bytes at `out`: how many; 0: none for now; BQ_HTTP_STREAM_OVER: there will be none. */
    ssize_t (*read)(struct bq_http_stream *stream, char *out, size_t room);
    /* The last call, if `read` was called: the client has gone, it is over, or the server closes. */
    void (*end)(struct bq_http_stream *stream);

    /* The server's, as long as the answer lasts. */
    struct bq_http_connections *connections;
    struct bq_http_connection *connection;
    bool begun;
    bool waiting;
    bool closing;
};

/* Instead of bq_http_answer(), with status 200. `stream` is in the call's arena; the server asks it for bytes. */
void bq_http_answer_stream(struct bq_http_call *call, const char *content_type,
                           struct bq_http_stream *stream);
/* There is something to read. On the loop's thread; before bq_http_server_turn(), or the next one is at once. */
void bq_http_stream_wake(struct bq_http_stream *stream);

/* -- for the server -- */

struct MHD_Response;

/* NULL when out of memory. */
struct MHD_Response *bq_http_stream_response(struct bq_http_stream *stream,
                                             struct bq_http_connections *connections,
                                             struct bq_http_connection *connection);
/* There will be no more of it: what the client has not taken yet is still sent. */
void bq_http_stream_close(struct bq_http_stream *stream);
/* The request has ended. */
void bq_http_stream_ended(struct bq_http_stream *stream);

#endif
