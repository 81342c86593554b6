/*
 * functions.h - what bookmarks does in the background.
 *
 *     process_list(list_id, run_id, after=0)       for the pending videos of a run enqueues
 *     fetch_metadata(list_id, run_id, [video_id])  at most 50 a call; for each found enqueues
 *     process_video(video_id, list_id, schema)     fills the fields and completes the video
 *
 * Each enqueues in its session: the next step is in the queue if and only if
 * this one was committed. `schema` is {"fields": [NAME, ...]}, the fields to
 * fill; null: all of the list's. Any of them may run again at any time and
 * changes pending videos only. What fails for good marks its videos failed,
 * with the reason.
 */
#ifndef BM_FUNCTIONS_H
#define BM_FUNCTIONS_H

#include <barq/worker.h>

enum {
    BM_LIST_PAGE = 1000, /* videos that one process_list takes; the rest is another job */
};

barq_handler bm_process_list;
barq_handler bm_fetch_metadata;
barq_handler bm_process_video;

extern const struct barq_settings bm_settings;

#endif
