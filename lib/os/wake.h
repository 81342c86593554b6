/*
 * wake.h - a file that wakes whoever watches it, on one machine.
 *
 * To wake is to write one byte to the file, always at its beginning; watchers
 * see it by inotify. A wake-up may be lost or come for nothing: it is a hint,
 * and whoever waits looks for itself once a second.
 */
#ifndef BQ_OS_WAKE_H
#define BQ_OS_WAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Opens the file to write to. `path` is that of what it is about ("jobs.db"), a hyphen and a word
 * ("jobs.db-wake"); one that is not there yet is made as open as that, with its owner if need be,
 * so that whoever may write there may ring here. A symbolic link is refused.
 */
enum barq_status bq_wake_open(const char *path, int *fd, struct barq_error *err) BARQ_MUST_CHECK;
void bq_wake_ring(int fd);

/* A non-blocking descriptor that is readable after a ring; creates the file likewise. */
enum barq_status bq_wake_watch(const char *path, int *fd, struct barq_error *err) BARQ_MUST_CHECK;
/* Takes what is there; true when there was something. */
bool bq_wake_take(int fd);
/* Waits for a ring, at most `timeout_ms`, and takes it. */
bool bq_wake_wait(int fd, int64_t timeout_ms);

#endif
