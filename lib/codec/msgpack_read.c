/*
 * msgpack_read.c - MessagePack, every form of every type.
 *
 * Refused: strings that are not UTF-8, the same key twice in a map, extensions
 * other than the timestamp. A length is believed only as far as there are
 * bytes: nothing is reserved for it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <barq/value.h>

#include "base/error.h"
#include "base/text.h"
#include "codec/msgpack.h"
#include "codec/value.h"

struct msgpack {
    struct barq_arena *arena;
    const uint8_t *start;
    const uint8_t *value; /* where the value begins that is being read, for errors */
    const uint8_t *at;
    const uint8_t *end;
    int depth;
    enum barq_status status; /* set by the first failure */
    struct barq_error *err;
};

/* Every function that reads a value returns it, or NULL with `status` and `err` filled. */
static struct barq_value *fail(struct msgpack *in, const char *why)
{
    size_t offset = (size_t)(in->value - in->start);

    in->status = bq_fail(in->err, BARQ_ERR_FORMAT, "msgpack: at offset %zu: %s", offset, why);
    return NULL;
}

/* For what a constructor returned. */
static struct barq_value *made(struct msgpack *in, struct barq_value *value)
{
    if (!value) {
        in->status = bq_fail(in->err, BARQ_ERR_NOMEM,
                             "msgpack: the values need more memory than their arena may have");
    }
    return value;
}

static size_t left(const struct msgpack *in)
{
    return (size_t)(in->end - in->at);
}

/* A number of `bytes` bytes, the highest first. */
static bool take(struct msgpack *in, int bytes, uint64_t *out)
{
    uint64_t number = 0;
    if (left(in) < (size_t)bytes) {
        (void)fail(in, "the bytes end within a value");
        return false;
    }
    for (int i = 0; i < bytes; i++) {
        number = number << 8 | *in->at++;
    }
    *out = number;
    return true;
}

static struct barq_value *read_unsigned(struct msgpack *in, int bytes)
{
    uint64_t number;
    char digits[24];
    if (!take(in, bytes, &number)) {
        return NULL;
    }
    if (number <= INT64_MAX) {
        return made(in, barq_int(in->arena, (int64_t)number));
    }
    int len = snprintf(digits, sizeof(digits), "%" PRIu64, number);
    return made(in, barq_bigint(in->arena, digits, (size_t)len));
}

static struct barq_value *read_signed(struct msgpack *in, int bytes)
{
    uint64_t number;
    int shift = 64 - 8 * bytes;
    if (!take(in, bytes, &number)) {
        return NULL;
    }
    return made(in, barq_int(in->arena, (int64_t)(number << shift) >> shift));
}

static struct barq_value *read_float(struct msgpack *in)
{
    uint64_t number;
    float real;
    if (!take(in, 4, &number)) {
        return NULL;
    }
    uint32_t bits = (uint32_t)number;
    memcpy(&real, &bits, sizeof(real));
    return made(in, barq_double(in->arena, (double)real));
}

static struct barq_value *read_double(struct msgpack *in)
{
    uint64_t bits;
    double real;
    if (!take(in, 8, &bits)) {
        return NULL;
    }
    memcpy(&real, &bits, sizeof(real));
    return made(in, barq_double(in->arena, real));
}

/* Where the next `len` bytes are, or NULL. */
static const void *take_bytes(struct msgpack *in, uint64_t len)
{
    if (left(in) < len) {
        (void)fail(in, "the bytes end within a value");
        return NULL;
    }
    const void *bytes = in->at;
    in->at += len;
    return bytes;
}

static struct barq_value *read_string(struct msgpack *in, uint64_t len)
{
    const char *text = take_bytes(in, len);
    if (!text) {
        return NULL;
    }
    if (!bq_utf8_valid(text, len)) {
        return fail(in, "the string is not UTF-8");
    }
    return made(in, barq_string_of(in->arena, text, len));
}

static struct barq_value *read_bytes(struct msgpack *in, uint64_t len)
{
    const void *bytes = take_bytes(in, len);

    return bytes ? made(in, barq_bytes(in->arena, bytes, len)) : NULL;
}

static struct barq_value *read_value(struct msgpack *in);

static struct barq_value *read_list(struct msgpack *in, uint64_t count)
{
    struct barq_value *list = made(in, barq_list(in->arena));

    for (; list && count > 0; count--) {
        struct barq_value *item = read_value(in);
        if (!item) {
            return NULL;
        }
        barq_add(list, item);
    }
    return list;
}

static bool read_pair(struct msgpack *in, struct barq_value *map)
{
    struct barq_value *key = read_value(in);
    if (!key) {
        return false;
    }
    if (bq_find_key(map, key, NULL)) {
        (void)fail(in, "the same key for the second time");
        return false;
    }
    struct barq_value *value = read_value(in);
    if (value) {
        barq_put(map, key, value);
    }
    return value != NULL;
}

static struct barq_value *read_map(struct msgpack *in, uint64_t count)
{
    struct barq_value *map = made(in, barq_map(in->arena));

    for (; map && count > 0; count--) {
        if (!read_pair(in, map)) {
            return NULL;
        }
    }
    return map;
}

