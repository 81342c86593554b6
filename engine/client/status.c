#include <string.h>

#include "client/client.h"
#include "codec/codec.h"
#include "job/record.h"

static const char *const names[] = {
    [BARQ_JOB_NOT_FOUND] = "not_found", [BARQ_JOB_DEFERRED] = "deferred",
    [BARQ_JOB_QUEUED] = "queued",       [BARQ_JOB_IN_PROGRESS] = "in_progress",
    [BARQ_JOB_COMPLETE] = "complete",   [BARQ_JOB_FAILED] = "failed",
};

const char *barq_job_status_name(enum barq_job_status status)
{
    size_t at = (size_t)status;

    return at < sizeof(names) / sizeof(names[0]) ? names[at] : "unknown";
}

enum barq_status barq_status_of(struct barq_client *client, const char *id,
                                enum barq_job_status *out, struct barq_error *err)
{
    enum barq_status status = bq_client_check(client, id, err);
    if (status != BARQ_OK) {
        return status;
    }

    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, BQ_CLIENT_FOUND_BYTES);
    struct bq_found found;
    status = bq_client_find(client, id, &arena, &found, err);
    if (status != BARQ_OK && status != BARQ_ERR_NOTFOUND) {
        return status;
    }
    *out = status == BARQ_OK ? found.status : BARQ_JOB_NOT_FOUND;
    return BARQ_OK;
}

/* Only want of memory is a failure: whoever looks at a job wants to see also a damaged one. */
static enum barq_status only_nomem(enum barq_status status, struct barq_error *err)
{
    if (status != BARQ_ERR_NOMEM) {
        return BARQ_OK;
    }
    return bq_fail(err, BARQ_ERR_NOMEM, "client: the arena has no room for the job");
}

static enum barq_status read_payload(const struct bq_found *found, struct barq_arena *arena,
                                     struct barq_job_info *info, struct barq_error *err)
{
    struct bq_job_record record;
    struct barq_error why = {.status = BARQ_OK};

    info->function = "<unknown>";
    if (found->job.payload_bytes == 0) { /* finished: its result has it all */
        return BARQ_OK;
    }
    enum bq_readable readable =
        bq_job_decode(arena, found->job.payload, found->job.payload_bytes, &record, &why);

    info->function = record.function;
    if (found->status == BARQ_JOB_IN_PROGRESS && record.first_try > info->job_try) {
        info->job_try = record.first_try;
    }
    if (readable == BQ_READ_ALL) {
        info->args = record.args;
        info->kwargs = record.kwargs;
        return BARQ_OK;
    }
    return only_nomem(why.status, err);
}

enum barq_status bq_client_history(const struct bq_found *found, struct barq_arena *arena,
                                   const struct barq_value **out, struct barq_error *err)
{
    struct barq_value *history = NULL;
    enum barq_status status =
        bq_codec_json.decode(arena, found->history, strlen(found->history), &history, NULL);
    if (status != BARQ_OK || barq_kind(history) != BARQ_LIST) {
        history = barq_list(arena);
    }
    *out = history;
    return only_nomem(history ? BARQ_OK : BARQ_ERR_NOMEM, err);
}

const char *bq_client_last_error(const struct barq_value *history)
{
    for (size_t i = barq_count(history); i > 0; i--) {
        const struct barq_value *entry = barq_at(history, i - 1);
        const char *error = barq_as_string(barq_get(entry, "error"), NULL);
        if (error) {
            return error;
        }
    }
    return NULL;
}

/* A result knows better than the broker how the job ended; a damaged one leaves what that knows. */
static enum barq_status read_result(const struct bq_found *found, struct barq_arena *arena,
                                    struct barq_job_info *info, struct barq_error *err)
{
    struct bq_result_record record;
    struct barq_error why;

    if (!found->result) {
        return BARQ_OK;
    }
    enum barq_status status =
        bq_result_decode(arena, found->result, found->result_bytes, &record, &why);
    if (status != BARQ_OK) {
        info->error = bq_arena_format(arena, "<unknown>: %s", why.text);
        return only_nomem(info->error ? status : BARQ_ERR_NOMEM, err);
    }

    if (info->enqueued_at_ms == 0) { /* a job of an arq client: the broker does not know */
        info->enqueued_at_ms = record.job.enqueued_at_ms;
    }
    info->function = record.job.function;
    info->args = record.job.args;
    info->kwargs = record.job.kwargs;
    info->job_try = record.job_try;
    info->started_at_ms = record.started_at_ms;
    info->finished_at_ms = record.finished_at_ms;
    info->result = record.success ? record.result : NULL;
    info->error = record.success ? NULL : record.error;
    return BARQ_OK;
}

static bool is_finished(enum barq_job_status status)
{
    return status == BARQ_JOB_COMPLETE || status == BARQ_JOB_FAILED;
}

/* What the broker knows without any decoding. */
static struct barq_job_info plain_info(const struct bq_found *found)
{
    bool running = found->status == BARQ_JOB_IN_PROGRESS;

    return (struct barq_job_info){
        .id = found->job.id,
        .queue = found->job.queue,
        .status = found->status,
        .job_try = found->tries + (running ? 1 : 0),
        .enqueued_at_ms = found->job.enqueued_at_ms,
        .due_at_ms = is_finished(found->status) ? 0 : found->job.due_at_ms,
        .priority = found->job.priority,
        .key = found->job.key,
        .waits_for = found->waits_for,
        .worker = found->worker,
        .started_at_ms = found->claimed_at_ms,
        .finished_at_ms = found->finished_at_ms,
        .done = found->done,
        .total = found->total,
        .note = found->note,
        .progress_at_ms = found->progress_at_ms,
        .log = found->log,
    };
}

enum barq_status bq_client_info(const struct bq_found *found, struct barq_arena *arena,
                                struct barq_job_info *out, struct barq_error *err)
{
    struct barq_job_info info = plain_info(found);
    enum barq_status status = read_payload(found, arena, &info, err);
    if (status == BARQ_OK) {
        status = bq_client_history(found, arena, &info.history, err);
    }
    if (status != BARQ_OK) {
        return status;
    }

    if (found->status != BARQ_JOB_COMPLETE) {
        info.error = bq_client_last_error(info.history);
    }
    if (is_finished(found->status)) {
        status = read_result(found, arena, &info, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    *out = info;
    return BARQ_OK;
}

enum barq_status barq_info(struct barq_client *client, const char *id, struct barq_arena *arena,
                           struct barq_job_info *out, struct barq_error *err)
{
    struct bq_found found;
    enum barq_status status = bq_client_find(client, id, arena, &found, err);

    return status == BARQ_OK ? bq_client_info(&found, arena, out, err) : status;
}
