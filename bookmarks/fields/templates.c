#include "fields/templates.h"

#include <string.h>

#include "base/error.h"
#include "fields/definition.h"
#include "shipped.h"

static enum barq_status read_fields(const struct barq_value *list, struct barq_arena *arena,
                                    struct bm_template *out, struct barq_error *err)
{
    size_t count = barq_count(list);
    struct bm_field *fields = bq_arena_array(arena, count, sizeof(*fields));
    if (!fields) {
        return bq_fail(err, BARQ_ERR_NOMEM, "templates: arena is full");
    }

    enum barq_status status = BARQ_OK;
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        status = bm_field_read(barq_at(list, i), arena, &fields[i], err);
    }
    out->fields = fields;
    out->n_fields = count;
    return status == BARQ_ERR_ARG ? BARQ_ERR_CORRUPT : status;
}

static enum barq_status read_template(const struct barq_value *map, struct barq_arena *arena,
                                      struct bm_template *out, struct barq_error *err)
{
    out->name = barq_as_string(barq_get(map, "name"), NULL);
    out->label = barq_as_string(barq_get(map, "label"), NULL);
    out->about = barq_as_string(barq_get(map, "about"), NULL);
    if (!out->name || !out->label || !out->about) {
        return bq_fail(err, BARQ_ERR_CORRUPT, "templates: one without name, label or about");
    }
    return read_fields(barq_get(map, "fields"), arena, out, err);
}

enum barq_status bm_templates(struct barq_arena *arena, const struct bm_template **out,
                              size_t *count, struct barq_error *err)
{
    struct barq_value *list = NULL;
    size_t len = (size_t)(bm_shipped_templates_end - bm_shipped_templates);

    enum barq_status status = barq_from_json(arena, bm_shipped_templates, len, &list, err);
    if (status != BARQ_OK) {
        return status;
    }
    size_t n = barq_count(list);
    struct bm_template *templates = bq_arena_array(arena, n, sizeof(*templates));
    if (!templates) {
        return bq_fail(err, BARQ_ERR_NOMEM, "templates: arena is full");
    }
    for (size_t i = 0; status == BARQ_OK && i < n; i++) {
        status = read_template(barq_at(list, i), arena, &templates[i], err);
    }
    if (status == BARQ_OK) {
        *out = templates;
        *count = n;
    }
    return status;
}

static enum barq_status no_such(const struct bm_template *templates, size_t count,
                                struct barq_arena *arena, struct barq_error *err)
{
    const char *names = "";

    for (size_t i = 0; names && i < count; i++) {
        names = bq_arena_format(arena, "%s%s, ", names, templates[i].name);
    }
    return bq_fail(err, BARQ_ERR_ARG, "templates: no such template; there are %snone",
                   names ? names : "");
}

enum barq_status bm_template_fields(const char *name, struct barq_arena *arena,
                                    const struct bm_field **out, size_t *count,
                                    struct barq_error *err)
{
    const struct bm_template *templates = NULL;
    size_t n = 0;

    if (strcmp(name, "none") == 0) {
        *out = NULL;
        *count = 0;
        return BARQ_OK;
    }
    enum barq_status status = bm_templates(arena, &templates, &n, err);
    if (status != BARQ_OK) {
        return status;
    }
    for (size_t i = 0; i < n; i++) {
        if (strcmp(name, templates[i].name) == 0) {
            *out = templates[i].fields;
            *count = templates[i].n_fields;
            return BARQ_OK;
        }
    }
    return no_such(templates, n, arena, err);
}
