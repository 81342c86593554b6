/*
 * past.h - how it was: samples at two resolutions, in rings, so that memory is bounded however long it goes.
 */
#ifndef BW_PAST_H
#define BW_PAST_H

#include <barq/value.h>

#include "web/gather.h"

enum {
    BW_HOUR_STEP_MS = 5000,
    BW_HOUR_SAMPLES = 720,
    BW_DAY_STEP_MS = 60 * 1000,
    BW_DAY_SAMPLES = 1440,
    BW_PAST_QUEUES = 32, /* that have a past of their own: the first ones */
    BW_RECENT_MS = 60 * 1000,
};

enum bw_span { BW_HOUR, BW_DAY, BW_SPANS };

struct bw_counts {
    int64_t queued;
    int64_t deferred;
    int64_t in_progress;
    int64_t dead;
    int64_t held;
};

struct bw_ended {
    int64_t complete;
    int64_t failed;
    int64_t retried;
    int64_t ran[BARQ_BUCKETS];
    int64_t waited[BARQ_BUCKETS];
};

struct bw_sample {
    int64_t at_ms;
    int64_t span_ms; /* since the sample before; 0: there is none */
    struct bw_counts all;
    struct bw_counts queues[BW_PAST_QUEUES];
    struct bw_ended ended; /* in that span */
};

struct bw_ring {
    struct bw_sample *samples; /* owned; the one of number n is at n % size */
    size_t size;
    int64_t step_ms;
    int64_t count;            /* that there ever were */
    struct bw_sample growing; /* the next, which is added when its step is over */
};

struct bw_past {
    struct bw_ring rings[BW_SPANS];
    char *queues[BW_PAST_QUEUES]; /* owned */
    size_t n_queues;
    int64_t last_ms; /* the last sample's; 0: none yet */
};

enum barq_status bw_past_init(struct bw_past *past, struct barq_error *err) BARQ_MUST_CHECK;
void bw_past_clear(struct bw_past *past); /* takes a half-built one */

/* `functions` and `workers` are what is new since the last time. */
void bw_past_add(struct bw_past *past, const struct barq_queue_stats *queues, size_t n_queues,
                 const struct bw_numbers *functions, const struct bw_numbers *workers,
                 int64_t now_ms);

/* The samples later than `since_ms`, as openapi.json has them; of one queue, or of all (NULL). */
struct barq_value *bw_past_samples(const struct bw_past *past, enum bw_span span, int64_t since_ms,
                                   const char *queue, struct barq_arena *arena);
/* The last minute together. */
struct barq_value *bw_past_recent(const struct bw_past *past, int64_t now_ms,
                                  struct barq_arena *arena);

/* The length that this part (0.95) of them did not exceed, in ms, between two bounds as if evenly spread; -1: none. */
double bw_percentile_ms(const int64_t buckets[BARQ_BUCKETS], double part);
/* As a value; null: none. */
struct barq_value *bw_percentile(struct barq_arena *arena, const int64_t buckets[BARQ_BUCKETS],
                                 double part);

#endif
