#include <string.h>

#include "broker/reply.h"
#include "broker/sqlite/exchange.h"
#include "broker/sqlite/tables.h"
#include "job/message.h"

enum { LEVELS = 2 * BARQ_PRIORITY_MAX + 1 };

/* The waiting jobs of one priority: what is due first, up to and with the last one that was claimed. */
struct level {
    int64_t priority;
    int64_t first_due_at;
    struct bq_rows *rows; /* owned; at its first job that is not claimed; NULL: none is left */
    int64_t last_due_at;
    int64_t last_seq;
    int64_t count; /* claimed */
};

/* A part of barq_waiting, of one queue: a merger of its levels. */
struct batch {
    const struct worker_queue *queue;
    bool lost;
    size_t max;
    size_t count;
    bool full; /* the arena takes no more */
    struct level levels[LEVELS];
    int n_levels;
};

static void bq_batch_drop(struct batch *batch)
{
    for (int i = 0; i < batch->n_levels; i++) {
        bq_rows_close(batch->levels[i].rows);
    }
}

static const char *text_of(const struct bq_rows *rows, int column)
{
    const char *text = bq_rows_text(rows, column);

    return text ? text : "";
}

/* Puts the row's job behind those that were claimed; false when it does not fit. */
static bool take_row(const struct bq_rows *row, int64_t priority, const struct queue_claim *claim,
                     const char *queue_name, struct bq_exchange *x)
{
    struct barq_scalar payload = bq_rows_column(row, 3);
    bool whole = payload.kind != BARQ_NULL;
    struct bq_job job = {.id = text_of(row, 2),
                         .queue = queue_name,
                         .payload = payload.data,
                         .payload_bytes = whole ? payload.len : (size_t)bq_rows_int(row, 12),
                         .enqueued_at_ms = bq_rows_int(row, 4),
                         .due_at_ms = bq_rows_int(row, 0),
                         .expires_at_ms = bq_rows_int(row, 5),
                         .function = text_of(row, 13),
                         .key = bq_rows_text(row, 14),
                         .priority = (int)priority};
    struct bq_claimed *out = &x->claimed[x->n_claimed];

    bool fits = x->n_claimed == 0 ? bq_reply_first_job(x->arena, &job, &out->job)
                                  : bq_reply_job(x->arena, &job, &out->job);
    if (!fits) {
        return false;
    }
    const char *refusal = bq_rows_text(row, 15);
    out->refusal = refusal ? bq_reply_text(x->arena, refusal) : NULL;
    if (refusal && !out->refusal) {
        return false; /* it must not be run */
    }
    out->claim = claim->claim;
    out->claimed_before = bq_rows_int(row, 6) != BEFORE_NEVER;
    out->job.uncertain = bq_rows_int(row, 6) == BEFORE_UNCERTAIN;
    out->aborted = bq_rows_int(row, 7) != 0;
    out->tries = (int)bq_rows_int(row, 8);
    out->losses = (int)bq_rows_int(row, 9);
    out->crashes = (int)bq_rows_int(row, 10);
    out->alone = bq_rows_int(row, 11) != 0;
    x->n_claimed++;
    return true;
}

/* The next level above `priority`; `*found` is false behind the last one. */
static enum barq_status next_level(struct queue_tx *tx, int64_t queue, bool lost, int64_t priority,
                                   struct level *out, bool *found)
{
    bq_auto(rows) struct bq_rows *rows = NULL;

    enum barq_status status =
        bq_tx_query(tx, &rows,
                    "SELECT priority, due_at FROM barq_waiting"
                    " WHERE queue = ?1 AND lost = ?2 AND priority > ?3"
                    " ORDER BY priority, due_at LIMIT 1",
                    barq_sql_int(queue), barq_sql_int(lost), barq_sql_int(priority));
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, found, tx->err);
    }
    if (status == BARQ_OK && *found) {
        *out =
            (struct level){.priority = bq_rows_int(rows, 0), .first_due_at = bq_rows_int(rows, 1)};
    }
    return status;
}

/* All levels, mostly one: each costs one look. */
static enum barq_status find_levels(struct queue_tx *tx, int64_t queue, bool lost,
                                    struct level levels[LEVELS], int *count)
{
    int64_t priority = -BARQ_PRIORITY_MAX - 1;
    enum barq_status status = BARQ_OK;
    bool found = true;

