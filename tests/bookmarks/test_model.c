#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/buf.h"
#include "services/gemini.h"
#include "services/model.h"
#include "services/openai.h"
#include "support/outside.h"

static const int64_t now_ms = 1795449600000;      /* 2026-11-23 16:00 UTC */
static const int64_t midnight_ms = 1795507200000; /* 2026-11-24 00:00 in Los Angeles */

static struct outside stand_in;
static struct barq_arena arena;
static struct barq_error err;
static struct bm_verdict verdict;
static struct bm_model_answer answer;
static const struct barq_value *schema;

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

static int make_arena(void **state)
{
    static const char text[] =
        "{\"type\": \"object\", \"properties\": {\"city\": {\"type\": \"string\"}}}";
    struct barq_value *read = NULL;

    (void)state;
    bq_arena_init(&arena, 16000000);
    assert_int_equal(barq_from_json(&arena, text, strlen(text), &read, NULL), BARQ_OK);
    schema = read;
    return 0;
}

static int clear_arena(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    return 0;
}

static struct bm_model model_at(enum bm_service service, const char *base_url)
{
    return (struct bm_model){
        .service = service,
        .base_url = base_url,
        .key = "hunter2",
        .name = service == BM_SERVICE_GEMINI ? "gemini-2.5-flash" : "local",
        .price = {.in = 0.5, .out = 2},
    };
}

static enum barq_status ask(const struct bm_model *model, bool wants_json, const char *video_url)
{
    struct bm_question question = {
        .instructions = "Say which city.",
        .text = "It is the capital of Mexico.",
        .video_url = video_url,
        .schema = wants_json ? schema : NULL,
    };

    return bm_model_ask(model, &question, -1, now_ms, &arena, &answer, &verdict, &err);
}

/* -- every recorded answer -- */

struct recorded {
    int status;
    const char *path;
    enum bm_outcome outcome;
    enum bm_refusal refusal;
    int64_t retry_ms;
    int64_t until_at_ms;
};

static void check_recorded(enum bm_service service, const struct recorded *one, bool wants_json,
                           const char *video_url)
{
    struct bm_model model = model_at(service, outside_recorded(&stand_in, one->status, one->path));
    print_message("# %d %s\n", one->status, one->path);
    enum barq_status status = ask(&model, wants_json, video_url);

    assert_int_equal(status == BARQ_OK, one->outcome == BM_CALL_OK);
    assert_int_equal(verdict.service, service);
    assert_int_equal(verdict.outcome, one->outcome);
    assert_int_equal(verdict.refusal, one->refusal);
    assert_int_equal(verdict.until_at_ms, one->until_at_ms);
    assert_int_equal(verdict.retry_ms, one->retry_ms);
    if (status != BARQ_OK) {
        assert_int_equal(err.status, status);
        assert_null(strstr(err.text, "hunter2"));
        assert_null(strstr(err.text, "key1234"));
    }
}

#define NONE BM_REFUSAL_NONE

