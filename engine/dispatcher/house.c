#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/time.h"
#include "dispatcher/dispatcher.h"

/* How often the house tries to settle one job, and when somebody tries again after that. */
enum { MAX_HOUSE_TRIES = 3, UNSETTLED_DELAY_MS = 60000 };

static void begin_chore(struct bq_dispatcher *dispatcher, enum bq_chore chore, enum bq_message type,
                        int64_t now_ms)
{
    struct bq_executor *house = &dispatcher->house;

    dispatcher->chore = chore;
    dispatcher->chore_attempt = ++dispatcher->last_attempt;
    bq_executor_set_deadline(house, now_ms + BQ_HOUSE_LIMIT_MS, "hung in the house");
    bq_executor_assigned(house);
    struct bq_buf *body = bq_executor_begin(house, type);
    bq_buf_put_i64(body, dispatcher->chore_attempt);
    bq_buf_put_u8(body, dispatcher->database_away);
    bq_executor_end(house);
}

static void begin_prune(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    if (dispatcher->probes) {
        /* The answer to a house that is gone must not reach this one: it would delete what was not asked for. */
        dispatcher->prune_at_ms = now_ms + BQ_POLL_MS;
        return;
    }
    dispatcher->prune_at_ms = now_ms + BQ_PRUNE_EVERY_MS;
    begin_chore(dispatcher, BQ_CHORE_PRUNE, BQ_MSG_PRUNE, now_ms);
}

static void settle_next(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    struct bq_claim *claim = bq_list_owner(dispatcher->house_queue.next, struct bq_claim, link);

    bq_list_remove(&claim->link);
    dispatcher->chore = BQ_CHORE_SETTLE;
    dispatcher->chore_claim = claim;
    bq_executor_set_deadline(&dispatcher->house, now_ms + BQ_HOUSE_LIMIT_MS, "hung in the house");
    bq_work_add_house(dispatcher, claim, now_ms);
    dispatcher->chore_attempt = claim->attempt;
}

void bq_house_unswept(struct bq_dispatcher *dispatcher)
{
    dispatcher->swept_clean = false;
    dispatcher->sweep_late = true;
}

void bq_house_woken(struct bq_dispatcher *dispatcher)
{
    dispatcher->sweep_at_ms = bq_mono_ms();
    bq_house_unswept(dispatcher);
}

void bq_house_work(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    if (dispatcher->chore != BQ_CHORE_NONE || dispatcher->house.state != BQ_EXECUTOR_IDLE) {
        return;
    }
    if (!bq_list_empty(&dispatcher->house_queue) && !dispatcher->database_away &&
        bq_lease_sure(dispatcher, now_ms)) {
        settle_next(dispatcher, now_ms);
    } else if (dispatcher->sweep_at_ms <= now_ms && !dispatcher->stopping) {
        dispatcher->sweep_moved = false;
        dispatcher->sweep_late = false;
        dispatcher->sweep_at_ms = now_ms + BQ_POLL_MS;
        begin_chore(dispatcher, BQ_CHORE_SWEEP, BQ_MSG_SWEEP, now_ms);
    } else if (dispatcher->prune_at_ms <= now_ms && !dispatcher->stopping) {
        begin_prune(dispatcher, now_ms);
    }
}

static void end_chore(struct bq_dispatcher *dispatcher)
{
    bq_executor_done(&dispatcher->house);
    dispatcher->chore = BQ_CHORE_NONE;
    dispatcher->chore_claim = NULL;
    dispatcher->chore_attempt = 0;
}

/* It could not be settled. The next try is the house's; or somebody else's, later, when we stop or have tried often
 * enough. */
