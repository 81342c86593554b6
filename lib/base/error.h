/*
 * error.h - filling a struct barq_error from inside.
 */
#ifndef BQ_BASE_ERROR_H
#define BQ_BASE_ERROR_H

#include <barq/error.h>

/* Fills `err` (unless NULL) and returns `status`, so that the two cannot disagree. */
enum barq_status bq_fail(struct barq_error *err, enum barq_status status, const char *format, ...)
    BARQ_PRINTF(3, 4);

/* The same for a failed system call: appends ": " and what errno means. ENOSPC, EFBIG and EDQUOT
 * become BARQ_ERR_FULL, EACCES, EPERM and EROFS BARQ_ERR_DENIED, ENOENT BARQ_ERR_NOTFOUND, ENOMEM
 * BARQ_ERR_NOMEM, all others BARQ_ERR_IO. */
enum barq_status bq_fail_errno(struct barq_error *err, const char *format, ...) BARQ_PRINTF(2, 3);

/*
 * Puts "WHERE: " in front of what is in `err`; returns its status. That of NULL is not known and
 * comes out as BARQ_ERR_BUG: whoever may have been given NULL returns the status it already has.
 */
enum barq_status bq_fail_add(struct barq_error *err, const char *where);

#endif
