#include "attempt/desk.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "session/session.h"

enum {
    ITEM_HEAD_BYTES = 1 + 1 + 8 + 4, /* in `work`, before a body */
    CANCEL_AT = 1,
    /* Shorter attempts than this are one thread's matter: to wake a second one would cost more than it saves. */
    QUICK_US = 100,
    QUICK_MOST = 8, /* so many of the others it takes to change one's mind, twice */
};

/* -- made and unmade -- */

static bool open_seat(struct bq_desk *desk, struct bq_seat *seat)
{
    seat->desk = desk;
    seat->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_cond_init(&seat->reply_came, NULL);
    return seat->cancel_fd >= 0;
}

enum barq_status bq_desk_init(struct bq_desk *desk, int fd, size_t limit, int n_seats,
                              struct barq_error *err)
{
    *desk = (struct bq_desk){.n_seats = n_seats, .output_fd = -1, .bell_fd = -1, .eager = true};
    pthread_mutex_init(&desk->mutex, NULL);
    pthread_cond_init(&desk->work_came, NULL);
    /* The dispatcher sends one frame for each seat, and ahead of them less than one. */
    bq_buf_init(&desk->work, 2 * ((size_t)n_seats + 1) * (limit + ITEM_HEAD_BYTES));
    bq_channel_init(&desk->out, fd, limit, 2 * limit);
    desk->seats = calloc((size_t)n_seats, sizeof(desk->seats[0]));
    if (!desk->seats) {
        return bq_fail(err, BARQ_ERR_NOMEM, "executor: out of memory");
    }
    desk->bell_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (desk->bell_fd < 0) {
        desk->n_seats = 0;
        return bq_fail_errno(err, "executor: eventfd");
    }
    for (int i = 0; i < n_seats; i++) {
        if (!open_seat(desk, &desk->seats[i])) {
            desk->n_seats = i + 1;
            return bq_fail_errno(err, "executor: eventfd");
        }
    }
    return BARQ_OK;
}

void bq_desk_clear(struct bq_desk *desk)
{
    for (int i = 0; desk->seats && i < desk->n_seats; i++) {
        bq_fd_drop(&desk->seats[i].cancel_fd);
        pthread_cond_destroy(&desk->seats[i].reply_came);
    }
    free(desk->seats);
    bq_fd_drop(&desk->bell_fd);
    bq_fd_drop(&desk->output_fd);
    desk->out.fd = -1; /* not ours */
    bq_channel_clear(&desk->out);
    bq_buf_clear(&desk->work);
    pthread_cond_destroy(&desk->work_came);
    pthread_mutex_destroy(&desk->mutex);
}

/* -- what is said; under the mutex -- */

/* The dispatcher always reads, so this may wait for it. One that has ended ends us, by the loop. */
static void send_out(struct bq_desk *desk)
{
    struct barq_error err;

    if (!desk->out.closed && bq_channel_flush_all(&desk->out, &err) != BARQ_OK) {
        bq_debug("the dispatcher has gone", bq_str("error", err.text));
    }
}

static void end_frame(struct bq_desk *desk)
{
    struct barq_error err;

    if (bq_channel_end(&desk->out, &err) != BARQ_OK) {
        bq_error("cannot tell the dispatcher", bq_str("error", err.text));
        _exit(1);
    }
}

void bq_desk_post(struct bq_desk *desk, enum bq_message type, const struct bq_buf *body, bool now)
{
    if (desk->listener) {
        desk->listener(desk->listener_data, (uint8_t)type, body);
        return;
    }
    pthread_mutex_lock(&desk->mutex);
    struct bq_buf *frame = bq_channel_begin(&desk->out, (uint8_t)type);
    bq_buf_put(frame, body->data, body->len);
    frame->failed = frame->failed || body->failed;
    end_frame(desk);
    if (now || desk->eager || desk->out.out.len >= desk->out.max_frame_bytes) {
        send_out(desk);
    }
    pthread_mutex_unlock(&desk->mutex);
}

static void tell_progress(struct bq_seat *seat)
{
    if (seat->untold) {
        bq_progress_put(bq_channel_begin(&seat->desk->out, BQ_MSG_PROGRESS), &seat->progress);
        end_frame(seat->desk);
        seat->untold = false;
        seat->told_at_ms = bq_mono_ms();
    }
}

/* -- work; what follows is under the mutex -- */

struct item {
    uint8_t type;
    uint8_t cancel;
    int64_t attempt;
    const char *body;
    size_t len;
    size_t bytes; /* all of it */
};

/* The one at `at` in `work`; false: there is none. */
static bool item_at(const struct bq_desk *desk, size_t at, struct item *item)
{
    struct bq_reader in = bq_reader_of(desk->work.data + at, desk->work.len - at);

    if (in.at == in.end) {
        return false;
    }
    item->type = bq_read_u8(&in);
    item->cancel = bq_read_u8(&in);
    item->attempt = bq_read_i64(&in);
    item->body = bq_read_block(&in, &item->len);
    item->bytes = ITEM_HEAD_BYTES + item->len;
    return true;
}

static bool has_work(const struct bq_desk *desk)
{
    return desk->work_taken < desk->work.len;
}

