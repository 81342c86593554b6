#include "http/client.h"

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/text.h"

enum {
    LOOK_MS = 1000, /* curl wakes up by itself for its own timers; this is a safety net */
    SHOWN_URL_BYTES = 200,
};

struct bq_http_client {
    CURLM *multi; /* holds the connections */
    CURL *easy;   /* the one request */
    struct curl_slist *headers;
    struct bq_buf body; /* of the answer */
    size_t headers_bytes;
    bool too_long; /* the answer's headers */
    char said[CURL_ERROR_SIZE];
};

/* -- one client -- */

enum barq_status bq_http_client_new(struct bq_http_client **out, struct barq_error *err)
{
    struct bq_http_client *client = calloc(1, sizeof(*client));
    if (!client) {
        return bq_fail(err, BARQ_ERR_NOMEM, "http: out of memory");
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(client);
        return bq_fail(err, BARQ_ERR_NOMEM, "http: curl does not start");
    }

    /* curl counts: the first one starts it, the last one ends it, from any thread since 7.84. */
    client->multi = curl_multi_init();
    client->easy = curl_easy_init();
    if (!client->multi || !client->easy) {
        bq_http_client_free(client);
        return bq_fail(err, BARQ_ERR_NOMEM, "http: out of memory");
    }
    *out = client;
    return BARQ_OK;
}

void bq_http_client_free(struct bq_http_client *client)
{
    if (!client) {
        return;
    }
    curl_easy_cleanup(client->easy);
    curl_multi_cleanup(client->multi);
    curl_slist_free_all(client->headers);
    bq_buf_clear(&client->body);
    free(client);
    curl_global_cleanup();
}

void bq_http_client_drop(struct bq_http_client **client)
{
    bq_http_client_free(*client);
}

/* -- what curl calls -- */

static size_t take_body(char *bytes, size_t one, size_t count, void *owner)
{
    struct bq_http_client *client = owner;

    bq_buf_put(&client->body, bytes, one * count);
    return client->body.failed ? 0 : count;
}

static size_t count_header(const char *bytes, size_t one, size_t count, void *owner)
{
    struct bq_http_client *client = owner;

    (void)bytes;
    (void)one;
    client->headers_bytes += count;
    client->too_long = client->headers_bytes > BQ_HTTP_HEADERS_MAX_BYTES;
    return client->too_long ? 0 : count;
}

/* -- a request -- */

static bool add_header(struct bq_http_client *client, const char *line)
{
    struct curl_slist *longer = curl_slist_append(client->headers, line);

    if (longer) {
        client->headers = longer;
    }
    return longer;
}

static enum barq_status set_headers(struct bq_http_client *client,
                                    const struct bq_http_request *request, struct barq_error *err)
{
    /* Without this line curl would wait a second for a "100 Continue" that few servers send. */
    bool added = add_header(client, "Expect:");

    for (size_t i = 0; request->headers && request->headers[i]; i++) {
        if (strpbrk(request->headers[i], "\r\n")) {
            return bq_fail(err, BARQ_ERR_ARG, "http: a line break in a header");
        }
        added = added && add_header(client, request->headers[i]);
    }
    if (!added) {
        return bq_fail(err, BARQ_ERR_NOMEM, "http: out of memory");
    }
    curl_easy_setopt(client->easy, CURLOPT_HTTPHEADER, client->headers);
    return BARQ_OK;
}

static const char *method_of(const struct bq_http_request *request)
{
    if (request->method) {
        return request->method;
    }
    return request->body ? "POST" : "GET";
}

static long or_else(int64_t given_ms, int64_t otherwise_ms)
{
    return (long)(given_ms > 0 ? given_ms : otherwise_ms);
}

static void set_limits(CURL *easy, const struct bq_http_request *request)
{
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* a cancel doesn't wait for a name look-up */
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     or_else(request->connect_timeout_ms, BQ_HTTP_CONNECT_TIMEOUT_MS));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, or_else(request->timeout_ms, BQ_HTTP_TIMEOUT_MS));
}

static void set_body(CURL *easy, const struct bq_http_request *request)
{
    const char *method = method_of(request);

    if (request->body || strcmp(method, "POST") == 0) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body ? request->body : "");
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_bytes);
    }
    if (strcmp(method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else {
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
    }
}

/* Everything of the request before is forgotten; connections stay. */
static void start_afresh(struct bq_http_client *client, const struct bq_http_request *request)
{
    size_t limit = request->answer_max_bytes ? request->answer_max_bytes : BQ_HTTP_ANSWER_MAX_BYTES;

    curl_easy_reset(client->easy);
    curl_slist_free_all(client->headers);
    client->headers = NULL;
    bq_buf_clear(&client->body);
    bq_buf_init(&client->body, limit);
    client->headers_bytes = 0;
    client->too_long = false;
    client->said[0] = '\0';
}

static enum barq_status prepare(struct bq_http_client *client,
                                const struct bq_http_request *request, struct barq_error *err)
{
    CURL *easy = client->easy;

    /* curl would guess at a scheme. */
    if (!bq_starts_with(request->url, "http://") && !bq_starts_with(request->url, "https://")) {
        return bq_fail(err, BARQ_ERR_ARG, "http: not an http:// or https:// URL");
    }
    start_afresh(client, request);
    if (curl_easy_setopt(easy, CURLOPT_URL, request->url) != CURLE_OK) {
        return bq_fail(err, BARQ_ERR_NOMEM, "http: out of memory");
    }
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, client->said);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "barq");
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, client);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, count_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, client);
    set_limits(easy, request);
    set_body(easy, request);
    return set_headers(client, request, err);
}

