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

static const char *const versions[] = {version_1, NULL};

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
