/*
 * transcripts.h - what is said in a video, to the second, and its chapters.
 */
#ifndef BM_TRANSCRIPTS_H
#define BM_TRANSCRIPTS_H

#include "formats/captions.h"
#include "formats/chapters.h"
#include "store/store.h"

struct bm_new_transcript {
    const char *language; /* "en"; "" when it is not known */
    const char *source;   /* "player", "ytdlp", "file" */
    bool is_auto;         /* recognised by a machine */
    const struct bm_cue *cues;
    size_t n_cues;
};
/* In place of what the video has of this language and kind. */
enum barq_status bm_transcript_put(struct barq_session *session, const char *video_id,
                                   const struct bm_new_transcript *transcript, int64_t now_ms,
                                   struct barq_error *err) BARQ_MUST_CHECK;
/* Its cues are all there: from now on it is searched. */
enum barq_status bm_transcript_is_whole(struct barq_session *session, const char *id,
                                        struct barq_error *err) BARQ_MUST_CHECK;
struct bm_stored_transcript {
    const char *id;
    const char *language; /* "": not known */
    const char *source;
    bool is_auto;
    int64_t fetched_at_ms;
};
enum { BM_TRANSCRIPTS_MAX = 100, BM_CHAPTERS_READ_MAX = 1000 };
/* Those of a video: by a person's hand first, then what was fetched last; in `arena`. */
enum barq_status bm_transcripts(struct barq_session *session, const char *video_id,
                                struct barq_arena *arena, const struct bm_stored_transcript **out,
                                size_t *count, struct barq_error *err) BARQ_MUST_CHECK;
enum barq_status bm_cues(struct barq_session *session, const char *transcript_id,
                         struct barq_arena *arena, const struct bm_cue **out, size_t *count,
                         struct barq_error *err) BARQ_MUST_CHECK;
/* The cues of the one that was fetched last, by a person's hand first; `*count` 0: it has none. */
enum barq_status bm_transcript_cues(struct barq_session *session, const char *video_id,
                                    struct barq_arena *arena, const struct bm_cue **out,
                                    size_t *count, struct barq_error *err) BARQ_MUST_CHECK;
enum barq_status bm_transcript_is_there(struct barq_session *session, const char *video_id,
                                        bool *out, struct barq_error *err) BARQ_MUST_CHECK;

struct bm_stored_chapter {
    int64_t start_seconds;
    const char *title;
    const char *source; /* "description", "ytdlp", "file", "person" */
};
enum barq_status bm_chapters(struct barq_session *session, const char *video_id,
                             struct barq_arena *arena, const struct bm_stored_chapter **out,
                             size_t *count, struct barq_error *err) BARQ_MUST_CHECK;
/* Unless it has some: a person's, or better ones. */
enum barq_status bm_chapters_put(struct barq_session *session, const char *video_id,
                                 const struct bm_chapter *chapters, size_t count,
                                 const char *source, struct barq_error *err) BARQ_MUST_CHECK;

#endif
