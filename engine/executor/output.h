/*
 * output.h - what an executor prints: its stdout and stderr are one pipe,
 * which is read in bites and split into lines.
 *
 * The child, and whatever it has started, may do anything with its end of it.
 */
#ifndef BQ_EXECUTOR_OUTPUT_H
#define BQ_EXECUTOR_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <barq/function.h>

#include "base/error.h"

enum {
    BQ_OUTPUT_BITE_BYTES = 16 * 1024, /* read at most in one turn of the loop */
    BQ_OUTPUT_DRAIN_BYTES =
        256 * 1024, /* read at most for a mark, or at the end: more than a pipe holds */
};

/* A line without its newline, ended by a NUL (it may have others in it); of a longer one `cut` bytes are left out. */
struct bq_output_line {
    char *text;
    size_t len;
    size_t cut;
};

struct bq_output_reader {
    /* False: not now. What was read waits for the next call. */
    bool (*ready)(void *data);
    void (*line)(void *data, const struct bq_output_line *line);
    /* Is the outcome of this attempt still to come? What is behind its mark waits for bq_output_read_to(). */
    bool (*awaits)(void *data, int64_t attempt);
    void *data;
};

struct bq_output {
    int fd; /* owned; non-blocking; -1: none, or at its end */
    char bytes[4096];
    size_t at; /* in `bytes`: what is behind it, up to `end`, is not split yet */
    size_t end;
    char line[BARQ_LOG_LINE_MAX_BYTES + 1]; /* begun */
    size_t line_len;
    size_t line_cut;
    int64_t key;     /* of its marks, as it has said; 0: none yet */
    int64_t stopped; /* behind the mark of this attempt; 0: it isn't */
};

enum bq_output_state {
    BQ_OUTPUT_EMPTY, /* all that is there has been read */
    BQ_OUTPUT_MORE,  /* enough for now */
    BQ_OUTPUT_HELD,  /* the reader is not ready, or awaits an outcome */
    BQ_OUTPUT_ENDED, /* nobody has the other end any more */
};

/* A pipe whose writing end goes to `*child_fd`, which is the caller's. */
enum barq_status bq_output_open(struct bq_output *output, int *child_fd, struct barq_error *err)
    BARQ_MUST_CHECK;
void bq_output_close(struct bq_output *output);

/* Splits what is there, at most `max` bytes of it. */
enum bq_output_state bq_output_read(struct bq_output *output, size_t max,
                                    const struct bq_output_reader *reader);
/* The same up to the mark of `attempt` (job/message.h), whether or not the reader is ready. */
void bq_output_read_to(struct bq_output *output, int64_t attempt,
                       const struct bq_output_reader *reader);
/* What has been read, and the line that was begun: as if it had ended here. */
void bq_output_cut(struct bq_output *output, const struct bq_output_reader *reader);
/* All that is there, and the line that was begun: no more will come. */
void bq_output_finish(struct bq_output *output, const struct bq_output_reader *reader);

#endif
