/*
 * pg_transaction.c - transactions: begun with the session's limits, ended, or lost.
 */
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/time.h"
#include "db/pg.h"

enum {
    COMMIT_MAX_MS = 60 * 1000,
    ROLLBACK_MAX_MS = 5 * 1000,
    SLACK_MS = 1000, /* the server's own limits come after ours: theirs cost the connection */
    SQL_MAX_BYTES = 4096,
};

bool bq_pg_tx_open(const struct bq_db *base)
{
    const struct bq_pg *db = (const struct bq_pg *)base;
    if (!db->connection) {
        return false;
    }

    PGTransactionStatusType status = bq_libpq.PQtransactionStatus(db->connection);
    /* A failed statement ends it, unless a savepoint is there to go back to. */
    return status == PQTRANS_INTRANS || (status == PQTRANS_INERROR && base->savepoints > 0);
}

static void set_local(struct bq_buf *sql, const char *name, int64_t value)
{
    bq_buf_printf(sql, ";SET LOCAL %s=%lld", name, (long long)value);
}

static void set_name(struct bq_buf *sql, const char *name)
{
    bq_buf_puts(sql, ";SET LOCAL application_name='");
    for (; *name; name++) {
        bq_buf_put(sql, name, 1);
        if (*name == '\'') {
            bq_buf_puts(sql, "'");
        }
    }
    bq_buf_puts(sql, "'");
}

/* Its limits go with it, so that they cost no round trip, and end with it. */
static void put_begin(const struct bq_pg *db, struct bq_buf *sql)
{
    static const char *const isolations[] = {
        [BQ_DB_ISOLATION_DEFAULT] = "",
        [BQ_DB_REPEATABLE_READ] = " ISOLATION LEVEL REPEATABLE READ",
        [BQ_DB_SERIALIZABLE] = " ISOLATION LEVEL SERIALIZABLE",
    };

    bq_buf_printf(sql, "BEGIN%s%s", isolations[db->isolation], db->reading ? " READ ONLY" : "");
    if (db->until_ms != 0) {
        int64_t left_ms = db->until_ms - bq_mono_ms() + SLACK_MS;
        left_ms = left_ms < SLACK_MS ? SLACK_MS : left_ms;
        left_ms = left_ms < INT32_MAX ? left_ms : INT32_MAX;
        set_local(sql, "statement_timeout", left_ms);
        set_local(sql, "idle_in_transaction_session_timeout", left_ms);
    }
    if (db->pooled) {
        set_local(sql, "lock_timeout", db->busy_ms);
    }
    if (db->name[0] != '\0') {
        set_name(sql, db->name);
    }
}

/* A standby that has been told so by libpq costs no attempt. */
static enum barq_status check_writable(const struct bq_pg *db, struct barq_error *err)
{
    const char *standby =
        db->connection ? bq_libpq.PQparameterStatus(db->connection, "in_hot_standby") : NULL;

    if (db->reading || !standby || strcmp(standby, "on") != 0) {
        return BARQ_OK;
    }
    return bq_fail(err, BARQ_ERR_CONN,
                   "postgresql: %s: it is a standby, which only reads (SQLSTATE 25006): name the "
                   "primary, or several hosts with target_session_attrs=read-write",
                   db->address.shown);
}

enum barq_status bq_pg_tx_begin(struct bq_db *base, enum bq_db_mode mode, struct barq_error *err)
{
    struct bq_pg *db = (struct bq_pg *)base;
    bq_auto(buf) struct bq_buf sql;

