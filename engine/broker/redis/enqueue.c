#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "broker/redis/broker.h"

enum { DIGITS_BYTES = 24 };

/* Can all of them be told by columns? lua/plain_enqueue.lua */
static bool are_plain(const struct bq_enqueue *jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct bq_job *job = &jobs[i].job;

        if (job->uncertain || job->n_after > 0 || strcmp(job->queue, jobs[0].job.queue) != 0) {
            return false;
        }
    }
    return count > 0;
}

/* "" when it is 0. */
static const char *digits_if(char out[DIGITS_BYTES], int64_t number)
{
    out[0] = '\0';
    if (number != 0) {
        (void)snprintf(out, DIGITS_BYTES, "%" PRId64, number);
    }
    return out;
}

/* A row but for its number: lua/common.lua. */
static void pack_row(struct bq_buf *request, const struct bq_job *job)
{
    char row[BARQ_QUEUE_MAX_BYTES + BARQ_FUNCTION_MAX_BYTES + BARQ_KEY_MAX_BYTES + 128];
    char expires[DIGITS_BYTES];
    char priority[DIGITS_BYTES];

    (void)snprintf(row, sizeof(row), "\t%s\t%" PRId64 "\t%s\t%s\t%s\t%s", job->queue,
                   job->enqueued_at_ms, job->function ? job->function : "",
                   digits_if(expires, job->expires_at_ms), digits_if(priority, job->priority),
                   job->key ? job->key : "");
    bq_pack_text(request, row);
}

static void pack_columns(struct bq_buf *request, const struct bq_redis *redis,
                         const struct bq_enqueue *jobs, size_t count)
{
    bq_pack_array(request, 7);
    bq_pack_int(request, bq_redis_db(redis));
    bq_pack_text(request, jobs[0].job.queue);
    bq_pack_array(request, count);
    for (size_t i = 0; i < count; i++) {
        bq_pack_text(request, jobs[i].job.id);
    }
    bq_pack_array(request, count);
    for (size_t i = 0; i < count; i++) {
        bq_pack_bytes(request, jobs[i].job.payload, jobs[i].job.payload_bytes);
    }
    bq_pack_array(request, count);
    for (size_t i = 0; i < count; i++) {
        bq_pack_digits(request, jobs[i].job.due_at_ms);
    }
    bq_pack_array(request, count);
    for (size_t i = 0; i < count; i++) {
        bq_pack_digits(request, jobs[i].job.due_at_ms -
                                    jobs[i].job.priority * (int64_t)BARQ_PRIORITY_STEP_MS);
    }
    bq_pack_array(request, count);
    for (size_t i = 0; i < count; i++) {
        pack_row(request, &jobs[i].job);
    }
}

static void pack_jobs(struct bq_buf *request, const struct bq_enqueue *jobs, size_t count)
{
    bq_pack_array(request, count);
    for (size_t i = 0; i < count; i++) {
        bq_pack_job(request, &jobs[i].job);
    }
}

static enum barq_status check_queues(const struct bq_enqueue *jobs, size_t count,
                                     struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; i < count && status == BARQ_OK; i++) {
        status = bq_redis_check_queue(jobs[i].job.queue, err);
    }
    return status;
}

static enum barq_status ask(struct bq_redis *redis, const struct bq_enqueue *jobs, size_t count,
                            int64_t timeout_ms, const struct bq_redis_reply **reply,
                            struct barq_error *err)
{
    bool plain = are_plain(jobs, count);
    bq_auto(buf) struct bq_buf request;
    bq_auto(buf) struct bq_buf columns;
    struct bq_redis_ask ask = {.script = BQ_SCRIPT_ENQUEUE,
                               .doing = "enqueue",
                               .until_ms = bq_redis_until(timeout_ms),
                               .plain = plain ? &columns : NULL};

    bq_buf_init(&request, REDIS_CLIENT_MAX_BYTES);
    bq_buf_init(&columns, REDIS_CLIENT_MAX_BYTES);
    bq_redis_begin_request(&request, redis, 1);
    bq_pack_text(&request, "jobs");
    if (plain) {
        bq_pack_bool(&request, false);
        pack_columns(&columns, redis, jobs, count);
    } else {
        pack_jobs(&request, jobs, count);
    }
    return bq_redis_ask(redis, &ask, &request, reply, err);
}

enum barq_status bq_redis_enqueue(struct bq_broker *broker, struct bq_enqueue *jobs, size_t count,
                                  int64_t timeout_ms, struct barq_error *err)
{
    const struct bq_redis_reply *reply = NULL;
    enum barq_status status = check_queues(jobs, count, err);

    if (status == BARQ_OK) {
        status = ask(bq_redis_broker_of(broker)->redis, jobs, count, timeout_ms, &reply, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (reply->kind != BQ_REDIS_TEXT || reply->len != count) {
        return bq_fail(err, BARQ_ERR_CORRUPT, "redis: enqueue: an answer that is none");
    }
    for (size_t i = 0; i < count; i++) {
        jobs[i].exists = reply->text[i] == '1';
    }
    return BARQ_OK;
}
