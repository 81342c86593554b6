#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <barq/value.h>

#include "base/arena.h"
#include "codec/codec.h"

enum { ROUNDS = 2000, MANY = 100 * 1000, PLENTY = 64 * 1024 * 1024 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct barq_arena arena;

static int set_up(void **state)
{
    (void)state;
    bq_arena_init(&arena, PLENTY);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    return 0;
}

/* Reads; NULL when refused. */
static struct barq_value *read_text(const char *text, size_t len, struct barq_error *err)
{
    struct barq_value *value = NULL;

    /* A heap copy without a NUL, so that a sanitizer sees every byte too far. */
    char *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    memcpy(copy, text, len);
    enum barq_status status = barq_from_json(&arena, copy, len, &value, err);
    free(copy);
    assert_int_equal(status == BARQ_OK, value != NULL);
    return value;
}

static const char *write_text(const struct barq_value *value)
{
    const char *text = NULL;
    struct barq_error err;

    if (barq_to_json(&arena, value, &text, NULL, &err) != BARQ_OK) {
        fail_msg("%s", err.text);
    }
    return text;
}

static void what_is_json_is_read_and_written_again(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *again; /* NULL: the same */
    } cases[] = {
        {"null", NULL},
        {"true", NULL},
        {"false", NULL},
        {" \t\r\n null \t\r\n ", "null"},
        {"0", NULL},
        {"-0", "0"},
        {"-1", NULL},
        {"9223372036854775807", NULL},
        {"-9223372036854775808", NULL},
        {"9223372036854775808", NULL},
        {"-9223372036854775809", NULL},
        {"123456789012345678901234567890123456789012345678901234567890", NULL},
        {"0.0", NULL},
        {"-0.0", NULL},
        {"-0e0", "-0.0"},
        {"0.1", NULL},
        {"1.0", NULL},
        {"1e0", "1.0"},
        {"1E+2", "100.0"},
        {"1e-2", "0.01"},
        {"1.5e300", "1.5e+300"},
        {"1e22", "1e+22"},
        {"123456789.125", NULL},
        {"9007199254740993.0", "9007199254740992.0"},
        {"1.7976931348623157e308", "1.7976931348623157e+308"},
        {"5e-324", "4.94065645841247e-324"},
        {"1e-999", "0.0"},
        {"0.30000000000000004", NULL},
        {"\"\"", NULL},
        {"\"a\"", NULL},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
        {"\"\\u0000\"", NULL},
        {"\"\\u001f\"", NULL},
        {"\"\\u0041\\u00e9\\u20ac\"", "\"A\xc3\xa9\xe2\x82\xac\""},
        {"\"\\uD834\\udd1e\"", "\"\xf0\x9d\x84\x9e\""},
        {"\"\\udbff\\udfff\"", "\"\xf4\x8f\xbf\xbf\""},
        {"\"\xf0\x9d\x84\x9e\"", NULL},
        {"\"\x7f\"", NULL},
        {"\"\\uffff\"", "\"\xef\xbf\xbf\""},
        {"\"\xe2\x80\xa8\"", NULL},
        {"[]", NULL},
        {"[ ]", "[]"},
        {"[1,2,3]", NULL},
        {"[ 1 , 2\n]", "[1,2]"},
        {"[[],[[]]]", NULL},
        {"{}", NULL},
        {"{ }", "{}"},
        {"{\"a\":1}", NULL},
        {"{\"\":0}", NULL},
        {"{ \"b\" : [ ] , \"a\" : { } }", "{\"b\":[],\"a\":{}}"},
        {"{\"a\\u0000\":1,\"a\":2}", NULL},
        {"{\"a\":1,\"A\":2}", NULL},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct barq_error err;
        struct barq_value *value = read_text(cases[i].text, strlen(cases[i].text), &err);
        if (!value) {
            fail_msg("%s: %s", cases[i].text, err.text);
        }
        assert_string_equal(write_text(value), cases[i].again ? cases[i].again : cases[i].text);
    }
}

