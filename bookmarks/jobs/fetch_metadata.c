/* The second step: asks the outside about a batch of videos. */
#include <stdio.h>

#include "base/time.h"
#include "jobs/functions.h"
#include "services/origin.h"
#include "store/store.h"

/* The videos that a fetch_metadata is about. */
struct fetch {
    const char *list_id;
    const char *run_id;
    size_t count;
    const char *ids[BM_METADATA_MAX_IDS];         /* our own */
    const char *youtube_ids[BM_METADATA_MAX_IDS]; /* in the same order */
    const struct bm_metadata *answers;            /* in the same order */
    const struct bm_field *fields;
    size_t n_fields;
};

/* Those of the arguments that are there and pending; at most BM_METADATA_MAX_IDS. */
static enum barq_status read_videos(struct barq_session *session, const struct barq_value *ids,
                                    struct barq_arena *arena, struct fetch *fetch,
                                    struct barq_error *err)
{
    for (size_t i = 0; i < barq_count(ids) && fetch->count < BM_METADATA_MAX_IDS; i++) {
        struct bm_video video;
        const char *id = barq_as_string(barq_at(ids, i), "");
        enum barq_status status = bm_video_get(session, id, arena, &video, err);
        if (status == BARQ_ERR_NOTFOUND) {
            continue; /* deleted meanwhile */
        }
        if (status != BARQ_OK) {
            return status;
        }
        if (video.status == BM_PENDING) {
            fetch->ids[fetch->count] = video.id;
            fetch->youtube_ids[fetch->count++] = video.metadata.youtube_id;
        }
    }
    return BARQ_OK;
}

static enum barq_status read_for_fetch(struct barq_context *ctx, struct fetch *fetch,
                                       struct barq_error *err)
{
    struct barq_arena *arena = barq_arena_of(ctx);
    struct barq_session *session = NULL;

    enum barq_status status = barq_session_read(ctx, &session, err);
    if (status == BARQ_OK) {
        status = read_videos(session, barq_arg(ctx, 2, "video_ids"), arena, fetch, err);
    }
    if (status == BARQ_OK) {
        status = bm_fields(session, fetch->list_id, arena, &fetch->fields, &fetch->n_fields, err);
    }
    return status == BARQ_OK ? barq_session_end(session, err) : status;
}

/* What a failed call to the outside means for the job. */
static enum barq_status give_up_or_retry(struct barq_context *ctx, enum barq_status status,
                                         const struct bm_verdict *verdict, int64_t now_ms,
                                         struct barq_error *err)
{
    char why[BARQ_ERROR_MAX_BYTES];
    snprintf(why, sizeof(why), "%s", err->text);

    switch (verdict->outcome) {
    case BM_CALL_SETUP:
    case BM_CALL_REFUSED:
        return barq_fail(ctx, err, "%s", why);
    case BM_CALL_HELD:
        if (verdict->until_at_ms > 0) {
            return barq_retry(ctx, err, verdict->until_at_ms - now_ms, "%s", why);
        }
        return verdict->retry_ms > 0 ? barq_retry(ctx, err, verdict->retry_ms, "%s", why) : status;
    case BM_CALL_RETRY:
        return verdict->retry_ms > 0 ? barq_retry(ctx, err, verdict->retry_ms, "%s", why) : status;
    case BM_CALL_CANCELED:
    case BM_CALL_OK:
    case BM_CALL_OUTCOMES:
        break;
    }
    return status;
}

static struct barq_value *schema_of(const struct fetch *fetch, struct barq_arena *arena)
{
    struct barq_value *schema = barq_map(arena);
    struct barq_value *names = barq_list(arena);

    for (size_t i = 0; i < fetch->n_fields; i++) {
        barq_add(names, barq_string(arena, fetch->fields[i].name));
    }
    barq_set_key(schema, "fields", names);
    return schema;
}

static enum barq_status enqueue_video(struct barq_session *session, struct barq_arena *arena,
                                      const struct fetch *fetch, const char *id,
                                      struct barq_error *err)
{
    struct barq_value *args = barq_list(arena);

    barq_add(args, barq_string(arena, id));
    barq_add(args, barq_string(arena, fetch->list_id));
    barq_add(args, schema_of(fetch, arena));
    return barq_session_enqueue(session, "process_video", args, NULL, NULL, NULL, err);
}

/* Checks again, since the answer took its time: what is no longer pending stays as it is. */
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
        return bm_video_fail(session, id, why, now_ms, NULL, err);
    }
    enum barq_status status = bm_video_describe(session, id, answer, now_ms, &changed, err);
    if (status != BARQ_OK || !changed) {
        return status;
    }
    return enqueue_video(session, arena, fetch, id, err);
}

static enum barq_status store_answers(struct barq_context *ctx, const struct fetch *fetch,
                                      struct barq_error *err)
{
    struct barq_session *session = NULL;
    int64_t found = 0;

    enum barq_status status = barq_session_write(ctx, &session, err);
    for (size_t i = 0; status == BARQ_OK && i < fetch->count; i++) {
        status = store_answer(session, barq_arena_of(ctx), fetch, i, err);
        found += fetch->answers[i].found;
    }
    barq_progress(ctx, found, (int64_t)fetch->count, NULL);
    barq_return(ctx, barq_int(barq_arena_of(ctx), found));
    return status;
}

enum barq_status bm_fetch_metadata(struct barq_context *ctx, struct barq_error *err)
{
    struct fetch fetch = {.list_id = barq_arg_string(ctx, 0, "list_id", NULL),
                          .run_id = barq_arg_string(ctx, 1, "run_id", NULL)};
    struct bm_services_settings services = bm_services_of_environment();
    struct bm_verdict verdict;
    int64_t now_ms = bq_wall_ms();
    if (!fetch.list_id || !fetch.run_id) {
        return barq_fail(ctx, err, "fetch_metadata: list_id and run_id are needed");
    }

    enum barq_status status = read_for_fetch(ctx, &fetch, err);
    if (status != BARQ_OK || fetch.count == 0) {
        return status;
    }
    barq_progress(ctx, 0, (int64_t)fetch.count, "asking for what is known of them");
    status = bm_origin_fetch(&services, fetch.youtube_ids, fetch.count, barq_cancel_fd(ctx), now_ms,
                             barq_arena_of(ctx), &fetch.answers, &verdict, err);
    if (status != BARQ_OK) {
        return give_up_or_retry(ctx, status, &verdict, now_ms, err);
    }
    return store_answers(ctx, &fetch, err);
}
