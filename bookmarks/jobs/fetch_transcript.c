/* For fields that a model fills in: what is said in a video, unless it is known already. */
#include <stdio.h>

#include "base/time.h"
#include "jobs/functions.h"
#include "jobs/held.h"
#include "jobs/next.h"
#include "jobs/settings.h"
#include "services/origin.h"
#include "services/transcript.h"
#include "store/transcripts.h"

struct work {
    struct bm_step step;
    struct bm_services_settings services;
    struct bm_video video;
    bool may_go_on;
    bool is_there;
};

/* Who would be asked: as for metadata, but a key is of no use for it. */
static enum bm_service service_of(const struct bm_services_settings *services)
{
    struct bm_services_settings keyless = *services;

    keyless.youtube = (struct bm_youtube_source){.key = NULL};
    return bm_origin_service(&keyless);
}

static enum barq_status read_all(struct barq_session *session, struct barq_arena *arena,
                                 struct work *work, struct barq_error *err)
{
    struct bm_run run;
    bool held = false;

    enum barq_status status = bm_run_get(session, work->step.run_id, arena, &run, err);
    if (status == BARQ_OK) {
        work->step.priority = run.priority;
        status = bm_run_may_go_on(session, run.id, work->step.video_id, work->step.tries,
                                  &work->may_go_on, err);
    }
    if (status == BARQ_OK) {
        status = bm_video_get(session, work->step.video_id, arena, &work->video, err);
    }
    if (status == BARQ_OK) {
        status = bm_transcript_is_there(session, work->step.video_id, &work->is_there, err);
    }
    if (status == BARQ_OK) {
        status = bm_services_of(session, arena, &work->services, err);
    }
    if (status == BARQ_OK && !work->is_there) {
        status = bm_is_held(session, service_of(&work->services), arena, &held, err);
    }
    work->may_go_on &= !held;
    return status;
}

static enum barq_status read_for_transcript(struct barq_context *ctx, struct work *work,
                                            struct barq_error *err)
{
    struct barq_session *session = NULL;

    enum barq_status status = barq_session_read(ctx, &session, err);
    if (status == BARQ_OK) {
        status = read_all(session, barq_arena_of(ctx), work, err);
    }
    enum barq_status ended = session ? barq_session_end(session, NULL) : BARQ_OK;
    return status != BARQ_OK ? status : ended;
}

static enum barq_status put_transcript(struct barq_session *session, const struct work *work,
                                       const struct bm_transcript *found, struct barq_error *err)
{
    const struct bm_new_transcript new = {
        .language = found->language ? found->language : "",
        .source = found->source,
        .is_auto = found->is_auto,
        .cues = found->captions.cues,
        .n_cues = found->captions.count,
    };

    enum barq_status status =
        bm_transcript_put(session, work->step.video_id, &new, bq_wall_ms(), err);
    return status == BARQ_OK ? bm_chapters_put(session, work->step.video_id, found->chapters,
                                               found->n_chapters, found->source, err)
                             : status;
}

/* Without a word of it, its title and description are what there is to go by. */
static enum barq_status go_on(struct barq_context *ctx, const struct work *work,
                              const struct bm_transcript *found, const struct bm_verdict *verdict,
                              const char *why, struct barq_error *err)
{
    struct barq_session *session = NULL;

    enum barq_status status = barq_session_write(ctx, &session, err);
    if (status == BARQ_OK) {
        status = bm_note_call(session, verdict, why, work->step.list_id, NULL, err);
    }
    if (status == BARQ_OK && found) {
        status = put_transcript(session, work, found, err);
    }
    if (status == BARQ_OK && verdict->outcome != BM_CALL_HELD) {
        status = bm_enqueue_step(session, "extract_fields", &work->step, err);
    }
    return status;
}

enum barq_status bm_fetch_transcript(struct barq_context *ctx, struct barq_error *err)
{
    struct work work = {.may_go_on = false};
    struct bm_transcript found;
    struct bm_verdict verdict = {.outcome = BM_CALL_OK};
    if (!bm_step_of(ctx, &work.step) || !work.step.run_id) {
        return barq_fail(ctx, err, "fetch_transcript: video_id and run_id are needed");
    }

    enum barq_status status = read_for_transcript(ctx, &work, err);
    if (status == BARQ_ERR_NOTFOUND || (status == BARQ_OK && !work.may_go_on)) {
        return BARQ_OK;
    }
    if (status == BARQ_OK && (work.is_there || !work.services.online)) {
        return go_on(ctx, &work, NULL, &verdict, "", err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    status = bm_transcript_fetch(&work.services, work.video.metadata.youtube_id,
                                 barq_cancel_fd(ctx), barq_arena_of(ctx), &found, &verdict, err);
    if (status == BARQ_OK) {
        return go_on(ctx, &work, &found, &verdict, "", err);
    }
    if (verdict.outcome == BM_CALL_RETRY || verdict.outcome == BM_CALL_CANCELED) {
        return bm_give_up_or_retry(ctx, status, &verdict, err);
    }
    char why[BARQ_ERROR_MAX_BYTES];
    (void)snprintf(why, sizeof(why), "%s", err->text);
    return go_on(ctx, &work, NULL, &verdict, why, err);
}
