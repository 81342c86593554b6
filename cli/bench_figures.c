/*
 * bench_figures.c - what barq bench has measured, counted and printed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "cli.h"

static int by_size(const void *a, const void *b)
{
    const int64_t *one = a;
    const int64_t *other = b;

    return (*one > *other) - (*one < *other);
}

static void take_percentiles(int64_t *latencies, size_t count, struct bench_figures *out)
{
    static const size_t percents[] = {50, 95, 99};

    qsort(latencies, count, sizeof(*latencies), by_size);
    for (int i = 0; i < 3; i++) {
        out->percentile[i] = latencies[(count * percents[i] + 99) / 100 - 1];
    }
}

/* From the queue's own times, so that it does not matter when a client looked. */
static void count_latencies(const struct bench *bench, struct bench_figures *out)
{
    int64_t first_ms = INT64_MAX;
    int64_t last_ms = 0;
    size_t count = 0;
    int64_t *latencies = calloc((size_t)bench->plan.jobs, sizeof(*latencies));

    for (int64_t i = 0; latencies && i < bench->plan.jobs; i++) {
        const struct bench_job *job = &bench->jobs[i];
        if (job->finished_at_ms != 0) {
            latencies[count++] = job->finished_at_ms - job->enqueued_at_ms;
            first_ms = job->enqueued_at_ms < first_ms ? job->enqueued_at_ms : first_ms;
            last_ms = job->finished_at_ms > last_ms ? job->finished_at_ms : last_ms;
        }
    }
    if (count > 0) {
        int64_t took_ms = last_ms > first_ms ? last_ms - first_ms : 1;
        out->finish_rate = (double)count * 1000 / (double)took_ms;
        take_percentiles(latencies, count, out);
    }
    free(latencies);
}

static void count_enqueued(const struct bench *bench, struct bench_figures *out)
{
    int64_t begun_us = INT64_MAX;
    int64_t ended_us = 0;

    for (int64_t i = 0; i < bench->plan.clients; i++) {
        const struct bench_client *client = &bench->clients[i];
        begun_us = client->begun_us < begun_us ? client->begun_us : begun_us;
        ended_us = client->ended_us > ended_us ? client->ended_us : ended_us;
        out->left += client->left;
    }
    out->enqueue_s = ended_us > begun_us ? (double)(ended_us - begun_us) / 1e6 : 1e-6;
    out->enqueue_rate = (double)out->enqueued / out->enqueue_s;
}

struct bench_figures bench_measure(const struct bench *bench)
{
    struct bench_figures figures = {.finish_rate = -1, .percentile = {-1, -1, -1}};

    for (int64_t i = 0; i < bench->plan.jobs; i++) {
        enum bench_state state = bench->jobs[i].state;
        figures.enqueued += state != BENCH_NEW;
        figures.complete += state == BENCH_COMPLETE;
        figures.failed += state == BENCH_FAILED;
    }
    count_enqueued(bench, &figures);
    count_latencies(bench, &figures);
    return figures;
}

void bench_print(const struct bench *bench, const struct bench_figures *figures)
{
    printf("enqueued   %lld in %.3f s, %.0f a second\n", (long long)figures->enqueued,
           figures->enqueue_s, figures->enqueue_rate);
    if (bench->plan.wait_ms == BENCH_NO_WAIT) {
        return;
    }
    int64_t finished = figures->complete + figures->failed;
    printf("finished   %lld", (long long)finished);
    if (figures->finish_rate >= 0) {
        printf(", %.0f a second", figures->finish_rate);
    }
    printf("\nfailed     %lld\n", (long long)figures->failed);
    if (figures->finish_rate >= 0) {
        printf("latency    p50 %lld ms, p95 %lld ms, p99 %lld ms\n",
               (long long)figures->percentile[0], (long long)figures->percentile[1],
               (long long)figures->percentile[2]);
    }
}

static void put_known(struct barq_arena *arena, struct barq_value *object, const char *key,
                      double figure)
{
    barq_set_key(object, key, figure >= 0 ? barq_double(arena, figure) : barq_null(arena));
}

void bench_print_json(struct barq_arena *arena, const struct bench *bench,
                      const struct bench_figures *figures)
{
    static const char *const latencies[] = {"latency_p50_ms", "latency_p95_ms", "latency_p99_ms"};
    bool waited = bench->plan.wait_ms != BENCH_NO_WAIT;
    struct barq_value *object = barq_map(arena);

    barq_set_key(object, "function", barq_string(arena, bench->plan.function));
    barq_set_key(object, "jobs", barq_int(arena, bench->plan.jobs));
    barq_set_key(object, "clients", barq_int(arena, bench->plan.clients));
    barq_set_key(object, "batch", barq_int(arena, bench->plan.batch));
    barq_set_key(object, "enqueued", barq_int(arena, figures->enqueued));
    barq_set_key(object, "enqueue_s", barq_double(arena, figures->enqueue_s));
    barq_set_key(object, "enqueued_per_s", barq_double(arena, figures->enqueue_rate));
    barq_set_key(object, "complete",
                 waited ? barq_int(arena, figures->complete) : barq_null(arena));
    barq_set_key(object, "failed", waited ? barq_int(arena, figures->failed) : barq_null(arena));
    put_known(arena, object, "finished_per_s", figures->finish_rate);
    for (int i = 0; i < 3; i++) {
        int64_t ms = figures->percentile[i];
        barq_set_key(object, latencies[i], ms >= 0 ? barq_int(arena, ms) : barq_null(arena));
    }
    puts(cli_json(arena, object));
}
