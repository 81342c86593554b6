#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auto.h"
#include "base/arena.h"
#include "base/auto.h"
#include "http/client.h"
#include "services/check.h"
#include "services/model_list.h"
#include "services/origin.h"
#include "services/transcript.h"
#include "support/outside.h"

static struct outside stand_in;
static struct bm_check told;

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

/* The settings with everything at the stand-in, doing `deed`; until the next call. */
static struct bm_services_settings all_at(const char *deed)
{
    static char urls[4][OUTSIDE_URL_BYTES];
    static const char *const places[] = {"youtube/v3", "web", "gemini", "openai/v1"};

    for (size_t i = 0; i < 4; i++) {
        snprintf(urls[i], sizeof(urls[i]), "%s", outside_url(&stand_in, places[i], deed));
    }
    return (struct bm_services_settings){
        .online = true,
        .youtube = {.base_url = urls[0], .key = "hunter2"},
        .web_url = urls[1],
        .ytdlp = "",
        .model = {.service = BM_SERVICE_GEMINI,
                  .base_url = urls[2],
                  .key = "hunter2",
                  .name = "gemini-2.5-flash"},
    };
}

static void a_key_and_a_model_that_work_are_told_so(void **state)
{
    (void)state;
    struct bm_services_settings settings = all_at("");

    bm_check_youtube(&settings, -1, 0, &told);
    assert_true(told.works);
    assert_int_equal(told.verdict.units, 1);
    bm_check_web(&settings, -1, &told);
    assert_true(told.works);
    bm_check_model(&settings, -1, 0, &told);
    assert_true(told.works);
    assert_string_equal(told.text, "gemini-2.5-flash answers");
    assert_true(told.usage.tokens_in > 0);
}

static void what_is_wrong_is_said_in_words(void **state)
{
    (void)state;
    struct bm_services_settings settings = all_at("API_KEY_INVALID");

    bm_check_youtube(&settings, -1, 0, &told);
    assert_false(told.works);
    assert_non_null(strstr(told.text, "key is not valid"));
    bm_check_model(&settings, -1, 0, &told);
    assert_false(told.works);
    assert_non_null(strstr(told.text, "key is not valid"));
    assert_null(strstr(told.text, "hunter2"));
    bm_check_web(&settings, -1, &told);
    assert_false(told.works);

    settings = (struct bm_services_settings){.ytdlp = ""};
    bm_check_youtube(&settings, -1, 0, &told);
    assert_string_equal(told.text, "no key for YouTube is set");
    bm_check_model(&settings, -1, 0, &told);
    assert_false(told.works);
    assert_non_null(strstr(told.text, "none is set"));
    bm_check_ytdlp(&settings, -1, &told);
    assert_false(told.works);
    settings.ytdlp = "/bin/echo"; /* which is no yt-dlp */
    bm_check_ytdlp(&settings, -1, &told);
    assert_false(told.works);
}

static void a_model_that_is_not_there_is_told_with_those_that_are(void **state)
{
    (void)state;
    struct bm_services_settings settings = all_at("");

    settings.model.name = "gemini-9/nope"; /* the stand-in knows no such path */
    bm_check_model(&settings, -1, 0, &told);
    assert_false(told.works);
    assert_non_null(strstr(told.text, "no such model"));
    assert_non_null(strstr(told.text, "there are gemini-2.5-flash, gemini-2.5-pro"));
}

static void models_are_listed_by_both(void **state)
{
    (void)state;
    bq_auto(arena) struct barq_arena arena;
    struct bm_services_settings settings = all_at("");
    const char *const *names = NULL;
    size_t count = 0;
    struct bm_verdict verdict;
    bq_arena_init(&arena, 1000000);

    assert_int_equal(bm_model_list(&settings.model, -1, 0, &arena, &names, &count, &verdict, NULL),
                     BARQ_OK);
    assert_int_equal(count, 2);
    settings.model.service = BM_SERVICE_OPENAI;
    settings.model.base_url = outside_url(&stand_in, "openai/v1", "");
    assert_int_equal(bm_model_list(&settings.model, -1, 0, &arena, &names, &count, &verdict, NULL),
                     BARQ_OK);
    assert_int_equal(count, 1);
    assert_string_equal(names[0], "local");
    settings.model.base_url = outside_url(&stand_in, "openai/v1", "not_list");
    assert_int_equal(bm_model_list(&settings.model, -1, 0, &arena, &names, &count, &verdict, NULL),
                     BARQ_ERR_FORMAT);
}

/* -- from the environment -- */

