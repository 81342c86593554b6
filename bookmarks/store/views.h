/*
 * views.h - how a person looks at a list, or over all of them: saved under a name.
 */
#ifndef BM_VIEWS_H
#define BM_VIEWS_H

#include <stdint.h>

#include <barq/session.h>

#include "base/arena.h"
#include "store/id.h"

enum {
    BM_VIEWS_MAX = 500,
    BM_VIEW_QUERY_MAX_BYTES = 2000,
    BM_VIEW_SORT_MAX_BYTES = 200,
    BM_VIEW_LAYOUT_MAX_BYTES = 20,
    BM_VIEW_COLUMNS_MAX = 60,
};

struct bm_view {
    const char *id;
    const char *list_id; /* NULL: over all lists */
    const char *name;
    const char *query; /* as the search takes it; "": all */
    const char *sort;
    const struct barq_value *columns; /* a list of names */
    const char *layout;               /* "table", "cards" */
    int64_t position;
    int64_t created_at_ms;
    int64_t updated_at_ms;
};

/* Those of a list, or with NULL those over all lists; by position. */
enum barq_status bm_views(struct barq_session *session, const char *list_id,
                          struct barq_arena *arena, const struct bm_view **out, size_t *count,
                          struct barq_error *err) BARQ_MUST_CHECK;
/* BARQ_ERR_NOTFOUND: there is none of this id. */
enum barq_status bm_view_get(struct barq_session *session, const char *id, struct barq_arena *arena,
                             struct bm_view *out, struct barq_error *err) BARQ_MUST_CHECK;
/*
 * Adds a view behind the others of its list.
 *
 * BARQ_ERR_ARG     a name has 1 to 255 bytes without control characters; something is too long,
 *                  or the columns are no list of names
 * BARQ_ERR_EXISTS  there is one of this name
 * BARQ_ERR_LIMIT   there are BM_VIEWS_MAX
 */
enum barq_status bm_view_add(struct barq_session *session, const struct bm_view *view,
                             int64_t now_ms, char id[BM_ID_BYTES], struct barq_error *err)
    BARQ_MUST_CHECK;
/* Makes the view of `view->id` what `view` says, but for its list. Else as bm_view_add(). BARQ_ERR_NOTFOUND. */
enum barq_status bm_view_change(struct barq_session *session, const struct bm_view *view,
                                int64_t now_ms, struct barq_error *err) BARQ_MUST_CHECK;
/* BARQ_ERR_NOTFOUND: there is none of this id. */
enum barq_status bm_view_delete(struct barq_session *session, const char *id,
                                struct barq_error *err) BARQ_MUST_CHECK;

#endif
