/*
 * gather.h - what workers tell of themselves, gathered over time.
 *
 * A worker counts from its start, and takes its counts along when it goes; a sum over those that are
 * there would fall then. So what was counted since the last look is added up here, and never falls.
 */
#ifndef BW_GATHER_H
#define BW_GATHER_H

#include <barq/admin.h>

#include "base/arena.h"

enum {
    BW_FUNCTIONS_MAX = 1000, /* more go to the one without a name */
    BW_LOOK_MAX_BYTES = 64 * 1024 * 1024,
};

enum bw_counter {
    BW_COMPLETE,
    BW_FAILED,
    BW_RETRIED,
    BW_ABORTED,
    BW_TIMED_OUT,
    BW_CRASHED,
    BW_RECEIPTS,
    BW_RESTARTS,
    BW_COUNTERS
};

struct bw_numbers {
    int64_t counters[BW_COUNTERS];
    struct barq_histogram ran;
    struct barq_histogram waited;
};
void bw_numbers_add(struct bw_numbers *to, const struct bw_numbers *more);

struct bw_function {
    char *name; /* owned; "": what workers cannot tell apart */
    int64_t workers;
    struct bw_numbers numbers;
};

struct bw_known;

struct bw_gather {
    struct bw_numbers workers;     /* as they tell it of themselves, not by functions */
    struct bw_function *functions; /* owned; by name */
    size_t n_functions;

    struct barq_arena arenas[2]; /* of the last look, and of the next */
    int current;
    struct bw_known *known; /* sorted; in the current one */
    size_t n_known;
    int64_t looked_at_ms; /* 0: never yet */
};

void bw_gather_init(struct bw_gather *gather);
void bw_gather_clear(struct bw_gather *gather);

/*
 * Takes what was told at `now_ms`; nothing is kept of the arguments. What is new of all functions, and of all
 * workers, goes to `out_functions` and `out_workers`.
 *
 * BARQ_ERR_NOMEM  nothing was taken
 */
enum barq_status bw_gather_take(struct bw_gather *gather, const struct barq_worker_info *workers,
                                size_t n_workers, const struct barq_function_stats *stats,
                                size_t n_stats, int64_t now_ms, struct bw_numbers *out_functions,
                                struct bw_numbers *out_workers, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
