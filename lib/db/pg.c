#include "db/pg.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/text.h"
#include "base/time.h"

enum {
    BUSY_DEFAULT_MS = 10 * 1000,
    PING_MAX_MS = 5 * 1000,
    PING_AFTER_MS = 10 * 1000, /* idle for so long: does the server still know of us? */
    GONE_CHECK_MS = 2000,      /* how often a server that works for us looks whether we are there */
    ADDRESS_MAX_BYTES = 256 * 1024,
};

static struct bq_pg *pg_of(struct bq_db *base)
{
    return (struct bq_pg *)base;
}

/* -- connecting -- */

void bq_pg_disconnect(struct bq_pg *db)
{
    bq_pg_rows_end(db);
    bq_pg_forget_all(db);
    if (db->connection) {
        bq_libpq.PQfinish(db->connection);
    }
    db->connection = NULL;
    db->base.savepoints = 0;
    db->dirty = false;
}

/* How long what comes before the first statement may take. */
static int64_t patience_ms(const struct bq_pg *db)
{
    int64_t left_ms = db->until_ms != 0 ? db->until_ms - bq_mono_ms() : PING_MAX_MS;

    return left_ms < PING_MAX_MS ? left_ms : PING_MAX_MS;
}

/* What a server says otherwise than we read it. */
static enum barq_status check_server(struct bq_pg *db, struct barq_error *err)
{
    const char *strings = bq_libpq.PQparameterStatus(db->connection, "standard_conforming_strings");
    const char *style = bq_libpq.PQparameterStatus(db->connection, "DateStyle");

    if (strings && strcmp(strings, "on") != 0) {
        return bq_fail(err, BARQ_ERR_ARG, "postgresql: %s: standard_conforming_strings must be on",
                       db->address.shown);
    }
    if (style && !bq_starts_with(style, "ISO")) {
        return bq_pg_insist(db, "SET datestyle = ISO", patience_ms(db), NULL, 0, err);
    }
    return BARQ_OK;
}

/* An orphaned backend is to end by itself. A server that cannot look is only slower to see that we are gone. */
static enum barq_status set_up(struct bq_pg *db, struct barq_error *err)
{
    char sql[128];
    enum barq_status status = check_server(db, err);

    if (status != BARQ_OK || db->pooled) {
        return status;
    }
    if (bq_libpq.PQserverVersion(db->connection) >= 140000) {
        (void)snprintf(sql, sizeof(sql), "SET client_connection_check_interval = %d",
                       GONE_CHECK_MS);
        enum barq_status looks = bq_pg_insist(db, sql, patience_ms(db), NULL, 0, err);
        if (looks == BARQ_ERR_CONN) {
            return looks;
        }
    }
    (void)snprintf(sql, sizeof(sql),
                   "SET lock_timeout = %lld; SET extra_float_digits = 1; SET bytea_output = hex",
                   (long long)db->busy_ms);
    return bq_pg_insist(db, sql, patience_ms(db), NULL, 0, err);
}

static enum barq_status connect_to(struct bq_pg *db, struct barq_error *err)
{
    enum barq_status status = bq_pg_connect(&db->address, db->until_ms, &db->connection, err);

    if (status == BARQ_OK) {
        (void)bq_libpq.PQsetnonblocking(db->connection, 1);
        status = set_up(db, err);
    }
    if (status != BARQ_OK) {
        bq_pg_disconnect(db);
    }
    return status;
}

/* -- opening -- */

static bool is_plain_name(const char *text)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");

    return len > 0 && len < 64 && text[len] == '\0' && (*text < '0' || *text > '9');
}

/* "?schema=jobs": where tables are looked for and made, before those of "public". */
static enum barq_status take_schema(struct bq_pg *db, struct barq_error *err)
{
    const char *schema = bq_pg_address_own(&db->address, "schema");
    const char *options = bq_pg_address_value(&db->address, "options");
    if (!schema) {
        return BARQ_OK;
    }
    if (!is_plain_name(schema)) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "postgresql: the schema \"%.64s\" should be lower-case letters, digits and "
                       "underscores",
                       schema);
    }
    const char *with =
        bq_arena_format(&db->arena, "%s -csearch_path=%s,public", options ? options : "", schema);
    return with ? bq_pg_address_set(&db->address, "options", with, err)
                : bq_fail(err, BARQ_ERR_NOMEM, "postgresql: no memory for the address");
}

