#include "commands/fields_show.h"

#include <stdio.h>

#include "commands/run.h"
#include "commands/terminal.h"
#include "fields/definition.h"
#include "fields/templates.h"
#include "fields/value_text.h"

static const struct bm_text_column columns[] = {
    {"field", 20, false}, {"label", 24, false}, {"type", 12, false}, {"takes", 60, false}};
enum { N_COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static const char *takes(const struct bm_field *field, struct barq_arena *arena)
{
    const char *unit = field->unit ? field->unit : "";

    if (barq_count(field->options) > 0) {
        return bm_value_text(field->options, ", ", arena);
    }
    if (field->type == BM_RATING) {
        return bq_arena_format(arena, "%g to %g", bm_field_min(field), bm_field_max(field));
    }
    if (field->has_min || field->has_max) {
        const char *least = field->has_min ? bq_arena_format(arena, "%g ", field->min) : "";
        const char *most = field->has_max ? bq_arena_format(arena, "to %g ", field->max) : "";
        return bq_arena_format(arena, "%s%s%s", least, most, unit);
    }
    return unit;
}

enum barq_status bm_print_fields(const struct bm_step *step, const struct bm_field *fields,
                                 size_t count, struct barq_error *err)
{
    struct barq_value *json = barq_list(step->arena);

    if (!step->json) {
        bm_print_titles(stdout, columns, N_COLUMNS);
    }
    for (size_t i = 0; i < count; i++) {
        const char *cells[N_COLUMNS] = {fields[i].name, fields[i].label,
                                        bm_field_type_name(fields[i].type),
                                        takes(&fields[i], step->arena)};
        if (step->json) {
            barq_add(json, bm_field_json(&fields[i], step->arena));
        } else {
            bm_print_row(stdout, columns, N_COLUMNS, cells);
        }
    }
    return step->json ? bm_print_json(json, step->arena, err) : BARQ_OK;
}

enum barq_status bm_show_fields(const struct bm_step *step, const char *list_id,
                                struct barq_error *err)
{
    const struct bm_field *fields = NULL;
    size_t count = 0;

    enum barq_status status = bm_fields(step->session, list_id, step->arena, &fields, &count, err);
    return status == BARQ_OK ? bm_print_fields(step, fields, count, err) : status;
}

static enum barq_status print_template(const struct bm_step *step,
                                       const struct bm_template *template, struct barq_error *err)
{
    struct barq_value *json = barq_map(step->arena);
    struct barq_value *fields = barq_list(step->arena);

    for (size_t i = 0; i < template->n_fields; i++) {
        barq_add(fields, bm_field_json(&template->fields[i], step->arena));
    }
    barq_set_key(json, "name", barq_string(step->arena, template->name));
    barq_set_key(json, "label", barq_string(step->arena, template->label));
    barq_set_key(json, "about", barq_string(step->arena, template->about));
    barq_set_key(json, "fields", fields);
    const char *line = bq_arena_format(step->arena, "%-10s %s", template->name, template->about);
    return bm_step_tell(step, json, line, err);
}

enum barq_status bm_show_templates(const struct bm_step *step, struct barq_error *err)
{
    const struct bm_template *templates = NULL;
    size_t count = 0;

    enum barq_status status = bm_templates(step->arena, &templates, &count, err);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        status = print_template(step, &templates[i], err);
    }
    return status;
}
