#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "fields/rules.h"
#include "fields/templates.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { ARENA_BYTES = 1024 * 1024 };

static struct barq_arena arena;

static int make_arena(void **state)
{
    (void)state;
    bq_arena_init(&arena, ARENA_BYTES);
    return 0;
}

static int clear_arena(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    return 0;
}

static struct bm_metadata video(const char *title, int64_t minutes)
{
    return (struct bm_metadata){
        .title = title, .duration_s = minutes * 60, .published_at_ms = INT64_MIN};
}

static struct barq_value *parse(const char *json)
{
    struct barq_value *value = NULL;
    struct barq_error err;

    assert_int_equal(barq_from_json(&arena, json, strlen(json), &value, &err), BARQ_OK);
    return value;
}

/* What the rule finds, as JSON; "none" for nothing. */
static const char *apply(const char *rule, const struct bm_metadata *metadata)
{
    struct barq_value *found = NULL;
    const char *json = "none";
    struct barq_error err;

    assert_int_equal(bm_rule_apply(parse(rule), metadata, &arena, &found, &err), BARQ_OK);
    if (found) {
        assert_int_equal(barq_to_json(&arena, found, &json, NULL, &err), BARQ_OK);
    }
    return json;
}

static void a_word_matches_whole_and_in_any_case(void **state)
{
    (void)state;
    static const struct {
        const char *title;
        const char *word;
        bool matches;
    } cases[] = {
        {"Testing in Python", "test*", true},
        {"Testing in Python", "test", false},
        {"A latest thing", "test*", false},
        {"The TEST", "test", true},
        {"C++ for all", "c++", true},
        {"A deep dive: into", "deep dive", true},
        {"deep diver", "deep dive", false},
        {"Django-REST", "rest", true},
        {"Caf\xc3\xa9", "caf", false},
        {"101 ways", "101", true},
        {"anything", "", false},
        {"anything", "*", false},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bm_metadata metadata = video(cases[i].title, 30);
        struct barq_value *rule = barq_map(&arena);
        struct barq_value *patterns = barq_list(&arena);
        struct barq_value *pattern = barq_map(&arena);
        struct barq_value *words = barq_list(&arena);
        struct barq_value *found = NULL;
        barq_add(words, barq_string(&arena, cases[i].word));
        barq_set_key(pattern, "words", words);
        barq_add(patterns, pattern);
        barq_set_key(rule, "any", patterns);
        assert_int_equal(bm_rule_apply(rule, &metadata, &arena, &found, NULL), BARQ_OK);
        if (barq_as_bool(found, !cases[i].matches) != cases[i].matches) {
            fail_msg("%s in %s", cases[i].word, cases[i].title);
        }
    }
}

static void the_first_pattern_that_matches_decides(void **state)
{
    (void)state;
    static const char rule[] = "{\"first\": [{\"option\": \"a\", \"words\": [\"x\"]},"
                               " {\"option\": \"b\", \"max_minutes\": 8},"
                               " {\"option\": \"c\", \"words\": [\"y\"], \"min_minutes\": 60}],"
                               " \"otherwise\": \"d\"}";
    struct bm_metadata x = video("x y", 5);
    struct bm_metadata brief = video("y", 8);
    struct bm_metadata full = video("y", 60);
    struct bm_metadata other = video("y", 59);

    assert_string_equal(apply(rule, &x), "\"a\"");
    assert_string_equal(apply(rule, &brief), "\"b\"");
    assert_string_equal(apply(rule, &full), "\"c\"");
    assert_string_equal(apply(rule, &other), "\"d\"");
}

static void an_unknown_duration_matches_no_bound(void **state)
{
    (void)state;
    static const char rule[] = "{\"first\": [{\"option\": \"short\", \"max_minutes\": 8}]}";
    struct bm_metadata unknown = {.title = "x", .duration_s = -1};
    struct bm_metadata live = {.title = "x", .duration_s = 0};

    assert_string_equal(apply(rule, &unknown), "none");
    assert_string_equal(apply(rule, &live), "none");
}

static void tags_count_like_the_title(void **state)
{
    (void)state;
    static const char *const tags[] = {"Keynote", "web development"};
    static const char rule[] = "{\"all\": [{\"option\": \"k\", \"words\": [\"keynote\"]},"
                               " {\"option\": \"w\", \"words\": [\"web\"]},"
                               " {\"option\": \"z\", \"words\": [\"zope\"]}]}";
    struct bm_metadata metadata = {.title = "Hello", .duration_s = -1, .tags = tags, .n_tags = 2};
    struct bm_metadata bare = {.duration_s = -1};

    assert_string_equal(apply(rule, &metadata), "[\"k\",\"w\"]");
    assert_string_equal(apply(rule, &bare), "[]");
}

