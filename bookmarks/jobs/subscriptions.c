/* Looks for new videos of channels, of playlists, and of words; what is new goes into the list, and is processed. */
#include "store/subscriptions.h"

#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/time.h"
#include "jobs/functions.h"
#include "jobs/held.h"
#include "jobs/search.h"
#include "jobs/settings.h"
#include "services/web.h"
#include "store/runs.h"
#include "store/video_put.h"

enum { DUE_AT_ONCE = 100, FOUND_MAX = BM_FEED_MAX_VIDEOS };

struct poll {
    struct bm_subscription subscription;
    struct bm_services_settings services;
    bool held;
    const char *ids[FOUND_MAX]; /* of YouTube's, the newest first */
    const char *titles[FOUND_MAX];
    size_t count;
    const char *new_ids[FOUND_MAX]; /* ours, of those that were added */
    size_t n_new;
};

enum barq_status bm_poll_subscriptions(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session = NULL;
    int64_t enqueued = 0;

    enum barq_status status = barq_session_write(ctx, &session, err);
    if (status == BARQ_OK) {
        status = bm_subscriptions_enqueue_due(session, bq_wall_ms(), DUE_AT_ONCE, &enqueued, err);
    }
    barq_return(ctx, barq_int(barq_arena_of(ctx), enqueued));
    return status;
}

static bool is_search(const struct poll *poll)
{
    return strcmp(poll->subscription.kind, "keyword") == 0;
}

static enum barq_status read_for_poll(struct barq_context *ctx, const char *id, struct poll *poll,
                                      struct barq_error *err)
{
    struct barq_arena *arena = barq_arena_of(ctx);
    struct barq_session *session = NULL;

    enum barq_status status = barq_session_read(ctx, &session, err);
    if (status == BARQ_OK) {
        status = bm_subscription_get(session, id, arena, &poll->subscription, err);
    }
    if (status == BARQ_OK) {
        status = bm_services_of(session, arena, &poll->services, err);
    }
    if (status == BARQ_OK) {
        status = bm_is_held(session, is_search(poll) ? BM_SERVICE_YOUTUBE : BM_SERVICE_WEB, arena,
                            &poll->held, err);
    }
    enum barq_status ended = session ? barq_session_end(session, NULL) : BARQ_OK;
    return status != BARQ_OK ? status : ended;
}

static void take(struct poll *poll, const char *youtube_id, const char *title)
{
    if (youtube_id && poll->count < FOUND_MAX) {
        poll->titles[poll->count] = title;
        poll->ids[poll->count++] = youtube_id;
    }
}

static enum barq_status ask_feed(struct barq_context *ctx, struct poll *poll,
                                 struct bm_verdict *verdict, struct barq_error *err)
{
    bm_auto(web_call) struct bm_web_call call = {.base_url = poll->services.web_url,
                                                 .timeout_ms = poll->services.timeout_ms,
                                                 .cancel_fd = barq_cancel_fd(ctx),
                                                 .arena = barq_arena_of(ctx)};
    struct bm_feed feed = {.count = 0};

    enum barq_status status = bm_feed_fetch(&call, poll->subscription.target, &feed, verdict, err);
    for (size_t i = 0; status == BARQ_OK && i < feed.count; i++) {
        take(poll, feed.videos[i].youtube_id, feed.videos[i].title);
    }
    return status;
}

/* Dear: so since the last time only, for which one page is enough. */
static enum barq_status ask_search(struct barq_context *ctx, struct poll *poll,
                                   struct bm_verdict *verdict, struct barq_error *err)
{
    const struct bm_found *found = NULL;
    size_t count = 0;

    enum barq_status status =
        bm_search_words(&poll->services, poll->subscription.target, poll->subscription.last_at_ms,
                        barq_cancel_fd(ctx), barq_arena_of(ctx), &found, &count, verdict, err);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        take(poll, found[i].youtube_id, found[i].title);
    }
    return status;
}

