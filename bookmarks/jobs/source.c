/* Whom a page of a playlist or a channel is asked of, and how. */
#include "jobs/source.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/time.h"
#include "services/origin.h"
#include "services/web.h"
#include "services/ytdlp.h"
#include "video/url.h"

/* -- which playlist -- */

/* "@name" of "c/name" and "user/name": YouTube has made handles of most of these. */
static const char *handle_of(const char *id, char out[BM_TARGET_ID_BYTES])
{
    const char *slash = strchr(id, '/');

    snprintf(out, BM_TARGET_ID_BYTES, "%s%s", slash ? "@" : "", slash ? slash + 1 : id);
    return out;
}

static enum barq_status ask_channel(const struct bm_youtube_call *call, struct bm_list_page *source,
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
static enum barq_status find_playlist(const struct bm_youtube_call *call,
                                      struct bm_list_page *source, struct bm_verdict *verdict,
                                      struct barq_error *err)
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

static enum barq_status ask_youtube(struct barq_context *ctx, struct bm_list_page *source,
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

static enum barq_status ask_ytdlp(struct barq_context *ctx, struct bm_list_page *source,
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
static enum barq_status ask_feed(struct barq_context *ctx, struct bm_list_page *source,
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

enum barq_status bm_source_ask(struct barq_context *ctx, struct bm_list_page *source,
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
