#include "db/sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fault.h"
#include "base/time.h"

enum {
    BUSY_DEFAULT_MS = 10 * 1000,
    SLEEP_MIN_US = 200,
    SLEEP_MAX_US = 1000,
    PROGRESS_OPS = 1000, /* some ten microseconds of work between two looks at the flag */
};

static struct bq_sqlite *sqlite_of(struct bq_db *base)
{
    return (struct bq_sqlite *)base;
}

/* xorshift64: whoever waits beside us must not sleep in step. */
static void sleep_jittered(struct bq_sqlite *db)
{
    db->random ^= db->random << 13;
    db->random ^= db->random >> 7;
    db->random ^= db->random << 17;

    long us = SLEEP_MIN_US + (long)(db->random % (SLEEP_MAX_US - SLEEP_MIN_US));
    struct timespec pause = {.tv_nsec = us * 1000};
    nanosleep(&pause, NULL);
}

/* May a lock be tried for once more? */
static int wait_for_lock(void *base, int times)
{
    struct bq_sqlite *db = base;
    int64_t now_ms = bq_mono_ms();

    if (times == 0) {
        db->waiting_ms = now_ms;
    }
    if (bq_sqlite_stopped(db) || now_ms - db->waiting_ms >= db->busy_ms) {
        return 0;
    }
    bq_fault("db.waiting");
    sleep_jittered(db);
    return 1;
}

static int stop_when_told(void *base)
{
    return bq_sqlite_stopped(base);
}

/* A statement of the driver's own, which no guard concerns. */
static enum barq_status run_own(struct bq_sqlite *db, const char *sql, struct barq_error *err)
{
    db->own = true;
    enum barq_status status = bq_sqlite_exec(&db->base, sql, NULL, 0, err);
    db->own = false;
    return status;
}

/*
 * SQLite does not always ask the busy handler here, when several processes
 * make the same new database.
 */
static enum barq_status enter_wal(struct bq_sqlite *db, struct barq_error *err)
{
    int64_t begun_ms = bq_mono_ms();
    enum barq_status status = run_own(db, "PRAGMA journal_mode = WAL", err);

    while (status == BARQ_ERR_BUSY && bq_mono_ms() - begun_ms < db->busy_ms) {
        sleep_jittered(db);
        status = run_own(db, "PRAGMA journal_mode = WAL", err);
    }
    return status;
}

/* On a file system that has no shared memory, SQLite stays in another mode and says nothing. */
static enum barq_status check_wal(struct bq_sqlite *db, struct barq_error *err)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    enum barq_status status =
        bq_sqlite_query(&db->base, "PRAGMA journal_mode", NULL, 0, &rows, err);
    if (status == BARQ_OK) {
        status = bq_sqlite_rows_next(rows, &more, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    const char *mode = more ? bq_rows_text(rows, 0) : NULL;
    if (!mode || sqlite3_stricmp(mode, "wal") != 0) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "sqlite: %s: its file system does not allow WAL: use a local disk",
                       db->path);
    }
    return BARQ_OK;
}

static void install_handlers(struct bq_sqlite *db)
{
    sqlite3_busy_handler(db->handle, wait_for_lock, db);
    sqlite3_progress_handler(db->handle, PROGRESS_OPS, stop_when_told, db);
    sqlite3_set_authorizer(db->handle, bq_sqlite_authorize, db);
    sqlite3_wal_hook(db->handle, bq_sqlite_committed, db);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
}

static enum barq_status set_up(struct bq_sqlite *db, struct barq_error *err)
{
    install_handlers(db);
    if (sqlite3_db_readonly(db->handle, "main") == 1) {
        return bq_sqlite_fail(db, SQLITE_READONLY, err);
    }
    enum barq_status status = enter_wal(db, err);
    if (status == BARQ_OK) {
        status = check_wal(db, err);
    }
    if (status == BARQ_OK) {
        status = run_own(db, "PRAGMA synchronous = FULL", err);
    }
    if (status == BARQ_OK) {
        /* What a long reader has made of the log is given back: 32 MiB. */
        status = run_own(db, "PRAGMA journal_size_limit = 33554432", err);
    }
    if (status == BARQ_OK) {
        /* 2 MiB of what was read, since each thread that reads has its own; the system keeps the file, too. */
        status = run_own(db, "PRAGMA cache_size = -2048", err);
    }
    if (status == BARQ_OK) {
        /* But 8 MiB of what is to be written: pages of a batch are then written once, at its end. */
        status = run_own(db, "PRAGMA cache_spill = -8192", err);
    }
    return status;
}

