#include <assert.h>
#include <string.h>

#include "attempt/attempt.h"
#include "attempt/policy.h"
#include "base/fault.h"
#include "base/time.h"

/* With the time in which a server is asked to stop it is shorter than an attempt may take until it is started. */
enum { LOOK_MS = 5000 };

static void say_started(struct barq_context *ctx)
{
    bq_auto(buf) struct bq_buf body;
    struct bq_started started = bq_started_of(ctx);

    bq_buf_init(&body, BQ_FRAME_SLACK_BYTES);
    bq_started_put(&body, &started);
    /* The loop sends it in a moment, or the outcome takes it along: a short job is one message. */
    bq_desk_post(ctx->place->desk, BQ_MSG_STARTED, &body, bq_started_urgent(ctx));
}

static int64_t backoff_ms(const struct barq_context *ctx)
{
    struct bq_retry_policy policy = bq_retry_policy(ctx);
    uint64_t random;

    bq_random(&random, sizeof(random));
    return bq_retry_delay_ms(&policy, barq_job_try(ctx), random);
}

/* While tries are left: as the job asked for, or else as its function has it. */
static struct bq_outcome try_again(struct barq_context *ctx, const char *why, bool by_policy)
{
    bool wished = ctx->wish == BQ_WISH_RETRY;
    bool wanted = wished || (by_policy && ctx->wish != BQ_WISH_FAIL);

    if (!wanted || barq_job_try(ctx) >= bq_max_tries(ctx)) {
        return bq_settle_failure(ctx, why);
    }
    return bq_outcome_retry(ctx, why, wished ? ctx->retry_defer_ms : backoff_ms(ctx));
}

static const char *timeout_text(struct barq_context *ctx)
{
    double timeout_s = (double)bq_job_timeout_ms(ctx) / 1000.0;
    const char *text = bq_arena_format(ctx->arena, "ran past its %g s", timeout_s);

    return text ? text : "ran past its time";
}

static enum bq_cancel_reason canceled_for(const struct barq_context *ctx)
{
    return (enum bq_cancel_reason)atomic_load(&ctx->place->seat->cancel);
}

/* The handler, or the commit of what it did, has failed: nothing of it stays. */
static struct bq_outcome failed(struct barq_context *ctx, enum barq_status status,
                                const struct barq_error *err)
{
    enum bq_cancel_reason reason = canceled_for(ctx);
    const char *why = err->text[0] != '\0' ? err->text : barq_status_name(status);

    bq_context_unbind(ctx);
    bq_fault("attempt.rolled_back");
    switch (reason) {
    case BQ_CANCEL_SHUTDOWN:
        return bq_outcome_give_back(ctx, "stopped with its worker", false);
    case BQ_CANCEL_ABORT:
        return bq_settle_failure(ctx, "aborted");
    case BQ_CANCEL_TIMEOUT:
        if (bq_too_late(ctx)) { /* its own doing: given back for nothing, it would be so for ever */
            return bq_outcome_retry(ctx, timeout_text(ctx), backoff_ms(ctx));
        }
        return try_again(ctx, timeout_text(ctx), bq_retry_on_timeout(ctx));
    case BQ_CANCEL_NONE:
    default:
        break;
    }
    if (status == BARQ_ERR_CANCELED && bq_too_late(ctx)) {
        return bq_outcome_give_back(ctx, why, false);
    }
    if (ctx->database_away && ctx->wish == BQ_WISH_NONE) {
        return bq_outcome_give_back(ctx, why, true);
    }
    return try_again(ctx, why, bq_retry_on_error(ctx));
}

/* One of the calls of which an attempt consists. What it wished for counts only if it fails. */
static enum barq_status call(struct barq_context *ctx, barq_handler *function,
                             struct barq_error *err)
{
    enum barq_status status = function ? function(ctx, err) : BARQ_OK;

    if (status == BARQ_OK) {
        ctx->wish = BQ_WISH_NONE;
    }
    return status;
}

/* on_job_start, the handler, on_job_end: in one session, each only after the success of the one before. */
static enum barq_status call_all(struct barq_context *ctx, struct barq_error *err)
{
    const struct barq_settings *settings = ctx->place->settings;

    enum barq_status status = call(ctx, settings->on_job_start, err);
    bq_fault("attempt.job_started");
    if (status == BARQ_OK) {
        status = call(ctx, ctx->function->run, err);
        bq_fault("attempt.returned");
    }
    if (status == BARQ_OK) {
        status = call(ctx, settings->on_job_end, err);
        bq_fault("attempt.job_ended");
    }
    return status;
}

