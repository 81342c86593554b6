#include <string.h>

#include "broker/reply.h"
#include "broker/sqlite/exchange.h"
#include "broker/sqlite/limits.h"
#include "broker/sqlite/tables.h"
#include "broker/sqlite/turns.h"
#include "job/message.h"

/* Jobs of one queue, and one kind, that are claimed together. */
struct batch {
    const struct worker_queue *queue;
    struct claim_limits *limits; /* NULL: the queue has none */
    size_t free_threads;         /* for jobs whose starts are counted */
    bool lost;
    size_t max;
    size_t count;
    bool full;    /* the arena takes no more */
    bool stopped; /* a job's turn has come that cannot be claimed now, nor overtaken */
    struct turns turns;
};

static void bq_batch_drop(struct batch *batch)
{
    bq_turns_close(&batch->turns);
}

static const char *text_of(const struct bq_rows *rows, int column)
{
    const char *text = bq_rows_text(rows, column);

    return text ? text : "";
}

/* Puts the row's job behind those that were claimed; false when it does not fit. */
static bool take_row(const struct bq_rows *row, struct barq_scalar payload, int64_t priority,
                     const struct queue_claim *claim, const char *queue_name, struct bq_exchange *x)
{
    bool whole = payload.kind != BARQ_NULL;
    struct bq_job job = {.id = text_of(row, TURN_ID),
                         .queue = queue_name,
                         .payload = payload.data,
                         .payload_bytes =
                             whole ? payload.len : (size_t)bq_rows_int(row, TURN_PAYLOAD_BYTES),
                         .enqueued_at_ms = bq_rows_int(row, TURN_ENQUEUED_AT),
                         .due_at_ms = bq_rows_int(row, TURN_DUE_AT),
                         .expires_at_ms = bq_rows_int(row, TURN_EXPIRES_AT),
                         .function = text_of(row, TURN_FUNCTION),
                         .key = bq_rows_text(row, TURN_KEY),
                         .priority = (int)priority};
    struct bq_claimed *out = &x->claimed[x->n_claimed];

    bool fits = x->n_claimed == 0 ? bq_reply_first_job(x->arena, &job, &out->job)
                                  : bq_reply_job(x->arena, &job, &out->job);
    if (!fits) {
        return false;
    }
    const char *refusal = bq_rows_text(row, TURN_REFUSAL);
    out->refusal = refusal ? bq_reply_text(x->arena, refusal) : NULL;
    if (refusal && !out->refusal) {
        return false; /* it must not be run */
    }
    out->claim = claim->claim;
    out->claimed_before = bq_rows_int(row, TURN_CLAIMED_BEFORE) != BEFORE_NEVER;
    out->job.uncertain = bq_rows_int(row, TURN_CLAIMED_BEFORE) == BEFORE_UNCERTAIN;
    out->aborted = bq_rows_int(row, TURN_ABORTED) != 0;
    out->tries = (int)bq_rows_int(row, TURN_TRIES);
    out->losses = (int)bq_rows_int(row, TURN_LOSSES);
    out->crashes = (int)bq_rows_int(row, TURN_CRASHES);
    out->alone = bq_rows_int(row, TURN_ALONE) != 0;
    x->n_claimed++;
    return true;
}

enum verdict { CLAIM, HOLD, STOP };

/* What is only to be refused or aborted does not count against a limit. */
static bool is_to_run(const struct queue_tx *tx, const struct bq_rows *row)
{
    return !bq_rows_int(row, TURN_ABORTED) && !bq_rows_text(row, TURN_REFUSAL) &&
           !bq_tx_has_expired(tx, bq_rows_int(row, TURN_EXPIRES_AT),
                              bq_rows_int(row, TURN_CLAIMED_BEFORE));
}

/* Judges the next job by its limits, and notes what is to be done with it. */
static enum barq_status judge(struct queue_tx *tx, const struct batch *batch,
                              const struct turn_level *level, struct job_slots *slots,
                              enum verdict *verdict)
{
    struct waiting_row row = {.queue = batch->queue->queue,
                              .lost = batch->lost,
                              .priority = level->priority,
                              .due_at = bq_rows_int(level->rows, TURN_DUE_AT),
                              .seq = bq_rows_int(level->rows, TURN_SEQ)};
    const char *full = NULL;

