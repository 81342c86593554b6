/*
 * tracks.h - which captions a video has, and which of them are wanted.
 */
#ifndef BM_TRACKS_H
#define BM_TRACKS_H

#include <stdbool.h>
#include <stddef.h>

enum {
    BM_TRACKS_MAX = 500,
    BM_TRACK_URL_BYTES = 4000,
};

/* Text lives in the arena of the call. */
struct bm_track {
    const char *url;
    const char *language; /* "en", "pt-BR" */
    bool is_auto;         /* recognised by a machine */
};

/*
 * The one to read, or NULL when there is none: of the first language in
 * `languages` ("de,en") that there is, written by a person rather than
 * recognised; else any that was written; else any.
 */
const struct bm_track *bm_track_choose(const struct bm_track *tracks, size_t count,
                                       const char *languages);

#endif
