#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ask.h"
#include "fixture.h"
#include "store/options.h"

static int make(void **state)
{
    unsetenv("BOOKMARKS_PASSWORD");
    for (const struct bm_option *option = bm_options; option->name; option++) {
        if (option->environment) {
            unsetenv(option->environment);
        }
    }
    return ask_make(state);
}

/* What GET tells of one setting, as JSON. */
static const char *setting(const char *name)
{
    const char *json = NULL;
    struct barq_error err;

    struct asked asked = ask("GET", "/api/settings", NULL, NULL);
    assert_int_equal(asked.status, 200);
    check(barq_to_json(&arena, barq_get(asked.json, name), &json, NULL, &err), &err);
    return json;
}

static void a_key_is_written_and_never_shown(void **state)
{
    (void)state;
    static const char body[] = "{\"youtube_api_key\": \"AIzaSy-a-long-secret-1234\"}";

    assert_string_equal(setting("youtube_api_key"), "{\"set\":false,\"from\":null,\"last4\":null}");
    struct asked asked = ask("PUT", "/api/settings", NULL, body);
    assert_int_equal(asked.status, 200);
    assert_null(strstr(asked.body, "secret"));
    assert_string_equal(setting("youtube_api_key"),
                        "{\"set\":true,\"from\":\"settings\",\"last4\":\"1234\"}");
    assert_int_equal(ask("PUT", "/api/settings", NULL, "{\"youtube_api_key\": \"short\"}").status,
                     200);
    assert_string_equal(setting("youtube_api_key"),
                        "{\"set\":true,\"from\":\"settings\",\"last4\":\"\"}");
    assert_int_equal(ask("PUT", "/api/settings", NULL, "{\"youtube_api_key\": null}").status, 200);
    assert_string_equal(setting("youtube_api_key"), "{\"set\":false,\"from\":null,\"last4\":null}");
}

static void what_is_not_named_stays(void **state)
{
    (void)state;

    ask("PUT", "/api/settings", NULL, "{\"openai_model\": \"a\", \"daily_budget\": 2.5}");
    ask("PUT", "/api/settings", NULL, "{\"openai_model\": \"b\", \"model_timeout_seconds\": 60}");
    assert_string_equal(setting("openai_model"),
                        "{\"set\":true,\"from\":\"settings\",\"value\":\"b\"}");
    assert_string_equal(setting("daily_budget"),
                        "{\"set\":true,\"from\":\"settings\",\"value\":\"2.5\"}");
    assert_string_equal(setting("model_timeout_seconds"),
                        "{\"set\":true,\"from\":\"settings\",\"value\":\"60\"}");
}

static void the_environment_has_the_last_word(void **state)
{
    (void)state;

    ask("PUT", "/api/settings", NULL, "{\"gemini_model\": \"stored\"}");
    setenv("GEMINI_MODEL", "given", 1);
    assert_string_equal(setting("gemini_model"),
                        "{\"set\":true,\"from\":\"environment\",\"value\":\"given\"}");
    setenv("GEMINI_MODEL", "", 1);
    assert_string_equal(setting("gemini_model"),
                        "{\"set\":true,\"from\":\"settings\",\"value\":\"stored\"}");
}

static void what_may_not_be_set_is_refused_and_nothing_is(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{\"password\": \"correct horse\"}",
        "{\"none_such\": 1}",
        "{\"youtube_api_key\": \"a\\r\\nX-Evil: 1\"}",
        "{\"youtube_api_key\": \"a b\"}",
        "{\"youtube_api_key\": \"a\\u0000b\"}",
        "{\"youtube_api_key\": []}",
        "{\"openai_base_url\": \"file:///etc/passwd\"}",
        "{\"openai_base_url\": \"http://\"}",
        "{\"openai_base_url\": \"http://user@host/v1\"}",
        "{\"openai_base_url\": \"http://host/v1#x\"}",
        "{\"openai_base_url\": \"javascript:alert(1)\"}",
        "{\"model_service\": \"nobody\"}",
        "{\"model_timeout_seconds\": 0}",
        "{\"model_timeout_seconds\": 3601}",
        "{\"model_timeout_seconds\": \"1e3\"}",
        "{\"daily_budget\": -1}",
        "{\"daily_budget\": \"1.\"}",
        "{\"daily_budget\": \"1.0000001\"}",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct asked asked = ask("PUT", "/api/settings", NULL, bad[i]);
        assert_int_equal(asked.status, 422);
        assert_int_equal(barq_count(barq_get(asked.json, "errors")), 1);
        assert_null(strstr(asked.body, "horse"));
    }
    struct asked asked = ask("PUT", "/api/settings", NULL,
                             "{\"openai_model\": \"good\", \"daily_budget\": \"bad\"}");
    assert_int_equal(asked.status, 422);
    assert_string_equal(setting("openai_model"), "{\"set\":false,\"from\":null,\"value\":null}");
}

static void good_values_are_taken(void **state)
{
    (void)state;
    static const char body[] =
        "{\"openai_base_url\": \"http://[::1]:11434/v1?a=b\", \"model_service\": \"openai\","
        " \"openai_mode\": \"plain\", \"daily_budget\": \"0.000001\", \"model_price_in\": 3,"
        " \"youtube_daily_units\": \"1000000\", \"caption_languages\": \"de,en\"}";

    assert_int_equal(ask("PUT", "/api/settings", NULL, body).status, 200);
    assert_string_equal(setting("model_price_in"),
                        "{\"set\":true,\"from\":\"settings\",\"value\":\"3\"}");
}

static void what_is_missing_is_told(void **state)
{
    (void)state;

    struct asked asked = ask("GET", "/api/setup/status", NULL, NULL);
    assert_string_equal(asked.body,
                        "{\"youtube_api_configured\":false,\"gemini_api_configured\":false,"
                        "\"openai_configured\":false,\"password_set\":false,"
                        "\"database_connected\":true,\"redis_connected\":true}");
    ask("PUT", "/api/settings", NULL, "{\"gemini_api_key\": \"k\"}");
    asked = ask("GET", "/api/setup/status", NULL, NULL);
    assert_true(barq_as_bool(barq_get(asked.json, "gemini_api_configured"), false));
    setenv("BARQ_URL", "redis://127.0.0.1:1", 1);
    asked = ask("GET", "/api/setup/status", NULL, NULL);
    assert_false(barq_as_bool(barq_get(asked.json, "redis_connected"), true));
}

static void without_a_key_there_is_nothing_to_try(void **state)
{
    (void)state;

    struct asked asked = ask("POST", "/api/settings/test", NULL, "{\"service\": \"youtube\"}");
    assert_int_equal(asked.status, 200);
    assert_false(barq_as_bool(barq_get(asked.json, "works"), true));
    assert_string_equal(said(&asked, "detail"), "no key for YouTube is set");
    assert_int_equal(ask("POST", "/api/settings/test", NULL, "{\"service\": \"x\"}").status, 422);
    assert_int_equal(ask("POST", "/api/settings/test", NULL, "{}").status, 422);
}

#define settings_test(name) cmocka_unit_test_setup_teardown(name, make, ask_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        settings_test(a_key_is_written_and_never_shown),
        settings_test(what_is_not_named_stays),
        settings_test(the_environment_has_the_last_word),
        settings_test(what_may_not_be_set_is_refused_and_nothing_is),
        settings_test(good_values_are_taken),
        settings_test(what_is_missing_is_told),
        settings_test(without_a_key_there_is_nothing_to_try),
    };

    return cmocka_run_group_tests_name("bookmarks/api_settings", tests, NULL, NULL);
}
