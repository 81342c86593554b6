/*
 * archive.h - the files of a backup, in one.
 */
#ifndef BM_ARCHIVE_H
#define BM_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>

#include <barq/error.h>

struct bm_archive_file {
    const char *name; /* in the archive */
    const char *path; /* NULL: it is left out */
};

/*
 * Packs the files into a ZIP at `path`, and sees that it is on the disk.
 *
 * BARQ_ERR_EXISTS  there is something at `path`
 */
enum barq_status bm_archive_write(const char *path, const struct bm_archive_file *files,
                                  size_t count, struct barq_error *err) BARQ_MUST_CHECK;
/*
 * Unpacks each of the files to its path, where nothing may be yet; nothing else
 * of the archive is looked at. `found[i]` says which were there.
 *
 * BARQ_ERR_FORMAT   it is no archive
 * BARQ_ERR_CORRUPT  it is damaged
 */
enum barq_status bm_archive_read(const char *path, const struct bm_archive_file *files,
                                 size_t count, bool *found, struct barq_error *err) BARQ_MUST_CHECK;

#endif
