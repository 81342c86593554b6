#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "dispatcher/dispatcher.h"

/* A thousand years. */
static const int64_t LONGEST_MS = INT64_C(1000) * 365 * 24 * 3600 * 1000;

/* One entry of a job's history, as JSON; NULL when there is no memory for it, which loses nothing else. */
static char *history_entry(const struct bq_claim *claim, const char *event, const char *error)
{
    bq_auto(arena) struct barq_arena arena;
    const char *json;
    size_t len;

    bq_arena_init(&arena, BQ_FRAME_SLACK_BYTES);
    struct barq_value *entry = barq_map(&arena);
    barq_set_key(entry, "at", barq_int(&arena, bq_wall_ms()));
    barq_set_key(entry, "try", barq_int(&arena, bq_claim_try(claim)));
    barq_set_key(entry, "event", barq_string(&arena, event));
    size_t error_len = bq_utf8_cut(error, strlen(error), BQ_ERROR_TEXT_MAX_BYTES);
    barq_set_key(entry, "error", barq_string_of(&arena, error, error_len));
    if (barq_to_json(&arena, entry, &json, &len, NULL) != BARQ_OK) {
        return NULL;
    }
    return strdup(json);
}

/* A claim has one entry: the crash that led to its verdict says more than the verdict. */
static void note_history(struct bq_claim *claim, const char *event, const char *error)
{
    if (!claim->history) {
        claim->history = history_entry(claim, event, error);
    }
}

/* The claim has ended: `settle` is what the broker will be told. */
static void end_claim(struct bq_dispatcher *dispatcher, struct bq_claim *claim,
                      struct bq_settle settle)
{
    if (!claim->stays) {
        claim->executor = NULL;
    }
    if (claim->stale) {
        bq_claim_drop(dispatcher, claim);
        return;
    }
    settle.id = claim->claimed.job.id;
    settle.claim = claim->claimed.claim;
    settle.result = claim->result;
    settle.history = claim->history;
    claim->settle = settle;
    bq_claim_move(dispatcher, claim, BQ_CLAIM_ENDED);
}

static void log_end(const struct bq_claim *claim, const char *event, const char *error,
                    int64_t took_ms)
{
    if (error[0] == '\0') {
        bq_info(event, bq_str("job", claim->claimed.job.id), bq_str("function", claim->function),
                bq_int("try", bq_claim_try(claim)), bq_int("took_ms", took_ms));
    } else {
        bq_info(event, bq_str("job", claim->claimed.job.id), bq_str("function", claim->function),
                bq_int("try", bq_claim_try(claim)), bq_int("took_ms", took_ms),
                bq_str("error", error));
    }
}

/* Brokers add it to the clock. */
static int64_t bounded_ms(int64_t ms)
{
    return ms < LONGEST_MS ? ms : LONGEST_MS;
}

static void retry(struct bq_dispatcher *dispatcher, struct bq_claim *claim, int64_t defer_ms,
                  int crashes_used, bool alone)
{
    end_claim(dispatcher, claim,
              (struct bq_settle){
                  .kind = BQ_SETTLE_RETRY,
                  .defer_ms = defer_ms > 0 ? bounded_ms(defer_ms) : 0,
                  .tries_used = bq_claim_try(claim) - claim->claimed.tries,
                  .crashes_used = crashes_used,
                  .alone = alone,
              });
}

static void finish(struct bq_dispatcher *dispatcher, struct bq_claim *claim,
                   const struct bq_outcome *outcome)
{
    bool complete = outcome->kind == BQ_OUTCOME_COMPLETE;
    bool for_ever = outcome->keep_result_ms == BARQ_FOREVER;

    claim->result = malloc(outcome->result_bytes + 1);
    if (!claim->result) {
        /* The receipt has it: whoever claims the job next reports it. */
        bq_ack_release(dispatcher, claim, true);
        return;
    }
    memcpy(claim->result, outcome->result, outcome->result_bytes);
    end_claim(dispatcher, claim,
              (struct bq_settle){
                  .kind = complete ? BQ_SETTLE_COMPLETE : BQ_SETTLE_FAIL,
                  .result_bytes = outcome->result_bytes,
                  .keep_result_ms = for_ever ? BARQ_FOREVER : bounded_ms(outcome->keep_result_ms),
              });
}

