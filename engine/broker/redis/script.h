/*
 * script.h - the scripts: what happens in Redis, each at once. They are the
 * files in lua/, joined when barq is built (tools/bundle-lua), and sent by
 * their hash; a server that does not know one is sent its text.
 */
#ifndef BQ_BROKER_REDIS_SCRIPT_H
#define BQ_BROKER_REDIS_SCRIPT_H

#include "base/buf.h"
#include "redis/redis.h"

enum bq_script {
    BQ_SCRIPT_ENQUEUE,
    BQ_SCRIPT_EXCHANGE,
    BQ_SCRIPT_JOIN,
    BQ_SCRIPT_CHANGE,
    BQ_SCRIPT_LOOK
};

/* A row of the table that tools/bundle-lua makes, in the order above. */
struct bq_script_text {
    const char *name;
    const char *sha1; /* 40 hex digits */
    const char *text;
};
extern const struct bq_script_text bq_scripts[];

/* A script's call. */
struct bq_script_call {
    enum bq_script script;
    const struct bq_buf *request;
    const struct bq_buf *plain; /* the second argument; NULL: none */
    bool with_text;             /* the server did not know its hash */
};
enum barq_status bq_script_send(struct bq_redis *redis, const struct bq_script_call *call,
                                struct barq_error *err) BARQ_MUST_CHECK;
/* Does the server not know it? Then nothing has happened, and it is to be sent with its text. */
bool bq_script_is_unknown(const struct bq_redis_reply *reply);

/*
 * What an error that the server answered means. `doing`: "enqueue".
 *
 * BARQ_ERR_FULL    its memory is at its limit: nothing has happened
 * BARQ_ERR_CONN    it is a replica, or is loading: nothing has happened
 * BARQ_ERR_DENIED  its user may not
 * BARQ_ERR_CORRUPT a key of barq's is something else
 * BARQ_ERR_IO      all others
 */
enum barq_status bq_script_fail(const struct bq_redis_reply *reply, const char *doing,
                                struct barq_error *err);
/* Is it one of those of which nothing has happened? Of all others some of it may have. */
bool bq_script_was_refused(enum barq_status status);

/* Items of an array; what is missing, or of another kind, is empty. */
const struct bq_redis_reply *bq_reply_item(const struct bq_redis_reply *reply, size_t i);
/* NULL when it is nil. */
const char *bq_reply_words(const struct bq_redis_reply *reply, size_t i);
/* Also of digits; 0 when it is neither. */
int64_t bq_reply_number(const struct bq_redis_reply *reply, size_t i);

#endif
