/*
 * runs.h - a list, or a part of it, being processed.
 *
 * A run takes videos on. Each of them is waiting in it until it is completed,
 * failed or cancelled; that one is being processed, or held, is what the queue
 * and the holds say, and no row. A video waits in one run at most: another that
 * takes it on takes it over.
 *
 * What waits gets going in one way only: process_list(list, run) is enqueued,
 * which enqueues a job for each batch of what waits. It is, when the run starts
 * or is resumed, when failed ones are retried, and when a hold ends. A job that
 * may not go on, because its run is paused or its service held, just ends: the
 * video still waits, and whoever lets the run go on enqueues it again. With each
 * time a video's number of tries grows, and a job of an earlier number does
 * nothing: so no video is processed twice for having been enqueued twice.
 *
 * Everything here is of store.h's kind: in the session's transaction, with its
 * event, for writing where it changes something.
 */
#ifndef BM_RUNS_H
#define BM_RUNS_H

#include "store/store.h"

enum {
    BM_RUN_SELECTION_MAX = 10000,
    BM_RUN_SMALL = 10,   /* so few videos go ahead of the others */
    BM_RUN_LARGE = 1000, /* so many stay behind them */
};

enum bm_run_state { BM_RUN_RUNNING, BM_RUN_PAUSED, BM_RUN_CANCELLED, BM_RUN_STATES };

struct bm_run {
    const char *id;
    const char *list_id;
    const char *kind; /* "process" */
    enum bm_run_state state;
    int64_t started_at_ms;
    int64_t finished_at_ms; /* nothing waits any more; 0: not yet */
    const char *error;      /* why all of what waited has failed; NULL: it has not */
    const char *field;      /* by name: only this one is filled; NULL: all */
    int priority;           /* of its jobs: see barq_enqueue_options */
    bool watch;             /* the model sees the videos themselves */
    bool dry; /* the result is shown and not stored: it is the data of run.previewed */
    /* Total as it was at the start, pending is what waits. */
    struct bm_counts counts;
    int64_t cancelled;
};

/* For people and programs: "running", "paused", "cancelled", "completed", "completed_with_errors". */
const char *bm_run_status(const struct bm_run *run);

struct bm_run_options {
    bool failed_too;              /* those that failed, too */
    bool again;                   /* also those which another run has taken on and not finished */
    const char *const *video_ids; /* these, whatever their state is; NULL: all that are pending */
    size_t n_videos;              /* up to BM_RUN_SELECTION_MAX */
    const char *failed_of;        /* those that failed in this run; NULL: all that are pending */
    const char *field;            /* see above */
    bool watch;                   /* see above: dear, and of Gemini only */
    bool dry;                     /* needs one video id */
};
/*
 * Takes videos on, and enqueues their processing; both happen when the
 * transaction commits.
 *
 * BARQ_ERR_NOTFOUND  there is none to be taken on
 * BARQ_ERR_ARG       no such field in the list; or a dry run of another number of videos than one
 */
enum barq_status bm_run_start(struct barq_session *session, const char *list_id,
                              const struct bm_run_options *options, int64_t now_ms,
                              struct barq_arena *arena, struct bm_run *out, struct barq_error *err)
    BARQ_MUST_CHECK;

/*
 * After videos were added to a list: starts a run of all that are pending in it and in no run yet.
 * `id` is the run's, "" when there was none to be taken on; `*total` (may be NULL) is how many.
 */
enum barq_status bm_run_take_on(struct barq_session *session, const char *list_id, int64_t now_ms,
                                char id[BM_ID_BYTES], int64_t *total, struct barq_error *err)
    BARQ_MUST_CHECK;

/* BARQ_ERR_NOTFOUND: there is none of this id. */
enum barq_status bm_run_get(struct barq_session *session, const char *id, struct barq_arena *arena,
                            struct bm_run *out, struct barq_error *err) BARQ_MUST_CHECK;
/* The list's newest run. BARQ_ERR_NOTFOUND: it has none. */
enum barq_status bm_run_latest(struct barq_session *session, const char *list_id,
                               struct barq_arena *arena, struct bm_run *out, struct barq_error *err)
    BARQ_MUST_CHECK;
enum { BM_RUNS_PAGE_MAX = 100 };
struct bm_run_filter {
    const char *list_id;  /* NULL: of all */
    const char *video_id; /* that took this one on; NULL: any */
    const char *before;   /* started before this run; NULL: from the newest */
    bool running;         /* only those that are running, with something that waits */
};
/* At most `limit` (1 to BM_RUNS_PAGE_MAX), the newest first. */
enum barq_status bm_runs(struct barq_session *session, const struct bm_run_filter *filter,
                         size_t limit, struct barq_arena *arena, const struct bm_run **out,
                         size_t *count, struct barq_error *err) BARQ_MUST_CHECK;

