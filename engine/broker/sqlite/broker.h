/*
 * broker.h - a handle on a queue's file: a client's connection, and, after
 * join(), a worker with its writer.
 */
#ifndef BQ_BROKER_SQLITE_BROKER_H
#define BQ_BROKER_SQLITE_BROKER_H

#include "broker/sqlite/writer.h"

struct sqlite_broker {
    struct bq_broker base;
    struct bq_db *db; /* owned; of the client half */
    char *url;        /* owned */
    int wake_fd;      /* owned; to ring <path>-wake */
    int done_fd;      /* owned; to ring <path>-done */
    int done_watch;   /* owned; of <path>-done; -1 until somebody waits */
    int64_t ahead_ms; /* of the clock, for tests */
    /* after join() */
    bool joined;
    struct queue_worker worker; /* the writer's, while that runs */
    struct queue_writer writer;
    int wake_watch; /* owned; of <path>-wake */
    int epoll_fd;   /* owned; of the writer's event and the watch */
};

static inline struct sqlite_broker *bq_sqlite_broker_of(struct bq_broker *broker)
{
    return (struct sqlite_broker *)broker;
}
/* A transaction of the client half. */
enum barq_status bq_client_begin(struct sqlite_broker *broker, struct queue_tx *tx,
                                 enum bq_db_mode mode, int64_t timeout_ms, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Ends it, and rings if it is to be told. */
enum barq_status bq_client_end(struct sqlite_broker *broker, struct queue_tx *tx,
                               enum barq_status status) BARQ_MUST_CHECK;

/* change.c, cron.c, look.c, queues.c, workers.c: the client half, for sqlite.c's table */
enum barq_status bq_queue_enqueue(struct bq_broker *broker, struct bq_enqueue *jobs, size_t count,
                                  int64_t timeout_ms, struct barq_error *err);
enum barq_status bq_queue_abort(struct bq_broker *broker, const char *id, int64_t timeout_ms,
                                struct barq_error *err);
enum barq_status bq_queue_pause(struct bq_broker *broker, const char *queue, bool paused,
                                int64_t timeout_ms, struct barq_error *err);
enum barq_status bq_queue_revive(struct bq_broker *broker, const struct bq_job *job,
                                 int64_t timeout_ms, struct barq_error *err);
enum barq_status bq_queue_remove(struct bq_broker *broker, const char *id, int64_t timeout_ms,
                                 struct barq_error *err);
enum barq_status bq_queue_find(struct bq_broker *broker, const char *id, struct barq_arena *arena,
                               struct bq_found *out, int64_t timeout_ms, struct barq_error *err);
enum barq_status bq_queue_list(struct bq_broker *broker, const struct barq_list_filter *filter,
                               const char *cursor, size_t limit, struct barq_arena *arena,
                               struct bq_found **out, size_t *count, const char **next,
                               int64_t timeout_ms, struct barq_error *err);
enum barq_status bq_queue_stats(struct bq_broker *broker, struct barq_arena *arena,
                                struct barq_queue_stats **out, size_t *count, int64_t timeout_ms,
                                struct barq_error *err);
enum barq_status bq_queue_crons(struct bq_broker *broker, struct barq_arena *arena,
                                struct barq_cron_info **out, size_t *count, int64_t timeout_ms,
                                struct barq_error *err);
/* weak.c */
enum barq_status bq_queue_weaknesses(struct bq_broker *broker, struct barq_arena *arena,
                                     const char *const **out, size_t *count, int64_t timeout_ms,
                                     struct barq_error *err);
enum barq_status bq_queue_workers(struct bq_broker *broker, struct barq_arena *arena,
                                  struct bq_worker_seen **out, size_t *count, int64_t timeout_ms,
                                  struct barq_error *err);
/* full.c */
enum barq_status bq_queue_limits(struct bq_broker *broker, const char *queue,
                                 struct barq_arena *arena, struct barq_limit_info **out,
                                 size_t *count, int64_t timeout_ms, struct barq_error *err);

#endif
