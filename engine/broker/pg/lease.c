#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "broker/pg/exchange.h"

enum { NEIGHBOURS_MAX = 64 };

static bool copy_queues(struct pg_lease *lease, const struct bq_worker_lease *wanted)
{
    lease->queues = calloc(wanted->n_queues, sizeof(char *));
    lease->numbers = calloc(wanted->n_queues, sizeof(*lease->numbers));
    for (size_t i = 0; lease->queues && i < wanted->n_queues; i++) {
        lease->queues[i] = strdup(wanted->queues[i]);
        if (!lease->queues[i]) {
            return false;
        }
        lease->n_queues++;
    }
    return lease->queues && lease->numbers;
}

enum barq_status bq_pg_lease_init(struct pg_lease *lease, const struct bq_worker_lease *wanted,
                                  struct barq_error *err)
{
    uint64_t random;

    *lease = (struct pg_lease){.lease_ms = wanted->lease_ms};
    bq_random(&random, sizeof(random));
    (void)snprintf(lease->token, sizeof(lease->token), "%016llx", (unsigned long long)random);
    bq_place_name(lease->place);
    lease->name = strdup(wanted->name);
    lease->queues_text = strdup(wanted->queues_text ? wanted->queues_text : wanted->queues[0]);
    lease->neighbours = calloc(NEIGHBOURS_MAX, sizeof(*lease->neighbours));
    if (!lease->name || !lease->queues_text || !lease->neighbours || !copy_queues(lease, wanted)) {
        bq_pg_lease_clear(lease);
        return bq_fail(err, BARQ_ERR_NOMEM, "postgresql: out of memory");
    }
    return BARQ_OK;
}

void bq_pg_lease_clear(struct pg_lease *lease)
{
    for (size_t i = 0; i < lease->n_queues; i++) {
        free(lease->queues[i]);
    }
    lease->n_queues = 0;
    free(bq_take(lease->queues));
    free(bq_take(lease->numbers));
    free(bq_take(lease->name));
    free(bq_take(lease->queues_text));
    free(bq_take(lease->neighbours));
}
