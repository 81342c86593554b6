/*
 * transcript_json.h - what is said in a video, and its chapters, as the API tells them.
 */
#ifndef BM_API_TRANSCRIPT_JSON_H
#define BM_API_TRANSCRIPT_JSON_H

#include "store/transcripts.h"

/*
 * All of a video, with the cues of the transcript of this id; NULL: of the first.
 *
 * BARQ_ERR_NOTFOUND  the video has none of this id
 */
enum barq_status bm_api_transcript_json(struct barq_session *session, const char *video_id,
                                        const char *transcript_id, struct barq_arena *arena,
                                        struct barq_value **out, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
