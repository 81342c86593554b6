/*
 * program.h - one run of another program, whose output is wanted: bounded in
 * time and in bytes, and without our secrets.
 */
#ifndef BM_PROGRAM_H
#define BM_PROGRAM_H

#include "base/buf.h"
#include "os/child.h"

enum { BM_PROGRAM_PATH_BYTES = 4096 };

/* Everything is borrowed for the call. */
struct bm_program {
    const char *path;  /* of the executable; no shell is in between */
    char *const *argv; /* NULL-terminated */
    int64_t timeout_ms;
    int cancel_fd; /* -1: none */
};

/*
 * Runs it to its end, or kills it and all that it started. `out` and `said`
 * (initialized; their limits count) get its output and its errors: what is
 * said beyond the limit is thrown away, more output than allowed ends it.
 * Our keys and addresses of databases are not in its environment.
 *
 * BARQ_ERR_CANCELED  cancel_fd
 * BARQ_ERR_TIMEOUT   it took too long
 * BARQ_ERR_LIMIT     it wrote too much
 * BARQ_ERR_NOTFOUND, BARQ_ERR_DENIED, BARQ_ERR_IO  it could not be started
 */
enum barq_status bm_program_run(const struct bm_program *program, struct bq_buf *out,
                                struct bq_buf *said, struct bq_child_end *end,
                                struct barq_error *err) BARQ_MUST_CHECK;

/* The executable of this name in PATH; false when there is none. What has a slash is a path itself. */
bool bm_program_find(const char *name, char path[BM_PROGRAM_PATH_BYTES]);

#endif
