#include "os/answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/text.h"
#include "base/time.h"
#include "os/listen.h"

enum { HOST_MAX_BYTES = 64, REPLY_MAX_BYTES = BQ_ANSWER_BODY_MAX_BYTES + 512 };

struct call {
    struct bq_watch watch; /* its descriptor is owned; -1: a free place */
    struct bq_answers *answers;
    int64_t until_ms;
    char head[BQ_ANSWER_HEAD_MAX_BYTES + 1];
    size_t head_len;
    char reply[REPLY_MAX_BYTES]; /* when `reply_len` is not 0 */
    size_t reply_len;
    size_t sent;
};

struct bq_answers {
    struct bq_loop *loop;
    struct bq_watch listener; /* its descriptor is owned */
    int port;
    bq_answer_ask *ask;
    void *context;
    struct call calls[BQ_ANSWER_CALLS];
};

static void hang_up(struct call *call)
{
    int fd = call->watch.fd;

    if (fd >= 0) {
        bq_loop_remove(call->answers->loop, &call->watch);
        close(fd);
    }
}

static const char *reason(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 503:
        return "Service Unavailable";
    default:
        return "Bad Request";
    }
}

static void reply(struct call *call, int status, const char *body, bool with_body)
{
    int len = snprintf(call->reply, sizeof(call->reply),
                       "HTTP/1.1 %d %s\r\n"
                       "Content-Type: application/json\r\n"
                       "Content-Length: %zu\r\n"
                       "Cache-Control: no-store\r\n"
                       "%s"
                       "Connection: close\r\n"
                       "\r\n%s",
                       status, reason(status), strlen(body),
                       status == 405 ? "Allow: GET, HEAD\r\n" : "", with_body ? body : "");

    call->reply_len = len > 0 && (size_t)len < sizeof(call->reply) ? (size_t)len : 0;
}

/* Cuts the word that `*at` begins with off at its space, and moves on; NULL: there is none. */
static char *next_word(char **at)
{
    char *word = *at;
    char *space = strchr(word, ' ');

    if (!space || space == word) {
        return NULL;
    }
    *space = '\0';
    *at = space + 1;
    return word;
}

/* Only the first line matters: "GET /livez HTTP/1.1". */
static void answer(struct call *call)
{
    char body[BQ_ANSWER_BODY_MAX_BYTES] = "{}\n";
    char *at = call->head;

    call->head[strcspn(call->head, "\r\n")] = '\0';
    const char *method = next_word(&at);
    char *path = method ? next_word(&at) : NULL;
    if (!path || path[0] != '/' || !bq_starts_with(at, "HTTP/1.")) {
        reply(call, 400, body, true);
        return;
    }
    bool head = strcmp(method, "HEAD") == 0;
    if (!head && strcmp(method, "GET") != 0) {
        reply(call, 405, body, true);
        return;
    }
    path[strcspn(path, "?")] = '\0';
    int status = call->answers->ask(call->answers->context, path, body);
    reply(call, status, body, !head);
}

static void take_head(struct call *call)
{
    ssize_t got = recv(call->watch.fd, call->head + call->head_len,
                       BQ_ANSWER_HEAD_MAX_BYTES - call->head_len, 0);

    if (got <= 0) {
        if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            hang_up(call);
        }
        return;
    }
    call->head_len += (size_t)got;
    call->head[call->head_len] = '\0';
    if (strstr(call->head, "\r\n\r\n") || strstr(call->head, "\n\n")) {
        answer(call);
    } else if (call->head_len == BQ_ANSWER_HEAD_MAX_BYTES) {
        reply(call, 400, "{}\n", true);
    }
}

static void send_reply(struct call *call)
{
    ssize_t sent = send(call->watch.fd, call->reply + call->sent, call->reply_len - call->sent,
                        MSG_NOSIGNAL | MSG_DONTWAIT);

    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
        bq_loop_change(call->answers->loop, &call->watch, EPOLLOUT);
        return;
    }
    call->sent += sent > 0 ? (size_t)sent : 0;
    if (sent < 0 || call->sent == call->reply_len) {
        hang_up(call);
    }
}

static void call_ready(struct bq_watch *watch, uint32_t events)
{
    struct call *call = (struct call *)(void *)((char *)watch - offsetof(struct call, watch));
    (void)events;

    if (call->reply_len == 0) {
        take_head(call);
    }
    if (call->watch.fd >= 0 && call->reply_len > 0) {
        send_reply(call);
    }
}

