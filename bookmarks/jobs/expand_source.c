/* The videos of a playlist or a channel that was imported, page by page. */
#include <stdio.h>
#include <string.h>

#include <barq/client.h>

#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "jobs/functions.h"
#include "jobs/held.h"
#include "services/origin.h"
#include "services/web.h"
#include "services/youtube_lists.h"
#include "services/ytdlp.h"
#include "store/events.h"
#include "store/video_put.h"
#include "video/url.h"

/* What one job is about. */
struct source {
    struct bm_services_settings services;
    const char *list_id;
    const char *kind; /* "playlist" or "channel" */
    const char *id;
    const char *token; /* of the page; NULL: the first */
    char playlist[BM_TARGET_ID_BYTES];
    struct bm_listed_page page;
    bool first_only; /* there is more, but not without a key */
};

/* -- which playlist -- */

/* "@name" of "c/name" and "user/name": YouTube has made handles of most of these. */
static const char *handle_of(const char *id, char out[BM_TARGET_ID_BYTES])
{
    const char *slash = strchr(id, '/');

    snprintf(out, BM_TARGET_ID_BYTES, "%s%s", slash ? "@" : "", slash ? slash + 1 : id);
    return out;
}

static enum barq_status ask_channel(const struct bm_youtube_call *call, struct source *source,
                                    struct bm_verdict *verdict, struct barq_error *err)
{
    char handle[BM_TARGET_ID_BYTES];
    struct bm_list_source channel;

    enum barq_status status =
        bm_youtube_channel(call, handle_of(source->id, handle), &channel, verdict, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (!channel.uploads) {
        return bm_judged(verdict, BM_CALL_REFUSED, BM_REFUSAL_GONE, err,
                         "YouTube: the channel has no list of its videos");
    }
    snprintf(source->playlist, sizeof(source->playlist), "%s", channel.uploads);
    return BARQ_OK;
}

/* A channel's uploads are a playlist. Which one, only a handle must be asked for. */
static enum barq_status find_playlist(const struct bm_youtube_call *call, struct source *source,
                                      struct bm_verdict *verdict, struct barq_error *err)
{
    char uploads[BM_CHANNEL_ID_BYTES + 1];

    if (strcmp(source->kind, "playlist") == 0) {
        snprintf(source->playlist, sizeof(source->playlist), "%s", source->id);
        return BARQ_OK;
    }
    if (bm_youtube_uploads(source->id, uploads)) {
        snprintf(source->playlist, sizeof(source->playlist), "%s", uploads);
        return BARQ_OK;
    }
    return ask_channel(call, source, verdict, err);
}

/* -- whom we ask -- */

static enum barq_status ask_youtube(struct barq_context *ctx, struct source *source,
                                    struct bm_verdict *verdict, struct barq_error *err)
{
    const struct bm_youtube_call call = {.source = &source->services.youtube,
                                         .cancel_fd = barq_cancel_fd(ctx),
                                         .now_ms = bq_wall_ms(),
                                         .arena = barq_arena_of(ctx)};

    enum barq_status status = find_playlist(&call, source, verdict, err);
    int64_t units = verdict->units;
    if (status == BARQ_OK) {
        status = bm_youtube_playlist_page(&call, source->playlist, source->token, &source->page,
                                          verdict, err);
        verdict->units += units;
    }
    return status;
}

static enum barq_status ask_ytdlp(struct barq_context *ctx, struct source *source,
                                  struct bm_verdict *verdict, struct barq_error *err)
{
    char path[BM_PROGRAM_PATH_BYTES];
    const struct bm_ytdlp_call call = {
        .path = path, .cancel_fd = barq_cancel_fd(ctx), .arena = barq_arena_of(ctx)};
    struct bm_youtube_call no_call = {.source = NULL};

    bm_ytdlp_find(source->services.ytdlp, path);
    *verdict = (struct bm_verdict){.service = BM_SERVICE_YTDLP};
    if (strchr(source->id, '@') || strchr(source->id, '/')) {
        return bm_judged(verdict, BM_CALL_SETUP, BM_REFUSAL_NONE, err,
                         "to find a channel by its name, set YOUTUBE_API_KEY; or import its "
                         "address with /channel/UC...");
    }
    enum barq_status status = find_playlist(&no_call, source, verdict, err);
    return status == BARQ_OK
               ? bm_ytdlp_playlist(&call, source->playlist, &source->page, verdict, err)
               : status;
}

/* A feed has the newest 15: better than nothing, and said so. */
static enum barq_status ask_feed(struct barq_context *ctx, struct source *source,
                                 struct bm_verdict *verdict, struct barq_error *err)
{
    struct barq_arena *arena = barq_arena_of(ctx);
    __attribute__((cleanup(bm_web_call_drop))) struct bm_web_call call = {
        .base_url = source->services.web_url, .cancel_fd = barq_cancel_fd(ctx), .arena = arena};
    struct bm_feed feed = {.count = 0};

