/*
 * recycle.h - executors that are replaced after so many jobs: of any function
 * (settings.recycle_after), or of one (barq_function.recycle_after).
 */
#ifndef BQ_DISPATCHER_RECYCLE_H
#define BQ_DISPATCHER_RECYCLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bq_dispatcher;
struct bq_claim;
struct bq_executor;

/* What one executor has run of one function that counts. */
struct bq_recycle_count {
    const struct bq_executor *executor;
    uint64_t function; /* its name's hash; 0: any */
    int64_t jobs;
};

struct bq_recycle {
    struct bq_recycle_count *counts; /* owned */
    size_t count;
    size_t capacity;
};

void bq_recycle_clear(struct bq_recycle *recycle);
/* How many jobs may still be sent to it: a number that is never reached when none are counted. */
int bq_recycle_left(const struct bq_dispatcher *dispatcher, const struct bq_executor *executor);
/* Is there a function whose jobs in it are counted? */
bool bq_recycle_counts(const struct bq_recycle *recycle, const struct bq_executor *executor);
/* An attempt in the claim's executor has ended with an outcome: retires the executor if that was its last. */
void bq_recycle_ended(struct bq_dispatcher *dispatcher, const struct bq_claim *claim,
                      int64_t now_ms);
/* It has ended, and begins again with nothing. */
void bq_recycle_forget(struct bq_recycle *recycle, const struct bq_executor *executor);

#endif
