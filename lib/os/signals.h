/*
 * signals.h - signals as something to read (signalfd).
 */
#ifndef BQ_OS_SIGNALS_H
#define BQ_OS_SIGNALS_H

#include "base/error.h"

/* A broken pipe and a file at its size limit are errors to be told, not ends of a process: ignores SIGPIPE, SIGXFSZ. */
void bq_signals_ignore(void);

/*
 * Blocks SIGINT, SIGTERM, SIGHUP and SIGCHLD in this thread and those it starts, ignores
 * SIGPIPE, and gives a non-blocking descriptor that is readable when one of the first three came.
 */
enum barq_status bq_signals_open(int *fd, struct barq_error *err) BARQ_MUST_CHECK;
/*
 * For a child whose parent ends it: what reaches a whole service at once (SIGTERM, SIGINT, SIGHUP)
 * does nothing. Caught, not ignored: what is started by the child would inherit that.
 */
void bq_signals_leave_to_parent(void);
/* The next signal's number, or 0 when there is none. */
int bq_signals_next(int fd);

#endif
