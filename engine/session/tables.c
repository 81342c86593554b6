#include "session/inside.h"

/* A step is never changed once it was released; docs/formats/ has the tables. */
static const char *const steps[] = {
    "CREATE TABLE barq_receipts ("
    "    job_id TEXT NOT NULL,"
    "    queue TEXT NOT NULL,"
    "    enqueued_at_ms INTEGER NOT NULL,"
    "    nonce TEXT NOT NULL,"
    "    outcome TEXT NOT NULL CHECK (outcome IN ('complete', 'failed')),"
    "    result BLOB NOT NULL,"
    "    keep_result_ms INTEGER NOT NULL,"
    "    written_at_ms INTEGER NOT NULL,"
    "    PRIMARY KEY (job_id, queue, enqueued_at_ms, nonce)"
    ") WITHOUT ROWID;"
    "CREATE INDEX barq_receipts_written ON barq_receipts (written_at_ms);"
    "CREATE TABLE barq_outbox ("
    "    seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    "    parent_id TEXT,"
    "    parent_queue TEXT,"
    "    parent_enqueued_at_ms INTEGER,"
    "    parent_nonce TEXT,"
    "    job_id TEXT NOT NULL,"
    "    queue TEXT NOT NULL,"
    "    enqueued_at_ms INTEGER NOT NULL,"
    "    due_at_ms INTEGER NOT NULL,"
    "    expires_at_ms INTEGER NOT NULL DEFAULT 0,"
    "    payload BLOB NOT NULL"
    ");"
    "CREATE INDEX barq_outbox_parent ON barq_outbox"
    "    (parent_id, parent_queue, parent_enqueued_at_ms, parent_nonce);",
    /* What a broker is told beside the payload. */
    "ALTER TABLE barq_outbox ADD COLUMN function TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE barq_outbox ADD COLUMN key TEXT;"
    "ALTER TABLE barq_outbox ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE barq_outbox ADD COLUMN after TEXT;"
    "ALTER TABLE barq_outbox ADD COLUMN after_failed INTEGER NOT NULL DEFAULT 0;",
    NULL,
};

enum barq_status bq_session_tables(struct bq_db *db, int *from, int *to, struct barq_error *err)
{
    return bq_db_migrate(db, "barq_migrations", steps, from, to, err);
}
