#include "search/sql.h"

#include <string.h>

#include "auto.h"
#include "base/error.h"

void bm_sql_init(struct bm_sql *sql)
{
    sql->n_params = 0;
    sql->is_full = false;
    bq_buf_init(&sql->text, BM_SQL_MAX_BYTES);
}

void bm_sql_clear(struct bm_sql *sql)
{
    bq_buf_clear(&sql->text);
}

void bm_sql_put(struct bm_sql *sql, const char *text)
{
    bq_buf_puts(&sql->text, text);
}

void bm_sql_param(struct bm_sql *sql, struct barq_scalar param)
{
    if (sql->n_params == BM_SQL_PARAMS_MAX) {
        sql->is_full = true;
        return;
    }
    sql->params[sql->n_params++] = param;
    bm_sql_put(sql, "?");
}

void bm_sql_text(struct bm_sql *sql, const char *text)
{
    bm_sql_param(sql, barq_sql_text(text));
}

void bm_sql_int(struct bm_sql *sql, int64_t number)
{
    bm_sql_param(sql, barq_sql_int(number));
}

void bm_sql_append(struct bm_sql *sql, const struct bm_sql *other)
{
    if (other->is_full || other->text.failed ||
        other->n_params > BM_SQL_PARAMS_MAX - sql->n_params) {
        sql->is_full = true;
        return;
    }
    bq_buf_put(&sql->text, other->text.data, other->text.len);
    memcpy(sql->params + sql->n_params, other->params, other->n_params * sizeof(*other->params));
    sql->n_params += other->n_params;
}

enum barq_status bm_sql_query(struct barq_session *session, const struct bm_sql *sql,
                              struct barq_rows **out, struct barq_error *err)
{
    bq_auto(buf) struct bq_buf numbered;
    size_t number = 0;
    bq_buf_init(&numbered, 2 * (size_t)BM_SQL_MAX_BYTES);

    for (size_t i = 0; i < sql->text.len; i++) {
        if (sql->text.data[i] == '?') {
            bq_buf_printf(&numbered, "?%zu", ++number);
        } else {
            bq_buf_put(&numbered, &sql->text.data[i], 1);
        }
    }
    const char *text = bq_buf_cstr(&numbered);
    if (sql->is_full || sql->text.failed || !text) {
        return bq_fail(err, BARQ_ERR_LIMIT, "search: this is too much for one query");
    }
    return barq_query(session, text, sql->params, sql->n_params, out, err);
}

enum barq_status bm_sql_query_int(struct barq_session *session, const struct bm_sql *sql,
                                  int64_t *out, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool more = false;

    enum barq_status status = bm_sql_query(session, sql, &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status == BARQ_OK) {
        *out = more ? barq_column_int(rows, 0) : 0;
    }
    return status;
}

bool bm_is_sqlite(const struct barq_session *session)
{
    return strcmp(barq_session_database(session), "sqlite") == 0;
}
