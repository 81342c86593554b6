/* video_move.c - videos from one list to another, with what belongs to them. */
#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/time.h"
#include "store/rows.h"
#include "store/video_edit.h"

enum { VIDEO_MAX_BYTES = 8 * 1024 * 1024 };

/* -- values: to the fields of the same names -- */

/* The values of a video, with the fields of the list that it comes from and of the one it goes to. */
struct luggage {
    const struct bm_field *from;
    size_t n_from;
    const struct bm_field *to;
    size_t n_to;
    const struct bm_field_value *values;
    size_t n_values;
};

static enum barq_status pack(struct barq_session *session, const struct bm_video *video,
                             const char *to_list, struct barq_arena *arena, struct luggage *out,
                             struct barq_error *err)
{
    enum barq_status status =
        bm_fields(session, video->list_id, arena, &out->from, &out->n_from, err);

    if (status == BARQ_OK) {
        status = bm_fields(session, to_list, arena, &out->to, &out->n_to, err);
    }
    if (status == BARQ_OK) {
        status = bm_field_values(session, video->id, arena, &out->values, &out->n_values, err);
    }
    return status;
}

static const char *name_of(const struct luggage *luggage, const char *field_id)
{
    for (size_t i = 0; i < luggage->n_from; i++) {
        if (strcmp(luggage->from[i].id, field_id) == 0) {
            return luggage->from[i].name;
        }
    }
    return "";
}

/* The field that takes the value; NULL when there is none. */
static const struct bm_field *place_for(const struct luggage *luggage,
                                        const struct bm_field_value *value)
{
    const char *name = name_of(luggage, value->field_id);

    for (size_t i = 0; i < luggage->n_to; i++) {
        if (strcmp(luggage->to[i].name, name) == 0) {
            bool fits = bm_field_check(&luggage->to[i], value->value, NULL) == BARQ_OK;
            return fits ? &luggage->to[i] : NULL;
        }
    }
    return NULL;
}

static enum barq_status unpack(struct barq_session *session, const struct luggage *luggage,
                               const char *video_id, size_t *left, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    *left = 0;
    for (size_t i = 0; status == BARQ_OK && i < luggage->n_values; i++) {
        const struct bm_field_value *value = &luggage->values[i];
        const struct bm_field *field = place_for(luggage, value);
        *left += !field;
        if (field) {
            status = bm_field_value_set(session, video_id, field, value, value->updated_at_ms, NULL,
                                        err);
        }
    }
    return status;
}

/* -- moving -- */

/* Asked, since after a unique constraint PostgreSQL's transaction is over. */
static enum barq_status check_absent(struct barq_session *session, const struct bm_video *video,
                                     const char *to_list, struct barq_error *err)
{
    int64_t count = 0;

    enum barq_status status =
        bm_query_int(session, "SELECT count(*) FROM videos WHERE list_id = ?1 AND youtube_id = ?2",
                     BARQ_PARAMS(barq_sql_text(to_list), barq_sql_text(video->metadata.youtube_id)),
                     &count, err);
    return status == BARQ_OK && count > 0
               ? bq_fail(err, BARQ_ERR_EXISTS, "videos: the list has this video")
               : status;
}

enum barq_status bm_video_move(struct barq_session *session, const char *id, const char *to_list,
                               int64_t now_ms, size_t *left, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct luggage luggage = {.n_from = 0};
    struct bm_video video;
    int64_t position = 0;
    bq_arena_init(&arena, VIDEO_MAX_BYTES);

    enum barq_status status = bm_video_get(session, id, &arena, &video, err);
    if (status == BARQ_OK) {
        status = check_absent(session, &video, to_list, err);
    }
    if (status == BARQ_OK) {
        status = pack(session, &video, to_list, &arena, &luggage, err);
    }
    if (status == BARQ_OK) {
        status = bm_next_position(session, to_list, &position, err);
    }
    if (status == BARQ_OK) {
        status = barq_exec(session,
                           "UPDATE videos SET list_id = ?2, position = ?3, run_id = NULL,"
                           " updated_at_ms = ?4 WHERE id = ?1",
                           BARQ_PARAMS(barq_sql_text(id), barq_sql_text(to_list),
                                       barq_sql_int(position), barq_sql_int(now_ms)),
                           err);
    }
    if (status == BARQ_OK) {
        status = barq_exec(session, "DELETE FROM field_values WHERE video_id = ?1",
                           BARQ_PARAMS(barq_sql_text(id)), err);
    }
    return status == BARQ_OK ? unpack(session, &luggage, id, left, err) : status;
}

/* -- copying -- */

static enum barq_status copy_row(struct barq_session *session, const struct bm_video *video,
                                 const char *to_list, int64_t now_ms, const char *copy,
                                 struct barq_error *err)
{
    int64_t position = 0;

