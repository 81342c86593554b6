/*
 * changes.h - notices that a file is written, or another one put in its place.
 *
 * What is watched is the file's folder (inotify), since editors and installers
 * rename a new file over the old one, and a compiler may remove it first.
 */
#ifndef BQ_OS_CHANGES_H
#define BQ_OS_CHANGES_H

#include <limits.h>
#include <stdbool.h>

#include "base/error.h"

struct bq_changes {
    int fd; /* owned; readable when something in the folder has happened; -1: none */
    char name[NAME_MAX + 1];
};

/* BARQ_ERR_ARG: `path` ends in no file's name. The file need not be there, its folder must. */
enum barq_status bq_changes_open(struct bq_changes *changes, const char *path,
                                 struct barq_error *err) BARQ_MUST_CHECK;
/* Takes what has happened; true when it was about the file. */
bool bq_changes_take(struct bq_changes *changes);
void bq_changes_close(struct bq_changes *changes);

#endif
