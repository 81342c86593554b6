/* The first step: the pending videos of a run, in pages, and those in batches for the outside. */
#include "functions.h"
#include "store.h"

static enum barq_status enqueue_fetch(struct barq_session *session, struct barq_arena *arena,
                                      const char *list_id, const char *run_id,
                                      const struct bm_video *videos, size_t count,
                                      struct barq_error *err)
{
    struct barq_value *args = barq_list(arena);
    struct barq_value *ids = barq_list(arena);

    for (size_t i = 0; i < count; i++) {
        barq_add(ids, barq_string(arena, videos[i].id));
    }
    barq_add(args, barq_string(arena, list_id));
    barq_add(args, barq_string(arena, run_id));
    barq_add(args, ids);
    return barq_session_enqueue(session, "fetch_metadata", args, NULL, NULL, NULL, err);
}

static enum barq_status enqueue_rest(struct barq_session *session, struct barq_arena *arena,
                                     const char *list_id, const char *run_id, int64_t after,
                                     struct barq_error *err)
{
    struct barq_value *args = barq_list(arena);

    barq_add(args, barq_string(arena, list_id));
    barq_add(args, barq_string(arena, run_id));
    barq_add(args, barq_int(arena, after));
    return barq_session_enqueue(session, "process_list", args, NULL, NULL, NULL, err);
}

enum barq_status bm_process_list(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_arena *arena = barq_arena_of(ctx);
    const char *list_id = barq_arg_string(ctx, 0, "list_id", NULL);
    const char *run_id = barq_arg_string(ctx, 1, "run_id", NULL);
    struct barq_session *session = NULL;
    const struct bm_video *videos = NULL;
    size_t count = 0;
    if (!list_id || !run_id) {
        return barq_fail(ctx, err, "process_list: list_id and run_id are needed");
    }

    struct bm_video_filter filter = {.list_id = list_id,
                                     .run_id = run_id,
                                     .status = BM_PENDING,
                                     .after_position = barq_arg_int(ctx, 2, "after", 0)};
    enum barq_status status = barq_session_write(ctx, &session, err);
    if (status == BARQ_OK) {
        status = bm_videos(session, &filter, BM_LIST_PAGE, arena, &videos, &count, err);
    }
    for (size_t i = 0; status == BARQ_OK && i < count; i += BM_METADATA_MAX_IDS) {
        size_t batch = count - i < BM_METADATA_MAX_IDS ? count - i : BM_METADATA_MAX_IDS;
        status = enqueue_fetch(session, arena, list_id, run_id, videos + i, batch, err);
    }
    if (status == BARQ_OK && count == BM_LIST_PAGE) {
        int64_t last = videos[count - 1].position;
        status = enqueue_rest(session, arena, list_id, run_id, last, err);
    }
    barq_return(ctx, barq_int(arena, (int64_t)count));
    return status;
}
