#include "os/loop.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { BATCH_MAX = sizeof(((struct bq_loop *)NULL)->batch) / sizeof(struct bq_watch *) };

enum barq_status bq_loop_init(struct bq_loop *loop, struct barq_error *err)
{
    int fd = epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0) {
        return bq_fail_errno(err, "loop: no epoll");
    }
    *loop = (struct bq_loop){.fd = fd};
    return BARQ_OK;
}

void bq_loop_clear(struct bq_loop *loop)
{
    /* A loop that is all zero was never made: 0 is not its descriptor. */
    if (loop && loop->fd > 0) {
        close(loop->fd);
        *loop = (struct bq_loop){.fd = -1};
    }
}

static int control(struct bq_loop *loop, int operation, struct bq_watch *watch, int fd,
                   uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};

    return epoll_ctl(loop->fd, operation, fd, &event);
}

enum barq_status bq_loop_add(struct bq_loop *loop, struct bq_watch *watch, int fd, uint32_t events,
                             struct barq_error *err)
{
    assert(watch->ready);
    if (control(loop, EPOLL_CTL_ADD, watch, fd, events) != 0) {
        return bq_fail_errno(err, "loop: watch a descriptor");
    }
    watch->fd = fd;
    watch->events = events;
    return BARQ_OK;
}

void bq_loop_change(struct bq_loop *loop, struct bq_watch *watch, uint32_t events)
{
    if (watch->events == events) {
        return;
    }
    int failed = control(loop, EPOLL_CTL_MOD, watch, watch->fd, events);
    assert(!failed);
    watch->events = events;
}

void bq_loop_remove(struct bq_loop *loop, struct bq_watch *watch)
{
    if (!watch || !watch->ready || watch->fd < 0) {
        return;
    }

    /* Fails only when the descriptor is closed already, and then it is out, too. */
    control(loop, EPOLL_CTL_DEL, watch, watch->fd, 0);
    watch->fd = -1;
    for (int i = 0; i < loop->batch_len; i++) {
        if (loop->batch[i] == watch) {
            loop->batch[i] = NULL;
        }
    }
}

/* A callback before may have removed the watch, or asked for other events than those that came. */
static void call(struct bq_watch *watch, uint32_t came)
{
    uint32_t events = watch ? came & (watch->events | EPOLLERR | EPOLLHUP) : 0;

    if (events) {
        watch->ready(watch, events);
    }
}

void bq_loop_wait(struct bq_loop *loop, int64_t timeout_ms)
{
    struct epoll_event events[BATCH_MAX];
    int timeout = timeout_ms < 0 ? -1 : timeout_ms > INT_MAX ? INT_MAX : (int)timeout_ms;

    int count = epoll_wait(loop->fd, events, BATCH_MAX, timeout);
    assert(count >= 0 || errno == EINTR);
    for (int i = 0; i < count; i++) {
        loop->batch[i] = events[i].data.ptr;
    }

    loop->batch_len = count > 0 ? count : 0;
    for (int i = 0; i < loop->batch_len; i++) {
        call(loop->batch[i], events[i].events);
    }
    loop->batch_len = 0;
}
