#include <string.h>

#include <barq/session.h>

#include "auto.h"
#include "base/error.h"
#include "shipped.h"
#include "store/store.h"

/*
 * Each step brings the tables from one version to the next; none is changed
 * once it was released. The same text runs on SQLite and on PostgreSQL; what
 * cannot, since each searches in its own way, follows it.
 */
static const struct step {
    const char *both; /* of each: NULL, nothing */
    const char *sqlite;
    const char *postgresql;
} steps[] = {
    {bm_shipped_tables_1, NULL, NULL},
    {bm_shipped_tables_2, NULL, NULL},
    {bm_shipped_tables_3, bm_shipped_tables_3_sqlite, bm_shipped_tables_3_postgresql},
    {bm_shipped_tables_4, NULL, NULL},
    {NULL, NULL, bm_shipped_tables_5_postgresql},
};

enum {
    VERSION = sizeof(steps) / sizeof(steps[0]),
    CHANGE_MAX_MS = 600 * 1000, /* an index of a large table is not made in five seconds */
};

static enum barq_status read_version(struct barq_session *session, int *out, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool more = false;

    enum barq_status status =
        barq_query(session, "SELECT coalesce(max(version), 0) FROM bookmarks_version",
                   BARQ_NO_PARAMS, &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status == BARQ_OK) {
        *out = (int)barq_column_int(rows, 0);
    }
    return status;
}

enum barq_status bm_tables_current(struct barq_session *session, bool *out, struct barq_error *err)
{
    int version = 0;

    enum barq_status status = read_version(session, &version, NULL);
    if (status == BARQ_ERR_SQL) { /* there is not even the table of versions */
        *out = false;
        return BARQ_OK;
    }
    if (status != BARQ_OK) {
        return bq_fail(err, status, "store: cannot read the version of its tables");
    }
    *out = version == VERSION;
    return BARQ_OK;
}

static enum barq_status write_version(struct barq_session *session, int version,
                                      struct barq_error *err)
{
    return barq_exec(session, "INSERT INTO bookmarks_version (version) VALUES (?1)",
                     BARQ_PARAMS(barq_sql_int(version)), err);
}

static enum barq_status run_step(struct barq_session *session, const struct step *step,
                                 struct barq_error *err)
{
    bool is_sqlite = strcmp(barq_session_database(session), "sqlite") == 0;
    const char *more = is_sqlite ? step->sqlite : step->postgresql;

    enum barq_status status = step->both ? barq_exec_script(session, step->both, err) : BARQ_OK;
    return status == BARQ_OK && more ? barq_exec_script(session, more, err) : status;
}

enum barq_status bm_migrate(struct barq_session *session, int *from, int *to,
                            struct barq_error *err)
{
    int version = 0;

    enum barq_status status = barq_exec(
        session, "CREATE TABLE IF NOT EXISTS bookmarks_version (version INTEGER PRIMARY KEY)",
        BARQ_NO_PARAMS, err);
    if (status == BARQ_OK) {
        status = read_version(session, &version, err);
    }
    if (status == BARQ_OK && version > VERSION) {
        return bq_fail(
            err, BARQ_ERR_CONFLICT,
            "store: the tables are of version %d, this program knows %d: use a newer one", version,
            VERSION);
    }
    *from = version;
    if (status == BARQ_OK && version < VERSION) {
        barq_session_write_max(session, CHANGE_MAX_MS);
    }
    while (status == BARQ_OK && version < VERSION) {
        status = run_step(session, &steps[version], err);
        if (status == BARQ_OK) {
            status = write_version(session, ++version, err);
        }
    }
    *to = version;
    return status;
}
