#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ask.h"
#include "base/text.h"
#include "fixture.h"
#include "store/login.h"

#define PASSWORD "{\"password\": \"correct horse\"}"
#define WRONG    "{\"password\": \"wrong\"}"

static int make(void **state)
{
    unsetenv("BOOKMARKS_PASSWORD");
    return ask_make(state);
}

static int make_with_password(void **state)
{
    setenv("BOOKMARKS_PASSWORD", "correct horse", 1);
    return ask_make(state);
}

static int status_of(const char *method, const char *path, const char *header)
{
    const char *headers[] = {header, NULL};

    return ask(method, path, headers, NULL).status;
}

/* "Cookie: ..." of a new login. */
static const char *log_in(void)
{
    assert_int_equal(ask("POST", "/api/login", NULL, PASSWORD).status, 200);
    char *cookie = bq_arena_format(&arena, "Cookie: %s", answered("Set-Cookie"));
    *strchrnul(cookie, ';') = '\0';
    return cookie;
}

/* "Authorization: Bearer ..." of a new token. */
static const char *make_token(const char *login, const char *body)
{
    const char *headers[] = {login, NULL};

    struct asked asked = ask("POST", "/api/tokens", headers, body);
    assert_int_equal(asked.status, 201);
    return bq_arena_format(&arena, "Authorization: Bearer %s", said(&asked, "token"));
}

/* -- without a password -- */

static void whoever_sits_here_is_the_owner(void **state)
{
    (void)state;

    assert_int_equal(status_of("GET", "/api/lists", NULL), 200);
    assert_int_equal(status_of("GET", "/api/tokens", NULL), 200);
    struct asked asked = ask("GET", "/api/login", NULL, NULL);
    assert_string_equal(asked.body, "{\"password_set\":false,\"logged_in\":true,\"until\":null}");
    asked = ask("POST", "/api/login", NULL, WRONG);
    assert_int_equal(asked.status, 409);
    assert_string_equal(said(&asked, "code"), "no_password");
    assert_int_equal(status_of("POST", "/api/logout", NULL), 204);
}

/* As when the password is taken away while it serves. */
static void from_elsewhere_nobody_is_without_a_password(void **state)
{
    (void)state;

    api.is_local = false;
    assert_int_equal(status_of("GET", "/api/lists", NULL), 401);
    assert_int_equal(status_of("GET", "/api/health", NULL), 200);
    struct asked asked = ask("GET", "/api/login", NULL, NULL);
    assert_string_equal(asked.body, "{\"password_set\":false,\"logged_in\":false,\"until\":null}");
}

static void a_wrong_token_is_refused_also_where_none_is_needed(void **state)
{
    (void)state;
    static const char *const headers[] = {"Authorization: Bearer bm_wrong", NULL};

    struct asked asked = ask("GET", "/api/lists", headers, NULL);
    assert_int_equal(asked.status, 401);
    assert_string_equal(said(&asked, "code"), "invalid_token");
    assert_string_equal(answered("WWW-Authenticate"),
                        "Bearer realm=\"bookmarks\", error=\"invalid_token\"");
    /* What a proxy has asked for itself is none of ours. */
    assert_int_equal(status_of("GET", "/api/lists", "Authorization: Basic YTpi"), 200);
}

/* -- with one -- */

static void nothing_is_told_without_a_login(void **state)
{
    (void)state;

    struct asked asked = ask("GET", "/api/lists", NULL, NULL);
    assert_int_equal(asked.status, 401);
    assert_string_equal(said(&asked, "code"), "login_needed");
    assert_string_equal(answered("WWW-Authenticate"), "Bearer realm=\"bookmarks\"");
    assert_int_equal(ask("POST", "/api/lists", NULL, "{\"name\": \"a\"}").status, 401);
    assert_int_equal(status_of("GET", "/api/lists", "Cookie: bookmarks_login="), 401);
    assert_int_equal(status_of("GET", "/api/lists", "Cookie: bookmarks_login=correct horse"), 401);
    assert_int_equal(status_of("GET", "/api/health", NULL), 200);
    assert_int_equal(status_of("GET", "/docs", NULL), 200);
}

static void a_login_is_a_cookie_that_nobody_else_can_use(void **state)
{
    (void)state;
    static const char *const https[] = {"X-Forwarded-Proto: https", NULL};

    struct asked asked = ask("POST", "/api/login", NULL, PASSWORD);
    assert_int_equal(asked.status, 200);
    assert_true(barq_as_bool(barq_get(asked.json, "logged_in"), false));
    const char *cookie = answered("Set-Cookie");
    assert_non_null(strstr(cookie, "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict"));
    assert_null(strstr(cookie, "Secure"));
    assert_null(strstr(cookie, "horse"));
    api.base_path = "/videos";
    assert_int_equal(ask("POST", "/api/login", https, PASSWORD).status, 200);
    assert_non_null(strstr(answered("Set-Cookie"), "; Path=/videos; "));
    assert_true(bq_ends_with(answered("Set-Cookie"), "; Secure"));
}

