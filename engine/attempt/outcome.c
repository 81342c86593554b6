#include <string.h>

#include "attempt/attempt.h"
#include "attempt/policy.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"

enum { LEAVE_MS = 60000, LEAVE_JITTER_MS = 15000 };

static struct bq_result_record result_record(const struct barq_context *ctx)
{
    return (struct bq_result_record){
        .job = ctx->record,
        .queue = ctx->run.claimed.job.queue,
        .id = ctx->run.claimed.job.id,
        .job_try = barq_job_try(ctx),
        .started_at_ms = ctx->started_at_ms,
        .finished_at_ms = bq_wall_ms(),
    };
}

static const struct bq_codec *codec_of(const struct barq_context *ctx)
{
    const struct bq_job *job = &ctx->run.claimed.job;
    const struct bq_codec *codec = bq_codec_of(job->payload, job->payload_bytes);

    return codec ? codec : &bq_codec_json;
}

/* A result repeats its job's arguments; the limit is for what comes on top. */
static void begin_encoding(struct barq_context *ctx)
{
    bq_buf_clear(&ctx->encoded);
    bq_buf_init(&ctx->encoded, ctx->run.claimed.job.payload_bytes + ctx->place->payload_max_bytes);
}

enum barq_status bq_encode_success(struct barq_context *ctx, struct barq_error *err)
{
    struct bq_result_record record = result_record(ctx);
    struct barq_error why;

    record.success = true;
    record.result = ctx->returned ? ctx->result : barq_null(ctx->arena);
    begin_encoding(ctx);
    enum barq_status status = barq_value_check(record.result, &why);
    if (status == BARQ_OK) {
        status = bq_result_encode(codec_of(ctx), &record, &ctx->encoded, &why);
    }
    if (status == BARQ_ERR_LIMIT) {
        return bq_fail(err, status, "the result is larger than %zu bytes",
                       ctx->place->payload_max_bytes);
    }
    return status == BARQ_OK ? BARQ_OK
                             : bq_fail(err, status, "unable to serialize result: %s", why.text);
}

static enum bq_failure failure_of(const struct barq_context *ctx)
{
    int reason = atomic_load(&ctx->place->seat->cancel);

    if (ctx->run.claimed.aborted || reason == BQ_CANCEL_ABORT) {
        return BQ_FAILURE_ABORTED;
    }
    if (!ctx->called) {
        return BQ_FAILURE_REFUSED;
    }
    return reason == BQ_CANCEL_TIMEOUT ? BQ_FAILURE_TIMEOUT : BQ_FAILURE_ERROR;
}

enum barq_status bq_encode_failure(struct barq_context *ctx, const char *error,
                                   struct barq_error *err)
{
    struct bq_result_record record = result_record(ctx);

    record.error = error;
    record.failure = failure_of(ctx);
    begin_encoding(ctx);
    enum barq_status status = bq_result_encode(codec_of(ctx), &record, &ctx->encoded, err);
    if (status == BARQ_OK) {
        return status;
    }
    /* Written anew, arguments can be longer than they came. The failure is told without them, then. */
    record.job.args = NULL;
    record.job.kwargs = NULL;
    begin_encoding(ctx);
    return bq_result_encode(codec_of(ctx), &record, &ctx->encoded, err);
}

struct bq_outcome bq_outcome_final(struct barq_context *ctx, bool success)
{
    return (struct bq_outcome){
        .kind = success ? BQ_OUTCOME_COMPLETE : BQ_OUTCOME_FAILED,
        .error = success ? "" : ctx->failure,
        .result = ctx->encoded.data,
        .result_bytes = ctx->encoded.len,
        .keep_result_ms = bq_keep_result_ms(ctx),
    };
}

const char *bq_short_text(struct barq_context *ctx, const char *error)
{
    size_t len = bq_utf8_cut(error, strlen(error), BQ_ERROR_TEXT_MAX_BYTES);

    memmove(ctx->text, error, len);
    ctx->text[len] = '\0';
    return ctx->text;
}

struct bq_outcome bq_outcome_give_back(struct barq_context *ctx, const char *error,
                                       bool database_away)
{
    return (struct bq_outcome){
        .kind = BQ_OUTCOME_GIVE_BACK,
        .error = bq_short_text(ctx, error),
        .database_away = database_away,
    };
}

struct bq_outcome bq_outcome_leave(struct barq_context *ctx, const char *error)
{
    struct bq_outcome outcome = bq_outcome_give_back(ctx, error, false);
    uint64_t random;

    /* Of several workers that know it not, each comes at another time. */
    bq_random(&random, sizeof(random));
    outcome.defer_ms = LEAVE_MS + (int64_t)(random % LEAVE_JITTER_MS);
    return outcome;
}

struct bq_outcome bq_outcome_retry(struct barq_context *ctx, const char *error, int64_t defer_ms)
{
    return (struct bq_outcome){
        .kind = BQ_OUTCOME_RETRY,
        .error = bq_short_text(ctx, error),
        .defer_ms = defer_ms,
    };
}

void bq_outcome_post(struct barq_context *ctx, const struct bq_outcome *outcome)
{
    struct bq_outcome whole = *outcome;
    bq_auto(buf) struct bq_buf body;

    whole.attempt = ctx->run.attempt;
    whole.job_try = barq_job_try(ctx);
    whole.took_us = bq_desk_took_us(ctx->place->seat);
    whole.function = ctx->record.function ? ctx->record.function : "<unknown>";
    bq_buf_init(&body, outcome->result_bytes + BQ_FRAME_SLACK_BYTES);
    whole.printed = bq_say_end(ctx);
    bq_outcome_put(&body, &whole);
    bq_desk_post(ctx->place->desk, BQ_MSG_OUTCOME, &body, true);
}
