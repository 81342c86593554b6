#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auto.h"
#include "base/buf.h"
#include "formats/csv.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Writes a row as "LINE[field|field]", and "LINE!problem" for a bad one. */
static void show(struct bq_buf *out, const struct bm_csv *csv)
{
    if (csv->problem) {
        bq_buf_printf(out, "%d!%s;", (int)csv->line, csv->problem);
        return;
    }
    if (csv->blank) {
        return;
    }
    bq_buf_printf(out, "%d[", (int)csv->line);
    for (size_t i = 0; i < csv->n_fields; i++) {
        bq_buf_printf(out, "%s%s", i > 0 ? "|" : "", bm_csv_field(csv, i));
    }
    bq_buf_puts(out, "]");
}

/* Pushes pieces of `piece` bytes. */
static const char *parse(struct bq_buf *out, const char *text, size_t len, size_t piece,
                         char delimiter)
{
    bm_auto(csv) struct bm_csv csv;
    const char *end = text + len;
    bm_csv_init(&csv, delimiter);
    bq_buf_reset(out);

    for (const char *at = text; at < end;) {
        bool row;
        const char *stop = (size_t)(end - at) < piece ? end : at + piece;
        at = bm_csv_push(&csv, at, stop, &row);
        if (row) {
            show(out, &csv);
        }
    }
    if (bm_csv_end(&csv)) {
        show(out, &csv);
    }
    return bq_buf_cstr(out);
}

static void rows_come_out_whatever_the_pieces(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *rows;
    } cases[] = {
        {"", ""},
        {"\n\n", ""},
        {"a,b\nc,d", "1[a|b]2[c|d]"},
        {"a,b\r\nc,d\r\n", "1[a|b]2[c|d]"},
        {"a,b\rc,d\r", "1[a|b]2[c|d]"},
        {"a\r\n\r\nb", "1[a]3[b]"},
        {"\xef\xbb\xbf"
         "a,b\n",
         "1[a|b]"},
        {"\xef\xbb", "1!not UTF-8; perhaps Latin-1 or Windows-1252: save the file as UTF-8;"},
        {",\n", "1[|]"},
        {"a,\n", "1[a|]"},
        {"\"\"\n", "1[]"},
        {"\"a,b\",\"c\"\"d\"\n", "1[a,b|c\"d]"},
        {"\"a\nb\r\nc\rd\",e\nf", "1[a\nb\r\nc\rd|e]5[f]"},
        {"a\"b\"c,d\n", "1[a\"b\"c|d]"},
        {"\"a\"b,c\nd", "1!text after a closing quote;2[d]"},
        {"# a comment, \"with a quote\na\n#\n# b\nc", "2[a]5[c]"},
        {"#,url\n1,x\n", "1[#|url]2[1|x]"},
        {"a\n\"b,\nc\nd\n",
         "1[a]2!a quote opens here and is never closed: lines 2 to 5 were not read;"},
        {"a\xff\nb", "1!not UTF-8; perhaps Latin-1 or Windows-1252: save the file as UTF-8;2[b]"},
        {"\xc3\xa9t\xc3\xa9,b", "1[\xc3\xa9t\xc3\xa9|b]"},
    };
    bq_auto(buf) struct bq_buf out;
    bq_buf_init(&out, 1 << 20);

    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t piece = 1; piece < 9; piece++) {
            const char *rows = parse(&out, cases[i].text, strlen(cases[i].text), piece, ',');
            assert_string_equal(rows, cases[i].rows);
        }
    }
}

static void a_nul_spoils_its_own_row_only(void **state)
{
    (void)state;
    bq_auto(buf) struct bq_buf out;
    bq_buf_init(&out, 1 << 20);

    assert_string_equal(parse(&out, "a\nb\0c\nd", 7, 100, ','), "1[a]2!a NUL byte in it;3[d]");
}

static void a_row_of_10_mb_spoils_itself_only(void **state)
{
    (void)state;
    enum { BIG = 10 * 1024 * 1024 };
    bq_auto(memory) char *big = malloc(BIG + 1);
    bq_auto(buf) struct bq_buf text;
    bq_auto(buf) struct bq_buf out;
    bq_buf_init(&text, BIG + 16);
    bq_buf_init(&out, 1 << 20);
    memset(big, 'x', BIG);
    big[BIG] = '\0';
    bq_buf_printf(&text, "a\n%s\nb\n", big);

    assert_string_equal(parse(&out, text.data, text.len, 65536, ','),
                        "1[a]2!longer than 1024 KiB;3[b]");
    text.data[0] = '"';
    assert_string_equal(parse(&out, text.data, text.len, 65536, ','),
                        "1!a quote opens here and is never closed: lines 1 to 4 were not read;");
}

static void too_many_columns_are_a_problem(void **state)
{
    (void)state;
    bq_auto(buf) struct bq_buf text;
    bq_auto(buf) struct bq_buf out;
    bq_buf_init(&text, 1 << 20);
    bq_buf_init(&out, 1 << 20);
    for (int i = 0; i < BM_CSV_MAX_FIELDS; i++) {
        bq_buf_puts(&text, ",");
    }
    bq_buf_puts(&text, "\na");

    assert_string_equal(parse(&out, text.data, text.len, 100, ','),
                        "1!more than 1024 columns;2[a]");
}

static void lines_are_taken_as_they_are(void **state)
{
    (void)state;
    static const char text[] = "https://youtu.be/a,b?\"c\n# no\n\nd";
    bq_auto(buf) struct bq_buf out;
    bq_buf_init(&out, 1 << 20);

    assert_string_equal(parse(&out, text, sizeof(text) - 1, 3, BM_CSV_LINES),
                        "1[https://youtu.be/a,b?\"c]4[d]");
}

static void other_delimiters_work_alike(void **state)
{
    (void)state;
    bq_auto(buf) struct bq_buf out;
    bq_buf_init(&out, 1 << 20);

    assert_string_equal(parse(&out, "a;b,c;\"d;e\"", 11, 2, ';'), "1[a|b,c|d;e]");
    assert_string_equal(parse(&out, "a\tb", 3, 2, '\t'), "1[a|b]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_out_whatever_the_pieces),
        cmocka_unit_test(a_nul_spoils_its_own_row_only),
        cmocka_unit_test(a_row_of_10_mb_spoils_itself_only),
        cmocka_unit_test(too_many_columns_are_a_problem),
        cmocka_unit_test(lines_are_taken_as_they_are),
        cmocka_unit_test(other_delimiters_work_alike),
    };

    return cmocka_run_group_tests_name("bookmarks/csv", tests, NULL, NULL);
}
