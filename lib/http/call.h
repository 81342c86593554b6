/*
 * call.h - one request and its answer, as the server keeps them.
 */
#ifndef BQ_HTTP_CALL_H
#define BQ_HTTP_CALL_H

#include <stdbool.h>

#include "base/list.h"
#include "http/body.h"
#include "http/server.h"

enum { BQ_HTTP_MAX_ANSWER_HEADERS = 16 };

struct bq_http_connection;
struct bq_http_stream;

/* A header or query parameter. */
struct bq_http_pair {
    struct bq_http_pair *next; /* of a request: the one that came before */
    const char *name;
    const char *value;
};

struct bq_http_exchange {
    struct bq_http_call call; /* what the handler sees; first */
    struct bq_http_work work;
    struct barq_arena arena;
    struct bq_http_body body;
    struct bq_http_pair *headers;
    struct bq_http_pair *query;
    struct bq_http_connection *connection; /* the server's, */
    struct bq_http_server *server;

    int status; /* 0: not answered */
    const char *content_type;
    const void *answer; /* borrowed */
    size_t answer_len;
    int answer_fd;                 /* instead of `answer`; owned; -1: none */
    struct bq_http_stream *stream; /* instead of `answer`; NULL: none */
    struct bq_http_pair answer_headers[BQ_HTTP_MAX_ANSWER_HEADERS];
    int n_answer_headers;
};

/* NULL when out of memory. */
struct bq_http_exchange *bq_http_exchange_new(const struct bq_http_server_options *options);
void bq_http_exchange_free(struct bq_http_exchange *exchange); /* takes NULL */

/* These copy a part of the request; one that cannot be taken is answered (see `status`) at once. */
void bq_http_put_line(struct bq_http_exchange *exchange, const char *method, const char *path);
/* `address` is a struct sockaddr, or NULL. */
void bq_http_put_peer(struct bq_http_exchange *exchange, const void *address);
void bq_http_put_header(struct bq_http_exchange *exchange, const char *name, const char *value);
void bq_http_put_query(struct bq_http_exchange *exchange, const char *name, const char *value);
/* After the last header: how long may the body be? */
void bq_http_check_length(struct bq_http_exchange *exchange,
                          const struct bq_http_server_options *options);
void bq_http_put_body(struct bq_http_exchange *exchange, const char *bytes, size_t len);
void bq_http_end_body(struct bq_http_exchange *exchange);

/* Answers with a problem of this code. */
void bq_http_refuse(struct bq_http_exchange *exchange, int status, const char *code,
                    const char *detail);

#endif
