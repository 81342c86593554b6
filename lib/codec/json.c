/*
 * json.c - the JSON codec, and its writer; json_read.c is its reader.
 *
 * What is written has no spaces and is UTF-8; only what JSON forbids in a
 * string is escaped. Members of a map come in the map's order.
 */
#include "codec/json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include <barq/value.h>

#include "base/error.h"
#include "codec/number.h"
#include "codec/value.h"

static enum barq_status refuse(const struct bq_step *step, struct barq_error *err, const char *why)
{
    char path[BQ_PATH_TEXT_BYTES];

    bq_path_text(step, path);
    return bq_fail(err, BARQ_ERR_TYPE, "json: %s: %s", path, why);
}

/* The letter after the backslash, or 0: there is no short form. */
static char short_escape(char byte)
{
    static const char letters[] = {
        ['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
        ['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't',
    };

    if ((size_t)(unsigned char)byte >= sizeof(letters)) {
        return 0;
    }
    return letters[(unsigned char)byte];
}

static void write_escape(struct bq_buf *out, char byte)
{
    char letter = short_escape(byte);

    if (letter != 0) {
        bq_buf_put(out, (char[]){'\\', letter}, 2);
    } else {
        bq_buf_printf(out, "\\u%04x", (unsigned)(unsigned char)byte);
    }
}

static bool needs_escape(char byte)
{
    return (unsigned char)byte < ' ' || byte == '"' || byte == '\\';
}

void bq_json_put_string(struct bq_buf *out, const char *bytes, size_t len)
{
    size_t plain = 0; /* bytes that can go as they are, from here back */

    bq_buf_put(out, "\"", 1);
    for (size_t i = 0; i < len; i++) {
        if (needs_escape(bytes[i])) {
            bq_buf_put(out, bytes + i - plain, plain);
            write_escape(out, bytes[i]);
            plain = 0;
        } else {
            plain++;
        }
    }
    bq_buf_put(out, bytes + len - plain, plain);
    bq_buf_put(out, "\"", 1);
}

static void write_string(struct bq_buf *out, const struct barq_value *string)
{
    size_t len;
    const char *bytes = barq_as_bytes(string, &len);

    bq_json_put_string(out, bytes, len);
}

static enum barq_status write_double(double number, const struct bq_step *up, struct bq_buf *out,
                                     struct barq_error *err)
{
    char text[BQ_DOUBLE_TEXT_BYTES];

    if (!isfinite(number)) {
        return refuse(up, err, "NaN and infinities are no JSON numbers");
    }
    bq_double_text(number, text);
    bq_buf_puts(out, text);
    return BARQ_OK;
}

static enum barq_status write_value(const struct barq_value *value, const struct bq_step *up,
                                    struct bq_buf *out, struct barq_error *err);

static enum barq_status write_list(const struct barq_value *list, const struct bq_step *up,
                                   struct bq_buf *out, struct barq_error *err)
{
    struct bq_step step = {.up = up, .container = list};

    bq_buf_put(out, "[", 1);
    for (; step.index < barq_count(list); step.index++) {
        if (step.index > 0) {
            bq_buf_put(out, ",", 1);
        }
        enum barq_status status = write_value(barq_at(list, step.index), &step, out, err);
        if (status != BARQ_OK) {
            return status;
        }
    }
    bq_buf_put(out, "]", 1);
    return BARQ_OK;
}

static enum barq_status write_map(const struct barq_value *map, const struct bq_step *up,
                                  struct bq_buf *out, struct barq_error *err)
{
    struct bq_step step = {.up = up, .container = map};

    bq_buf_put(out, "{", 1);
    for (; step.index < barq_count(map); step.index++) {
        const struct barq_value *key = barq_key_at(map, step.index);
        if (barq_kind(key) != BARQ_STRING) {
            return refuse(&step, err, "its key is no string, and JSON has no other keys");
        }
        if (step.index > 0) {
            bq_buf_put(out, ",", 1);
        }
        write_string(out, key);
        bq_buf_put(out, ":", 1);
        enum barq_status status = write_value(barq_at(map, step.index), &step, out, err);
        if (status != BARQ_OK) {
            return status;
        }
    }
    bq_buf_put(out, "}", 1);
    return BARQ_OK;
}

static enum barq_status write_whole(const struct barq_value *value, const struct bq_step *up,
                                    struct bq_buf *out, struct barq_error *err)
{
    switch ((enum barq_kind)value->kind) {
    case BARQ_NULL:
        bq_buf_puts(out, "null");
        return BARQ_OK;
    case BARQ_BOOL:
        bq_buf_puts(out, value->as.truth ? "true" : "false");
        return BARQ_OK;
    case BARQ_INT:
        bq_buf_printf(out, "%" PRId64, value->as.number);
        return BARQ_OK;
    case BARQ_BIGINT:
        bq_buf_put(out, value->as.text.bytes, value->as.text.len);
        return BARQ_OK;
    case BARQ_DOUBLE:
        return write_double(value->as.real, up, out, err);
    case BARQ_STRING:
        write_string(out, value);
        return BARQ_OK;
    case BARQ_LIST:
    case BARQ_TUPLE:
        return write_list(value, up, out, err);
    case BARQ_MAP:
        return write_map(value, up, out, err);
    case BARQ_BYTES:
        return refuse(up, err, "JSON has no bytes; make a string of them, in base64 for instance");
    case BARQ_SET:
        return refuse(up, err, "JSON has no sets; make it a list");
    case BARQ_TIMESTAMP:
        return refuse(up, err, "JSON has no timestamps; make it a number or a string");
    case BARQ_NAMED:
        return refuse(up, err, "JSON has no values of other languages' types");
    }
    return refuse(up, err, "a value of no known kind");
}

static enum barq_status write_value(const struct barq_value *value, const struct bq_step *up,
                                    struct bq_buf *out, struct barq_error *err)
{
    enum barq_status status = bq_flaw_check(value, up, err);
    if (status == BARQ_OK) {
        status = write_whole(value, up, out, err);
    }
    if (status == BARQ_OK && out->failed) {
        return out->starved
                   ? bq_fail(err, BARQ_ERR_NOMEM, "json: out of memory")
                   : bq_fail(err, BARQ_ERR_LIMIT, "json: longer than %zu bytes", out->limit);
    }
    return status;
}

static enum barq_status json_write(const struct barq_value *value, struct bq_buf *out,
                                   struct barq_error *err)
{
    struct bq_buf before = *out;
    enum barq_status status = write_value(value, NULL, out, err);

    if (status != BARQ_OK) {
        out->len = before.len;
        out->failed = before.failed;
        out->starved = before.starved;
    }
    return status;
}

const struct bq_codec bq_codec_json = {
    .name = "json",
    .encode = json_write,
    .decode = bq_json_read,
};
