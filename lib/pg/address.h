/*
 * address.h - what a PostgreSQL address means, as libpq is to be told it.
 *
 *     postgresql://user:secret@db.local:5432/name?sslmode=verify-full&sslrootcert=/etc/ca.pem
 *     postgresql://a,b:5433/name?target_session_attrs=read-write
 *     postgresql://[::1]/name
 *     postgresql:///name?host=/run/postgresql
 *     postgres://...           the same
 *
 * Every option of libpq is known, and those that the caller takes for itself; what is absent libpq
 * finds in its environment (PGHOST, ~/.pgpass, ...). Added unless they are said: a time-out for
 * connecting (5 s a host), the name of the application (barq), and that a dead network is noticed
 * (keep-alives after 30 s; TCP_USER_TIMEOUT). Text is always UTF-8.
 */
#ifndef BQ_PG_ADDRESS_H
#define BQ_PG_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/dsn.h"
#include "base/error.h"

enum { BQ_PG_CONNECT_TIMEOUT_S = 5, BQ_PG_DEAD_AFTER_MS = 30 * 1000 };

/* All strings are in the arena. */
struct bq_pg_address {
    const char **names; /* for PQconnectStartParams(), with a NULL at the end; values are secret */
    const char **values;
    size_t count;
    size_t n_hosts;             /* at least 1 */
    int64_t connect_timeout_ms; /* of each of them; 0: none */
    bool own_dead_after;        /* tcp_user_timeout is ours, not the user's */
    const char **own_names;     /* of the caller's options, those that were given */
    const char **own_values;
    size_t n_own;
    const char *shown; /* "a,b:5433/name": without user, password and options */
};

/*
 * Reads `dsn`, whose options are libpq's or in `own` (with a NULL at its end; NULL: none).
 *
 * BARQ_ERR_ARG       it makes no sense; the error names the part, and never a value but a host's
 * BARQ_ERR_NOTFOUND  there is no libpq
 * BARQ_ERR_NOMEM     `arena` is at its limit
 */
enum barq_status bq_pg_address_read(struct barq_arena *arena, const struct bq_dsn *dsn,
                                    const char *const *own, struct bq_pg_address *out,
                                    struct barq_error *err) BARQ_MUST_CHECK;

/* The value of one of the caller's own options; NULL: it was not given. */
const char *bq_pg_address_own(const struct bq_pg_address *address, const char *name);
/* That of one of libpq's in the address; NULL likewise. */
const char *bq_pg_address_value(const struct bq_pg_address *address, const char *name);
/* Sets one of libpq's, which wins over what was there. */
enum barq_status bq_pg_address_set(struct bq_pg_address *address, const char *name,
                                   const char *value, struct barq_error *err) BARQ_MUST_CHECK;

#endif
