/*
 * held.h - what a call to the outside means for the job that made it, and for all others.
 */
#ifndef BM_HELD_H
#define BM_HELD_H

#include <barq/function.h>
#include <barq/session.h>

#include "services/outcome.h"
#include "store/holds.h"

/* Is the service not to be asked now? BM_SERVICE_NONE never is held. */
enum barq_status bm_is_held(struct barq_session *session, enum bm_service service,
                            struct barq_arena *arena, bool *out, struct barq_error *err)
    BARQ_MUST_CHECK;
/*
 * Counts the call, and holds its service when that is what the verdict, with its
 * sentence `why`, says. `spent` (NULL: nothing) has a model's tokens and cost.
 */
enum barq_status bm_note_call(struct barq_session *session, const struct bm_verdict *verdict,
                              const char *why, const char *list_id, const struct bm_used *spent,
                              struct barq_error *err) BARQ_MUST_CHECK;
/* The day that is counted by: YouTube's is Los Angeles', and that of all others the reader's. */
struct bm_today {
    int64_t day; /* since 1970-01-01; bm_day_text() has it as it is counted by */
    int64_t ends_at_ms;
};
struct bm_today bm_today(enum bm_service service, int64_t now_ms);
/* Holds a model until tomorrow when so much has been spent today, in millionths of a US dollar. */
enum barq_status bm_hold_when_spent(struct barq_session *session, enum bm_service service,
                                    int64_t budget_millionths, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Ends a job whose call has failed, but not by a hold: with the error in `err`, for good or for now. */
enum barq_status bm_give_up_or_retry(struct barq_context *ctx, enum barq_status status,
                                     const struct bm_verdict *verdict, struct barq_error *err);

#endif
