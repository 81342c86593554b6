/*
 * reply.h - bytes from a server, made into replies.
 *
 * hiredis finds where things begin and end. Replies live in an arena, and
 * what hiredis 0.14 believes is checked here: how many elements, how long a
 * text, how long a line. An error is a reason only, to which attempt.c adds
 * the place.
 */
#ifndef BQ_REDIS_REPLY_H
#define BQ_REDIS_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "redis/redis.h"

struct bq_redis_reader;

/* `max_bytes` of one reply: as it comes, and about as much as it is kept. */
enum barq_status bq_redis_reader_new(size_t max_bytes, struct bq_redis_reader **out,
                                     struct barq_error *err) BARQ_MUST_CHECK;
void bq_redis_reader_free(struct bq_redis_reader *reader); /* takes NULL */
/* For another connection: what came before is forgotten. */
void bq_redis_reader_reset(struct bq_redis_reader *reader);

/* Where the next bytes go, and how many; 0: take replies first. Then tell how many went there. */
char *bq_redis_reader_room(struct bq_redis_reader *reader, size_t *room);
void bq_redis_reader_filled(struct bq_redis_reader *reader, size_t len);

/* Nothing has come of a further reply. */
bool bq_redis_reader_is_empty(const struct bq_redis_reader *reader);
/*
 * The next reply, or NULL in `*out` when more bytes are needed. It lives until the next call.
 *
 * BARQ_ERR_FORMAT  no server of ours says this: it will not go on
 * BARQ_ERR_LIMIT   larger than allowed: nor this
 */
enum barq_status bq_redis_reader_next(struct bq_redis_reader *reader,
                                      const struct bq_redis_reply **out, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
