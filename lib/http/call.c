#include "http/call.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "http/stream.h"

struct bq_http_exchange *bq_http_exchange_new(const struct bq_http_server_options *options)
{
    struct bq_http_exchange *exchange = calloc(1, sizeof(*exchange));
    if (!exchange) {
        return NULL;
    }
    bq_arena_init(&exchange->arena, options->call_max_bytes);
    bq_buf_init(&exchange->body, options->body_max_bytes);
    exchange->call.arena = &exchange->arena;
    exchange->call.context = options->context;
    return exchange;
}

void bq_http_exchange_free(struct bq_http_exchange *exchange)
{
    if (!exchange) {
        return;
    }
    bq_buf_clear(&exchange->body);
    bq_arena_clear(&exchange->arena);
    free(exchange);
}

/* -- the request -- */

void bq_http_refuse(struct bq_http_exchange *exchange, int status, const char *detail)
{
    const char *body = bq_arena_format(&exchange->arena, "{\"detail\":\"%s\"}", detail);

    body = body ? body : "{}";
    bq_http_answer(&exchange->call, status, "application/json", body, strlen(body));
}

/* In place; false when it is not the text that it should be. */
static bool decode(char *text)
{
    return bq_percent_decode(text) && bq_utf8_valid(text, strlen(text));
}

void bq_http_put_line(struct bq_http_exchange *exchange, const char *method, const char *path)
{
    char *decoded = bq_arena_strdup(&exchange->arena, path);

    exchange->call.path = decoded;
    exchange->call.raw_path = bq_arena_strdup(&exchange->arena, path);
    exchange->call.method = bq_arena_strdup(&exchange->arena, method);
    if (!decoded || !exchange->call.raw_path || !exchange->call.method) {
        bq_http_refuse(exchange, 500, "Out of memory");
    } else if (!decode(decoded)) {
        bq_http_refuse(exchange, 400, "The path has a broken escape, or is no UTF-8");
    }
}

/* In front of the others; false, and a refusal, when the arena is full. */
static bool add(struct bq_http_exchange *exchange, struct bq_http_pair **list, const char *name,
                const char *value)
{
    struct bq_http_pair *pair = bq_arena_alloc(&exchange->arena, sizeof(*pair));

    if (!pair || !name || !value) {
        bq_http_refuse(exchange, 500, "Out of memory");
        return false;
    }
    *pair = (struct bq_http_pair){.next = *list, .name = name, .value = value};
    *list = pair;
    return true;
}

/* What would let two readers of one request understand two different ones. */
static bool is_ambiguous(const struct bq_http_exchange *exchange, const char *name)
{
    bool is_length = bq_equal_nocase(name, "Content-Length");
    bool is_chunked = bq_equal_nocase(name, "Transfer-Encoding");

    if (is_length || is_chunked) {
        return bq_http_header(&exchange->call, "Content-Length") ||
               bq_http_header(&exchange->call, "Transfer-Encoding");
    }
    return bq_equal_nocase(name, "Host") && bq_http_header(&exchange->call, "Host");
}

void bq_http_put_header(struct bq_http_exchange *exchange, const char *name, const char *value)
{
    if (is_ambiguous(exchange, name)) {
        bq_http_refuse(exchange, 400, "Two headers of which one is allowed");
        return;
    }
    add(exchange, &exchange->headers, bq_arena_strdup(&exchange->arena, name),
        bq_arena_strdup(&exchange->arena, value ? value : ""));
}

void bq_http_put_query(struct bq_http_exchange *exchange, const char *name, const char *value)
{
    char *name_copy = bq_arena_strdup(&exchange->arena, name);
    char *value_copy = bq_arena_strdup(&exchange->arena, value ? value : "");

    if (add(exchange, &exchange->query, name_copy, value_copy) &&
        (!decode(name_copy) || !decode(value_copy))) {
        bq_http_refuse(exchange, 400, "The query has a broken escape, or is no UTF-8");
    }
}

static void refuse_body(struct bq_http_exchange *exchange)
{
    bq_http_refuse(exchange, 413, "The body is too large");
}

void bq_http_check_length(struct bq_http_exchange *exchange)
{
    const char *text = bq_http_header(&exchange->call, "Content-Length");
    int64_t length = 0;

    if (text && (!bq_parse_int(text, &length) || length > (int64_t)exchange->body.limit)) {
        refuse_body(exchange);
    }
}

void bq_http_end_body(struct bq_http_exchange *exchange)
{
    exchange->call.body = bq_buf_cstr(&exchange->body);
    exchange->call.body_bytes = exchange->body.len;
    if (!exchange->call.body) {
        refuse_body(exchange);
    }
}

/* -- for handlers -- */

static struct bq_http_exchange *exchange_of(struct bq_http_call *call)
{
    return (struct bq_http_exchange *)(void *)call;
}

/* The one that came first, which is the last in the list. */
static const char *find(const struct bq_http_pair *list, const char *name,
                        bool (*equal)(const char *, const char *))
{
    const char *found = NULL;

    for (const struct bq_http_pair *pair = list; pair; pair = pair->next) {
        found = equal(pair->name, name) ? pair->value : found;
    }
    return found;
}

static bool equal_exactly(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

const char *bq_http_header(const struct bq_http_call *call, const char *name)
{
    const struct bq_http_exchange *exchange = (const void *)call;

    return find(exchange->headers, name, bq_equal_nocase);
}

const char *bq_http_query(const struct bq_http_call *call, const char *name)
{
    const struct bq_http_exchange *exchange = (const void *)call;

    return find(exchange->query, name, equal_exactly);
}

const char *bq_http_query_at(const struct bq_http_call *call, const char *name, size_t index)
{
    const struct bq_http_exchange *exchange = (const void *)call;
    size_t later = 0;

    for (const struct bq_http_pair *pair = exchange->query; pair; pair = pair->next) {
        later += equal_exactly(pair->name, name);
    }
    for (const struct bq_http_pair *pair = exchange->query; pair; pair = pair->next) {
        if (equal_exactly(pair->name, name) && --later == index) {
            return pair->value;
        }
    }
    return NULL;
}

void bq_http_answer_header(struct bq_http_call *call, const char *name, const char *value)
{
    struct bq_http_exchange *exchange = exchange_of(call);

    assert(exchange->n_answer_headers < BQ_HTTP_MAX_ANSWER_HEADERS);
    exchange->answer_headers[exchange->n_answer_headers++] =
        (struct bq_http_pair){.name = name, .value = value};
}

void bq_http_answer(struct bq_http_call *call, int status, const char *content_type,
                    const void *body, size_t len)
{
    struct bq_http_exchange *exchange = exchange_of(call);

    exchange->status = status;
    exchange->content_type = content_type;
    exchange->answer = body;
    exchange->answer_len = len;
    exchange->stream = NULL;
}

void bq_http_answer_stream(struct bq_http_call *call, const char *content_type,
                           struct bq_http_stream *stream)
{
    bq_http_answer(call, 200, content_type, "", 0);
    exchange_of(call)->stream = stream;
}
