/*
 * buf.h - bytes that grow, up to a limit; and the reading of them.
 *
 * Writing goes on after a failure without effect: `failed` is asked once, at
 * the end. Integers are little-endian.
 */
#ifndef BQ_BASE_BUF_H
#define BQ_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"

struct bq_buf {
    char *data; /* owned; NULL while empty */
    size_t len;
    size_t capacity;
    size_t limit; /* never longer than this */
    bool failed;  /* the limit or the heap was exhausted: contents are not whole */
    bool starved; /* with `failed`: it was the heap */
};

void bq_buf_init(struct bq_buf *buf, size_t limit);
void bq_buf_clear(struct bq_buf *buf); /* frees; can be used again, with the same limit */
void bq_buf_drop(struct bq_buf *buf);  /* for bq_auto(buf) */
void bq_buf_reset(struct bq_buf *buf); /* length 0, memory kept */
/* Drops the first `len` bytes. */
void bq_buf_consume(struct bq_buf *buf, size_t len);

/* Is there room for `len` more bytes? It makes it; without, the contents stay as good as they are. */
bool bq_buf_has_room(struct bq_buf *buf, size_t len);
/* Makes room for `len` more bytes and returns where they go, or NULL; the caller adds to buf->len. */
char *bq_buf_reserve(struct bq_buf *buf, size_t len);
void bq_buf_put(struct bq_buf *buf, const void *bytes, size_t len);
void bq_buf_put_u8(struct bq_buf *buf, uint8_t number);
void bq_buf_put_u32(struct bq_buf *buf, uint32_t number);
void bq_buf_put_i64(struct bq_buf *buf, int64_t number);
/* A u32 length and the bytes. */
void bq_buf_put_block(struct bq_buf *buf, const void *bytes, size_t len);
/* A block of a C string; NULL is written as "". */
void bq_buf_put_str(struct bq_buf *buf, const char *text);
/* Text as it is, without a length. */
void bq_buf_puts(struct bq_buf *buf, const char *text);
void bq_buf_printf(struct bq_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Keeps the contents ended by a NUL that is not counted; returns them, or NULL if failed. */
const char *bq_buf_cstr(struct bq_buf *buf);

/* Reads what was put; past the end everything is zero and `failed` is set. */
struct bq_reader {
    const char *at;
    const char *end;
    bool failed;
};

struct bq_reader bq_reader_of(const void *bytes, size_t len);
uint8_t bq_read_u8(struct bq_reader *reader);
uint32_t bq_read_u32(struct bq_reader *reader);
int64_t bq_read_i64(struct bq_reader *reader);
/* Points into what is read; NULL and 0 on failure. */
const char *bq_read_block(struct bq_reader *reader, size_t *len);
/* A block copied into `arena` and ended by a NUL; refuses a NUL inside. Never NULL: "" on failure. */
struct barq_arena;
const char *bq_read_str(struct bq_reader *reader, struct barq_arena *arena);

#endif
