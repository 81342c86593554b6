/*
 * json_read.c - RFC 8259, to the letter.
 *
 * Refused, too, since two readers would understand them differently: the same
 * key twice in an object, a lone surrogate, a number too large for a double.
 * A number without fraction and exponent is an integer and keeps its digits.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <barq/value.h>

#include "base/error.h"
#include "base/text.h"
#include "codec/json.h"
#include "codec/number.h"
#include "codec/value.h"

struct json {
    struct barq_arena *arena;
    const char *start;
    const char *at;
    const char *end;
    int depth;
    enum barq_status status; /* set by the first failure */
    struct barq_error *err;
};

/* Every function that reads a value returns it, or NULL with `status` and `err` filled. */
static struct barq_value *fail_at(struct json *json, const char *at, const char *why)
{
    size_t offset = (size_t)(at - json->start);

    json->status = bq_fail(json->err, BARQ_ERR_FORMAT, "json: at offset %zu: %s", offset, why);
    return NULL;
}

/* For what a constructor returned. */
static struct barq_value *made(struct json *json, struct barq_value *value)
{
    if (!value) {
        json->status = bq_fail(json->err, BARQ_ERR_NOMEM,
                               "json: the values need more memory than their arena may have");
    }
    return value;
}

static struct barq_value *fail_byte(struct json *json, const char *wanted)
{
    char why[80];

    if (json->at == json->end) {
        (void)snprintf(why, sizeof(why), "the text ends where %s should be", wanted);
    } else if (*json->at > ' ' && *json->at <= '~') {
        (void)snprintf(why, sizeof(why), "'%c' where %s should be", *json->at, wanted);
    } else {
        (void)snprintf(why, sizeof(why), "byte 0x%02x where %s should be", (unsigned char)*json->at,
                       wanted);
    }
    return fail_at(json, json->at, why);
}

static bool is_digit(const struct json *json)
{
    return json->at < json->end && *json->at >= '0' && *json->at <= '9';
}

static bool is_byte(const struct json *json, char byte)
{
    return json->at < json->end && *json->at == byte;
}

/* Goes on over `byte`, if it is there. */
static bool skip(struct json *json, char byte)
{
    bool there = is_byte(json, byte);

    json->at += there;
    return there;
}

static void skip_space(struct json *json)
{
    while (is_byte(json, ' ') || is_byte(json, '\n') || is_byte(json, '\t') ||
           is_byte(json, '\r')) {
        json->at++;
    }
}

static bool skip_digits(struct json *json)
{
    const char *first = json->at;

    while (is_digit(json)) {
        json->at++;
    }
    return json->at > first;
}

/* Goes over a number's form; false: it is none. */
static bool scan_number(struct json *json, bool *is_double)
{
    bool fine;

    (void)skip(json, '-');
    if (skip(json, '0')) {
        fine = true;
    } else {
        fine = skip_digits(json);
    }
    if (fine && skip(json, '.')) {
        *is_double = true;
        fine = skip_digits(json);
    }
    if (fine && (skip(json, 'e') || skip(json, 'E'))) {
        *is_double = true;
        (void)(skip(json, '+') || skip(json, '-'));
        fine = skip_digits(json);
    }
    return fine;
}

static struct barq_value *make_double(struct json *json, const char *first, size_t len)
{
    char on_stack[64];
    char *text = on_stack;
    if (len >= sizeof(on_stack)) {
        text = bq_arena_alloc(json->arena, len + 1);
    }
    if (!text) {
        return made(json, NULL);
    }

    memcpy(text, first, len);
    text[len] = '\0';
    double number = bq_double_parse(text);
    if (!isfinite(number)) {
        return fail_at(json, first, "the number is too large for a double");
    }
    return made(json, barq_double(json->arena, number));
}

static struct barq_value *read_number(struct json *json)
{
    const char *first = json->at;
    bool is_double = false;
    if (!scan_number(json, &is_double)) {
        return fail_byte(json, "a digit");
    }
    if (first[*first == '-'] == '0' && is_digit(json)) {
        return fail_at(json, first, "a number must not start with a needless zero");
    }

    size_t len = (size_t)(json->at - first);
    if (is_double) {
        return make_double(json, first, len);
    }
    return made(json, barq_bigint(json->arena, first, len));
}

