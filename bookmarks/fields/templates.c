#include "fields/templates.h"

#include <string.h>

#include "base/error.h"
#include "shipped.h"

static const struct template
{
    const char *name;
    const char *begin; /* a JSON list of fields */
    const char *end;
}
templates[] = {
    {"talks", bm_shipped_talks, bm_shipped_talks_end},
    {"none", NULL, NULL},
};

/* A part of a field as JSON again; `otherwise` when it is not there. */
static enum barq_status part_json(const struct barq_value *part, const char *otherwise,
                                  struct barq_arena *arena, const char **out,
                                  struct barq_error *err)
{
    if (!part) {
        *out = otherwise;
        return BARQ_OK;
    }
    return barq_to_json(arena, part, out, NULL, err);
}

static enum barq_status read_field(const struct barq_value *map, struct barq_arena *arena,
                                   struct bm_template_field *out, struct barq_error *err)
{
    out->name = barq_as_string(barq_get(map, "name"), NULL);
    out->label = barq_as_string(barq_get(map, "label"), NULL);
    if (!out->name || !out->label ||
        !bm_field_type_parse(barq_as_string(barq_get(map, "type"), ""), &out->type)) {
        return bq_fail(err, BARQ_ERR_CORRUPT, "templates: a field without name, label or type");
    }
    enum barq_status status = part_json(barq_get(map, "options"), "[]", arena, &out->options, err);
    return status == BARQ_OK ? part_json(barq_get(map, "rule"), NULL, arena, &out->rule, err)
                             : status;
}

static enum barq_status read_fields(const struct template *template, struct barq_arena *arena,
                                    const struct bm_template_field **out, size_t *count,
                                    struct barq_error *err)
{
    struct barq_value *list = NULL;
    size_t len = (size_t)(template->end - template->begin);

    enum barq_status status = barq_from_json(arena, template->begin, len, &list, err);
    if (status != BARQ_OK) {
        return status;
    }
    size_t n = barq_count(list);
    struct bm_template_field *fields = bq_arena_array(arena, n, sizeof(*fields));
    if (!fields) {
        return bq_fail(err, BARQ_ERR_NOMEM, "templates: arena is full");
    }
    for (size_t i = 0; status == BARQ_OK && i < n; i++) {
        status = read_field(barq_at(list, i), arena, &fields[i], err);
    }
    *out = fields;
    *count = n;
    return status;
}

enum barq_status bm_template_fields(const char *name, struct barq_arena *arena,
                                    const struct bm_template_field **out, size_t *count,
                                    struct barq_error *err)
{
    for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++) {
        if (strcmp(name, templates[i].name) != 0) {
            continue;
        }
        if (!templates[i].begin) {
            *out = NULL;
            *count = 0;
            return BARQ_OK;
        }
        return read_fields(&templates[i], arena, out, count, err);
    }
    return bq_fail(err, BARQ_ERR_ARG, "templates: no such template; there are talks and none");
}
