/*
 * connection.h - what a connection is made of, for redis.c (as its user sees
 * it), attempt.c (how it comes to be) and wire.c (bytes and waiting).
 */
#ifndef BQ_REDIS_CONNECTION_H
#define BQ_REDIS_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "redis/address.h"
#include "redis/greet.h"
#include "redis/redis.h"
#include "redis/reply.h"
#include "redis/resolve.h"
#include "redis/transport.h"

enum { BQ_REDIS_OUT_MAX_BYTES = 512 * 1024 * 1024 };

enum bq_redis_phase {
    BQ_REDIS_RESTING,
    BQ_REDIS_RESOLVING,
    BQ_REDIS_CONNECTING,
    BQ_REDIS_SECURING,
    BQ_REDIS_GREETING, /* a Sentinel or the server */
    BQ_REDIS_TALKING,
    BQ_REDIS_PHASES,
};

struct bq_redis {
    struct barq_arena arena; /* the address is in it */
    struct bq_redis_address address;
    enum bq_redis_phase phase;
    struct barq_error error;
    uint64_t era;
    size_t pending;

    int epoll_fd;        /* holds the two below */
    int timer_fd;        /* for `at_ms` */
    int watched_fd;      /* the socket's; -1: none */
    uint32_t watched;    /* its events */
    int64_t timer_at_ms; /* what it is set to; 0: to nothing */
    int64_t at_ms;       /* when the phase has something to do, or gives up; 0: never */

    struct bq_redis_transport transport;
    struct bq_redis_trust *trust; /* owned; NULL until TLS is first needed */
    struct bq_redis_reader *reader;
    struct bq_buf out;
    size_t out_at;  /* what is before this was sent */
    bool has_ended; /* the server has closed; what it said before may still be taken */

    int failures;           /* attempts in a row */
    int64_t deadline_ms;    /* of the host that is tried */
    bool at_sentinel;       /* it is a Sentinel, not the server */
    bool has_blamed_master; /* in this attempt: that error says more than a Sentinel's */
    size_t sentinel;        /* whose turn it is */
    struct bq_redis_host host;
    char host_name[BQ_REDIS_NAME_MAX_BYTES]; /* of a master that a Sentinel told */
    struct bq_redis_resolver resolver;
    const struct addrinfo *next; /* the resolver's: to be tried after the one at hand */
    int look_ms;                 /* how long until the resolver is asked again */
    struct bq_redis_greeting greeting;
};

/* -- attempt.c -- */

/* Goes on as far as it can without waiting. */
void bq_redis_attempt(struct bq_redis *redis);
/* Gives the connection up, for that reason, and rests. */
void bq_redis_retire(struct bq_redis *redis, const struct barq_error *reason);

/* -- wire.c -- */

/* Sends what waits, and reads once what is there. */
enum barq_status bq_redis_flush(struct bq_redis *redis, struct barq_error *err) BARQ_MUST_CHECK;
enum barq_status bq_redis_fill(struct bq_redis *redis, size_t *len, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Lets the epoll wake up for what the phase waits for. */
void bq_redis_watch(struct bq_redis *redis);
void bq_redis_hang_up(struct bq_redis *redis);

#endif
