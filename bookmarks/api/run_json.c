#include "api/run_json.h"

#include <string.h>

#include "export/video_json.h"

/* While nothing is known of a video, it is YouTube that it waits for; then, whoever else is held. */
static const struct bm_held *hold_of(const struct bm_run_view *view,
                                     const struct bm_run_video *video)
{
    for (size_t i = 0; view->running && i < view->n_holds; i++) {
        bool for_metadata = strcmp(view->holds[i].service, "youtube") == 0;
        if (for_metadata == (video->described_at_ms == 0)) {
            return &view->holds[i];
        }
    }
    return NULL;
}

struct bm_run_says bm_run_says(const struct bm_run_view *view, const struct bm_run_video *video)
{
    struct bm_run_says says = {.status = bm_run_video_state_name(video->state),
                               .reason = video->reason};
    if (video->state != BM_RUN_WAITING) {
        return says;
    }

    const struct bm_queued *queued = bm_queue_find(&view->queue, video->video_id);
    const struct bm_held *held = hold_of(view, video);
    if (queued && queued->processing) {
        says.status = "processing";
    } else if (queued) {
        says.reason = queued->reason;
        says.next_try_at_ms = queued->next_try_at_ms;
    } else if (held) {
        says.status = "held";
        says.reason = held->reason;
        says.next_try_at_ms = held->until_at_ms;
    }
    return says;
}

static struct barq_value *text_or_null(const char *text, struct barq_arena *arena)
{
    return text ? barq_string(arena, text) : barq_null(arena);
}

static struct barq_value *time_or_null(int64_t at_ms, struct barq_arena *arena)
{
    return at_ms > 0 ? bm_time_json(at_ms, arena) : barq_null(arena);
}

struct barq_value *bm_hold_json(const struct bm_held *held, struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);

    barq_set_key(map, "service", barq_string(arena, held->service));
    barq_set_key(map, "since", bm_time_json(held->since_at_ms, arena));
    barq_set_key(map, "until", bm_time_json(held->until_at_ms, arena));
    barq_set_key(map, "reason", barq_string(arena, held->reason));
    return map;
}

struct barq_value *bm_run_json(const struct bm_run *run, const struct bm_held *holds,
                               size_t n_holds, struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);
    struct barq_value *held = barq_list(arena);

    for (size_t i = 0; run->counts.pending > 0 && i < n_holds; i++) {
        barq_add(held, bm_hold_json(&holds[i], arena));
    }
    barq_set_key(map, "id", barq_string(arena, run->id));
    barq_set_key(map, "list_id", barq_string(arena, run->list_id));
    barq_set_key(map, "kind", barq_string(arena, run->kind));
    barq_set_key(map, "status", barq_string(arena, bm_run_status(run)));
    barq_set_key(map, "total_videos", barq_int(arena, run->counts.total));
    barq_set_key(map, "waiting_count", barq_int(arena, run->counts.pending));
    barq_set_key(map, "processed_count", barq_int(arena, run->counts.completed));
    barq_set_key(map, "failed_count", barq_int(arena, run->counts.failed));
    barq_set_key(map, "cancelled_count", barq_int(arena, run->cancelled));
    barq_set_key(map, "started_at", bm_time_json(run->started_at_ms, arena));
    barq_set_key(map, "finished_at", time_or_null(run->finished_at_ms, arena));
    barq_set_key(map, "error", text_or_null(run->error, arena));
    barq_set_key(map, "field", text_or_null(run->field, arena));
    barq_set_key(map, "watch", barq_bool(arena, run->watch));
    barq_set_key(map, "dry_run", barq_bool(arena, run->dry));
    barq_set_key(map, "holds", held);
    return map;
}

struct barq_value *bm_run_video_json(const struct bm_run_view *view,
                                     const struct bm_run_video *video, struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);
    struct bm_run_says says = bm_run_says(view, video);

    barq_set_key(map, "video_id", barq_string(arena, video->video_id));
    barq_set_key(map, "youtube_id", barq_string(arena, video->youtube_id));
    barq_set_key(map, "title", text_or_null(video->title, arena));
    barq_set_key(map, "status", barq_string(arena, says.status));
    barq_set_key(map, "reason", text_or_null(says.reason, arena));
    barq_set_key(map, "next_try_at", time_or_null(says.next_try_at_ms, arena));
    barq_set_key(map, "tries", barq_int(arena, video->tries));
    barq_set_key(map, "updated_at", bm_time_json(video->updated_at_ms, arena));
    return map;
}

struct barq_value *bm_event_json(const struct bm_event *event, struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);
    struct barq_value *data = NULL;

    barq_set_key(map, "seq", barq_int(arena, event->seq));
    barq_set_key(map, "at", bm_time_json(event->at_ms, arena));
    barq_set_key(map, "kind", barq_string(arena, event->kind));
    barq_set_key(map, "list_id", text_or_null(event->list_id, arena));
    barq_set_key(map, "run_id", text_or_null(event->run_id, arena));
    barq_set_key(map, "video_id", text_or_null(event->video_id, arena));
    if (barq_from_json(arena, event->data, strlen(event->data), &data, NULL) == BARQ_OK) {
        barq_set_key(map, "data", data);
    }
    return map;
}
