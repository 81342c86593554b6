/*
 * make.c - a client's request becomes a job.
 */
#include <stdio.h>
#include <string.h>

#include <barq/client.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/time.h"
#include "codec/value.h"
#include "job/record.h"
#include "job/trace.h"

enum {
    PAYLOAD_MAX_BYTES = 1024 * 1024,
    MEASURED_TIMES = 16, /* how far beyond the limit a payload is still measured, for the error */
};

#define LONGEST_DELAY_MS (INT64_C(100) * 366 * 24 * 3600 * 1000)
#define LATEST_MS        INT64_C(253402300799999) /* the end of the year 9999 */

_Static_assert((int)BARQ_NEW_ID_BYTES == (int)BQ_UUID_TEXT_BYTES, "an id is a UUID");

void barq_new_id(char *out)
{
    bq_uuid7(bq_wall_ms(), out);
}

void bq_nonce(char out[BQ_NONCE_TEXT_BYTES])
{
    uint64_t random;

    bq_random(&random, sizeof(random));
    (void)snprintf(out, BQ_NONCE_TEXT_BYTES, "%016llx", (unsigned long long)random);
}

static enum barq_status check_names(const struct bq_job_request *request, const char *id,
                                    const char *queue, struct barq_error *err)
{
    if (!bq_name_valid(request->function)) {
        return bq_fail(
            err, BARQ_ERR_ARG,
            "enqueue: the function's name must be 1 to %d bytes of UTF-8 without control "
            "characters",
            BARQ_FUNCTION_MAX_BYTES);
    }
    if (id && !bq_job_id_valid(id)) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "enqueue: the job's id must be 1 to %d bytes of UTF-8 without control "
                       "characters, or NULL for a new one",
                       BARQ_JOB_ID_MAX_BYTES);
    }
    bool left_open = queue == request->default_queue && queue[0] == '\0';
    if (!left_open && !bq_name_valid(queue)) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "enqueue: the queue's name must be 1 to %d bytes of UTF-8 without control "
                       "characters",
                       BARQ_QUEUE_MAX_BYTES);
    }
    return BARQ_OK;
}

/* The job's own map is one container more around them. */
static bool is_too_deep(const struct barq_value *arguments)
{
    return arguments && arguments->depth >= BARQ_VALUE_MAX_DEPTH;
}

static enum barq_status check_arguments(const struct bq_job_request *request,
                                        struct barq_error *err)
{
    enum barq_kind args = request->args ? barq_kind(request->args) : BARQ_TUPLE;
    enum barq_kind kwargs = request->kwargs ? barq_kind(request->kwargs) : BARQ_MAP;

    if (args != BARQ_LIST && args != BARQ_TUPLE) {
        return bq_fail(
            err, BARQ_ERR_TYPE,
            "enqueue: the arguments are of kind %s; they must be a list or tuple, or NULL",
            barq_kind_name(args));
    }
    if (kwargs != BARQ_MAP) {
        return bq_fail(err, BARQ_ERR_TYPE,
                       "enqueue: the keyword arguments are of kind %s; they must be a map, or NULL",
                       barq_kind_name(kwargs));
    }
    if (is_too_deep(request->args) || is_too_deep(request->kwargs)) {
        return bq_fail(err, BARQ_ERR_LIMIT,
                       "enqueue: more than %d containers within each other in the arguments",
                       BARQ_VALUE_MAX_DEPTH - 1);
    }
    return BARQ_OK;
}

static enum barq_status check_try(const struct barq_enqueue_options *options,
                                  struct barq_error *err)
{
    if (options->job_try < 0 || options->job_try > BARQ_JOB_TRY_MAX) {
        return bq_fail(err, BARQ_ERR_ARG, "enqueue: job_try is %d; it must be from 1 to %d, or 0",
                       options->job_try, BARQ_JOB_TRY_MAX);
    }
    return BARQ_OK;
}

static enum barq_status check_turn(const struct barq_enqueue_options *options,
                                   struct barq_error *err)
{
    if (options->priority < -BARQ_PRIORITY_MAX || options->priority > BARQ_PRIORITY_MAX) {
        return bq_fail(err, BARQ_ERR_ARG, "enqueue: the priority is %d; it must be from %d to %d",
                       options->priority, -BARQ_PRIORITY_MAX, BARQ_PRIORITY_MAX);
    }
    if (options->key && !bq_name_valid(options->key)) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "enqueue: the key must be 1 to %d bytes of UTF-8 without control "
                       "characters, or NULL for none",
                       BARQ_KEY_MAX_BYTES);
    }
    return BARQ_OK;
}

