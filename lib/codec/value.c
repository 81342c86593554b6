/*
 * value.c - making and reading single values; container.c has the members.
 */
#include "codec/value.h"

#include <stdarg.h>
#include <string.h>

#include <barq/value.h>

#include "base/arena.h"
#include "base/text.h"

const struct barq_value bq_null = {.kind = BARQ_NULL};
const struct barq_value bq_empty_tuple = {.kind = BARQ_TUPLE, .depth = 1, .closed = true};
const struct barq_value bq_empty_map = {.kind = BARQ_MAP, .depth = 1, .closed = true};

static struct barq_value *make(struct barq_arena *arena, enum barq_kind kind)
{
    struct barq_value *value = bq_arena_alloc(arena, sizeof(*value));

    if (value) {
        value->kind = (uint8_t)kind;
    }
    return value;
}

struct barq_value *barq_null(struct barq_arena *arena)
{
    return make(arena, BARQ_NULL);
}

struct barq_value *barq_bool(struct barq_arena *arena, bool truth)
{
    struct barq_value *value = make(arena, BARQ_BOOL);

    if (value) {
        value->as.truth = truth;
    }
    return value;
}

struct barq_value *barq_int(struct barq_arena *arena, int64_t number)
{
    struct barq_value *value = make(arena, BARQ_INT);

    if (value) {
        value->as.number = number;
    }
    return value;
}

struct barq_value *barq_double(struct barq_arena *arena, double number)
{
    struct barq_value *value = make(arena, BARQ_DOUBLE);

    if (value) {
        value->as.real = number;
    }
    return value;
}

struct barq_value *bq_text_new(struct barq_arena *arena, enum barq_kind kind, size_t len,
                               char **room)
{
    struct barq_value *value = NULL;
    if (len < SIZE_MAX / 2) {
        value = bq_arena_alloc(arena, sizeof(*value) + len + 1);
    }
    if (!value) {
        return NULL;
    }

    char *bytes = (char *)(value + 1);
    value->kind = (uint8_t)kind;
    value->as.text.bytes = bytes;
    value->as.text.len = len;
    *room = bytes;
    return value;
}

static struct barq_value *make_text(struct barq_arena *arena, enum barq_kind kind,
                                    const void *bytes, size_t len)
{
    char *room;
    struct barq_value *value = bq_text_new(arena, kind, len, &room);

    if (value && len > 0) {
        memcpy(room, bytes, len);
    }
    return value;
}

struct barq_value *barq_string_of(struct barq_arena *arena, const char *text, size_t len)
{
    if (!text) {
        return barq_null(arena);
    }
    return bq_utf8_valid(text, len) ? make_text(arena, BARQ_STRING, text, len) : NULL;
}

struct barq_value *barq_string(struct barq_arena *arena, const char *text)
{
    return barq_string_of(arena, text, text ? strlen(text) : 0);
}

struct barq_value *barq_format(struct barq_arena *arena, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    const char *text = bq_arena_vformat(arena, format, values);
    va_end(values);
    return text ? barq_string(arena, text) : NULL;
}

struct barq_value *barq_bytes(struct barq_arena *arena, const void *bytes, size_t len)
{
    return make_text(arena, BARQ_BYTES, bytes, len);
}

/* False when the digits do not fit. Counts downwards, since INT64_MIN has no positive. */
static bool fits_int(const char *digits, size_t len, bool negative, int64_t *out)
{
    int64_t number = 0;

    for (size_t i = 0; i < len; i++) {
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_sub_overflow(number, digits[i] - '0', &number)) {
            return false;
        }
    }
    if (!negative && number == INT64_MIN) {
        return false;
    }
    *out = negative ? number : -number;
    return true;
}

static bool all_digits(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
    }
    return len > 0;
}

struct barq_value *barq_bigint(struct barq_arena *arena, const char *digits, size_t len)
{
    bool negative = digits && len > 0 && digits[0] == '-';
    const char *first = negative ? digits + 1 : digits;
    size_t count = negative ? len - 1 : len;
    if (!digits || !all_digits(first, count)) {
        return NULL;
    }
    for (; count > 1 && *first == '0'; count--) {
        first++;
    }

    int64_t number;
    if (fits_int(first, count, negative, &number)) {
        return barq_int(arena, number);
    }
    char *room;
    struct barq_value *value = bq_text_new(arena, BARQ_BIGINT, count + negative, &room);
    if (value) {
        room[0] = '-';
        memcpy(room + negative, first, count);
    }
    return value;
}

