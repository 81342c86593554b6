/*
 * Params and columns. Most params go as text without a type, so that the server takes each for what the
 * statement needs it: "7" is an int2, an int8 or a text. Columns come as text.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "db/pg.h"

/* pg_type.dat; they never change. */
enum {
    BOOLOID = 16,
    BYTEAOID = 17,
    INT8OID = 20,
    INT2OID = 21,
    INT4OID = 23,
    OIDOID = 26,
    FLOAT4OID = 700,
    FLOAT8OID = 701,
    TIMESTAMPTZOID = 1184,
};

enum { US_PER_S = 1000 * 1000 };
/* From 1970 to 2000, where PostgreSQL's days begin. */
static const int64_t EPOCH_US = INT64_C(946684800) * US_PER_S;

/* -- params -- */

static const char *number_text(struct barq_arena *arena, const struct barq_scalar *value)
{
    if (value->kind == BARQ_INT) {
        return bq_arena_format(arena, "%lld", (long long)value->i);
    }
    return bq_arena_format(arena, "%.17g", value->d);
}

/* As the server sends and takes it: microseconds since 2000, the highest byte first. */
static const char *timestamp_bytes(struct barq_arena *arena, int64_t at_us)
{
    unsigned char *bytes = bq_arena_alloc(arena, sizeof(int64_t));
    uint64_t since = (uint64_t)at_us - (uint64_t)EPOCH_US;

    for (int i = 0; bytes && i < 8; i++) {
        bytes[i] = (unsigned char)(since >> (56 - 8 * i));
    }
    return (const char *)bytes;
}

static enum barq_status refuse(size_t at, const char *why, struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_TYPE, "postgresql: param %zu is %s", at + 1, why);
}

static enum barq_status check_data(const struct barq_scalar *value, size_t at,
                                   struct barq_error *err)
{
    if (value->len > INT_MAX) {
        return bq_fail(err, BARQ_ERR_LIMIT, "postgresql: param %zu is larger than 2 GiB", at + 1);
    }
    if (value->kind == BARQ_STRING && value->len > 0 && memchr(value->data, 0, value->len)) {
        return refuse(at, "text with a NUL in it, which PostgreSQL cannot store", err);
    }
    return BARQ_OK;
}

/* NULL pointers are nulls to libpq. */
static enum barq_status put(struct barq_arena *arena, const struct barq_scalar *value, size_t at,
                            struct bq_pg_params *out, struct barq_error *err)
{
    char kind[64];
    enum barq_status status = BARQ_OK;

    switch (value->kind) {
    case BARQ_NULL:
        return BARQ_OK;
    case BARQ_BOOL:
        out->types[at] = BOOLOID;
        out->values[at] = value->i ? "t" : "f";
        break;
    case BARQ_INT:
    case BARQ_DOUBLE:
        out->values[at] = number_text(arena, value);
        break;
    case BARQ_STRING:
        status = check_data(value, at, err);
        out->values[at] = bq_arena_strndup(arena, value->len ? value->data : "", value->len);
        break;
    case BARQ_BYTES:
        status = check_data(value, at, err);
        out->types[at] = BYTEAOID;
        out->formats[at] = 1;
        out->lengths[at] = (int)value->len;
        out->values[at] = value->len ? value->data : "";
        break;
    case BARQ_TIMESTAMP:
        out->types[at] = TIMESTAMPTZOID;
        out->formats[at] = 1;
        out->lengths[at] = sizeof(int64_t);
        out->values[at] = timestamp_bytes(arena, value->i);
        break;
    case BARQ_BIGINT:
    case BARQ_LIST:
    case BARQ_TUPLE:
    case BARQ_SET:
    case BARQ_MAP:
    case BARQ_NAMED:
    default:
        (void)snprintf(kind, sizeof(kind), "a %s: no column holds that",
                       barq_kind_name(value->kind));
        return refuse(at, kind, err);
    }
    if (status == BARQ_OK && !out->values[at]) {
        return bq_fail(err, BARQ_ERR_NOMEM, "postgresql: no memory for the params");
    }
    return status;
}

enum barq_status bq_pg_params_make(struct barq_arena *arena, const struct barq_scalar *params,
                                   size_t n_params, struct bq_pg_params *out,
                                   struct barq_error *err)
{
    size_t room = n_params > 0 ? n_params : 1;
    struct bq_pg_params made = {
        .count = n_params,
        .values = bq_arena_array(arena, room, sizeof(char *)),
        .lengths = bq_arena_array(arena, room, sizeof(int)),
        .formats = bq_arena_array(arena, room, sizeof(int)),
        .types = bq_arena_array(arena, room, sizeof(Oid)),
    };
    enum barq_status status = BARQ_OK;