static enum barq_status check_after(const struct barq_enqueue_options *options,
                                    struct barq_error *err)
{
    size_t bytes = 0;

    if (options->n_after > BARQ_AFTER_MAX) {
        return bq_fail(err, BARQ_ERR_LIMIT,
                       "enqueue: it is to wait for %zu jobs; at most %d can be", options->n_after,
                       BARQ_AFTER_MAX);
    }
    for (size_t i = 0; i < options->n_after; i++) {
        const char *id = options->after[i];
        if (!id || !bq_job_id_valid(id)) {
            return bq_fail(err, BARQ_ERR_ARG,
                           "enqueue: number %zu of the jobs that it is to wait for is no job id",
                           i + 1);
        }
        if (options->id && strcmp(options->id, id) == 0) {
            return bq_fail(err, BARQ_ERR_ARG, "enqueue: it is to wait for itself");
        }
        bytes += strlen(id);
    }
    if (bytes > BARQ_AFTER_MAX_BYTES) {
        return bq_fail(
            err, BARQ_ERR_LIMIT,
            "enqueue: the ids of the jobs that it is to wait for are %zu bytes together; "
            "at most %d can be",
            bytes, BARQ_AFTER_MAX_BYTES);
    }
    return BARQ_OK;
}

/* `traceparent` gets it as we write it. */
static enum barq_status check_trace(const struct barq_enqueue_options *options,
                                    char traceparent[BQ_TRACEPARENT_BYTES], struct barq_error *err)
{
    struct bq_trace trace;

    if (options->traceparent && !bq_trace_read(options->traceparent, &trace)) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "enqueue: the traceparent is not as W3C Trace Context has it: "
                       "00-TRACE-SPAN-FLAGS, of 32, 16 and 2 lower-case hexadecimal digits");
    }
    if (options->tracestate && !options->traceparent) {
        return bq_fail(err, BARQ_ERR_ARG, "enqueue: a tracestate without a traceparent");
    }
    if (options->tracestate && !barq_tracestate_valid(options->tracestate)) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "enqueue: the tracestate is not as W3C Trace Context has it, or has more "
                       "than %d bytes",
                       BARQ_TRACESTATE_MAX_BYTES);
    }
    if (options->traceparent) {
        bq_trace_write(&trace, traceparent);
    }
    return BARQ_OK;
}

/* BARQ_OFF, like 0, is none. */
static bool is_delay(int64_t ms)
{
    return ms >= BARQ_OFF && ms <= LONGEST_DELAY_MS;
}

static enum barq_status set_times(const struct barq_enqueue_options *options, struct bq_job *job,
                                  struct barq_error *err)
{
    int64_t now_ms = job->enqueued_at_ms;
    if (options->defer_ms > 0 && options->defer_until_ms > 0) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "enqueue: defer_ms and defer_until_ms are both given; give one of them");
    }
    if (!is_delay(options->defer_ms) || options->defer_until_ms < BARQ_OFF ||
        options->defer_until_ms > LATEST_MS) {
        return bq_fail(
            err, BARQ_ERR_ARG,
            "enqueue: defer_ms and defer_until_ms are milliseconds, not negative; at most "
            "100 years from now and an instant until the year 9999");
    }
    if (!is_delay(options->expires_ms)) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "enqueue: expires_ms must be 0 (never) up to 100 years from now, in "
                       "milliseconds");
    }

    job->due_at_ms = now_ms;
    if (options->defer_ms > 0) {
        job->due_at_ms = now_ms + options->defer_ms;
    } else if (options->defer_until_ms > now_ms) {
        job->due_at_ms = options->defer_until_ms;
    }
    job->expires_at_ms = options->expires_ms > 0 ? now_ms + options->expires_ms : 0;
    return BARQ_OK;
}

static enum barq_status too_large(const struct bq_codec *codec, const struct bq_job_record *record,
                                  size_t max, struct barq_error *err)
{
    bq_auto(buf) struct bq_buf whole;
    bq_buf_init(&whole, max * MEASURED_TIMES);
    enum barq_status status = bq_job_encode(codec, record, &whole, NULL);

    return bq_fail(err, BARQ_ERR_LIMIT,
                   "enqueue: the arguments are %s%zu bytes encoded; at most %zu bytes are allowed. "
                   "Keep large data elsewhere and pass where it is",
                   status == BARQ_OK ? "" : "more than ",
                   status == BARQ_OK ? whole.len : max * MEASURED_TIMES, max);
}

static bool are_whole(const struct bq_job_record *record)
{
    return (!record->args || barq_value_check(record->args, NULL) == BARQ_OK) &&
           (!record->kwargs || barq_value_check(record->kwargs, NULL) == BARQ_OK);
}

