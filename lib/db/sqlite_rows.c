#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "db/sqlite.h"

struct bq_sqlite_rows {
    struct bq_rows base;
    struct bq_list link; /* in db->rows */
    struct bq_sqlite *db;
    struct bq_sqlite_stmt *stmt; /* NULL: the transaction has ended */
    bool on_row;                 /* the last step gave one */
    bool done;
};

static struct bq_sqlite_rows *rows_of(struct bq_list *link)
{
    return bq_list_owner(link, struct bq_sqlite_rows, link);
}

/* SQLite has no timestamps; its functions read this. */
static int bind_timestamp(sqlite3_stmt *stmt, int at, int64_t at_us)
{
    enum { US_PER_S = 1000 * 1000 };
    char text[80];
    struct tm when;
    int64_t us = at_us % US_PER_S;
    time_t seconds = (time_t)(at_us / US_PER_S);

    if (us < 0) {
        us += US_PER_S;
        seconds--;
    }
    if (!gmtime_r(&seconds, &when)) {
        return SQLITE_MISMATCH;
    }
    size_t len = strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &when);
    (void)snprintf(text + len, sizeof(text) - len, ".%06d+00", (int)us);
    return sqlite3_bind_text(stmt, at, text, -1, SQLITE_TRANSIENT);
}

/* SQLite takes a NULL pointer for a null, also when it is empty. */
static int bind_one(sqlite3_stmt *stmt, int at, const struct barq_scalar *value,
                    sqlite3_destructor_type lifetime)
{
    const void *data = value->data && value->len > 0 ? value->data : "";

    switch (value->kind) {
    case BARQ_NULL:
        return sqlite3_bind_null(stmt, at);
    case BARQ_BOOL:
    case BARQ_INT:
        return sqlite3_bind_int64(stmt, at, value->i);
    case BARQ_TIMESTAMP:
        return bind_timestamp(stmt, at, value->i);
    case BARQ_DOUBLE:
        return sqlite3_bind_double(stmt, at, value->d);
    case BARQ_STRING:
        return sqlite3_bind_text64(stmt, at, data, value->len, lifetime, SQLITE_UTF8);
    case BARQ_BYTES:
        return sqlite3_bind_blob64(stmt, at, data, value->len, lifetime);
    case BARQ_BIGINT:
    case BARQ_LIST:
    case BARQ_TUPLE:
    case BARQ_SET:
    case BARQ_MAP:
    case BARQ_NAMED:
    default:
        return SQLITE_MISMATCH;
    }
}

static enum barq_status bind_all(struct bq_sqlite *db, sqlite3_stmt *stmt,
                                 const struct barq_scalar *params, size_t n_params,
                                 sqlite3_destructor_type lifetime, struct barq_error *err)
{
    size_t wanted = (size_t)sqlite3_bind_parameter_count(stmt);
    if (wanted != n_params) {
        return bq_fail(err, BARQ_ERR_ARG, "sqlite: the statement has %zu params, and %zu are given",
                       wanted, n_params);
    }

    for (size_t i = 0; i < n_params; i++) {
        int code = bind_one(stmt, (int)i + 1, &params[i], lifetime);
        if (code == SQLITE_MISMATCH) {
            return bq_fail(err, BARQ_ERR_TYPE, "sqlite: param %zu is a %s: no column holds that",
                           i + 1, barq_kind_name(params[i].kind));
        }
        if (code != SQLITE_OK) {
            return bq_sqlite_fail(db, code, err);
        }
    }
    return BARQ_OK;
}

static enum barq_status check_reading(const struct bq_sqlite *db, const struct bq_sqlite_stmt *stmt,
                                      struct barq_error *err)
{
    bool open = !sqlite3_get_autocommit(db->handle);
    if (open && db->reading && !sqlite3_stmt_readonly(stmt->handle)) {
        return bq_fail(err, BARQ_ERR_DENIED, "sqlite: the transaction is for reading only");
    }
    return BARQ_OK;
}

/* Prepared, with its params, ready to step; with release on the caller. */
static enum barq_status start(struct bq_sqlite *db, const char *sql,
                              const struct barq_scalar *params, size_t n_params,
                              sqlite3_destructor_type lifetime, struct bq_sqlite_stmt **out,
                              struct barq_error *err)
{
    struct bq_sqlite_stmt *stmt = NULL;
    enum barq_status status = bq_sqlite_check(db, err);
    if (status == BARQ_OK) {
        status = bq_sqlite_prepare(db, sql, &stmt, err);
    }
    if (status != BARQ_OK) {
        return status;
    }

    status = check_reading(db, stmt, err);
    if (status == BARQ_OK) {
        status = bind_all(db, stmt->handle, params, n_params, lifetime, err);
    }
    if (status != BARQ_OK) {
        bq_sqlite_release(stmt);
        return status;
    }
    *out = stmt;
    return BARQ_OK;
}

/* To its end; the rows are dropped. */
static enum barq_status run(struct bq_sqlite *db, struct bq_sqlite_stmt *stmt,
                            struct barq_error *err)
{
    int code;

    do {
        code = sqlite3_step(stmt->handle);
    } while (code == SQLITE_ROW);
    return code == SQLITE_DONE ? BARQ_OK : bq_sqlite_fail(db, code, err);
}

enum barq_status bq_sqlite_exec(struct bq_db *base, const char *sql,
                                const struct barq_scalar *params, size_t n_params,
                                struct barq_error *err)
{
    struct bq_sqlite *db = (struct bq_sqlite *)base;
    struct bq_sqlite_stmt *stmt = NULL;

