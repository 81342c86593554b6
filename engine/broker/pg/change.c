#include <string.h>

#include "broker/pg/broker.h"

/* The places, from 1 on, of those that are refused: a binary array of int4, empty or of one dimension. */
static void take_refused(const PGresult *answer, struct bq_enqueue *jobs, size_t count)
{
    enum { HEADER_BYTES = 20, ITEM_BYTES = 8 };
    size_t len = 0;
    const unsigned char *at = bq_pg_bytes(answer, 0, 0, &len);

    for (size_t i = 0; i < count; i++) {
        jobs[i].exists = false;
    }
    for (size_t i = HEADER_BYTES; at && i + ITEM_BYTES <= len; i += ITEM_BYTES) {
        size_t place = (size_t)at[i + 4] << 24 | (size_t)at[i + 5] << 16 | (size_t)at[i + 6] << 8 |
                       (size_t)at[i + 7];

        if (place >= 1 && place <= count) {
            jobs[place - 1].exists = true;
        }
    }
}

enum barq_status bq_pg_enqueue(struct bq_broker *broker, struct bq_enqueue *jobs, size_t count,
                               int64_t timeout_ms, struct barq_error *err)
{
    struct pg_ask ask = {
        .statement = PG_ENQUEUE, .doing = "enqueue", .until_ms = bq_pg_until(timeout_ms)};
    bq_auto(pg_request) struct pg_request request;
    bq_auto(pg_result) PGresult *answer = NULL;

    bq_pg_request_init(&request, PG_REQUEST_MAX_BYTES);
    if (count == 0) {
        return BARQ_OK;
    }
    bq_pg_put_jobs(&request, &(struct pg_jobs){&jobs->job, sizeof(*jobs), count});
    enum barq_status status =
        bq_pg_ask(bq_pg_broker_of(broker)->link, &ask, &request, &answer, err);
    if (status == BARQ_OK) {
        take_refused(answer, jobs, count);
    }
    return status;
}

/* A change whose answer is a word. */
static enum barq_status change(struct bq_broker *broker, enum pg_statement statement,
                               const char *doing, const struct pg_request *request,
                               int64_t timeout_ms, struct barq_error *err)
{
    struct pg_ask ask = {
        .statement = statement, .doing = doing, .until_ms = bq_pg_until(timeout_ms)};
    bq_auto(pg_result) PGresult *answer = NULL;

    enum barq_status status = bq_pg_ask(bq_pg_broker_of(broker)->link, &ask, request, &answer, err);
    if (status != BARQ_OK) {
        return status;
    }
    const char *word = bq_pg_words(answer, 0, 0);
    if (word && strcmp(word, "ok") == 0) {
        return BARQ_OK;
    }
    return word && strcmp(word, "runs") == 0
               ? bq_fail(err, BARQ_ERR_CONFLICT, "postgresql: the job is running: abort it")
               : bq_fail(err, BARQ_ERR_NOTFOUND, "postgresql: %s: there is no such job", doing);
}

enum barq_status bq_pg_abort(struct bq_broker *broker, const char *id, int64_t timeout_ms,
                             struct barq_error *err)
{
    bq_auto(pg_request) struct pg_request request;

    bq_pg_request_init(&request, PG_REQUEST_MAX_BYTES);
    bq_pg_put_text(&request, id);
    return change(broker, PG_ABORT, "abort", &request, timeout_ms, err);
}

enum barq_status bq_pg_remove(struct bq_broker *broker, const char *id, int64_t timeout_ms,
                              struct barq_error *err)
{
    bq_auto(pg_request) struct pg_request request;

    bq_pg_request_init(&request, PG_REQUEST_MAX_BYTES);
    bq_pg_put_text(&request, id);
    return change(broker, PG_REMOVE, "remove", &request, timeout_ms, err);
}

enum barq_status bq_pg_pause(struct bq_broker *broker, const char *queue, bool paused,
                             int64_t timeout_ms, struct barq_error *err)
{
    bq_auto(pg_request) struct pg_request request;

    bq_pg_request_init(&request, PG_REQUEST_MAX_BYTES);
    bq_pg_put_text(&request, queue);
    bq_pg_put_bool(&request, paused);
    return change(broker, PG_PAUSE, "pause", &request, timeout_ms, err);
}

enum barq_status bq_pg_revive(struct bq_broker *broker, const struct bq_job *job,
                              int64_t timeout_ms, struct barq_error *err)
{
    bq_auto(pg_request) struct pg_request request;

    bq_pg_request_init(&request, PG_REQUEST_MAX_BYTES);
    bq_pg_put_jobs(&request, &(struct pg_jobs){job, sizeof(*job), 1});
    return change(broker, PG_REVIVE, "revive", &request, timeout_ms, err);
}
