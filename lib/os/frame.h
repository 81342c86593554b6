/*
 * frame.h - messages over a stream socket: a u32 length, a u8 type, a body.
 *
 * The length counts type and body, little-endian. Both sides bound it; a frame
 * over the bound breaks the channel, as does a bad length.
 */
#ifndef BQ_OS_FRAME_H
#define BQ_OS_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

struct bq_channel {
    int fd;                 /* owned; -1: none */
    size_t max_frame_bytes; /* of type and body */
    size_t max_out_bytes;
    struct bq_buf in;
    size_t in_taken; /* bytes of `in` that were given out */
    struct bq_buf out;
    size_t out_sent; /* bytes of `out` that the socket has taken */
    size_t begun_at; /* where in `out` the frame under way begins */
    bool begun;
    bool closed; /* the other side has ended, or the channel is broken */
};

struct bq_frame {
    uint8_t type;
    const char *body; /* borrowed until the next call with this channel */
    size_t len;
};

/* Takes `fd` over. `max_frame_bytes` bounds type and body, `max_out_bytes` what waits to be sent. */
void bq_channel_init(struct bq_channel *channel, int fd, size_t max_frame_bytes,
                     size_t max_out_bytes);
void bq_channel_clear(struct bq_channel *channel);

/*
 * Begins a frame: what is put into the returned buffer is its body, until bq_channel_end(). One
 * that isn't ended is left out by the next begin or flush.
 */
struct bq_buf *bq_channel_begin(struct bq_channel *channel, uint8_t type);
/*
 * Finishes it; sends nothing yet. On failure the frame is left out whole.
 *
 * BARQ_ERR_LIMIT  too large, or too much is waiting
 * BARQ_ERR_NOMEM
 */
enum barq_status bq_channel_end(struct bq_channel *channel, struct barq_error *err) BARQ_MUST_CHECK;

/*
 * Writes what the socket takes without waiting; `*more` says whether something is left.
 *
 * BARQ_ERR_CONN  the other side has ended. What it sent before can still be read.
 */
enum barq_status bq_channel_flush(struct bq_channel *channel, bool *more, struct barq_error *err)
    BARQ_MUST_CHECK;
/* For blocking use: writes all of it, waiting as long as it takes. */
enum barq_status bq_channel_flush_all(struct bq_channel *channel, struct barq_error *err)
    BARQ_MUST_CHECK;

/*
 * Reads what is there without waiting, into the buffer; sets `closed` at the end of the stream,
 * which may take another call after the last bytes. It stops when a frame of any size would be
 * whole: to drain a channel, fill it and take its frames in turn until it is closed.
 */
enum barq_status bq_channel_fill(struct bq_channel *channel, struct barq_error *err)
    BARQ_MUST_CHECK;
/* The next whole frame that is in the buffer: `*found` says whether there is one. BARQ_ERR_FORMAT: bad length. */
enum barq_status bq_channel_next(struct bq_channel *channel, struct bq_frame *frame, bool *found,
                                 struct barq_error *err) BARQ_MUST_CHECK;

#endif