    enum barq_status status = start(db, sql, params, n_params, SQLITE_STATIC, &stmt, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = run(db, stmt, err);
    bq_sqlite_release(stmt);
    return status;
}

/* The next one of a script; `*more` is false when there was none. */
static enum barq_status run_next(struct bq_sqlite *db, const char **sql, bool *more,
                                 struct barq_error *err)
{
    struct bq_sqlite_stmt *stmt = NULL;
    enum barq_status status = bq_sqlite_check(db, err);
    if (status == BARQ_OK) {
        status = bq_sqlite_prepare_next(db, sql, &stmt, err);
    }
    if (status == BARQ_OK && stmt) {
        status = check_reading(db, stmt, err);
    }
    if (status == BARQ_OK && stmt) {
        status = bind_all(db, stmt->handle, NULL, 0, SQLITE_STATIC, err);
    }
    if (status == BARQ_OK && stmt) {
        status = run(db, stmt, err);
    }
    *more = stmt != NULL;
    bq_sqlite_release(stmt);
    return status;
}

enum barq_status bq_sqlite_script(struct bq_db *base, const char *sql, struct barq_error *err)
{
    struct bq_sqlite *db = (struct bq_sqlite *)base;
    enum barq_status status = BARQ_OK;
    bool more = true;

    while (status == BARQ_OK && more) {
        status = run_next(db, &sql, &more, err);
    }
    return status;
}

int64_t bq_sqlite_changes(const struct bq_db *base)
{
    const struct bq_sqlite *db = (const struct bq_sqlite *)base;

    return db->handle ? sqlite3_changes64(db->handle) : 0;
}

enum barq_status bq_sqlite_query(struct bq_db *base, const char *sql,
                                 const struct barq_scalar *params, size_t n_params,
                                 struct bq_rows **out, struct barq_error *err)
{
    struct bq_sqlite *db = (struct bq_sqlite *)base;
    struct bq_sqlite_rows *rows = calloc(1, sizeof(*rows));
    if (!rows) {
        return bq_fail(err, BARQ_ERR_NOMEM, "sqlite: out of memory");
    }

    enum barq_status status = start(db, sql, params, n_params, SQLITE_TRANSIENT, &rows->stmt, err);
    if (status != BARQ_OK) {
        free(rows);
        return status;
    }
    rows->base.driver = base->driver;
    rows->db = db;
    bq_list_add(&db->rows, &rows->link);
    *out = &rows->base;
    return BARQ_OK;
}

enum barq_status bq_sqlite_rows_next(struct bq_rows *base, bool *more, struct barq_error *err)
{
    struct bq_sqlite_rows *rows = (struct bq_sqlite_rows *)base;
    enum barq_status status = bq_sqlite_check(rows->db, err);

    if (status != BARQ_OK) {
        return status;
    }
    if (!rows->stmt) {
        return bq_fail(err, BARQ_ERR_CONFLICT,
                       "sqlite: the rows have ended with their transaction");
    }
    int code = rows->done ? SQLITE_DONE : sqlite3_step(rows->stmt->handle);
    rows->on_row = code == SQLITE_ROW;
    rows->done = !rows->on_row;
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        return bq_sqlite_fail(rows->db, code, err);
    }
    *more = rows->on_row;
    return BARQ_OK;
}

void bq_sqlite_rows_close(struct bq_rows *base)
{
    struct bq_sqlite_rows *rows = (struct bq_sqlite_rows *)base;

    bq_list_remove(&rows->link);
    bq_sqlite_release(rows->stmt);
    free(rows);
}

void bq_sqlite_rows_end(struct bq_sqlite *db)
{
    bq_list_each (at, &db->rows) {
        struct bq_sqlite_rows *rows = rows_of(at);

        bq_sqlite_release(rows->stmt);
        rows->stmt = NULL;
        rows->on_row = false;
    }
}

void bq_sqlite_rows_close_all(struct bq_sqlite *db)
{
    bq_list_each (at, &db->rows) {
        bq_sqlite_rows_close(&rows_of(at)->base);
    }
}

int bq_sqlite_rows_columns(const struct bq_rows *base)
{
    const struct bq_sqlite_rows *rows = (const struct bq_sqlite_rows *)base;

    return rows->stmt ? sqlite3_column_count(rows->stmt->handle) : 0;
}

/* The data of a text or blob; that of an empty blob is NULL in SQLite. */
static struct barq_scalar column_bytes(sqlite3_stmt *stmt, int column, enum barq_kind kind)
{
    const void *data = kind == BARQ_STRING ? (const void *)sqlite3_column_text(stmt, column)
                                           : sqlite3_column_blob(stmt, column);
    int len = sqlite3_column_bytes(stmt, column);

    return (struct barq_scalar){.kind = kind, .data = data ? data : "", .len = (size_t)len};
}

struct barq_scalar bq_sqlite_rows_column(const struct bq_rows *base, int column)
{
    const struct bq_sqlite_rows *rows = (const struct bq_sqlite_rows *)base;
    if (!rows->on_row || column < 0 || column >= bq_sqlite_rows_columns(base)) {
        return (struct barq_scalar){.kind = BARQ_NULL};
    }

    sqlite3_stmt *stmt = rows->stmt->handle;
    switch (sqlite3_column_type(stmt, column)) {
    case SQLITE_INTEGER:
        return (struct barq_scalar){.kind = BARQ_INT, .i = sqlite3_column_int64(stmt, column)};
    case SQLITE_FLOAT:
        return (struct barq_scalar){.kind = BARQ_DOUBLE, .d = sqlite3_column_double(stmt, column)};
    case SQLITE_TEXT:
        return column_bytes(stmt, column, BARQ_STRING);
    case SQLITE_BLOB:
        return column_bytes(stmt, column, BARQ_BYTES);
    default:
        return (struct barq_scalar){.kind = BARQ_NULL};
    }
}