static void settle_again(struct bq_dispatcher *dispatcher, struct bq_claim *claim)
{
    claim->executor = NULL;
    bool late = claim->commit_until_ms != 0 && bq_mono_ms() > claim->commit_until_ms;
    if (claim->stale || late || dispatcher->stopping > BQ_STOP_DRAIN) {
        bq_ack_unsettled(dispatcher, claim, 0);
    } else if (++claim->house_tries >= MAX_HOUSE_TRIES) {
        bq_error("a job cannot be settled; will be tried again later",
                 bq_str("job", claim->claimed.job.id), bq_str("verdict", claim->verdict));
        bq_ack_unsettled(dispatcher, claim, UNSETTLED_DELAY_MS);
    } else {
        bq_claim_move(dispatcher, claim, BQ_CLAIM_HOUSE);
    }
}

static bool take_done(struct bq_dispatcher *dispatcher, struct bq_reader *in)
{
    bool reachable = bq_read_u8(in) != 0;
    bool done = bq_read_u8(in) != 0;

    if (in->failed ||
        (dispatcher->chore != BQ_CHORE_SWEEP && dispatcher->chore != BQ_CHORE_PRUNE)) {
        return false;
    }
    if (dispatcher->chore == BQ_CHORE_SWEEP) {
        bool again =
            dispatcher->sweep_moved || (dispatcher->options.burst && dispatcher->sweep_late);

        dispatcher->swept_clean = done && !dispatcher->sweep_moved && !dispatcher->sweep_late;
        if (done && again) {
            dispatcher->sweep_at_ms = bq_mono_ms(); /* a sweep is short; there may be more */
        }
        if (reachable && dispatcher->database_away) {
            bq_info("the database is back");
        }
        dispatcher->database_away = !reachable;
        /* A burst asks the broker at once whether anything is left. */
        dispatcher->drained =
            dispatcher->drained && !(dispatcher->options.burst && dispatcher->swept_clean);
    }
    end_chore(dispatcher);
    return true;
}

static bool take_outcome(struct bq_dispatcher *dispatcher, const struct bq_frame *frame)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_outcome outcome;
    struct bq_claim *claim = dispatcher->chore_claim;
    struct bq_reader in = bq_reader_of(frame->body, frame->len);

    bq_arena_init(&arena, BQ_FRAME_SLACK_BYTES);
    if (dispatcher->chore != BQ_CHORE_SETTLE || !bq_outcome_get(&in, &arena, &outcome) ||
        outcome.stays) {
        return false;
    }
    bq_executor_hear_to(&dispatcher->house, outcome.attempt, outcome.printed);
    dispatcher->house.jobs++;
    end_chore(dispatcher);
    if (outcome.kind == BQ_OUTCOME_GIVE_BACK && !claim->stale) {
        bq_info("cannot settle a job yet", bq_str("job", claim->claimed.job.id),
                bq_str("error", outcome.error));
        dispatcher->database_away = dispatcher->database_away || outcome.database_away;
        claim->house_tries -= outcome.database_away; /* that is not its fault */
        settle_again(dispatcher, claim);
        return true;
    }
    bq_ack_outcome(dispatcher, claim, &outcome);
    return true;
}

/* The question which of these jobs the broker still holds; kept until the broker has answered. */
static bool take_probe(struct bq_dispatcher *dispatcher, struct bq_reader *in)
{
    size_t count = bq_read_u32(in);

    if (count == 0 || count > BQ_PROBE_MAX || dispatcher->probes ||
        dispatcher->chore != BQ_CHORE_PRUNE) {
        return false;
    }
    bq_arena_reset(&dispatcher->probe_arena);
    struct bq_probe *probes = bq_arena_array(&dispatcher->probe_arena, count, sizeof(*probes));
    for (size_t i = 0; probes && i < count; i++) {
        if (!bq_identity_get(in, &dispatcher->probe_arena, &probes[i].identity)) {
            return false;
        }
    }
    if (!probes || in->at != in->end) {
        return false;
    }
    dispatcher->probes = probes;
    dispatcher->n_probes = count;
    bq_limit_house(dispatcher, 0, ""); /* it waits for us */
    return true;
}

