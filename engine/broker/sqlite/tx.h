/*
 * tx.h - one transaction on a queue's file, and what every change of a job
 * goes through in it.
 */
#ifndef BQ_BROKER_SQLITE_TX_H
#define BQ_BROKER_SQLITE_TX_H

#include "broker/broker.h"
#include "db/db.h"

enum { TX_QUEUES = 8, TX_TELL_MAX = 2000 };

/* By how much a queue's counters change. */
struct queue_counts {
    int64_t queue;
    int64_t waiting;
    int64_t blocked; /* of those: wait for other jobs */
    int64_t held;    /* of those: are over a limit */
    int64_t running;
    int64_t complete;
    int64_t failed;
};

struct queue_tx {
    struct bq_db *db; /* borrowed */
    struct barq_error *err;
    int64_t now_ms;
    bool reopened; /* it may be another file than the last time; also when begin has failed */
    struct queue_counts counts[TX_QUEUES];
    size_t n_counts;
    char queue_name[BARQ_QUEUE_MAX_BYTES + 1]; /* the last one that was asked for */
    int64_t queue;
    bool held_asked;    /* whether some job is held, */
    bool some_held;     /* and the answer */
    bool waiters_asked; /* whether some job waits for another, */
    bool some_wait;     /* and the answer */
    bool woke;          /* a job waits, or is to be aborted: ring <path>-wake after COMMIT */
    bool finished;      /* a job has finished, or made progress: ring <path>-done */
};

/*
 * BARQ_ERR_BUSY: locked, or not done, for `timeout_ms`: nothing has happened. A file that was
 * replaced meanwhile is opened anew.
 */
enum barq_status bq_tx_begin(struct queue_tx *tx, struct bq_db *db, enum bq_db_mode mode,
                             int64_t now_ms, int64_t timeout_ms, struct barq_error *err)
    BARQ_MUST_CHECK;
/*
 * Commits when all has gone well until here, else rolls back; what became of the transaction.
 */
enum barq_status bq_tx_end(struct queue_tx *tx, enum barq_status status) BARQ_MUST_CHECK;

/* bq_tx_exec(tx, sql, barq_sql_int(1), ...): at least one parameter. */
#define bq_tx_exec(tx, sql, ...)                                                                   \
    bq_db_exec((tx)->db, (sql), (const struct barq_scalar[]){__VA_ARGS__},                         \
               sizeof((const struct barq_scalar[]){__VA_ARGS__}) / sizeof(struct barq_scalar),     \
               (tx)->err)
#define bq_tx_query(tx, rows, sql, ...)                                                            \
    bq_db_query((tx)->db, (sql), (const struct barq_scalar[]){__VA_ARGS__},                        \
                sizeof((const struct barq_scalar[]){__VA_ARGS__}) / sizeof(struct barq_scalar),    \
                (rows), (tx)->err)

/* The number of a queue, which is created if need be. */
enum barq_status bq_tx_queue(struct queue_tx *tx, const char *name, int64_t *out) BARQ_MUST_CHECK;
enum barq_status bq_tx_count(struct queue_tx *tx, const struct queue_counts *change)
    BARQ_MUST_CHECK;

/* job.c: what happens to one job */
enum barq_status bq_tx_enqueue(struct queue_tx *tx, struct bq_enqueue *enqueue) BARQ_MUST_CHECK;
/* A row of barq_jobs that is in no other table waits from now on, as it says. */
enum barq_status bq_tx_wait(struct queue_tx *tx, int64_t queue, int64_t seq) BARQ_MUST_CHECK;
enum barq_status bq_tx_add_history(struct queue_tx *tx, int64_t seq, const char *entry)
    BARQ_MUST_CHECK;
/* All jobs of `worker` wait again, with one loss more. */
enum barq_status bq_tx_lose(struct queue_tx *tx, int64_t worker) BARQ_MUST_CHECK;
/* cron.c: a run of a cron job, or a question for the last one */
enum barq_status bq_tx_tick(struct queue_tx *tx, struct bq_tick *tick) BARQ_MUST_CHECK;

/* workers.c: what a worker tells of itself */
enum barq_status bq_tx_tell_state(struct queue_tx *tx, int64_t worker,
                                  const struct bq_worker_state *state) BARQ_MUST_CHECK;
/* after.c: jobs that wait for others. One that was just inserted, and is in no other table, waits for
 * those of its `after` that are unfinished; or waits as bq_tx_wait() says, if there are none. */
enum barq_status bq_tx_wait_for(struct queue_tx *tx, const struct bq_job *job, int64_t queue,
                                int64_t seq) BARQ_MUST_CHECK;
/* Whatever it waited for, it does not any more, and is in no other table. */
enum barq_status bq_tx_wait_no_more(struct queue_tx *tx, int64_t queue, int64_t seq)
    BARQ_MUST_CHECK;
/* It is finished: those that wait for it are to be told; if that is to fail them, by `refusal`. */
enum barq_status bq_tx_ended(struct queue_tx *tx, int64_t seq, const char *refusal) BARQ_MUST_CHECK;
/* Tells them, up to about `max`; if there are more, workers are woken to tell the rest. */
enum barq_status bq_tx_tell(struct queue_tx *tx, int64_t max) BARQ_MUST_CHECK;
/* Deletes at most `max` finished jobs that are past their time. */
enum barq_status bq_tx_prune(struct queue_tx *tx, int64_t max) BARQ_MUST_CHECK;

#endif
