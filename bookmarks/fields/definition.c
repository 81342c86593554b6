#include "fields/definition.h"

#include <string.h>

#include "base/error.h"
#include "fields/rules.h"

static enum barq_status not_a(const char *key, const char *what, struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_ARG, "fields: %s must be %s", key, what);
}

/* -- the parts; a null takes one away -- */

/* `part` is where in the field it goes. */
typedef enum barq_status part_reader(const struct barq_value *value, const char *key,
                                     struct barq_arena *arena, struct bm_field *field, void *part,
                                     struct barq_error *err);

static enum barq_status read_text(const struct barq_value *value, const char *key,
                                  struct barq_arena *arena, struct bm_field *field, void *part,
                                  struct barq_error *err)
{
    const char **out = part;
    size_t len = 0;
    const char *text = barq_kind(value) == BARQ_STRING ? barq_as_bytes(value, &len) : NULL;

    (void)field;
    if (barq_is_null(value)) {
        *out = NULL;
        return BARQ_OK;
    }
    if (!text || strlen(text) != len) {
        return not_a(key, "text", err);
    }
    *out = bq_arena_strdup(arena, text);
    return *out ? BARQ_OK : bq_fail(err, BARQ_ERR_NOMEM, "fields: arena is full");
}

static enum barq_status read_bool(const struct barq_value *value, const char *key,
                                  struct barq_arena *arena, struct bm_field *field, void *part,
                                  struct barq_error *err)
{
    bool *out = part;

    (void)arena;
    (void)field;
    if (barq_kind(value) != BARQ_BOOL) {
        return not_a(key, "true or false", err);
    }
    *out = barq_as_bool(value, false);
    return BARQ_OK;
}

static enum barq_status read_bound(const struct barq_value *value, const char *key,
                                   struct barq_arena *arena, struct bm_field *field, void *part,
                                   struct barq_error *err)
{
    double *out = part;
    bool has = !barq_is_null(value);

    (void)arena;
    if (has && barq_kind(value) != BARQ_INT && barq_kind(value) != BARQ_DOUBLE) {
        return not_a(key, "a number, or null", err);
    }
    *(out == &field->min ? &field->has_min : &field->has_max) = has;
    *out = barq_as_double(value, 0);
    return BARQ_OK;
}

static enum barq_status read_length(const struct barq_value *value, const char *key,
                                    struct barq_arena *arena, struct bm_field *field, void *part,
                                    struct barq_error *err)
{
    int64_t *out = part;

    (void)arena;
    (void)field;
    if (!barq_is_null(value) && (barq_kind(value) != BARQ_INT || barq_as_int(value, 0) < 1)) {
        return not_a(key, "a number of characters, or null", err);
    }
    *out = barq_as_int(value, 0);
    return BARQ_OK;
}

static enum barq_status read_type(const struct barq_value *value, const char *key,
                                  struct barq_arena *arena, struct bm_field *field, void *part,
                                  struct barq_error *err)
{
    (void)arena;
    (void)field;
    if (!bm_field_type_parse(barq_as_string(value, ""), part)) {
        return not_a(key,
                     "text, select, multi-select, number, rating, duration, boolean, date or link",
                     err);
    }
    return BARQ_OK;
}

/* A list or a map, in the arena of the field; a null is none. */
static enum barq_status read_tree(const struct barq_value *value, const char *key,
                                  struct barq_arena *arena, struct bm_field *field, void *part,
                                  struct barq_error *err)
{
    const struct barq_value **out = part;
    bool list = out == &field->options;

    if (barq_is_null(value)) {
        *out = NULL;
        return BARQ_OK;
    }
    if (barq_kind(value) != (list ? BARQ_LIST : BARQ_MAP)) {
        return not_a(key, list ? "a list of texts" : "an object, or null", err);
    }
    *out = barq_copy(arena, value);
    return barq_value_check(*out, err);
}

static enum barq_status read_nothing(const struct barq_value *value, const char *key,
                                     struct barq_arena *arena, struct bm_field *field, void *part,
                                     struct barq_error *err)
{
    (void)value;
    (void)key;
    (void)arena;
    (void)field;
    (void)part;
    (void)err;
    return BARQ_OK;
}

/* -- the whole -- */

