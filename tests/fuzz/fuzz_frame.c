/* Frames of an executor and of its dispatcher: what can be read comes out the same when it is written and read again. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "job/message.h"
#include "os/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { ARENA_BYTES = 1024 * 1024, FRAME_BYTES = 256 * 1024 };

/* Reads a body of its type, and writes what it was into `out`; false: it is broken, or has another form. */
static bool copy_body(uint8_t type, struct bq_reader in, struct barq_arena *arena,
                      struct bq_buf *out)
{
    union {
        struct bq_run run;
        struct bq_ready ready;
        struct bq_refused refused;
        struct bq_started started;
        struct bq_outcome outcome;
        struct bq_progress progress;
        struct bq_said said;
    } is;

#define COPY(message, name)                                                                        \
    case message:                                                                                  \
        return bq_##name##_get(&in, arena, &is.name) && (bq_##name##_put(out, &is.name), true)
    switch (type) {
        COPY(BQ_MSG_RUN, run);
        COPY(BQ_MSG_READY, ready);
        COPY(BQ_MSG_REFUSED, refused);
        COPY(BQ_MSG_STARTED, started);
        COPY(BQ_MSG_OUTCOME, outcome);
        COPY(BQ_MSG_PROGRESS, progress);
        COPY(BQ_MSG_LOG, said);
    default:
        return false;
    }
#undef COPY
}

static void read_frame(const struct bq_frame *frame)
{
    bq_auto(arena) struct barq_arena arena;
    bq_auto(buf) struct bq_buf once;
    bq_auto(buf) struct bq_buf twice;

    bq_arena_init(&arena, ARENA_BYTES);
    bq_buf_init(&once, FRAME_BYTES);
    bq_buf_init(&twice, FRAME_BYTES);
    if (!copy_body(frame->type, bq_reader_of(frame->body, frame->len), &arena, &once) ||
        once.failed) {
        return;
    }
    bool again = copy_body(frame->type, bq_reader_of(once.data, once.len), &arena, &twice);
    assert(again && once.len == twice.len);
    assert(once.len == 0 || memcmp(once.data, twice.data, once.len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct bq_channel channel;
    struct bq_frame frame = {0};
    bool found = false;

    bq_channel_init(&channel, -1, FRAME_BYTES, FRAME_BYTES);
    bq_buf_put(&channel.in, bytes, len);
    while (bq_channel_next(&channel, &frame, &found, NULL) == BARQ_OK && found) {
        read_frame(&frame);
    }
    bq_channel_clear(&channel);
    return 0;
}
