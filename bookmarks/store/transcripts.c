#include "store/transcripts.h"

#include "auto.h"
#include "base/error.h"
#include "base/time.h"
#include "store/rows.h"

static enum barq_status put_cues(struct barq_session *session, const char *id,
                                 const struct bm_new_transcript *transcript, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < transcript->n_cues; i++) {
        const struct bm_cue *cue = &transcript->cues[i];
        status = barq_exec(session,
                           "INSERT INTO cues (transcript_id, position, start_ms, end_ms, text)"
                           " VALUES (?1, ?2, ?3, ?4, ?5)",
                           BARQ_PARAMS(barq_sql_text(id), barq_sql_int((int64_t)i + 1),
                                       barq_sql_int(cue->start_ms), barq_sql_int(cue->end_ms),
                                       barq_sql_text(cue->text)),
                           err);
    }
    return status;
}

enum barq_status bm_transcript_is_whole(struct barq_session *session, const char *id,
                                        struct barq_error *err)
{
    return barq_exec(session, "UPDATE transcripts SET is_whole = 1 WHERE id = ?1",
                     BARQ_PARAMS(barq_sql_text(id)), err);
}

enum barq_status bm_transcript_put(struct barq_session *session, const char *video_id,
                                   const struct bm_new_transcript *transcript, int64_t now_ms,
                                   struct barq_error *err)
{
    char id[BM_ID_BYTES];
    bq_uuid7(now_ms, id);

    enum barq_status status = barq_exec(
        session, "DELETE FROM transcripts WHERE video_id = ?1 AND language = ?2 AND is_auto = ?3",
        BARQ_PARAMS(barq_sql_text(video_id), barq_sql_text(transcript->language),
                    barq_sql_int(transcript->is_auto)),
        err);
    if (status == BARQ_OK) {
        status = barq_exec(
            session,
            "INSERT INTO transcripts (id, video_id, language, source, is_auto, fetched_at_ms)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            BARQ_PARAMS(barq_sql_text(id), barq_sql_text(video_id),
                        barq_sql_text(transcript->language), barq_sql_text(transcript->source),
                        barq_sql_int(transcript->is_auto), barq_sql_int(now_ms)),
            err);
    }
    if (status == BARQ_OK) {
        status = put_cues(session, id, transcript, err);
    }
    return status == BARQ_OK ? bm_transcript_is_whole(session, id, err) : status;
}

enum barq_status bm_transcript_is_there(struct barq_session *session, const char *video_id,
                                        bool *out, struct barq_error *err)
{
    int64_t count = 0;

    enum barq_status status =
        bm_query_int(session, "SELECT count(*) FROM transcripts WHERE video_id = ?1",
                     BARQ_PARAMS(barq_sql_text(video_id)), &count, err);
    *out = count > 0;
    return status;
}

#define FROM_CUES                                                                                  \
    " FROM cues WHERE transcript_id = (SELECT id FROM transcripts WHERE video_id = ?1"             \
    " ORDER BY is_auto, fetched_at_ms DESC, id DESC LIMIT 1)"

enum barq_status bm_transcript_cues(struct barq_session *session, const char *video_id,
                                    struct barq_arena *arena, const struct bm_cue **out,
                                    size_t *count, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    int64_t all = 0;
    size_t n = 0;
    bool full = false;

    enum barq_status status = bm_query_int(session, "SELECT count(*)" FROM_CUES,
                                           BARQ_PARAMS(barq_sql_text(video_id)), &all, err);
    struct bm_cue *cues = bq_arena_array(arena, (size_t)all, sizeof(*cues));
    if (status == BARQ_OK && all > 0 && !cues) {
        return bq_fail(err, BARQ_ERR_NOMEM, "transcripts: arena is full");
    }
    if (status == BARQ_OK) {
        status = barq_query(session, "SELECT start_ms, end_ms, text" FROM_CUES " ORDER BY position",
                            BARQ_PARAMS(barq_sql_text(video_id)), &rows, err);
    }
    for (bool more = true; status == BARQ_OK && n < (size_t)all;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        cues[n++] = (struct bm_cue){.start_ms = barq_column_int(rows, 0),
                                    .end_ms = barq_column_int(rows, 1),
                                    .text = bm_row_text(rows, 2, arena, &full)};
    }
    *out = cues;
    *count = n;
    return status == BARQ_OK && full ? bq_fail(err, BARQ_ERR_NOMEM, "transcripts: arena is full")
                                     : status;
}

enum barq_status bm_chapters_put(struct barq_session *session, const char *video_id,
                                 const struct bm_chapter *chapters, size_t count,
                                 const char *source, struct barq_error *err)
{
    int64_t there = 0;

    enum barq_status status =
        bm_query_int(session, "SELECT count(*) FROM chapters WHERE video_id = ?1",
                     BARQ_PARAMS(barq_sql_text(video_id)), &there, err);
    for (size_t i = 0; status == BARQ_OK && there == 0 && i < count; i++) {
        status = barq_exec(session,
                           "INSERT INTO chapters (video_id, start_seconds, title, source)"
                           " VALUES (?1, ?2, ?3, ?4)"
                           " ON CONFLICT (video_id, start_seconds) DO NOTHING",
                           BARQ_PARAMS(barq_sql_text(video_id),
                                       barq_sql_int(chapters[i].start_ms / 1000),
                                       barq_sql_text(chapters[i].title), barq_sql_text(source)),
                           err);
    }
    return status;
}
