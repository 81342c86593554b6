/*
 * duplicates_json.h - videos that are in several lists, as the API tells of them.
 */
#ifndef BM_API_DUPLICATES_JSON_H
#define BM_API_DUPLICATES_JSON_H

#include <barq/session.h>

#include "base/arena.h"

/* [{"youtube_id", "title", "videos": [{"video_id", "list_id", "list_name"}]}], of the first 2000. */
enum barq_status bm_api_duplicates_json(struct barq_session *session, struct barq_arena *arena,
                                        struct barq_value **out, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
