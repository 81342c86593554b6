#include "store/idempotency.h"

#include "auto.h"
#include "base/error.h"

static struct barq_scalar status_of(const struct bm_kept *kept)
{
    return kept->status == 0 ? barq_sql_null() : barq_sql_int(kept->status);
}

static enum barq_status read_kept(const struct barq_rows *rows, struct barq_arena *arena,
                                  struct bm_kept *out, struct barq_error *err)
{
    const char *texts[5];

    for (int i = 0; i < 5; i++) {
        const char *text = barq_column_text(rows, i);
        texts[i] = text ? bq_arena_strdup(arena, text) : NULL;
        if (text && !texts[i]) {
            return bq_fail(err, BARQ_ERR_NOMEM, "idempotency: arena is full");
        }
    }
    out->method = texts[0];
    out->path = texts[1];
    out->body_hash = texts[2];
    out->location = texts[3];
    out->answer = texts[4];
    out->status = barq_column_int(rows, 5);
    return BARQ_OK;
}

enum barq_status bm_kept_find(struct barq_session *session, const struct bm_kept *asked,
                              int64_t now_ms, struct barq_arena *arena, struct bm_kept *out,
                              struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool more = false;

    enum barq_status status = barq_query(
        session,
        "SELECT method, path, body_hash, headers, answer, coalesce(status, 0) FROM idempotency"
        " WHERE key = ?1 AND principal = ?2"
        " AND ((status IS NULL AND created_at_ms > ?3)"
        " OR (status IS NOT NULL AND created_at_ms > ?4))",
        BARQ_PARAMS(barq_sql_text(asked->key), barq_sql_text(asked->principal),
                    barq_sql_int(now_ms - BM_UNDER_MS), barq_sql_int(now_ms - BM_KEPT_MS)),
        &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (!more) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "idempotency: this key is new");
    }
    *out = *asked;
    return read_kept(rows, arena, out, err);
}

enum barq_status bm_kept_add(struct barq_session *session, const struct bm_kept *kept,
                             int64_t now_ms, struct barq_error *err)
{
    enum barq_status status = barq_exec(
        session,
        "DELETE FROM idempotency WHERE created_at_ms <= ?1"
        " OR (status IS NULL AND created_at_ms <= ?2)",
        BARQ_PARAMS(barq_sql_int(now_ms - BM_KEPT_MS), barq_sql_int(now_ms - BM_UNDER_MS)), err);
    if (status != BARQ_OK) {
        return status;
    }
    return barq_exec(session,
                     "INSERT INTO idempotency (key, principal, method, path, body_hash, status,"
                     " headers, answer, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                     BARQ_PARAMS(barq_sql_text(kept->key), barq_sql_text(kept->principal),
                                 barq_sql_text(kept->method), barq_sql_text(kept->path),
                                 barq_sql_text(kept->body_hash), status_of(kept),
                                 barq_sql_text(kept->location), barq_sql_text(kept->answer),
                                 barq_sql_int(now_ms)),
                     err);
}

enum barq_status bm_kept_answer(struct barq_session *session, const struct bm_kept *kept,
                                struct barq_error *err)
{
    return barq_exec(session,
                     "UPDATE idempotency SET status = ?3, headers = ?4, answer = ?5"
                     " WHERE key = ?1 AND principal = ?2",
                     BARQ_PARAMS(barq_sql_text(kept->key), barq_sql_text(kept->principal),
                                 status_of(kept), barq_sql_text(kept->location),
                                 barq_sql_text(kept->answer)),
                     err);
}

enum barq_status bm_kept_forget(struct barq_session *session, const struct bm_kept *kept,
                                struct barq_error *err)
{
    return barq_exec(session, "DELETE FROM idempotency WHERE key = ?1 AND principal = ?2",
                     BARQ_PARAMS(barq_sql_text(kept->key), barq_sql_text(kept->principal)), err);
}
