/*
 * fake.h - the other end of a connection, in the test's own hands: one socket
 * that listens and at most one that was accepted, and no thread.
 */
#ifndef TESTS_REDIS_FAKE_H
#define TESTS_REDIS_FAKE_H

#include <stddef.h>

#include "redis/redis.h"

struct fake {
    int port;
    int listen_fd;
    int fd; /* -1: nobody is there */
};

void fake_listen(struct fake *fake);
/* Works at `redis` until it has connected. */
void fake_accept(struct fake *fake, struct bq_redis *redis);
/* Works at `redis` until it has said `text`, or something that ends in it. */
void fake_hear(struct fake *fake, struct bq_redis *redis, const char *text);
void fake_say(struct fake *fake, const char *bytes, size_t len);
void fake_hang_up(struct fake *fake);
void fake_close(struct fake *fake);

#endif
