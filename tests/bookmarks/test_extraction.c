#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/buf.h"
#include "fields/definition.h"
#include "services/extraction.h"
#include "support/outside.h"

enum { FIELDS_MAX = 12 };

static const int64_t now_ms = 1795449600000;

static const struct bm_cue cues[] = {
    {.start_ms = 0, .end_ms = 4000, .text = "Welcome, this takes forty minutes."},
    {.start_ms = 20000, .end_ms = 24000, .text = "You need no experience at all!"},
    {.start_ms = 61000, .end_ms = 64000, .text = "We use C and SQLite."},
};

static struct outside stand_in;
static struct barq_arena arena;
static struct barq_error err;
static struct bm_verdict verdict;
static struct bm_extraction extraction;
static struct bm_field fields[FIELDS_MAX];
static size_t n_fields;
static struct bm_metadata video;
static struct bm_subject subject;

static int start(void **state)
{
    (void)state;
    unsetenv("http_proxy");
    outside_start(&stand_in);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    outside_stop(&stand_in);
    return 0;
}

static struct barq_value *json(const char *text)
{
    struct barq_value *value = NULL;

    assert_int_equal(barq_from_json(&arena, text, strlen(text), &value, &err), BARQ_OK);
    return value;
}

static void add_field(const char *definition)
{
    struct bm_field field = {.id = NULL};
    enum barq_status status = bm_field_read(json(definition), &arena, &field, &err);

    if (status != BARQ_OK) {
        fail_msg("%s: %s", definition, err.text);
    }
    fields[n_fields++] = field;
}

static int make(void **state)
{
    (void)state;
    bq_arena_init(&arena, 16000000);
    n_fields = 0;
    video = bm_metadata_unknown("aaaaaaaaaaa");
    video.title = "Barq in an hour";
    video.channel = "Invented Talks";
    video.duration_s = 120;
    video.description = "How to run jobs.";
    subject = (struct bm_subject){.video = &video, .cues = cues, .n_cues = 3};
    return 0;
}

static int clear(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    return 0;
}

static void add_all_types(void)
{
    add_field("{\"name\": \"level\", \"label\": \"Level\", \"type\": \"select\", \"options\": "
              "[\"Beginner\", \"Expert\"], \"instruction\": \"What one must know before.\"}");
    add_field(
        "{\"name\": \"tools\", \"type\": \"multi-select\", \"options\": [\"C\", \"SQLite\"]}");
    add_field("{\"name\": \"topics\", \"type\": \"multi-select\"}");
    add_field("{\"name\": \"stars\", \"type\": \"rating\", \"max\": 5}");
    add_field("{\"name\": \"minutes\", \"type\": \"duration\"}");
    add_field("{\"name\": \"price\", \"type\": \"number\", \"min\": 0, \"unit\": \"EUR\"}");
    add_field("{\"name\": \"free\", \"type\": \"boolean\"}");
    add_field("{\"name\": \"on\", \"type\": \"date\"}");
    add_field("{\"name\": \"site\", \"type\": \"link\"}");
    add_field("{\"name\": \"summary\", \"type\": \"text\", \"max_length\": 20}");
}

static const char *text_of(const struct barq_value *value)
{
    const char *text = NULL;

    assert_int_equal(barq_to_json(&arena, value, &text, NULL, &err), BARQ_OK);
    return text;
}

static void take(const char *answer)
{
    assert_true(bm_extraction_take(json(answer), &subject, fields, n_fields, &arena, &extraction));
}

/* -- what is asked -- */

static const char *type_of(enum bm_service service, const char *field)
{
    struct barq_value *schema = bm_extraction_schema(fields, n_fields, service, &arena);
    const struct barq_value *cell = barq_get(barq_get(schema, "properties"), field);
    const struct barq_value *value = barq_get(barq_get(cell, "properties"), "value");

    assert_non_null(schema);
    return text_of(barq_at(barq_get(value, "anyOf"), 0));
}

