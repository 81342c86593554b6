/*
 * tally.h - what a worker tells of itself beside a few numbers: how the
 * attempts of each function have ended, and what its executors do. It is a
 * text, which brokers keep with the worker and do not read
 * (docs/formats/tally.md).
 */
#ifndef BQ_JOB_TALLY_H
#define BQ_JOB_TALLY_H

#include <stdbool.h>

#include <barq/admin.h>

#include "base/arena.h"
#include "base/buf.h"

enum {
    BQ_TALLY_MAX_BYTES = 128 * 1024,
    /* Beyond that it does not say any more which jobs an executor runs. */
    BQ_TALLY_JOBS_MAX_BYTES = 96 * 1024,
};

struct bq_tally {
    int64_t memory_bytes;                        /* of the dispatcher */
    const struct barq_function_stats *functions; /* their worker is not told */
    size_t n_functions;
    const struct barq_executor_info *executors;
    size_t n_executors;
};

/* One more that took so long; what is negative took no time. */
void bq_histogram_add(struct barq_histogram *histogram, int64_t us);

/* Appends the text to `out`, and leaves out what is beyond BQ_TALLY_MAX_BYTES: executors, then functions, from the last on. */
void bq_tally_put(struct bq_buf *out, const struct bq_tally *tally);
/*
 * Reads it. What makes no sense, being of a newer worker or of no worker at all, is left out; a text that is none
 * (also NULL) tells nothing. False: `arena` is full.
 */
bool bq_tally_get(struct barq_arena *arena, const char *text, struct bq_tally *out) BARQ_MUST_CHECK;

#endif
