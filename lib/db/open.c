#include <stdio.h>
#include <string.h>

#include "base/dsn.h"
#include "db/db.h"
#include "db/driver.h"

/* A DSN at its longest is copied a few times. */
enum { DSN_ARENA_BYTES = 8 * BQ_DSN_MAX_BYTES };

static const struct bq_db_driver *const drivers[] = {
    &bq_db_pg,
    &bq_db_sqlite,
};

static bool is_for(const struct bq_db_driver *driver, const char *scheme)
{
    return strcmp(driver->scheme, scheme) == 0 ||
           (driver->also && strcmp(driver->also, scheme) == 0);
}

enum barq_status bq_db_open(const char *url, const struct bq_db_options *options,
                            struct bq_db **out, struct barq_error *err)
{
    static const struct bq_db_options defaults = {0};
    bq_auto(arena) struct barq_arena arena;
    struct bq_dsn dsn;

    bq_arena_init(&arena, DSN_ARENA_BYTES);
    enum barq_status status = bq_dsn_parse(&arena, url, &dsn, err);
    if (status != BARQ_OK) {
        return status;
    }

    for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
        if (is_for(drivers[i], dsn.scheme)) {
            return drivers[i]->open(&dsn, options ? options : &defaults, out, err);
        }
    }
    return bq_fail(
        err, BARQ_ERR_ARG,
        "db: no database is called \"%.64s:\"; there are \"postgresql:\" and \"sqlite:\"",
        dsn.scheme);
}

void bq_db_close(struct bq_db *db)
{
    if (db) {
        db->driver->close(db);
    }
}

void bq_db_drop(struct bq_db **db)
{
    bq_db_close(*db);
}

enum barq_status bq_db_reopen(struct bq_db *db, struct barq_error *err)
{
    return db->driver->reopen(db, err);
}

bool bq_db_ready(struct bq_db *db)
{
    return db->driver->ready(db);
}

const char *bq_db_path(const struct bq_db *db)
{
    return db->driver->path(db);
}

const char *bq_db_scheme(const struct bq_db *db)
{
    return db->driver->scheme;
}

enum barq_status bq_db_begin(struct bq_db *db, enum bq_db_mode mode, struct barq_error *err)
{
    if (bq_db_in_transaction(db)) {
        return bq_fail(err, BARQ_ERR_BUG, "%s: a transaction is open already", db->driver->scheme);
    }
    return db->driver->begin(db, mode, err);
}

enum barq_status bq_db_commit(struct bq_db *db, struct barq_error *err)
{
    if (!bq_db_in_transaction(db)) {
        return bq_fail(err, BARQ_ERR_CONFLICT, "%s: no transaction is open (any more)",
                       db->driver->scheme);
    }
    return db->driver->commit(db, err);
}

enum barq_status bq_db_finish(struct bq_db *db, const char *sql, const struct barq_scalar *params,
                              size_t n_params, struct barq_error *err)
{
    if (!bq_db_in_transaction(db)) {
        return bq_fail(err, BARQ_ERR_CONFLICT, "%s: no transaction is open (any more)",
                       db->driver->scheme);
    }
    if (db->driver->finish) {
        return db->driver->finish(db, sql, params, n_params, err);
    }
    enum barq_status status = bq_db_exec(db, sql, params, n_params, err);
    if (status == BARQ_OK) {
        return bq_db_commit(db, err);
    }
    bq_db_rollback(db);
    return status;
}

void bq_db_rollback(struct bq_db *db)
{
    db->driver->rollback(db);
}

bool bq_db_in_transaction(const struct bq_db *db)
{
    return db->driver->in_transaction(db);
}

enum barq_status bq_db_written(struct bq_db *db, bool *out, struct barq_error *err)
{
    if (!db->driver->written || db->wrote) {
        *out = true;
        return BARQ_OK;
    }
    return db->driver->written(db, out, err);
}

/* Their names are their depth. */
static enum barq_status say_savepoint(struct bq_db *db, const char *word, int depth,
                                      struct barq_error *err)
{
    char sql[64];

    if (depth < 1 || !bq_db_in_transaction(db)) {
        return bq_fail(err, BARQ_ERR_CONFLICT, "%s: no %s is open (any more)", db->driver->scheme,
                       depth < 1 ? "savepoint" : "transaction");
    }
    (void)snprintf(sql, sizeof(sql), "%s barq_savepoint_%d", word, depth);
    return db->driver->say(db, sql, err);
}

