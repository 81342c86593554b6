/*
 * templates.h - fields that a new list can begin with. They are data:
 * talks.json, embedded in the program.
 */
#ifndef BM_TEMPLATES_H
#define BM_TEMPLATES_H

#include "base/arena.h"
#include "fields/rules.h"

/* A field as it is stored. */
struct bm_template_field {
    const char *name;
    const char *label;
    enum bm_field_type type;
    const char *options; /* a JSON list */
    const char *rule;    /* JSON, as rules.h says; NULL: filled in by hand */
};

/*
 * The fields of a template, in `arena`.
 *
 * BARQ_ERR_ARG      there is no template of this name; the error says which there are
 * BARQ_ERR_CORRUPT  what is embedded is no template
 * BARQ_ERR_NOMEM    `arena` is at its limit
 */
enum barq_status bm_template_fields(const char *name, struct barq_arena *arena,
                                    const struct bm_template_field **out, size_t *count,
                                    struct barq_error *err) BARQ_MUST_CHECK;

#endif
