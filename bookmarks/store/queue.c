#include "store/queue.h"

#include <stdlib.h>
#include <string.h>

#include <barq/admin.h>

#include "base/error.h"

enum { ARENA_BYTES = 16 * 1024 * 1024, CALL_MS = 2000 };

/* What is found grows here; `taken` counts jobs. */
struct look {
    struct barq_client *client;
    struct barq_arena *arena; /* the caller's */
    struct bm_queued *videos;
    size_t count;
    size_t capacity;
    size_t taken;
};

static enum barq_status put(struct look *look, const struct barq_job_info *job,
                            const char *video_id, struct barq_error *err)
{
    if (look->count == look->capacity) {
        size_t capacity = look->capacity ? 2 * look->capacity : 64;
        struct bm_queued *more = bq_arena_array(look->arena, capacity, sizeof(*more));
        if (!more) {
            return bq_fail(err, BARQ_ERR_NOMEM, "queue: arena is full");
        }
        if (look->count > 0) {
            memcpy(more, look->videos, look->count * sizeof(*more));
        }
        look->videos = more;
        look->capacity = capacity;
    }
    look->videos[look->count++] = (struct bm_queued){
        .video_id = bq_arena_strdup(look->arena, video_id),
        .processing = job->status == BARQ_JOB_IN_PROGRESS,
        .reason = job->error ? bq_arena_strdup(look->arena, job->error) : NULL,
        .next_try_at_ms = job->status == BARQ_JOB_DEFERRED ? job->due_at_ms : 0,
    };
    return look->videos[look->count - 1].video_id
               ? BARQ_OK
               : bq_fail(err, BARQ_ERR_NOMEM, "queue: arena is full");
}

/* Batches have a list of ids as their third argument; jobs of one video have its id as the first. */
static enum barq_status put_videos(struct look *look, const struct barq_job_info *job,
                                   struct barq_error *err)
{
    bool is_batch = strcmp(job->function, "fetch_metadata") == 0;
    const struct barq_value *ids = barq_at(job->args, 2);
    enum barq_status status = BARQ_OK;

    if (!is_batch) {
        const char *id = barq_as_string(barq_at(job->args, 0), NULL);
        return id ? put(look, job, id, err) : BARQ_OK;
    }
    for (size_t i = 0; status == BARQ_OK && i < barq_count(ids); i++) {
        status = put(look, job, barq_as_string(barq_at(ids, i), ""), err);
    }
    return status;
}

/* One page of the jobs; `cursor` moves on, NULL: that was the last. */
static enum barq_status look_at_page(struct look *look, int job_status, char **cursor,
                                     struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, ARENA_BYTES);
    const struct barq_list_filter filter = {.status = job_status};
    struct barq_job_info *jobs = NULL;
    const char *next = NULL;
    size_t count = 0;

    enum barq_status status = barq_list_jobs(look->client, &filter, *cursor, BARQ_LIST_MAX, &arena,
                                             &jobs, &count, &next, err);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        /* What is deferred and has not failed is a hold's end, or waits for nothing of ours. */
        if (job_status == BARQ_JOB_IN_PROGRESS || jobs[i].error) {
            status = put_videos(look, &jobs[i], err);
        }
    }
    look->taken += count;
    *cursor = next ? bq_arena_strdup(look->arena, next) : NULL;
    return status;
}

static enum barq_status look_at(struct look *look, int job_status, struct barq_error *err)
{
    char *cursor = bq_arena_strdup(look->arena, "");
    enum barq_status status = BARQ_OK;

    look->taken = 0;
    while (status == BARQ_OK && cursor && look->taken < BM_QUEUE_JOBS_MAX) {
        status = look_at_page(look, job_status, &cursor, err);
    }
    return status;
}

static int by_id(const void *a, const void *b)
{
    const struct bm_queued *one = a;
    const struct bm_queued *other = b;

    return strcmp(one->video_id, other->video_id);
}

enum barq_status bm_queue_look(struct barq_arena *arena, struct bm_queue *out,
                               struct barq_error *err)
{
    const struct barq_client_options options = {.timeout_ms = CALL_MS};
    struct look look = {.arena = arena};

    enum barq_status status = barq_client_open(NULL, &options, &look.client, err);
    if (status == BARQ_OK) {
        status = look_at(&look, BARQ_JOB_IN_PROGRESS, err);
    }
    if (status == BARQ_OK) {
        status = look_at(&look, BARQ_JOB_DEFERRED, err);
    }
    barq_client_close(look.client);
    if (status == BARQ_OK) {
        if (look.count > 0) {
            qsort(look.videos, look.count, sizeof(*look.videos), by_id);
        }
        *out = (struct bm_queue){.videos = look.videos, .count = look.count};
    }
    return status;
}

const struct bm_queued *bm_queue_find(const struct bm_queue *queue, const char *video_id)
{
    const struct bm_queued wanted = {.video_id = video_id};

    return queue->count > 0 ? bsearch(&wanted, queue->videos, queue->count, sizeof(wanted), by_id)
                            : NULL;
}
