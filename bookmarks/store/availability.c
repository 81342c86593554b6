#include "store/availability.h"

#include "auto.h"
#include "base/error.h"
#include "store/events.h"
#include "store/rows.h"

enum { ARENA_BYTES = 16 * 1024 };

enum barq_status bm_unchecked(struct barq_session *session, int64_t before_ms, size_t limit,
                              struct barq_arena *arena, const struct bm_checked **out,
                              size_t *count, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    struct bm_checked *videos = bq_arena_array(arena, limit, sizeof(*videos));
    bool full = !videos;
    size_t n = 0;
    if (full) {
        return bq_fail(err, BARQ_ERR_NOMEM, "availability: arena is full");
    }

    enum barq_status status =
        barq_query(session,
                   "SELECT id, youtube_id FROM videos WHERE status = 'completed'"
                   " AND coalesce(checked_at_ms, 0) < ?1"
                   " ORDER BY coalesce(checked_at_ms, 0), id LIMIT ?2",
                   BARQ_PARAMS(barq_sql_int(before_ms), barq_sql_int((int64_t)limit)), &rows, err);
    for (bool more = true; status == BARQ_OK && n < limit;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        videos[n++] = (struct bm_checked){.video_id = bm_row_text(rows, 0, arena, &full),
                                          .youtube_id = bm_row_text(rows, 1, arena, &full)};
    }
    *out = videos;
    *count = n;
    return status == BARQ_OK && full ? bq_fail(err, BARQ_ERR_NOMEM, "availability: arena is full")
                                     : status;
}

/* YouTube's API leaves out what is private as it does what is gone. */
static const char *word_of(const struct bm_metadata *answer)
{
    if (answer->found) {
        return "available";
    }
    return answer->refusal == BM_REFUSAL_PRIVATE ? "private" : "gone";
}

static enum barq_status add_event(struct barq_session *session, const char *video_id,
                                  const char *word, int64_t now_ms, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, ARENA_BYTES);
    const struct bm_event event = {
        .at_ms = now_ms, .kind = "video.availability", .video_id = video_id};
    struct barq_value *data = barq_map(&arena);

    barq_set_key(data, "availability", barq_string(&arena, word));
    return bm_event_add_value(session, &event, data, &arena, err);
}

enum barq_status bm_video_check(struct barq_session *session, const char *video_id,
                                const struct bm_metadata *answer, int64_t now_ms,
                                struct barq_error *err)
{
    const char *word = word_of(answer);

    enum barq_status status = barq_exec(
        session,
        "UPDATE videos SET availability = ?2, updated_at_ms = ?3 WHERE id = ?1"
        " AND availability <> ?2",
        BARQ_PARAMS(barq_sql_text(video_id), barq_sql_text(word), barq_sql_int(now_ms)), err);
    if (status == BARQ_OK && barq_changes(session) == 1) {
        status = add_event(session, video_id, word, now_ms, err);
    }
    return status != BARQ_OK
               ? status
               : barq_exec(session, "UPDATE videos SET checked_at_ms = ?2 WHERE id = ?1",
                           BARQ_PARAMS(barq_sql_text(video_id), barq_sql_int(now_ms)), err);
}
