/* Which tags a video has: at most one category among them. */
#include "base/error.h"
#include "store/rows.h"
#include "store/tags.h"

/* What the video has beside the tag: how many, and how many categories among them. */
static enum barq_status look_at_video(struct barq_session *session, const char *video_id,
                                      const char *tag_id, int64_t *tags, int64_t *categories,
                                      struct barq_error *err)
{
    const struct barq_scalar params[] = {barq_sql_text(video_id), barq_sql_text(tag_id)};

    enum barq_status status = bm_query_int(
        session, "SELECT count(*) FROM video_tags WHERE video_id = ?1 AND tag_id <> ?2", params, 2,
        tags, err);
    return status == BARQ_OK
               ? bm_query_int(session,
                              "SELECT count(*) FROM video_tags v JOIN tags t ON t.id = v.tag_id"
                              " WHERE v.video_id = ?1 AND v.tag_id <> ?2 AND t.is_category = 1",
                              params, 2, categories, err)
               : status;
}

static enum barq_status check_both(struct barq_session *session, const char *video_id,
                                   const char *tag_id, bool *is_category, struct barq_error *err)
{
    int64_t kind = -1;
    int64_t video = 0;

    enum barq_status status =
        bm_query_int(session, "SELECT coalesce(max(is_category), -1) FROM tags WHERE id = ?1",
                     BARQ_PARAMS(barq_sql_text(tag_id)), &kind, err);
    if (status == BARQ_OK) {
        status = bm_query_int(session, "SELECT count(*) FROM videos WHERE id = ?1",
                              BARQ_PARAMS(barq_sql_text(video_id)), &video, err);
    }
    if (status == BARQ_OK && video == 0) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "tags: there is no such video");
    }
    if (status == BARQ_OK && kind < 0) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "tags: there is no such tag");
    }
    *is_category = kind == 1;
    return status;
}

static enum barq_status put(struct barq_session *session, const char *video_id, const char *tag_id,
                            int64_t now_ms, struct barq_error *err)
{
    return barq_exec(
        session,
        "INSERT INTO video_tags (video_id, tag_id, created_at_ms) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (video_id, tag_id) DO NOTHING",
        BARQ_PARAMS(barq_sql_text(video_id), barq_sql_text(tag_id), barq_sql_int(now_ms)), err);
}

enum barq_status bm_video_tag(struct barq_session *session, const char *video_id,
                              const char *tag_id, int64_t now_ms, struct barq_error *err)
{
    bool is_category = false;
    int64_t tags = 0;
    int64_t categories = 0;

    enum barq_status status = check_both(session, video_id, tag_id, &is_category, err);
    if (status == BARQ_OK) {
        status = look_at_video(session, video_id, tag_id, &tags, &categories, err);
    }
    if (status == BARQ_OK && is_category && categories > 0) {
        return bq_fail(err, BARQ_ERR_DENIED, "tags: the video has another category");
    }
    if (status == BARQ_OK && tags >= BM_TAGS_OF_VIDEO_MAX) {
        return bq_fail(err, BARQ_ERR_LIMIT, "tags: a video has at most %d", BM_TAGS_OF_VIDEO_MAX);
    }
    return status == BARQ_OK ? put(session, video_id, tag_id, now_ms, err) : status;
}

enum barq_status bm_video_untag(struct barq_session *session, const char *video_id,
                                const char *tag_id, struct barq_error *err)
{
    return barq_exec(session, "DELETE FROM video_tags WHERE video_id = ?1 AND tag_id = ?2",
                     BARQ_PARAMS(barq_sql_text(video_id), barq_sql_text(tag_id)), err);
}

enum barq_status bm_video_set_category(struct barq_session *session, const char *video_id,
                                       const char *tag_id, int64_t now_ms, struct barq_error *err)
{
    bool is_category = true;
    enum barq_status status =
        tag_id ? check_both(session, video_id, tag_id, &is_category, err) : BARQ_OK;

    if (status == BARQ_OK && !is_category) {
        return bq_fail(err, BARQ_ERR_ARG, "tags: this tag is a label, not a category");
    }
    if (status == BARQ_OK) {
        status = barq_exec(session,
                           "DELETE FROM video_tags WHERE video_id = ?1"
                           " AND tag_id IN (SELECT id FROM tags WHERE is_category = 1)",
                           BARQ_PARAMS(barq_sql_text(video_id)), err);
    }
    return status == BARQ_OK && tag_id ? bm_video_tag(session, video_id, tag_id, now_ms, err)
                                       : status;
}
