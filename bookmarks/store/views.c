#include "store/views.h"

#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/time.h"
#include "fields/label.h"
#include "store/rows.h"

enum { COLUMNS_MAX_BYTES = 64 * 1024 };

/* A list of none is no list of its own: it compares as "". */
#define OF_LIST "coalesce(list_id, '') = coalesce(?1, '')"

#define SELECT_VIEWS                                                                               \
    "SELECT id, list_id, name, query, sort, columns, layout, position, created_at_ms,"             \
    " updated_at_ms FROM views"

/* -- reading -- */

static enum barq_status read_view(const struct barq_rows *rows, struct barq_arena *arena,
                                  struct bm_view *out, struct barq_error *err)
{
    bool full = false;

    *out = (struct bm_view){
        .id = bm_row_text(rows, 0, arena, &full),
        .list_id = bm_row_text(rows, 1, arena, &full),
        .name = bm_row_text(rows, 2, arena, &full),
        .query = bm_row_text(rows, 3, arena, &full),
        .sort = bm_row_text(rows, 4, arena, &full),
        .layout = bm_row_text(rows, 6, arena, &full),
        .position = barq_column_int(rows, 7),
        .created_at_ms = barq_column_int(rows, 8),
        .updated_at_ms = barq_column_int(rows, 9),
    };
    return full ? bq_fail(err, BARQ_ERR_NOMEM, "views: arena is full")
                : bm_row_json(rows, 5, arena, &out->columns, err);
}

enum barq_status bm_views(struct barq_session *session, const char *list_id,
                          struct barq_arena *arena, const struct bm_view **out, size_t *count,
                          struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    struct bm_view *views = bq_arena_array(arena, BM_VIEWS_MAX, sizeof(*views));
    size_t n = 0;
    if (!views) {
        return bq_fail(err, BARQ_ERR_NOMEM, "views: arena is full");
    }

    enum barq_status status =
        barq_query(session, SELECT_VIEWS " WHERE " OF_LIST " ORDER BY position, id LIMIT ?2",
                   BARQ_PARAMS(barq_sql_text(list_id), barq_sql_int(BM_VIEWS_MAX)), &rows, err);
    for (bool more = true; status == BARQ_OK;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        status = read_view(rows, arena, &views[n++], err);
    }
    if (status == BARQ_OK) {
        *out = views;
        *count = n;
    }
    return status;
}

static enum barq_status not_there(struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_NOTFOUND, "views: there is none of this id");
}

enum barq_status bm_view_get(struct barq_session *session, const char *id, struct barq_arena *arena,
                             struct bm_view *out, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool more = false;

    enum barq_status status = barq_query(session, SELECT_VIEWS " WHERE id = ?1",
                                         BARQ_PARAMS(barq_sql_text(id)), &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    return more ? read_view(rows, arena, out, err) : not_there(err);
}

/* -- changing -- */

static bool are_names(const struct barq_value *columns)
{
    for (size_t i = 0; i < barq_count(columns); i++) {
        if (!bm_is_label(barq_as_string(barq_at(columns, i), ""), BM_LABEL_MAX_BYTES)) {
            return false;
        }
    }
    return !columns ||
           (barq_kind(columns) == BARQ_LIST && barq_count(columns) <= BM_VIEW_COLUMNS_MAX);
}

static enum barq_status check_view(const struct bm_view *view, struct barq_error *err)
{
    if (!bm_is_label(view->name, BM_LABEL_MAX_BYTES)) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "views: a name has 1 to %d bytes of UTF-8 without control "
                       "characters",
                       BM_LABEL_MAX_BYTES);
    }
    if (!bm_is_prose(view->query, BM_VIEW_QUERY_MAX_BYTES) ||
        !bm_is_prose(view->sort, BM_VIEW_SORT_MAX_BYTES) ||
        !bm_is_label(view->layout, BM_VIEW_LAYOUT_MAX_BYTES)) {
        return bq_fail(err, BARQ_ERR_ARG, "views: its query, sort or layout is too long");
    }
    if (!are_names(view->columns)) {
        return bq_fail(err, BARQ_ERR_ARG, "views: columns are a list of at most %d names",
                       BM_VIEW_COLUMNS_MAX);
    }
    return BARQ_OK;
}

