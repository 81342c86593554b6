/* Whatever failed for good: the videos that it was to bring on are failed, and say why. */
#include <string.h>

#include "base/time.h"
#include "jobs/functions.h"
#include "jobs/next.h"
#include "store/runs.h"

static enum barq_status fail_videos(struct barq_context *ctx, struct barq_session *session,
                                    const struct barq_value *ids, struct barq_error *err)
{
    const char *run_id = barq_arg_string(ctx, 1, "run_id", NULL);
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < barq_count(ids); i++) {
        status = bm_run_video_end(session, run_id, barq_as_string(barq_at(ids, i), ""),
                                  barq_job_error(ctx), bq_wall_ms(), NULL, err);
    }
    return status;
}

/* Those of a batch from `from` to before `to`, as a batch of their own. */
static enum barq_status enqueue_part(struct barq_context *ctx, struct barq_session *session,
                                     const struct bm_run *run, size_t from, size_t to,
                                     struct barq_error *err)
{
    const struct barq_value *ids = barq_arg(ctx, 2, "video_ids");
    const struct barq_value *tries = barq_arg(ctx, 3, "tries");
    struct bm_run_video videos[BM_METADATA_MAX_IDS];
    size_t count = 0;

    for (size_t i = from; i < to && count < BM_METADATA_MAX_IDS; i++) {
        videos[count++] = (struct bm_run_video){
            .video_id = barq_as_string(barq_at(ids, i), ""),
            .tries = barq_as_int(barq_at(tries, i), 0),
        };
    }
    return bm_run_enqueue_batch(session, run, videos, count, err);
}

/* A batch that is poison is halved, until the video at fault is alone; the others are not. */
static enum barq_status fail_fetch(struct barq_context *ctx, struct barq_session *session,
                                   struct barq_error *err)
{
    const struct barq_value *ids = barq_arg(ctx, 2, "video_ids");
    size_t count = barq_count(ids);
    bool poison = strncmp(barq_job_error(ctx), "poison:", strlen("poison:")) == 0;
    struct bm_run run;

    if (!poison || count < 2) {
        return fail_videos(ctx, session, ids, err);
    }
    enum barq_status status =
        bm_run_get(session, barq_arg_string(ctx, 1, "run_id", ""), barq_arena_of(ctx), &run, err);
    if (status == BARQ_OK) {
        status = enqueue_part(ctx, session, &run, 0, count / 2, err);
    }
    return status == BARQ_OK ? enqueue_part(ctx, session, &run, count / 2, count, err) : status;
}

static enum barq_status fail_video(struct barq_context *ctx, struct barq_session *session,
                                   struct barq_error *err)
{
    return bm_run_video_end(session, barq_arg_string(ctx, 3, "run_id", NULL),
                            barq_arg_string(ctx, 0, "video_id", ""), barq_job_error(ctx),
                            bq_wall_ms(), NULL, err);
}

/* What is said in it is not to be had now: it goes on without. */
static enum barq_status fail_transcript(struct barq_context *ctx, struct barq_session *session,
                                        struct barq_error *err)
{
    struct bm_step step;

    return bm_step_of(ctx, &step) ? bm_enqueue_step(session, "extract_fields", &step, err)
                                  : BARQ_OK;
}

static enum barq_status fail_run(struct barq_context *ctx, struct barq_session *session,
                                 struct barq_error *err)
{
    return bm_run_fail(session, barq_arg_string(ctx, 1, "run_id", ""), barq_job_error(ctx),
                       bq_wall_ms(), err);
}

static const struct {
    const char *function;
    enum barq_status (*fail)(struct barq_context *ctx, struct barq_session *session,
                             struct barq_error *err);
} table[] = {
    {"process_list", fail_run},
    {"fetch_metadata", fail_fetch},
    {"fetch_transcript", fail_transcript},
    {"extract_fields", fail_video},
    {"process_video", fail_video},
    {"expand_source", bm_expand_source_failed},
};

enum barq_status bm_on_job_failure(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session = NULL;

    enum barq_status status = barq_session_write(ctx, &session, err);
    for (size_t i = 0; status == BARQ_OK && i < sizeof(table) / sizeof(table[0]); i++) {
        if (strcmp(table[i].function, barq_job_function(ctx)) == 0) {
            status = table[i].fail(ctx, session, err);
        }
    }
    return status == BARQ_ERR_NOTFOUND ? BARQ_OK : status; /* deleted meanwhile */
}
