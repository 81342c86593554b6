#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "fields/definition.h"
#include "fields/templates.h"
#include "fields/value_text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { ARENA_BYTES = 4 * 1024 * 1024 };

static struct barq_arena arena;
static struct barq_error err;

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

static struct barq_value *parse(const char *json)
{
    struct barq_value *value = NULL;

    assert_int_equal(barq_from_json(&arena, json, strlen(json), &value, &err), BARQ_OK);
    return value;
}

static const char *json_of(const struct barq_value *value)
{
    const char *json = NULL;

    assert_int_equal(barq_to_json(&arena, value, &json, NULL, &err), BARQ_OK);
    return json;
}

/* A field named f; `rest` is what else is in its definition. */
static struct bm_field field_of(const char *rest)
{
    struct bm_field field = {.id = NULL};
    char json[1024];

    snprintf(json, sizeof(json), "{\"name\": \"f\", %s}", rest);
    if (bm_field_read(parse(json), &arena, &field, &err) != BARQ_OK) {
        fail_msg("%s: %s", rest, err.text);
    }
    return field;
}

static void a_value_is_allowed_or_told_why_not(void **state)
{
    (void)state;
    static const char text[] = "\"type\": \"text\", \"max_length\": 3";
    static const char any_text[] = "\"type\": \"text\"";
    static const char select[] = "\"type\": \"select\", \"options\": [\"a\", \"B c\"]";
    static const char many[] = "\"type\": \"multi-select\", \"options\": [\"a\", \"B c\"]";
    static const char free_tags[] = "\"type\": \"multi-select\"";
    static const char number[] = "\"type\": \"number\"";
    static const char bounded[] = "\"type\": \"number\", \"min\": -1, \"max\": 2.5";
    static const char rating[] = "\"type\": \"rating\"";
    static const char ten[] = "\"type\": \"rating\", \"min\": 1, \"max\": 10";
    static const char duration[] = "\"type\": \"duration\", \"max\": 600";
    static const char boolean[] = "\"type\": \"boolean\"";
    static const char date[] = "\"type\": \"date\"";
    static const char link[] = "\"type\": \"link\"";
    static const struct {
        const char *field;
        const char *value;
        const char *takes; /* NULL: allowed */
    } cases[] = {
        {text, "\"abc\"", NULL},
        {text, "\"\\u00e4\\u00f6\\u00fc\"", NULL},
        {any_text, "\"two\\nlines\"", NULL},
        {text, "\"abcd\"", "text of at most 3 characters"},
        {text, "7", "text of at most 3 characters"},
        {text, "\"\"", "text of at most 3 characters"},
        {text, "\"a\\u0000\"", "text of at most 3 characters"},
        {any_text, "\"\\u001b[2J\"", "text of at most 16384 characters"},
        {any_text, "null", "text of at most 16384 characters"},
        {select, "\"B c\"", NULL},
        {select, "\"b c\"", "one of a, B c"},
        {select, "[\"a\"]", "one of a, B c"},
        {select, "\"\"", "one of a, B c"},
        {many, "[]", NULL},
        {many, "[\"B c\", \"a\"]", NULL},
        {many, "[\"a\", \"a\"]", "a list of a, B c"},
        {many, "[\"a\", \"x\"]", "a list of a, B c"},
        {many, "\"a\"", "a list of a, B c"},
        {free_tags, "[\"anything\", \"else\"]", NULL},
        {free_tags, "[\"\"]", "a list of texts, each once"},
        {number, "-1e300", NULL},
        {number, "12", NULL},
        {number, "\"12\"", "a number"},
        {number, "true", "a number"},
        {bounded, "2.5", NULL},
        {bounded, "2.51", "a number from -1 to 2.5"},
        {bounded, "-2", "a number from -1 to 2.5"},
        {rating, "0", NULL},
        {rating, "4.5", NULL},
        {rating, "6", "a number from 0 to 5"},
        {rating, "-1", "a number from 0 to 5"},
        {ten, "10", NULL},
        {ten, "0", "a number from 1 to 10"},
        {duration, "90", NULL},
        {duration, "-1", "minutes as a number from 0 to 600"},
        {duration, "601", "minutes as a number from 0 to 600"},
        {boolean, "false", NULL},
        {boolean, "0", "true or false"},
        {boolean, "\"true\"", "true or false"},
        {date, "\"2024-02-29\"", NULL},
        {date, "\"2023-02-29\"", "a date like"},
        {date, "\"2024-2-1\"", "a date like"},
        {date, "\"2024-02-01T10:00:00Z\"", "a date like"},
        {date, "20240201", "a date like"},
        {link, "\"https://example.org/a?b=c#d\"", NULL},
        {link, "\"http://x\"", NULL},
        {link, "\"https://\"", "begins with http:// or https://"},
        {link, "\"javascript:alert(1)\"", "begins with http:// or https://"},
        {link, "\"https://a b\"", "begins with http:// or https://"},
        {link, "\"https://a\\\"onclick=x\"", "begins with http:// or https://"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bm_field field = field_of(cases[i].field);
        enum barq_status status = bm_field_check(&field, parse(cases[i].value), &err);
        if (status != (cases[i].takes ? BARQ_ERR_TYPE : BARQ_OK)) {
            fail_msg("%s of {%s}: %d", cases[i].value, cases[i].field, status);
        }
        if (cases[i].takes && !strstr(err.text, cases[i].takes)) {
            fail_msg("%s does not say: %s", err.text, cases[i].takes);
        }
    }
}

static void a_refusal_names_field_value_and_what_is_allowed(void **state)
{
    (void)state;
    struct bm_field field = field_of("\"type\": \"select\", \"options\": [\"poor\", \"good\"]");

    assert_int_equal(bm_field_check(&field, parse("\"great\""), &err), BARQ_ERR_TYPE);
    assert_string_equal(err.text, "fields: f cannot be \"great\": it takes one of poor, good");
}

static void a_long_value_is_not_quoted_whole(void **state)
{
    (void)state;
    struct bm_field field = field_of("\"type\": \"boolean\"");
    char text[BM_FIELD_TEXT_BYTES];
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';

    assert_int_equal(bm_field_check(&field, barq_string(&arena, text), &err), BARQ_ERR_TYPE);
    assert_non_null(strstr(err.text, "xxx...: it takes true or false"));
}

static void many_options_at_once_have_a_limit(void **state)
{
    (void)state;
    struct bm_field field = field_of("\"type\": \"multi-select\"");
    struct barq_value *list = barq_list(&arena);

    for (int i = 0; i < 100; i++) {
        barq_add(list, barq_format(&arena, "%017d", i));
    }
    assert_int_equal(bm_field_check(&field, list, &err), BARQ_OK);
    barq_add(list, barq_string(&arena, "one more"));
    assert_int_equal(bm_field_check(&field, list, &err), BARQ_ERR_TYPE);
    list = barq_list(&arena);
    for (int i = 0; i < 100; i++) {
        barq_add(list, barq_format(&arena, "%050d", i));
    }
    assert_int_equal(bm_field_check(&field, list, &err), BARQ_ERR_TYPE);
}

static void a_definition_comes_back_as_it_was_read(void **state)
{
    (void)state;
    static const char whole[] =
        "{\"name\":\"level\",\"label\":\"The level\",\"type\":\"select\",\"required\":true,"
        "\"instruction\":\"How hard?\\nSay it.\",\"options\":[\"a\",\"b\"],\"min\":null,"
        "\"max\":null,\"max_length\":null,\"unit\":null,"
        "\"rule\":{\"first\":[],\"otherwise\":\"a\"},\"show_on_card\":true}";
    static const char number[] =
        "{\"name\":\"n\",\"label\":\"n\",\"type\":\"number\",\"required\":false,"
        "\"instruction\":null,\"options\":[],\"min\":-1,\"max\":2.5,\"max_length\":null,"
        "\"unit\":\"km\",\"rule\":null,\"show_on_card\":false}";
    struct bm_field field = {.id = NULL};

    assert_int_equal(bm_field_read(parse(whole), &arena, &field, &err), BARQ_OK);
    assert_string_equal(json_of(bm_field_json(&field, &arena)), whole);
    field = (struct bm_field){.id = NULL};
    assert_int_equal(bm_field_read(parse(number), &arena, &field, &err), BARQ_OK);
    assert_string_equal(json_of(bm_field_json(&field, &arena)), number);
}

static void what_a_definition_does_not_say_stays(void **state)
{
    (void)state;
    struct bm_field field = field_of("\"type\": \"number\", \"min\": 1, \"unit\": \"km\"");

    assert_int_equal(
        bm_field_read(parse("{\"label\": \"Way\", \"unit\": null, \"id\": \"kept out\"}"), &arena,
                      &field, &err),
        BARQ_OK);
    assert_string_equal(field.name, "f");
    assert_string_equal(field.label, "Way");
    assert_true(field.has_min);
    assert_null(field.unit);
    assert_null(field.id);
}

static void a_definition_that_makes_no_sense_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        const char *why;
    } cases[] = {
        {"[]", "is an object"},
        {"{\"name\": \"f\"}", "needs a type"},
        {"{\"type\": \"text\"}", "needs a name or a label"},
        {"{\"name\": \"F\", \"type\": \"text\"}", "a name begins with a letter"},
        {"{\"name\": \"1f\", \"type\": \"text\"}", "a name begins with a letter"},
        {"{\"name\": \"\", \"type\": \"text\"}", "a name begins with a letter"},
        {"{\"name\": 7, \"type\": \"text\"}", "name must be text"},
        {"{\"name\": \"f\", \"label\": \"a\\nb\", \"type\": \"text\"}", "a label has"},
        {"{\"name\": \"f\", \"type\": \"colour\"}", "type must be text, select"},
        {"{\"name\": \"f\", \"type\": \"text\", \"colour\": 1}", "has no \"colour\""},
        {"{\"name\": \"f\", \"type\": \"text\", \"required\": 1}",
         "required must be true or false"},
        {"{\"name\": \"f\", \"type\": \"text\", \"options\": [\"a\"]}", "only a select"},
        {"{\"name\": \"f\", \"type\": \"select\"}", "a select needs options"},
        {"{\"name\": \"f\", \"type\": \"select\", \"options\": \"a\"}", "options must be a list"},
        {"{\"name\": \"f\", \"type\": \"select\", \"options\": [\"a\", \"a\"]}", "there twice"},
        {"{\"name\": \"f\", \"type\": \"select\", \"options\": [\" a\"]}", "an option has"},
        {"{\"name\": \"f\", \"type\": \"select\", \"options\": [1]}", "an option has"},
        {"{\"name\": \"f\", \"type\": \"text\", \"min\": 1}", "have bounds"},
        {"{\"name\": \"f\", \"type\": \"number\", \"min\": 2, \"max\": 1}", "above its greatest"},
        {"{\"name\": \"f\", \"type\": \"number\", \"min\": \"2\"}", "min must be a number"},
        {"{\"name\": \"f\", \"type\": \"rating\", \"max\": 11}", "a rating goes from"},
        {"{\"name\": \"f\", \"type\": \"duration\", \"min\": -1}", "not negative"},
        {"{\"name\": \"f\", \"type\": \"text\", \"max_length\": 0}", "a number of characters"},
        {"{\"name\": \"f\", \"type\": \"text\", \"max_length\": 99999}", "1 to 16384"},
        {"{\"name\": \"f\", \"type\": \"number\", \"max_length\": 5}", "only a text"},
        {"{\"name\": \"f\", \"type\": \"text\", \"rule\": {\"from\": \"x\"}}", "its rule"},
        {"{\"name\": \"f\", \"type\": \"text\", \"rule\": \"x\"}", "rule must be an object"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bm_field field = {.id = NULL};
        enum barq_status status = bm_field_read(parse(cases[i].json), &arena, &field, &err);
        if (status != BARQ_ERR_ARG || !strstr(err.text, cases[i].why)) {
            fail_msg("%s: %d %s", cases[i].json, status, err.text);
        }
    }
}

