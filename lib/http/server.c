#include "http/server.h"

#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

#include "base/list.h"
#include "base/text.h"
#include "base/time.h"
#include "http/call.h"
#include "http/connection.h"
#include "http/pool.h"
#include "http/stream.h"
#include "os/listen.h"

enum {
    CONNECTION_BYTES =
        32 * 1024, /* what libmicrohttpd keeps of one: bounds request line and headers */
};

struct bq_http_server {
    struct bq_http_server_options options; /* with all defaults put in */
    struct bq_loop *loop;
    struct MHD_Daemon *daemon;
    struct bq_watch mhd_watch;
    struct bq_watch done_watch;
    struct bq_http_connections connections;
    struct bq_http_pool pool;
    bool closing; /* no stream begins any more */
};

static void connection_changed(void *owner, struct MHD_Connection *mhd, void **context,
                               enum MHD_ConnectionNotificationCode what)
{
    struct bq_http_server *server = owner;

    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        /* Without it the connection's first request is refused. */
        *context = bq_http_connection_new(&server->connections, mhd);
    } else if (*context) {
        bq_http_connection_free(&server->connections, *context);
        *context = NULL;
    }
}

/* -- a call -- */

/* Escapes stay in what libmicrohttpd gives us: it would cut at %00. */
static size_t leave_escaped(void *owner, struct MHD_Connection *mhd, char *text)
{
    (void)owner;
    (void)mhd;
    return strlen(text);
}

static enum MHD_Result keep_header(void *exchange, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    (void)kind;
    bq_http_put_header(exchange, name, value);
    return MHD_YES;
}

static enum MHD_Result keep_parameter(void *exchange, enum MHD_ValueKind kind, const char *name,
                                      const char *value)
{
    (void)kind;
    bq_http_put_query(exchange, name, value);
    return MHD_YES;
}

/* Everything is copied, so that a handler has nothing to do with libmicrohttpd. */
static struct bq_http_exchange *begin(struct bq_http_server *server, struct MHD_Connection *mhd,
                                      const char *url, const char *method)
{
    struct bq_http_connection *connection = bq_http_connection_of(mhd);
    struct bq_http_exchange *exchange = connection ? bq_http_exchange_new(&server->options) : NULL;

    if (!exchange) {
        return NULL;
    }
    bq_http_enter(&server->connections, connection, BQ_HTTP_IN_BODY);
    exchange->connection = connection;
    exchange->server = server;
    bq_http_put_line(exchange, method, url);
    bq_http_put_peer(exchange,
                     MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr);
    MHD_get_connection_values(mhd, MHD_HEADER_KIND, keep_header, exchange);
    MHD_get_connection_values(mhd, MHD_GET_ARGUMENT_KIND, keep_parameter, exchange);
    bq_http_check_length(exchange, &server->options);
    return exchange;
}

static struct MHD_Response *make_response(struct bq_http_server *server,
                                          struct bq_http_exchange *exchange)
{
    if (exchange->stream) {
        return bq_http_stream_response(exchange->stream, &server->connections,
                                       exchange->connection);
    }
    if (exchange->answer_fd >=
        0) { /* which closes it, and sends it without taking it into memory */
        int fd = exchange->answer_fd;
        exchange->answer_fd = -1;
        return MHD_create_response_from_fd(exchange->answer_len, fd);
    }
    /* libmicrohttpd has no const here, but only reads; the exchange outlives the response. */
    union {
        const void *ours;
        void *theirs;
    } body = {.ours = exchange->answer};
    return MHD_create_response_from_buffer(exchange->answer_len, body.theirs,
                                           MHD_RESPMEM_PERSISTENT);
}

static bool has_own(const struct bq_http_exchange *exchange, const char *name)
{
    for (int i = 0; i < exchange->n_answer_headers; i++) {
        if (bq_equal_nocase(exchange->answer_headers[i].name, name)) {
            return true;
        }
    }
    return false;
}