    *slots = (struct job_slots){.rule = NULL};
    enum barq_status status =
        is_to_run(tx, level->rows)
            ? bq_tx_find_slots(tx, batch->limits, text_of(level->rows, TURN_FUNCTION),
                               bq_rows_text(level->rows, TURN_KEY), slots)
            : BARQ_OK;
    if (status != BARQ_OK) {
        return status;
    }
    full = bq_slots_full(slots, NULL);
    if (full && batch->limits->holds_left > 0) {
        *verdict = HOLD;
        return bq_limits_hold(batch->limits, &row, full)
                   ? BARQ_OK
                   : bq_fail(tx->err, BARQ_ERR_NOMEM, "sqlite: no memory for held jobs");
    }
    bool waits = bq_slots_count_starts(slots) && batch->free_threads == 0;
    *verdict = full || waits ? STOP : CLAIM;
    return BARQ_OK;
}

/* The same for a job that was claimed. */
static enum barq_status note_start(struct queue_tx *tx, struct batch *batch,
                                   const struct turn_level *level, const struct job_slots *slots)
{
    struct waiting_row row = {.queue = batch->queue->queue,
                              .lost = batch->lost,
                              .priority = level->priority,
                              .due_at = bq_rows_int(level->rows, TURN_DUE_AT),
                              .seq = bq_rows_int(level->rows, TURN_SEQ)};

    return bq_limits_start(batch->limits, &row, slots)
               ? BARQ_OK
               : bq_fail(tx->err, BARQ_ERR_NOMEM, "sqlite: no memory for a claim");
}

static enum barq_status read_payload(struct queue_tx *tx, int64_t seq, struct bq_rows **rows)
{
    bool more = false;

    enum barq_status status =
        bq_tx_query(tx, rows,
                    "SELECT CASE WHEN length(payload) <= ?2 THEN payload END FROM barq_jobs"
                    " WHERE seq = ?1",
                    barq_sql_int(seq), barq_sql_int(BQ_JOB_MAX_BYTES));
    return status == BARQ_OK ? bq_rows_next(*rows, &more, tx->err) : status;
}

/* Claims the next job of a level, or holds it, or stops the batch. */
static enum barq_status take_turn(struct queue_tx *tx, const struct queue_claim *claim,
                                  struct batch *batch, struct turn_level *level,
                                  struct bq_exchange *x)
{
    struct job_slots slots = {.rule = NULL};
    enum verdict verdict = CLAIM;
    bq_auto(rows) struct bq_rows *rows = NULL;

    enum barq_status status = batch->limits ? judge(tx, batch, level, &slots, &verdict) : BARQ_OK;
    batch->stopped = verdict == STOP;
    if (status != BARQ_OK || verdict != CLAIM) {
        return status;
    }
    if (batch->limits) {
        status = read_payload(tx, bq_rows_int(level->rows, TURN_SEQ), &rows);
    }
    if (status != BARQ_OK) {
        return status;
    }
    struct barq_scalar payload = bq_rows_column(rows ? rows : level->rows, rows ? 0 : TURN_PAYLOAD);
    if (!take_row(level->rows, payload, level->priority, claim, batch->queue->name, x)) {
        batch->full = true;
        return BARQ_OK;
    }
    level->last_due_at = bq_rows_int(level->rows, TURN_DUE_AT);
    level->last_seq = bq_rows_int(level->rows, TURN_SEQ);
    level->count++;
    batch->count++;
    batch->free_threads -= batch->free_threads > 0;
    return batch->limits ? note_start(tx, batch, level, &slots) : BARQ_OK;
}

/* Payloads are read with the rows, unless most of these may only be held: then of what is claimed. */
static enum barq_status open_turns(struct queue_tx *tx, struct batch *batch)
{
    size_t holds = batch->limits ? batch->limits->holds_left : 0;

