#include "formats/json_parts.h"

#include <assert.h>
#include <string.h>

#include "base/error.h"

enum state {
    BETWEEN,   /* whole values */
    IN_OBJECT, /* where a key, a comma or the end may come */
    IN_KEY,
    AFTER_KEY,    /* where the colon comes */
    BEFORE_VALUE, /* of the object */
    IN_LIST,      /* where an element, a comma or the end may come */
    IN_VALUE,
};

bool bm_json_is_list(const char *key)
{
    static const char *const lists[] = {"videos",    "bookmarks", "links", "collections",
                                        "playlists", "entries",   "items"};

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        if (strcmp(key, lists[i]) == 0) {
            return true;
        }
    }
    return false;
}

void bm_json_parts_init(struct bm_json_parts *parts, const struct bm_json_take *take)
{
    *parts = (struct bm_json_parts){.take = take, .state = BETWEEN, .line = 1};
    bq_buf_init(&parts->element, BM_JSON_ELEMENT_MAX_BYTES);
    bq_buf_init(&parts->object, BM_JSON_OBJECT_MAX_BYTES);
}

void bm_json_parts_clear(struct bm_json_parts *parts)
{
    bq_buf_clear(&parts->element);
    bq_buf_clear(&parts->object);
}

static enum barq_status refuse(const struct bm_json_parts *parts, struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_FORMAT, "import: JSON that is broken at line %lld",
                   (long long)parts->line);
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* -- values: only where they end matters -- */

static void begin_value(struct bm_json_parts *parts, char byte, int back)
{
    parts->state = IN_VALUE;
    parts->back = back;
    parts->in_string = byte == '"';
    parts->escaped = false;
    parts->nest = byte == '{' || byte == '[';
    parts->scalar = !parts->in_string && parts->nest == 0;
}

/* True when `byte` is behind the value, or ends it; `*inside`: it belongs to it. */
static bool value_ends(struct bm_json_parts *parts, char byte, bool *inside)
{
    *inside = true;
    if (parts->in_string) {
        bool quote = byte == '"' && !parts->escaped;
        parts->escaped = byte == '\\' && !parts->escaped;
        parts->in_string = !quote;
        return quote && parts->nest == 0;
    }
    if (parts->scalar) {
        *inside = !is_blank(byte) && byte != ',' && byte != ']' && byte != '}';
        return !*inside;
    }
    parts->in_string = byte == '"';
    parts->nest += byte == '{' || byte == '[';
    parts->nest -= byte == '}' || byte == ']';
    return parts->nest == 0;
}

static void keep(struct bm_json_parts *parts, char byte)
{
    bq_buf_put_u8(parts->in_list ? &parts->element : &parts->object, (uint8_t)byte);
}

static enum barq_status give_element(struct bm_json_parts *parts, struct barq_error *err)
{
    struct bq_buf *element = &parts->element;
    bool whole = !element->failed;

    if (element->starved) {
        return bq_fail(err, BARQ_ERR_NOMEM, "import: out of memory");
    }
    enum barq_status status =
        parts->take->element(parts->take->context, parts->part_line, whole ? element->data : NULL,
                             whole ? element->len : 0, err);
    bq_buf_clear(element); /* the memory of a large one is not kept */
    return status;
}

/* A member that is too long for the object is taken out of it again. */
static void end_member(struct bm_json_parts *parts)
{
    struct bq_buf *object = &parts->object;

    if (object->failed && !object->starved) {
        object->len = parts->member_from;
        object->failed = false;
    }
}

static enum barq_status end_value(struct bm_json_parts *parts, struct barq_error *err)
{
    parts->state = parts->back;
    if (parts->in_list) {
        return give_element(parts, err);
    }
    end_member(parts);
    return BARQ_OK;
}

/* -- lists and objects -- */

static enum barq_status in_list(struct bm_json_parts *parts, char byte, struct barq_error *err)
{
    if (is_blank(byte) || byte == ',') {
        return BARQ_OK;
    }
    if (byte == ']') {
        parts->in_list = false;
        parts->state = parts->top_is_list ? BETWEEN : IN_OBJECT;
        return BARQ_OK;
    }
    if (byte == '}' || byte == ':') {
        return refuse(parts, err);
    }
    parts->part_line = parts->line;
    begin_value(parts, byte, IN_LIST);
    keep(parts, byte);
    return BARQ_OK;
}

static enum barq_status end_object(struct bm_json_parts *parts, struct barq_error *err)
{
    struct bq_buf *object = &parts->object;

    bq_buf_put_u8(object, '}');
    if (object->failed) {
        return bq_fail(err, BARQ_ERR_NOMEM, "import: out of memory");
    }
    parts->state = BETWEEN;
    enum barq_status status = parts->take->object(parts->take->context, parts->part_line,
                                                  object->data, object->len, parts->had_list, err);
    bq_buf_clear(object);
    return status;
}

