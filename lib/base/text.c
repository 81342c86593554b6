#include "base/text.h"

#include <string.h>

/* What a hexadecimal digit stands for; -1 for anything else. */
static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

bool bq_percent_decode(char *text)
{
    char *to = text;

    for (const char *at = text; *at != '\0'; at++) {
        if (*at != '%') {
            *to++ = *at;
            continue;
        }
        int high = hex_digit(at[1]);
        int low = high < 0 ? -1 : hex_digit(at[2]);
        if (low < 0 || high + low == 0) {
            return false;
        }
        *to++ = (char)(high * 16 + low);
        at += 2;
    }
    *to = '\0';
    return true;
}

/*
 * What may stand at the beginning of a character of more than one byte, RFC
 * 3629 section 4: the second byte's range is what keeps out overlong forms,
 * surrogates and what is above U+10FFFF.
 */
static const struct lead {
    unsigned char first, last;
    unsigned char second_min, second_max;
    unsigned char len;
} leads[] = {
    {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
    {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
    {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

static bool continues(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

/* The length of the character above ASCII at `at`, of which `left` bytes are there; 0 when it is none. */
static size_t wide_char_len(const unsigned char *at, size_t left)
{
    const struct lead *lead = leads;
    const struct lead *end = leads + sizeof(leads) / sizeof(leads[0]);
    while (lead < end && (*at < lead->first || *at > lead->last)) {
        lead++;
    }

    if (lead == end || left < lead->len || at[1] < lead->second_min || at[1] > lead->second_max) {
        return 0;
    }
    for (size_t i = 2; i < lead->len; i++) {
        if (!continues(at[i])) {
            return 0;
        }
    }
    return lead->len;
}

/* How many of `len` bytes are ASCII before the first that isn't, to the last eight or fewer. */
static size_t ascii_words(const unsigned char *at, size_t len)
{
    size_t done = 0;
    uint64_t word;

    while (len - done >= sizeof(word)) {
        memcpy(&word, at + done, sizeof(word));
        if (word & 0x8080808080808080U) {
            break;
        }
        done += sizeof(word);
    }
    return done;
}

bool bq_utf8_valid(const char *text, size_t len)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t at = 0;

    while (at < len) {
        at += ascii_words(bytes + at, len - at);
        while (at < len && bytes[at] < 0x80) {
            at++;
        }
        for (size_t wide = 1; at < len && bytes[at] >= 0x80; at += wide) {
            wide = wide_char_len(bytes + at, len - at);
            if (wide == 0) {
                return false;
            }
        }
    }
    return true;
}

size_t bq_utf8_cut(const char *text, size_t len, size_t max)
{
    if (len <= max) {
        return len;
    }

    /* A character has at most three bytes that continue it; more are no UTF-8 and cut anywhere. */
    size_t at = max;
    while (at > 0 && max - at < 4 && continues((unsigned char)text[at])) {
        at--;
    }
    return continues((unsigned char)text[at]) ? max : at;
}

size_t bq_utf8_clean(const char *text, size_t len, size_t max, char *out)
{
    size_t kept = bq_utf8_cut(text, len, max);
    bool is_valid = bq_utf8_valid(text, kept);

    for (size_t i = 0; i < kept; i++) {
        bool is_kept = is_valid || (unsigned char)text[i] < 0x80;
        out[i] = (char)(is_kept ? text[i] : '?');
    }
    out[kept] = '\0';
    return kept;
}

/* Digits up to the first other byte, as a number that isn't positive; NULL when none or too many. */
static const char *parse_digits(const char *text, int64_t *out)
{
    const char *at = text;
    int64_t number = 0;

    for (; *at >= '0' && *at <= '9'; at++) {
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_sub_overflow(number, *at - '0', &number)) {
            return NULL;
        }
    }
    *out = number;
    return at == text ? NULL : at;
}

bool bq_parse_int(const char *text, int64_t *out)
{
    int64_t negated;
    bool minus = *text == '-';
    const char *end = parse_digits(text + minus, &negated);

    if (!end || *end != '\0' || (!minus && negated == INT64_MIN)) {
        return false;
    }
    *out = minus ? negated : -negated;
    return true;
}

/* The digits after a decimal point as milliseconds, rounded up; -1 when there is something else. */
static int fraction_ms(const char *digits)
{
    int ms = 0;
    bool more = false;
    size_t len = strspn(digits, "0123456789");

    if (len == 0 || digits[len] != '\0') {
        return -1;
    }
    for (size_t i = 0; i < 3; i++) {
        ms = ms * 10 + (i < len ? digits[i] - '0' : 0);
    }
    for (size_t i = 3; i < len; i++) {
        more = more || digits[i] != '0';
    }
    return ms + more;
}

bool bq_parse_seconds_ms(const char *text, int64_t *out)
{
    int64_t negated;
    const char *end = parse_digits(text, &negated);
    if (!end || (*end != '\0' && *end != '.')) {
        return false;
    }
    int fraction = *end == '.' ? fraction_ms(end + 1) : 0;
    if (fraction < 0) {
        return false;
    }

    int64_t ms;
    if (__builtin_mul_overflow(negated, -1000, &ms) || __builtin_add_overflow(ms, fraction, &ms)) {
        return false;
    }
    *out = ms;
    return true;
}

bool bq_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool bq_ends_with(const char *text, const char *suffix)
{
    size_t len = strlen(text);
    size_t suffix_len = strlen(suffix);

    return len >= suffix_len && strcmp(text + len - suffix_len, suffix) == 0;
}

static char lower(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (char)(c - 'A' + 'a');
    }
    return c;
}

bool bq_equal_nocase(const char *a, const char *b)
{
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) == lower(*b);
}

uint64_t bq_hash(const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    uint64_t hash = 0xcbf29ce484222325U;

    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ at[i]) * 0x100000001b3U;
    }
    return hash;
}

void bq_hex(const void *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *at = bytes;

    for (size_t i = 0; i < len; i++) {
        *out++ = digits[at[i] >> 4];
        *out++ = digits[at[i] & 15];
    }
    *out = '\0';
}
