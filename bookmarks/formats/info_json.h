/*
 * info_json.h - what yt-dlp knows of a video: its --dump-json, and the
 * .info.json files that it and the programs built on it keep.
 */
#ifndef BM_INFO_JSON_H
#define BM_INFO_JSON_H

#include <barq/value.h>

#include "base/arena.h"
#include "formats/chapters.h"
#include "formats/tracks.h"
#include "video/metadata.h"

enum { BM_INFO_MAX_BYTES = 8 * 1024 * 1024 }; /* one of 2023 with all formats: 200 KiB */

struct bm_info {
    struct bm_metadata video; /* its youtube_id is the file's own; `found` */
    const struct bm_chapter *chapters;
    size_t n_chapters;
    const struct bm_track *tracks; /* those with an address; translations by a machine are none */
    size_t n_tracks;
};

/*
 * Reads one; any field may be null, missing, or of another kind, and is then
 * unknown.
 *
 * BARQ_ERR_FORMAT  it is no video of YouTube's
 * BARQ_ERR_NOMEM   `arena` is at its limit
 */
enum barq_status bm_info_take(const struct barq_value *info, struct barq_arena *arena,
                              struct bm_info *out, struct barq_error *err) BARQ_MUST_CHECK;

/* The same from text; also BARQ_ERR_FORMAT when it is not JSON. */
enum barq_status bm_info_read(const char *text, size_t len, struct barq_arena *arena,
                              struct bm_info *out, struct barq_error *err) BARQ_MUST_CHECK;

#endif
