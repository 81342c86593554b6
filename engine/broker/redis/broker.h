/*
 * broker.h - a handle on queues in Redis: a client's connection, and, after
 * join(), a worker's two more: one for its exchanges, one that listens.
 *
 * docs/formats/redis-queue.md has the keys.
 */
#ifndef BQ_BROKER_REDIS_BROKER_H
#define BQ_BROKER_REDIS_BROKER_H

#include "broker/broker.h"
#include "broker/place.h"
#include "broker/redis/pack.h"
#include "broker/redis/script.h"

enum {
    REDIS_REPLY_MAX_BYTES = 512 * 1024 * 1024,
    REDIS_CLIENT_MAX_BYTES = 256 * 1024 * 1024, /* of one request */
};

/* How a job is, as a script tells it: the fields of lua/common.lua, in their order. The first are its row. */
enum redis_field {
    FIELD_SEQ,
    FIELD_QUEUE,
    FIELD_ENQUEUED_AT,
    FIELD_FUNCTION,
    FIELD_EXPIRES_AT,
    FIELD_PRIORITY,
    FIELD_KEY,
    FIELD_FINISHED_AT,
    FIELD_BEFORE,
    FIELD_UNCERTAIN,
    FIELD_ALONE,
    FIELD_TRIES,
    FIELD_LOSSES,
    FIELD_CRASHES,
    FIELD_REFUSAL,
    FIELD_WAITS,
    FIELD_AFTER_FAILED,
    FIELD_FAILED,
    FIELD_HELD,
    FIELDS
};

struct redis_worker;

struct redis_broker {
    struct bq_broker base;
    char *url;                   /* owned */
    struct bq_redis *redis;      /* owned; of the client half */
    struct bq_redis *done;       /* owned; tells of ends; NULL until somebody waits */
    uint64_t done_era;           /* of `done`, when it was last told to listen */
    struct redis_worker *worker; /* owned; after join() */
};

static inline struct redis_broker *bq_redis_broker_of(struct bq_broker *broker)
{
    return (struct redis_broker *)broker;
}

