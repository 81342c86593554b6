#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "codec/codec.h"
#include "codec/show.h"

enum { PLENTY = 64 * 1024 * 1024 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define RAW(text)    (text), sizeof(text) - 1

static struct barq_arena arena;
static struct bq_buf bytes;
static struct bq_buf shown;

static int set_up(void **state)
{
    (void)state;
    bq_arena_init(&arena, PLENTY);
    bq_buf_init(&bytes, PLENTY);
    bq_buf_init(&shown, PLENTY);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    bq_buf_clear(&bytes);
    bq_buf_clear(&shown);
    return 0;
}

static const char *text_of(const struct barq_value *value)
{
    bq_buf_reset(&shown);
    show(&shown, value);
    return bq_buf_cstr(&shown);
}

static void assert_read(const char *from, size_t len, const char *wanted)
{
    struct barq_value *value = NULL;
    struct barq_error err;

    if (bq_codec_msgpack.decode(&arena, from, len, &value, &err) != BARQ_OK) {
        fail_msg("%s", err.text);
    }
    assert_string_equal(text_of(value), wanted);
}

static void assert_written(const struct barq_value *value, const char *wanted, size_t len)
{
    bq_buf_reset(&bytes);
    assert_int_equal(bq_codec_msgpack.encode(value, &bytes, NULL), BARQ_OK);
    assert_int_equal(bytes.len, len);
    assert_memory_equal(bytes.data, wanted, len);
}

static void assert_refused(const char *from, size_t len, enum barq_status wanted, const char *why)
{
    struct barq_value *value = (void *)&arena;
    struct barq_error err = {.text = "none"};

    assert_int_equal(bq_codec_msgpack.decode(&arena, from, len, &value, &err), wanted);
    assert_ptr_equal(value, &arena);
    if (!strstr(err.text, why)) {
        fail_msg("'%s' is not in: %s", why, err.text);
    }
}

static void every_form_of_every_type_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *wanted;
    } forms[] = {
        {RAW("\xc0"), "None"},
        {RAW("\xc2"), "False"},
        {RAW("\xc3"), "True"},
        {RAW("\x7f"), "127"},
        {RAW("\xe0"), "-32"},
        {RAW("\xcc\xff"), "255"},
        {RAW("\xcd\x00\x01"), "1"},
        {RAW("\xce\xff\xff\xff\xff"), "4294967295"},
        {RAW("\xcf\x7f\xff\xff\xff\xff\xff\xff\xff"), "9223372036854775807"},
        {RAW("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"), "18446744073709551615"},
        {RAW("\xd0\x80"), "-128"},
        {RAW("\xd1\xff\xfe"), "-2"},
        {RAW("\xd2\x80\x00\x00\x00"), "-2147483648"},
        {RAW("\xd3\x80\x00\x00\x00\x00\x00\x00\x00"), "-9223372036854775808"},
        {RAW("\xca\x3f\xc0\x00\x00"), "1.5"},
        {RAW("\xcb\xbf\xe0\x00\x00\x00\x00\x00\x00"), "-0.5"},
        {RAW("\xa2hi"), "'hi'"},
        {RAW("\xd9\x01x"), "'x'"},
        {RAW("\xda\x00\x01x"), "'x'"},
        {RAW("\xdb\x00\x00\x00\x01x"), "'x'"},
        {RAW("\xc4\x01\xff"), "b'ff'"},
        {RAW("\xc5\x00\x01\xff"), "b'ff'"},
        {RAW("\xc6\x00\x00\x00\x00"), "b''"},
        {RAW("\x92\x01\x90"), "[1, []]"},
        {RAW("\xdc\x00\x01\x01"), "[1]"},
        {RAW("\xdd\x00\x00\x00\x01\x01"), "[1]"},
        {RAW("\x81\xa1k\x01"), "{'k': 1}"},
        {RAW("\xde\x00\x01\x05\x01"), "{5: 1}"},
        {RAW("\xdf\x00\x00\x00\x01\x05\x01"), "{5: 1}"},
        {RAW("\xd6\xff\x00\x00\x00\x01"), "datetime(1000000, 0)"},
        {RAW("\xd7\xff\x00\x00\x0f\xa0\x00\x00\x00\x01"), "datetime(1000001, 0)"},
        {RAW("\xc7\x0c\xff\x00\x00\x03\xe8\xff\xff\xff\xff\xff\xff\xff\xff"),
         "datetime(-999999, 0)"},
    };

    for (size_t i = 0; i < COUNT(forms); i++) {
        assert_read(forms[i].bytes, forms[i].len, forms[i].wanted);
    }
}

static void what_is_not_whole_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *why;
    } broken[] = {
        {RAW(""), "msgpack: at offset 0: the bytes end where a value should be"},
        {RAW("\x92\x01"), "at offset 0: it says that it has more members"},
        {RAW("\x92\x01\xcc"), "at offset 2: the bytes end within a value"},
        {RAW("\xa2h"), "the bytes end within a value"},
        {RAW("\xc1"), "byte 0xc1"},
        {RAW("\x01\x01"), "at offset 1: there is more after the value"},
        {RAW("\xa1\xff"), "not UTF-8"},
        {RAW("\x82\xa1k\x01\xa1k\x02"), "at offset 4: the same key for the second time"},
        {RAW("\xd4\x05x"), "extension type 5, which barq does not know"},
        {RAW("\xc7\x00\x80"), "extension type -128"},
        {RAW("\xd5\xff\x00\x00"), "not 4, 8 or 12 bytes"},
        {RAW("\xd7\xff\xff\xff\xff\xff\x00\x00\x00\x00"), "more than 999,999,999 nanoseconds"},
        {RAW("\xc7\x0c\xff\x00\x00\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff"), "beyond what"},
    };

    for (size_t i = 0; i < COUNT(broken); i++) {
        assert_refused(broken[i].bytes, broken[i].len, BARQ_ERR_FORMAT, broken[i].why);
    }
}

