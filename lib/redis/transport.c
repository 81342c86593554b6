#include "redis/transport.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"

/* The words of errno in every locale the same. */
static enum barq_status fail(struct barq_error *err, int number)
{
    const char *meaning = strerrordesc_np(number);

    return bq_fail(err, BARQ_ERR_CONN, "%s", meaning ? meaning : "unknown error");
}

void bq_redis_transport_init(struct bq_redis_transport *transport)
{
    *transport = (struct bq_redis_transport){.fd = -1};
}

void bq_redis_transport_close(struct bq_redis_transport *transport)
{
    bq_redis_tls_free(transport->tls);
    free(transport->wire);
    bq_fd_drop(&transport->fd);
    bq_redis_transport_init(transport);
}

/* -- connecting -- */

/* Neither of both is worth failing for. */
static void tune(int fd)
{
    int on = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

enum barq_status bq_redis_transport_connect(struct bq_redis_transport *transport,
                                            const struct sockaddr *address, socklen_t len,
                                            struct barq_error *err)
{
    bq_redis_transport_close(transport);
    transport->fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (transport->fd < 0) {
        return fail(err, errno);
    }
    if (address->sa_family != AF_UNIX) {
        tune(transport->fd);
    }
    if (connect(transport->fd, address, len) < 0 && errno != EINPROGRESS && errno != EINTR) {
        enum barq_status status = fail(err, errno);
        bq_redis_transport_close(transport);
        return status;
    }
    return BARQ_OK;
}

enum barq_status bq_redis_transport_look(const struct bq_redis_transport *transport, bool *done,
                                         struct barq_error *err)
{
    struct pollfd look = {.fd = transport->fd, .events = POLLOUT};
    int number = 0;
    socklen_t len = sizeof(number);

    *done = poll(&look, 1, 0) > 0;
    if (*done && getsockopt(transport->fd, SOL_SOCKET, SO_ERROR, &number, &len) < 0) {
        number = errno;
    }
    return number == 0 ? BARQ_OK : fail(err, number);
}

enum barq_status bq_redis_transport_secure(struct bq_redis_transport *transport,
                                           struct bq_redis_tls *tls, struct barq_error *err)
{
    transport->tls = tls;
    transport->wire = malloc(BQ_REDIS_WIRE_BYTES);
    return transport->wire ? BARQ_OK : bq_fail(err, BARQ_ERR_NOMEM, "out of memory");
}

/* -- bytes -- */

static enum barq_status send_some(int fd, const char *bytes, size_t len, size_t *sent,
                                  struct barq_error *err)
{
    *sent = 0;
    while (*sent < len) {
        ssize_t put = send(fd, bytes + *sent, len - *sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (put > 0) {
            *sent += (size_t)put;
        } else if (put < 0 && errno == EAGAIN) {
            return BARQ_OK;
        } else if (put < 0 && errno != EINTR) {
            return fail(err, errno);
        }
    }
    return BARQ_OK;
}

static enum barq_status receive_some(int fd, char *bytes, size_t max, size_t *len, bool *ended,
                                     struct barq_error *err)
{
    ssize_t got;
    do {
        got = recv(fd, bytes, max, MSG_DONTWAIT);
    } while (got < 0 && errno == EINTR);

    *len = got > 0 ? (size_t)got : 0;
    *ended = got == 0 && max > 0;
    return got >= 0 || errno == EAGAIN ? BARQ_OK : fail(err, errno);
}

/* What TLS has for the server, as far as the socket takes it. */
static enum barq_status flush_wire(struct bq_redis_transport *transport, struct barq_error *err)
{
    for (;;) {
        if (transport->wire_at == transport->wire_len) {
            transport->wire_at = 0;
            transport->wire_len =
                bq_redis_tls_drain(transport->tls, transport->wire, BQ_REDIS_WIRE_BYTES);
        }
        size_t left = transport->wire_len - transport->wire_at;
        size_t sent = 0;
        enum barq_status status =
            send_some(transport->fd, transport->wire + transport->wire_at, left, &sent, err);
        transport->wire_at += sent;
        if (status != BARQ_OK || left == 0 || sent < left) {
            return status;
        }
    }
}

bool bq_redis_transport_is_full(const struct bq_redis_transport *transport)
{
    return transport->wire_at < transport->wire_len;
}

enum barq_status bq_redis_transport_send(struct bq_redis_transport *transport, const char *bytes,
                                         size_t len, size_t *sent, struct barq_error *err)
{
    if (!transport->tls) {
        return send_some(transport->fd, bytes, len, sent, err);
    }

    *sent = 0;
    for (;;) {
        size_t written = 0;
        enum barq_status status = flush_wire(transport, err);
        if (status != BARQ_OK || *sent == len || bq_redis_transport_is_full(transport)) {
            return status;
        }
        status = bq_redis_tls_write(transport->tls, bytes + *sent, len - *sent, &written, err);
        *sent += written;
        if (status != BARQ_OK || written == 0) {
            return status;
        }
    }
}

/* Once from the socket to TLS; false in `*more` when nothing was there. */
static enum barq_status feed_tls(struct bq_redis_transport *transport, bool *more, bool *ended,
                                 struct barq_error *err)
{
    char bytes[BQ_REDIS_WIRE_BYTES];
    size_t len = 0;
    enum barq_status status = receive_some(transport->fd, bytes, sizeof(bytes), &len, ended, err);

    *more = len > 0;
    if (status == BARQ_OK && !bq_redis_tls_feed(transport->tls, bytes, len)) {
        return bq_fail(err, BARQ_ERR_NOMEM, "no memory for TLS");
    }
    return status;
}

enum barq_status bq_redis_transport_receive(struct bq_redis_transport *transport, char *bytes,
                                            size_t max, size_t *len, bool *ended,
                                            struct barq_error *err)
{
    if (!transport->tls) {
        return receive_some(transport->fd, bytes, max, len, ended, err);
    }

    *ended = false;
    for (bool more = true;;) {
        enum barq_status status = bq_redis_tls_read(transport->tls, bytes, max, len, ended, err);
        if (status != BARQ_OK || *len > 0 || *ended || !more) {
            return status;
        }
        status = feed_tls(transport, &more, ended, err);
        if (status != BARQ_OK || *ended) {
            return status;
        }
    }
}

enum barq_status bq_redis_transport_greet(struct bq_redis_transport *transport, bool *done,
                                          struct barq_error *err)
{
    bool more = true;
    bool ended = false;

    for (;;) {
        enum barq_status status = bq_redis_tls_greet(transport->tls, done, err);
        /* Also when it has failed: the server learns why. */
        enum barq_status flushed = flush_wire(transport, status == BARQ_OK ? err : NULL);
        status = status == BARQ_OK ? flushed : status;
        if (status != BARQ_OK || *done || !more) {
            return status;
        }
        /* Whoever speaks no TLS hangs up on what he cannot read. */
        if (feed_tls(transport, &more, &ended, err) != BARQ_OK || ended) {
            return bq_fail(err, BARQ_ERR_CONN,
                           "the server has hung up: is its port one without TLS, for redis://?");
        }
    }
}
