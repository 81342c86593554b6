#include "attempt/attempt.h"
#include "attempt/policy.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/time.h"
#include "job/record.h"
#include "session/outbox.h"
#include "session/receipt.h"

static struct bq_receipt receipt_of(struct barq_context *ctx, bool success)
{
    return (struct bq_receipt){
        .success = success,
        .result = ctx->encoded.data,
        .result_bytes = ctx->encoded.len,
        .keep_result_ms = bq_keep_result_ms(ctx),
    };
}

/* Why it failed, as the receipt's result says; a receipt without one is of a result that was too large. */
static const char *error_of(const struct bq_receipt *receipt, struct barq_arena *arena)
{
    struct bq_result_record record = {.error = NULL};

    if (receipt->success) {
        return "";
    }
    bool known =
        receipt->result_bytes > 0 &&
        bq_result_decode(arena, receipt->result, receipt->result_bytes, &record, NULL) == BARQ_OK &&
        record.error;
    return known ? record.error : "failed in an earlier attempt";
}

enum barq_status bq_answer_from_receipt(struct barq_context *ctx, struct bq_outcome *out,
                                        bool *found, struct barq_error *err)
{
    struct bq_receipt receipt;

    enum barq_status status = bq_context_bind(ctx, err);
    if (status == BARQ_OK) {
        status =
            bq_receipt_find(ctx->place->session, &ctx->identity, ctx->arena, &receipt, found, err);
    }
    if (status == BARQ_OK) {
        bq_session_until(ctx->place->session, 0);
    }
    if (status != BARQ_OK || !*found) {
        return status;
    }
    bq_fault("attempt.receipt_found");
    status = bq_relay(ctx, err);
    if (status != BARQ_OK) {
        return status;
    }
    *out = (struct bq_outcome){
        .kind = receipt.success ? BQ_OUTCOME_COMPLETE : BQ_OUTCOME_FAILED,
        .error = error_of(&receipt, ctx->arena),
        .result = receipt.result,
        .result_bytes = receipt.result_bytes,
        .keep_result_ms = receipt.keep_result_ms,
        .from_receipt = true,
    };
    return BARQ_OK;
}

/* Somebody's receipt was there first: it is the answer. */
static enum barq_status answer_of_other(struct barq_context *ctx, struct bq_outcome *out,
                                        struct barq_error *err)
{
    bool found = false;

    bq_context_refresh(ctx);
    enum barq_status status = bq_answer_from_receipt(ctx, out, &found, err);
    if (status == BARQ_OK && !found) {
        return bq_fail(err, BARQ_ERR_CONFLICT,
                       "session: another attempt's receipt was there, and is gone");
    }
    return status;
}

static enum barq_status begin_for_receipt(struct barq_context *ctx, struct barq_error *err)
{
    enum barq_status status = bq_context_bind(ctx, err);
    if (status != BARQ_OK || bq_session_wrote(ctx->place->session)) {
        return status;
    }
    bq_session_rollback(ctx->place->session); /* it may be open for reading */
    return bq_session_begin_own(ctx->place->session, err);
}

/* The last thing of a transaction: the receipt, then COMMIT. BARQ_ERR_EXISTS: somebody was first. */
static enum barq_status commit_success(struct barq_context *ctx, struct barq_error *err)
{
    struct bq_receipt receipt = receipt_of(ctx, true);

    enum barq_status status = begin_for_receipt(ctx, err);
    if (status == BARQ_OK) {
        return bq_receipt_commit(ctx->place->session, &ctx->identity, &receipt, bq_wall_ms(), err);
    }
    if (ctx->bound) {
        bq_session_rollback(ctx->place->session);
    }
    return status;
}

static enum barq_status needs_receipt(struct barq_context *ctx, bool *out, struct barq_error *err)
{
    *out = ctx->run.claimed.claimed_before;
    return *out || !ctx->bound ? BARQ_OK : bq_session_written(ctx->place->session, out, err);
}

/* A serialization failure may hide that somebody's receipt was first: then that is the answer, and no try is used up. */
static enum barq_status unless_answered(struct barq_context *ctx, struct bq_outcome *out,
                                        struct barq_error *err)
{
    struct barq_error ignored;
    bool found = false;

    bq_context_refresh(ctx);
    enum barq_status status = bq_answer_from_receipt(ctx, out, &found, &ignored);
    ctx->committed = ctx->committed || (status == BARQ_OK && found);
    return ctx->committed ? BARQ_OK : err->status;
}

enum barq_status bq_settle_success(struct barq_context *ctx, struct bq_outcome *out,
                                   struct barq_error *err)
{
    if (ctx->bound && bq_session_broken(ctx->place->session, err)) {
        return err->status;
    }
    enum barq_status status = bq_encode_success(ctx, err);
    if (status != BARQ_OK) {
        ctx->wish = BQ_WISH_FAIL; /* trying again would give the same result */
        return status;
    }
    *out = bq_outcome_final(ctx, true);
    bool needed = false;
    status = needs_receipt(ctx, &needed, err);
    if (status != BARQ_OK || !needed) {
        return status;
    }

