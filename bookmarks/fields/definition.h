/*
 * definition.h - a field as JSON: in the API, in templates, in exports.
 *
 *     {"name": "difficulty",            may be left out when there is a label
 *      "label": "Difficulty",           may be left out when there is a name
 *      "type": "select",
 *      "required": false,
 *      "instruction": "How much one must know before",
 *      "options": ["beginner", "expert"],
 *      "min": null, "max": null,        of a number, rating or duration
 *      "max_length": null,              of a text, in characters
 *      "unit": null,
 *      "rule": null,                    as rules.h says
 *      "show_on_card": false}
 *
 * What an answer says besides (id, position, times) is allowed in it, and not read.
 */
#ifndef BM_DEFINITION_H
#define BM_DEFINITION_H

#include "base/arena.h"
#include "fields/field.h"

/*
 * Reads what `map` says into `field`, in `arena`; what it does not say stays,
 * so `field` is zeroed for a new one. Then checks the whole.
 *
 * BARQ_ERR_ARG    a key or a value that makes no sense: the error names it
 * BARQ_ERR_NOMEM  `arena` is at its limit
 */
enum barq_status bm_field_read(const struct barq_value *map, struct barq_arena *arena,
                               struct bm_field *field, struct barq_error *err) BARQ_MUST_CHECK;

/* All of the above, and "id" if it has one. */
struct barq_value *bm_field_json(const struct bm_field *field, struct barq_arena *arena);

#endif
