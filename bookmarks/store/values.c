#include "store/values.h"

#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/text.h"
#include "fields/rules.h"
#include "fields/value_text.h"
#include "store/rows.h"
#include "store/store.h"

/* A key is in an index, which on PostgreSQL takes 2.7 kB. */
enum { VALUE_MAX_BYTES = 1024 * 1024, KEY_MAX_BYTES = 2048, VIDEO_MAX_BYTES = 1024 * 1024 };

static const char *const source_names[BM_SOURCES] = {[BM_BY_RULE] = "rule",
                                                     [BM_BY_MODEL] = "model",
                                                     [BM_BY_IMPORT] = "import",
                                                     [BM_BY_PERSON] = "person"};

/* The order of enum bm_source. */
#define RANK(column)                                                                               \
    "CASE " column " WHEN 'rule' THEN 0 WHEN 'model' THEN 1 WHEN 'import' THEN 2 ELSE 3 END"

const char *bm_source_name(enum bm_source source)
{
    return source_names[source];
}

bool bm_source_parse(const char *name, enum bm_source *out)
{
    for (int i = 0; i < BM_SOURCES; i++) {
        if (strcmp(name, source_names[i]) == 0) {
            *out = (enum bm_source)i;
            return true;
        }
    }
    return false;
}

/* -- setting -- */

enum barq_status bm_value_keys(const struct bm_field *field, const struct barq_value *value,
                               struct barq_arena *arena, struct barq_scalar *number,
                               struct barq_scalar *text, struct barq_error *err)
{
    *number = barq_sql_null();
    *text = barq_sql_null();
    if (bm_field_is_number(field->type)) {
        *number = barq_sql_double(barq_as_double(value, 0));
        return BARQ_OK;
    }
    if (field->type == BM_BOOLEAN) {
        *number = barq_sql_double(barq_as_bool(value, false));
        return BARQ_OK;
    }
    const char *key = bm_value_text(value, "\n", arena);
    if (key && field->type == BM_MULTI_SELECT && *key != '\0') {
        key = bq_arena_format(arena, "\n%s\n", key);
    }
    if (!key) {
        return bq_fail(err, BARQ_ERR_NOMEM, "fields: arena is full");
    }
    size_t len = bq_utf8_cut(key, strlen(key), KEY_MAX_BYTES);
    *text = *key == '\0' ? barq_sql_null() : barq_sql_text_of(key, len);
    return BARQ_OK;
}

