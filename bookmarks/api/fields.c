/* fields.c - the schema of a list, and the templates that it can begin with. */
#include <string.h>

#include "api/find.h"
#include "api/problem.h"
#include "api/read.h"
#include "api/routes.h"
#include "base/time.h"
#include "fields/definition.h"
#include "fields/templates.h"

static struct barq_value *fields_json(const struct bm_field *fields, size_t count,
                                      struct barq_arena *arena)
{
    struct barq_value *list = barq_list(arena);

    for (size_t i = 0; i < count; i++) {
        barq_add(list, bm_field_json(&fields[i], arena));
    }
    return list;
}

/* Whatever a definition can be refused for. */
static enum barq_status refuse(struct bm_api_request *request, enum barq_status status,
                               const struct barq_error *err)
{
    status = bm_api_refuse_when(request, status, BARQ_ERR_ARG, BM_PROBLEM_INVALID, err);
    status = bm_api_refuse_when(request, status, BARQ_ERR_EXISTS, BM_PROBLEM_FIELD_EXISTS, err);
    status = bm_api_refuse_when(request, status, BARQ_ERR_LIMIT, BM_PROBLEM_TOO_MANY_FIELDS, err);
    return bm_api_refuse_when(request, status, BARQ_ERR_DENIED, BM_PROBLEM_VALUES_MISFIT, err);
}

static enum barq_status show_all(struct bm_api_request *request, const char *list_id,
                                 struct barq_error *err)
{
    const struct bm_field *fields = NULL;
    size_t count = 0;

    enum barq_status status =
        bm_fields(request->session, list_id, request->arena, &fields, &count, err);
    if (status == BARQ_OK) {
        request->answer = fields_json(fields, count, request->arena);
    }
    return status;
}

static enum barq_status of_list(struct bm_api_request *request, struct barq_error *err)
{
    enum barq_status status;
    struct bm_list list;

    return bm_api_find_list(request, request->ids[0], &list, &status, err)
               ? show_all(request, list.id, err)
               : status;
}

static enum barq_status one(struct bm_api_request *request, struct barq_error *err)
{
    enum barq_status status;
    struct bm_field field;
    struct bm_list list;

    if (bm_api_find_list(request, request->ids[0], &list, &status, err) &&
        bm_api_find_field(request, list.id, request->ids[1], &field, &status, err)) {
        request->answer = bm_field_json(&field, request->arena);
    }
    return status;
}

static enum barq_status add(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    struct bm_field field = {.id = NULL};
    char id[BM_ID_BYTES];
    enum barq_status status;
    struct bm_list list;

    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    if (!bm_api_find_list(request, request->ids[0], &list, &status, err)) {
        return status;
    }
    status = bm_field_read(body, request->arena, &field, err);
    if (status == BARQ_OK) {
        status = bm_field_add(request->session, list.id, &field, bq_wall_ms(), id, err);
    }
    if (status != BARQ_OK) {
        return refuse(request, status, err);
    }
    bm_api_created(request, "/api/lists/%s/fields/%s", list.id, id);
    field.id = id;
    request->answer = bm_field_json(&field, request->arena);
    return BARQ_OK;
}

/* -- from a template, or another list -- */

static enum barq_status add_these(struct bm_api_request *request, const char *list_id,
                                  const struct bm_field *fields, size_t count,
                                  struct barq_error *err)
{
    struct barq_arena *arena = request->arena;
    const struct bm_field *all = NULL;
    size_t n = 0;
    size_t added = 0;

    enum barq_status status =
        bm_fields_add(request->session, list_id, fields, count, bq_wall_ms(), &added, err);
    if (status == BARQ_OK) {
        status = bm_fields(request->session, list_id, arena, &all, &n, err);
    }
    if (status != BARQ_OK) {
        return refuse(request, status, err);
    }
    request->answer = barq_map(arena);
    barq_set_key(request->answer, "added_count", barq_int(arena, (int64_t)added));
    barq_set_key(request->answer, "fields", fields_json(all, n, arena));
    return BARQ_OK;
}

static enum barq_status copy(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    const char *template = bm_api_text(request, body, "template", BM_NAME_MAX_BYTES, NULL);
    const char *list_id = bm_api_text(request, body, "list_id", BM_NAME_MAX_BYTES, NULL);
    const struct bm_field *fields = NULL;
    size_t count = 0;
    enum barq_status status;
    struct bm_list from = {.id = NULL};
    struct bm_list to;

    if (body && !template == !list_id) {
        bm_api_wrong(request, "/template", "or list_id must be there, and not both");
    }
    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    if (!bm_api_find_list(request, request->ids[0], &to, &status, err) ||
        (list_id && !bm_api_find_list(request, list_id, &from, &status, err))) {
        return status;
    }
    status = template ? bm_template_fields(template, request->arena, &fields, &count, err)
                      : bm_fields(request->session, from.id, request->arena, &fields, &count, err);
    return status == BARQ_OK ? add_these(request, to.id, fields, count, err)
                             : refuse(request, status, err);
}