static void each_type_of_field_has_its_schema(void **state)
{
    (void)state;
    static const struct {
        const char *field;
        const char *gemini;
        const char *openai;
    } golden[] = {
        {"level", "{\"type\":\"string\",\"enum\":[\"Beginner\",\"Expert\"]}",
         "{\"type\":\"string\",\"enum\":[\"Beginner\",\"Expert\"]}"},
        {"tools",
         "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"enum\":[\"C\",\"SQLite\"]}}",
         "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"enum\":[\"C\",\"SQLite\"]}}"},
        {"topics", "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}",
         "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}"},
        {"stars", "{\"type\":\"integer\",\"minimum\":0.0,\"maximum\":5.0}",
         "{\"type\":\"integer\"}"},
        {"price", "{\"type\":\"number\",\"minimum\":0.0}", "{\"type\":\"number\"}"},
        {"free", "{\"type\":\"boolean\"}", "{\"type\":\"boolean\"}"},
        {"on", "{\"type\":\"string\",\"format\":\"date\"}", "{\"type\":\"string\"}"},
        {"site", "{\"type\":\"string\"}", "{\"type\":\"string\"}"},
        {"summary", "{\"type\":\"string\"}", "{\"type\":\"string\"}"},
    };

    add_all_types();
    for (size_t i = 0; i < sizeof(golden) / sizeof(golden[0]); i++) {
        assert_string_equal(type_of(BM_SERVICE_GEMINI, golden[i].field), golden[i].gemini);
        assert_string_equal(type_of(BM_SERVICE_OPENAI, golden[i].field), golden[i].openai);
    }
}

static void a_schema_requires_all_and_allows_nothing_else(void **state)
{
    (void)state;

    add_field("{\"name\": \"free\", \"type\": \"boolean\"}");
    assert_string_equal(
        text_of(bm_extraction_schema(fields, 1, BM_SERVICE_OPENAI, &arena)),
        "{\"type\":\"object\",\"properties\":{\"free\":{\"type\":\"object\",\"properties\":"
        "{\"value\":{\"anyOf\":[{\"type\":\"boolean\"},{\"type\":\"null\"}]},"
        "\"at_seconds\":{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"null\"}]},"
        "\"quote\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}},"
        "\"required\":[\"value\",\"at_seconds\",\"quote\"],\"additionalProperties\":false}},"
        "\"required\":[\"free\"],\"additionalProperties\":false}");
}

static void a_required_field_is_never_null(void **state)
{
    (void)state;
    bool cut = true;

    add_field("{\"name\": \"free\", \"type\": \"boolean\", \"required\": true}");
    const char *schema = text_of(bm_extraction_schema(fields, 1, BM_SERVICE_OPENAI, &arena));
    assert_non_null(strstr(schema, "{\"value\":{\"type\":\"boolean\"},"));
    assert_non_null(strstr(bm_extraction_prompt(&subject, fields, 1, 10000, &arena, &cut),
                           "- free (free): true or false, required\n"));

    /* A model that has nothing to say all the same leaves it empty: nothing is made up for it. */
    take("{\"free\": {\"value\": null}}");
    assert_int_equal(extraction.n_values, 0);
    assert_int_equal(extraction.n_empty, 1);
}

static void a_prompt_has_the_fields_the_video_and_times_to_cite(void **state)
{
    (void)state;
    bool cut = true;

    add_field("{\"name\": \"level\", \"label\": \"Level\", \"type\": \"select\", \"options\": "
              "[\"Beginner\", \"Expert\"], \"instruction\": \"What one must know before.\"}");
    add_field("{\"name\": \"stars\", \"type\": \"rating\", \"max\": 5}");
    video.published_at_ms = 1709287200000;
    assert_string_equal(
        bm_extraction_prompt(&subject, fields, 2, 10000, &arena, &cut),
        "FIELDS\n"
        "- level (Level): one of the options; options: [\"Beginner\",\"Expert\"]. What one must "
        "know before.\n"
        "- stars (stars): a rating, a whole number, at least 0, at most 5\n"
        "\nVIDEO\nTitle: Barq in an hour\nChannel: Invented Talks\nPublished: 2024-03-01\n"
        "Length: 120 seconds\n\nDESCRIPTION\nHow to run jobs.\n"
        "\nTRANSCRIPT\n[0] Welcome, this takes forty minutes.\n"
        "[20] You need no experience at all!\n[61] We use C and SQLite.");
    assert_false(cut);
}

static void a_transcript_that_does_not_fit_is_cut_at_a_cue(void **state)
{
    (void)state;
    bool cut = false;
    const char *prompt;
    size_t whole;

    add_field("{\"name\": \"free\", \"type\": \"boolean\"}");
    whole = strlen(bm_extraction_prompt(&subject, fields, 1, 10000, &arena, &cut));
    prompt = bm_extraction_prompt(&subject, fields, 1, whole - 20, &arena, &cut);
    assert_true(cut);
    assert_non_null(strstr(prompt, "forty minutes."));
    assert_null(strstr(prompt, "SQLite"));
    subject.watch = true;
    prompt = bm_extraction_prompt(&subject, fields, 1, 10000, &arena, &cut);
    assert_null(strstr(prompt, "TRANSCRIPT"));
    assert_false(cut);
}

