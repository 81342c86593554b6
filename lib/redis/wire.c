#include <assert.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "redis/connection.h"

enum { OUT_KEPT_BYTES = 1024 * 1024 };

enum barq_status bq_redis_flush(struct bq_redis *redis, struct barq_error *err)
{
    size_t sent = 0;
    enum barq_status status =
        bq_redis_transport_send(&redis->transport, redis->out.data + redis->out_at,
                                redis->out.len - redis->out_at, &sent, err);

    redis->out_at += sent;
    if (redis->out_at < redis->out.len) {
        return status;
    }
    redis->out_at = 0;
    bq_buf_reset(&redis->out);
    if (redis->out.capacity > OUT_KEPT_BYTES) {
        bq_buf_clear(&redis->out);
    }
    return status;
}

enum barq_status bq_redis_fill(struct bq_redis *redis, size_t *len, struct barq_error *err)
{
    size_t room = 0;
    char *bytes = bq_redis_reader_room(redis->reader, &room);

    *len = 0;
    if (room == 0 || redis->has_ended) {
        return BARQ_OK;
    }
    enum barq_status status =
        bq_redis_transport_receive(&redis->transport, bytes, room, len, &redis->has_ended, err);
    bq_redis_reader_filled(redis->reader, *len);
    return status;
}

/* -- waiting -- */

static void set_timer(struct bq_redis *redis)
{
    if (redis->timer_at_ms == redis->at_ms) {
        return;
    }

    struct itimerspec at = {
        .it_value = {.tv_sec = redis->at_ms / 1000, .tv_nsec = redis->at_ms % 1000 * 1000000},
    };
    int set = timerfd_settime(redis->timer_fd, TFD_TIMER_ABSTIME, &at, NULL);
    assert(set == 0);
    redis->timer_at_ms = redis->at_ms;
}

static uint32_t wanted(const struct bq_redis *redis)
{
    bool writes = redis->phase == BQ_REDIS_CONNECTING || redis->out.len > redis->out_at ||
                  bq_redis_transport_is_full(&redis->transport);

    return EPOLLIN | (writes ? EPOLLOUT : 0U);
}

static void watch_socket(struct bq_redis *redis)
{
    int fd = redis->transport.fd;
    struct epoll_event event = {.events = wanted(redis)};
    if (fd < 0 || (fd == redis->watched_fd && event.events == redis->watched)) {
        return;
    }

    int how = fd == redis->watched_fd ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(redis->epoll_fd, how, fd, &event) < 0) {
        struct barq_error reason;
        (void)bq_fail(&reason, BARQ_ERR_CONN, "no memory to watch the socket");
        bq_redis_retire(redis, &reason);
        return;
    }
    redis->watched_fd = fd;
    redis->watched = event.events;
}

void bq_redis_watch(struct bq_redis *redis)
{
    watch_socket(redis);
    set_timer(redis);
}

void bq_redis_hang_up(struct bq_redis *redis)
{
    /* Before the descriptor's number can be another socket's. */
    if (redis->watched_fd >= 0) {
        (void)epoll_ctl(redis->epoll_fd, EPOLL_CTL_DEL, redis->watched_fd, NULL);
        redis->watched_fd = -1;
    }
    bq_redis_transport_close(&redis->transport);
    bq_buf_clear(&redis->out);
    redis->out_at = 0;
    redis->has_ended = false;
    redis->pending = 0;
}
