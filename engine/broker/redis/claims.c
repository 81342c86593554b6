#include "broker/redis/claims.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/redis/pack.h"

enum { CLAIM_BYTES = BARQ_JOB_ID_MAX_BYTES + 24 };

struct claim {
    struct bq_list link;
    int64_t number;
    char id[];
};

void bq_redis_claims_init(struct redis_claims *claims)
{
    *claims = (struct redis_claims){.count = 0};
    bq_list_init(&claims->all);
}

static void drop(struct redis_claims *claims, struct claim *claim)
{
    bq_list_remove(&claim->link);
    claims->count--;
    free(claim);
}

void bq_redis_claims_clear(struct redis_claims *claims)
{
    bq_list_each (at, &claims->all) {
        drop(claims, bq_list_owner(at, struct claim, link));
    }
}

static bool add(struct redis_claims *claims, const char *id, int64_t number)
{
    size_t bytes = strlen(id) + 1;
    struct claim *claim = malloc(sizeof(*claim) + bytes);

    if (!claim) {
        return false;
    }
    claim->number = number;
    memcpy(claim->id, id, bytes);
    bq_list_init(&claim->link);
    bq_list_add(&claims->all, &claim->link);
    claims->count++;
    return true;
}

static void remove_one(struct redis_claims *claims, const char *id, int64_t number)
{
    bq_list_each (at, &claims->all) {
        struct claim *claim = bq_list_owner(at, struct claim, link);
        if (claim->number == number && strcmp(claim->id, id) == 0) {
            drop(claims, claim);
            return;
        }
    }
}

bool bq_redis_claims_note(struct redis_claims *claims, const struct bq_exchange *x)
{
    if (x->lease_lost) {
        bq_redis_claims_clear(claims);
    }
    for (size_t i = 0; i < x->n_settles; i++) {
        remove_one(claims, x->settles[i].id, x->settles[i].claim);
    }
    for (size_t i = 0; i < x->n_claimed; i++) {
        if (!add(claims, x->claimed[i].job.id, x->claimed[i].claim)) {
            while (i-- > 0) {
                remove_one(claims, x->claimed[i].job.id, x->claimed[i].claim);
            }
            return false;
        }
    }
    return true;
}

void bq_redis_claims_pack(struct bq_buf *request, const struct redis_claims *claims)
{
    bq_pack_array(request, claims->count);
    bq_list_each (at, &claims->all) {
        const struct claim *claim = bq_list_owner(at, struct claim, link);
        char text[CLAIM_BYTES];

        (void)snprintf(text, sizeof(text), "%" PRId64 "\n%s", claim->number, claim->id);
        bq_pack_text(request, text);
    }
}
