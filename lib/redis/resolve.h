/*
 * resolve.h - names of hosts made into addresses, without waiting for it.
 *
 * glibc does it in a thread of its own and is asked from time to time whether
 * it is done. Numeric addresses are done at once.
 */
#ifndef BQ_REDIS_RESOLVE_H
#define BQ_REDIS_RESOLVE_H

#include <netdb.h>
#include <stdbool.h>

#include "base/error.h"
#include "redis/address.h"

struct bq_redis_lookup;
struct bq_redis_resolver {
    struct bq_redis_lookup *current;   /* owned; NULL: none was begun */
    struct bq_redis_lookup *abandoned; /* owned; glibc still writes to them */
};

/* Instead of the one begun before. The error is a reason only, to which attempt.c adds the place. */
enum barq_status bq_redis_resolve_begin(struct bq_redis_resolver *resolver,
                                        const struct bq_redis_host *host, struct barq_error *err)
    BARQ_MUST_CHECK;
/* The addresses, until another is begun; NULL in `*out` while it is not done. */
enum barq_status bq_redis_resolve_look(struct bq_redis_resolver *resolver,
                                       const struct addrinfo **out, struct barq_error *err)
    BARQ_MUST_CHECK;
void bq_redis_resolve_abandon(struct bq_redis_resolver *resolver);
/* Waits for 200 ms at most until glibc lets go. */
void bq_redis_resolve_clear(struct bq_redis_resolver *resolver);

#endif