    bool has_outbox = ctx->bound && bq_outbox_has(ctx->place->session);
    status = commit_success(ctx, err);
    if (status == BARQ_ERR_EXISTS) {
        ctx->committed = true; /* by the other; should it not be readable now, it will be later */
        return answer_of_other(ctx, out, err);
    }
    if (status == BARQ_ERR_CONFLICT) {
        return unless_answered(ctx, out, err);
    }
    ctx->database_away = ctx->database_away || bq_database_away(status);
    if (status != BARQ_OK) {
        return status;
    }
    ctx->committed = true;
    bq_fault("attempt.committed");
    return has_outbox ? bq_relay(ctx, err) : BARQ_OK;
}

/* What a hook returns says nothing about the database: it may be the status of a call to the outside. */
static enum barq_status run_hook(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_error why;

    enum barq_status status = bq_run_failure_hook(ctx, err);
    if (status == BARQ_OK || ctx->database_away) {
        return status;
    }
    bool broken = bq_session_broken(ctx->place->session, &why);
    return broken && bq_database_away(why.status) ? why.status : BARQ_ERR_JOB;
}

/* The failure's receipt begins the transaction in which on_job_failure writes. `*taken`: somebody was first. */
static enum barq_status commit_failure(struct barq_context *ctx, bool with_hook, bool *taken,
                                       struct barq_error *err)
{
    struct bq_receipt receipt = receipt_of(ctx, false);

    ctx->database_away = false;
    bq_context_refresh(ctx);
    enum barq_status status = bq_context_bind(ctx, err);
    if (status == BARQ_OK) {
        status = bq_session_begin_own(ctx->place->session, err);
    }
    if (status == BARQ_OK) {
        status =
            bq_receipt_insert(ctx->place->session, &ctx->identity, &receipt, bq_wall_ms(), err);
        *taken = status == BARQ_ERR_EXISTS;
    }
    if (status == BARQ_OK) {
        bq_fault("attempt.failure_inserted");
        status = with_hook ? run_hook(ctx, err) : BARQ_OK;
    }
    if (status == BARQ_OK) {
        status = bq_session_commit(ctx->place->session, err);
    }
    if (status != BARQ_OK && ctx->bound) {
        bq_session_rollback(ctx->place->session);
    }
    return status;
}

static struct bq_outcome committed_failure(struct barq_context *ctx)
{
    struct bq_outcome outcome = bq_outcome_final(ctx, false);
    struct barq_error err;

    bq_fault("attempt.failure_committed");
    return bq_relay(ctx, &err) == BARQ_OK ? outcome : bq_outcome_give_back(ctx, err.text, true);
}

static struct bq_outcome failure_of_other(struct barq_context *ctx)
{
    struct bq_outcome outcome;
    struct barq_error err;

    if (answer_of_other(ctx, &outcome, &err) != BARQ_OK) {
        return bq_outcome_give_back(ctx, err.text, true);
    }
    return outcome;
}

static struct bq_outcome too_late(struct barq_context *ctx)
{
    return bq_outcome_give_back(ctx, "its lease is too near its end to commit", false);
}

struct bq_outcome bq_settle_failure(struct barq_context *ctx, const char *why)
{
    bool with_hook = ctx->place->settings->on_job_failure && !ctx->run.without_hook;
    bool taken = false;
    struct barq_error err;

    if (bq_too_late(ctx)) {
        return too_late(ctx); /* on_job_failure would run for nothing */
    }
    ctx->failure = bq_short_text(ctx, why);
    if (bq_encode_failure(ctx, ctx->failure, &err) != BARQ_OK) {
        return bq_outcome_give_back(ctx, err.text, true);
    }
    enum barq_status status = commit_failure(ctx, with_hook, &taken, &err);
    if (status == BARQ_ERR_CANCELED && bq_too_late(ctx)) {
        return too_late(ctx);
    }
    /* A database that went away says nothing about the hook; a transaction that was open for too long does. */
    bool hook_failed = with_hook && !taken && status != BARQ_OK && !bq_database_away(status);
    if (hook_failed) {
        bq_warn("on_job_failure failed; the failure stands without it",
                bq_str("job", barq_job_id(ctx)), bq_str("error", err.text));
        status = commit_failure(ctx, false, &taken, &err);
    }
    if (taken) {
        return failure_of_other(ctx);
    }
    return status == BARQ_OK ? committed_failure(ctx) : bq_outcome_give_back(ctx, err.text, true);
}

struct bq_outcome bq_settle_unreadable(struct barq_context *ctx, const char *why)
{
    struct barq_error err;

    ctx->failure = bq_short_text(ctx, why);
    if (bq_encode_failure(ctx, ctx->failure, &err) != BARQ_OK) {
        return bq_outcome_give_back(ctx, err.text, false);
    }
    return bq_outcome_final(ctx, false);
}