    *count = 0;
    while (status == BARQ_OK && *count < LEVELS) {
        status = next_level(tx, queue, lost, priority, &levels[*count], &found);
        if (status != BARQ_OK || !found) {
            return status;
        }
        priority = levels[(*count)++].priority;
    }
    return status;
}

/* Closes the rows behind the last one. */
static enum barq_status step(struct queue_tx *tx, struct level *level)
{
    bool more = false;

    enum barq_status status = bq_rows_next(level->rows, &more, tx->err);
    if (!more) {
        bq_rows_close(bq_take(level->rows));
    }
    return status;
}

static enum barq_status open_level(struct queue_tx *tx, const struct batch *batch,
                                   struct level *level)
{
    if (level->first_due_at > tx->now_ms) {
        return BARQ_OK;
    }
    enum barq_status status = bq_tx_query(
        tx, &level->rows,
        "SELECT w.due_at, w.seq, j.id, CASE WHEN length(j.payload) <= ?6 THEN j.payload END,"
        " j.enqueued_at, j.expires_at, j.claimed_before, j.aborted, j.tries, j.losses, j.crashes,"
        " j.alone, length(j.payload), j.function, j.key, j.refusal"
        " FROM barq_waiting w CROSS JOIN barq_jobs j ON j.seq = w.seq"
        " WHERE w.queue = ?1 AND w.lost = ?2 AND w.priority = ?3 AND w.due_at <= ?4"
        " ORDER BY w.due_at, w.seq LIMIT ?5",
        barq_sql_int(batch->queue->queue), barq_sql_int(batch->lost), barq_sql_int(level->priority),
        barq_sql_int(tx->now_ms), barq_sql_int((int64_t)batch->max),
        barq_sql_int(BQ_JOB_MAX_BYTES));
    return status == BARQ_OK ? step(tx, level) : status;
}

/* Is it the turn of `level`'s next job before that of `other`'s? */
static bool is_before(const struct level *level, const struct level *other)
{
    int64_t turn = bq_rows_int(level->rows, 0) - level->priority * BARQ_PRIORITY_STEP_MS;
    int64_t others = bq_rows_int(other->rows, 0) - other->priority * BARQ_PRIORITY_STEP_MS;

    return turn != others ? turn < others
                          : bq_rows_int(level->rows, 1) < bq_rows_int(other->rows, 1);
}

/* The level whose turn it is; NULL when nothing more is due. */
static struct level *next_turn(struct batch *batch)
{
    struct level *first = NULL;

    for (int i = 0; i < batch->n_levels; i++) {
        struct level *level = &batch->levels[i];
        if (level->rows && (!first || is_before(level, first))) {
            first = level;
        }
    }
    return first;
}

static enum barq_status read_batch(struct queue_tx *tx, const struct queue_claim *claim,
                                   struct batch *batch, struct bq_exchange *x)
{
    enum barq_status status =
        find_levels(tx, batch->queue->queue, batch->lost, batch->levels, &batch->n_levels);
    for (int i = 0; status == BARQ_OK && i < batch->n_levels; i++) {
        status = open_level(tx, batch, &batch->levels[i]);
    }
    struct level *level = status == BARQ_OK ? next_turn(batch) : NULL;
    while (status == BARQ_OK && level && batch->count < batch->max) {
        if (!take_row(level->rows, level->priority, claim, batch->queue->name, x)) {
            batch->full = true;
            break;
        }
        level->last_due_at = bq_rows_int(level->rows, 0);
        level->last_seq = bq_rows_int(level->rows, 1);
        level->count++;
        batch->count++;
        status = step(tx, level);
        level = next_turn(batch);
    }
    return status;
}

/* What was read is a beginning of its level, so two statements move all of it. */
static enum barq_status move_level(struct queue_tx *tx, const struct queue_claim *claim,
                                   const struct batch *batch, const struct level *level)
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

    for (int i = 0; status == BARQ_OK && i < batch->n_levels; i++) {
        struct level *level = &batch->levels[i];

        bq_rows_close(bq_take(level->rows));
        if (level->count > 0) {
            status = move_level(tx, claim, batch, level);
        }
    }
    if (status != BARQ_OK) {
        return status;
    }
    return bq_tx_count(tx, &(struct queue_counts){
                               .queue = batch->queue->queue, .waiting = -moved, .running = moved});
}

