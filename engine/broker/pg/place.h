/*
 * place.h - where a queue is: a server, and a schema in it.
 *
 *     postgresql://user@host/database?schema=jobs&prepare=off
 *
 * `schema` is "barq" unless it is said; `prepare=off` is for poolers that give
 * each transaction another server: nothing is prepared then, and nothing set.
 */
#ifndef BQ_BROKER_PG_PLACE_H
#define BQ_BROKER_PG_PLACE_H

#include "pg/connect.h"

enum { PG_SCHEMA_MAX_BYTES = 50, PG_SCHEMA_QUOTED_BYTES = 2 * PG_SCHEMA_MAX_BYTES + 3 };

struct pg_place {
    struct barq_arena arena; /* of all of it */
    struct bq_pg_address address;
    const char *schema;
    char quoted[PG_SCHEMA_QUOTED_BYTES]; /* "jobs", as an identifier */
    bool prepares;
};

/* BARQ_ERR_ARG: it makes no sense. BARQ_ERR_NOTFOUND: there is no libpq. */
enum barq_status bq_pg_place_read(struct pg_place *place, const char *url, struct barq_error *err)
    BARQ_MUST_CHECK;
/* "LISTEN" to what is told of `what`: "wake", "done". */
void bq_pg_place_listen(const struct pg_place *place, const char *what, char *out, size_t bytes);
void bq_pg_place_clear(struct pg_place *place);

#endif
