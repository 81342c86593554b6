#include "broker/redis/broker.h"

enum barq_status bq_redis_enqueue(struct bq_broker *broker, struct bq_enqueue *jobs, size_t count,
                                  int64_t timeout_ms, struct barq_error *err)
{
    struct bq_redis *redis = bq_redis_broker_of(broker)->redis;
    struct bq_redis_ask ask = {
        .script = BQ_SCRIPT_ENQUEUE, .doing = "enqueue", .until_ms = bq_redis_until(timeout_ms)};
    const struct bq_redis_reply *reply = NULL;
    bq_auto(buf) struct bq_buf request;

    bq_buf_init(&request, REDIS_CLIENT_MAX_BYTES);
    bq_redis_begin_request(&request, redis, 1);
    bq_pack_text(&request, "jobs");
    bq_pack_array(&request, count);
    for (size_t i = 0; i < count; i++) {
        enum barq_status status = bq_redis_check_queue(jobs[i].job.queue, err);
        if (status != BARQ_OK) {
            return status;
        }
        bq_pack_job(&request, &jobs[i].job);
    }
    enum barq_status status = bq_redis_ask(redis, &ask, &request, &reply, err);
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
