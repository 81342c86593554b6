#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "broker/redis/exchange.h"

enum { NEIGHBOURS_MAX = 64 };

static bool copy_queues(struct redis_lease *lease, const struct bq_worker_lease *wanted)
{
    lease->queues = calloc(wanted->n_queues, sizeof(char *));
    for (size_t i = 0; lease->queues && i < wanted->n_queues; i++) {
        lease->queues[i] = strdup(wanted->queues[i]);
        if (!lease->queues[i]) {
            return false;
        }
        lease->n_queues++;
    }
    return lease->queues != NULL;
}

enum barq_status bq_redis_lease_init(struct redis_lease *lease,
                                     const struct bq_worker_lease *wanted, struct barq_error *err)
{
    uint64_t random;

    *lease = (struct redis_lease){.lease_ms = wanted->lease_ms};
    bq_random(&random, sizeof(random));
    (void)snprintf(lease->token, sizeof(lease->token), "%016llx", (unsigned long long)random);
    bq_place_name(lease->place);
    lease->name = strdup(wanted->name);
    lease->queues_text = strdup(wanted->queues_text ? wanted->queues_text : wanted->queues[0]);
    lease->neighbours = calloc(NEIGHBOURS_MAX, sizeof(*lease->neighbours));
    if (!lease->name || !lease->queues_text || !lease->neighbours || !copy_queues(lease, wanted)) {
        bq_redis_lease_clear(lease);
        return bq_fail(err, BARQ_ERR_NOMEM, "redis: out of memory");
    }
    return BARQ_OK;
}

void bq_redis_lease_clear(struct redis_lease *lease)
{
    for (size_t i = 0; i < lease->n_queues; i++) {
        free(lease->queues[i]);
    }
    free(bq_take(lease->queues));
    lease->n_queues = 0;
    free(bq_take(lease->name));
    free(bq_take(lease->queues_text));
    free(bq_take(lease->neighbours));
}

void bq_redis_pack_worker(struct bq_buf *request, const struct redis_lease *lease)
{
    bq_pack_text(request, "worker");
    bq_pack_map(request, 6);
    bq_pack_text(request, "token");
    bq_pack_text(request, lease->token);
    bq_pack_text(request, "place");
    bq_pack_text(request, lease->place);
    bq_pack_text(request, "name");
    bq_pack_text(request, lease->name);
    bq_pack_text(request, "queues");
    bq_pack_text(request, lease->queues_text);
    bq_pack_text(request, "lease");
    bq_pack_int(request, lease->lease_ms);
    bq_pack_text(request, "started");
    bq_pack_int_if(request, lease->started_at_ms);
}

void bq_redis_pack_dead(struct bq_buf *request, const struct redis_lease *lease)
{
    const char *dead[NEIGHBOURS_MAX];
    size_t count = 0;

    for (size_t i = 0; lease->place[0] != '\0' && i < lease->n_neighbours; i++) {
        if (bq_place_is_free(lease->neighbours[i])) {
            dead[count++] = lease->neighbours[i];
        }
    }
    bq_pack_text(request, "dead");
    bq_pack_texts(request, dead, count);
}

void bq_redis_read_neighbours(struct redis_lease *lease, const struct bq_redis_reply *tokens)
{
    lease->n_neighbours = 0;
    for (size_t i = 0; tokens->kind == BQ_REDIS_ARRAY && i < tokens->len; i++) {
        const char *token = bq_reply_words(tokens, i);

        if (token && strlen(token) < BQ_TOKEN_BYTES && lease->n_neighbours < NEIGHBOURS_MAX) {
            (void)snprintf(lease->neighbours[lease->n_neighbours++], BQ_TOKEN_BYTES, "%s", token);
        }
    }
}