    return bq_turns_open(tx, &batch->turns, batch->queue->queue, batch->lost,
                         (int64_t)(batch->max + holds), batch->limits ? -1 : BQ_JOB_MAX_BYTES);
}

static enum barq_status read_batch(struct queue_tx *tx, const struct queue_claim *claim,
                                   struct batch *batch, struct bq_exchange *x)
{
    enum barq_status status = open_turns(tx, batch);
    struct turn_level *level = status == BARQ_OK ? bq_turns_next(&batch->turns) : NULL;

    while (status == BARQ_OK && level && batch->count < batch->max) {
        status = take_turn(tx, claim, batch, level, x);
        if (status != BARQ_OK || batch->full || batch->stopped) {
            break;
        }
        status = bq_turns_step(tx, level);
        level = bq_turns_next(&batch->turns);
    }
    return status;
}

/* What was read is a beginning of its level, so two statements move all of it. */
static enum barq_status move_level(struct queue_tx *tx, const struct queue_claim *claim,
                                   const struct batch *batch, const struct turn_level *level)
{
    int64_t queue = batch->queue->queue;
    bool lost = batch->lost;

    enum barq_status status = bq_tx_exec(
        tx,
        "INSERT INTO barq_running (seq, worker, claim, claimed_at)"
        " SELECT seq, ?6, ?7, ?8 FROM barq_waiting"
        " WHERE queue = ?1 AND lost = ?2 AND priority = ?3 AND (due_at, seq) <= (?4, ?5)",
        barq_sql_int(queue), barq_sql_int(lost), barq_sql_int(level->priority),
        barq_sql_int(level->last_due_at), barq_sql_int(level->last_seq),
        barq_sql_int(claim->worker), barq_sql_int(claim->claim), barq_sql_int(tx->now_ms));
    if (status != BARQ_OK) {
        return status;
    }
    return bq_tx_exec(
        tx,
        "DELETE FROM barq_waiting"
        " WHERE queue = ?1 AND lost = ?2 AND priority = ?3 AND (due_at, seq) <= (?4, ?5)",
        barq_sql_int(queue), barq_sql_int(lost), barq_sql_int(level->priority),
        barq_sql_int(level->last_due_at), barq_sql_int(level->last_seq));
}

static enum barq_status move_batch(struct queue_tx *tx, const struct queue_claim *claim,
                                   struct batch *batch)
{
    enum barq_status status = BARQ_OK;
    int64_t moved = (int64_t)batch->count;

    bq_turns_close(&batch->turns);
    if (batch->limits) {
        return bq_tx_apply_limits(tx, batch->limits, claim->worker, claim->claim);
    }
    for (int i = 0; status == BARQ_OK && i < batch->turns.n_levels; i++) {
        if (batch->turns.levels[i].count > 0) {
            status = move_level(tx, claim, batch, &batch->turns.levels[i]);
        }
    }
    if (status != BARQ_OK || moved == 0) {
        return status;
    }
    return bq_tx_count(tx, &(struct queue_counts){
                               .queue = batch->queue->queue, .waiting = -moved, .running = moved});
}

/* What one exchange's claims have in common. */
struct claiming {
    struct claim_limits limits;
    size_t lost_left; /* so many lost jobs may still be claimed */
    bool full;        /* the arena takes no more */
};

static void bq_claiming_drop(struct claiming *claiming)
{
    bq_limits_clear(&claiming->limits);
}

static enum barq_status claim_batch(struct queue_tx *tx, const struct queue_claim *claim,
                                    const struct worker_queue *queue, bool lost, size_t max,
                                    struct claiming *claiming, struct bq_exchange *x)
{
    bq_auto(batch) struct batch batch = {.queue = queue, .lost = lost, .max = max};
    enum barq_status status = BARQ_OK;

