#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "commands/terminal.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What is printed for one cell of `width`, between two bars; until the next call. */
static const char *printed(const char *text, int width, bool right)
{
    static char line[256];
    const struct bm_text_column columns[] = {{"a", 1, false}, {"b", width, right}, {"c", 1, false}};
    const char *cells[] = {"|", text, "|"};

    FILE *file = fmemopen(line, sizeof(line), "w");
    assert_non_null(file);
    bm_print_row(file, columns, 3, cells);
    assert_int_equal(fclose(file), 0);
    return line;
}

static void cells_are_cut_and_filled_to_their_width(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool right;
        const char *line;
    } cases[] = {
        {"", false, "|          |\n"},
        {NULL, false, "|          |\n"},
        {"abc", false, "|  abc     |\n"},
        {"abc", true, "|     abc  |\n"},
        {"abcdef", false, "|  abcdef  |\n"},
        {"abcdefg", false, "|  abcde\xe2\x80\xa6  |\n"},
        {"abcdefg", true, "|  abcde\xe2\x80\xa6  |\n"},
        {"\xc3\xa9\xc3\xa9", false, "|  \xc3\xa9\xc3\xa9      |\n"},
        {"\xe4\xb8\xad\xe6\x96\x87", false, "|  \xe4\xb8\xad\xe6\x96\x87    |\n"},
        {"\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87", false,
         "|  \xe4\xb8\xad\xe6\x96\x87\xe2\x80\xa6   |\n"},
        {"e\xcc\x81", false, "|  e\xcc\x81       |\n"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_string_equal(printed(cases[i].text, 6, cases[i].right), cases[i].line);
    }
}

static void text_cannot_drive_the_terminal(void **state)
{
    (void)state;
    /* U+202E turns what follows around; byte by byte, since as text it would turn this line, too. */
    static const char turned[] = {(char)0xe2, (char)0x80, (char)0xae, 'a', 'b', '\0'};

    assert_string_equal(printed("a\033[2J\n", 6, false), "|  a [2J   |\n");
    assert_string_equal(printed("\xc2\x9b[1m", 6, false), "|   [1m    |\n");
    assert_string_equal(printed(turned, 6, false), "|   ab     |\n");
    assert_string_equal(printed("\xff\xfe", 6, false), "|  ??      |\n");
    assert_string_equal(printed("a\xf0\x9f", 6, false), "|  a??     |\n");
}

static void text_outside_of_a_table_cannot_either(void **state)
{
    (void)state;
    char line[64] = "";
    FILE *file = fmemopen(line, sizeof(line), "w");
    assert_non_null(file);

    bm_print_text(file, "http://a\033]0;b\a\r\nc");
    assert_int_equal(fclose(file), 0);
    assert_string_equal(line, "http://a ]0;b   c");
}

static void marks_that_take_no_column_are_bounded(void **state)
{
    (void)state;
    char text[201] = "e";
    char line[512];

    for (size_t i = 1; i + 1 < sizeof(text); i += 2) {
        memcpy(text + i, "\xcc\x81", 2);
    }
    text[199] = '\0';
    snprintf(line, sizeof(line), "%s", printed(text, 6, false));
    assert_int_equal(strlen(line), strlen("|  e       |\n") + (size_t)8 * 2);
}

static void a_length_reads_as_a_clock_does(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {{-1, ""},        {0, "live"},       {5, "0:05"},       {845, "14:05"},
                 {3599, "59:59"}, {3600, "1:00:00"}, {3723, "1:02:03"}, {360000, "100:00:00"}};
    char text[BM_LENGTH_BYTES];

    for (size_t i = 0; i < COUNT(cases); i++) {
        bm_length_text(cases[i].seconds, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void progress_is_told_in_tenths_where_nothing_can_be_drawn(void **state)
{
    (void)state;
    char text[1024] = "";
    struct bm_counts counts = {.total = 20};
    struct bm_progress progress;
    FILE *file = fmemopen(text, sizeof(text), "w");
    assert_non_null(file);

    bm_progress_begin(&progress, file);
    for (counts.completed = 0; counts.completed <= 20; counts.completed++) {
        bm_progress_show(&progress, &counts);
        bm_progress_show(&progress, &counts);
    }
    bm_progress_end(&progress);
    assert_int_equal(fclose(file), 0);
    assert_true(strncmp(text, " 10 %  2 of 20, 0 failed\n 20 %  4 of 20", 38) == 0);
    assert_non_null(strstr(text, "100 %  20 of 20, 0 failed\n"));
    int lines = 0;
    for (const char *at = text; (at = strchr(at, '\n')); at++) {
        lines++;
    }
    assert_int_equal(lines, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_cut_and_filled_to_their_width),
        cmocka_unit_test(text_cannot_drive_the_terminal),
        cmocka_unit_test(text_outside_of_a_table_cannot_either),
        cmocka_unit_test(marks_that_take_no_column_are_bounded),
        cmocka_unit_test(a_length_reads_as_a_clock_does),
        cmocka_unit_test(progress_is_told_in_tenths_where_nothing_can_be_drawn),
    };

    return cmocka_run_group_tests_name("bookmarks/terminal", tests, NULL, NULL);
}
