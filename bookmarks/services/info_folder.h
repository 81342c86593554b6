/*
 * info_folder.h - what an archive that is there already knows of videos: the
 * .info.json files and captions that yt-dlp, Tube Archivist, Pinchflat or
 * TubeSync have left in a folder (see folder.h).
 *
 * A file's name has the video's id in it, as yt-dlp names it ("Title
 * [ID].info.json", "Title [ID].en.vtt"); what counts is the id inside.
 */
#ifndef BM_INFO_FOLDER_H
#define BM_INFO_FOLDER_H

#include <barq/error.h>

#include "base/arena.h"
#include "formats/captions.h"
#include "formats/info_json.h"

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

/* What is said in a video, by the files that are there for it. */
struct bm_folder_captions {
    bool found;
    struct bm_captions captions;
    const char *language; /* of the file's name, else of its own header; "und": of neither */
    const struct bm_chapter *chapters; /* of its .info.json */
    size_t n_chapters;
};

/*
 * Reads the captions of one video: of the first of `languages` ("de,en") that
 * there is a file in, else any. The same errors.
 */
enum barq_status bm_info_folder_captions(const char *folder, const char *id, const char *languages,
                                         struct barq_arena *arena, struct bm_folder_captions *out,
                                         struct barq_error *err) BARQ_MUST_CHECK;

#endif
