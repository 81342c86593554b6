/*
 * pg_floor.c - what a queue's SQL costs by itself: a bare loop that claims
 * jobs of a table of its own and finishes them with a result, 100 a statement,
 * on four connections, each statement a transaction. It is the plainest queue
 * that skips locked rows, and keeps results. Prints jobs a second.
 *
 *     pg_floor URL COUNT
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <libpq-fe.h>

enum { CONNECTIONS = 4, BATCH = 100, IDS_BYTES = BATCH * 24 };

/* A payload as long as that of a job without arguments, and a result of about what barq keeps. */
static const char schema[] =
    "SET client_min_messages = warning;"
    "DROP TABLE IF EXISTS floor;"
    "CREATE TABLE floor (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " state smallint NOT NULL DEFAULT 0, payload text NOT NULL, result text)"
    " WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01);"
    "CREATE INDEX floor_waiting ON floor (id) WHERE state = 0;";
static const char fill[] = "INSERT INTO floor (payload)"
                           " SELECT repeat('p', 100) FROM generate_series(1, $1::int)";
static const char claim[] =
    "UPDATE floor SET state = 1 WHERE id = ANY (ARRAY("
    "SELECT id FROM floor WHERE state = 0 ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED))"
    " RETURNING id, payload";
static const char finish[] = "UPDATE floor SET state = 2, result = repeat('r', 160)"
                             " WHERE id = ANY ($1::bigint[])";

static void check(bool good, const PGconn *db)
{
    if (!good) {
        (void)fprintf(stderr, "bench: floor: %s\n", PQerrorMessage(db));
        exit(EXIT_FAILURE);
    }
}

static PGconn *open_db(const char *url)
{
    PGconn *db = PQconnectdb(url);

    check(PQstatus(db) == CONNECTION_OK, db);
    return db;
}

static void prepare(PGconn *db, const char *name, const char *sql, int params)
{
    PGresult *result = PQprepare(db, name, sql, params, NULL);

    check(PQresultStatus(result) == PGRES_COMMAND_OK, db);
    PQclear(result);
}

static PGresult *run(PGconn *db, const char *name, const char *param)
{
    PGresult *result = PQexecPrepared(db, name, param ? 1 : 0, &param, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(result);

    check(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, db);
    return result;
}

static void make_table(const char *url, const char *count)
{
    PGconn *db = open_db(url);
    PGresult *made = PQexec(db, schema);

    check(PQresultStatus(made) == PGRES_COMMAND_OK, db);
    PQclear(made);
    PGresult *filled = PQexecParams(db, fill, 1, NULL, &count, NULL, NULL, 0);
    check(PQresultStatus(filled) == PGRES_COMMAND_OK, db);
    PQclear(filled);
    PQclear(PQexec(db, "VACUUM ANALYZE floor"));
    PQfinish(db);
}

/* The ids of what was claimed, as an array's text; false when there was nothing. */
static bool claim_some(PGconn *db, char ids[IDS_BYTES])
{
    PGresult *claimed = run(db, "claim", NULL);
    int rows = PQntuples(claimed);
    size_t used = 0;

    for (int i = 0; i < rows; i++) {
        used += (size_t)snprintf(ids + used, IDS_BYTES - used, "%c%s", i == 0 ? '{' : ',',
                                 PQgetvalue(claimed, i, 0));
    }
    (void)snprintf(ids + used, IDS_BYTES - used, "}");
    PQclear(claimed);
    return rows > 0;
}

static void drain(const char *url)
{
    PGconn *db = open_db(url);
    char ids[IDS_BYTES];

    prepare(db, "claim", claim, 0);
    prepare(db, "finish", finish, 1);
    while (claim_some(db, ids)) {
        PQclear(run(db, "finish", ids));
    }
    PQfinish(db);
}

static double clock_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A process for each connection: the loop is to need no lock of its own. */
static void drain_by_all(const char *url)
{
    bool good = true;

    for (int i = 0; i < CONNECTIONS; i++) {
        if (fork() == 0) {
            drain(url);
            _exit(EXIT_SUCCESS);
        }
    }
    for (int status = 0; wait(&status) > 0;) {
        good = good && status == 0;
    }
    if (!good) {
        exit(EXIT_FAILURE);
    }
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        (void)fprintf(stderr, "usage: pg_floor URL COUNT\n");
        return 2;
    }
    make_table(argv[1], argv[2]);
    double begun = clock_s();
    drain_by_all(argv[1]);
    (void)printf("%.1f\n", strtod(argv[2], NULL) / (clock_s() - begun));
    return EXIT_SUCCESS;
}
