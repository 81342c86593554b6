#include "broker/sqlite/tables.h"

#include "base/auto.h"

/*
 * A claim must not write a job's payload again, so what changes with it is in the small tables
 * barq_waiting and barq_running. A result takes its payload's place.
 */
static const char version_1[] =
    "CREATE TABLE barq_queues ("
    " queue INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL UNIQUE,"
    " waiting INTEGER NOT NULL DEFAULT 0,"
    " running INTEGER NOT NULL DEFAULT 0,"
    " complete INTEGER NOT NULL DEFAULT 0,"
    " failed INTEGER NOT NULL DEFAULT 0);"

    "CREATE TABLE barq_jobs ("
    " seq INTEGER PRIMARY KEY,"
    " id TEXT NOT NULL UNIQUE CHECK (typeof(id) = 'text' AND instr(id, char(0)) = 0"
    "  AND length(CAST(id AS BLOB)) BETWEEN 1 AND 512),"
    " queue INTEGER NOT NULL,"
    " state INTEGER NOT NULL DEFAULT 0,"
    " due_at INTEGER NOT NULL,"
    " enqueued_at INTEGER NOT NULL,"
    " expires_at INTEGER NOT NULL,"
    " claimed_before INTEGER NOT NULL,"
    " aborted INTEGER NOT NULL DEFAULT 0,"
    " alone INTEGER NOT NULL DEFAULT 0,"
    " tries INTEGER NOT NULL DEFAULT 0,"
    " losses INTEGER NOT NULL DEFAULT 0,"
    " crashes INTEGER NOT NULL DEFAULT 0,"
    " history TEXT,"
    " finished_at INTEGER NOT NULL DEFAULT 0,"
    " result_until INTEGER NOT NULL DEFAULT 0,"
    " gone_at INTEGER,"
    " payload BLOB,"
    " result BLOB);"
    "CREATE INDEX barq_jobs_gone ON barq_jobs (gone_at) WHERE gone_at IS NOT NULL;"
    "CREATE INDEX barq_jobs_aborted ON barq_jobs (aborted) WHERE aborted = 1;"
    "CREATE INDEX barq_jobs_failed ON barq_jobs (state) WHERE state = 2;"

    "CREATE TABLE barq_waiting ("
    " queue INTEGER NOT NULL,"
    " lost INTEGER NOT NULL,"
    " due_at INTEGER NOT NULL,"
    " seq INTEGER NOT NULL,"
    " PRIMARY KEY (queue, lost, due_at, seq)) WITHOUT ROWID;"

    "CREATE TABLE barq_running ("
    " seq INTEGER PRIMARY KEY,"
    " worker INTEGER NOT NULL,"
    " claim INTEGER NOT NULL,"
    " claimed_at INTEGER NOT NULL);"

    "CREATE TABLE barq_workers ("
    " worker INTEGER PRIMARY KEY AUTOINCREMENT,"
    " queue INTEGER NOT NULL,"
    " name TEXT NOT NULL,"
    " host TEXT NOT NULL,"
    " boot TEXT NOT NULL,"
    " lease_until INTEGER NOT NULL);";

/*
 * A job's turn (priority), what holds it back (limits, other jobs, a paused queue), and what is told
 * of it meanwhile. A report is beside its job for the same reason: a payload is not written again.
 */