/* Says how many may be deleted: those before the first that is held. */
void bq_house_probed(struct bq_dispatcher *dispatcher)
{
    size_t free_to_go = 0;

    while (free_to_go < dispatcher->n_probes && !dispatcher->probes[free_to_go].held) {
        free_to_go++;
    }
    dispatcher->probes = NULL;
    if (dispatcher->chore == BQ_CHORE_PRUNE && dispatcher->house.state == BQ_EXECUTOR_BUSY) {
        struct bq_buf *body = bq_executor_begin(&dispatcher->house, BQ_MSG_HELD);
        bq_buf_put_i64(body, dispatcher->chore_attempt);
        bq_buf_put_i64(body, (int64_t)free_to_go);
        bq_executor_end(&dispatcher->house);
        bq_limit_house(dispatcher, bq_mono_ms() + BQ_HOUSE_LIMIT_MS, "hung in the house");
    }
}

bool bq_hook_begun(struct bq_dispatcher *dispatcher, struct bq_claim *claim, struct bq_reader *in,
                   int64_t now_ms)
{
    bq_auto(arena) struct barq_arena arena;

    bq_arena_init(&arena, BQ_FRAME_SLACK_BYTES);
    const char *error = bq_read_str(in, &arena);
    if (in->failed || error[0] == '\0') {
        return false;
    }
    claim->in_hook = true;
    claim->settling = true;
    (void)snprintf(claim->verdict, sizeof(claim->verdict), "%s", error);
    bq_limit(dispatcher, claim, now_ms + BQ_HOOK_LIMIT_MS, "on_job_failure ran past its 30 s");
    return true;
}

static bool take_outbox(struct bq_dispatcher *dispatcher, struct bq_reader *in)
{
    dispatcher->sweep_moved = true;
    bq_limit_house(dispatcher, 0, "");
    return bq_relay_take(dispatcher, &dispatcher->house, in, dispatcher->chore_attempt);
}

bool bq_house_message(struct bq_dispatcher *dispatcher, const struct bq_frame *frame)
{
    struct bq_reader in = bq_reader_of(frame->body, frame->len);

    if (frame->type == BQ_MSG_WOKEN) {
        bq_house_woken(dispatcher);
        return true;
    }
    if (bq_read_i64(&in) != dispatcher->chore_attempt || dispatcher->chore == BQ_CHORE_NONE) {
        return false;
    }
    switch (frame->type) {
    case BQ_MSG_OUTCOME:
        return take_outcome(dispatcher, frame);
    case BQ_MSG_OUTBOX:
        return take_outbox(dispatcher, &in);
    case BQ_MSG_PROBE:
        return take_probe(dispatcher, &in);
    case BQ_MSG_DONE:
        return take_done(dispatcher, &in);
    case BQ_MSG_PROGRESS:
        return dispatcher->chore_claim &&
               bq_report_progress(dispatcher, dispatcher->chore_claim, frame);
    case BQ_MSG_LOG:
        return dispatcher->chore_claim &&
               bq_output_said(dispatcher, dispatcher->chore_claim, frame);
    case BQ_MSG_HOOK:
        return dispatcher->chore_claim &&
               bq_hook_begun(dispatcher, dispatcher->chore_claim, &in, bq_mono_ms());
    default:
        return false;
    }
}

void bq_house_ended(struct bq_dispatcher *dispatcher, const char *how)
{
    struct bq_claim *claim = dispatcher->chore_claim;

    if (dispatcher->chore == BQ_CHORE_NONE) {
        return;
    }
    bq_warn("the house executor has ended in its work", bq_str("how", how));
    end_chore(dispatcher);
    dispatcher->probes = dispatcher->probing ? dispatcher->probes : NULL;
    if (claim) {
        claim->without_hook = claim->without_hook || claim->in_hook;
        settle_again(dispatcher, claim);
    }
}
