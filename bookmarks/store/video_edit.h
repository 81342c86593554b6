/*
 * video_edit.h - what a person does to videos: titles, how far they are
 * watched, other lists, the bin.
 */
#ifndef BM_VIDEO_EDIT_H
#define BM_VIDEO_EDIT_H

#include "store/store.h"

enum { BM_TITLE_MAX_BYTES = 500 };

/* The list's video of this id, or of this id of YouTube's. BARQ_ERR_NOTFOUND: it has none. */
enum barq_status bm_video_find(struct barq_session *session, const char *list_id, const char *id,
                               struct barq_arena *arena, struct bm_video *out,
                               struct barq_error *err) BARQ_MUST_CHECK;

struct bm_video_change {
    const char *own_title; /* NULL: as it is; "": YouTube's again */
    bool has_watch_position;
    int64_t watch_position_s; /* 0 or more; -1: not begun */
    bool has_watched;
    bool watched;
};
/*
 * A position in the last twentieth of a video of known duration means that it
 * was watched; an earlier one leaves that as it is.
 *
 * BARQ_ERR_ARG       a title of more than BM_TITLE_MAX_BYTES, or with control characters
 * BARQ_ERR_NOTFOUND  there is none of this id
 */
enum barq_status bm_video_change(struct barq_session *session, const char *id,
                                 const struct bm_video_change *change, int64_t now_ms,
                                 struct barq_error *err) BARQ_MUST_CHECK;
/* Something of it has changed elsewhere: values, tags, notes. */
enum barq_status bm_video_touch(struct barq_session *session, const char *id, int64_t now_ms,
                                struct barq_error *err) BARQ_MUST_CHECK;
/* With all that belongs to it. BARQ_ERR_NOTFOUND: there is none of this id. */
enum barq_status bm_video_delete(struct barq_session *session, const char *id,
                                 struct barq_error *err) BARQ_MUST_CHECK;

/*
 * Puts a video behind the last one of another list, with its tags, notes,
 * transcripts and chapters. Its values go to the fields of the same names that
 * allow them; `*left` counts those that found none.
 *
 * BARQ_ERR_EXISTS    the list has this video
 * BARQ_ERR_NOTFOUND  there is none of this id
 */
enum barq_status bm_video_move(struct barq_session *session, const char *id, const char *to_list,
                               int64_t now_ms, size_t *left, struct barq_error *err)
    BARQ_MUST_CHECK;
/* The same, and the video stays where it is, too; the new one's id goes to `copy`. */
enum barq_status bm_video_copy(struct barq_session *session, const char *id, const char *to_list,
                               int64_t now_ms, char copy[BM_ID_BYTES], size_t *left,
                               struct barq_error *err) BARQ_MUST_CHECK;

/* The ids of a list's videos (of one status, or BARQ_OFF), by position; at most `max`. */
enum barq_status bm_video_ids(struct barq_session *session, const char *list_id, int status,
                              size_t max, struct barq_arena *arena, const char *const **out,
                              size_t *count, struct barq_error *err) BARQ_MUST_CHECK;

/* A video that is in several lists, once for each. */
struct bm_duplicate {
    const char *youtube_id;
    const char *title; /* NULL: unknown */
    const char *video_id;
    const char *list_id;
    const char *list_name;
};
/* By youtube_id; at most `max` rows. */
enum barq_status bm_duplicates(struct barq_session *session, size_t max, struct barq_arena *arena,
                               const struct bm_duplicate **out, size_t *count,
                               struct barq_error *err) BARQ_MUST_CHECK;

#endif
