#include "store/rows.h"

#include <string.h>

#include "auto.h"
#include "base/buf.h"
#include "base/error.h"

enum { SQL_MAX_BYTES = 16 * 1024 };

const char *bm_row_text(const struct barq_rows *rows, int column, struct barq_arena *arena,
                        bool *full)
{
    const char *text = barq_column_text(rows, column);
    char *copy = text ? bq_arena_strdup(arena, text) : NULL;

    *full |= text && !copy;
    return copy;
}

int64_t bm_row_int_or(const struct barq_rows *rows, int column, int64_t otherwise)
{
    struct barq_scalar scalar = barq_column(rows, column);

    return scalar.kind == BARQ_INT ? scalar.i : otherwise;
}

bool bm_row_double(const struct barq_rows *rows, int column, double *out)
{
    *out = barq_column_double(rows, column);
    return barq_column(rows, column).kind != BARQ_NULL;
}

enum barq_status bm_row_json(const struct barq_rows *rows, int column, struct barq_arena *arena,
                             const struct barq_value **out, struct barq_error *err)
{
    const char *text = barq_column_text(rows, column);
    struct barq_value *value = NULL;

    if (!text) {
        *out = NULL;
        return BARQ_OK;
    }
    enum barq_status status = barq_from_json(arena, text, strlen(text), &value, err);
    if (status == BARQ_OK) {
        *out = value;
    }
    return status;
}

struct barq_scalar bm_sql_unless(int64_t number, int64_t unknown)
{
    return number == unknown ? barq_sql_null() : barq_sql_int(number);
}

enum barq_status bm_query_int(struct barq_session *session, const char *sql,
                              const struct barq_scalar *params, size_t n_params, int64_t *out,
                              struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool more = false;

    enum barq_status status = barq_query(session, sql, params, n_params, &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status == BARQ_OK) {
        *out = more ? barq_column_int(rows, 0) : 0;
    }
    return status;
}

enum barq_status bm_each_row(struct barq_session *session, const char *sql,
                             const struct barq_scalar *params, size_t n_params, bm_take_row *take,
                             void *owner, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;

    enum barq_status status = barq_query(session, sql, params, n_params, &rows, err);
    for (bool more = true; status == BARQ_OK;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        take(owner, rows);
    }
    return status;
}

enum barq_status bm_query_among(struct barq_session *session, const char *before,
                                const char *const *ids, size_t n_ids, const char *after,
                                struct barq_rows **out, struct barq_error *err)
{
    bq_auto(buf) struct bq_buf sql;
    struct barq_scalar params[BM_AMONG_MAX];
    bq_buf_init(&sql, SQL_MAX_BYTES);
    if (n_ids < 1 || n_ids > BM_AMONG_MAX) {
        return bq_fail(err, BARQ_ERR_ARG, "store: a page has 1 to %d", BM_AMONG_MAX);
    }

    bq_buf_printf(&sql, "%s (", before);
    for (size_t i = 0; i < n_ids; i++) {
        bq_buf_printf(&sql, i > 0 ? ", ?%zu" : "?%zu", i + 1);
        params[i] = barq_sql_text(ids[i]);
    }
    bq_buf_printf(&sql, ")%s", after);
    const char *text = bq_buf_cstr(&sql);
    return text ? barq_query(session, text, params, n_ids, out, err)
                : bq_fail(err, BARQ_ERR_NOMEM, "store: out of memory");
}

size_t bm_place_among(const char *const *ids, size_t n_ids, const char *id, size_t from)
{
    for (size_t i = 0; i < n_ids; i++) {
        size_t at = (from + i) % n_ids;
        if (strcmp(ids[at], id) == 0) {
            return at;
        }
    }
    return n_ids;
}
