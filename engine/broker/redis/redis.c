/*
 * redis.c - the broker in Redis: its table, and the client half's connection.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "broker/redis/broker.h"

enum {
    URL_ARENA_BYTES = 4 * BQ_DSN_MAX_BYTES,
    POLL_MS =
        200, /* jobs of arq's clients are found so, where keyspace events are off; arq's is 500 */
};

static const struct bq_broker_ops redis_ops;

enum barq_status bq_redis_connect(const char *url, struct bq_redis **out, struct barq_error *err)
{
    static const struct bq_redis_options options = {.client_name = "barq",
                                                    .reply_max_bytes = REDIS_REPLY_MAX_BYTES};
    bq_auto(arena) struct barq_arena arena;
    struct bq_dsn dsn;

    bq_arena_init(&arena, URL_ARENA_BYTES);
    enum barq_status status = bq_dsn_parse(&arena, url, &dsn, err);
    return status == BARQ_OK ? bq_redis_open(&dsn, &options, out, err) : status;
}

static void redis_close(struct bq_broker *base)
{
    struct redis_broker *broker = bq_redis_broker_of(base);

    bq_redis_worker_free(broker->worker);
    bq_redis_close(broker->redis);
    bq_redis_close(broker->done);
    free(broker->url);
    free(broker);
}

static void bq_redis_broker_drop(struct redis_broker **broker)
{
    if (*broker) {
        redis_close(&(*broker)->base);
    }
}

static enum barq_status redis_open(const char *url, const struct bq_dsn *dsn,
                                   struct bq_broker **out, struct barq_error *err)
{
    bq_auto(redis_broker) struct redis_broker *broker = calloc(1, sizeof(*broker));
    (void)dsn;

    if (!broker) {
        return bq_fail(err, BARQ_ERR_NOMEM, "redis: out of memory");
    }
    broker->url = strdup(url);
    if (!broker->url) {
        return bq_fail(err, BARQ_ERR_NOMEM, "redis: out of memory");
    }
    enum barq_status status = bq_redis_connect(url, &broker->redis, err);
    if (status != BARQ_OK) {
        return status;
    }
    broker->base.ops = &redis_ops;
    *out = &bq_take(broker)->base;
    return BARQ_OK;
}

enum barq_status bq_redis_check_queue(const char *queue, struct barq_error *err)
{
    static const char *const taken[] = {
        "barq:", "arq:job:", "arq:in-progress:", "arq:retry:", "arq:result:"};

    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        if (strncmp(queue, taken[i], strlen(taken[i])) == 0) {
            return bq_fail(err, BARQ_ERR_ARG,
                           "redis: a queue cannot be named \"%s\": its name is its key, and keys "
                           "that begin with %s are others",
                           queue, taken[i]);
        }
    }
    return strcmp(queue, "arq:abort") == 0
               ? bq_fail(err, BARQ_ERR_ARG, "redis: arq:abort is the key of arq's aborts")
               : BARQ_OK;
}

/* True when it listens: what is told from now on is heard. */
static bool listen_for_ends(struct redis_broker *broker)
{
    char channel[32];

    if (broker->done_era == bq_redis_era(broker->done)) {
        return true;
    }
    (void)snprintf(channel, sizeof(channel), "barq:done:%d", bq_redis_db(broker->done));
    const struct bq_redis_word words[] = {BQ_REDIS_WORD("SUBSCRIBE"), BQ_REDIS_WORD(channel)};
    if (bq_redis_send(broker->done, words, 2, NULL) == BARQ_OK) {
        broker->done_era = bq_redis_era(broker->done);
        (void)bq_redis_work(broker->done);
    }
    return false;
}

/* Everything that was told; false: nothing was. */
static bool drain(struct bq_redis *redis)
{
    bool any = false;

    while (bq_redis_next(redis)) {
        any = true;
    }
    return any;
}

/* Between two looks by itself: a worker of arq's tells nobody, and who listens anew may have missed something. */
enum { LOOK_AGAIN_MS = 500 };

static void redis_wait_finished(struct bq_broker *base, int64_t timeout_ms)
{
    struct redis_broker *broker = bq_redis_broker_of(base);
    int64_t until_ms = bq_redis_until(timeout_ms < LOOK_AGAIN_MS ? timeout_ms : LOOK_AGAIN_MS);

    if (!broker->done && bq_redis_connect(broker->url, &broker->done, NULL) != BARQ_OK) {
        (void)poll(NULL, 0, (int)(until_ms - bq_mono_ms() > 0 ? until_ms - bq_mono_ms() : 0));
        return;
    }
    do {
        bool ready = bq_redis_work(broker->done) == BQ_REDIS_READY;

        if (ready && listen_for_ends(broker) && drain(broker->done)) {
            return;
        }
    } while (bq_redis_wait(broker->done, until_ms));
}

static const struct bq_broker_ops redis_ops = {
    .name = "redis",
    .default_queue = "arq:queue",
    .codec = &bq_codec_pickle,
    .poll_ms = POLL_MS,
    .enqueue = bq_redis_enqueue,
    .find = bq_redis_find,
    .wait_finished = redis_wait_finished,
    .abort = bq_redis_abort,
    .list = bq_redis_list,
    .stats = bq_redis_stats,
    .pause = bq_redis_pause,
    .workers = bq_redis_workers,
    .limits = bq_redis_limits,
    .weaknesses = bq_redis_weaknesses,
    .crons = bq_redis_crons,
    .revive = bq_redis_revive,
    .remove = bq_redis_remove,
    .join = bq_redis_join,
    .fd = bq_redis_worker_fd,
    .begin = bq_redis_begin,
    .end = bq_redis_end,
    .woken = bq_redis_woken,
    .close = redis_close,
};

const struct bq_broker_kind bq_broker_redis = {.scheme = "redis", .open = redis_open};
const struct bq_broker_kind bq_broker_rediss = {.scheme = "rediss", .open = redis_open};
const struct bq_broker_kind bq_broker_unix = {.scheme = "unix", .open = redis_open};
const struct bq_broker_kind bq_broker_sentinel = {.scheme = "redis+sentinel", .open = redis_open};
const struct bq_broker_kind bq_broker_sentinels = {.scheme = "rediss+sentinel", .open = redis_open};
