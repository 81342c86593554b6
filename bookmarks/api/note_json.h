/*
 * note_json.h - notes as the API tells of them.
 */
#ifndef BM_API_NOTE_JSON_H
#define BM_API_NOTE_JSON_H

#include "store/notes.h"

struct barq_value *bm_api_note_json(const struct bm_note *note, struct barq_arena *arena);
/* Those of a video, as a list. */
enum barq_status bm_api_notes_json(struct barq_session *session, const char *video_id,
                                   struct barq_arena *arena, struct barq_value **out,
                                   struct barq_error *err) BARQ_MUST_CHECK;

#endif
