/*
 * top_cells.c - the rows of barq top's lists as text; nothing of it can steer a terminal.
 */
#include <stdarg.h>
#include <stddef.h>

#include "cli.h"
#include "top.h"

const char *top_clean(struct top_frame *frame, const char *text)
{
    return cli_clean(&frame->arena, text ? text : "");
}

const char *top_text(struct top_frame *frame, const char *pattern, ...)
{
    va_list values;
    va_start(values, pattern);
    const char *text = bq_arena_vformat(&frame->arena, pattern, values);
    va_end(values);

    return text ? text : "?";
}

static const char *number(struct top_frame *frame, int64_t count)
{
    return top_text(frame, "%lld", (long long)count);
}

const char *top_rate(struct top_frame *frame, double rate)
{
    return top_text(frame, rate > 0 && rate < 10 ? "%.1f" : "%.0f", rate);
}

const char *top_age(struct top_frame *frame, int64_t since_ms)
{
    long long s = since_ms > 0 && since_ms < frame->now_ms ? (frame->now_ms - since_ms) / 1000 : 0;

    if (since_ms == 0) {
        return "-";
    }
    if (s < 60) {
        return top_text(frame, "%llds", s);
    }
    if (s < 3600) {
        return top_text(frame, "%lldm%02llds", s / 60, s % 60);
    }
    return s < 86400 ? top_text(frame, "%lldh%02lldm", s / 3600, s / 60 % 60)
                     : top_text(frame, "%lldd%02lldh", s / 86400, s / 3600 % 24);
}

/* -- the cells of a row, in the order of its list's columns -- */

static const struct top_column queue_columns[] = {
    {"QUEUE", 0, false},   {"QUEUED", 8, true}, {"RUNNING", 7, true},  {"FAILED", 7, true},
    {"DONE/S", 7, true},   {"STATE", 6, false}, {"DEFERRED", 8, true}, {"HELD", 6, true},
    {"COMPLETE", 9, true}, {.title = NULL},
};

static void queue_cells(struct top_frame *frame, size_t row, const char **cells)
{
    const struct barq_queue_stats *queue = &top_now(frame->top)->queues[row];

    cells[0] = top_clean(frame, queue->queue);
    cells[1] = number(frame, queue->queued);
    cells[2] = number(frame, queue->in_progress);
    cells[3] = number(frame, queue->failed);
    cells[4] = top_rate(frame, top_now(frame->top)->queue_rates[row]);
    cells[5] = queue->paused ? "paused" : "";
    cells[6] = number(frame, queue->deferred);
    cells[7] = number(frame, queue->held);
    cells[8] = number(frame, queue->complete);
}

static const struct top_column worker_columns[] = {
    {"WORKER", 0, false},  {"RUNNING", 7, true}, {"THREADS", 8, true}, {"JOBS/S", 7, true},
    {"FAILED", 7, true},   {"UP", 6, true},      {"SEEN", 6, true},    {"RETRIED", 7, true},
    {"COMPLETE", 9, true}, {"QUEUES", 20, false}};

static void worker_cells(struct top_frame *frame, size_t row, const char **cells)
{
    const struct barq_worker_info *worker = &top_now(frame->top)->workers[row];

    cells[0] = top_clean(frame, worker->name);
    cells[1] = number(frame, worker->running);
    cells[2] =
        top_text(frame, "%lldx%lld", (long long)worker->executors, (long long)worker->threads);
    cells[3] = top_rate(frame, top_now(frame->top)->worker_rates[row]);
    cells[4] = number(frame, worker->failed);
    cells[5] = top_age(frame, worker->started_at_ms);
    cells[6] = top_age(frame, worker->seen_at_ms);
    cells[7] = number(frame, worker->retried);
    cells[8] = number(frame, worker->complete);
    cells[9] = top_clean(frame, worker->queues);
}

static const struct top_column running_columns[] = {
    {"RUNNING", 0, false},   {"AGE", 7, true},     {"TRY", 3, true},      {"JOB", 36, false},
    {"PROGRESS", 16, false}, {"QUEUE", 12, false}, {"WORKER", 24, false}, {.title = NULL},
};

static const char *progress(struct top_frame *frame, const struct barq_job_info *job)
{
    const char *note = top_clean(frame, job->note);

    if (job->total > 0) {
        return top_text(frame, "%lld/%lld %s", (long long)job->done, (long long)job->total, note);
    }
    return job->done > 0 ? top_text(frame, "%lld %s", (long long)job->done, note) : note;
}

static void running_cells(struct top_frame *frame, size_t row, const char **cells)
{
    const struct barq_job_info *job = &top_now(frame->top)->running.jobs[row];

    cells[0] = top_clean(frame, job->function);
    cells[1] = top_age(frame, job->started_at_ms);
    cells[2] = number(frame, job->job_try);
    cells[3] = top_clean(frame, job->id);
    cells[4] = progress(frame, job);
    cells[5] = top_clean(frame, job->queue);
    cells[6] = top_clean(frame, job->worker);
}

static const struct top_column failed_columns[] = {
    {"FAILED", 16, false}, {"AGO", 7, true},   {"TRY", 3, true}, {"ERROR", 0, false},
    {"QUEUE", 12, false},  {"JOB", 36, false}, {.title = NULL},
};

static void failed_cells(struct top_frame *frame, size_t row, const char **cells)
{
    const struct barq_job_info *job = &frame->top->failed.jobs[row];

    cells[0] = top_clean(frame, job->function);
    cells[1] = top_age(frame, job->finished_at_ms);
    cells[2] = number(frame, job->job_try);
    cells[3] = top_clean(frame, job->error);
    cells[4] = top_clean(frame, job->queue);
    cells[5] = top_clean(frame, job->id);
}

const struct top_list_cells top_lists[TOP_LISTS] = {
    [TOP_QUEUES] = {queue_columns, queue_cells},
    [TOP_WORKERS] = {worker_columns, worker_cells},
    [TOP_RUNNING] = {running_columns, running_cells},
    [TOP_FAILED] = {failed_columns, failed_cells},
};
