#include <barq/session.h>

#include "auto.h"
#include "base/error.h"
#include "store/store.h"

/*
 * Each step brings the tables from one version to the next; none is changed
 * once it was released. Plain SQL, so that the same tables can be in PostgreSQL.
 */
static const char *const steps[] = {
    "CREATE TABLE lists ("
    " id TEXT PRIMARY KEY,"
    " name TEXT NOT NULL UNIQUE,"
    " created_at_ms BIGINT NOT NULL,"
    " updated_at_ms BIGINT NOT NULL);"

    "CREATE TABLE runs ("
    " id TEXT PRIMARY KEY,"
    " list_id TEXT NOT NULL REFERENCES lists(id) ON DELETE CASCADE,"
    " total BIGINT NOT NULL,"
    " started_at_ms BIGINT NOT NULL);"
    "CREATE INDEX runs_by_list ON runs(list_id, started_at_ms);"

    "CREATE TABLE videos ("
    " id TEXT PRIMARY KEY,"
    " list_id TEXT NOT NULL REFERENCES lists(id) ON DELETE CASCADE,"
    " youtube_id TEXT NOT NULL,"
    " position BIGINT NOT NULL,"
    " status TEXT NOT NULL DEFAULT 'pending'"
    "  CHECK (status IN ('pending', 'completed', 'failed')),"
    " error TEXT,"
    " run_id TEXT REFERENCES runs(id) ON DELETE SET NULL,"
    " title TEXT,"
    " channel TEXT,"
    " channel_id TEXT,"
    " duration_seconds BIGINT,"
    " published_at_ms BIGINT,"
    " language TEXT,"
    " tags TEXT," /* a JSON list */
    " thumbnail_url TEXT,"
    " created_at_ms BIGINT NOT NULL,"
    " updated_at_ms BIGINT NOT NULL,"
    " UNIQUE (list_id, youtube_id));"
    "CREATE INDEX videos_by_position ON videos(list_id, position);"
    "CREATE INDEX videos_by_status ON videos(list_id, status);"
    "CREATE INDEX videos_by_run ON videos(run_id, status) WHERE run_id IS NOT NULL;"

    "CREATE TABLE fields ("
    " id TEXT PRIMARY KEY,"
    " list_id TEXT NOT NULL REFERENCES lists(id) ON DELETE CASCADE,"
    " name TEXT NOT NULL,"
    " label TEXT NOT NULL,"
    " type TEXT NOT NULL CHECK (type IN"
    "  ('text', 'select', 'multi-select', 'number', 'boolean', 'duration')),"
    " options TEXT NOT NULL DEFAULT '[]'," /* a JSON list */
    " rule TEXT,"                          /* JSON, see rules.h */
    " position BIGINT NOT NULL,"
    " created_at_ms BIGINT NOT NULL,"
    " UNIQUE (list_id, name));"

    "CREATE TABLE field_values ("
    " video_id TEXT NOT NULL REFERENCES videos(id) ON DELETE CASCADE,"
    " field_id TEXT NOT NULL REFERENCES fields(id) ON DELETE CASCADE,"
    " value TEXT NOT NULL," /* JSON */
    " source TEXT NOT NULL CHECK (source IN ('rule', 'import', 'person')),"
    " updated_at_ms BIGINT NOT NULL,"
    " PRIMARY KEY (video_id, field_id));"
    "CREATE INDEX field_values_by_field ON field_values(field_id);",
};

enum { VERSION = sizeof(steps) / sizeof(steps[0]) };

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
    while (status == BARQ_OK && version < VERSION) {
        status = barq_exec_script(session, steps[version], err);
        if (status == BARQ_OK) {
            status = write_version(session, ++version, err);
        }
    }
    *to = version;
    return status;
}
