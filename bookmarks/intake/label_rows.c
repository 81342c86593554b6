#include "intake/label_rows.h"

#include <string.h>

#include "auto.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/time.h"
#include "store/tags.h"

enum { SQL_MAX_BYTES = 16 * 1024 };

enum barq_status bm_label_rows_begin(struct bm_label_rows *rows, struct barq_session *session,
                                     struct barq_arena *arena, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *found = NULL;
    const char **keys = bq_arena_array(arena, BM_TAGS_MAX, sizeof(*keys));
    size_t n = 0;
    if (!keys) {
        return bq_fail(err, BARQ_ERR_NOMEM, "import: out of memory");
    }

    enum barq_status status =
        barq_query(session, "SELECT name_key FROM tags WHERE is_category = 1 ORDER BY id",
                   BARQ_NO_PARAMS, &found, err);
    for (bool more = true; status == BARQ_OK && n < BM_TAGS_MAX;) {
        status = barq_rows_next(found, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        keys[n] = bq_arena_strdup(arena, barq_column_text(found, 0));
        status = keys[n++] ? BARQ_OK : bq_fail(err, BARQ_ERR_NOMEM, "import: out of memory");
    }
    rows->count = 0;
    rows->categories = keys;
    rows->n_categories = n;
    return status;
}

bool bm_label_rows_take(const struct bm_label_rows *rows, const char *key)
{
    for (size_t i = 0; i < rows->n_categories; i++) {
        if (strcmp(rows->categories[i], key) == 0) {
            return false;
        }
    }
    return true;
}

enum barq_status bm_label_rows_add(struct bm_label_rows *rows, struct barq_session *session,
                                   const struct bm_label_row *row, int64_t now_ms,
                                   struct barq_error *err)
{
    enum barq_status status =
        rows->count == BM_LABEL_ROWS ? bm_label_rows_write(rows, session, now_ms, err) : BARQ_OK;

    if (status == BARQ_OK) {
        rows->rows[rows->count++] = *row;
    }
    return status;
}

/* Those that are there stay as they are. */
static enum barq_status make_tags(const struct bm_label_rows *rows, struct barq_session *session,
                                  int64_t now_ms, struct barq_error *err)
{
    bq_auto(buf) struct bq_buf sql;
    char ids[BM_LABEL_ROWS][BM_ID_BYTES];
    struct barq_scalar params[1 + 3 * BM_LABEL_ROWS] = {barq_sql_int(now_ms)};
    bq_buf_init(&sql, SQL_MAX_BYTES);

    bq_buf_puts(&sql, "INSERT INTO tags (id, name, name_key, position, created_at_ms,"
                      " updated_at_ms) VALUES ");
    for (size_t i = 0; i < rows->count; i++) {
        size_t at = 1 + 3 * i;
        bq_uuid7(now_ms, ids[i]);
        params[at] = barq_sql_text(ids[i]);
        params[at + 1] = barq_sql_text(rows->rows[i].name);
        params[at + 2] = barq_sql_text(rows->rows[i].key);
        bq_buf_printf(&sql,
                      "%s(?%zu, ?%zu, ?%zu, (SELECT coalesce(max(position), 0) + %zu FROM tags),"
                      " ?1, ?1)",
                      i > 0 ? ", " : "", at + 1, at + 2, at + 3, i + 1);
    }
    bq_buf_puts(&sql, " ON CONFLICT (name_key) DO NOTHING");
    const char *text = bq_buf_cstr(&sql);
    return text ? barq_exec(session, text, params, 1 + 3 * rows->count, err)
                : bq_fail(err, BARQ_ERR_NOMEM, "import: out of memory");
}

static enum barq_status give_tags(const struct bm_label_rows *rows, struct barq_session *session,
                                  struct barq_error *err)
{
    bq_auto(buf) struct bq_buf sql;
    struct barq_scalar params[3 * BM_LABEL_ROWS];
    bq_buf_init(&sql, SQL_MAX_BYTES);

    bq_buf_puts(&sql, "INSERT INTO video_tags (video_id, tag_id, created_at_ms)"
                      " SELECT w.column1, t.id, w.column3 FROM (VALUES ");
    for (size_t i = 0; i < rows->count; i++) {
        size_t at = 3 * i;
        params[at] = barq_sql_text(rows->rows[i].video_id);
        params[at + 1] = barq_sql_text(rows->rows[i].key);
        params[at + 2] = barq_sql_int(rows->rows[i].at_ms);
        bq_buf_printf(&sql, "%s(CAST(?%zu AS TEXT), CAST(?%zu AS TEXT), CAST(?%zu AS BIGINT))",
                      i > 0 ? ", " : "", at + 1, at + 2, at + 3);
    }
    bq_buf_puts(&sql, ") AS w JOIN tags t ON t.name_key = w.column2 WHERE t.is_category = 0"
                      " ON CONFLICT (video_id, tag_id) DO NOTHING");
    const char *text = bq_buf_cstr(&sql);
    return text ? barq_exec(session, text, params, 3 * rows->count, err)
                : bq_fail(err, BARQ_ERR_NOMEM, "import: out of memory");
}

enum barq_status bm_label_rows_write(struct bm_label_rows *rows, struct barq_session *session,
                                     int64_t now_ms, struct barq_error *err)
{
    if (rows->count == 0) {
        return BARQ_OK;
    }

    enum barq_status status = make_tags(rows, session, now_ms, err);
    if (status == BARQ_OK) {
        status = give_tags(rows, session, err);
    }
    rows->count = 0;
    return status;
}