static void lengths_reserve_no_memory(void **state)
{
    (void)state;
    static const char marks[] = "\xdd\xdf\xdb\xc6\xc9";
    char text[] = "?\xff\xff\xff\xff\x01\x01";

    for (size_t i = 0; i + 1 < sizeof(marks); i++) {
        text[0] = marks[i];
        assert_refused(RAW(text), BARQ_ERR_FORMAT, "msgpack: at offset 0");
        assert_true(arena.used_bytes < 1024);
    }
}

static void depth_is_limited(void **state)
{
    (void)state;
    char text[BARQ_VALUE_MAX_DEPTH + 1];
    struct barq_value *value;

    memset(text, 0x91, sizeof(text));
    text[BARQ_VALUE_MAX_DEPTH] = '\0';
    assert_int_equal(bq_codec_msgpack.decode(&arena, text, sizeof(text), &value, NULL), BARQ_OK);
    memset(text, 0x91, sizeof(text));
    assert_refused(text, sizeof(text), BARQ_ERR_LIMIT, "more than 64 arrays and maps");
}

static void integers_are_written_in_their_shortest_form(void **state)
{
    (void)state;
    assert_written(barq_int(&arena, 127), RAW("\x7f"));
    assert_written(barq_int(&arena, 128), RAW("\xcc\x80"));
    assert_written(barq_int(&arena, 256), RAW("\xcd\x01\x00"));
    assert_written(barq_int(&arena, 65536), RAW("\xce\x00\x01\x00\x00"));
    assert_written(barq_int(&arena, INT64_MAX), RAW("\xcf\x7f\xff\xff\xff\xff\xff\xff\xff"));
    assert_written(barq_int(&arena, -32), RAW("\xe0"));
    assert_written(barq_int(&arena, -33), RAW("\xd0\xdf"));
    assert_written(barq_int(&arena, -129), RAW("\xd1\xff\x7f"));
    assert_written(barq_int(&arena, -32769), RAW("\xd2\xff\xff\x7f\xff"));
    assert_written(barq_int(&arena, INT64_MIN), RAW("\xd3\x80\x00\x00\x00\x00\x00\x00\x00"));
    assert_written(barq_bigint(&arena, "18446744073709551615", 20),
                   RAW("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"));
}

static void instants_are_written_in_their_shortest_form(void **state)
{
    (void)state;
    assert_written(barq_timestamp(&arena, 1000000, 0), RAW("\xd6\xff\x00\x00\x00\x01"));
    assert_written(barq_timestamp(&arena, 1000001, 60),
                   RAW("\xd7\xff\x00\x00\x0f\xa0\x00\x00\x00\x01"));
    assert_written(barq_timestamp(&arena, -1, 0),
                   RAW("\xc7\x0c\xff\x3b\x9a\xc6\x18\xff\xff\xff\xff\xff\xff\xff\xff"));
}

static void assert_unwritable(struct barq_value *value, const char *why)
{
    struct barq_value *list = barq_list(&arena);
    struct barq_error err = {.text = "none"};
    barq_add(list, value);

    bq_buf_reset(&bytes);
    assert_int_equal(bq_codec_msgpack.encode(list, &bytes, &err), BARQ_ERR_TYPE);
    assert_int_equal(bytes.len, 0);
    assert_non_null(strstr(err.text, "msgpack: $[0]: "));
    assert_non_null(strstr(err.text, why));
}

static void what_messagepack_cannot_hold_is_refused_with_its_path(void **state)
{
    (void)state;
    assert_unwritable(barq_set(&arena), "no sets");
    assert_unwritable(barq_named(&arena, "m.C", barq_null(&arena)), "other languages");
    assert_unwritable(barq_timestamp(&arena, 0, BARQ_NO_ZONE), "give the time a zone");
    assert_unwritable(barq_bigint(&arena, "18446744073709551616", 20), "beyond 64 bits");
    assert_unwritable(barq_bigint(&arena, "-9223372036854775809", 20), "beyond 64 bits");
}

static void a_buffer_or_arena_that_is_full_is_an_error(void **state)
{
    (void)state;
    struct barq_value *value = barq_list(&arena);
    struct barq_value *read = NULL;
    for (int i = 0; i < 300; i++) {
        barq_add(value, barq_format(&arena, "%d", i));
    }
    assert_int_equal(bq_codec_msgpack.encode(value, &bytes, NULL), BARQ_OK);

    for (size_t limit = 0; limit < bytes.len; limit += 7) {
        bq_auto(buf) struct bq_buf small;
        bq_buf_init(&small, limit);
        assert_int_equal(bq_codec_msgpack.encode(value, &small, NULL), BARQ_ERR_LIMIT);
        assert_int_equal(small.len, 0);
    }
    for (size_t limit = 0; limit < 8000; limit += 40) {
        bq_auto(arena) struct barq_arena small;
        bq_arena_init(&small, limit);
        assert_int_equal(bq_codec_msgpack.decode(&small, bytes.data, bytes.len, &read, NULL),
                         BARQ_ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_form_of_every_type_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_whole_is_refused_with_its_place, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(lengths_reserve_no_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(depth_is_limited, set_up, tear_down),
        cmocka_unit_test_setup_teardown(integers_are_written_in_their_shortest_form, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(instants_are_written_in_their_shortest_form, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_messagepack_cannot_hold_is_refused_with_its_path,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_buffer_or_arena_that_is_full_is_an_error, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
