/*
 * tags.h - what videos are called: labels, of which a video has many, and
 * categories, of which it has one at most.
 *
 * Of each name there is one, whatever its case.
 */
#ifndef BM_TAGS_H
#define BM_TAGS_H

#include <stdbool.h>
#include <stdint.h>

#include <barq/session.h>

#include "base/arena.h"
#include "store/id.h"

enum {
    BM_TAG_NAME_MAX_BYTES = 255,
    BM_TAGS_MAX = 5000,
    BM_TAGS_OF_VIDEO_MAX = 100,
};

struct bm_tag {
    const char *id;
    const char *name;
    const char *color; /* "#rrggbb"; NULL: none */
    bool is_category;
    int64_t position;
    int64_t created_at_ms;
    int64_t updated_at_ms;
    int64_t n_videos; /* not of a video's tags */
};

/* All, by position, at most BM_TAGS_MAX; with the videos of a list counted, NULL: of all. */
enum barq_status bm_tags(struct barq_session *session, const char *list_id,
                         struct barq_arena *arena, const struct bm_tag **out, size_t *count,
                         struct barq_error *err) BARQ_MUST_CHECK;
/* The tag of this id, or of this name in any case. BARQ_ERR_NOTFOUND: there is none. */
enum barq_status bm_tag_find(struct barq_session *session, const char *id_or_name,
                             struct barq_arena *arena, struct bm_tag *out, struct barq_error *err)
    BARQ_MUST_CHECK;

/*
 * Adds a tag behind the others: its name, color and is_category are read.
 *
 * BARQ_ERR_ARG     a name has 1 to BM_TAG_NAME_MAX_BYTES bytes without control characters, a
 *                  color is like "#00aaff"
 * BARQ_ERR_EXISTS  there is one of this name
 * BARQ_ERR_LIMIT   there are BM_TAGS_MAX
 */
enum barq_status bm_tag_add(struct barq_session *session, const struct bm_tag *tag, int64_t now_ms,
                            char id[BM_ID_BYTES], struct barq_error *err) BARQ_MUST_CHECK;
/*
 * Makes the tag of `tag->id` what `tag` says: name, color, is_category, position.
 *
 * BARQ_ERR_ARG, BARQ_ERR_EXISTS  as bm_tag_add()
 * BARQ_ERR_DENIED              as a category it would be a second one of some videos, which are counted
 * BARQ_ERR_NOTFOUND              there is none of this id
 */
enum barq_status bm_tag_change(struct barq_session *session, const struct bm_tag *tag,
                               int64_t now_ms, struct barq_error *err) BARQ_MUST_CHECK;
/* BARQ_ERR_NOTFOUND: there is none of this id. Videos stay. */
enum barq_status bm_tag_delete(struct barq_session *session, const char *id, struct barq_error *err)
    BARQ_MUST_CHECK;
/*
 * What is called `from` is called `into` from now on, and `from` is no more.
 *
 * BARQ_ERR_ARG       they are the same
 * BARQ_ERR_DENIED  as bm_tag_change()
 * BARQ_ERR_NOTFOUND  there is none of one of these ids
 */
enum barq_status bm_tag_merge(struct barq_session *session, const char *from, const char *into,
                              struct barq_error *err) BARQ_MUST_CHECK;

/* -- of a video -- */

/* By position. */
enum barq_status bm_video_tags(struct barq_session *session, const char *video_id,
                               struct barq_arena *arena, const struct bm_tag **out, size_t *count,
                               struct barq_error *err) BARQ_MUST_CHECK;
/* Those of many videos, at most 1000: of `ids[i]` in `out[i]`, by position. */
struct bm_tags_of {
    struct bm_tag *tags;
    size_t count;
};
enum barq_status bm_tags_of_videos(struct barq_session *session, const char *const *ids,
                                   size_t n_ids, struct barq_arena *arena, struct bm_tags_of *out,
                                   struct barq_error *err) BARQ_MUST_CHECK;
/*
 * Gives a video a tag, unless it has it.
 *
 * BARQ_ERR_DENIED  the tag is a category and the video has another
 * BARQ_ERR_LIMIT     it has BM_TAGS_OF_VIDEO_MAX
 * BARQ_ERR_NOTFOUND  there is no such video, or no such tag
 */
enum barq_status bm_video_tag(struct barq_session *session, const char *video_id,
                              const char *tag_id, int64_t now_ms, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Takes it away, if it has it. */
enum barq_status bm_video_untag(struct barq_session *session, const char *video_id,
                                const char *tag_id, struct barq_error *err) BARQ_MUST_CHECK;
/*
 * Gives a video this category in place of another; NULL: none.
 *
 * BARQ_ERR_ARG       the tag is a label
 * BARQ_ERR_LIMIT, BARQ_ERR_NOTFOUND  as bm_video_tag()
 */
enum barq_status bm_video_set_category(struct barq_session *session, const char *video_id,
                                       const char *tag_id, int64_t now_ms, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
