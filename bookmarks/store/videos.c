#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/time.h"
#include "store/rows.h"
#include "store/store.h"

enum { TAGS_MAX = 1000 };

static const char *const status_names[BM_VIDEO_STATUSES] = {
    [BM_PENDING] = "pending", [BM_COMPLETED] = "completed", [BM_FAILED] = "failed"};

const char *bm_video_status_name(enum bm_video_status status)
{
    return status_names[status];
}

bool bm_video_status_parse(const char *name, enum bm_video_status *out)
{
    for (int i = 0; i < BM_VIDEO_STATUSES; i++) {
        if (strcmp(name, status_names[i]) == 0) {
            *out = (enum bm_video_status)i;
            return true;
        }
    }
    return false;
}

/* -- adding -- */

enum barq_status bm_next_position(struct barq_session *session, const char *list_id, int64_t *out,
                                  struct barq_error *err)
{
    return bm_query_int(session,
                        "SELECT coalesce(max(position), 0) + 1 FROM videos WHERE list_id = ?1",
                        BARQ_PARAMS(barq_sql_text(list_id)), out, err);
}

enum barq_status bm_video_add(struct barq_session *session, const char *list_id,
                              const char *youtube_id, int64_t position, int64_t now_ms, bool *added,
                              int64_t *since_ms, struct barq_error *err)
{
    char id[BM_ID_BYTES];
    bq_uuid7(now_ms, id);

    enum barq_status status =
        barq_exec(session,
                  "INSERT INTO videos (id, list_id, youtube_id, position, created_at_ms,"
                  " updated_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?5)"
                  " ON CONFLICT (list_id, youtube_id) DO NOTHING",
                  BARQ_PARAMS(barq_sql_text(id), barq_sql_text(list_id), barq_sql_text(youtube_id),
                              barq_sql_int(position), barq_sql_int(now_ms)),
                  err);
    if (status != BARQ_OK) {
        return status;
    }
    *added = barq_changes(session) == 1;
    if (*added) {
        return BARQ_OK;
    }
    return bm_query_int(
        session, "SELECT created_at_ms FROM videos WHERE list_id = ?1 AND youtube_id = ?2",
        BARQ_PARAMS(barq_sql_text(list_id), barq_sql_text(youtube_id)), since_ms, err);
}

/* -- reading -- */

/* A page does without the descriptions, which are long. */
#define COLUMNS(description)                                                                       \
    "SELECT id, list_id, position, status, error, youtube_id, title, channel, channel_id,"         \
    " duration_seconds, published_at_ms, language, tags, thumbnail_url, created_at_ms,"            \
    " updated_at_ms, own_title, view_count, like_count, comment_count, category, live,"            \
    " is_embeddable, privacy, has_captions, availability, checked_at_ms, metadata_origin,"         \
    " metadata_at_ms, added_at_ms, start_seconds, watch_position_seconds, watched_at_ms,"          \
    " priority, " description " FROM videos"
#define SELECT_VIDEO  COLUMNS("description")
#define SELECT_VIDEOS COLUMNS("NULL")

/* What is stored was checked when it was; a broken list reads as no tags. */
static void read_tags(const char *json, struct barq_arena *arena, struct bm_metadata *out,
                      bool *full)
{
    struct barq_value *list = NULL;

    if (!json || barq_from_json(arena, json, strlen(json), &list, NULL) != BARQ_OK) {
        return;
    }
    size_t count = barq_count(list) < TAGS_MAX ? barq_count(list) : TAGS_MAX;
    const char **tags = bq_arena_array(arena, count, sizeof(*tags));
    if (!tags) {
        *full = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        tags[i] = barq_as_string(barq_at(list, i), "");
    }
    out->tags = tags;
    out->n_tags = count;
}

static enum bm_answer read_answer(const struct barq_rows *rows, int column)
{
    int64_t truth = bm_row_int_or(rows, column, -1);

    return truth < 0 ? BM_UNKNOWN : truth > 0 ? BM_YES : BM_NO;
}

