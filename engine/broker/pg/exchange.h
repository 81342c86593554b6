/*
 * exchange.h - an exchange as a call of sql/exchange.sql, and its answer.
 */
#ifndef BQ_BROKER_PG_EXCHANGE_H
#define BQ_BROKER_PG_EXCHANGE_H

#include "broker/claims.h"
#include "broker/pg/broker.h"
#include "broker/place.h"

/* What a worker is to the server. */
struct pg_lease {
    char token[BQ_TOKEN_BYTES]; /* a random name; of its socket, too (broker/place.h) */
    char place[BQ_PLACE_BYTES];
    char *name;        /* owned; for people, as is: */
    char *queues_text; /* owned */
    char **queues;     /* owned, as are the names */
    size_t n_queues;
    int64_t *numbers; /* owned; of the queues, as the server has them; 0: not known yet */
    int64_t lease_ms;
    int64_t started_at_ms; /* joined then, by the server's clock; 0: not yet */
    int64_t worker;        /* its number; 0: none yet */
    int64_t last_claim;    /* the last one that was heard of */
    /* Others of this place, of which it is to be looked whether they live. */
    char (*neighbours)[BQ_TOKEN_BYTES]; /* owned */
    size_t n_neighbours;
    int64_t looked_at_ms; /* by bq_mono_ms() */
};

enum barq_status bq_pg_lease_init(struct pg_lease *lease, const struct bq_worker_lease *wanted,
                                  struct barq_error *err) BARQ_MUST_CHECK;
void bq_pg_lease_clear(struct pg_lease *lease);

/* What is known of the connection. */
struct pg_view {
    int64_t era;
    const struct bq_claims *claims;  /* what we know of; NULL: the server knows of no others */
    const struct pg_request *limits; /* as bq_pg_put_limits() has them; NULL: as they are */
    bool look;                       /* name neighbours */
};
void bq_pg_put_exchange(struct pg_request *request, const struct pg_lease *lease,
                        const struct pg_view *view, const struct bq_exchange *x);
void bq_pg_put_limits(struct pg_request *request, const struct bq_limit_rule *rules, size_t count);
/* The answer into `x`. NOMEM, CORRUPT */
enum barq_status bq_pg_read_exchange(struct pg_lease *lease, const PGresult *rows,
                                     struct bq_exchange *x) BARQ_MUST_CHECK;

#endif