static enum barq_status take_prepare(struct bq_pg *db, struct barq_error *err)
{
    const char *prepare = bq_pg_address_own(&db->address, "prepare");

    db->pooled = prepare && strcmp(prepare, "off") == 0;
    if (prepare && !db->pooled && strcmp(prepare, "on") != 0) {
        return bq_fail(err, BARQ_ERR_ARG, "postgresql: prepare is \"%.20s\": it is on or off",
                       prepare);
    }
    return BARQ_OK;
}

static enum barq_status read_address(struct bq_pg *db, const struct bq_dsn *dsn,
                                     struct barq_error *err)
{
    static const char *const own[] = {"prepare", "schema", NULL};

    enum barq_status status = bq_pg_address_read(&db->arena, dsn, own, &db->address, err);
    if (status == BARQ_OK) {
        status = take_prepare(db, err);
    }
    return status == BARQ_OK ? take_schema(db, err) : status;
}

static void pg_close(struct bq_db *base)
{
    struct bq_pg *db = pg_of(base);

    bq_pg_rows_close_all(db);
    bq_pg_disconnect(db);
    bq_fd_drop(&db->cancel_fd);
    bq_arena_clear(&db->arena);
    free(db);
}

static struct bq_pg *new_pg(const struct bq_db_options *options)
{
    struct bq_pg *db = calloc(1, sizeof(*db));

    if (!db) {
        return NULL;
    }
    db->base.driver = &bq_db_pg;
    db->busy_ms = options->busy_ms > 0 ? options->busy_ms : BUSY_DEFAULT_MS;
    db->no_ping = options->no_ping;
    db->shared = options->shared;
    db->until_ms = options->until_ms;
    db->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    atomic_init(&db->canceled, false);
    bq_arena_init(&db->arena, ADDRESS_MAX_BYTES);
    bq_list_init(&db->cache);
    bq_list_init(&db->rows);
    return db;
}

static enum barq_status pg_open(const struct bq_dsn *dsn, const struct bq_db_options *options,
                                struct bq_db **out, struct barq_error *err)
{
    struct bq_pg *db = new_pg(options);
    if (!db) {
        return bq_fail(err, BARQ_ERR_NOMEM, "postgresql: out of memory");
    }

    enum barq_status status =
        db->cancel_fd < 0 ? bq_fail_errno(err, "postgresql: eventfd") : read_address(db, dsn, err);
    if (status == BARQ_OK) {
        status = connect_to(db, err);
    }
    if (status != BARQ_OK) {
        pg_close(&db->base);
        return status;
    }
    *out = &db->base;
    return BARQ_OK;
}

static enum barq_status pg_reopen(struct bq_db *base, struct barq_error *err)
{
    bq_pg_disconnect(pg_of(base));
    return connect_to(pg_of(base), err);
}

/* -- is it usable? -- */

bool bq_pg_is_idle(const struct bq_pg *db)
{
    return db->connection && bq_libpq.PQstatus(db->connection) == CONNECTION_OK &&
           bq_libpq.PQtransactionStatus(db->connection) == PQTRANS_IDLE;
}

static bool can_be_read(struct bq_pg *db)
{
    struct pollfd ready = {.fd = bq_libpq.PQsocket(db->connection), .events = POLLIN};

    return poll(&ready, 1, 0) != 0;
}

/* What has come unasked: somebody's NOTIFY, or the server's last words and then its end. Costs no round trip. */
static bool is_alive(struct bq_pg *db, bool *heard)
{
    enum { PIECES_MAX = 1000 };
    PGnotify *notice = NULL;

    for (int i = 0; can_be_read(db); i++) {
        bool fine = i < PIECES_MAX && bq_libpq.PQconsumeInput(db->connection) &&
                    !bq_libpq.PQisBusy(db->connection);
        if (!fine) {
            return false;
        }
        while ((notice = bq_libpq.PQnotifies(db->connection)) != NULL) {
            bq_libpq.PQfreemem(notice);
            *heard = true;
        }
    }
    return bq_libpq.PQstatus(db->connection) == CONNECTION_OK;
}

