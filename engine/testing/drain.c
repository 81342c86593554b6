#include <stdio.h>

#include "broker/memory/memory.h"
#include "client/client.h"
#include "testing/inside.h"

/* One exchange with the queue, which is in memory and answers at once. */
static enum barq_status exchange(struct barq_test *test, struct bq_exchange *x,
                                 struct barq_error *err)
{
    const struct bq_broker_ops *ops = test->worker->ops;

    x->renew = true;
    x->timeout_ms = BQ_CLIENT_TIMEOUT_MS;
    ops->begin(test->worker, x);
    while (!ops->end(test->worker)) {
    }
    (void)ops->woken(test->worker);
    return x->status == BARQ_OK ? BARQ_OK : bq_fail(err, x->status, "%s", x->err.text);
}

enum barq_status bq_test_settle(struct barq_test *test, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    static const enum bq_settle_kind kinds[] = {
        [BQ_OUTCOME_COMPLETE] = BQ_SETTLE_COMPLETE,
        [BQ_OUTCOME_FAILED] = BQ_SETTLE_FAIL,
        [BQ_OUTCOME_RETRY] = BQ_SETTLE_RETRY,
        [BQ_OUTCOME_GIVE_BACK] = BQ_SETTLE_RELEASE,
    };
    const struct bq_outcome *outcome = &test->outcome;
    struct bq_settle settle = {
        .kind = kinds[outcome->kind],
        .id = test->claimed->job.id,
        .claim = test->claimed->claim,
        .result = outcome->result,
        .result_bytes = outcome->result_bytes,
        .keep_result_ms = outcome->keep_result_ms,
        .defer_ms = outcome->defer_ms,
        .leave_ms = outcome->kind == BQ_OUTCOME_GIVE_BACK ? outcome->defer_ms : 0,
        .tries_used = outcome->job_try - test->claimed->tries,
        .claimed_before = true,
    };
    struct bq_exchange x = {.settles = &settle, .n_settles = 1, .arena = &arena};

    bq_arena_init(&arena, BQ_FRAME_SLACK_BYTES);
    return exchange(test, &x, err);
}

static void count(struct barq_test_drained *drained, const struct bq_outcome *outcome)
{
    drained->complete += outcome->kind == BQ_OUTCOME_COMPLETE;
    drained->failed += outcome->kind == BQ_OUTCOME_FAILED;
    drained->retried += outcome->kind == BQ_OUTCOME_RETRY;
    if (outcome->error[0] != '\0') {
        (void)snprintf(drained->error, sizeof(drained->error), "%s", outcome->error);
    }
}

static enum barq_status run_claimed(struct barq_test *test, const struct bq_claimed *claimed,
                                    struct barq_test_drained *drained, struct barq_error *err)
{
    struct bq_run run = {
        .claimed = *claimed,
        .verdict = claimed->refusal ? claimed->refusal : "",
    };

    test->claimed = claimed;
    enum barq_status status = bq_test_attempt(test, &run, err);
    test->claimed = NULL;
    if (status != BARQ_OK) {
        return status;
    }
    count(drained, &test->outcome);
    return test->outcome.kind == BQ_OUTCOME_GIVE_BACK
               ? bq_fail(err, BARQ_ERR_CONN, "testing: job %s was given back: %s", claimed->job.id,
                         test->outcome.error)
               : BARQ_OK;
}

/* Runs one job, if one is due; or lets the time pass until one is, if `ahead`. */
static enum barq_status step(struct barq_test *test, bool ahead, struct barq_test_drained *drained,
                             bool *more, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_exchange x = {
        .claim_max = 1,
        .claim_lost_max = 1,
        .claim_free_max = 1,
        .shares = test->shares,
        .n_shares = test->n_queues,
        .arena = &arena,
    };

    bq_arena_init(&arena, (size_t)2 * BQ_FRAME_MAX_BYTES);
    enum barq_status status = bq_test_sweep(test, err);
    if (status == BARQ_OK) {
        status = exchange(test, &x, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    *more = x.n_claimed > 0 || (ahead && x.next_due_in_ms >= 0);
    if (x.n_claimed > 0) {
        return run_claimed(test, &x.claimed[0], drained, err);
    }
    if (*more) {
        bq_memory_advance(test->worker, x.next_due_in_ms);
    }
    return BARQ_OK;
}

static enum barq_status drain(struct barq_test *test, bool ahead, struct barq_test_drained *out,
                              struct barq_error *err)
{
    struct barq_test_drained ignored;
    struct barq_test_drained *drained = out ? out : &ignored;
    bool more = true;

    *drained = (struct barq_test_drained){.complete = 0};
    /* Each attempt may have needed a step of the clock before it. */
    for (int64_t steps = 0; more; steps++) {
        int attempts = drained->complete + drained->failed + drained->retried;
        if (attempts >= test->drain_max || steps > 2 * (int64_t)test->drain_max) {
            return bq_fail(err, BARQ_ERR_LIMIT, "testing: after %d attempts there may be more",
                           attempts);
        }
        enum barq_status status = step(test, ahead, drained, &more, err);
        if (status != BARQ_OK) {
            return status;
        }
    }
    return BARQ_OK;
}

enum barq_status barq_test_drain(struct barq_test *test, struct barq_test_drained *out,
                                 struct barq_error *err)
{
    return drain(test, false, out, err);
}

enum barq_status barq_test_drain_all(struct barq_test *test, struct barq_test_drained *out,
                                     struct barq_error *err)
{
    return drain(test, true, out, err);
}

void barq_test_advance(struct barq_test *test, int64_t ms)
{
    bq_memory_advance(test->worker, ms);
}