static void whoever_is_logged_in_may_do_everything_until_they_log_out(void **state)
{
    (void)state;
    const char *cookie = log_in();

    assert_int_equal(status_of("GET", "/api/lists", cookie), 200);
    assert_int_equal(status_of("GET", "/api/tokens", cookie), 200);
    assert_int_equal(
        status_of("GET", "/api/lists",
                  bq_arena_format(&arena, "Cookie: a=b;%s; c=d", cookie + strlen("Cookie:"))),
        200);
    assert_int_equal(status_of("POST", "/api/logout", cookie), 204);
    assert_non_null(strstr(answered("Set-Cookie"), "bookmarks_login=; Path=/; Max-Age=0;"));
    assert_int_equal(status_of("GET", "/api/lists", cookie), 401);
}

static void with_another_password_a_login_is_over(void **state)
{
    (void)state;
    const char *cookie = log_in();

    setenv("BOOKMARKS_PASSWORD", "incorrect horse", 1);
    assert_int_equal(status_of("GET", "/api/lists", cookie), 401);
    assert_int_equal(ask("POST", "/api/login", NULL, PASSWORD).status, 401);
}

static void a_password_cannot_be_guessed_for_long(void **state)
{
    (void)state;
    static const char *const forged[] = {"X-Forwarded-For: 9.9.9.9, 1.2.3.4", NULL};
    static const char *const other[] = {"X-Forwarded-For: 1.2.3.4, 5.6.7.8", NULL};

    for (int i = 0; i < BM_GUESSES_OF_ONE; i++) {
        struct asked asked = ask("POST", "/api/login", forged, WRONG);
        assert_int_equal(asked.status, 401);
        assert_string_equal(said(&asked, "code"), "wrong_password");
        assert_null(answered("Set-Cookie"));
    }
    struct asked asked = ask("POST", "/api/login", forged, PASSWORD);
    assert_int_equal(asked.status, 429);
    assert_in_range(atoi(answered("Retry-After")), 1, BM_GUESSES_MS / 1000);
    assert_int_equal(ask("POST", "/api/login", other, PASSWORD).status, 200);
}

static void a_stored_password_is_as_good(void **state)
{
    (void)state;
    char verifier[BM_VERIFIER_BYTES];
    struct barq_error err;

    unsetenv("BOOKMARKS_PASSWORD");
    check(bm_verifier_make("correct horse", verifier, &err), &err);
    begin_write();
    check(bm_password_put(session, verifier, 1, &err), &err);
    commit();
    assert_int_equal(ask("POST", "/api/login", NULL, WRONG).status, 401);
    assert_int_equal(status_of("GET", "/api/lists", log_in()), 200);
}

/* -- tokens -- */

static void a_token_may_what_it_was_made_for(void **state)
{
    (void)state;
    const char *cookie = log_in();
    const char *reader = make_token(cookie, "{\"name\": \"r\", \"scopes\": [\"read\"]}");
    const char *writer = make_token(cookie, "{\"name\": \"w\"}");
    const char *as_reader[] = {reader, NULL};
    const char *as_writer[] = {writer, NULL};

    assert_int_equal(status_of("GET", "/api/lists", reader), 200);
    struct asked asked = ask("POST", "/api/lists", as_reader, "{\"name\": \"a\"}");
    assert_int_equal(asked.status, 403);
    assert_string_equal(said(&asked, "code"), "insufficient_scope");
    assert_int_equal(ask("POST", "/api/lists", as_writer, "{\"name\": \"a\"}").status, 201);
    assert_int_equal(status_of("GET", "/api/tokens", writer), 403);
    asked = ask("POST", "/api/tokens", as_writer, "{\"name\": \"more\"}");
    assert_int_equal(asked.status, 403);
    assert_string_equal(said(&asked, "code"), "not_by_token");
}

static void a_revoked_token_is_over(void **state)
{
    (void)state;
    const char *cookie = log_in();
    const char *token = make_token(cookie, "{\"name\": \"w\"}");

    assert_int_equal(status_of("GET", "/api/lists", token), 200);
    assert_int_equal(status_of("DELETE", "/api/tokens/w", cookie), 204);
    assert_int_equal(status_of("GET", "/api/lists", token), 401);
    assert_int_equal(status_of("DELETE", "/api/tokens/w", cookie), 404);
}

static void tokens_are_listed_without_their_secrets(void **state)
{
    (void)state;
    const char *cookie = log_in();
    const char *headers[] = {cookie, NULL};
    const char *token = make_token(cookie, "{\"name\": \"w\", \"expires_in_days\": 1}");

    assert_int_equal(status_of("GET", "/api/lists", token), 200);
    struct asked asked = ask("GET", "/api/tokens", headers, NULL);
    assert_null(strstr(asked.body, strrchr(token, ' ') + 1));
    const struct barq_value *one = barq_at(asked.json, 0);
    assert_string_equal(barq_as_string(barq_get(one, "name"), ""), "w");
    assert_int_equal(barq_kind(barq_get(one, "last_used_at")), BARQ_STRING); /* just now */
    assert_int_equal(barq_kind(barq_get(one, "expires_at")), BARQ_STRING);
}

