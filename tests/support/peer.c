#include "support/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { REQUEST_MAX = 16384, DEADLINE_MS = 10000 };

struct peer {
    const char *answer;
    size_t answer_len;
    enum peer_end end;
    int listen_fd;
    int stop_fd;  /* readable when the thread shall end */
    int heard_fd; /* readable when a request was read */
    pthread_t thread;
    char url[64];

    pthread_mutex_t lock; /* over the rest */
    char heard[REQUEST_MAX];
    int connections;
};

/* False when the peer shall stop. */
static bool wait_for(const struct peer *peer, int fd)
{
    struct pollfd look[] = {{.fd = peer->stop_fd, .events = POLLIN}, {.fd = fd, .events = POLLIN}};

    while (poll(look, 2, -1) < 0) {
        assert_int_equal(errno, EINTR);
    }
    return look[0].revents == 0;
}

/* Headers and as much of a body as they announce. */
static bool is_whole(const char *request)
{
    const char *end = strstr(request, "\r\n\r\n");
    const char *length = strcasestr(request, "\r\nContent-Length: ");

    if (!end) {
        return false;
    }
    return !length || length > end || strlen(end + 4) >= strtoul(length + 18, NULL, 10);
}

/* False when the client has gone or the peer shall stop. */
static bool hear(struct peer *peer, int fd, char *request)
{
    size_t len = 0;

    request[0] = '\0';
    while (!is_whole(request)) {
        if (!wait_for(peer, fd)) {
            return false;
        }
        ssize_t got = recv(fd, request + len, REQUEST_MAX - 1 - len, 0);
        if (got <= 0) {
            return false;
        }
        len += (size_t)got;
        request[len] = '\0';
    }
    return true;
}

static void say(const struct peer *peer, int fd)
{
    for (size_t sent = 0; sent < peer->answer_len;) {
        ssize_t put = send(fd, peer->answer + sent, peer->answer_len - sent, MSG_NOSIGNAL);
        if (put <= 0) {
            return;
        }
        sent += (size_t)put;
    }
}

static void serve(struct peer *peer, int fd)
{
    char request[REQUEST_MAX];
    uint64_t one = 1;

    do {
        if (!hear(peer, fd, request)) {
            return;
        }
        pthread_mutex_lock(&peer->lock);
        memcpy(peer->heard, request, sizeof(request));
        pthread_mutex_unlock(&peer->lock);
        assert_int_equal(write(peer->heard_fd, &one, sizeof(one)), sizeof(one));
        say(peer, fd);
    } while (peer->end == PEER_STAYS);

    if (peer->end == PEER_HOLDS) {
        wait_for(peer, fd);
    }
}

static void *run(void *arg)
{
    struct peer *peer = arg;

    while (wait_for(peer, peer->listen_fd)) {
        int fd = accept4(peer->listen_fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0) {
            continue;
        }
        pthread_mutex_lock(&peer->lock);
        peer->connections++;
        pthread_mutex_unlock(&peer->lock);
        serve(peer, fd);
        close(fd);
    }
    return NULL;
}

struct peer *peer_start(const void *answer, size_t len, enum peer_end end)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t address_len = sizeof(address);
    struct peer *peer = calloc(1, sizeof(*peer));

    assert_non_null(peer);
    peer->answer = answer;
    peer->answer_len = len;
    peer->end = end;
    pthread_mutex_init(&peer->lock, NULL);
    peer->stop_fd = eventfd(0, EFD_CLOEXEC);
    peer->heard_fd = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
    peer->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(peer->listen_fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(peer->listen_fd, 16), 0);
    assert_int_equal(getsockname(peer->listen_fd, (struct sockaddr *)&address, &address_len), 0);
    snprintf(peer->url, sizeof(peer->url), "http://127.0.0.1:%d", ntohs(address.sin_port));
    assert_int_equal(pthread_create(&peer->thread, NULL, run, peer), 0);
    return peer;
}

void peer_stop(struct peer *peer)
{
    uint64_t one = 1;

    assert_int_equal(write(peer->stop_fd, &one, sizeof(one)), sizeof(one));
    pthread_join(peer->thread, NULL);
    close(peer->listen_fd);
    close(peer->stop_fd);
    close(peer->heard_fd);
    pthread_mutex_destroy(&peer->lock);
    free(peer);
}

const char *peer_url(const struct peer *peer)
{
    return peer->url;
}

const char *peer_heard(struct peer *peer)
{
    struct pollfd look = {.fd = peer->heard_fd, .events = POLLIN};
    uint64_t one = 0;

    assert_int_equal(poll(&look, 1, DEADLINE_MS), 1);
    assert_int_equal(read(peer->heard_fd, &one, sizeof(one)), sizeof(one));
    pthread_mutex_lock(&peer->lock);
    pthread_mutex_unlock(&peer->lock);
    return peer->heard;
}

int peer_connections(struct peer *peer)
{
    pthread_mutex_lock(&peer->lock);
    int connections = peer->connections;
    pthread_mutex_unlock(&peer->lock);
    return connections;
}