static void every_answer_of_gemini_has_its_outcome(void **state)
{
    (void)state;
    static const struct recorded as_json[] = {
        {200, "gemini/recorded_native_output.json", BM_CALL_OK, NONE, 0, 0},
        {200, "gemini/recorded_integer_enum_native_output.json", BM_CALL_OK, NONE, 0, 0},
        {200, "gemini/recorded_nested_models_with_native_output.json", BM_CALL_OK, NONE, 0, 0},
        {200, "gemini/recorded_optional_fields_native_output_1.json", BM_CALL_OK, NONE, 0, 0},
        {200, "gemini/recorded_optional_fields_native_output_2.json", BM_CALL_OK, NONE, 0, 0},
        {200, "gemini/made_fenced.json", BM_CALL_OK, NONE, 0, 0},
        {200, "gemini/recorded_timeout.json", BM_CALL_REFUSED, BM_REFUSAL_BAD_ANSWER, 0, 0},
        {200, "gemini/made_max_tokens.json", BM_CALL_REFUSED, BM_REFUSAL_BAD_ANSWER, 0, 0},
    };
    static const struct recorded as_text[] = {
        {200, "gemini/google-text.json", BM_CALL_OK, NONE, 0, 0},
        {200, "gemini/googleai_unary-success-basic-reply-long.json", BM_CALL_OK, NONE, 0, 0},
        {200, "gemini/googleai_unary-success-basic-reply-short.json", BM_CALL_OK, NONE, 0, 0},
        {200, "gemini/googleai_unary-success-citations.json", BM_CALL_OK, NONE, 0, 0},
        {200, "gemini/googleai_unary-success-thinking-reply-thought-summary.json", BM_CALL_OK, NONE,
         0, 0},
        {200, "gemini/vertexai_unary-success-constraint-decoding-json.json", BM_CALL_OK, NONE, 0,
         0},
        {200, "gemini/vertexai_unary-success-usage-metadata.json", BM_CALL_OK, NONE, 0, 0},
        {200, "gemini/vertexai_unary-failure-unknown-enum-finish-reason.json", BM_CALL_OK, NONE, 0,
         0},
        {200, "gemini/recorded_model_safety_settings.json", BM_CALL_REFUSED, BM_REFUSAL_BLOCKED, 0,
         0},
        {200, "gemini/recorded_model_retrying_after_empty_response.json", BM_CALL_OK, NONE, 0, 0},
        {200, "gemini/googleai_unary-failure-finish-reason-safety.json", BM_CALL_REFUSED,
         BM_REFUSAL_BLOCKED, 0, 0},
        {200, "gemini/googleai_unary-failure-only-prompt-feedback.json", BM_CALL_REFUSED,
         BM_REFUSAL_BLOCKED, 0, 0},
        {200, "gemini/vertexai_unary-failure-prompt-blocked-safety.json", BM_CALL_REFUSED,
         BM_REFUSAL_BLOCKED, 0, 0},
        {200, "gemini/vertexai_unary-failure-prompt-blocked-safety-with-message.json",
         BM_CALL_REFUSED, BM_REFUSAL_BLOCKED, 0, 0},
        {200, "gemini/made_recitation.json", BM_CALL_REFUSED, BM_REFUSAL_BLOCKED, 0, 0},
        {200, "gemini/googleai_unary-failure-with-message-no-content.json", BM_CALL_RETRY, NONE, 0,
         0},
        {200, "gemini/vertexai_unary-failure-empty-content.json", BM_CALL_RETRY, NONE, 0, 0},
        {200, "gemini/vertexai_unary-failure-malformed-content.json", BM_CALL_RETRY, NONE, 0, 0},
        {200, "gemini/vertexai_unary-failure-invalid-response.json", BM_CALL_RETRY, NONE, 0, 0},
        {200, "oembed/forbidden.txt", BM_CALL_RETRY, NONE, 0, 0},
        {400, "gemini/googleai_unary-failure-api-key.json", BM_CALL_SETUP, NONE, 0, 0},
        {403, "gemini/googleai_unary-failure-generativelanguage-api-not-enabled.json",
         BM_CALL_SETUP, NONE, 0, 0},
        {404, "gemini/googleai_unary-failure-unknown-model.json", BM_CALL_SETUP, NONE, 0, 0},
        {404, "gemini/recorded_embed_error.json", BM_CALL_SETUP, NONE, 0, 0},
        {400, "gemini/vertexai_unary-failure-http-error.json", BM_CALL_SETUP, NONE, 0, 0},
        {400, "gemini/vertexai_unary-failure-unsupported-user-location.json", BM_CALL_SETUP, NONE,
         0, 0},
        {403, "gemini/made_no_permission.json", BM_CALL_SETUP, NONE, 0, 0},
        {401, "oembed/unauthorized.txt", BM_CALL_SETUP, NONE, 0, 0},
        {429, "gemini/google-429-retry-info.json", BM_CALL_HELD, NONE, 34400, 0},
        {429, "gemini/vertexai_unary-failure-quota-exceeded.json", BM_CALL_HELD, NONE, 7000, 0},
        {429, "gemini/made_per_day.json", BM_CALL_HELD, NONE, 13000, 1795507200000},
        {400, "gemini/made_too_long.json", BM_CALL_REFUSED, BM_REFUSAL_TOO_LONG, 0, 0},
        {413, "oembed/forbidden.txt", BM_CALL_REFUSED, BM_REFUSAL_TOO_LONG, 0, 0},
        {400, "gemini/made_invalid.json", BM_CALL_REFUSED, BM_REFUSAL_REQUEST, 0, 0},
        {503, "gemini/made_overloaded.json", BM_CALL_RETRY, NONE, 7000, 0},
        {500, "oembed/forbidden.txt", BM_CALL_RETRY, NONE, 0, 0},
        {504, "oembed/forbidden.txt", BM_CALL_RETRY, NONE, 0, 0},
        {408, "oembed/forbidden.txt", BM_CALL_RETRY, NONE, 0, 0},
        {302, "oembed/forbidden.txt", BM_CALL_RETRY, NONE, 0, 0},
    };
    static const struct recorded watched[] = {
        {200, "gemini/recorded_model_youtube_video_url_input.json", BM_CALL_OK, NONE, 0, 0},
        {200, "gemini/recorded_model_mobile_youtube_video_url_input.json", BM_CALL_OK, NONE, 0, 0},
        {403, "gemini/made_no_permission.json", BM_CALL_REFUSED, BM_REFUSAL_UNREADABLE, 0, 0},
        {403, "gemini/googleai_unary-failure-generativelanguage-api-not-enabled.json",
         BM_CALL_SETUP, NONE, 0, 0},
    };
    assert_int_equal(midnight_ms, 1795507200000);

    for (size_t i = 0; i < sizeof(as_json) / sizeof(as_json[0]); i++) {
        check_recorded(BM_SERVICE_GEMINI, &as_json[i], true, NULL);
    }
    for (size_t i = 0; i < sizeof(as_text) / sizeof(as_text[0]); i++) {
        check_recorded(BM_SERVICE_GEMINI, &as_text[i], false, NULL);
    }
    for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++) {
        check_recorded(BM_SERVICE_GEMINI, &watched[i], false,
                       "https://www.youtube.com/watch?v=aaaaaaaaaaa");
    }
}