struct barq_value *barq_timestamp(struct barq_arena *arena, int64_t at_us, int32_t zone_minutes)
{
    struct barq_value *value = make(arena, BARQ_TIMESTAMP);

    if (value) {
        value->as.time.at_us = at_us;
        value->as.time.zone_minutes = zone_minutes;
    }
    return value;
}

const char *barq_kind_name(enum barq_kind kind)
{
    static const char *const names[] = {
        [BARQ_NULL] = "null",   [BARQ_BOOL] = "bool",     [BARQ_INT] = "int",
        [BARQ_BIGINT] = "int",  [BARQ_DOUBLE] = "double", [BARQ_STRING] = "string",
        [BARQ_BYTES] = "bytes", [BARQ_LIST] = "list",     [BARQ_TUPLE] = "tuple",
        [BARQ_SET] = "set",     [BARQ_MAP] = "map",       [BARQ_TIMESTAMP] = "timestamp",
        [BARQ_NAMED] = "named",
    };

    return (size_t)kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "unknown";
}

enum barq_kind barq_kind(const struct barq_value *value)
{
    return value ? (enum barq_kind)value->kind : BARQ_NULL;
}

bool barq_is_null(const struct barq_value *value)
{
    return barq_kind(value) == BARQ_NULL;
}

bool barq_as_bool(const struct barq_value *value, bool otherwise)
{
    return barq_kind(value) == BARQ_BOOL ? value->as.truth : otherwise;
}

int64_t barq_as_int(const struct barq_value *value, int64_t otherwise)
{
    return barq_kind(value) == BARQ_INT ? value->as.number : otherwise;
}

double barq_as_double(const struct barq_value *value, double otherwise)
{
    if (barq_kind(value) == BARQ_INT) {
        return (double)value->as.number;
    }
    return barq_kind(value) == BARQ_DOUBLE ? value->as.real : otherwise;
}

const char *barq_as_string(const struct barq_value *value, const char *otherwise)
{
    enum barq_kind kind = barq_kind(value);

    return kind == BARQ_STRING || kind == BARQ_BIGINT ? value->as.text.bytes : otherwise;
}

const void *barq_as_bytes(const struct barq_value *value, size_t *len)
{
    enum barq_kind kind = barq_kind(value);
    bool has_bytes = kind == BARQ_STRING || kind == BARQ_BYTES || kind == BARQ_BIGINT;

    *len = has_bytes ? value->as.text.len : 0;
    return has_bytes ? value->as.text.bytes : NULL;
}

int64_t barq_timestamp_us(const struct barq_value *value)
{
    return barq_kind(value) == BARQ_TIMESTAMP ? value->as.time.at_us : 0;
}

int32_t barq_timestamp_zone(const struct barq_value *value)
{
    return barq_kind(value) == BARQ_TIMESTAMP ? value->as.time.zone_minutes : BARQ_NO_ZONE;
}

const char *barq_name_of(const struct barq_value *named)
{
    return barq_kind(named) == BARQ_NAMED ? named->as.named.name : NULL;
}

const struct barq_value *barq_content_of(const struct barq_value *named)
{
    return barq_kind(named) == BARQ_NAMED ? named->as.named.content : NULL;
}

struct barq_scalar barq_sql_bool(bool truth)
{
    return (struct barq_scalar){.kind = BARQ_BOOL, .i = truth};
}

struct barq_scalar barq_sql_timestamp(int64_t at_us)
{
    return (struct barq_scalar){.kind = BARQ_TIMESTAMP, .i = at_us};
}

struct barq_scalar barq_sql_null(void)
{
    return (struct barq_scalar){.kind = BARQ_NULL};
}

struct barq_scalar barq_sql_int(int64_t number)
{
    return (struct barq_scalar){.kind = BARQ_INT, .i = number};
}

struct barq_scalar barq_sql_double(double number)
{
    return (struct barq_scalar){.kind = BARQ_DOUBLE, .d = number};
}

struct barq_scalar barq_sql_text_of(const char *text, size_t len)
{
    if (!text) {
        return barq_sql_null();
    }
    return (struct barq_scalar){.kind = BARQ_STRING, .data = text, .len = len};
}

struct barq_scalar barq_sql_text(const char *text)
{
    return barq_sql_text_of(text, text ? strlen(text) : 0);
}

struct barq_scalar barq_sql_bytes(const void *bytes, size_t len)
{
    return (struct barq_scalar){.kind = BARQ_BYTES, .data = bytes, .len = len};
}