static void add_headers(const struct bq_http_server *server,
                        const struct bq_http_exchange *exchange, struct MHD_Response *response)
{
    const struct bq_http_field *every = server->options.headers;

    if (exchange->content_type) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, exchange->content_type);
    }
    for (int i = 0; i < exchange->n_answer_headers; i++) {
        const struct bq_http_pair *header = &exchange->answer_headers[i];
        MHD_add_response_header(response, header->name, header->value);
    }
    for (; every && every->name; every++) {
        if (!has_own(exchange, every->name)) {
            MHD_add_response_header(response, every->name, every->value);
        }
    }
}

/* Those who only listen leave room for those who ask. */
static bool has_room_for_stream(const struct bq_http_server *server)
{
    return !server->closing &&
           bq_http_count_streams(&server->connections) < server->options.max_streams;
}

static enum MHD_Result send_answer(struct bq_http_server *server, struct bq_http_exchange *exchange)
{
    bq_http_enter(&server->connections, exchange->connection, BQ_HTTP_IN_ANSWER);
    if (exchange->status == 0) {
        bq_http_refuse(exchange, 500, "internal", "Internal error");
    }
    if (exchange->stream && !has_room_for_stream(server)) {
        bq_http_refuse(exchange, 503, "too_many_streams", "Too many are listening already");
    }
    struct MHD_Response *response = make_response(server, exchange);
    if (!response) {
        return MHD_NO;
    }
    add_headers(server, exchange, response);
    enum MHD_Result queued =
        MHD_queue_response(exchange->connection->mhd, (unsigned)exchange->status, response);
    MHD_destroy_response(response);
    return queued;
}

static struct bq_http_exchange *exchange_of(struct bq_http_work *work)
{
    return bq_list_owner(work, struct bq_http_exchange, work);
}

static void run_handler(struct bq_http_work *work, int thread)
{
    struct bq_http_exchange *exchange = exchange_of(work);

    exchange->call.thread = thread;
    exchange->server->options.handle(&exchange->call);
}

static void resume(struct bq_http_work *work)
{
    struct bq_http_exchange *exchange = exchange_of(work);

    bq_http_enter(&exchange->server->connections, exchange->connection, BQ_HTTP_IN_ANSWER);
    MHD_resume_connection(exchange->connection->mhd);
}

/* To a handler; back in request_goes_on() when that has answered. */
static void hand_over(struct bq_http_server *server, struct bq_http_exchange *exchange)
{
    bq_http_enter(&server->connections, exchange->connection, BQ_HTTP_IN_HANDLER);
    MHD_suspend_connection(exchange->connection->mhd);
    exchange->work.run = run_handler;
    exchange->work.done = resume;
    bq_http_pool_give(&server->pool, &exchange->work);
}

/* Called for the head, for each piece of the body, at its end, and when resumed. */
static enum MHD_Result request_goes_on(void *owner, struct MHD_Connection *mhd, const char *url,
                                       const char *method, const char *version, const char *bytes,
                                       size_t *len, void **context)
{
    struct bq_http_server *server = owner;
    struct bq_http_exchange *exchange = *context;

    (void)version;
    if (!exchange) {
        exchange = begin(server, mhd, url, method);
        *context = exchange;
        if (!exchange) {
            return MHD_NO;
        }
        return exchange->status ? send_answer(server, exchange) : MHD_YES;
    }
    if (*len > 0) {
        bq_http_put_body(exchange, bytes, *len);
        bq_http_give_time(exchange->connection, (int64_t)(*len * 1000 / BQ_HTTP_BODY_BYTES_S));
        *len = 0;
        return MHD_YES;
    }
    if (exchange->connection->phase == BQ_HTTP_IN_BODY) {
        bq_http_end_body(exchange);
        if (exchange->status == 0) {
            hand_over(server, exchange);
            return MHD_YES;
        }
    }
    return send_answer(server, exchange);
}

static void request_ended(void *owner, struct MHD_Connection *mhd, void **context,
                          enum MHD_RequestTerminationCode how)
{
    struct bq_http_server *server = owner;
    struct bq_http_exchange *exchange = *context;