static void every_answer_of_openai_has_its_outcome(void **state)
{
    (void)state;
    static const struct recorded cases[] = {
        {200, "openai/recorded_ollama_local_native_output_uses_json_schema.json", BM_CALL_OK, NONE,
         0, 0},
        {200, "openai/recorded_openai_native_output_2.json", BM_CALL_OK, NONE, 0, 0},
        {200, "openai/made_think.json", BM_CALL_OK, NONE, 0, 0},
        {200, "openai/recorded_openai_native_output_1.json", BM_CALL_REFUSED, BM_REFUSAL_BAD_ANSWER,
         0, 0}, /* a call of a tool */
        {200, "openai/openai-text.json", BM_CALL_REFUSED, BM_REFUSAL_BAD_ANSWER, 0, 0},
        {200, "openai/made_length.json", BM_CALL_REFUSED, BM_REFUSAL_BAD_ANSWER, 0, 0},
        {200, "openai/made_refusal.json", BM_CALL_REFUSED, BM_REFUSAL_BLOCKED, 0, 0},
        {200, "openai/made_filter.json", BM_CALL_REFUSED, BM_REFUSAL_BLOCKED, 0, 0},
        {200, "oembed/video.json", BM_CALL_RETRY, NONE, 0, 0},
        {200, "oembed/forbidden.txt", BM_CALL_RETRY, NONE, 0, 0},
        {401, "openai/made_key.json", BM_CALL_SETUP, NONE, 0, 0},
        {404, "openai/made_model.json", BM_CALL_SETUP, NONE, 0, 0},
        {404, "oembed/not_found.txt", BM_CALL_SETUP, NONE, 0, 0},
        {400, "openai/made_grammar.json", BM_CALL_SETUP, NONE, 0, 0},
        {429, "openai/made_no_money.json", BM_CALL_SETUP, NONE, 7000, 0},
        {402, "oembed/forbidden.txt", BM_CALL_SETUP, NONE, 0, 0},
        {429, "openai/made_rate.json", BM_CALL_HELD, NONE, 7000, 0},
        {400, "openai/made_too_long.json", BM_CALL_REFUSED, BM_REFUSAL_TOO_LONG, 0, 0},
        {413, "oembed/forbidden.txt", BM_CALL_REFUSED, BM_REFUSAL_TOO_LONG, 0, 0},
        {400, "openai/made_words.json", BM_CALL_REFUSED, BM_REFUSAL_REQUEST, 0, 0},
        {400, "openai/legacy-parameter-error.json", BM_CALL_REFUSED, BM_REFUSAL_REQUEST, 0, 0},
        {503, "openai/made_loading.json", BM_CALL_RETRY, NONE, 7000, 0},
        {500, "oembed/forbidden.txt", BM_CALL_RETRY, NONE, 0, 0},
        {302, "oembed/forbidden.txt", BM_CALL_RETRY, NONE, 0, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check_recorded(BM_SERVICE_OPENAI, &cases[i], true, NULL);
    }
}

/* -- what is taken of an answer -- */

static void what_an_answer_costs_is_told_also_when_it_failed(void **state)
{
    (void)state;
    struct bm_model model = model_at(
        BM_SERVICE_GEMINI, outside_recorded(&stand_in, 200, "gemini/recorded_native_output.json"));

    assert_int_equal(ask(&model, true, NULL), BARQ_OK);
    assert_string_equal(barq_as_string(barq_get(answer.value, "city"), ""), "Mexico City");
    assert_string_equal(answer.version, "gemini-2.0-flash");
    assert_int_equal(answer.usage.tokens_in, 8);
    assert_int_equal(answer.usage.tokens_out, 20);
    assert_int_equal(answer.usage.cost_millionths, 44);

    model = model_at(BM_SERVICE_GEMINI,
                     outside_recorded(&stand_in, 200, "gemini/made_max_tokens.json"));
    assert_int_equal(ask(&model, true, NULL), BARQ_ERR_DENIED);
    assert_int_equal(answer.usage.tokens_in, 10);
    assert_int_equal(answer.usage.tokens_out, 12); /* with its thoughts */
    assert_int_equal(answer.usage.cost_millionths, 29);
    assert_null(answer.value);

    model.price = (struct bm_price){.in = 0};
    assert_int_equal(ask(&model, true, NULL), BARQ_ERR_DENIED);
    assert_int_equal(answer.usage.cost_millionths, 0);
}

static void thoughts_are_not_the_answer(void **state)
{
    (void)state;
    struct bm_model model = model_at(
        BM_SERVICE_GEMINI,
        outside_recorded(&stand_in, 200,
                         "gemini/googleai_unary-success-thinking-reply-thought-summary.json"));

    assert_int_equal(ask(&model, false, NULL), BARQ_OK);
    assert_string_equal(answer.text, "Mountain View");
    model = model_at(BM_SERVICE_OPENAI, outside_recorded(&stand_in, 200, "openai/made_think.json"));
    assert_int_equal(ask(&model, true, NULL), BARQ_OK);
    assert_string_equal(barq_as_string(barq_get(answer.value, "city"), ""), "Paris");
}

static void json_is_found_in_what_a_model_writes_around_it(void **state)
{
    (void)state;
    static const char *const good[] = {
        "{\"a\": 1}",
        " {\"a\": 1}\n",
        "```json\n{\"a\": 1}\n```",
        "Sure! {\"a\": 1} Anything else?",
        "<think>{\"a\": 2}</think>{\"a\": 1}",
        "{\"a\": 1, \"b\": \"}\\\"{\"}",
        "{\"a\": 1}{\"a\": 2}",
    };
    static const char *const bad[] = {
        "", "none", "{", "{\"a\": 1", "{\"a\": tru}", "[1, 2]", "{\"a\": \"", "}{", "{\"a\": 1]",
    };

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        const struct barq_value *value = bm_model_json(good[i], &arena);
        assert_int_equal(barq_as_int(barq_get(value, "a"), 0), 1);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_null(bm_model_json(bad[i], &arena));
    }
}