static void what_makes_no_token_is_refused(void **state)
{
    (void)state;
    const char *headers[] = {log_in(), NULL};
    static const char *const bad[] = {"{}",
                                      "{\"name\": \"\"}",
                                      "{\"name\": \"a\", \"scopes\": []}",
                                      "{\"name\": \"a\", \"scopes\": [\"write\"]}",
                                      "{\"name\": \"a\", \"scopes\": [\"all\"]}",
                                      "{\"name\": \"a\", \"expires_in_days\": 0}"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(ask("POST", "/api/tokens", headers, bad[i]).status, 422);
    }
    assert_int_equal(ask("POST", "/api/tokens", headers, "{\"name\": \"a\"}").status, 201);
    assert_int_equal(ask("POST", "/api/tokens", headers, "{\"name\": \"a\"}").status, 409);
}

/* -- other sites -- */

static int add_list_with(const char *const *headers)
{
    return ask("POST", "/api/lists", headers, "{\"name\": \"a\"}").status;
}

static void what_another_sites_page_sends_is_refused(void **state)
{
    (void)state;
    static const char *const foreign[][3] = {
        {"Sec-Fetch-Site: cross-site", NULL},
        {"Sec-Fetch-Site: same-site", NULL}, /* another port of this machine, for one */
        {"Origin: http://localhost:3000", NULL},
        {"Origin: null", NULL},
        {"Origin: https://c.example", NULL},
    };
    static const char *const own[][3] = {
        {"Sec-Fetch-Site: same-origin", "Origin: http://localhost", NULL},
        {"Sec-Fetch-Site: none", NULL},
        {"Origin: https://a.example", NULL}, /* through a proxy that calls us localhost */
    };

    api.more_hosts = "a.example,b.example";
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        assert_int_equal(add_list_with(foreign[i]), 403);
    }
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        assert_int_equal(add_list_with(own[i]), i == 0 ? 201 : 409);
    }
    assert_int_equal(status_of("GET", "/api/lists", "Sec-Fetch-Site: cross-site"), 200);
}

static void a_token_makes_up_for_where_it_comes_from(void **state)
{
    (void)state;
    const char *token = make_token(NULL, "{\"name\": \"extension\"}");
    const char *headers[] = {token, "Origin: chrome-extension://abc", "Sec-Fetch-Site: cross-site",
                             NULL};

    assert_int_equal(add_list_with(headers + 1), 403);
    assert_int_equal(add_list_with(headers), 201);
}

static void it_is_seen_below_its_base_path(void **state)
{
    (void)state;

    api.base_path = "/videos";
    struct asked asked = ask("POST", "/videos/api/lists", NULL, "{\"name\": \"a\"}");
    assert_int_equal(asked.status, 201);
    assert_true(bq_starts_with(answered("Location"), "/videos/api/lists/"));
    assert_int_equal(status_of("GET", "/api/lists", NULL), 200); /* the proxy has taken it away */
    assert_int_equal(status_of("GET", "/videos", NULL), 200);
    assert_int_equal(status_of("GET", "/videosapi/lists", NULL), 404);
    asked = ask("GET", "/videos/api/lists/none", NULL, NULL);
    assert_string_equal(said(&asked, "type"), "/videos/docs#problem-list_not_found");
    asked = ask("GET", "/videos/api/openapi.json", NULL, NULL);
    assert_string_equal(
        barq_as_string(barq_get(barq_at(barq_get(asked.json, "servers"), 0), "url"), ""),
        "/videos");
}

#define local_test(name)    cmocka_unit_test_setup_teardown(name, make, ask_remove)
#define password_test(name) cmocka_unit_test_setup_teardown(name, make_with_password, ask_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        local_test(whoever_sits_here_is_the_owner),
        local_test(from_elsewhere_nobody_is_without_a_password),
        local_test(a_wrong_token_is_refused_also_where_none_is_needed),
        password_test(nothing_is_told_without_a_login),
        password_test(a_login_is_a_cookie_that_nobody_else_can_use),
        password_test(whoever_is_logged_in_may_do_everything_until_they_log_out),
        password_test(with_another_password_a_login_is_over),
        password_test(a_password_cannot_be_guessed_for_long),
        password_test(a_stored_password_is_as_good),
        password_test(a_token_may_what_it_was_made_for),
        password_test(a_revoked_token_is_over),
        password_test(tokens_are_listed_without_their_secrets),
        password_test(what_makes_no_token_is_refused),
        local_test(what_another_sites_page_sends_is_refused),
        local_test(a_token_makes_up_for_where_it_comes_from),
        local_test(it_is_seen_below_its_base_path),
    };

    return cmocka_run_group_tests_name("bookmarks/api_auth", tests, NULL, NULL);
}
