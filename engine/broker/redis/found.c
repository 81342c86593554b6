#include <string.h>

#include "broker/redis/broker.h"
#include "broker/reply.h"
#include "job/message.h"
#include "job/record.h"

enum { FOREIGN_BYTES = 64 * 1024 * 1024 }; /* of a result that is read to know how it ended */

/* Where look.lua puts what. */
enum {
    LOOK_STATUS,
    LOOK_ID,
    LOOK_QUEUE,
    LOOK_DUE_AT,
    LOOK_PAYLOAD,
    LOOK_RESULT,
    LOOK_WORKER,
    LOOK_CLAIMED_AT,
    LOOK_TRIES,
    LOOK_FIELDS,
    LOOK_TOLD
};
enum { TOLD_HISTORY, TOLD_DONE, TOLD_TOTAL, TOLD_NOTE, TOLD_AT, TOLD_PAYLOAD, TOLD_LOG };

void bq_redis_read_job(const struct bq_redis_reply *fields, struct bq_job *job)
{
    const char *function = bq_reply_words(fields, FIELD_FUNCTION);

    job->function = function ? function : "";
    job->key = bq_reply_words(fields, FIELD_KEY);
    job->priority = (int)bq_reply_number(fields, FIELD_PRIORITY);
    job->enqueued_at_ms = bq_reply_number(fields, FIELD_ENQUEUED_AT);
    job->expires_at_ms = bq_reply_number(fields, FIELD_EXPIRES_AT);
    job->after_failed = bq_reply_number(fields, FIELD_AFTER_FAILED) != 0;
}

static enum barq_job_status status_of(const char *word)
{
    static const struct {
        const char *word;
        enum barq_job_status status;
    } all[] = {
        {"queued", BARQ_JOB_QUEUED},       {"deferred", BARQ_JOB_DEFERRED},
        {"running", BARQ_JOB_IN_PROGRESS}, {"complete", BARQ_JOB_COMPLETE},
        {"foreign", BARQ_JOB_COMPLETE},    {"failed", BARQ_JOB_FAILED},
    };

    for (size_t i = 0; word && i < sizeof(all) / sizeof(all[0]); i++) {
        if (strcmp(word, all[i].word) == 0) {
            return all[i].status;
        }
    }
    return BARQ_JOB_NOT_FOUND;
}

/* False: the arena has no room. */
static bool copy_text(struct barq_arena *arena, const char *text, const char **out)
{
    *out = text ? bq_arena_strdup(arena, text) : NULL;
    return !text || *out;
}

/* Lines of JSON as a JSON list. */
static bool copy_history(struct barq_arena *arena, const char *lines, const char **out)
{
    size_t len = lines ? strlen(lines) : 0;
    char *list = bq_arena_alloc(arena, len + 3);

    *out = list;
    if (!list) {
        return false;
    }
    list[0] = '[';
    for (size_t i = 0; i < len; i++) {
        list[i + 1] = lines[i];
        if (lines[i] == '\n') {
            list[i + 1] = ',';
        }
    }
    list[len + 1] = ']';
    return true;
}

static bool copy_told(const struct bq_redis_reply *told, struct barq_arena *arena,
                      struct bq_found *out)
{
    const char *note = bq_reply_words(told, TOLD_NOTE);

    out->done = bq_reply_number(told, TOLD_DONE);
    out->total = bq_reply_number(told, TOLD_TOTAL);
    out->progress_at_ms = bq_reply_number(told, TOLD_AT);
    return copy_history(arena, bq_reply_words(told, TOLD_HISTORY), &out->history) &&
           copy_text(arena, note && *note ? note : NULL, &out->note) &&
           copy_text(arena, bq_reply_words(told, TOLD_LOG), &out->log);
}

static bool copy_result(const struct bq_redis_reply *result, struct barq_arena *arena,
                        struct bq_found *out)
{
    if (result->kind != BQ_REDIS_TEXT) {
        return true;
    }
    out->result = bq_arena_memdup(arena, result->text, result->len);
    out->result_bytes = result->len;
    return out->result != NULL;
}

/* What a job was that an arq worker ran, only its result says; if that can be read. */
static enum barq_status read_foreign(struct barq_arena *arena, struct bq_found *found)
{
    bq_auto(arena) struct barq_arena scratch;
    struct bq_result_record record;

    bq_arena_init(&scratch, FOREIGN_BYTES);
    if (bq_result_decode(&scratch, found->result, found->result_bytes, &record, NULL) != BARQ_OK) {
        return BARQ_OK;
    }
    found->status = record.success ? BARQ_JOB_COMPLETE : BARQ_JOB_FAILED;
    found->tries = record.job_try;
    found->finished_at_ms = record.finished_at_ms;
    found->job.enqueued_at_ms = record.job.enqueued_at_ms;
    found->job.queue = bq_arena_strdup(arena, record.queue);
    return found->job.queue ? BARQ_OK : BARQ_ERR_NOMEM;
}

static int larger(int64_t a, int64_t b)
{
    return (int)(a > b ? a : b);
}

enum barq_status bq_redis_read_found(const struct bq_redis_reply *reply, struct barq_arena *arena,
                                     struct bq_found *out, struct barq_error *err)
{
    const struct bq_redis_reply *fields = bq_reply_item(reply, LOOK_FIELDS);
    const struct bq_redis_reply *payload = bq_reply_item(reply, LOOK_PAYLOAD);
    const char *id = bq_reply_words(reply, LOOK_ID);
    const char *queue = bq_reply_words(reply, LOOK_QUEUE);
    struct bq_job job = {.id = id ? id : "",
                         .queue = queue ? queue : "",
                         .payload = payload->kind == BQ_REDIS_TEXT ? payload->text : NULL,
                         .payload_bytes = payload->len,
                         .due_at_ms = bq_reply_number(reply, LOOK_DUE_AT)};
    struct bq_found found = {
        .status = status_of(bq_reply_words(reply, LOOK_STATUS)),
        .tries = larger(bq_reply_number(fields, FIELD_TRIES), bq_reply_number(reply, LOOK_TRIES)),
        .losses = (int)bq_reply_number(fields, FIELD_LOSSES),
        .crashes = (int)bq_reply_number(fields, FIELD_CRASHES),
        .claimed_at_ms = bq_reply_number(reply, LOOK_CLAIMED_AT),
        .waits_for = bq_reply_number(fields, FIELD_WAITS),
        .finished_at_ms = bq_reply_number(fields, FIELD_FINISHED_AT),
    };

    bq_redis_read_job(fields, &job);
    job.uncertain =
        bq_reply_number(fields, FIELD_UNCERTAIN) != 0 && bq_reply_number(fields, FIELD_BEFORE) == 0;
    if (!bq_reply_job(arena, &job, &found.job) ||
        !copy_text(arena, bq_reply_words(reply, LOOK_WORKER), &found.worker) ||
        !copy_result(bq_reply_item(reply, LOOK_RESULT), arena, &found) ||
        !copy_told(bq_reply_item(reply, LOOK_TOLD), arena, &found)) {
        return bq_fail(err, BARQ_ERR_NOMEM, "redis: no room for a job's bytes");
    }
    const char *word = bq_reply_words(reply, LOOK_STATUS);
    if (word && strcmp(word, "foreign") == 0 && read_foreign(arena, &found) != BARQ_OK) {
        return bq_fail(err, BARQ_ERR_NOMEM, "redis: no room for a job's bytes");
    }
    *out = found;
    return BARQ_OK;
}
