#include "store/tags.h"

#include <ctype.h>
#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/time.h"
#include "fields/label.h"
#include "store/rows.h"

/* -- reading -- */

#define SELECT_TAGS                                                                                \
    "SELECT t.id, t.name, t.color, t.is_category, t.position, t.created_at_ms, t.updated_at_ms,"   \
    " (SELECT count(*) FROM video_tags v WHERE v.tag_id = t.id) FROM tags t"

static enum barq_status read_tag(const struct barq_rows *rows, struct barq_arena *arena,
                                 struct bm_tag *out, struct barq_error *err)
{
    bool full = false;

    *out = (struct bm_tag){
        .id = bm_row_text(rows, 0, arena, &full),
        .name = bm_row_text(rows, 1, arena, &full),
        .color = bm_row_text(rows, 2, arena, &full),
        .is_category = barq_column_int(rows, 3) != 0,
        .position = barq_column_int(rows, 4),
        .created_at_ms = barq_column_int(rows, 5),
        .updated_at_ms = barq_column_int(rows, 6),
        .n_videos = barq_column_int(rows, 7),
    };
    return full ? bq_fail(err, BARQ_ERR_NOMEM, "tags: arena is full") : BARQ_OK;
}

/* At most `max` rows of a query whose columns are those of SELECT_TAGS. */
static enum barq_status read_tags(struct barq_session *session, const char *sql,
                                  const struct barq_scalar *params, size_t n_params, size_t max,
                                  struct barq_arena *arena, const struct bm_tag **out,
                                  size_t *count, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    struct bm_tag *tags = bq_arena_array(arena, max, sizeof(*tags));
    size_t n = 0;
    if (!tags) {
        return bq_fail(err, BARQ_ERR_NOMEM, "tags: arena is full");
    }

    enum barq_status status = barq_query(session, sql, params, n_params, &rows, err);
    for (bool more = true; status == BARQ_OK && n < max;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        status = read_tag(rows, arena, &tags[n++], err);
    }
    if (status == BARQ_OK) {
        *out = tags;
        *count = n;
    }
    return status;
}

/* The statuses are named for their index, which has the ids in order. */
#define SELECT_OF_LIST                                                                             \
    "SELECT t.id, t.name, t.color, t.is_category, t.position, t.created_at_ms, t.updated_at_ms,"   \
    " coalesce(c.n, 0) FROM tags t LEFT JOIN (SELECT l.tag_id, count(*) AS n FROM videos v"        \
    " JOIN video_tags l ON l.video_id = v.id WHERE v.list_id = ?2"                                 \
    " AND v.status IN ('pending', 'completed', 'failed') GROUP BY l.tag_id) c ON c.tag_id = t.id"
#define BY_POSITION " ORDER BY t.position, t.id LIMIT ?1"

enum barq_status bm_tags(struct barq_session *session, const char *list_id,
                         struct barq_arena *arena, const struct bm_tag **out, size_t *count,
                         struct barq_error *err)
{
    const struct barq_scalar params[] = {barq_sql_int(BM_TAGS_MAX), barq_sql_text(list_id)};

    return read_tags(session, list_id ? SELECT_OF_LIST BY_POSITION : SELECT_TAGS BY_POSITION,
                     params, list_id ? 2 : 1, BM_TAGS_MAX, arena, out, count, err);
}

enum barq_status bm_tag_find(struct barq_session *session, const char *id_or_name,
                             struct barq_arena *arena, struct bm_tag *out, struct barq_error *err)
{
    char key[BM_LABEL_KEY_BYTES];
    const struct bm_tag *tags = NULL;
    size_t count = 0;
    bm_label_key(id_or_name, key);

    enum barq_status status = read_tags(
        session,
        SELECT_TAGS " WHERE t.id = ?1 OR t.name_key = ?2"
                    " ORDER BY CASE WHEN t.id = ?1 THEN 0 ELSE 1 END LIMIT 1",
        BARQ_PARAMS(barq_sql_text(id_or_name), barq_sql_text(key)), 1, arena, &tags, &count, err);
    if (status == BARQ_OK && count == 0) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "tags: there is no tag %.64s", id_or_name);
    }
    if (status == BARQ_OK) {
        *out = tags[0];
    }
    return status;
}

/* -- adding and changing -- */

static bool is_color(const char *color)
{
    size_t digits = 0;

    for (; *color == '#' && isxdigit((unsigned char)color[digits + 1]); digits++) {
    }
    return digits == 6 && color[7] == '\0';
}

