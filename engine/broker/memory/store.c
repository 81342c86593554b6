#include "broker/memory/store.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"
#include "broker/history.h"

enum { FIRST_BUCKETS = 64 };

struct memory_store *bq_memory_store_new(void)
{
    struct memory_store *store = calloc(1, sizeof(*store));
    if (!store) {
        return NULL;
    }
    store->buckets = calloc(FIRST_BUCKETS, sizeof(struct memory_job *));
    if (!store->buckets) {
        free(store);
        return NULL;
    }

    store->n_buckets = FIRST_BUCKETS;
    bq_list_init(&store->handles);
    bq_list_init(&store->crons);
    bq_list_init(&store->queues);
    bq_list_init(&store->rules);
    bq_list_init(&store->starts);
    bq_list_init(&store->jobs);
    bq_list_init(&store->waiting);
    bq_list_init(&store->blocked);
    bq_list_init(&store->running);
    bq_list_init(&store->finished);
    return store;
}

void bq_memory_store_free(struct memory_store *store)
{
    bq_list_each (at, &store->jobs) {
        bq_memory_job_free(store, bq_list_owner(at, struct memory_job, all));
    }
    bq_list_each (at, &store->queues) {
        free(bq_list_owner(at, struct memory_queue, link));
    }
    bq_list_each (at, &store->crons) {
        free(bq_list_owner(at, struct memory_cron, link));
    }
    bq_memory_limits_free(store);
    free(store->buckets);
    free(store);
}

int64_t bq_memory_now(const struct memory_store *store)
{
    return bq_wall_ms() + store->ahead_ms;
}

struct memory_queue *bq_memory_queue(struct memory_store *store, const char *name)
{
    bq_list_each (at, &store->queues) {
        struct memory_queue *queue = bq_list_owner(at, struct memory_queue, link);

        if (strcmp(queue->name, name) == 0) {
            return queue;
        }
    }

    size_t bytes = strlen(name) + 1;
    struct memory_queue *queue = calloc(1, sizeof(*queue) + bytes);
    if (!queue) {
        return NULL;
    }
    memcpy(queue->name, name, bytes);
    bq_list_add(&store->queues, &queue->link);
    return queue;
}

struct memory_job *bq_memory_job_new(struct memory_store *store, const struct bq_job *job)
{
    const char *function = job->function ? job->function : "";
    size_t id_bytes = strlen(job->id) + 1;
    size_t function_bytes = strlen(function) + 1;
    size_t key_bytes = job->key ? strlen(job->key) + 1 : 0;
    size_t names_bytes = id_bytes + function_bytes + key_bytes;
    struct memory_queue *queue = bq_memory_queue(store, job->queue);
    struct memory_job *copy = calloc(1, sizeof(*copy) + names_bytes + job->payload_bytes);
    if (!copy || !queue) {
        free(copy);
        return NULL;
    }

    char *id = (char *)(copy + 1);
    memcpy(id, job->id, id_bytes);
    memcpy(id + id_bytes, function, function_bytes);
    if (job->key) {
        memcpy(id + id_bytes + function_bytes, job->key, key_bytes);
    }
    if (job->payload_bytes > 0) {
        memcpy(id + names_bytes, job->payload, job->payload_bytes);
    }
    copy->job = *job;
    copy->job.id = id;
    copy->queue = queue;
    copy->job.queue = queue->name;
    copy->job.function = id + id_bytes;
    copy->job.key = job->key ? id + id_bytes + function_bytes : NULL;
    copy->job.payload = id + names_bytes;
    bq_list_init(&copy->all);
    bq_list_init(&copy->line);
    if (!bq_memory_after_new(copy)) {
        free(copy);
        return NULL;
    }
    return copy;
}

static struct memory_job **bucket_of(const struct memory_store *store, const char *id)
{
    return &store->buckets[bq_hash(id, strlen(id)) & (store->n_buckets - 1)];
}

/* Twice as many buckets; stays as it is when there is no memory for them. */
static void grow(struct memory_store *store)
{
    size_t n_buckets = store->n_buckets * 2;
    struct memory_job **buckets = calloc(n_buckets, sizeof(struct memory_job *));
    if (!buckets) {
        return;
    }

    free(store->buckets);
    store->buckets = buckets;
    store->n_buckets = n_buckets;
    bq_list_each (at, &store->jobs) {
        struct memory_job *job = bq_list_owner(at, struct memory_job, all);
        struct memory_job **bucket = bucket_of(store, job->job.id);

        job->same_bucket = *bucket;
        *bucket = job;
    }
}

static void take_out(struct memory_store *store, struct memory_job *job)
{
    struct memory_job **at = bucket_of(store, job->job.id);

    while (*at && *at != job) {
        at = &(*at)->same_bucket;
    }
    if (*at) {
        *at = job->same_bucket;
        store->n_jobs--;
    }
    bq_list_remove(&job->all);
    bq_list_remove(&job->line);
}

