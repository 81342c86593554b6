#include "os/frame.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

enum {
    LENGTH_BYTES = 4,
    READ_BYTES = 64 * 1024, /* room for one read */
};

void bq_channel_init(struct bq_channel *channel, int fd, size_t max_frame_bytes,
                     size_t max_out_bytes)
{
    /* What the length can say; and far from overflowing when added to. */
    size_t max_frame = max_frame_bytes < UINT32_MAX ? max_frame_bytes : UINT32_MAX;
    size_t max_out = max_out_bytes < PTRDIFF_MAX / 4 ? max_out_bytes : PTRDIFF_MAX / 4;

    *channel = (struct bq_channel){
        .fd = fd,
        .max_frame_bytes = max_frame,
        .max_out_bytes = max_out,
    };
    /* What waits, twice: consumed bytes stay in front until there are as many of them as others. */
    bq_buf_init(&channel->in, 2 * (LENGTH_BYTES + max_frame + READ_BYTES));
    bq_buf_init(&channel->out, max_out);
}

void bq_channel_clear(struct bq_channel *channel)
{
    /* One that is all zero was never made: 0 is not its descriptor. */
    if (!channel || (channel->fd == 0 && channel->max_frame_bytes == 0)) {
        return;
    }
    bq_fd_drop(&channel->fd);
    bq_buf_clear(&channel->in);
    bq_buf_clear(&channel->out);
    *channel = (struct bq_channel){.fd = -1, .closed = true};
}

/*
 * Drops the first `*taken` bytes if that moves no more than them: so a byte is
 * moved once at most for each that is consumed.
 */
static void compact(struct bq_buf *buf, size_t *taken)
{
    if (*taken >= buf->len - *taken) {
        bq_buf_consume(buf, *taken);
        *taken = 0;
    }
}

/* A frame that was begun and never ended must not reach the other side in part. */
static void forget_begun(struct bq_channel *channel)
{
    if (channel->begun) {
        channel->out.len = channel->begun_at;
        channel->out.failed = false;
        channel->out.starved = false;
        channel->begun = false;
    }
}

struct bq_buf *bq_channel_begin(struct bq_channel *channel, uint8_t type)
{
    struct bq_buf *out = &channel->out;

    forget_begun(channel);
    compact(out, &channel->out_sent);
    channel->begun = true;
    channel->begun_at = out->len;

    /* The buffer itself stops a frame that is too large, or one too many. */
    size_t of_frame = out->len + LENGTH_BYTES + channel->max_frame_bytes;
    size_t of_all = channel->out_sent + channel->max_out_bytes;
    out->limit = of_frame < of_all ? of_frame : of_all;
    bq_buf_put_u32(out, 0);
    bq_buf_put_u8(out, type);
    return out;
}

static void write_length(char *at, uint32_t len)
{
    for (int i = 0; i < LENGTH_BYTES; i++) {
        at[i] = (char)(len >> (8 * i));
    }
}

static uint32_t read_length(const char *at)
{
    struct bq_reader reader = bq_reader_of(at, LENGTH_BYTES);

    return bq_read_u32(&reader);
}

enum barq_status bq_channel_end(struct bq_channel *channel, struct barq_error *err)
{
    struct bq_buf *out = &channel->out;
    bool starved = out->starved;

    assert(channel->begun);
    if (out->failed) {
        forget_begun(channel);
        return starved ? bq_fail(err, BARQ_ERR_NOMEM, "frame: out of memory")
                       : bq_fail(err, BARQ_ERR_LIMIT,
                                 "frame: larger than %zu bytes, or more than %zu wait to be sent",
                                 channel->max_frame_bytes, channel->max_out_bytes);
    }
    write_length(out->data + channel->begun_at,
                 (uint32_t)(out->len - channel->begun_at - LENGTH_BYTES));
    channel->begun = false;
    return BARQ_OK;
}