static enum barq_status put(struct barq_session *session, const char *video_id,
                            const struct bm_field *field, const struct bm_field_value *given,
                            int64_t now_ms, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct barq_scalar number;
    struct barq_scalar text;
    const char *json = NULL;
    bq_arena_init(&arena, VALUE_MAX_BYTES);

    enum barq_status status = barq_to_json(&arena, given->value, &json, NULL, err);
    if (status == BARQ_OK) {
        status = bm_value_keys(field, given->value, &arena, &number, &text, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    return barq_exec(
        session,
        "INSERT INTO field_values (video_id, field_id, value, value_number, value_text, source,"
        " model, model_version, evidence_at_seconds, evidence_quote, updated_at_ms)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
        " ON CONFLICT (video_id, field_id) DO UPDATE SET value = excluded.value,"
        " value_number = excluded.value_number, value_text = excluded.value_text,"
        " source = excluded.source, model = excluded.model, model_version = excluded.model_version,"
        " evidence_at_seconds = excluded.evidence_at_seconds,"
        " evidence_quote = excluded.evidence_quote, updated_at_ms = excluded.updated_at_ms"
        " WHERE " RANK("field_values.source") " <= " RANK("excluded.source"),
        BARQ_PARAMS(barq_sql_text(video_id), barq_sql_text(field->id), barq_sql_text(json), number,
                    text, barq_sql_text(source_names[given->source]), barq_sql_text(given->model),
                    barq_sql_text(given->model_version),
                    given->has_time ? barq_sql_int(given->at_seconds) : barq_sql_null(),
                    barq_sql_text(given->quote), barq_sql_int(now_ms)),
        err);
}

static enum barq_status take_away(struct barq_session *session, const char *video_id,
                                  const struct bm_field *field, enum bm_source source,
                                  struct barq_error *err)
{
    return barq_exec(session,
                     "DELETE FROM field_values WHERE video_id = ?1 AND field_id = ?2"
                     " AND " RANK("source") " <= ?3",
                     BARQ_PARAMS(barq_sql_text(video_id), barq_sql_text(field->id),
                                 barq_sql_int((int64_t)source)),
                     err);
}

/* What was put aside when the field changed is not wanted back. */
static enum barq_status forget_aside(struct barq_session *session, const char *video_id,
                                     const struct bm_field *field, struct barq_error *err)
{
    return barq_exec(session, "DELETE FROM values_aside WHERE video_id = ?1 AND field_id = ?2",
                     BARQ_PARAMS(barq_sql_text(video_id), barq_sql_text(field->id)), err);
}

enum barq_status bm_field_value_set(struct barq_session *session, const char *video_id,
                                    const struct bm_field *field,
                                    const struct bm_field_value *given, int64_t now_ms,
                                    bool *changed, struct barq_error *err)
{
    enum barq_status status = given->value ? bm_field_check(field, given->value, err) : BARQ_OK;

    if (status == BARQ_OK && given->source == BM_BY_PERSON) {
        status = forget_aside(session, video_id, field, err);
    }
    if (status == BARQ_OK) {
        status = given->value ? put(session, video_id, field, given, now_ms, err)
                              : take_away(session, video_id, field, given->source, err);
    }
    if (status == BARQ_OK && changed) {
        *changed = barq_changes(session) == 1;
    }
    return status;
}

/* -- the machine's again -- */

static enum barq_status apply_rule(struct barq_session *session, const char *video_id,
                                   const struct bm_field *field, int64_t now_ms,
                                   struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct barq_value *found = NULL;
    struct bm_video video;
    bq_arena_init(&arena, VIDEO_MAX_BYTES);

    enum barq_status status = bm_video_get(session, video_id, &arena, &video, err);
    if (status != BARQ_OK || !video.metadata.found) {
        return status;
    }
    status = bm_rule_apply(field->rule, &video.metadata, &arena, &found, err);
    if (status == BARQ_OK && found && bm_field_check(field, found, NULL) == BARQ_OK) {
        struct bm_field_value given = {.value = found, .source = BM_BY_RULE};
        status = bm_field_value_set(session, video_id, field, &given, now_ms, NULL, err);
    }
    return status;
}

enum barq_status bm_field_value_clear(struct barq_session *session, const char *video_id,
                                      const struct bm_field *field, int64_t now_ms,
                                      struct barq_error *err)
{
    struct bm_field_value none = {.source = BM_BY_PERSON};

    enum barq_status status =
        bm_field_value_set(session, video_id, field, &none, now_ms, NULL, err);
    if (status == BARQ_OK && field->rule) {
        status = apply_rule(session, video_id, field, now_ms, err);
    }
    return status;
}

/* -- reading -- */

static enum barq_status read_value(const struct barq_rows *rows, struct barq_arena *arena,
                                   struct bm_field_value *out, struct barq_error *err)
{
    bool full = false;

    *out = (struct bm_field_value){
        .field_id = bm_row_text(rows, 0, arena, &full),
        .source = BM_BY_PERSON, /* of the unknown, what is changed by nobody else */
        .model = bm_row_text(rows, 3, arena, &full),
        .model_version = bm_row_text(rows, 4, arena, &full),
        .has_time = barq_column(rows, 5).kind != BARQ_NULL,
        .at_seconds = barq_column_int(rows, 5),
        .quote = bm_row_text(rows, 6, arena, &full),
        .updated_at_ms = barq_column_int(rows, 7),
    };
    const char *source = barq_column_text(rows, 2);
    if (source) {
        (void)bm_source_parse(source, &out->source);
    }
    if (full) {
        return bq_fail(err, BARQ_ERR_NOMEM, "fields: arena is full");
    }
    return bm_row_json(rows, 1, arena, &out->value, err);
}

enum barq_status bm_field_values(struct barq_session *session, const char *video_id,
                                 struct barq_arena *arena, const struct bm_field_value **out,
                                 size_t *count, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    size_t n = 0;
    struct bm_field_value *values = bq_arena_array(arena, BM_FIELDS_MAX, sizeof(*values));
    if (!values) {
        return bq_fail(err, BARQ_ERR_NOMEM, "fields: arena is full");
    }

    enum barq_status status =
        barq_query(session,
                   "SELECT field_id, value, source, model, model_version, evidence_at_seconds,"
                   " evidence_quote, updated_at_ms FROM field_values WHERE video_id = ?1"
                   " ORDER BY field_id LIMIT ?2",
                   BARQ_PARAMS(barq_sql_text(video_id), barq_sql_int(BM_FIELDS_MAX)), &rows, err);
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

/* Room for one more of a video; NULL when there is none, or it has BM_FIELDS_MAX. */
static struct bm_field_value *one_more(struct bm_values_of *of, struct barq_arena *arena)
{
    if (!of->values) {
        of->values = bq_arena_array(arena, BM_FIELDS_MAX, sizeof(*of->values));
    }
    return of->values && of->count < BM_FIELDS_MAX ? &of->values[of->count++] : NULL;
}

enum barq_status bm_field_values_of(struct barq_session *session, const char *const *ids,
                                    size_t n_ids, struct barq_arena *arena,
                                    struct bm_values_of *out, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    size_t place = 0;

    enum barq_status status =
        bm_query_among(session,
                       "SELECT field_id, value, source, model, model_version, evidence_at_seconds,"
                       " evidence_quote, updated_at_ms, video_id FROM field_values WHERE video_id"
                       " IN",
                       ids, n_ids, " ORDER BY video_id, field_id", &rows, err);
    for (bool more = true; status == BARQ_OK;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        place = bm_place_among(ids, n_ids, barq_column_text(rows, 8), place);
        struct bm_field_value *value = one_more(&out[place], arena);
        status = value ? read_value(rows, arena, value, err)
                       : bq_fail(err, BARQ_ERR_NOMEM, "fields: arena is full");
    }
    return status;
}