static enum barq_status put_video(struct barq_session *session, struct barq_arena *arena,
                                  struct poll *poll, size_t index, int64_t *position,
                                  struct barq_error *err)
{
    struct bm_new_video video = {.list_id = poll->subscription.list_id,
                                 .youtube_id = poll->ids[index],
                                 .position = *position,
                                 .title = poll->titles[index],
                                 .added_at_ms = INT64_MIN};
    char id[BM_ID_BYTES];
    bool new = false;
    bool added = false;

    enum barq_status status = bm_subscription_match(session, poll->subscription.id,
                                                    video.youtube_id, bq_wall_ms(), &new, err);
    if (status == BARQ_OK && new) {
        status = bm_video_put(session, &video, bq_wall_ms(), id, &added, err);
    }
    if (status == BARQ_OK && added) {
        (*position)++;
        poll->new_ids[poll->n_new++] = bq_arena_strdup(arena, id);
    }
    return status;
}

/* The oldest first, so that the newest is the last in the list. */
static enum barq_status put_videos(struct barq_session *session, struct barq_arena *arena,
                                   struct poll *poll, struct barq_error *err)
{
    int64_t position = 0;

    enum barq_status status = bm_next_position(session, poll->subscription.list_id, &position, err);
    for (size_t i = poll->count; status == BARQ_OK && i > 0; i--) {
        status = put_video(session, arena, poll, i - 1, &position, err);
    }
    if (status != BARQ_OK || poll->n_new == 0) {
        return status;
    }
    const struct bm_run_options options = {.video_ids = poll->new_ids, .n_videos = poll->n_new};
    struct bm_run run;
    return bm_run_start(session, poll->subscription.list_id, &options, bq_wall_ms(), arena, &run,
                        err);
}

static enum barq_status store(struct barq_context *ctx, struct poll *poll,
                              const struct bm_verdict *verdict, const char *why,
                              struct barq_error *err)
{
    struct barq_session *session = NULL;

    enum barq_status status = barq_session_write(ctx, &session, err);
    if (status == BARQ_OK) {
        status = bm_note_call(session, verdict, why, poll->subscription.list_id, NULL, err);
    }
    if (status == BARQ_OK) {
        status = put_videos(session, barq_arena_of(ctx), poll, err);
    }
    if (status == BARQ_OK) {
        status = bm_subscription_polled(session, poll->subscription.id, *why ? why : NULL,
                                        bq_wall_ms(), err);
    }
    barq_return(ctx, barq_int(barq_arena_of(ctx), (int64_t)poll->n_new));
    return status;
}

/* What went wrong is told with the subscription; its next time comes by the clock. */
enum barq_status bm_poll_subscription(struct barq_context *ctx, struct barq_error *err)
{
    const char *id = barq_arg_string(ctx, 0, "subscription_id", NULL);
    struct poll poll = {.count = 0};
    struct bm_verdict verdict = {.outcome = BM_CALL_OK};
    char why[BARQ_ERROR_MAX_BYTES] = "";
    if (!id) {
        return barq_fail(ctx, err, "poll_subscription: subscription_id is needed");
    }

    enum barq_status status = read_for_poll(ctx, id, &poll, err);
    if (status == BARQ_ERR_NOTFOUND ||
        (status == BARQ_OK && (poll.held || !poll.services.online))) {
        return BARQ_OK;
    }
    if (status != BARQ_OK) {
        return status;
    }
    status = is_search(&poll) ? ask_search(ctx, &poll, &verdict, err)
                              : ask_feed(ctx, &poll, &verdict, err);
    if (status != BARQ_OK) {
        (void)snprintf(why, sizeof(why), "%s", err->text);
    }
    if (verdict.outcome == BM_CALL_RETRY || verdict.outcome == BM_CALL_CANCELED) {
        return bm_give_up_or_retry(ctx, status, &verdict, err);
    }
    return store(ctx, &poll, &verdict, why, err);
}
