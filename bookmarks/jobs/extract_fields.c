/* Has a model fill in the fields of one video for which a person has said what to look for. */
#include <stdio.h>

#include "base/error.h"
#include "base/time.h"
#include "jobs/functions.h"
#include "jobs/held.h"
#include "jobs/next.h"
#include "jobs/settings.h"
#include "services/extraction.h"
#include "store/transcripts.h"
#include "store/values.h"

struct work {
    struct bm_step step;
    struct bm_services_settings services;
    struct bm_video video;
    const struct bm_cue *cues;
    size_t n_cues;
    struct bm_field fields[BM_FIELDS_MAX]; /* that the model is asked for */
    size_t n_fields;
    bool watch;
    bool dry;
    bool may_go_on;
};

static enum barq_status read_fields(struct barq_session *session, struct barq_arena *arena,
                                    struct work *work, struct barq_error *err)
{
    const struct bm_field *fields = NULL;
    size_t count = 0;

    enum barq_status status = bm_fields(session, work->video.list_id, arena, &fields, &count, err);
    for (size_t i = 0; status == BARQ_OK && i < count && work->n_fields < BM_FIELDS_MAX; i++) {
        if (bm_is_for_model(&fields[i]) && bm_in_schema(work->step.schema, fields[i].name)) {
            work->fields[work->n_fields++] = fields[i];
        }
    }
    return status;
}

static enum barq_status read_all(struct barq_session *session, struct barq_arena *arena,
                                 struct work *work, struct barq_error *err)
{
    struct bm_run run;
    bool held = false;

    enum barq_status status = bm_run_get(session, work->step.run_id, arena, &run, err);
    if (status == BARQ_OK) {
        work->step.priority = run.priority;
        work->watch = run.watch;
        work->dry = run.dry;
        status = bm_run_may_go_on(session, run.id, work->step.video_id, work->step.tries,
                                  &work->may_go_on, err);
    }
    if (status == BARQ_OK) {
        status = bm_video_get(session, work->step.video_id, arena, &work->video, err);
    }
    if (status == BARQ_OK) {
        status = read_fields(session, arena, work, err);
    }
    if (status == BARQ_OK) {
        status = bm_transcript_cues(session, work->step.video_id, arena, &work->cues, &work->n_cues,
                                    err);
    }
    if (status == BARQ_OK) {
        status = bm_services_of(session, arena, &work->services, err);
    }
    if (status == BARQ_OK) {
        status = bm_is_held(session, work->services.model.service, arena, &held, err);
    }
    work->may_go_on &= !held;
    return status;
}

static enum barq_status read_for_extraction(struct barq_context *ctx, struct work *work,
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

/* -- what came of it -- */

static enum barq_status put_values(struct barq_session *session, const struct work *work,
                                   const struct bm_extraction *found, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < found->n_values; i++) {
        const struct bm_extracted *one = &found->values[i];
        const struct bm_field_value value = {
            .value = one->value,
            .source = BM_BY_MODEL,
            .model = work->services.model.name,
            .model_version = found->version,
            .has_time = one->has_time,
            .at_seconds = one->at_seconds,
            .quote = one->quote,
        };
        status = bm_field_value_set(session, work->step.video_id, one->field, &value, bq_wall_ms(),
                                    NULL, err);
    }
    return status;
}

/* What a dry run shows. */
static struct barq_value *preview(const struct bm_extraction *found, struct barq_arena *arena)
{
    struct barq_value *data = barq_map(arena);
    struct barq_value *values = barq_map(arena);
    struct barq_value *dropped = barq_map(arena);

    for (size_t i = 0; i < found->n_values; i++) {
        barq_set_key(values, found->values[i].field->name,
                     barq_copy(arena, found->values[i].value));
    }
    for (size_t i = 0; i < found->n_dropped; i++) {
        barq_set_key(dropped, found->dropped[i].field->name,
                     barq_string(arena, found->dropped[i].why));
    }
    barq_set_key(data, "values", values);
    barq_set_key(data, "dropped", dropped);
    barq_set_key(data, "tokens_in", barq_int(arena, found->usage.tokens_in));
    barq_set_key(data, "tokens_out", barq_int(arena, found->usage.tokens_out));
    barq_set_key(data, "cost_millionths", barq_int(arena, found->usage.cost_millionths));
    return data;
}