    enum barq_status status = bm_feed_fetch(&call, source->id, &feed, verdict, err);
    if (status != BARQ_OK) {
        return status;
    }
    struct bm_listed *videos = bq_arena_array(arena, feed.count, sizeof(*videos));
    if (!videos && feed.count > 0) {
        return bq_fail(err, BARQ_ERR_NOMEM, "expand_source: arena is full");
    }
    for (size_t i = 0; i < feed.count; i++) {
        videos[i] = (struct bm_listed){.youtube_id = feed.videos[i].youtube_id,
                                       .title = feed.videos[i].title,
                                       .added_at_ms = INT64_MIN};
    }
    source->page = (struct bm_listed_page){.videos = videos, .count = feed.count, .total = -1};
    source->first_only = true;
    return BARQ_OK;
}

static enum barq_status ask(struct barq_context *ctx, struct source *source,
                            struct bm_verdict *verdict, struct barq_error *err)
{
    switch (bm_origin_service(&source->services)) {
    case BM_SERVICE_YOUTUBE:
        return ask_youtube(ctx, source, verdict, err);
    case BM_SERVICE_YTDLP:
        return ask_ytdlp(ctx, source, verdict, err);
    case BM_SERVICE_WEB:
        return ask_feed(ctx, source, verdict, err);
    case BM_SERVICE_NONE:
    case BM_SERVICE_GEMINI:
    case BM_SERVICE_OPENAI:
    case BM_SERVICES:
        break;
    }
    *verdict = (struct bm_verdict){.service = BM_SERVICE_NONE};
    return bm_judged(verdict, BM_CALL_SETUP, BM_REFUSAL_NONE, err,
                     "to see what is in a %s, set YOUTUBE_API_KEY, or ONLINE=1", source->kind);
}

/* -- what comes of it -- */

/* The same again, for the next page or for another time. */
static enum barq_status enqueue_again(struct barq_session *session, const struct source *source,
                                      const char *token, int64_t defer_until_ms,
                                      struct barq_arena *arena, struct barq_error *err)
{
    const struct barq_enqueue_options behind = {.priority = -1, .defer_until_ms = defer_until_ms};
    struct barq_value *args = barq_list(arena);

    barq_add(args, barq_string(arena, source->list_id));
    barq_add(args, barq_string(arena, source->kind));
    barq_add(args, barq_string(arena, source->id));
    barq_add(args, barq_string(arena, token ? token : ""));
    return barq_session_enqueue(session, "expand_source", args, NULL, &behind, NULL, err);
}

static enum barq_status put_video(struct barq_session *session, const struct source *source,
                                  const struct bm_listed *listed, int64_t *position, int64_t *added,
                                  struct barq_error *err)
{
    const struct bm_new_video video = {.list_id = source->list_id,
                                       .youtube_id = listed->youtube_id,
                                       .position = *position,
                                       .title = listed->title,
                                       .added_at_ms = listed->added_at_ms};
    char id[BM_ID_BYTES];
    bool is_new = false;
    if (listed->dead != BM_REFUSAL_NONE || !bm_video_id_valid(listed->youtube_id)) {
        return BARQ_OK; /* a playlist keeps what is gone, and calls it "Deleted video" */
    }

    enum barq_status status = bm_video_put(session, &video, bq_wall_ms(), id, &is_new, err);
    *position += is_new;
    *added += is_new;
    return status;
}

static enum barq_status tell(struct barq_session *session, const struct source *source,
                             const char *kind, int64_t added, const char *error,
                             struct barq_arena *arena, struct barq_error *err)
{
    struct barq_value *data = barq_map(arena);
    const struct bm_event event = {.at_ms = bq_wall_ms(), .kind = kind, .list_id = source->list_id};

    barq_set_key(data, "kind", barq_string(arena, source->kind));
    barq_set_key(data, "id", barq_string(arena, source->id));
    if (error) {
        barq_set_key(data, "error", barq_string(arena, error));
    } else {
        barq_set_key(data, "added", barq_int(arena, added));
        barq_set_key(data, "more", barq_bool(arena, source->page.next != NULL));
        barq_set_key(data, "newest_only", barq_bool(arena, source->first_only));
    }
    return bm_event_add_value(session, &event, data, arena, err);
}

static enum barq_status store_page(struct barq_session *session, const struct source *source,
                                   struct barq_arena *arena, struct barq_error *err)
{
    int64_t position = 0;
    int64_t added = 0;

