#include <string.h>

#include "broker/redis/broker.h"

/* Asks change.lua; what it says is the status. */
static enum barq_status change(struct bq_broker *broker, const struct bq_buf *request,
                               const char *what, int64_t timeout_ms, struct barq_error *err)
{
    struct bq_redis_ask ask = {
        .script = BQ_SCRIPT_CHANGE, .doing = what, .until_ms = bq_redis_until(timeout_ms)};
    const struct bq_redis_reply *reply = NULL;

    enum barq_status status =
        bq_redis_ask(bq_redis_broker_of(broker)->redis, &ask, request, &reply, err);
    if (status != BARQ_OK || strcmp(reply->text, "ok") == 0) {
        return status;
    }
    if (strcmp(reply->text, "conflict") == 0) {
        return bq_fail(err, BARQ_ERR_CONFLICT, "redis: the job is running: abort it");
    }
    return bq_fail(err, BARQ_ERR_NOTFOUND, "redis: %s: there is no such job", what);
}

static void begin(struct bq_buf *request, struct bq_broker *broker, const char *what)
{
    bq_buf_init(request, REDIS_CLIENT_MAX_BYTES);
    bq_redis_begin_request(request, bq_redis_broker_of(broker)->redis, 3);
    bq_pack_text(request, "what");
    bq_pack_text(request, what);
}

/* A change of what `subject` names. */
static enum barq_status change_named(struct bq_broker *broker, const char *what,
                                     const char *subject, bool paused, int64_t timeout_ms,
                                     struct barq_error *err)
{
    bq_auto(buf) struct bq_buf request;

    begin(&request, broker, what);
    bq_pack_text(&request, "subject");
    bq_pack_text(&request, subject);
    bq_pack_text(&request, "paused");
    bq_pack_bool(&request, paused);
    return change(broker, &request, what, timeout_ms, err);
}

enum barq_status bq_redis_abort(struct bq_broker *broker, const char *id, int64_t timeout_ms,
                                struct barq_error *err)
{
    return change_named(broker, "abort", id, false, timeout_ms, err);
}

enum barq_status bq_redis_remove(struct bq_broker *broker, const char *id, int64_t timeout_ms,
                                 struct barq_error *err)
{
    return change_named(broker, "remove", id, false, timeout_ms, err);
}

enum barq_status bq_redis_pause(struct bq_broker *broker, const char *queue, bool paused,
                                int64_t timeout_ms, struct barq_error *err)
{
    enum barq_status status = bq_redis_check_queue(queue, err);

    return status == BARQ_OK ? change_named(broker, "pause", queue, paused, timeout_ms, err)
                             : status;
}

enum barq_status bq_redis_revive(struct bq_broker *broker, const struct bq_job *job,
                                 int64_t timeout_ms, struct barq_error *err)
{
    bq_auto(buf) struct bq_buf request;

    begin(&request, broker, "revive");
    bq_pack_text(&request, "subject");
    bq_pack_job(&request, job);
    bq_pack_text(&request, "paused");
    bq_pack_bool(&request, false);
    return change(broker, &request, "revive", timeout_ms, err);
}
