/*
 * temporary.h - a file without a name, which is gone when it is closed.
 */
#ifndef BQ_OS_TEMPORARY_H
#define BQ_OS_TEMPORARY_H

#include "base/error.h"

/* In $TMPDIR, or /var/tmp, or /tmp; for reading and writing, and for no other user. */
enum barq_status bq_temporary_file(int *fd, struct barq_error *err) BARQ_MUST_CHECK;

#endif
