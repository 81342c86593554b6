/*
 * field_text.h - a field's value as text, for tables and CSV.
 */
#ifndef BM_FIELD_TEXT_H
#define BM_FIELD_TEXT_H

#include <barq/value.h>

#include "base/arena.h"
#include "store/store.h"

/*
 * "true", "12", "beginner", and of a list its members with `between` between
 * them; "" when `value` is NULL. NULL when `arena` is full.
 */
const char *bm_field_text(const struct bm_field_value *value, const char *between,
                          struct barq_arena *arena);

/* What a video has in a field, among all its values; NULL when it has nothing there. */
const struct bm_field_value *bm_value_of(const struct bm_field *field,
                                         const struct bm_field_value *values, size_t count);

#endif
