/*
 * transport.h - one stream socket, TCP or Unix, with TLS over it or not.
 *
 * Nothing here blocks, and nothing raises SIGPIPE. An error is a reason only,
 * to which attempt.c adds the place.
 */
#ifndef BQ_REDIS_TRANSPORT_H
#define BQ_REDIS_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/error.h"
#include "redis/tls.h"

enum { BQ_REDIS_WIRE_BYTES = 32 * 1024 };

struct bq_redis_transport {
    int fd;                   /* owned; -1: none */
    struct bq_redis_tls *tls; /* owned; NULL: none */
    char *wire;               /* owned; with TLS, what the socket has not taken yet */
    size_t wire_at;
    size_t wire_len;
};

void bq_redis_transport_init(struct bq_redis_transport *transport);
void bq_redis_transport_close(struct bq_redis_transport *transport);

/* Begins to connect. */
enum barq_status bq_redis_transport_connect(struct bq_redis_transport *transport,
                                            const struct sockaddr *address, socklen_t len,
                                            struct barq_error *err) BARQ_MUST_CHECK;
/* Whether that is over. */
enum barq_status bq_redis_transport_look(const struct bq_redis_transport *transport, bool *done,
                                         struct barq_error *err) BARQ_MUST_CHECK;
/* What goes over it from now on goes through TLS, which becomes the transport's. */
enum barq_status bq_redis_transport_secure(struct bq_redis_transport *transport,
                                           struct bq_redis_tls *tls, struct barq_error *err)
    BARQ_MUST_CHECK;
/* A step of TLS's handshake. */
enum barq_status bq_redis_transport_greet(struct bq_redis_transport *transport, bool *done,
                                          struct barq_error *err) BARQ_MUST_CHECK;

/* As much as can be sent now. */
enum barq_status bq_redis_transport_send(struct bq_redis_transport *transport, const char *bytes,
                                         size_t len, size_t *sent, struct barq_error *err)
    BARQ_MUST_CHECK;
/* `*len` 0: nothing is there, and the socket will be readable when there is; or it has `*ended`. */
enum barq_status bq_redis_transport_receive(struct bq_redis_transport *transport, char *bytes,
                                            size_t max, size_t *len, bool *ended,
                                            struct barq_error *err) BARQ_MUST_CHECK;
/* It has bytes that wait for the socket to be writable. */
bool bq_redis_transport_is_full(const struct bq_redis_transport *transport);

#endif
