/*
 * transcript.h - what is said in a video, and its chapters, from whoever has them.
 *
 * A folder of caption files first, when there is one; then yt-dlp where it is
 * installed, else YouTube's player.
 */
#ifndef BM_TRANSCRIPT_H
#define BM_TRANSCRIPT_H

#include "formats/captions.h"
#include "formats/chapters.h"
#include "services/settings.h"

struct bm_transcript {
    struct bm_captions captions;
    const char *language;
    bool is_auto;
    const char *source;                /* "file", "ytdlp", "player" */
    const struct bm_chapter *chapters; /* of yt-dlp or its file; NULL: none */
    size_t n_chapters;
};

/*
 * Everything is in `arena`. Languages are those of the settings, the best
 * first. Errors and verdicts are those of ytdlp.h and player.h; a video that
 * has no captions is REFUSED (NO_TEXT), one that is gone, too.
 */
enum barq_status bm_transcript_fetch(const struct bm_services_settings *settings, const char *id,
                                     int cancel_fd, struct barq_arena *arena,
                                     struct bm_transcript *out, struct bm_verdict *verdict,
                                     struct barq_error *err) BARQ_MUST_CHECK;

/*
 * The text of all cues in lines of "[at] words", where `at` is in seconds, so
 * that whoever reads it can say when something was said; a new line at least
 * each `every_ms`. Cut before `max_bytes`; `*cut` says so. NULL when `arena` is
 * full.
 */
const char *bm_transcript_text(const struct bm_cue *cues, size_t count, int64_t every_ms,
                               size_t max_bytes, struct barq_arena *arena, bool *cut);

#endif