enum barq_status bq_db_savepoint(struct bq_db *db, struct barq_error *err)
{
    enum barq_status status = say_savepoint(db, "SAVEPOINT", db->savepoints + 1, err);

    db->savepoints += status == BARQ_OK;
    return status;
}

enum barq_status bq_db_savepoint_release(struct bq_db *db, struct barq_error *err)
{
    enum barq_status status = say_savepoint(db, "RELEASE SAVEPOINT", db->savepoints, err);

    db->savepoints -= status == BARQ_OK;
    return status;
}

enum barq_status bq_db_savepoint_rollback(struct bq_db *db, struct barq_error *err)
{
    enum barq_status status = say_savepoint(db, "ROLLBACK TO SAVEPOINT", db->savepoints, err);

    return status == BARQ_OK ? bq_db_savepoint_release(db, err) : status;
}

enum barq_status bq_db_listen(struct bq_db *db, const char *channel, int *fd,
                              struct barq_error *err)
{
    if (!db->driver->listen) {
        *fd = -1;
        return BARQ_OK;
    }
    return db->driver->listen(db, channel, fd, err);
}

enum barq_status bq_db_heard(struct bq_db *db, bool *heard, struct barq_error *err)
{
    *heard = false;
    return db->driver->heard ? db->driver->heard(db, heard, err) : BARQ_OK;
}

void bq_db_isolation(struct bq_db *db, enum bq_db_isolation isolation)
{
    if (db->driver->isolation) {
        db->driver->isolation(db, isolation);
    }
}

void bq_db_name(struct bq_db *db, const char *name)
{
    if (db->driver->name) {
        db->driver->name(db, name);
    }
}

void bq_db_guard(struct bq_db *db, bool on)
{
    db->driver->guard(db, on);
}

void bq_db_cancel(struct bq_db *db, bool on)
{
    db->driver->cancel(db, on);
}

void bq_db_until(struct bq_db *db, int64_t mono_ms)
{
    db->driver->until(db, mono_ms);
}

enum barq_status bq_db_exec(struct bq_db *db, const char *sql, const struct barq_scalar *params,
                            size_t n_params, struct barq_error *err)
{
    return db->driver->exec(db, sql, params, n_params, err);
}

enum barq_status bq_db_script(struct bq_db *db, const char *sql, struct barq_error *err)
{
    return db->driver->script(db, sql, err);
}

int64_t bq_db_changes(const struct bq_db *db)
{
    return db->driver->changes(db);
}

enum barq_status bq_db_query(struct bq_db *db, const char *sql, const struct barq_scalar *params,
                             size_t n_params, struct bq_rows **out, struct barq_error *err)
{
    return db->driver->query(db, sql, params, n_params, out, err);
}

enum barq_status bq_rows_next(struct bq_rows *rows, bool *more, struct barq_error *err)
{
    return rows->driver->rows_next(rows, more, err);
}

void bq_rows_close(struct bq_rows *rows)
{
    if (rows) {
        rows->driver->rows_close(rows);
    }
}

void bq_rows_drop(struct bq_rows **rows)
{
    bq_rows_close(*rows);
}

int bq_rows_columns(const struct bq_rows *rows)
{
    return rows->driver->rows_columns(rows);
}

struct barq_scalar bq_rows_column(const struct bq_rows *rows, int column)
{
    return rows->driver->rows_column(rows, column);
}

int64_t bq_rows_int(const struct bq_rows *rows, int column)
{
    struct barq_scalar value = bq_rows_column(rows, column);

    return value.kind == BARQ_INT ? value.i : 0;
}

const char *bq_rows_text(const struct bq_rows *rows, int column)
{
    struct barq_scalar value = bq_rows_column(rows, column);

    return value.kind == BARQ_STRING ? value.data : NULL;
}

enum barq_status bq_db_query_int(struct bq_db *db, const char *sql,
                                 const struct barq_scalar *params, size_t n_params,
                                 int64_t otherwise, int64_t *out, struct barq_error *err)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    enum barq_status status = bq_db_query(db, sql, params, n_params, &rows, err);
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    bool number = more && bq_rows_column(rows, 0).kind == BARQ_INT;
    *out = number ? bq_rows_int(rows, 0) : otherwise;
    return BARQ_OK;
}
