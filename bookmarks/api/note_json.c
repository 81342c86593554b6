#include "api/note_json.h"

#include "export/video_json.h"

struct barq_value *bm_api_note_json(const struct bm_note *note, struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);

    barq_set_key(map, "id", barq_string(arena, note->id));
    barq_set_key(map, "video_id", barq_string(arena, note->video_id));
    barq_set_key(map, "at_seconds",
                 note->has_time ? barq_int(arena, note->at_seconds) : barq_null(arena));
    barq_set_key(map, "text", barq_string(arena, note->text));
    barq_set_key(map, "created_at", bm_time_json(note->created_at_ms, arena));
    barq_set_key(map, "updated_at", bm_time_json(note->updated_at_ms, arena));
    return map;
}

enum barq_status bm_api_notes_json(struct barq_session *session, const char *video_id,
                                   struct barq_arena *arena, struct barq_value **out,
                                   struct barq_error *err)
{
    struct barq_value *list = barq_list(arena);
    const struct bm_note *notes = NULL;
    size_t count = 0;

    enum barq_status status = bm_notes(session, video_id, arena, &notes, &count, err);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        barq_add(list, bm_api_note_json(&notes[i], arena));
    }
    *out = list;
    return status;
}
