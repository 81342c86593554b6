/*
 * outbox.c - enqueueing a job if and only if a session's transaction commits.
 */
#include "session/outbox.h"

#include <string.h>

#include <barq/session.h>

#include "base/time.h"
#include "job/record.h"
#include "job/serializer.h"

enum {
    PAYLOAD_MAX_BYTES = 1024 * 1024,
    SLACK_BYTES = BQ_AFTER_ARENA_BYTES + 16 * 1024, /* for the job but its payload */
};

/* The queue of the job whose session it is; nobody's knows no broker, and leaves it open. */
static const char *default_queue(const struct bq_session_job *parent)
{
    if (parent->queue && parent->queue[0] != '\0') {
        return parent->queue;
    }
    return parent->identity ? parent->identity->queue : "";
}

/* As they were given, in the trace of whoever enqueues unless they have their own. */
static struct barq_enqueue_options within(const struct bq_session_job *parent,
                                          const struct barq_enqueue_options *given)
{
    struct barq_enqueue_options options = {0};

    if (given) {
        options = *given;
    }
    if (!options.traceparent && !options.tracestate) {
        options.traceparent = parent->traceparent;
        options.tracestate = parent->tracestate;
    }
    return options;
}

enum barq_status barq_session_enqueue(struct barq_session *session, const char *function,
                                      const struct barq_value *args,
                                      const struct barq_value *kwargs,
                                      const struct barq_enqueue_options *options, char *id_out,
                                      struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena = {0};
    enum barq_status status = bq_session_writable(session, err);
    if (status != BARQ_OK) {
        return status;
    }

    const struct bq_session_job *parent = bq_session_job(session);
    const struct bq_codec *codec = parent->codec;
    if (!codec) {
        status = bq_serializer_find(NULL, &bq_codec_json, &codec, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    const struct barq_enqueue_options whole = within(parent, options);
    size_t max = parent->payload_max_bytes > 0 ? parent->payload_max_bytes : PAYLOAD_MAX_BYTES;
    struct bq_job_request request = {
        .function = function,
        .args = args,
        .kwargs = kwargs,
        .options = &whole,
        .codec = codec,
        .default_queue = default_queue(parent),
        .payload_max_bytes = max,
        .now_ms = bq_wall_ms(),
    };
    struct bq_job job;
    bq_arena_init(&arena, max + SLACK_BYTES);
    status = bq_job_make(&arena, &request, &job, err);
    if (status == BARQ_OK) {
        status = bq_outbox_put(session, &job, err);
    }
    if (status == BARQ_OK && id_out) {
        memcpy(id_out, job.id, strlen(job.id) + 1);
    }
    return status;
}
