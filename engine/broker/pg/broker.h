/*
 * broker.h - a handle on the queues in a schema of a PostgreSQL database: a
 * client's connection, and, after join(), a worker's two more: one for its
 * exchanges, one that listens.
 *
 * docs/formats/pg-queue.md has the tables and functions.
 */
#ifndef BQ_BROKER_PG_BROKER_H
#define BQ_BROKER_PG_BROKER_H

#include "broker/broker.h"
#include "broker/pg/link.h"

enum { PG_REQUEST_MAX_BYTES = 512 * 1024 * 1024, PG_CHANNEL_BYTES = PG_SCHEMA_MAX_BYTES + 8 };

struct pg_worker;

struct pg_broker {
    struct bq_broker base;
    struct pg_place place;
    struct pg_link *link;     /* owned; of the client half */
    struct pg_link *done;     /* owned; tells of ends; NULL until somebody waits */
    int64_t done_era;         /* of `done`, when it was last told to listen */
    int64_t watched_until_ms; /* by bq_mono_ms(): so long workers tell of ends, as far as we know */
    char token[24];           /* a random name, by which workers know that somebody waits */
    struct pg_worker *worker; /* owned; after join() */
};

static inline struct pg_broker *bq_pg_broker_of(struct bq_broker *broker)
{
    return (struct pg_broker *)broker;
}

/* When `timeout_ms` from now is over, by bq_mono_ms(). */
int64_t bq_pg_until(int64_t timeout_ms);

/*
 * call.c: one call of a function by the client half, at most until `until_ms`; `*answer` is freed with
 * PQclear(). `doing` is for the error: "enqueue".
 *
 * BARQ_ERR_CONN  there is no connection, or it broke before the answer: it may have happened
 */
struct pg_ask {
    enum pg_statement statement;
    const char *doing;
    int64_t until_ms;
    bool only_asks; /* once more does no harm, when the connection broke before the answer */
};
enum barq_status bq_pg_ask(struct pg_link *link, const struct pg_ask *ask,
                           const struct pg_request *request, PGresult **answer,
                           struct barq_error *err) BARQ_MUST_CHECK;
/* Waits until the link is ready. */
enum barq_status bq_pg_get_ready(struct pg_link *link, int64_t until_ms, struct barq_error *err)
    BARQ_MUST_CHECK;
void bq_pg_result_drop(PGresult **result); /* for bq_auto(pg_result) */

/* answer.c: fields of a row; what is NULL, or of another length than it should be, is 0, NULL or "". */
int64_t bq_pg_number(const PGresult *rows, int row, int column);
const char *bq_pg_words(const PGresult *rows, int row, int column);
const void *bq_pg_bytes(const PGresult *rows, int row, int column, size_t *len);
/* "3 17 4" one after the other; false behind the last one. */
bool bq_pg_next_number(const char **text, int64_t *out);

/* jobs.c: the 13 parameters by which functions are told of jobs, each of which lies `stride` bytes behind the one before. */
struct pg_jobs {
    const struct bq_job *first;
    size_t stride;
    size_t count;
};
void bq_pg_put_jobs(struct pg_request *request, const struct pg_jobs *jobs);
void bq_pg_put_no_jobs(struct pg_request *request);

/* worker.c: the worker half */
enum barq_status bq_pg_join(struct bq_broker *handle, const struct bq_worker_lease *lease,
                            int64_t timeout_ms, struct barq_error *err);
int bq_pg_worker_fd(struct bq_broker *broker);
void bq_pg_begin(struct bq_broker *broker, struct bq_exchange *exchange);
struct bq_exchange *bq_pg_end(struct bq_broker *broker);
bool bq_pg_woken(struct bq_broker *broker);
void bq_pg_worker_free(struct pg_worker *worker); /* takes NULL */

/* change.c, look.c: the client half, for pg.c's table */
enum barq_status bq_pg_enqueue(struct bq_broker *broker, struct bq_enqueue *jobs, size_t count,
                               int64_t timeout_ms, struct barq_error *err);
enum barq_status bq_pg_abort(struct bq_broker *broker, const char *id, int64_t timeout_ms,
                             struct barq_error *err);
enum barq_status bq_pg_pause(struct bq_broker *broker, const char *queue, bool paused,
                             int64_t timeout_ms, struct barq_error *err);
enum barq_status bq_pg_revive(struct bq_broker *broker, const struct bq_job *job,
                              int64_t timeout_ms, struct barq_error *err);
enum barq_status bq_pg_remove(struct bq_broker *broker, const char *id, int64_t timeout_ms,
                              struct barq_error *err);
enum barq_status bq_pg_find(struct bq_broker *broker, const char *id, struct barq_arena *arena,
                            struct bq_found *out, int64_t timeout_ms, struct barq_error *err);
enum barq_status bq_pg_list(struct bq_broker *broker, const struct barq_list_filter *filter,
                            const char *cursor, size_t limit, struct barq_arena *arena,
                            struct bq_found **out, size_t *count, const char **next,
                            int64_t timeout_ms, struct barq_error *err);
enum barq_status bq_pg_stats(struct bq_broker *broker, struct barq_arena *arena,
                             struct barq_queue_stats **out, size_t *count, int64_t timeout_ms,
                             struct barq_error *err);
enum barq_status bq_pg_limits(struct bq_broker *broker, const char *queue, struct barq_arena *arena,
                              struct barq_limit_info **out, size_t *count, int64_t timeout_ms,
                              struct barq_error *err);
enum barq_status bq_pg_workers(struct bq_broker *broker, struct barq_arena *arena,
                               struct bq_worker_seen **out, size_t *count, int64_t timeout_ms,
                               struct barq_error *err);
enum barq_status bq_pg_crons(struct bq_broker *broker, struct barq_arena *arena,
                             struct barq_cron_info **out, size_t *count, int64_t timeout_ms,
                             struct barq_error *err);
enum barq_status bq_pg_weaknesses(struct bq_broker *broker, struct barq_arena *arena,
                                  const char *const **out, size_t *count, int64_t timeout_ms,
                                  struct barq_error *err);

#endif
