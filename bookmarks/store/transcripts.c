#include "store/transcripts.h"

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

/* -- reading -- */

struct reading {
    struct barq_arena *arena;
    void *rows; /* of what is read */
    size_t count;
    size_t max;
    bool full;
};

static enum barq_status read_rows(struct barq_session *session, const char *sql, const char *id,
                                  size_t row_bytes, bm_take_row *take, struct reading *reading,
                                  struct barq_error *err)
{
    reading->rows = bq_arena_array(reading->arena, reading->max > 0 ? reading->max : 1, row_bytes);
    reading->full = !reading->rows;
    if (reading->full) {
        return bq_fail(err, BARQ_ERR_NOMEM, "transcripts: arena is full");
    }
    enum barq_status status =
        bm_each_row(session, sql, BARQ_PARAMS(barq_sql_text(id)), take, reading, err);
    return status == BARQ_OK && reading->full
               ? bq_fail(err, BARQ_ERR_NOMEM, "transcripts: arena is full")
               : status;
}

static void take_transcript(void *owner, const struct barq_rows *rows)
{
    struct reading *reading = owner;
    struct bm_stored_transcript *all = reading->rows;
    if (reading->count == reading->max) {
        return;
    }

    all[reading->count++] = (struct bm_stored_transcript){
        .id = bm_row_text(rows, 0, reading->arena, &reading->full),
        .language = bm_row_text(rows, 1, reading->arena, &reading->full),
        .source = bm_row_text(rows, 2, reading->arena, &reading->full),
        .is_auto = barq_column_int(rows, 3) != 0,
        .fetched_at_ms = barq_column_int(rows, 4),
    };
}

enum barq_status bm_transcripts(struct barq_session *session, const char *video_id,
                                struct barq_arena *arena, const struct bm_stored_transcript **out,
                                size_t *count, struct barq_error *err)
{
    struct reading reading = {.arena = arena, .max = BM_TRANSCRIPTS_MAX};

    enum barq_status status =
        read_rows(session,
                  "SELECT id, language, source, is_auto, fetched_at_ms FROM transcripts"
                  " WHERE video_id = ?1 ORDER BY is_auto, fetched_at_ms DESC, id DESC",
                  video_id, sizeof(struct bm_stored_transcript), take_transcript, &reading, err);
    *out = reading.rows;
    *count = reading.count;
    return status;
}

static void take_cue(void *owner, const struct barq_rows *rows)
{
    struct reading *reading = owner;
    struct bm_cue *cues = reading->rows;

    if (reading->count < reading->max) {
        cues[reading->count++] =
            (struct bm_cue){.start_ms = barq_column_int(rows, 0),
                            .end_ms = barq_column_int(rows, 1),
                            .text = bm_row_text(rows, 2, reading->arena, &reading->full)};
    }
}

enum barq_status bm_cues(struct barq_session *session, const char *transcript_id,
                         struct barq_arena *arena, const struct bm_cue **out, size_t *count,
                         struct barq_error *err)
{
    struct reading reading = {.arena = arena};
    int64_t all = 0;

    enum barq_status status =
        bm_query_int(session, "SELECT count(*) FROM cues WHERE transcript_id = ?1",
                     BARQ_PARAMS(barq_sql_text(transcript_id)), &all, err);
    reading.max = (size_t)all;
    if (status == BARQ_OK) {
        status = read_rows(session,
                           "SELECT start_ms, end_ms, text FROM cues WHERE transcript_id = ?1"
                           " ORDER BY position",
                           transcript_id, sizeof(struct bm_cue), take_cue, &reading, err);
    }
    *out = reading.rows;
    *count = reading.count;
    return status;
}

enum barq_status bm_transcript_cues(struct barq_session *session, const char *video_id,
                                    struct barq_arena *arena, const struct bm_cue **out,
                                    size_t *count, struct barq_error *err)
{
    const struct bm_stored_transcript *transcripts = NULL;
    size_t n = 0;
    *out = NULL;
    *count = 0;

    enum barq_status status = bm_transcripts(session, video_id, arena, &transcripts, &n, err);
    return status == BARQ_OK && n > 0 ? bm_cues(session, transcripts[0].id, arena, out, count, err)
                                      : status;
}

/* -- chapters -- */

static void take_chapter(void *owner, const struct barq_rows *rows)
{
    struct reading *reading = owner;
    struct bm_stored_chapter *chapters = reading->rows;

    if (reading->count < reading->max) {
        chapters[reading->count++] = (struct bm_stored_chapter){
            .start_seconds = barq_column_int(rows, 0),
            .title = bm_row_text(rows, 1, reading->arena, &reading->full),
            .source = bm_row_text(rows, 2, reading->arena, &reading->full)};
    }
}

enum barq_status bm_chapters(struct barq_session *session, const char *video_id,
                             struct barq_arena *arena, const struct bm_stored_chapter **out,
                             size_t *count, struct barq_error *err)
{
    struct reading reading = {.arena = arena, .max = BM_CHAPTERS_READ_MAX};

    enum barq_status status =
        read_rows(session,
                  "SELECT start_seconds, title, source FROM chapters WHERE video_id = ?1"
                  " ORDER BY start_seconds",
                  video_id, sizeof(struct bm_stored_chapter), take_chapter, &reading, err);
    *out = reading.rows;
    *count = reading.count;
    return status;
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
