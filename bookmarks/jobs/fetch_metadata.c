/* The second step: asks the outside about a batch of videos. */
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "jobs/functions.h"
#include "jobs/held.h"
#include "jobs/next.h"
#include "jobs/settings.h"
#include "services/origin.h"
#include "store/availability.h"
#include "store/events.h"
#include "store/index_later.h"
#include "store/runs.h"

/* The videos that a fetch_metadata is about. */
struct fetch {
    struct bm_services_settings services;
    struct bm_run run;
    size_t count;                                 /* that must be asked for */
    const char *ids[BM_METADATA_MAX_IDS];         /* our own */
    const char *youtube_ids[BM_METADATA_MAX_IDS]; /* in the same order */
    int64_t tries[BM_METADATA_MAX_IDS];
    const struct bm_metadata *answers; /* in the same order */
    size_t n_known;                    /* that are known already, and only go on */
    struct {
        const char *id;
        int64_t tries;
    } known[BM_METADATA_MAX_IDS];
    const struct bm_field *fields;
    size_t n_fields;
};

/* Since this run began; or at all, when it is for a field only. */
static bool is_known(const struct bm_run *run, const struct bm_run_video *video)
{
    return video->described_at_ms >= run->started_at_ms ||
           ((run->field || run->dry) && video->described_at_ms > 0);
}

static enum barq_status read_video(struct barq_session *session, const char *id, int64_t tries,
                                   struct barq_arena *arena, struct fetch *fetch,
                                   struct barq_error *err)
{
    const struct bm_run_video *video = NULL;
    bool may = false;

    enum barq_status status = bm_run_may_go_on(session, fetch->run.id, id, tries, &may, err);
    if (status == BARQ_OK && may) {
        status = bm_run_video_get(session, fetch->run.id, id, arena, &video, err);
    }
    if (status != BARQ_OK || !may) {
        return status;
    }
    if (is_known(&fetch->run, video)) {
        fetch->known[fetch->n_known].id = video->video_id;
        fetch->known[fetch->n_known++].tries = tries;
        return BARQ_OK;
    }
    fetch->ids[fetch->count] = video->video_id;
    fetch->tries[fetch->count] = tries;
    fetch->youtube_ids[fetch->count++] = video->youtube_id;
    return BARQ_OK;
}

static enum barq_status read_videos(struct barq_context *ctx, struct barq_session *session,
                                    struct fetch *fetch, struct barq_error *err)
{
    const struct barq_value *ids = barq_arg(ctx, 2, "video_ids");
    const struct barq_value *tries = barq_arg(ctx, 3, "tries");
    size_t count = barq_count(ids);
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < count && i < BM_METADATA_MAX_IDS; i++) {
        status = read_video(session, barq_as_string(barq_at(ids, i), ""),
                            barq_as_int(barq_at(tries, i), 0), barq_arena_of(ctx), fetch, err);
    }
    return status;
}

static enum barq_status read_for_fetch(struct barq_context *ctx, struct fetch *fetch,
                                       struct barq_error *err)
{
    struct barq_arena *arena = barq_arena_of(ctx);
    struct barq_session *session = NULL;
    bool held = false;

    enum barq_status status = barq_session_read(ctx, &session, err);
    if (status == BARQ_OK) {
        status =
            bm_run_get(session, barq_arg_string(ctx, 1, "run_id", ""), arena, &fetch->run, err);
    }
    if (status == BARQ_OK) {
        status = read_videos(ctx, session, fetch, err);
    }
    if (status == BARQ_OK) {
        status =
            bm_fields(session, fetch->run.list_id, arena, &fetch->fields, &fetch->n_fields, err);
    }
    if (status == BARQ_OK) {
        status = bm_services_of(session, arena, &fetch->services, err);
    }
    if (status == BARQ_OK) {
        status = bm_is_held(session, bm_origin_service(&fetch->services), arena, &held, err);
    }
    if (held) {
        fetch->count = 0; /* these wait until the hold ends */
    }
    enum barq_status ended = session ? barq_session_end(session, NULL) : BARQ_OK;
    return status != BARQ_OK ? status : ended;
}

static enum barq_status bring_on(struct barq_session *session, const struct fetch *fetch,
                                 const char *video_id, int64_t tries, struct barq_arena *arena,
                                 struct barq_error *err)
{
    bool has_model = fetch->services.model.service != BM_SERVICE_NONE;

    return bm_enqueue_after_metadata(session, &fetch->run, fetch->fields, fetch->n_fields,
                                     has_model, video_id, tries, arena, err);
}

/* Checks again, since the answer took its time: what waits no longer stays as it is. */
static enum barq_status store_answer(struct barq_session *session, struct barq_arena *arena,
                                     const struct fetch *fetch, size_t index,
                                     struct barq_error *err)
{
    const struct bm_metadata *answer = &fetch->answers[index];
    const char *id = fetch->ids[index];
    int64_t now_ms = bq_wall_ms();
    bool changed = false;