static void metadata_become_values(void **state)
{
    (void)state;
    struct bm_metadata known = {.duration_s = 1759,
                                .published_at_ms = 1556841600000, /* 2019-05-03 */
                                .channel = "PyCon US 2019",
                                .language = "eng"};
    struct bm_metadata unknown = {.duration_s = -1, .published_at_ms = INT64_MIN};

    assert_string_equal(apply("{\"from\": \"year\"}", &known), "2019");
    assert_string_equal(apply("{\"from\": \"minutes\"}", &known), "29");
    assert_string_equal(apply("{\"from\": \"seconds\"}", &known), "1759");
    assert_string_equal(apply("{\"from\": \"channel\"}", &known), "\"PyCon US 2019\"");
    assert_string_equal(apply("{\"from\": \"language\"}", &known), "\"eng\"");
    assert_string_equal(apply("{\"from\": \"year\"}", &unknown), "none");
    assert_string_equal(apply("{\"from\": \"minutes\"}", &unknown), "none");
    assert_string_equal(apply("{\"from\": \"channel\"}", &unknown), "none");
}

static void what_is_no_rule_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"{}", "[]", "null", "{\"from\": \"nowhere\"}", "7"};
    struct bm_metadata metadata = video("x", 1);

    for (size_t i = 0; i < COUNT(bad); i++) {
        struct barq_value *found = NULL;
        struct barq_error err;
        assert_int_equal(bm_rule_apply(parse(bad[i]), &metadata, &arena, &found, &err),
                         BARQ_ERR_FORMAT);
        assert_null(found);
    }
}

static void the_rules_of_every_template_fit_their_fields(void **state)
{
    (void)state;
    static const char *const titles[] = {"Keynote: testing web data with machine learning for all",
                                         "Intro to security (hands-on workshop)", "x"};
    const struct bm_field *fields;
    size_t count;
    assert_int_equal(bm_template_fields("talks", &arena, &fields, &count, NULL), BARQ_OK);
    assert_int_equal(count, 6);

    for (size_t i = 0; i < count; i++) {
        for (size_t t = 0; t < COUNT(titles); t++) {
            struct bm_metadata metadata = video(titles[t], (int64_t)t * 60);
            struct barq_value *found = NULL;
            struct barq_error err;
            assert_int_equal(bm_rule_apply(fields[i].rule, &metadata, &arena, &found, &err),
                             BARQ_OK);
            if (found) {
                assert_int_equal(bm_field_check(&fields[i], found, &err), BARQ_OK);
            }
        }
    }
}

static void a_rule_that_gives_what_the_field_does_not_allow_is_refused(void **state)
{
    (void)state;
    static const struct {
        enum bm_field_type type;
        const char *rule;
        const char *why; /* NULL: it is fine */
    } cases[] = {
        {BM_NUMBER, "{\"from\": \"year\"}", NULL},
        {BM_RATING, "{\"from\": \"minutes\"}", NULL},
        {BM_TEXT, "{\"from\": \"channel\"}", NULL},
        {BM_BOOLEAN, "{\"any\": []}", NULL},
        {BM_SELECT, "{\"first\": [{\"option\": \"a\"}], \"otherwise\": \"b\"}", NULL},
        {BM_MULTI_SELECT, "{\"all\": [{\"option\": \"a\"}]}", NULL},
        {BM_NUMBER, "{\"from\": \"channel\"}", "a number"},
        {BM_TEXT, "{\"any\": []}", "cannot be false"},
        {BM_SELECT, "{\"first\": [{\"option\": \"c\"}]}", "one of a, b"},
        {BM_SELECT, "{\"first\": [], \"otherwise\": \"c\"}", "one of a, b"},
        {BM_MULTI_SELECT, "{\"all\": [{\"words\": [\"x\"]}]}", "one of a, b"},
        {BM_TEXT, "{}", "neither from"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        bool picks = cases[i].type == BM_SELECT || cases[i].type == BM_MULTI_SELECT;
        struct bm_field field = {.name = "f",
                                 .type = cases[i].type,
                                 .options = picks ? parse("[\"a\", \"b\"]") : NULL,
                                 .rule = parse(cases[i].rule)};
        struct barq_error err = {0};
        enum barq_status status = bm_rule_check(&field, &arena, &err);
        assert_int_equal(status, cases[i].why ? BARQ_ERR_ARG : BARQ_OK);
        assert_true(!cases[i].why || strstr(err.text, cases[i].why));
    }
}

static void a_full_arena_is_an_error(void **state)
{
    (void)state;
    struct barq_value *rule = parse("{\"from\": \"channel\"}");
    struct bm_metadata metadata = {.channel = "some channel", .duration_s = -1};
    struct barq_value *found = NULL;
    struct barq_arena tiny;
    bq_arena_init(&tiny, 8);

    assert_int_equal(bm_rule_apply(rule, &metadata, &tiny, &found, NULL), BARQ_ERR_NOMEM);
    bq_arena_clear(&tiny);
}

#define RULE_TEST(name) cmocka_unit_test_setup_teardown(name, make_arena, clear_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE_TEST(a_word_matches_whole_and_in_any_case),
        RULE_TEST(the_first_pattern_that_matches_decides),
        RULE_TEST(an_unknown_duration_matches_no_bound),
        RULE_TEST(tags_count_like_the_title),
        RULE_TEST(metadata_become_values),
        RULE_TEST(what_is_no_rule_is_refused),
        RULE_TEST(a_rule_that_gives_what_the_field_does_not_allow_is_refused),
        RULE_TEST(the_rules_of_every_template_fit_their_fields),
        RULE_TEST(a_full_arena_is_an_error),
    };

    return cmocka_run_group_tests_name("bookmarks/rules", tests, NULL, NULL);
}
