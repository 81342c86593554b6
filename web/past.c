#include "web/past.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* -- percentiles -- */

double bw_percentile_ms(const int64_t buckets[BARQ_BUCKETS], double part)
{
    int64_t count = 0;
    int64_t below = 0;

    for (int i = 0; i < BARQ_BUCKETS; i++) {
        count += buckets[i];
    }
    if (count == 0) {
        return -1;
    }
    double wanted = part * (double)count;
    for (int i = 0; i + 1 < BARQ_BUCKETS; i++) {
        if (buckets[i] > 0 && (double)(below + buckets[i]) >= wanted) {
            double from = i > 0 ? (double)barq_bucket_ms(i - 1) : 0;
            double to = (double)barq_bucket_ms(i);
            return from + (to - from) * (wanted - (double)below) / (double)buckets[i];
        }
        below += buckets[i];
    }
    return (double)barq_bucket_ms(BARQ_BUCKETS - 2); /* at least: nobody knows how much longer */
}

struct barq_value *bw_percentile(struct barq_arena *arena, const int64_t buckets[BARQ_BUCKETS],
                                 double part)
{
    double ms = bw_percentile_ms(buckets, part);

    return ms < 0 ? barq_null(arena) : barq_double(arena, round(ms * 1000) / 1000);
}

static void put_percentiles(struct barq_value *value, struct barq_arena *arena,
                            const struct bw_ended *ended)
{
    barq_set_key(value, "run_p50_ms", bw_percentile(arena, ended->ran, 0.5));
    barq_set_key(value, "run_p95_ms", bw_percentile(arena, ended->ran, 0.95));
    barq_set_key(value, "wait_p50_ms", bw_percentile(arena, ended->waited, 0.5));
    barq_set_key(value, "wait_p95_ms", bw_percentile(arena, ended->waited, 0.95));
}

/* -- adding -- */

/* BW_PAST_QUEUES: it has none of its own. */
static size_t slot_of(struct bw_past *past, const char *queue)
{
    for (size_t i = 0; i < past->n_queues; i++) {
        if (strcmp(past->queues[i], queue) == 0) {
            return i;
        }
    }
    char *copy = past->n_queues < BW_PAST_QUEUES ? strdup(queue) : NULL;
    if (!copy) {
        return BW_PAST_QUEUES;
    }
    past->queues[past->n_queues] = copy;
    return past->n_queues++;
}

static void add_counts(struct bw_counts *to, const struct barq_queue_stats *queue)
{
    to->queued += queue->queued;
    to->deferred += queue->deferred;
    to->in_progress += queue->in_progress;
    to->dead += queue->failed;
    to->held += queue->held;
}

static void add_ended(struct bw_ended *to, const struct bw_ended *more)
{
    to->complete += more->complete;
    to->failed += more->failed;
    to->retried += more->retried;
    for (int i = 0; i < BARQ_BUCKETS; i++) {
        to->ran[i] += more->ran[i];
        to->waited[i] += more->waited[i];
    }
}

/* Counts are as they are at a step's end; what has ended in it adds up. */
static void add_to_ring(struct bw_ring *ring, const struct bw_sample *sample)
{
    struct bw_sample *growing = &ring->growing;
    struct bw_ended ended = growing->ended;
    int64_t span_ms = growing->span_ms + sample->span_ms;

    add_ended(&ended, &sample->ended);
    *growing = *sample;
    growing->ended = ended;
    growing->span_ms = span_ms;
    /* A sample that comes a little early belongs to its step all the same. */
    if (ring->count > 0 && span_ms < ring->step_ms - BW_HOUR_STEP_MS / 2) {
        return;
    }
    ring->samples[(size_t)ring->count % ring->size] = *growing;
    ring->count++;
    *growing = (struct bw_sample){.at_ms = 0};
}

void bw_past_add(struct bw_past *past, const struct barq_queue_stats *queues, size_t n_queues,
                 const struct bw_numbers *functions, const struct bw_numbers *workers,
                 int64_t now_ms)
{
    struct bw_sample sample = {.at_ms = now_ms};

    for (size_t i = 0; i < n_queues; i++) {
        size_t slot = slot_of(past, queues[i].queue);
        add_counts(&sample.all, &queues[i]);
        if (slot < BW_PAST_QUEUES) {
            add_counts(&sample.queues[slot], &queues[i]);
        }
    }
    /* The first time all is new that ever was: that is no speed. */
    if (past->last_ms != 0) {
        sample.span_ms = now_ms > past->last_ms ? now_ms - past->last_ms : 0;
        sample.ended = (struct bw_ended){.complete = workers->counters[BW_COMPLETE],
                                         .failed = workers->counters[BW_FAILED],
                                         .retried = workers->counters[BW_RETRIED]};
        memcpy(sample.ended.ran, functions->ran.buckets, sizeof(sample.ended.ran));
        memcpy(sample.ended.waited, functions->waited.buckets, sizeof(sample.ended.waited));
    }
    past->last_ms = now_ms;
    for (int i = 0; i < BW_SPANS; i++) {
        add_to_ring(&past->rings[i], &sample);
    }
}

