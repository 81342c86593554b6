#include "api/transcript_json.h"

#include <string.h>

#include "base/error.h"
#include "export/video_json.h"

static struct barq_value *transcripts_json(const struct bm_stored_transcript *all, size_t count,
                                           struct barq_arena *arena)
{
    struct barq_value *list = barq_list(arena);

    for (size_t i = 0; i < count; i++) {
        struct barq_value *map = barq_map(arena);
        barq_set_key(map, "id", barq_string(arena, all[i].id));
        barq_set_key(map, "language", barq_string(arena, all[i].language));
        barq_set_key(map, "source", barq_string(arena, all[i].source));
        barq_set_key(map, "is_auto", barq_bool(arena, all[i].is_auto));
        barq_set_key(map, "fetched_at", bm_time_json(all[i].fetched_at_ms, arena));
        barq_add(list, map);
    }
    return list;
}

static struct barq_value *cues_json(const struct bm_cue *cues, size_t count,
                                    struct barq_arena *arena)
{
    struct barq_value *list = barq_list(arena);

    for (size_t i = 0; i < count; i++) {
        struct barq_value *map = barq_map(arena);
        barq_set_key(map, "start_ms", barq_int(arena, cues[i].start_ms));
        barq_set_key(map, "end_ms", barq_int(arena, cues[i].end_ms));
        barq_set_key(map, "text", barq_string(arena, cues[i].text));
        barq_add(list, map);
    }
    return list;
}

static struct barq_value *chapters_json(const struct bm_stored_chapter *chapters, size_t count,
                                        struct barq_arena *arena)
{
    struct barq_value *list = barq_list(arena);

    for (size_t i = 0; i < count; i++) {
        struct barq_value *map = barq_map(arena);
        barq_set_key(map, "start_seconds", barq_int(arena, chapters[i].start_seconds));
        barq_set_key(map, "title", barq_string(arena, chapters[i].title));
        barq_set_key(map, "source", barq_string(arena, chapters[i].source));
        barq_add(list, map);
    }
    return list;
}

/* NULL: there is none of this id, or none at all. */
static const struct bm_stored_transcript *choose(const struct bm_stored_transcript *all,
                                                 size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++) {
        if (!id || strcmp(all[i].id, id) == 0) {
            return &all[i];
        }
    }
    return NULL;
}

enum barq_status bm_api_transcript_json(struct barq_session *session, const char *video_id,
                                        const char *transcript_id, struct barq_arena *arena,
                                        struct barq_value **out, struct barq_error *err)
{
    const struct bm_stored_transcript *transcripts = NULL;
    const struct bm_stored_chapter *chapters = NULL;
    const struct bm_cue *cues = NULL;
    size_t n_transcripts = 0;
    size_t n_chapters = 0;
    size_t n_cues = 0;

    enum barq_status status =
        bm_transcripts(session, video_id, arena, &transcripts, &n_transcripts, err);
    const struct bm_stored_transcript *chosen = choose(transcripts, n_transcripts, transcript_id);
    if (status == BARQ_OK && !chosen && transcript_id) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "transcripts: the video has none of this id");
    }
    if (status == BARQ_OK && chosen) {
        status = bm_cues(session, chosen->id, arena, &cues, &n_cues, err);
    }
    if (status == BARQ_OK) {
        status = bm_chapters(session, video_id, arena, &chapters, &n_chapters, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    *out = barq_map(arena);
    barq_set_key(*out, "transcripts", transcripts_json(transcripts, n_transcripts, arena));
    barq_set_key(*out, "transcript_id", barq_string(arena, chosen ? chosen->id : NULL));
    barq_set_key(*out, "cues", cues_json(cues, n_cues, arena));
    barq_set_key(*out, "chapters", chapters_json(chapters, n_chapters, arena));
    return BARQ_OK;
}
