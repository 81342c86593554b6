/* The first step: what waits in a run, in batches for the outside. */
#include <stdio.h>

#include "base/arena.h"
#include "jobs/functions.h"
#include "store/runs.h"

/* For one batch at a time, so that a page needs no more memory than that. */
enum { BATCH_ARENA_BYTES = 1024 * 1024 };

/* The next batch behind the video `after`, which moves to its end; `*count` 0: there is none. */
static enum barq_status take_batch(struct barq_session *session, const struct bm_run *run,
                                   char after[BM_ID_BYTES], size_t *count, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    const struct bm_run_video *videos = NULL;
    bq_arena_init(&arena, BATCH_ARENA_BYTES);

    enum barq_status status = bm_run_videos(session, run->id, BM_RUN_WAITING, after,
                                            BM_METADATA_MAX_IDS, &arena, &videos, count, err);
    if (status != BARQ_OK || *count == 0) {
        return status;
    }
    (void)snprintf(after, BM_ID_BYTES, "%s", videos[*count - 1].video_id);
    return bm_run_enqueue_batch(session, run, videos, *count, err);
}

static enum barq_status take_page(struct barq_session *session, const struct bm_run *run,
                                  char after[BM_ID_BYTES], size_t *total, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;
    size_t count = BM_METADATA_MAX_IDS;

    while (status == BARQ_OK && count == BM_METADATA_MAX_IDS && *total < BM_RUN_PAGE) {
        status = take_batch(session, run, after, &count, err);
        *total += count;
    }
    return status == BARQ_OK && *total >= BM_RUN_PAGE ? bm_run_enqueue(session, run, after, err)
                                                      : status;
}

enum barq_status bm_process_list(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_arena *arena = barq_arena_of(ctx);
    const char *list_id = barq_arg_string(ctx, 0, "list_id", NULL);
    const char *run_id = barq_arg_string(ctx, 1, "run_id", NULL);
    struct barq_session *session = NULL;
    struct bm_run run = {.state = BM_RUN_CANCELLED};
    char after[BM_ID_BYTES];
    size_t total = 0;
    if (!list_id || !run_id) {
        return barq_fail(ctx, err, "process_list: list_id and run_id are needed");
    }
    (void)snprintf(after, sizeof(after), "%s", barq_arg_string(ctx, 2, "after", ""));

    enum barq_status status = barq_session_write(ctx, &session, err);
    if (status == BARQ_OK) {
        status = bm_run_get(session, run_id, arena, &run, err);
    }
    if (status == BARQ_OK && run.state == BM_RUN_RUNNING) {
        status = take_page(session, &run, after, &total, err);
    }
    barq_return(ctx, barq_int(arena, (int64_t)total));
    return status == BARQ_ERR_NOTFOUND ? BARQ_OK : status; /* deleted meanwhile */
}
