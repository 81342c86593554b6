#include "support/redis.h"

#include <assert.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { START_MS = 10 * 1000, SAY_MS = 10 * 1000 };

static void make_place(struct redis_server *server)
{
    server->own.what = "redis-server";
    private_make(&server->own);
    (void)private_path(&server->own, "socket", server->socket);
    (void)snprintf(server->url, sizeof(server->url), "unix://%s", server->socket);
    if (server->tcp) {
        server->port = private_port();
        (void)snprintf(server->tcp_url, sizeof(server->tcp_url), "redis://127.0.0.1:%d",
                       server->port);
    }
}

static int connect_to(const struct redis_server *server)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    struct timeval limit = {.tv_sec = SAY_MS / 1000};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    memcpy(at.sun_path, server->socket, sizeof(at.sun_path));
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    if (connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool is_there(void *of)
{
    struct redis_server *server = of;
    int fd = connect_to(server);

    if (fd < 0) {
        return false;
    }
    close(fd);
    return strcmp(redis_say(server, "PING"), "PONG") == 0;
}

void redis_start(struct redis_server *server)
{
    struct private_words words;
    char port[16];

    if (server->own.folder[0] == '\0') {
        make_place(server);
    }
    (void)snprintf(port, sizeof(port), "%d", server->port);
    private_words(&server->own, &words);
    private_add(&words,
                (const char *const[]){"redis-server", "--bind", "127.0.0.1", "--port", port,
                                      "--unixsocket", server->socket, "--unixsocketperm", "777",
                                      "--dir", server->own.folder, "--save", "", NULL});
    private_add(&words, server->args);
    private_start(&server->own, &words, is_there, server, START_MS);
}

void redis_stop(struct redis_server *server)
{
    private_end(&server->own, SIGTERM);
}

void redis_kill(struct redis_server *server)
{
    private_end(&server->own, SIGKILL);
}

void redis_remove(struct redis_server *server)
{
    private_remove(&server->own);
    *server = (struct redis_server){.tcp = server->tcp, .args = server->args};
}

void redis_set_clock(struct redis_server *server, int64_t ahead_ms)
{
    private_set_clock(&server->own, ahead_ms);
}

void redis_advance(struct redis_server *server, int64_t ms)
{
    private_advance(&server->own, ms);
}

/* -- what it is told -- */

/* How long the whole answer is whose first `len` bytes are `text`; 0 when that cannot be said yet. */
static size_t whole_bytes(const char *text, size_t len)
{
    const char *end = memmem(text, len, "\r\n", 2);
    if (!end) {
        return 0;
    }

    size_t line = (size_t)(end - text) + 2;
    long value = text[0] == '$' ? strtol(text + 1, NULL, 10) : -1;
    assert(text[0] != '*' && value < REDIS_SAID_BYTES);
    return value < 0 ? line : line + (size_t)value + 2;
}

static size_t receive(struct redis_server *server, int fd)
{
    size_t len = 0;
    size_t wanted = 0;

    while (wanted == 0 || len < wanted) {
        ssize_t got = recv(fd, server->said + len, sizeof(server->said) - 1 - len, 0);
        if (got <= 0) {
            private_give_up(&server->own, "does not say anything, or too much");
        }
        len += (size_t)got;
        wanted = whole_bytes(server->said, len);
    }
    return len;
}

const char *redis_say(struct redis_server *server, const char *format, ...)
{
    char *text = NULL;
    va_list values;
    int fd = connect_to(server);

    va_start(values, format);
    int told_bytes = vasprintf(&text, format, values);
    va_end(values);
    assert(told_bytes >= 0);
    if (fd < 0 || send(fd, text, (size_t)told_bytes, MSG_NOSIGNAL) != told_bytes ||
        send(fd, "\r\n", 2, MSG_NOSIGNAL) != 2) {
        private_give_up(&server->own, "cannot be reached");
    }
    free(text);
    size_t len = receive(server, fd);
    close(fd);

    server->said[len - 2] = '\0';
    if (server->said[0] == '-') {
        return server->said;
    }
    if (server->said[0] != '$') {
        return server->said + 1;
    }
    return server->said[1] == '-' ? "" : strchr(server->said, '\n') + 1;
}
