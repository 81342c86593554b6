/*
 * text.h - small questions about text, none of which depends on a locale.
 */
#ifndef BQ_BASE_TEXT_H
#define BQ_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes %41 in place; false (and `text` half decoded) when an escape is broken or gives a NUL. */
bool bq_percent_decode(char *text);
/* RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. NUL is allowed. */
bool bq_utf8_valid(const char *text, size_t len);
/* The longest prefix of at most `max` bytes that does not cut a character. */
size_t bq_utf8_cut(const char *text, size_t len, size_t max);
/*
 * Copies such a prefix to `out`, which has `max` + 1 bytes, and ends it with a NUL; when it is no UTF-8, with a "?"
 * for each byte that is not ASCII. Its length.
 */
size_t bq_utf8_clean(const char *text, size_t len, size_t max, char *out);

/* The whole of `text` as a decimal number, with an optional minus; false when it is anything else. */
bool bq_parse_int(const char *text, int64_t *out);
/* Seconds with an optional fraction ("30", "0.5"), as milliseconds, rounded up; not negative. */
bool bq_parse_seconds_ms(const char *text, int64_t *out);

bool bq_starts_with(const char *text, const char *prefix);
bool bq_ends_with(const char *text, const char *suffix);
/* ASCII letters only. */
bool bq_equal_nocase(const char *a, const char *b);

/* FNV-1a, 64 bit: for tables, not against an adversary. */
uint64_t bq_hash(const void *bytes, size_t len);

/* 2 * len lower-case digits and a NUL into `out`. */
void bq_hex(const void *bytes, size_t len, char *out);

#endif
