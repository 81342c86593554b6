/*
 * top_look.c - what barq top looks at, and the rates between two looks.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/time.h"
#include "top.h"

enum { RUNNING_MAX = 500 };

void top_view_init(struct top_view *view)
{
    *view = (struct top_view){.at_ms = 0};
    bq_arena_init(&view->arena, TOP_ARENA_BYTES);
    bq_arena_init(&view->running.arena, TOP_ARENA_BYTES);
}

void top_view_clear(struct top_view *view)
{
    bq_arena_clear(&view->arena);
    bq_arena_clear(&view->running.arena);
    top_view_init(view);
}

/* A page of jobs, smaller where they are so large that not even a few fit. */
static enum barq_status look_at_jobs(struct barq_client *client, enum barq_job_status status_wanted,
                                     size_t limit, struct top_jobs *out, struct barq_error *err)
{
    struct barq_list_filter filter = {.status = (int)status_wanted};

    for (;; limit /= 2) {
        const char *next = NULL;
        out->count = 0;
        bq_arena_reset(&out->arena);
        enum barq_status status = barq_list_jobs(client, &filter, NULL, limit, &out->arena,
                                                 &out->jobs, &out->count, &next, err);
        if (status != BARQ_ERR_NOMEM || limit == 1) {
            return status;
        }
    }
}

static int older(const void *a, const void *b)
{
    const struct barq_job_info *one = a;
    const struct barq_job_info *other = b;

    return (one->started_at_ms > other->started_at_ms) -
           (one->started_at_ms < other->started_at_ms);
}

static int newer(const void *a, const void *b)
{
    const struct barq_job_info *one = a;
    const struct barq_job_info *other = b;

    return (one->finished_at_ms < other->finished_at_ms) -
           (one->finished_at_ms > other->finished_at_ms);
}

static void sort(struct top_jobs *jobs, int (*compare)(const void *a, const void *b))
{
    if (jobs->count > 1) {
        qsort(jobs->jobs, jobs->count, sizeof(*jobs->jobs), compare);
    }
}

enum barq_status top_look_failed(struct barq_client *client, struct top_jobs *out,
                                 struct barq_error *err)
{
    enum barq_status status = look_at_jobs(client, BARQ_JOB_FAILED, BARQ_LIST_MAX, out, err);

    sort(out, newer);
    return status;
}

/* Counts that fall (results are thrown away) are no rate. */
static double rate(int64_t before, int64_t after, int64_t ms)
{
    return ms > 0 && after > before ? (double)(after - before) * 1000 / (double)ms : 0;
}

static double queue_rate(const struct top_view *before, const struct top_view *now, size_t row)
{
    const struct barq_queue_stats *stats = &now->queues[row];

    for (size_t i = 0; i < before->n_queues; i++) {
        const struct barq_queue_stats *past = &before->queues[i];
        if (strcmp(past->queue, stats->queue) == 0) {
            return rate(past->complete + past->failed, stats->complete + stats->failed,
                        now->at_ms - before->at_ms);
        }
    }
    return 0;
}

static int64_t outcomes(const struct barq_worker_info *worker)
{
    return worker->complete + worker->failed + worker->retried;
}

/* A worker tells its counts now and then: until the next time, the rate is what it was. */
static double worker_rate(const struct top_view *before, const struct top_view *now, size_t row)
{
    const struct barq_worker_info *worker = &now->workers[row];

    for (size_t i = 0; i < before->n_workers; i++) {
        const struct barq_worker_info *past = &before->workers[i];
        if (strcmp(past->name, worker->name) != 0 || past->started_at_ms != worker->started_at_ms) {
            continue;
        }
        return past->seen_at_ms == worker->seen_at_ms
                   ? before->worker_rates[i]
                   : rate(outcomes(past), outcomes(worker), worker->seen_at_ms - past->seen_at_ms);
    }
    return rate(0, outcomes(worker), worker->seen_at_ms - worker->started_at_ms);
}

static enum barq_status count_up(const struct top_view *before, struct top_view *now,
                                 struct barq_error *err)
{
    now->queue_rates = bq_arena_array(&now->arena, now->n_queues + 1, sizeof(double));
    now->worker_rates = bq_arena_array(&now->arena, now->n_workers + 1, sizeof(double));
    if (!now->queue_rates || !now->worker_rates) {
        return bq_fail(err, BARQ_ERR_NOMEM, "top: out of memory");
    }

    now->failed = 0;
    for (size_t i = 0; i < now->n_queues; i++) {
        now->failed += now->queues[i].failed;
        now->queue_rates[i] = queue_rate(before, now, i);
    }
    for (size_t i = 0; i < now->n_workers; i++) {
        now->worker_rates[i] = worker_rate(before, now, i);
    }
    return BARQ_OK;
}

enum barq_status top_look(struct barq_client *client, const struct top_view *before,
                          struct top_view *out, struct barq_error *err)
{
    out->n_queues = 0;
    out->n_workers = 0;
    bq_arena_reset(&out->arena);
    out->at_ms = bq_mono_ms();
    enum barq_status status = barq_stats(client, &out->arena, &out->queues, &out->n_queues, err);
    if (status == BARQ_OK) {
        status = barq_workers(client, &out->arena, &out->workers, &out->n_workers, err);
    }
    if (status == BARQ_OK) {
        status = look_at_jobs(client, BARQ_JOB_IN_PROGRESS, RUNNING_MAX, &out->running, err);
    }
    sort(&out->running, older);
    return status == BARQ_OK ? count_up(before, out, err) : status;
}
