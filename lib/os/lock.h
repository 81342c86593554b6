/*
 * lock.h - a lock file: held as long as its process lives, whatever ends it.
 */
#ifndef BQ_OS_LOCK_H
#define BQ_OS_LOCK_H

#include <stdbool.h>

#include "base/error.h"

/* Creates `path` and locks it. BARQ_ERR_BUSY: another process holds it. Closing `*fd` unlocks. */
enum barq_status bq_lock_take(const char *path, int *fd, struct barq_error *err) BARQ_MUST_CHECK;

enum bq_lock_state { BQ_LOCK_HELD, BQ_LOCK_FREE, BQ_LOCK_UNKNOWN };
/*
 * Does anybody on this machine hold it? A look takes nothing, and disturbs nobody. UNKNOWN: there
 * is no such file, or it cannot be opened.
 */
enum bq_lock_state bq_lock_look(const char *path);
/* Is what is at `path` the file of `fd`, and not another one that took its place? */
bool bq_lock_is_at(int fd, const char *path);

#endif
