/*
 * parts.h - the parts of a query as conditions on the videos v.
 */
#ifndef BM_SEARCH_PARTS_H
#define BM_SEARCH_PARTS_H

#include "search/query.h"
#include "search/sql.h"

struct bm_scope {
    const char *list_id; /* NULL: all lists */
    const struct bm_query *query;
    bool is_whole; /* all are wanted, in no order, and not a page of them */
};

/*
 * " AND ..." for the scope's list and for each part of its query, but for the
 * words that must be there when `without_words`.
 *
 * BARQ_ERR_ARG  the query names a list or a field that there is not, or a value
 *               that the field's type cannot have
 */
enum barq_status bm_parts_put(struct barq_session *session, struct barq_arena *arena,
                              const struct bm_scope *scope, bool without_words, struct bm_sql *sql,
                              struct barq_error *err) BARQ_MUST_CHECK;

/*
 * " AND v.id is, or is_not, among the k.video_id of `from`". SQLite does as it is
 * told, so few are looked up by their ids, and of many each video is asked
 * whether it is one. PostgreSQL guesses that there are few, and would go through
 * many before it looks for a page's: so it is told, too.
 */
enum barq_status bm_parts_put_set(struct barq_session *session, const struct bm_scope *scope,
                                  struct bm_sql *sql, const struct bm_sql *from, bool is_not,
                                  struct barq_error *err) BARQ_MUST_CHECK;

/* field_part.c */
enum barq_status bm_field_part_put(struct barq_session *session, struct barq_arena *arena,
                                   const struct bm_scope *scope, const struct bm_part *part,
                                   struct bm_sql *sql, struct barq_error *err) BARQ_MUST_CHECK;

#endif