/* A free place, or that of the oldest call, which is cut off for it. */
static struct call *place(struct bq_answers *answers)
{
    struct call *oldest = &answers->calls[0];

    for (int i = 0; i < BQ_ANSWER_CALLS; i++) {
        struct call *call = &answers->calls[i];
        if (call->watch.fd < 0) {
            return call;
        }
        oldest = call->until_ms < oldest->until_ms ? call : oldest;
    }
    hang_up(oldest);
    return oldest;
}

/* One at a time, so that a flood of them does not keep the loop here. */
static void listener_ready(struct bq_watch *watch, uint32_t events)
{
    struct bq_answers *answers =
        (struct bq_answers *)(void *)((char *)watch - offsetof(struct bq_answers, listener));
    int fd = accept4(watch->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    (void)events;

    if (fd < 0) {
        return;
    }
    struct call *call = place(answers);
    *call = (struct call){.watch = {.fd = -1, .ready = call_ready},
                          .answers = answers,
                          .until_ms = bq_mono_ms() + BQ_ANSWER_CALL_MS};
    if (bq_loop_add(answers->loop, &call->watch, fd, EPOLLIN, NULL) != BARQ_OK) {
        close(fd);
    }
}

void bq_answers_check(struct bq_answers *answers, int64_t now_ms, int64_t *next_ms)
{
    for (int i = 0; answers && i < BQ_ANSWER_CALLS; i++) {
        struct call *call = &answers->calls[i];
        if (call->watch.fd >= 0 && call->until_ms <= now_ms) {
            hang_up(call);
        }
        if (call->watch.fd >= 0 && call->until_ms < *next_ms) {
            *next_ms = call->until_ms;
        }
    }
}

/* Takes "ADDRESS:PORT" apart; false when it makes no sense. */
static bool read_where(const char *where, char host[HOST_MAX_BYTES], int *port)
{
    const char *colon = strrchr(where, ':');
    const char *digits = colon ? colon + 1 : where;
    const char *begin = where;
    size_t len = colon ? (size_t)(colon - where) : 0;
    int64_t number = 0;

    if (len >= 2 && begin[0] == '[' && begin[len - 1] == ']') {
        begin++;
        len -= 2;
    }
    if (len >= HOST_MAX_BYTES || !bq_parse_int(digits, &number) || number < 0 || number > 65535) {
        return false;
    }
    (void)snprintf(host, HOST_MAX_BYTES, "%.*s", (int)len, begin);
    if (len == 0) {
        (void)snprintf(host, HOST_MAX_BYTES, "127.0.0.1");
    }
    *port = (int)number;
    return true;
}

enum barq_status bq_answers_open(struct bq_loop *loop, const char *where, bq_answer_ask *ask,
                                 void *context, struct bq_answers **out, struct barq_error *err)
{
    char host[HOST_MAX_BYTES];
    bq_auto(fd) int fd = -1;
    int port = 0;
    if (!read_where(where, host, &port)) {
        return bq_fail(err, BARQ_ERR_ARG, "listen: '%.80s' is no ADDRESS:PORT", where);
    }

    enum barq_status status = bq_listen(host, &port, &fd, err);
    if (status != BARQ_OK) {
        return status;
    }
    struct bq_answers *answers = calloc(1, sizeof(*answers));
    if (!answers) {
        return bq_fail(err, BARQ_ERR_NOMEM, "listen: out of memory");
    }
    *answers = (struct bq_answers){.loop = loop,
                                   .listener = {.fd = -1, .ready = listener_ready},
                                   .port = port,
                                   .ask = ask,
                                   .context = context};
    for (int i = 0; i < BQ_ANSWER_CALLS; i++) {
        answers->calls[i].watch.fd = -1;
    }
    status = bq_loop_add(loop, &answers->listener, fd, EPOLLIN, err);
    if (status != BARQ_OK) {
        free(answers);
        return status;
    }
    (void)bq_fd_take(&fd);
    *out = answers;
    return BARQ_OK;
}

void bq_answers_close(struct bq_answers *answers)
{
    if (!answers) {
        return;
    }
    int fd = answers->listener.fd;
    bq_loop_remove(answers->loop, &answers->listener);
    close(fd);
    for (int i = 0; i < BQ_ANSWER_CALLS; i++) {
        hang_up(&answers->calls[i]);
    }
    free(answers);
}

int bq_answers_port(const struct bq_answers *answers)
{
    return answers->port;
}
