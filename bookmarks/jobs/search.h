/*
 * search.h - the newest videos that match some words, as a subscription wants them.
 */
#ifndef BM_JOBS_SEARCH_H
#define BM_JOBS_SEARCH_H

#include "services/settings.h"

struct bm_found {
    const char *youtube_id;
    const char *title;
};

/* One page, 100 units: what was published since `since_ms` (0: whenever). In `arena`. */
enum barq_status bm_search_words(const struct bm_services_settings *services, const char *words,
                                 int64_t since_ms, int cancel_fd, struct barq_arena *arena,
                                 const struct bm_found **out, size_t *count,
                                 struct bm_verdict *verdict, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
