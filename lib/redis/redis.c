#include "redis/redis.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>

#include "base/time.h"
#include "redis/command.h"
#include "redis/connection.h"

enum {
    REPLY_MAX_BYTES = 64 * 1024 * 1024,
    ADDRESS_ARENA_BYTES = 64 * 1024, /* an address has 2 KiB at most */
    WAIT_MAX_MS = 60 * 60 * 1000,
};

/* -- open and close -- */

static enum barq_status read_address(struct bq_redis *redis, const struct bq_dsn *dsn,
                                     const struct bq_redis_options *options, struct barq_error *err)
{
    struct bq_redis_address *address = &redis->address;
    enum barq_status status = bq_redis_address_read(&redis->arena, dsn, address, err);
    if (status != BARQ_OK) {
        return status;
    }

    if (options && options->client_name && *address->client_name == '\0') {
        address->client_name = bq_arena_strdup(&redis->arena, options->client_name);
    }
    return address->client_name ? BARQ_OK : bq_fail(err, BARQ_ERR_NOMEM, "redis: out of memory");
}

static enum barq_status open_epoll(struct bq_redis *redis, struct barq_error *err)
{
    struct epoll_event readable = {.events = EPOLLIN};

    redis->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    redis->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (redis->epoll_fd < 0 || redis->timer_fd < 0 ||
        epoll_ctl(redis->epoll_fd, EPOLL_CTL_ADD, redis->timer_fd, &readable) < 0) {
        return bq_fail_errno(err, "redis: cannot wait for a server");
    }
    return BARQ_OK;
}

static enum barq_status set_up(struct bq_redis *redis, const struct bq_dsn *dsn,
                               const struct bq_redis_options *options, struct barq_error *err)
{
    size_t reply_max_bytes = options ? options->reply_max_bytes : 0;
    enum barq_status status = read_address(redis, dsn, options, err);
    status = status == BARQ_OK ? open_epoll(redis, err) : status;
    status = status == BARQ_OK
                 ? bq_redis_reader_new(reply_max_bytes ? reply_max_bytes : REPLY_MAX_BYTES,
                                       &redis->reader, err)
                 : status;
    if (status != BARQ_OK) {
        return status;
    }

    (void)bq_fail(&redis->error, BARQ_ERR_CONN, "redis: %.200s: not connected yet",
                  redis->address.shown);
    redis->at_ms = bq_mono_ms(); /* it is time for the first attempt */
    bq_redis_watch(redis);
    return BARQ_OK;
}

enum barq_status bq_redis_open(const struct bq_dsn *dsn, const struct bq_redis_options *options,
                               struct bq_redis **out, struct barq_error *err)
{
    bq_auto(redis) struct bq_redis *redis = calloc(1, sizeof(*redis));
    if (!redis) {
        return bq_fail(err, BARQ_ERR_NOMEM, "redis: out of memory");
    }

    bq_arena_init(&redis->arena, ADDRESS_ARENA_BYTES);
    bq_buf_init(&redis->out, BQ_REDIS_OUT_MAX_BYTES);
    bq_redis_transport_init(&redis->transport);
    redis->epoll_fd = -1;
    redis->timer_fd = -1;
    redis->watched_fd = -1;
    enum barq_status status = set_up(redis, dsn, options, err);
    if (status != BARQ_OK) {
        return status;
    }
    *out = bq_take(redis);
    return BARQ_OK;
}

void bq_redis_close(struct bq_redis *redis)
{
    if (!redis) {
        return;
    }
    bq_redis_hang_up(redis);
    bq_redis_resolve_clear(&redis->resolver);
    bq_redis_trust_free(redis->trust);
    bq_redis_reader_free(redis->reader);
    bq_fd_drop(&redis->timer_fd);
    bq_fd_drop(&redis->epoll_fd);
    bq_arena_clear(&redis->arena);
    free(redis);
}

void bq_redis_drop(struct bq_redis **redis)
{
    bq_redis_close(*redis);
}

/* -- what it is -- */

const char *bq_redis_option(const struct bq_redis *redis, const char *name)
{
    return bq_redis_address_setting(&redis->address, name);
}

int bq_redis_db(const struct bq_redis *redis)
{
    return redis->address.db;
}

const char *bq_redis_address(const struct bq_redis *redis)
{
    return redis->address.shown;
}

