/*
 * greet.h - what is said first on a new connection, and what the answers mean.
 *
 * An error is a reason only, to which attempt.c adds the place.
 */
#ifndef BQ_REDIS_GREET_H
#define BQ_REDIS_GREET_H

#include <stdbool.h>

#include "base/buf.h"
#include "redis/address.h"
#include "redis/redis.h"

enum { BQ_REDIS_QUESTIONS_MAX = 6, BQ_REDIS_NAME_MAX_BYTES = 256 };

enum bq_redis_question {
    BQ_REDIS_ASK_AUTH,
    BQ_REDIS_ASK_SELECT,
    BQ_REDIS_ASK_SETNAME,
    BQ_REDIS_ASK_ROLE,   /* is it a master? */
    BQ_REDIS_ASK_PING,   /* is it well? */
    BQ_REDIS_ASK_MASTER, /* a Sentinel: where is the master? */
};

struct bq_redis_greeting {
    const struct bq_redis_address *address; /* borrowed */
    enum bq_redis_question questions[BQ_REDIS_QUESTIONS_MAX];
    int count;
    int answered;
    bool is_bare; /* without a password */
    char master_name[BQ_REDIS_NAME_MAX_BYTES];
    struct bq_redis_host master; /* as a Sentinel told */
};

/* All questions at once, into `out`. False: out of memory. */
bool bq_redis_greet_server(struct bq_redis_greeting *greeting,
                           const struct bq_redis_address *address, struct bq_buf *out);
bool bq_redis_greet_sentinel(struct bq_redis_greeting *greeting,
                             const struct bq_redis_address *address, struct bq_buf *out);

/* The answer to the next question. */
enum barq_status bq_redis_greeting_take(struct bq_redis_greeting *greeting,
                                        const struct bq_redis_reply *reply, struct barq_error *err)
    BARQ_MUST_CHECK;
bool bq_redis_greeting_is_over(const struct bq_redis_greeting *greeting);

#endif
