#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/api.h"
#include "api/problem.h"
#include "api/read.h"
#include "http/call.h"

enum { ARENA_BYTES = 1024 * 1024 };

static struct bq_http_exchange *exchange;
static struct bm_api_request request;
static struct bm_api api;

static int make_request(void **state)
{
    struct bq_http_server_options options = {.call_max_bytes = ARENA_BYTES,
                                             .body_max_bytes = ARENA_BYTES};

    (void)state;
    bm_api_init(&api);
    exchange = bq_http_exchange_new(&options);
    request = (struct bm_api_request){
        .http = &exchange->call, .api = &api, .arena = exchange->call.arena, .status = 200};
    return exchange ? 0 : -1;
}

static int drop_request(void **state)
{
    (void)state;
    bq_http_exchange_free(exchange);
    return 0;
}

static const struct barq_value *body_of(const char *json)
{
    exchange->call.body = json;
    exchange->call.body_bytes = strlen(json);
    return bm_api_body(&request);
}

/* The answer's "errors" as JSON. */
static const char *errors(void)
{
    const char *json = NULL;
    struct barq_error err;

    assert_false(bm_api_good(&request));
    assert_int_equal(request.status, 422);
    assert_int_equal(
        barq_to_json(request.arena, barq_get(request.answer, "errors"), &json, NULL, &err),
        BARQ_OK);
    return json;
}

static const char *answer(const char *key)
{
    return barq_as_string(barq_get(request.answer, key), "none");
}

static void members_are_read_as_what_they_must_be(void **state)
{
    (void)state;
    static const char *const words[] = {"asc", "desc", NULL};
    const struct barq_value *body =
        body_of("{\"name\": \"Gr\\u00fc\\u00dfe\", \"yes\": true, \"n\": 7, \"x\": 1.5, \"l\": [1],"
                " \"m\": {}, \"t\": [\"a\", \"b\"], \"w\": \"desc\", \"none\": null}");
    size_t count = 0;

    assert_string_equal(bm_api_need_text(&request, body, "name", 255), "Grüße");
    assert_string_equal(bm_api_text(&request, body, "other", 9, "default"), "default");
    assert_string_equal(bm_api_text(&request, body, "none", 9, "default"), "default");
    assert_true(bm_api_bool(&request, body, "yes", false));
    assert_true(bm_api_bool(&request, body, "other", true));
    assert_int_equal(bm_api_int(&request, body, "n", 7, 7, 0), 7);
    assert_int_equal(bm_api_need_int(&request, body, "n", 0, 9), 7);
    assert_int_equal(bm_api_int(&request, body, "other", 1, 2, 5), 5);
    assert_true(bm_api_number(&request, body, "x", 0, 2, 0) == 1.5);
    assert_true(bm_api_number(&request, body, "n", 0, 9, 0) == 7);
    assert_int_equal(barq_count(bm_api_list_of(&request, body, "l", 1, 1)), 1);
    assert_null(bm_api_list_of(&request, body, "other", 1, 1));
    assert_non_null(bm_api_map(&request, body, "m"));
    assert_string_equal(bm_api_texts(&request, body, "t", 9, 9, &count)[1], "b");
    assert_int_equal(count, 2);
    assert_int_equal(bm_api_word(&request, body, "w", words, 0), 1);
    assert_int_equal(bm_api_word(&request, body, "other", words, -1), -1);
    assert_true(bm_api_has(body, "none"));
    assert_false(bm_api_has(body, "other"));
    assert_true(bm_api_good(&request));
    assert_int_equal(request.status, 200);
}

static void all_that_is_wrong_is_told_at_once(void **state)
{
    (void)state;
    const struct barq_value *body = body_of("{\"name\": 1, \"n\": 10, \"a/b\": \"x\"}");

    bm_api_need_text(&request, body, "name", 255);
    bm_api_int(&request, body, "n", 0, 9, 0);
    bm_api_need_text(&request, body, "url", 2048);
    bm_api_wrong(&request, "/values/3", "is not a %s", "date");
    bm_api_wrong_query(&request, "limit", "is too much");

    assert_string_equal(
        errors(),
        "[{\"pointer\":\"#/name\",\"detail\":\"must be a string without NUL characters\"},"
        "{\"pointer\":\"#/n\",\"detail\":\"must be a whole number from 0 to 9\"},"
        "{\"pointer\":\"#/url\",\"detail\":\"is missing: it must be a string\"},"
        "{\"pointer\":\"#/values/3\",\"detail\":\"is not a date\"},"
        "{\"parameter\":\"limit\",\"detail\":\"is too much\"}]");
    assert_string_equal(answer("code"), "invalid");
    assert_string_equal(answer("type"), "/docs#problem-invalid");
    assert_string_equal(answer("detail"), "name must be a string without NUL characters");
}

struct wrong {
    const char *json;
    const char *detail;
};

