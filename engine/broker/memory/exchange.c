#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "broker/history.h"
#include "broker/memory/store.h"
#include "broker/reply.h"

enum { SWEEP_MAX = 100 };

/* What an exchange needs memory for is made before anything happens, so that all of it happens or nothing. */
struct prepared {
    struct memory_store *store;
    const struct memory_broker *handle;
    const struct bq_exchange *exchange;
    struct made {
        char *result;
        char *history;
    } * made;                    /* one for each settle */
    struct made_report *reports; /* one for each report */
    struct memory_cron **crons;  /* one for each tick; NULL once it is in the store */
    struct memory_job **runs;    /* likewise; NULL also when it only asks */
    struct memory_job **jobs;    /* one for each enqueue; NULL once it is in the store */
    char *tally;                 /* NULL: none is told */
};

static void bq_prepared_drop(struct prepared *prepared)
{
    for (size_t i = 0; prepared->made && i < prepared->exchange->n_settles; i++) {
        free(prepared->made[i].result);
        free(prepared->made[i].history);
    }
    for (size_t i = 0; prepared->reports && i < prepared->exchange->n_reports; i++) {
        free(prepared->reports[i].note);
        free(prepared->reports[i].log);
    }
    for (size_t i = 0; prepared->jobs && i < prepared->exchange->n_enqueues; i++) {
        bq_memory_job_free(prepared->store, prepared->jobs[i]);
    }
    for (size_t i = 0; prepared->crons && prepared->runs && i < prepared->exchange->n_ticks; i++) {
        free(prepared->crons[i]);
        bq_memory_job_free(prepared->store, prepared->runs[i]);
    }
    free(prepared->made);
    free(prepared->reports);
    free(prepared->crons);
    free(prepared->runs);
    free(prepared->jobs);
    free(prepared->tally);
}

static bool makes_result(const struct bq_settle *settle)
{
    bool final = settle->kind == BQ_SETTLE_COMPLETE || settle->kind == BQ_SETTLE_FAIL;

    return final && settle->keep_result_ms > 0;
}

static bool make_settle(struct memory_store *store, const struct bq_settle *settle,
                        struct made *made, int64_t now_ms)
{
    if (makes_result(settle)) {
        made->result = calloc(1, settle->result_bytes + 1);
        if (!made->result) {
            return false;
        }
        if (settle->result_bytes > 0) {
            memcpy(made->result, settle->result, settle->result_bytes);
        }
    }

    const struct memory_job *job = bq_memory_find(store, settle->id, now_ms);
    if (settle->history && job) {
        bq_auto(buf) struct bq_buf list;

        bq_buf_init(&list, BQ_HISTORY_MAX_BYTES + 1);
        bq_history_add(&list, job->history, settle->history);
        const char *text = bq_buf_cstr(&list);
        made->history = text ? strdup(text) : NULL;
        return made->history != NULL;
    }
    return true;
}

static bool make_ticks(struct prepared *prepared)
{
    const struct bq_exchange *x = prepared->exchange;

    prepared->crons = calloc(x->n_ticks + 1, sizeof(struct memory_cron *));
    prepared->runs = calloc(x->n_ticks + 1, sizeof(struct memory_job *));
    bool made = prepared->crons && prepared->runs;
    for (size_t i = 0; made && i < x->n_ticks; i++) {
        const struct bq_tick *tick = &x->ticks[i];

        prepared->crons[i] = bq_memory_cron_new(prepared->store, tick);
        if (tick->at_ms != 0) {
            prepared->runs[i] = bq_memory_job_new(prepared->store, &tick->job);
        }
        made = prepared->crons[i] && (prepared->runs[i] || tick->at_ms == 0);
    }
    return made;
}

static bool prepare(struct prepared *prepared, int64_t now_ms)
{
    const struct bq_exchange *x = prepared->exchange;

    prepared->made = calloc(x->n_settles + 1, sizeof(*prepared->made));
    prepared->reports = calloc(x->n_reports + 1, sizeof(*prepared->reports));
    prepared->jobs = calloc(x->n_enqueues + 1, sizeof(struct memory_job *));
    if (!prepared->made || !prepared->reports || !prepared->jobs || !make_ticks(prepared)) {
        return false;
    }
    if (x->state && x->state->tally) {
        prepared->tally = strdup(x->state->tally);
        if (!prepared->tally) {
            return false;
        }
    }
    for (size_t i = 0; i < x->n_reports; i++) {
        if (!bq_memory_make_report(prepared->handle, &x->reports[i], &prepared->reports[i],
                                   now_ms)) {
            return false;
        }
    }
    for (size_t i = 0; i < x->n_settles; i++) {
        if (!make_settle(prepared->store, &x->settles[i], &prepared->made[i], now_ms)) {
            return false;
        }
    }
    for (size_t i = 0; i < x->n_enqueues; i++) {
        prepared->jobs[i] = bq_memory_job_new(prepared->store, &x->enqueues[i].job);
        if (!prepared->jobs[i]) {
            return false;
        }
    }
    return true;
}

