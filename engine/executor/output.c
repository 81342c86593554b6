#include "executor/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "job/message.h"

enum barq_status bq_output_open(struct bq_output *output, int *child_fd, struct barq_error *err)
{
    int ends[2];

    output->fd = -1;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return bq_fail_errno(err, "executor: no pipe");
    }
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
        enum barq_status status = bq_fail_errno(err, "executor: make a pipe non-blocking");
        close(ends[0]);
        close(ends[1]);
        return status;
    }
    output->fd = ends[0];
    output->at = output->end = 0;
    output->line_len = output->line_cut = 0;
    output->stopped = 0;
    output->key = 0;
    *child_fd = ends[1];
    return BARQ_OK;
}

void bq_output_close(struct bq_output *output)
{
    if (output->fd >= 0) {
        close(output->fd);
    }
    output->fd = -1;
}

/* Gives out the line that was begun, unless it is a mark; `*marked` is whose. */
static void end_line(struct bq_output *output, const struct bq_output_reader *reader,
                     int64_t *marked)
{
    struct bq_output_line line = {output->line, output->line_len, output->line_cut};

    output->line[output->line_len] = '\0';
    output->line_len = output->line_cut = 0;
    if (!bq_output_mark_read(line.text, output->key, marked)) {
        reader->line(reader->data, &line);
    }
}

static void add_bytes(struct bq_output *output, const char *bytes, size_t len)
{
    size_t room = sizeof(output->line) - 1 - output->line_len;
    size_t fits = len < room ? len : room;

    memcpy(output->line + output->line_len, bytes, fits);
    output->line_len += fits;
    output->line_cut += len - fits;
}

/* Where a line ends in what is not split: at a newline, or before what the engine itself has written. */
static const char *line_end(const char *from, const char *end)
{
    const char *at = from;

    while (at < end && *at != '\n' && *at != BQ_LOG_RELAY_MARK) {
        at++;
    }
    return at;
}

/* Takes one line, or what there is of it; returns how many bytes that was. */
static size_t split(struct bq_output *output, const struct bq_output_reader *reader,
                    int64_t *marked)
{
    const char *from = output->bytes + output->at;
    const char *end = output->bytes + output->end;
    bool begins = output->line_len == 0 && *from == BQ_LOG_RELAY_MARK;
    const char *stop = line_end(from + begins, end);

    add_bytes(output, from, (size_t)(stop - from));
    size_t taken = (size_t)(stop - from);
    if (stop < end) {
        end_line(output, reader, marked);
        taken += *stop == '\n';
    }
    output->at += taken;
    return taken;
}

/* More bytes to split; 1: they are there, 0: there are none now, -1: nor will there be. */
static int fill(struct bq_output *output)
{
    ssize_t got;

    do {
        got = output->fd >= 0 ? read(output->fd, output->bytes, sizeof(output->bytes)) : 0;
    } while (got < 0 && errno == EINTR);
    if (got > 0) {
        output->at = 0;
        output->end = (size_t)got;
        return 1;
    }
    return got == 0 ? -1 : 0;
}

/* `until` 0: no mark stops it. */
static enum bq_output_state read_some(struct bq_output *output, size_t max, int64_t until,
                                      const struct bq_output_reader *reader)
{
    size_t taken = 0;

    while (output->stopped == 0) {
        int64_t marked = 0;
        int filled = output->at < output->end ? 1 : fill(output);

        if (filled <= 0) {
            return filled == 0 ? BQ_OUTPUT_EMPTY : BQ_OUTPUT_ENDED;
        }
        if (reader->ready && !reader->ready(reader->data)) {
            return BQ_OUTPUT_HELD;
        }
        taken += split(output, reader, &marked);
        if (until == 0 && marked != 0 && reader->awaits && reader->awaits(reader->data, marked)) {
            output->stopped = marked;
        }
        if ((until != 0 && marked == until) || taken >= max) {
            return BQ_OUTPUT_MORE;
        }
    }
    return BQ_OUTPUT_HELD;
}

enum bq_output_state bq_output_read(struct bq_output *output, size_t max,
                                    const struct bq_output_reader *reader)
{
    return read_some(output, max, 0, reader);
}

void bq_output_read_to(struct bq_output *output, int64_t attempt,
                       const struct bq_output_reader *reader)
{
    struct bq_output_reader always = *reader;
    bool there = attempt != 0 && output->stopped == attempt;

    output->stopped = 0;
    if (there) {
        return;
    }
    always.ready = NULL;
    always.awaits = NULL;
    (void)read_some(output, BQ_OUTPUT_DRAIN_BYTES, attempt, &always);
}

void bq_output_cut(struct bq_output *output, const struct bq_output_reader *reader)
{
    int64_t marked = 0;

    /* What is behind the mark of another attempt is not this one's. */
    while (output->at < output->end && output->stopped == 0) {
        (void)split(output, reader, &marked);
        if (marked != 0 && reader->awaits && reader->awaits(reader->data, marked)) {
            output->stopped = marked;
        }
        marked = 0;
    }
    if (output->line_len > 0 && output->stopped == 0) {
        end_line(output, reader, &marked);
    }
}

void bq_output_finish(struct bq_output *output, const struct bq_output_reader *reader)
{
    struct bq_output_reader last = *reader;

    last.awaits = NULL;
    bq_output_read_to(output, 0, reader);
    bq_output_cut(output, &last);
}
