/*
 * integer.h - integers of any size as bytes: two's complement, the lowest byte
 * first, as few bytes as hold the sign.
 *
 * Turning bytes into digits takes time in the square of their number; hence
 * the limit.
 */
#ifndef BQ_CODEC_INTEGER_H
#define BQ_CODEC_INTEGER_H

#include <stddef.h>
#include <stdint.h>

#include <barq/value.h>

enum {
    BQ_INTEGER_MAX_BYTES = 8192,
    BQ_INTEGER_MAX_DIGITS = 19728, /* whatever has no more fits into BQ_INTEGER_MAX_BYTES */
};

/* An int or bigint of at most BQ_INTEGER_MAX_BYTES bytes, 0 of none; NULL: the arena is full. */
struct barq_value *bq_integer_read(struct barq_arena *arena, const void *bytes, size_t len);

/* The bytes of an int or bigint and their number, at least 1; 0: more than BQ_INTEGER_MAX_DIGITS. */
size_t bq_integer_bytes(const struct barq_value *integer, uint8_t out[BQ_INTEGER_MAX_BYTES]);

#endif
