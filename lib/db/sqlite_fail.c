#include <errno.h>
#include <string.h>

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

/* SQLite calls only ENOSPC full. Of other numbers one may be older than the failure. */
static enum barq_status status_of_file(int primary, int number)
{
    if (number == ENOSPC || number == EFBIG || number == EDQUOT) {
        return BARQ_ERR_FULL;
    }
    return primary == SQLITE_CANTOPEN ? status_of_opening(number) : BARQ_ERR_IO;
}

static enum barq_status status_of(struct bq_sqlite *db, int code)
{
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

    int primary = code & 0xff;
    if (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN) {
        return status_of_file(primary, sqlite3_system_errno(db->handle));
    }
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
        if (meanings[i].code == primary) {
            return meanings[i].status;
        }
    }
    return BARQ_ERR_SQL;
}

/* " (File too large)", or "" when the operating system has no part in it. */
static void errno_text(struct bq_sqlite *db, int code, char *out, size_t size)
{
    int primary = code & 0xff;
    int number = sqlite3_system_errno(db->handle);
    const char *meaning = strerrordesc_np(number);
    bool told = (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN) && number != 0;

    sqlite3_snprintf((int)size, out, told && meaning ? " (%s)" : "", meaning);
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
    enum barq_status status = status_of(db, code);
    if (primary == SQLITE_AUTH && db->noted) {
        return bq_fail(err, status, "sqlite: not allowed here: %s", db->refusal);
    }

    const char *said = message(db, code);
    const char *todo = advice(status, code);
    if (!todo) {
        return bq_fail(err, status, "sqlite: %s", said);
    }
    char os[64];
    errno_text(db, code, os, sizeof(os));
    return bq_fail(err, status, "sqlite: %s: %s%s: %s", db->path, said, os, todo);
}
