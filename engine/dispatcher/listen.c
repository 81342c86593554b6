#include <stdio.h>

#include "base/log.h"
#include "base/time.h"
#include "dispatcher/dispatcher.h"

/* The worker ends, with the first such reason. */
static void fail(struct bq_dispatcher *dispatcher, const char *before, const char *why)
{
    if (!dispatcher->failed) {
        dispatcher->failed = true;
        (void)bq_fail(&dispatcher->err, BARQ_ERR_JOB, "%s%s", before, why);
    }
}

static void executor_is_ready(struct bq_executor *executor, const struct bq_ready *ready)
{
    struct bq_dispatcher *dispatcher = executor->data;
    struct barq_error err;

    bq_debug("executor ready", bq_int("executor", executor->number),
             bq_int("pid", executor->child.pid),
             bq_int("took_ms", bq_mono_ms() - executor->spawned_at_ms));
    if (executor != &dispatcher->house) {
        dispatcher->threads =
            executor->threads; /* a module that was reloaded may have other ones */
    }
    if (!dispatcher->learned && bq_start_all(dispatcher, ready, &err) != BARQ_OK) {
        fail(dispatcher, "", err.text);
    }
    bq_reload_ready(dispatcher, executor, ready);
}

static void executor_refused(struct bq_executor *executor, const struct bq_refused *refused)
{
    struct bq_dispatcher *dispatcher = executor->data;

    /* Who is started before the database waits for it, unless somebody waits for the burst's end. */
    if (!dispatcher->learned && (!refused->database_away || dispatcher->options.burst)) {
        fail(dispatcher, "", refused->why);
        return;
    }
    if (!bq_reload_refused(dispatcher, executor, refused->why)) {
        bq_warn("an executor cannot start", bq_int("executor", executor->number),
                bq_str("error", refused->why));
    }
    (void)bq_fail(&dispatcher->refused, BARQ_ERR_JOB, "%s", refused->why);
    if (refused->database_away) {
        dispatcher->database_away = true;
        /* It goes on trying, every second or so; a kill meanwhile is not the last straw. */
        if (executor->bad_starts > BQ_EXECUTOR_MAX_BAD_STARTS - 3) {
            executor->bad_starts = BQ_EXECUTOR_MAX_BAD_STARTS - 3;
        }
    }
}

/* Longer than a dispatcher lives: none. */
static const int64_t LONGEST_TIMEOUT_MS = INT64_C(1) << 53;

static bool take_started(struct bq_dispatcher *dispatcher, struct bq_claim *claim,
                         const struct bq_frame *frame)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_started started;
    struct bq_reader in = bq_reader_of(frame->body, frame->len);

    bq_arena_init(&arena, BQ_FRAME_SLACK_BYTES);
    if (!bq_started_get(&in, &arena, &started)) {
        return false;
    }
    claim->started = true;
    claim->told_try = started.job_try;
    claim->retry = (struct bq_retry_policy){
        .max_tries = (int)started.max_tries,
        .min_ms = started.retry_min_ms,
        .max_ms = started.retry_max_ms,
    };
    claim->retry_on_timeout = started.retry_on_timeout;
    claim->recycle_after = started.recycle_after;
    (void)snprintf(claim->function, sizeof(claim->function), "%s", started.function);
    claim->output_max_bytes = started.output_max_bytes;
    bq_count_begun(&dispatcher->counts, claim, started.function);
    bq_watch_begin(claim, &started, bq_mono_ms());
    if (claim->canceled != BQ_CANCEL_NONE) {
        return true; /* the deadline is that of the cancel */
    }
    bq_limit(dispatcher, claim, 0, "");
    if (started.job_timeout_ms > 0 && started.job_timeout_ms < LONGEST_TIMEOUT_MS) {
        int64_t now_ms = bq_mono_ms();
        claim->timeout_ms = started.job_timeout_ms;
        claim->cancel_at_ms = now_ms + started.job_timeout_ms;
        bq_limit(dispatcher, claim, claim->cancel_at_ms + bq_hard_grace_ms(dispatcher), NULL);
    }
    return true;
}

/* A burst ends after a look at the outbox that comes after its last job. */
static void sweep_before_end(struct bq_dispatcher *dispatcher)
{
    bq_house_unswept(dispatcher);
    if (dispatcher->options.burst && bq_list_empty(&dispatcher->waiting) &&
        bq_list_empty(&dispatcher->running)) {
        dispatcher->sweep_at_ms = bq_mono_ms();
    }
}

