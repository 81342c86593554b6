#include <string.h>

#include "broker/sqlite/limits.h"

/* A row of barq_waiting that goes to barq_held, or, without a slot to be held by, to barq_running. */
struct move {
    struct move *next;
    struct waiting_row row;
    const char *held_by;
    const char *slot; /* it counts against these; NULL: none */
    const char *key_slot;
    int64_t window_ms; /* its starts are counted for so long; 0: they are not */
    int64_t key_window_ms;
};

struct held {
    struct held *next;
    int64_t queue;
    const char *slot;
};

static struct move *new_move(struct claim_limits *limits, const struct waiting_row *row)
{
    struct move *move = bq_arena_alloc(&limits->arena, sizeof(*move));

    if (move) {
        *move = (struct move){.next = limits->moves, .row = *row};
        limits->moves = move;
    }
    return move;
}

/* Notes the slot, once. */
static bool note_held(struct claim_limits *limits, int64_t queue, const char *slot)
{
    for (const struct held *at = limits->held; at; at = at->next) {
        if (at->queue == queue && at->slot == slot) {
            return true;
        }
    }
    struct held *held = bq_arena_alloc(&limits->arena, sizeof(*held));
    if (held) {
        *held = (struct held){.next = limits->held, .queue = queue, .slot = slot};
        limits->held = held;
    }
    return held != NULL;
}

bool bq_limits_hold(struct claim_limits *limits, const struct waiting_row *row, const char *slot)
{
    struct move *move = new_move(limits, row);

    if (!move) {
        return false;
    }
    move->held_by = slot;
    limits->holds_left--;
    return note_held(limits, row->queue, slot);
}

static int64_t window_of(const struct bq_limit *limit)
{
    return limit->max_starts > 0 ? limit->per_ms : 0;
}

bool bq_limits_start(struct claim_limits *limits, const struct waiting_row *row,
                     const struct job_slots *slots)
{
    struct move *move = new_move(limits, row);

    if (!move) {
        return false;
    }
    move->slot = bq_slots_all(slots);
    move->key_slot = bq_slots_key(slots);
    move->window_ms = move->slot ? window_of(&slots->rule->all) : 0;
    move->key_window_ms = move->key_slot ? window_of(&slots->rule->each_key) : 0;
    bq_slots_take(slots);
    return true;
}

static enum barq_status count_start(struct queue_tx *tx, const char *slot, int64_t window_ms,
                                    int64_t seq, int64_t claim)
{
    if (window_ms == 0) {
        return BARQ_OK;
    }
    return bq_tx_exec(
        tx, "INSERT INTO barq_starts (slot, at, seq, claim, until) VALUES (?1, ?2, ?3, ?4, ?5)",
        barq_sql_text(slot), barq_sql_int(tx->now_ms), barq_sql_int(seq), barq_sql_int(claim),
        barq_sql_int(tx->now_ms + window_ms));
}

static enum barq_status start(struct queue_tx *tx, const struct move *move, int64_t worker,
                              int64_t claim)
{
    enum barq_status status = bq_tx_exec(
        tx,
        "INSERT INTO barq_running (seq, worker, claim, claimed_at, slot, key_slot)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        barq_sql_int(move->row.seq), barq_sql_int(worker), barq_sql_int(claim),
        barq_sql_int(tx->now_ms), barq_sql_text(move->slot), barq_sql_text(move->key_slot));
    if (status == BARQ_OK) {
        status = count_start(tx, move->slot, move->window_ms, move->row.seq, claim);
    }
    if (status == BARQ_OK) {
        status = count_start(tx, move->key_slot, move->key_window_ms, move->row.seq, claim);
    }
    if (status != BARQ_OK) {
        return status;
    }
    return bq_tx_count(
        tx, &(struct queue_counts){.queue = move->row.queue, .waiting = -1, .running = 1});
}

static enum barq_status hold(struct queue_tx *tx, const struct move *move)
{
    const struct waiting_row *row = &move->row;

    enum barq_status status = bq_tx_exec(
        tx, "INSERT INTO barq_held (queue, slot, turn, seq) VALUES (?1, ?2, ?3, ?4)",
        barq_sql_int(row->queue), barq_sql_text(move->held_by),
        barq_sql_int(row->due_at - row->priority * BARQ_PRIORITY_STEP_MS), barq_sql_int(row->seq));
    if (status != BARQ_OK) {
        return status;
    }
    return bq_tx_count(tx, &(struct queue_counts){.queue = row->queue, .held = 1});
}

static enum barq_status do_move(struct queue_tx *tx, const struct move *move, int64_t worker,
                                int64_t claim)
{
    const struct waiting_row *row = &move->row;

    enum barq_status status =
        bq_tx_exec(tx,
                   "DELETE FROM barq_waiting WHERE queue = ?1 AND lost = ?2 AND priority = ?3"
                   " AND due_at = ?4 AND seq = ?5",
                   barq_sql_int(row->queue), barq_sql_int(row->lost), barq_sql_int(row->priority),
                   barq_sql_int(row->due_at), barq_sql_int(row->seq));
    if (status != BARQ_OK) {
        return status;
    }
    return move->held_by ? hold(tx, move) : start(tx, move, worker, claim);
}

enum barq_status bq_tx_set_look(struct queue_tx *tx, int64_t queue, const char *slot, int64_t at_ms)
{
    return bq_tx_exec(tx,
                      "INSERT INTO barq_slots (slot, queue, look_at) VALUES (?1, ?2, ?3)"
                      " ON CONFLICT (slot, queue) DO UPDATE SET look_at = ?3"
                      " WHERE judged_turn IS NULL",
                      barq_sql_text(slot), barq_sql_int(queue),
                      at_ms > 0 ? barq_sql_int(at_ms) : barq_sql_null());
}

enum barq_status bq_tx_look_later(struct queue_tx *tx, const struct claim_limits *limits,
                                  int64_t queue, const char *slot)
{
    const struct bq_limit *limit = bq_limits_of_slot(limits, slot);
    int64_t left = INT64_MAX;
    int64_t again_at_ms = 0;

    enum barq_status status = limit ? bq_tx_room(tx, limit, slot, &left, &again_at_ms) : BARQ_OK;
    if (status != BARQ_OK) {
        return status;
    }
    return bq_tx_set_look(tx, queue, slot, left > 0 ? tx->now_ms + LOOK_AGAIN_MS : again_at_ms);
}

enum barq_status bq_tx_apply_limits(struct queue_tx *tx, struct claim_limits *limits,
                                    int64_t worker, int64_t claim)
{
    enum barq_status status = BARQ_OK;

    for (; status == BARQ_OK && limits->moves; limits->moves = limits->moves->next) {
        status = do_move(tx, limits->moves, worker, claim);
    }
    for (; status == BARQ_OK && limits->held; limits->held = limits->held->next) {
        status = bq_tx_look_later(tx, limits, limits->held->queue, limits->held->slot);
    }
    return status;
}
