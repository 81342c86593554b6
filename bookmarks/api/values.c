#include "api/values.h"

#include <string.h>

#include "api/problem.h"
#include "api/read.h"
#include "base/time.h"

static const struct bm_field *find(const struct bm_field *fields, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(fields[i].name, key) == 0 || strcmp(fields[i].id, key) == 0) {
            return &fields[i];
        }
    }
    return NULL;
}

static bool is_nothing(const struct barq_value *value)
{
    return barq_is_null(value) || strcmp(barq_as_string(value, "x"), "") == 0;
}

static enum barq_status set_one(struct bm_api_request *request, const char *video_id,
                                const struct bm_field *field, const struct barq_value *value,
                                const char *pointer, struct barq_error *err)
{
    struct bm_field_value given = {.value = value, .source = BM_BY_PERSON};

    if (is_nothing(value)) {
        return bm_field_value_clear(request->session, video_id, field, bq_wall_ms(), err);
    }
    enum barq_status status =
        bm_field_value_set(request->session, video_id, field, &given, bq_wall_ms(), NULL, err);
    if (status == BARQ_ERR_TYPE) {
        const char *why = strstr(err->text, ": ");
        bm_api_wrong(request, pointer, "%s", why ? why + 2 : err->text);
        return BARQ_OK;
    }
    return status;
}

enum barq_status bm_api_set_values(struct bm_api_request *request, const struct bm_video *video,
                                   const struct barq_value *values, const char *pointer,
                                   size_t *count, struct barq_error *err)
{
    const struct bm_field *fields = NULL;
    size_t n = 0;

    enum barq_status status =
        bm_fields(request->session, video->list_id, request->arena, &fields, &n, err);
    for (size_t i = 0; status == BARQ_OK && i < barq_count(values); i++) {
        const char *key = barq_as_string(barq_key_at(values, i), "");
        const char *where = bq_arena_format(request->arena, "%s/%s", pointer, key);
        const struct bm_field *field = find(fields, n, key);
        if (!where) {
            return BARQ_ERR_NOMEM;
        }
        if (!field) {
            bm_api_wrong(request, where, "is no field of this list");
            continue;
        }
        status = set_one(request, video->id, field, barq_at(values, i), where, err);
    }
    *count = barq_count(values);
    return status;
}
