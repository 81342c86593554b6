/*
 * codec.h - what is tried with any bytes for a codec: nothing crashes, memory
 * stays bounded, and what is read can be written and read again as the same.
 */
#ifndef TESTS_FUZZ_CODEC_H
#define TESTS_FUZZ_CODEC_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "job/record.h"

enum { ARENA_MAX_BYTES = 4 * 1024 * 1024, BUF_MAX_BYTES = 64 * 1024 * 1024 };

/* What may keep a value from being written, or read again: the format, and the limits of both. */
static inline bool may_refuse(enum barq_status status)
{
    return status == BARQ_ERR_TYPE || status == BARQ_ERR_LIMIT || status == BARQ_ERR_NOMEM;
}

/* Writes what was read with the same codec, and reads that. */
static inline void round_trip(const struct bq_codec *codec, const struct barq_value *value)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, 4 * (size_t)ARENA_MAX_BYTES);
    bq_auto(buf) struct bq_buf buf;
    bq_buf_init(&buf, BUF_MAX_BYTES);
    struct barq_value *again;

    enum barq_status status = codec->encode(value, &buf, NULL);
    if (status == BARQ_OK) {
        status = codec->decode(&arena, buf.data, buf.len, &again, NULL);
        assert(status != BARQ_OK || barq_equal(value, again));
    }
    assert(status == BARQ_OK || may_refuse(status));
}

static inline void try_codec(const struct bq_codec *codec, const uint8_t *bytes, size_t len)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, ARENA_MAX_BYTES);
    struct barq_value *value;
    struct bq_job_record job;
    struct bq_result_record result;
    struct barq_error err;

    if (codec->decode(&arena, bytes, len, &value, &err) == BARQ_OK) {
        assert(barq_value_check(value, NULL) == BARQ_OK);
        round_trip(codec, value);
    }
    bq_arena_reset(&arena);
    (void)bq_job_decode(&arena, bytes, len, &job, &err);
    bq_arena_reset(&arena);
    (void)!bq_result_decode(&arena, bytes, len, &result, &err);
}

#endif
