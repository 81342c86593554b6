#include "ask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "fixture.h"
#include "http/call.h"

struct bm_api api;

static struct bq_http_exchange *exchange;
static const struct bm_api_topic *only[1];

int ask_make(void **state)
{
    bm_api_init(&api);
    api.is_local = true;
    return fixture_make(state);
}

int ask_remove(void **state)
{
    bq_http_exchange_free(exchange);
    exchange = NULL;
    bm_api_clear(&api);
    return fixture_remove(state);
}

void ask_only(const struct bm_api_topic *topic)
{
    only[0] = topic;
    api.topics = only;
    api.n_topics = 1;
}

static void put_headers(const char *const *headers)
{
    bool has_type = false;

    for (size_t i = 0; headers && headers[i]; i++) {
        char *name = bq_arena_strdup(&arena, headers[i]);
        char *value = strstr(name, ": ");
        assert_non_null(value);
        *value = '\0';
        bq_http_put_header(exchange, name, value + 2);
        has_type |= bq_equal_nocase(name, "Content-Type");
    }
    if (!bq_http_header(&exchange->call, "Host")) {
        bq_http_put_header(exchange, "Host", "localhost");
    }
    if (!has_type && exchange->body.len > 0) {
        bq_http_put_header(exchange, "Content-Type", "application/json");
    }
}

/* "/path?a=1&b=2" */
static void put_target(const char *method, const char *target)
{
    char *path = bq_arena_strdup(&arena, target);
    char *query = strchr(path, '?');

    if (query) {
        *query++ = '\0';
    }
    bq_http_put_line(exchange, method, path);
    for (char *pair; (pair = strsep(&query, "&")) != NULL;) {
        char *value = strchr(pair, '=');
        if (value) {
            *value++ = '\0';
        }
        bq_http_put_query(exchange, pair, value);
    }
}

/* The answer, which may be in a file. */
static const char *body_of_answer(void)
{
    if (exchange->answer_fd < 0) {
        return bq_arena_strndup(&arena, exchange->answer, exchange->answer_len);
    }
    char *text = bq_arena_alloc(&arena, exchange->answer_len + 1);
    assert_int_equal(pread(exchange->answer_fd, text, exchange->answer_len, 0),
                     exchange->answer_len);
    return text;
}

struct asked ask(const char *method, const char *path, const char *const *headers, const char *body)
{
    struct bq_http_server_options options = {.context = &api,
                                             .call_max_bytes = BQ_HTTP_CALL_MAX_BYTES,
                                             .body_max_bytes = BQ_HTTP_BODY_MAX_BYTES,
                                             .body_memory_bytes = BQ_HTTP_BODY_MAX_BYTES};

    bq_http_exchange_free(exchange);
    exchange = bq_http_exchange_new(&options);
    assert_non_null(exchange);
    put_target(method, path);
    exchange->call.peer = "127.0.0.1";
    bq_http_put_body(exchange, body ? body : "", body ? strlen(body) : 0);
    bq_http_end_body(exchange);
    put_headers(headers);
    assert_int_equal(exchange->status, 0);
    bm_api_handle(&exchange->call);

    struct barq_value *json = NULL;
    struct asked asked = {.status = exchange->status, .body = body_of_answer()};
    if (barq_from_json(&arena, asked.body, exchange->answer_len, &json, NULL) == BARQ_OK) {
        asked.json = json;
    }
    return asked;
}

const char *answered(const char *name)
{
    for (int i = 0; i < exchange->n_answer_headers; i++) {
        if (bq_equal_nocase(exchange->answer_headers[i].name, name)) {
            return exchange->answer_headers[i].value;
        }
    }
    return NULL;
}

const char *said(const struct asked *asked, const char *key)
{
    return barq_as_string(barq_get(asked->json, key), "");
}