/* A container, if it is not one too deep; NULL also when reading broke off, or a member was lost. */
static struct barq_value *read_container(struct msgpack *in, bool is_map, uint64_t count)
{
    if (in->depth == BARQ_VALUE_MAX_DEPTH) {
        in->status = bq_fail(in->err, BARQ_ERR_LIMIT,
                             "msgpack: at offset %zu: more than %d arrays and maps in each other",
                             (size_t)(in->value - in->start), BARQ_VALUE_MAX_DEPTH);
        return NULL;
    }
    if (count > left(in) / (is_map ? 2 : 1)) {
        return fail(in, "it says that it has more members than there are bytes");
    }
    in->depth++;
    struct barq_value *value = is_map ? read_map(in, count) : read_list(in, count);
    in->depth--;
    return value ? made(in, value->flaw == BQ_FLAW_NONE ? value : NULL) : NULL;
}

/* Seconds and nanoseconds; a value holds microseconds, the rest is cut off as Python does. */
static struct barq_value *make_timestamp(struct msgpack *in, int64_t seconds, uint64_t ns)
{
    int64_t at_us;

    if (ns > 999999999) {
        return fail(in, "a timestamp with more than 999,999,999 nanoseconds");
    }
    if (__builtin_mul_overflow(seconds, 1000000, &at_us) ||
        __builtin_add_overflow(at_us, (int64_t)(ns / 1000), &at_us)) {
        return fail(in, "a timestamp beyond what microseconds in 64 bits can say");
    }
    return made(in, barq_timestamp(in->arena, at_us, 0));
}

static struct barq_value *read_timestamp(struct msgpack *in, uint64_t len)
{
    uint64_t first;
    uint64_t seconds;

    switch (len) {
    case 4:
        return take(in, 4, &seconds) ? make_timestamp(in, (int64_t)seconds, 0) : NULL;
    case 8:
        if (!take(in, 8, &first)) {
            return NULL;
        }
        return make_timestamp(in, (int64_t)(first & ((UINT64_C(1) << 34) - 1)), first >> 34);
    case 12:
        if (!take(in, 4, &first) || !take(in, 8, &seconds)) {
            return NULL;
        }
        return make_timestamp(in, (int64_t)seconds, first);
    default:
        return fail(in, "a timestamp that has not 4, 8 or 12 bytes");
    }
}

static struct barq_value *read_extension(struct msgpack *in, uint64_t len)
{
    uint64_t type;
    char why[64];
    if (!take(in, 1, &type)) {
        return NULL;
    }
    if ((int8_t)type == BQ_MSGPACK_TIMESTAMP) {
        return read_timestamp(in, len);
    }
    (void)snprintf(why, sizeof(why), "extension type %d, which barq does not know", (int8_t)type);
    return fail(in, why);
}

/* For marks whose length follows in `bytes` bytes. */
static struct barq_value *read_long(struct msgpack *in, int bytes,
                                    struct barq_value *(*read)(struct msgpack *in, uint64_t len))
{
    uint64_t len;

    return take(in, bytes, &len) ? read(in, len) : NULL;
}

static struct barq_value *read_long_container(struct msgpack *in, int bytes, bool is_map)
{
    uint64_t count;

    return take(in, bytes, &count) ? read_container(in, is_map, count) : NULL;
}

/* Marks c0 to df; each group of them counts its lengths up. */
static struct barq_value *read_marked(struct msgpack *in, uint8_t mark)
{
    switch (mark) {
    case 0xc0:
        return made(in, barq_null(in->arena));
    case 0xc2:
    case 0xc3:
        return made(in, barq_bool(in->arena, mark == 0xc3));
    case 0xc4:
    case 0xc5:
    case 0xc6:
        return read_long(in, 1 << (mark - 0xc4), read_bytes);
    case 0xc7:
    case 0xc8:
    case 0xc9:
        return read_long(in, 1 << (mark - 0xc7), read_extension);
    case 0xca:
        return read_float(in);
    case 0xcb:
        return read_double(in);
    case 0xcc:
    case 0xcd:
    case 0xce:
    case 0xcf:
        return read_unsigned(in, 1 << (mark - 0xcc));
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3:
        return read_signed(in, 1 << (mark - 0xd0));
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
        return read_extension(in, UINT64_C(1) << (mark - 0xd4));
    case 0xd9:
    case 0xda:
    case 0xdb:
        return read_long(in, 1 << (mark - 0xd9), read_string);
    case 0xdc:
    case 0xdd:
        return read_long_container(in, 2 << (mark - 0xdc), false);
    case 0xde:
    case 0xdf:
        return read_long_container(in, 2 << (mark - 0xde), true);
    default:
        return fail(in, "byte 0xc1, which MessagePack never uses");
    }
}

static struct barq_value *read_value(struct msgpack *in)
{
    in->value = in->at;
    if (in->at == in->end) {
        return fail(in, "the bytes end where a value should be");
    }

    uint8_t mark = *in->at++;
    if (mark < 0x80 || mark >= 0xe0) {
        return made(in, barq_int(in->arena, (int8_t)mark));
    }
    if (mark < 0x90) {
        return read_container(in, true, mark & 0x0f);
    }
    if (mark < 0xa0) {
        return read_container(in, false, mark & 0x0f);
    }
    return mark < 0xc0 ? read_string(in, mark & 0x1f) : read_marked(in, mark);
}

enum barq_status bq_msgpack_read(struct barq_arena *arena, const void *bytes, size_t len,
                                 struct barq_value **out, struct barq_error *err)
{
    const uint8_t *start = len > 0 ? bytes : (const uint8_t *)"";
    struct msgpack in = {.arena = arena,
                         .start = start,
                         .value = start,
                         .at = start,
                         .end = start + len,
                         .err = err};
    struct barq_value *value = read_value(&in);

    if (value && in.at < in.end) {
        in.value = in.at;
        value = fail(&in, "there is more after the value");
    }
    if (!value) {
        return in.status;
    }
    *out = value;
    return BARQ_OK;
}
