/*
 * redis.h - a redis-server of the test's own, in a temporary folder, which
 * dies with the test. Its wall clock can be moved.
 *
 *     struct redis_server redis = {.tcp = true};
 *     redis_start(&redis);
 *     ... bq_broker_open(redis.url, ...) ...
 *     redis_kill(&redis);
 *     redis_start(&redis);    again, on the same place
 *     redis_remove(&redis);
 *
 * Nothing is written to disk unless `args` say so. What cannot be started ends
 * the test program, and says why. Run as root, the server is nobody's.
 */
#ifndef TESTS_REDIS_H
#define TESTS_REDIS_H

#include "support/private.h"

enum { REDIS_URL_BYTES = PRIVATE_PATH_BYTES + 8, REDIS_SAID_BYTES = 4096 };

struct redis_server {
    bool tcp;                /* on a port of 127.0.0.1, too */
    const char *const *args; /* more arguments, with a NULL at the end, or NULL; borrowed */

    /* The rest is filled in. */
    struct private_server own;
    int port;                        /* 0 without .tcp */
    char socket[PRIVATE_PATH_BYTES]; /* its path */
    char url[REDIS_URL_BYTES];       /* "unix:///tmp/.../socket" */
    char tcp_url[REDIS_URL_BYTES];   /* "redis://127.0.0.1:PORT", "" without .tcp */
    char said[REDIS_SAID_BYTES];
};

/* Returns when it answers. After redis_stop() or redis_kill() it has its place and its clock again. */
void redis_start(struct redis_server *server);
/* In peace: it saves what its arguments want saved. */
void redis_stop(struct redis_server *server);
/* SIGKILL. */
void redis_kill(struct redis_server *server);
/* Stops it if it runs, and removes all that it had. */
void redis_remove(struct redis_server *server);

/* From now on its wall clock is so far ahead of the machine's; behind, when negative. */
void redis_set_clock(struct redis_server *server, int64_t ahead_ms);
void redis_advance(struct redis_server *server, int64_t ms);

/*
 * Runs one command, as it would be typed: `SET key "a \x00 b"`, printf-style.
 * Its answer is one value, without what it is marked with: "OK", "3", "a", ""
 * for nil; an error keeps its minus: "-ERR ...". It lives until the next one.
 */
const char *redis_say(struct redis_server *server, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