/* -- telling -- */

static const struct bw_sample *nth(const struct bw_ring *ring, int64_t number)
{
    return &ring->samples[(size_t)number % ring->size];
}

static int64_t first_of(const struct bw_ring *ring)
{
    return ring->count > (int64_t)ring->size ? ring->count - (int64_t)ring->size : 0;
}

static struct barq_value *sample_json(const struct bw_sample *sample,
                                      const struct bw_counts *counts, bool of_all,
                                      struct barq_arena *arena)
{
    const struct bw_ended none = {.complete = 0};
    const struct bw_ended *ended = of_all ? &sample->ended : &none;
    struct barq_value *value = barq_map(arena);

    barq_set_key(value, "at_ms", barq_int(arena, sample->at_ms));
    barq_set_key(value, "span_ms", barq_int(arena, sample->span_ms));
    barq_set_key(value, "queued", barq_int(arena, counts->queued));
    barq_set_key(value, "deferred", barq_int(arena, counts->deferred));
    barq_set_key(value, "in_progress", barq_int(arena, counts->in_progress));
    barq_set_key(value, "dead", barq_int(arena, counts->dead));
    barq_set_key(value, "held", barq_int(arena, counts->held));
    barq_set_key(value, "completed", of_all ? barq_int(arena, ended->complete) : barq_null(arena));
    barq_set_key(value, "failed", of_all ? barq_int(arena, ended->failed) : barq_null(arena));
    barq_set_key(value, "retried", of_all ? barq_int(arena, ended->retried) : barq_null(arena));
    put_percentiles(value, arena, ended);
    return value;
}

struct barq_value *bw_past_samples(const struct bw_past *past, enum bw_span span, int64_t since_ms,
                                   const char *queue, struct barq_arena *arena)
{
    const struct bw_ring *ring = &past->rings[span];
    struct barq_value *list = barq_list(arena);
    size_t slot = 0;

    while (queue && slot < past->n_queues && strcmp(past->queues[slot], queue) != 0) {
        slot++;
    }
    if (queue && slot == past->n_queues) {
        return list;
    }
    for (int64_t i = first_of(ring); i < ring->count; i++) {
        const struct bw_sample *sample = nth(ring, i);
        if (sample->at_ms > since_ms) {
            barq_add(list, sample_json(sample, queue ? &sample->queues[slot] : &sample->all, !queue,
                                       arena));
        }
    }
    return list;
}

static struct barq_value *per_s(struct barq_arena *arena, int64_t count, int64_t span_ms)
{
    double rate = span_ms > 0 ? (double)count * 1000 / (double)span_ms : 0;

    return barq_double(arena, round(rate * 1000) / 1000);
}

struct barq_value *bw_past_recent(const struct bw_past *past, int64_t now_ms,
                                  struct barq_arena *arena)
{
    const struct bw_ring *ring = &past->rings[BW_HOUR];
    struct barq_value *value = barq_map(arena);
    struct bw_ended ended = {.complete = 0};
    int64_t span_ms = 0;

    for (int64_t i = ring->count - 1; i >= first_of(ring); i--) {
        const struct bw_sample *sample = nth(ring, i);
        if (sample->at_ms <= now_ms - BW_RECENT_MS) {
            break;
        }
        add_ended(&ended, &sample->ended);
        span_ms += sample->span_ms;
    }
    barq_set_key(value, "span_ms", barq_int(arena, span_ms));
    barq_set_key(value, "complete_per_s", per_s(arena, ended.complete, span_ms));
    barq_set_key(value, "failed_per_s", per_s(arena, ended.failed, span_ms));
    barq_set_key(value, "retried_per_s", per_s(arena, ended.retried, span_ms));
    put_percentiles(value, arena, &ended);
    return value;
}

/* -- its life -- */

enum barq_status bw_past_init(struct bw_past *past, struct barq_error *err)
{
    *past = (struct bw_past){
        .rings = {[BW_HOUR] = {.size = BW_HOUR_SAMPLES, .step_ms = BW_HOUR_STEP_MS},
                  [BW_DAY] = {.size = BW_DAY_SAMPLES, .step_ms = BW_DAY_STEP_MS}}};
    for (int i = 0; i < BW_SPANS; i++) {
        struct bw_ring *ring = &past->rings[i];
        ring->samples = calloc(ring->size, sizeof(*ring->samples));
        if (!ring->samples) {
            return bq_fail(err, BARQ_ERR_NOMEM, "web: out of memory");
        }
    }
    return BARQ_OK;
}

void bw_past_clear(struct bw_past *past)
{
    for (int i = 0; i < BW_SPANS; i++) {
        free(past->rings[i].samples);
    }
    for (size_t i = 0; i < past->n_queues; i++) {
        free(past->queues[i]);
    }
}
