/*
 * What a query says, part by part, and what is told of one that makes no sense.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "search/bounds.h"
#include "search/fold.h"
#include "search/snippet.h"

static struct barq_arena arena;
static struct barq_error err;

static int make(void **state)
{
    (void)state;
    bq_arena_init(&arena, 1 << 20);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    return 0;
}

static struct bm_query parse(const char *text)
{
    struct bm_query query;

    if (bm_query_parse(&arena, text, &query, &err) != BARQ_OK) {
        fail_msg("%s: %s", text, err.text);
    }
    return query;
}

static const char *refusal(const char *text)
{
    struct bm_query query;

    assert_int_equal(bm_query_parse(&arena, text, &query, &err), BARQ_ERR_ARG);
    return err.text;
}

/* -- words -- */

static void words_and_phrases_are_parts(void **state)
{
    (void)state;
    struct bm_query query =
        parse("  python \"type hints\"  caf\xc3\xa9 pyth* 10:30 https://x.org/ ");

    assert_int_equal(query.count, 6);
    assert_string_equal(query.parts[0].text, "python");
    assert_string_equal(query.parts[1].text, "type hints");
    assert_string_equal(query.parts[2].text, "caf\xc3\xa9");
    assert_string_equal(query.parts[3].text, "pyth");
    assert_true(query.parts[3].is_prefix);
    assert_string_equal(query.parts[4].text, "10:30");
    assert_string_equal(query.parts[5].text, "https://x.org/");
    for (size_t i = 0; i < query.count; i++) {
        assert_int_equal(query.parts[i].kind, BM_PART_TEXT);
        assert_false(query.parts[i].is_not);
    }
}

static void a_minus_turns_a_part_around(void **state)
{
    (void)state;
    struct bm_query query = parse("-draft -\"two words\" -tag:old well-known");

    assert_int_equal(query.count, 4);
    assert_true(query.parts[0].is_not && query.parts[1].is_not && query.parts[2].is_not);
    assert_string_equal(query.parts[1].text, "two words");
    assert_int_equal(query.parts[2].kind, BM_PART_TAG);
    assert_false(query.parts[3].is_not);
    assert_string_equal(query.parts[3].text, "well-known");
}

static void nothing_is_a_query_for_all(void **state)
{
    (void)state;
    assert_int_equal(parse("").count, 0);
    assert_int_equal(parse(" \t\n ").count, 0);
}

/* -- operators -- */

static void names_may_have_blanks_in_quotes(void **state)
{
    (void)state;
    struct bm_query query = parse("tag:\"to read\" Channel:Computerphile list:Talks");

    assert_string_equal(query.parts[0].text, "to read");
    assert_int_equal(query.parts[1].kind, BM_PART_CHANNEL);
    assert_int_equal(query.parts[2].kind, BM_PART_LIST);
}

static void is_has_its_words(void **state)
{
    (void)state;
    static const char *const words[] = {"failed",    "pending", "completed", "watched",
                                        "unwatched", "gone",    "private",   "live"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct bm_query query = parse(bq_arena_format(&arena, "is:%s", words[i]));
        assert_int_equal(query.parts[0].kind, BM_PART_IS);
        assert_int_equal(query.parts[0].is, i);
    }
}

static void in_says_where_all_words_are_looked_for(void **state)
{
    (void)state;
    struct bm_query query = parse("in:title word in:NOTES");

    assert_int_equal(query.count, 1);
    assert_int_equal(query.where, BM_IN_TITLE | BM_IN_NOTES);
}

static void fields_are_compared_in_seven_ways(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum bm_compare compare;
        const char *value;
    } cases[] = {
        {"field:level", BM_HAS_VALUE, ""},
        {"field:level=expert", BM_EQUAL, "expert"},
        {"field:level=\"very hard\"", BM_EQUAL, "very hard"},
        {"field:level!=easy", BM_UNEQUAL, "easy"},
        {"field:level>3", BM_MORE, "3"},
        {"field:level<3", BM_LESS, "3"},
        {"field:level>=3", BM_AT_LEAST, "3"},
        {"field:level<=3", BM_AT_MOST, "3"},
        {"field:level~a=b", BM_CONTAINS, "a=b"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bm_query query = parse(cases[i].text);
        assert_int_equal(query.parts[0].kind, BM_PART_FIELD);
        assert_string_equal(query.parts[0].field, "level");
        assert_int_equal(query.parts[0].compare, cases[i].compare);
        assert_string_equal(query.parts[0].text, cases[i].value);
    }
}

