#include "store/record.h"

#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "formats/bars.h"

enum { SQL_MAX_BYTES = 8 * 1024, WRITE_MAX_BYTES = 4 * 1024 * 1024, JSON_MAX_BYTES = 256 * 1024 };

/* -- reading -- */

enum barq_status bm_record_query(struct barq_session *session, const struct bm_record_table *table,
                                 const char *more, const char *rest,
                                 const struct barq_scalar *params, size_t n_params,
                                 struct barq_rows **out, struct barq_error *err)
{
    bq_auto(buf) struct bq_buf sql;
    bq_buf_init(&sql, SQL_MAX_BYTES);

    for (size_t i = 0; i < table->count; i++) {
        bq_buf_printf(&sql, "%s t.%s", i > 0 ? "," : "SELECT", table->columns[i].column);
    }
    bq_buf_printf(&sql, "%s %s", more, rest);
    const char *text = bq_buf_cstr(&sql);
    return text ? barq_query(session, text, params, n_params, out, err)
                : bq_fail(err, BARQ_ERR_NOMEM, "record: out of memory");
}

static struct barq_value *time_of(int64_t at_ms, struct barq_arena *arena)
{
    char text[BQ_TIME_TEXT_BYTES];

    bq_time_text(at_ms, text);
    return barq_string(arena, text);
}

/* What is stored as JSON was checked when it was; if it is broken, it is left out. */
static struct barq_value *json_of(const char *text, struct barq_arena *arena)
{
    struct barq_value *value = NULL;

    return text && barq_from_json(arena, text, strlen(text), &value, NULL) == BARQ_OK
               ? value
               : barq_null(arena);
}

static struct barq_value *value_of(const struct bm_record_column *column,
                                   const struct barq_rows *rows, int at, struct barq_arena *arena)
{
    switch (column->kind) {
    case BM_RECORD_TEXT:
        return barq_string(arena, barq_column_text(rows, at));
    case BM_RECORD_INT:
        return barq_int(arena, barq_column_int(rows, at));
    case BM_RECORD_DOUBLE:
        return barq_double(arena, barq_column_double(rows, at));
    case BM_RECORD_BOOL:
        return barq_bool(arena, barq_column_int(rows, at) != 0);
    case BM_RECORD_TIME:
        return time_of(barq_column_int(rows, at), arena);
    case BM_RECORD_LIST:
    case BM_RECORD_JSON:
        break;
    }
    return json_of(barq_column_text(rows, at), arena);
}

void bm_record_read(const struct bm_record_table *table, const struct barq_rows *rows,
                    struct barq_value *map, struct barq_arena *arena)
{
    for (size_t i = 0; i < table->count; i++) {
        if (barq_column(rows, (int)i).kind != BARQ_NULL) {
            barq_set_key(map, table->columns[i].key,
                         value_of(&table->columns[i], rows, (int)i, arena));
        }
    }
}

enum barq_status bm_record_all(struct barq_session *session, const struct bm_record_table *table,
                               const char *rest, const struct barq_scalar *params, size_t n_params,
                               struct barq_arena *arena, struct barq_value **out,
                               struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    struct barq_value *list = barq_list(arena);

    enum barq_status status =
        bm_record_query(session, table, "", rest, params, n_params, &rows, err);
    for (bool more = true; status == BARQ_OK;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        struct barq_value *map = barq_map(arena);
        bm_record_read(table, rows, map, arena);
        barq_add(list, map);
    }
    if (status == BARQ_OK) {
        *out = list;
        status = barq_value_check(list, err);
    }
    return status;
}

/* -- writing: `false` is what does not fit -- */

static bool is_allowed(const char *allowed, const char *text, size_t len)
{
    for (const char *at = allowed; *at != '\0';) {
        size_t word = strcspn(at, " ");
        if (word == len && memcmp(at, text, len) == 0) {
            return true;
        }
        at += word + (at[word] == ' ');
    }
    return false;
}