void bq_memory_job_free(struct memory_store *store, struct memory_job *job)
{
    if (!job) {
        return;
    }
    take_out(store, job);
    bq_memory_after_free(job);
    free(job->slots[0]);
    free(job->slots[1]);
    free(job->history);
    free(job->note);
    free(job->log);
    free(job->result);
    free(job);
}

bool bq_memory_has_result(const struct memory_job *job, int64_t now_ms)
{
    return job->state == MEMORY_FINISHED && job->result_until_ms > now_ms;
}

struct memory_job *bq_memory_find(struct memory_store *store, const char *id, int64_t now_ms)
{
    struct memory_job *job = *bucket_of(store, id);

    while (job && strcmp(job->job.id, id) != 0) {
        job = job->same_bucket;
    }
    if (job && job->state == MEMORY_FINISHED && job->line_at_ms <= now_ms) {
        bq_memory_job_free(store, job);
        return NULL;
    }
    return job;
}

bool bq_memory_insert(struct memory_store *store, struct memory_job *job, int64_t now_ms)
{
    struct memory_job *older = bq_memory_find(store, job->job.id, now_ms);
    if (older && (older->state != MEMORY_FINISHED || bq_memory_has_result(older, now_ms))) {
        return false;
    }
    bq_memory_job_free(store, older);

    if (store->n_jobs >= store->n_buckets) {
        grow(store);
    }
    struct memory_job **bucket = bucket_of(store, job->job.id);
    job->same_bucket = *bucket;
    *bucket = job;
    store->n_jobs++;
    job->seq = ++store->last_seq;
    bq_list_add(&store->jobs, &job->all);
    const char *const *after = bq_take(job->job.after);
    bq_memory_wait_for(store, job, after, job->job.n_after, now_ms);
    return true;
}

int64_t bq_memory_turn_ms(const struct memory_job *job)
{
    return job->job.due_at_ms - (int64_t)job->job.priority * BARQ_PRIORITY_STEP_MS;
}

static bool is_behind(const struct memory_job *other, const struct memory_job *job)
{
    return other->line_at_ms != job->line_at_ms ? other->line_at_ms > job->line_at_ms
                                                : other->seq > job->seq;
}

void bq_memory_move(struct memory_store *store, struct memory_job *job, enum memory_state state,
                    int64_t at_ms)
{
    struct bq_list *const lines[] = {
        [MEMORY_WAITING] = &store->waiting,
        [MEMORY_BLOCKED] = &store->blocked,
        [MEMORY_RUNNING] = &store->running,
        [MEMORY_FINISHED] = &store->finished,
    };
    struct bq_list *line = lines[state];

    bq_list_remove(&job->line);
    job->state = state;
    job->line_at_ms = at_ms;
    /* Mostly it is the last one. */
    struct bq_list *before = line->prev;
    while (before != line && is_behind(bq_list_owner(before, struct memory_job, line), job)) {
        before = before->prev;
    }
    bq_list_push(before, &job->line);
}

void bq_memory_wait(struct memory_store *store, struct memory_job *job, int64_t due_at_ms,
                    int64_t now_ms)
{
    job->holder = NULL;
    job->held = false;
    job->job.due_at_ms = job->aborted && due_at_ms > now_ms ? now_ms : due_at_ms;
    bq_memory_move(store, job, MEMORY_WAITING, bq_memory_turn_ms(job));
    bq_memory_wake(store);
}

/* The loss is in the history, unless there is no memory for it. */
static void note_loss(struct memory_job *job, int64_t now_ms)
{
    bq_auto(buf) struct bq_buf list;
    char entry[BQ_HISTORY_LOST_BYTES];

    bq_buf_init(&list, BQ_HISTORY_MAX_BYTES + 1);
    bq_history_lost(now_ms, entry);
    bq_history_add(&list, job->history, entry);
    const char *text = bq_buf_cstr(&list);
    char *copy = text ? strdup(text) : NULL;
    if (copy) {
        free(job->history);
        job->history = copy;
    }
}

void bq_memory_lose(struct memory_store *store, struct memory_broker *handle, int64_t now_ms)
{
    bq_list_each (at, &store->running) {
        struct memory_job *job = bq_list_owner(at, struct memory_job, line);

        if (job->holder == handle) {
            job->losses++;
            job->alone = true;
            job->claimed_before = true;
            note_loss(job, now_ms);
            bq_memory_free_slots(store, job, false);
            bq_memory_wait(store, job, job->job.due_at_ms, now_ms);
        }
    }
}

void bq_memory_wake(struct memory_store *store)
{
    bq_list_each (at, &store->handles) {
        struct memory_broker *handle = bq_list_owner(at, struct memory_broker, link);

        handle->woken = true;
        (void)!write(handle->event_fd, &(uint64_t){1}, sizeof(uint64_t));
    }
}