/* The end of the string that starts at `at`, or NULL. */
static const char *string_end(struct json *json)
{
    bool escaped = false;

    for (const char *at = json->at; at < json->end; at++) {
        if (escaped) {
            escaped = false;
        } else if (*at == '"') {
            return at;
        } else if (*at == '\\') {
            escaped = true;
        } else if ((unsigned char)*at < ' ') {
            (void)fail_at(json, at, "a control character in a string must be escaped");
            return NULL;
        }
    }
    (void)fail_at(json, json->at - 1, "the string has no end");
    return NULL;
}

/* Reads the four digits after "\u"; false: they are none. The quote that ends the string is none. */
static bool read_hex(struct json *json, uint32_t *out)
{
    uint32_t number = 0;
    for (int i = 0; i < 4; i++, json->at++) {
        static const char digits[] = "0123456789abcdef0123456789ABCDEF";
        const char *hit = *json->at != '\0' ? strchr(digits, *json->at) : NULL;
        if (!hit) {
            (void)fail_byte(json, "a hexadecimal digit");
            return false;
        }
        number = number << 4 | ((uint32_t)(hit - digits) & 15);
    }
    *out = number;
    return true;
}

static char *put_utf8(char *to, uint32_t point)
{
    if (point < 0x80) {
        *to++ = (char)point;
        return to;
    }
    if (point < 0x800) {
        *to++ = (char)(0xc0 | point >> 6);
    } else {
        if (point < 0x10000) {
            *to++ = (char)(0xe0 | point >> 12);
        } else {
            *to++ = (char)(0xf0 | point >> 18);
            *to++ = (char)(0x80 | (point >> 12 & 0x3f));
        }
        *to++ = (char)(0x80 | (point >> 6 & 0x3f));
    }
    *to++ = (char)(0x80 | (point & 0x3f));
    return to;
}

/* After "\u": one code point, which may take two escapes. NULL on failure, else the new end of `to`. */
static char *read_unicode(struct json *json, char *to)
{
    const char *escape = json->at - 2;
    uint32_t point;
    if (!read_hex(json, &point)) {
        return NULL;
    }
    if (point >= 0xd800 && point < 0xdc00 && skip(json, '\\') && skip(json, 'u')) {
        uint32_t low;
        if (!read_hex(json, &low)) {
            return NULL;
        }
        if (low >= 0xdc00 && low < 0xe000) {
            return put_utf8(to, 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00));
        }
    }
    if (point >= 0xd800 && point < 0xe000) {
        (void)fail_at(json, escape, "half of a surrogate pair");
        return NULL;
    }
    return put_utf8(to, point);
}

/* After a backslash. NULL on failure, else the new end of `to`. */
static char *read_escape(struct json *json, char *to)
{
    static const char names[] = "\"\\/bfnrtu";
    static const char bytes[] = "\"\\/\b\f\n\r\t";
    const char *hit = *json->at != '\0' ? strchr(names, *json->at) : NULL;

    if (!hit) {
        (void)fail_byte(json, "one of \"\\/bfnrtu");
        return NULL;
    }
    json->at++;
    if (*hit == 'u') {
        return read_unicode(json, to);
    }
    *to++ = bytes[hit - names];
    return to;
}

/* Copies the string up to the quote at `end` into `to`, without its escapes; NULL on failure. */
static char *unescape(struct json *json, const char *end, char *to)
{
    while (to && json->at < end) {
        size_t plain = (size_t)(end - json->at);
        const char *escape = memchr(json->at, '\\', plain);
        if (escape) {
            plain = (size_t)(escape - json->at);
        }
        memcpy(to, json->at, plain);
        to += plain;
        json->at += plain;
        if (escape) {
            json->at++;
            to = read_escape(json, to);
        }
    }
    return to;
}

static struct barq_value *read_string(struct json *json)
{
    const char *quote = json->at++;
    const char *end = string_end(json);
    if (!end) {
        return NULL;
    }
    size_t len = (size_t)(end - json->at);
    if (!bq_utf8_valid(json->at, len)) {
        return fail_at(json, quote, "the string is not UTF-8");
    }

    char *room;
    struct barq_value *string = bq_text_new(json->arena, BARQ_STRING, len, &room);
    if (!string) {
        return made(json, NULL);
    }
    char *filled = unescape(json, end, room);
    if (!filled) {
        return NULL;
    }
    string->as.text.len = (size_t)(filled - room);
    *filled = '\0';
    json->at = end + 1;
    return string;
}

