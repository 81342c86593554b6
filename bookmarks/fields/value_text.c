#include "fields/value_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"

enum { TEXT_MAX_BYTES = 64 * 1024 };

#define BLANKS " \t\r\n"

/* -- writing -- */

static void put_scalar(struct bq_buf *out, const struct barq_value *value)
{
    switch (barq_kind(value)) {
    case BARQ_STRING:
    case BARQ_BIGINT:
        bq_buf_puts(out, barq_as_string(value, ""));
        break;
    case BARQ_INT:
        bq_buf_printf(out, "%" PRId64, barq_as_int(value, 0));
        break;
    case BARQ_DOUBLE:
        bq_buf_printf(out, "%.15g", barq_as_double(value, 0));
        break;
    case BARQ_BOOL:
        bq_buf_puts(out, barq_as_bool(value, false) ? "true" : "false");
        break;
    case BARQ_NULL:
    case BARQ_BYTES:
    case BARQ_LIST:
    case BARQ_TUPLE:
    case BARQ_SET:
    case BARQ_MAP:
    case BARQ_TIMESTAMP:
    case BARQ_NAMED:
        break; /* no field holds one */
    }
}

const char *bm_value_text(const struct barq_value *value, const char *between,
                          struct barq_arena *arena)
{
    bq_auto(buf) struct bq_buf text;
    bq_buf_init(&text, TEXT_MAX_BYTES);

    if (barq_kind(value) == BARQ_LIST) {
        for (size_t i = 0; i < barq_count(value); i++) {
            bq_buf_puts(&text, i > 0 ? between : "");
            put_scalar(&text, barq_at(value, i));
        }
    } else {
        put_scalar(&text, value);
    }
    const char *whole = bq_buf_cstr(&text);
    return whole ? bq_arena_strdup(arena, whole) : NULL;
}

/* -- reading: what cannot be read becomes the text itself, which the check then refuses -- */

/* The option that is meant, as it is written in the field; else the text. */
static struct barq_value *read_option(const struct bm_field *field, const char *text,
                                      struct barq_arena *arena)
{
    const char *meant = text;

    for (size_t i = 0; i < barq_count(field->options); i++) {
        const char *option = barq_as_string(barq_at(field->options, i), "");
        if (strcmp(option, text) == 0) {
            return barq_string(arena, option);
        }
        if (bq_equal_nocase(option, text)) {
            meant = option;
        }
    }
    return barq_string(arena, meant);
}

static bool is_there(const struct barq_value *list, const struct barq_value *value)
{
    for (size_t i = 0; i < barq_count(list); i++) {
        if (barq_equal(barq_at(list, i), value)) {
            return true;
        }
    }
    return false;
}

/* A copy of `len` bytes without the blanks around them; NULL when the arena is full. */
static const char *trim(const char *text, size_t len, struct barq_arena *arena)
{
    while (len > 0 && strchr(BLANKS, text[len - 1])) {
        len--;
    }
    size_t before = strspn(text, BLANKS);
    before = before < len ? before : len;
    return bq_arena_strndup(arena, text + before, len - before);
}

static struct barq_value *read_options(const struct bm_field *field, const char *text,
                                       struct barq_arena *arena)
{
    struct barq_value *list = barq_list(arena);
    struct barq_value *whole = read_option(field, text, arena);
    bool one = is_there(field->options, whole);
    const char *between = one ? "\n" : strchr(text, '|') ? "|" : ",";

    for (const char *at = text;;) {
        size_t len = strcspn(at, between);
        const char *part = trim(at, len, arena);
        struct barq_value *option = part ? read_option(field, part, arena) : NULL;
        if (!part || (*part != '\0' && !is_there(list, option))) {
            barq_add(list, option);
        }
        if (at[len] == '\0') {
            return list;
        }
        at += len + 1;
    }
}

static struct barq_value *number_of(double number, struct barq_arena *arena)
{
    bool whole = fabs(number) < 1e15 && number == floor(number);

