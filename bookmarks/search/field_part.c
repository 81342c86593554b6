/* field_part.c - field:difficulty=expert: the values of a field, by its type. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/text.h"
#include "fields/field.h"
#include "search/bounds.h"
#include "search/parts.h"

enum { NAMES_SHOWN_BYTES = 300 };

static const char *const signs[] = {
    [BM_EQUAL] = " = ", [BM_UNEQUAL] = " <> ",  [BM_MORE] = " > ",
    [BM_LESS] = " < ",  [BM_AT_LEAST] = " >= ", [BM_AT_MOST] = " <= ",
};

/* Several lists may have a field of this name, each of another type. */
struct types {
    bool has[BM_FIELD_TYPES];
    bool is_there;
};

static enum barq_status read_types(struct barq_session *session, const struct bm_scope *scope,
                                   const struct bm_part *part, struct types *out,
                                   struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool more = true;

    enum barq_status status = barq_query(
        session,
        "SELECT DISTINCT type FROM fields WHERE name = ?1 AND (CAST(?2 AS TEXT) IS NULL OR"
        " list_id = ?2)",
        BARQ_PARAMS(barq_sql_text(part->field), barq_sql_text(scope->list_id)), &rows, err);
    while (status == BARQ_OK) {
        enum bm_field_type type;
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        if (bm_field_type_parse(barq_column_text(rows, 0), &type)) {
            out->has[type] = true;
            out->is_there = true;
        }
    }
    return status;
}

/* There is no such field: says which there are. */
static enum barq_status no_field(struct barq_session *session, const struct bm_scope *scope,
                                 const struct bm_part *part, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    char names[NAMES_SHOWN_BYTES] = "";
    bool more = true;
    size_t len = 0;

    enum barq_status status =
        barq_query(session,
                   "SELECT DISTINCT name FROM fields WHERE CAST(?1 AS TEXT) IS NULL OR"
                   " list_id = ?1 ORDER BY name",
                   BARQ_PARAMS(barq_sql_text(scope->list_id)), &rows, err);
    while (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
        const char *name = status == BARQ_OK && more ? barq_column_text(rows, 0) : NULL;
        if (!name || len + strlen(name) + 3 > sizeof(names)) {
            break;
        }
        len +=
            (size_t)snprintf(names + len, sizeof(names) - len, "%s%s", len > 0 ? ", " : "", name);
    }
    return status != BARQ_OK
               ? status
               : bq_fail(err, BARQ_ERR_ARG, "search: there is no field %.64s; there are: %s",
                         part->field, len > 0 ? names : "none");
}

/* -- what it is compared with -- */

static bool read_number(const struct types *types, const char *text, double *out)
{
    int64_t seconds;
    char *end;

    if (types->has[BM_BOOLEAN]) {
        if (bq_equal_nocase(text, "true") || bq_equal_nocase(text, "yes")) {
            *out = 1;
            return true;
        }
        if (bq_equal_nocase(text, "false") || bq_equal_nocase(text, "no")) {
            *out = 0;
            return true;
        }
    }
    *out = strtod(text, &end);
    if (end != text && *end == '\0' && *out == *out) {
        return true;
    }
    if (types->has[BM_DURATION] && bm_bounds_number(text, BM_SECONDS, &seconds)) {
        *out = (double)seconds / 60; /* its values are minutes */
        return true;
    }
    return false;
}

/* `text` between `mark`s, where % and _ mean themselves. */
static const char *pattern(struct barq_arena *arena, const char *text, const char *mark)
{
    char *escaped = bq_arena_alloc(arena, 2 * strlen(text) + 1);
    size_t n = 0;

    for (; escaped && *text != '\0'; text++) {
        if (*text == '%' || *text == '_' || *text == '\\') {
            escaped[n++] = '\\';
        }
        escaped[n++] = *text;
    }
    return escaped ? bq_arena_format(arena, "%%%s%s%s%%", mark, escaped, mark) : NULL;
}

