#include <barq/admin.h>

#include "base/time.h"
#include "client/client.h"
#include "job/message.h"
#include "job/record.h"

/* Values take more room than their bytes. */
enum { DECODED_MAX_BYTES = 256 * 1024 * 1024 };

/* The dead job's function and arguments as a new job's bytes. */
static enum barq_status encode_again(const struct bq_job *dead, struct barq_arena *arena,
                                     int64_t now_ms, struct bq_buf *out, struct barq_error *err)
{
    struct bq_job_record record;
    struct barq_error why = {.text = ""};
    if (bq_job_decode(arena, dead->payload, dead->payload_bytes, &record, &why) != BQ_READ_ALL) {
        return bq_fail(err, BARQ_ERR_CORRUPT, "client: its arguments cannot be read: job %s: %s",
                       dead->id, why.text);
    }

    char nonce[BQ_NONCE_TEXT_BYTES];
    bq_nonce(nonce);
    record.nonce = nonce;
    record.enqueued_at_ms = now_ms;
    record.first_try = 0;
    return bq_job_encode(bq_codec_of(dead->payload, dead->payload_bytes), &record, out, err);
}

static enum barq_status revive(struct barq_client *client, const struct bq_found *found,
                               struct barq_arena *arena, struct barq_error *err)
{
    int64_t now_ms = bq_wall_ms();
    bq_auto(buf) struct bq_buf bytes;
    /* The new bytes may be longer: a pickle of Python's says only once what it has several times. */
    bq_buf_init(&bytes, BQ_JOB_MAX_BYTES);
    enum barq_status status = encode_again(&found->job, arena, now_ms, &bytes, err);
    if (status != BARQ_OK) {
        return status;
    }

    struct bq_job job = {
        .id = found->job.id,
        .queue = found->job.queue,
        .payload = bytes.data,
        .payload_bytes = bytes.len,
        .enqueued_at_ms = now_ms,
        .due_at_ms = now_ms,
        .function = found->job.function,
        .key = found->job.key,
        .priority = found->job.priority,
    };
    struct bq_broker *broker = client->broker;
    return broker->ops->revive(broker, &job, client->timeout_ms, err);
}

enum barq_status barq_retry_dead(struct barq_client *client, const char *id, struct barq_error *err)
{
    enum barq_status status = bq_client_check(client, id, err);
    if (status != BARQ_OK) {
        return status;
    }

    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, DECODED_MAX_BYTES);
    struct bq_found found;
    status = bq_client_find(client, id, &arena, &found, err);
    if (status == BARQ_OK && found.status == BARQ_JOB_FAILED) {
        status = revive(client, &found, &arena, err);
    } else if (status == BARQ_OK) {
        status = BARQ_ERR_NOTFOUND;
    }
    if (status == BARQ_ERR_NOTFOUND) {
        return bq_fail(err, status, "client: not among the dead: job %s", id);
    }
    return status;
}

enum barq_status barq_delete(struct barq_client *client, const char *id, struct barq_error *err)
{
    enum barq_status status = bq_client_check(client, id, err);
    if (status != BARQ_OK) {
        return status;
    }

    struct bq_broker *broker = client->broker;
    status = broker->ops->remove(broker, id, client->timeout_ms, err);
    if (status == BARQ_ERR_NOTFOUND) {
        return bq_fail(err, status, "client: there is no job %s", id);
    }
    if (status == BARQ_ERR_CONFLICT) {
        return bq_fail(err, status, "client: it is running, abort it first: job %s", id);
    }
    return status;
}