/* -- changing -- */

/* The body without what is said of the change and not of the field. */
static struct barq_value *definition_in(const struct barq_value *body, struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);

    for (size_t i = 0; i < barq_count(body); i++) {
        const char *key = barq_as_string(barq_key_at(body, i), "");
        if (strcmp(key, "rename_options") != 0 && strcmp(key, "set_aside") != 0) {
            barq_set_key(map, key, barq_copy(arena, barq_at(body, i)));
        }
    }
    return map;
}

static struct barq_value *changed_json(const struct bm_field *field,
                                       const struct bm_field_changed *changed,
                                       struct barq_arena *arena)
{
    struct barq_value *map = bm_field_json(field, arena);

    barq_set_key(map, "converted_count", barq_int(arena, changed->converted));
    barq_set_key(map, "aside_count", barq_int(arena, changed->aside));
    barq_set_key(map, "restored_count", barq_int(arena, changed->restored));
    return map;
}

static enum barq_status change(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    struct bm_field_change how = {
        .renamed = bm_api_map(request, body, "rename_options"),
        .set_aside = bm_api_bool(request, body, "set_aside", false),
    };
    struct bm_field_changed changed = {0};
    enum barq_status status;
    struct bm_field field;
    struct bm_list list;

    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    if (!bm_api_find_list(request, request->ids[0], &list, &status, err) ||
        !bm_api_find_field(request, list.id, request->ids[1], &field, &status, err)) {
        return status;
    }
    status = bm_field_read(definition_in(body, request->arena), request->arena, &field, err);
    if (status == BARQ_OK) {
        status =
            bm_field_update(request->session, list.id, &field, &how, bq_wall_ms(), &changed, err);
    }
    if (status != BARQ_OK) {
        return refuse(request, status, err);
    }
    request->answer = changed_json(&field, &changed, request->arena);
    return BARQ_OK;
}

static enum barq_status reorder(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    size_t count = 0;
    const char *const *ids =
        bm_api_texts(request, body, "field_ids", BM_FIELDS_MAX, BM_NAME_MAX_BYTES, &count);
    enum barq_status status;
    struct bm_list list;

    if (body && !ids) {
        bm_api_wrong(request, "/field_ids", "must be the ids of all fields, in their order");
    }
    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    if (!bm_api_find_list(request, request->ids[0], &list, &status, err)) {
        return status;
    }
    status = bm_fields_reorder(request->session, list.id, ids, count, bq_wall_ms(), err);
    return status == BARQ_OK ? show_all(request, list.id, err) : refuse(request, status, err);
}

static enum barq_status take_away(struct bm_api_request *request, struct barq_error *err)
{
    enum barq_status status;
    struct bm_field field;
    struct bm_list list;

    if (bm_api_find_list(request, request->ids[0], &list, &status, err) &&
        bm_api_find_field(request, list.id, request->ids[1], &field, &status, err)) {
        request->status = 204;
        status = bm_field_delete(request->session, list.id, field.id, err);
    }
    return status;
}

/* -- templates -- */

static enum barq_status templates(struct bm_api_request *request, struct barq_error *err)
{
    struct barq_arena *arena = request->arena;
    const struct bm_template *all = NULL;
    size_t count = 0;

    enum barq_status status = bm_templates(arena, &all, &count, err);
    request->answer = barq_list(arena);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        struct barq_value *map = barq_map(arena);
        barq_set_key(map, "name", barq_string(arena, all[i].name));
        barq_set_key(map, "label", barq_string(arena, all[i].label));
        barq_set_key(map, "about", barq_string(arena, all[i].about));
        barq_set_key(map, "fields", fields_json(all[i].fields, all[i].n_fields, arena));
        barq_add(request->answer, map);
    }
    return status;
}

static const struct bm_api_route routes[] = {
    {"GET", "/api/templates", templates, BM_NO_SESSION},
    {"GET", "/api/lists/{id}/fields", of_list, BM_READING},
    {"POST", "/api/lists/{id}/fields", add, BM_WRITING},
    {"POST", "/api/lists/{id}/fields/copy", copy, BM_WRITING},
    {"PUT", "/api/lists/{id}/fields/order", reorder, BM_WRITING},
    {"GET", "/api/lists/{id}/fields/{field}", one, BM_READING},
    {"PATCH", "/api/lists/{id}/fields/{field}", change, BM_WRITING},
    {"DELETE", "/api/lists/{id}/fields/{field}", take_away, BM_WRITING},
};

const struct bm_api_topic bm_api_fields_topic = BM_API_TOPIC(routes);
