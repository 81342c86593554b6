/*
 * letgo.c - held jobs that wait again, since there is room in their slot.
 *
 * Each one is judged anew before it goes: one that is over its other limit, too, is held by that from
 * now on, and so is not in the way of those behind it.
 *
 * When limits have changed, all of a slot are judged, by and by, however full it is: it may be theirs no
 * more.
 */
#include <string.h>

#include "broker/sqlite/limits.h"

enum {
    SLOTS_AT_ONCE = 500, /* looked at in one exchange */
    JOBS_AT_ONCE = 200,  /* of one of them */
    JOBS_IN_ALL = 2000,
};

/* A slot while its held jobs are looked at. */
struct looking {
    int64_t queue;
    const char *slot;
    bool all; /* are judged: behind these they have not been yet */
    int64_t turn;
    int64_t seq;
    int64_t seqs[JOBS_AT_ONCE]; /* the first of them, each at its turn */
    size_t count;
    bool full; /* no more may go */
};

static enum barq_status read_held(struct queue_tx *tx, struct looking *looking, size_t max)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    enum barq_status status = bq_tx_query(
        tx, &rows,
        "SELECT turn, seq FROM barq_held WHERE queue = ?1 AND slot = ?2 AND (turn, seq) > (?3, ?4)"
        " ORDER BY turn, seq LIMIT ?5",
        barq_sql_int(looking->queue), barq_sql_text(looking->slot), barq_sql_int(looking->turn),
        barq_sql_int(looking->seq), barq_sql_int((int64_t)max));
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, tx->err);
    }
    while (status == BARQ_OK && more) {
        looking->turn = bq_rows_int(rows, 0);
        looking->seq = bq_rows_int(rows, 1);
        looking->seqs[looking->count++] = looking->seq;
        status = bq_rows_next(rows, &more, tx->err);
    }
    return status;
}

enum barq_status bq_tx_hold_no_more(struct queue_tx *tx, int64_t queue, int64_t seq)
{
    enum barq_status status =
        bq_tx_exec(tx, "DELETE FROM barq_held WHERE seq = ?1", barq_sql_int(seq));

    if (status != BARQ_OK || bq_db_changes(tx->db) == 0) {
        return status;
    }
    return bq_tx_count(tx, &(struct queue_counts){.queue = queue, .held = -1});
}

static enum barq_status let_job_go(struct queue_tx *tx, int64_t queue, int64_t seq)
{
    enum barq_status status = bq_tx_hold_no_more(tx, queue, seq);

    if (status == BARQ_OK) {
        status = bq_tx_wait(tx, queue, seq);
    }
    if (status != BARQ_OK) {
        return status;
    }
    return bq_tx_count(tx, &(struct queue_counts){.queue = queue, .waiting = -1});
}

/* What the job counts against by now: nothing, if it has expired meanwhile. */
static enum barq_status find_slots(struct queue_tx *tx, struct claim_limits *limits, int64_t seq,
                                   struct job_slots *out)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    *out = (struct job_slots){.rule = NULL};
    enum barq_status status = bq_tx_query(
        tx, &rows, "SELECT function, key, expires_at, claimed_before FROM barq_jobs WHERE seq = ?1",
        barq_sql_int(seq));
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, tx->err);
    }
    if (status != BARQ_OK || !more ||
        bq_tx_has_expired(tx, bq_rows_int(rows, 2), bq_rows_int(rows, 3))) {
        return status;
    }
    const char *function = bq_rows_text(rows, 0);
    return bq_tx_find_slots(tx, limits, function ? function : "", bq_rows_text(rows, 1), out);
}

static enum barq_status hold_by(struct queue_tx *tx, const struct claim_limits *limits,
                                int64_t queue, int64_t seq, const char *slot)
{
    enum barq_status status = bq_tx_exec(tx, "UPDATE barq_held SET slot = ?2 WHERE seq = ?1",
                                         barq_sql_int(seq), barq_sql_text(slot));

    return status == BARQ_OK ? bq_tx_look_later(tx, limits, queue, slot) : status;
}

static enum barq_status judge_job(struct queue_tx *tx, struct claim_limits *limits,
                                  struct looking *looking, int64_t seq)
{
    struct job_slots slots;

    enum barq_status status = find_slots(tx, limits, seq, &slots);
    if (status != BARQ_OK) {
        return status;
    }
    const char *full = bq_slots_full(&slots, looking->slot);
    if (full) {
        looking->full = strcmp(full, looking->slot) == 0;
        return looking->full ? BARQ_OK : hold_by(tx, limits, looking->queue, seq, full);
    }
    bq_slots_take(&slots);
    return let_job_go(tx, looking->queue, seq);
}

/* When limits have changed: until all are judged, it is looked at in each exchange. */
static enum barq_status judge_more(struct queue_tx *tx, struct claim_limits *limits, size_t max,
                                   struct looking *looking)
{
    enum barq_status status = read_held(tx, looking, max);

    for (size_t i = 0; status == BARQ_OK && i < looking->count; i++) {
        status = judge_job(tx, limits, looking, looking->seqs[i]);
    }
    if (status != BARQ_OK) {
        return status;
    }
    bool more = looking->count == max;
    status =
        bq_tx_exec(tx,
                   "UPDATE barq_slots SET judged_turn = ?3, judged_seq = ?4, look_at = ?5"
                   " WHERE slot = ?1 AND queue = ?2",
                   barq_sql_text(looking->slot), barq_sql_int(looking->queue),
                   more ? barq_sql_int(looking->turn) : barq_sql_null(),
                   more ? barq_sql_int(looking->seq) : barq_sql_null(), barq_sql_int(tx->now_ms));
    return status == BARQ_OK && !more ? bq_tx_look_later(tx, limits, looking->queue, looking->slot)
                                      : status;
}

