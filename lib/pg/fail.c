#include "pg/fail.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define STATE_BYTES "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* By SQLSTATE or class, the longer ones first. */
static const struct meaning {
    const char *state;
    enum barq_status status;
    const char *advice; /* what a person can do about it; NULL: the sentence says all */
} meanings[] = {
    {"23505", BARQ_ERR_EXISTS, NULL},
    {"40003", BARQ_ERR_CONN, NULL},
    {"25P02", BARQ_ERR_CONFLICT, NULL},
    {"25P03", BARQ_ERR_CONN, NULL},
    {"25006", BARQ_ERR_DENIED,
     "this server only reads (a standby?): name the primary, or several hosts with "
     "target_session_attrs=read-write"},
    {"26000", BARQ_ERR_SQL,
     "behind a pooler that gives each transaction another server, say prepare=off"},
    {"42P05", BARQ_ERR_SQL,
     "behind a pooler that gives each transaction another server, say prepare=off"},
    {"42501", BARQ_ERR_DENIED, NULL},
    {"53100", BARQ_ERR_FULL, "make room on its disk"},
    {"53200", BARQ_ERR_NOMEM, NULL},
    {"53300", BARQ_ERR_CONN, "raise its max_connections, or open fewer"},
    {"53400", BARQ_ERR_LIMIT, NULL},
    {"55P03", BARQ_ERR_BUSY, "another transaction holds the lock; is one stuck?"},
    {"57014", BARQ_ERR_CANCELED, NULL},
    {"57P01", BARQ_ERR_CONN, NULL},
    {"57P02", BARQ_ERR_CONN, NULL},
    {"57P03", BARQ_ERR_CONN, NULL},
    {"57P04", BARQ_ERR_CONN, NULL},
    {"57P05", BARQ_ERR_CONN, NULL},
    {"3D000", BARQ_ERR_NOTFOUND, "create the database first"},
    {"XX001", BARQ_ERR_CORRUPT, "restore a backup"},
    {"XX002", BARQ_ERR_CORRUPT, "rebuild the index (REINDEX)"},
    {"08", BARQ_ERR_CONN, NULL},
    {"28", BARQ_ERR_DENIED, NULL},
    {"40", BARQ_ERR_CONFLICT, NULL},
    {"54", BARQ_ERR_LIMIT, NULL},
    {"58", BARQ_ERR_IO, NULL},
    {"F0", BARQ_ERR_IO, NULL},
};
static const struct meaning refused = {"", BARQ_ERR_SQL, NULL};
/* pgbouncer's word, for whatever it says its state is that of a broken protocol. */
static const char options_refused[] = "unsupported startup parameter: options";
static const struct meaning pooled = {
    "", BARQ_ERR_ARG,
    "a pooler lets no such setting through: in the place of schema= in the address say ALTER ROLE "
    "... IN DATABASE ... SET search_path = ..., public"};

static const struct meaning *meaning_of(const char *state)
{
    for (size_t i = 0; i < COUNT(meanings); i++) {
        if (bq_starts_with(state, meanings[i].state)) {
            return &meanings[i];
        }
    }
    return &refused;
}

enum barq_status bq_pg_status(const char *sqlstate)
{
    return meaning_of(sqlstate)->status;
}

bool bq_pg_only_reads(const PGresult *result)
{
    const char *state = bq_libpq.PQresultErrorField(result, PG_DIAG_SQLSTATE);

    return state && strcmp(state, "25006") == 0;
}

/* -- what libpq says of the connection -- */

/* Lines that belong to the one before, or say where in the server's source it happened. */
static bool is_aside(const char *line)
{
    return *line == '\t' || bq_starts_with(line, "LOCATION:") || bq_starts_with(line, "DETAIL:") ||
           bq_starts_with(line, "HINT:");
}

/* Its lines, without the asides, as one. */
static void join_lines(const char *text, struct bq_buf *out)
{
    while (*text) {
        size_t len = strcspn(text, "\n");

        if (len > 0 && !is_aside(text)) {
            bq_buf_puts(out, out->len > 0 ? "; " : "");
            bq_buf_put(out, text, len);
        }
        text += len + (text[len] == '\n');
    }
}

/* "FATAL:  28P01: password ..." has one, as bq_pg_connect_start() asks for. False: it has none. */
static bool find_state(const char *text, char *out)
{
    for (const char *at = strstr(text, ":  "); at; at = strstr(at + 1, ":  ")) {
        const char *state = at + 3;

        if (strspn(state, STATE_BYTES) == BQ_PG_STATE_BYTES - 1 &&
            bq_starts_with(state + 5, ": ")) {
            memcpy(out, state, BQ_PG_STATE_BYTES - 1);
            out[BQ_PG_STATE_BYTES - 1] = '\0';
            return true;
        }
    }
    return false;
}

enum barq_status bq_pg_fail_connection(PGconn *connection, const char *shown,
                                       struct barq_error *err)
{
    bq_auto(buf) struct bq_buf joined;
    char state[BQ_PG_STATE_BYTES] = "08006";

    bq_buf_init(&joined, BARQ_ERROR_MAX_BYTES);
    if (!connection) {
        return bq_fail(err, BARQ_ERR_NOMEM, "postgresql: out of memory");
    }
    join_lines(bq_libpq.PQerrorMessage(connection), &joined);
    const char *said = bq_buf_cstr(&joined);
    said = said && *said ? said : "the connection is lost";
    bool told = find_state(said, state);
    const struct meaning *meaning = strstr(said, options_refused) ? &pooled : meaning_of(state);
    /* Whatever it is called, while there is no connection nothing has been refused but that. */
    enum barq_status status = meaning->status == BARQ_ERR_SQL ? BARQ_ERR_CONN : meaning->status;
    if (!told && bq_starts_with(said, "invalid ")) {
        status = BARQ_ERR_ARG;
    }
    return bq_fail(err, status, "postgresql: %s%s%s%s%s", shown ? shown : "", shown ? ": " : "",
                   said, meaning->advice ? ": " : "", meaning->advice ? meaning->advice : "");
}

/* -- what the server says of a statement -- */

enum barq_status bq_pg_fail(PGconn *connection, const PGresult *result, struct barq_error *err)
{
    const char *state = bq_libpq.PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *said = bq_libpq.PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    if (!state) {
        bool lost = bq_libpq.PQstatus(connection) != CONNECTION_OK;
        return lost ? bq_pg_fail_connection(connection, NULL, err)
                    : bq_fail(err, BARQ_ERR_NOMEM, "postgresql: %.200s",
                              bq_libpq.PQerrorMessage(connection));
    }
    const struct meaning *meaning = meaning_of(state);
    return bq_fail(err, meaning->status, "postgresql: %.300s (SQLSTATE %s)%s%s", said ? said : "",
                   state, meaning->advice ? ": " : "", meaning->advice ? meaning->advice : "");
}
