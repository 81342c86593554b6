/*
 * msgpack.c - the MessagePack codec, and its writer; msgpack_read.c is its reader.
 *
 * Each value is written in the shortest of its forms, as Python's msgpack
 * writes it. Members of a map come in the map's order.
 */
#include "codec/msgpack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <barq/value.h>

#include "base/error.h"
#include "codec/value.h"

static enum barq_status refuse(const struct bq_step *step, struct barq_error *err, const char *why)
{
    char path[BQ_PATH_TEXT_BYTES];

    bq_path_text(step, path);
    return bq_fail(err, BARQ_ERR_TYPE, "msgpack: %s: %s", path, why);
}

static void put_byte(struct bq_buf *out, unsigned byte)
{
    bq_buf_put_u8(out, (uint8_t)byte);
}

/* The lowest `bytes` bytes of a number, the highest of them first. */
static void put_number(struct bq_buf *out, uint64_t number, int bytes)
{
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
        put_byte(out, (unsigned)(number >> shift & 0xff));
    }
}

static void put_marked(struct bq_buf *out, unsigned mark, uint64_t number, int bytes)
{
    put_byte(out, mark);
    put_number(out, number, bytes);
}

static void write_unsigned(struct bq_buf *out, uint64_t number)
{
    if (number < 0x80) {
        put_byte(out, (unsigned)number);
    } else if (number <= UINT8_MAX) {
        put_marked(out, 0xcc, number, 1);
    } else if (number <= UINT16_MAX) {
        put_marked(out, 0xcd, number, 2);
    } else if (number <= UINT32_MAX) {
        put_marked(out, 0xce, number, 4);
    } else {
        put_marked(out, 0xcf, number, 8);
    }
}

static void write_int(struct bq_buf *out, int64_t number)
{
    if (number >= 0) {
        write_unsigned(out, (uint64_t)number);
    } else if (number >= -32) {
        put_number(out, (uint64_t)number, 1);
    } else if (number >= INT8_MIN) {
        put_marked(out, 0xd0, (uint64_t)number, 1);
    } else if (number >= INT16_MIN) {
        put_marked(out, 0xd1, (uint64_t)number, 2);
    } else if (number >= INT32_MIN) {
        put_marked(out, 0xd2, (uint64_t)number, 4);
    } else {
        put_marked(out, 0xd3, (uint64_t)number, 8);
    }
}

static enum barq_status write_bigint(const char *digits, const struct bq_step *up,
                                     struct bq_buf *out, struct barq_error *err)
{
    errno = 0;
    uint64_t number = strtoull(digits, NULL, 10);

    if (digits[0] == '-' || errno != 0) {
        return refuse(up, err, "MessagePack has no integers beyond 64 bits");
    }
    write_unsigned(out, number);
    return BARQ_OK;
}

static void write_double(struct bq_buf *out, double number)
{
    uint64_t bits;

    memcpy(&bits, &number, sizeof(bits));
    put_marked(out, 0xcb, bits, 8);
}

/* The marks of what has a length: short forms hold it themselves, the others have it after them. */
struct marks {
    unsigned fixed;
    size_t fixed_end; /* 0: there is no short form */
    unsigned len8;    /* 0: there is none */
    unsigned len16;
    unsigned len32;
};

static const struct marks string_marks = {0xa0, 32, 0xd9, 0xda, 0xdb};
static const struct marks bytes_marks = {0, 0, 0xc4, 0xc5, 0xc6};
static const struct marks list_marks = {0x90, 16, 0, 0xdc, 0xdd};
static const struct marks map_marks = {0x80, 16, 0, 0xde, 0xdf};

static void put_length(struct bq_buf *out, const struct marks *marks, size_t len)
{
    if (len < marks->fixed_end) {
        put_byte(out, marks->fixed | (unsigned)len);
    } else if (marks->len8 != 0 && len <= UINT8_MAX) {
        put_marked(out, marks->len8, len, 1);
    } else if (len <= UINT16_MAX) {
        put_marked(out, marks->len16, len, 2);
    } else {
        put_marked(out, marks->len32, len, 4);
    }
}

static enum barq_status write_text(const struct marks *marks, const struct barq_value *text,
                                   const struct bq_step *up, struct bq_buf *out,
                                   struct barq_error *err)
{
    size_t len;
    const void *bytes = barq_as_bytes(text, &len);
    if (len > UINT32_MAX) {
        return refuse(up, err, "longer than MessagePack can say");
    }

