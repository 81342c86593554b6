#include "world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct world world;
struct barq_error err;

void world_ring(int fd)
{
    uint64_t one = 1;

    assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
}

void world_take(int fd)
{
    struct pollfd look = {.fd = fd, .events = POLLIN};
    uint64_t one = 0;

    assert_int_equal(poll(&look, 1, DEADLINE_MS), 1);
    assert_int_equal(read(fd, &one, sizeof(one)), sizeof(one));
}

static void stop_loop(struct bq_watch *watch, uint32_t events)
{
    (void)watch;
    (void)events;
    world.stopped = true;
}

static void *run_loop(void *arg)
{
    struct world *own = arg;

    while (!own->stopped) {
        bq_loop_wait(&own->loop, bq_http_server_turn(own->server));
    }
    bq_http_server_close(own->server);
    return NULL;
}

void world_start(struct bq_http_server_options options)
{
    options.context = &world;
    assert_int_equal(bq_http_server_open(&world.loop, &options, &world.server, &err), BARQ_OK);
    world.port = bq_http_server_port(world.server);
    snprintf(world.url, sizeof(world.url), "http://127.0.0.1:%d", world.port);
    world.stopped = false;
    assert_int_equal(pthread_create(&world.thread, NULL, run_loop, &world), 0);
    world.running = true;
}

void world_join(void)
{
    pthread_join(world.thread, NULL);
    world_take(world.stop_fd);
    world.running = false;
}

int world_stop(void **state)
{
    (void)state;
    if (world.running) {
        world_ring(world.stop_fd);
        world_join();
    }
    return 0;
}

int world_make(void **state)
{
    (void)state;
    unsetenv("http_proxy");
    world.stop_fd = eventfd(0, EFD_CLOEXEC);
    world.gate_fd = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
    world.entered_fd = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
    world.stop_watch.ready = stop_loop;
    assert_int_equal(bq_loop_init(&world.loop, &err), BARQ_OK);
    return (int)bq_loop_add(&world.loop, &world.stop_watch, world.stop_fd, EPOLLIN, &err);
}

int world_clear(void **state)
{
    (void)state;
    bq_loop_clear(&world.loop);
    close(world.stop_fd);
    close(world.gate_fd);
    close(world.entered_fd);
    return 0;
}

/* -- clients -- */

const char *world_url(const char *path)
{
    static char url[256];

    snprintf(url, sizeof(url), "%s%s", world.url, path);
    return url;
}

int world_connect(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)world.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

void world_say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

const char *world_hear(int fd, const char *enough)
{
    static char text[65536];
    struct pollfd look = {.fd = fd, .events = POLLIN};
    size_t len = 0;

    text[0] = '\0';
    while (!strstr(text, enough)) {
        assert_int_equal(poll(&look, 1, DEADLINE_MS), 1);
        ssize_t got = recv(fd, text + len, sizeof(text) - 1 - len, 0);
        if (got <= 0) {
            break;
        }
        len += (size_t)got;
        text[len] = '\0';
    }
    return text;
}
