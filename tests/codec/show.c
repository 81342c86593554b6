#include "codec/show.h"

#include <inttypes.h>
#include <stdint.h>

static void show_text(struct bq_buf *out, const struct barq_value *text)
{
    size_t len;
    const uint8_t *bytes = barq_as_bytes(text, &len);

    bq_buf_puts(out, "'");
    for (size_t i = 0; i < len; i++) {
        bool plain = bytes[i] >= ' ' && bytes[i] <= '~' && bytes[i] != '\'' && bytes[i] != '\\';
        bq_buf_printf(out, plain ? "%c" : "\\x%02x", bytes[i]);
    }
    bq_buf_puts(out, "'");
}

static void show_bytes(struct bq_buf *out, const struct barq_value *value)
{
    size_t len;
    const uint8_t *bytes = barq_as_bytes(value, &len);

    bq_buf_puts(out, "b'");
    for (size_t i = 0; i < len; i++) {
        bq_buf_printf(out, "%02x", bytes[i]);
    }
    bq_buf_puts(out, "'");
}

static void show_members(struct bq_buf *out, const struct barq_value *box, const char *brackets)
{
    bq_buf_put(out, brackets, 1);
    for (size_t i = 0; i < barq_count(box); i++) {
        bq_buf_puts(out, i > 0 ? ", " : "");
        if (barq_kind(box) == BARQ_MAP) {
            show(out, barq_key_at(box, i));
            bq_buf_puts(out, ": ");
        }
        show(out, barq_at(box, i));
    }
    bool lone = barq_kind(box) == BARQ_TUPLE && barq_count(box) == 1;
    bq_buf_puts(out, lone ? "," : "");
    bq_buf_put(out, brackets + 1, 1);
}

static void show_timestamp(struct bq_buf *out, const struct barq_value *value)
{
    bq_buf_printf(out, "datetime(%" PRId64, barq_timestamp_us(value));
    if (barq_timestamp_zone(value) != BARQ_NO_ZONE) {
        bq_buf_printf(out, ", %d", (int)barq_timestamp_zone(value));
    }
    bq_buf_puts(out, ")");
}

static void show_named(struct bq_buf *out, const struct barq_value *named)
{
    const struct barq_value *content = barq_content_of(named);

    bq_buf_puts(out, barq_name_of(named));
    if (barq_kind(content) == BARQ_TUPLE) {
        show_members(out, content, "()");
    } else if (!barq_is_null(content)) {
        bq_buf_puts(out, "(");
        show(out, content);
        bq_buf_puts(out, ")");
    }
}

void show(struct bq_buf *out, const struct barq_value *value)
{
    switch (barq_kind(value)) {
    case BARQ_NULL:
        bq_buf_puts(out, "None");
        break;
    case BARQ_BOOL:
        bq_buf_puts(out, barq_as_bool(value, false) ? "True" : "False");
        break;
    case BARQ_INT:
        bq_buf_printf(out, "%" PRId64, barq_as_int(value, 0));
        break;
    case BARQ_BIGINT:
        bq_buf_puts(out, barq_as_string(value, ""));
        break;
    case BARQ_DOUBLE:
        bq_buf_printf(out, "%.17g", barq_as_double(value, 0));
        break;
    case BARQ_STRING:
        show_text(out, value);
        break;
    case BARQ_BYTES:
        show_bytes(out, value);
        break;
    case BARQ_LIST:
        show_members(out, value, "[]");
        break;
    case BARQ_TUPLE:
        show_members(out, value, "()");
        break;
    case BARQ_SET:
        show_members(out, value, "<>");
        break;
    case BARQ_MAP:
        show_members(out, value, "{}");
        break;
    case BARQ_TIMESTAMP:
        show_timestamp(out, value);
        break;
    case BARQ_NAMED:
        show_named(out, value);
        break;
    }
}