static enum barq_status go_on(struct barq_context *ctx, struct barq_session *session,
                              const struct work *work, const struct bm_extraction *found,
                              struct barq_error *err)
{
    if (work->dry) {
        return bm_run_preview(session, work->step.run_id, work->step.video_id,
                              preview(found, barq_arena_of(ctx)), bq_wall_ms(), barq_arena_of(ctx),
                              err);
    }
    enum barq_status status = put_values(session, work, found, err);
    return status == BARQ_OK ? bm_enqueue_step(session, "process_video", &work->step, err) : status;
}

/*
 * A call has cost what it has cost, whatever came of it: so what is refused for good fails the
 * video here, and not by failing the job, whose writes would be gone.
 */
static enum barq_status store(struct barq_context *ctx, const struct work *work,
                              const struct bm_extraction *found, const struct bm_verdict *verdict,
                              const char *why, struct barq_error *err)
{
    const struct bm_used used = {.model = work->services.model.name,
                                 .tokens_in = found->usage.tokens_in,
                                 .tokens_out = found->usage.tokens_out,
                                 .cost_millionths = found->usage.cost_millionths};
    struct barq_session *session = NULL;
    int64_t budget = 0;

    enum barq_status status = barq_session_write(ctx, &session, err);
    if (status == BARQ_OK) {
        status = bm_note_call(session, verdict, why, work->step.list_id, &used, err);
    }
    if (status == BARQ_OK) {
        status = bm_daily_budget(session, barq_arena_of(ctx), &budget, err);
    }
    if (status == BARQ_OK && budget > 0) {
        status = bm_hold_when_spent(session, verdict->service, budget, err);
    }
    if (status != BARQ_OK || verdict->outcome == BM_CALL_HELD) {
        return status;
    }
    return verdict->outcome == BM_CALL_OK
               ? go_on(ctx, session, work, found, err)
               : bm_run_video_end(session, work->step.run_id, work->step.video_id, why,
                                  bq_wall_ms(), NULL, err);
}

static enum barq_status only_go_on(struct barq_context *ctx, const struct work *work,
                                   struct barq_error *err)
{
    struct barq_session *session = NULL;

    enum barq_status status = barq_session_write(ctx, &session, err);
    return status == BARQ_OK ? bm_enqueue_step(session, "process_video", &work->step, err) : status;
}

enum barq_status bm_extract_fields(struct barq_context *ctx, struct barq_error *err)
{
    struct work work = {.may_go_on = false};
    struct bm_extraction found = {.n_values = 0};
    struct bm_verdict verdict = {.outcome = BM_CALL_OK};
    char why[BARQ_ERROR_MAX_BYTES] = "";
    if (!bm_step_of(ctx, &work.step) || !work.step.run_id) {
        return barq_fail(ctx, err, "extract_fields: video_id and run_id are needed");
    }

    enum barq_status status = read_for_extraction(ctx, &work, err);
    if (status == BARQ_ERR_NOTFOUND || (status == BARQ_OK && !work.may_go_on)) {
        return BARQ_OK;
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (work.services.model.service == BM_SERVICE_NONE || work.n_fields == 0) {
        return only_go_on(ctx, &work, err); /* that was changed meanwhile */
    }
    const struct bm_subject subject = {.video = &work.video.metadata,
                                       .cues = work.cues,
                                       .n_cues = work.n_cues,
                                       .watch = work.watch,
                                       .watch_longest_s = work.services.watch_longest_s};
    status =
        bm_extract(&work.services.model, &subject, work.fields, work.n_fields, barq_cancel_fd(ctx),
                   bq_wall_ms(), barq_arena_of(ctx), &found, &verdict, err);
    if (status != BARQ_OK) {
        (void)snprintf(why, sizeof(why), "%s", err->text);
    }
    if (verdict.outcome == BM_CALL_RETRY || verdict.outcome == BM_CALL_CANCELED ||
        verdict.outcome == BM_CALL_SETUP) {
        return bm_give_up_or_retry(ctx, status, &verdict, err);
    }
    return store(ctx, &work, &found, &verdict, why, err);
}