/* What is refused, and where. */
static const struct {
    const char *text;
    size_t offset;
} bad[] = {
    {"", 0},
    {"  ", 2},
    {"\xef\xbb\xbf[]", 0},
    {"nul", 0},
    {"nulll", 4},
    {"NULL", 0},
    {"True", 0},
    {"NaN", 0},
    {"Infinity", 0},
    {"-Infinity", 1},
    {"-", 1},
    {"+1", 0},
    {"--1", 1},
    {"01", 0},
    {"-01", 0},
    {"00", 0},
    {"1.", 2},
    {".5", 0},
    {"1.e5", 2},
    {"1e", 2},
    {"1e+", 3},
    {"1e5.5", 3},
    {"1.2.3", 3},
    {"0x10", 1},
    {"1_000", 1},
    {"1,000", 1},
    {"1e309", 0},
    {"-1e999", 0},
    {"[1e999]", 1},
    {"1 2", 2},
    {"[", 1},
    {"]", 0},
    {"[1", 2},
    {"[1,", 3},
    {"[1,]", 3},
    {"[,1]", 1},
    {"[1,,2]", 3},
    {"[1 2]", 3},
    {"[1}", 2},
    {"[]]", 2},
    {"[1]x", 3},
    {"[//]", 1},
    {"[/**/]", 1},
    {"{", 1},
    {"}", 0},
    {"{\"a\"}", 4},
    {"{\"a\" 1}", 5},
    {"{\"a\":}", 5},
    {"{\"a\":1,}", 7},
    {"{,\"a\":1}", 1},
    {"{\"a\":1 \"b\":2}", 7},
    {"{a:1}", 1},
    {"{'a':1}", 1},
    {"{1:1}", 1},
    {"{null:1}", 1},
    {"{\"a\":1]", 6},
    {"{\"a\":1,\"a\":1}", 7},
    {"{\"a\":1,\"\\u0061\":1}", 7},
    {"[{\"\":1,\"\":2}]", 7},
    {"\"", 0},
    {"\"abc", 0},
    {"\"abc\\\"", 0},
    {"\"abc\\", 0},
    {"'abc'", 0},
    {"\"\n\"", 1},
    {"\"\t\"", 1},
    {"\"a\x1f\"", 2},
    {"\"\\a\"", 2},
    {"\"\\x41\"", 2},
    {"\"\\\n\"", 2},
    {"\"\\u\"", 3},
    {"\"\\u12\"", 5},
    {"\"\\u12g4\"", 5},
    {"\"\\U0041\"", 2},
    {"\"\\ud800\"", 1},
    {"\"\\udc00\"", 1},
    {"\"x\\ud800x\"", 2},
    {"\"\\ud800\\n\"", 1},
    {"\"\\ud800\\ud800\"", 1},
    {"\"\\ud800\\u0041\"", 1},
    {"\"\\udc00\\ud800\"", 1},
    {"\"\x80\"", 0},
    {"\"\xff\"", 0},
    {"[\"\xc3\"]", 1},
    {"\"\xc0\xaf\"", 0},
    {"\"\xe0\x80\xaf\"", 0},
    {"\"\xed\xa0\x80\"", 0},
    {"\"\xf4\x90\x80\x80\"", 0},
    {"\xff", 0},
    {"[\f]", 1},
    {"[\xc2\xa0]", 1},
};

static void what_is_no_json_is_refused_with_its_offset(void **state)
{
    (void)state;

    for (size_t i = 0; i < COUNT(bad); i++) {
        struct barq_value *out = barq_null(&arena);
        struct barq_value *kept = out;
        struct barq_error err = {0};
        char offset[64];

        (void)snprintf(offset, sizeof(offset), "json: at offset %zu: ", bad[i].offset);
        assert_int_equal(barq_from_json(&arena, bad[i].text, strlen(bad[i].text), &out, &err),
                         BARQ_ERR_FORMAT);
        assert_ptr_equal(out, kept);
        if (strncmp(err.text, offset, strlen(offset)) != 0) {
            fail_msg("%s: %s, but expected offset %zu", bad[i].text, err.text, bad[i].offset);
        }
        assert_null(read_text(bad[i].text, strlen(bad[i].text), NULL));
    }
}