static enum barq_status check_tag(const struct bm_tag *tag, struct barq_error *err)
{
    if (!bm_is_label(tag->name, BM_TAG_NAME_MAX_BYTES)) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "tags: a name has 1 to %d bytes of UTF-8 without control characters",
                       BM_TAG_NAME_MAX_BYTES);
    }
    if (tag->color && !is_color(tag->color)) {
        return bq_fail(err, BARQ_ERR_ARG, "tags: a color is like \"#00aaff\"");
    }
    return BARQ_OK;
}

static enum barq_status check_room(struct barq_session *session, struct barq_error *err)
{
    int64_t count = 0;

    enum barq_status status =
        bm_query_int(session, "SELECT count(*) FROM tags", BARQ_NO_PARAMS, &count, err);
    if (status == BARQ_OK && count >= BM_TAGS_MAX) {
        return bq_fail(err, BARQ_ERR_LIMIT, "tags: there are %d already", BM_TAGS_MAX);
    }
    return status;
}

static enum barq_status taken(const struct bm_tag *tag, struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_EXISTS, "tags: there is a tag called %s", tag->name);
}

enum barq_status bm_tag_add(struct barq_session *session, const struct bm_tag *tag, int64_t now_ms,
                            char id[BM_ID_BYTES], struct barq_error *err)
{
    char made[BM_ID_BYTES];
    char key[BM_LABEL_KEY_BYTES];

    enum barq_status status = check_tag(tag, err);
    if (status == BARQ_OK) {
        status = check_room(session, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    bq_uuid7(now_ms, made);
    bm_label_key(tag->name, key);
    status = barq_exec(session,
                       "INSERT INTO tags (id, name, name_key, color, is_category, position,"
                       " created_at_ms, updated_at_ms) VALUES (?1, ?2, ?3, ?4, ?5,"
                       " (SELECT coalesce(max(position), 0) + 1 FROM tags), ?6, ?6)"
                       " ON CONFLICT (name_key) DO NOTHING",
                       BARQ_PARAMS(barq_sql_text(made), barq_sql_text(tag->name),
                                   barq_sql_text(key), barq_sql_text(tag->color),
                                   barq_sql_int(tag->is_category), barq_sql_int(now_ms)),
                       err);
    if (status == BARQ_OK && barq_changes(session) == 0) {
        return taken(tag, err);
    }
    if (status == BARQ_OK) {
        memcpy(id, made, sizeof(made));
    }
    return status;
}

/* `sql` counts the videos of ?1 (and ?2, if it is asked for) that have another category. */
static enum barq_status check_only_category(struct barq_session *session, const char *sql,
                                            const char *id, const char *beside,
                                            struct barq_error *err)
{
    int64_t count = 0;

    enum barq_status status = bm_query_int(
        session, sql, BARQ_PARAMS(barq_sql_text(id), barq_sql_text(beside)), &count, err);
    if (status == BARQ_OK && count > 0) {
        return bq_fail(err, BARQ_ERR_DENIED, "tags: %lld videos have another category",
                       (long long)count);
    }
    return status;
}

#define OTHERS_CATEGORY                                                                            \
    "SELECT count(DISTINCT mine.video_id) FROM video_tags mine JOIN video_tags other"              \
    " ON other.video_id = mine.video_id JOIN tags t ON t.id = other.tag_id"                        \
    " WHERE mine.tag_id = ?1 AND other.tag_id <> ?1 AND other.tag_id <> ?2 AND t.is_category = 1"

enum barq_status bm_tag_change(struct barq_session *session, const struct bm_tag *tag,
                               int64_t now_ms, struct barq_error *err)
{
    char key[BM_LABEL_KEY_BYTES];
    int64_t others = 0;
    bm_label_key(tag->name, key);

    enum barq_status status = check_tag(tag, err);
    if (status == BARQ_OK) { /* after a unique constraint PostgreSQL's transaction is over */
        status =
            bm_query_int(session, "SELECT count(*) FROM tags WHERE name_key = ?1 AND id <> ?2",
                         BARQ_PARAMS(barq_sql_text(key), barq_sql_text(tag->id)), &others, err);
    }
    if (status == BARQ_OK && others > 0) {
        return taken(tag, err);
    }
    if (status == BARQ_OK && tag->is_category) {
        status = check_only_category(session, OTHERS_CATEGORY, tag->id, tag->id, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    status = barq_exec(
        session,
        "UPDATE tags SET name = ?2, name_key = ?3, color = ?4, is_category = ?5, position = ?6,"
        " updated_at_ms = ?7 WHERE id = ?1",
        BARQ_PARAMS(barq_sql_text(tag->id), barq_sql_text(tag->name), barq_sql_text(key),
                    barq_sql_text(tag->color), barq_sql_int(tag->is_category),
                    barq_sql_int(tag->position), barq_sql_int(now_ms)),
        err);
    if (status == BARQ_OK && barq_changes(session) == 0) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "tags: there is none of this id");
    }
    return status;
}

enum barq_status bm_tag_delete(struct barq_session *session, const char *id, struct barq_error *err)
{
    enum barq_status status =
        barq_exec(session, "DELETE FROM tags WHERE id = ?1", BARQ_PARAMS(barq_sql_text(id)), err);

    if (status == BARQ_OK && barq_changes(session) == 0) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "tags: there is none of this id");
    }
    return status;
}

