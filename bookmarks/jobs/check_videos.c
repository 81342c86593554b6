/* Now and then asks whether videos are still there, 50 at a time: what has gone is marked, and kept. */
#include <stdio.h>
#include <string.h>

#include <barq/client.h>

#include "base/time.h"
#include "jobs/functions.h"
#include "jobs/held.h"
#include "jobs/settings.h"
#include "services/origin.h"
#include "store/availability.h"

enum { NEXT_MS = 30 * 1000 }; /* between two batches: nobody is in a hurry */
#define FRESH_MS (INT64_C(14) * 24 * 3600 * 1000)

struct check {
    struct bm_services_settings services;
    const struct bm_checked *videos;
    size_t n_videos;
    const char *ids[BM_METADATA_MAX_IDS]; /* each once */
    size_t n_ids;
    const struct bm_metadata *answers;
    bool held;
};

static void list_ids(struct check *check)
{
    for (size_t i = 0; i < check->n_videos; i++) {
        bool known = false;
        for (size_t j = 0; j < check->n_ids; j++) {
            known |= strcmp(check->ids[j], check->videos[i].youtube_id) == 0;
        }
        if (!known) {
            check->ids[check->n_ids++] = check->videos[i].youtube_id;
        }
    }
}

static enum barq_status read_for_check(struct barq_context *ctx, struct check *check,
                                       struct barq_error *err)
{
    struct barq_arena *arena = barq_arena_of(ctx);
    struct barq_session *session = NULL;

    enum barq_status status = barq_session_read(ctx, &session, err);
    if (status == BARQ_OK) {
        status = bm_services_of(session, arena, &check->services, err);
    }
    if (status == BARQ_OK) {
        status = bm_is_held(session, bm_origin_service(&check->services), arena, &check->held, err);
    }
    if (status == BARQ_OK) {
        status = bm_unchecked(session, bq_wall_ms() - FRESH_MS, BM_METADATA_MAX_IDS, arena,
                              &check->videos, &check->n_videos, err);
    }
    list_ids(check);
    return status == BARQ_OK ? barq_session_end(session, err) : status;
}

static enum barq_status store_answers(struct barq_session *session, const struct check *check,
                                      struct barq_error *err)
{
    int64_t now_ms = bq_wall_ms();
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; i < check->n_ids; i++) {
        for (size_t j = 0; status == BARQ_OK && j < check->n_videos; j++) {
            if (strcmp(check->videos[j].youtube_id, check->ids[i]) == 0) {
                status = bm_video_check(session, check->videos[j].video_id, &check->answers[i],
                                        now_ms, err);
            }
        }
    }
    return status;
}

static enum barq_status store(struct barq_context *ctx, const struct check *check,
                              const struct bm_verdict *verdict, const char *why,
                              struct barq_error *err)
{
    const struct barq_enqueue_options later = {.defer_ms = NEXT_MS, .priority = -BARQ_PRIORITY_MAX};
    struct barq_session *session = NULL;

    enum barq_status status = barq_session_write(ctx, &session, err);
    if (status == BARQ_OK) {
        status = bm_note_call(session, verdict, why, NULL, NULL, err);
    }
    if (status != BARQ_OK || verdict->outcome != BM_CALL_OK) {
        return status; /* the clock brings the next one */
    }
    status = store_answers(session, check, err);
    if (status == BARQ_OK && check->n_videos == BM_METADATA_MAX_IDS) {
        status = barq_session_enqueue(session, "check_videos", NULL, NULL, &later, NULL, err);
    }
    barq_return(ctx, barq_int(barq_arena_of(ctx), (int64_t)check->n_videos));
    return status;
}

enum barq_status bm_check_videos(struct barq_context *ctx, struct barq_error *err)
{
    struct check check = {.n_videos = 0};
    struct bm_verdict verdict = {.outcome = BM_CALL_OK};
    char why[BARQ_ERROR_MAX_BYTES] = "";

    enum barq_status status = read_for_check(ctx, &check, err);
    /* The shipped facts know nothing of what has gone. */
    bool asks = bm_origin_service(&check.services) != BM_SERVICE_NONE;
    if (status != BARQ_OK || check.held || check.n_videos == 0 || !asks) {
        return status;
    }
    status = bm_origin_fetch(&check.services, check.ids, check.n_ids, barq_cancel_fd(ctx),
                             bq_wall_ms(), barq_arena_of(ctx), &check.answers, &verdict, err);
    if (status != BARQ_OK) {
        (void)snprintf(why, sizeof(why), "%s", err->text);
    }
    if (status != BARQ_OK && verdict.outcome != BM_CALL_HELD) {
        return bm_give_up_or_retry(ctx, status, &verdict, err);
    }
    return store(ctx, &check, &verdict, why, err);
}
