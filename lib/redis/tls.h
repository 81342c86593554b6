/*
 * tls.h - TLS apart from the socket it runs over: what comes from the server
 * goes in, what is for the server comes out.
 *
 * OpenSSL writes to a socket without MSG_NOSIGNAL, so here it never sees one.
 * An error is a reason only, to which attempt.c adds the place.
 */
#ifndef BQ_REDIS_TLS_H
#define BQ_REDIS_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "redis/address.h"

struct bq_redis_trust;
/* Certificates and keys, read once for many connections. */
enum barq_status bq_redis_trust_new(const struct bq_redis_tls_files *files,
                                    struct bq_redis_trust **out, struct barq_error *err)
    BARQ_MUST_CHECK;
void bq_redis_trust_free(struct bq_redis_trust *trust); /* takes NULL */

struct bq_redis_tls;
/* `host` is the name, or the numeric address, that the certificate has to be for. */
enum barq_status bq_redis_tls_new(const struct bq_redis_trust *trust, const char *host,
                                  struct bq_redis_tls **out, struct barq_error *err)
    BARQ_MUST_CHECK;
void bq_redis_tls_free(struct bq_redis_tls *tls); /* takes NULL */

/* Bytes that came from the server. False: out of memory. */
bool bq_redis_tls_feed(struct bq_redis_tls *tls, const char *bytes, size_t len);
/* Bytes that go to the server, up to `max`; how many. */
size_t bq_redis_tls_drain(struct bq_redis_tls *tls, char *bytes, size_t max);

/* A step of the handshake; `*done` when it is over. */
enum barq_status bq_redis_tls_greet(struct bq_redis_tls *tls, bool *done, struct barq_error *err)
    BARQ_MUST_CHECK;
/* 0 in `*len`: it needs more from the server first. `*ended`: the server has said goodbye. */
enum barq_status bq_redis_tls_read(struct bq_redis_tls *tls, char *bytes, size_t max, size_t *len,
                                   bool *ended, struct barq_error *err) BARQ_MUST_CHECK;
enum barq_status bq_redis_tls_write(struct bq_redis_tls *tls, const char *bytes, size_t len,
                                    size_t *written, struct barq_error *err) BARQ_MUST_CHECK;

#endif
