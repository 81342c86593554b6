#include "broker/sqlite/turns.h"

/* The next level above `priority`; `*found` is false behind the last one. */
static enum barq_status next_level(struct queue_tx *tx, int64_t queue, bool lost, int64_t priority,
                                   struct turn_level *out, bool *found)
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
        *out = (struct turn_level){.priority = bq_rows_int(rows, 0),
                                   .first_due_at = bq_rows_int(rows, 1)};
    }
    return status;
}

/* All levels, mostly one: each costs one look. */
static enum barq_status find_levels(struct queue_tx *tx, int64_t queue, bool lost,
                                    struct turn_level levels[TURN_LEVELS], int *count)
{
    int64_t priority = -BARQ_PRIORITY_MAX - 1;
    enum barq_status status = BARQ_OK;
    bool found = true;

    *count = 0;
    while (status == BARQ_OK && *count < TURN_LEVELS) {
        status = next_level(tx, queue, lost, priority, &levels[*count], &found);
        if (status != BARQ_OK || !found) {
            return status;
        }
        priority = levels[(*count)++].priority;
    }
    return status;
}

enum barq_status bq_turns_step(struct queue_tx *tx, struct turn_level *level)
{
    bool more = false;

    enum barq_status status = bq_rows_next(level->rows, &more, tx->err);
    if (!more) {
        bq_rows_close(bq_take(level->rows));
    }
    return status;
}

static enum barq_status open_level(struct queue_tx *tx, const struct turns *turns, int64_t max,
                                   int64_t payload_max, struct turn_level *level)
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
        barq_sql_int(turns->queue), barq_sql_int(turns->lost), barq_sql_int(level->priority),
        barq_sql_int(tx->now_ms), barq_sql_int(max), barq_sql_int(payload_max));
    return status == BARQ_OK ? bq_turns_step(tx, level) : status;
}

enum barq_status bq_turns_open(struct queue_tx *tx, struct turns *turns, int64_t queue, bool lost,
                               int64_t max, int64_t payload_max)
{
    *turns = (struct turns){.queue = queue, .lost = lost};
    enum barq_status status = find_levels(tx, queue, lost, turns->levels, &turns->n_levels);

    for (int i = 0; status == BARQ_OK && i < turns->n_levels; i++) {
        status = open_level(tx, turns, max, payload_max, &turns->levels[i]);
    }
    return status;
}

void bq_turns_close(struct turns *turns)
{
    for (int i = 0; i < turns->n_levels; i++) {
        bq_rows_close(bq_take(turns->levels[i].rows));
    }
}

/* Is it the turn of `level`'s next job before that of `other`'s? */
static bool is_before(const struct turn_level *level, const struct turn_level *other)
{
    int64_t turn = bq_rows_int(level->rows, TURN_DUE_AT) - level->priority * BARQ_PRIORITY_STEP_MS;
    int64_t others =
        bq_rows_int(other->rows, TURN_DUE_AT) - other->priority * BARQ_PRIORITY_STEP_MS;

    return turn != others ? turn < others
                          : bq_rows_int(level->rows, TURN_SEQ) < bq_rows_int(other->rows, TURN_SEQ);
}

struct turn_level *bq_turns_next(struct turns *turns)
{
    struct turn_level *first = NULL;

    for (int i = 0; i < turns->n_levels; i++) {
        struct turn_level *level = &turns->levels[i];
        if (level->rows && (!first || is_before(level, first))) {
            first = level;
        }
    }
    return first;
}

enum barq_status bq_tx_first_due(struct queue_tx *tx, int64_t queue, int64_t *at_ms)
{
    enum barq_status status = BARQ_OK;

    for (int lost = 0; status == BARQ_OK && lost <= 1; lost++) {
        struct turn_level levels[TURN_LEVELS];
        int count = 0;

        status = find_levels(tx, queue, lost, levels, &count);
        for (int i = 0; i < count; i++) {
            *at_ms = levels[i].first_due_at < *at_ms ? levels[i].first_due_at : *at_ms;
        }
    }
    return status;
}
