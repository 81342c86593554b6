#include "base/time.h"
#include "client/client.h"
#include "job/record.h"

/* A wake-up may be lost: looking each second is the truth. */
enum { LOOK_EACH_MS = 1000 };

/* The result is kept no longer than the job's death is: then its history says why. */
static enum barq_status fail_by_history(const struct bq_found *found, struct barq_arena *arena,
                                        struct barq_error *err)
{
    const struct barq_value *history = NULL;
    enum barq_status status = bq_client_history(found, arena, &history, err);
    if (status != BARQ_OK) {
        return status;
    }

    const char *error = bq_client_last_error(history);
    return bq_fail(err, BARQ_ERR_JOB, "%s", error ? error : "it failed, and nothing says why");
}

static enum barq_status read_result(const struct bq_found *found, struct barq_arena *arena,
                                    const struct barq_value **out, struct barq_error *err)
{
    struct bq_result_record record;
    enum barq_status status =
        bq_result_decode(arena, found->result, found->result_bytes, &record, err);
    if (status == BARQ_ERR_NOMEM) {
        return status;
    }
    if (status != BARQ_OK) {
        bq_fail_add(err, "client: the job is finished, but its result cannot be read");
        return bq_fail(err, BARQ_ERR_CORRUPT, "%s", err ? err->text : "");
    }
    if (!record.success) {
        return bq_fail(err, BARQ_ERR_JOB, "%s", record.error);
    }
    *out = record.result;
    return BARQ_OK;
}

/* One look. BARQ_ERR_TIMEOUT: not finished. */
static enum barq_status look(struct barq_client *client, const char *id, struct barq_arena *arena,
                             const struct barq_value **out, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena scratch;
    bq_arena_init(&scratch, BQ_CLIENT_FOUND_BYTES);
    struct bq_found found;
    enum barq_status status = bq_client_find(client, id, &scratch, &found, err);
    if (status != BARQ_OK) {
        return status;
    }

    if (found.status != BARQ_JOB_COMPLETE && found.status != BARQ_JOB_FAILED) {
        return bq_fail(err, BARQ_ERR_TIMEOUT, "client: not finished yet (%s): job %s",
                       barq_job_status_name(found.status), id);
    }
    return found.result ? read_result(&found, arena, out, err)
                        : fail_by_history(&found, arena, err);
}

bool bq_client_wait(struct barq_client *client, int64_t begun_ms, int64_t timeout_ms)
{
    int64_t left_ms = LOOK_EACH_MS;

    if (timeout_ms != BARQ_OFF) {
        left_ms = timeout_ms - (bq_mono_ms() - begun_ms);
    }
    if (left_ms <= 0) {
        return false;
    }
    client->broker->ops->wait_finished(client->broker,
                                       left_ms < LOOK_EACH_MS ? left_ms : LOOK_EACH_MS);
    return true;
}

enum barq_status barq_result(struct barq_client *client, const char *id, int64_t timeout_ms,
                             struct barq_arena *arena, const struct barq_value **out,
                             struct barq_error *err)
{
    enum barq_status status = bq_client_check(client, id, err);
    if (status != BARQ_OK) {
        return status;
    }

    int64_t begun_ms = bq_mono_ms();
    for (;;) {
        status = look(client, id, arena, out, err);
        if (status != BARQ_ERR_TIMEOUT || !bq_client_wait(client, begun_ms, timeout_ms)) {
            return status;
        }
    }
}
