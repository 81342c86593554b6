#include "store/fields.h"

#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/time.h"
#include "fields/definition.h"
#include "store/rows.h"

enum { DEFINITION_MAX_BYTES = 1024 * 1024 };

/* -- reading -- */

#define SELECT_FIELDS                                                                              \
    "SELECT id, name, label, type, is_required, instruction, options, min_value, max_value,"       \
    " max_length, unit, rule, show_on_card FROM fields"

static enum barq_status read_field(const struct barq_rows *rows, struct barq_arena *arena,
                                   struct bm_field *out, struct barq_error *err)
{
    const char *type = barq_column_text(rows, 3);
    bool full = false;

    *out = (struct bm_field){
        .id = bm_row_text(rows, 0, arena, &full),
        .name = bm_row_text(rows, 1, arena, &full),
        .label = bm_row_text(rows, 2, arena, &full),
        .is_required = barq_column_int(rows, 4) != 0,
        .instruction = bm_row_text(rows, 5, arena, &full),
        .max_length = barq_column_int(rows, 9),
        .unit = bm_row_text(rows, 10, arena, &full),
        .show_on_card = barq_column_int(rows, 12) != 0,
    };
    out->has_min = bm_row_double(rows, 7, &out->min);
    out->has_max = bm_row_double(rows, 8, &out->max);
    if (full) {
        return bq_fail(err, BARQ_ERR_NOMEM, "fields: arena is full");
    }
    if (!type || !bm_field_type_parse(type, &out->type)) {
        return bq_fail(err, BARQ_ERR_CORRUPT, "fields: a type that there is not");
    }
    enum barq_status status = bm_row_json(rows, 6, arena, &out->options, err);
    return status == BARQ_OK ? bm_row_json(rows, 11, arena, &out->rule, err) : status;
}

enum barq_status bm_fields(struct barq_session *session, const char *list_id,
                           struct barq_arena *arena, const struct bm_field **out, size_t *count,
                           struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    size_t n = 0;
    struct bm_field *fields = bq_arena_array(arena, BM_FIELDS_MAX, sizeof(*fields));
    if (!fields) {
        return bq_fail(err, BARQ_ERR_NOMEM, "fields: arena is full");
    }

    enum barq_status status =
        barq_query(session, SELECT_FIELDS " WHERE list_id = ?1 ORDER BY position, id LIMIT ?2",
                   BARQ_PARAMS(barq_sql_text(list_id), barq_sql_int(BM_FIELDS_MAX)), &rows, err);
    for (bool more = true; status == BARQ_OK;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        status = read_field(rows, arena, &fields[n++], err);
    }
    if (status == BARQ_OK) {
        *out = fields;
        *count = n;
    }
    return status;
}

enum barq_status bm_field_find(struct barq_session *session, const char *list_id,
                               const char *id_or_name, struct barq_arena *arena,
                               struct bm_field *out, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool more = false;

    enum barq_status status =
        barq_query(session, SELECT_FIELDS " WHERE list_id = ?1 AND (id = ?2 OR name = ?2)",
                   BARQ_PARAMS(barq_sql_text(list_id), barq_sql_text(id_or_name)), &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (!more) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "fields: the list has no field %.64s", id_or_name);
    }
    return read_field(rows, arena, out, err);
}

/* -- adding -- */

/* How many there are, and how many of them on the cards, beside the one of this id. */
static enum barq_status check_room(struct barq_session *session, const char *list_id,
                                   const struct bm_field *field, struct barq_error *err)
{
    int64_t count = 0;
    int64_t cards = 0;

    enum barq_status status =
        bm_query_int(session, "SELECT count(*) FROM fields WHERE list_id = ?1 AND id <> ?2",
                     BARQ_PARAMS(barq_sql_text(list_id), barq_sql_text(field->id ? field->id : "")),
                     &count, err);
    if (status == BARQ_OK) {
        status = bm_query_int(
            session,
            "SELECT count(*) FROM fields WHERE list_id = ?1 AND id <> ?2 AND show_on_card = 1",
            BARQ_PARAMS(barq_sql_text(list_id), barq_sql_text(field->id ? field->id : "")), &cards,
            err);
    }
    if (status == BARQ_OK && count >= BM_FIELDS_MAX) {
        return bq_fail(err, BARQ_ERR_LIMIT, "fields: a list has at most %d fields", BM_FIELDS_MAX);
    }
    if (status == BARQ_OK && field->show_on_card && cards >= BM_FIELD_CARDS_MAX) {
        return bq_fail(err, BARQ_ERR_LIMIT, "fields: at most %d fields are shown on a card",
                       BM_FIELD_CARDS_MAX);
    }
    return status;
}

