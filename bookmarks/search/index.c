#include "search/index.h"

#include <stdio.h>

#include "auto.h"
#include "base/arena.h"
#include "base/error.h"
#include "search/sql.h"
#include "store/id.h"
#include "store/index_later.h"
#include "store/rows.h"

enum { BATCH = 200, TRIGGER_MAX_BYTES = 16 * 1024 };

/* The trigger that takes a row's words out of FTS5 trusts the index, which is in doubt: aside with it. */
static enum barq_status empty_sqlite(struct barq_session *session, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bq_auto(arena) struct barq_arena arena;
    const char *trigger = NULL;
    bool more = false;
    bool full = false;
    bq_arena_init(&arena, TRIGGER_MAX_BYTES);

    enum barq_status status =
        barq_query(session, "SELECT sql FROM sqlite_master WHERE name = 'video_texts_out'",
                   BARQ_NO_PARAMS, &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status == BARQ_OK && more) {
        trigger = bm_row_text(rows, 0, &arena, &full);
    }
    barq_rows_close(rows);
    rows = NULL;
    if (status == BARQ_OK && !trigger) {
        return bq_fail(err, BARQ_ERR_CORRUPT, "search: the tables have lost a trigger");
    }
    if (status == BARQ_OK) {
        status = barq_exec_script(session,
                                  "DROP TRIGGER video_texts_out; DELETE FROM video_texts;"
                                  "INSERT INTO video_search (video_search) VALUES ('delete-all');",
                                  err);
    }
    return status == BARQ_OK ? barq_exec_script(session, trigger, err) : status;
}

static enum barq_status empty(struct barq_session *session, struct barq_error *err)
{
    enum barq_status status = barq_session_begin(session, true, err);

    if (status == BARQ_OK) {
        status = bm_is_sqlite(session)
                     ? empty_sqlite(session, err)
                     : barq_exec(session, "DELETE FROM video_texts", BARQ_NO_PARAMS, err);
    }
    if (status == BARQ_OK) {
        return barq_session_commit(session, err);
    }
    barq_session_rollback(session);
    return status;
}

/* The last id of the batch behind `id`; `*more` false: there is none. */
static enum barq_status next_batch(struct barq_session *session, const char *id,
                                   char last[BM_ID_BYTES], bool *more, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;

    enum barq_status status =
        barq_query(session,
                   "SELECT max(id) FROM (SELECT id FROM videos WHERE id > ?1 ORDER BY id LIMIT ?2)"
                   " batch",
                   BARQ_PARAMS(barq_sql_text(id), barq_sql_int(BATCH)), &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, more, err);
    }
    const char *found = status == BARQ_OK && *more ? barq_column_text(rows, 0) : NULL;
    *more = found != NULL;
    if (found) {
        snprintf(last, BM_ID_BYTES, "%s", found);
    }
    return status;
}

/* A video that came meanwhile has been indexed by its trigger. */
static enum barq_status fill_batch(struct barq_session *session, const char *from, const char *to,
                                   struct barq_error *err)
{
    return barq_exec(session,
                     "INSERT INTO video_texts (video_id, title, channel, description, transcript,"
                     " notes, tags, fields) SELECT video_id, title, channel, description,"
                     " transcript, notes, tags, fields FROM texts WHERE video_id > ?1 AND"
                     " video_id <= ?2 AND video_id NOT IN (SELECT video_id FROM video_texts WHERE"
                     " video_id > ?1 AND video_id <= ?2)",
                     BARQ_PARAMS(barq_sql_text(from), barq_sql_text(to)), err);
}

static enum barq_status fill(struct barq_session *session, char id[BM_ID_BYTES], bool *more,
                             struct barq_error *err)
{
    char last[BM_ID_BYTES];

    enum barq_status status = barq_session_begin(session, true, err);
    if (status == BARQ_OK) {
        status = next_batch(session, id, last, more, err);
    }
    if (status == BARQ_OK && *more) {
        status = bm_index_later(session, err);
    }
    if (status == BARQ_OK && *more) {
        status = fill_batch(session, id, last, err);
    }
    if (status == BARQ_OK && *more) {
        status = bm_index_now(session, err);
    }
    if (status != BARQ_OK) {
        barq_session_rollback(session);
        return status;
    }
    if (*more) {
        snprintf(id, BM_ID_BYTES, "%s", last);
    }
    return barq_session_commit(session, err);
}

enum barq_status bm_reindex(struct barq_session *session, int64_t *count, struct barq_error *err)
{
    char id[BM_ID_BYTES] = "";
    bool more = true;

    enum barq_status status = empty(session, err);
    while (status == BARQ_OK && more) {
        status = fill(session, id, &more, err);
    }
    if (status == BARQ_OK) {
        status = barq_session_begin(session, false, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    status = bm_query_int(session, "SELECT count(*) FROM video_texts", BARQ_NO_PARAMS, count, err);
    barq_session_rollback(session);
    return status;
}