static void a_nul_byte_is_refused_wherever_it_is(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":[1.5e1,\"x\\n\\u0041\",true]}";
    char copy[sizeof(text)];

    for (size_t i = 0; i < sizeof(text); i++) {
        memcpy(copy, text, sizeof(text));
        copy[i] = '\0';
        assert_null(read_text(copy, sizeof(text), NULL));
    }
}

static void every_beginning_of_a_text_is_refused(void **state)
{
    (void)state;
    static const char text[] = "[{\"key\":\"va\\nl\\ud834\\udd1eue\",\"k\":[-1.25e+3,null]},true]";

    for (size_t len = 0; len < sizeof(text) - 1; len++) {
        assert_null(read_text(text, len, NULL));
    }
    assert_non_null(read_text(text, sizeof(text) - 1, NULL));
}

static void an_integer_stays_an_integer_and_a_double_a_double(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum barq_kind kind;
    } cases[] = {
        {"1", BARQ_INT},
        {"1.0", BARQ_DOUBLE},
        {"1e0", BARQ_DOUBLE},
        {"1e15", BARQ_DOUBLE},
        {"-0.0", BARQ_DOUBLE},
        {"9223372036854775808", BARQ_BIGINT},
        {"9223372036854775808.0", BARQ_DOUBLE},
        {"1e22", BARQ_DOUBLE},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct barq_value *value = read_text(cases[i].text, strlen(cases[i].text), NULL);
        assert_int_equal(barq_kind(value), cases[i].kind);
        const char *text = write_text(value);
        assert_int_equal(barq_kind(read_text(text, strlen(text), NULL)), cases[i].kind);
    }
    assert_true(signbit(barq_as_double(read_text("-0.0", 4, NULL), 1)));
}

/* `depth` times `opening`, then `closing` as often. */
static struct barq_value *read_nested(const char *opening, const char *closing, int depth,
                                      struct barq_error *err)
{
    bq_auto(buf) struct bq_buf text;
    bq_buf_init(&text, PLENTY);

    for (int i = 0; i < depth; i++) {
        bq_buf_puts(&text, opening);
    }
    bq_buf_puts(&text, "1");
    for (int i = 0; i < depth; i++) {
        bq_buf_puts(&text, closing);
    }
    assert_false(text.failed);
    return read_text(text.data, text.len, err);
}

static void sixty_four_levels_are_read_and_one_more_is_not(void **state)
{
    (void)state;
    struct barq_error err;

    assert_non_null(write_text(read_nested("[", "]", BARQ_VALUE_MAX_DEPTH, NULL)));
    assert_non_null(write_text(read_nested("{\"a\":", "}", BARQ_VALUE_MAX_DEPTH, NULL)));
    assert_null(read_nested("[", "]", BARQ_VALUE_MAX_DEPTH + 1, &err));
    assert_int_equal(err.status, BARQ_ERR_LIMIT);
    assert_non_null(strstr(err.text, "offset 64"));
    assert_null(read_nested("{\"a\":", "}", BARQ_VALUE_MAX_DEPTH + 1, &err));
    assert_int_equal(err.status, BARQ_ERR_LIMIT);
    assert_null(read_nested("[", "]", 1000 * 1000, &err));
    assert_int_equal(err.status, BARQ_ERR_LIMIT);
}

static void a_hundred_thousand_keys_are_checked_for_doubles_at_once(void **state)
{
    (void)state;
    bq_auto(buf) struct bq_buf text;
    bq_buf_init(&text, PLENTY);
    struct barq_error err;

    bq_buf_puts(&text, "{");
    for (int i = 0; i < MANY; i++) {
        bq_buf_printf(&text, "\"%d\":0,", i);
    }
    size_t len = text.len;
    bq_buf_puts(&text, "\"last\":0}");
    assert_int_equal(barq_count(read_text(text.data, text.len, NULL)), MANY + 1);

    text.len = len;
    bq_buf_puts(&text, "\"7\":0}");
    assert_null(read_text(text.data, text.len, &err));
    assert_non_null(strstr(err.text, "second time"));
}