static const struct part {
    const char *key;
    part_reader *read;
    size_t offset;
} parts[] = {
    {"name", read_text, offsetof(struct bm_field, name)},
    {"label", read_text, offsetof(struct bm_field, label)},
    {"type", read_type, offsetof(struct bm_field, type)},
    {"required", read_bool, offsetof(struct bm_field, is_required)},
    {"instruction", read_text, offsetof(struct bm_field, instruction)},
    {"options", read_tree, offsetof(struct bm_field, options)},
    {"min", read_bound, offsetof(struct bm_field, min)},
    {"max", read_bound, offsetof(struct bm_field, max)},
    {"max_length", read_length, offsetof(struct bm_field, max_length)},
    {"unit", read_text, offsetof(struct bm_field, unit)},
    {"rule", read_tree, offsetof(struct bm_field, rule)},
    {"show_on_card", read_bool, offsetof(struct bm_field, show_on_card)},
    {"id", read_nothing, 0},
    {"list_id", read_nothing, 0},
    {"position", read_nothing, 0},
    {"created_at", read_nothing, 0},
    {"updated_at", read_nothing, 0},
};

static enum barq_status read_part(const char *key, const struct barq_value *value,
                                  struct barq_arena *arena, struct bm_field *field,
                                  struct barq_error *err)
{
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (strcmp(key, parts[i].key) == 0) {
            return parts[i].read(value, key, arena, field, (char *)field + parts[i].offset, err);
        }
    }
    return bq_fail(err, BARQ_ERR_ARG, "fields: a field has no \"%.64s\"", key);
}

/* Either of them stands for the other. */
static enum barq_status complete_names(struct bm_field *field, struct barq_arena *arena,
                                       struct barq_error *err)
{
    char name[BM_FIELD_NAME_BYTES];

    if (!field->name && !field->label) {
        return bq_fail(err, BARQ_ERR_ARG, "fields: a field needs a name or a label");
    }
    if (!field->label) {
        field->label = field->name;
    }
    if (!field->name) {
        bm_field_name_of(field->label, name);
        field->name = bq_arena_strdup(arena, name);
    }
    return field->name ? BARQ_OK : bq_fail(err, BARQ_ERR_NOMEM, "fields: arena is full");
}

enum barq_status bm_field_read(const struct barq_value *map, struct barq_arena *arena,
                               struct bm_field *field, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    if (barq_kind(map) != BARQ_MAP) {
        return bq_fail(err, BARQ_ERR_ARG, "fields: a field is an object");
    }
    if (!field->name && !barq_get(map, "type")) {
        return bq_fail(err, BARQ_ERR_ARG, "fields: a field needs a type");
    }
    for (size_t i = 0; status == BARQ_OK && i < barq_count(map); i++) {
        status =
            read_part(barq_as_string(barq_key_at(map, i), ""), barq_at(map, i), arena, field, err);
    }
    if (status == BARQ_OK) {
        status = complete_names(field, arena, err);
    }
    if (status == BARQ_OK) {
        status = bm_field_check_definition(field, err);
    }
    return status == BARQ_OK ? bm_rule_check(field, arena, err) : status;
}

/* -- writing -- */

static struct barq_value *number_json(bool has, double number, struct barq_arena *arena)
{
    if (!has) {
        return barq_null(arena);
    }
    bool whole = number >= -1e15 && number <= 1e15 && number == (double)(int64_t)number;
    return whole ? barq_int(arena, (int64_t)number) : barq_double(arena, number);
}

/* A copy, since what is stored belongs to the row that it was read with. */
static struct barq_value *copy_or(const struct barq_value *value, struct barq_value *otherwise,
                                  struct barq_arena *arena)
{
    return value ? barq_copy(arena, value) : otherwise;
}

struct barq_value *bm_field_json(const struct bm_field *field, struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);

    if (field->id) {
        barq_set_key(map, "id", barq_string(arena, field->id));
    }
    barq_set_key(map, "name", barq_string(arena, field->name));
    barq_set_key(map, "label", barq_string(arena, field->label));
    barq_set_key(map, "type", barq_string(arena, bm_field_type_name(field->type)));
    barq_set_key(map, "required", barq_bool(arena, field->is_required));
    barq_set_key(map, "instruction", barq_string(arena, field->instruction));
    barq_set_key(map, "options", copy_or(field->options, barq_list(arena), arena));
    barq_set_key(map, "min", number_json(field->has_min, field->min, arena));
    barq_set_key(map, "max", number_json(field->has_max, field->max, arena));
    barq_set_key(map, "max_length",
                 number_json(field->max_length > 0, (double)field->max_length, arena));
    barq_set_key(map, "unit", barq_string(arena, field->unit));
    barq_set_key(map, "rule", copy_or(field->rule, barq_null(arena), arena));
    barq_set_key(map, "show_on_card", barq_bool(arena, field->show_on_card));
    return map;
}
