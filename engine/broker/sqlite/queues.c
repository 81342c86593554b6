#include "broker/sqlite/queues.h"

#include <stdlib.h>
#include <string.h>

#include "broker/sqlite/broker.h"

bool bq_queues_init(struct worker_queues *queues, const char *const *names, size_t count)
{
    *queues = (struct worker_queues){.all = calloc(count, sizeof(*queues->all))};
    for (size_t i = 0; queues->all && i < count; i++) {
        queues->all[i].name = strdup(names[i]);
        queues->count++;
        if (!queues->all[i].name) {
            return false;
        }
    }
    return queues->all != NULL;
}

void bq_queues_clear(struct worker_queues *queues)
{
    for (size_t i = 0; i < queues->count; i++) {
        free(queues->all[i].name);
    }
    free(queues->all);
    *queues = (struct worker_queues){0};
}

static enum barq_status read_queue(struct queue_tx *tx, struct worker_queue *queue, bool *found)
{
    bq_auto(rows) struct bq_rows *rows = NULL;

    enum barq_status status =
        bq_tx_query(tx, &rows,
                    "SELECT queue, paused, EXISTS (SELECT 1 FROM barq_limits l"
                    " WHERE l.queue = q.queue) OR EXISTS (SELECT 1 FROM barq_slots s"
                    " WHERE s.queue = q.queue) FROM barq_queues q WHERE name = ?1",
                    barq_sql_text(queue->name));
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, found, tx->err);
    }
    if (status == BARQ_OK && *found) {
        queue->queue = bq_rows_int(rows, 0);
        queue->paused = bq_rows_int(rows, 1) != 0;
        queue->limited = bq_rows_int(rows, 2) != 0;
    }
    return status;
}

enum barq_status bq_tx_read_queues(struct queue_tx *tx, struct worker_queues *queues)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < queues->count; i++) {
        struct worker_queue *queue = &queues->all[i];
        bool found = false;

        status = read_queue(tx, queue, &found);
        if (status == BARQ_OK && !found) {
            queue->paused = false;
            status = bq_tx_queue(tx, queue->name, &queue->queue);
        }
    }
    return status;
}

/* What is stored, and what this transaction changes of it. */
static enum barq_status count_queue(struct queue_tx *tx, const struct worker_queue *queue,
                                    int64_t *out)
{
    const struct barq_scalar params[] = {barq_sql_int(queue->queue)};
    int64_t count = 0;

    enum barq_status status = bq_db_query_int(
        tx->db,
        "SELECT running + CASE paused WHEN 1 THEN 0 ELSE waiting END FROM barq_queues"
        " WHERE queue = ?1",
        params, 1, 0, &count, tx->err);
    for (size_t i = 0; i < tx->n_counts; i++) {
        const struct queue_counts *change = &tx->counts[i];

        if (change->queue == queue->queue) {
            count += change->running + (queue->paused ? 0 : change->waiting);
        }
    }
    *out += count;
    return status;
}

enum barq_status bq_tx_count_unfinished(struct queue_tx *tx, const struct worker_queues *queues,
                                        int64_t *out)
{
    enum barq_status status = BARQ_OK;

    *out = 0;
    for (size_t i = 0; status == BARQ_OK && i < queues->count; i++) {
        status = count_queue(tx, &queues->all[i], out);
    }
    return status;
}

enum barq_status bq_queue_pause(struct bq_broker *broker, const char *queue, bool paused,
                                int64_t timeout_ms, struct barq_error *err)
{
    struct sqlite_broker *self = bq_sqlite_broker_of(broker);
    struct queue_tx tx;
    int64_t number = 0;

    enum barq_status status = bq_client_begin(self, &tx, BQ_DB_WRITE, timeout_ms, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bq_tx_queue(&tx, queue, &number);
    if (status == BARQ_OK) {
        status = bq_tx_exec(&tx, "UPDATE barq_queues SET paused = ?2 WHERE queue = ?1",
                            barq_sql_int(number), barq_sql_int(paused));
    }
    tx.woke = !paused;
    return bq_client_end(self, &tx, status);
}
