#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "db/sqlite.h"

/* What SQLite's primary result codes mean; what isn't here is BARQ_ERR_SQL. */
static const struct {
    int code;
    enum barq_status status;
} meanings[] = {
    {SQLITE_BUSY, BARQ_ERR_BUSY},          {SQLITE_PROTOCOL, BARQ_ERR_BUSY},
    {SQLITE_NOMEM, BARQ_ERR_NOMEM},        {SQLITE_READONLY, BARQ_ERR_DENIED},
    {SQLITE_PERM, BARQ_ERR_DENIED},        {SQLITE_AUTH, BARQ_ERR_DENIED},
    {SQLITE_CORRUPT, BARQ_ERR_CORRUPT},    {SQLITE_NOTADB, BARQ_ERR_CORRUPT},
    {SQLITE_FULL, BARQ_ERR_FULL},          {SQLITE_TOOBIG, BARQ_ERR_LIMIT},
    {SQLITE_INTERRUPT, BARQ_ERR_CANCELED}, {SQLITE_NOLFS, BARQ_ERR_LIMIT},
    {SQLITE_MISUSE, BARQ_ERR_BUG},
};

/* What a person can do about it; NULL: the sentence says all. */
static const char *advice(enum barq_status status, int code)
{
    if ((code & 0xff) == SQLITE_NOTADB) {
        return "move that file away, or name another one";
    }
    /* clang-format off */
    static const char *const advices[] = {
        [BARQ_ERR_BUSY] = "another process is writing to it; is one stuck?",
        [BARQ_ERR_FULL] = "make room on its disk, or raise its size limit",
        [BARQ_ERR_CORRUPT] = "stop what uses it, keep a copy, and restore a backup",
        [BARQ_ERR_DENIED] = "this user must be able to write to the file and to its folder",
        [BARQ_ERR_NOTFOUND] = "make its folder first",
        [BARQ_ERR_ARG] = "that is a folder; name a file",
        [BARQ_ERR_IO] = "look at its disk",
    };
    /* clang-format on */
    size_t at = (size_t)status;
    return at < sizeof(advices) / sizeof(advices[0]) ? advices[at] : NULL;
}

/* What the operating system said when a file could not be opened. */
static enum barq_status status_of_opening(int number)
{
    switch (number) {
    case EACCES:
    case EPERM:
    case EROFS:
        return BARQ_ERR_DENIED;
    case ENOENT:
    case ENOTDIR:
        return BARQ_ERR_NOTFOUND;
    case EISDIR:
        return BARQ_ERR_ARG;
    default:
        return BARQ_ERR_IO;
    }
}

/* Of the last write to the log or the database: the thread's errno may be a later one. */
static int errno_of_write(struct bq_sqlite *db)
{
    static const int pointers[] = {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER};
    int number = 0;

    for (size_t i = 0; i < 2 && number == 0; i++) {
        sqlite3_file *file = NULL;

        sqlite3_file_control(db->handle, "main", pointers[i], &file);
        if (file && file->pMethods) {
            file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &number);
        }
    }
    return number;
}

static bool has_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : NULL;
    bool there = folder && access(folder, F_OK) == 0;

    free(folder);
    return there;
}

/* SQLite tries again for reading only, and what it says then hides why it may not write. */
static int errno_of_opening(struct bq_sqlite *db)
{
    int number = sqlite3_system_errno(db->handle);

    return number == ENOENT && has_folder(db->path) ? EACCES : number;
}

/* What the operating system said; 0: it has no part in this. */
static int errno_of(struct bq_sqlite *db, int code)
{
    int primary = code & 0xff;

    if (code == SQLITE_IOERR_WRITE) {
        return errno_of_write(db);
    }
    if (primary == SQLITE_CANTOPEN) {
        return errno_of_opening(db);
    }
    return primary == SQLITE_IOERR ? sqlite3_system_errno(db->handle) : 0;
}

static enum barq_status status_of_file(int primary, int number)
{
    if (number == ENOSPC || number == EFBIG || number == EDQUOT) {
        return BARQ_ERR_FULL; /* which SQLite says of ENOSPC only */
    }
    return primary == SQLITE_CANTOPEN ? status_of_opening(number) : BARQ_ERR_IO;
}

static enum barq_status status_of_primary(int primary)
{
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
        if (meanings[i].code == primary) {
            return meanings[i].status;
        }
    }
    return BARQ_ERR_SQL;
}

static enum barq_status status_of(int code, int number)
{
    int primary = code & 0xff;

    switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return BARQ_ERR_EXISTS;
    case SQLITE_IOERR_NOMEM:
        return BARQ_ERR_NOMEM;
    case SQLITE_CANTOPEN_ISDIR:
        return BARQ_ERR_ARG;
    default:
        break;
    }
    bool file = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN;
    return file ? status_of_file(primary, number) : status_of_primary(primary);
}

static bool past_limit(const struct bq_sqlite *db)
{
    return db->until_ms != 0 && bq_mono_ms() >= db->until_ms;
}

bool bq_sqlite_stopped(const struct bq_sqlite *db)
{
    return !db->unstoppable && (atomic_load(&db->canceled) || past_limit(db));
}

static enum barq_status fail_stopped(const struct bq_sqlite *db, struct barq_error *err)
{
    if (atomic_load(&db->canceled)) {
        return bq_fail(err, BARQ_ERR_CANCELED, "sqlite: canceled");
    }
    return bq_fail(err, BARQ_ERR_TIMEOUT, "sqlite: the time for it was over");
}

enum barq_status bq_sqlite_check(const struct bq_sqlite *db, struct barq_error *err)
{
    if (bq_sqlite_stopped(db)) {
        return fail_stopped(db, err);
    }
    if (!db->handle) {
        return bq_fail(err, BARQ_ERR_CONN, "sqlite: %s: not open", db->path);
    }
    return BARQ_OK;
}

/* A failure may be found by us, with no error of the connection's. */
static const char *message(struct bq_sqlite *db, int code)
{
    bool told = db->handle && sqlite3_errcode(db->handle) != SQLITE_OK;

    return told ? sqlite3_errmsg(db->handle) : sqlite3_errstr(code);
}

enum barq_status bq_sqlite_fail(struct bq_sqlite *db, int code, struct barq_error *err)
{
    int primary = code & 0xff;
    if ((primary == SQLITE_INTERRUPT || primary == SQLITE_BUSY) && bq_sqlite_stopped(db)) {
        return fail_stopped(db, err);
    }
    int number = errno_of(db, code);
    enum barq_status status = status_of(code, number);
    if (primary == SQLITE_AUTH && db->noted) {
        return bq_fail(err, status, "sqlite: not allowed here: %s", db->refusal);
    }

    const char *said = message(db, code);
    const char *todo = advice(status, code);
    if (!todo) {
        return bq_fail(err, status, "sqlite: %s", said);
    }
    const char *os = number != 0 ? strerrordesc_np(number) : NULL;
    return bq_fail(err, status, "sqlite: %s: %s%s%s%s: %s", db->path, said, os ? " (" : "",
                   os ? os : "", os ? ")" : "", todo);
}