static void a_number_of_a_million_digits_is_kept_and_written(void **state)
{
    (void)state;
    enum { DIGITS = 1000 * 1000 };
    char *text = bq_arena_alloc(&arena, DIGITS + 8);
    assert_non_null(text);
    memset(text, '7', DIGITS);
    text[DIGITS] = '\0';

    assert_string_equal(write_text(read_text(text, DIGITS, NULL)), text);
    memcpy(text + DIGITS, "e-9", 3);
    assert_null(read_text(text, DIGITS + 3, NULL));
    text[1] = '.';
    assert_int_equal(barq_kind(read_text(text, DIGITS, NULL)), BARQ_DOUBLE);
}

static struct barq_value *nest(struct barq_value *value)
{
    struct barq_value *top = barq_map(&arena);
    struct barq_value *list = barq_list(&arena);
    struct barq_value *inner = barq_map(&arena);

    barq_set_key(inner, "b", value);
    barq_add(list, barq_null(&arena));
    barq_add(list, inner);
    barq_set_key(top, "a", list);
    return top;
}

static struct barq_value *with_a_number_for_a_key(void)
{
    struct barq_value *map = barq_map(&arena);

    barq_put(map, barq_int(&arena, 1), barq_int(&arena, 2));
    return map;
}

static void what_json_cannot_hold_is_refused_with_its_path(void **state)
{
    (void)state;
    const struct {
        struct barq_value *value;
        const char *path;
    } cases[] = {
        {barq_bytes(&arena, "x", 1), "$.a[1].b: "},
        {barq_set(&arena), "$.a[1].b: "},
        {barq_timestamp(&arena, 0, 0), "$.a[1].b: "},
        {barq_named(&arena, "decimal.Decimal", barq_string(&arena, "1.5")), "$.a[1].b: "},
        {barq_double(&arena, (double)NAN), "$.a[1].b: "},
        {barq_double(&arena, (double)INFINITY), "$.a[1].b: "},
        {barq_double(&arena, -(double)INFINITY), "$.a[1].b: "},
        {with_a_number_for_a_key(), "$.a[1].b[0]: "},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *out = "kept";
        size_t len = 7;
        struct barq_error err;
        struct barq_value *value = nest(cases[i].value);

        assert_int_equal(barq_to_json(&arena, value, &out, &len, &err), BARQ_ERR_TYPE);
        assert_string_equal(out, "kept");
        assert_int_equal(len, 7);
        if (!strstr(err.text, cases[i].path)) {
            fail_msg("%s, but expected %s", err.text, cases[i].path);
        }
    }
}

static void a_long_path_is_cut_and_the_reason_still_told(void **state)
{
    (void)state;
    struct barq_value *value = barq_set(&arena);
    struct barq_error err;
    const char *out;

    for (int i = 0; i < 40; i++) {
        struct barq_value *map = barq_map(&arena);
        barq_set_key(map, "a rather long k\xc3\xa9y that says little, \xc3\xa9\xc3\xa9\xc3\xa9",
                     value);
        value = map;
    }
    assert_int_equal(barq_to_json(&arena, value, &out, NULL, &err), BARQ_ERR_TYPE);
    assert_non_null(strstr(err.text, "...: JSON has no sets"));
}

static void a_tuple_is_written_as_a_list(void **state)
{
    (void)state;
    struct barq_value *tuple = barq_tuple(&arena);

    barq_add(tuple, barq_int(&arena, 1));
    barq_add(tuple, barq_tuple(&arena));
    assert_string_equal(write_text(tuple), "[1,[]]");
}

static void a_broken_value_is_not_written(void **state)
{
    (void)state;
    const char *out = "kept";
    struct barq_error err;

    assert_int_equal(barq_to_json(&arena, nest(NULL), &out, NULL, &err), BARQ_ERR_NOMEM);
    assert_non_null(strstr(err.text, "$.a[1]"));
    assert_int_equal(barq_to_json(&arena, NULL, &out, NULL, &err), BARQ_ERR_NOMEM);
    assert_string_equal(out, "kept");
}