/* Beside the view of `id` ("": a new one). */
static enum barq_status check_others(struct barq_session *session, const struct bm_view *view,
                                     const char *id, struct barq_error *err)
{
    int64_t same = 0;
    int64_t all = 0;

    enum barq_status status = bm_query_int(
        session, "SELECT count(*) FROM views WHERE " OF_LIST " AND name = ?2 AND id <> ?3",
        BARQ_PARAMS(barq_sql_text(view->list_id), barq_sql_text(view->name), barq_sql_text(id)),
        &same, err);
    if (status == BARQ_OK) {
        status = bm_query_int(session, "SELECT count(*) FROM views WHERE id <> ?1",
                              BARQ_PARAMS(barq_sql_text(id)), &all, err);
    }
    if (status == BARQ_OK && same > 0) {
        return bq_fail(err, BARQ_ERR_EXISTS, "views: there is a view called %s", view->name);
    }
    if (status == BARQ_OK && all >= BM_VIEWS_MAX) {
        return bq_fail(err, BARQ_ERR_LIMIT, "views: there are %d already", BM_VIEWS_MAX);
    }
    return status;
}

/* `sql` takes ?1 the list, ?2 the id, ?3 to ?7 the rest, ?8 the time. */
static enum barq_status write_view(struct barq_session *session, const char *sql,
                                   const struct bm_view *view, const char *id, int64_t now_ms,
                                   struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    const char *columns = "[]";
    bq_arena_init(&arena, COLUMNS_MAX_BYTES);

    enum barq_status status =
        view->columns ? barq_to_json(&arena, view->columns, &columns, NULL, err) : BARQ_OK;
    if (status != BARQ_OK) {
        return status;
    }
    return barq_exec(session, sql,
                     BARQ_PARAMS(barq_sql_text(view->list_id), barq_sql_text(id),
                                 barq_sql_text(view->name), barq_sql_text(view->query),
                                 barq_sql_text(view->sort), barq_sql_text(columns),
                                 barq_sql_text(view->layout), barq_sql_int(now_ms)),
                     err);
}

enum barq_status bm_view_add(struct barq_session *session, const struct bm_view *view,
                             int64_t now_ms, char id[BM_ID_BYTES], struct barq_error *err)
{
    static const char sql[] =
        "INSERT INTO views (list_id, id, name, query, sort, columns, layout, position,"
        " created_at_ms, updated_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
        " (SELECT coalesce(max(position), 0) + 1 FROM views), ?8, ?8)";
    char made[BM_ID_BYTES];
    bq_uuid7(now_ms, made);

    enum barq_status status = check_view(view, err);
    if (status == BARQ_OK) {
        status = check_others(session, view, "", err);
    }
    if (status == BARQ_OK) {
        status = write_view(session, sql, view, made, now_ms, err);
    }
    if (status == BARQ_OK) {
        memcpy(id, made, sizeof(made));
    }
    return status;
}

enum barq_status bm_view_change(struct barq_session *session, const struct bm_view *view,
                                int64_t now_ms, struct barq_error *err)
{
    static const char sql[] =
        "UPDATE views SET name = ?3, query = ?4, sort = ?5, columns = ?6, layout = ?7,"
        " updated_at_ms = ?8 WHERE id = ?2 AND " OF_LIST;

    enum barq_status status = check_view(view, err);
    if (status == BARQ_OK) {
        status = check_others(session, view, view->id, err);
    }
    if (status == BARQ_OK) {
        status = write_view(session, sql, view, view->id, now_ms, err);
    }
    return status == BARQ_OK && barq_changes(session) == 0 ? not_there(err) : status;
}

enum barq_status bm_view_delete(struct barq_session *session, const char *id,
                                struct barq_error *err)
{
    enum barq_status status =
        barq_exec(session, "DELETE FROM views WHERE id = ?1", BARQ_PARAMS(barq_sql_text(id)), err);

    return status == BARQ_OK && barq_changes(session) == 0 ? not_there(err) : status;
}