/* Sets the payload of `job`, in `arena`. */
static enum barq_status encode(struct barq_arena *arena, const struct bq_codec *codec,
                               const struct bq_job_record *record, size_t max, struct bq_job *job,
                               struct barq_error *err)
{
    bq_auto(buf) struct bq_buf bytes;
    bq_buf_init(&bytes, max);
    enum barq_status status = bq_job_encode(codec, record, &bytes, err);
    if (status == BARQ_ERR_LIMIT && are_whole(record)) {
        return too_large(codec, record, max, err);
    }
    if (status != BARQ_OK) {
        (void)bq_fail_add(err, "enqueue");
        return status;
    }

    job->payload = bq_arena_memdup(arena, bytes.data, bytes.len);
    job->payload_bytes = bytes.len;
    return job->payload ? BARQ_OK : bq_fail(err, BARQ_ERR_NOMEM, "enqueue: arena is full");
}

/* Sets what brokers are told beside the payload, in `arena`. */
static enum barq_status set_turn(struct barq_arena *arena, const struct bq_job_request *request,
                                 const struct barq_enqueue_options *options, struct bq_job *job,
                                 struct barq_error *err)
{
    const char **after = bq_arena_array(arena, options->n_after + 1, sizeof(char *));

    job->function = bq_arena_strdup(arena, request->function);
    job->key = options->key ? bq_arena_strdup(arena, options->key) : NULL;
    bool made = after && job->function && (job->key || !options->key);
    for (size_t i = 0; made && i < options->n_after; i++) {
        after[i] = bq_arena_strdup(arena, options->after[i]);
        made = after[i];
    }
    if (!made) {
        return bq_fail(err, BARQ_ERR_NOMEM, "enqueue: arena is full");
    }
    job->priority = options->priority;
    job->after = after;
    job->n_after = options->n_after;
    job->after_failed = options->after_failed;
    return BARQ_OK;
}

/* Sets id and queue of `job`, in `arena`. */
static enum barq_status set_names(struct barq_arena *arena, const char *id, const char *queue,
                                  struct bq_job *job, struct barq_error *err)
{
    char new_id[BQ_UUID_TEXT_BYTES];

    if (!id) {
        bq_uuid7(job->enqueued_at_ms, new_id);
        id = new_id;
    }
    job->id = bq_arena_strdup(arena, id);
    job->queue = bq_arena_strdup(arena, queue);
    if (!job->id || !job->queue) {
        return bq_fail(err, BARQ_ERR_NOMEM, "enqueue: arena is full");
    }
    return BARQ_OK;
}

enum barq_status bq_job_make(struct barq_arena *arena, const struct bq_job_request *request,
                             struct bq_job *out, struct barq_error *err)
{
    static const struct barq_enqueue_options none = {0};
    const struct barq_enqueue_options *options = request->options ? request->options : &none;
    const char *queue = options->queue ? options->queue : request->default_queue;
    size_t max = request->payload_max_bytes > 0 ? request->payload_max_bytes : PAYLOAD_MAX_BYTES;
    struct bq_job job = {.enqueued_at_ms = request->now_ms};
    char nonce[BQ_NONCE_TEXT_BYTES];
    char traceparent[BQ_TRACEPARENT_BYTES];

    enum barq_status status = check_names(request, options->id, queue, err);
    if (status != BARQ_OK || (status = check_arguments(request, err)) != BARQ_OK ||
        (status = check_turn(options, err)) != BARQ_OK ||
        (status = check_try(options, err)) != BARQ_OK ||
        (status = check_after(options, err)) != BARQ_OK ||
        (status = check_trace(options, traceparent, err)) != BARQ_OK ||
        (status = set_times(options, &job, err)) != BARQ_OK ||
        (status = set_names(arena, options->id, queue, &job, err)) != BARQ_OK ||
        (status = set_turn(arena, request, options, &job, err)) != BARQ_OK) {
        return status;
    }

    bq_nonce(nonce);
    struct bq_job_record record = {
        .function = request->function,
        .args = request->args,
        .kwargs = request->kwargs,
        .enqueued_at_ms = request->now_ms,
        .nonce = nonce,
        .first_try = options->job_try,
        .traceparent = options->traceparent ? traceparent : NULL,
        .tracestate = options->tracestate,
    };
    status =
        encode(arena, request->codec ? request->codec : &bq_codec_json, &record, max, &job, err);
    if (status == BARQ_OK) {
        *out = job;
    }
    return status;
}
