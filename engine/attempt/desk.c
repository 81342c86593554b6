#include "attempt/desk.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"
#include "session/session.h"

static void ring(int fd)
{
    uint64_t one = 1;
    ssize_t done = write(fd, &one, sizeof(one));
    (void)done; /* it fails only when the bell is ringing already */
}

enum barq_status bq_desk_init(struct bq_desk *desk, size_t limit, struct barq_error *err)
{
    *desk = (struct bq_desk){.bell_fd = -1, .cancel_fd = -1};
    pthread_mutex_init(&desk->mutex, NULL);
    pthread_cond_init(&desk->to_thread, NULL);
    bq_buf_init(&desk->work, limit);
    bq_buf_init(&desk->out, 4 * limit);
    desk->bell_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    desk->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (desk->bell_fd < 0 || desk->cancel_fd < 0) {
        return bq_fail_errno(err, "executor: eventfd");
    }
    return BARQ_OK;
}

void bq_desk_clear(struct bq_desk *desk)
{
    bq_fd_drop(&desk->bell_fd);
    bq_fd_drop(&desk->cancel_fd);
    bq_buf_clear(&desk->work);
    bq_buf_clear(&desk->out);
    pthread_cond_destroy(&desk->to_thread);
    pthread_mutex_destroy(&desk->mutex);
}

static void forget_cancel(struct bq_desk *desk)
{
    if (atomic_exchange(&desk->cancel, BQ_CANCEL_NONE) != BQ_CANCEL_NONE) {
        uint64_t rings;
        ssize_t got = read(desk->cancel_fd, &rings, sizeof(rings));
        (void)got;
    }
}

void bq_desk_stop(struct bq_desk *desk)
{
    pthread_mutex_lock(&desk->mutex);
    desk->stop = true;
    pthread_cond_signal(&desk->to_thread);
    pthread_mutex_unlock(&desk->mutex);
}

bool bq_desk_give(struct bq_desk *desk, uint8_t type, int64_t attempt, const char *body, size_t len)
{
    pthread_mutex_lock(&desk->mutex);
    bool given = desk->work_type == 0;
    if (given) {
        bq_buf_reset(&desk->work);
        bq_buf_put(&desk->work, body, len);
        given = !desk->work.failed;
    }
    if (given) {
        forget_cancel(desk);
        desk->deaf = false;
        desk->attempt = attempt;
        desk->reply_type = 0;
        desk->eager = false;
        desk->work_type = type;
    }
    pthread_mutex_unlock(&desk->mutex);
    if (given) {
        /* Not before: it would wake only to wait for the mutex. */
        pthread_cond_signal(&desk->to_thread);
    }
    return given;
}

void bq_desk_reply(struct bq_desk *desk, uint8_t type, int64_t attempt, int64_t count)
{
    pthread_mutex_lock(&desk->mutex);
    if (attempt == desk->attempt) {
        desk->reply_type = type;
        desk->reply_count = count;
        pthread_cond_signal(&desk->to_thread);
    }
    pthread_mutex_unlock(&desk->mutex);
}

void bq_desk_cancel(struct bq_desk *desk, int64_t attempt, enum bq_cancel_reason reason)
{
    pthread_mutex_lock(&desk->mutex);
    bool heard = attempt == desk->attempt && !desk->deaf;
    if (heard && atomic_load(&desk->cancel) == BQ_CANCEL_NONE) {
        atomic_store(&desk->cancel, (int)reason);
        ring(desk->cancel_fd);
        if (desk->session) {
            bq_session_cancel(desk->session);
        }
    }
    pthread_mutex_unlock(&desk->mutex);
}

void bq_desk_collect(struct bq_desk *desk, struct bq_buf *out)
{
    uint64_t rings;
    ssize_t got = read(desk->bell_fd, &rings, sizeof(rings));
    (void)got;

    pthread_mutex_lock(&desk->mutex);
    struct bq_buf taken = desk->out;
    desk->out = *out;
    *out = taken;
    desk->eager = taken.len == 0;
    pthread_mutex_unlock(&desk->mutex);
}

void bq_desk_sent(struct bq_desk *desk)
{
    pthread_mutex_lock(&desk->mutex);
    if (desk->out.len == 0) {
        desk->sent = desk->posted;
    }
    bool awaited = desk->flushing;
    pthread_mutex_unlock(&desk->mutex);
    if (awaited) {
        pthread_cond_signal(&desk->to_thread);
    }
}

/* What was given comes before the stop. */
static uint8_t take_work(struct bq_desk *desk, struct bq_buf *body)
{
    if (desk->work_type == 0) {
        forget_cancel(desk);
        return BQ_MSG_STOP;
    }
    uint8_t type = desk->work_type;
    desk->work_type = 0;
    struct bq_buf taken = desk->work;
    desk->work = *body;
    *body = taken;
    return type;
}

uint8_t bq_desk_take(struct bq_desk *desk, struct bq_buf *body)
{
    bq_buf_reset(body);
    pthread_mutex_lock(&desk->mutex);
    while (desk->work_type == 0 && !desk->stop) {
        pthread_cond_wait(&desk->to_thread, &desk->mutex);
    }
    uint8_t type = take_work(desk, body);
    pthread_mutex_unlock(&desk->mutex);
    return type;
}

void bq_desk_session(struct bq_desk *desk, struct barq_session *session)
{
    pthread_mutex_lock(&desk->mutex);
    desk->session = session;
    /* A cancel that came before there was a session counts for it, too. */
    if (session && atomic_load(&desk->cancel) != BQ_CANCEL_NONE) {
        bq_session_cancel(session);
    }
    desk->flushing = false;
    pthread_mutex_unlock(&desk->mutex);
}

void bq_desk_uncancel(struct bq_desk *desk)
{
    pthread_mutex_lock(&desk->mutex);
    forget_cancel(desk);
    desk->deaf = true;
    pthread_mutex_unlock(&desk->mutex);
}

void bq_desk_post(struct bq_desk *desk, enum bq_message type, const struct bq_buf *body,
                  bool ring_now)
{
    pthread_mutex_lock(&desk->mutex);
    bq_buf_put_u8(&desk->out, (uint8_t)type);
    bq_buf_put_block(&desk->out, body->data, body->len);
    desk->posted++;
    bool must_ring = ring_now || desk->eager;
    pthread_mutex_unlock(&desk->mutex);
    if (must_ring) {
        ring(desk->bell_fd);
    }
}

void bq_desk_flush(struct bq_desk *desk)
{
    pthread_mutex_lock(&desk->mutex);
    uint64_t upto = desk->posted;
    ring(desk->bell_fd);
    desk->flushing = true;
    while (desk->sent < upto) {
        pthread_cond_wait(&desk->to_thread, &desk->mutex);
    }
    pthread_mutex_unlock(&desk->mutex);
}

int64_t bq_desk_await(struct bq_desk *desk, uint8_t type)
{
    pthread_mutex_lock(&desk->mutex);
    while (desk->reply_type != type) {
        pthread_cond_wait(&desk->to_thread, &desk->mutex);
    }
    desk->reply_type = 0;
    int64_t count = desk->reply_count;
    pthread_mutex_unlock(&desk->mutex);
    return count;
}
