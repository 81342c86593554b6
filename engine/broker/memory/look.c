#include <string.h>

#include "base/text.h"
#include "broker/memory/store.h"
#include "broker/reply.h"
#include "job/message.h"

static enum barq_job_status status_of(const struct memory_job *job, int64_t now_ms)
{
    switch (job->state) {
    case MEMORY_WAITING:
        return job->job.due_at_ms > now_ms ? BARQ_JOB_DEFERRED : BARQ_JOB_QUEUED;
    case MEMORY_BLOCKED:
        return BARQ_JOB_DEFERRED;
    case MEMORY_RUNNING:
        return BARQ_JOB_IN_PROGRESS;
    case MEMORY_FINISHED:
        break;
    }
    return job->failed ? BARQ_JOB_FAILED : BARQ_JOB_COMPLETE;
}

/* False: the arena has no room. */
static bool copy_text(struct barq_arena *arena, const char *text, const char **out)
{
    *out = text ? bq_arena_strdup(arena, text) : NULL;
    return !text || *out;
}

/* A list is without logs, which are long. */
static bool show(const struct memory_job *job, int64_t now_ms, bool with_log,
                 struct barq_arena *arena, struct bq_found *out)
{
    struct bq_job shown = job->job;
    struct bq_found found = {.status = status_of(job, now_ms),
                             .tries = job->tries,
                             .losses = job->losses,
                             .crashes = job->crashes,
                             .done = job->done,
                             .total = job->total,
                             .progress_at_ms = job->progress_at_ms,
                             .waits_for = (int64_t)bq_memory_waits_for(job),
                             .finished_at_ms = job->finished_at_ms};

    shown.uncertain = job->job.uncertain && !job->claimed_before;
    if (found.status == BARQ_JOB_COMPLETE || shown.payload_bytes > BQ_JOB_MAX_BYTES) {
        shown.payload = NULL;
        shown.payload_bytes = 0;
    }
    if (found.status == BARQ_JOB_IN_PROGRESS) {
        found.claimed_at_ms = job->claimed_at_ms;
    }
    if (bq_memory_has_result(job, now_ms)) {
        found.result = bq_arena_memdup(arena, job->result, job->result_bytes);
        found.result_bytes = job->result_bytes;
        if (!found.result) {
            return false;
        }
    }
    const char *worker = job->state == MEMORY_RUNNING ? job->holder->name : NULL;
    if (!copy_text(arena, worker, &found.worker) || !copy_text(arena, job->note, &found.note) ||
        !copy_text(arena, with_log ? job->log : NULL, &found.log)) {
        return false;
    }
    found.history = bq_arena_strdup(arena, job->history ? job->history : "[]");
    if (!found.history || !bq_reply_job(arena, &shown, &found.job)) {
        return false;
    }
    *out = found;
    return true;
}

enum barq_status bq_memory_look(struct bq_broker *broker, const char *id, struct barq_arena *arena,
                                struct bq_found *out, int64_t timeout_ms, struct barq_error *err)
{
    struct memory_store *store = ((struct memory_broker *)broker)->store;
    int64_t now_ms = bq_memory_now(store);
    const struct memory_job *job = bq_memory_find(store, id, now_ms);
    (void)timeout_ms;

    if (!job) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "memory: there is no such job");
    }
    if (!show(job, now_ms, true, arena, out)) {
        return bq_fail(err, BARQ_ERR_NOMEM, "memory: no room for a job's bytes");
    }
    return BARQ_OK;
}

/* Is it on the page? One that is past its time is not there any more. */
static bool is_listed(const struct memory_job *job, const struct barq_list_filter *filter,
                      int64_t after, int64_t now_ms)
{
    if (job->seq <= after || (job->state == MEMORY_FINISHED && job->line_at_ms <= now_ms)) {
        return false;
    }
    if (filter->queue && strcmp(job->job.queue, filter->queue) != 0) {
        return false;
    }
    return filter->status == BARQ_OFF || filter->status == (int)status_of(job, now_ms);
}

