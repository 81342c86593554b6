/*
 * folder.h - all files of a folder into one list, e.g. the .info.json of an
 * archive of downloads, or an unpacked Takeout.
 */
#ifndef BM_FOLDER_H
#define BM_FOLDER_H

#include "intake/import.h"

enum { BM_FOLDER_DEPTH_MAX = 8, BM_FOLDER_FILES_MAX = 100000 };

/*
 * Reads the files below `path`, by name; links are not followed, and hidden
 * ones left out. A file that cannot be right is skipped, with its reason.
 *
 * BARQ_ERR_LIMIT  deeper than BM_FOLDER_DEPTH_MAX, or more than BM_FOLDER_FILES_MAX files
 * BARQ_ERR_ARG    nothing in it was for us
 */
enum barq_status bm_import_folder(struct barq_session *session,
                                  const struct bm_import_options *options, const char *path,
                                  struct bm_import_report *out, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
