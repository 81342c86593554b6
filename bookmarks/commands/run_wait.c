/* Waits for a run, and shows how far it is. */
#include <poll.h>
#include <stdio.h>

#include "base/time.h"
#include "commands/run.h"
#include "commands/terminal.h"

enum { LOOK_MS = 100, NO_WORKER_MS = 5000 };

enum barq_status bm_look_at_run(struct barq_session *session, struct bm_run *run,
                                struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct bm_run now;
    bq_arena_init(&arena, BM_SMALL_ARENA_BYTES);

    enum barq_status status = barq_session_begin(session, false, err);
    if (status == BARQ_OK) {
        status = bm_run_get(session, run->id, &arena, &now, err);
        barq_session_rollback(session);
    }
    if (status == BARQ_OK) {
        run->counts = now.counts;
    }
    return status;
}

/* Says so once when nothing happens. */
static void hint(const struct bm_run *run, int64_t began_ms, bool *hinted)
{
    bool idle = run->counts.completed + run->counts.failed == 0;

    if (!*hinted && idle && bq_mono_ms() - began_ms > NO_WORKER_MS) {
        fprintf(stderr, "nothing has happened yet: is a worker running? (bookmarks worker)\n");
        *hinted = true;
    }
}

enum barq_status bm_follow_run(struct barq_session *session, struct bm_run *run,
                               struct barq_error *err)
{
    struct bm_progress progress;
    int64_t began_ms = bq_mono_ms();
    bool hinted = false;
    bm_progress_begin(&progress, stdout);

    enum barq_status status = bm_look_at_run(session, run, err);
    while (status == BARQ_OK && run->counts.pending > 0) {
        bm_progress_show(&progress, &run->counts);
        hint(run, began_ms, &hinted);
        poll(NULL, 0, LOOK_MS);
        status = bm_look_at_run(session, run, err);
    }
    bm_progress_show(&progress, &run->counts);
    bm_progress_end(&progress);
    return status;
}

enum barq_status bm_await_run(struct barq_session *session, struct bm_run *run,
                              struct barq_error *err)
{
    enum barq_status status = bm_look_at_run(session, run, err);

    while (status == BARQ_OK && run->counts.pending > 0) {
        poll(NULL, 0, LOOK_MS);
        status = bm_look_at_run(session, run, err);
    }
    return status;
}
