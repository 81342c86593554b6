/*
 * notes.h - what a person writes down about a video, at a time in it or about the whole.
 */
#ifndef BM_NOTES_H
#define BM_NOTES_H

#include <stdbool.h>
#include <stdint.h>

#include <barq/session.h>

#include "base/arena.h"
#include "store/id.h"

enum { BM_NOTE_MAX_BYTES = 16 * 1024, BM_NOTES_MAX = 1000 };

struct bm_note {
    const char *id;
    const char *video_id;
    bool has_time;
    int64_t at_seconds; /* of the video */
    const char *text;
    int64_t created_at_ms;
    int64_t updated_at_ms;
};

/* Of a video: those about the whole, then by their time; at most BM_NOTES_MAX. */
enum barq_status bm_notes(struct barq_session *session, const char *video_id,
                          struct barq_arena *arena, const struct bm_note **out, size_t *count,
                          struct barq_error *err) BARQ_MUST_CHECK;
/* BARQ_ERR_NOTFOUND: there is none of this id. */
enum barq_status bm_note_get(struct barq_session *session, const char *id, struct barq_arena *arena,
                             struct bm_note *out, struct barq_error *err) BARQ_MUST_CHECK;
/*
 * Adds a note to `note->video_id`: its time and text are read.
 *
 * BARQ_ERR_ARG       a text has 1 to BM_NOTE_MAX_BYTES bytes of UTF-8, a time is not negative
 * BARQ_ERR_LIMIT     the video has BM_NOTES_MAX
 * BARQ_ERR_NOTFOUND  there is no such video
 */
enum barq_status bm_note_add(struct barq_session *session, const struct bm_note *note,
                             int64_t now_ms, char id[BM_ID_BYTES], struct barq_error *err)
    BARQ_MUST_CHECK;
/* Makes the note of `note->id` what `note` says. BARQ_ERR_ARG as above; BARQ_ERR_NOTFOUND: there is none. */
enum barq_status bm_note_change(struct barq_session *session, const struct bm_note *note,
                                int64_t now_ms, struct barq_error *err) BARQ_MUST_CHECK;
/* BARQ_ERR_NOTFOUND: there is none of this id. */
enum barq_status bm_note_delete(struct barq_session *session, const char *id,
                                struct barq_error *err) BARQ_MUST_CHECK;

#endif
