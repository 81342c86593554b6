#include <stdlib.h>

#include "session/inside.h"

struct barq_rows {
    struct bq_list link; /* in session->rows */
    struct barq_session *session;
    struct bq_rows *rows; /* owned */
};

static struct barq_rows *rows_of(struct bq_list *link)
{
    return bq_list_owner(link, struct barq_rows, link);
}

enum barq_status barq_exec(struct barq_session *session, const char *sql,
                           const struct barq_scalar *params, size_t n_params,
                           struct barq_error *err)
{
    struct barq_error why;
    struct barq_error *told = err ? err : &why;

    enum barq_status status = bq_session_check(session, told);
    if (status != BARQ_OK) {
        return status;
    }
    status = bq_db_exec(session->db, sql, params, n_params, told);
    return bq_session_after(session, status, told);
}

enum barq_status bq_session_exec_own(struct barq_session *session, const char *sql,
                                     const struct barq_scalar *params, size_t n_params,
                                     struct barq_error *err)
{
    const char *own = bq_session_sql(session, sql);
    if (!own) {
        return bq_fail(err, BARQ_ERR_NOMEM, "session: out of memory");
    }
    bq_db_guard(session->db, false);
    enum barq_status status = barq_exec(session, own, params, n_params, err);
    bq_db_guard(session->db, session->bound);
    return status;
}

enum barq_status bq_session_query_own(struct barq_session *session, const char *sql,
                                      const struct barq_scalar *params, size_t n_params,
                                      struct bq_rows **out, struct barq_error *err)
{
    const char *own = bq_session_sql(session, sql);

    return own ? bq_db_query(session->db, own, params, n_params, out, err)
               : bq_fail(err, BARQ_ERR_NOMEM, "session: out of memory");
}

enum barq_status barq_exec_script(struct barq_session *session, const char *sql,
                                  struct barq_error *err)
{
    struct barq_error why;
    struct barq_error *told = err ? err : &why;

    enum barq_status status = bq_session_check(session, told);
    if (status != BARQ_OK) {
        return status;
    }
    status = bq_db_script(session->db, sql, told);
    return bq_session_after(session, status, told);
}

int64_t barq_changes(const struct barq_session *session)
{
    return session ? bq_db_changes(session->db) : 0;
}

enum barq_status barq_query(struct barq_session *session, const char *sql,
                            const struct barq_scalar *params, size_t n_params,
                            struct barq_rows **out, struct barq_error *err)
{
    struct barq_error why;
    struct barq_error *told = err ? err : &why;

    enum barq_status status = bq_session_check(session, told);
    if (status != BARQ_OK) {
        return status;
    }
    struct barq_rows *rows = calloc(1, sizeof(*rows));
    if (!rows) {
        return bq_fail(err, BARQ_ERR_NOMEM, "session: out of memory");
    }
    status = bq_db_query(session->db, sql, params, n_params, &rows->rows, told);
    if (status != BARQ_OK) {
        free(rows);
        return bq_session_after(session, status, told);
    }
    rows->session = session;
    bq_list_add(&session->rows, &rows->link);
    *out = rows;
    return BARQ_OK;
}

enum barq_status barq_rows_next(struct barq_rows *rows, bool *more, struct barq_error *err)
{
    struct barq_error why;
    struct barq_error *told = err ? err : &why;

    enum barq_status status = bq_session_check(rows->session, told);
    if (status != BARQ_OK) {
        return status;
    }
    status = bq_rows_next(rows->rows, more, told);
    return bq_session_after(rows->session, status, told);
}

void barq_rows_close(struct barq_rows *rows)
{
    if (!rows) {
        return;
    }
    bq_list_remove(&rows->link);
    bq_rows_close(rows->rows);
    free(rows);
}

void bq_session_close_rows(struct barq_session *session)
{
    bq_list_each (at, &session->rows) {
        barq_rows_close(rows_of(at));
    }
}

int barq_columns(const struct barq_rows *rows)
{
    return rows ? bq_rows_columns(rows->rows) : 0;
}

struct barq_scalar barq_column(const struct barq_rows *rows, int column)
{
    return rows ? bq_rows_column(rows->rows, column) : (struct barq_scalar){.kind = BARQ_NULL};
}

int64_t barq_column_int(const struct barq_rows *rows, int column)
{
    struct barq_scalar value = barq_column(rows, column);

    return value.kind == BARQ_INT || value.kind == BARQ_BOOL ? value.i : 0;
}

bool barq_column_bool(const struct barq_rows *rows, int column)
{
    return barq_column_int(rows, column) != 0;
}

double barq_column_double(const struct barq_rows *rows, int column)
{
    struct barq_scalar value = barq_column(rows, column);

    if (value.kind == BARQ_INT) {
        return (double)value.i;
    }
    return value.kind == BARQ_DOUBLE ? value.d : 0;
}

const char *barq_column_text(const struct barq_rows *rows, int column)
{
    struct barq_scalar value = barq_column(rows, column);

    return value.kind == BARQ_STRING || value.kind == BARQ_TIMESTAMP ? value.data : NULL;
}
