#include "db/sqlite_copy.h"

#include <time.h>

#include <sqlite3.h>

#include "base/auto.h"
#include "base/time.h"

enum { PAUSE_MS = 5 };

static void bq_sqlite_handle_drop(sqlite3 **db)
{
    sqlite3_close(*db);
}

static enum barq_status fail(sqlite3 *db, const char *path, int code, struct barq_error *err)
{
    int primary = code & 0xff;
    enum barq_status status = primary == SQLITE_BUSY || primary == SQLITE_LOCKED ? BARQ_ERR_BUSY
                              : primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB
                                  ? BARQ_ERR_CORRUPT
                              : primary == SQLITE_FULL     ? BARQ_ERR_FULL
                              : primary == SQLITE_NOMEM    ? BARQ_ERR_NOMEM
                              : primary == SQLITE_READONLY ? BARQ_ERR_DENIED
                              : primary == SQLITE_CANTOPEN ? BARQ_ERR_NOTFOUND
                                                           : BARQ_ERR_IO;

    return bq_fail(err, status, "sqlite: %s: %s", path, db ? sqlite3_errmsg(db) : "out of memory");
}

static enum barq_status open_at(const char *path, int flags, sqlite3 **out, struct barq_error *err)
{
    int code = sqlite3_open_v2(path, out, flags | SQLITE_OPEN_READWRITE, NULL);

    return code == SQLITE_OK ? BARQ_OK : fail(*out, path, code, err);
}

/* A copy of a damaged database would be one more of them. */
static enum barq_status check(sqlite3 *db, const char *path, struct barq_error *err)
{
    sqlite3_stmt *stmt = NULL;

    int code = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &stmt, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(stmt);
    }
    const char *said = code == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
    bool good = said && sqlite3_stricmp(said, "ok") == 0;
    enum barq_status status = good ? BARQ_OK
                              : code == SQLITE_ROW
                                  ? bq_fail(err, BARQ_ERR_CORRUPT, "sqlite: %s is damaged", path)
                                  : fail(db, path, code, err);
    sqlite3_finalize(stmt);
    return status;
}

/* All pages in one step: so they are of one instant, and appear in one. */
static int step_until(sqlite3_backup *backup, int64_t busy_ms)
{
    int64_t begun_ms = bq_mono_ms();

    for (;;) {
        int code = sqlite3_backup_step(backup, -1);
        if ((code != SQLITE_BUSY && code != SQLITE_LOCKED) || bq_mono_ms() - begun_ms >= busy_ms) {
            return code;
        }
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
    }
}

static enum barq_status copy(sqlite3 *from, sqlite3 *to, const char *path, int64_t busy_ms,
                             struct barq_error *err)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (!backup) {
        return fail(to, path, sqlite3_errcode(to), err);
    }

    int code = step_until(backup, busy_ms);
    int end = sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE) {
        return fail(to, path, end != SQLITE_OK ? end : code, err);
    }
    return BARQ_OK;
}

enum barq_status bq_sqlite_copy(const char *from, const char *to, bool alone, int64_t busy_ms,
                                struct barq_error *err)
{
    bq_auto(sqlite_handle) sqlite3 *source = NULL;
    bq_auto(sqlite_handle) sqlite3 *target = NULL;

    enum barq_status status = open_at(from, 0, &source, err);
    if (status == BARQ_OK) {
        sqlite3_busy_timeout(source, (int)busy_ms);
        status = check(source, from, err);
    }
    if (status == BARQ_OK) {
        status = open_at(to, SQLITE_OPEN_CREATE, &target, err);
    }
    if (status == BARQ_OK) {
        sqlite3_busy_timeout(target, (int)busy_ms);
        status = copy(source, target, to, busy_ms, err);
    }
    if (status == BARQ_OK && alone) {
        int code = sqlite3_exec(target, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
        return code == SQLITE_OK ? BARQ_OK : fail(target, to, code, err);
    }
    return status;
}