static void the_environment_says_what_is_asked(void **state)
{
    (void)state;
    static const char *const names[] = {
        "YOUTUBE_API_KEY",       "BOOKMARKS_YOUTUBE_URL", "BOOKMARKS_WEB_URL", "ONLINE",
        "BOOKMARKS_INFO_FOLDER", "GEMINI_API_KEY",        "GEMINI_MODEL",      "OPENAI_MODEL",
        "OPENAI_BASE_URL",       "OPENAI_API_KEY",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        unsetenv(names[i]);
    }

    assert_false(bm_services_of_environment().online);
    assert_int_equal(bm_services_of_environment().model.service, BM_SERVICE_NONE);
    setenv("YOUTUBE_API_KEY", "", 1);
    assert_false(bm_services_of_environment().online);
    setenv("YOUTUBE_API_KEY", "hunter2", 1);
    setenv("GEMINI_API_KEY", "hunter3", 1);
    struct bm_services_settings settings = bm_services_of_environment();
    assert_true(settings.online);
    assert_string_equal(settings.youtube.key, "hunter2");
    assert_int_equal(settings.model.service, BM_SERVICE_GEMINI);
    assert_string_equal(settings.model.name, BM_GEMINI_MODEL);
    setenv("OPENAI_MODEL", "qwen3", 1);
    setenv("OPENAI_BASE_URL", "http://localhost:11434/v1", 1);
    settings = bm_services_of_environment();
    assert_int_equal(settings.model.service, BM_SERVICE_OPENAI);
    assert_string_equal(settings.model.base_url, "http://localhost:11434/v1");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        unsetenv(names[i]);
    }
}

/* -- only known hosts are ever called -- */

/* How many calls a place of the stand-in has had. */
static int64_t calls_of(const char *place)
{
    bq_auto(http_client) struct bq_http_client *client = NULL;
    bq_auto(arena) struct barq_arena arena;
    char url[OUTSIDE_URL_BYTES];
    struct barq_value *control = NULL;
    struct bq_http_answer answer;
    struct bq_http_request request = {.url = url};
    bq_arena_init(&arena, 1000000);
    snprintf(url, sizeof(url), "%s/control", stand_in.host);

    assert_int_equal(bq_http_client_new(&client, NULL), BARQ_OK);
    assert_int_equal(bq_http_ask(client, &request, -1, &answer, NULL), BARQ_OK);
    assert_int_equal(barq_from_json(&arena, answer.body, answer.body_bytes, &control, NULL),
                     BARQ_OK);
    return barq_as_int(barq_get(barq_get(control, "places"), place), 0);
}

/* A redirect leads to the stand-in's youtube.com, where whoever follows it is counted. */
static void no_redirect_is_followed(void **state)
{
    (void)state;
    bq_auto(arena) struct barq_arena arena;
    struct bm_services_settings settings = all_at("redirect");
    struct bm_transcript transcript;
    struct bm_verdict verdict;
    int64_t before = calls_of("web");
    bq_arena_init(&arena, 1000000);

    bm_check_youtube(&settings, -1, 0, &told);
    assert_false(told.works);
    bm_check_model(&settings, -1, 0, &told);
    assert_false(told.works);
    assert_int_equal(told.verdict.outcome, BM_CALL_RETRY);
    settings.model.service = BM_SERVICE_OPENAI;
    bm_check_model(&settings, -1, 0, &told);
    assert_false(told.works);
    assert_int_equal(calls_of("web"), before);

    assert_int_not_equal(
        bm_transcript_fetch(&settings, "aaaaaaaaaaa", -1, &arena, &transcript, &verdict, NULL),
        BARQ_OK);
    assert_int_equal(verdict.outcome, BM_CALL_RETRY);
    assert_int_equal(calls_of("web"), before + 1);
}

/* What a video, a playlist or a model is called ends up in a path or a query, and stays there. */
static void no_name_leads_to_another_host(void **state)
{
    (void)state;
    static const char *const names[] = {
        "x@127.0.0.1:1/", "../../../x", "x/../..", "//127.0.0.1:1/", "x?y#z", "x\\y", "%2e%2e",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct bm_services_settings settings = all_at("");
        int64_t before = calls_of("gemini");
        settings.model.name = names[i];
        bm_check_model(&settings, -1, 0, &told);
        assert_false(told.works);
        assert_int_equal(told.verdict.outcome, BM_CALL_SETUP);
        assert_int_equal(calls_of("gemini"), before + 2); /* the question, and the list */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_and_a_model_that_work_are_told_so),
        cmocka_unit_test(what_is_wrong_is_said_in_words),
        cmocka_unit_test(a_model_that_is_not_there_is_told_with_those_that_are),
        cmocka_unit_test(models_are_listed_by_both),
        cmocka_unit_test(the_environment_says_what_is_asked),
        cmocka_unit_test(no_redirect_is_followed),
        cmocka_unit_test(no_name_leads_to_another_host),
    };

    return cmocka_run_group_tests_name("bookmarks/check", tests, start, stop);
}
