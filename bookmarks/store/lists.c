#include "store/lists.h"

#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/time.h"
#include "fields/label.h"
#include "fields/templates.h"
#include "store/fields.h"
#include "store/rows.h"

enum { TEMPLATE_MAX_BYTES = 1024 * 1024 };

/* Of the status, not of the id: an index has all of it, and a row need not be read. */
#define COUNTS                                                                                     \
    "count(v.status), count(v.status) FILTER (WHERE v.status = 'pending'),"                        \
    " count(v.status) FILTER (WHERE v.status = 'completed'),"                                      \
    " count(v.status) FILTER (WHERE v.status = 'failed')"

#define SELECT_LISTS                                                                               \
    "SELECT l.id, l.name, l.description, l.created_at_ms, l.updated_at_ms, " COUNTS                \
    " FROM lists l LEFT JOIN videos v ON v.list_id = l.id"

static enum barq_status add_fields(struct barq_session *session, const char *list_id,
                                   const char *template, int64_t now_ms, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    const struct bm_field *fields = NULL;
    size_t count = 0;
    size_t added = 0;
    bq_arena_init(&arena, TEMPLATE_MAX_BYTES);

    enum barq_status status = bm_template_fields(template, &arena, &fields, &count, err);
    return status == BARQ_OK ? bm_fields_add(session, list_id, fields, count, now_ms, &added, err)
                             : status;
}

static enum barq_status check_name(const char *name, struct barq_error *err)
{
    if (bm_is_label(name, BM_NAME_MAX_BYTES)) {
        return BARQ_OK;
    }
    return bq_fail(err, BARQ_ERR_ARG,
                   "lists: a name has 1 to %d bytes of UTF-8 without control characters",
                   BM_NAME_MAX_BYTES);
}

