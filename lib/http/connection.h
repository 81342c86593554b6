/*
 * connection.h - the connections of a server, and until when each of them has to be done with what
 * it is doing. The loop's alone.
 */
#ifndef BQ_HTTP_CONNECTION_H
#define BQ_HTTP_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "http/server.h"

struct MHD_Connection;
struct bq_http_stream;

enum bq_http_phase {
    BQ_HTTP_IN_HEADERS,
    BQ_HTTP_IN_BODY,
    BQ_HTTP_IN_HANDLER, /* as long as it takes */
    BQ_HTTP_IN_ANSWER,
    BQ_HTTP_IN_STREAM, /* with nothing to send: as long as the client likes */
    BQ_HTTP_PHASES,
};

struct bq_http_connection {
    struct bq_list link;
    struct MHD_Connection *mhd;
    int fd; /* borrowed from libmicrohttpd, which closes it only after telling us */
    enum bq_http_phase phase;
    int64_t deadline_ms;           /* of the phase; INT64_MAX: none */
    struct bq_http_stream *stream; /* that it is being sent; NULL: none */
};

struct bq_http_connections {
    struct bq_list all;
    int64_t limits_ms[BQ_HTTP_PHASES]; /* INT64_MAX: none */
    bool has_room;                     /* again, since its owner has set it to false */
};

void bq_http_connections_init(struct bq_http_connections *connections,
                              const struct bq_http_server_options *options);
/* NULL when out of memory. */
struct bq_http_connection *bq_http_connection_new(struct bq_http_connections *connections,
                                                  struct MHD_Connection *mhd);
/* When libmicrohttpd is about to close it. */
void bq_http_connection_free(struct bq_http_connections *connections,
                             struct bq_http_connection *connection);
/* The one of `mhd`; NULL when there was no memory for it. */
struct bq_http_connection *bq_http_connection_of(struct MHD_Connection *mhd);

/* Begins the phase, or begins it anew, and so its time. */
void bq_http_enter(const struct bq_http_connections *connections,
                   struct bq_http_connection *connection, enum bq_http_phase phase);
/* Some more for the phase that it is in. */
void bq_http_give_time(struct bq_http_connection *connection, int64_t ms);
/* Cuts off whoever is late, which libmicrohttpd then sees as the end of the connection. The next deadline. */
int64_t bq_http_reap(struct bq_http_connections *connections, int64_t now_ms);
/* So many of them are being sent a stream. */
int bq_http_count_streams(const struct bq_http_connections *connections);
/* Ends all streams. */
void bq_http_close_streams(struct bq_http_connections *connections);
/* Is there a request under way? */
bool bq_http_is_busy(const struct bq_http_connections *connections);

#endif