/* -- what a person does; BARQ_ERR_CONFLICT: its state does not allow that -- */

enum barq_status bm_run_pause(struct barq_session *session, const char *id, int64_t now_ms,
                              struct barq_error *err) BARQ_MUST_CHECK;
enum barq_status bm_run_resume(struct barq_session *session, const char *id, int64_t now_ms,
                               struct barq_error *err) BARQ_MUST_CHECK;
/* What waits is pending again, for another run. */
enum barq_status bm_run_cancel(struct barq_session *session, const char *id, int64_t now_ms,
                               struct barq_error *err) BARQ_MUST_CHECK;
/* All that failed, or (`video_id`) the one; so many. BARQ_ERR_NOTFOUND: there is none. */
enum barq_status bm_run_retry(struct barq_session *session, const char *id, const char *video_id,
                              int64_t now_ms, int64_t *retried, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Enqueues what waits in each run that is running: a service is no longer held. */
enum barq_status bm_runs_go_on(struct barq_session *session, struct barq_error *err)
    BARQ_MUST_CHECK;

/* -- its videos -- */

enum bm_run_video_state {
    BM_RUN_WAITING,
    BM_RUN_COMPLETED,
    BM_RUN_FAILED,
    BM_RUN_DROPPED, /* "cancelled" */
    BM_RUN_VIDEO_STATES,
};
const char *bm_run_video_state_name(enum bm_run_video_state state);
bool bm_run_video_state_parse(const char *name, enum bm_run_video_state *out);

struct bm_run_video {
    const char *video_id;
    const char *youtube_id;
    const char *title; /* NULL: not known */
    enum bm_run_video_state state;
    const char *reason; /* of a failed one; else NULL */
    int64_t tries;
    int64_t described_at_ms; /* when its metadata came; 0: they have not */
    int64_t updated_at_ms;
};
/* By id, behind `after` (NULL: from the first); of one state (BARQ_OFF: any). */
enum barq_status bm_run_videos(struct barq_session *session, const char *run_id, int state,
                               const char *after, size_t limit, struct barq_arena *arena,
                               const struct bm_run_video **out, size_t *count,
                               struct barq_error *err) BARQ_MUST_CHECK;

/* BARQ_ERR_NOTFOUND: it is none of the run's. */
enum barq_status bm_run_video_get(struct barq_session *session, const char *run_id,
                                  const char *video_id, struct barq_arena *arena,
                                  const struct bm_run_video **out, struct barq_error *err)
    BARQ_MUST_CHECK;

/* -- for its jobs -- */

/* Enqueues process_list for what waits behind the video `after` (NULL: all). */
enum barq_status bm_run_enqueue(struct barq_session *session, const struct bm_run *run,
                                const char *after, struct barq_error *err) BARQ_MUST_CHECK;
/* Enqueues fetch_metadata for these, each with one try more. */
enum barq_status bm_run_enqueue_batch(struct barq_session *session, const struct bm_run *run,
                                      const struct bm_run_video *videos, size_t count,
                                      struct barq_error *err) BARQ_MUST_CHECK;
/* May a job that was enqueued for this try of a video go on? False when it is gone, too. */
enum barq_status bm_run_may_go_on(struct barq_session *session, const char *run_id,
                                  const char *video_id, int64_t tries, bool *out,
                                  struct barq_error *err) BARQ_MUST_CHECK;
/*
 * Ends a waiting video of a run (NULL: of none): it is completed, or failed for the
 * reason `why`. `*changed` (may be NULL) is false when it was not waiting any more.
 */
enum barq_status bm_run_video_end(struct barq_session *session, const char *run_id,
                                  const char *video_id, const char *why, int64_t now_ms,
                                  bool *changed, struct barq_error *err) BARQ_MUST_CHECK;
/*
 * Ends the video of a dry run: what would have been stored is the data of run.previewed. The video
 * itself stays as it is. `data` is a map; `arena` is for its JSON.
 */
enum barq_status bm_run_preview(struct barq_session *session, const char *run_id,
                                const char *video_id, const struct barq_value *data, int64_t now_ms,
                                struct barq_arena *arena, struct barq_error *err) BARQ_MUST_CHECK;
/* All that wait, since there is no way on: the run's error. */
enum barq_status bm_run_fail(struct barq_session *session, const char *run_id, const char *why,
                             int64_t now_ms, struct barq_error *err) BARQ_MUST_CHECK;

#endif