    put_length(out, marks, len);
    bq_buf_put(out, bytes, len);
    return BARQ_OK;
}

/* The shortest of the three forms of an instant. */
static enum barq_status write_timestamp(const struct barq_value *value, const struct bq_step *up,
                                        struct bq_buf *out, struct barq_error *err)
{
    if (barq_timestamp_zone(value) == BARQ_NO_ZONE) {
        return refuse(up, err, "MessagePack has instants only; give the time a zone");
    }
    int64_t at_us = barq_timestamp_us(value);
    int64_t us = (at_us % 1000000 + 1000000) % 1000000;
    int64_t seconds = (at_us / 1000000) - (at_us % 1000000 < 0);
    uint64_t ns = (uint64_t)us * 1000;

    if (seconds >= 0 && seconds <= UINT32_MAX && ns == 0) {
        put_marked(out, 0xd6, BQ_MSGPACK_TIMESTAMP & 0xff, 1);
        put_number(out, (uint64_t)seconds, 4);
    } else if (seconds >= 0 && seconds < INT64_C(1) << 34) {
        put_marked(out, 0xd7, BQ_MSGPACK_TIMESTAMP & 0xff, 1);
        put_number(out, ns << 34 | (uint64_t)seconds, 8);
    } else {
        put_marked(out, 0xc7, 12, 1);
        put_number(out, BQ_MSGPACK_TIMESTAMP & 0xff, 1);
        put_number(out, ns, 4);
        put_number(out, (uint64_t)seconds, 8);
    }
    return BARQ_OK;
}

static enum barq_status write_value(const struct barq_value *value, const struct bq_step *up,
                                    struct bq_buf *out, struct barq_error *err);

static enum barq_status write_members(const struct barq_value *box, const struct bq_step *up,
                                      struct bq_buf *out, struct barq_error *err)
{
    struct bq_step step = {.up = up, .container = box};
    bool is_map = barq_kind(box) == BARQ_MAP;
    enum barq_status status = BARQ_OK;

    put_length(out, is_map ? &map_marks : &list_marks, barq_count(box));
    for (; status == BARQ_OK && step.index < barq_count(box); step.index++) {
        if (is_map) {
            status = write_value(barq_key_at(box, step.index), &step, out, err);
        }
        if (status == BARQ_OK) {
            status = write_value(barq_at(box, step.index), &step, out, err);
        }
    }
    return status;
}

static enum barq_status write_whole(const struct barq_value *value, const struct bq_step *up,
                                    struct bq_buf *out, struct barq_error *err)
{
    switch ((enum barq_kind)value->kind) {
    case BARQ_NULL:
        put_byte(out, 0xc0);
        return BARQ_OK;
    case BARQ_BOOL:
        put_byte(out, value->as.truth ? 0xc3 : 0xc2);
        return BARQ_OK;
    case BARQ_INT:
        write_int(out, value->as.number);
        return BARQ_OK;
    case BARQ_BIGINT:
        return write_bigint(value->as.text.bytes, up, out, err);
    case BARQ_DOUBLE:
        write_double(out, value->as.real);
        return BARQ_OK;
    case BARQ_STRING:
        return write_text(&string_marks, value, up, out, err);
    case BARQ_BYTES:
        return write_text(&bytes_marks, value, up, out, err);
    case BARQ_LIST:
    case BARQ_TUPLE:
    case BARQ_MAP:
        return write_members(value, up, out, err);
    case BARQ_TIMESTAMP:
        return write_timestamp(value, up, out, err);
    case BARQ_SET:
        return refuse(up, err, "MessagePack has no sets; make it a list");
    case BARQ_NAMED:
        return refuse(up, err, "MessagePack has no values of other languages' types");
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
                   ? bq_fail(err, BARQ_ERR_NOMEM, "msgpack: out of memory")
                   : bq_fail(err, BARQ_ERR_LIMIT, "msgpack: longer than %zu bytes", out->limit);
    }
    return status;
}

static enum barq_status msgpack_write(const struct barq_value *value, struct bq_buf *out,
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

const struct bq_codec bq_codec_msgpack = {
    .name = "msgpack",
    .encode = msgpack_write,
    .decode = bq_msgpack_read,
};
