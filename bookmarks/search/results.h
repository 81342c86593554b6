/*
 * results.h - videos that were found, with why: a snippet, and the moments at which
 * the words are said.
 */
#ifndef BM_SEARCH_RESULTS_H
#define BM_SEARCH_RESULTS_H

#include <barq/session.h>

#include "search/snippet.h"

enum { BM_MOMENTS_MAX = 3 };

struct bm_moment {
    int64_t start_ms;
    const char *text; /* of the cue in which they begin */
};

struct bm_result {
    const char
        *where; /* "notes", "description", "transcript", "title"; NULL: in no text (a tag, say) */
    struct bm_snippet snippet; /* of there */
    struct bm_moment moments[BM_MOMENTS_MAX];
    size_t n_moments;
};

/* Of a video that was found by `query`; in `arena`. */
enum barq_status bm_result_read(struct barq_session *session, struct barq_arena *arena,
                                const struct bm_query *query, const char *video_id,
                                struct bm_result *out, struct barq_error *err) BARQ_MUST_CHECK;

#endif
