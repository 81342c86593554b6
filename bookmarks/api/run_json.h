/*
 * run_json.h - runs, their videos, holds and events as JSON, for the API and for commands with --json.
 */
#ifndef BM_RUN_JSON_H
#define BM_RUN_JSON_H

#include "store/events.h"
#include "store/holds.h"
#include "store/queue.h"
#include "store/runs.h"

/* What is said of a video of a run beside its row. */
struct bm_run_view {
    struct bm_queue queue;
    const struct bm_held *holds;
    size_t n_holds;
    bool running; /* the run is */
};

/* "waiting", "processing", "held", "failed", "completed", "cancelled"; why, and when it is tried next. */
struct bm_run_says {
    const char *status;
    const char *reason;     /* NULL: none */
    int64_t next_try_at_ms; /* 0: nothing is planned */
};
struct bm_run_says bm_run_says(const struct bm_run_view *view, const struct bm_run_video *video);

/* {"id", "list_id", "kind", "status", "total_videos", "waiting_count", "processed_count", "failed_count",
 * "cancelled_count", "started_at", "finished_at", "error", "field", "watch",
 * "dry_run", "holds"} */
struct barq_value *bm_run_json(const struct bm_run *run, const struct bm_held *holds,
                               size_t n_holds, struct barq_arena *arena);
/* {"video_id", "youtube_id", "title", "status", "reason", "next_try_at", "tries", "updated_at"} */
struct barq_value *bm_run_video_json(const struct bm_run_view *view,
                                     const struct bm_run_video *video, struct barq_arena *arena);
/* {"service", "since", "until", "reason"} */
struct barq_value *bm_hold_json(const struct bm_held *held, struct barq_arena *arena);
/* {"seq", "at", "kind", "list_id", "run_id", "video_id", and what the event has besides} */
struct barq_value *bm_event_json(const struct bm_event *event, struct barq_arena *arena);

#endif
