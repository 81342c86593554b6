/* check.c - which values a field allows, and how it is told that one is not. */
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "fields/field.h"
#include "fields/label.h"

enum {
    QUOTED_BYTES = 80,        /* of a value that is refused */
    ALLOWED_BYTES = 240,      /* of what is allowed in its place */
    JSON_BYTES = 1024 * 1024, /* of a value, to be quoted */
    PICKS_MAX = 100,          /* of a multi-select */
    PICKS_MAX_BYTES = 2000,   /* of them together: all are in an index */
};

/* -- the types -- */

/* The text of a string without a NUL in it; else NULL. */
static const char *text_of(const struct barq_value *value)
{
    size_t len = 0;
    const char *text = barq_kind(value) == BARQ_STRING ? barq_as_bytes(value, &len) : NULL;

    return text && strlen(text) == len ? text : NULL;
}

static int64_t characters(const char *text)
{
    int64_t count = 0;

    for (; *text != '\0'; text++) {
        count += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return count;
}

static bool is_text(const struct bm_field *field, const struct barq_value *value)
{
    const char *text = text_of(value);

    return text && *text != '\0' && bm_is_prose(text, BM_FIELD_TEXT_BYTES) &&
           (field->max_length == 0 || characters(text) <= field->max_length);
}

static bool is_option(const struct bm_field *field, const struct barq_value *value)
{
    const char *text = text_of(value);

    for (size_t i = 0; text && i < barq_count(field->options); i++) {
        if (barq_equal(barq_at(field->options, i), value)) {
            return true;
        }
    }
    return text && barq_count(field->options) == 0 && bm_is_label(text, BM_FIELD_LABEL_BYTES);
}

static bool are_options(const struct bm_field *field, const struct barq_value *values)
{
    size_t count = barq_count(values);
    size_t bytes = 0;

    for (size_t i = 0; i < count; i++) {
        if (!is_option(field, barq_at(values, i))) {
            return false;
        }
        bytes += strlen(text_of(barq_at(values, i))) + 1;
        for (size_t before = 0; before < i; before++) {
            if (barq_equal(barq_at(values, before), barq_at(values, i))) {
                return false;
            }
        }
    }
    return barq_kind(values) == BARQ_LIST && count <= PICKS_MAX && bytes <= PICKS_MAX_BYTES;
}

static bool is_within(const struct bm_field *field, const struct barq_value *value)
{
    double number = barq_as_double(value, HUGE_VAL);

    return (barq_kind(value) == BARQ_INT || barq_kind(value) == BARQ_DOUBLE) && isfinite(number) &&
           number >= bm_field_min(field) && number <= bm_field_max(field);
}

static bool is_date(const struct barq_value *value)
{
    const char *text = text_of(value);
    int64_t at_ms = 0;

    return text && strlen(text) == strlen("2026-11-30") && bq_time_parse(text, &at_ms);
}

static bool is_link(const struct barq_value *value)
{
    const char *text = text_of(value);

    if (!text || !bm_is_label(text, BM_FIELD_LINK_BYTES) || strpbrk(text, " <>\"\\^`{|}")) {
        return false;
    }
    const char *host = strstr(text, "://");
    return (bq_starts_with(text, "http://") || bq_starts_with(text, "https://")) &&
           strcspn(host + 3, "/?#") > 0;
}

static bool is_allowed(const struct bm_field *field, const struct barq_value *value)
{
    switch (field->type) {
    case BM_TEXT:
        return is_text(field, value);
    case BM_SELECT:
        return is_option(field, value);
    case BM_MULTI_SELECT:
        return are_options(field, value);
    case BM_NUMBER:
    case BM_RATING:
    case BM_DURATION:
        return is_within(field, value);
    case BM_BOOLEAN:
        return barq_kind(value) == BARQ_BOOL;
    case BM_DATE:
        return is_date(value);
    case BM_LINK:
        return is_link(value);
    case BM_FIELD_TYPES:
        break;
    }
    return false;
}

/* -- what is told -- */

static void say_options(const struct bm_field *field, struct bq_buf *out)
{
    bq_buf_puts(out, field->type == BM_SELECT ? "one of" : "a list of");
    for (size_t i = 0; i < barq_count(field->options); i++) {
        bq_buf_printf(out, "%s %s", i > 0 ? "," : "",
                      barq_as_string(barq_at(field->options, i), ""));
    }
    if (barq_count(field->options) == 0) {
        bq_buf_puts(out, " texts, each once");
    }
}

static void say_number(const struct bm_field *field, struct bq_buf *out)
{
    double min = bm_field_min(field);
    double max = bm_field_max(field);

    bq_buf_puts(out, field->type == BM_DURATION ? "minutes as a number" : "a number");
    if (isfinite(min)) {
        bq_buf_printf(out, isfinite(max) ? " from %.15g" : " of at least %.15g", min);
    }
    if (isfinite(max)) {
        bq_buf_printf(out, isfinite(min) ? " to %.15g" : " of at most %.15g", max);
    }
}

static void say_text(const struct bm_field *field, struct bq_buf *out)
{
    bq_buf_printf(out, "text of at most %lld characters",
                  (long long)(field->max_length ? field->max_length : BM_FIELD_TEXT_BYTES));
}

static void say_allowed(const struct bm_field *field, struct bq_buf *out)
{
    switch (field->type) {
    case BM_SELECT:
    case BM_MULTI_SELECT:
        say_options(field, out);
        break;
    case BM_NUMBER:
    case BM_RATING:
    case BM_DURATION:
        say_number(field, out);
        break;
    case BM_TEXT:
        say_text(field, out);
        break;
    case BM_BOOLEAN:
        bq_buf_puts(out, "true or false");
        break;
    case BM_DATE:
        bq_buf_puts(out, "a date like \"2026-11-30\"");
        break;
    case BM_LINK:
        bq_buf_puts(out, "an address that begins with http:// or https://");
        break;
    case BM_FIELD_TYPES:
        break;
    }
}

/* At most `max` bytes of `text`, with an ellipsis when there were more; may be in `arena`. */
static const char *cut(struct barq_arena *arena, const char *text, size_t max)
{
    size_t len = text ? strlen(text) : 0;

    if (len <= max) {
        return text ? text : "?";
    }
    const char *kept = bq_arena_format(arena, "%.*s...", (int)bq_utf8_cut(text, len, max), text);
    return kept ? kept : "?";
}

static enum barq_status refuse(const struct bm_field *field, const struct barq_value *value,
                               struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bq_auto(buf) struct bq_buf allowed;
    const char *json = NULL;
    bq_arena_init(&arena, JSON_BYTES);
    bq_buf_init(&allowed, JSON_BYTES);

    say_allowed(field, &allowed);
    if (barq_to_json(&arena, value, &json, NULL, NULL) != BARQ_OK) {
        json = "what it got"; /* too large, or nothing that JSON has */
    }
    return bq_fail(err, BARQ_ERR_TYPE, "fields: %.64s cannot be %s: it takes %s", field->name,
                   cut(&arena, json, QUOTED_BYTES),
                   cut(&arena, bq_buf_cstr(&allowed), ALLOWED_BYTES));
}

enum barq_status bm_field_check(const struct bm_field *field, const struct barq_value *value,
                                struct barq_error *err)
{
    return is_allowed(field, value) ? BARQ_OK : refuse(field, value, err);
}
