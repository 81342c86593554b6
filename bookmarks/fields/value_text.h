/*
 * value_text.h - a field's value as text: in tables, in CSV, on a command line.
 */
#ifndef BM_VALUE_TEXT_H
#define BM_VALUE_TEXT_H

#include "base/arena.h"
#include "fields/field.h"

/*
 * "true", "12", "beginner", and of a list its members with `between` between
 * them; "" of NULL. NULL when `arena` is full.
 */
const char *bm_value_text(const struct barq_value *value, const char *between,
                          struct barq_arena *arena);

/*
 * Reads `text` as a value of `field`, more kindly than a program would be read:
 * blanks around it do not count, nor does the case of an option; true, yes, on
 * and 1 are one; a multi-select has "|" between its options, or commas; "1h30m"
 * and "1:30" are durations of 90 minutes; a date may go on with a time.
 * Nothing but blanks is no value: `*out` is NULL.
 *
 * BARQ_ERR_TYPE   as bm_field_check()
 * BARQ_ERR_NOMEM  `arena` is at its limit
 */
enum barq_status bm_value_parse(const struct bm_field *field, const char *text,
                                struct barq_arena *arena, struct barq_value **out,
                                struct barq_error *err) BARQ_MUST_CHECK;

#endif
