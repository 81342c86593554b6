#include "export/field_text.h"

#include <string.h>

#include "fields/value_text.h"

const char *bm_field_text(const struct bm_field_value *value, const char *between,
                          struct barq_arena *arena)
{
    return bm_value_text(value ? value->value : NULL, between, arena);
}

const struct bm_field_value *bm_value_of(const struct bm_field *field,
                                         const struct bm_field_value *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(values[i].field_id, field->id) == 0) {
            return &values[i];
        }
    }
    return NULL;
}
