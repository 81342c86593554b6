#include "store/notes.h"

#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/time.h"
#include "fields/label.h"
#include "store/rows.h"

#define SELECT_NOTES                                                                               \
    "SELECT id, video_id, at_seconds, text, created_at_ms, updated_at_ms FROM notes"

static enum barq_status read_note(const struct barq_rows *rows, struct barq_arena *arena,
                                  struct bm_note *out, struct barq_error *err)
{
    bool full = false;

    *out = (struct bm_note){
        .id = bm_row_text(rows, 0, arena, &full),
        .video_id = bm_row_text(rows, 1, arena, &full),
        .has_time = barq_column(rows, 2).kind != BARQ_NULL,
        .at_seconds = barq_column_int(rows, 2),
        .text = bm_row_text(rows, 3, arena, &full),
        .created_at_ms = barq_column_int(rows, 4),
        .updated_at_ms = barq_column_int(rows, 5),
    };
    return full ? bq_fail(err, BARQ_ERR_NOMEM, "notes: arena is full") : BARQ_OK;
}

enum barq_status bm_notes(struct barq_session *session, const char *video_id,
                          struct barq_arena *arena, const struct bm_note **out, size_t *count,
                          struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    struct bm_note *notes = bq_arena_array(arena, BM_NOTES_MAX, sizeof(*notes));
    size_t n = 0;
    if (!notes) {
        return bq_fail(err, BARQ_ERR_NOMEM, "notes: arena is full");
    }

    enum barq_status status = barq_query(
        session, SELECT_NOTES " WHERE video_id = ?1 ORDER BY coalesce(at_seconds, -1), id LIMIT ?2",
        BARQ_PARAMS(barq_sql_text(video_id), barq_sql_int(BM_NOTES_MAX)), &rows, err);
    for (bool more = true; status == BARQ_OK;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        status = read_note(rows, arena, &notes[n++], err);
    }
    if (status == BARQ_OK) {
        *out = notes;
        *count = n;
    }
    return status;
}

static enum barq_status not_there(struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_NOTFOUND, "notes: there is none of this id");
}

enum barq_status bm_note_get(struct barq_session *session, const char *id, struct barq_arena *arena,
                             struct bm_note *out, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool more = false;

    enum barq_status status = barq_query(session, SELECT_NOTES " WHERE id = ?1",
                                         BARQ_PARAMS(barq_sql_text(id)), &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    return more ? read_note(rows, arena, out, err) : not_there(err);
}

static enum barq_status check_note(const struct bm_note *note, struct barq_error *err)
{
    if (*note->text == '\0' || !bm_is_prose(note->text, BM_NOTE_MAX_BYTES)) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "notes: a note has 1 to %d bytes of UTF-8 without control characters",
                       BM_NOTE_MAX_BYTES);
    }
    if (note->has_time && note->at_seconds < 0) {
        return bq_fail(err, BARQ_ERR_ARG, "notes: a time in a video is not negative");
    }
    return BARQ_OK;
}

/* The video is there, and has room. */
static enum barq_status check_video(struct barq_session *session, const char *video_id,
                                    struct barq_error *err)
{
    int64_t videos = 0;
    int64_t notes = 0;

    enum barq_status status = bm_query_int(session, "SELECT count(*) FROM videos WHERE id = ?1",
                                           BARQ_PARAMS(barq_sql_text(video_id)), &videos, err);
    if (status == BARQ_OK) {
        status = bm_query_int(session, "SELECT count(*) FROM notes WHERE video_id = ?1",
                              BARQ_PARAMS(barq_sql_text(video_id)), &notes, err);
    }
    if (status == BARQ_OK && videos == 0) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "notes: there is no such video");
    }
    if (status == BARQ_OK && notes >= BM_NOTES_MAX) {
        return bq_fail(err, BARQ_ERR_LIMIT, "notes: a video has at most %d", BM_NOTES_MAX);
    }
    return status;
}

static struct barq_scalar time_of(const struct bm_note *note)
{
    return note->has_time ? barq_sql_int(note->at_seconds) : barq_sql_null();
}

enum barq_status bm_note_add(struct barq_session *session, const struct bm_note *note,
                             int64_t now_ms, char id[BM_ID_BYTES], struct barq_error *err)
{
    char made[BM_ID_BYTES];
    bq_uuid7(now_ms, made);

    enum barq_status status = check_note(note, err);
    if (status == BARQ_OK) {
        status = check_video(session, note->video_id, err);
    }
    if (status == BARQ_OK) {
        status =
            barq_exec(session,
                      "INSERT INTO notes (id, video_id, at_seconds, text, created_at_ms,"
                      " updated_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
                      BARQ_PARAMS(barq_sql_text(made), barq_sql_text(note->video_id), time_of(note),
                                  barq_sql_text(note->text), barq_sql_int(now_ms)),
                      err);
    }
    if (status == BARQ_OK) {
        memcpy(id, made, sizeof(made));
    }
    return status;
}

enum barq_status bm_note_change(struct barq_session *session, const struct bm_note *note,
                                int64_t now_ms, struct barq_error *err)
{
    enum barq_status status = check_note(note, err);

    if (status == BARQ_OK) {
        status = barq_exec(
            session,
            "UPDATE notes SET at_seconds = ?2, text = ?3, updated_at_ms = ?4 WHERE id = ?1",
            BARQ_PARAMS(barq_sql_text(note->id), time_of(note), barq_sql_text(note->text),
                        barq_sql_int(now_ms)),
            err);
    }
    return status == BARQ_OK && barq_changes(session) == 0 ? not_there(err) : status;
}

enum barq_status bm_note_delete(struct barq_session *session, const char *id,
                                struct barq_error *err)
{
    enum barq_status status =
        barq_exec(session, "DELETE FROM notes WHERE id = ?1", BARQ_PARAMS(barq_sql_text(id)), err);

    return status == BARQ_OK && barq_changes(session) == 0 ? not_there(err) : status;
}
