#include "store/video_edit.h"

#include "auto.h"
#include "base/error.h"
#include "fields/label.h"
#include "store/rows.h"

/* Of one row that must be there. */
static enum barq_status check_there(const struct barq_session *session, enum barq_status status,
                                    struct barq_error *err)
{
    if (status == BARQ_OK && barq_changes(session) == 0) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "videos: there is none of this id");
    }
    return status;
}

enum barq_status bm_video_find(struct barq_session *session, const char *list_id, const char *id,
                               struct barq_arena *arena, struct bm_video *out,
                               struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    const char *found = NULL;
    bool more = false;
    bool full = false;

    enum barq_status status = barq_query(
        session, "SELECT id FROM videos WHERE list_id = ?1 AND (id = ?2 OR youtube_id = ?2)",
        BARQ_PARAMS(barq_sql_text(list_id), barq_sql_text(id)), &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status == BARQ_OK && more) {
        found = bm_row_text(rows, 0, arena, &full);
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (!more) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "videos: the list has no video %.64s", id);
    }
    return full ? bq_fail(err, BARQ_ERR_NOMEM, "videos: arena is full")
                : bm_video_get(session, found, arena, out, err);
}

enum barq_status bm_video_touch(struct barq_session *session, const char *id, int64_t now_ms,
                                struct barq_error *err)
{
    enum barq_status status =
        barq_exec(session, "UPDATE videos SET updated_at_ms = ?2 WHERE id = ?1",
                  BARQ_PARAMS(barq_sql_text(id), barq_sql_int(now_ms)), err);

    return check_there(session, status, err);
}

enum barq_status bm_video_delete(struct barq_session *session, const char *id,
                                 struct barq_error *err)
{
    enum barq_status status =
        barq_exec(session, "DELETE FROM videos WHERE id = ?1", BARQ_PARAMS(barq_sql_text(id)), err);

    return check_there(session, status, err);
}

static enum barq_status set_title(struct barq_session *session, const char *id, const char *title,
                                  struct barq_error *err)
{
    if (*title != '\0' && !bm_is_label(title, BM_TITLE_MAX_BYTES)) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "videos: a title has at most %d bytes of UTF-8 without control characters",
                       BM_TITLE_MAX_BYTES);
    }
    return barq_exec(
        session, "UPDATE videos SET own_title = ?2 WHERE id = ?1",
        BARQ_PARAMS(barq_sql_text(id), *title == '\0' ? barq_sql_null() : barq_sql_text(title)),
        err);
}

static enum barq_status set_watch_position(struct barq_session *session, const char *id,
                                           int64_t position_s, int64_t now_ms,
                                           struct barq_error *err)
{
    return barq_exec(session,
                     "UPDATE videos SET watch_position_seconds = ?2, watched_at_ms = CASE"
                     " WHEN watched_at_ms IS NULL AND duration_seconds > 0"
                     " AND ?4 >= duration_seconds * 19 THEN ?3 ELSE watched_at_ms END"
                     " WHERE id = ?1",
                     BARQ_PARAMS(barq_sql_text(id), bm_sql_unless(position_s, -1),
                                 barq_sql_int(now_ms), barq_sql_int(position_s * 20)),
                     err);
}

static enum barq_status set_watched(struct barq_session *session, const char *id, bool watched,
                                    int64_t now_ms, struct barq_error *err)
{
    return barq_exec(session,
                     "UPDATE videos SET watched_at_ms = CASE WHEN ?3 = 1"
                     " THEN coalesce(watched_at_ms, ?2) END WHERE id = ?1",
                     BARQ_PARAMS(barq_sql_text(id), barq_sql_int(now_ms), barq_sql_int(watched)),
                     err);
}

enum barq_status bm_video_change(struct barq_session *session, const char *id,
                                 const struct bm_video_change *change, int64_t now_ms,
                                 struct barq_error *err)
{
    enum barq_status status = bm_video_touch(session, id, now_ms, err);

    if (status == BARQ_OK && change->own_title) {
        status = set_title(session, id, change->own_title, err);
    }
    if (status == BARQ_OK && change->has_watch_position) {
        status = set_watch_position(session, id, change->watch_position_s, now_ms, err);
    }
    if (status == BARQ_OK && change->has_watched) {
        status = set_watched(session, id, change->watched, now_ms, err);
    }
    return status;
}

/* -- many -- */

enum barq_status bm_video_ids(struct barq_session *session, const char *list_id, int status_wanted,
                              size_t max, struct barq_arena *arena, const char *const **out,
                              size_t *count, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    const char *wanted = status_wanted == BARQ_OFF
                             ? NULL
                             : bm_video_status_name((enum bm_video_status)status_wanted);
    const char **ids = bq_arena_array(arena, max, sizeof(*ids));
    bool full = !ids;
    size_t n = 0;

    enum barq_status status = barq_query(
        session,
        "SELECT id FROM videos WHERE list_id = ?1 AND (CAST(?2 AS TEXT) IS NULL OR status = ?2)"
        " ORDER BY position LIMIT ?3",
        BARQ_PARAMS(barq_sql_text(list_id), barq_sql_text(wanted), barq_sql_int((int64_t)max)),
        &rows, err);
    for (bool more = true; status == BARQ_OK && !full;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        ids[n++] = bm_row_text(rows, 0, arena, &full);
    }
    if (status == BARQ_OK && full) {
        return bq_fail(err, BARQ_ERR_NOMEM, "videos: arena is full");
    }
    if (status == BARQ_OK) {
        *out = ids;
        *count = n;
    }
    return status;
}

static struct bm_duplicate read_duplicate(const struct barq_rows *rows, struct barq_arena *arena,
                                          bool *full)
{
    return (struct bm_duplicate){
        .youtube_id = bm_row_text(rows, 0, arena, full),
        .title = bm_row_text(rows, 1, arena, full),
        .video_id = bm_row_text(rows, 2, arena, full),
        .list_id = bm_row_text(rows, 3, arena, full),
        .list_name = bm_row_text(rows, 4, arena, full),
    };
}

enum barq_status bm_duplicates(struct barq_session *session, size_t max, struct barq_arena *arena,
                               const struct bm_duplicate **out, size_t *count,
                               struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    struct bm_duplicate *found = bq_arena_array(arena, max, sizeof(*found));
    bool full = !found;
    size_t n = 0;

    enum barq_status status =
        barq_query(session,
                   "SELECT v.youtube_id, coalesce(v.own_title, v.title), v.id, v.list_id, l.name"
                   " FROM videos v JOIN lists l ON l.id = v.list_id WHERE v.youtube_id IN"
                   " (SELECT youtube_id FROM videos GROUP BY youtube_id HAVING count(*) > 1)"
                   " ORDER BY v.youtube_id, l.name LIMIT ?1",
                   BARQ_PARAMS(barq_sql_int((int64_t)max)), &rows, err);
    for (bool more = true; status == BARQ_OK && !full;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        found[n++] = read_duplicate(rows, arena, &full);
    }
    if (status == BARQ_OK && full) {
        return bq_fail(err, BARQ_ERR_NOMEM, "videos: arena is full");
    }
    if (status == BARQ_OK) {
        *out = found;
        *count = n;
    }
    return status;
}
