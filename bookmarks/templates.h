/*
 * templates.h - fields that a new list can begin with.
 */
#ifndef BM_TEMPLATES_H
#define BM_TEMPLATES_H

#include "rules.h"

/* A field as it is stored; JSON as text. */
struct bm_template_field {
    const char *name; /* NULL ends the fields */
    const char *label;
    enum bm_field_type type;
    const char *options; /* a list, in order */
    const char *rule;    /* as rules.h says */
};

/* NULL when there is no template of this name. */
const struct bm_template_field *bm_template_find(const char *name);
/* The names, with ", " between: for an error or --help. */
const char *bm_template_names(void);

#endif
