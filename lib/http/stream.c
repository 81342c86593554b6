#include "http/stream.h"

#include <microhttpd.h>

#include "http/connection.h"

enum { BLOCK_BYTES = 4096 }; /* that one call of `read` can give */

/* libmicrohttpd asks when all that it was given before is with the kernel. */
static ssize_t give(void *owner, uint64_t sent, char *out, size_t room)
{
    struct bq_http_stream *stream = owner;

    (void)sent;
    stream->begun = true;
    ssize_t got = stream->closing ? BQ_HTTP_STREAM_OVER : stream->read(stream, out, room);
    if (got < 0) {
        bq_http_enter(stream->connections, stream->connection, BQ_HTTP_IN_ANSWER);
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    if (got == 0) { /* not suspended, it would ask again and again */
        bq_http_enter(stream->connections, stream->connection, BQ_HTTP_IN_STREAM);
        stream->waiting = true;
        MHD_suspend_connection(stream->connection->mhd);
        return 0;
    }
    bq_http_enter(stream->connections, stream->connection, BQ_HTTP_IN_ANSWER);
    return got;
}

void bq_http_stream_wake(struct bq_http_stream *stream)
{
    if (stream->waiting) {
        stream->waiting = false;
        MHD_resume_connection(stream->connection->mhd);
    }
}

struct MHD_Response *bq_http_stream_response(struct bq_http_stream *stream,
                                             struct bq_http_connections *connections,
                                             struct bq_http_connection *connection)
{
    stream->connections = connections;
    stream->connection = connection;
    connection->stream = stream;
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, give, stream, NULL);
}

void bq_http_stream_close(struct bq_http_stream *stream)
{
    stream->closing = true;
    bq_http_stream_wake(stream);
}

void bq_http_stream_ended(struct bq_http_stream *stream)
{
    stream->connection->stream = NULL;
    if (stream->begun && stream->end) {
        stream->end(stream);
    }
}