static struct bm_metadata read_metadata(const struct barq_rows *rows, struct barq_arena *arena,
                                        bool *full)
{
    struct bm_metadata metadata = bm_metadata_unknown(bm_row_text(rows, 5, arena, full));

    metadata.title = bm_row_text(rows, 6, arena, full);
    metadata.channel = bm_row_text(rows, 7, arena, full);
    metadata.channel_id = bm_row_text(rows, 8, arena, full);
    metadata.duration_s = bm_row_int_or(rows, 9, -1);
    metadata.published_at_ms = bm_row_int_or(rows, 10, INT64_MIN);
    metadata.language = bm_row_text(rows, 11, arena, full);
    read_tags(barq_column_text(rows, 12), arena, &metadata, full);
    metadata.thumbnail_url = bm_row_text(rows, 13, arena, full);
    metadata.views = bm_row_int_or(rows, 17, -1);
    metadata.likes = bm_row_int_or(rows, 18, -1);
    metadata.comments = bm_row_int_or(rows, 19, -1);
    metadata.category_id = bm_category_id(barq_column_text(rows, 20));
    metadata.live = bm_row_text(rows, 21, arena, full);
    metadata.embeddable = read_answer(rows, 22);
    metadata.privacy = bm_row_text(rows, 23, arena, full);
    metadata.captioned = read_answer(rows, 24);
    metadata.found = barq_column(rows, 28).kind != BARQ_NULL;
    metadata.origin = bm_row_text(rows, 27, arena, full);
    metadata.description = bm_row_text(rows, 34, arena, full);
    return metadata;
}

static enum barq_status read_video(const struct barq_rows *rows, struct barq_arena *arena,
                                   struct bm_video *out, struct barq_error *err)
{
    bool full = false;

    *out = (struct bm_video){
        .id = bm_row_text(rows, 0, arena, &full),
        .list_id = bm_row_text(rows, 1, arena, &full),
        .position = barq_column_int(rows, 2),
        .error = bm_row_text(rows, 4, arena, &full),
        .metadata = read_metadata(rows, arena, &full),
        .created_at_ms = barq_column_int(rows, 14),
        .updated_at_ms = barq_column_int(rows, 15),
        .own_title = bm_row_text(rows, 16, arena, &full),
        .availability = bm_row_text(rows, 25, arena, &full),
        .checked_at_ms = bm_row_int_or(rows, 26, INT64_MIN),
        .metadata_at_ms = bm_row_int_or(rows, 28, INT64_MIN),
        .added_at_ms = bm_row_int_or(rows, 29, INT64_MIN),
        .start_s = bm_row_int_or(rows, 30, 0),
        .watch_position_s = bm_row_int_or(rows, 31, -1),
        .watched_at_ms = bm_row_int_or(rows, 32, INT64_MIN),
        .priority = barq_column_int(rows, 33),
    };

    const char *name = barq_column_text(rows, 3);
    if (full) {
        return bq_fail(err, BARQ_ERR_NOMEM, "videos: arena is full");
    }
    if (!name || !bm_video_status_parse(name, &out->status)) {
        return bq_fail(err, BARQ_ERR_CORRUPT, "videos: a status that there is not");
    }
    return BARQ_OK;
}

enum barq_status bm_video_get(struct barq_session *session, const char *id,
                              struct barq_arena *arena, struct bm_video *out,
                              struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool more = false;

    enum barq_status status = barq_query(session, SELECT_VIDEO " WHERE id = ?1",
                                         BARQ_PARAMS(barq_sql_text(id)), &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (!more) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "videos: there is none of this id");
    }
    return read_video(rows, arena, out, err);
}

