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
#include "base/time.h"
#include "http/call.h"
#include "http/pool.h"
#include "os/listen.h"

enum {
    CONNECTION_BYTES =
        32 * 1024, /* what libmicrohttpd keeps of one: bounds request line and headers */
};

enum phase { IN_HEADERS, IN_BODY, IN_HANDLER, IN_ANSWER };

struct bq_http_connection {
    struct bq_list link;
    struct MHD_Connection *mhd;
    int fd; /* borrowed from libmicrohttpd, which closes it only after telling us */
    enum phase phase;
    int64_t deadline_ms; /* of the phase; INT64_MAX: none */
};

struct bq_http_server {
    struct bq_http_server_options options; /* with all defaults put in */
    struct bq_loop *loop;
    struct MHD_Daemon *daemon;
    struct bq_watch mhd_watch;
    struct bq_watch done_watch;
    struct bq_list connections;
    bool has_room; /* again, since the last turn */
    struct bq_http_pool pool;
};

/* -- connections and their deadlines -- */

static void enter(const struct bq_http_server *server, struct bq_http_connection *connection,
                  enum phase phase)
{
    const int64_t limits_ms[] = {
        [IN_HEADERS] = server->options.headers_ms,
        [IN_BODY] = server->options.body_ms,
        [IN_HANDLER] = INT64_MAX,
        [IN_ANSWER] = server->options.answer_ms,
    };

    connection->phase = phase;
    connection->deadline_ms =
        limits_ms[phase] == INT64_MAX ? INT64_MAX : bq_mono_ms() + limits_ms[phase];
}

static struct bq_http_connection *connection_of(struct MHD_Connection *mhd)
{
    return MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void connection_changed(void *owner, struct MHD_Connection *mhd, void **context,
                               enum MHD_ConnectionNotificationCode what)
{
    struct bq_http_server *server = owner;
    struct bq_http_connection *connection = *context;

    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        connection = calloc(1, sizeof(*connection));
        if (connection) { /* without it the connection's first request is refused */
            connection->mhd = mhd;
            connection->fd =
                MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
            enter(server, connection, IN_HEADERS);
            bq_list_add(&server->connections, &connection->link);
        }
    } else if (connection) {
        bq_list_remove(&connection->link);
        free(connection);
        server->has_room = true;
        connection = NULL;
    }
    *context = connection;
}

/* Cuts off whoever is late, which libmicrohttpd then sees as the end of the connection. */
static int64_t reap(struct bq_http_server *server, int64_t now_ms)
{
    int64_t next_ms = INT64_MAX;

    bq_list_each (link, &server->connections) {
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

static bool is_busy(const struct bq_http_server *server)
{
    bq_list_each (link, &server->connections) {
        if (bq_list_owner(link, struct bq_http_connection, link)->phase != IN_HEADERS) {
            return true;
        }
    }
    return false;
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
    struct bq_http_connection *connection = connection_of(mhd);
    struct bq_http_exchange *exchange = connection ? bq_http_exchange_new(&server->options) : NULL;

    if (!exchange) {
        return NULL;
    }
    enter(server, connection, IN_BODY);
    exchange->connection = connection;
    bq_http_put_line(exchange, method, url);
    MHD_get_connection_values(mhd, MHD_HEADER_KIND, keep_header, exchange);
    MHD_get_connection_values(mhd, MHD_GET_ARGUMENT_KIND, keep_parameter, exchange);
    bq_http_check_length(exchange);
    return exchange;
}

static enum MHD_Result send_answer(struct bq_http_server *server, struct bq_http_exchange *exchange)
{
    enter(server, exchange->connection, IN_ANSWER);
    if (exchange->status == 0) {
        bq_http_refuse(exchange, 500, "Internal error");
    }

    /* libmicrohttpd has no const here, but only reads; the exchange outlives the response. */
    union {
        const void *ours;
        void *theirs;
    } body = {.ours = exchange->answer};
    struct MHD_Response *response =
        MHD_create_response_from_buffer(exchange->answer_len, body.theirs, MHD_RESPMEM_PERSISTENT);
    if (!response) {
        return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, exchange->content_type);
    for (int i = 0; i < exchange->n_answer_headers; i++) {
        const struct bq_http_pair *header = &exchange->answer_headers[i];
        MHD_add_response_header(response, header->name, header->value);
    }
    enum MHD_Result queued =
        MHD_queue_response(exchange->connection->mhd, (unsigned)exchange->status, response);
    MHD_destroy_response(response);
    return queued;
}

/* To a handler; resumed, and back here, when that has answered. */
static void hand_over(struct bq_http_server *server, struct bq_http_exchange *exchange)
{
    enter(server, exchange->connection, IN_HANDLER);
    MHD_suspend_connection(exchange->connection->mhd);
    bq_http_pool_give(&server->pool, exchange);
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
        bq_buf_put(&exchange->body, bytes, *len);
        *len = 0;
        return MHD_YES;
    }
    if (exchange->connection->phase == IN_BODY) {
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
        enter(server, exchange->connection, IN_HEADERS);
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

    for (struct bq_http_exchange *exchange = bq_http_pool_take_done(&server->pool); exchange;
         exchange = bq_http_pool_take_done(&server->pool)) {
        enter(server, exchange->connection, IN_ANSWER);
        MHD_resume_connection(exchange->connection->mhd);
    }
}

int64_t bq_http_server_turn(struct bq_http_server *server)
{
    MHD_UNSIGNED_LONG_LONG wait_ms = 0;

    take_answers(server);
    do { /* libmicrohttpd listens again only the next time, and nothing would wake it for that */
        server->has_room = false;
        MHD_run(server->daemon);
    } while (server->has_room);
    int64_t next_ms = reap(server, bq_mono_ms()); /* last: what ran has begun new phases */
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
    options->body_max_bytes =
        options->body_max_bytes ? options->body_max_bytes : other->body_max_bytes;
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
    return status == BARQ_OK ? bq_http_pool_start(&server->pool, &server->options, err) : status;
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
    bq_list_init(&server->connections);

    enum barq_status status = start(server, err);
    if (status != BARQ_OK) {
        bq_http_server_close(server);
        return status;
    }
    *out = server;
    return BARQ_OK;
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
        if (!is_busy(server) || left_ms <= 0) {
            break;
        }
        poll(look, 2, (int)(wait_ms >= 0 && wait_ms < left_ms ? wait_ms : left_ms));
    }
}

/* Whatever could not be answered in time: libmicrohttpd does not stop while something is suspended. */
static void resume_all(struct bq_http_server *server)
{
    for (struct bq_http_exchange *exchange = bq_http_pool_take_waiting(&server->pool); exchange;
         exchange = bq_http_pool_take_waiting(&server->pool)) {
        MHD_resume_connection(exchange->connection->mhd);
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
        resume_all(server);
        MHD_stop_daemon(server->daemon);
    }
    bq_http_pool_clear(&server->pool);
    free(server);
}
