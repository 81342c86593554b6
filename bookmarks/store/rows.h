/*
 * rows.h - what the files of this room read rows with.
 *
 * A column is copied into an arena; `*full`, false at first, is set when that
 * has no room, so that a row is read whole and asked about once.
 */
#ifndef BM_ROWS_H
#define BM_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include <barq/session.h>

#include "base/arena.h"

/* NULL for a null. */
const char *bm_row_text(const struct barq_rows *rows, int column, struct barq_arena *arena,
                        bool *full);
int64_t bm_row_int_or(const struct barq_rows *rows, int column, int64_t otherwise);
/* False for a null, and then `*out` is 0; an int is converted. */
bool bm_row_double(const struct barq_rows *rows, int column, double *out);
/* JSON; `*out` is NULL for a null. BARQ_ERR_FORMAT: it is none. */
enum barq_status bm_row_json(const struct barq_rows *rows, int column, struct barq_arena *arena,
                             const struct barq_value **out, struct barq_error *err) BARQ_MUST_CHECK;

/* `unknown` is stored as a null. */
struct barq_scalar bm_sql_unless(int64_t number, int64_t unknown);

/* The number in the first column of the first row; 0 when there is none, or a null. */
enum barq_status bm_query_int(struct barq_session *session, const char *sql,
                              const struct barq_scalar *params, size_t n_params, int64_t *out,
                              struct barq_error *err) BARQ_MUST_CHECK;

/* Asks, and hands each row to `take`. */
typedef void bm_take_row(void *owner, const struct barq_rows *rows);
enum barq_status bm_each_row(struct barq_session *session, const char *sql,
                             const struct barq_scalar *params, size_t n_params, bm_take_row *take,
                             void *owner, struct barq_error *err) BARQ_MUST_CHECK;

/*
 * Queries `before` (?1, ?2, ...) `after`, whose params are the ids, at most BM_AMONG_MAX.
 *
 * BARQ_ERR_ARG  there are more, or none
 */
enum { BM_AMONG_MAX = 1000 };
enum barq_status bm_query_among(struct barq_session *session, const char *before,
                                const char *const *ids, size_t n_ids, const char *after,
                                struct barq_rows **out, struct barq_error *err) BARQ_MUST_CHECK;
/* Which of the ids it is, looked for from `from` on and around; `n_ids` for none. */
size_t bm_place_among(const char *const *ids, size_t n_ids, const char *id, size_t from);

#endif