static const char version_2[] =
    "ALTER TABLE barq_queues ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE barq_queues ADD COLUMN held INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE barq_queues ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE barq_jobs ADD COLUMN function TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE barq_jobs ADD COLUMN key TEXT;"
    "ALTER TABLE barq_jobs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE barq_jobs ADD COLUMN after_failed INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE barq_jobs ADD COLUMN refusal TEXT;"
    "ALTER TABLE barq_running ADD COLUMN slot TEXT;"
    "ALTER TABLE barq_running ADD COLUMN key_slot TEXT;"
    "ALTER TABLE barq_workers ADD COLUMN queues TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE barq_workers ADD COLUMN started_at INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE barq_workers ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE barq_workers ADD COLUMN executors INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE barq_workers ADD COLUMN threads INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE barq_workers ADD COLUMN running INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE barq_workers ADD COLUMN complete INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE barq_workers ADD COLUMN failed INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE barq_workers ADD COLUMN retried INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX barq_running_slot ON barq_running (slot) WHERE slot IS NOT NULL;"
    "CREATE INDEX barq_running_key_slot ON barq_running (key_slot) WHERE key_slot IS NOT NULL;"

    "ALTER TABLE barq_waiting RENAME TO barq_waiting_1;"
    "CREATE TABLE barq_waiting ("
    " queue INTEGER NOT NULL,"
    " lost INTEGER NOT NULL,"
    " priority INTEGER NOT NULL DEFAULT 0,"
    " due_at INTEGER NOT NULL,"
    " seq INTEGER NOT NULL,"
    " PRIMARY KEY (queue, lost, priority, due_at, seq)) WITHOUT ROWID;"
    "INSERT INTO barq_waiting (queue, lost, due_at, seq)"
    " SELECT queue, lost, due_at, seq FROM barq_waiting_1;"
    "DROP TABLE barq_waiting_1;"

    "CREATE TABLE barq_limits ("
    " function TEXT NOT NULL,"
    " queue INTEGER NOT NULL,"
    " slot TEXT,"
    " max_running INTEGER NOT NULL,"
    " max_starts INTEGER NOT NULL,"
    " per_ms INTEGER NOT NULL,"
    " key_slot TEXT,"
    " key_max_running INTEGER NOT NULL,"
    " key_max_starts INTEGER NOT NULL,"
    " key_per_ms INTEGER NOT NULL,"
    " PRIMARY KEY (queue, function)) WITHOUT ROWID;"
    "CREATE TABLE barq_starts ("
    " slot TEXT NOT NULL,"
    " at INTEGER NOT NULL,"
    " seq INTEGER NOT NULL,"
    " claim INTEGER NOT NULL,"
    " until INTEGER NOT NULL,"
    " PRIMARY KEY (slot, at, seq, claim)) WITHOUT ROWID;"
    "CREATE INDEX barq_starts_until ON barq_starts (until);"
    "CREATE TABLE barq_held ("
    " queue INTEGER NOT NULL,"
    " slot TEXT NOT NULL,"
    " turn INTEGER NOT NULL,"
    " seq INTEGER NOT NULL UNIQUE,"
    " PRIMARY KEY (queue, slot, turn, seq)) WITHOUT ROWID;"
    "CREATE TABLE barq_slots ("
    " slot TEXT NOT NULL,"
    " queue INTEGER NOT NULL,"
    " look_at INTEGER,"
    " judged_turn INTEGER,"
    " judged_seq INTEGER,"
    " PRIMARY KEY (slot, queue)) WITHOUT ROWID;"
    "CREATE INDEX barq_slots_look ON barq_slots (queue, look_at);"

    "CREATE TABLE barq_after ("
    " seq INTEGER NOT NULL,"
    " waiter INTEGER NOT NULL,"
    " PRIMARY KEY (seq, waiter)) WITHOUT ROWID;"
    "CREATE INDEX barq_after_waiter ON barq_after (waiter);"
    "CREATE TABLE barq_ended ("
    " seq INTEGER PRIMARY KEY,"
    " refusal TEXT);"

    "CREATE TABLE barq_reports ("
    " seq INTEGER PRIMARY KEY,"
    " done INTEGER NOT NULL DEFAULT 0,"
    " total INTEGER NOT NULL DEFAULT 0,"
    " note TEXT,"
    " at INTEGER NOT NULL DEFAULT 0,"
    " log TEXT);"
    /* A job's number may be used again: what was told of it must go with it, whoever deletes it. */
    "CREATE TRIGGER barq_jobs_reports AFTER DELETE ON barq_jobs BEGIN"
    " DELETE FROM barq_reports WHERE seq = old.seq; END;"

    "CREATE TABLE barq_crons ("
    " queue INTEGER NOT NULL,"
    " name TEXT NOT NULL,"
    " function TEXT NOT NULL,"
    " schedule TEXT NOT NULL,"
    " time_zone TEXT NOT NULL,"
    " since INTEGER NOT NULL,"
    " last_at INTEGER NOT NULL,"
    " next_at INTEGER NOT NULL,"
    " PRIMARY KEY (queue, name)) WITHOUT ROWID;";

/* What a worker tells of its functions and executors. */
static const char version_3[] = "ALTER TABLE barq_workers ADD COLUMN tally TEXT;";

static const char *const versions[] = {version_1, version_2, version_3, NULL};

enum barq_status bq_queue_migrate(struct bq_db *db, int *from, int *to, struct barq_error *err)
{
    return bq_db_migrate(db, "barq_queue_version", versions, from, to, err);
}

enum barq_status bq_queue_open(const char *url, struct bq_db **out, struct barq_error *err)
{
    bq_auto(db) struct bq_db *db = NULL;

    enum barq_status status = bq_db_open(url, NULL, &db, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (!bq_db_path(db)) {
        return bq_fail(err, BARQ_ERR_ARG, "sqlite: a queue needs a file of its own");
    }
    status = bq_queue_migrate(db, NULL, NULL, err);
    if (status != BARQ_OK) {
        return status;
    }
    *out = bq_take(db);
    return BARQ_OK;
}