static bool text_scalar(const struct bm_record_column *column, const struct barq_value *value,
                        struct barq_scalar *out)
{
    size_t len = 0;
    const char *text = barq_as_bytes(value, &len);
    size_t max = column->max_bytes ? column->max_bytes : BM_RECORD_TEXT_BYTES;

    if (barq_kind(value) != BARQ_STRING || memchr(text, '\0', len) ||
        (column->allowed && !is_allowed(column->allowed, text, len))) {
        return false;
    }
    *out = barq_sql_text_of(text, bq_utf8_cut(text, len, max));
    return true;
}

/* A number, or its text, as a CSV has it. */
static bool int_scalar(const struct barq_value *value, struct barq_scalar *out)
{
    int64_t number = barq_as_int(value, 0);

    if (barq_kind(value) == BARQ_STRING) {
        if (!bq_parse_int(barq_as_string(value, ""), &number)) {
            return false;
        }
    } else if (barq_kind(value) != BARQ_INT) {
        return false;
    }
    *out = barq_sql_int(number);
    return true;
}

static bool double_scalar(const struct barq_value *value, struct barq_scalar *out)
{
    if (barq_kind(value) != BARQ_INT && barq_kind(value) != BARQ_DOUBLE) {
        return false;
    }
    *out = barq_sql_double(barq_as_double(value, 0));
    return true;
}

static bool bool_scalar(const struct barq_value *value, struct barq_scalar *out)
{
    const char *text = barq_as_string(value, "");
    bool is_text = strcmp(text, "true") == 0 || strcmp(text, "false") == 0;

    if (barq_kind(value) != BARQ_BOOL && !is_text) {
        return false;
    }
    *out = barq_sql_int(barq_as_bool(value, false) || strcmp(text, "true") == 0);
    return true;
}

static bool time_scalar(const struct barq_value *value, struct barq_scalar *out)
{
    int64_t at_ms = 0;

    if (!bq_time_parse(barq_as_string(value, ""), &at_ms)) {
        return false;
    }
    *out = barq_sql_int(at_ms);
    return true;
}

/* Only texts, each cut; also those of one cell of a CSV. */
static struct barq_value *clean_list(const struct bm_record_column *column,
                                     const struct barq_value *value, struct barq_arena *arena)
{
    struct barq_value *list = barq_list(arena);
    char *cell =
        barq_kind(value) == BARQ_STRING ? bq_arena_strdup(arena, barq_as_string(value, "")) : NULL;

    for (char *text;
         barq_count(list) < BM_RECORD_LIST_MAX && (text = bm_bars_next(&cell)) != NULL;) {
        barq_add(list,
                 barq_string_of(arena, text, bq_utf8_cut(text, strlen(text), column->max_bytes)));
    }
    for (size_t i = 0; i < barq_count(value) && i < BM_RECORD_LIST_MAX; i++) {
        const char *text = barq_as_string(barq_at(value, i), "");
        barq_add(list,
                 barq_string_of(arena, text, bq_utf8_cut(text, strlen(text), column->max_bytes)));
    }
    return list;
}

/* All that is not too long. */
static bool json_scalar(const struct bm_record_column *column, const struct barq_value *value,
                        struct barq_arena *arena, struct barq_scalar *out)
{
    const char *json = NULL;
    size_t len = 0;
    const struct barq_value *whole =
        column->kind == BM_RECORD_LIST ? clean_list(column, value, arena) : value;

    if (barq_to_json(arena, whole, &json, &len, NULL) != BARQ_OK || len > JSON_MAX_BYTES) {
        return false;
    }
    *out = barq_sql_text_of(json, len);
    return true;
}

static bool scalar_of(const struct bm_record_column *column, const struct barq_value *value,
                      struct barq_arena *arena, struct barq_scalar *out)
{
    switch (column->kind) {
    case BM_RECORD_TEXT:
        return text_scalar(column, value, out);
    case BM_RECORD_INT:
        return int_scalar(value, out);
    case BM_RECORD_DOUBLE:
        return double_scalar(value, out);
    case BM_RECORD_BOOL:
        return bool_scalar(value, out);
    case BM_RECORD_TIME:
        return time_scalar(value, out);
    case BM_RECORD_LIST:
    case BM_RECORD_JSON:
        break;
    }
    return json_scalar(column, value, arena, out);
}