static void put_like(struct bm_sql *from, const char *pattern_text, bool is_not)
{
    from->is_full |= !pattern_text;
    bm_sql_put(from,
               is_not ? "lower(k.value_text) NOT LIKE lower(" : "lower(k.value_text) LIKE lower(");
    bm_sql_text(from, pattern_text ? pattern_text : "");
    bm_sql_put(from, ") ESCAPE '\\'");
}

/* A value that stands alone, or one of several options, each between line feeds. */
static void put_same(struct bm_sql *from, struct barq_arena *arena, const char *text, bool is_not)
{
    bm_sql_put(from, is_not ? "(lower(k.value_text) <> lower(" : "(lower(k.value_text) = lower(");
    bm_sql_text(from, text);
    bm_sql_put(from, is_not ? ") AND " : ") OR ");
    put_like(from, pattern(arena, text, "\n"), is_not);
    bm_sql_put(from, ")");
}

static void put_text_value(struct bm_sql *from, struct barq_arena *arena,
                           const struct bm_part *part)
{
    if (part->compare == BM_CONTAINS) {
        put_like(from, pattern(arena, part->text, ""), false);
    } else if (part->compare == BM_EQUAL || part->compare == BM_UNEQUAL) {
        put_same(from, arena, part->text, part->compare == BM_UNEQUAL);
        for (size_t i = 0; i < part->n_also; i++) {
            bm_sql_put(from, " OR ");
            put_same(from, arena, part->also[i], false);
        }
    } else {
        bm_sql_put(from, "lower(k.value_text)");
        bm_sql_put(from, signs[part->compare]);
        bm_sql_put(from, "lower(");
        bm_sql_text(from, part->text);
        bm_sql_put(from, ")");
    }
}

static bool is_text(const struct types *types)
{
    return types->has[BM_TEXT] || types->has[BM_SELECT] || types->has[BM_MULTI_SELECT] ||
           types->has[BM_DATE] || types->has[BM_LINK];
}

static enum barq_status put_value(struct bm_sql *from, struct barq_arena *arena,
                                  const struct types *types, const struct bm_part *part,
                                  struct barq_error *err)
{
    double number = 0;
    bool numbered = part->compare != BM_CONTAINS && read_number(types, part->text, &number);

    if (!is_text(types) && !numbered) {
        return bq_fail(err, BARQ_ERR_ARG, "search: the field %.64s is %s: %s%.64s%s", part->field,
                       types->has[BM_BOOLEAN] ? "true or false" : "a number",
                       part->compare == BM_CONTAINS ? "~ is for texts, not for \"" : "\"",
                       part->text, part->compare == BM_CONTAINS ? "\"" : "\" is none");
    }
    bm_sql_put(from, " AND (");
    if (numbered) {
        bm_sql_put(from, "k.value_number");
        bm_sql_put(from, signs[part->compare]);
        bm_sql_param(from, barq_sql_double(number));
    }
    if (is_text(types)) {
        bm_sql_put(from, numbered ? " OR " : "");
        put_text_value(from, arena, part);
    }
    bm_sql_put(from, ")");
    return BARQ_OK;
}

enum barq_status bm_field_part_put(struct barq_session *session, struct barq_arena *arena,
                                   const struct bm_scope *scope, const struct bm_part *part,
                                   struct bm_sql *sql, struct barq_error *err)
{
    bm_auto(sql) struct bm_sql from;
    struct types types = {.is_there = false};
    bm_sql_init(&from);

    enum barq_status status = read_types(session, scope, part, &types, err);
    if (status == BARQ_OK && !types.is_there) {
        return no_field(session, scope, part, err);
    }
    bm_sql_put(&from, " FROM field_values k WHERE k.field_id IN (SELECT id FROM fields WHERE"
                      " name = ");
    bm_sql_text(&from, part->field);
    if (scope->list_id) {
        bm_sql_put(&from, " AND list_id = ");
        bm_sql_text(&from, scope->list_id);
    }
    bm_sql_put(&from, ")");
    if (status == BARQ_OK && part->compare != BM_HAS_VALUE) {
        status = put_value(&from, arena, &types, part, err);
    }
    return status == BARQ_OK ? bm_parts_put_set(session, scope, sql, &from, part->is_not, err)
                             : status;
}
