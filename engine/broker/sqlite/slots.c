#include <stdlib.h>
#include <string.h>

#include "broker/sqlite/limits.h"

void bq_ended_slots_drop(struct ended_slots *ended)
{
    free(ended->slots[0]);
    free(ended->slots[1]);
}

/* Mostly nothing is held, and then nobody cares for slots; asked once in a transaction. */
static enum barq_status ask_held(struct queue_tx *tx)
{
    int64_t some = 0;

    if (tx->held_asked) {
        return BARQ_OK;
    }
    enum barq_status status =
        bq_db_query_int(tx->db, "SELECT 1 FROM barq_slots LIMIT 1", NULL, 0, 0, &some, tx->err);
    tx->held_asked = status == BARQ_OK;
    tx->some_held = some != 0;
    return status;
}

static char *copy_of(const struct bq_rows *row, int column, bool *failed)
{
    const char *text = bq_rows_text(row, column);
    char *copy = text ? strdup(text) : NULL;

    *failed = *failed || (text && !copy);
    return copy;
}

enum barq_status bq_tx_end_slots(struct queue_tx *tx, int64_t seq, bool unstarted,
                                 struct ended_slots *out)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool failed = false;
    bool more = false;

    enum barq_status status = ask_held(tx);
    if (status != BARQ_OK || (!tx->some_held && !unstarted)) {
        return status;
    }
    status =
        bq_tx_query(tx, &rows, "SELECT slot, key_slot, claimed_at FROM barq_running WHERE seq = ?1",
                    barq_sql_int(seq));
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, tx->err);
    }
    if (status != BARQ_OK || !more) {
        return status;
    }
    out->slots[0] = copy_of(rows, 0, &failed);
    out->slots[1] = copy_of(rows, 1, &failed);
    out->claimed_at = bq_rows_int(rows, 2);
    return failed ? bq_fail(tx->err, BARQ_ERR_NOMEM, "sqlite: no memory for a job's slots")
                  : BARQ_OK;
}

static enum barq_status free_slot(struct queue_tx *tx, const char *slot)
{
    enum barq_status status = bq_tx_exec(tx, "UPDATE barq_slots SET look_at = ?2 WHERE slot = ?1",
                                         barq_sql_text(slot), barq_sql_int(tx->now_ms));

    tx->woke = tx->woke || bq_db_changes(tx->db) > 0;
    return status;
}

enum barq_status bq_tx_free_slots(struct queue_tx *tx, const struct ended_slots *ended, int64_t seq,
                                  int64_t claim, bool unstarted)
{
    enum barq_status status = BARQ_OK;

    for (int i = 0; status == BARQ_OK && i < 2; i++) {
        if (ended->slots[i] && unstarted) {
            status = bq_tx_exec(
                tx,
                "DELETE FROM barq_starts WHERE slot = ?1 AND at = ?2 AND seq = ?3 AND claim = ?4",
                barq_sql_text(ended->slots[i]), barq_sql_int(ended->claimed_at), barq_sql_int(seq),
                barq_sql_int(claim));
        }
        if (status == BARQ_OK && ended->slots[i]) {
            status = free_slot(tx, ended->slots[i]);
        }
    }
    return status;
}

enum barq_status bq_tx_free_worker(struct queue_tx *tx, int64_t worker)
{
    enum barq_status status = ask_held(tx);
    if (status != BARQ_OK || !tx->some_held) {
        return status;
    }
    return bq_tx_exec(tx,
                      "UPDATE barq_slots SET look_at = ?2 WHERE slot IN"
                      " (SELECT slot FROM barq_running WHERE worker = ?1 AND slot IS NOT NULL"
                      " UNION SELECT key_slot FROM barq_running WHERE worker = ?1"
                      " AND key_slot IS NOT NULL)",
                      barq_sql_int(worker), barq_sql_int(tx->now_ms));
}

enum barq_status bq_tx_prune_starts(struct queue_tx *tx, int64_t max)
{
    const struct barq_scalar params[] = {barq_sql_int(tx->now_ms)};
    int64_t over = 0;

    enum barq_status status =
        bq_db_query_int(tx->db, "SELECT 1 FROM barq_starts WHERE until <= ?1 LIMIT 1", params, 1, 0,
                        &over, tx->err);
    if (status != BARQ_OK || !over) {
        return status;
    }
    return bq_tx_exec(tx,
                      "DELETE FROM barq_starts WHERE (slot, at, seq, claim) IN (SELECT slot, at,"
                      " seq, claim FROM barq_starts WHERE until <= ?1 ORDER BY until LIMIT ?2)",
                      barq_sql_int(tx->now_ms), barq_sql_int(max));
}