/* The moving average by which the prefetch is judged. */
static void note_duration(struct bq_dispatcher *dispatcher, const struct bq_outcome *outcome)
{
    double took_us = outcome->took_us > 1 ? (double)outcome->took_us : 1;

    dispatcher->mean_us =
        dispatcher->mean_us > 0 ? dispatcher->mean_us * 0.9 + took_us * 0.1 : took_us;
}

/* What is left to others has not been begun. */
static void give_back(struct bq_dispatcher *dispatcher, struct bq_claim *claim,
                      const struct bq_outcome *outcome)
{
    bool left = outcome->defer_ms > 0;

    log_end(claim, left ? "job left to others" : "job given back", outcome->error,
            outcome->took_us / 1000);
    end_claim(dispatcher, claim,
              (struct bq_settle){
                  .kind = BQ_SETTLE_RELEASE,
                  .claimed_before = !left || claim->may_have_begun,
                  .leave_ms = left ? bounded_ms(outcome->defer_ms) : 0,
              });
}

void bq_ack_outcome(struct bq_dispatcher *dispatcher, struct bq_claim *claim,
                    const struct bq_outcome *outcome)
{
    int64_t took_ms = outcome->took_us / 1000;

    note_duration(dispatcher, outcome);
    claim->told_try = outcome->job_try;
    if (claim->function[0] == '\0') {
        (void)snprintf(claim->function, sizeof(claim->function), "%s", outcome->function);
    }
    bq_count_ended(&dispatcher->counts, claim, outcome);
    if (outcome->from_receipt) {
        bq_debug("an earlier attempt had decided", bq_str("job", claim->claimed.job.id));
    }
    switch (outcome->kind) {
    case BQ_OUTCOME_COMPLETE:
        dispatcher->state.complete++;
        log_end(claim, "job complete", "", took_ms);
        finish(dispatcher, claim, outcome);
        break;
    case BQ_OUTCOME_FAILED:
        dispatcher->state.failed++;
        log_end(claim, "job failed", outcome->error, took_ms);
        note_history(claim, "failed", outcome->error);
        finish(dispatcher, claim, outcome);
        break;
    case BQ_OUTCOME_RETRY:
        dispatcher->state.retried++;
        log_end(claim, "job will be tried again", outcome->error, took_ms);
        note_history(claim, "retry", outcome->error);
        retry(dispatcher, claim, outcome->defer_ms, 0, false);
        break;
    case BQ_OUTCOME_GIVE_BACK:
    default:
        dispatcher->database_away = dispatcher->database_away || outcome->database_away;
        give_back(dispatcher, claim, outcome);
        break;
    }
}

void bq_ack_release(struct bq_dispatcher *dispatcher, struct bq_claim *claim, bool claimed_before)
{
    end_claim(dispatcher, claim,
              (struct bq_settle){
                  .kind = BQ_SETTLE_RELEASE,
                  .claimed_before = claimed_before || claim->may_have_begun,
              });
}

void bq_ack_late(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    bq_list_each (at, &dispatcher->waiting) {
        struct bq_claim *claim = bq_list_owner(at, struct bq_claim, link);
        if (bq_claim_late(dispatcher, claim, now_ms)) {
            bq_debug("job given back, as it has waited here for too long",
                     bq_str("job", claim->claimed.job.id));
            bq_ack_release(dispatcher, claim, false);
        }
    }
}

