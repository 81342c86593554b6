#include "http/connection.h"

#include <stdlib.h>
#include <sys/socket.h>

#include <microhttpd.h>

#include "base/time.h"
#include "http/stream.h"

void bq_http_connections_init(struct bq_http_connections *connections,
                              const struct bq_http_server_options *options)
{
    bq_list_init(&connections->all);
    connections->limits_ms[BQ_HTTP_IN_HEADERS] = options->headers_ms;
    connections->limits_ms[BQ_HTTP_IN_BODY] = options->body_ms;
    connections->limits_ms[BQ_HTTP_IN_HANDLER] = INT64_MAX;
    connections->limits_ms[BQ_HTTP_IN_ANSWER] = options->answer_ms;
    connections->limits_ms[BQ_HTTP_IN_STREAM] = INT64_MAX;
}

struct bq_http_connection *bq_http_connection_new(struct bq_http_connections *connections,
                                                  struct MHD_Connection *mhd)
{
    struct bq_http_connection *connection = calloc(1, sizeof(*connection));
    if (!connection) {
        return NULL;
    }
    connection->mhd = mhd;
    connection->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    bq_http_enter(connections, connection, BQ_HTTP_IN_HEADERS);
    bq_list_add(&connections->all, &connection->link);
    return connection;
}

void bq_http_connection_free(struct bq_http_connections *connections,
                             struct bq_http_connection *connection)
{
    bq_list_remove(&connection->link);
    free(connection);
    connections->has_room = true;
}

struct bq_http_connection *bq_http_connection_of(struct MHD_Connection *mhd)
{
    return MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

void bq_http_enter(const struct bq_http_connections *connections,
                   struct bq_http_connection *connection, enum bq_http_phase phase)
{
    int64_t limit_ms = connections->limits_ms[phase];

    connection->phase = phase;
    connection->deadline_ms = limit_ms == INT64_MAX ? INT64_MAX : bq_mono_ms() + limit_ms;
}

void bq_http_give_time(struct bq_http_connection *connection, int64_t ms)
{
    if (connection->deadline_ms != INT64_MAX) {
        connection->deadline_ms += ms;
    }
}

int64_t bq_http_reap(struct bq_http_connections *connections, int64_t now_ms)
{
    int64_t next_ms = INT64_MAX;

    bq_list_each (link, &connections->all) {
        struct bq_http_connection *connection =
            bq_list_owner(link, struct bq_http_connection, link);
        if (connection->deadline_ms <= now_ms) {
            shutdown(connection->fd, SHUT_RDWR);
            connection->deadline_ms = INT64_MAX;
        } else if (connection->deadline_ms < next_ms) {
            next_ms = connection->deadline_ms;
        }
    }
    return next_ms;
}

int bq_http_count_streams(const struct bq_http_connections *connections)
{
    int count = 0;

    bq_list_each (link, &connections->all) {
        count += bq_list_owner(link, struct bq_http_connection, link)->stream != NULL;
    }
    return count;
}

void bq_http_close_streams(struct bq_http_connections *connections)
{
    bq_list_each (link, &connections->all) {
        struct bq_http_connection *connection =
            bq_list_owner(link, struct bq_http_connection, link);
        if (connection->stream) {
            bq_http_stream_close(connection->stream);
        }
    }
}

bool bq_http_is_busy(const struct bq_http_connections *connections)
{
    bq_list_each (link, &connections->all) {
        if (bq_list_owner(link, struct bq_http_connection, link)->phase != BQ_HTTP_IN_HEADERS) {
            return true;
        }
    }
    return false;
}
