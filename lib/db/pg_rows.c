#include <stdlib.h>

#include "base/text.h"
#include "db/pg.h"

enum { ROW_MAX_BYTES = 1024 * 1024 * 1024 };

/* All rows are here already: the connection is free for other statements. */
struct bq_pg_rows {
    struct bq_rows base;
    struct bq_list link; /* in db->rows */
    struct bq_pg *db;
    PGresult *result; /* owned; NULL: the transaction has ended */
    int next;         /* the row that the next step gives */
    int columns;
    bool on_row;
    struct barq_arena arena;    /* of the row's bytes */
    struct barq_scalar *values; /* owned; of the row */
};

static struct bq_pg_rows *rows_of(struct bq_list *link)
{
    return bq_list_owner(link, struct bq_pg_rows, link);
}

static void note_changes(struct bq_pg *db, PGresult *result)
{
    const char *count = bq_libpq.PQcmdTuples(result);

    if (!bq_starts_with(bq_libpq.PQcmdStatus(result), "SELECT")) { /* that counts what it found */
        db->changes = *count ? strtoll(count, NULL, 10) : 0;
    }
}

enum barq_status bq_pg_exec(struct bq_db *base, const char *sql, const struct barq_scalar *params,
                            size_t n_params, struct barq_error *err)
{
    struct bq_pg *db = (struct bq_pg *)base;
    PGresult *result = NULL;

    enum barq_status status = bq_pg_run(db, sql, params, n_params, &result, err);
    if (status == BARQ_OK) {
        note_changes(db, result);
    }
    bq_libpq.PQclear(result);
    return status;
}

/* Each by itself, as on SQLite: without a transaction around them, those before a failure stay. */
static enum barq_status run_next(struct bq_pg *db, const char **sql, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_pg_text text;

    bq_arena_init(&arena, BQ_PG_TEXT_MAX_BYTES);
    enum barq_status status = bq_pg_read(&arena, *sql, &text, err);
    if (status != BARQ_OK) {
        return status;
    }
    *sql = text.rest;
    if (text.word[0] == '\0') {
        return BARQ_OK;
    }
    if (text.n_params > 0) {
        return bq_fail(err, BARQ_ERR_ARG, "postgresql: a script has no params");
    }
    status = bq_pg_allow(db, &text, err);
    if (status != BARQ_OK) {
        return status;
    }
    /* As one with params, of which the server takes only one: it may read a text otherwise than we do. */
    int sent = bq_libpq.PQsendQueryParams(db->connection, text.sql, 0, NULL, NULL, NULL, NULL, 0);
    return bq_pg_await(db, sent, NULL, err);
}

enum barq_status bq_pg_script(struct bq_db *base, const char *sql, struct barq_error *err)
{
    struct bq_pg *db = (struct bq_pg *)base;
    enum barq_status status = bq_pg_check(db, err);

    while (status == BARQ_OK && *sql) {
        status = run_next(db, &sql, err);
    }
    return status;
}

int64_t bq_pg_changes(const struct bq_db *base)
{
    const struct bq_pg *db = (const struct bq_pg *)base;

    return db->changes;
}

static struct bq_pg_rows *new_rows(struct bq_pg *db, PGresult *result)
{
    struct bq_pg_rows *rows = calloc(1, sizeof(*rows));
    int columns = bq_libpq.PQnfields(result);
    struct barq_scalar *values =
        calloc(columns > 0 ? (size_t)columns : 1, sizeof(struct barq_scalar));

    if (!rows || !values) {
        free(rows);
        free(values);
        return NULL;
    }
    rows->base.driver = db->base.driver;
    rows->db = db;
    rows->result = result;
    rows->columns = columns;
    rows->values = values;
    bq_arena_init(&rows->arena, ROW_MAX_BYTES);
    bq_list_add(&db->rows, &rows->link);
    return rows;
}

enum barq_status bq_pg_query(struct bq_db *base, const char *sql, const struct barq_scalar *params,
                             size_t n_params, struct bq_rows **out, struct barq_error *err)
{
    struct bq_pg *db = (struct bq_pg *)base;
    PGresult *result = NULL;

    enum barq_status status = bq_pg_run(db, sql, params, n_params, &result, err);
    if (status != BARQ_OK) {
        return status;
    }
    note_changes(db, result);
    struct bq_pg_rows *rows = new_rows(db, result);
    if (!rows) {
        bq_libpq.PQclear(result);
        return bq_fail(err, BARQ_ERR_NOMEM, "postgresql: out of memory");
    }
    *out = &rows->base;
    return BARQ_OK;
}

static enum barq_status read_row(struct bq_pg_rows *rows, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    bq_arena_reset(&rows->arena);
    for (int i = 0; status == BARQ_OK && i < rows->columns; i++) {
        status = bq_pg_column(&rows->arena, rows->result, rows->next, i, &rows->values[i], err);
    }
    return status;
}

enum barq_status bq_pg_rows_next(struct bq_rows *base, bool *more, struct barq_error *err)
{
    struct bq_pg_rows *rows = (struct bq_pg_rows *)base;
    enum barq_status status = bq_pg_check(rows->db, err);

    if (status != BARQ_OK) {
        return status;
    }
    if (!rows->result) {
        return bq_fail(err, BARQ_ERR_CONFLICT,
                       "postgresql: the rows have ended with their transaction");
    }
    rows->on_row = rows->next < bq_libpq.PQntuples(rows->result);
    if (rows->on_row) {
        status = read_row(rows, err);
        rows->next++;
    }
    if (status == BARQ_OK) {
        *more = rows->on_row;
    }
    return status;
}

static void end(struct bq_pg_rows *rows)
{
    bq_libpq.PQclear(rows->result);
    rows->result = NULL;
    rows->on_row = false;
}

void bq_pg_rows_close(struct bq_rows *base)
{
    struct bq_pg_rows *rows = (struct bq_pg_rows *)base;

    bq_list_remove(&rows->link);
    end(rows);
    bq_arena_clear(&rows->arena);
    free(rows->values);
    free(rows);
}

void bq_pg_rows_end(struct bq_pg *db)
{
    bq_list_each (at, &db->rows) {
        end(rows_of(at));
    }
}

void bq_pg_rows_close_all(struct bq_pg *db)
{
    bq_list_each (at, &db->rows) {
        bq_pg_rows_close(&rows_of(at)->base);
    }
}

int bq_pg_rows_columns(const struct bq_rows *base)
{
    const struct bq_pg_rows *rows = (const struct bq_pg_rows *)base;

    return rows->result ? rows->columns : 0;
}

struct barq_scalar bq_pg_rows_column(const struct bq_rows *base, int column)
{
    const struct bq_pg_rows *rows = (const struct bq_pg_rows *)base;

    if (!rows->on_row || column < 0 || column >= rows->columns) {
        return (struct barq_scalar){.kind = BARQ_NULL};
    }
    return rows->values[column];
}