static void what_a_query_cannot_mean_is_told_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *told;
    } cases[] = {
        {"a is:broken",
         "at character 3: is:broken is nothing that a video can be: failed, pending"},
        {"\xc3\xa9 \xc3\xa9 foo:bar",
         "at character 5: foo:bar has an operator that there is not: tag:"},
        {"dur:long", "at character 1: dur:long cannot be understood: a length like 10m"},
        {"added:2025-13", "at character 1: added:2025-13 cannot be understood: a day like"},
        {"views:many", "at character 1: views:many cannot be understood: a number like"},
        {"in:channel", "at character 1: in:channel is no place to look in: title, description"},
        {"-in:title", "at character 1: -in:title cannot be excluded"},
        {"tag:", "at character 1: tag: names nothing"},
        {"field:=x", "at character 1: field:=x names no field"},
        {"field:x=", "at character 1: field:x= has no value"},
        {"field:x!y", "at character 1: field:x!y compares in no known way"},
        {"a \"b c", "at character 3: \"b begins a quote that does not end"},
        {"a ++", "at character 3: ++ has no letter or digit"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *told = refusal(cases[i].text);
        if (!strstr(told, cases[i].told)) {
            fail_msg("%s: %s", cases[i].text, told);
        }
    }
}

static void a_query_has_limits(void **state)
{
    (void)state;
    char *parts = bq_arena_alloc(&arena, 2 * BM_QUERY_PARTS_MAX + 3);
    char *text = bq_arena_alloc(&arena, BM_QUERY_MAX_BYTES + 2);

    for (int i = 0; i <= BM_QUERY_PARTS_MAX; i++) {
        memcpy(parts + 2 * (size_t)i, "a ", 3);
    }
    assert_non_null(strstr(refusal(parts), "at most 50 parts"));
    parts[2 * (size_t)BM_QUERY_PARTS_MAX] = '\0';
    assert_int_equal(parse(parts).count, BM_QUERY_PARTS_MAX);

    memset(text, 'a', BM_QUERY_MAX_BYTES + 1);
    assert_non_null(strstr(refusal(text), "at most 2000 bytes"));
    text[BM_QUERY_MAX_BYTES] = '\0';
    (void)parse(text);
    (void)refusal("\xff");
}

static void a_full_arena_is_told(void **state)
{
    (void)state;
    struct barq_arena small;
    struct bm_query query;

    bq_arena_init(&small, 64);
    assert_int_equal(bm_query_parse(&small, "a", &query, &err), BARQ_ERR_NOMEM);
    bq_arena_clear(&small);
}

/* -- bounds -- */

static void lengths_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t least;
        int64_t below;
    } cases[] = {
        {"90", 90, 91},
        {"10m", 600, 660},
        {"1h", 3600, 7200},
        {"1h30m", 5400, 5460},
        {"1h0m5s", 3605, 3606},
        {">10m", 601, INT64_MAX},
        {">=10m", 600, INT64_MAX},
        {"<10m", INT64_MIN, 600},
        {"<=10m", INT64_MIN, 601},
        {"=10M", 600, 660},
        {"5m..1h", 300, 3601},
        {"5m..", 300, INT64_MAX},
        {"..1h", INT64_MIN, 3601},
    };
    static const char *const wrong[] = {"",  "m",  "10x",   "m10", "1m1h", "..",        "1h..5m",
                                        ">", "-5", "1h..x", "5 m", "1.5h", "1234567890"};
    struct bm_range range;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(bm_bounds_parse(cases[i].text, BM_SECONDS, &range));
        if (range.least != cases[i].least || range.below != cases[i].below) {
            fail_msg("%s: %lld %lld", cases[i].text, (long long)range.least,
                     (long long)range.below);
        }
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (bm_bounds_parse(wrong[i], BM_SECONDS, &range)) {
            fail_msg("\"%s\" is a length", wrong[i]);
        }
    }
}

static void days_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t least;
        int64_t below;
    } cases[] = {
        {"2024", 1704067200000, 1735689600000},
        {"2023", 1672531200000, 1704067200000},
        {"2024-02", 1706745600000, 1709251200000},
        {"2024-12", 1733011200000, 1735689600000},
        {"2024-02-29", 1709164800000, 1709251200000},
        {"<2025-01-01", INT64_MIN, 1735689600000},
        {"<=2024", INT64_MIN, 1735689600000},
        {">2023", 1704067200000, INT64_MAX},
        {">=2024", 1704067200000, INT64_MAX},
        {"2024..2024-02", 1704067200000, 1709251200000},
    };
    static const char *const wrong[] = {"24",          "2024-13",    "2024-02-30", "2024-2-1",
                                        "2024-02-29T", "2024..2023", "yyyy"};
    struct bm_range range;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(bm_bounds_parse(cases[i].text, BM_DAYS, &range));
        if (range.least != cases[i].least || range.below != cases[i].below) {
            fail_msg("%s: %lld %lld", cases[i].text, (long long)range.least,
                     (long long)range.below);
        }
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (bm_bounds_parse(wrong[i], BM_DAYS, &range)) {
            fail_msg("\"%s\" is a day", wrong[i]);
        }
    }
}

