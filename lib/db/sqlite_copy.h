/*
 * sqlite_copy.h - the whole of a SQLite database into another one, while both
 * are in use: backups, and their return.
 */
#ifndef BQ_DB_SQLITE_COPY_H
#define BQ_DB_SQLITE_COPY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Replaces what is in `to` (a path; made when it is not there) by what is in
 * `from` at one instant. Whoever has `to` open sees all of it at once. With
 * `alone`, `to` has no log beside it afterwards and can be taken elsewhere.
 *
 * BARQ_ERR_NOTFOUND  there is no `from`
 * BARQ_ERR_BUSY      somebody has held one of them for `busy_ms`
 * BARQ_ERR_CORRUPT   `from` is no database, or a damaged one; `to` is as it was
 */
enum barq_status bq_sqlite_copy(const char *from, const char *to, bool alone, int64_t busy_ms,
                                struct barq_error *err) BARQ_MUST_CHECK;

#endif
