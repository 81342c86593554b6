#include "export/field_text.h"

#include <string.h>

#include "base/buf.h"

enum { TEXT_MAX_BYTES = 64 * 1024 };

static void put_scalar(struct bq_buf *out, const struct barq_value *value)
{
    switch (barq_kind(value)) {
    case BARQ_STRING:
    case BARQ_BIGINT:
        bq_buf_puts(out, barq_as_string(value, ""));
        break;
    case BARQ_INT:
        bq_buf_printf(out, "%lld", (long long)barq_as_int(value, 0));
        break;
    case BARQ_DOUBLE:
        bq_buf_printf(out, "%.15g", barq_as_double(value, 0));
        break;
    case BARQ_BOOL:
        bq_buf_puts(out, barq_as_bool(value, false) ? "true" : "false");
        break;
    case BARQ_NULL:
    case BARQ_BYTES:
    case BARQ_LIST:
    case BARQ_TUPLE:
    case BARQ_SET:
    case BARQ_MAP:
    case BARQ_TIMESTAMP:
    case BARQ_NAMED:
        break; /* no field holds one */
    }
}

const char *bm_field_text(const struct bm_field_value *value, const char *between,
                          struct barq_arena *arena)
{
    const struct barq_value *content = value ? value->value : NULL;
    bq_auto(buf) struct bq_buf text;
    bq_buf_init(&text, TEXT_MAX_BYTES);

    if (barq_kind(content) == BARQ_LIST) {
        for (size_t i = 0; i < barq_count(content); i++) {
            bq_buf_puts(&text, i > 0 ? between : "");
            put_scalar(&text, barq_at(content, i));
        }
    } else {
        put_scalar(&text, content);
    }
    const char *whole = bq_buf_cstr(&text);
    return whole ? bq_arena_strdup(arena, whole) : NULL;
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