    enum barq_status status = bm_next_position(session, source->list_id, &position, err);
    for (size_t i = 0; status == BARQ_OK && i < source->page.count; i++) {
        status = put_video(session, source, &source->page.videos[i], &position, &added, err);
    }
    if (status == BARQ_OK && source->page.next) {
        status = enqueue_again(session, source, source->page.next, 0, arena, err);
    }
    return status == BARQ_OK ? tell(session, source, "source.expanded", added, NULL, arena, err)
                             : status;
}

/* The list may be gone meanwhile; the service may be held: then it comes again when that is over. */
static enum barq_status look(struct barq_context *ctx, const struct source *source, bool *gone,
                             int64_t *held_until_ms, struct barq_error *err)
{
    struct barq_session *session = NULL;
    struct bm_list list;
    struct bm_held held = {.service = NULL};
    enum bm_service service = bm_origin_service(&source->services);

    enum barq_status status = barq_session_read(ctx, &session, err);
    if (status == BARQ_OK) {
        status = bm_list_find(session, source->list_id, barq_arena_of(ctx), &list, err);
        *gone = status == BARQ_ERR_NOTFOUND;
        status = *gone ? BARQ_OK : status;
    }
    if (status == BARQ_OK && service != BM_SERVICE_NONE) {
        status = bm_hold_get(session, bm_service_name(service), bq_wall_ms(), barq_arena_of(ctx),
                             &held, err);
    }
    *held_until_ms = held.service ? held.until_at_ms : 0;
    enum barq_status ended = session ? barq_session_end(session, NULL) : BARQ_OK;
    return status != BARQ_OK ? status : ended;
}

static enum barq_status come_again(struct barq_context *ctx, const struct source *source,
                                   int64_t until_ms, struct barq_error *err)
{
    struct barq_session *session = NULL;

    enum barq_status status = barq_session_write(ctx, &session, err);
    return status == BARQ_OK
               ? enqueue_again(session, source, source->token, until_ms, barq_arena_of(ctx), err)
               : status;
}

/* With the hold that the call has met, if any; the job of that comes again when it is over. */
static enum barq_status store(struct barq_context *ctx, const struct source *source,
                              const struct bm_verdict *verdict, const char *why,
                              struct barq_error *err)
{
    struct barq_session *session = NULL;
    struct bm_held held = {.service = NULL};
    struct barq_arena *arena = barq_arena_of(ctx);

    enum barq_status status = barq_session_write(ctx, &session, err);
    if (status == BARQ_OK && verdict->service != BM_SERVICE_NONE) {
        status = bm_note_call(session, verdict, why, source->list_id, NULL, err);
    }
    if (status != BARQ_OK || verdict->outcome == BM_CALL_OK) {
        return status == BARQ_OK ? store_page(session, source, arena, err) : status;
    }
    status =
        bm_hold_get(session, bm_service_name(verdict->service), bq_wall_ms(), arena, &held, err);
    return status == BARQ_OK
               ? enqueue_again(session, source, source->token, held.until_at_ms, arena, err)
               : status;
}

static bool read_source(struct barq_context *ctx, struct source *source)
{
    const char *token = barq_arg_string(ctx, 3, "token", "");

    source->services = bm_services_of_environment();
    source->list_id = barq_arg_string(ctx, 0, "list_id", NULL);
    source->kind = barq_arg_string(ctx, 1, "kind", "");
    source->id = barq_arg_string(ctx, 2, "id", NULL);
    source->token = *token != '\0' ? token : NULL;
    return source->list_id && source->id &&
           (strcmp(source->kind, "playlist") == 0 || strcmp(source->kind, "channel") == 0);
}

enum barq_status bm_expand_source(struct barq_context *ctx, struct barq_error *err)
{
    struct source source = {.token = NULL};
    struct bm_verdict verdict = {.outcome = BM_CALL_OK};
    char why[BARQ_ERROR_MAX_BYTES] = "";
    int64_t held_until_ms = 0;
    bool gone = false;
    if (!read_source(ctx, &source)) {
        return barq_fail(ctx, err, "expand_source: list_id, kind and id are needed");
    }

    enum barq_status status = look(ctx, &source, &gone, &held_until_ms, err);
    if (status != BARQ_OK || gone) {
        return status;
    }
    if (held_until_ms > 0) {
        return come_again(ctx, &source, held_until_ms, err);
    }
    status = ask(ctx, &source, &verdict, err);
    snprintf(why, sizeof(why), "%s", status == BARQ_OK ? "" : err->text);
    if (status != BARQ_OK && verdict.outcome != BM_CALL_HELD) {
        return bm_give_up_or_retry(ctx, status, &verdict, err);
    }
    return store(ctx, &source, &verdict, why, err);
}

enum barq_status bm_expand_source_failed(struct barq_context *ctx, struct barq_session *session,
                                         struct barq_error *err)
{
    struct source source = {.token = NULL};
    if (!read_source(ctx, &source)) {
        return BARQ_OK;
    }

    return tell(session, &source, "source.failed", 0, barq_job_error(ctx), barq_arena_of(ctx), err);
}
