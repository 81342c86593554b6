#include "pg/connect.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/time.h"

static void keep_silent(void *context, const PGresult *notice)
{
    (void)context;
    (void)notice;
}

static enum barq_status fail(const struct bq_pg_address *address, PGconn *connection,
                             struct barq_error *err)
{
    enum barq_status status = bq_pg_fail_connection(connection, address->shown, err);

    bq_libpq.PQfinish(connection);
    return status;
}

/* Verbose errors hold the SQLSTATE, which libpq does not tell of those that end a connection's start. */
enum barq_status bq_pg_connect_start(const struct bq_pg_address *address, PGconn **out,
                                     struct barq_error *err)
{
    PGconn *connection = bq_libpq.PQconnectStartParams(address->names, address->values, 0);
    if (!connection || bq_libpq.PQstatus(connection) == CONNECTION_BAD) {
        return fail(address, connection, err);
    }

    (void)bq_libpq.PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
    (void)bq_libpq.PQsetNoticeReceiver(connection, keep_silent, NULL);
    *out = connection;
    return BARQ_OK;
}

/* Until here it was as short as the waiting for one host may be. */
void bq_pg_connected(const struct bq_pg_address *address, PGconn *connection)
{
    unsigned dead_after_ms = BQ_PG_DEAD_AFTER_MS;

    if (address->own_dead_after) {
        (void)setsockopt(bq_libpq.PQsocket(connection), IPPROTO_TCP, TCP_USER_TIMEOUT,
                         &dead_after_ms, sizeof(dead_after_ms));
    }
}

/* Until the socket can be read or written; false: it is too late. */
static bool wait_for(PGconn *connection, PostgresPollingStatusType what, int64_t until_ms)
{
    struct pollfd ready = {.fd = bq_libpq.PQsocket(connection),
                           .events = what == PGRES_POLLING_READING ? POLLIN : POLLOUT};
    int64_t left_ms = until_ms == 0 ? -1 : until_ms - bq_mono_ms();

    if (until_ms != 0 && left_ms <= 0) {
        return false;
    }
    (void)poll(&ready, 1, (int)left_ms);
    return true;
}

/* 0: without limits. */
static int64_t earlier(int64_t a, int64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

enum barq_status bq_pg_connect(const struct bq_pg_address *address, int64_t until_ms, PGconn **out,
                               struct barq_error *err)
{
    PGconn *connection = NULL;
    PostgresPollingStatusType what = PGRES_POLLING_WRITING;
    int64_t begun_ms = bq_mono_ms();
    int64_t wait_ms = address->connect_timeout_ms * (int64_t)address->n_hosts;
    int64_t give_up_ms = earlier(wait_ms > 0 ? begun_ms + wait_ms : 0, until_ms);

    if (give_up_ms > 0 && give_up_ms <= begun_ms) {
        return bq_fail(err, BARQ_ERR_CONN, "postgresql: %s: no time is left to connect",
                       address->shown);
    }
    enum barq_status status = bq_pg_connect_start(address, &connection, err);
    if (status != BARQ_OK) {
        return status;
    }
    while (what != PGRES_POLLING_OK && what != PGRES_POLLING_FAILED) {
        if (!wait_for(connection, what, give_up_ms)) {
            bq_libpq.PQfinish(connection);
            return bq_fail(err, BARQ_ERR_CONN, "postgresql: %s: no answer within %lld s",
                           address->shown, (long long)(give_up_ms - begun_ms + 500) / 1000);
        }
        what = bq_libpq.PQconnectPoll(connection);
    }
    if (what == PGRES_POLLING_FAILED) {
        return fail(address, connection, err);
    }
    bq_pg_connected(address, connection);
    *out = connection;
    return BARQ_OK;
}
