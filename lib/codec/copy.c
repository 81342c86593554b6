/*
 * copy.c - a value once more, open again and in another arena.
 */
#include <barq/value.h>

#include "codec/value.h"

static struct barq_value *copy_members(struct barq_arena *arena, const struct barq_value *box,
                                       struct barq_value *copy)
{
    for (size_t i = 0; i < barq_count(box); i++) {
        struct barq_value *item = barq_copy(arena, barq_at(box, i));
        if (barq_kind(box) == BARQ_MAP) {
            barq_put(copy, barq_copy(arena, barq_key_at(box, i)), item);
        } else {
            barq_add(copy, item);
        }
        if (!item) {
            return NULL;
        }
    }
    if (copy && copy->flaw == BQ_FLAW_NONE) {
        copy->flaw = box->flaw;
    }
    return copy;
}

struct barq_value *barq_copy(struct barq_arena *arena, const struct barq_value *value)
{
    size_t len;
    const char *bytes = barq_as_bytes(value, &len);
    if (!value) {
        return barq_null(arena);
    }

    switch ((enum barq_kind)value->kind) {
    case BARQ_NULL:
        return barq_null(arena);
    case BARQ_BOOL:
        return barq_bool(arena, value->as.truth);
    case BARQ_INT:
        return barq_int(arena, value->as.number);
    case BARQ_BIGINT:
        return barq_bigint(arena, bytes, len);
    case BARQ_DOUBLE:
        return barq_double(arena, value->as.real);
    case BARQ_STRING:
        return barq_string_of(arena, bytes, len);
    case BARQ_BYTES:
        return barq_bytes(arena, bytes, len);
    case BARQ_LIST:
        return copy_members(arena, value, barq_list(arena));
    case BARQ_TUPLE:
        return copy_members(arena, value, barq_tuple(arena));
    case BARQ_SET:
        return copy_members(arena, value, barq_set(arena));
    case BARQ_MAP:
        return copy_members(arena, value, barq_map(arena));
    case BARQ_TIMESTAMP:
        return barq_timestamp(arena, value->as.time.at_us, value->as.time.zone_minutes);
    case BARQ_NAMED:
        return barq_named(arena, value->as.named.name, barq_copy(arena, value->as.named.content));
    }
    return NULL;
}
