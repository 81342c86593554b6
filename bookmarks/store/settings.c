#include "store/settings.h"

#include "auto.h"
#include "base/error.h"

enum barq_status bm_setting(struct barq_session *session, const char *key, struct barq_arena *arena,
                            const char **out, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool more = false;

    enum barq_status status = barq_query(session, "SELECT value FROM settings WHERE key = ?1",
                                         BARQ_PARAMS(barq_sql_text(key)), &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    const char *value = more ? bq_arena_strdup(arena, barq_column_text(rows, 0)) : NULL;
    if (more && !value) {
        return bq_fail(err, BARQ_ERR_NOMEM, "settings: arena is full");
    }
    *out = value;
    return BARQ_OK;
}

enum barq_status bm_setting_put(struct barq_session *session, const char *key, const char *value,
                                bool is_secret, int64_t now_ms, struct barq_error *err)
{
    if (!value || *value == '\0') {
        return barq_exec(session, "DELETE FROM settings WHERE key = ?1",
                         BARQ_PARAMS(barq_sql_text(key)), err);
    }
    return barq_exec(session,
                     "INSERT INTO settings (key, value, is_secret, updated_at_ms)"
                     " VALUES (?1, ?2, ?3, ?4)"
                     " ON CONFLICT (key) DO UPDATE SET value = excluded.value,"
                     " is_secret = excluded.is_secret, updated_at_ms = excluded.updated_at_ms",
                     BARQ_PARAMS(barq_sql_text(key), barq_sql_text(value), barq_sql_int(is_secret),
                                 barq_sql_int(now_ms)),
                     err);
}