/* The JSON of a part; `otherwise` when it is not there. */
static enum barq_status part_json(const struct barq_value *part, const char *otherwise,
                                  struct barq_arena *arena, const char **out,
                                  struct barq_error *err)
{
    *out = otherwise;
    return part ? barq_to_json(arena, part, out, NULL, err) : BARQ_OK;
}

static struct barq_scalar bound(bool has, double number)
{
    return has ? barq_sql_double(number) : barq_sql_null();
}

/* `sql` takes all columns of a field, from ?3 on, and ends with the time. */
static enum barq_status write_field(struct barq_session *session, const char *sql, const char *id,
                                    const char *list_id, const struct bm_field *field,
                                    int64_t now_ms, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    const char *options = NULL;
    const char *rule = NULL;
    bq_arena_init(&arena, DEFINITION_MAX_BYTES);

    enum barq_status status = part_json(field->options, "[]", &arena, &options, err);
    if (status == BARQ_OK) {
        status = part_json(field->rule, NULL, &arena, &rule, err);
    }
    if (status == BARQ_OK) {
        status = barq_exec(
            session, sql,
            BARQ_PARAMS(barq_sql_text(id), barq_sql_text(list_id), barq_sql_text(field->name),
                        barq_sql_text(field->label), barq_sql_text(bm_field_type_name(field->type)),
                        barq_sql_int(field->is_required), barq_sql_text(field->instruction),
                        barq_sql_text(options), bound(field->has_min, field->min),
                        bound(field->has_max, field->max), bm_sql_unless(field->max_length, 0),
                        barq_sql_text(field->unit), barq_sql_text(rule),
                        barq_sql_int(field->show_on_card), barq_sql_int(now_ms)),
            err);
    }
    return status;
}

static enum barq_status has_name(const struct bm_field *field, struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_EXISTS, "fields: the list has one called %s", field->name);
}

enum barq_status bm_field_add(struct barq_session *session, const char *list_id,
                              const struct bm_field *field, int64_t now_ms, char *id,
                              struct barq_error *err)
{
    static const char sql[] =
        "INSERT INTO fields (id, list_id, name, label, type, is_required, instruction, options,"
        " min_value, max_value, max_length, unit, rule, show_on_card, position, created_at_ms,"
        " updated_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,"
        " (SELECT coalesce(max(position), 0) + 1 FROM fields WHERE list_id = ?2), ?15, ?15)"
        " ON CONFLICT (list_id, name) DO NOTHING";
    char made[BM_ID_BYTES];
    bq_uuid7(now_ms, made);

    enum barq_status status = bm_field_check_definition(field, err);
    if (status == BARQ_OK) {
        status = check_room(session, list_id, field, err);
    }
    if (status == BARQ_OK) {
        status = write_field(session, sql, made, list_id, field, now_ms, err);
    }
    if (status == BARQ_OK && barq_changes(session) == 0) {
        return has_name(field, err);
    }
    if (status == BARQ_OK && id) {
        memcpy(id, made, sizeof(made));
    }
    return status;
}

static enum barq_status count_cards(struct barq_session *session, const char *list_id, int64_t *out,
                                    struct barq_error *err)
{
    return bm_query_int(session,
                        "SELECT count(*) FROM fields WHERE list_id = ?1 AND show_on_card = 1",
                        BARQ_PARAMS(barq_sql_text(list_id)), out, err);
}

