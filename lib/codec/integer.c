#include "codec/integer.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    LIMBS = BQ_INTEGER_MAX_BYTES / 4,
    GROUP = 1000 * 1000 * 1000, /* nine decimal digits at a time */
    GROUP_DIGITS = 9,
    TEXT_BYTES = BQ_INTEGER_MAX_DIGITS + 16,
};

/* A magnitude: limbs of 32 bits, the lowest first. */
struct limbs {
    size_t count;
    uint32_t at[LIMBS + 1];
};

/* Turns the sign of `len` bytes in two's complement. */
static void negate(uint8_t *bytes, size_t len)
{
    unsigned carry = 1;

    for (size_t i = 0; i < len; i++) {
        carry += (uint8_t)~bytes[i];
        bytes[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

/* Divides by GROUP and returns what remains. */
static uint32_t divide(struct limbs *limbs)
{
    uint64_t rest = 0;

    for (size_t i = limbs->count; i-- > 0;) {
        rest = rest << 32 | limbs->at[i];
        limbs->at[i] = (uint32_t)(rest / GROUP);
        rest %= GROUP;
    }
    while (limbs->count > 0 && limbs->at[limbs->count - 1] == 0) {
        limbs->count--;
    }
    return (uint32_t)rest;
}

/* limbs * factor + more */
static void multiply(struct limbs *limbs, uint32_t factor, uint32_t more)
{
    uint64_t carry = more;

    for (size_t i = 0; i < limbs->count; i++) {
        carry += (uint64_t)limbs->at[i] * factor;
        limbs->at[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry > 0) {
        limbs->at[limbs->count++] = (uint32_t)carry;
    }
}

static void limbs_of_bytes(struct limbs *limbs, const uint8_t *bytes, size_t len)
{
    limbs->count = (len + 3) / 4;
    memset(limbs->at, 0, limbs->count * sizeof(limbs->at[0]));
    for (size_t i = 0; i < len; i++) {
        limbs->at[i / 4] |= (uint32_t)bytes[i] << (8 * (i % 4));
    }
}

/* Writes the digits to the end of `text`, and returns where they start. */
static char *put_digits(struct limbs *limbs, char text[TEXT_BYTES])
{
    char *first = text + TEXT_BYTES;

    while (limbs->count > 0) {
        uint32_t group = divide(limbs);
        for (int i = 0; i < GROUP_DIGITS; i++) {
            *--first = (char)('0' + group % 10);
            group /= 10;
        }
    }
    return first;
}

struct barq_value *bq_integer_read(struct barq_arena *arena, const void *bytes, size_t len)
{
    uint8_t magnitude[BQ_INTEGER_MAX_BYTES];
    char text[TEXT_BYTES];
    struct limbs limbs;
    if (len == 0) {
        return barq_int(arena, 0);
    }

    memcpy(magnitude, bytes, len);
    bool negative = (magnitude[len - 1] & 0x80) != 0;
    if (negative) {
        negate(magnitude, len);
    }
    limbs_of_bytes(&limbs, magnitude, len);
    char *first = put_digits(&limbs, text);
    if (first == text + TEXT_BYTES) {
        *--first = '0';
    }
    if (negative) {
        *--first = '-';
    }
    return barq_bigint(arena, first, (size_t)(text + TEXT_BYTES - first));
}

/* Reads decimal digits, in groups that end where the digits end. */
static void limbs_of_digits(struct limbs *limbs, const char *digits, size_t len)
{
    uint32_t group = 0;

    limbs->count = 0;
    for (size_t left = len; left > 0; left--) {
        group = group * 10 + (uint32_t)(*digits++ - '0');
        if ((left - 1) % GROUP_DIGITS == 0) {
            multiply(limbs, GROUP, group);
            group = 0;
        }
    }
}

/* As few bytes as hold the magnitude and its sign. */
static size_t shorten(const uint8_t *bytes, size_t len)
{
    while (len > 1 && ((bytes[len - 1] == 0 && bytes[len - 2] < 0x80) ||
                       (bytes[len - 1] == 0xff && bytes[len - 2] >= 0x80))) {
        len--;
    }
    return len;
}

static size_t bytes_of(const char *digits, size_t count, bool negative,
                       uint8_t out[BQ_INTEGER_MAX_BYTES])
{
    struct limbs limbs;
    size_t len = 0;

    limbs_of_digits(&limbs, digits, count);
    for (; len / 4 < limbs.count; len++) {
        out[len] = (uint8_t)(limbs.at[len / 4] >> (8 * (len % 4)));
    }
    if (len < BQ_INTEGER_MAX_BYTES) {
        out[len++] = 0;
    }
    if (negative) {
        negate(out, len);
    }
    return shorten(out, len);
}

size_t bq_integer_bytes(const struct barq_value *integer, uint8_t out[BQ_INTEGER_MAX_BYTES])
{
    char small[32] = "";
    const char *digits = barq_as_string(integer, small);
    if (digits == small) {
        (void)snprintf(small, sizeof(small), "%" PRId64, barq_as_int(integer, 0));
    }

    bool negative = *digits == '-';
    digits += negative;
    size_t count = strlen(digits);
    return count <= BQ_INTEGER_MAX_DIGITS ? bytes_of(digits, count, negative, out) : 0;
}
