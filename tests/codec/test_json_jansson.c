/*
 * Our JSON reader against jansson's, a strict one too, on texts that are made
 * at random and then damaged at random: both take the same texts, and
 * understand them alike. Where jansson is known to refuse more, ours is asked
 * alone elsewhere: integers beyond 64 bit and NUL bytes in keys.
 */
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <barq/value.h>

#include "base/arena.h"
#include "base/buf.h"

enum { ROUNDS = 40 * 1000, TEXT_MAX_BYTES = 64 * 1024, ARENA_MAX_BYTES = 16 * 1024 * 1024 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct barq_arena arena;

/* xorshift64*; a test repeats itself exactly. */
static uint64_t dice(uint64_t *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * UINT64_C(2685821657736338717);
}

static void put_one_of(struct bq_buf *out, uint64_t *seed, const char *const *pieces, size_t count)
{
    bq_buf_puts(out, pieces[dice(seed) % count]);
}

static void put_space(struct bq_buf *out, uint64_t *seed)
{
    static const char *const spaces[] = {"", "", "", " ", "\n", "\t", "\r", " \n "};

    put_one_of(out, seed, spaces, COUNT(spaces));
}

static void put_number(struct bq_buf *out, uint64_t *seed)
{
    static const char *const whole[] = {
        "0", "1", "7", "10", "123", "99999", "9223372036854775807", "1234567890123456789",
    };
    static const char *const ends[] = {
        "",      "",       "",        ".0",    ".5",   ".000001", "e1",
        "E+10",  "e-5",    ".25e300", "e-320", ".1e0", "e308",    ".123456789012345678",
        "e-400", ".0e400", "e309",    "e+",    ".",    "0",
    };

    bq_buf_puts(out, dice(seed) % 3 ? "" : "-");
    put_one_of(out, seed, whole, COUNT(whole));
    put_one_of(out, seed, ends, COUNT(ends) - (dice(seed) % 8 ? 4 : 0));
}

static void put_string(struct bq_buf *out, uint64_t *seed)
{
    static const char *const pieces[] = {
        "a",
        "b",
        "key",
        " ",
        "\xc3\xa9",
        "\xe2\x82\xac",
        "\\n",
        "\\\"",
        "\\\\",
        "\\/",
        "\\u0041",
        "\\ud834\\udd1e",
        "\\u00e9",
        "\x7f",
        "\xf0\x9d\x84\x9e",
        "\\ud800",
        "\\udc00\\ud800",
        "\xed\xa0\x80",
    };
    size_t count = dice(seed) % 6;

    bq_buf_puts(out, "\"");
    for (size_t i = 0; i < count; i++) {
        put_one_of(out, seed, pieces, COUNT(pieces) - (dice(seed) % 16 ? 3 : 0));
    }
    bq_buf_puts(out, "\"");
}

static void put_value(struct bq_buf *out, uint64_t *seed, int depth);

static void put_container(struct bq_buf *out, uint64_t *seed, int depth)
{
    bool is_map = dice(seed) % 2;
    size_t count = dice(seed) % 5;

    bq_buf_puts(out, is_map ? "{" : "[");
    for (size_t i = 0; i < count; i++) {
        bq_buf_puts(out, i > 0 ? "," : "");
        put_space(out, seed);
        if (is_map) {
            put_string(out, seed);
            put_space(out, seed);
            bq_buf_puts(out, ":");
        }
        put_value(out, seed, depth - 1);
    }
    put_space(out, seed);
    bq_buf_puts(out, is_map ? "}" : "]");
}

static void put_value(struct bq_buf *out, uint64_t *seed, int depth)
{
    static const char *const words[] = {"null", "true", "false"};
    uint64_t choice = dice(seed) % 8;

    put_space(out, seed);
    if (choice < 4 && depth > 0) {
        put_container(out, seed, depth);
    } else if (choice == 4) {
        put_one_of(out, seed, words, COUNT(words));
    } else if (choice % 2) {
        put_number(out, seed);
    } else {
        put_string(out, seed);
    }
    put_space(out, seed);
}

/* Changes, drops or doubles a byte. */
static void damage(struct bq_buf *text, uint64_t *seed)
{
    static const char bytes[] = "{}[]\",:\\ue0-.1 tfn\x01\x80\xc3\xff";
    size_t at = dice(seed) % text->len;
    char byte = bytes[dice(seed) % (sizeof(bytes) - 1)];

    switch (dice(seed) % 3) {
    case 0:
        text->data[at] = byte;
        break;
    case 1:
        text->len--;
        memmove(text->data + at, text->data + at + 1, text->len - at);
        break;
    default:
        bq_buf_put(text, &byte, 1);
        memmove(text->data + at + 1, text->data + at, text->len - 1 - at);
        text->data[at] = byte;
        break;
    }
}

static bool same(const struct barq_value *ours, json_t *theirs);

static bool same_text(const struct barq_value *ours, const char *theirs, size_t their_len)
{
    size_t len;
    const void *bytes = barq_as_bytes(ours, &len);

    return barq_kind(ours) == BARQ_STRING && len == their_len && memcmp(bytes, theirs, len) == 0;
}

static bool same_members(const struct barq_value *ours, json_t *theirs)
{
    if (barq_count(ours) != json_array_size(theirs)) {
        return false;
    }
    for (size_t i = 0; i < barq_count(ours); i++) {
        if (!same(barq_at(ours, i), json_array_get(theirs, i))) {
            return false;
        }
    }
    return true;
}

/* Both keep the order of keys. */
static bool same_pairs(const struct barq_value *ours, json_t *theirs)
{
    const char *key;
    json_t *value;
    size_t at = 0;

    json_object_foreach(theirs, key, value)
    {
        if (!same_text(barq_key_at(ours, at), key, strlen(key)) ||
            !same(barq_at(ours, at), value)) {
            return false;
        }
        at++;
    }
    return at == barq_count(ours);
}

/* The zeros differ, too. */
static bool same_double(double a, double b)
{
    return a <= b && a >= b && signbit(a) == signbit(b);
}

static bool same(const struct barq_value *ours, json_t *theirs)
{
    enum barq_kind kind = barq_kind(ours);

    switch (json_typeof(theirs)) {
    case JSON_NULL:
        return kind == BARQ_NULL;
    case JSON_TRUE:
        return kind == BARQ_BOOL && barq_as_bool(ours, false);
    case JSON_FALSE:
        return kind == BARQ_BOOL && !barq_as_bool(ours, true);
    case JSON_INTEGER:
        return kind == BARQ_INT && barq_as_int(ours, 0) == json_integer_value(theirs);
    case JSON_REAL:
        return kind == BARQ_DOUBLE && same_double(barq_as_double(ours, 0), json_real_value(theirs));
    case JSON_STRING:
        return same_text(ours, json_string_value(theirs), json_string_length(theirs));
    case JSON_ARRAY:
        return kind == BARQ_LIST && same_members(ours, theirs);
    case JSON_OBJECT:
        return kind == BARQ_MAP && same_pairs(ours, theirs);
    default:
        return false;
    }
}

static void compare(const struct bq_buf *text, int round)
{
    json_error_t their_error;
    struct barq_error our_error = {.text = "none"};
    struct barq_value *ours = NULL;
    json_t *theirs =
        json_loadb(text->data, text->len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL,
                   &their_error);
    enum barq_status status = barq_from_json(&arena, text->data, text->len, &ours, &our_error);
    enum json_error_code code = theirs ? json_error_unknown : json_error_code(&their_error);
    bool unlike = code == json_error_numeric_overflow || code == json_error_null_byte_in_key;

    if (!unlike && (status == BARQ_OK) != (theirs != NULL)) {
        fail_msg("round %d: ours: %s; theirs: %s; %.*s", round, our_error.text,
                 theirs ? "none" : their_error.text, (int)text->len, text->data);
    }
    if (theirs && !same(ours, theirs)) {
        fail_msg("round %d: understood otherwise: %.*s", round, (int)text->len, text->data);
    }
    json_decref(theirs);
}

static void jansson_takes_the_same_texts_and_understands_them_alike(void **state)
{
    (void)state;
    bq_auto(buf) struct bq_buf text;
    bq_buf_init(&text, TEXT_MAX_BYTES);
    bq_arena_init(&arena, ARENA_MAX_BYTES);

    for (int round = 1; round <= ROUNDS; round++) {
        uint64_t seed = (uint64_t)round;
        bq_buf_reset(&text);
        put_value(&text, &seed, 4);
        if (text.failed) {
            continue;
        }
        compare(&text, round);
        for (int damaged = 0; damaged < 3 && text.len > 1; damaged++) {
            damage(&text, &seed);
            compare(&text, round);
        }
        bq_arena_reset(&arena);
    }
    bq_arena_clear(&arena);
}

static void jansson_reads_back_what_we_write(void **state)
{
    (void)state;
    bq_auto(buf) struct bq_buf text;
    bq_buf_init(&text, TEXT_MAX_BYTES);
    bq_arena_init(&arena, ARENA_MAX_BYTES);

    for (int round = 1; round <= ROUNDS / 10; round++) {
        uint64_t seed = (uint64_t)round;
        struct barq_value *value;
        const char *written;
        size_t len;
        bq_buf_reset(&text);
        put_value(&text, &seed, 4);
        if (barq_from_json(&arena, text.data, text.len, &value, NULL) == BARQ_OK) {
            assert_int_equal(barq_to_json(&arena, value, &written, &len, NULL), BARQ_OK);
            json_t *theirs = json_loadb(written, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
            assert_true(!theirs || same(value, theirs));
            json_decref(theirs);
        }
        bq_arena_reset(&arena);
    }
    bq_arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jansson_takes_the_same_texts_and_understands_them_alike),
        cmocka_unit_test(jansson_reads_back_what_we_write),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