/* -- what is taken -- */

static void what_a_field_allows_is_taken_with_its_evidence(void **state)
{
    (void)state;

    add_all_types();
    take("{\"level\": {\"value\": \"Beginner\", \"at_seconds\": 20, \"quote\": \"you need NO "
         "experience\"},"
         " \"tools\": {\"value\": [\"C\", \"SQLite\"], \"at_seconds\": 61, \"quote\": null},"
         " \"topics\": {\"value\": [\"jobs\"], \"at_seconds\": null, \"quote\": null},"
         " \"stars\": {\"value\": 4, \"at_seconds\": null, \"quote\": null},"
         " \"minutes\": {\"value\": 40, \"at_seconds\": 0, \"quote\": \"takes forty minutes\"},"
         " \"price\": {\"value\": 9.5, \"at_seconds\": null, \"quote\": null},"
         " \"free\": {\"value\": false, \"at_seconds\": null, \"quote\": null},"
         " \"on\": {\"value\": \"2024-02-29\", \"at_seconds\": null, \"quote\": null},"
         " \"site\": {\"value\": \"https://example.org/\", \"at_seconds\": null, \"quote\": null},"
         " \"summary\": {\"value\": \"How to run jobs\", \"at_seconds\": null, \"quote\": null}}");
    assert_int_equal(extraction.n_values, 10);
    assert_int_equal(extraction.n_dropped, 0);
    assert_ptr_equal(extraction.values[0].field, &fields[0]);
    assert_true(extraction.values[0].has_time);
    assert_int_equal(extraction.values[0].at_seconds, 20);
    assert_string_equal(extraction.values[0].quote, "you need NO experience");
    assert_string_equal(text_of(extraction.values[1].value), "[\"C\",\"SQLite\"]");
    assert_null(extraction.values[1].quote);
    assert_false(extraction.values[3].has_time);
}

static void what_a_field_does_not_allow_is_dropped_and_told(void **state)
{
    (void)state;
    static const char *const answers[] = {
        "{\"level\": {\"value\": \"Intermediate\"}}",
        "{\"level\": {\"value\": [\"Beginner\"]}}",
        "{\"level\": {\"value\": 7}}",
        "{\"level\": {\"value\": {\"value\": \"Beginner\"}}}",
        "{\"other\": {\"value\": \"Beginner\"}}",
        "{}",
    };

    add_field(
        "{\"name\": \"level\", \"type\": \"select\", \"options\": [\"Beginner\", \"Expert\"]}");
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        print_message("# %s\n", answers[i]);
        take(answers[i]);
        assert_int_equal(extraction.n_values, 0);
        assert_int_equal(extraction.n_dropped, 1);
        assert_ptr_equal(extraction.dropped[0].field, &fields[0]);
        assert_true(strlen(extraction.dropped[0].why) > 0);
    }

    n_fields = 0;
    add_all_types();
    take("{\"level\": {\"value\": \"Expert\"}, \"tools\": {\"value\": [\"C\", \"Rust\"]},"
         " \"topics\": {\"value\": \"jobs\"}, \"stars\": {\"value\": 6}, \"minutes\": {\"value\": "
         "-1},"
         " \"price\": {\"value\": \"cheap\"}, \"free\": {\"value\": \"yes\"},"
         " \"on\": {\"value\": \"2024-02-30\"}, \"site\": {\"value\": \"javascript:alert(1)\"},"
         " \"summary\": {\"value\": \"much more than twenty characters\"}}");
    assert_int_equal(extraction.n_values, 1);
    assert_int_equal(extraction.n_dropped, 9);
}

static void nothing_is_no_value(void **state)
{
    (void)state;

    add_all_types();
    take("{\"level\": {\"value\": null}, \"tools\": {\"value\": []}, \"topics\": {\"value\": null},"
         " \"stars\": {\"value\": null}, \"minutes\": {\"value\": null}, \"price\": {\"value\": "
         "null},"
         " \"free\": {\"value\": null}, \"on\": {\"value\": \"\"}, \"site\": {\"value\": \" \"},"
         " \"summary\": null}");
    assert_int_equal(extraction.n_values, 0);
    assert_int_equal(extraction.n_dropped, 0);
    assert_int_equal(extraction.n_empty, 10);
}