static bool take_outcome(struct bq_dispatcher *dispatcher, struct bq_claim *claim,
                         const struct bq_frame *frame)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_outcome outcome;
    struct bq_reader in = bq_reader_of(frame->body, frame->len);

    bq_arena_init(&arena, BQ_FRAME_SLACK_BYTES);
    if (!bq_outcome_get(&in, &arena, &outcome)) {
        return false;
    }
    struct bq_executor *executor = claim->executor;
    bq_executor_hear_to(executor, outcome.attempt, outcome.printed);
    bq_recycle_ended(dispatcher, claim, bq_mono_ms());
    executor->jobs++;
    claim->told_try = outcome.job_try;
    bq_span_ended(dispatcher, claim, &outcome);
    claim->stays = outcome.stays;
    claim->cancel_at_ms = 0;
    bq_limit(dispatcher, claim, 0, "");
    if (!claim->stays) {
        bq_work_end(dispatcher, claim, bq_mono_ms());
    }
    bq_ack_outcome(dispatcher, claim, &outcome);
    if (outcome.printed) {
        bq_executor_hear(executor);
    }
    sweep_before_end(dispatcher);
    return true;
}

/* It waits for us, and has committed. */
static bool take_outbox(struct bq_dispatcher *dispatcher, struct bq_claim *claim,
                        struct bq_reader *in)
{
    bq_limit(dispatcher, claim, 0, "");
    claim->cancel_at_ms = 0;
    claim->settling = true;
    return bq_relay_take(dispatcher, claim->executor, in, claim->attempt);
}

static bool take_left(struct bq_dispatcher *dispatcher, struct bq_claim *claim)
{
    bq_work_end(dispatcher, claim, bq_mono_ms());
    bq_claim_drop(dispatcher, claim);
    sweep_before_end(dispatcher);
    return true;
}

static bool of_running(struct bq_dispatcher *dispatcher, struct bq_claim *claim,
                       const struct bq_frame *frame, struct bq_reader *in)
{
    switch (frame->type) {
    case BQ_MSG_SPAN:
        return bq_span_begun(claim, frame);
    case BQ_MSG_STARTED:
        return take_started(dispatcher, claim, frame);
    case BQ_MSG_HOOK:
        claim->cancel_at_ms = 0;
        return bq_hook_begun(dispatcher, claim, in, bq_mono_ms());
    case BQ_MSG_OUTBOX:
        return take_outbox(dispatcher, claim, in);
    case BQ_MSG_OUTCOME:
        return take_outcome(dispatcher, claim, frame);
    case BQ_MSG_PROGRESS:
        return bq_report_progress(dispatcher, claim, frame);
    case BQ_MSG_LOG:
        return bq_output_said(dispatcher, claim, frame);
    default:
        return false;
    }
}

/* An executor that was killed may still have said something: it counts as long as its attempt is ours. */
static bool executor_message(struct bq_executor *executor, const struct bq_frame *frame)
{
    struct bq_dispatcher *dispatcher = executor->data;
    struct bq_reader in = bq_reader_of(frame->body, frame->len);

    if (executor == &dispatcher->house) {
        return bq_house_message(dispatcher, frame);
    }
    if (frame->type == BQ_MSG_RETURNED) {
        return bq_work_returned(dispatcher, executor, &in, bq_mono_ms());
    }
    struct bq_claim *claim = bq_work_find(executor, bq_read_i64(&in));
    if (!claim || !claim->entered) {
        return false;
    }
    if (claim->state == BQ_CLAIM_AFTER) {
        return frame->type == BQ_MSG_LEFT && take_left(dispatcher, claim);
    }
    return claim->state == BQ_CLAIM_RUNNING && of_running(dispatcher, claim, frame, &in);
}

static void executor_ended(struct bq_executor *executor, const char *how, bool was_ready)
{
    struct bq_dispatcher *dispatcher = executor->data;

    if (executor->retiring && executor->why[0] == '\0') {
        bq_debug("executor retired", bq_int("executor", executor->number));
    } else if (dispatcher->stopping > BQ_STOP_DRAIN) {
        bq_debug("executor ended", bq_int("executor", executor->number), bq_str("how", how));
    } else {
        executor->crashes++;
        bq_warn("executor ended", bq_int("executor", executor->number), bq_str("how", how));
    }
    if (executor == &dispatcher->house) {
        bq_house_ended(dispatcher, how);
    } else {
        bool had_work = !bq_list_empty(&executor->work);
        bq_work_lost(dispatcher, executor, how);
        if (had_work) {
            sweep_before_end(dispatcher);
        }
    }
    bq_recycle_forget(&dispatcher->recycle, executor);
    bq_reload_ended(dispatcher, executor, how, was_ready);
    if (!was_ready && executor->bad_starts >= BQ_EXECUTOR_MAX_BAD_STARTS) {
        bool said = dispatcher->refused.text[0] != '\0';
        fail(dispatcher, "worker: five executors in a row ended before they were ready, the last: ",
             said ? dispatcher->refused.text : how);
    }
}

const struct bq_executor_owner bq_listener = {
    .ready = executor_is_ready,
    .refused = executor_refused,
    .message = executor_message,
    .printed = bq_output_printed,
    .hears = bq_output_hears,
    .awaits = bq_output_awaits,
    .ended = executor_ended,
};
