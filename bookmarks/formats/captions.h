/*
 * captions.h - what is said in a video, and when: from a caption file.
 *
 *     WebVTT                as YouTube and youtube-dl write it; rolling lines are folded
 *     SubRip (.srt)
 *     timed text            <transcript><text start="1.5" dur="2">, and srv3's <p t="1500" d="2000">
 *     json3                 {"events": [{"tStartMs": 1500, "segs": [{"utf8": "..."}]}]}
 *
 * Which one it is, is told from its beginning, not from a name.
 */
#ifndef BM_CAPTIONS_H
#define BM_CAPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <barq/error.h>

#include "base/arena.h"

enum {
    BM_CAPTIONS_MAX_BYTES = 16 * 1024 * 1024, /* of a file; an hour of rolling VTT has 300 KiB */
    BM_CAPTIONS_MAX_CUES = 100000,
    BM_CUE_TEXT_BYTES = 4000, /* longer ones are cut */
};

/* One piece of speech: plain text, one line, no tags. Lives in the arena of the call. */
struct bm_cue {
    int64_t start_ms;
    int64_t end_ms; /* not before its start */
    const char *text;
};

struct bm_captions {
    const struct bm_cue *cues; /* as the file has them, by their start */
    size_t count;
    const char *language; /* as the file says, "en"; NULL: it doesn't */
};

/*
 * Reads a whole file. Cues without text, comments, styles and what has no time
 * are left out.
 *
 * BARQ_ERR_FORMAT  it is none of the above, has no cue at all, or is not UTF-8
 * BARQ_ERR_LIMIT   longer than BM_CAPTIONS_MAX_BYTES, or of too many cues
 * BARQ_ERR_NOMEM   `arena` is at its limit
 */
enum barq_status bm_captions_read(const char *text, size_t len, struct barq_arena *arena,
                                  struct bm_captions *out, struct barq_error *err) BARQ_MUST_CHECK;

#endif
