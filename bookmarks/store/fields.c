#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/time.h"
#include "store/store.h"

enum { FIELDS_MAX = 100, VALUE_MAX_BYTES = 1024 * 1024 };

static const char *const source_names[BM_SOURCES] = {
    [BM_BY_RULE] = "rule", [BM_BY_IMPORT] = "import", [BM_BY_PERSON] = "person"};

const char *bm_source_name(enum bm_source source)
{
    return source_names[source];
}

static enum bm_source parse_source(const char *name)
{
    for (int i = 0; name && i < BM_SOURCES; i++) {
        if (strcmp(name, source_names[i]) == 0) {
            return (enum bm_source)i;
        }
    }
    return BM_BY_PERSON; /* of the unknown, what is changed by nobody else */
}

enum barq_status bm_field_add(struct barq_session *session, const char *list_id,
                              const struct bm_template_field *field, int64_t position,
                              int64_t now_ms, struct barq_error *err)
{
    char id[BM_ID_BYTES];
    bq_uuid7(now_ms, id);

    return barq_exec(session,
                     "INSERT INTO fields (id, list_id, name, label, type, options, rule, position,"
                     " created_at_ms, updated_at_ms)"
                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)",
                     BARQ_PARAMS(barq_sql_text(id), barq_sql_text(list_id),
                                 barq_sql_text(field->name), barq_sql_text(field->label),
                                 barq_sql_text(bm_field_type_name(field->type)),
                                 barq_sql_text(field->options), barq_sql_text(field->rule),
                                 barq_sql_int(position), barq_sql_int(now_ms)),
                     err);
}

/* A column of JSON as a value; NULL for a null. */
static enum barq_status read_json(const struct barq_rows *rows, int column,
                                  struct barq_arena *arena, const struct barq_value **out,
                                  struct barq_error *err)
{
    const char *text = barq_column_text(rows, column);
    struct barq_value *value = NULL;

    if (!text) {
        *out = NULL;
        return BARQ_OK;
    }
    enum barq_status status = barq_from_json(arena, text, strlen(text), &value, err);
    if (status == BARQ_OK) {
        *out = value;
    }
    return status;
}

static enum barq_status read_field(const struct barq_rows *rows, struct barq_arena *arena,
                                   struct bm_field *out, struct barq_error *err)
{
    out->id = bq_arena_strdup(arena, barq_column_text(rows, 0));
    out->name = bq_arena_strdup(arena, barq_column_text(rows, 1));
    out->label = bq_arena_strdup(arena, barq_column_text(rows, 2));
    if (!out->id || !out->name || !out->label) {
        return bq_fail(err, BARQ_ERR_NOMEM, "fields: arena is full");
    }

    const char *type = barq_column_text(rows, 3);
    if (!type || !bm_field_type_parse(type, &out->type)) {
        return bq_fail(err, BARQ_ERR_CORRUPT, "fields: a type that there is not");
    }
    enum barq_status status = read_json(rows, 4, arena, &out->options, err);
    if (status == BARQ_OK) {
        status = read_json(rows, 5, arena, &out->rule, err);
    }
    return status;
}

enum barq_status bm_fields(struct barq_session *session, const char *list_id,
                           struct barq_arena *arena, const struct bm_field **out, size_t *count,
                           struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    size_t n = 0;
    struct bm_field *fields = bq_arena_array(arena, FIELDS_MAX, sizeof(*fields));
    if (!fields) {
        return bq_fail(err, BARQ_ERR_NOMEM, "fields: arena is full");
    }

    enum barq_status status =
        barq_query(session,
                   "SELECT id, name, label, type, options, rule FROM fields WHERE list_id = ?1"
                   " ORDER BY position LIMIT ?2",
                   BARQ_PARAMS(barq_sql_text(list_id), barq_sql_int(FIELDS_MAX)), &rows, err);
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

/* Only what the same source said, or an earlier one in the order of enum bm_source. */
static enum barq_status unset(struct barq_session *session, const char *video_id,
                              const char *field_id, enum bm_source source, struct barq_error *err)
{
    return barq_exec(session,
                     "DELETE FROM field_values WHERE video_id = ?1 AND field_id = ?2 AND"
                     " (source = 'rule' OR source = ?3 OR ?3 = 'person')",
                     BARQ_PARAMS(barq_sql_text(video_id), barq_sql_text(field_id),
                                 barq_sql_text(source_names[source])),
                     err);
}

enum barq_status bm_field_value_set(struct barq_session *session, const char *video_id,
                                    const char *field_id, const struct barq_value *value,
                                    enum bm_source source, int64_t now_ms, struct barq_error *err)
{
    if (!value) {
        return unset(session, video_id, field_id, source, err);
    }

    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, VALUE_MAX_BYTES);
    const char *json = NULL;
    enum barq_status status = barq_to_json(&arena, value, &json, NULL, err);
    if (status != BARQ_OK) {
        return status;
    }
    return barq_exec(session,
                     "INSERT INTO field_values (video_id, field_id, value, source, updated_at_ms)"
                     " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (video_id, field_id) DO UPDATE"
                     " SET value = excluded.value, source = excluded.source,"
                     " updated_at_ms = excluded.updated_at_ms WHERE field_values.source = 'rule'"
                     " OR field_values.source = excluded.source OR excluded.source = 'person'",
                     BARQ_PARAMS(barq_sql_text(video_id), barq_sql_text(field_id),
                                 barq_sql_text(json), barq_sql_text(source_names[source]),
                                 barq_sql_int(now_ms)),
                     err);
}

static enum barq_status read_value(const struct barq_rows *rows, struct barq_arena *arena,
                                   struct bm_field_value *out, struct barq_error *err)
{
    out->field_id = bq_arena_strdup(arena, barq_column_text(rows, 0));
    out->source = parse_source(barq_column_text(rows, 2));
    if (!out->field_id) {
        return bq_fail(err, BARQ_ERR_NOMEM, "fields: arena is full");
    }
    return read_json(rows, 1, arena, &out->value, err);
}

enum barq_status bm_field_values(struct barq_session *session, const char *video_id,
                                 struct barq_arena *arena, const struct bm_field_value **out,
                                 size_t *count, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    size_t n = 0;
    struct bm_field_value *values = bq_arena_array(arena, FIELDS_MAX, sizeof(*values));
    if (!values) {
        return bq_fail(err, BARQ_ERR_NOMEM, "fields: arena is full");
    }

    enum barq_status status = barq_query(
        session, "SELECT field_id, value, source FROM field_values WHERE video_id = ?1 LIMIT ?2",
        BARQ_PARAMS(barq_sql_text(video_id), barq_sql_int(FIELDS_MAX)), &rows, err);
    for (bool more = true; status == BARQ_OK;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        status = read_value(rows, arena, &values[n++], err);
    }
    if (status == BARQ_OK) {
        *out = values;
        *count = n;
    }
    return status;
}