enum barq_status bm_videos(struct barq_session *session, const struct bm_video_filter *filter,
                           size_t limit, struct barq_arena *arena, const struct bm_video **out,
                           size_t *count, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    size_t n = 0;
    if (limit < 1 || limit > BM_PAGE_MAX) {
        return bq_fail(err, BARQ_ERR_ARG, "videos: a page has 1 to %d", BM_PAGE_MAX);
    }
    struct bm_video *videos = bq_arena_array(arena, limit, sizeof(*videos));
    if (!videos) {
        return bq_fail(err, BARQ_ERR_NOMEM, "videos: arena is full");
    }

    const char *wanted =
        filter->status == BARQ_OFF ? NULL : status_names[(enum bm_video_status)filter->status];
    enum barq_status status = barq_query(
        session,
        SELECT_VIDEOS
        " WHERE list_id = ?1 AND position > ?2 AND (CAST(?3 AS TEXT) IS NULL OR status = ?3)"
        " AND (CAST(?4 AS TEXT) IS NULL OR run_id = ?4) ORDER BY position LIMIT ?5",
        BARQ_PARAMS(barq_sql_text(filter->list_id), barq_sql_int(filter->after_position),
                    barq_sql_text(wanted), barq_sql_text(filter->run_id),
                    barq_sql_int((int64_t)limit)),
        &rows, err);
    for (bool more = true; status == BARQ_OK;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        status = read_video(rows, arena, &videos[n++], err);
    }
    if (status == BARQ_OK) {
        *out = videos;
        *count = n;
    }
    return status;
}

/* Takes out the places that nobody had. */
static size_t close_up(struct bm_video *videos, size_t count)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        if (videos[i].id) {
            videos[n++] = videos[i];
        }
    }
    return n;
}

enum barq_status bm_videos_of(struct barq_session *session, const char *const *ids, size_t n_ids,
                              struct barq_arena *arena, const struct bm_video **out, size_t *count,
                              struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    struct bm_video *videos = bq_arena_array(arena, n_ids + 1, sizeof(*videos));
    size_t place = 0;
    if (!videos) {
        return bq_fail(err, BARQ_ERR_NOMEM, "videos: arena is full");
    }

    enum barq_status status = n_ids == 0 ? BARQ_OK
                                         : bm_query_among(session, SELECT_VIDEOS " WHERE id IN",
                                                          ids, n_ids, "", &rows, err);
    for (bool more = n_ids > 0; status == BARQ_OK && more;) {
        struct bm_video video;
        status = barq_rows_next(rows, &more, err);
        if (status == BARQ_OK && more) {
            status = read_video(rows, arena, &video, err);
        }
        if (status == BARQ_OK && more) {
            place = bm_place_among(ids, n_ids, video.id, place);
            videos[place] = video;
        }
    }
    *out = videos;
    *count = status == BARQ_OK ? close_up(videos, n_ids) : 0;
    return status;
}

/* -- changing -- */

/* Tells whether the last statement changed its one row. */
static enum barq_status note_change(const struct barq_session *session, enum barq_status status,
                                    bool *changed)
{
    if (status == BARQ_OK && changed) {
        *changed = barq_changes(session) == 1;
    }
    return status;
}

enum barq_status bm_video_complete(struct barq_session *session, const char *id, int64_t now_ms,
                                   bool *changed, struct barq_error *err)
{
    enum barq_status status =
        barq_exec(session,
                  "UPDATE videos SET status = 'completed', error = NULL, updated_at_ms = ?2"
                  " WHERE id = ?1 AND status = 'pending'",
                  BARQ_PARAMS(barq_sql_text(id), barq_sql_int(now_ms)), err);
    return note_change(session, status, changed);
}

enum barq_status bm_video_fail(struct barq_session *session, const char *id, const char *why,
                               int64_t now_ms, bool *changed, struct barq_error *err)
{
    enum barq_status status =
        barq_exec(session,
                  "UPDATE videos SET status = 'failed', error = ?2, updated_at_ms = ?3"
                  " WHERE id = ?1 AND status = 'pending'",
                  BARQ_PARAMS(barq_sql_text(id), barq_sql_text(why), barq_sql_int(now_ms)), err);
    return note_change(session, status, changed);
}
