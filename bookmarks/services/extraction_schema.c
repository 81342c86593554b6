#include <math.h>

#include "services/extraction.h"

static struct barq_value *type_of(struct barq_arena *arena, const char *name)
{
    struct barq_value *type = barq_map(arena);

    barq_set_key(type, "type", barq_string(arena, name));
    return type;
}

/* One of these texts: the vocabulary is closed. */
static struct barq_value *choice(const struct bm_field *field, struct barq_arena *arena)
{
    struct barq_value *type = type_of(arena, "string");

    if (barq_count(field->options) > 0) {
        barq_set_key(type, "enum", barq_copy(arena, field->options));
    }
    return type;
}

static struct barq_value *choices(const struct bm_field *field, struct barq_arena *arena)
{
    struct barq_value *type = type_of(arena, "array");

    barq_set_key(type, "items", choice(field, arena));
    return type;
}

static struct barq_value *number(const struct bm_field *field, bool bounds,
                                 struct barq_arena *arena)
{
    bool whole = field->type == BM_RATING || field->type == BM_DURATION;
    struct barq_value *type = type_of(arena, whole ? "integer" : "number");
    double min = bm_field_min(field);
    double max = bm_field_max(field);

    if (bounds && isfinite(min)) {
        barq_set_key(type, "minimum", barq_double(arena, min));
    }
    if (bounds && isfinite(max)) {
        barq_set_key(type, "maximum", barq_double(arena, max));
    }
    return type;
}

static struct barq_value *value_type(const struct bm_field *field, bool bounds,
                                     struct barq_arena *arena)
{
    struct barq_value *type = NULL;

    switch (field->type) {
    case BM_SELECT:
        return choice(field, arena);
    case BM_MULTI_SELECT:
        return choices(field, arena);
    case BM_NUMBER:
    case BM_RATING:
    case BM_DURATION:
        return number(field, bounds, arena);
    case BM_BOOLEAN:
        return type_of(arena, "boolean");
    case BM_DATE:
        type = type_of(arena, "string");
        if (bounds) {
            barq_set_key(type, "format", barq_string(arena, "date"));
        }
        return type;
    case BM_TEXT:
    case BM_LINK:
    case BM_FIELD_TYPES:
        break;
    }
    return type_of(arena, "string");
}

/* Or null, where nothing decides it. */
static struct barq_value *or_null(struct barq_value *type, struct barq_arena *arena)
{
    struct barq_value *either = barq_map(arena);
    struct barq_value *types = barq_list(arena);

    barq_add(types, type);
    barq_add(types, type_of(arena, "null"));
    barq_set_key(either, "anyOf", types);
    return either;
}

/* All are required and no others allowed, as strict servers want it. */
static struct barq_value *object(struct barq_value *properties, struct barq_arena *arena)
{
    struct barq_value *type = type_of(arena, "object");
    struct barq_value *names = barq_list(arena);

    for (size_t i = 0; i < barq_count(properties); i++) {
        barq_add(names, barq_copy(arena, barq_key_at(properties, i)));
    }
    barq_set_key(type, "properties", properties);
    barq_set_key(type, "required", names);
    barq_set_key(type, "additionalProperties", barq_bool(arena, false));
    return type;
}

static struct barq_value *field_type(const struct bm_field *field, bool bounds,
                                     struct barq_arena *arena)
{
    struct barq_value *cell = barq_map(arena);

    struct barq_value *value = value_type(field, bounds, arena);
    barq_set_key(cell, "value", field->is_required ? value : or_null(value, arena));
    barq_set_key(cell, "at_seconds", or_null(type_of(arena, "integer"), arena));
    barq_set_key(cell, "quote", or_null(type_of(arena, "string"), arena));
    return object(cell, arena);
}

struct barq_value *bm_extraction_schema(const struct bm_field *fields, size_t n_fields,
                                        enum bm_service service, struct barq_arena *arena)
{
    struct barq_value *properties = barq_map(arena);

    for (size_t i = 0; i < n_fields; i++) {
        barq_set_key(properties, fields[i].name,
                     field_type(&fields[i], service == BM_SERVICE_GEMINI, arena));
    }
    struct barq_value *schema = object(properties, arena);
    return barq_value_check(schema, NULL) == BARQ_OK ? schema : NULL;
}