    (void)mhd;
    (void)how;
    if (exchange) {
        if (exchange->stream && exchange->connection->stream) {
            bq_http_stream_ended(exchange->stream);
        }
        bq_http_enter(&server->connections, exchange->connection, BQ_HTTP_IN_HEADERS);
        bq_http_exchange_free(exchange);
    }
    *context = NULL;
}

/* -- the server's part of the loop -- */

static void look_at_turn(struct bq_watch *watch, uint32_t events)
{
    (void)watch;
    (void)events;
}

/* Resuming is the loop's: libmicrohttpd would lose a wake-up from another thread that comes while it runs. */
static void take_answers(struct bq_http_server *server)
{
    uint64_t count = 0;
    ssize_t got = read(server->pool.done_fd, &count, sizeof(count));
    (void)got; /* nothing to read: nothing is done */

    for (struct bq_http_work *work = bq_http_pool_take_done(&server->pool); work;
         work = bq_http_pool_take_done(&server->pool)) {
        work->done(work);
    }
}

int64_t bq_http_server_turn(struct bq_http_server *server)
{
    MHD_UNSIGNED_LONG_LONG wait_ms = 0;

    take_answers(server);
    do { /* libmicrohttpd listens again only the next time, and nothing would wake it for that */
        server->connections.has_room = false;
        MHD_run(server->daemon);
    } while (server->connections.has_room);
    int64_t next_ms =
        bq_http_reap(&server->connections, bq_mono_ms()); /* last: what ran has begun new phases */
    if (MHD_get_timeout(server->daemon, &wait_ms) == MHD_YES && wait_ms == 0) {
        return 0;
    }
    if (next_ms == INT64_MAX) {
        return -1;
    }
    int64_t left_ms = next_ms - bq_mono_ms();
    return left_ms > 0 ? left_ms : 0;
}

/* -- the beginning -- */

static const struct bq_http_server_options defaults = {
    .host = "127.0.0.1",
    .threads = BQ_HTTP_THREADS,
    .max_connections = BQ_HTTP_MAX_CONNECTIONS,
    .body_max_bytes = BQ_HTTP_BODY_MAX_BYTES,
    .body_memory_bytes = BQ_HTTP_BODY_MEMORY_BYTES,
    .call_max_bytes = BQ_HTTP_CALL_MAX_BYTES,
    .headers_ms = BQ_HTTP_HEADERS_MS,
    .body_ms = BQ_HTTP_BODY_MS,
    .answer_ms = BQ_HTTP_ANSWER_MS,
};

static void put_defaults(struct bq_http_server_options *options)
{
    const struct bq_http_server_options *other = &defaults;

    options->host = options->host ? options->host : other->host;
    options->threads = options->threads ? options->threads : other->threads;
    options->threads =
        options->threads < BQ_HTTP_MAX_THREADS ? options->threads : BQ_HTTP_MAX_THREADS;
    options->max_connections =
        options->max_connections ? options->max_connections : other->max_connections;
    options->max_streams =
        options->max_streams ? options->max_streams : options->max_connections / 2;
    options->body_max_bytes =
        options->body_max_bytes ? options->body_max_bytes : other->body_max_bytes;
    options->body_memory_bytes =
        options->body_memory_bytes ? options->body_memory_bytes : other->body_memory_bytes;
    options->call_max_bytes =
        options->call_max_bytes ? options->call_max_bytes : other->call_max_bytes;
    options->headers_ms = options->headers_ms ? options->headers_ms : other->headers_ms;
    options->body_ms = options->body_ms ? options->body_ms : other->body_ms;
    options->answer_ms = options->answer_ms ? options->answer_ms : other->answer_ms;
}

/* On success the daemon owns `fd`. */
static enum barq_status start_daemon(struct bq_http_server *server, int fd, struct barq_error *err)
{
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, request_goes_on, server,
        MHD_OPTION_LISTEN_SOCKET, (MHD_socket)fd, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)server->options.max_connections,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES, MHD_OPTION_UNESCAPE_CALLBACK,
        leave_escaped, NULL, MHD_OPTION_NOTIFY_CONNECTION, connection_changed, server,
        MHD_OPTION_NOTIFY_COMPLETED, request_ended, server, MHD_OPTION_END);
    if (!server->daemon) {
        close(fd);
        return bq_fail(err, BARQ_ERR_IO, "http: libmicrohttpd does not start");
    }
    return BARQ_OK;
}

