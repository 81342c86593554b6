/*
 * result_json.h - what a search has found, as the API tells of it; the command line, too.
 */
#ifndef BM_API_RESULT_JSON_H
#define BM_API_RESULT_JSON_H

#include "search/find.h"

/* [{"video_id", ..., "snippet", "parts", "in", "rank", "moments": [{"at_seconds", "text"}]}] */
enum barq_status bm_api_results_json(struct barq_session *session, struct barq_arena *arena,
                                     const struct bm_query *query, const struct bm_found *found,
                                     struct barq_value **out, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
