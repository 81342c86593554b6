#include "broker/claims.h"

#include <stdlib.h>
#include <string.h>

void bq_claims_init(struct bq_claims *claims)
{
    *claims = (struct bq_claims){.count = 0};
    bq_list_init(&claims->all);
}

static void drop(struct bq_claims *claims, struct bq_claim *claim)
{
    bq_list_remove(&claim->link);
    claims->count--;
    free(claim);
}

void bq_claims_clear(struct bq_claims *claims)
{
    bq_list_each (at, &claims->all) {
        drop(claims, bq_list_owner(at, struct bq_claim, link));
    }
}

static bool add(struct bq_claims *claims, const char *id, int64_t number)
{
    size_t bytes = strlen(id) + 1;
    struct bq_claim *claim = malloc(sizeof(*claim) + bytes);

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

static void remove_one(struct bq_claims *claims, const char *id, int64_t number)
{
    bq_list_each (at, &claims->all) {
        struct bq_claim *claim = bq_list_owner(at, struct bq_claim, link);
        if (claim->number == number && strcmp(claim->id, id) == 0) {
            drop(claims, claim);
            return;
        }
    }
}

bool bq_claims_note(struct bq_claims *claims, const struct bq_exchange *x)
{
    if (x->lease_lost) {
        bq_claims_clear(claims);
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
