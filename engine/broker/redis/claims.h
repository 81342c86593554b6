/*
 * claims.h - what a worker has claimed and not settled, as far as it knows. The server may know of more:
 * of claims whose answer was lost; or, when a replica has taken a master's place, of claims that were
 * settled at that one. Nobody works on these, and they are to be given back.
 */
#ifndef BQ_BROKER_REDIS_CLAIMS_H
#define BQ_BROKER_REDIS_CLAIMS_H

#include "base/buf.h"
#include "base/list.h"
#include "broker/broker.h"

struct redis_claims {
    struct bq_list all; /* oldest first: they are settled about in this order */
    size_t count;
};

void bq_redis_claims_init(struct redis_claims *claims);
void bq_redis_claims_clear(struct redis_claims *claims);
/* Takes note of an exchange that has ended well. False: out of memory; none of what was claimed is in it. */
bool bq_redis_claims_note(struct redis_claims *claims, const struct bq_exchange *x);
/* As a list of "claim\nid". */
void bq_redis_claims_pack(struct bq_buf *request, const struct redis_claims *claims);

#endif