/* Takes the jobs of workers whose lease is over, and gives this one a new lease if it has lost its own. */
static void look_after_leases(struct memory_broker *handle, struct bq_exchange *x, int64_t now_ms)
{
    bq_list_each (at, &handle->store->handles) {
        struct memory_broker *other = bq_list_owner(at, struct memory_broker, link);

        if (other != handle && other->joined && !other->lease_gone &&
            other->lease_until_ms <= now_ms) {
            bq_memory_lose(handle->store, other, now_ms);
            other->lease_gone = true;
        }
    }

    x->lease_lost = handle->lease_gone;
    handle->lease_gone = false;
    if (x->renew || x->lease_lost || handle->lease_until_ms <= now_ms) {
        handle->lease_until_ms = now_ms + handle->lease_ms;
        handle->seen_at_ms = now_ms;
    }
}

static void tell_state(struct memory_broker *handle, const struct bq_exchange *x,
                       struct prepared *prepared, int64_t now_ms)
{
    if (!x->state) {
        return;
    }
    handle->state = *x->state;
    handle->state.tally = NULL; /* the dispatcher's */
    handle->seen_at_ms = now_ms;
    if (prepared->tally) {
        free(handle->tally);
        handle->tally = bq_take(prepared->tally);
    }
}

static void finish(struct memory_store *store, struct memory_job *job,
                   const struct bq_settle *settle, struct made *made, int64_t now_ms)
{
    int64_t result_until_ms = bq_result_until_ms(now_ms, settle->keep_result_ms);
    int64_t gone_at_ms = result_until_ms;

    job->failed = settle->kind == BQ_SETTLE_FAIL;
    if (job->failed && gone_at_ms < now_ms + BQ_DEAD_KEEP_MS) {
        gone_at_ms = now_ms + BQ_DEAD_KEEP_MS;
    }
    bq_memory_free_slots(store, job, false);
    job->holder = NULL;
    job->finished_at_ms = now_ms;
    job->result_until_ms = result_until_ms;
    job->result = bq_take(made->result);
    job->result_bytes = settle->result_bytes;
    bq_memory_move(store, job, MEMORY_FINISHED, gone_at_ms);
    store->finishes++;
    bq_memory_ended(store, job, job->failed, false, now_ms);
}

/* What is left alone is due later, for everybody; else as it was. */
static int64_t due_after(const struct memory_job *job, int64_t leave_ms, int64_t now_ms)
{
    bool later = leave_ms > 0 && !job->aborted && job->job.due_at_ms < now_ms + leave_ms;

    return later ? now_ms + leave_ms : job->job.due_at_ms;
}

static void settle(struct memory_broker *handle, struct bq_settle *s, struct made *made,
                   int64_t now_ms)
{
    struct memory_store *store = handle->store;
    struct memory_job *job = bq_memory_find(store, s->id, now_ms);

    if (!job || job->state != MEMORY_RUNNING || job->holder != handle || job->claim != s->claim) {
        s->stale = true;
        return;
    }
    if (made->history) {
        free(job->history);
        job->history = bq_take(made->history);
    }

    switch (s->kind) {
    case BQ_SETTLE_COMPLETE:
    case BQ_SETTLE_FAIL:
        finish(store, job, s, made, now_ms);
        break;
    case BQ_SETTLE_RETRY:
        job->tries += s->tries_used;
        job->crashes += s->crashes_used;
        job->alone = s->alone;
        job->claimed_before = true;
        bq_memory_free_slots(store, job, false);
        bq_memory_wait(store, job, now_ms + s->defer_ms, now_ms);
        break;
    case BQ_SETTLE_RELEASE:
        job->claimed_before = job->claimed_before || s->claimed_before;
        bq_memory_free_slots(store, job, !s->claimed_before);
        bq_memory_wait(store, job, due_after(job, s->leave_ms, now_ms), now_ms);
        break;
    }
}

