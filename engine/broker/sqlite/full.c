/*
 * full.c - how full limits are, for whoever looks.
 */
#include <stdlib.h>

#include "broker/sqlite/broker.h"

/*
 * What runs counts wherever it is from; what is held, in its own queue. Slots of a key are behind their limit's name and
 * a newline, so that they are found in the indexes.
 */
static const char limits_sql[] =
    "WITH rules (queue, q, function, name, each_key, max_running, max_starts, per_ms) AS ("
    " SELECT l.queue, n.name, function, slot, 0, max_running, max_starts, per_ms"
    "  FROM barq_limits l JOIN barq_queues n ON n.queue = l.queue"
    "  WHERE slot IS NOT NULL AND (?1 IS NULL OR n.name = ?1)"
    " UNION ALL SELECT l.queue, n.name, function, key_slot, 1, key_max_running, key_max_starts,"
    "  key_per_ms FROM barq_limits l JOIN barq_queues n ON n.queue = l.queue"
    "  WHERE key_slot IS NOT NULL AND (?1 IS NULL OR n.name = ?1)),"
    " used (slot) AS (SELECT key_slot FROM barq_running WHERE key_slot IS NOT NULL"
    "  UNION SELECT slot FROM barq_slots),"
    " keys AS (SELECT r.*, u.slot,"
    "  (SELECT count(*) FROM barq_running WHERE key_slot = u.slot) AS running,"
    "  (SELECT count(*) FROM barq_held h WHERE h.queue = r.queue AND h.slot = u.slot) AS held"
    "  FROM rules r JOIN used u ON u.slot > r.name || char(10) AND u.slot < r.name || char(11)"
    "  WHERE r.each_key = 1),"
    " ranked AS (SELECT *, row_number() OVER (PARTITION BY queue, function"
    "  ORDER BY held DESC, running DESC, slot) AS nth FROM keys WHERE running > 0 OR held > 0)"
    " SELECT q, function, name, each_key, NULL, max_running, max_starts, per_ms,"
    "  CASE each_key WHEN 0 THEN (SELECT count(*) FROM barq_running WHERE slot = r.name)"
    "   ELSE (SELECT count(*) FROM barq_running WHERE key_slot > r.name || char(10)"
    "    AND key_slot < r.name || char(11)) END,"
    "  CASE each_key WHEN 0 THEN (SELECT count(*) FROM barq_held h WHERE h.queue = r.queue"
    "    AND h.slot = r.name)"
    "   ELSE (SELECT count(*) FROM barq_held h WHERE h.queue = r.queue"
    "    AND h.slot > r.name || char(10) AND h.slot < r.name || char(11)) END, 0 AS nth"
    "  FROM rules r"
    " UNION ALL SELECT q, function, name, 1, substr(slot, length(name) + 2), max_running,"
    "  max_starts, per_ms, running, held, nth FROM ranked WHERE nth <= ?2"
    " ORDER BY q, function, each_key, nth LIMIT ?3";

/* False: the arena has no room. */
static bool copy_text(struct barq_arena *arena, const char *text, const char **out)
{
    *out = bq_arena_strdup(arena, text ? text : "");
    return *out != NULL;
}

static bool take_limit(const struct bq_rows *row, struct barq_arena *arena,
                       struct barq_limit_info *out)
{
    const char *key = bq_rows_text(row, 4);

    *out = (struct barq_limit_info){.each_key = bq_rows_int(row, 3) != 0,
                                    .max_running = bq_rows_int(row, 5),
                                    .max_starts = bq_rows_int(row, 6),
                                    .per_ms = bq_rows_int(row, 7),
                                    .running = bq_rows_int(row, 8),
                                    .held = bq_rows_int(row, 9)};
    return copy_text(arena, bq_rows_text(row, 0), &out->queue) &&
           copy_text(arena, bq_rows_text(row, 1), &out->function) &&
           copy_text(arena, bq_rows_text(row, 2), &out->name) &&
           (!key || copy_text(arena, key, &out->key));
}

static enum barq_status list_limits(struct queue_tx *tx, const char *queue,
                                    struct barq_arena *arena, struct barq_limit_info *limits,
                                    size_t *count)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    enum barq_status status =
        bq_tx_query(tx, &rows, limits_sql, queue ? barq_sql_text(queue) : barq_sql_null(),
                    barq_sql_int(BARQ_LIMIT_KEYS_MAX), barq_sql_int(BARQ_LIST_MAX));
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, tx->err);
    }
    for (*count = 0; status == BARQ_OK && more && *count < BARQ_LIST_MAX; (*count)++) {
        if (!take_limit(rows, arena, &limits[*count])) {
            return bq_fail(tx->err, BARQ_ERR_NOMEM, "sqlite: no room for the list of limits");
        }
        status = bq_rows_next(rows, &more, tx->err);
    }
    return status;
}

static void bq_limit_list_drop(struct barq_limit_info **limits)
{
    free(*limits);
}

enum barq_status bq_queue_limits(struct bq_broker *broker, const char *queue,
                                 struct barq_arena *arena, struct barq_limit_info **out,
                                 size_t *count, int64_t timeout_ms, struct barq_error *err)
{
    struct sqlite_broker *self = bq_sqlite_broker_of(broker);
    bq_auto(limit_list) struct barq_limit_info *limits = calloc(BARQ_LIST_MAX, sizeof(*limits));
    size_t filled = 0;
    struct queue_tx tx;

    if (!limits) {
        return bq_fail(err, BARQ_ERR_NOMEM, "sqlite: out of memory");
    }
    enum barq_status status = bq_client_begin(self, &tx, BQ_DB_READ, timeout_ms, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bq_client_end(self, &tx, list_limits(&tx, queue, arena, limits, &filled));
    if (status != BARQ_OK) {
        return status;
    }
    struct barq_limit_info *kept = bq_arena_memdup(arena, limits, filled * sizeof(*limits));
    if (!kept) {
        return bq_fail(err, BARQ_ERR_NOMEM, "sqlite: no room for the list of limits");
    }
    *out = kept;
    *count = filled;
    return BARQ_OK;
}