/* What was taken goes when it is as much as what is left: so each byte is moved once at most. */
static void drop_taken(struct bq_desk *desk)
{
    if (desk->work_taken >= desk->work.len - desk->work_taken) {
        bq_buf_consume(&desk->work, desk->work_taken);
        desk->work_taken = 0;
    }
}

/* When jobs are quickly done, one thread that is awake, or on its way, takes what comes. */
static bool must_wake(struct bq_desk *desk)
{
    int asleep = desk->idle - desk->woken;
    bool wake = asleep > 0 && (desk->quick <= 0 || asleep == desk->n_seats);

    desk->woken += wake;
    return wake;
}

bool bq_desk_give(struct bq_desk *desk, uint8_t type, int64_t attempt, const char *body, size_t len)
{
    pthread_mutex_lock(&desk->mutex);
    drop_taken(desk);
    size_t before = desk->work.len;
    bq_buf_put_u8(&desk->work, type);
    bq_buf_put_u8(&desk->work, BQ_CANCEL_NONE);
    bq_buf_put_i64(&desk->work, attempt);
    bq_buf_put_block(&desk->work, body, len);
    bool given = !desk->work.failed;
    if (!given) {
        desk->work.len = before;
        desk->work.failed = false;
    }
    desk->eager = false;
    bool wake = given && must_wake(desk);
    pthread_mutex_unlock(&desk->mutex);
    if (wake) {
        /* Not before: it would wake only to wait for the mutex. */
        pthread_cond_signal(&desk->work_came);
    }
    return given;
}

void bq_desk_recall(struct bq_desk *desk)
{
    struct item item;
    uint32_t count = 0;

    pthread_mutex_lock(&desk->mutex);
    for (size_t at = desk->work_taken; item_at(desk, at, &item); at += item.bytes) {
        count++;
    }
    struct bq_buf *frame = bq_channel_begin(&desk->out, BQ_MSG_RETURNED);
    bq_buf_put_u32(frame, count);
    for (size_t at = desk->work_taken; item_at(desk, at, &item); at += item.bytes) {
        bq_buf_put_i64(frame, item.attempt);
    }
    bq_buf_reset(&desk->work);
    desk->work_taken = 0;
    end_frame(desk);
    send_out(desk);
    pthread_mutex_unlock(&desk->mutex);
}

void bq_desk_stop(struct bq_desk *desk)
{
    pthread_mutex_lock(&desk->mutex);
    desk->stop = true;
    pthread_cond_broadcast(&desk->work_came);
    pthread_mutex_unlock(&desk->mutex);
}

bool bq_desk_look(struct bq_desk *desk)
{
    pthread_mutex_lock(&desk->mutex);
    for (int i = 0; i < desk->n_seats; i++) {
        tell_progress(&desk->seats[i]);
    }
    send_out(desk);
    desk->eager = true;
    bool could_help = has_work(desk) && desk->idle > 0;
    if (could_help && desk->taken == desk->taken_at_look) {
        desk->woken = desk->idle;
        pthread_cond_broadcast(&desk->work_came);
    }
    desk->taken_at_look = desk->taken;
    pthread_mutex_unlock(&desk->mutex);
    return could_help;
}

/* -- cancels and replies -- */

static void ring(int fd)
{
    uint64_t one = 1;
    ssize_t done = write(fd, &one, sizeof(one));
    (void)done; /* it fails only when the bell is ringing already */
}

static void quieten(int fd)
{
    uint64_t rings;
    ssize_t got = read(fd, &rings, sizeof(rings));
    (void)got;
}

static void forget_cancel(struct bq_seat *seat)
{
    if (atomic_exchange(&seat->cancel, BQ_CANCEL_NONE) != BQ_CANCEL_NONE) {
        quieten(seat->cancel_fd);
    }
}

static void set_cancel(struct bq_seat *seat, int reason)
{
    if (!seat->deaf && atomic_load(&seat->cancel) == BQ_CANCEL_NONE && reason != BQ_CANCEL_NONE) {
        atomic_store(&seat->cancel, reason);
        ring(seat->cancel_fd);
        if (seat->session) {
            bq_session_cancel(seat->session);
        }
    }
}

static struct bq_seat *seat_of(struct bq_desk *desk, int64_t attempt)
{
    for (int i = 0; i < desk->n_seats; i++) {
        if (desk->seats[i].attempt == attempt) {
            return &desk->seats[i];
        }
    }
    return NULL;
}

void bq_desk_cancel(struct bq_desk *desk, int64_t attempt, enum bq_cancel_reason reason)
{
    struct item item;

    pthread_mutex_lock(&desk->mutex);
    struct bq_seat *seat = seat_of(desk, attempt);
    if (seat) {
        set_cancel(seat, (int)reason);
    }
    for (size_t at = desk->work_taken; !seat && item_at(desk, at, &item); at += item.bytes) {
        if (item.attempt == attempt && item.cancel == BQ_CANCEL_NONE) {
            desk->work.data[at + CANCEL_AT] = (char)reason;
        }
    }
    pthread_mutex_unlock(&desk->mutex);
}