    if (!made.values || !made.lengths || !made.formats || !made.types) {
        return bq_fail(err, BARQ_ERR_NOMEM, "postgresql: no memory for the params");
    }
    for (size_t i = 0; status == BARQ_OK && i < n_params; i++) {
        status = put(arena, &params[i], i, &made, err);
    }
    *out = made;
    return status;
}

/* -- columns -- */

/* "+02", "+05:30", "-00:01:15": seconds east; false when it is none. */
static bool read_zone(const char *text, int64_t *out)
{
    int hours = 0;
    int minutes = 0;
    int seconds = 0;

    if (*text != '+' && *text != '-') {
        return false;
    }
    if (sscanf(text + 1, "%2d:%2d:%2d", &hours, &minutes, &seconds) < 1) {
        return false;
    }
    int64_t east = hours * 3600 + minutes * 60 + seconds;
    *out = *text == '-' ? -east : east;
    return text[strspn(text, "+-:0123456789")] == '\0';
}

/* "2024-05-06 07:08:09.123456+02"; false for infinity and what is BC. */
static bool read_timestamp(const char *text, int64_t *out)
{
    struct tm at = {0};
    int64_t east = 0;
    int used = 0;

    if (sscanf(text, "%d-%2d-%2d %2d:%2d:%2d%n", &at.tm_year, &at.tm_mon, &at.tm_mday, &at.tm_hour,
               &at.tm_min, &at.tm_sec, &used) != 6) {
        return false;
    }
    int64_t us = 0;
    text += used;
    if (*text == '.') {
        int64_t unit = US_PER_S / 10;
        for (text++; *text >= '0' && *text <= '9'; text++, unit /= 10) {
            us += unit * (*text - '0');
        }
    }
    if (!read_zone(text, &east)) {
        return false;
    }
    at.tm_year -= 1900;
    at.tm_mon -= 1;
    *out = ((int64_t)timegm(&at) - east) * US_PER_S + us;
    return true;
}

static int digit_of(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* "\x0aff" */
static enum barq_status read_bytes(struct barq_arena *arena, const char *text, size_t len,
                                   struct barq_scalar *out, struct barq_error *err)
{
    if (len < 2 || memcmp(text, "\\x", 2) != 0) {
        return bq_fail(err, BARQ_ERR_FORMAT, "postgresql: bytea_output must be hex");
    }
    out->kind = BARQ_BYTES;
    out->len = (len - 2) / 2;
    char *bytes = bq_arena_alloc(arena, out->len + 1);
    if (!bytes) {
        return bq_fail(err, BARQ_ERR_NOMEM, "postgresql: no memory for the bytes of a column");
    }
    for (size_t i = 0; i < out->len; i++) {
        bytes[i] = (char)(digit_of(text[2 + 2 * i]) * 16 + digit_of(text[3 + 2 * i]));
    }
    out->data = bytes;
    return BARQ_OK;
}

enum barq_status bq_pg_column(struct barq_arena *arena, const PGresult *result, int row, int column,
                              struct barq_scalar *out, struct barq_error *err)
{
    const char *text = bq_libpq.PQgetvalue(result, row, column);
    size_t len = (size_t)bq_libpq.PQgetlength(result, row, column);

    *out = (struct barq_scalar){.kind = BARQ_STRING, .data = text, .len = len};
    if (bq_libpq.PQgetisnull(result, row, column)) {
        *out = (struct barq_scalar){.kind = BARQ_NULL};
        return BARQ_OK;
    }
    switch (bq_libpq.PQftype(result, column)) {
    case BOOLOID:
        *out = (struct barq_scalar){.kind = BARQ_BOOL, .i = *text == 't'};
        return BARQ_OK;
    case INT2OID:
    case INT4OID:
    case INT8OID:
    case OIDOID:
        *out = (struct barq_scalar){.kind = BARQ_INT, .i = strtoll(text, NULL, 10)};
        return BARQ_OK;
    case FLOAT4OID:
    case FLOAT8OID:
        *out = (struct barq_scalar){.kind = BARQ_DOUBLE, .d = strtod(text, NULL)};
        return BARQ_OK;
    case TIMESTAMPTZOID:
        out->kind = read_timestamp(text, &out->i) ? BARQ_TIMESTAMP : BARQ_STRING;
        return BARQ_OK;
    case BYTEAOID:
        return read_bytes(arena, text, len, out, err);
    default:
        return BARQ_OK;
    }
}