/* -- how it ends -- */

/* The URL without what may be secret: its user, its query, its fragment. */
static void show_url(const char *url, char *out)
{
    const char *host = strstr(url, "://") + 3;
    const char *at = memrchr(host, '@', strcspn(host, "/?#\\"));
    const char *shown = at ? at + 1 : host;

    snprintf(out, SHOWN_URL_BYTES, "%.*s%.*s", (int)(host - url), url, (int)strcspn(shown, "?#"),
             shown);
}

static enum barq_status status_of(const struct bq_http_client *client, CURLcode code)
{
    switch ((int)code) { /* not all codes of curl concern us */
    case CURLE_OPERATION_TIMEDOUT:
        return BARQ_ERR_TIMEOUT;
    case CURLE_WRITE_ERROR:
        return client->body.starved ? BARQ_ERR_NOMEM : BARQ_ERR_LIMIT;
    case CURLE_OUT_OF_MEMORY:
        return BARQ_ERR_NOMEM;
    case CURLE_URL_MALFORMAT:
        return BARQ_ERR_ARG;
    case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9, which is anything: the scheme was looked at */
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
        return BARQ_ERR_FORMAT;
    default:
        return BARQ_ERR_CONN;
    }
}

/* Only these details are curl's own; others may repeat what the server or the URL says. */
static bool has_own_words(CURLcode code)
{
    return code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT ||
           code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_OPERATION_TIMEDOUT ||
           code == CURLE_UNSUPPORTED_PROTOCOL;
}

static const char *reason_of(const struct bq_http_client *client, CURLcode code,
                             enum barq_status status)
{
    if (status == BARQ_ERR_LIMIT) {
        return client->too_long ? "the answer's headers are too long" : "the answer is too long";
    }
    return has_own_words(code) && client->said[0] ? client->said : curl_easy_strerror(code);
}

static enum barq_status fail(const struct bq_http_client *client,
                             const struct bq_http_request *request, CURLcode code,
                             struct barq_error *err)
{
    enum barq_status status = status_of(client, code);
    char url[SHOWN_URL_BYTES];

    show_url(request->url, url);
    return bq_fail(err, status, "http: %s %s: %s", method_of(request), url,
                   reason_of(client, code, status));
}

static enum barq_status take_answer(struct bq_http_client *client, struct bq_http_answer *answer,
                                    struct barq_error *err)
{
    const char *body = bq_buf_cstr(&client->body);
    if (!body) {
        return bq_fail(err, BARQ_ERR_NOMEM, "http: out of memory");
    }

    long status = 0;
    curl_off_t retry_after_s = 0;
    const char *content_type = NULL;
    curl_easy_getinfo(client->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(client->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
    curl_easy_getinfo(client->easy, CURLINFO_CONTENT_TYPE, &content_type);

    *answer = (struct bq_http_answer){
        .status = (int)status,
        .content_type = content_type ? content_type : "",
        .retry_after_ms = (retry_after_s < INT32_MAX ? retry_after_s : INT32_MAX) * 1000,
        .body = body,
        .body_bytes = client->body.len,
    };
    return BARQ_OK;
}

/* -- the waiting -- */

static bool is_canceled(int cancel_fd)
{
    struct pollfd look = {.fd = cancel_fd, .events = POLLIN};

    return poll(&look, 1, 0) > 0;
}

/* Until the request has ended in one way or the other. */
static enum barq_status run(struct bq_http_client *client, const struct bq_http_request *request,
                            int cancel_fd, CURLcode *ended, struct barq_error *err)
{
    bool meanwhile = request->meanwhile;

    for (;;) {
        struct curl_waitfd fds[2];
        unsigned int n_fds = 0;
        int running = 0;
        int left = 0;
        if (is_canceled(cancel_fd)) {
            return bq_fail(err, BARQ_ERR_CANCELED, "http: told to stop");
        }
        if (curl_multi_perform(client->multi, &running) != CURLM_OK) {
            return bq_fail(err, BARQ_ERR_NOMEM, "http: curl cannot go on");
        }
        const CURLMsg *message = curl_multi_info_read(client->multi, &left);
        if (message) {
            *ended = message->data.result;
            return BARQ_OK;
        }
        if (meanwhile) {
            fds[n_fds++] =
                (struct curl_waitfd){.fd = request->meanwhile_fd, .events = CURL_WAIT_POLLIN};
        }
        if (cancel_fd >= 0) {
            fds[n_fds++] = (struct curl_waitfd){.fd = cancel_fd, .events = CURL_WAIT_POLLIN};
        }
        if (curl_multi_poll(client->multi, fds, n_fds, LOOK_MS, NULL) != CURLM_OK) {
            return bq_fail(err, BARQ_ERR_NOMEM, "http: curl cannot wait");
        }
        if (meanwhile && fds[0].revents != 0) {
            meanwhile = request->meanwhile(request->meanwhile_data);
        }
    }
}

enum barq_status bq_http_ask(struct bq_http_client *client, const struct bq_http_request *request,
                             int cancel_fd, struct bq_http_answer *answer, struct barq_error *err)
{
    enum barq_status status = prepare(client, request, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (curl_multi_add_handle(client->multi, client->easy) != CURLM_OK) {
        return bq_fail(err, BARQ_ERR_NOMEM, "http: curl takes no request");
    }

    CURLcode ended = CURLE_OK;
    status = run(client, request, cancel_fd, &ended, err);
    curl_multi_remove_handle(client->multi, client->easy);
    if (status != BARQ_OK) {
        return status;
    }
    return ended == CURLE_OK ? take_answer(client, answer, err) : fail(client, request, ended, err);
}
