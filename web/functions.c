/*
 * functions.c - what is run, how often, and how long it takes.
 */
#include "web/call.h"
#include "web/sampler.h"
#include "web/text.h"

static struct barq_value *histogram(struct barq_arena *arena,
                                    const struct barq_histogram *histogram)
{
    struct barq_value *value = barq_map(arena);
    struct barq_value *buckets = barq_list(arena);

    for (int i = 0; i < BARQ_BUCKETS; i++) {
        barq_add(buckets, barq_int(arena, histogram->buckets[i]));
    }
    barq_set_key(value, "count", barq_int(arena, histogram->count));
    barq_set_key(value, "sum_ms", barq_int(arena, histogram->sum_us / 1000));
    barq_set_key(value, "buckets", buckets);
    barq_set_key(value, "p50_ms", bw_percentile(arena, histogram->buckets, 0.5));
    barq_set_key(value, "p95_ms", bw_percentile(arena, histogram->buckets, 0.95));
    return value;
}

static struct barq_value *function_json(struct barq_arena *arena,
                                        const struct bw_function *function)
{
    const int64_t *counters = function->numbers.counters;
    struct barq_value *value = barq_map(arena);

    barq_set_key(value, "name", bw_text(arena, function->name));
    barq_set_key(value, "workers", barq_int(arena, function->workers));
    barq_set_key(value, "complete", barq_int(arena, counters[BW_COMPLETE]));
    barq_set_key(value, "failed", barq_int(arena, counters[BW_FAILED]));
    barq_set_key(value, "retried", barq_int(arena, counters[BW_RETRIED]));
    barq_set_key(value, "aborted", barq_int(arena, counters[BW_ABORTED]));
    barq_set_key(value, "timed_out", barq_int(arena, counters[BW_TIMED_OUT]));
    barq_set_key(value, "crashed", barq_int(arena, counters[BW_CRASHED]));
    barq_set_key(value, "receipts", barq_int(arena, counters[BW_RECEIPTS]));
    barq_set_key(value, "ran", histogram(arena, &function->numbers.ran));
    barq_set_key(value, "waited", histogram(arena, &function->numbers.waited));
    return value;
}

static enum barq_status list(struct bw_call *call, struct barq_error *err)
{
    struct barq_arena *arena = call->arena;
    struct bw_gathered gathered;

    enum barq_status status = bw_sampler_gathered(call->web->sampler, arena, &gathered, err);
    if (status != BARQ_OK) {
        return status;
    }
    struct barq_value *bounds = barq_list(arena);
    struct barq_value *functions = barq_list(arena);
    for (int i = 0; i + 1 < BARQ_BUCKETS; i++) {
        barq_add(bounds, barq_int(arena, barq_bucket_ms(i)));
    }
    for (size_t i = 0; i < gathered.n_functions; i++) {
        barq_add(functions, function_json(arena, &gathered.functions[i]));
    }
    call->answer = barq_map(arena);
    barq_set_key(call->answer, "since_at_ms", barq_int(arena, call->web->opened_at_ms));
    barq_set_key(call->answer, "bounds_ms", bounds);
    barq_set_key(call->answer, "functions", functions);
    return BARQ_OK;
}

const struct bw_route bw_function_routes[] = {
    {.method = "GET", .path = "/api/functions", .run = list},
    {.method = NULL},
};
