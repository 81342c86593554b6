/*
 * templates.h - fields that a list can begin with. They are data:
 * templates.json, embedded in the program.
 */
#ifndef BM_TEMPLATES_H
#define BM_TEMPLATES_H

#include "base/arena.h"
#include "fields/field.h"

struct bm_template {
    const char *name;
    const char *label;
    const char *about; /* one sentence for people */
    const struct bm_field *fields;
    size_t n_fields;
};

/*
 * All templates, in `arena`.
 *
 * BARQ_ERR_CORRUPT  what is embedded is no list of templates
 * BARQ_ERR_NOMEM    `arena` is at its limit
 */
enum barq_status bm_templates(struct barq_arena *arena, const struct bm_template **out,
                              size_t *count, struct barq_error *err) BARQ_MUST_CHECK;

/*
 * The fields of one; "none" has none. Else as bm_templates().
 *
 * BARQ_ERR_ARG  there is no template of this name; the error says which there are
 */
enum barq_status bm_template_fields(const char *name, struct barq_arena *arena,
                                    const struct bm_field **out, size_t *count,
                                    struct barq_error *err) BARQ_MUST_CHECK;

#endif