static struct barq_value *read_value(struct json *json);

/* After the opening byte: true when the container goes on, false when it is closed or broken. */
static bool goes_on(struct json *json, bool first, char closing, const char *wanted)
{
    skip_space(json);
    if (skip(json, closing)) {
        return false;
    }
    if (!first && !skip(json, ',')) {
        (void)fail_byte(json, wanted);
        return false;
    }
    skip_space(json);
    return true;
}

static struct barq_value *read_list(struct json *json)
{
    struct barq_value *list = made(json, barq_list(json->arena));

    json->at++;
    for (bool first = true; list && goes_on(json, first, ']', "a comma or ]"); first = false) {
        struct barq_value *item = read_value(json);
        if (!item) {
            return NULL;
        }
        barq_add(list, item);
    }
    return list;
}

static bool read_pair(struct json *json, struct barq_value *map)
{
    const char *start = json->at;
    if (!is_byte(json, '"')) {
        (void)fail_byte(json, "a key in quotes");
        return false;
    }
    struct barq_value *key = read_string(json);
    if (!key) {
        return false;
    }
    key->hash = bq_value_hash(key);
    if (bq_find_key(map, key, NULL)) {
        (void)fail_at(json, start, "the same key for the second time");
        return false;
    }

    skip_space(json);
    if (!skip(json, ':')) {
        (void)fail_byte(json, "a colon");
        return false;
    }
    skip_space(json);
    struct barq_value *value = read_value(json);
    if (value) {
        barq_put(map, key, value);
    }
    return value != NULL;
}

static struct barq_value *read_map(struct json *json)
{
    struct barq_value *map = made(json, barq_map(json->arena));

    json->at++;
    for (bool first = true; map && goes_on(json, first, '}', "a comma or }"); first = false) {
        if (!read_pair(json, map)) {
            return NULL;
        }
    }
    return map;
}

/* A container, if it is not one too deep; NULL also when reading broke off, or a member was lost. */
static struct barq_value *read_container(struct json *json)
{
    if (json->depth == BARQ_VALUE_MAX_DEPTH) {
        json->status = bq_fail(json->err, BARQ_ERR_LIMIT,
                               "json: at offset %zu: more than %d lists and objects in each other",
                               (size_t)(json->at - json->start), BARQ_VALUE_MAX_DEPTH);
        return NULL;
    }
    json->depth++;
    struct barq_value *value = is_byte(json, '[') ? read_list(json) : read_map(json);
    json->depth--;
    if (!value || json->status != BARQ_OK) {
        return NULL;
    }
    return made(json, value->flaw == BQ_FLAW_NONE ? value : NULL);
}

static bool skip_word(struct json *json, const char *word)
{
    size_t len = strlen(word);
    bool there = (size_t)(json->end - json->at) >= len && memcmp(json->at, word, len) == 0;

    json->at += there ? len : 0;
    return there;
}

static struct barq_value *read_value(struct json *json)
{
    if (is_byte(json, '"')) {
        return read_string(json);
    }
    if (is_byte(json, '{') || is_byte(json, '[')) {
        return read_container(json);
    }
    if (is_byte(json, '-') || is_digit(json)) {
        return read_number(json);
    }
    if (skip_word(json, "null")) {
        return made(json, barq_null(json->arena));
    }
    if (skip_word(json, "true")) {
        return made(json, barq_bool(json->arena, true));
    }
    if (skip_word(json, "false")) {
        return made(json, barq_bool(json->arena, false));
    }
    return fail_byte(json, "a value");
}

enum barq_status bq_json_read(struct barq_arena *arena, const void *bytes, size_t len,
                              struct barq_value **out, struct barq_error *err)
{
    const char *start = len > 0 ? bytes : "";
    struct json json = {
        .arena = arena, .start = start, .at = start, .end = start + len, .err = err};

    skip_space(&json);
    struct barq_value *value = read_value(&json);
    if (value) {
        skip_space(&json);
        if (json.at < json.end) {
            value = fail_at(&json, json.at, "there is more after the value");
        }
    }
    if (!value) {
        return json.status;
    }
    *out = value;
    return BARQ_OK;
}
