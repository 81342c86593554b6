/* Many videos into a list at once: a statement for many rows, since each costs a round trip. */
#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/time.h"
#include "store/video_put.h"

enum {
    ROWS = 50, /* of a statement: small enough for the params that a statement may have */
    SHARED = 3,
    COLUMNS = 6,
    SQL_MAX_BYTES = 16 * 1024,
};

#define INSERT_VIDEOS                                                                              \
    "INSERT INTO videos (list_id, priority, created_at_ms, updated_at_ms, id, youtube_id,"         \
    " position, title, added_at_ms, start_seconds) VALUES "

/* -- which were there, but for what we have put there ourselves -- */

static struct bm_placed *find(struct bm_placed *placed, const struct bm_new_video *videos,
                              size_t count, const char *youtube_id)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(videos[i].youtube_id, youtube_id) == 0) {
            return &placed[i];
        }
    }
    return NULL;
}

static enum barq_status read_present(struct barq_rows *rows, const struct bm_new_video *videos,
                                     size_t count, struct bm_placed *placed, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (bool more = true;;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            return status;
        }
        struct bm_placed *one = find(placed, videos, count, barq_column_text(rows, 0));
        const char *id = barq_column_text(rows, 1);
        if (one && strcmp(one->id, id) != 0) {
            (void)snprintf(one->id, sizeof(one->id), "%s", id);
            one->added = false;
        }
    }
}

static enum barq_status look_up(struct barq_session *session, const struct bm_new_video *videos,
                                size_t count, struct bm_placed *placed, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bq_auto(buf) struct bq_buf sql;
    struct barq_scalar params[1 + ROWS] = {barq_sql_text(videos[0].list_id)};
    bq_buf_init(&sql, SQL_MAX_BYTES);

    bq_buf_puts(&sql, "SELECT youtube_id, id FROM videos WHERE list_id = ?1 AND youtube_id IN (");
    for (size_t i = 0; i < count; i++) {
        params[1 + i] = barq_sql_text(videos[i].youtube_id);
        bq_buf_printf(&sql, "%s?%zu", i > 0 ? ", " : "", i + 2);
    }
    bq_buf_puts(&sql, ")");
    const char *text = bq_buf_cstr(&sql);
    if (!text) {
        return bq_fail(err, BARQ_ERR_NOMEM, "videos: out of memory");
    }
    enum barq_status status = barq_query(session, text, params, 1 + count, &rows, err);
    return status == BARQ_OK ? read_present(rows, videos, count, placed, err) : status;
}

/* -- all of them -- */

/* Also says where the row begins among the params. */
static void put_row(struct bq_buf *sql, struct barq_scalar *params,
                    const struct bm_new_video *video, const char *id, int64_t position, size_t at)
{
    const struct barq_scalar row[COLUMNS] = {
        barq_sql_text(id),
        barq_sql_text(video->youtube_id),
        barq_sql_int(position),
        barq_sql_text(video->title),
        video->added_at_ms == INT64_MIN ? barq_sql_null() : barq_sql_int(video->added_at_ms),
        video->start_s == 0 ? barq_sql_null() : barq_sql_int(video->start_s),
    };

    memcpy(params + at, row, sizeof(row));
    bq_buf_printf(sql, "%s(?1, ?2, ?3, ?3, ?%zu, ?%zu, ?%zu, ?%zu, ?%zu, ?%zu)",
                  at > SHARED ? ", " : "", at + 1, at + 2, at + 3, at + 4, at + 5, at + 6);
}

/* Those that are there already stay as they are; their positions are left out. */
static enum barq_status insert(struct barq_session *session, const struct bm_new_video *videos,
                               size_t count, int64_t now_ms, int64_t *position,
                               struct bm_placed *placed, struct barq_error *err)
{
    bq_auto(buf) struct bq_buf sql;
    struct barq_scalar params[SHARED + ROWS * COLUMNS] = {
        barq_sql_text(videos[0].list_id), barq_sql_int(videos[0].priority), barq_sql_int(now_ms)};
    bq_buf_init(&sql, SQL_MAX_BYTES);

    bq_buf_puts(&sql, INSERT_VIDEOS);
    for (size_t i = 0; i < count; i++) {
        placed[i].added = true;
        bq_uuid7(now_ms, placed[i].id);
        put_row(&sql, params, &videos[i], placed[i].id, (*position)++, SHARED + i * COLUMNS);
    }
    bq_buf_puts(&sql, " ON CONFLICT (list_id, youtube_id) DO NOTHING");
    const char *text = bq_buf_cstr(&sql);
    return text ? barq_exec(session, text, params, SHARED + count * COLUMNS, err)
                : bq_fail(err, BARQ_ERR_NOMEM, "videos: out of memory");
}

/* Most videos of most imports are new: so nothing is looked up before they are put. */
enum barq_status bm_videos_put(struct barq_session *session, const struct bm_new_video *videos,
                               size_t count, int64_t now_ms, int64_t *position,
                               struct bm_placed *placed, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (size_t at = 0; status == BARQ_OK && at < count; at += ROWS) {
        size_t n = count - at < ROWS ? count - at : ROWS;
        status = insert(session, videos + at, n, now_ms, position, placed + at, err);
        if (status == BARQ_OK && (size_t)barq_changes(session) < n) {
            status = look_up(session, videos + at, n, placed + at, err);
        }
    }
    return status;
}
