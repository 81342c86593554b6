#include "db/sqlite.h"

/* So long a log is copied into the file after each commit; so long a one is made to begin anew. */
enum { COPY_PAGES = 1000, STOP_PAGES = 4000, STOP_AGAIN_PAGES = 1000, STOP_MAX_MS = 50 };

/*
 * Copying alone lets the log grow for ever while several processes write all the time: who commits
 * meanwhile keeps it from being wholly copied, and only then does it begin anew. So all others are
 * stopped for a moment.
 */
static bool begin_anew(struct bq_sqlite *db, const char *schema, int pages)
{
    int64_t busy_ms = db->busy_ms;

    db->busy_ms = STOP_MAX_MS;
    int code = sqlite3_wal_checkpoint_v2(db->handle, schema, SQLITE_CHECKPOINT_RESTART, NULL, NULL);
    db->busy_ms = busy_ms;
    /* Somebody reads: he is given time, and those who commit are not made to wait again and again. */
    db->stop_at_pages = code == SQLITE_OK ? STOP_PAGES : pages + STOP_AGAIN_PAGES;
    return code == SQLITE_OK;
}

/* The commit is done, whatever comes of this. */
int bq_sqlite_committed(void *base, sqlite3 *handle, const char *schema, int pages)
{
    struct bq_sqlite *db = base;

    if (pages < STOP_PAGES) {
        db->stop_at_pages = STOP_PAGES;
    }
    if (pages >= db->stop_at_pages && begin_anew(db, schema, pages)) {
        return SQLITE_OK;
    }
    if (pages >= COPY_PAGES) {
        (void)sqlite3_wal_checkpoint_v2(handle, schema, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    }
    return SQLITE_OK;
}