static enum barq_status in_object(struct bm_json_parts *parts, char byte, struct barq_error *err)
{
    if (is_blank(byte) || byte == ',') {
        return BARQ_OK;
    }
    if (byte == '}') {
        return end_object(parts, err);
    }
    if (byte != '"') {
        return refuse(parts, err);
    }
    parts->state = IN_KEY;
    parts->key_len = 0;
    parts->escaped = false;
    return BARQ_OK;
}

static void in_key(struct bm_json_parts *parts, char byte)
{
    if (byte == '"' && !parts->escaped) {
        bool whole = parts->key_len < BM_JSON_KEY_BYTES;
        parts->key[whole ? parts->key_len : 0] = '\0';
        parts->state = AFTER_KEY;
        return;
    }
    parts->escaped = byte == '\\' && !parts->escaped;
    if (parts->key_len < BM_JSON_KEY_BYTES) { /* else too long to be one that we know */
        parts->key[parts->key_len++] = byte;
    }
}

static enum barq_status begin_list(struct bm_json_parts *parts, struct barq_error *err)
{
    struct bq_buf *object = &parts->object;
    enum barq_status status = BARQ_OK;

    if (!parts->had_list) {
        bq_buf_put_u8(object, '}');
        status = object->failed
                     ? bq_fail(err, BARQ_ERR_NOMEM, "import: out of memory")
                     : parts->take->before(parts->take->context, object->data, object->len, err);
        object->len--;
    }
    parts->had_list = true;
    parts->in_list = true;
    parts->state = IN_LIST;
    return status;
}

static enum barq_status before_value(struct bm_json_parts *parts, char byte, struct barq_error *err)
{
    if (is_blank(byte)) {
        return BARQ_OK;
    }
    if (byte == ',' || byte == ':' || byte == '}' || byte == ']') {
        return refuse(parts, err);
    }
    if (byte == '[' && bm_json_is_list(parts->key)) {
        return begin_list(parts, err);
    }

    struct bq_buf *object = &parts->object;
    parts->member_from = object->len;
    bq_buf_puts(object, object->len > 1 ? ",\"" : "\"");
    bq_buf_put(object, parts->key, parts->key_len < BM_JSON_KEY_BYTES ? parts->key_len : 0);
    bq_buf_puts(object, "\":");
    begin_value(parts, byte, IN_OBJECT);
    keep(parts, byte);
    return BARQ_OK;
}

static enum barq_status between(struct bm_json_parts *parts, char byte, struct barq_error *err)
{
    if (is_blank(byte) || byte == ',') {
        return BARQ_OK;
    }
    if (byte != '{' && byte != '[') {
        return refuse(parts, err);
    }
    parts->part_line = parts->line;
    parts->top_is_list = parts->in_list = byte == '[';
    parts->had_list = false;
    parts->state = byte == '[' ? IN_LIST : IN_OBJECT;
    bq_buf_reset(&parts->object);
    if (byte == '{') {
        bq_buf_put_u8(&parts->object, '{');
    }
    return BARQ_OK;
}

static enum barq_status step(struct bm_json_parts *parts, char byte, struct barq_error *err)
{
    switch ((enum state)parts->state) {
    case BETWEEN:
        return between(parts, byte, err);
    case IN_OBJECT:
        return in_object(parts, byte, err);
    case IN_KEY:
        in_key(parts, byte);
        return BARQ_OK;
    case AFTER_KEY:
        parts->state = byte == ':' ? BEFORE_VALUE : AFTER_KEY;
        return byte == ':' || is_blank(byte) ? BARQ_OK : refuse(parts, err);
    case BEFORE_VALUE:
        return before_value(parts, byte, err);
    case IN_LIST:
        return in_list(parts, byte, err);
    case IN_VALUE:
        break;
    }
    assert(parts->state == IN_VALUE); /* every state has its case */
    bool inside;
    bool ends = value_ends(parts, byte, &inside);
    if (inside) {
        keep(parts, byte);
    }
    enum barq_status status = ends ? end_value(parts, err) : BARQ_OK;
    return status == BARQ_OK && !inside ? step(parts, byte, err) : status;
}

enum barq_status bm_json_parts_push(struct bm_json_parts *parts, const char *bytes, size_t len,
                                    struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; i < len && status == BARQ_OK; i++) {
        status = step(parts, bytes[i], err);
        parts->line += bytes[i] == '\n';
    }
    return status;
}

enum barq_status bm_json_parts_end(struct bm_json_parts *parts, struct barq_error *err)
{
    if (parts->state != BETWEEN) {
        return bq_fail(err, BARQ_ERR_FORMAT, "import: JSON that breaks off at line %lld",
                       (long long)parts->line);
    }
    return BARQ_OK;
}