void bq_desk_reply(struct bq_desk *desk, uint8_t type, int64_t attempt, int64_t count)
{
    pthread_mutex_lock(&desk->mutex);
    struct bq_seat *seat = seat_of(desk, attempt);
    if (seat) {
        seat->reply_type = type;
        seat->reply_count = count;
        pthread_cond_signal(&seat->reply_came);
    }
    pthread_mutex_unlock(&desk->mutex);
}

/* -- the threads' side -- */

/* By the majority of the last attempts: what was in the way of one is no sign of the others. */
static void note_duration(struct bq_desk *desk, struct bq_seat *seat)
{
    bool quick = seat->took_us < QUICK_US;

    if (seat->attempt == 0) {
        return;
    }
    if (quick && desk->quick < QUICK_MOST) {
        desk->quick++;
    } else if (!quick && desk->quick > -QUICK_MOST) {
        desk->quick--;
    }
}

static void wait_for_work(struct bq_desk *desk)
{
    while (!has_work(desk) && !desk->stop) {
        desk->idle++;
        pthread_cond_wait(&desk->work_came, &desk->mutex);
        desk->idle--;
        desk->woken -= desk->woken > 0;
    }
}

int64_t bq_desk_took_us(struct bq_seat *seat)
{
    seat->took_us = bq_mono_us() - seat->taken_us;
    return seat->took_us;
}

/* What was given comes before the stop. */
static uint8_t take_item(struct bq_seat *seat, struct bq_buf *body)
{
    struct bq_desk *desk = seat->desk;
    struct item item;

    forget_cancel(seat);
    if (!item_at(desk, desk->work_taken, &item)) {
        return BQ_MSG_STOP;
    }
    bq_buf_put(body, item.body, item.len);
    desk->work_taken += item.bytes;
    desk->taken++;
    seat->attempt = item.attempt;
    seat->taken_us = bq_mono_us();
    seat->took_us = INT64_MAX;
    seat->deaf = false;
    seat->reply_type = 0;
    seat->untold = false;
    seat->told_at_ms = 0;
    set_cancel(seat, item.cancel);
    return item.type;
}

uint8_t bq_desk_take(struct bq_seat *seat, struct bq_buf *body)
{
    struct bq_desk *desk = seat->desk;

    bq_buf_reset(body);
    pthread_mutex_lock(&desk->mutex);
    note_duration(desk, seat);
    seat->attempt = 0;
    wait_for_work(desk);
    uint8_t type = take_item(seat, body);
    pthread_mutex_unlock(&desk->mutex);
    return type;
}

bool bq_desk_leave(struct bq_desk *desk)
{
    pthread_mutex_lock(&desk->mutex);
    bool last = ++desk->ended == desk->n_seats;
    pthread_mutex_unlock(&desk->mutex);
    return last;
}

void bq_desk_session(struct bq_seat *seat, struct barq_session *session)
{
    pthread_mutex_lock(&seat->desk->mutex);
    seat->session = session;
    /* A cancel that came before there was a session counts for it, too. */
    if (session && atomic_load(&seat->cancel) != BQ_CANCEL_NONE) {
        bq_session_cancel(session);
    }
    pthread_mutex_unlock(&seat->desk->mutex);
}

void bq_desk_uncancel(struct bq_seat *seat)
{
    pthread_mutex_lock(&seat->desk->mutex);
    forget_cancel(seat);
    seat->deaf = true;
    pthread_mutex_unlock(&seat->desk->mutex);
}

void bq_desk_heard(struct bq_desk *desk)
{
    quieten(desk->bell_fd);
}

void bq_desk_progress(struct bq_seat *seat, int64_t done, int64_t total, const char *note)
{
    struct bq_desk *desk = seat->desk;
    size_t len = bq_utf8_cut(note, strlen(note), sizeof(seat->note) - 1);

    if (desk->listener) {
        return; /* who runs the job himself does not look meanwhile */
    }
    pthread_mutex_lock(&desk->mutex);
    bool waits = seat->untold;
    memcpy(seat->note, note, len);
    seat->note[len] = '\0';
    seat->progress = (struct bq_progress){
        .attempt = seat->attempt, .done = done, .total = total, .note = seat->note};
    seat->untold = true;
    if (!waits && bq_mono_ms() - seat->told_at_ms >= BQ_PROGRESS_EACH_MS) {
        tell_progress(seat);
        send_out(desk);
    } else if (!waits) {
        ring(desk->bell_fd);
    }
    pthread_mutex_unlock(&desk->mutex);
}

void bq_desk_tell(struct bq_seat *seat)
{
    pthread_mutex_lock(&seat->desk->mutex);
    tell_progress(seat);
    pthread_mutex_unlock(&seat->desk->mutex);
}

int64_t bq_desk_await(struct bq_seat *seat, uint8_t type)
{
    pthread_mutex_lock(&seat->desk->mutex);
    while (seat->reply_type != type) {
        pthread_cond_wait(&seat->reply_came, &seat->desk->mutex);
    }
    seat->reply_type = 0;
    int64_t count = seat->reply_count;
    pthread_mutex_unlock(&seat->desk->mutex);
    return count;
}
