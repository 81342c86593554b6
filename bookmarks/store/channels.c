#include "store/channels.h"

#include "auto.h"
#include "base/error.h"
#include "store/rows.h"

#define SELECT_CHANNELS                                                                            \
    "SELECT c.id, c.name, c.thumbnail_url, c.description, c.is_hidden,"                            \
    " (SELECT count(*) FROM videos v WHERE v.channel_id = c.id), c.updated_at_ms FROM channels c"

static enum barq_status read_channel(const struct barq_rows *rows, struct barq_arena *arena,
                                     struct bm_channel *out, struct barq_error *err)
{
    bool full = false;

    *out = (struct bm_channel){
        .id = bm_row_text(rows, 0, arena, &full),
        .name = bm_row_text(rows, 1, arena, &full),
        .thumbnail_url = bm_row_text(rows, 2, arena, &full),
        .description = bm_row_text(rows, 3, arena, &full),
        .is_hidden = barq_column_int(rows, 4) != 0,
        .n_videos = barq_column_int(rows, 5),
        .updated_at_ms = barq_column_int(rows, 6),
    };
    return full ? bq_fail(err, BARQ_ERR_NOMEM, "channels: arena is full") : BARQ_OK;
}

#define SELECT_OF_LIST                                                                             \
    "SELECT c.id, c.name, c.thumbnail_url, c.description, c.is_hidden, v.n, c.updated_at_ms"       \
    " FROM (SELECT channel_id, count(*) AS n FROM videos WHERE list_id = ?3"                       \
    " AND channel_id IS NOT NULL GROUP BY channel_id) v JOIN channels c ON c.id = v.channel_id"
#define SHOWN " WHERE c.is_hidden <= ?1 ORDER BY c.name, c.id LIMIT ?2"

enum barq_status bm_channels(struct barq_session *session, const char *list_id, bool hidden_too,
                             struct barq_arena *arena, const struct bm_channel **out, size_t *count,
                             struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    struct bm_channel *channels = bq_arena_array(arena, BM_CHANNELS_MAX, sizeof(*channels));
    const struct barq_scalar params[] = {barq_sql_int(hidden_too), barq_sql_int(BM_CHANNELS_MAX),
                                         barq_sql_text(list_id)};
    size_t n = 0;
    if (!channels) {
        return bq_fail(err, BARQ_ERR_NOMEM, "channels: arena is full");
    }

    enum barq_status status =
        barq_query(session, list_id ? SELECT_OF_LIST SHOWN : SELECT_CHANNELS SHOWN, params,
                   list_id ? 3 : 2, &rows, err);
    for (bool more = true; status == BARQ_OK;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        status = read_channel(rows, arena, &channels[n++], err);
    }
    if (status == BARQ_OK) {
        *out = channels;
        *count = n;
    }
    return status;
}

static enum barq_status not_there(struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_NOTFOUND, "channels: there is none of this id");
}

enum barq_status bm_channel_get(struct barq_session *session, const char *id,
                                struct barq_arena *arena, struct bm_channel *out,
                                struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool more = false;

    enum barq_status status = barq_query(session, SELECT_CHANNELS " WHERE c.id = ?1",
                                         BARQ_PARAMS(barq_sql_text(id)), &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    return more ? read_channel(rows, arena, out, err) : not_there(err);
}

enum barq_status bm_channel_hide(struct barq_session *session, const char *id, bool hidden,
                                 int64_t now_ms, struct barq_error *err)
{
    enum barq_status status =
        barq_exec(session, "UPDATE channels SET is_hidden = ?2, updated_at_ms = ?3 WHERE id = ?1",
                  BARQ_PARAMS(barq_sql_text(id), barq_sql_int(hidden), barq_sql_int(now_ms)), err);

    return status == BARQ_OK && barq_changes(session) == 0 ? not_there(err) : status;
}

enum barq_status bm_channel_describe(struct barq_session *session, const struct bm_channel *channel,
                                     int64_t now_ms, struct barq_error *err)
{
    return barq_exec(
        session,
        "INSERT INTO channels (id, name, thumbnail_url, description, created_at_ms, updated_at_ms)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
        " thumbnail_url = excluded.thumbnail_url, description = excluded.description,"
        " updated_at_ms = excluded.updated_at_ms",
        BARQ_PARAMS(barq_sql_text(channel->id), barq_sql_text(channel->name),
                    barq_sql_text(channel->thumbnail_url), barq_sql_text(channel->description),
                    barq_sql_int(now_ms)),
        err);
}