enum barq_status bm_list_add(struct barq_session *session, const char *name, const char *template,
                             int64_t now_ms, char id[BM_ID_BYTES], struct barq_error *err)
{
    char made[BM_ID_BYTES];
    bq_uuid7(now_ms, made);

    enum barq_status status = check_name(name, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = barq_exec(
        session,
        "INSERT INTO lists (id, name, created_at_ms, updated_at_ms) VALUES (?1, ?2, ?3, ?3)"
        " ON CONFLICT (name) DO NOTHING",
        BARQ_PARAMS(barq_sql_text(made), barq_sql_text(name), barq_sql_int(now_ms)), err);
    if (status == BARQ_OK && barq_changes(session) == 0) {
        return bq_fail(err, BARQ_ERR_EXISTS, "lists: there is one of this name");
    }
    if (status == BARQ_OK) {
        status = add_fields(session, made, template, now_ms, err);
    }
    if (status == BARQ_OK) {
        memcpy(id, made, sizeof(made));
    }
    return status;
}

/* Asked, since after a unique constraint PostgreSQL's transaction is over. */
static enum barq_status check_free(struct barq_session *session, const char *id, const char *name,
                                   struct barq_error *err)
{
    int64_t others = 0;

    enum barq_status status =
        bm_query_int(session, "SELECT count(*) FROM lists WHERE name = ?1 AND id <> ?2",
                     BARQ_PARAMS(barq_sql_text(name), barq_sql_text(id)), &others, err);
    return status == BARQ_OK && others > 0
               ? bq_fail(err, BARQ_ERR_EXISTS, "lists: there is one of this name")
               : status;
}

enum barq_status bm_list_change(struct barq_session *session, const char *id,
                                const struct bm_list_change *change, int64_t now_ms,
                                struct barq_error *err)
{
    enum barq_status status = change->name ? check_name(change->name, err) : BARQ_OK;

    if (status == BARQ_OK && change->description &&
        !bm_is_prose(change->description, BM_DESCRIPTION_MAX_BYTES)) {
        return bq_fail(err, BARQ_ERR_ARG, "lists: a description has at most %d bytes of UTF-8",
                       BM_DESCRIPTION_MAX_BYTES);
    }
    if (status == BARQ_OK && change->name) {
        status = check_free(session, id, change->name, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    status = barq_exec(session,
                       "UPDATE lists SET name = coalesce(?2, name),"
                       " description = nullif(coalesce(?3, description), ''), updated_at_ms = ?4"
                       " WHERE id = ?1",
                       BARQ_PARAMS(barq_sql_text(id), barq_sql_text(change->name),
                                   barq_sql_text(change->description), barq_sql_int(now_ms)),
                       err);
    if (status == BARQ_OK && barq_changes(session) == 0) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "lists: there is none of this id");
    }
    return status;
}

enum barq_status bm_list_delete(struct barq_session *session, const char *id,
                                struct barq_error *err)
{
    return barq_exec(session, "DELETE FROM lists WHERE id = ?1", BARQ_PARAMS(barq_sql_text(id)),
                     err);
}

static enum barq_status read_list(const struct barq_rows *rows, struct barq_arena *arena,
                                  struct bm_list *out, struct barq_error *err)
{
    bool full = false;

    *out = (struct bm_list){
        .id = bm_row_text(rows, 0, arena, &full),
        .name = bm_row_text(rows, 1, arena, &full),
        .description = bm_row_text(rows, 2, arena, &full),
        .created_at_ms = barq_column_int(rows, 3),
        .updated_at_ms = barq_column_int(rows, 4),
        .counts = {.total = barq_column_int(rows, 5),
                   .pending = barq_column_int(rows, 6),
                   .completed = barq_column_int(rows, 7),
                   .failed = barq_column_int(rows, 8)},
    };
    return full ? bq_fail(err, BARQ_ERR_NOMEM, "lists: arena is full") : BARQ_OK;
}

enum barq_status bm_list_find(struct barq_session *session, const char *id_or_name,
                              struct barq_arena *arena, struct bm_list *out, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool more = false;

    enum barq_status status = barq_query(
        session, SELECT_LISTS " WHERE l.id = ?1 OR l.name = ?1 GROUP BY l.id ORDER BY l.id <> ?1",
        BARQ_PARAMS(barq_sql_text(id_or_name)), &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (!more) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "lists: there is no list %s", id_or_name);
    }
    return read_list(rows, arena, out, err);
}

enum barq_status bm_list_id(struct barq_session *session, const char *id_or_name,
                            struct barq_arena *arena, const char **out, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool more = false;
    bool full = false;

    enum barq_status status =
        barq_query(session, "SELECT id FROM lists WHERE id = ?1 OR name = ?1 ORDER BY id <> ?1",
                   BARQ_PARAMS(barq_sql_text(id_or_name)), &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status == BARQ_OK && !more) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "lists: there is no list %s", id_or_name);
    }
    if (status == BARQ_OK) {
        *out = bm_row_text(rows, 0, arena, &full);
    }
    return full ? bq_fail(err, BARQ_ERR_NOMEM, "lists: arena is full") : status;
}

enum barq_status bm_lists(struct barq_session *session, struct barq_arena *arena,
                          const struct bm_list **out, size_t *count, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    size_t n = 0;
    struct bm_list *lists = bq_arena_array(arena, BM_LISTS_MAX, sizeof(*lists));
    if (!lists) {
        return bq_fail(err, BARQ_ERR_NOMEM, "lists: arena is full");
    }

    enum barq_status status =
        barq_query(session, SELECT_LISTS " GROUP BY l.id ORDER BY l.name LIMIT ?1",
                   BARQ_PARAMS(barq_sql_int(BM_LISTS_MAX)), &rows, err);
    for (bool more = true; status == BARQ_OK;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        status = read_list(rows, arena, &lists[n++], err);
    }
    if (status == BARQ_OK) {
        *out = lists;
        *count = n;
    }
    return status;
}