static void disconnect(struct bq_sqlite *db)
{
    bq_sqlite_rows_end(db);
    bq_sqlite_forget_all(db);
    sqlite3_close(db->handle);
    db->handle = NULL;
    db->dirty = false;
}

static enum barq_status connect_to(struct bq_sqlite *db, struct barq_error *err)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(db->path, &db->handle, flags, NULL);

    enum barq_status status = code == SQLITE_OK ? set_up(db, err) : bq_sqlite_fail(db, code, err);
    if (status != BARQ_OK) {
        disconnect(db);
    }
    return status;
}

static enum barq_status check_dsn(const struct bq_dsn *dsn, struct barq_error *err)
{
    if (*dsn->hosts || *dsn->user || *dsn->password) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "sqlite: an absolute path has three slashes (sqlite:///var/lib/data.db)");
    }
    if (*dsn->options) {
        size_t len = strcspn(dsn->options, "=&");
        return bq_fail(err, BARQ_ERR_ARG, "sqlite: there is no option \"%.*s\"",
                       (int)(len < 64 ? len : 64), dsn->options);
    }
    if (*dsn->path == '\0' || *dsn->path == ':') {
        return bq_fail(err, BARQ_ERR_ARG, "sqlite: \"%.64s\" is no file name (sqlite:data.db)",
                       dsn->path);
    }
    return BARQ_OK;
}

/* Absolute, so that it stays the same file wherever the process goes; on the heap. */
static enum barq_status whole_path(const char *path, char **out, struct barq_error *err)
{
    bq_auto(memory) char *here = NULL;
    char *whole = NULL;

    if (*path != '/' && !(here = getcwd(NULL, 0))) {
        return bq_fail_errno(err, "sqlite: %s: in which folder?", path);
    }
    if (asprintf(&whole, "%s%s%s", here ? here : "", here ? "/" : "", path) < 0) {
        return bq_fail(err, BARQ_ERR_NOMEM, "sqlite: out of memory");
    }
    *out = whole;
    return BARQ_OK;
}

static void sqlite_close(struct bq_db *base)
{
    struct bq_sqlite *db = sqlite_of(base);

    bq_sqlite_rows_close_all(db);
    disconnect(db);
    free(db->path);
    free(db);
}

static struct bq_sqlite *new_sqlite(const struct bq_db_options *options)
{
    struct bq_sqlite *db = calloc(1, sizeof(*db));

    if (!db) {
        return NULL;
    }
    db->base.driver = &bq_db_sqlite;
    db->busy_ms = options->busy_ms > 0 ? options->busy_ms : BUSY_DEFAULT_MS;
    db->shared = options->shared;
    atomic_init(&db->canceled, false);
    bq_random(&db->random, sizeof(db->random));
    db->random |= 1;
    bq_list_init(&db->cache);
    bq_list_init(&db->rows);
    return db;
}

static enum barq_status sqlite_open(const struct bq_dsn *dsn, const struct bq_db_options *options,
                                    struct bq_db **out, struct barq_error *err)
{
    enum barq_status status = check_dsn(dsn, err);
    if (status != BARQ_OK) {
        return status;
    }
    struct bq_sqlite *db = new_sqlite(options);
    if (!db) {
        return bq_fail(err, BARQ_ERR_NOMEM, "sqlite: out of memory");
    }

    status = whole_path(dsn->path, &db->path, err);
    if (status == BARQ_OK) {
        status = connect_to(db, err);
    }
    if (status != BARQ_OK) {
        sqlite_close(&db->base);
        return status;
    }
    *out = &db->base;
    return BARQ_OK;
}

/* What was asked to stop is not the connection's making. */
static enum barq_status sqlite_reopen(struct bq_db *base, struct barq_error *err)
{
    struct bq_sqlite *db = sqlite_of(base);