/* `*full`: the arena takes no more. */
static enum barq_status claim_batch(struct queue_tx *tx, const struct queue_claim *claim,
                                    const struct worker_queue *queue, bool lost, size_t max,
                                    struct bq_exchange *x, bool *full)
{
    bq_auto(batch) struct batch batch = {.queue = queue, .lost = lost, .max = max};

    if (max == 0 || queue->paused || *full) {
        return BARQ_OK;
    }
    enum barq_status status = read_batch(tx, claim, &batch, x);
    *full = batch.full;
    if (status != BARQ_OK || batch.count == 0) {
        return status;
    }
    return move_batch(tx, claim, &batch);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* At most `max` jobs of one queue; `*lost_left` of them may be lost ones. */
static enum barq_status claim_queue(struct queue_tx *tx, const struct queue_claim *claim,
                                    const struct worker_queue *queue, size_t max, size_t *lost_left,
                                    struct bq_exchange *x, bool *full)
{
    size_t before = x->n_claimed;

    enum barq_status status = claim_batch(tx, claim, queue, true, least(max, *lost_left), x, full);
    *lost_left -= x->n_claimed - before;
    if (status != BARQ_OK) {
        return status;
    }
    return claim_batch(tx, claim, queue, false, max - (x->n_claimed - before), x, full);
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
                                     bool beyond, size_t *lost_left, struct bq_exchange *x,
                                     bool *full)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < x->n_shares; i++) {
        const struct worker_queue *queue = find_queue(claim->queues, x->shares[i].queue);
        size_t left = x->claim_max - x->n_claimed;
        size_t max = beyond ? left : least(left, x->shares[i].max);

        if (queue) {
            status = claim_queue(tx, claim, queue, max, lost_left, x, full);
        }
    }
    return status;
}

enum barq_status bq_tx_claim(struct queue_tx *tx, const struct queue_claim *claim,
                             struct bq_exchange *x)
{
    size_t lost_left = x->claim_lost_max;
    bool full = false;

    if (x->claim_max == 0) {
        return BARQ_OK;
    }
    x->claimed = bq_reply_array(x->arena, x->claim_max, sizeof(struct bq_claimed));
    if (!x->claimed) {
        return bq_fail(tx->err, BARQ_ERR_NOMEM, "sqlite: no memory for a claim");
    }
    if (x->n_shares == 0) {
        return claim_queue(tx, claim, &claim->queues->all[0], x->claim_max, &lost_left, x, &full);
    }
    enum barq_status status = claim_shares(tx, claim, false, &lost_left, x, &full);
    if (status == BARQ_OK) {
        status = claim_shares(tx, claim, true, &lost_left, x, &full);
    }
    bq_reply_lost_first(x);
    return status;
}

/* The earliest due time of a queue's waiting jobs, if that is before `*at_ms`. */
static enum barq_status next_due_of(struct queue_tx *tx, int64_t queue, int64_t *at_ms)
{
    enum barq_status status = BARQ_OK;

    for (int lost = 0; status == BARQ_OK && lost <= 1; lost++) {
        struct level levels[LEVELS];
        int count = 0;

        status = find_levels(tx, queue, lost, levels, &count);
        for (int i = 0; i < count; i++) {
            *at_ms = levels[i].first_due_at < *at_ms ? levels[i].first_due_at : *at_ms;
        }
    }
    return status;
}

enum barq_status bq_tx_next_due(struct queue_tx *tx, const struct worker_queues *queues,
                                int64_t *in_ms)
{
    enum barq_status status = BARQ_OK;
    int64_t at_ms = INT64_MAX;

    for (size_t i = 0; status == BARQ_OK && i < queues->count; i++) {
        if (!queues->all[i].paused) {
            status = next_due_of(tx, queues->all[i].queue, &at_ms);
        }
    }
    *in_ms = at_ms == INT64_MAX ? -1 : at_ms > tx->now_ms ? at_ms - tx->now_ms : 0;
    return status;
}