    bq_buf_init(&sql, SQL_MAX_BYTES);
    db->reading = mode == BQ_DB_READ;
    enum barq_status status = bq_pg_check(db, err);
    if (status == BARQ_OK) {
        status = check_writable(db, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (bq_libpq.PQtransactionStatus(db->connection) != PQTRANS_IDLE) {
        bq_pg_tx_rollback(base);
    }
    put_begin(db, &sql);
    const char *text = bq_buf_cstr(&sql);
    status =
        text ? bq_pg_say(db, text, err) : bq_fail(err, BARQ_ERR_NOMEM, "postgresql: out of memory");
    if (status != BARQ_OK) {
        bq_pg_tx_rollback(base);
        db->reading = false;
        return status;
    }
    base->savepoints = 0;
    base->wrote = false;
    return BARQ_OK;
}

/* A cancel that was asked for may come late, and hit the ROLLBACK. */
void bq_pg_tx_rollback(struct bq_db *base)
{
    struct bq_pg *db = (struct bq_pg *)base;

    bq_pg_rows_end(db);
    base->savepoints = 0;
    db->reading = false;
    for (int tries = 0; db->connection && !bq_pg_is_idle(db); tries++) {
        enum barq_status status =
            tries == 3 ? BARQ_ERR_CONN
                       : bq_pg_insist(db, "ROLLBACK", ROLLBACK_MAX_MS, NULL, 0, NULL);
        if (status == BARQ_ERR_CONN) {
            bq_pg_disconnect(db);
        }
    }
}

static enum barq_status fail_finish(struct bq_pg *db, enum barq_status status,
                                    struct barq_error *err)
{
    char why[BARQ_ERROR_MAX_BYTES];

    bq_pg_tx_rollback(&db->base);
    if (status != BARQ_ERR_CONN) {
        return status;
    }
    (void)snprintf(why, sizeof(why), "%s", err ? err->text : "");
    return bq_fail(err, BARQ_ERR_CONN, "%s; it may have been committed", why);
}

static enum barq_status fail_commit(struct bq_pg *db, enum barq_status status,
                                    struct barq_error *err)
{
    status = fail_finish(db, status, err);
    /* A deferred constraint: whoever is told EXISTS looks for a row that was there before. */
    if (status == BARQ_ERR_EXISTS) {
        status = BARQ_ERR_SQL;
        if (err) {
            err->status = status;
        }
    }
    return status;
}

enum barq_status bq_pg_tx_commit(struct bq_db *base, struct barq_error *err)
{
    struct bq_pg *db = (struct bq_pg *)base;
    char tag[32] = "";

    bq_pg_rows_end(db);
    if (atomic_load(&db->canceled)) {
        bq_pg_tx_rollback(base);
        return bq_fail(err, BARQ_ERR_CANCELED, "postgresql: canceled");
    }
    bq_fault("db.committing");
    enum barq_status status = bq_pg_insist(db, "COMMIT", COMMIT_MAX_MS, tag, sizeof(tag), err);
    if (status != BARQ_OK) {
        return fail_commit(db, status, err);
    }
    base->savepoints = 0;
    db->reading = false;
    if (strcmp(tag, "COMMIT") != 0) {
        return bq_fail(err, BARQ_ERR_CONFLICT,
                       "postgresql: rolled back: a statement in the transaction had failed");
    }
    return BARQ_OK;
}

enum barq_status bq_pg_tx_finish(struct bq_db *base, const char *sql,
                                 const struct barq_scalar *params, size_t n_params,
                                 struct barq_error *err)
{
    struct bq_pg *db = (struct bq_pg *)base;

    bq_pg_rows_end(db);
    enum barq_status status = bq_pg_run_last(db, sql, params, n_params, err);
    if (status != BARQ_OK) {
        return fail_finish(db, status, err);
    }
    base->savepoints = 0;
    db->reading = false;
    return BARQ_OK;
}

enum barq_status bq_pg_tx_written(struct bq_db *base, bool *out, struct barq_error *err)
{
    int64_t assigned = 0;

    enum barq_status status =
        bq_db_query_int(base, "SELECT (pg_current_xact_id_if_assigned() IS NOT NULL)::int", NULL, 0,
                        0, &assigned, err);
    if (status == BARQ_OK) {
        *out = assigned != 0;
    }
    return status;
}

enum barq_status bq_pg_tx_say(struct bq_db *base, const char *sql, struct barq_error *err)
{
    return bq_pg_say((struct bq_pg *)base, sql, err);
}

/* Whoever else migrates waits, until this transaction ends. */
enum barq_status bq_pg_tx_migrating(struct bq_db *base, const char *name, struct barq_error *err)
{
    struct bq_pg *db = (struct bq_pg *)base;
    const char *schema = bq_pg_address_own(&db->address, "schema");
    char sql[192];

    (void)snprintf(sql, sizeof(sql), "SELECT pg_advisory_xact_lock(hashtext('%.60s'))", name);
    enum barq_status status = bq_pg_say(db, sql, err);
    if (status == BARQ_OK && schema) {
        (void)snprintf(sql, sizeof(sql), "CREATE SCHEMA IF NOT EXISTS \"%.63s\"", schema);
        status = bq_pg_say(db, sql, err);
    }
    return status;
}
