/*
 * claims.h - what a worker has claimed and not settled, as far as it knows. The server may know of more:
 * of claims whose answer was lost; or, when a replica has taken a master's place, of claims that were
 * settled at that one. Nobody works on these, and they are to be given back.
 */
#ifndef BQ_BROKER_CLAIMS_H
#define BQ_BROKER_CLAIMS_H

#include "base/list.h"
#include "broker/broker.h"

/* In the list of all. */
struct bq_claim {
    struct bq_list link;
    int64_t number;
    char id[];
};

struct bq_claims {
    struct bq_list all; /* oldest first: they are settled about in this order */
    size_t count;
};

void bq_claims_init(struct bq_claims *claims);
void bq_claims_clear(struct bq_claims *claims);
/* Takes note of an exchange that has ended well. False: out of memory; none of what was claimed is in it. */
bool bq_claims_note(struct bq_claims *claims, const struct bq_exchange *x);

#endif
