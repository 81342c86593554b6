/* The first step: the pending videos of a run, in pages, and those in batches for the outside. */
#include "base/arena.h"
#include "jobs/functions.h"
#include "store/store.h"

/* For one batch at a time, so that a page needs no more memory than that. */
enum { BATCH_ARENA_BYTES = 4 * 1024 * 1024 };

static enum barq_status enqueue_fetch(struct barq_session *session, struct barq_arena *arena,
                                      const struct bm_video_filter *run,
                                      const struct bm_video *videos, size_t count,
                                      struct barq_error *err)
{
    struct barq_value *args = barq_list(arena);
    struct barq_value *ids = barq_list(arena);

    for (size_t i = 0; i < count; i++) {
        barq_add(ids, barq_string(arena, videos[i].id));
    }
    barq_add(args, barq_string(arena, run->list_id));
    barq_add(args, barq_string(arena, run->run_id));
    barq_add(args, ids);
    return barq_session_enqueue(session, "fetch_metadata", args, NULL, NULL, NULL, err);
}

/* The next batch behind run->after_position, which moves to its end; `*count` 0: there is none. */
static enum barq_status take_batch(struct barq_session *session, struct bm_video_filter *run,
                                   size_t *count, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    const struct bm_video *videos = NULL;
    bq_arena_init(&arena, BATCH_ARENA_BYTES);

    enum barq_status status =
        bm_videos(session, run, BM_METADATA_MAX_IDS, &arena, &videos, count, err);
    if (status != BARQ_OK || *count == 0) {
        return status;
    }
    run->after_position = videos[*count - 1].position;
    return enqueue_fetch(session, &arena, run, videos, *count, err);
}

static enum barq_status enqueue_rest(struct barq_session *session, struct barq_arena *arena,
                                     const struct bm_video_filter *run, struct barq_error *err)
{
    struct barq_value *args = barq_list(arena);

    barq_add(args, barq_string(arena, run->list_id));
    barq_add(args, barq_string(arena, run->run_id));
    barq_add(args, barq_int(arena, run->after_position));
    return barq_session_enqueue(session, "process_list", args, NULL, NULL, NULL, err);
}

enum barq_status bm_process_list(struct barq_context *ctx, struct barq_error *err)
{
    struct bm_video_filter run = {.list_id = barq_arg_string(ctx, 0, "list_id", NULL),
                                  .run_id = barq_arg_string(ctx, 1, "run_id", NULL),
                                  .status = BM_PENDING,
                                  .after_position = barq_arg_int(ctx, 2, "after", 0)};
    struct barq_session *session = NULL;
    size_t total = 0;
    size_t count = BM_METADATA_MAX_IDS;
    if (!run.list_id || !run.run_id) {
        return barq_fail(ctx, err, "process_list: list_id and run_id are needed");
    }

    enum barq_status status = barq_session_write(ctx, &session, err);
    while (status == BARQ_OK && count == BM_METADATA_MAX_IDS && total < BM_LIST_PAGE) {
        status = take_batch(session, &run, &count, err);
        total += count;
    }
    if (status == BARQ_OK && total == BM_LIST_PAGE) {
        status = enqueue_rest(session, barq_arena_of(ctx), &run, err);
    }
    barq_return(ctx, barq_int(barq_arena_of(ctx), (int64_t)total));
    return status;
}
