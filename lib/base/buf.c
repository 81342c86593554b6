#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { FIRST_BYTES = 256 };

void bq_buf_init(struct bq_buf *buf, size_t limit)
{
    /* Far from overflowing when lengths are added up. */
    size_t most = PTRDIFF_MAX / 4;

    *buf = (struct bq_buf){.limit = limit < most ? limit : most};
}

void bq_buf_clear(struct bq_buf *buf)
{
    if (!buf) {
        return;
    }
    free(buf->data);
    bq_buf_init(buf, buf->limit);
}

void bq_buf_drop(struct bq_buf *buf)
{
    bq_buf_clear(buf);
}

void bq_buf_reset(struct bq_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    buf->starved = false;
}

void bq_buf_consume(struct bq_buf *buf, size_t len)
{
    assert(len <= buf->len);
    if (len == 0) {
        return;
    }
    buf->len -= len;
    memmove(buf->data, buf->data + len, buf->len);
}

static bool grow(struct bq_buf *buf, size_t needed)
{
    size_t capacity = buf->capacity ? buf->capacity * 2 : FIRST_BYTES;
    if (capacity > buf->limit + 1) {
        capacity = buf->limit + 1;
    }
    if (capacity < needed) {
        capacity = needed;
    }

    char *data = realloc(buf->data, capacity);
    if (!data) {
        buf->failed = true;
        buf->starved = true;
        return false;
    }
    buf->data = data;
    buf->capacity = capacity;
    return true;
}

char *bq_buf_reserve(struct bq_buf *buf, size_t len)
{
    if (buf->failed) {
        return NULL;
    }
    if (buf->len > buf->limit || len > buf->limit - buf->len) {
        buf->failed = true;
        return NULL;
    }

    /* Always one byte more than asked for: bq_buf_cstr() and vsnprintf() put a NUL there. */
    size_t needed = buf->len + len + 1;
    if (needed > buf->capacity && !grow(buf, needed)) {
        return NULL;
    }
    return buf->data + buf->len;
}

bool bq_buf_has_room(struct bq_buf *buf, size_t len)
{
    bool had_failed = buf->failed;
    bool has_room = bq_buf_reserve(buf, len) != NULL;

    if (!had_failed) {
        buf->failed = false;
        buf->starved = false;
    }
    return has_room;
}

void bq_buf_put(struct bq_buf *buf, const void *bytes, size_t len)
{
    if (len == 0) {
        return;
    }
    char *at = bq_buf_reserve(buf, len);
    if (at) {
        memcpy(at, bytes, len);
        buf->len += len;
    }
}

/* The lowest `len` bytes of `number`, the lowest first. */
static void put_number(struct bq_buf *buf, uint64_t number, size_t len)
{
    unsigned char bytes[8];

    for (size_t i = 0; i < len; i++) {
        bytes[i] = (unsigned char)(number >> (8 * i));
    }
    bq_buf_put(buf, bytes, len);
}

void bq_buf_put_u8(struct bq_buf *buf, uint8_t number)
{
    put_number(buf, number, 1);
}

void bq_buf_put_u32(struct bq_buf *buf, uint32_t number)
{
    put_number(buf, number, 4);
}

void bq_buf_put_i64(struct bq_buf *buf, int64_t number)
{
    put_number(buf, (uint64_t)number, 8);
}

void bq_buf_put_block(struct bq_buf *buf, const void *bytes, size_t len)
{
    if (len > UINT32_MAX) {
        buf->failed = true;
        return;
    }
    bq_buf_put_u32(buf, (uint32_t)len);
    bq_buf_put(buf, bytes, len);
}

void bq_buf_put_str(struct bq_buf *buf, const char *text)
{
    bq_buf_put_block(buf, text, text ? strlen(text) : 0);
}

void bq_buf_puts(struct bq_buf *buf, const char *text)
{
    bq_buf_put(buf, text, strlen(text));
}

void bq_buf_printf(struct bq_buf *buf, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    int len = vsnprintf(NULL, 0, format, values);
    va_end(values);
    if (len < 0) {
        buf->failed = true;
        return;
    }

    char *at = bq_buf_reserve(buf, (size_t)len);
    if (at) {
        va_start(values, format);
        vsnprintf(at, (size_t)len + 1, format, values);
        va_end(values);
        buf->len += (size_t)len;
    }
}

const char *bq_buf_cstr(struct bq_buf *buf)
{
    char *end = bq_buf_reserve(buf, 0);

    if (!end) {
        return NULL;
    }
    *end = '\0';
    return buf->data;
}

struct bq_reader bq_reader_of(const void *bytes, size_t len)
{
    const char *at = bytes ? bytes : "";

    return (struct bq_reader){.at = at, .end = at + len};
}

/* The next `len` bytes; NULL, and never anything again, when there are fewer. */
static const char *take(struct bq_reader *reader, size_t len)
{
    if (reader->failed || len > (size_t)(reader->end - reader->at)) {
        reader->failed = true;
        return NULL;
    }
    const char *at = reader->at;
    reader->at += len;
    return at;
}

static uint64_t read_number(struct bq_reader *reader, size_t len)
{
    const char *at = take(reader, len);
    uint64_t number = 0;

    for (size_t i = 0; at && i < len; i++) {
        number |= (uint64_t)(unsigned char)at[i] << (8 * i);
    }
    return number;
}

uint8_t bq_read_u8(struct bq_reader *reader)
{
    return (uint8_t)read_number(reader, 1);
}

uint32_t bq_read_u32(struct bq_reader *reader)
{
    return (uint32_t)read_number(reader, 4);
}

int64_t bq_read_i64(struct bq_reader *reader)
{
    return (int64_t)read_number(reader, 8);
}

const char *bq_read_block(struct bq_reader *reader, size_t *len)
{
    size_t claimed = bq_read_u32(reader);
    const char *at = take(reader, claimed);

    *len = at ? claimed : 0;
    return at;
}

const char *bq_read_str(struct bq_reader *reader, struct barq_arena *arena)
{
    size_t len;
    const char *at = bq_read_block(reader, &len);
    if (!at) {
        return "";
    }

    const char *text = memchr(at, '\0', len) ? NULL : bq_arena_strndup(arena, at, len);
    if (!text) {
        reader->failed = true;
        return "";
    }
    return text;
}
