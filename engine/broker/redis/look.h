/*
 * look.h - a question for look.lua.
 */
#ifndef BQ_BROKER_REDIS_LOOK_H
#define BQ_BROKER_REDIS_LOOK_H

#include "broker/redis/broker.h"

/* Begins it; `pairs` more are to follow. */
void bq_redis_look_begin(struct bq_buf *request, struct bq_broker *broker, const char *what,
                         size_t pairs);
/* The answer is the connection's until it is used again. */
enum barq_status bq_redis_look_ask(struct bq_broker *broker, const struct bq_buf *request,
                                   const char *what, int64_t until_ms,
                                   const struct bq_redis_reply **reply, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