static enum barq_status watch(struct bq_http_server *server, struct barq_error *err)
{
    int mhd_fd = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;

    server->mhd_watch.ready = look_at_turn;
    server->done_watch.ready = look_at_turn;
    enum barq_status status = bq_loop_add(server->loop, &server->mhd_watch, mhd_fd, EPOLLIN, err);
    if (status == BARQ_OK) {
        status = bq_loop_add(server->loop, &server->done_watch, server->pool.done_fd, EPOLLIN, err);
    }
    return status;
}

static enum barq_status start(struct bq_http_server *server, struct barq_error *err)
{
    int fd = -1;

    enum barq_status status = bq_http_pool_init(&server->pool, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bq_listen(server->options.host, &server->options.port, &fd, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = start_daemon(server, fd, err);
    if (status == BARQ_OK) {
        status = watch(server, err);
    }
    return status == BARQ_OK ? bq_http_pool_start(&server->pool, server->options.threads, err)
                             : status;
}

enum barq_status bq_http_server_open(struct bq_loop *loop,
                                     const struct bq_http_server_options *options,
                                     struct bq_http_server **out, struct barq_error *err)
{
    struct bq_http_server *server = calloc(1, sizeof(*server));
    if (!server) {
        return bq_fail(err, BARQ_ERR_NOMEM, "http: out of memory");
    }
    server->options = *options;
    put_defaults(&server->options);
    server->loop = loop;
    server->mhd_watch.fd = -1;
    server->done_watch.fd = -1;
    bq_http_connections_init(&server->connections, &server->options);

    enum barq_status status = start(server, err);
    if (status != BARQ_OK) {
        bq_http_server_close(server);
        return status;
    }
    *out = server;
    return BARQ_OK;
}

void bq_http_server_do(struct bq_http_server *server, struct bq_http_work *work)
{
    bq_http_pool_give(&server->pool, work);
}

int bq_http_server_port(const struct bq_http_server *server)
{
    return server->options.port;
}

/* -- the end -- */

/* Lets requests under way be answered, while nobody new is let in. */
static void drain(struct bq_http_server *server)
{
    int64_t end_ms = bq_mono_ms() + BQ_HTTP_DRAIN_MS;

    server->closing = true;
    bq_http_close_streams(&server->connections);
    MHD_socket fd = MHD_quiesce_daemon(server->daemon);
    if (fd != MHD_INVALID_SOCKET) {
        close(fd);
    }
    int mhd_fd = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    struct pollfd look[] = {{.fd = mhd_fd, .events = POLLIN},
                            {.fd = server->pool.done_fd, .events = POLLIN}};
    for (;;) {
        int64_t wait_ms = bq_http_server_turn(server);
        int64_t left_ms = end_ms - bq_mono_ms();
        if (!bq_http_is_busy(&server->connections) || left_ms <= 0) {
            break;
        }
        poll(look, 2, (int)(wait_ms >= 0 && wait_ms < left_ms ? wait_ms : left_ms));
    }
}

/* Whatever could not be answered in time: libmicrohttpd does not stop while something is suspended. */
static void end_all_work(struct bq_http_server *server)
{
    for (struct bq_http_work *work = bq_http_pool_take_waiting(&server->pool); work;
         work = bq_http_pool_take_waiting(&server->pool)) {
        work->done(work);
    }
    take_answers(server);
}

void bq_http_server_close(struct bq_http_server *server)
{
    if (!server) {
        return;
    }
    bq_loop_remove(server->loop, &server->mhd_watch);
    bq_loop_remove(server->loop, &server->done_watch);
    if (server->daemon) {
        drain(server);
        bq_http_pool_stop(&server->pool);
        end_all_work(server);
        MHD_stop_daemon(server->daemon);
    }
    bq_http_pool_clear(&server->pool);
    free(server);
}
