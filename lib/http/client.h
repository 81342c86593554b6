/*
 * client.h - asking other servers over HTTP (libcurl): one request at a time.
 *
 *     struct bq_http_request request = {.url = url, .timeout_ms = 5000};
 *     struct bq_http_answer answer;
 *     status = bq_http_ask(client, &request, cancel_fd, &answer, err);
 *
 * http and https only; certificates are verified; redirects are answers like
 * all others, and not followed. Connections are kept for the next request.
 * Whatever a server does, a request ends within its time and its limit.
 *
 * A client serves one thread at a time; two clients share nothing.
 */
#ifndef BQ_HTTP_CLIENT_H
#define BQ_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/error.h"

enum {
    BQ_HTTP_CONNECT_TIMEOUT_MS = 10000,
    BQ_HTTP_TIMEOUT_MS = 30000,
    BQ_HTTP_ANSWER_MAX_BYTES = 4 * 1024 * 1024,
    BQ_HTTP_HEADERS_MAX_BYTES = 64 * 1024, /* of an answer */
};

struct bq_http_client;

/* Everything is borrowed for the call. */
struct bq_http_request {
    const char *method;         /* NULL: "POST" with a body, else "GET" */
    const char *url;            /* its query and its user stay out of errors: they may be secret */
    const char *const *headers; /* "Name: value", ended by a NULL; NULL: none of our own */
    const void *body;           /* NULL: none */
    size_t body_bytes;
    int64_t connect_timeout_ms; /* 0: 10 s */
    int64_t timeout_ms;         /* from the call to the last byte; 0: 30 s */
    size_t answer_max_bytes;    /* of its body, unpacked; 0: 4 MiB */
    /* Called when this descriptor is readable while the answer is waited for; false: not any more. NULL: nothing is. */
    bool (*meanwhile)(void *data);
    void *meanwhile_data;
    int meanwhile_fd;
};

/* Text is borrowed from the client, until its next request. */
struct bq_http_answer {
    int status;               /* 100 to 599 */
    const char *content_type; /* "" when there is none */
    int64_t retry_after_ms;   /* as Retry-After asks, a date turned into a while; 0: it doesn't */
    const char *body;         /* unpacked; any bytes, and a NUL that is not counted */
    size_t body_bytes;
};

enum barq_status bq_http_client_new(struct bq_http_client **out, struct barq_error *err)
    BARQ_MUST_CHECK;
void bq_http_client_free(struct bq_http_client *client);  /* takes NULL */
void bq_http_client_drop(struct bq_http_client **client); /* for bq_auto(http_client) */

/*
 * Sends a request and waits for its answer, whatever its status. `cancel_fd`
 * (-1: none) ends the call at once when it is readable.
 *
 * BARQ_ERR_CANCELED  cancel_fd
 * BARQ_ERR_TIMEOUT   one of the two times was over
 * BARQ_ERR_CONN      no such host, refused, cut off before the end, no trust
 * BARQ_ERR_FORMAT    what came is no HTTP, or badly packed
 * BARQ_ERR_LIMIT     the answer's headers or body are larger than allowed
 * BARQ_ERR_ARG       no http or https URL, or a line break in a header
 * BARQ_ERR_NOMEM
 */
enum barq_status bq_http_ask(struct bq_http_client *client, const struct bq_http_request *request,
                             int cancel_fd, struct bq_http_answer *answer, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
