#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"

static void what_is_put_is_read_again(void **state)
{
    (void)state;
    bq_auto(buf) struct bq_buf buf;
    bq_auto(arena) struct barq_arena arena;
    size_t len;
    bq_buf_init(&buf, 1024);
    bq_arena_init(&arena, 1024);

    bq_buf_put_u8(&buf, 255);
    bq_buf_put_u32(&buf, UINT32_MAX - 1);
    bq_buf_put_i64(&buf, INT64_MIN);
    bq_buf_put_i64(&buf, -2);
    bq_buf_put_block(&buf, "a\0b", 3);
    bq_buf_put_str(&buf, "text");
    bq_buf_put_str(&buf, NULL);
    assert_false(buf.failed);

    struct bq_reader reader = bq_reader_of(buf.data, buf.len);
    assert_int_equal(bq_read_u8(&reader), 255);
    assert_int_equal(bq_read_u32(&reader), UINT32_MAX - 1);
    assert_int_equal(bq_read_i64(&reader), INT64_MIN);
    assert_int_equal(bq_read_i64(&reader), -2);
    assert_memory_equal(bq_read_block(&reader, &len), "a\0b", 3);
    assert_int_equal(len, 3);
    assert_string_equal(bq_read_str(&reader, &arena), "text");
    assert_string_equal(bq_read_str(&reader, &arena), "");
    assert_false(reader.failed);
    assert_ptr_equal(reader.at, reader.end);
}

static void numbers_are_little_endian(void **state)
{
    (void)state;
    bq_auto(buf) struct bq_buf buf;
    bq_buf_init(&buf, 1024);

    bq_buf_put_u32(&buf, 0x04030201);
    bq_buf_put_i64(&buf, 0x0c0b0a0908070605);
    assert_int_equal(buf.len, 12);
    assert_memory_equal(buf.data, "\1\2\3\4\5\6\7\x8\x9\xa\xb\xc", 12);
}

static void nothing_put_is_nothing_done(void **state)
{
    (void)state;
    bq_auto(buf) struct bq_buf buf;
    bq_buf_init(&buf, 0);

    bq_buf_put(&buf, NULL, 0);
    bq_buf_puts(&buf, "");
    bq_buf_consume(&buf, 0);
    assert_null(buf.data);
    assert_false(buf.failed);
    assert_string_equal(bq_buf_cstr(&buf), "");
}

static void a_buffer_fills_to_its_limit_and_not_a_byte_more(void **state)
{
    (void)state;
    bq_auto(buf) struct bq_buf buf;
    bq_buf_init(&buf, 1000);

    for (int i = 0; i < 1000; i++) {
        bq_buf_put_u8(&buf, 'x');
    }
    assert_false(buf.failed);
    assert_int_equal(strlen(bq_buf_cstr(&buf)), 1000);

    bq_buf_put_u8(&buf, 'x');
    assert_true(buf.failed);
    assert_false(buf.starved);
    assert_int_equal(buf.len, 1000);
}

static void writing_goes_on_after_a_failure_without_effect(void **state)
{
    (void)state;
    bq_auto(buf) struct bq_buf buf;
    bq_buf_init(&buf, 4);

    bq_buf_puts(&buf, "ab");
    bq_buf_puts(&buf, "too long");
    bq_buf_puts(&buf, "c");
    bq_buf_printf(&buf, "%d", 1);
    assert_true(buf.failed);
    assert_int_equal(buf.len, 2);
    assert_null(bq_buf_cstr(&buf));
    assert_null(bq_buf_reserve(&buf, 0));

    bq_buf_reset(&buf);
    bq_buf_puts(&buf, "abcd");
    assert_string_equal(bq_buf_cstr(&buf), "abcd");
}

static void absurd_lengths_are_refused(void **state)
{
    (void)state;
    bq_auto(buf) struct bq_buf buf;
    bq_buf_init(&buf, SIZE_MAX);

    bq_buf_puts(&buf, "a");
    assert_null(bq_buf_reserve(&buf, SIZE_MAX));
    assert_true(buf.failed);
    bq_buf_reset(&buf);
    assert_null(bq_buf_reserve(&buf, SIZE_MAX - 1));
    bq_buf_reset(&buf);
    bq_buf_put_block(&buf, "a", (size_t)UINT32_MAX + 1);
    assert_true(buf.failed);
}

static void text_is_printed_behind_what_is_there(void **state)
{
    (void)state;
    bq_auto(buf) struct bq_buf buf;
    bq_buf_init(&buf, 10000);

    bq_buf_puts(&buf, "a");
    bq_buf_printf(&buf, "%s=%d", "b", 7);
    assert_string_equal(bq_buf_cstr(&buf), "ab=7");
    bq_buf_printf(&buf, "%*d", 5000, 1);
    assert_int_equal(strlen(bq_buf_cstr(&buf)), 5004);
}

