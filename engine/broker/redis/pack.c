#include "broker/redis/pack.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* First bytes of https://github.com/msgpack/msgpack/blob/master/spec.md; numbers are big-endian. */
enum {
    PACK_FALSE = 0xc2,
    PACK_TRUE = 0xc3,
    PACK_BYTES_32 = 0xdb,
    PACK_ARRAY_32 = 0xdd,
    PACK_MAP_32 = 0xdf,
    PACK_INT_64 = 0xd3,
    PACK_SMALL_BYTES = 0xa0,
    PACK_SMALL_ARRAY = 0x90,
    PACK_SMALL_MAP = 0x80,
};

static void put_big(struct bq_buf *out, uint64_t number, int bytes)
{
    char big[8];

    for (int i = 0; i < bytes; i++) {
        big[i] = (char)(number >> (8 * (bytes - 1 - i)));
    }
    bq_buf_put(out, big, (size_t)bytes);
}

/* The short form holds fewer than `small`. */
static void put_length(struct bq_buf *out, size_t len, size_t small, int first, int first_32)
{
    if (len < small) {
        bq_buf_put_u8(out, (uint8_t)(first | (int)len));
        return;
    }
    bq_buf_put_u8(out, (uint8_t)first_32);
    put_big(out, len, 4);
}

void bq_pack_map(struct bq_buf *out, size_t pairs)
{
    put_length(out, pairs, 16, PACK_SMALL_MAP, PACK_MAP_32);
}

void bq_pack_array(struct bq_buf *out, size_t items)
{
    put_length(out, items, 16, PACK_SMALL_ARRAY, PACK_ARRAY_32);
}

void bq_pack_bytes(struct bq_buf *out, const void *bytes, size_t len)
{
    put_length(out, len, 32, PACK_SMALL_BYTES, PACK_BYTES_32);
    bq_buf_put(out, bytes, len);
}

void bq_pack_text(struct bq_buf *out, const char *text)
{
    bq_pack_bytes(out, text, strlen(text));
}

void bq_pack_int(struct bq_buf *out, int64_t number)
{
    if (number >= 0 && number < 128) {
        bq_buf_put_u8(out, (uint8_t)number);
        return;
    }
    bq_buf_put_u8(out, PACK_INT_64);
    put_big(out, (uint64_t)number, 8);
}

void bq_pack_bool(struct bq_buf *out, bool yes)
{
    bq_buf_put_u8(out, yes ? PACK_TRUE : PACK_FALSE);
}

void bq_pack_digits(struct bq_buf *out, int64_t number)
{
    char digits[24];

    (void)snprintf(digits, sizeof(digits), "%" PRId64, number);
    bq_pack_text(out, digits);
}

void bq_pack_text_if(struct bq_buf *out, const char *text)
{
    if (text && *text) {
        bq_pack_text(out, text);
    } else {
        bq_pack_bool(out, false);
    }
}

void bq_pack_int_if(struct bq_buf *out, int64_t number)
{
    if (number != 0) {
        bq_pack_int(out, number);
    } else {
        bq_pack_bool(out, false);
    }
}

void bq_pack_texts(struct bq_buf *out, const char *const *texts, size_t count)
{
    bq_pack_array(out, count);
    for (size_t i = 0; i < count; i++) {
        bq_pack_text(out, texts[i]);
    }
}

void bq_pack_job(struct bq_buf *out, const struct bq_job *job)
{
    bq_pack_array(out, 12);
    bq_pack_text(out, job->id);
    bq_pack_text(out, job->queue);
    bq_pack_bytes(out, job->payload, job->payload_bytes);
    bq_pack_int(out, job->enqueued_at_ms);
    bq_pack_int(out, job->due_at_ms);
    bq_pack_int_if(out, job->expires_at_ms);
    bq_pack_text(out, job->function ? job->function : "");
    bq_pack_text_if(out, job->key);
    bq_pack_int_if(out, job->priority);
    bq_pack_bool(out, job->uncertain);
    if (job->n_after > 0) {
        bq_pack_texts(out, job->after, job->n_after);
    } else {
        bq_pack_bool(out, false);
    }
    bq_pack_bool(out, job->after_failed);
}
