/*
 * drive.h - a connection, driven by a test that waits for it, with a deadline.
 */
#ifndef TESTS_REDIS_DRIVE_H
#define TESTS_REDIS_DRIVE_H

#include "redis/redis.h"

/* printf-style; the test fails when the address is refused. Close it. */
struct bq_redis *drive_open(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Waits for it to be ready; to be away, or away with an error that has `says` in it. */
void drive_until_ready(struct bq_redis *redis);
void drive_until_away(struct bq_redis *redis);
void drive_until_error(struct bq_redis *redis, const char *says);
/* The same, where the error's status is another than BARQ_ERR_CONN. */
void drive_until_status(struct bq_redis *redis, const char *says, enum barq_status status);
/* A command of words between blanks; is not waited for. */
void drive_send(struct bq_redis *redis, const char *command);
/* The next reply; the test fails when the connection breaks. */
const struct bq_redis_reply *drive_next(struct bq_redis *redis);
/* Both. */
const struct bq_redis_reply *drive_ask(struct bq_redis *redis, const char *command);

#endif
