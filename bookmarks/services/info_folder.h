/*
 * info_folder.h - metadata out of a folder of .info.json files: the archive of
 * yt-dlp, Tube Archivist, Pinchflat or TubeSync that somebody has already.
 *
 * A file's name has the video's id in it and ends in ".info.json", as yt-dlp
 * names it ("Title [ID].info.json"); what counts is the id inside. Folders in
 * the folder are looked through, links are not followed.
 */
#ifndef BM_INFO_FOLDER_H
#define BM_INFO_FOLDER_H

#include <barq/error.h>

#include "base/arena.h"
#include "video/metadata.h"

enum {
    BM_INFO_FOLDER_DEPTH = 4,
    BM_INFO_FOLDER_ENTRIES = 200000, /* looked at in one call */
};

/*
 * Fills those of `videos` that are not found yet and have a file, in `arena`;
 * `*found` is how many. A file that cannot be read is as if it were not there.
 *
 * BARQ_ERR_NOTFOUND, BARQ_ERR_DENIED, BARQ_ERR_IO  the folder cannot be read
 * BARQ_ERR_NOMEM  `arena` is at its limit
 */
enum barq_status bm_info_folder_fetch(const char *folder, struct bm_metadata *videos, size_t count,
                                      struct barq_arena *arena, size_t *found,
                                      struct barq_error *err) BARQ_MUST_CHECK;

#endif