static void probe(struct memory_store *store, struct bq_probe *probe, int64_t now_ms)
{
    const struct bq_identity *identity = &probe->identity;
    const struct memory_job *job = bq_memory_find(store, identity->id, now_ms);

    probe->held = job && job->state != MEMORY_FINISHED &&
                  job->job.enqueued_at_ms == identity->enqueued_at_ms &&
                  strcmp(job->job.queue, identity->queue) == 0;
}

static void tell_aborts(struct memory_broker *handle, struct bq_exchange *x)
{
    struct bq_list *running = &handle->store->running;
    size_t count = 0;

    bq_list_each (at, running) {
        const struct memory_job *job = bq_list_owner(at, struct memory_job, line);
        count += job->aborted && job->holder == handle;
    }
    x->aborts = count > 0 ? bq_reply_array(x->arena, count, sizeof(char *)) : NULL;
    if (!x->aborts) {
        return;
    }
    bq_list_each (at, running) {
        const struct memory_job *job = bq_list_owner(at, struct memory_job, line);
        if (job->aborted && job->holder == handle) {
            const char *id = bq_reply_text(x->arena, job->job.id);
            x->aborts[x->n_aborts] = id;
            x->n_aborts += id != NULL;
        }
    }
}

/* What waits in a paused queue does not count. */
static int64_t count_unfinished(const struct memory_broker *handle)
{
    int64_t count = 0;

    bq_list_each (at, &handle->store->waiting) {
        const struct memory_job *job = bq_list_owner(at, struct memory_job, line);
        count += !job->queue->paused && bq_memory_serves(handle, job);
    }
    bq_list_each (at, &handle->store->blocked) {
        const struct memory_job *job = bq_list_owner(at, struct memory_job, line);
        count += !job->queue->paused && bq_memory_serves(handle, job);
    }
    bq_list_each (at, &handle->store->running) {
        count += bq_memory_serves(handle, bq_list_owner(at, struct memory_job, line));
    }
    return count;
}

static void leave(struct memory_broker *handle, int64_t now_ms)
{
    bq_memory_lose(handle->store, handle, now_ms);
    handle->joined = false;
}

static void sweep(struct memory_store *store, int64_t now_ms)
{
    int left = SWEEP_MAX;

    bq_list_each (at, &store->finished) {
        struct memory_job *job = bq_list_owner(at, struct memory_job, line);

        if (left-- == 0 || job->line_at_ms > now_ms) {
            return;
        }
        bq_memory_job_free(store, job);
    }
}

/* What the exchange asks of the broker, in the order in which it happens. */
static void happen(struct memory_broker *handle, struct bq_exchange *x, struct prepared *prepared,
                   int64_t now_ms)
{
    for (size_t i = 0; i < x->n_reports; i++) {
        bq_memory_report(handle, &x->reports[i], &prepared->reports[i], now_ms);
    }
    for (size_t i = 0; i < x->n_settles; i++) {
        settle(handle, &x->settles[i], &prepared->made[i], now_ms);
    }
    for (size_t i = 0; i < x->n_ticks; i++) {
        bq_memory_tick(handle->store, &x->ticks[i], &prepared->crons[i], &prepared->runs[i],
                       now_ms);
    }
    for (size_t i = 0; i < x->n_enqueues; i++) {
        bool taken = bq_memory_insert(handle->store, prepared->jobs[i], now_ms);

        x->enqueues[i].exists = !taken;
        prepared->jobs[i] = taken ? NULL : prepared->jobs[i];
    }
    for (size_t i = 0; i < x->n_probes; i++) {
        probe(handle->store, &x->probes[i], now_ms);
    }
    tell_aborts(handle, x);
    if (x->leave) {
        leave(handle, now_ms);
    } else {
        bq_memory_claim(handle, x, now_ms);
    }
}

void bq_memory_exchange(struct memory_broker *handle, struct bq_exchange *x)
{
    struct memory_store *store = handle->store;
    int64_t now_ms = bq_memory_now(store);
    bq_auto(prepared) struct prepared prepared = {.store = store, .handle = handle, .exchange = x};

    assert(handle->joined);
    bq_reply_begin(x);
    if (!prepare(&prepared, now_ms)) {
        (void)bq_fail(&x->err, BARQ_ERR_NOMEM, "memory: no memory for an exchange");
        bq_reply_failed(x);
        return;
    }

    look_after_leases(handle, x, now_ms);
    tell_state(handle, x, &prepared, now_ms);
    happen(handle, x, &prepared, now_ms);
    x->next_due_in_ms = bq_memory_next_due_in_ms(handle, now_ms);
    if (x->count) {
        x->unfinished = count_unfinished(handle);
    }
    sweep(store, now_ms);
    bq_memory_prune_starts(store, now_ms);
}
