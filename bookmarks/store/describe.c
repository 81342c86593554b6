/* describe.c - what the outside knows of a video, stored; and its channel with it. */
#include "auto.h"
#include "base/error.h"
#include "store/rows.h"
#include "store/store.h"

enum { TAGS_MAX = 1000, TAGS_MAX_BYTES = 1024 * 1024 };

static enum barq_status tags_json(const struct bm_metadata *metadata, struct barq_arena *arena,
                                  const char **out, struct barq_error *err)
{
    struct barq_value *list = barq_list(arena);

    for (size_t i = 0; i < metadata->n_tags && i < TAGS_MAX; i++) {
        barq_add(list, barq_string(arena, metadata->tags[i]));
    }
    return barq_to_json(arena, list, out, NULL, err);
}

static struct barq_scalar answer(enum bm_answer given)
{
    return given == BM_UNKNOWN ? barq_sql_null() : barq_sql_int(given == BM_YES);
}

/* The channels of videos are known without anybody adding them. */
static enum barq_status keep_channel(struct barq_session *session,
                                     const struct bm_metadata *metadata, int64_t now_ms,
                                     struct barq_error *err)
{
    if (!metadata->channel_id) {
        return BARQ_OK;
    }
    return barq_exec(session,
                     "INSERT INTO channels (id, name, created_at_ms, updated_at_ms)"
                     " VALUES (?1, coalesce(?2, ?1), ?3, ?3) ON CONFLICT (id) DO UPDATE"
                     " SET name = excluded.name, updated_at_ms = excluded.updated_at_ms"
                     " WHERE CAST(?2 AS TEXT) IS NOT NULL AND channels.name <> excluded.name",
                     BARQ_PARAMS(barq_sql_text(metadata->channel_id),
                                 barq_sql_text(metadata->channel), barq_sql_int(now_ms)),
                     err);
}

static enum barq_status describe(struct barq_session *session, const char *id,
                                 const struct bm_metadata *metadata, const char *tags,
                                 int64_t now_ms, struct barq_error *err)
{
    return barq_exec(
        session,
        "UPDATE videos SET title = ?2, channel = ?3, channel_id = ?4, duration_seconds = ?5,"
        " published_at_ms = ?6, language = ?7, tags = ?8, thumbnail_url = ?9, description = ?11,"
        " category = ?12, view_count = ?13, like_count = ?14, comment_count = ?15,"
        " privacy = ?16, live = ?17, is_embeddable = ?18, has_captions = ?19,"
        " updated_at_ms = ?10, metadata_at_ms = ?10, checked_at_ms = ?10,"
        " availability = 'available', metadata_origin = ?20"
        " WHERE id = ?1 AND status = 'pending'",
        BARQ_PARAMS(barq_sql_text(id), barq_sql_text(metadata->title ? metadata->title : ""),
                    barq_sql_text(metadata->channel), barq_sql_text(metadata->channel_id),
                    bm_sql_unless(metadata->duration_s, -1),
                    bm_sql_unless(metadata->published_at_ms, INT64_MIN),
                    barq_sql_text(metadata->language), barq_sql_text(tags),
                    barq_sql_text(metadata->thumbnail_url), barq_sql_int(now_ms),
                    barq_sql_text(metadata->description),
                    barq_sql_text(bm_category_name(metadata->category_id)),
                    bm_sql_unless(metadata->views, -1), bm_sql_unless(metadata->likes, -1),
                    bm_sql_unless(metadata->comments, -1), barq_sql_text(metadata->privacy),
                    barq_sql_text(metadata->live), answer(metadata->embeddable),
                    answer(metadata->captioned), barq_sql_text(metadata->origin)),
        err);
}

enum barq_status bm_video_describe(struct barq_session *session, const char *id,
                                   const struct bm_metadata *metadata, int64_t now_ms,
                                   bool *changed, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    const char *tags = NULL;
    bq_arena_init(&arena, TAGS_MAX_BYTES);

    enum barq_status status = tags_json(metadata, &arena, &tags, err);
    if (status == BARQ_OK) {
        status = describe(session, id, metadata, tags, now_ms, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    bool described = barq_changes(session) == 1;
    if (changed) {
        *changed = described;
    }
    return described ? keep_channel(session, metadata, now_ms, err) : BARQ_OK;
}