static void counts_are_read(void **state)
{
    (void)state;
    struct bm_range range;

    assert_true(bm_bounds_parse(">10k", BM_COUNT, &range));
    assert_int_equal(range.least, 10001);
    assert_true(bm_bounds_parse("2M", BM_COUNT, &range));
    assert_int_equal(range.least, 2000000);
    assert_int_equal(range.below, 3000000);
    assert_true(bm_bounds_parse("1500", BM_COUNT, &range));
    assert_int_equal(range.below, 1501);
    assert_false(bm_bounds_parse("10kk", BM_COUNT, &range));
    assert_false(bm_bounds_parse("k", BM_COUNT, &range));
}

/* -- words of a text -- */

static uint64_t hash_of(const char *text)
{
    struct bm_word word;

    assert_true(bm_next_word(text, 0, &word));
    return word.hash;
}

static void words_are_the_same_without_case_and_diacritics(void **state)
{
    (void)state;
    assert_true(hash_of("Se\xc3\xb1or") == hash_of("SENOR"));
    assert_true(hash_of("se\x6e\xcc\x83or") == hash_of("senor")); /* a mark that combines */
    assert_true(hash_of("Vi\xe1\xbb\x87t") == hash_of("viet"));   /* two marks in one letter */
    assert_true(hash_of("\xce\x91\xce\x8e\xce\xa1\xce\x91") ==
                hash_of("\xce\xb1\xcf\x85\xcf\x81\xce\xb1"));
    assert_true(hash_of("\xd0\x9f\xd0\xa0\xd0\x98") == hash_of("\xd0\xbf\xd1\x80\xd0\xb8"));
    assert_false(hash_of("stra\xc3\x9f") == hash_of("stras"));
}

static void a_text_is_its_words(void **state)
{
    (void)state;
    static const char text[] = "\xe2\x80\x9c"
                               "C++17\xe2\x80\x9d, don't\xe2\x80\x94stop!";
    static const char *const words[] = {"C", "17", "don", "t", "stop"};
    struct bm_word word;
    size_t n = 0;

    for (size_t at = 0; bm_next_word(text, at, &word); at = word.end) {
        assert_true(n < 5);
        assert_int_equal(word.end - word.at, strlen(words[n]));
        assert_memory_equal(text + word.at, words[n], strlen(words[n]));
        n++;
    }
    assert_int_equal(n, 5);
}

/* -- snippets -- */

static struct bm_snippet snippet(const char *query_text, const char *text)
{
    struct bm_query query = parse(query_text);
    struct bm_phrases phrases;
    struct bm_snippet out;

    bm_phrases_of(&query, &phrases);
    assert_true(bm_snippet_make(&phrases, text, &arena, &out));
    return out;
}

static void a_snippet_is_in_pieces_around_the_words(void **state)
{
    (void)state;
    struct bm_snippet out = snippet("\"type hints\" pyth*", "Use Type\nHints in Python, or not");

    assert_string_equal(out.text, "Use Type Hints in Python, or not");
    assert_int_equal(out.n_pieces, 5);
    assert_string_equal(out.pieces[0], "Use ");
    assert_string_equal(out.pieces[1], "Type Hints");
    assert_string_equal(out.pieces[2], " in ");
    assert_string_equal(out.pieces[3], "Python");
    assert_string_equal(out.pieces[4], ", or not");
}

static void a_snippet_of_a_long_text_is_short(void **state)
{
    (void)state;
    char text[4000];
    size_t len = 0;

    for (int i = 0; i < 400; i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s ",
                                i == 200 ? "n\xc3\xa9"
                                           "edle"
                                         : "hay");
    }
    struct bm_snippet out = snippet("needle", text);
    assert_in_range(strlen(out.text), 100, BM_SNIPPET_BYTES + 6);
    assert_memory_equal(out.text, "\xe2\x80\xa6hay ", 7);
    assert_string_equal(out.pieces[1], "n\xc3\xa9"
                                       "edle");
    const char *whole = "";
    for (size_t n = 0; n < out.n_pieces; n++) {
        whole = bq_arena_format(&arena, "%s%s", whole, out.pieces[n]);
    }
    assert_string_equal(whole, out.text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(words_and_phrases_are_parts),
        TEST(a_minus_turns_a_part_around),
        TEST(nothing_is_a_query_for_all),
        TEST(names_may_have_blanks_in_quotes),
        TEST(is_has_its_words),
        TEST(in_says_where_all_words_are_looked_for),
        TEST(fields_are_compared_in_seven_ways),
        TEST(what_a_query_cannot_mean_is_told_with_its_place),
        TEST(a_query_has_limits),
        TEST(a_full_arena_is_told),
        TEST(lengths_are_read),
        TEST(days_are_read),
        TEST(counts_are_read),
        TEST(words_are_the_same_without_case_and_diacritics),
        TEST(a_text_is_its_words),
        TEST(a_snippet_is_in_pieces_around_the_words),
        TEST(a_snippet_of_a_long_text_is_short),
    };

    return cmocka_run_group_tests_name("bookmarks/query", tests, NULL, NULL);
}