void bq_ack_after(struct bq_dispatcher *dispatcher, struct bq_claim *claim, bool acknowledged,
                  int64_t now_ms)
{
    struct bq_executor *executor = claim->executor;

    bq_claim_move(dispatcher, claim, BQ_CLAIM_AFTER);
    bq_limit(dispatcher, claim, now_ms + BQ_HOOK_LIMIT_MS, "after_job_end ran past its 30 s");
    claim->stays = false;
    free(bq_take(claim->result));
    free(bq_take(claim->history));
    if (dispatcher->stopping >= BQ_STOP_KILL) {
        bq_executor_kill(executor,
                         "stopped with its worker"); /* those beside it were killed already */
    } else if (executor->state == BQ_EXECUTOR_BUSY) {
        struct bq_buf *body = bq_executor_begin(executor, BQ_MSG_ACKED);
        bq_buf_put_i64(body, claim->attempt);
        bq_buf_put_i64(body, acknowledged);
        bq_executor_end(executor);
    }
}

static int64_t crash_delay_ms(const struct bq_claim *claim)
{
    uint64_t random;

    bq_random(&random, sizeof(random));
    return bq_retry_delay_ms(&claim->retry, bq_claim_try(claim), random);
}

static void to_house(struct bq_dispatcher *dispatcher, struct bq_claim *claim)
{
    claim->executor = NULL;
    bq_claim_move(dispatcher, claim, BQ_CLAIM_HOUSE);
}

void bq_ack_unsettled(struct bq_dispatcher *dispatcher, struct bq_claim *claim, int64_t defer_ms)
{
    retry(dispatcher, claim, defer_ms, 1, true);
}

/* Was it killed since it ran past its time and did not listen? That is known to be its own doing: its tries are the
 * bound, it does not count towards poison. */
static bool ran_past(const struct bq_claim *claim, const char *how)
{
    return claim->limit_text[0] != '\0' && strcmp(how, claim->limit_text) == 0;
}

static bool is_last(const struct bq_claim *claim, bool late)
{
    return bq_claim_try(claim) >= claim->retry.max_tries || claim->canceled == BQ_CANCEL_ABORT ||
           (late && !claim->retry_on_timeout);
}

/* The verdict came with BQ_MSG_HOOK. */
void bq_ack_hook_lost(struct bq_dispatcher *dispatcher, struct bq_claim *claim, bool without_hook)
{
    if (dispatcher->stopping > BQ_STOP_DRAIN || claim->stale) {
        bq_ack_release(dispatcher, claim, true);
        return;
    }
    claim->without_hook = claim->without_hook || without_hook;
    to_house(dispatcher, claim);
}

void bq_ack_crash(struct bq_dispatcher *dispatcher, struct bq_claim *claim, const char *how)
{
    bool late = ran_past(claim, how);

    log_end(claim, "job took its executor down", how, bq_mono_ms() - claim->sent_at_ms);
    if (dispatcher->stopping > BQ_STOP_DRAIN || claim->stale) {
        bq_ack_release(dispatcher, claim, true);
        return;
    }
    bq_count_crashed(&dispatcher->counts, claim, late);
    if (claim->in_hook) {
        bq_ack_hook_lost(dispatcher, claim, true);
        return;
    }
    note_history(claim, "crashed", how);
    claim->claimed.aborted = claim->claimed.aborted || claim->canceled == BQ_CANCEL_ABORT;
    if (!late && claim->claimed.crashes + 1 >= BARQ_MAX_CRASHES) {
        (void)snprintf(claim->verdict, sizeof(claim->verdict),
                       "poison: took its executor down %d times: %s", claim->claimed.crashes + 1,
                       how);
        to_house(dispatcher, claim);
    } else if (is_last(claim, late)) {
        (void)snprintf(claim->verdict, sizeof(claim->verdict), "%s", how);
        to_house(dispatcher, claim);
    } else {
        dispatcher->state.retried++;
        claim->counts->retried++;
        retry(dispatcher, claim, crash_delay_ms(claim), late ? 0 : 1, true);
    }
}
