#include "http/call.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "http/stream.h"

struct bq_http_exchange *bq_http_exchange_new(const struct bq_http_server_options *options)
{
    struct bq_http_exchange *exchange = calloc(1, sizeof(*exchange));
    if (!exchange) {
        return NULL;
    }
    bq_arena_init(&exchange->arena, options->call_max_bytes);
    bq_http_body_init(&exchange->body, options->body_memory_bytes, options->body_max_bytes);
    exchange->answer_fd = -1;
    exchange->call.arena = &exchange->arena;
    exchange->call.context = options->context;
    return exchange;
}

void bq_http_exchange_free(struct bq_http_exchange *exchange)
{
    if (!exchange) {
        return;
    }
    if (exchange->answer_fd >= 0) {
        close(exchange->answer_fd);
    }
    bq_http_body_clear(&exchange->body);
    bq_arena_clear(&exchange->arena);
    free(exchange);
}

/* -- the request -- */

static const char *title_of(int status)
{
    return status == 400   ? "Bad Request"
           : status == 413 ? "Content Too Large"
           : status == 503 ? "Service Unavailable"
           : status == 507 ? "Insufficient Storage"
                           : "Internal Server Error";
}

void bq_http_refuse(struct bq_http_exchange *exchange, int status, const char *code,
                    const char *detail)
{
    const char *body = bq_arena_format(&exchange->arena,
                                       "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,"
                                       "\"code\":\"%s\",\"detail\":\"%s\"}",
                                       title_of(status), status, code, detail);

    body = body ? body : "{}";
    bq_http_answer(&exchange->call, status, "application/problem+json", body, strlen(body));
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
        bq_http_refuse(exchange, 500, "internal", "Out of memory");
    } else if (!decode(decoded)) {
        bq_http_refuse(exchange, 400, "bad_request",
                       "The path has a broken escape, or is no UTF-8");
    }
}

void bq_http_put_peer(struct bq_http_exchange *exchange, const void *address)
{
    const struct sockaddr *peer = address;
    const struct sockaddr_in *four = address;
    const struct sockaddr_in6 *six = address;
    char text[INET6_ADDRSTRLEN] = "";

    if (peer && peer->sa_family == AF_INET) {
        inet_ntop(AF_INET, &four->sin_addr, text, sizeof(text));
    } else if (peer && peer->sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof(text));
    }
    exchange->call.peer = bq_arena_strdup(&exchange->arena, text);
    if (!exchange->call.peer) {
        bq_http_refuse(exchange, 500, "internal", "Out of memory");
    }
}

/* In front of the others; false, and a refusal, when the arena is full. */
static bool add(struct bq_http_exchange *exchange, struct bq_http_pair **list, const char *name,
                const char *value)
{
    struct bq_http_pair *pair = bq_arena_alloc(&exchange->arena, sizeof(*pair));

    if (!pair || !name || !value) {
        bq_http_refuse(exchange, 500, "internal", "Out of memory");
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

/* As RFC 9110 wants it; "Content-Length " is one to some, and none to others. */
static bool is_token(const char *name)
{
    size_t len = strspn(name, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    return len > 0 && name[len] == '\0';
}

void bq_http_put_header(struct bq_http_exchange *exchange, const char *name, const char *value)
{
    if (!is_token(name)) {
        bq_http_refuse(exchange, 400, "bad_request", "A header's name is none");
        return;
    }
    if (is_ambiguous(exchange, name)) {
        bq_http_refuse(exchange, 400, "bad_request", "Two headers of which one is allowed");
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
        bq_http_refuse(exchange, 400, "bad_request",
                       "The query has a broken escape, or is no UTF-8");
    }
}

static void refuse_body(struct bq_http_exchange *exchange, enum barq_status why)
{
    if (why == BARQ_ERR_LIMIT) {
        bq_http_refuse(exchange, 413, "body_too_large",
                       bq_arena_format(&exchange->arena, "The body has more than %zu bytes",
                                       exchange->body.max_bytes));
    } else if (why == BARQ_ERR_FULL) {
        bq_http_refuse(exchange, 507, "no_room", "There is no room for the body");
    } else {
        bq_http_refuse(exchange, 500, "internal", "The body cannot be kept");
    }
}

void bq_http_check_length(struct bq_http_exchange *exchange,
                          const struct bq_http_server_options *options)
{
    const struct bq_http_call *call = &exchange->call;
    const char *text = bq_http_header(call, "Content-Length");
    int64_t length = 0;

    if (options->body_limit && exchange->status == 0) {
        exchange->body.max_bytes =
            options->body_limit(options->context, call->method, call->raw_path);
    }
    if (text && (!bq_parse_int(text, &length) || length > (int64_t)exchange->body.max_bytes)) {
        refuse_body(exchange, BARQ_ERR_LIMIT);
    }
}

void bq_http_put_body(struct bq_http_exchange *exchange, const char *bytes, size_t len)
{
    if (exchange->status == 0) { /* of a refused one, the rest is not kept */
        enum barq_status status = bq_http_body_put(&exchange->body, bytes, len, NULL);
        if (status != BARQ_OK) {
            refuse_body(exchange, status);
        }
    }
}

void bq_http_end_body(struct bq_http_exchange *exchange)
{
    if (exchange->status == 0) {
        enum barq_status status = bq_http_body_end(&exchange->body, &exchange->call.body, NULL);
        exchange->call.body_bytes = exchange->body.len;
        if (status != BARQ_OK) {
            refuse_body(exchange, status);
        }
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

const char *bq_http_query_all(const struct bq_http_call *call, size_t *len)
{
    const struct bq_http_exchange *exchange = (const void *)call;
    size_t all = 0;

    for (const struct bq_http_pair *pair = exchange->query; pair; pair = pair->next) {
        all += strlen(pair->name) + strlen(pair->value) + 2;
    }
    char *text = bq_arena_alloc(call->arena, all + 1);
    char *to = text;
    for (const struct bq_http_pair *pair = exchange->query; to && pair; pair = pair->next) {
        to = stpcpy(to, pair->name) + 1;
        to = stpcpy(to, pair->value) + 1;
    }
    *len = all;
    return text;
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
    if (exchange->answer_fd >= 0) {
        close(exchange->answer_fd);
        exchange->answer_fd = -1;
    }
}

void bq_http_answer_file(struct bq_http_call *call, int status, const char *content_type, int fd,
                         size_t len)
{
    bq_http_answer(call, status, content_type, "", len);
    exchange_of(call)->answer_fd = fd;
}

void bq_http_answer_stream(struct bq_http_call *call, const char *content_type,
                           struct bq_http_stream *stream)
{
    bq_http_answer(call, 200, content_type, "", 0);
    exchange_of(call)->stream = stream;
}