    return whole ? barq_int(arena, (int64_t)number) : barq_double(arena, number);
}

static struct barq_value *read_number(const char *text, struct barq_arena *arena)
{
    char *end = NULL;
    double number = strtod(text, &end);
    bool plain = strspn(text, "+-0123456789.eE") == strlen(text); /* neither "inf" nor "0x1p3" */

    return plain && *end == '\0' ? number_of(number, arena) : barq_string(arena, text);
}

/* "1h30m", "90m", "2 h", "1:30", in minutes; -1 for anything else. */
static double minutes_of(const char *text)
{
    char *end = NULL;
    double hours = 0;
    double first = strtod(text, &end);

    if (end == text || !strchr("0123456789", *text)) {
        return -1;
    }
    end += strspn(end, BLANKS);
    if (*end == 'h' || *end == ':') {
        hours = first;
        const char *rest = end + 1 + strspn(end + 1, BLANKS);
        bool more = *rest != '\0';
        first = more ? strtod(rest, &end) : 0;
        end = more ? end : end + 1;
        if (more && end == rest) {
            return -1;
        }
    } else if (*end != 'm') {
        return -1;
    }
    end += strspn(end, BLANKS);
    bool ends = *end == '\0' || strcmp(end, "m") == 0 || strcmp(end, "min") == 0;
    return ends ? hours * 60 + first : -1;
}

static struct barq_value *read_duration(const char *text, struct barq_arena *arena)
{
    double minutes = minutes_of(text);

    return minutes >= 0 ? number_of(minutes, arena) : read_number(text, arena);
}

static struct barq_value *read_bool(const char *text, struct barq_arena *arena)
{
    static const char *const words[][2] = {{"false", "true"}, {"no", "yes"}, {"off", "on"},
                                           {"0", "1"},        {"n", "y"},    {"f", "t"}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        for (int truth = 0; truth < 2; truth++) {
            if (bq_equal_nocase(text, words[i][truth])) {
                return barq_bool(arena, truth == 1);
            }
        }
    }
    return barq_string(arena, text);
}

/* A time of day goes. */
static struct barq_value *read_date(const char *text, struct barq_arena *arena)
{
    static const char date[] = "2026-11-30";
    size_t len = strlen(text);
    bool timed =
        len > sizeof(date) && (text[sizeof(date) - 1] == 'T' || text[sizeof(date) - 1] == ' ');

    return barq_string_of(arena, text, timed ? sizeof(date) - 1 : len);
}

static struct barq_value *read(const struct bm_field *field, const char *text,
                               struct barq_arena *arena)
{
    switch (field->type) {
    case BM_SELECT:
        return read_option(field, text, arena);
    case BM_MULTI_SELECT:
        return read_options(field, text, arena);
    case BM_NUMBER:
    case BM_RATING:
        return read_number(text, arena);
    case BM_DURATION:
        return read_duration(text, arena);
    case BM_BOOLEAN:
        return read_bool(text, arena);
    case BM_DATE:
        return read_date(text, arena);
    case BM_TEXT:
    case BM_LINK:
    case BM_FIELD_TYPES:
        break;
    }
    return barq_string(arena, text);
}

enum barq_status bm_value_parse(const struct bm_field *field, const char *text,
                                struct barq_arena *arena, struct barq_value **out,
                                struct barq_error *err)
{
    size_t len = strlen(text);
    if (!bq_utf8_valid(text, len)) {
        return bq_fail(err, BARQ_ERR_TYPE, "fields: %.64s: what it got is not UTF-8", field->name);
    }
    const char *trimmed = trim(text, len, arena);
    if (trimmed && *trimmed == '\0') {
        *out = NULL;
        return BARQ_OK;
    }

    struct barq_value *value = trimmed ? read(field, trimmed, arena) : NULL;
    enum barq_status status = barq_value_check(value, err);
    if (status == BARQ_OK) {
        status = bm_field_check(field, value, err);
    }
    if (status == BARQ_OK) {
        *out = value;
    }
    return status;
}