enum bq_redis_state bq_redis_state(const struct bq_redis *redis)
{
    switch (redis->phase) {
    case BQ_REDIS_RESTING:
        return BQ_REDIS_AWAY;
    case BQ_REDIS_TALKING:
        return BQ_REDIS_READY;
    case BQ_REDIS_RESOLVING:
    case BQ_REDIS_CONNECTING:
    case BQ_REDIS_SECURING:
    case BQ_REDIS_GREETING:
    case BQ_REDIS_PHASES:
        break;
    }
    return BQ_REDIS_COMING;
}

const struct barq_error *bq_redis_error(const struct bq_redis *redis)
{
    return &redis->error;
}

uint64_t bq_redis_era(const struct bq_redis *redis)
{
    return redis->era;
}

size_t bq_redis_pending(const struct bq_redis *redis)
{
    return redis->pending;
}

/* -- work and wait -- */

enum bq_redis_state bq_redis_work(struct bq_redis *redis)
{
    bq_redis_attempt(redis);
    bq_redis_watch(redis);
    return bq_redis_state(redis);
}

int bq_redis_fd(const struct bq_redis *redis)
{
    return redis->epoll_fd;
}

bool bq_redis_wait(const struct bq_redis *redis, int64_t until_ms)
{
    for (;;) {
        struct pollfd look = {.fd = redis->epoll_fd, .events = POLLIN};
        int64_t left_ms = until_ms - bq_mono_ms();
        int64_t wait_ms = left_ms < WAIT_MAX_MS ? left_ms : WAIT_MAX_MS;
        int ready = poll(&look, 1, wait_ms > 0 ? (int)wait_ms : 0);

        if (ready > 0) {
            return true;
        }
        if (left_ms <= 0) {
            return false;
        }
        assert(ready == 0 || errno == EINTR);
    }
}

void bq_redis_break(struct bq_redis *redis, const char *why)
{
    struct barq_error reason;

    if (redis->phase == BQ_REDIS_RESTING) {
        return;
    }
    (void)bq_fail(&reason, BARQ_ERR_CONN, "%s", why);
    bq_redis_retire(redis, &reason);
    bq_redis_watch(redis);
}

/* -- commands and replies -- */

enum barq_status bq_redis_send(struct bq_redis *redis, const struct bq_redis_word *words,
                               size_t count, struct barq_error *err)
{
    assert(count > 0);
    if (redis->phase != BQ_REDIS_TALKING) {
        return bq_fail(err, BARQ_ERR_CONN, "%s", redis->error.text);
    }

    /* What was sent goes from the front when that is the larger part: then a byte moves once or so. */
    if (redis->out_at > redis->out.len / 2) {
        bq_buf_consume(&redis->out, redis->out_at);
        redis->out_at = 0;
    }
    if (!bq_redis_command_put(&redis->out, words, count)) {
        return bq_fail(err, redis->out.starved ? BARQ_ERR_NOMEM : BARQ_ERR_LIMIT,
                       "redis: %.200s: too much waits to be sent", redis->address.shown);
    }
    redis->pending++;
    return BARQ_OK;
}

/* Reads more, if there is any; the connection is gone when it says false, or there is nothing. */
static bool read_more(struct bq_redis *redis, struct barq_error *err)
{
    size_t len = 0;

    if (bq_redis_fill(redis, &len, err) != BARQ_OK) {
        bq_redis_retire(redis, err);
        return false;
    }
    if (len == 0 && redis->has_ended) {
        (void)bq_fail(err, BARQ_ERR_CONN, "the server has closed the connection");
        bq_redis_retire(redis, err);
    }
    return len > 0;
}

const struct bq_redis_reply *bq_redis_next(struct bq_redis *redis)
{
    const struct bq_redis_reply *reply = NULL;
    struct barq_error reason;

    if (redis->phase != BQ_REDIS_TALKING) {
        return NULL;
    }
    do {
        if (bq_redis_reader_next(redis->reader, &reply, &reason) != BARQ_OK) {
            bq_redis_retire(redis, &reason);
            break;
        }
    } while (!reply && read_more(redis, &reason));

    if (!reply) {
        bq_redis_watch(redis);
    } else if (redis->pending > 0) {
        redis->pending--;
    }
    return reply;
}
