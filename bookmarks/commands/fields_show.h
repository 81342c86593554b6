/*
 * fields_show.h - the fields of a list, and those that a list can begin with, as a table or as JSON.
 */
#ifndef BM_COMMANDS_FIELDS_SHOW_H
#define BM_COMMANDS_FIELDS_SHOW_H

#include "commands/step.h"

enum barq_status bm_show_fields(const struct bm_step *step, const char *list_id,
                                struct barq_error *err) BARQ_MUST_CHECK;
enum barq_status bm_print_fields(const struct bm_step *step, const struct bm_field *fields,
                                 size_t count, struct barq_error *err) BARQ_MUST_CHECK;
enum barq_status bm_show_templates(const struct bm_step *step, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