static void spelling_is_mended_where_nothing_else_can_be_meant(void **state)
{
    (void)state;

    add_all_types();
    n_fields = 5; /* up to minutes */
    take("{\"level\": \" beginner \", \"tools\": [\"c\", \"C\", \"sqlite\"], \"topics\": [\"a\"],"
         " \"stars\": \"4\", \"minutes\": {\"value\": \"40\"}}");
    assert_int_equal(extraction.n_values, 5);
    assert_string_equal(text_of(extraction.values[0].value), "\"Beginner\"");
    assert_string_equal(text_of(extraction.values[1].value), "[\"C\",\"SQLite\"]");
    assert_string_equal(text_of(extraction.values[3].value), "4");
    assert_string_equal(text_of(extraction.values[4].value), "40");
}

static void evidence_that_cannot_be_is_not_kept(void **state)
{
    (void)state;
    static const struct {
        const char *evidence;
        bool has_time;
        bool has_quote;
    } cases[] = {
        {"\"at_seconds\": 61, \"quote\": \"We use C and SQLite.\"", true, true},
        {"\"at_seconds\": 121, \"quote\": \"we never said this\"", false, false},
        {"\"at_seconds\": -1, \"quote\": \"\"", false, false},
        {"\"at_seconds\": \"61\", \"quote\": 7", false, false},
        {"\"at_seconds\": 1e9, \"quote\": \"!?\"", false, false},
        {"\"at_seconds\": null, \"quote\": \"how to run jobs\"", false, true}, /* the description */
        {"\"at_seconds\": 20, \"quote\": \"experience at all we use C\"", true, true},
    };

    add_field("{\"name\": \"free\", \"type\": \"boolean\"}");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char answer[256];
        snprintf(answer, sizeof(answer), "{\"free\": {\"value\": true, %s}}", cases[i].evidence);
        take(answer);
        assert_int_equal(extraction.n_values, 1);
        assert_int_equal(extraction.values[0].has_time, cases[i].has_time);
        assert_int_equal(extraction.values[0].quote != NULL, cases[i].has_quote);
    }
    subject.n_cues = 0; /* of a description alone nobody can say when */
    take("{\"free\": {\"value\": true, \"at_seconds\": 5, \"quote\": \"run jobs\"}}");
    assert_false(extraction.values[0].has_time);
    assert_string_equal(extraction.values[0].quote, "run jobs");
}

/* -- all of it -- */

static enum barq_status extract(enum bm_service service, enum bm_mode mode, const char *deed)
{
    const char *place = service == BM_SERVICE_GEMINI ? "gemini" : "openai/v1";
    struct bm_model model = {
        .service = service,
        .base_url = outside_url(&stand_in, place, deed),
        .key = "hunter2",
        .name = "made-up",
        .mode = mode,
        .price = {.in = 1, .out = 1},
    };

    return bm_extract(&model, &subject, fields, n_fields, -1, now_ms, &arena, &extraction, &verdict,
                      &err);
}

static void every_model_fills_in_what_it_can(void **state)
{
    (void)state;

    add_all_types();
    for (int mode = 0; mode <= BM_MODES; mode++) {
        enum bm_service service = mode == BM_MODES ? BM_SERVICE_GEMINI : BM_SERVICE_OPENAI;
        assert_int_equal(extract(service, (enum bm_mode)(mode % BM_MODES), ""), BARQ_OK);
        assert_int_equal(verdict.outcome, BM_CALL_OK);
        assert_int_equal(extraction.n_values + extraction.n_dropped, 10);
        assert_string_equal(text_of(extraction.values[0].value), "\"Beginner\"");
        assert_null(extraction.values[0].quote); /* "made_up" is nowhere in the transcript */
        assert_true(extraction.usage.tokens_in > 0);
        assert_true(extraction.usage.cost_millionths > 0);
        assert_string_equal(extraction.version, "made-up");
        assert_non_null(strstr(extraction.prompt, "TRANSCRIPT"));
        assert_false(extraction.cut);
    }
}