/* A slot that has no held jobs any more loses its row. */
static enum barq_status let_some_go(struct queue_tx *tx, struct claim_limits *limits, size_t max,
                                    struct looking *looking)
{
    size_t count = 0;

    enum barq_status status = read_held(tx, looking, max);
    for (; status == BARQ_OK && count < looking->count && !looking->full; count++) {
        status = judge_job(tx, limits, looking, looking->seqs[count]);
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (looking->full) {
        return bq_tx_look_later(tx, limits, looking->queue, looking->slot);
    }
    if (count < max) {
        return bq_tx_exec(tx, "DELETE FROM barq_slots WHERE slot = ?1 AND queue = ?2",
                          barq_sql_text(looking->slot), barq_sql_int(looking->queue));
    }
    return bq_tx_set_look(tx, looking->queue, looking->slot, tx->now_ms);
}

static enum barq_status let_slot_go(struct queue_tx *tx, struct claim_limits *limits, size_t max,
                                    struct looking *looking)
{
    const struct bq_limit *limit = bq_limits_of_slot(limits, looking->slot);
    int64_t left = INT64_MAX;
    int64_t again_at_ms = 0;

    /* Nothing has started yet: what other slots let go is no hindrance, the turn will decide. */
    bq_limits_forget_rooms(limits);
    if (looking->all) {
        return judge_more(tx, limits, max, looking);
    }
    enum barq_status status =
        limit ? bq_tx_room(tx, limit, looking->slot, &left, &again_at_ms) : BARQ_OK;
    if (status == BARQ_OK && left <= 0) {
        return bq_tx_set_look(tx, looking->queue, looking->slot, again_at_ms);
    }
    return status == BARQ_OK ? let_some_go(tx, limits, max, looking) : status;
}

/* A row of barq_slots. */
struct found_slot {
    const char *slot;
    bool all; /* its held jobs are judged, */
    int64_t turn;
    int64_t seq; /* up to this one by now */
};

/* No slot is to be looked at later than this, but by a clock that was wrong. */
static int64_t latest_look(const struct queue_tx *tx, const struct claim_limits *limits)
{
    int64_t longest_ms = LOOK_AGAIN_MS;

    for (size_t i = 0; i < limits->n_rules; i++) {
        const struct bq_limit_rule *rule = &limits->rules[i];

        longest_ms = rule->all.per_ms > longest_ms ? rule->all.per_ms : longest_ms;
        longest_ms = rule->each_key.per_ms > longest_ms ? rule->each_key.per_ms : longest_ms;
    }
    return tx->now_ms + 2 * longest_ms;
}

/* The slots that are to be looked at after `from` and until `to`, which live in the arena. */
static enum barq_status read_slots(struct queue_tx *tx, struct claim_limits *limits, int64_t queue,
                                   int64_t from, int64_t to, struct found_slot *slots,
                                   size_t *count)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    enum barq_status status =
        bq_tx_query(tx, &rows,
                    "SELECT slot, judged_turn IS NOT NULL, judged_turn, judged_seq FROM barq_slots"
                    " WHERE queue = ?1 AND look_at > ?2 AND look_at <= ?3"
                    " ORDER BY look_at LIMIT ?4",
                    barq_sql_int(queue), barq_sql_int(from), barq_sql_int(to),
                    barq_sql_int(SLOTS_AT_ONCE - (int64_t)*count));
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, tx->err);
    }
    while (status == BARQ_OK && more) {
        const char *slot = bq_arena_strdup(&limits->arena, bq_rows_text(rows, 0));
        if (!slot) {
            return bq_fail(tx->err, BARQ_ERR_NOMEM, "sqlite: no memory for held jobs");
        }
        slots[(*count)++] = (struct found_slot){.slot = slot,
                                                .all = bq_rows_int(rows, 1) != 0,
                                                .turn = bq_rows_int(rows, 2),
                                                .seq = bq_rows_int(rows, 3)};
        status = bq_rows_next(rows, &more, tx->err);
    }
    return status;
}

enum barq_status bq_tx_let_go(struct queue_tx *tx, struct claim_limits *limits, int64_t queue)
{
    struct found_slot slots[SLOTS_AT_ONCE];
    size_t left = JOBS_IN_ALL;
    size_t count = 0;

    enum barq_status status = bq_tx_read_limits(tx, limits, queue);
    if (status == BARQ_OK) {
        status = read_slots(tx, limits, queue, INT64_MIN, tx->now_ms, slots, &count);
    }
    if (status == BARQ_OK) {
        status = read_slots(tx, limits, queue, latest_look(tx, limits), INT64_MAX, slots, &count);
    }
    for (size_t i = 0; status == BARQ_OK && i < count && left > 0; i++) {
        struct looking looking = {.queue = queue,
                                  .slot = slots[i].slot,
                                  .all = slots[i].all,
                                  .turn = slots[i].all ? slots[i].turn : INT64_MIN,
                                  .seq = slots[i].seq};

        status = let_slot_go(tx, limits, left < JOBS_AT_ONCE ? left : JOBS_AT_ONCE, &looking);
        left -= looking.count;
    }
    return status;
}

enum barq_status bq_tx_next_look(struct queue_tx *tx, int64_t queue, int64_t *at_ms)
{
    const struct barq_scalar params[] = {barq_sql_int(queue)};
    int64_t look_at = INT64_MAX;

    enum barq_status status =
        bq_db_query_int(tx->db, "SELECT min(look_at) FROM barq_slots WHERE queue = ?1", params, 1,
                        INT64_MAX, &look_at, tx->err);
    *at_ms = look_at < *at_ms ? look_at : *at_ms;
    return status;
}