    enum barq_status status = check_absent(session, video, to_list, err);
    if (status == BARQ_OK) {
        status = bm_next_position(session, to_list, &position, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    status = barq_exec(
        session,
        "INSERT INTO videos (id, list_id, position, created_at_ms, updated_at_ms, youtube_id,"
        " status, error, title, channel, channel_id, duration_seconds, published_at_ms, language,"
        " tags, thumbnail_url, own_title, description, view_count, like_count, comment_count,"
        " category, live, is_embeddable, privacy, has_captions, availability, checked_at_ms,"
        " metadata_origin, metadata_at_ms, added_at_ms, start_seconds, watch_position_seconds,"
        " watched_at_ms, priority) SELECT ?2, ?3, ?4, ?5, ?5, youtube_id,"
        " status, error, title, channel, channel_id, duration_seconds, published_at_ms, language,"
        " tags, thumbnail_url, own_title, description, view_count, like_count, comment_count,"
        " category, live, is_embeddable, privacy, has_captions, availability, checked_at_ms,"
        " metadata_origin, metadata_at_ms, added_at_ms, start_seconds, watch_position_seconds,"
        " watched_at_ms, priority FROM videos WHERE id = ?1",
        BARQ_PARAMS(barq_sql_text(video->id), barq_sql_text(copy), barq_sql_text(to_list),
                    barq_sql_int(position), barq_sql_int(now_ms)),
        err);
    return status;
}

/* Rows whose own ids are new; `sql` inserts the one of ?1 for the video ?2 under the id ?3. */
static enum barq_status copy_each(struct barq_session *session, const char *ids_sql,
                                  const char *const *sql, const char *from, const char *to,
                                  int64_t now_ms, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bm_auto(rows) struct barq_rows *rows = NULL;
    const char *ids[BM_PAGE_MAX];
    bool full = false;
    size_t n = 0;
    bq_arena_init(&arena, VIDEO_MAX_BYTES);

    enum barq_status status =
        barq_query(session, ids_sql, BARQ_PARAMS(barq_sql_text(from)), &rows, err);
    for (bool more = true; status == BARQ_OK && more && n < BM_PAGE_MAX;) {
        status = barq_rows_next(rows, &more, err);
        if (status == BARQ_OK && more) {
            ids[n++] = bm_row_text(rows, 0, &arena, &full);
        }
    }
    barq_rows_close(rows);
    rows = NULL;
    if (status == BARQ_OK && full) {
        return bq_fail(err, BARQ_ERR_NOMEM, "videos: arena is full");
    }
    for (size_t i = 0; status == BARQ_OK && i < n; i++) {
        char made[BM_ID_BYTES];
        bq_uuid7(now_ms, made);
        for (const char *const *each = sql; status == BARQ_OK && *each; each++) {
            status = barq_exec(
                session, *each,
                BARQ_PARAMS(barq_sql_text(ids[i]), barq_sql_text(to), barq_sql_text(made)), err);
        }
    }
    return status;
}

static enum barq_status copy_belongings(struct barq_session *session, const char *from,
                                        const char *to, int64_t now_ms, struct barq_error *err)
{
    static const char *const notes[] = {
        "INSERT INTO notes (id, video_id, at_seconds, text, created_at_ms, updated_at_ms)"
        " SELECT ?3, ?2, at_seconds, text, created_at_ms, updated_at_ms FROM notes WHERE id = ?1",
        NULL};
    static const char *const transcripts[] = {
        "INSERT INTO transcripts (id, video_id, language, source, is_auto, fetched_at_ms)"
        " SELECT ?3, ?2, language, source, is_auto, fetched_at_ms FROM transcripts WHERE id = ?1",
        "INSERT INTO cues (transcript_id, position, start_ms, end_ms, text) SELECT t.id, "
        "c.position,"
        " c.start_ms, c.end_ms, c.text FROM cues c JOIN transcripts t ON t.id = ?3"
        " AND t.video_id = ?2 WHERE c.transcript_id = ?1",
        "UPDATE transcripts SET is_whole = 1 WHERE id = ?3 AND video_id = ?2 AND id <> ?1", NULL};

    enum barq_status status =
        barq_exec(session,
                  "INSERT INTO video_tags (video_id, tag_id, created_at_ms)"
                  " SELECT ?2, tag_id, created_at_ms FROM video_tags WHERE video_id = ?1",
                  BARQ_PARAMS(barq_sql_text(from), barq_sql_text(to)), err);
    if (status == BARQ_OK) {
        status = barq_exec(session,
                           "INSERT INTO chapters (video_id, start_seconds, title, source)"
                           " SELECT ?2, start_seconds, title, source FROM chapters"
                           " WHERE video_id = ?1",
                           BARQ_PARAMS(barq_sql_text(from), barq_sql_text(to)), err);
    }
    if (status == BARQ_OK) {
        status = copy_each(session, "SELECT id FROM notes WHERE video_id = ?1 ORDER BY id", notes,
                           from, to, now_ms, err);
    }
    return status == BARQ_OK
               ? copy_each(session, "SELECT id FROM transcripts WHERE video_id = ?1 ORDER BY id",
                           transcripts, from, to, now_ms, err)
               : status;
}

enum barq_status bm_video_copy(struct barq_session *session, const char *id, const char *to_list,
                               int64_t now_ms, char copy[BM_ID_BYTES], size_t *left,
                               struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct luggage luggage = {.n_from = 0};
    struct bm_video video;
    bq_arena_init(&arena, VIDEO_MAX_BYTES);
    bq_uuid7(now_ms, copy);

    enum barq_status status = bm_video_get(session, id, &arena, &video, err);
    if (status == BARQ_OK) {
        status = pack(session, &video, to_list, &arena, &luggage, err);
    }
    if (status == BARQ_OK) {
        status = copy_row(session, &video, to_list, now_ms, copy, err);
    }
    if (status == BARQ_OK) {
        status = copy_belongings(session, id, copy, now_ms, err);
    }
    return status == BARQ_OK ? unpack(session, &luggage, copy, left, err) : status;
}