/* -- what is asked -- */

static const char *gemini_body(const char *name, const char *video_url)
{
    struct bm_model model = {.service = BM_SERVICE_GEMINI, .name = name};
    struct bm_question question = {.instructions = "Say.",
                                   .text = "This.",
                                   .video_url = video_url,
                                   .schema = video_url ? NULL : schema};
    struct bm_model_call call = {.model = &model, .question = &question, .arena = &arena};

    return bm_gemini_body(&call, NULL);
}

static void gemini_is_asked_as_its_documents_say(void **state)
{
    (void)state;

    assert_string_equal(
        gemini_body("gemini-2.5-flash", NULL),
        "{\"systemInstruction\":{\"parts\":[{\"text\":\"Say.\"}]},"
        "\"contents\":[{\"parts\":[{\"text\":\"This.\"}],\"role\":\"user\"}],"
        "\"generationConfig\":{\"temperature\":0.1,\"maxOutputTokens\":8192,"
        "\"responseMimeType\":\"application/json\","
        "\"responseJsonSchema\":{\"type\":\"object\",\"properties\":{\"city\":{\"type\":"
        "\"string\"}}},"
        "\"thinkingConfig\":{\"thinkingBudget\":0}}}");
    assert_string_equal(
        gemini_body("gemini-2.0-flash", "https://www.youtube.com/watch?v=aaaaaaaaaaa"),
        "{\"systemInstruction\":{\"parts\":[{\"text\":\"Say.\"}]},"
        "\"contents\":[{\"parts\":[{\"fileData\":{\"fileUri\":"
        "\"https://www.youtube.com/watch?v=aaaaaaaaaaa\",\"mimeType\":\"video/mp4\"}},"
        "{\"text\":\"This.\"}],\"role\":\"user\"}],"
        "\"generationConfig\":{\"temperature\":0.1,\"maxOutputTokens\":8192,"
        "\"mediaResolution\":\"MEDIA_RESOLUTION_LOW\"}}");
    assert_non_null(strstr(gemini_body("gemini-2.5-pro", NULL), "\"thinkingBudget\":128"));
    assert_non_null(strstr(gemini_body("gemini-3-flash-preview", NULL), "\"thinkingLevel\""));
}

