/*
 * count.h - what a worker counts for those who look after it: how attempts
 * end, by function. A job costs a look into a small table and some increments.
 */
#ifndef BQ_DISPATCHER_COUNT_H
#define BQ_DISPATCHER_COUNT_H

#include <stdbool.h>
#include <stdint.h>

#include <barq/admin.h>

#include "base/arena.h"
#include "base/buf.h"
#include "job/message.h"

enum { BQ_COUNT_SLOTS = 256 };

struct bq_counts {
    struct barq_function_stats functions[BARQ_FUNCTIONS_MAX];
    struct barq_function_stats others; /* all that have no place there; its name is "" */
    size_t n_functions;
    uint8_t slots[BQ_COUNT_SLOTS]; /* by the hash of their name: an index and 1; 0: none */
    struct barq_arena names;
    struct bq_buf told; /* what was told last (job/tally.h) */
};

struct bq_dispatcher;
struct bq_claim;

void bq_counts_init(struct bq_counts *counts);
void bq_counts_clear(struct bq_counts *counts);
/* The functions of a module have their places first. */
void bq_counts_learn(struct bq_counts *counts, const struct bq_ready *ready);

/* An attempt has begun: it has said STARTED. */
void bq_count_begun(struct bq_counts *counts, struct bq_claim *claim, const char *function);
/* It has ended, or was settled. */
void bq_count_ended(struct bq_counts *counts, struct bq_claim *claim,
                    const struct bq_outcome *outcome);
/* It has taken its executor down; `late`: which was killed as it ran past its time. Its `counts` are known from then on. */
void bq_count_crashed(struct bq_counts *counts, struct bq_claim *claim, bool late);

/* All that is to be told; lives until it is asked for again. NULL: there is no memory for it. */
const char *bq_counts_tell(struct bq_dispatcher *dispatcher, int64_t now_ms);

#endif