static void each_wrong_member_is_noted(void **state)
{
    (void)state;
    static const char *const words[] = {"asc", "desc", NULL};
    static const struct wrong wrong[] = {
        {"{\"name\": \"\"}", "name must not be empty"},
        {"{\"name\": null}", "name is missing: it must be a string"},
        {"{\"name\": \"abcdef\"}", "name must have at most 5 bytes"},
        {"{\"name\": \"a\\u0000b\"}", "name must be a string without NUL characters"},
        {"{\"yes\": 1}", "yes must be true or false"},
        {"{\"n\": 1.0}", "n must be a whole number from 0 to 9"},
        {"{\"n\": \"1\"}", "n must be a whole number from 0 to 9"},
        {"{\"n\": 99999999999999999999}", "n must be a whole number from 0 to 9"},
        {"{\"x\": 3}", "x must be a number from 0 to 2"},
        {"{\"x\": true}", "x must be a number from 0 to 2"},
        {"{\"l\": {}}", "l must be a list of 1 to 2 members"},
        {"{\"l\": []}", "l must be a list of 1 to 2 members"},
        {"{\"l\": [1, 2, 3]}", "l must be a list of 1 to 2 members"},
        {"{\"m\": []}", "m must be an object"},
        {"{\"t\": [\"a\", 1]}", "t/1 must be a string without NUL characters"},
        {"{\"w\": \"up\"}", "w must be one of asc, desc"},
        {"{\"w\": 1}", "w must be one of asc, desc"},
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        size_t count = 0;
        request.status = 200;
        request.wrong = NULL;
        const struct barq_value *body = body_of(wrong[i].json);
        if (bm_api_has(body, "name")) {
            bm_api_need_text(&request, body, "name", 5);
        }
        bm_api_bool(&request, body, "yes", false);
        bm_api_int(&request, body, "n", 0, 9, 0);
        bm_api_number(&request, body, "x", 0, 2, 0);
        bm_api_list_of(&request, body, "l", 1, 2);
        bm_api_map(&request, body, "m");
        bm_api_texts(&request, body, "t", 2, 9, &count);
        bm_api_word(&request, body, "w", words, 0);
        assert_false(bm_api_good(&request));
        assert_string_equal(answer("detail"), wrong[i].detail);
    }
}

static void a_body_that_is_no_object_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "{", "[]", "\"a\"", "{} {}", "{\"a\":1,\"a\":2}"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        request.status = 200;
        assert_null(body_of(bad[i]));
        assert_null(bm_api_text(&request, NULL, "name", 9, NULL));
        assert_false(bm_api_good(&request));
        assert_int_equal(request.status, 422);
        assert_string_equal(answer("code"), "invalid_body");
    }
    request.status = 200;
    exchange->call.body_bytes = 0;
    assert_null(bm_api_body_if_any(&request));
    assert_true(bm_api_good(&request));
}

static void parameters_of_the_query_are_read(void **state)
{
    (void)state;
    static const char *const words[] = {"asc", "desc", NULL};
    bq_http_put_query(exchange, "n", "7");
    bq_http_put_query(exchange, "w", "desc");
    bq_http_put_query(exchange, "yes", "1");
    bq_http_put_query(exchange, "no", "false");

    assert_int_equal(bm_api_query_int(&request, "n", 0, 9, 0), 7);
    assert_int_equal(bm_api_query_int(&request, "other", 0, 9, 3), 3);
    assert_int_equal(bm_api_query_word(&request, "w", words, 0), 1);
    assert_int_equal(bm_api_query_word(&request, "other", words, -1), -1);
    assert_true(bm_api_query_bool(&request, "yes", false));
    assert_false(bm_api_query_bool(&request, "no", true));
    assert_true(bm_api_query_bool(&request, "other", true));
    assert_string_equal(bm_api_query(&request, "other", "x"), "x");
    assert_true(bm_api_good(&request));

    bm_api_query_int(&request, "n", 0, 6, 0);
    bm_api_query_int(&request, "w", 0, 6, 0);
    bm_api_query_bool(&request, "n", false);
    assert_string_equal(errors(),
                        "[{\"parameter\":\"n\",\"detail\":\"must be a whole number from 0 to 6\"},"
                        "{\"parameter\":\"w\",\"detail\":\"must be a whole number from 0 to 6\"},"
                        "{\"parameter\":\"n\",\"detail\":\"must be one of false, true, 0, 1\"}]");
}

static void an_expected_failure_is_told_without_its_room(void **state)
{
    (void)state;
    struct barq_error err = {.status = BARQ_ERR_EXISTS, .text = "lists: there is one of this name"};

    assert_int_equal(
        bm_api_refuse_when(&request, BARQ_ERR_SQL, BARQ_ERR_EXISTS, BM_PROBLEM_LIST_EXISTS, &err),
        BARQ_ERR_SQL);
    assert_int_equal(request.status, 200);
    assert_int_equal(bm_api_refuse_when(&request, BARQ_ERR_EXISTS, BARQ_ERR_EXISTS,
                                        BM_PROBLEM_LIST_EXISTS, &err),
                     BARQ_OK);
    assert_int_equal(request.status, 409);
    assert_string_equal(answer("detail"), "There is one of this name");
    assert_string_equal(answer("code"), "list_exists");
}

#define request_test(name) cmocka_unit_test_setup_teardown(name, make_request, drop_request)

int main(void)
{
    const struct CMUnitTest tests[] = {
        request_test(members_are_read_as_what_they_must_be),
        request_test(all_that_is_wrong_is_told_at_once),
        request_test(each_wrong_member_is_noted),
        request_test(a_body_that_is_no_object_is_refused),
        request_test(parameters_of_the_query_are_read),
        request_test(an_expected_failure_is_told_without_its_room),
    };

    return cmocka_run_group_tests_name("bookmarks/api_read", tests, NULL, NULL);
}