static const char *openai_body(enum bm_mode mode)
{
    struct bm_model model = {.service = BM_SERVICE_OPENAI, .name = "local", .mode = mode};
    struct bm_question question = {.instructions = "Say.", .text = "This.", .schema = schema};
    struct bm_model_call call = {.model = &model, .question = &question, .arena = &arena};

    return bm_openai_body(&call, "max_tokens", NULL);
}

static void a_server_like_openais_is_asked_in_three_ways(void **state)
{
    (void)state;

    assert_string_equal(openai_body(BM_MODE_STRUCTURED),
                        "{\"model\":\"local\",\"messages\":[{\"role\":\"system\",\"content\":\"Say."
                        "\"},{\"role\":\"user\",\"content\":\"This.\"}],\"temperature\":0.1,"
                        "\"max_tokens\":4096,\"stream\":false,\"response_format\":{\"type\":"
                        "\"json_schema\",\"json_schema\":{\"name\":\"fields\",\"strict\":true,"
                        "\"schema\":{\"type\":\"object\",\"properties\":{\"city\":{\"type\":"
                        "\"string\"}}}}}}");
    assert_non_null(strstr(openai_body(BM_MODE_JSON), "{\"type\":\"json_object\"}"));
    assert_non_null(strstr(openai_body(BM_MODE_JSON), "JSON Schema:\\n{\\\"type\\\""));
    assert_null(strstr(openai_body(BM_MODE_PLAIN), "response_format"));
    assert_non_null(strstr(openai_body(BM_MODE_PLAIN), "JSON Schema:\\n{\\\"type\\\""));
}

static void every_mode_gets_its_answer_from_the_stand_in(void **state)
{
    (void)state;
    struct bm_model model = model_at(BM_SERVICE_OPENAI, outside_url(&stand_in, "openai/v1", ""));

    for (int mode = 0; mode < BM_MODES; mode++) {
        model.mode = (enum bm_mode)mode;
        assert_int_equal(ask(&model, true, NULL), BARQ_OK);
        assert_string_equal(barq_as_string(barq_get(answer.value, "city"), ""), "made_up");
        assert_true(answer.usage.tokens_in > 0);
    }
    model = model_at(BM_SERVICE_GEMINI, outside_url(&stand_in, "gemini", ""));
    assert_int_equal(ask(&model, true, NULL), BARQ_OK);
    assert_string_equal(barq_as_string(barq_get(answer.value, "city"), ""), "made_up");
    assert_string_equal(answer.version, "gemini-2.5-flash");
}

static void a_server_that_drops_half_the_question_is_found_out(void **state)
{
    (void)state;
    bq_auto(buf) struct bq_buf text;
    struct bm_model model = model_at(
        BM_SERVICE_OPENAI,
        outside_recorded(&stand_in, 200,
                         "openai/recorded_ollama_local_native_output_uses_json_schema.json"));
    struct bm_question question = {.instructions = "Say.", .schema = schema};
    bq_buf_init(&text, 100000);
    for (size_t i = 0; i < 5000; i++) {
        bq_buf_puts(&text, "many words ");
    }
    question.text = bq_buf_cstr(&text);

    assert_int_equal(bm_model_ask(&model, &question, -1, now_ms, &arena, &answer, &verdict, &err),
                     BARQ_ERR_DENIED);
    assert_int_equal(verdict.outcome, BM_CALL_SETUP);
    assert_non_null(strstr(err.text, "136 tokens"));
}

/* -- when nothing comes -- */

