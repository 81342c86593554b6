/*
 * after.c - jobs that wait for other jobs: each one's edges hang on those it
 * waits for, until they end.
 */
#include <stdlib.h>

#include "broker/memory/store.h"
#include "broker/reply.h"

struct memory_edge {
    struct bq_list link; /* memory_job.waiters of the other */
    struct memory_job *waiter;
};

struct memory_after {
    char refusal[BQ_REFUSAL_BYTES]; /* "": none */
    size_t waits_for;
    size_t n_edges; /* that have been used */
    struct memory_edge edges[];
};

bool bq_memory_after_new(struct memory_job *job)
{
    bq_list_init(&job->waiters);
    if (job->job.n_after == 0) {
        return true;
    }
    job->after = calloc(1, sizeof(*job->after) + job->job.n_after * sizeof(job->after->edges[0]));
    return job->after;
}

static void unlink_edges(struct memory_job *job)
{
    struct memory_after *after = job->after;

    for (size_t i = 0; after && i < after->n_edges; i++) {
        bq_list_remove(&after->edges[i].link);
    }
    if (after) {
        after->waits_for = 0;
    }
}

void bq_memory_after_free(struct memory_job *job)
{
    bq_list_each (at, &job->waiters) {
        bq_list_remove(at);
    }
    unlink_edges(job);
    free(job->after);
}

size_t bq_memory_waits_for(const struct memory_job *job)
{
    return job->after ? job->after->waits_for : 0;
}

const char *bq_memory_refusal(const struct memory_job *job)
{
    return job->after && job->after->refusal[0] != '\0' ? job->after->refusal : NULL;
}

void bq_memory_wait_no_more(struct memory_store *store, struct memory_job *job, int64_t now_ms)
{
    unlink_edges(job);
    bq_memory_wait(store, job, job->job.due_at_ms, now_ms);
}

/* Waits, due at once, to be refused by whoever claims it. */
static void refuse(struct memory_store *store, struct memory_job *job, const char *id, bool deleted,
                   int64_t now_ms)
{
    (void)bq_reply_refusal(job->after->refusal, id, deleted);
    if (job->job.due_at_ms > now_ms) {
        job->job.due_at_ms = now_ms;
    }
    bq_memory_wait_no_more(store, job, now_ms);
}

/* An id may be given twice: then its last waiter is this one. */
static bool waits_already(const struct memory_job *job, const struct memory_job *other)
{
    return !bq_list_empty(&other->waiters) &&
           bq_list_owner(other->waiters.prev, struct memory_edge, link)->waiter == job;
}

static void add_edge(struct memory_job *job, struct memory_job *other)
{
    struct memory_edge *edge = &job->after->edges[job->after->n_edges++];

    edge->waiter = job;
    bq_list_add(&other->waiters, &edge->link);
    job->after->waits_for++;
}

void bq_memory_wait_for(struct memory_store *store, struct memory_job *job, const char *const *ids,
                        size_t count, int64_t now_ms)
{
    for (size_t i = 0; i < count; i++) {
        struct memory_job *other = bq_memory_find(store, ids[i], now_ms);

        if (!other || other == job || waits_already(job, other)) {
            continue;
        }
        if (other->state != MEMORY_FINISHED) {
            add_edge(job, other);
        } else if (other->failed && !job->job.after_failed) {
            refuse(store, job, ids[i], false, now_ms);
            return;
        }
    }
    if (bq_memory_waits_for(job) > 0) {
        bq_memory_move(store, job, MEMORY_BLOCKED, job->job.due_at_ms);
    } else {
        bq_memory_wait(store, job, job->job.due_at_ms, now_ms);
    }
}

void bq_memory_ended(struct memory_store *store, struct memory_job *job, bool failed, bool deleted,
                     int64_t now_ms)
{
    bq_list_each (at, &job->waiters) {
        struct memory_job *waiter = bq_list_owner(at, struct memory_edge, link)->waiter;

        bq_list_remove(at);
        waiter->after->waits_for--;
        if (failed && !waiter->job.after_failed) {
            refuse(store, waiter, job->job.id, deleted, now_ms);
        } else if (waiter->after->waits_for == 0) {
            bq_memory_wait_no_more(store, waiter, now_ms);
        }
    }
}
