/*
 * note_json.h - notes as the API tells of them.
 */
#ifndef BM_API_NOTE_JSON_H
#define BM_API_NOTE_JSON_H

#include "api/request.h"
#include "store/notes.h"

struct barq_value *bm_api_note_json(const struct bm_note *note, struct barq_arena *arena);
/* Those of a video, as a list. */
enum barq_status bm_api_notes_json(struct bm_api_request *request, const char *video_id,
                                   struct barq_value **out, struct barq_error *err) BARQ_MUST_CHECK;

#endif
