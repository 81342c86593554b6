#include "store/field_statistics.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/time.h"
#include "store/rows.h"

struct counting {
    struct barq_arena *arena;
    struct bm_field_statistics *fields;
    size_t n_fields;
    bool full;
};

static struct bm_field_statistics *field_of(const struct counting *counting,
                                            const struct barq_rows *rows)
{
    const char *id = barq_column_text(rows, 0);

    for (size_t i = 0; id && i < counting->n_fields; i++) {
        if (strcmp(counting->fields[i].field.id, id) == 0) {
            return &counting->fields[i];
        }
    }
    return NULL;
}

static void take_source(void *owner, const struct barq_rows *rows)
{
    struct bm_field_statistics *field = field_of(owner, rows);
    const char *name = barq_column_text(rows, 1);
    enum bm_source source = BM_BY_RULE;

    if (field && name && bm_source_parse(name, &source)) {
        field->by_source[source] = barq_column_int(rows, 2);
        field->n_filled += field->by_source[source];
    }
}

/* -- options -- */

static void count_option(struct counting *counting, struct bm_field_statistics *field,
                         const char *option, size_t len, int64_t count)
{
    for (size_t i = 0; i < field->n_options; i++) {
        const char *own = field->options[i].option;
        if (strncmp(own, option, len) == 0 && own[len] == '\0') {
            field->options[i].count += count;
            return;
        }
    }
    if (barq_count(field->field.options) > 0 || field->n_options == BM_FIELD_OPTIONS_MAX) {
        field->n_other += count;
        return;
    }
    char *own = bq_arena_strndup(counting->arena, option, len);
    if (!own) {
        counting->full = true;
        return;
    }
    field->options[field->n_options++] = (struct bm_option_count){.option = own, .count = count};
}

/* A select's is its option; a multi-select's are each between line feeds. */
static void take_options(void *owner, const struct barq_rows *rows)
{
    struct bm_field_statistics *field = field_of(owner, rows);
    const char *text = barq_column_text(rows, 1);
    int64_t count = barq_column_int(rows, 2);
    if (!field || !text) {
        return;
    }

    if (field->field.type == BM_SELECT) {
        count_option(owner, field, text, strlen(text), count);
        return;
    }
    while (*text == '\n' && text[1] != '\0') {
        size_t len = strcspn(++text, "\n");
        if (text[len] == '\0') { /* where a long one was cut */
            return;
        }
        count_option(owner, field, text, len, count);
        text += len;
    }
}

/* -- numbers and dates -- */

static double day_number(const char *text)
{
    int64_t at_ms = 0;

    int64_t day = text && bq_time_parse(text, &at_ms) ? at_ms / BQ_DAY_MS : 0;

    return (double)day;
}

/* There is a number, or a date, in each value of such a field. */
static void begin(struct bm_field_statistics *field, double least, double most)
{
    enum bm_spread spread = field->field.type == BM_DATE ? BM_SPREAD_DAYS : BM_SPREAD_NUMBERS;

    if (field->field.type == BM_RATING) {
        spread = BM_SPREAD_UNITS;
        least = fmin(least, bm_field_min(&field->field));
        most = fmax(most, bm_field_max(&field->field));
    }
    bm_distribution_begin(&field->distribution, spread, least, most, field->n_filled);
}

static void take_ends(void *owner, const struct barq_rows *rows)
{
    struct bm_field_statistics *field = field_of(owner, rows);
    double least = 0;
    double most = 0;

    if (field && bm_row_double(rows, 1, &least) && bm_row_double(rows, 2, &most)) {
        begin(field, least, most);
    }
}

static void take_number(void *owner, const struct barq_rows *rows)
{
    struct bm_field_statistics *field = field_of(owner, rows);
    int64_t count = barq_column_int(rows, 2);
    double value = 0;

    if (!field || !bm_row_double(rows, 1, &value)) {
        return;
    }
    if (field->field.type == BM_BOOLEAN) {
        field->n_true += value > 0 ? count : 0;
    } else {
        bm_distribution_add(&field->distribution, value, count);
    }
}

static void take_date_ends(void *owner, const struct barq_rows *rows)
{
    struct bm_field_statistics *field = field_of(owner, rows);
    const char *least = barq_column_text(rows, 1);

    if (field && least) {
        begin(field, day_number(least), day_number(barq_column_text(rows, 2)));
    }
}