static struct bq_outcome run_handler(struct barq_context *ctx)
{
    struct bq_outcome outcome;
    struct barq_error err = {.status = BARQ_OK};

    ctx->called = true;
    bq_span_say(ctx);
    say_started(ctx);
    bq_fault("attempt.started");
    enum barq_status status = call_all(ctx, &err);
    if (status == BARQ_OK) {
        status = bq_settle_success(ctx, &outcome, &err);
    }
    if (status == BARQ_OK) {
        return outcome;
    }
    /* Committed, but not relayed: the next attempt finds the receipt and goes on from there. */
    return ctx->committed ? bq_outcome_give_back(ctx, err.text, true) : failed(ctx, status, &err);
}

static void identify(struct barq_context *ctx)
{
    ctx->identity = (struct bq_identity){
        .queue = ctx->run.claimed.job.queue,
        .id = ctx->run.claimed.job.id,
        .enqueued_at_ms = ctx->record.enqueued_at_ms,
        .nonce = ctx->record.nonce,
    };
}

/* Want of memory may pass; anything else stays as it is. */
static struct bq_outcome unreadable(struct barq_context *ctx, const struct barq_error *why)
{
    if (ctx->run.verdict[0] != '\0') {
        return bq_settle_unreadable(ctx, ctx->run.verdict);
    }
    if (why->status == BARQ_ERR_NOMEM && barq_job_try(ctx) < bq_max_tries(ctx)) {
        return bq_outcome_retry(ctx, why->text, backoff_ms(ctx));
    }
    return bq_settle_unreadable(ctx, why->text);
}

/* A database that says nothing is away: before the dispatcher takes it for the job's doing. */
static enum barq_status look_for_receipt(struct barq_context *ctx, struct bq_outcome *out,
                                         bool *found, struct barq_error *err)
{
    ctx->look_until_ms = ctx->begun_ms + LOOK_MS;
    enum barq_status status = bq_answer_from_receipt(ctx, out, found, err);
    ctx->look_until_ms = 0;
    return status;
}

/* The steps of one attempt, in their order. */
static struct bq_outcome decide(struct barq_context *ctx)
{
    const struct bq_job *job = &ctx->run.claimed.job;
    struct barq_error unread = {.status = BARQ_OK};
    struct barq_error err;

    enum bq_readable readable =
        bq_job_decode(ctx->arena, job->payload, job->payload_bytes, &ctx->record, &unread);
    if (readable == BQ_READ_NOTHING) {
        return unreadable(ctx, &unread);
    }
    identify(ctx);
    bq_find_function(ctx);
    bq_span_choose(ctx);

    if (ctx->run.claimed.claimed_before) {
        struct bq_outcome outcome;
        bool found = false;
        if (look_for_receipt(ctx, &outcome, &found, &err) != BARQ_OK) {
            return bq_outcome_give_back(ctx, err.text, true);
        }
        if (found) {
            return outcome;
        }
    }
    enum bq_cancel_reason reason = canceled_for(ctx);
    if (reason == BQ_CANCEL_SHUTDOWN) {
        return bq_outcome_give_back(ctx, "stopped with its worker", false);
    }
    ctx->run.claimed.aborted = ctx->run.claimed.aborted || reason == BQ_CANCEL_ABORT;
    bool leave = false;
    const char *refused = bq_refusal(ctx, readable, unread.text, &leave);
    if (leave) {
        return bq_outcome_leave(ctx, refused);
    }
    if (refused) {
        bq_span_say(ctx);
        return bq_settle_failure(ctx, refused);
    }
    return run_handler(ctx);
}

void bq_attempt_run(struct bq_workplace *place, struct barq_arena *arena, const struct bq_buf *body)
{
    struct barq_context ctx = {
        .place = place,
        .arena = arena,
        .started_at_ms = bq_wall_ms(),
        .begun_ms = bq_mono_ms(),
    };
    struct bq_reader in = bq_reader_of(body->data, body->len);

    bool understood = bq_run_get(&in, arena, &ctx.run);
    assert(understood); /* our own dispatcher wrote it */
    bq_fault("attempt.begin");
    struct bq_outcome outcome = decide(&ctx);
    bq_context_unbind(&ctx);
    bq_fault("attempt.ended");
    outcome.stays = ctx.called && place->settings->after_job_end;
    bq_outcome_post(&ctx, &outcome);
    bq_buf_clear(&ctx.encoded);
    if (outcome.stays) {
        ctx.failure = outcome.error;
        bq_run_after_hook(&ctx);
    }
}