    if (!answer->found) {
        const char *why = answer->reason ? answer->reason : "not found";
        enum barq_status status = bm_video_check(session, id, answer, now_ms, err);
        return status == BARQ_OK
                   ? bm_run_video_end(session, fetch->run.id, id, why, now_ms, NULL, err)
                   : status;
    }
    enum barq_status status = bm_video_describe(session, id, answer, now_ms, &changed, err);
    return status == BARQ_OK && (changed || fetch->run.dry)
               ? bring_on(session, fetch, id, fetch->tries[index], arena, err)
               : status;
}

/* One event for all of a batch: each of them is told of again when it is completed. */
static enum barq_status tell_described(struct barq_context *ctx, struct barq_session *session,
                                       const struct fetch *fetch, struct barq_error *err)
{
    struct barq_arena *arena = barq_arena_of(ctx);
    struct bm_event event = {.at_ms = bq_wall_ms(),
                             .kind = "videos.described",
                             .list_id = fetch->run.list_id,
                             .run_id = fetch->run.id};
    struct barq_value *data = barq_map(arena);
    struct barq_value *ids = barq_list(arena);

    for (size_t i = 0; i < fetch->count; i++) {
        if (fetch->answers[i].found) {
            barq_add(ids, barq_string(arena, fetch->ids[i]));
        }
    }
    barq_set_key(data, "video_ids", ids);
    return barq_count(ids) > 0 ? bm_event_add_value(session, &event, data, arena, err) : BARQ_OK;
}

static enum barq_status store_answers(struct barq_context *ctx, struct barq_session *session,
                                      const struct fetch *fetch, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;
    int64_t found = 0;

    if (status == BARQ_OK) {
        status = bm_index_later(session, err);
    }
    for (size_t i = 0; status == BARQ_OK && i < fetch->count; i++) {
        status = store_answer(session, barq_arena_of(ctx), fetch, i, err);
        found += fetch->answers[i].found;
    }
    if (status == BARQ_OK) {
        status = bm_index_now(session, err);
    }
    if (status == BARQ_OK && !fetch->run.dry) {
        status = tell_described(ctx, session, fetch, err);
    }
    barq_progress(ctx, found, (int64_t)fetch->count, NULL);
    barq_return(ctx, barq_int(barq_arena_of(ctx), found));
    return status;
}

static enum barq_status bring_on_known(struct barq_context *ctx, struct barq_session *session,
                                       const struct fetch *fetch, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < fetch->n_known; i++) {
        status = bring_on(session, fetch, fetch->known[i].id, fetch->known[i].tries,
                          barq_arena_of(ctx), err);
    }
    return status;
}

static enum barq_status ask(struct barq_context *ctx, struct fetch *fetch,
                            struct bm_verdict *verdict, struct barq_error *err)
{
    barq_progress(ctx, 0, (int64_t)fetch->count, "asking for what is known of them");
    return bm_origin_fetch(&fetch->services, fetch->youtube_ids, fetch->count, barq_cancel_fd(ctx),
                           bq_wall_ms(), barq_arena_of(ctx), &fetch->answers, verdict, err);
}

static enum barq_status store(struct barq_context *ctx, const struct fetch *fetch,
                              const struct bm_verdict *verdict, const char *why,
                              struct barq_error *err)
{
    struct barq_session *session = NULL;

    enum barq_status status = barq_session_write(ctx, &session, err);
    if (status == BARQ_OK) {
        status = bm_note_call(session, verdict, why, fetch->run.list_id, NULL, err);
    }
    if (status == BARQ_OK && fetch->count > 0 && verdict->outcome == BM_CALL_OK) {
        status = store_answers(ctx, session, fetch, err);
    }
    return status == BARQ_OK ? bring_on_known(ctx, session, fetch, err) : status;
}

enum barq_status bm_fetch_metadata(struct barq_context *ctx, struct barq_error *err)
{
    struct fetch fetch = {.count = 0};
    struct bm_verdict verdict = {.outcome = BM_CALL_OK};
    char why[BARQ_ERROR_MAX_BYTES] = "";
    if (!barq_arg_string(ctx, 0, "list_id", NULL) || !barq_arg_string(ctx, 1, "run_id", NULL)) {
        return barq_fail(ctx, err, "fetch_metadata: list_id and run_id are needed");
    }

    enum barq_status status = read_for_fetch(ctx, &fetch, err);
    if (status == BARQ_ERR_NOTFOUND || (status == BARQ_OK && fetch.count + fetch.n_known == 0)) {
        return BARQ_OK; /* deleted meanwhile, or nothing of it goes on now */
    }
    if (status == BARQ_OK && fetch.count > 0) {
        status = ask(ctx, &fetch, &verdict, err);
        snprintf(why, sizeof(why), "%s", status == BARQ_OK ? "" : err->text);
    }
    if (status != BARQ_OK && verdict.outcome != BM_CALL_HELD) {
        return bm_give_up_or_retry(ctx, status, &verdict, err);
    }
    return store(ctx, &fetch, &verdict, why, err);
}