enum barq_status bm_fields_add(struct barq_session *session, const char *list_id,
                               const struct bm_field *fields, size_t count, int64_t now_ms,
                               size_t *added, struct barq_error *err)
{
    int64_t cards = 0;

    *added = 0;
    enum barq_status status = count_cards(session, list_id, &cards, err);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        struct bm_field field = fields[i];
        field.id = NULL; /* which may be another list's */
        field.show_on_card = field.show_on_card && cards < BM_FIELD_CARDS_MAX;
        status = bm_field_add(session, list_id, &field, now_ms, NULL, err);
        *added += status == BARQ_OK;
        cards += status == BARQ_OK && field.show_on_card;
        if (status == BARQ_ERR_EXISTS) {
            status = BARQ_OK;
        }
    }
    return status;
}

/* -- changing: the definition here, the values in field_change.c -- */

enum barq_status bm_field_write(struct barq_session *session, const char *list_id,
                                const struct bm_field *field, int64_t now_ms,
                                struct barq_error *err)
{
    static const char sql[] =
        "UPDATE fields SET name = ?3, label = ?4, type = ?5, is_required = ?6, instruction = ?7,"
        " options = ?8, min_value = ?9, max_value = ?10, max_length = ?11, unit = ?12, rule = ?13,"
        " show_on_card = ?14, updated_at_ms = ?15 WHERE id = ?1 AND list_id = ?2";

    int64_t others = 0;

    enum barq_status status = bm_field_check_definition(field, err);
    if (status == BARQ_OK) {
        status = check_room(session, list_id, field, err);
    }
    if (status == BARQ_OK) { /* after a unique constraint PostgreSQL's transaction is over */
        status = bm_query_int(
            session, "SELECT count(*) FROM fields WHERE list_id = ?1 AND name = ?2 AND id <> ?3",
            BARQ_PARAMS(barq_sql_text(list_id), barq_sql_text(field->name),
                        barq_sql_text(field->id)),
            &others, err);
    }
    if (status == BARQ_OK && others > 0) {
        return has_name(field, err);
    }
    return status == BARQ_OK ? write_field(session, sql, field->id, list_id, field, now_ms, err)
                             : status;
}

enum barq_status bm_field_delete(struct barq_session *session, const char *list_id, const char *id,
                                 struct barq_error *err)
{
    enum barq_status status =
        barq_exec(session, "DELETE FROM fields WHERE id = ?1 AND list_id = ?2",
                  BARQ_PARAMS(barq_sql_text(id), barq_sql_text(list_id)), err);

    if (status == BARQ_OK && barq_changes(session) == 0) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "fields: the list has no field %.64s", id);
    }
    return status;
}

static bool has_twice(const char *const *ids, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(ids[i], ids[index]) == 0) {
            return true;
        }
    }
    return false;
}

enum barq_status bm_fields_reorder(struct barq_session *session, const char *list_id,
                                   const char *const *ids, size_t count, int64_t now_ms,
                                   struct barq_error *err)
{
    int64_t all = 0;
    size_t moved = 0;

    enum barq_status status =
        bm_query_int(session, "SELECT count(*) FROM fields WHERE list_id = ?1",
                     BARQ_PARAMS(barq_sql_text(list_id)), &all, err);
    for (size_t i = 0; status == BARQ_OK && i < count && !has_twice(ids, i); i++) {
        status = barq_exec(session,
                           "UPDATE fields SET position = ?3, updated_at_ms = ?4"
                           " WHERE id = ?1 AND list_id = ?2",
                           BARQ_PARAMS(barq_sql_text(ids[i]), barq_sql_text(list_id),
                                       barq_sql_int((int64_t)i + 1), barq_sql_int(now_ms)),
                           err);
        moved += status == BARQ_OK && barq_changes(session) == 1;
    }
    if (status == BARQ_OK && (moved != count || (int64_t)count != all)) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "fields: their order is that of all %lld fields of the list, each once",
                       (long long)all);
    }
    return status;
}
