/* The end of a hold, and of what is too old. */
#include <stdint.h>

#include "base/time.h"
#include "jobs/functions.h"
#include "store/events.h"
#include "store/holds.h"
#include "store/runs.h"

enum { PRUNE_AT_ONCE = 5000 };
#define KEPT_MS ((int64_t)BM_EVENTS_KEPT_DAYS * 24 * 3600 * 1000)

/* Who comes too early, since the hold was made longer or the clocks differ, comes again. */
enum barq_status bm_end_hold(struct barq_context *ctx, struct barq_error *err)
{
    const char *service = barq_arg_string(ctx, 0, "service", NULL);
    struct barq_session *session = NULL;
    struct bm_held held = {.service = NULL};
    int64_t now_ms = bq_wall_ms();
    bool ended = false;
    if (!service) {
        return barq_fail(ctx, err, "end_hold: service is needed");
    }

    enum barq_status status = barq_session_write(ctx, &session, err);
    if (status == BARQ_OK) {
        status = bm_hold_get(session, service, now_ms, barq_arena_of(ctx), &held, err);
    }
    if (status == BARQ_OK && held.service) {
        return bm_hold_enqueue_end(session, service, held.until_at_ms, err);
    }
    if (status == BARQ_OK) {
        status = bm_hold_end(session, service, now_ms, &ended, err);
    }
    return status == BARQ_OK && ended ? bm_runs_go_on(session, err) : status;
}

/* A part at a time: a writer may hold the database for a moment only. The rest is another job. */
enum barq_status bm_prune(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session = NULL;
    int64_t pruned = 0;

    enum barq_status status = barq_session_write(ctx, &session, err);
    if (status == BARQ_OK) {
        status = bm_events_prune(session, bq_wall_ms() - KEPT_MS, PRUNE_AT_ONCE, &pruned, err);
    }
    if (status == BARQ_OK && pruned == PRUNE_AT_ONCE) {
        status = barq_session_enqueue(session, "prune", NULL, NULL, NULL, NULL, err);
    }
    barq_return(ctx, barq_int(barq_arena_of(ctx), pruned));
    return status;
}