/* The columns that the map has something for. */
struct row {
    const char *columns[BM_RECORD_COLUMNS_MAX];
    struct barq_scalar values[BM_RECORD_COLUMNS_MAX];
    size_t count;
};

static void add_column(struct row *row, const char *column, struct barq_scalar value)
{
    if (row->count < BM_RECORD_COLUMNS_MAX) {
        row->columns[row->count] = column;
        row->values[row->count++] = value;
    }
}

/* False when one is missing that is needed. */
static bool take_map(const struct bm_record_table *table, const struct barq_value *map,
                     struct barq_arena *arena, struct row *row)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct bm_record_column *column = &table->columns[i];
        const struct barq_value *value = barq_get(map, column->key);
        struct barq_scalar scalar;
        if (value && !barq_is_null(value) && scalar_of(column, value, arena, &scalar)) {
            add_column(row, column->column, scalar);
        } else if (column->is_needed) {
            return false;
        }
    }
    return true;
}

static enum barq_status run(struct barq_session *session, struct bq_buf *sql, const struct row *row,
                            struct barq_error *err)
{
    const char *text = bq_buf_cstr(sql);

    return text ? barq_exec(session, text, row->values, row->count, err)
                : bq_fail(err, BARQ_ERR_NOMEM, "record: out of memory");
}

enum barq_status bm_record_insert(struct barq_session *session, const struct bm_record_table *table,
                                  const char *into, const struct barq_value *map,
                                  const struct bm_record_extra *extra, size_t n_extra, bool *done,
                                  struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bq_auto(buf) struct bq_buf sql;
    struct row row = {.count = 0};
    bq_arena_init(&arena, WRITE_MAX_BYTES);
    bq_buf_init(&sql, SQL_MAX_BYTES);

    *done = false;
    for (size_t i = 0; i < n_extra; i++) {
        add_column(&row, extra[i].column, extra[i].value);
    }
    if (!take_map(table, map, &arena, &row)) {
        return BARQ_OK;
    }
    bq_buf_printf(&sql, "INSERT INTO %s (", into ? into : table->name);
    for (size_t i = 0; i < row.count; i++) {
        bq_buf_printf(&sql, "%s%s", i > 0 ? ", " : "", row.columns[i]);
    }
    bq_buf_puts(&sql, ") VALUES (");
    for (size_t i = 0; i < row.count; i++) {
        bq_buf_printf(&sql, "%s?%zu", i > 0 ? ", " : "", i + 1);
    }
    bq_buf_puts(&sql, ") ON CONFLICT DO NOTHING");
    enum barq_status status = run(session, &sql, &row, err);
    *done = status == BARQ_OK && barq_changes(session) == 1;
    return status;
}

enum barq_status bm_record_update(struct barq_session *session, const struct bm_record_table *table,
                                  const char *id, const struct barq_value *map,
                                  struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bq_auto(buf) struct bq_buf sql;
    struct row row = {.count = 0};
    bq_arena_init(&arena, WRITE_MAX_BYTES);
    bq_buf_init(&sql, SQL_MAX_BYTES);

    add_column(&row, "id", barq_sql_text(id));
    if (!take_map(table, map, &arena, &row) || row.count == 1) {
        return BARQ_OK;
    }
    bq_buf_printf(&sql, "UPDATE %s SET", table->name);
    for (size_t i = 1; i < row.count; i++) {
        bq_buf_printf(&sql, "%s %s = ?%zu", i > 1 ? "," : "", row.columns[i], i + 1);
    }
    bq_buf_puts(&sql, " WHERE id = ?1");
    return run(session, &sql, &row, err);
}