/* The other side doesn't listen any more: an end, of which the caller is told. */
static enum barq_status write_failed(struct bq_channel *channel, struct barq_error *err)
{
    channel->closed = true;
    channel->out_sent = 0;
    bq_buf_reset(&channel->out);
    if (errno == EPIPE || errno == ECONNRESET) {
        return bq_fail(err, BARQ_ERR_CONN, "frame: the other side has ended");
    }
    return bq_fail_errno(err, "frame: write");
}

enum barq_status bq_channel_flush(struct bq_channel *channel, bool *more, struct barq_error *err)
{
    struct bq_buf *out = &channel->out;

    forget_begun(channel);
    while (channel->out_sent < out->len) {
        ssize_t sent = send(channel->fd, out->data + channel->out_sent,
                            out->len - channel->out_sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            *more = true;
            return BARQ_OK;
        }
        if (sent < 0 && errno != EINTR) {
            *more = false;
            return write_failed(channel, err);
        }
        channel->out_sent += sent > 0 ? (size_t)sent : 0;
    }
    channel->out_sent = 0;
    bq_buf_reset(out);
    *more = false;
    return BARQ_OK;
}

enum barq_status bq_channel_flush_all(struct bq_channel *channel, struct barq_error *err)
{
    struct pollfd wait = {.fd = channel->fd, .events = POLLOUT};
    bool more;
    enum barq_status status = bq_channel_flush(channel, &more, err);

    while (status == BARQ_OK && more) {
        if (poll(&wait, 1, -1) < 0 && errno != EINTR) {
            return bq_fail_errno(err, "frame: wait to write");
        }
        status = bq_channel_flush(channel, &more, err);
    }
    return status;
}

/* One read; `*end` when there is no more for now: then it was not filled. */
static enum barq_status read_some(struct bq_channel *channel, bool *end, struct barq_error *err)
{
    struct bq_buf *in = &channel->in;

    compact(in, &channel->in_taken);
    char *at = bq_buf_reserve(in, READ_BYTES);
    if (!at) {
        in->failed = false;
        in->starved = false;
        return bq_fail(err, BARQ_ERR_NOMEM, "frame: out of memory");
    }

    ssize_t got = recv(channel->fd, at, READ_BYTES, MSG_DONTWAIT);
    if (got > 0) {
        in->len += (size_t)got;
        *end = got < READ_BYTES;
        return BARQ_OK;
    }
    if (got < 0 && errno == EINTR) {
        return BARQ_OK;
    }
    *end = true;
    if (got < 0 && errno == EAGAIN) {
        return BARQ_OK;
    }
    channel->closed = true;
    /* A reset is how the other side ends when it leaves something unread. */
    return got == 0 || errno == ECONNRESET ? BARQ_OK : bq_fail_errno(err, "frame: read");
}

enum barq_status bq_channel_fill(struct bq_channel *channel, struct barq_error *err)
{
    /* Enough for a whole frame of any size. The owner takes frames out and comes again. */
    size_t enough = LENGTH_BYTES + channel->max_frame_bytes;
    enum barq_status status = BARQ_OK;
    bool end = false;

    while (status == BARQ_OK && !end && channel->in.len - channel->in_taken < enough) {
        status = read_some(channel, &end, err);
    }
    return status;
}

enum barq_status bq_channel_next(struct bq_channel *channel, struct bq_frame *frame, bool *found,
                                 struct barq_error *err)
{
    size_t left = channel->in.len - channel->in_taken;
    if (left < LENGTH_BYTES) {
        *found = false;
        return BARQ_OK;
    }

    const char *at = channel->in.data + channel->in_taken;
    size_t len = read_length(at);
    if (len == 0 || len > channel->max_frame_bytes) {
        channel->closed = true;
        return bq_fail(err, BARQ_ERR_FORMAT, "frame: %zu bytes, where 1 to %zu are allowed", len,
                       channel->max_frame_bytes);
    }
    if (left - LENGTH_BYTES < len) {
        *found = false;
        return BARQ_OK;
    }

    *frame = (struct bq_frame){
        .type = (uint8_t)at[LENGTH_BYTES],
        .body = at + LENGTH_BYTES + 1,
        .len = len - 1,
    };
    channel->in_taken += LENGTH_BYTES + len;
    *found = true;
    return BARQ_OK;
}