enum barq_status bm_tag_merge(struct barq_session *session, const char *from, const char *into,
                              struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    enum { TAG_BYTES = 64 * 1024 };
    struct bm_tag kept = {.id = NULL};
    bq_arena_init(&arena, TAG_BYTES);

    if (strcmp(from, into) == 0) {
        return bq_fail(err, BARQ_ERR_ARG, "tags: a tag cannot be merged into itself");
    }
    enum barq_status status = bm_tag_find(session, into, &arena, &kept, err);
    if (status == BARQ_OK && kept.is_category) {
        status = check_only_category(session, OTHERS_CATEGORY, from, into, err);
    }
    if (status == BARQ_OK) {
        status = barq_exec(session,
                           "INSERT INTO video_tags (video_id, tag_id, created_at_ms)"
                           " SELECT video_id, ?2, created_at_ms FROM video_tags WHERE tag_id = ?1"
                           " ON CONFLICT (video_id, tag_id) DO NOTHING",
                           BARQ_PARAMS(barq_sql_text(from), barq_sql_text(into)), err);
    }
    return status == BARQ_OK ? bm_tag_delete(session, from, err) : status;
}

/* -- of a video -- */

enum barq_status bm_video_tags(struct barq_session *session, const char *video_id,
                               struct barq_arena *arena, const struct bm_tag **out, size_t *count,
                               struct barq_error *err)
{
    return read_tags(session,
                     "SELECT t.id, t.name, t.color, t.is_category, t.position, t.created_at_ms,"
                     " t.updated_at_ms, 0 FROM video_tags v JOIN tags t ON t.id = v.tag_id"
                     " WHERE v.video_id = ?1 ORDER BY t.position, t.id LIMIT ?2",
                     BARQ_PARAMS(barq_sql_text(video_id), barq_sql_int(BM_TAGS_OF_VIDEO_MAX)),
                     BM_TAGS_OF_VIDEO_MAX, arena, out, count, err);
}

/* Room for one more of a video; NULL when there is none, or it has BM_TAGS_OF_VIDEO_MAX. */
static struct bm_tag *one_more(struct bm_tags_of *of, struct barq_arena *arena)
{
    if (!of->tags) {
        of->tags = bq_arena_array(arena, BM_TAGS_OF_VIDEO_MAX, sizeof(*of->tags));
    }
    return of->tags && of->count < BM_TAGS_OF_VIDEO_MAX ? &of->tags[of->count++] : NULL;
}

enum barq_status bm_tags_of_videos(struct barq_session *session, const char *const *ids,
                                   size_t n_ids, struct barq_arena *arena, struct bm_tags_of *out,
                                   struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    size_t place = 0;

    enum barq_status status = bm_query_among(
        session,
        "SELECT t.id, t.name, t.color, t.is_category, t.position, t.created_at_ms,"
        " t.updated_at_ms, 0, v.video_id FROM video_tags v CROSS JOIN tags t"
        " WHERE t.id = v.tag_id AND v.video_id IN", /* SQLite goes from left to right */
        ids, n_ids, " ORDER BY v.video_id, t.position, t.id", &rows, err);
    for (bool more = true; status == BARQ_OK;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        place = bm_place_among(ids, n_ids, barq_column_text(rows, 8), place);
        struct bm_tag *tag = one_more(&out[place], arena);
        status = tag ? read_tag(rows, arena, tag, err)
                     : bq_fail(err, BARQ_ERR_NOMEM, "tags: arena is full");
    }
    return status;
}