    disconnect(db);
    db->unstoppable = true;
    enum barq_status status = connect_to(db, err);
    db->unstoppable = false;
    return status;
}

static bool sqlite_in_transaction(const struct bq_db *base)
{
    const struct bq_sqlite *db = (const struct bq_sqlite *)base;

    return db->handle && !sqlite3_get_autocommit(db->handle);
}

static bool sqlite_ready(struct bq_db *base)
{
    struct bq_sqlite *db = sqlite_of(base);
    int moved = 0;

    if (!db->handle || db->dirty || sqlite_in_transaction(base)) {
        return false;
    }
    int code = sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return code == SQLITE_OK && !moved;
}

static const char *sqlite_path(const struct bq_db *base)
{
    const struct bq_sqlite *db = (const struct bq_sqlite *)base;

    return db->handle ? sqlite3_db_filename(db->handle, "main") : db->path;
}

static enum barq_status sqlite_begin(struct bq_db *base, enum bq_db_mode mode,
                                     struct barq_error *err)
{
    struct bq_sqlite *db = sqlite_of(base);

    db->reading = mode == BQ_DB_READ;
    base->savepoints = 0;
    return run_own(db, db->reading ? "BEGIN" : "BEGIN IMMEDIATE", err);
}

static void sqlite_rollback(struct bq_db *base)
{
    struct bq_sqlite *db = sqlite_of(base);

    bq_sqlite_rows_end(db);
    if (!sqlite_in_transaction(base)) {
        return;
    }
    db->unstoppable = true;
    enum barq_status status = run_own(db, "ROLLBACK", NULL);
    db->unstoppable = false;
    if (status != BARQ_OK && sqlite_in_transaction(base)) {
        disconnect(db);
    }
}

/*
 * When the log was written but could not be synced, a crash of the machine may
 * bring the transaction back, unless somebody writes over it first.
 */
static enum barq_status doubtful(struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_CONN, "%s; it may have been committed", err ? err->text : "");
}

static enum barq_status sqlite_commit(struct bq_db *base, struct barq_error *err)
{
    struct bq_sqlite *db = sqlite_of(base);

    bq_sqlite_rows_end(db);
    if (atomic_load(&db->canceled)) {
        sqlite_rollback(base);
        return bq_fail(err, BARQ_ERR_CANCELED, "sqlite: canceled");
    }

    db->unstoppable = true;
    enum barq_status status = run_own(db, "COMMIT", err);
    db->unstoppable = false;
    if (status == BARQ_OK) {
        return BARQ_OK;
    }
    bool unsynced = sqlite3_extended_errcode(db->handle) == SQLITE_IOERR_FSYNC;
    sqlite_rollback(base);
    return unsynced ? doubtful(err) : status;
}

static enum barq_status sqlite_say(struct bq_db *base, const char *sql, struct barq_error *err)
{
    return run_own(sqlite_of(base), sql, err);
}

static void sqlite_guard(struct bq_db *base, bool on)
{
    sqlite_of(base)->guarded = on;
}

static void sqlite_cancel(struct bq_db *base, bool on)
{
    atomic_store(&sqlite_of(base)->canceled, on);
}

static void sqlite_until(struct bq_db *base, int64_t mono_ms)
{
    sqlite_of(base)->until_ms = mono_ms;
}

const struct bq_db_driver bq_db_sqlite = {
    .scheme = "sqlite",
    .open = sqlite_open,
    .reopen = sqlite_reopen,
    .close = sqlite_close,
    .ready = sqlite_ready,
    .path = sqlite_path,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .in_transaction = sqlite_in_transaction,
    .say = sqlite_say,
    .guard = sqlite_guard,
    .cancel = sqlite_cancel,
    .until = sqlite_until,
    .exec = bq_sqlite_exec,
    .script = bq_sqlite_script,
    .changes = bq_sqlite_changes,
    .query = bq_sqlite_query,
    .rows_next = bq_sqlite_rows_next,
    .rows_close = bq_sqlite_rows_close,
    .rows_columns = bq_sqlite_rows_columns,
    .rows_column = bq_sqlite_rows_column,
};
