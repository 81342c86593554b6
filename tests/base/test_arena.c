#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

enum { LARGE = 1 << 20, PLENTY = 64 << 20 };

static void pieces_are_zero_aligned_and_apart(void **state)
{
    (void)state;
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, PLENTY);
    char *before = NULL;
    size_t before_bytes = 0;

    for (size_t bytes = 0; bytes < 3000; bytes += 7) {
        char *piece = bq_arena_alloc(&arena, bytes);
        assert_non_null(piece);
        assert_int_equal((uintptr_t)piece % alignof(max_align_t), 0);
        for (size_t i = 0; i < bytes; i++) {
            assert_int_equal(piece[i], 0);
        }
        memset(piece, 'x', bytes);
        for (size_t i = 0; i < before_bytes; i++) {
            assert_int_equal(before[i], 'y');
        }
        memset(piece, 'y', bytes);
        before = piece;
        before_bytes = bytes;
    }
}

static void a_piece_larger_than_any_block_leaves_the_newest_block_in_use(void **state)
{
    (void)state;
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, PLENTY);

    char *small = bq_arena_alloc(&arena, 16);
    char *large = bq_arena_alloc(&arena, LARGE);
    char *next = bq_arena_alloc(&arena, 16);
    assert_non_null(large);
    memset(large, 'x', LARGE);
    assert_ptr_equal(next, small + 16);
}

static void an_arena_never_hands_out_more_than_its_limit(void **state)
{
    (void)state;
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, 64);

    assert_null(bq_arena_alloc(&arena, 65));
    assert_non_null(bq_arena_alloc(&arena, 33));
    assert_int_equal(arena.used_bytes, 48);
    assert_null(bq_arena_alloc(&arena, 17));
    assert_non_null(bq_arena_alloc(&arena, 16));
    assert_null(bq_arena_alloc(&arena, 0));
    assert_int_equal(arena.used_bytes, 64);
}

static void a_limit_of_nothing_gives_nothing(void **state)
{
    (void)state;
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, 0);

    assert_null(bq_arena_alloc(&arena, 1));
    assert_null(bq_arena_strdup(&arena, ""));
    assert_null(bq_arena_format(&arena, "%d", 1));
    assert_null(bq_arena_memdup(&arena, "a", 1));
}

static void sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, SIZE_MAX);

    assert_null(bq_arena_alloc(&arena, SIZE_MAX));
    assert_null(bq_arena_alloc(&arena, SIZE_MAX - 8));
    assert_null(bq_arena_alloc(&arena, PTRDIFF_MAX));
    assert_null(bq_arena_array(&arena, SIZE_MAX / 8 + 2, 8));
    assert_null(bq_arena_strndup(&arena, "", SIZE_MAX));
    assert_non_null(bq_arena_array(&arena, 3, 8));
}

static void copies_are_copies(void **state)
{
    (void)state;
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, PLENTY);

    assert_string_equal(bq_arena_strdup(&arena, "barq"), "barq");
    assert_string_equal(bq_arena_strndup(&arena, "barq", 2), "ba");
    assert_memory_equal(bq_arena_strndup(&arena, "a\0b", 3), "a\0b", 4);
    assert_string_equal(bq_arena_strndup(&arena, NULL, 0), "");
    assert_memory_equal(bq_arena_memdup(&arena, "a\0b", 3), "a\0b", 3);
    assert_non_null(bq_arena_memdup(&arena, NULL, 0));
    assert_string_equal(bq_arena_format(&arena, "%s-%05d", "job", 42), "job-00042");
}

static void text_of_any_length_is_formatted(void **state)
{
    (void)state;
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, PLENTY);

    const char *text = bq_arena_format(&arena, "%*d", 500000, 7);
    assert_non_null(text);
    assert_int_equal(strlen(text), 500000);
    assert_int_equal(text[499999], '7');
}

static void a_cleared_arena_can_be_used_again(void **state)
{
    (void)state;
    struct barq_arena arena;
    bq_arena_init(&arena, 32);

    for (int i = 0; i < 3; i++) {
        assert_non_null(bq_arena_alloc(&arena, 32));
        assert_null(bq_arena_alloc(&arena, 1));
        bq_arena_clear(&arena);
        assert_null(arena.block);
        assert_int_equal(arena.used_bytes, 0);
    }
}

static void a_reset_arena_keeps_one_block_and_is_zero_again(void **state)
{
    (void)state;
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, PLENTY);

    for (int i = 0; i < 1000; i++) {
        memset(bq_arena_alloc(&arena, 1000), 'x', 1000);
    }
    assert_non_null(bq_arena_alloc(&arena, LARGE));
    bq_arena_reset(&arena);
    assert_non_null(arena.block);

    const struct bq_arena_block *kept = arena.block;
    const char *piece = bq_arena_alloc(&arena, 1000);
    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(piece[i], 0);
    }
    assert_ptr_equal(arena.block, kept);
}

static void a_reset_does_not_keep_a_huge_block(void **state)
{
    (void)state;
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, PLENTY);

    assert_non_null(bq_arena_alloc(&arena, PLENTY / 8));
    bq_arena_reset(&arena);
    assert_null(arena.block);
    assert_non_null(bq_arena_alloc(&arena, 8));
}

static void clearing_takes_null_and_what_was_never_used(void **state)
{
    (void)state;
    struct barq_arena zeroed = {0};

    bq_arena_clear(NULL);
    bq_arena_clear(&zeroed);
    bq_arena_reset(&zeroed);
    bq_arena_drop(&zeroed);
    barq_arena_free(NULL);
}

static void an_arena_of_the_heap_keeps_its_limit(void **state)
{
    (void)state;
    struct barq_arena *arena = barq_arena_new(16);

    assert_non_null(arena);
    assert_non_null(bq_arena_alloc(arena, 16));
    assert_null(bq_arena_alloc(arena, 1));
    barq_arena_free(arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zero_aligned_and_apart),
        cmocka_unit_test(a_piece_larger_than_any_block_leaves_the_newest_block_in_use),
        cmocka_unit_test(an_arena_never_hands_out_more_than_its_limit),
        cmocka_unit_test(a_limit_of_nothing_gives_nothing),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(copies_are_copies),
        cmocka_unit_test(text_of_any_length_is_formatted),
        cmocka_unit_test(a_cleared_arena_can_be_used_again),
        cmocka_unit_test(a_reset_arena_keeps_one_block_and_is_zero_again),
        cmocka_unit_test(a_reset_does_not_keep_a_huge_block),
        cmocka_unit_test(clearing_takes_null_and_what_was_never_used),
        cmocka_unit_test(an_arena_of_the_heap_keeps_its_limit),
    };

    return cmocka_run_group_tests_name("base/arena", tests, NULL, NULL);
}
