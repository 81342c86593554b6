/*
 * video_put.h - a video into a list, with what a file knew of it.
 */
#ifndef BM_VIDEO_PUT_H
#define BM_VIDEO_PUT_H

#include <stdbool.h>

#include "store/store.h"

struct bm_new_video {
    const char *list_id;
    const char *youtube_id;
    int64_t position;
    const char *title;   /* shown until its metadata are there; NULL: none */
    int64_t added_at_ms; /* to where it came from; INT64_MIN: unknown */
    int64_t start_s;     /* the t= of its address; 0: none */
    int priority;        /* higher first */
};

/* Its id goes to `id`, also when it is in the list already: then `*added` is false, and nothing is changed. */
enum barq_status bm_video_put(struct barq_session *session, const struct bm_new_video *video,
                              int64_t now_ms, char id[BM_ID_BYTES], bool *added,
                              struct barq_error *err) BARQ_MUST_CHECK;
/* What became of one: see bm_video_put(). */
struct bm_placed {
    char id[BM_ID_BYTES];
    bool added;
};
/*
 * The same for many, of one list and one priority, no two of them the same video; their positions are
 * not read: they get `*position` and the next, of which those that are there already leave theirs out.
 * What a title may be, the caller sees to (BM_METADATA_TEXT_BYTES).
 */
enum barq_status bm_videos_put(struct barq_session *session, const struct bm_new_video *videos,
                               size_t count, int64_t now_ms, int64_t *position,
                               struct bm_placed *placed, struct barq_error *err) BARQ_MUST_CHECK;
/* Is it in the list? `list_id` NULL: no. */
enum barq_status bm_video_is_there(struct barq_session *session, const char *list_id,
                                   const char *youtube_id, bool *out, struct barq_error *err)
    BARQ_MUST_CHECK;
/* A note on the whole video, unless it has one of these very words. */
enum barq_status bm_video_put_note(struct barq_session *session, const char *video_id,
                                   const char *text, int64_t now_ms, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
