/*
 * functions.h - what bookmarks does in the background.
 *
 *     process_list(list_id, run_id, after="")              for what waits in a run enqueues
 *     fetch_metadata(list_id, run_id, [video_id], [try])   at most 50 a call; for each found enqueues
 *     fetch_transcript(video_id, list_id, schema, run_id, try)  what is said in it, for a model; enqueues
 *     extract_fields(video_id, list_id, schema, run_id, try)    has the model fill fields in; enqueues
 *     process_video(video_id, list_id, schema, run_id, try)     applies rules and completes the video
 *     expand_source(list_id, kind, id, token="", process=true)  adds a page of a playlist's or a channel's videos;
 *                                                          behind the last one a run takes them on
 *     end_hold(service)                                    lets all runs go on
 *     check_videos()                                       by the clock: which videos are still there
 *     poll_subscriptions()                                 by the clock: for those that are due enqueues
 *     poll_subscription(subscription_id)                   adds what is new, and starts a run of it
 *     prune()                                              by the clock: forgets old events
 *
 * Each enqueues in its session: the next step is in the queue if and only if
 * this one was committed. Any of them may run again at any time and changes what
 * waits only; one of an earlier try, or of a run that is paused, does nothing (see
 * store/runs.h). What fails for good marks its videos failed, with the reason.
 *
 * `schema` is {"fields": [NAME, ...]}, the fields to fill; null: all of the
 * list's. A process_video without a run completes any pending video.
 */
#ifndef BM_FUNCTIONS_H
#define BM_FUNCTIONS_H

#include <barq/worker.h>

enum {
    /*
     * Videos that one process_list takes; the rest is another job, which gets its turn after what
     * these have enqueued: so no more of a run than this is in the queue, and urgent jobs are soon at
     * its head.
     */
    BM_RUN_PAGE = 250,
};

barq_handler bm_process_list;
barq_handler bm_fetch_metadata;
barq_handler bm_fetch_transcript;
barq_handler bm_extract_fields;
barq_handler bm_process_video;
barq_handler bm_expand_source;
barq_handler bm_end_hold;
barq_handler bm_check_videos;
barq_handler bm_poll_subscriptions;
barq_handler bm_poll_subscription;
barq_handler bm_prune;

/* The settings' hooks. */
barq_handler bm_on_job_failure;

/* What it says when an expand_source has failed for good. */
enum barq_status bm_expand_source_failed(struct barq_context *ctx, struct barq_session *session,
                                         struct barq_error *err) BARQ_MUST_CHECK;

extern const struct barq_settings bm_settings;

#endif