static void a_label_makes_a_name(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        const char *name;
    } cases[] = {
        {"Difficulty", "difficulty"},
        {"Take-aways (short)", "take_aways_short"},
        {"  2nd  look ", "nd_look"},
        {"\xc3\x9c"
         "bung 3",
         "bung_3"},
        {"\xe6\x98\x9f", "field"},
        {"", "field"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        char name[BM_FIELD_NAME_BYTES];
        bm_field_name_of(cases[i].label, name);
        assert_string_equal(name, cases[i].name);
    }
}

static void text_is_read_kindly(void **state)
{
    (void)state;
    static const char select[] = "\"type\": \"select\", \"options\": [\"Good\", \"Very good\"]";
    static const char many[] = "\"type\": \"multi-select\", \"options\": [\"a\", \"b, c\", \"D\"]";
    static const char rating[] = "\"type\": \"rating\"";
    static const char duration[] = "\"type\": \"duration\"";
    static const char boolean[] = "\"type\": \"boolean\"";
    static const struct {
        const char *field;
        const char *text;
        const char *json; /* NULL: refused; "none": no value */
    } cases[] = {
        {select, " good ", "\"Good\""},
        {select, "very GOOD", "\"Very good\""},
        {select, "bad", NULL},
        {select, "  ", "none"},
        {many, "a|d", "[\"a\",\"D\"]"},
        {many, "d, a, A", "[\"D\",\"a\"]"},
        {many, "b, c", "[\"b, c\"]"},
        {many, "a|b, c|", "[\"a\",\"b, c\"]"},
        {many, "a,x", NULL},
        {rating, "4", "4"},
        {rating, " 4.5", "4.5"},
        {rating, "4.0", "4"},
        {rating, "9", NULL},
        {rating, "four", NULL},
        {rating, "inf", NULL},
        {rating, "0x1", NULL},
        {duration, "90", "90"},
        {duration, "1h30m", "90"},
        {duration, "1:30", "90"},
        {duration, "2 h", "120"},
        {duration, "45 min", "45"},
        {duration, "1:30:00", NULL},
        {duration, "h", NULL},
        {duration, "-5m", NULL},
        {boolean, "Yes", "true"},
        {boolean, "0", "false"},
        {boolean, "perhaps", NULL},
        {"\"type\": \"date\"", "2024-05-06", "\"2024-05-06\""},
        {"\"type\": \"date\"", "2024-05-06T07:08:09Z", "\"2024-05-06\""},
        {"\"type\": \"date\"", "6.5.2024", NULL},
        {"\"type\": \"link\"", "https://example.org", "\"https://example.org\""},
        {"\"type\": \"text\"", " two\nlines ", "\"two\\nlines\""},
        {"\"type\": \"text\"", "\xff", NULL},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bm_field field = field_of(cases[i].field);
        struct barq_value *value = NULL;
        enum barq_status status = bm_value_parse(&field, cases[i].text, &arena, &value, &err);
        if (status != (cases[i].json ? BARQ_OK : BARQ_ERR_TYPE)) {
            fail_msg("\"%s\" of {%s}: %d", cases[i].text, cases[i].field, status);
        }
        if (cases[i].json) {
            assert_string_equal(value ? json_of(value) : "none", cases[i].json);
        }
    }
}