/* Fills a page; `*last` is the seq of the last one on it, and 0 when nothing is left behind it. */
static bool fill_page(struct memory_store *store, const struct barq_list_filter *filter,
                      int64_t after, size_t limit, struct barq_arena *arena, struct bq_found *page,
                      size_t *count, int64_t *last)
{
    int64_t now_ms = bq_memory_now(store);

    bq_list_each (at, &store->jobs) {
        const struct memory_job *job = bq_list_owner(at, struct memory_job, all);

        if (!is_listed(job, filter, after, now_ms)) {
            continue;
        }
        if (*count == limit || !show(job, now_ms, false, arena, &page[*count])) {
            return *count > 0;
        }
        (*count)++;
        *last = job->seq;
    }
    *last = 0;
    return true;
}

enum barq_status bq_memory_list(struct bq_broker *broker, const struct barq_list_filter *filter,
                                const char *cursor, size_t limit, struct barq_arena *arena,
                                struct bq_found **out, size_t *count, const char **next,
                                int64_t timeout_ms, struct barq_error *err)
{
    struct memory_store *store = ((struct memory_broker *)broker)->store;
    int64_t after = 0;
    (void)timeout_ms;

    if (cursor && *cursor && !bq_parse_int(cursor, &after)) {
        return bq_fail(err, BARQ_ERR_ARG, "memory: this is no cursor of a list of jobs");
    }
    struct bq_found *page = bq_arena_array(arena, limit, sizeof(*page));
    const char *after_page = NULL;
    size_t found = 0;
    int64_t last = 0;
    bool fits = page && fill_page(store, filter, after, limit, arena, page, &found, &last);
    if (fits && last > 0) {
        after_page = bq_reply_cursor(arena, last);
        fits = after_page != NULL;
    }
    if (!fits) {
        return bq_fail(err, BARQ_ERR_NOMEM, "memory: no room for a list of jobs");
    }

    *out = page;
    *count = found;
    *next = after_page;
    return BARQ_OK;
}

static void count_job(const struct memory_job *job, int64_t now_ms)
{
    struct barq_queue_stats *stats = &job->queue->stats;
    enum barq_job_status status = status_of(job, now_ms);

    if (job->state == MEMORY_FINISHED && job->line_at_ms <= now_ms) {
        return;
    }
    stats->queued += status == BARQ_JOB_QUEUED;
    stats->held += job->state == MEMORY_WAITING && job->held;
    stats->deferred += status == BARQ_JOB_DEFERRED;
    stats->in_progress += status == BARQ_JOB_IN_PROGRESS;
    stats->complete += status == BARQ_JOB_COMPLETE;
    stats->failed += status == BARQ_JOB_FAILED;
}

static size_t clear_stats(struct memory_store *store)
{
    size_t queues = 0;

    bq_list_each (at, &store->queues) {
        struct memory_queue *queue = bq_list_owner(at, struct memory_queue, link);

        queue->stats = (struct barq_queue_stats){.queue = queue->name, .paused = queue->paused};
        queues++;
    }
    return queues;
}

enum barq_status bq_memory_stats(struct bq_broker *broker, struct barq_arena *arena,
                                 struct barq_queue_stats **out, size_t *count, int64_t timeout_ms,
                                 struct barq_error *err)
{
    struct memory_store *store = ((struct memory_broker *)broker)->store;
    int64_t now_ms = bq_memory_now(store);
    size_t queues = clear_stats(store);
    struct barq_queue_stats *stats = bq_arena_array(arena, queues, sizeof(*stats));
    size_t filled = 0;
    (void)timeout_ms;

    bq_list_each (at, &store->jobs) {
        count_job(bq_list_owner(at, struct memory_job, all), now_ms);
    }
    bq_list_each (at, &store->queues) {
        const struct memory_queue *queue = bq_list_owner(at, struct memory_queue, link);
        char *name = bq_arena_strdup(arena, queue->name);

        if (!stats || !name) {
            return bq_fail(err, BARQ_ERR_NOMEM, "memory: no room for the queues' counts");
        }
        stats[filled] = queue->stats;
        stats[filled++].queue = name;
    }
    *out = stats;
    *count = filled;
    return BARQ_OK;
}