static const char sample[] =
    "{\"text\":\"a \\\"quoted\\\" \xc3\xa9 \\u0001\",\"numbers\":[0,-1,1.5,123456789012345678901],"
    "\"deep\":{\"a\":{\"b\":[{\"c\":[[[]]]}]}},\"many\":{\"1\":1,\"2\":2,\"3\":3,\"4\":4,\"5\":5,"
    "\"6\":6,\"7\":7,\"8\":8,\"9\":9,\"10\":true,\"11\":null}}";

static void a_full_arena_stops_reading_anywhere_and_leaves_out_alone(void **state)
{
    (void)state;
    enum barq_status status = BARQ_ERR_NOMEM;
    size_t limit = 0;

    for (; status != BARQ_OK; limit += 16) {
        bq_auto(arena) struct barq_arena small;
        bq_arena_init(&small, limit);
        struct barq_value *kept = barq_null(&arena);
        struct barq_value *out = kept;

        status = barq_from_json(&small, sample, sizeof(sample) - 1, &out, NULL);
        if (status != BARQ_OK) {
            assert_int_equal(status, BARQ_ERR_NOMEM);
            assert_ptr_equal(out, kept);
        }
    }
    assert_true(limit > 1000);
}

static void a_full_buffer_stops_writing_anywhere_and_is_as_it_was(void **state)
{
    (void)state;
    struct barq_value *value = read_text(sample, sizeof(sample) - 1, NULL);
    size_t limit = 3;

    for (enum barq_status status = BARQ_ERR_LIMIT; status != BARQ_OK; limit++) {
        bq_auto(buf) struct bq_buf buf;
        bq_buf_init(&buf, limit);
        bq_buf_puts(&buf, "abc");

        status = bq_codec_json.encode(value, &buf, NULL);
        assert_false(buf.failed);
        if (status != BARQ_OK) {
            assert_int_equal(status, BARQ_ERR_LIMIT);
            assert_int_equal(buf.len, 3);
        }
        assert_memory_equal(buf.data, "abc", 3);
    }
    assert_int_equal(limit - 1, 3 + sizeof(sample) - 1);
}

static void an_arena_too_small_for_the_text_is_reported(void **state)
{
    (void)state;
    struct barq_value *value = read_text(sample, sizeof(sample) - 1, NULL);

    for (size_t limit = 0; limit < sizeof(sample); limit += 16) {
        bq_auto(arena) struct barq_arena small;
        bq_arena_init(&small, limit);
        const char *out = "kept";

        assert_int_equal(barq_to_json(&small, value, &out, NULL, NULL), BARQ_ERR_NOMEM);
        assert_string_equal(out, "kept");
    }
}

static void the_codec_of_bytes_is_known_by_the_first_of_them(void **state)
{
    (void)state;
    static const char json[] = "{[\"0123456789-tfn \t\r\n";

    for (size_t i = 0; i < sizeof(json) - 1; i++) {
        assert_ptr_equal(bq_codec_of(json + i, 1), &bq_codec_json);
    }
    assert_null(bq_codec_of("", 0));
    assert_null(bq_codec_of("\0", 1));
    assert_ptr_equal(bq_codec_of("\x80\x04", 2), &bq_codec_pickle);
    assert_ptr_equal(bq_codec_of("\x80", 1), &bq_codec_msgpack);
    assert_ptr_equal(bq_codec_of("\x85\xa1t", 3), &bq_codec_msgpack);
    assert_ptr_equal(bq_codec_of("\xde\x00\x05", 3), &bq_codec_msgpack);
    assert_ptr_equal(bq_codec_of("\xdf", 1), &bq_codec_msgpack);
    assert_null(bq_codec_of("\x90", 1));
    assert_null(bq_codec_of("x", 1));
}

/* xorshift64*; a test repeats itself exactly. */
static uint64_t dice(uint64_t *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * UINT64_C(2685821657736338717);
}

static double random_double(uint64_t *seed)
{
    double number;

    do {
        uint64_t bits = dice(seed);
        memcpy(&number, &bits, sizeof(number));
    } while (!isfinite(number));
    return number;
}