static void take_date(void *owner, const struct barq_rows *rows)
{
    struct bm_field_statistics *field = field_of(owner, rows);

    if (field) {
        bm_distribution_add(&field->distribution, day_number(barq_column_text(rows, 1)),
                            barq_column_int(rows, 2));
    }
}

/* -- the statements -- */

#define OF_LIST " FROM field_values WHERE field_id IN (SELECT id FROM fields WHERE list_id = ?1"
#define NUMBERS " AND type IN ('number', 'rating', 'duration', 'boolean')"
#define DATES   " AND type = 'date'"
/* Each end is looked up in the index. */
#define ENDS(column, types)                                                                        \
    "SELECT id, (SELECT min(" column ") FROM field_values WHERE field_id = f.id),"                 \
    " (SELECT max(" column ") FROM field_values WHERE field_id = f.id)"                            \
    " FROM fields f WHERE list_id = ?1" types

static const struct {
    const char *sql; /* ?1 is the list's id; the first column a field's */
    bm_take_row *take;
} statements[] = {
    {"SELECT field_id, source, count(*)" OF_LIST ") GROUP BY field_id, source", take_source},
    /* The most used first: those without a place are of the others. */
    {"SELECT field_id, value_text, count(*) AS n" OF_LIST
     " AND type IN ('select', 'multi-select')) AND value_text IS NOT NULL"
     " GROUP BY field_id, value_text ORDER BY field_id, n DESC, value_text",
     take_options},
    {ENDS("value_number", NUMBERS), take_ends},
    {"SELECT field_id, value_number, count(*)" OF_LIST NUMBERS ") AND value_number IS NOT NULL"
     " GROUP BY field_id, value_number ORDER BY field_id, value_number",
     take_number},
    {ENDS("value_text", DATES), take_date_ends},
    {"SELECT field_id, value_text, count(*)" OF_LIST DATES ") AND value_text IS NOT NULL"
     " GROUP BY field_id, value_text ORDER BY field_id, value_text",
     take_date},
};

static bool needs_options(const struct bm_field *field)
{
    return field->type == BM_SELECT || field->type == BM_MULTI_SELECT;
}

/* The options that it has, each with none yet. */
static bool make_options(struct bm_field_statistics *field, struct barq_arena *arena)
{
    const struct barq_value *options = field->field.options;
    size_t most = BM_FIELD_OPTIONS_MAX;

    field->options = bq_arena_array(arena, most, sizeof(*field->options));
    for (size_t i = 0; field->options && i < barq_count(options) && i < most; i++) {
        const char *name = barq_as_string(barq_at(options, i), "");
        field->options[field->n_options++] = (struct bm_option_count){.option = name};
    }
    return field->options != NULL;
}

static enum barq_status make_fields(struct barq_session *session, const char *list_id,
                                    struct counting *counting, struct barq_error *err)
{
    const struct bm_field *fields = NULL;
    size_t count = 0;

    enum barq_status status = bm_fields(session, list_id, counting->arena, &fields, &count, err);
    if (status != BARQ_OK) {
        return status;
    }
    counting->fields = bq_arena_array(counting->arena, count + 1, sizeof(*counting->fields));
    for (size_t i = 0; counting->fields && i < count; i++) {
        counting->fields[i] = (struct bm_field_statistics){.field = fields[i]};
        if (needs_options(&fields[i]) && !make_options(&counting->fields[i], counting->arena)) {
            counting->full = true;
        }
    }
    if (!counting->fields || counting->full) {
        return bq_fail(err, BARQ_ERR_NOMEM, "statistics: arena is full");
    }
    counting->n_fields = count;
    return BARQ_OK;
}

enum barq_status bm_field_statistics_of(struct barq_session *session, const char *list_id,
                                        struct barq_arena *arena, struct bm_field_statistics **out,
                                        size_t *count, struct barq_error *err)
{
    struct counting counting = {.arena = arena};
    size_t n = sizeof(statements) / sizeof(statements[0]);

    enum barq_status status = make_fields(session, list_id, &counting, err);
    for (size_t i = 0; status == BARQ_OK && counting.n_fields > 0 && i < n; i++) {
        status = bm_each_row(session, statements[i].sql, BARQ_PARAMS(barq_sql_text(list_id)),
                             statements[i].take, &counting, err);
    }
    if (status == BARQ_OK && counting.full) {
        return bq_fail(err, BARQ_ERR_NOMEM, "statistics: arena is full");
    }
    *out = counting.fields;
    *count = counting.n_fields;
    return status;
}