    if (max == 0 || queue->paused || claiming->full) {
        return BARQ_OK;
    }
    if (queue->limited) {
        batch.limits = &claiming->limits;
        batch.free_threads =
            x->claim_free_max > x->n_claimed ? x->claim_free_max - x->n_claimed : 0;
        status = bq_tx_read_limits(tx, batch.limits, queue->queue);
    }
    if (status == BARQ_OK) {
        status = read_batch(tx, claim, &batch, x);
    }
    claiming->full = batch.full;
    return status == BARQ_OK ? move_batch(tx, claim, &batch) : status;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* At most `max` jobs of one queue. */
static enum barq_status claim_queue(struct queue_tx *tx, const struct queue_claim *claim,
                                    const struct worker_queue *queue, size_t max,
                                    struct claiming *claiming, struct bq_exchange *x)
{
    size_t before = x->n_claimed;

    enum barq_status status =
        claim_batch(tx, claim, queue, true, least(max, claiming->lost_left), claiming, x);
    claiming->lost_left -= x->n_claimed - before;
    if (status != BARQ_OK) {
        return status;
    }
    return claim_batch(tx, claim, queue, false, max - (x->n_claimed - before), claiming, x);
}

static const struct worker_queue *find_queue(const struct worker_queues *queues, const char *name)
{
    for (size_t i = 0; i < queues->count; i++) {
        if (strcmp(queues->all[i].name, name) == 0) {
            return &queues->all[i];
        }
    }
    return NULL;
}

/* Each queue its share; `beyond`: what they have left over, in their order. */
static enum barq_status claim_shares(struct queue_tx *tx, const struct queue_claim *claim,
                                     bool beyond, struct claiming *claiming, struct bq_exchange *x)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < x->n_shares; i++) {
        const struct worker_queue *queue = find_queue(claim->queues, x->shares[i].queue);
        size_t left = x->claim_max - x->n_claimed;
        size_t max = beyond ? left : least(left, x->shares[i].max);

        if (queue) {
            status = claim_queue(tx, claim, queue, max, claiming, x);
        }
    }
    return status;
}

/* Held jobs for which there is room have their turn, too. */
static enum barq_status let_go(struct queue_tx *tx, const struct worker_queues *queues,
                               struct claiming *claiming)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < queues->count; i++) {
        if (queues->all[i].limited && !queues->all[i].paused) {
            status = bq_tx_let_go(tx, &claiming->limits, queues->all[i].queue);
        }
    }
    bq_limits_forget_rooms(&claiming->limits); /* what goes has not started yet */
    return status;
}

enum barq_status bq_tx_claim(struct queue_tx *tx, const struct queue_claim *claim,
                             struct bq_exchange *x)
{
    bq_auto(claiming) struct claiming claiming = {.lost_left = x->claim_lost_max};

    bq_limits_init(&claiming.limits);
    if (x->claim_max == 0) {
        return BARQ_OK;
    }
    x->claimed = bq_reply_array(x->arena, x->claim_max, sizeof(struct bq_claimed));
    if (!x->claimed) {
        return bq_fail(tx->err, BARQ_ERR_NOMEM, "sqlite: no memory for a claim");
    }
    enum barq_status status = let_go(tx, claim->queues, &claiming);
    if (status == BARQ_OK && x->n_shares == 0) {
        return claim_queue(tx, claim, &claim->queues->all[0], x->claim_max, &claiming, x);
    }
    if (status == BARQ_OK) {
        status = claim_shares(tx, claim, false, &claiming, x);
    }
    if (status == BARQ_OK) {
        status = claim_shares(tx, claim, true, &claiming, x);
    }
    bq_reply_lost_first(x);
    return status;
}

enum barq_status bq_tx_next_due(struct queue_tx *tx, const struct worker_queues *queues,
                                int64_t *in_ms)
{
    enum barq_status status = BARQ_OK;
    int64_t at_ms = INT64_MAX;

    for (size_t i = 0; status == BARQ_OK && i < queues->count; i++) {
        const struct worker_queue *queue = &queues->all[i];

        if (!queue->paused) {
            status = bq_tx_first_due(tx, queue->queue, &at_ms);
        }
        if (status == BARQ_OK && !queue->paused && queue->limited) {
            status = bq_tx_next_look(tx, queue->queue, &at_ms);
        }
    }
    *in_ms = at_ms == INT64_MAX ? -1 : at_ms > tx->now_ms ? at_ms - tx->now_ms : 0;
    return status;
}
