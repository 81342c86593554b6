/*
 * exchange.h - an exchange as a request for exchange.lua, and its answer.
 */
#ifndef BQ_BROKER_REDIS_EXCHANGE_H
#define BQ_BROKER_REDIS_EXCHANGE_H

#include "broker/claims.h"
#include "broker/redis/broker.h"

/* What a claimed job may take of the arena beside its id and payload: queue, function, key, refusal. */
enum { BQ_CLAIMED_EACH_BYTES = 2 * BARQ_QUEUE_MAX_BYTES + BARQ_FUNCTION_MAX_BYTES + 128 };

/* What a worker is to Redis. */
struct redis_lease {
    char token[BQ_TOKEN_BYTES]; /* a random name; of its socket, too (place.h) */
    char place[BQ_PLACE_BYTES];
    char *name;        /* owned; for people, as is: */
    char *queues_text; /* owned */
    char **queues;     /* owned, as are the names */
    size_t n_queues;
    int64_t lease_ms;
    int64_t started_at_ms; /* joined then, by the server's clock; 0: not yet */
    struct bq_worker_state state;
    /* Others of this place, of which it is to be looked whether they live. */
    char (*neighbours)[BQ_TOKEN_BYTES]; /* owned */
    size_t n_neighbours;
    int64_t looked_at_ms; /* by bq_mono_ms() */
};

enum barq_status bq_redis_lease_init(struct redis_lease *lease,
                                     const struct bq_worker_lease *wanted, struct barq_error *err)
    BARQ_MUST_CHECK;
void bq_redis_lease_clear(struct redis_lease *lease);
/* Those of the neighbours that are dead, into the request, as "dead". */
void bq_redis_pack_dead(struct bq_buf *request, const struct redis_lease *lease);
void bq_redis_pack_worker(struct bq_buf *request, const struct redis_lease *lease);
/* What is written into the history of a job whose worker is gone; and how long that may get. 2 pairs. */
void bq_redis_pack_lost(struct bq_buf *request);
/* Keeps whom the answer names as neighbours. */
void bq_redis_read_neighbours(struct redis_lease *lease, const struct bq_redis_reply *tokens);

/* What is known of the connection. */
struct redis_view {
    const struct bq_redis *redis;
    bool fresh;                     /* the first request to this server, as far as we know */
    const struct bq_claims *claims; /* what we know of; NULL: the server knows of no others */
    bool look;                      /* name neighbours */
};
/* What all exchanges say, for lua/plain.lua; and the rest. */
void bq_redis_pack_plain(struct bq_buf *request, const struct redis_lease *lease,
                         const struct redis_view *view, const struct bq_exchange *x);
void bq_redis_pack_exchange(struct bq_buf *request, const struct redis_lease *lease,
                            const struct redis_view *view, const struct bq_exchange *x);
/* plain.c, for exchange.c: for how long a result is kept (0: not at all, -1: for ever); how many are told in columns, since
 * they are complete: these or none; what is left of the arena; whose turn it is. */
int64_t bq_redis_keep_of(const struct bq_settle *settle);
size_t bq_redis_count_complete(const struct bq_exchange *x);
int64_t bq_redis_room_for(const struct bq_exchange *x);
void bq_redis_pack_shares(struct bq_buf *request, const struct redis_lease *lease,
                          const struct bq_exchange *x);
/* claimed.c: false when there is no memory for them. */
bool bq_redis_read_claims(const struct bq_redis_reply *claimed, const struct bq_redis_reply *groups,
                          int64_t number, struct bq_exchange *x) BARQ_MUST_CHECK;
/* The answer into `x`. NOMEM, CORRUPT */
enum barq_status bq_redis_read_exchange(struct redis_lease *lease,
                                        const struct bq_redis_reply *reply, struct bq_exchange *x)
    BARQ_MUST_CHECK;

#endif
