#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "formats/format.h"
#include "formats/json_object.h"
#include "formats/json_parts.h"

enum { VALUES_MAX_BYTES = 256 * 1024 * 1024 };

struct json {
    const struct bm_sink *sink; /* borrowed */
    bool inside;                /* of an archive */
    bool own;                   /* our own export */
    bool broken;                /* what comes now cannot be read any more */
    size_t parts_read;
    struct bm_json_take take;
    struct bm_json_parts parts;
    struct barq_arena before; /* of the object around the list at hand */
    const char *folder;       /* its name, in `before` */
};

/* The value of a part; NULL, with the reason in `why`, when it is none. */
static const struct barq_value *read_part(struct barq_arena *arena, const char *bytes, size_t len,
                                          struct barq_error *why)
{
    struct barq_value *value = NULL;

    return barq_from_json(arena, bytes, len, &value, why) == BARQ_OK ? value : NULL;
}

static enum barq_status take_value(struct json *json, int64_t line, const struct barq_value *value,
                                   bool listed, struct barq_error *err)
{
    const struct bm_json_context context = {.sink = json->sink,
                                            .line = line,
                                            .folder = json->folder,
                                            .inside = json->inside,
                                            .own = json->own,
                                            .listed = listed};

    return bm_json_object(&context, value, err);
}

static enum barq_status take_part(struct json *json, int64_t line, const char *bytes, size_t len,
                                  bool listed, struct barq_error *err)
{
    struct barq_error why;
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, VALUES_MAX_BYTES);
    if (!bytes) {
        return bm_item_fail(json->sink, line, "", "longer than 16 MiB", err);
    }

    const struct barq_value *value = read_part(&arena, bytes, len, &why);
    json->parts_read++;
    return value ? take_value(json, line, value, listed, err)
                 : bm_item_fail(json->sink, line, "", why.text, err);
}

static enum barq_status take_element(void *context, int64_t line, const char *bytes, size_t len,
                                     struct barq_error *err)
{
    return take_part(context, line, bytes, len, true, err);
}

static enum barq_status take_before(void *context, const char *bytes, size_t len,
                                    struct barq_error *err)
{
    struct json *json = context;
    struct barq_error why;

    bq_arena_reset(&json->before);
    const struct barq_value *value = read_part(&json->before, bytes, len, &why);
    json->folder = bm_json_name(value);
    json->own = strcmp(barq_as_string(barq_get(value, "format"), ""), BM_JSON_OWN) == 0;
    if (json->own) {
        json->folder = NULL;
        return json->sink->head ? json->sink->head(json->sink->context, value, err) : BARQ_OK;
    }
    return BARQ_OK;
}

/* An object without lists of its own is a thing itself, e.g. the .info.json of a video. */
static enum barq_status take_object(void *context, int64_t line, const char *bytes, size_t len,
                                    bool had_list, struct barq_error *err)
{
    struct json *json = context;

    json->folder = NULL;
    json->own = false;
    return had_list ? BARQ_OK : take_part(json, line, bytes, len, false, err);
}

static enum barq_status open_json(const struct bm_sink *sink, const struct bm_head *head,
                                  void **out, struct barq_error *err)
{
    struct json *json = calloc(1, sizeof(*json));
    if (!json) {
        return bq_fail(err, BARQ_ERR_NOMEM, "import: out of memory");
    }

    json->sink = sink;
    json->inside = head->inside;
    json->take = (struct bm_json_take){json, take_element, take_before, take_object};
    bm_json_parts_init(&json->parts, &json->take);
    bq_arena_init(&json->before, VALUES_MAX_BYTES);
    *out = json;
    return BARQ_OK;
}

static void close_json(void *self)
{
    struct json *json = self;

    if (json) {
        bm_json_parts_clear(&json->parts);
        bq_arena_clear(&json->before);
        free(json);
    }
}

/* What was read before stays: then the place where it breaks is one failure more. */
static enum barq_status judge(struct json *json, enum barq_status status, struct barq_error *err)
{
    struct barq_error why;
    if (status != BARQ_ERR_FORMAT || json->parts_read == 0) {
        return status;
    }

    why = *err;
    json->broken = true;
    return bm_item_fail(json->sink, json->parts.line, "", why.text + strlen("import: "), err);
}

static enum barq_status push_json(void *self, const char *bytes, size_t len, struct barq_error *err)
{
    struct json *json = self;

    return json->broken ? BARQ_OK
                        : judge(json, bm_json_parts_push(&json->parts, bytes, len, err), err);
}

static enum barq_status end_json(void *self, struct barq_error *err)
{
    struct json *json = self;

    return json->broken ? BARQ_OK : judge(json, bm_json_parts_end(&json->parts, err), err);
}

const struct bm_format bm_format_json = {"json", open_json, push_json, end_json, close_json};
