#include "jobs/functions.h"

#include <string.h>

#include "base/log.h"
#include "base/time.h"
#include "store/store.h"

static enum barq_status on_startup(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session = NULL;
    bool current = false;
    int from = 0;
    int to = 0;

    enum barq_status status = barq_session_read(ctx, &session, err);
    if (status == BARQ_OK) {
        status = bm_tables_current(session, &current, err);
    }
    if (status == BARQ_OK) {
        status = barq_session_end(session, err);
    }
    if (status == BARQ_OK && !current) {
        status = barq_session_write(ctx, &session, err);
        status = status == BARQ_OK ? bm_migrate(session, &from, &to, err) : status;
    }
    return status;
}

static enum barq_status on_shutdown(struct barq_context *ctx, struct barq_error *err)
{
    (void)ctx;
    (void)err;
    bq_debug("bookmarks stopped");
    return BARQ_OK;
}

static enum barq_status fail_videos(struct barq_context *ctx, struct barq_session *session,
                                    const struct barq_value *ids, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < barq_count(ids); i++) {
        status = bm_video_fail(session, barq_as_string(barq_at(ids, i), ""), barq_job_error(ctx),
                               bq_wall_ms(), NULL, err);
    }
    return status;
}

static enum barq_status fetch_part(struct barq_context *ctx, struct barq_session *session,
                                   size_t from, size_t to, struct barq_error *err)
{
    struct barq_arena *arena = barq_arena_of(ctx);
    const struct barq_value *ids = barq_arg(ctx, 2, "video_ids");
    struct barq_value *part = barq_list(arena);
    struct barq_value *args = barq_list(arena);

    for (size_t i = from; i < to; i++) {
        barq_add(part, barq_string(arena, barq_as_string(barq_at(ids, i), "")));
    }
    barq_add(args, barq_string(arena, barq_arg_string(ctx, 0, "list_id", "")));
    barq_add(args, barq_string(arena, barq_arg_string(ctx, 1, "run_id", "")));
    barq_add(args, part);
    return barq_session_enqueue(session, "fetch_metadata", args, NULL, NULL, NULL, err);
}

/* A batch that is poison is halved, until the video at fault is alone; the others are not. */
static enum barq_status fail_fetch(struct barq_context *ctx, struct barq_session *session,
                                   struct barq_error *err)
{
    const struct barq_value *ids = barq_arg(ctx, 2, "video_ids");
    size_t count = barq_count(ids);
    bool poison = strncmp(barq_job_error(ctx), "poison:", strlen("poison:")) == 0;

    if (!poison || count < 2) {
        return fail_videos(ctx, session, ids, err);
    }
    enum barq_status status = fetch_part(ctx, session, 0, count / 2, err);
    return status == BARQ_OK ? fetch_part(ctx, session, count / 2, count, err) : status;
}

/* Whatever failed for good, the videos that it was to bring on are failed, and say why. */
static enum barq_status on_job_failure(struct barq_context *ctx, struct barq_error *err)
{
    const char *function = barq_job_function(ctx);
    struct barq_session *session = NULL;

    enum barq_status status = barq_session_write(ctx, &session, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (strcmp(function, "process_video") == 0) {
        return bm_video_fail(session, barq_arg_string(ctx, 0, "video_id", ""), barq_job_error(ctx),
                             bq_wall_ms(), NULL, err);
    }
    if (strcmp(function, "fetch_metadata") == 0) {
        return fail_fetch(ctx, session, err);
    }
    if (strcmp(function, "process_list") == 0) {
        return bm_videos_fail(session, barq_arg_string(ctx, 1, "run_id", ""),
                              barq_arg_int(ctx, 2, "after", 0), barq_job_error(ctx), bq_wall_ms(),
                              err);
    }
    return BARQ_OK;
}

static const struct barq_function functions[] = {
    {.name = "process_list", .run = bm_process_list},
    /* The outside may be away for two hours before we give up: 50 waits of 150 s on average. */
    {.name = "fetch_metadata", .run = bm_fetch_metadata, .max_tries = 60},
    {.name = "process_video", .run = bm_process_video},
    {.name = NULL},
};

const struct barq_settings bm_settings = {
    .abi = BARQ_ABI,
    .functions = functions,
    .max_jobs = BARQ_DEFAULT_MAX_JOBS,
    .max_tries = BARQ_DEFAULT_MAX_TRIES,
    .job_timeout_ms = BARQ_DEFAULT_JOB_TIMEOUT_MS,
    .keep_result_ms = BARQ_DEFAULT_KEEP_RESULT_MS,
    .on_startup = on_startup,
    .on_shutdown = on_shutdown,
    .on_job_failure = on_job_failure,
};
