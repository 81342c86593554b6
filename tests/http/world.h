/*
 * world.h - a server whose loop runs on a thread of its own, and clients that speak to it byte for byte.
 */
#ifndef TESTS_HTTP_WORLD_H
#define TESTS_HTTP_WORLD_H

#include <pthread.h>
#include <stdbool.h>

#include "http/server.h"

enum { DEADLINE_MS = 10000 };

struct world {
    struct bq_loop loop;
    struct bq_http_server *server;
    pthread_t thread;
    int stop_fd;
    int gate_fd;    /* for handlers that wait: they take one from it */
    int entered_fd; /* ... and put one here before */
    struct bq_watch stop_watch;
    bool stopped; /* the loop's own */
    bool running;
    char url[64];
    int port;
};

extern struct world world;
extern struct barq_error err;

/* For the group. */
int world_make(void **state);
int world_clear(void **state);
/* The handler's context is `world`. */
void world_start(struct bq_http_server_options options);
/* After each test, also one that failed. */
int world_stop(void **state);
/* Waits for the end of a loop that was told to stop by `stop_fd`. */
void world_join(void);

/* Adds one to an eventfd; waits for one and takes it. */
void world_ring(int fd);
void world_take(int fd);

/* The server's URL and `path`; until the next call. */
const char *world_url(const char *path);
int world_connect(void);
void world_say(int fd, const char *text);
/* Reads until `enough` is there or the server has closed; what was read, until the next call. */
const char *world_hear(int fd, const char *enough);

#endif