static void what_is_written_as_text_reads_as_it_was(void **state)
{
    (void)state;
    static const struct {
        const char *field;
        const char *json;
    } cases[] = {
        {"\"type\": \"text\"", "\"a | b\""},
        {"\"type\": \"multi-select\"", "[\"a\",\"b c\"]"},
        {"\"type\": \"number\"", "-0.1"},
        {"\"type\": \"number\"", "1234567890123"},
        {"\"type\": \"rating\"", "4.5"},
        {"\"type\": \"duration\"", "90.5"},
        {"\"type\": \"boolean\"", "false"},
        {"\"type\": \"date\"", "\"2024-02-29\""},
        {"\"type\": \"link\"", "\"https://example.org/?a=b|c\""},
    };

    for (size_t i = 0; i + 1 < COUNT(cases); i++) {
        struct bm_field field = field_of(cases[i].field);
        struct barq_value *back = NULL;
        const char *text = bm_value_text(parse(cases[i].json), "|", &arena);
        assert_int_equal(bm_value_parse(&field, text, &arena, &back, &err), BARQ_OK);
        assert_string_equal(json_of(back), cases[i].json);
    }
}

static void every_template_makes_sense(void **state)
{
    (void)state;
    static const char *const names[] = {"talks",   "quality", "tutorials",
                                        "recipes", "reviews", "technical"};
    const struct bm_template *templates;
    const struct bm_field *fields;
    size_t count;

    assert_int_equal(bm_templates(&arena, &templates, &count, &err), BARQ_OK);
    assert_int_equal(count, COUNT(names));
    for (size_t i = 0; i < count; i++) {
        int cards = 0;
        assert_string_equal(templates[i].name, names[i]);
        assert_true(templates[i].n_fields >= 4);
        for (size_t f = 0; f < templates[i].n_fields; f++) {
            cards += templates[i].fields[f].show_on_card;
        }
        assert_true(cards <= BM_FIELD_CARDS_MAX);
    }
    assert_int_equal(bm_template_fields("none", &arena, &fields, &count, &err), BARQ_OK);
    assert_int_equal(count, 0);
    assert_int_equal(bm_template_fields("nothing", &arena, &fields, &count, &err), BARQ_ERR_ARG);
    assert_non_null(
        strstr(err.text, "talks, quality, tutorials, recipes, reviews, technical, none"));
}

