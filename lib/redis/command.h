/*
 * command.h - commands, as they go over the wire.
 */
#ifndef BQ_REDIS_COMMAND_H
#define BQ_REDIS_COMMAND_H

#include "base/buf.h"
#include "redis/redis.h"

/* All of it or nothing: false when `out` is at its limit, or the heap. */
bool bq_redis_command_put(struct bq_buf *out, const struct bq_redis_word *words, size_t count);
/* The same of C strings, up to a NULL. */
bool bq_redis_command_puts(struct bq_buf *out, const char *const *words);

#endif
