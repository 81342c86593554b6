/*
 * whole.h - what belongs to a video beside its row, and to a list.
 */
#ifndef BM_EXPORT_WHOLE_H
#define BM_EXPORT_WHOLE_H

#include "export/format.h"

/* Puts "tags", "fields", "fields_aside", "notes", "chapters", "transcripts" and "channel_row" into
 * the video's record, each if it has any. */
enum barq_status bm_whole_video(struct bm_export_job *job, const struct bm_export_video *video,
                                struct barq_arena *arena, struct barq_error *err) BARQ_MUST_CHECK;
/* Puts "list", "fields", "tags", "views" and "following" (its subscriptions) into `map`. */
enum barq_status bm_whole_list(struct bm_export_job *job, struct barq_value *map,
                               struct barq_arena *arena, struct barq_error *err) BARQ_MUST_CHECK;

/* The names of a video's tags, in their order, as a list. */
enum barq_status bm_tag_names(struct bm_export_job *job, const char *video_id,
                              struct barq_arena *arena, struct barq_value **out,
                              struct barq_error *err) BARQ_MUST_CHECK;

#endif
