/*
 * video_json.h - a video as the API tells of it.
 */
#ifndef BM_API_VIDEO_JSON_H
#define BM_API_VIDEO_JSON_H

#include "store/store.h"
#include "store/tags.h"
#include "store/values.h"

/* A video with the values of its fields, its tags, and all that is in its row; in `arena`. */
enum barq_status bm_api_video(struct barq_session *session, const struct bm_video *video,
                              const struct bm_field *fields, size_t n_fields,
                              struct barq_arena *arena, struct barq_value **out,
                              struct barq_error *err) BARQ_MUST_CHECK;
/* The same with what was read already, for pages. */
struct barq_value *bm_api_video_map(const struct bm_video *video, const struct bm_field *fields,
                                    size_t n_fields, const struct bm_values_of *values,
                                    const struct bm_tags_of *tags, struct barq_arena *arena);
/* The same, found by its id, with description, notes, and the fields that its list has. */
enum barq_status bm_api_whole_video(struct barq_session *session, const char *id,
                                    struct barq_arena *arena, struct barq_value **out,
                                    struct barq_error *err) BARQ_MUST_CHECK;

#endif