static bool answers(struct bq_pg *db)
{
    return bq_pg_insist(db, "SELECT 1", patience_ms(db), NULL, 0, NULL) == BARQ_OK;
}

/* All that a session can have left: temporary tables, settings, locks, LISTEN. Prepared statements go, too. */
static bool becomes_clean(struct bq_pg *db)
{
    bq_pg_forget_all(db);
    db->dirty = false;
    return bq_pg_insist(db, "DISCARD ALL", patience_ms(db), NULL, 0, NULL) == BARQ_OK &&
           set_up(db, NULL) == BARQ_OK;
}

static bool pg_ready(struct bq_db *base)
{
    struct bq_pg *db = pg_of(base);
    bool heard = false;

    if (!bq_pg_is_idle(db) || !is_alive(db, &heard)) {
        return false;
    }
    if (db->dirty && !becomes_clean(db)) {
        return false;
    }
    return db->no_ping || bq_mono_ms() - db->used_at_ms < PING_AFTER_MS || answers(db);
}

/* Behind a pooler a session is nobody's for long enough. */
static enum barq_status pg_listen(struct bq_db *base, const char *channel, int *fd,
                                  struct barq_error *err)
{
    struct bq_pg *db = pg_of(base);
    char sql[96];

    if (db->pooled) {
        *fd = -1;
        return BARQ_OK;
    }
    (void)snprintf(sql, sizeof(sql), "LISTEN %.63s", channel);
    enum barq_status status = bq_pg_say(db, sql, err);
    if (status == BARQ_OK) {
        *fd = bq_libpq.PQsocket(db->connection);
    }
    return status;
}

static enum barq_status pg_heard(struct bq_db *base, bool *heard, struct barq_error *err)
{
    struct bq_pg *db = pg_of(base);

    if (db->connection && is_alive(db, heard)) {
        return BARQ_OK;
    }
    return bq_fail(err, BARQ_ERR_CONN, "postgresql: %s: the connection is lost", db->address.shown);
}

static const char *pg_path(const struct bq_db *base)
{
    (void)base;
    return NULL;
}

/* -- settings -- */

static void pg_guard(struct bq_db *base, bool on)
{
    pg_of(base)->guarded = on;
}

static void pg_cancel(struct bq_db *base, bool on)
{
    struct bq_pg *db = pg_of(base);
    uint64_t count = 1;

    atomic_store(&db->canceled, on);
    if (on) {
        (void)!write(db->cancel_fd, &count, sizeof(count));
    } else {
        (void)!read(db->cancel_fd, &count, sizeof(count));
    }
}

static void pg_until(struct bq_db *base, int64_t mono_ms)
{
    pg_of(base)->until_ms = mono_ms;
}

static void pg_isolation(struct bq_db *base, enum bq_db_isolation isolation)
{
    pg_of(base)->isolation = isolation;
}

static void pg_name(struct bq_db *base, const char *name)
{
    struct bq_pg *db = pg_of(base);
    size_t len = bq_utf8_cut(name, strlen(name), BQ_PG_NAME_BYTES - 1);

    memcpy(db->name, name, len);
    db->name[len] = '\0';
}

const struct bq_db_driver bq_db_pg = {
    .scheme = "postgresql",
    .also = "postgres",
    .open = pg_open,
    .reopen = pg_reopen,
    .close = pg_close,
    .ready = pg_ready,
    .path = pg_path,
    .begin = bq_pg_tx_begin,
    .commit = bq_pg_tx_commit,
    .finish = bq_pg_tx_finish,
    .rollback = bq_pg_tx_rollback,
    .in_transaction = bq_pg_tx_open,
    .written = bq_pg_tx_written,
    .say = bq_pg_tx_say,
    .migrating = bq_pg_tx_migrating,
    .listen = pg_listen,
    .heard = pg_heard,
    .guard = pg_guard,
    .cancel = pg_cancel,
    .until = pg_until,
    .isolation = pg_isolation,
    .name = pg_name,
    .exec = bq_pg_exec,
    .script = bq_pg_script,
    .changes = bq_pg_changes,
    .query = bq_pg_query,
    .rows_next = bq_pg_rows_next,
    .rows_close = bq_pg_rows_close,
    .rows_columns = bq_pg_rows_columns,
    .rows_column = bq_pg_rows_column,
};