static void a_full_arena_is_an_error(void **state)
{
    (void)state;
    struct bm_field field = {.name = "f", .type = BM_TEXT};
    struct barq_value *value = NULL;
    struct barq_arena tiny;
    bq_arena_init(&tiny, 8);

    assert_int_equal(bm_value_parse(&field, "some text", &tiny, &value, &err), BARQ_ERR_NOMEM);
    assert_null(bm_value_text(parse("\"some text\""), "|", &tiny));
    assert_int_equal(bm_field_read(parse("{\"name\": \"a_long_name\", \"type\": \"text\"}"), &tiny,
                                   &(struct bm_field){.id = NULL}, &err),
                     BARQ_ERR_NOMEM);
    bq_arena_clear(&tiny);
}

#define FIELD_TEST(name) cmocka_unit_test_setup_teardown(name, make_arena, clear_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIELD_TEST(a_value_is_allowed_or_told_why_not),
        FIELD_TEST(a_refusal_names_field_value_and_what_is_allowed),
        FIELD_TEST(a_long_value_is_not_quoted_whole),
        FIELD_TEST(many_options_at_once_have_a_limit),
        FIELD_TEST(a_definition_comes_back_as_it_was_read),
        FIELD_TEST(what_a_definition_does_not_say_stays),
        FIELD_TEST(a_definition_that_makes_no_sense_is_refused),
        FIELD_TEST(a_label_makes_a_name),
        FIELD_TEST(text_is_read_kindly),
        FIELD_TEST(what_is_written_as_text_reads_as_it_was),
        FIELD_TEST(every_template_makes_sense),
        FIELD_TEST(a_full_arena_is_an_error),
    };

    return cmocka_run_group_tests_name("bookmarks/fields", tests, NULL, NULL);
}
