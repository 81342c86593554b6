#include <string.h>

#include "db/sqlite.h"

/* Tables of barq's own; the prefix is reserved. */
#define OWN_PREFIX "barq_"

/* PRAGMAs that only read, whatever their argument. */
static const char *const asking[] = {
    "collation_list",   "compile_options", "database_list", "foreign_key_check",
    "foreign_key_list", "function_list",   "index_info",    "index_list",
    "index_xinfo",      "integrity_check", "module_list",   "pragma_list",
    "quick_check",      "table_info",      "table_list",    "table_xinfo",
};

/* Those that read when they have no argument. */
static const char *const telling[] = {
    "application_id", "data_version",   "encoding",       "foreign_keys",
    "freelist_count", "journal_mode",   "max_page_count", "page_count",
    "page_size",      "schema_version", "synchronous",    "user_version",
};

/* Those on which durability and the other processes rely: nobody changes them. */
static const char *const settled[] = {"journal_mode", "locking_mode", "synchronous"};

#define HAS(list, name) has(list, sizeof(list) / sizeof((list)[0]), name)

static bool has(const char *const *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (sqlite3_stricmp(list[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_own(const char *table)
{
    return table && sqlite3_strnicmp(table, OWN_PREFIX, strlen(OWN_PREFIX)) == 0;
}

/* The table or view which an action changes, makes or shadows; NULL: none. */
static const char *table_of(int action, const char *first, const char *second)
{
    switch (action) {
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
    case SQLITE_CREATE_TABLE:
    case SQLITE_CREATE_TEMP_TABLE:
    case SQLITE_CREATE_VIEW:
    case SQLITE_CREATE_TEMP_VIEW:
    case SQLITE_CREATE_VTABLE:
    case SQLITE_DROP_TABLE:
    case SQLITE_DROP_VTABLE:
        return first;
    case SQLITE_CREATE_INDEX:
    case SQLITE_CREATE_TEMP_INDEX:
    case SQLITE_CREATE_TRIGGER:
    case SQLITE_CREATE_TEMP_TRIGGER:
    case SQLITE_DROP_INDEX:
    case SQLITE_DROP_TRIGGER:
    case SQLITE_ALTER_TABLE:
        return second;
    default:
        return NULL;
    }
}

static bool changes_connection(const char *pragma, const char *argument)
{
    return !HAS(asking, pragma) && (argument || !HAS(telling, pragma));
}

/* What a guarded statement does that it may not, written into `db`; false: nothing. */
static bool note(struct bq_sqlite *db, int action, const char *first, const char *second)
{
    const char *table = table_of(action, first, second);
    const char *word = NULL;

    if (action == SQLITE_TRANSACTION) {
        word = first; /* BEGIN, COMMIT, ROLLBACK */
    } else if (action == SQLITE_SAVEPOINT) {
        word = "SAVEPOINT";
    } else if (action == SQLITE_ATTACH) {
        word = "ATTACH";
    } else if (action == SQLITE_DETACH) {
        word = "DETACH";
    } else if (action == SQLITE_PRAGMA && changes_connection(first, second)) {
        word = "PRAGMA";
    } else if (is_own(table)) {
        word = "changing barq's own table";
    } else {
        return false;
    }

    const char *what = table ? table : action == SQLITE_PRAGMA ? first : "";
    db->noted = true;
    sqlite3_snprintf(sizeof(db->refusal), db->refusal, "%s%s%s", word, *what ? " " : "", what);
    return true;
}

static bool makes_temporary(int action, const char *schema)
{
    switch (action) {
    case SQLITE_CREATE_TEMP_TABLE:
    case SQLITE_CREATE_TEMP_VIEW:
    case SQLITE_CREATE_TEMP_INDEX:
    case SQLITE_CREATE_TEMP_TRIGGER:
        return true;
    case SQLITE_CREATE_VTABLE:
        return schema && sqlite3_stricmp(schema, "temp") == 0;
    default:
        return false;
    }
}

int bq_sqlite_authorize(void *base, int action, const char *first, const char *second,
                        const char *schema, const char *inner)
{
    struct bq_sqlite *db = base;
    (void)inner;

    db->dirty = db->dirty || ((db->guarded || db->shared) && makes_temporary(action, schema));
    bool fine = !note(db, action, first, second);
    if (fine || db->own) {
        return SQLITE_OK;
    }
    bool never = action == SQLITE_PRAGMA && second && HAS(settled, first);
    return db->guarded || never ? SQLITE_DENY : SQLITE_OK;
}
