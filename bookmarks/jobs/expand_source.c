/* The videos of a playlist or a channel that was imported, page by page. */
#include <stdio.h>
#include <string.h>

#include <barq/client.h>

#include "base/error.h"
#include "base/time.h"
#include "jobs/functions.h"
#include "jobs/held.h"
#include "jobs/settings.h"
#include "jobs/source.h"
#include "services/origin.h"
#include "store/events.h"
#include "store/runs.h"
#include "store/video_put.h"
#include "video/url.h"

/* The same again, for the next page or for another time. */
static enum barq_status enqueue_again(struct barq_session *session,
                                      const struct bm_list_page *source, const char *token,
                                      int64_t defer_until_ms, struct barq_arena *arena,
                                      struct barq_error *err)
{
    const struct barq_enqueue_options behind = {.priority = -1, .defer_until_ms = defer_until_ms};
    struct barq_value *args = barq_list(arena);

    barq_add(args, barq_string(arena, source->list_id));
    barq_add(args, barq_string(arena, source->kind));
    barq_add(args, barq_string(arena, source->id));
    barq_add(args, barq_string(arena, token ? token : ""));
    barq_add(args, barq_bool(arena, source->process));
    return barq_session_enqueue(session, "expand_source", args, NULL, &behind, NULL, err);
}

static enum barq_status put_video(struct barq_session *session, const struct bm_list_page *source,
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

static enum barq_status tell(struct barq_session *session, const struct bm_list_page *source,
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

/* One run of all pages: what the first ones have brought waits for the last. */
static enum barq_status take_on(struct barq_session *session, const struct bm_list_page *source,
                                struct barq_error *err)
{
    char run_id[BM_ID_BYTES];

    return source->process
               ? bm_run_take_on(session, source->list_id, bq_wall_ms(), run_id, NULL, err)
               : BARQ_OK;
}

static enum barq_status store_page(struct barq_session *session, const struct bm_list_page *source,
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
    } else if (status == BARQ_OK) {
        status = take_on(session, source, err);
    }
    return status == BARQ_OK ? tell(session, source, "source.expanded", added, NULL, arena, err)
                             : status;
}

/* The list may be gone meanwhile; the service may be held: then it comes again when that is over. */
static enum barq_status look(struct barq_context *ctx, struct bm_list_page *source, bool *gone,
                             int64_t *held_until_ms, struct barq_error *err)
{
    struct barq_session *session = NULL;
    struct bm_list list;
    struct bm_held held = {.service = NULL};
    enum bm_service service = BM_SERVICE_NONE;

    enum barq_status status = barq_session_read(ctx, &session, err);
    if (status == BARQ_OK) {
        status = bm_services_of(session, barq_arena_of(ctx), &source->services, err);
    }
    if (status == BARQ_OK) {
        service = bm_origin_service(&source->services);
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

static enum barq_status come_again(struct barq_context *ctx, const struct bm_list_page *source,
                                   int64_t until_ms, struct barq_error *err)
{
    struct barq_session *session = NULL;

    enum barq_status status = barq_session_write(ctx, &session, err);
    return status == BARQ_OK
               ? enqueue_again(session, source, source->token, until_ms, barq_arena_of(ctx), err)
               : status;
}

/* With the hold that the call has met, if any; the job of that comes again when it is over. */
static enum barq_status store(struct barq_context *ctx, const struct bm_list_page *source,
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

static bool read_source(struct barq_context *ctx, struct bm_list_page *source)
{
    const char *token = barq_arg_string(ctx, 3, "token", "");

    source->list_id = barq_arg_string(ctx, 0, "list_id", NULL);
    source->kind = barq_arg_string(ctx, 1, "kind", "");
    source->id = barq_arg_string(ctx, 2, "id", NULL);
    source->token = *token != '\0' ? token : NULL;
    source->process = barq_as_bool(barq_arg(ctx, 4, "process"), true);
    return source->list_id && source->id &&
           (strcmp(source->kind, "playlist") == 0 || strcmp(source->kind, "channel") == 0);
}

enum barq_status bm_expand_source(struct barq_context *ctx, struct barq_error *err)
{
    struct bm_list_page source = {.token = NULL};
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
    status = bm_source_ask(ctx, &source, &verdict, err);
    snprintf(why, sizeof(why), "%s", status == BARQ_OK ? "" : err->text);
    if (status != BARQ_OK && verdict.outcome != BM_CALL_HELD) {
        return bm_give_up_or_retry(ctx, status, &verdict, err);
    }
    return store(ctx, &source, &verdict, why, err);
}

/* Of a list that may be gone. */
static enum barq_status take_on_what_came(struct barq_context *ctx, struct barq_session *session,
                                          const struct bm_list_page *source, struct barq_error *err)
{
    struct bm_list list;

    enum barq_status status =
        bm_list_find(session, source->list_id, barq_arena_of(ctx), &list, err);
    if (status == BARQ_ERR_NOTFOUND) {
        return BARQ_OK;
    }
    return status == BARQ_OK ? take_on(session, source, err) : status;
}

enum barq_status bm_expand_source_failed(struct barq_context *ctx, struct barq_session *session,
                                         struct barq_error *err)
{
    struct bm_list_page source = {.token = NULL};
    if (!read_source(ctx, &source)) {
        return BARQ_OK;
    }

    enum barq_status status =
        tell(session, &source, "source.failed", 0, barq_job_error(ctx), barq_arena_of(ctx), err);
    return status == BARQ_OK && source.token ? take_on_what_came(ctx, session, &source, err)
                                             : status;
}
