#include "dispatcher/count.h"

#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "dispatcher/dispatcher.h"
#include "job/tally.h"

enum { NAMES_BYTES = BARQ_FUNCTIONS_MAX * (BARQ_FUNCTION_MAX_BYTES + 32) };

_Static_assert(BARQ_FUNCTIONS_MAX < UINT8_MAX && 2 * BARQ_FUNCTIONS_MAX < BQ_COUNT_SLOTS,
               "an index fits into a slot, and a look soon ends at an empty one");

void bq_counts_init(struct bq_counts *counts)
{
    *counts = (struct bq_counts){.others = {.function = ""}};
    bq_arena_init(&counts->names, NAMES_BYTES);
    bq_buf_init(&counts->told, BQ_TALLY_MAX_BYTES);
}

void bq_counts_clear(struct bq_counts *counts)
{
    bq_arena_clear(&counts->names);
    bq_buf_clear(&counts->told);
}

/* Its slot, or the empty one where it would be. */
static uint8_t *slot_of(struct bq_counts *counts, const char *function)
{
    size_t at = bq_hash(function, strlen(function)) % BQ_COUNT_SLOTS;

    while (counts->slots[at] != 0 &&
           strcmp(counts->functions[counts->slots[at] - 1].function, function) != 0) {
        at = (at + 1) % BQ_COUNT_SLOTS;
    }
    return &counts->slots[at];
}

/* Of a function that is not known yet, those of all others. */
static struct barq_function_stats *find(struct bq_counts *counts, const char *function)
{
    uint8_t slot = *slot_of(counts, function);

    return slot != 0 ? &counts->functions[slot - 1] : &counts->others;
}

/* The same, but that it becomes known, if there is room. */
static struct barq_function_stats *find_or_add(struct bq_counts *counts, const char *function)
{
    uint8_t *slot = slot_of(counts, function);

    if (*slot == 0 && counts->n_functions < BARQ_FUNCTIONS_MAX && function[0] != '\0') {
        const char *name = bq_arena_strdup(&counts->names, function);
        if (name) {
            counts->functions[counts->n_functions].function = name;
            *slot = (uint8_t)++counts->n_functions;
        }
    }
    return *slot != 0 ? &counts->functions[*slot - 1] : &counts->others;
}

void bq_counts_learn(struct bq_counts *counts, const struct bq_ready *ready)
{
    for (size_t i = 0; i < ready->n_limits && counts->n_functions < BARQ_FUNCTIONS_MAX; i++) {
        (void)find_or_add(counts, ready->limits[i].function);
    }
}

/* By the broker's clock it may be due only later; and what it says may be anything. */
static int64_t waited_us(int64_t due_at_ms)
{
    int64_t now_ms = bq_wall_ms();
    int64_t since_ms = due_at_ms > 0 ? due_at_ms : 0;

    return since_ms < now_ms ? (now_ms - since_ms) * 1000 : 0;
}

void bq_count_begun(struct bq_counts *counts, struct bq_claim *claim, const char *function)
{
    claim->counts = find_or_add(counts, function);
    claim->began_at_ms = bq_mono_ms();
    bq_histogram_add(&claim->counts->waited, waited_us(claim->claimed.job.due_at_ms));
}

/* Of one that has not begun, by what is said of it. */
static struct barq_function_stats *counts_of(struct bq_counts *counts, struct bq_claim *claim,
                                             const char *function)
{
    if (!claim->counts) {
        claim->counts = find(counts, function);
    }
    return claim->counts;
}

void bq_count_ended(struct bq_counts *counts, struct bq_claim *claim,
                    const struct bq_outcome *outcome)
{
    struct barq_function_stats *function = counts_of(counts, claim, outcome->function);
    bool failed = outcome->kind == BQ_OUTCOME_FAILED;
    bool complete = outcome->kind == BQ_OUTCOME_COMPLETE;
    bool retried = outcome->kind == BQ_OUTCOME_RETRY;

    function->complete += complete;
    function->failed += failed;
    function->retried += retried;
    function->aborted += failed && (claim->canceled == BQ_CANCEL_ABORT || claim->claimed.aborted);
    function->timed_out += (failed || retried) && claim->canceled == BQ_CANCEL_TIMEOUT;
    function->receipts += (failed || complete) && outcome->from_receipt;
    if (claim->started && (complete || failed || retried)) {
        bq_histogram_add(&function->ran, outcome->took_us);
    }
}

void bq_count_crashed(struct bq_counts *counts, struct bq_claim *claim, bool late)
{
    struct barq_function_stats *function = counts_of(counts, claim, claim->claimed.job.function);

    function->crashed++;
    function->timed_out += late;
    if (claim->started) {
        bq_histogram_add(&function->ran, (bq_mono_ms() - claim->began_at_ms) * 1000);
    }
}
