#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "formats/chapters.h"

static struct barq_arena arena;
static const struct bm_chapter *chapters;
static size_t count;

static int make_arena(void **state)
{
    (void)state;
    bq_arena_init(&arena, 1000000);
    return 0;
}

static int clear_arena(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    return 0;
}

/* "0 Intro|65 Body|..." */
static const char *shown(const char *description, int64_t duration_s)
{
    static char text[1000];
    size_t len = 0;

    assert_true(bm_chapters_of_description(description, duration_s, &arena, &chapters, &count));
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%d %s", i ? "|" : "",
                                (int)(chapters[i].start_ms / 1000), chapters[i].title);
    }
    return text;
}

static void every_way_to_write_them_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *description;
        const char *chapters;
    } cases[] = {
        {"0:00 Intro\n1:05 Body\n10:00 End", "0 Intro|65 Body|600 End"},
        {"Hello\n\n00:00:00 - Intro\r\n00:01:05 \xe2\x80\x93 Body\r\n01:00:00 \xe2\x80\x94 End\r\n",
         "0 Intro|65 Body|3600 End"},
        {"[0:00] Intro\n(1:05) Body\n* 2:00: End", "0 Intro|65 Body|120 End"},
        {"Intro 0:00\nBody (1:05)\nEnd - 2:00", "0 Intro|65 Body|120 End"},
        {"\xe2\x80\xa2 0:00 \xe2\x80\xa2 Intro\n\xe2\x80\xa2 1:05 Part 2: why\n- 2:00 | End",
         "0 Intro|65 Part 2: why|120 End"},
        {"0:00 Intro\n1:05 \xe4\xb8\xad\xe6\x96\x87\n99:59 End",
         "0 Intro|65 \xe4\xb8\xad\xe6\x96\x87|5999 End"},
        {"0:00 Intro\nsee 0:00\n0:30 Body\n0:20 as said before\n1:00 End",
         "0 Intro|30 Body|60 End"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(shown(cases[i].description, -1), cases[i].chapters);
    }
}

static void what_is_no_list_of_chapters_is_none(void **state)
{
    (void)state;
    static const char *const none[] = {
        "",
        "0:00 Intro\n1:00 End",            /* two only */
        "0:05 Intro\n1:00 Body\n2:00 End", /* does not begin at the beginning */
        "1.0:00 x\n0:0 y\n0:99 z",         /* no times */
        "00:00:00:00 a\n1:2:3 b\n123:00 c",
        "0:00\n1:00\n2:00", /* no titles */
        "at 0:00 there is nothing, at 1:00 neither, nor at 2:00",
        "ratio1:1\nscore3:0\nx2:10",
    };

    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        assert_string_equal(shown(none[i], -1), "");
        assert_null(chapters);
    }
}

static void each_ends_where_the_next_begins(void **state)
{
    (void)state;

    shown("0:00 a\n0:10 b\n0:20 c\n5:00 beyond the end", 60);
    assert_int_equal(count, 3);
    assert_int_equal(chapters[0].end_ms, 10000);
    assert_int_equal(chapters[2].end_ms, 60000);
    shown("0:00 a\n0:10 b\n0:20 c", -1);
    assert_int_equal(chapters[2].end_ms, -1);
}

static void there_are_so_many_and_no_more(void **state)
{
    (void)state;
    static char text[600 * 1100];
    size_t len = 0;

    for (int i = 0; i < 600; i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%d:%02d:%02d %0400d\n", i / 3600,
                                i / 60 % 60, i % 60, i);
    }
    assert_true(bm_chapters_of_description(text, -1, &arena, &chapters, &count));
    assert_int_equal(count, BM_CHAPTERS_MAX);
    assert_int_equal(strlen(chapters[0].title), BM_CHAPTER_TITLE_BYTES);
}

static void a_full_arena_is_told(void **state)
{
    (void)state;
    struct barq_arena tiny;

    bq_arena_init(&tiny, 100);
    assert_false(
        bm_chapters_of_description("0:00 a\n0:10 b\n0:20 c", -1, &tiny, &chapters, &count));
    bq_arena_clear(&tiny);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_arena, clear_arena)
    const struct CMUnitTest tests[] = {
        TEST(every_way_to_write_them_is_read),
        TEST(what_is_no_list_of_chapters_is_none),
        TEST(each_ends_where_the_next_begins),
        TEST(there_are_so_many_and_no_more),
        TEST(a_full_arena_is_told),
    };

    return cmocka_run_group_tests_name("bookmarks/chapters", tests, NULL, NULL);
}
