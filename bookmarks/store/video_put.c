#include "store/video_put.h"

#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"

/* The video of this id in the list: `*found`, and then its row's id. */
static enum barq_status find(struct barq_session *session, const char *list_id,
                             const char *youtube_id, char id[BM_ID_BYTES], bool *found,
                             struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;

    enum barq_status status =
        barq_query(session, "SELECT id FROM videos WHERE list_id = ?1 AND youtube_id = ?2",
                   BARQ_PARAMS(barq_sql_text(list_id), barq_sql_text(youtube_id)), &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, found, err);
    }
    if (status == BARQ_OK && *found) {
        snprintf(id, BM_ID_BYTES, "%s", barq_column_text(rows, 0));
    }
    return status;
}

enum barq_status bm_video_put(struct barq_session *session, const struct bm_new_video *video,
                              int64_t now_ms, char id[BM_ID_BYTES], bool *added,
                              struct barq_error *err)
{
    char title[BM_METADATA_TEXT_BYTES + 1];
    bool found = false;
    if (video->title) {
        size_t len = bq_utf8_cut(video->title, strlen(video->title), BM_METADATA_TEXT_BYTES);
        snprintf(title, sizeof(title), "%.*s", (int)len, video->title);
    }

    bq_uuid7(now_ms, id);
    enum barq_status status = barq_exec(
        session,
        "INSERT INTO videos (id, list_id, youtube_id, position, title, added_at_ms, start_seconds,"
        " priority, created_at_ms, updated_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)"
        " ON CONFLICT (list_id, youtube_id) DO NOTHING",
        BARQ_PARAMS(
            barq_sql_text(id), barq_sql_text(video->list_id), barq_sql_text(video->youtube_id),
            barq_sql_int(video->position), barq_sql_text(video->title ? title : NULL),
            video->added_at_ms == INT64_MIN ? barq_sql_null() : barq_sql_int(video->added_at_ms),
            video->start_s == 0 ? barq_sql_null() : barq_sql_int(video->start_s),
            barq_sql_int(video->priority), barq_sql_int(now_ms)),
        err);
    if (status != BARQ_OK) {
        return status;
    }
    *added = barq_changes(session) == 1;
    return *added ? BARQ_OK : find(session, video->list_id, video->youtube_id, id, &found, err);
}

enum barq_status bm_video_is_there(struct barq_session *session, const char *list_id,
                                   const char *youtube_id, bool *out, struct barq_error *err)
{
    char id[BM_ID_BYTES];

    *out = false;
    return list_id ? find(session, list_id, youtube_id, id, out, err) : BARQ_OK;
}

enum barq_status bm_video_put_note(struct barq_session *session, const char *video_id,
                                   const char *text, int64_t now_ms, struct barq_error *err)
{
    char id[BM_ID_BYTES];
    bq_uuid7(now_ms, id);

    return barq_exec(session,
                     "INSERT INTO notes (id, video_id, text, created_at_ms, updated_at_ms)"
                     " SELECT ?1, ?2, ?3, ?4, ?4 WHERE NOT EXISTS"
                     " (SELECT 1 FROM notes WHERE video_id = ?2 AND text = ?3)",
                     BARQ_PARAMS(barq_sql_text(id), barq_sql_text(video_id), barq_sql_text(text),
                                 barq_sql_int(now_ms)),
                     err);
}
