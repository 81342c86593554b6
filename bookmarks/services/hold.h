/*
 * hold.h - for how long a service is not asked, after it said "not so often".
 *
 * A rate limit or a spent quota is the service's, not the job's: nobody asks
 * it before the hold is over, and then all go on.
 */
#ifndef BM_HOLD_H
#define BM_HOLD_H

#include "base/zone.h"
#include "services/outcome.h"

enum { BM_HOLD_REASON_BYTES = 400 };

struct bm_hold {
    enum bm_service service;
    int64_t until_at_ms;
    char reason[BM_HOLD_REASON_BYTES]; /* "YouTube: the day's quota is used up; resumes at 09:00" */
};

/*
 * What `verdict` and its sentence `why` mean for its service; false when they
 * mean no hold. `earlier` is how many holds without an answer in between there
 * were before: when the service doesn't say for how long, 30 s are doubled
 * with each, up to an hour. `zone` is the reader's (NULL: UTC).
 *
 * The same hold for all who are refused at the same time: no dice in it. Who
 * resumes spreads the starts (struct barq_limit).
 */
bool bm_hold_of(const struct bm_verdict *verdict, const char *why, int earlier, int64_t now_ms,
                const struct bq_zone *zone, struct bm_hold *out);

/* "at 09:00", or, when that is another day, "at 09:00 on 2026-11-24"; for pages and commands. */
enum { BM_RESUMES_BYTES = 48 };
void bm_resumes_text(int64_t until_at_ms, int64_t now_ms, const struct bq_zone *zone,
                     char out[BM_RESUMES_BYTES]);

#endif
