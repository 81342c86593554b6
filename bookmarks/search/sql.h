/*
 * sql.h - a statement that is put together from parts, each with its params.
 *
 * Text has a bare ? where a param stands; they are numbered when all is there.
 * What a person wrote is always a param.
 */
#ifndef BM_SEARCH_SQL_H
#define BM_SEARCH_SQL_H

#include <barq/session.h>

#include "base/buf.h"

enum { BM_SQL_PARAMS_MAX = 300, BM_SQL_MAX_BYTES = 64 * 1024 };

struct bm_sql {
    struct bq_buf text;
    struct barq_scalar params[BM_SQL_PARAMS_MAX]; /* borrowed */
    size_t n_params;
    bool is_full;
};

void bm_sql_init(struct bm_sql *sql);
void bm_sql_clear(struct bm_sql *sql);
static inline void bm_sql_drop(struct bm_sql *sql) /* for bm_auto(sql) */
{
    bm_sql_clear(sql);
}
void bm_sql_put(struct bm_sql *sql, const char *text);
/* A ?, and what it stands for. */
void bm_sql_param(struct bm_sql *sql, struct barq_scalar param);
void bm_sql_text(struct bm_sql *sql, const char *text);
void bm_sql_int(struct bm_sql *sql, int64_t number);
void bm_sql_append(struct bm_sql *sql, const struct bm_sql *other);

/* Runs it. BARQ_ERR_LIMIT: it has become too long. */
enum barq_status bm_sql_query(struct barq_session *session, const struct bm_sql *sql,
                              struct barq_rows **out, struct barq_error *err) BARQ_MUST_CHECK;
/* The number in its first row and column. */
enum barq_status bm_sql_query_int(struct barq_session *session, const struct bm_sql *sql,
                                  int64_t *out, struct barq_error *err) BARQ_MUST_CHECK;

bool bm_is_sqlite(const struct barq_session *session);

#endif
