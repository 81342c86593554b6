/*
 * turns.h - the jobs of a queue that are due, each at its turn: a merger of
 * the levels of priority that there are, mostly one. Each level is a
 * contiguous part of barq_waiting.
 */
#ifndef BQ_BROKER_SQLITE_TURNS_H
#define BQ_BROKER_SQLITE_TURNS_H

#include "broker/sqlite/queues.h"

enum { TURN_LEVELS = 2 * BARQ_PRIORITY_MAX + 1 };

/* The columns of a level's rows. */
enum turn_column {
    TURN_DUE_AT,
    TURN_SEQ,
    TURN_ID,
    TURN_PAYLOAD, /* NULL: not asked for, or larger than was */
    TURN_ENQUEUED_AT,
    TURN_EXPIRES_AT,
    TURN_CLAIMED_BEFORE,
    TURN_ABORTED,
    TURN_TRIES,
    TURN_LOSSES,
    TURN_CRASHES,
    TURN_ALONE,
    TURN_PAYLOAD_BYTES,
    TURN_FUNCTION,
    TURN_KEY,
    TURN_REFUSAL,
};

/* The waiting jobs of one priority: what is due first, up to and with the last one that was claimed. */
struct turn_level {
    int64_t priority;
    int64_t first_due_at;
    struct bq_rows *rows; /* owned; at its first job that is not claimed; NULL: none is left */
    int64_t last_due_at;
    int64_t last_seq;
    int64_t count; /* claimed */
};

struct turns {
    int64_t queue;
    bool lost; /* only such, or only others */
    struct turn_level levels[TURN_LEVELS];
    int n_levels;
};

/* Begins to read those that are due: `max` of each level at most, payloads of `payload_max` bytes at most. */
enum barq_status bq_turns_open(struct queue_tx *tx, struct turns *turns, int64_t queue, bool lost,
                               int64_t max, int64_t payload_max) BARQ_MUST_CHECK;
void bq_turns_close(struct turns *turns); /* what was found and claimed stays */
/* The level whose turn it is; NULL when nothing more is due. */
struct turn_level *bq_turns_next(struct turns *turns);
/* Past the level's job; behind the last one its rows are closed. */
enum barq_status bq_turns_step(struct queue_tx *tx, struct turn_level *level) BARQ_MUST_CHECK;
/* When the first of the queue's waiting jobs is due, if that is before `*at_ms`. */
enum barq_status bq_tx_first_due(struct queue_tx *tx, int64_t queue, int64_t *at_ms)
    BARQ_MUST_CHECK;

#endif
