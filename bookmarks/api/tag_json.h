/*
 * tag_json.h - tags as the API tells of them.
 */
#ifndef BM_API_TAG_JSON_H
#define BM_API_TAG_JSON_H

#include "store/tags.h"

/* Counted: with its place, times, and how many videos it has. */
struct barq_value *bm_api_tag_json(const struct bm_tag *tag, bool counted,
                                   struct barq_arena *arena);
struct barq_value *bm_api_tags_list(const struct bm_tag *tags, size_t count,
                                    struct barq_arena *arena);
/* Those of a video, as a list. */
enum barq_status bm_api_tags_json(struct barq_session *session, const char *video_id,
                                  struct barq_arena *arena, struct barq_value **out,
                                  struct barq_error *err) BARQ_MUST_CHECK;

#endif
