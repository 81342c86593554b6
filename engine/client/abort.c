#include <string.h>

#include "base/time.h"
#include "client/client.h"
#include "job/record.h"

enum barq_status barq_abort(struct barq_client *client, const char *id, struct barq_error *err)
{
    enum barq_status status = bq_client_check(client, id, err);
    if (status != BARQ_OK) {
        return status;
    }

    struct bq_broker *broker = client->broker;
    status = broker->ops->abort(broker, id, client->timeout_ms, err);
    if (status == BARQ_ERR_NOTFOUND) {
        return bq_fail(err, status, "client: neither waits nor runs: job %s", id);
    }
    return status;
}

/* Where no result was kept, the words of the attempt and of the dispatcher tell. */
static bool tells_of_abort(const char *error)
{
    static const char *const words[] = {"aborted", "aborted before start",
                                        "aborted, and did not stop in 5 s"};

    for (size_t i = 0; error && i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(error, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

static enum barq_status judge(const struct bq_found *found, struct barq_arena *arena, bool *aborted,
                              struct barq_error *err)
{
    const struct barq_value *history = NULL;
    struct bq_result_record record;
    enum barq_status status;

    if (found->status == BARQ_JOB_COMPLETE) {
        *aborted = false;
        return BARQ_OK;
    }
    if (found->result) {
        status = bq_result_decode(arena, found->result, found->result_bytes, &record, err);
        *aborted = status == BARQ_OK && !record.success && record.failure == BQ_FAILURE_ABORTED;
        return status == BARQ_OK || status == BARQ_ERR_NOMEM
                   ? status
                   : bq_fail(err, BARQ_ERR_CORRUPT, "client: its result cannot be read: job %s",
                             found->job.id);
    }
    status = bq_client_history(found, arena, &history, err);
    if (status == BARQ_OK) {
        *aborted = tells_of_abort(bq_client_last_error(history));
    }
    return status;
}

/* One look. BARQ_ERR_TIMEOUT: not finished. */
static enum barq_status look(struct barq_client *client, const char *id, bool *aborted,
                             struct barq_error *err)
{
    bq_auto(arena) struct barq_arena scratch;
    bq_arena_init(&scratch, 2 * (size_t)BQ_CLIENT_FOUND_BYTES);
    struct bq_found found;
    enum barq_status status = bq_client_find(client, id, &scratch, &found, err);
    if (status != BARQ_OK) {
        return status;
    }

    if (found.status != BARQ_JOB_COMPLETE && found.status != BARQ_JOB_FAILED) {
        return bq_fail(err, BARQ_ERR_TIMEOUT,
                       "client: it was told to stop, and has not ended yet (%s): job %s",
                       barq_job_status_name(found.status), id);
    }
    return judge(&found, &scratch, aborted, err);
}

enum barq_status barq_abort_wait(struct barq_client *client, const char *id, int64_t timeout_ms,
                                 bool *aborted, struct barq_error *err)
{
    int64_t begun_ms = bq_mono_ms();
    enum barq_status status = barq_abort(client, id, err);
    bool wished = status == BARQ_OK;
    if (!wished && status != BARQ_ERR_NOTFOUND) {
        return status;
    }

    bool found = false;
    do {
        status = look(client, id, &found, err);
    } while (status == BARQ_ERR_TIMEOUT && bq_client_wait(client, begun_ms, timeout_ms));
    if (status == BARQ_ERR_NOTFOUND && wished) {
        status = BARQ_OK; /* it has ended, and kept nothing: a failure would have been kept */
    }
    if (status == BARQ_OK) {
        *aborted = found;
    }
    return status;
}