static struct barq_value *random_string(uint64_t *seed)
{
    static const char *const pieces[] = {
        "a", "\"", "\\", "/", "\n", "\x01", "\x7f", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9d\x84\x9e",
    };
    char text[64] = "";
    size_t count = dice(seed) % 12;
    size_t len = 0;

    for (size_t i = 0; i < count; i++) {
        const char *piece = pieces[dice(seed) % COUNT(pieces)];
        (void)snprintf(text + len, sizeof(text) - len, "%s", piece);
        len += strlen(piece);
    }
    return barq_string_of(&arena, text, len + (dice(seed) % 8 == 0)); /* with a NUL at times */
}

static struct barq_value *random_value(uint64_t *seed, int depth);

static struct barq_value *random_container(uint64_t *seed, int depth)
{
    bool is_map = dice(seed) % 2;
    struct barq_value *box = is_map ? barq_map(&arena) : barq_list(&arena);
    size_t count = dice(seed) % 20;

    for (size_t i = 0; i < count; i++) {
        struct barq_value *item = random_value(seed, depth - 1);
        if (is_map) {
            barq_put(box, random_string(seed), item);
        } else {
            barq_add(box, item);
        }
    }
    return box;
}

static struct barq_value *random_value(uint64_t *seed, int depth)
{
    switch (dice(seed) % (depth > 0 ? 9 : 6)) {
    case 0:
        return barq_null(&arena);
    case 1:
        return barq_bool(&arena, dice(seed) % 2);
    case 2:
        return barq_int(&arena, (int64_t)dice(seed) >> dice(seed) % 64);
    case 3:
        return barq_double(&arena, random_double(seed));
    case 4:
        return random_string(seed);
    case 5:
        return barq_bigint(&arena, "-98765432109876543210987", 10 + dice(seed) % 14);
    default:
        return random_container(seed, depth);
    }
}

static void whatever_is_written_reads_back_equal(void **state)
{
    (void)state;

    for (uint64_t round = 1; round <= ROUNDS; round++) {
        uint64_t seed = round;
        struct barq_value *value = random_value(&seed, 4);
        const char *text = write_text(value);
        struct barq_value *again = read_text(text, strlen(text), NULL);

        if (!barq_equal(value, again) || strcmp(write_text(again), text) != 0) {
            fail_msg("seed %d: %s", (int)round, text);
        }
        bq_arena_reset(&arena);
    }
}

static void every_double_is_the_same_double_again(void **state)
{
    (void)state;
    uint64_t seed = 2718281828;

    for (int i = 0; i < 20 * ROUNDS; i++) {
        double number = i % 2 ? random_double(&seed) : (double)(int64_t)dice(&seed) / 1000;
        const char *text = write_text(barq_double(&arena, number));
        double again = barq_as_double(read_text(text, strlen(text), NULL), (double)NAN);
        assert_memory_equal(&again, &number, sizeof(number));
        bq_arena_reset(&arena);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_json_is_read_and_written_again),
        TEST(what_is_no_json_is_refused_with_its_offset),
        TEST(a_nul_byte_is_refused_wherever_it_is),
        TEST(every_beginning_of_a_text_is_refused),
        TEST(an_integer_stays_an_integer_and_a_double_a_double),
        TEST(sixty_four_levels_are_read_and_one_more_is_not),
        TEST(a_hundred_thousand_keys_are_checked_for_doubles_at_once),
        TEST(a_number_of_a_million_digits_is_kept_and_written),
        TEST(what_json_cannot_hold_is_refused_with_its_path),
        TEST(a_long_path_is_cut_and_the_reason_still_told),
        TEST(a_tuple_is_written_as_a_list),
        TEST(a_broken_value_is_not_written),
        TEST(a_full_arena_stops_reading_anywhere_and_leaves_out_alone),
        TEST(a_full_buffer_stops_writing_anywhere_and_is_as_it_was),
        TEST(an_arena_too_small_for_the_text_is_reported),
        TEST(the_codec_of_bytes_is_known_by_the_first_of_them),
        TEST(whatever_is_written_reads_back_equal),
        TEST(every_double_is_the_same_double_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