static void a_video_is_watched_only_when_it_is_short_enough(void **state)
{
    (void)state;

    add_field("{\"name\": \"free\", \"type\": \"boolean\"}");
    subject.watch = true;
    assert_int_equal(extract(BM_SERVICE_GEMINI, BM_MODE_STRUCTURED, ""), BARQ_OK);
    assert_int_equal(extract(BM_SERVICE_OPENAI, BM_MODE_STRUCTURED, ""), BARQ_ERR_DENIED);
    assert_int_equal(verdict.outcome, BM_CALL_SETUP);
    video.duration_s = BM_WATCH_LONGEST_S + 1;
    assert_int_equal(extract(BM_SERVICE_GEMINI, BM_MODE_STRUCTURED, ""), BARQ_ERR_DENIED);
    assert_int_equal(verdict.refusal, BM_REFUSAL_TOO_LONG);
    subject.watch_longest_s = BM_WATCH_LONGEST_S + 1;
    assert_int_equal(extract(BM_SERVICE_GEMINI, BM_MODE_STRUCTURED, ""), BARQ_OK);
    video.duration_s = 0;
    assert_int_equal(extract(BM_SERVICE_GEMINI, BM_MODE_STRUCTURED, ""), BARQ_ERR_DENIED);
    assert_int_equal(verdict.refusal, BM_REFUSAL_TOO_LONG);
}

static void without_anything_to_go_by_nobody_is_asked(void **state)
{
    (void)state;

    add_field("{\"name\": \"free\", \"type\": \"boolean\"}");
    video = bm_metadata_unknown("aaaaaaaaaaa");
    subject.n_cues = 0;
    assert_int_equal(extract(BM_SERVICE_GEMINI, BM_MODE_STRUCTURED, "500"), BARQ_ERR_DENIED);
    assert_int_equal(verdict.refusal, BM_REFUSAL_NO_TEXT);
}

static void a_failure_is_the_models(void **state)
{
    (void)state;

    add_field("{\"name\": \"free\", \"type\": \"boolean\"}");
    assert_int_equal(extract(BM_SERVICE_GEMINI, BM_MODE_STRUCTURED, "429"), BARQ_ERR_BUSY);
    assert_int_equal(verdict.outcome, BM_CALL_HELD);
    assert_int_equal(verdict.service, BM_SERVICE_GEMINI);
    assert_int_equal(extraction.n_values, 0);
}

static void a_long_transcript_fits_a_small_context(void **state)
{
    (void)state;
    enum { MANY = 5000 };
    struct bm_cue *many = bq_arena_array(&arena, MANY, sizeof(*many));
    struct bm_model model = {
        .service = BM_SERVICE_OPENAI,
        .base_url = outside_url(&stand_in, "openai/v1", ""),
        .name = "made-up",
        .context_tokens = 4096,
    };

    assert_non_null(many);
    for (size_t i = 0; i < MANY; i++) {
        many[i] = (struct bm_cue){
            .start_ms = (int64_t)i * 1000, .end_ms = (int64_t)i * 1000, .text = "so many words"};
    }
    subject.cues = many;
    subject.n_cues = MANY;
    video.duration_s = MANY;
    add_field("{\"name\": \"free\", \"type\": \"boolean\"}");
    assert_int_equal(
        bm_extract(&model, &subject, fields, 1, -1, now_ms, &arena, &extraction, &verdict, &err),
        BARQ_OK);
    assert_true(extraction.cut);
    assert_true(strlen(extraction.prompt) < 12288);
    assert_int_equal(extraction.n_values, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, clear)
    const struct CMUnitTest tests[] = {
        TEST(each_type_of_field_has_its_schema),
        TEST(a_schema_requires_all_and_allows_nothing_else),
        TEST(a_required_field_is_never_null),
        TEST(a_prompt_has_the_fields_the_video_and_times_to_cite),
        TEST(a_transcript_that_does_not_fit_is_cut_at_a_cue),
        TEST(what_a_field_allows_is_taken_with_its_evidence),
        TEST(what_a_field_does_not_allow_is_dropped_and_told),
        TEST(nothing_is_no_value),
        TEST(spelling_is_mended_where_nothing_else_can_be_meant),
        TEST(evidence_that_cannot_be_is_not_kept),
        TEST(every_model_fills_in_what_it_can),
        TEST(a_video_is_watched_only_when_it_is_short_enough),
        TEST(without_anything_to_go_by_nobody_is_asked),
        TEST(a_failure_is_the_models),
        TEST(a_long_transcript_fits_a_small_context),
    };

    return cmocka_run_group_tests_name("bookmarks/extraction", tests, start, stop);
}
