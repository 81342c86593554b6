/*
 * folder.h - the files in a folder that somebody else fills, and in the folders in it.
 *
 * Links are not followed, names that begin with a dot are passed over, and so
 * many entries are looked at and no more.
 */
#ifndef BM_FOLDER_H
#define BM_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include <barq/error.h>

#include "base/buf.h"

enum {
    BM_FOLDER_DEPTH = 4,
    BM_FOLDER_ENTRIES = 200000,
};

/* One file, in the folder that `folder_fd` is; false: enough was seen. */
typedef bool bm_folder_visit(void *owner, int folder_fd, const char *name);

/* BARQ_ERR_NOTFOUND, BARQ_ERR_DENIED, BARQ_ERR_IO: the folder cannot be read; the error names it. */
enum barq_status bm_folder_walk(const char *folder, bm_folder_visit *visit, void *owner,
                                struct barq_error *err) BARQ_MUST_CHECK;

/* The whole of a file, at the end of `text`; false when it is none, or larger than `max_bytes`. */
bool bm_folder_read(int folder_fd, const char *name, size_t max_bytes, struct bq_buf *text);

#endif
