/*
 * connect.h - from an address to a connection.
 *
 * Who may not block calls bq_pg_connect_start() and then PQconnectPoll() as libpq has it (names are
 * still looked up within); others bq_pg_connect(). Notices are dropped; a connection's socket is
 * closed at exec.
 */
#ifndef BQ_PG_CONNECT_H
#define BQ_PG_CONNECT_H

#include "pg/address.h"
#include "pg/fail.h"

/* Never blocks. On failure nothing is left. Free it with PQfinish(). */
enum barq_status bq_pg_connect_start(const struct bq_pg_address *address, PGconn **out,
                                     struct barq_error *err) BARQ_MUST_CHECK;
/* When PQconnectPoll() says that it stands. */
void bq_pg_connected(const struct bq_pg_address *address, PGconn *connection);

/*
 * Waits until it stands, at most as long as the address says, and until `until_ms` (by bq_mono_ms(); 0: no
 * more limits).
 *
 * BARQ_ERR_CONN      nobody answers, the server starts or stops, has too many connections, ...
 * BARQ_ERR_DENIED    it does not let this user in
 * BARQ_ERR_NOTFOUND  it has no such database
 * BARQ_ERR_ARG       libpq does not understand an option's value
 */
enum barq_status bq_pg_connect(const struct bq_pg_address *address, int64_t until_ms, PGconn **out,
                               struct barq_error *err) BARQ_MUST_CHECK;

#endif
