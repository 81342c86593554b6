#include "store/store.h"

#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/time.h"
#include "fields/label.h"
#include "fields/templates.h"

enum { TEMPLATE_MAX_BYTES = 1024 * 1024 };

static enum barq_status migrate(struct barq_session *session, struct barq_error *err)
{
    int from;
    int to;

    enum barq_status status = barq_session_begin(session, true, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bm_migrate(session, &from, &to, err);
    if (status == BARQ_OK) {
        return barq_session_commit(session, err);
    }
    barq_session_rollback(session);
    return status;
}

/* Asked for reading first, so that a look at the lists does not wait for whoever writes. */
static enum barq_status migrate_if_needed(struct barq_session *session, struct barq_error *err)
{
    bool current = false;

    enum barq_status status = barq_session_begin(session, false, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bm_tables_current(session, &current, err);
    barq_session_rollback(session);
    return status != BARQ_OK || current ? status : migrate(session, err);
}

enum barq_status bm_store_open(struct barq_session **out, struct barq_error *err)
{
    bm_auto(session) struct barq_session *session = NULL;

    enum barq_status status = barq_session_open(NULL, &session, err);
    if (status == BARQ_OK) {
        status = migrate_if_needed(session, err);
    }
    if (status == BARQ_OK) {
        *out = bq_take(session);
    }
    return status;
}

/* -- lists -- */

/* Of the status, not of the id: an index has all of it, and a row need not be read. */
#define COUNTS                                                                                     \
    "count(v.status), count(v.status) FILTER (WHERE v.status = 'pending'),"                        \
    " count(v.status) FILTER (WHERE v.status = 'completed'),"                                      \
    " count(v.status) FILTER (WHERE v.status = 'failed')"

#define SELECT_LISTS                                                                               \
    "SELECT l.id, l.name, l.created_at_ms, " COUNTS                                                \
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

enum barq_status bm_list_add(struct barq_session *session, const char *name, const char *template,
                             int64_t now_ms, char id[BM_ID_BYTES], struct barq_error *err)
{
    if (!bm_is_label(name, BM_NAME_MAX_BYTES)) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "lists: a name has 1 to %d bytes of UTF-8 without control characters",
                       BM_NAME_MAX_BYTES);
    }

    char made[BM_ID_BYTES];
    bq_uuid7(now_ms, made);
    enum barq_status status = barq_exec(
        session,
        "INSERT INTO lists (id, name, created_at_ms, updated_at_ms) VALUES (?1, ?2, ?3, ?3)",
        BARQ_PARAMS(barq_sql_text(made), barq_sql_text(name), barq_sql_int(now_ms)), err);
    if (status == BARQ_ERR_EXISTS) {
        return bq_fail(err, status, "lists: there is one of this name");
    }
    if (status == BARQ_OK) {
        status = add_fields(session, made, template, now_ms, err);
    }
    if (status == BARQ_OK) {
        memcpy(id, made, sizeof(made));
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
    *out = (struct bm_list){
        .id = bq_arena_strdup(arena, barq_column_text(rows, 0)),
        .name = bq_arena_strdup(arena, barq_column_text(rows, 1)),
        .created_at_ms = barq_column_int(rows, 2),
        .counts = {.total = barq_column_int(rows, 3),
                   .pending = barq_column_int(rows, 4),
                   .completed = barq_column_int(rows, 5),
                   .failed = barq_column_int(rows, 6)},
    };
    return out->id && out->name ? BARQ_OK : bq_fail(err, BARQ_ERR_NOMEM, "lists: arena is full");
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