static void a_bad_line_is_for_a_later_try(void **state)
{
    (void)state;
    static const char *const places[] = {"gemini", "openai/v1"};
    static const struct {
        const char *deed;
        enum barq_status status;
    } cases[] = {
        {"cut", BARQ_ERR_CONN},        {"hang_up", BARQ_ERR_CONN},    {"silent", BARQ_ERR_TIMEOUT},
        {"huge", BARQ_ERR_LIMIT},      {"not_json", BARQ_ERR_FORMAT}, {"empty", BARQ_ERR_FORMAT},
        {"not_list", BARQ_ERR_FORMAT}, {"redirect", BARQ_ERR_FORMAT},
    };

    for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
        struct bm_model model = model_at(i % 2 ? BM_SERVICE_OPENAI : BM_SERVICE_GEMINI,
                                         outside_url(&stand_in, places[i % 2], cases[i / 2].deed));
        model.timeout_ms = cases[i / 2].status == BARQ_ERR_TIMEOUT ? 200 : 0;
        print_message("# %s %s\n", places[i % 2], cases[i / 2].deed);
        assert_int_equal(ask(&model, true, NULL), cases[i / 2].status);
        assert_int_equal(verdict.outcome, BM_CALL_RETRY);
        assert_null(strstr(err.text, "hunter2"));
    }
}

static void a_question_is_canceled_at_once(void **state)
{
    (void)state;
    struct bm_model model = model_at(BM_SERVICE_GEMINI, outside_url(&stand_in, "gemini", "silent"));
    struct bm_question question = {.instructions = "Say.", .text = "This."};
    int fd = eventfd(1, EFD_CLOEXEC);

    assert_int_equal(bm_model_ask(&model, &question, fd, 0, &arena, &answer, &verdict, &err),
                     BARQ_ERR_CANCELED);
    assert_int_equal(verdict.outcome, BM_CALL_CANCELED);
    close(fd);
}

static void what_is_not_set_up_is_told(void **state)
{
    (void)state;
    struct bm_model none = {.service = BM_SERVICE_NONE};
    struct bm_model nameless = {.service = BM_SERVICE_GEMINI, .key = "hunter2"};
    struct bm_model nowhere = model_at(BM_SERVICE_OPENAI, "localhost:11434/v1");
    struct bm_model broken = model_at(BM_SERVICE_GEMINI, outside_url(&stand_in, "gemini", ""));
    struct bm_model reader = model_at(BM_SERVICE_OPENAI, outside_url(&stand_in, "openai/v1", ""));

    assert_int_equal(ask(&none, true, NULL), BARQ_ERR_DENIED);
    assert_int_equal(verdict.outcome, BM_CALL_SETUP);
    assert_int_equal(ask(&nameless, true, NULL), BARQ_ERR_DENIED);
    assert_int_equal(verdict.outcome, BM_CALL_SETUP);
    assert_int_equal(ask(&nowhere, true, NULL), BARQ_ERR_DENIED);
    assert_int_equal(verdict.outcome, BM_CALL_SETUP);
    broken.key = "hunter2\r\nX-Evil: 1";
    assert_int_equal(ask(&broken, true, NULL), BARQ_ERR_DENIED);
    assert_int_equal(verdict.outcome, BM_CALL_SETUP);
    assert_int_equal(ask(&reader, true, "https://www.youtube.com/watch?v=aaaaaaaaaaa"),
                     BARQ_ERR_DENIED);
    assert_int_equal(verdict.outcome, BM_CALL_SETUP);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_arena, clear_arena)
    const struct CMUnitTest tests[] = {
        TEST(every_answer_of_gemini_has_its_outcome),
        TEST(every_answer_of_openai_has_its_outcome),
        TEST(what_an_answer_costs_is_told_also_when_it_failed),
        TEST(thoughts_are_not_the_answer),
        TEST(json_is_found_in_what_a_model_writes_around_it),
        TEST(gemini_is_asked_as_its_documents_say),
        TEST(a_server_like_openais_is_asked_in_three_ways),
        TEST(every_mode_gets_its_answer_from_the_stand_in),
        TEST(a_server_that_drops_half_the_question_is_found_out),
        TEST(a_bad_line_is_for_a_later_try),
        TEST(a_question_is_canceled_at_once),
        TEST(what_is_not_set_up_is_told),
    };

    return cmocka_run_group_tests_name("bookmarks/model", tests, start, stop);
}
