/*
 * chapters.h - the parts of a video, as its description lists them.
 */
#ifndef BM_CHAPTERS_H
#define BM_CHAPTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum {
    BM_CHAPTERS_MAX = 500,
    BM_CHAPTER_TITLE_BYTES = 300,
};

/* In order of their start. Text lives in the arena of the call. */
struct bm_chapter {
    int64_t start_ms;
    int64_t end_ms; /* of the last one: the video's end; -1: unknown */
    const char *title;
};

/*
 * Finds chapters in a description: lines with a time ("0:00", "01:02:03", in
 * brackets or not) before or after a title. As YouTube does, it takes them for
 * chapters only when the first is at 0:00 and there are three or more, each
 * later than the one before. `duration_s` (-1: unknown) ends the last one, and
 * whatever begins after it is none.
 *
 * False when `arena` is at its limit; `*count` is 0 when there are none.
 */
bool bm_chapters_of_description(const char *description, int64_t duration_s,
                                struct barq_arena *arena, const struct bm_chapter **out,
                                size_t *count);

#endif
