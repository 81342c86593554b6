#include "broker/sqlite/broker.h"

/* What is known of a cron job, before the tick. */
struct cron_row {
    bool there;
    int64_t since_ms;
    int64_t last_at_ms; /* 0: none */
};

static enum barq_status find_row(struct queue_tx *tx, const struct bq_tick *tick, int64_t queue,
                                 struct cron_row *out)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    *out = (struct cron_row){.since_ms = tx->now_ms};
    enum barq_status status =
        bq_tx_query(tx, &rows,
                    "SELECT last_at, since, schedule = ?3 AND time_zone = ?4 FROM barq_crons"
                    " WHERE queue = ?1 AND name = ?2",
                    barq_sql_int(queue), barq_sql_text(tick->name), barq_sql_text(tick->schedule),
                    barq_sql_text(tick->time_zone));
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, tx->err);
    }
    if (status != BARQ_OK || !more) {
        return status;
    }
    int64_t last_at_ms = bq_rows_int(rows, 0);
    int64_t since_ms = bq_rows_int(rows, 1);
    bool same = bq_rows_int(rows, 2) != 0;
    out->there = true;
    out->last_at_ms = last_at_ms > tx->now_ms + BQ_CRON_AHEAD_MS ? 0 : last_at_ms;
    out->since_ms = same && since_ms < tx->now_ms ? since_ms : tx->now_ms;
    return BARQ_OK;
}

static enum barq_status write_row(struct queue_tx *tx, const struct bq_tick *tick, int64_t queue,
                                  const struct cron_row *row)
{
    return bq_tx_exec(
        tx,
        "INSERT INTO barq_crons (queue, name, function, schedule, time_zone, since, last_at,"
        " next_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (queue, name) DO UPDATE"
        " SET function = ?3, schedule = ?4, time_zone = ?5, since = ?6, last_at = ?7, next_at = ?8",
        barq_sql_int(queue), barq_sql_text(tick->name), barq_sql_text(tick->function),
        barq_sql_text(tick->schedule), barq_sql_text(tick->time_zone), barq_sql_int(row->since_ms),
        barq_sql_int(row->last_at_ms), barq_sql_int(tick->next_at_ms));
}

static enum barq_status forget_old(struct queue_tx *tx)
{
    return bq_tx_exec(tx, "DELETE FROM barq_crons WHERE next_at < ?1",
                      barq_sql_int(tx->now_ms - BQ_CRON_KEEP_MS));
}

enum barq_status bq_tx_tick(struct queue_tx *tx, struct bq_tick *tick)
{
    bool asks = tick->at_ms == 0;
    struct cron_row row;
    int64_t queue = 0;

    enum barq_status status = asks ? forget_old(tx) : BARQ_OK;
    if (status == BARQ_OK) {
        status = bq_tx_queue(tx, tick->queue, &queue);
    }
    if (status == BARQ_OK) {
        status = find_row(tx, tick, queue, &row);
    }
    if (status != BARQ_OK) {
        return status;
    }
    tick->since_ms = row.last_at_ms > row.since_ms ? row.last_at_ms : row.since_ms;
    if (asks) {
        return write_row(tx, tick, queue, &row);
    }
    if (row.last_at_ms != 0 && tick->at_ms <= row.last_at_ms + tick->apart_ms) {
        return BARQ_OK;
    }
    row.last_at_ms = tick->at_ms;
    struct bq_enqueue enqueue = {.job = tick->job};
    status = write_row(tx, tick, queue, &row);
    if (status == BARQ_OK) {
        status = bq_tx_enqueue(tx, &enqueue);
    }
    tick->taken = !enqueue.exists;
    return status;
}

/* False when the arena is full. */
static bool take_cron(const struct bq_rows *row, struct barq_arena *arena,
                      struct barq_cron_info *out)
{
    const char *texts[5];

    for (int i = 0; i < 5; i++) {
        const char *text = bq_rows_text(row, i);
        texts[i] = bq_arena_strdup(arena, text ? text : "");
        if (!texts[i]) {
            return false;
        }
    }
    *out = (struct barq_cron_info){.queue = texts[0],
                                   .name = texts[1],
                                   .function = texts[2],
                                   .schedule = texts[3],
                                   .time_zone = texts[4],
                                   .last_at_ms = bq_rows_int(row, 5),
                                   .next_at_ms = bq_rows_int(row, 6)};
    return true;
}

static enum barq_status list_crons(struct queue_tx *tx, struct barq_arena *arena,
                                   struct barq_cron_info **out, size_t *count)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    int64_t most = 0;
    size_t filled = 0;
    bool more = false;

    enum barq_status status =
        bq_db_query_int(tx->db, "SELECT count(*) FROM barq_crons", NULL, 0, 0, &most, tx->err);
    if (status == BARQ_OK) {
        status = bq_db_query(tx->db,
                             "SELECT q.name, c.name, c.function, c.schedule, c.time_zone,"
                             " c.last_at, c.next_at FROM barq_crons c JOIN barq_queues q"
                             " USING (queue) ORDER BY q.name, c.name",
                             NULL, 0, &rows, tx->err);
    }
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, tx->err);
    }
    struct barq_cron_info *crons = bq_arena_array(arena, (size_t)most, sizeof(*crons));
    for (; status == BARQ_OK && more && filled < (size_t)most; filled++) {
        if (!crons || !take_cron(rows, arena, &crons[filled])) {
            return bq_fail(tx->err, BARQ_ERR_NOMEM, "sqlite: no room for the list of cron jobs");
        }
        status = bq_rows_next(rows, &more, tx->err);
    }
    *out = crons;
    *count = filled;
    return status;
}

enum barq_status bq_queue_crons(struct bq_broker *broker, struct barq_arena *arena,
                                struct barq_cron_info **out, size_t *count, int64_t timeout_ms,
                                struct barq_error *err)
{
    struct sqlite_broker *self = bq_sqlite_broker_of(broker);
    struct barq_cron_info *crons = NULL;
    size_t filled = 0;
    struct queue_tx tx;

    enum barq_status status = bq_client_begin(self, &tx, BQ_DB_READ, timeout_ms, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bq_client_end(self, &tx, list_crons(&tx, arena, &crons, &filled));
    if (status != BARQ_OK) {
        return status;
    }
    *out = crons;
    *count = filled;
    return BARQ_OK;
}
