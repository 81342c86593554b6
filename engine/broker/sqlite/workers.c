#include "broker/sqlite/broker.h"

enum barq_status bq_tx_tell_state(struct queue_tx *tx, int64_t worker,
                                  const struct bq_worker_state *state)
{
    return bq_tx_exec(
        tx,
        "UPDATE barq_workers SET executors = ?2, threads = ?3, running = ?4,"
        " complete = ?5, failed = ?6, retried = ?7, seen_at = ?8,"
        " tally = coalesce(?9, tally) WHERE worker = ?1",
        barq_sql_int(worker), barq_sql_int(state->executors), barq_sql_int(state->threads),
        barq_sql_int(state->running), barq_sql_int(state->complete), barq_sql_int(state->failed),
        barq_sql_int(state->retried), barq_sql_int(tx->now_ms), barq_sql_text(state->tally));
}

/* False when the arena is full. */
static bool take_worker(const struct bq_rows *row, struct barq_arena *arena,
                        struct bq_worker_seen *out)
{
    const char *name = bq_rows_text(row, 0);
    const char *queues = bq_rows_text(row, 1);

    const char *tally = bq_rows_text(row, 11);

    out->info = (struct barq_worker_info){.name = bq_arena_strdup(arena, name ? name : ""),
                                          .queues = bq_arena_strdup(arena, queues ? queues : ""),
                                          .started_at_ms = bq_rows_int(row, 2),
                                          .seen_at_ms = bq_rows_int(row, 3),
                                          .lease_until_ms = bq_rows_int(row, 4),
                                          .executors = bq_rows_int(row, 5),
                                          .threads = bq_rows_int(row, 6),
                                          .running = bq_rows_int(row, 7),
                                          .complete = bq_rows_int(row, 8),
                                          .failed = bq_rows_int(row, 9),
                                          .retried = bq_rows_int(row, 10)};
    out->tally = tally ? bq_arena_strdup(arena, tally) : NULL;
    return out->info.name && out->info.queues && (out->tally || !tally);
}

static enum barq_status list_workers(struct queue_tx *tx, struct barq_arena *arena,
                                     struct bq_worker_seen **out, size_t *count)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    int64_t most = 0;
    size_t filled = 0;
    bool more = false;

    enum barq_status status =
        bq_db_query_int(tx->db, "SELECT count(*) FROM barq_workers", NULL, 0, 0, &most, tx->err);
    if (status == BARQ_OK) {
        status = bq_tx_query(tx, &rows,
                             "SELECT name, queues, started_at, seen_at, lease_until, executors,"
                             " threads, running, complete, failed, retried, tally FROM barq_workers"
                             " WHERE lease_until > ?1 ORDER BY started_at, worker",
                             barq_sql_int(tx->now_ms));
    }
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, tx->err);
    }
    struct bq_worker_seen *workers = bq_arena_array(arena, (size_t)most, sizeof(*workers));
    for (; status == BARQ_OK && more && filled < (size_t)most; filled++) {
        if (!workers || !take_worker(rows, arena, &workers[filled])) {
            return bq_fail(tx->err, BARQ_ERR_NOMEM, "sqlite: no room for the list of workers");
        }
        status = bq_rows_next(rows, &more, tx->err);
    }
    *out = workers;
    *count = filled;
    return status;
}

enum barq_status bq_queue_workers(struct bq_broker *broker, struct barq_arena *arena,
                                  struct bq_worker_seen **out, size_t *count, int64_t timeout_ms,
                                  struct barq_error *err)
{
    struct sqlite_broker *self = bq_sqlite_broker_of(broker);
    struct bq_worker_seen *workers = NULL;
    size_t filled = 0;
    struct queue_tx tx;

    enum barq_status status = bq_client_begin(self, &tx, BQ_DB_READ, timeout_ms, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bq_client_end(self, &tx, list_workers(&tx, arena, &workers, &filled));
    if (status != BARQ_OK) {
        return status;
    }
    *out = workers;
    *count = filled;
    return BARQ_OK;
}
