/*
 * limits.h - how many jobs of a function may run and start, and those over
 * it, which are held.
 *
 * What is counted by is a slot: a limit's name, or, for a limit of each key,
 * the name, a newline, and the key. How many of a slot run is the number of
 * its rows of barq_running; how many have started, that of barq_starts within
 * the window. A slot that has held jobs has a row of barq_slots for each of
 * their queues, which says when it is to be looked at again.
 */
#ifndef BQ_BROKER_SQLITE_LIMITS_H
#define BQ_BROKER_SQLITE_LIMITS_H

#include "broker/sqlite/queues.h"

enum {
    LIMIT_ROOMS = 256,
    LOOK_AGAIN_MS = 1000, /* at what was let go and perhaps not claimed */
};

/* What a job counts against; NULL: nothing. In the arena of its struct claim_limits. */
struct job_slots {
    const struct bq_limit_rule *rule;
    struct slot_room *all;
    struct slot_room *key;
};

/* The rules of a worker's queues, and how much room their slots have, while an exchange claims. */
struct claim_limits {
    struct barq_arena arena;
    int64_t queue; /* that `rules` are of; 0: none */
    struct bq_limit_rule *rules;
    size_t n_rules;
    struct slot_room *rooms[LIMIT_ROOMS]; /* by the hash of their slot */
    size_t holds_left;                    /* so many jobs may still be held in this exchange */
    struct move *moves; /* that are decided on, and not yet done; the last one first */
    struct held *held;  /* slots that got some */
};

void bq_limits_init(struct claim_limits *limits);
void bq_limits_clear(struct claim_limits *limits);
#define bq_limits_drop bq_limits_clear /* for bq_auto(limits) */

/* The last worker to join says what the limits are. */
enum barq_status bq_tx_set_limits(struct queue_tx *tx, const struct worker_queues *queues,
                                  const struct bq_limit_rule *rules, size_t count) BARQ_MUST_CHECK;
enum barq_status bq_tx_read_limits(struct queue_tx *tx, struct claim_limits *limits, int64_t queue)
    BARQ_MUST_CHECK;

/* Finds what a job counts against, and how much room there is. */
enum barq_status bq_tx_find_slots(struct queue_tx *tx, struct claim_limits *limits,
                                  const char *function, const char *key, struct job_slots *out)
    BARQ_MUST_CHECK;
/* The slot that is full, of two rather `slot` (NULL: its key's); NULL: none is. */
const char *bq_slots_full(const struct job_slots *slots, const char *slot);
/* From now on what room there is is counted anew. */
void bq_limits_forget_rooms(struct claim_limits *limits);
/* Are its starts counted? Then it is claimed only for a thread that is free. */
bool bq_slots_count_starts(const struct job_slots *slots);
/* One starts. */
void bq_slots_take(const struct job_slots *slots);

/* Their names; NULL: none. */
const char *bq_slots_all(const struct job_slots *slots);
const char *bq_slots_key(const struct job_slots *slots);
/* The limit that a slot is of; NULL: none of the queue whose rules were read. */
const struct bq_limit *bq_limits_of_slot(const struct claim_limits *limits, const char *slot);
/* How many more may start of a slot; if too many have, `*again_at_ms` is when no more have, else 0. */
enum barq_status bq_tx_room(struct queue_tx *tx, const struct bq_limit *limit, const char *slot,
                            int64_t *left, int64_t *again_at_ms) BARQ_MUST_CHECK;

/* A row of barq_waiting. */
struct waiting_row {
    int64_t queue;
    bool lost;
    int64_t priority;
    int64_t due_at;
    int64_t seq;
};
/* held.c: notes that it is to be held, or to start; done when nothing reads barq_waiting any more. False: out of
 * memory. */
bool bq_limits_hold(struct claim_limits *limits, const struct waiting_row *row, const char *slot);
bool bq_limits_start(struct claim_limits *limits, const struct waiting_row *row,
                     const struct job_slots *slots);
enum barq_status bq_tx_apply_limits(struct queue_tx *tx, struct claim_limits *limits,
                                    int64_t worker, int64_t claim) BARQ_MUST_CHECK;
/* Says when a slot is to be looked at; 0: when one of it ends. */
enum barq_status bq_tx_set_look(struct queue_tx *tx, int64_t queue, const char *slot, int64_t at_ms)
    BARQ_MUST_CHECK;
/* By what is full of it, after all that this transaction has started. */
enum barq_status bq_tx_look_later(struct queue_tx *tx, const struct claim_limits *limits,
                                  int64_t queue, const char *slot) BARQ_MUST_CHECK;
/* What has expired before it was started for the first time is only to be refused. */
bool bq_tx_has_expired(const struct queue_tx *tx, int64_t expires_at, int64_t claimed_before);

/* letgo.c: held jobs of the queue wait again, as many of each slot as there is room for. */
enum barq_status bq_tx_let_go(struct queue_tx *tx, struct claim_limits *limits, int64_t queue)
    BARQ_MUST_CHECK;
/* When a slot of the queue's held jobs is to be looked at, if that is before `*at_ms`. */
enum barq_status bq_tx_next_look(struct queue_tx *tx, int64_t queue, int64_t *at_ms)
    BARQ_MUST_CHECK;
/* A held job is held no more, and in no table; one that is not held stays as it is. */
enum barq_status bq_tx_hold_no_more(struct queue_tx *tx, int64_t queue, int64_t seq)
    BARQ_MUST_CHECK;

/* slots.c: what a running job's slots have to do with its end; read before its row is deleted. */
struct ended_slots {
    char *slots[2]; /* owned; NULL: none, or nobody cares */
    int64_t claimed_at;
};
void bq_ended_slots_drop(struct ended_slots *ended);
/* `unstarted`: its starts are to be given back. */
enum barq_status bq_tx_end_slots(struct queue_tx *tx, int64_t seq, bool unstarted,
                                 struct ended_slots *out) BARQ_MUST_CHECK;
/* The claim is over: what is held may go. */
enum barq_status bq_tx_free_slots(struct queue_tx *tx, const struct ended_slots *ended, int64_t seq,
                                  int64_t claim, bool unstarted) BARQ_MUST_CHECK;
/* The same for all that a worker runs. */
enum barq_status bq_tx_free_worker(struct queue_tx *tx, int64_t worker) BARQ_MUST_CHECK;
enum barq_status bq_tx_prune_starts(struct queue_tx *tx, int64_t max) BARQ_MUST_CHECK;

#endif