static void what_fits_exactly_can_be_printed(void **state)
{
    (void)state;
    bq_auto(buf) struct bq_buf buf;
    bq_buf_init(&buf, 4);

    bq_buf_printf(&buf, "%d", 1234);
    assert_string_equal(bq_buf_cstr(&buf), "1234");
    bq_buf_reset(&buf);
    bq_buf_printf(&buf, "%d", 12345);
    assert_true(buf.failed);
}

static void the_first_bytes_can_be_consumed(void **state)
{
    (void)state;
    bq_auto(buf) struct bq_buf buf;
    bq_buf_init(&buf, 100);

    bq_buf_puts(&buf, "consumed and kept");
    bq_buf_consume(&buf, 13);
    assert_string_equal(bq_buf_cstr(&buf), "kept");
    bq_buf_consume(&buf, 4);
    assert_int_equal(buf.len, 0);
}

static void room_is_filled_by_the_caller(void **state)
{
    (void)state;
    bq_auto(buf) struct bq_buf buf;
    bq_buf_init(&buf, 5000);

    char *at = bq_buf_reserve(&buf, 5000);
    assert_non_null(at);
    memset(at, 'x', 5000);
    buf.len += 5000;
    assert_int_equal(strlen(bq_buf_cstr(&buf)), 5000);
}

static void a_cleared_buffer_keeps_its_limit(void **state)
{
    (void)state;
    struct bq_buf buf;
    bq_buf_init(&buf, 4);

    bq_buf_puts(&buf, "too long");
    bq_buf_clear(&buf);
    bq_buf_puts(&buf, "abcd");
    assert_false(buf.failed);
    bq_buf_puts(&buf, "e");
    assert_true(buf.failed);
    bq_buf_clear(&buf);
    bq_buf_clear(NULL);
}

static void behind_the_end_everything_is_zero(void **state)
{
    (void)state;
    size_t len = 7;
    struct bq_reader reader = bq_reader_of("\1\2\3", 3);

    assert_int_equal(bq_read_u32(&reader), 0);
    assert_true(reader.failed);
    assert_int_equal(bq_read_u8(&reader), 0);
    assert_null(bq_read_block(&reader, &len));
    assert_int_equal(len, 0);

    reader = bq_reader_of(NULL, 0);
    assert_int_equal(bq_read_i64(&reader), 0);
    assert_true(reader.failed);
}

static void a_block_that_claims_too_much_is_refused(void **state)
{
    (void)state;
    static const char *const claims[] = {"\4\0\0\0abc", "\xff\xff\xff\xff"
                                                        "abc"};
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, 1024);

    for (size_t i = 0; i < 2; i++) {
        size_t len = 1;
        struct bq_reader reader = bq_reader_of(claims[i], 7);
        assert_null(bq_read_block(&reader, &len));
        assert_int_equal(len, 0);
        assert_true(reader.failed);

        reader = bq_reader_of(claims[i], 7);
        assert_string_equal(bq_read_str(&reader, &arena), "");
        assert_true(reader.failed);
    }
}

static void an_empty_block_is_there(void **state)
{
    (void)state;
    size_t len = 1;
    struct bq_reader reader = bq_reader_of("\0\0\0\0", 4);

    assert_non_null(bq_read_block(&reader, &len));
    assert_int_equal(len, 0);
    assert_false(reader.failed);
}

static void a_string_with_a_nul_inside_is_refused(void **state)
{
    (void)state;
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, 1024);
    struct bq_reader reader = bq_reader_of("\3\0\0\0a\0b", 7);

    assert_string_equal(bq_read_str(&reader, &arena), "");
    assert_true(reader.failed);
}

static void a_string_that_the_arena_cannot_hold_is_refused(void **state)
{
    (void)state;
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, 2);
    struct bq_reader reader = bq_reader_of("\3\0\0\0abc", 7);

    assert_string_equal(bq_read_str(&reader, &arena), "");
    assert_true(reader.failed);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_is_read_again),
        cmocka_unit_test(numbers_are_little_endian),
        cmocka_unit_test(nothing_put_is_nothing_done),
        cmocka_unit_test(a_buffer_fills_to_its_limit_and_not_a_byte_more),
        cmocka_unit_test(writing_goes_on_after_a_failure_without_effect),
        cmocka_unit_test(absurd_lengths_are_refused),
        cmocka_unit_test(text_is_printed_behind_what_is_there),
        cmocka_unit_test(what_fits_exactly_can_be_printed),
        cmocka_unit_test(the_first_bytes_can_be_consumed),
        cmocka_unit_test(room_is_filled_by_the_caller),
        cmocka_unit_test(a_cleared_buffer_keeps_its_limit),
        cmocka_unit_test(behind_the_end_everything_is_zero),
        cmocka_unit_test(a_block_that_claims_too_much_is_refused),
        cmocka_unit_test(an_empty_block_is_there),
        cmocka_unit_test(a_string_with_a_nul_inside_is_refused),
        cmocka_unit_test(a_string_that_the_arena_cannot_hold_is_refused),
    };

    return cmocka_run_group_tests_name("base/buf", tests, NULL, NULL);
}