/* A connection of its own to the broker's address. */
enum barq_status bq_redis_connect(const char *url, struct bq_redis **out, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Is it no key of arq's or barq's own? A queue's name is its key. BARQ_ERR_ARG */
enum barq_status bq_redis_check_queue(const char *queue, struct barq_error *err) BARQ_MUST_CHECK;
/* When `timeout_ms` from now is over, by bq_mono_ms(). */
int64_t bq_redis_until(int64_t timeout_ms);

/*
 * call.c: one call of a script by the client half, at most until `until_ms`. The reply lives until the
 * next call. `doing` is for the error: "enqueue".
 *
 * BARQ_ERR_CONN  there is no connection, or it broke before the answer: it may have happened
 */
struct bq_redis_ask {
    enum bq_script script;
    const char *doing;
    int64_t until_ms;
    const struct bq_buf *plain; /* the script's second argument; NULL: none */
    bool only_asks; /* once more does no harm, when the connection broke before the answer */
};
enum barq_status bq_redis_ask(struct bq_redis *redis, const struct bq_redis_ask *ask,
                              const struct bq_buf *request, const struct bq_redis_reply **reply,
                              struct barq_error *err) BARQ_MUST_CHECK;
/* The same for a plain command of one or two words, e.g. "INFO", "server". */
enum barq_status bq_redis_tell(struct bq_redis *redis, const char *const *words, size_t count,
                               int64_t until_ms, const struct bq_redis_reply **reply,
                               struct barq_error *err) BARQ_MUST_CHECK;
/* Begins a request: a map that has the database, and `pairs` more. */
void bq_redis_begin_request(struct bq_buf *request, const struct bq_redis *redis, size_t pairs);

/* events.c: if the address says keyspace_events=on. BARQ_ERR_DENIED: the server lets nobody */
enum barq_status bq_redis_turn_events_on(struct bq_redis *redis, int64_t until_ms,
                                         struct barq_error *err) BARQ_MUST_CHECK;

/* The same without blocking, for a server that came later or was started anew: asks, if the address says so; the next
 * reply is the answer, after which they are on, or the connection has broken (false). */
bool bq_redis_ask_events(struct bq_redis *redis);
bool bq_redis_answer_events(struct bq_redis *redis, const struct bq_redis_reply *reply);

/* found.c: a job as look.lua tells it. NOMEM when the arena is full. */
enum barq_status bq_redis_read_found(const struct bq_redis_reply *reply, struct barq_arena *arena,
                                     struct bq_found *out, struct barq_error *err) BARQ_MUST_CHECK;
/* A job's fields into `job`, whose strings are then the reply's. */
void bq_redis_read_job(const struct bq_redis_reply *fields, struct bq_job *job);

/* worker.c: the worker half */
enum barq_status bq_redis_join(struct bq_broker *handle, const struct bq_worker_lease *lease,
                               int64_t timeout_ms, struct barq_error *err);
int bq_redis_worker_fd(struct bq_broker *broker);
void bq_redis_begin(struct bq_broker *broker, struct bq_exchange *exchange);
struct bq_exchange *bq_redis_end(struct bq_broker *broker);
bool bq_redis_woken(struct bq_broker *broker);
void bq_redis_worker_free(struct redis_worker *worker); /* takes NULL */

/* enqueue.c, look.c, change.c, workers.c, weak.c: the client half, for redis.c's table */
enum barq_status bq_redis_enqueue(struct bq_broker *broker, struct bq_enqueue *jobs, size_t count,
                                  int64_t timeout_ms, struct barq_error *err);
enum barq_status bq_redis_abort(struct bq_broker *broker, const char *id, int64_t timeout_ms,
                                struct barq_error *err);
enum barq_status bq_redis_pause(struct bq_broker *broker, const char *queue, bool paused,
                                int64_t timeout_ms, struct barq_error *err);
enum barq_status bq_redis_revive(struct bq_broker *broker, const struct bq_job *job,
                                 int64_t timeout_ms, struct barq_error *err);
enum barq_status bq_redis_remove(struct bq_broker *broker, const char *id, int64_t timeout_ms,
                                 struct barq_error *err);
enum barq_status bq_redis_find(struct bq_broker *broker, const char *id, struct barq_arena *arena,
                               struct bq_found *out, int64_t timeout_ms, struct barq_error *err);
enum barq_status bq_redis_list(struct bq_broker *broker, const struct barq_list_filter *filter,
                               const char *cursor, size_t limit, struct barq_arena *arena,
                               struct bq_found **out, size_t *count, const char **next,
                               int64_t timeout_ms, struct barq_error *err);
enum barq_status bq_redis_stats(struct bq_broker *broker, struct barq_arena *arena,
                                struct barq_queue_stats **out, size_t *count, int64_t timeout_ms,
                                struct barq_error *err);
enum barq_status bq_redis_limits(struct bq_broker *broker, const char *queue,
                                 struct barq_arena *arena, struct barq_limit_info **out,
                                 size_t *count, int64_t timeout_ms, struct barq_error *err);
enum barq_status bq_redis_workers(struct bq_broker *broker, struct barq_arena *arena,
                                  struct bq_worker_seen **out, size_t *count, int64_t timeout_ms,
                                  struct barq_error *err);
enum barq_status bq_redis_crons(struct bq_broker *broker, struct barq_arena *arena,
                                struct barq_cron_info **out, size_t *count, int64_t timeout_ms,
                                struct barq_error *err);
enum barq_status bq_redis_weaknesses(struct bq_broker *broker, struct barq_arena *arena,
                                     const char *const **out, size_t *count, int64_t timeout_ms,
                                     struct barq_error *err);

#endif
